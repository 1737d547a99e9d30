"""Writes a web page in which a model runs in the visitor's browser, and serves it if asked to."""

import contextlib
import functools
import http.server
import shlex
from collections.abc import Callable

from absl import flags

from keras_gan.browser import playable, write_page
from keras_gan.browser.runtime import check as check_runtime
from keras_gan.browser.write import check_packages, check_place
from keras_gan.cli import models
from keras_gan.game import Game
from keras_gan.ground import files


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Checks the folder, what is installed and the model; what is left is to convert and to write."""
    found = models.find(values.model)
    if not values.out:
        raise ValueError("`out` must name the folder to write. Received: no --out")
    models.check_folder("out", check_place(values.out, values.overwrite, "out").parent)
    check_packages()
    check_runtime(values.runtime)
    model = found.version if found.version is not None else models.load_found(found, Game)
    playable.choose(model, values.value)

    def work():
        options = {"value": values.value, "runtime_folder": values.runtime, "overwrite": values.overwrite}
        folder = write_page(model, values.out, **options)
        print(f"Page: {folder}/index.html", flush=True)
        if values.serve:
            serve(folder, values.port)
        else:
            print(f"See it: python -m http.server --directory={shlex.quote(folder)}, then http://localhost:8000")

    return work


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the files of a page, whatever the system believes of their types, and says nothing of each."""

    extensions_map = {  # noqa: RUF012
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *arguments):
        pass


def serve(folder: str, port: int) -> None:
    """Serves a folder on this machine alone, until Ctrl-C.

    Raises:
        OSError: If the port is taken.
    """
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Handler, directory=folder))
    except OSError as error:
        text = f"`port` must be free; 0 takes any that is. The page is written. Received: port={port}, {error.strerror}"
        raise files.error(error.errno, text) from error
    with server, contextlib.suppress(KeyboardInterrupt):
        print(f"It is served at http://localhost:{server.server_address[1]}; Ctrl-C ends that.", flush=True)
        server.serve_forever()
