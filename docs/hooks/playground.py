"""Puts the page in which the digits of saved_models/ run onto the site, where npm and the extra `onnx` are at hand."""

import functools
import logging
import pathlib
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
MODEL, PLACE = ROOT / "saved_models" / "digits" / "1", "play/digits"
MARK = "<!-- the page of the digits -->"
LINK = "[Try it: digits, made in your browser](../play/digits/index.html){ .md-button } 15 MB"
LOG = logging.getLogger("mkdocs.hooks.playground")


@functools.cache
def folder() -> tempfile.TemporaryDirectory | None:
    """The folder of the page, written once a process; None, and a message, where it cannot be."""
    from keras_gan.browser import write_page

    place = tempfile.TemporaryDirectory()
    try:
        write_page(MODEL, pathlib.Path(place.name) / "page")
    except (ImportError, OSError) as error:
        LOG.info("The page of the digits is left out: %s", error)
        return None
    return place


def on_files(files, config):
    """Adds the files of the page."""
    from mkdocs.structure.files import File

    place = folder()
    page = pathlib.Path(place.name) / "page" if place else pathlib.Path()
    for path in sorted(page.rglob("*")) if place else ():
        if path.is_file():
            name = f"{PLACE}/{path.relative_to(page).as_posix()}"
            files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Puts a link to the page in the place of the mark, if the page is there."""
    return markdown.replace(MARK, LINK if files.get_file_from_path(f"{PLACE}/index.html") else "")
