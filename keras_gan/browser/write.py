"""Writes the folder of a page in which a model runs."""

import importlib.util
import json
import os
import pathlib
import shutil

from keras_gan.browser import playable, runtime
from keras_gan.export.convert import convert
from keras_gan.game import Game
from keras_gan.ground import files
from keras_gan.ground.arguments import check_flag

STATIC = pathlib.Path(__file__).parent / "page"
MODEL, TOLD = "model.onnx", "model.json"


def write_page(
    model: Game | str | os.PathLike,
    path: str | os.PathLike,
    *,
    value: str | None = None,
    runtime_folder: str | os.PathLike | None = None,
    overwrite: bool = False,
) -> str:
    """Writes a folder that is a web page in which the model itself makes pictures, in the visitor's browser.

    The folder holds the page, the model as ONNX and ONNX Runtime Web, and asks no other host for anything. Any server
    of files serves it: `python -m http.server --directory=PATH`. Pictures of a seed are those of `generate`, or of
    another game those of `make`, with the same seed, within rounding. A picture is made of what a visitor drops or
    draws, if the model makes pictures of pictures.

    Args:
        model: A game, or the folder of an exported version such as `saved_models/digits/1`. What an export draws
            itself, such as pictures of a `VAE`, needs the game.
        path: The folder to write.
        value: Of a game of another shape than a GAN, the value or task, such as `"translate_ab"`. Defaults to the
            first one that makes pictures of draws and at most one picture.
        runtime_folder: A folder that holds `ort.wasm.bundle.min.mjs` and `ort-wasm-simd-threaded.wasm` of the npm
            package onnxruntime-web. By default npm fetches 33 MB, once; they are kept in `~/.cache/keras_gan`.
        overwrite: Whether an existing page at `path` is replaced. Defaults to False.

    Returns:
        The folder.

    Raises:
        ImportError: If the packages of `pip install "keras_gan[onnx]"` are missing.
        ValueError: If the model makes no pictures, or ONNX cannot hold it.
        FileExistsError: If something exists at `path`, and is no page or is not to be replaced.
        OSError: If the runtime cannot be fetched, or the folder not be written.

    Example:

    >>> from keras_gan import GAN, networks
    >>> gan = GAN(networks.mlp_generator(4, (8, 8, 1)), networks.mlp_discriminator((8, 8, 1)), latents=4, seed=0)
    >>> folder = write_page(gan, "page")  # doctest: +SKIP
    """
    check_flag("overwrite", overwrite)
    path = check_place(path, overwrite)
    check_packages()
    with playable.of(model, value) as what:
        parts = runtime.find(runtime_folder)
        with files.atomic(path) as part:
            shutil.copytree(STATIC, part)
            (part / "runtime").mkdir()
            for name, content in parts.items():
                (part / "runtime" / name).write_bytes(content)
            convert(what.version, part / MODEL, "onnx", what.signature)
            told = {**what.told, "bytes": (part / MODEL).stat().st_size}
            read = _read_inputs(part / MODEL)
            told["inputs"] = [each if each["name"] in read else {**each, "kind": "unread"} for each in told["inputs"]]
            (part / TOLD).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
            if path.exists():
                files.remove(path)
    return str(path)


def _read_inputs(path):
    """Returns the names of an ONNX model's inputs that are used; StyleGAN2 mixes styles only in training."""
    import onnx

    return {name for node in onnx.load(path).graph.node for name in node.input}


def check_place(path: str | os.PathLike, overwrite: bool, name: str = "path") -> pathlib.Path:
    """Returns `path` as a path where a page may be written; the caller's argument `name` is in errors.

    Raises:
        FileExistsError: If something exists there, and is no page or is not to be replaced.
    """
    path = files.expand(path, name)
    if not path.exists() and not path.is_symlink():
        return path
    received = f"Received: {name}={str(path)!r}"
    if not (path / TOLD).is_file() or not (path / "page.js").is_file():
        raise FileExistsError(f"`{name}` must be new, or a page that was written before. {received}, which exists")
    if not overwrite:
        raise FileExistsError(f"`{name}` must be new, unless `overwrite` (--overwrite) replaces the page. {received}")
    return path


def check_packages() -> None:
    """Raises an ImportError if a package that writes or checks ONNX is missing."""
    missing = [name for name in ("onnx", "onnxruntime", "tf2onnx") if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(f'A page needs more packages: pip install "keras_gan[onnx]" (there is no {missing[0]})')
