"""Conversion of a folder of pictures to records: on all cores, and resumable."""

import concurrent.futures
import contextlib
import hashlib
import io
import json
import os
import pathlib
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from keras_gan.data import folder as folders
from keras_gan.data import reading
from keras_gan.data.archives import Member
from keras_gan.data.labels import number_labels
from keras_gan.data.looking import look
from keras_gan.data.pictures import MODES, Pictures, fit_in_words, get_size
from keras_gan.data.records import ENCODINGS, FORMAT, INDEX, LABELS, NAMES, on_a_line, read_records
from keras_gan.ground import files
from keras_gan.ground.arguments import check_count, check_flag

PLAN = "plan.json"
SHARD = 1024  # pictures per file, and at most repeated after a stop
PART = 4096  # bytes of a file's beginning, middle and end that enter its checksum


def prepare(
    folder: str | os.PathLike,
    out: str | os.PathLike,
    image_size: int | tuple[int, int] | None = None,
    *,
    encoding: str | None = None,
    quality: int | None = None,
    labels: str | os.PathLike | None = None,
    alpha: bool = False,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Pictures:
    """Writes a folder of pictures as ArrayRecord files, from which training reads by address.

    Pictures are found, classed, skipped and brought to one size as `keras_gan.data.read("folder:PATH")` does, on all
    cores. After a stop, the same call resumes with the file that was being written.

    Args:
        folder: The folder of pictures, of any depth, or a zip of them.
        out: A new or empty folder for the records, or one where the same call was stopped.
        image_size: A side or (height, width): each picture is cut around its centre and scaled to it. None keeps the
            pictures' own size, which must then be the same for all.
        encoding: `"jpeg"`, small; `"png"`, exact; `"raw"`, exact and large, and read without decoding. Defaults to
            `"jpeg"`, with `alpha` to `"png"`.
        quality: JPEG quality, from 1 to 100. Defaults to 95; other encodings have none.
        labels: A file that names the class of each picture, by its path below `folder`: StyleGAN's `dataset.json`, or
            a CSV file with the columns `file` and `label`. Defaults to a `dataset.json` or `labels.csv` in the folder
            itself, then to the folders of the first level.
        alpha: True keeps transparency as a fourth channel, which JPEG does not have; False lays it on white.
        overwrite: Whether existing records in `out` are replaced.
        progress: Function that is called with the number of pictures that are done and of all pictures.

    Returns:
        The `Pictures`, whose images stay on disk.

    Raises:
        ValueError: If there is no readable picture, an argument is out of range, `labels` lacks a picture, or `out`
            holds anything else.
        OSError: If `out` cannot be written, or its disk is full.

    Example:

    >>> import pathlib, tempfile
    >>> root = pathlib.Path(tempfile.mkdtemp())
    >>> for i in range(3):
    ...     (root / "in").mkdir(exist_ok=True)
    ...     Image.new("RGB", (10 + i, 8), (80 * i, 0, 0)).save(root / f"in/{i}.png")
    >>> pictures = prepare(root / "in", root / "out", image_size=8, encoding="png")
    >>> pictures.images.shape, pictures.images[2][0, 0].tolist()
    ((3, 8, 8, 3), [160, 0, 0])
    """
    folder, out = files.check_path(folder, "folder"), files.expand(out, "out")
    size = get_size(image_size)
    check_flag("alpha", alpha)
    encoding = encoding or ("png" if alpha else "jpeg")
    if encoding not in ENCODINGS:
        raise ValueError(f"`encoding` must be one of {', '.join(ENCODINGS)}. Received: encoding={encoding!r}")
    if quality is not None and encoding != "jpeg":
        raise ValueError(f"`quality` must be None where `encoding` is {encoding!r}. Received: quality={quality!r}")
    quality = 95 if quality is None and encoding == "jpeg" else quality
    if quality is not None:
        check_count("quality", quality, most=100)
    check_flag("overwrite", overwrite)
    if alpha and encoding == "jpeg":
        raise ValueError("`encoding` must be 'png' or 'raw' where `alpha` is True. Received: encoding='jpeg'")
    found, known = look(folder, labels, name="folder")
    with reading.large_ones_are_refused(), _workers() as pool, _disk_errors(out):
        if not found.files:
            folders.warn_skipped(folder, [], 0, "folder")
        writer = _Writer(folder, found, out, size, encoding, quality, known, alpha, pool)
        writer.begin(overwrite)
        writer.write(progress or (lambda done, count: None))
        writer.finish()
    return read_records(out)


@contextlib.contextmanager
def _workers() -> Iterator[concurrent.futures.Executor]:
    """Opens a pool of threads that is closed after the block without finishing tasks that have not begun."""
    pool = concurrent.futures.ThreadPoolExecutor()
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _disk_errors(out: pathlib.Path, kind: type[Exception] = OSError) -> Iterator[None]:
    """Names `out` in the errors of a full or read-only disk: Python's OSErrors, or ArrayRecord's RuntimeErrors."""
    try:
        yield
    except kind as error:
        number = getattr(error, "errno", None)
        if isinstance(error, OSError) and number not in files.FULL:
            raise
        why = (error.strerror if number else None) or str(error).partition(";")[0]
        text = "`out` must be writable and have room for the records; then the same command resumes"
        raise files.error(number, f"{text}. Received: out={str(out)!r}, {why}") from error


class _Writer:
    """Writes the records of one call of `prepare`."""

    def __init__(self, root, found, out, size, encoding, quality, labels, alpha, pool):
        self.root, self.look, self.found, self.out, self.labels = root, found, found.files, out, labels
        self.names, self.alpha, self.pool = found.names, alpha, pool
        self.stamps = dict(zip(self.names, map(_stamp, found.files), strict=True))
        self.ends = reading.find_whites(self.found)
        self.channels = 4 if alpha else 3 if self._have_colour() else 1
        self.size = size or _size(root, self.found, self.ends)
        self.encoding, self.quality, self.given = encoding, quality, size is not None

    def _have_colour(self):
        """Returns whether any readable picture has colour; the header of an unreadable one does not count."""
        coloured = self.pool.map(reading.has_colour, self.found)
        return any(_is_read(file, self.ends) for file, has in zip(self.found, coloured, strict=True) if has)

    @property
    def plan(self):
        """All that the records depend on, as JSON."""
        read = {
            "format": FORMAT,
            "folder": str(files.expand(self.root).resolve()),
            "image_shape": [*self.size, self.channels],
            "encoding": self.encoding,
            "quality": self.quality,
            "pictures": len(self.found),
            "shard": SHARD,
        }
        content = json.dumps(
            [list(self.stamps.items()), sorted((self.labels or {}).items()), sorted(self.ends.items())]
        )
        return read | {"digest": hashlib.blake2b(content.encode(), digest_size=16).hexdigest()}

    def begin(self, overwrite):
        """Writes the plan; with `overwrite`, removes existing records first.

        Raises:
            ValueError: If `out` holds another plan and `overwrite` is False, or holds other files and no plan.
        """
        there = sorted(self.out.iterdir()) if self.out.is_dir() else []
        there = [file for file in there if not files.LEFTOVER.fullmatch(file.name)]
        plan, path = self.plan, self.out / PLAN
        if path.is_file() and not overwrite and files.read_json(path) != plan:
            before = files.read_json(path)
            changed = [key for key in plan if key != "digest" and before.get(key) != plan[key]]
            shown = [f"{key}: {before.get(key)!r} there, {plan[key]!r} now" for key in changed]
            raise ValueError(
                "`out` must hold records of the same pictures and settings: `overwrite` (--overwrite) replaces other "
                f"ones. Received: out={str(self.out)!r}, {'; '.join([*shown, *self._changes(before, changed)])}"
            )
        if there and not path.is_file():
            raise ValueError(
                f"`out` must be a new or empty folder. Received: out={str(self.out)!r} with {there[0].name}"
            )
        if overwrite:
            for file in there:
                if file.name in (PLAN, INDEX, LABELS, NAMES) or file.name.startswith("pictures-"):
                    file.unlink()
        files.remove_leftovers(self.out, age=0.0)
        files.write_text(path, json.dumps(plan, indent=1) + "\n")

    def _changes(self, before, changed):
        """Describes the changes since the records were written, as far as these show them."""
        stamps = {}
        for description in sorted(self.out.glob("pictures-*.json")):
            stamps |= files.read_json(description).get("stamps", {})
        other = [
            f"{name} {'is gone' if name not in self.stamps else 'has changed'}"
            for name in stamps
            if self.stamps.get(name) != stamps[name]
        ]
        if len(stamps) == before.get("pictures"):
            other += [f"{name} is new" for name in self.stamps if name not in stamps]
        if not other and not changed:
            other = ["the pictures, their labels or their level of white have changed"]
        return [*other[:3], *(["..."] if len(other) > 3 else [])]

    def write(self, progress):
        """Writes each file of records that is missing, and its description beside it."""
        done = 0
        for number, first in enumerate(range(0, len(self.found), SHARD)):
            chosen = slice(first, first + SHARD)
            path = self.out / f"pictures-{number:05d}.json"
            if not path.is_file():
                self._write_shard(self.found[chosen], path, lambda i, done=done: progress(done + i, len(self.found)))
            done += len(self.found[chosen])
            progress(done, len(self.found))

    def _write_shard(self, found, description, progress):
        from array_record.python.array_record_module import ArrayRecordWriter  # only where records are written

        path, kept, skipped = description.with_suffix(".array_record"), [], []
        with files.atomic(path) as part:
            with _disk_errors(self.out, RuntimeError):
                writer = ArrayRecordWriter(str(part), "group_size:1,uncompressed")
            try:
                records = zip(found, self.pool.map(self._encode, found), strict=True)
                for i, (file, (record, error)) in enumerate(records):
                    name = self.look.name(file)
                    if record is None:
                        skipped.append(f"{name}: {error}")
                    else:
                        with _disk_errors(self.out, RuntimeError):
                            writer.write(record)
                        kept.append(name)
                    progress(i + 1)
                with _disk_errors(self.out, RuntimeError):
                    writer.close()
            finally:
                with contextlib.suppress(RuntimeError):  # the writer has failed already, or its file is discarded
                    writer.close()
        known = {"file": path.name, "count": len(kept), "bytes": path.stat().st_size}
        stamps = {name: self.stamps[name] for name in map(self.look.name, found)}
        files.write_text(description, json.dumps(known | {"kept": kept, "skipped": skipped, "stamps": stamps}))

    def _encode(self, file):
        """Returns the record of a picture and None, or None and the reason why the picture is skipped."""
        try:
            picture, _ = reading.read_picture(file, self.size if self.given else None, self.ends, alpha=self.alpha)
            if picture.shape[:2] != self.size:
                raise ValueError(f"{picture.shape[0]}x{picture.shape[1]} pixels, not {self.size[0]}x{self.size[1]}")
        except reading.UNREADABLE as error:
            return None, str(error)
        picture = np.ascontiguousarray(np.broadcast_to(picture, (*self.size, self.channels)))
        if self.encoding == "raw":
            return picture.tobytes(), None
        image = Image.fromarray(picture[..., 0] if self.channels == 1 else picture, MODES[self.channels])
        buffer = io.BytesIO()
        if self.encoding == "png":
            image.save(buffer, "PNG")
        else:
            image.save(buffer, "JPEG", quality=self.quality, subsampling=0)
        return buffer.getvalue(), None

    def finish(self):
        """Writes the labels, the names and, last, the index, which marks the records as complete."""
        shards = [files.read_json(path) for path in sorted(self.out.glob("pictures-*.json"))]
        kept, skipped = ([name for shard in shards for name in shard[key]] for key in ("kept", "skipped"))
        folders.warn_skipped(self.root, skipped, len(self.found), "folder")
        numbers, class_names = number_labels(kept, self.labels)
        if numbers is not None:
            with files.atomic(self.out / LABELS) as part, open(part, "wb") as file:
                np.save(file, numbers, allow_pickle=False)
        files.write_text(self.out / NAMES, "".join(f"{on_a_line(name)}\n" for name in kept))
        index = {
            "format": FORMAT,
            "count": len(kept),
            "image_shape": [*self.size, self.channels],
            "encoding": self.encoding,
            "shards": [{key: shard[key] for key in ("file", "count", "bytes")} for shard in shards if shard["count"]],
            "class_names": list(class_names),
            "resize": fit_in_words(self.size) if self.given else "none",
            "skipped": skipped,
        }
        files.write_text(self.out / INDEX, json.dumps(index, indent=1) + "\n")


def _stamp(file):
    """Returns the size and a checksum of a file, by which changes are found; outside of a zip, a checksum of parts.

    Returns None for what is not a regular file, such as a broken link, which will be skipped.
    """
    if isinstance(file, Member):
        return [file.bytes, file.checksum]
    try:
        with files.open_regular(file) as opened:
            size, checksum = file.stat().st_size, 0
            for place in (0, size // 2, max(0, size - PART)):
                opened.seek(place)
                checksum = zlib.crc32(opened.read(PART), checksum)
    except (OSError, ValueError):
        return None
    return [size, checksum]


def _is_read(file, ends):
    try:
        reading.read_picture(file, None, ends)
    except reading.UNREADABLE:
        return False
    return True


def _size(root, found, ends):
    """Returns the one size of all pictures that can be read."""
    reasons, size = [], None
    for file in found:
        if size is not None and reading.upright_size(file) in (None, size):
            continue
        try:
            own = reading.read_picture(file, None, ends)[0].shape[:2]
        except reading.UNREADABLE as error:
            reasons.append(f"{file.name}: {error}")
            continue
        if size is not None:
            raise ValueError(
                "`image_size` must be given, as the pictures have different sizes. Received: image_size=None, sizes "
                f"{size[0]}x{size[1]} and, of {file.name}, {own[0]}x{own[1]}"
            )
        size = own
    return size or folders.warn_skipped(root, reasons, len(found), "folder")  # which raises
