"""ONNX Runtime Web: the two files that run a model in a browser, from the npm registry, a cache or a folder."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile

from keras_gan.ground import files
from keras_gan.metrics.cache import cache_folder, kept_if_possible

PACKAGE, VERSION = "onnxruntime-web", "1.30.0"
SUMS = {  # SHA-256 of the files of that version
    "ort.wasm.bundle.min.mjs": "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
SECONDS = 300.0  # timeout of npm
WAYS = f"Install npm (https://nodejs.org), or give --runtime=FOLDER with {' and '.join(SUMS)} of {PACKAGE} {VERSION}"


def find(folder: str | os.PathLike | None = None) -> dict[str, bytes]:
    """Returns {name: content} of the runtime's files.

    Args:
        folder: The folder of the files, of any version, such as `node_modules/onnxruntime-web/dist`. By default the
            files of the version that this library is tested with are fetched by `npm pack` (33 MB from the npm
            registry), checked by their hashes, and cached in `~/.cache/keras_gan`, or in the folder of the environment
            variable `KERAS_GAN_CACHE`.

    Raises:
        ValueError: If `folder` lacks a file.
        OSError: If the files are not in the cache, and npm is missing or cannot fetch them.
    """
    place = check(folder)
    if place is not None:
        found = {name: (place / name).read_bytes() for name in SUMS}
        if folder is not None or _damaged(found) is None:
            return found
    found = _fetch()
    place = _cache()
    with kept_if_possible(place):
        for name, content in found.items():
            with files.atomic(place / name) as part:
                part.write_bytes(content)
    return found


def check(folder: str | os.PathLike | None = None) -> pathlib.Path | None:
    """Returns the folder of the runtime's files, `folder` or the cache; None if npm has to fetch them.

    Raises:
        ValueError: If `folder` lacks a file.
        FileNotFoundError: If the files are not in the cache, and npm is not installed.
    """
    place = _cache() if folder is None else files.expand(folder, "runtime")
    missing = [name for name in SUMS if not (place / name).is_file()]
    if not missing:
        return place
    if folder is not None:
        raise ValueError(
            f"`runtime` must be a folder that holds {' and '.join(SUMS)}, such as dist of {PACKAGE}. "
            f"Received: runtime={str(folder)!r}, without {missing[0]}"
        )
    if shutil.which("npm") is None:
        raise FileNotFoundError(f"npm, which fetches {PACKAGE}, is not on the PATH. {WAYS}")
    return None


def _cache():
    return cache_folder() / f"{PACKAGE}-{VERSION}"


def _damaged(found):
    """Returns the name of the first file with a wrong hash; None if there is none."""
    return next((name for name, known in SUMS.items() if hashlib.sha256(found[name]).hexdigest() != known), None)


def _fetch():
    with tempfile.TemporaryDirectory() as folder:
        command = [shutil.which("npm"), "pack", "--silent", f"{PACKAGE}@{VERSION}"]
        try:
            done = subprocess.run(  # noqa: S603
                command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"npm did not fetch {PACKAGE} in {SECONDS:.0f} s. {WAYS}") from error
        archive = next(pathlib.Path(folder).glob("*.tgz"), None)
        if done.returncode or archive is None:
            output = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise OSError(f"npm cannot fetch {PACKAGE} {VERSION}: {output[0] if output else 'no reason given'}. {WAYS}")
        with tarfile.open(archive) as package:
            found = {name: package.extractfile(f"package/dist/{name}").read() for name in SUMS}
    damaged = _damaged(found)
    if damaged is not None:
        raise OSError(f"{damaged} of {PACKAGE} {VERSION}, fetched by npm, does not have the expected hash. {WAYS}")
    return found
