import http.server
import os
import socket
import threading
import urllib.request

import pytest

from keras_gan.browser import runtime, write
from tests.test_browser import DIGITS


@pytest.fixture(autouse=True)
def stubs(tmp_path_factory, monkeypatch):
    """No conversion, and a runtime in the cache that is none."""
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("KERAS_GAN_CACHE", str(cache))
    folder = cache / f"{runtime.PACKAGE}-{runtime.VERSION}"
    folder.mkdir()
    for name in runtime.SUMS:
        (folder / name).write_bytes(b"stub")
    monkeypatch.setattr(runtime, "_damaged", lambda found: None)
    monkeypatch.setattr(write, "convert", lambda version, path, *_: path.write_bytes(b""))
    monkeypatch.setattr(write, "check_packages", lambda: None)
    monkeypatch.setattr("keras_gan.cli.play.check_packages", lambda: None)


def test_a_page_is_written_and_how_to_see_it_told(keras_gan, tmp_path):
    result = keras_gan("play", f"--model={DIGITS.parent}", "--out=my page")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "Page: my page/index.html\nView it: python -m http.server --directory='my page', then http://localhost:8000\n"
    )
    assert {"index.html", "page.js", "page.css", "model.onnx", "model.json"} < set(os.listdir(tmp_path / "my page"))


def test_a_page_is_served_until_an_interrupt(keras_gan, monkeypatch):
    told = []

    def serve_once(server):
        address = f"http://127.0.0.1:{server.server_address[1]}/model.json"
        visitor = threading.Thread(target=lambda: told.append(urllib.request.urlopen(address).read()))
        visitor.start()
        server.handle_request()
        visitor.join()
        raise KeyboardInterrupt

    monkeypatch.setattr(http.server.ThreadingHTTPServer, "serve_forever", serve_once)
    result = keras_gan("play", f"--model={DIGITS}", "--out=page", "--serve", "--port=0")
    assert result.code == 0
    assert "Serving at http://localhost:" in result.out
    assert b'"name": "digits"' in told[0]


def test_a_port_that_is_taken_is_told(keras_gan):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = keras_gan("play", f"--model={DIGITS}", "--out=page", "--serve", f"--port={port}")
    assert result.code == 1
    assert f"`port` must be free; 0 chooses one. The page is written. Received: port={port}, " in result.err


def test_bad_flags_are_refused(refused, monkeypatch, tmp_path, vae):
    model = f"--model={DIGITS}"
    refused(["play", "--out=page"], "`model`", "no --model")
    refused(["play", model], "`out` must name the folder to write", "no --out")
    (tmp_path / "there").mkdir()
    refused(["play", model, "--out=there"], "`out` must be new, or a page that was written before", "'there'")
    refused(["play", model, "--out=there", "--overwrite"], "`out` must be new, or a page that was written before")
    refused(["play", model, "--out=page", "--runtime=there"], "`runtime` must be a folder that holds", "'there'")
    refused(["play", model, "--out=page", "--value=fake"], "`value` must be one that a page can make: serving_default")
    refused(
        ["play", f"--model={vae / 'vae'}", "--out=page", "--value=fake"],
        "`model` must make pictures",
        "without drawing them",
    )
    refused(["play", model, "--out=page", "--port=99999"], "port")
    monkeypatch.setenv("KERAS_GAN_CACHE", str(tmp_path / "there"))
    monkeypatch.setenv("PATH", "")
    refused(["play", model, "--out=page"], "npm, which fetches onnxruntime-web, is not on the PATH", "--runtime=FOLDER")


def test_missing_packages_are_refused_with_the_command(refused, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(write.importlib.util, "find_spec", lambda name: None)
    refused(["play", f"--model={DIGITS}", "--out=page"], 'pip install "keras_gan[onnx]"', "there is no onnx")
