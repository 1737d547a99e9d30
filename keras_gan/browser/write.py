"""Writes the folder of a web page on which a model runs."""

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
MODEL, DESCRIPTION = "model.onnx", "model.json"


def write_page(
    model: Game | str | os.PathLike,
    path: str | os.PathLike,
    *,
    value: str | None = None,
    runtime_folder: str | os.PathLike | None = None,
    overwrite: bool = False,
) -> str:
    """Writes a folder with a web page on which the model makes pictures in the visitor's browser.

    The folder holds the page, the model as ONNX and ONNX Runtime Web; the page requests nothing from other hosts. Any
    static file server can serve it: `python -m http.server --directory=PATH`. For a seed, the page shows the pictures
    of `generate` (of `make`, for a game other than a GAN), up to rounding. If the model makes pictures from pictures,
    visitors give one by dropping a file or by drawing.

    Args:
        model: A game, or the folder of an exported version such as `saved_models/digits/1`. If a value draws noise
            inside of its export, such as pictures of a `VAE`, give the game.
        path: The folder to write.
        value: For a game other than a GAN, the value or task, such as `"translate_ab"`. Defaults to the first one that
            makes pictures of draws and at most one picture.
        runtime_folder: A folder that holds `ort.wasm.bundle.min.mjs` and `ort-wasm-simd-threaded.wasm` of the npm
            package onnxruntime-web. By default npm fetches 33 MB, once, which are cached in `~/.cache/keras_gan`.
        overwrite: Whether an existing page at `path` is replaced. Defaults to False.

    Returns:
        The path of the folder.

    Raises:
        ImportError: If the packages of `pip install "keras_gan[onnx]"` are missing.
        ValueError: If the model makes no pictures, or cannot be converted to ONNX.
        FileExistsError: If `path` exists, and is no page, or `overwrite` is False.
        OSError: If the runtime cannot be fetched, or the folder cannot be written.

    Example:

    >>> from keras_gan import GAN, networks
    >>> gan = GAN(networks.mlp_generator(4, (8, 8, 1)), networks.mlp_discriminator((8, 8, 1)), latents=4, seed=0)
    >>> folder = write_page(gan, "page")  # doctest: +SKIP
    """
    check_flag("overwrite", overwrite)
    path = check_place(path, overwrite)
    check_packages()
    with playable.of(model, value) as found:
        parts = runtime.find(runtime_folder)
        with files.atomic(path) as part:
            shutil.copytree(STATIC, part)
            (part / "runtime").mkdir()
            for name, content in parts.items():
                (part / "runtime" / name).write_bytes(content)
            convert(found.version, part / MODEL, "onnx", found.signature)
            read, inputs = _used_inputs(part / MODEL), found.description["inputs"]
            described = {**found.description, "bytes": (part / MODEL).stat().st_size}
            described["inputs"] = [each if each["name"] in read else {**each, "kind": "unread"} for each in inputs]
            (part / DESCRIPTION).write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
            if path.exists():
                files.remove(path)
    return str(path)


def _used_inputs(path):
    """Returns the names of the inputs that an ONNX model uses; StyleGAN2 does not use some, as it mixes in training."""
    import onnx

    return {name for node in onnx.load(path).graph.node for name in node.input}


def check_place(path: str | os.PathLike, overwrite: bool, name: str = "path") -> pathlib.Path:
    """Returns `path`, expanded, if a page may be written there; `name` is the caller's argument, for errors.

    Raises:
        FileExistsError: If `path` exists, and is no page, or `overwrite` is False.
    """
    path = files.expand(path, name)
    if not path.exists() and not path.is_symlink():
        return path
    received = f"Received: {name}={str(path)!r}"
    if not (path / DESCRIPTION).is_file() or not (path / "page.js").is_file():
        raise FileExistsError(f"`{name}` must be new, or a page that was written before. {received}, which exists")
    if not overwrite:
        raise FileExistsError(f"`{name}` must be new; `overwrite` (--overwrite) replaces an existing page. {received}")
    return path


def check_packages() -> None:
    """Raises an ImportError if a package that writes or checks ONNX is missing."""
    missing = [name for name in ("onnx", "onnxruntime", "tf2onnx") if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(f'A page needs more packages: pip install "keras_gan[onnx]" ({missing[0]} is missing)')
