"""Writes a web page on which a model runs in the visitor's browser, and with --serve serves it."""

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
    """Checks the folder, the installed packages and the model, and returns the function that writes the page."""
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
            print(f"View it: python -m http.server --directory={shlex.quote(folder)}, then http://localhost:8000")

    return work


class Handler(http.server.SimpleHTTPRequestHandler):
    """A silent handler that serves the files of a page, with MIME types that do not depend on the system."""

    extensions_map = {  # noqa: RUF012
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *arguments):
        pass


def serve(folder: str, port: int) -> None:
    """Serves a folder to this machine only, until Ctrl-C.

    Raises:
        OSError: If the port is taken.
    """
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Handler, directory=folder))
    except OSError as error:
        text = f"`port` must be free; 0 chooses one. The page is written. Received: port={port}, {error.strerror}"
        raise files.error(error.errno, text) from error
    with server, contextlib.suppress(KeyboardInterrupt):
        print(f"Serving at http://localhost:{server.server_address[1]}; Ctrl-C stops it.", flush=True)
        server.serve_forever()
