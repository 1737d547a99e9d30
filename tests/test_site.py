"""The pages of the site: what they cover and link to; nightly, that it builds and asks no other host for anything."""

import doctest
import functools
import http.server
import importlib
import importlib.util
import inspect
import os
import pathlib
import re
import subprocess
import sys
import threading
import types

import pytest
import yaml

import keras_gan
from docs.hooks import notebooks, numbers, outside, playground, reference
from tests.browser import open_browser

ROOT = pathlib.Path(__file__).parents[1]
PAGES = sorted(page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").rglob("*.md"))
MADE = {"docs/reference.md", "docs/numbers.md"}  # when the site is built, as are those of rooms
ROOMS = {f"docs/{reference.file_of(room)}" for room in reference.ROOMS}
OTHERS = ["README.md", "CONTRIBUTING.md", "benchmarks/README.md", "saved_models/README.md"]


@pytest.mark.parametrize("module", [numbers, outside, reference])
def test_docstring_examples_run(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("room", reference.ROOMS)
def test_the_reference_has_every_public_name_of_a_room(room):
    module = importlib.import_module(room)
    offered = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items()
        if getattr(value, "__module__", None) == room and not name.startswith("_")
    ]  # fmt: skip
    names = {name for name in offered if not inspect.ismodule(getattr(module, name))}
    assert set(re.findall(rf"^::: {room}\.(\w+)$", reference.page(room), re.MULTILINE)) == names


def test_the_reference_has_every_room():
    rooms = {f"keras_gan.{name}" for name in keras_gan.__all__ if inspect.ismodule(getattr(keras_gan, name))}
    assert rooms < set(reference.ROOMS)


def test_every_page_is_in_the_menu():
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r"[\w/]+\.md", yaml.safe_dump(yaml.safe_load(text)["nav"])))
    tutorials = {f"tutorials/{path.stem}.md" for path in notebooks.FOLDER.glob("*.ipynb")}
    assert listed == {page.removeprefix("docs/") for page in MADE.union(PAGES)} | tutorials


@pytest.mark.parametrize("page", PAGES + OTHERS)
def test_links_lead_to_files(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in outside.links(text):
        if os.path.normpath(f"{os.path.dirname(page)}/{link['target']}") not in MADE | ROOMS:
            assert outside.found(pathlib.PurePath(page), link["target"]), f"{page} links to {link['target']}"


def test_numbers_are_those_of_the_records():
    page = numbers.page()
    assert page.count("<svg") == len(numbers.SECTIONS)
    assert "| [" not in page
    assert all(f"../benchmarks/{each.record}" in page for each in numbers.SECTIONS)


@pytest.mark.parametrize("there", [True, False])
def test_the_page_of_the_digits_is_linked_where_it_is_there(there):
    text = (ROOT / "docs/howto/browser.md").read_text(encoding="utf-8")
    files = types.SimpleNamespace(get_file_from_path=lambda path: path == "play/digits/index.html" and there)
    shown = playground.on_page_markdown(text, None, None, files)
    assert playground.MARK in text
    assert playground.MARK not in shown
    assert ("(../play/digits/index.html)" in shown) == there


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if importlib.util.find_spec("mkdocs") is None or importlib.util.find_spec("mkdocstrings") is None:
        pytest.skip("no mkdocs: pip install -e '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.mark.nightly
@pytest.mark.process
def test_no_page_takes_anything_from_another_host(site):
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        taken = re.findall(r'<(?:link|script|img|iframe|source)\b[^>]*?(?:href|src)="?((?:https?:)?//[^"\s>]+)', text)
        assert not taken, page


@pytest.mark.nightly
@pytest.mark.process
def test_links_of_the_built_site_lead_somewhere(site):
    texts = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html") if page.name != "404.html"}
    anchors = {page: set(re.findall(r'\b(?:id|name)="?([^"\s>]+)', text)) for page, text in texts.items()}
    for page, text in texts.items():
        for target, anchor in re.findall(r'\b(?:href|src)="?(?!\w+:|//)([^"#\s>?]*)(?:#([^"\s>]*))?', text):
            there = (page.parent / target).resolve() if target else page
            there = there / "index.html" if there.is_dir() else there
            assert there.is_file(), f"{page.name}: {target}"
            assert not anchor or there not in anchors or anchor in anchors[there], f"{page.name}: {target}#{anchor}"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.mark.nightly
@pytest.mark.process
def test_digits_are_made_in_the_browser(site, tmp_path):
    if not (site / "play/digits/index.html").is_file():
        pytest.skip("no page of the digits: it needs npm and keras_gan[onnx]")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open_browser(tmp_path / "profile") as browser:
        browser.open(f"http://127.0.0.1:{server.server_address[1]}/play/digits/index.html")
        browser.wait_for("document.querySelector('#line').textContent.includes(' ms')", 60)
        assert browser.said("Log.entryAdded") == []
    server.shutdown()


@pytest.mark.nightly
@pytest.mark.process
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_in_a_browser(site, tmp_path, width, scheme):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_address[1]}/"
    with open_browser(tmp_path / "profile") as browser:
        for page in ("index.html", "numbers.html", "reference/objectives.html", "models.html"):
            browser.open("about:blank")
            preferred = {"name": "prefers-color-scheme", "value": "dark" if scheme == "slate" else "light"}
            browser.ask("Emulation.setEmulatedMedia", browser.session, features=[preferred])
            size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
            browser.ask("Emulation.setDeviceMetricsOverride", browser.session, **size)
            browser.visit(home + page)
            asked = {request["request"]["url"] for request in browser.said("Network.requestWillBeSent")}
            assert all(url.startswith((home, "data:", "blob:")) for url in asked), asked
            assert browser.said("Log.entryAdded") == []
            assert browser.run("document.body.dataset.mdColorScheme") == scheme
            assert browser.run("document.documentElement.scrollWidth") <= width
            assert browser.run("[...document.images].every(i => !i.complete || i.naturalWidth > 0)")
        browser.visit(f"{home}index.html?q=hinge")
        browser.wait_for("document.querySelectorAll('.md-search-result__item').length")
    server.shutdown()
