"""Pictures in the ArrayRecord files that `keras-gan prepare` writes, for sets that do not fit in memory."""

import bisect
import functools
import itertools
import os
import pathlib

import numpy as np
import tensorflow as tf

from keras_gan.data.pictures import Pictures
from keras_gan.data.stored import Stored
from keras_gan.ground import files
from keras_gan.ground.arguments import reason

INDEX, LABELS, NAMES = "index.json", "labels.npy", "files.txt"
FORMAT = 1
ENCODINGS = ("jpeg", "png", "raw")
ENTRIES = {"shards": list, "image_shape": list, "encoding": str, "class_names": list, "resize": str, "skipped": list}
DECODERS = {  # by default TensorFlow's decoder of JPEGs is faster, and off by several levels
    "jpeg": functools.partial(tf.io.decode_jpeg, dct_method="INTEGER_ACCURATE"),
    "png": tf.io.decode_png,
}


class RecordPictures(Stored):
    """Pictures of one size in a folder of ArrayRecord files, (N, height, width, channels) uint8.

    Args:
        folder: Folder of the files.
        shards: Name of each file and its number of pictures.
        image_shape: (height, width, channels).
        encoding: Encoding of each picture: `"jpeg"`, `"png"`, or `"raw"` for uncompressed bytes.
    """

    dtype = np.dtype("uint8")

    def __init__(
        self, folder: pathlib.Path, shards: list[tuple[str, int]], image_shape: tuple[int, int, int], encoding: str
    ):
        self._paths = [folder / name for name, _ in shards]
        self._ends = list(itertools.accumulate(count for _, count in shards))
        self.shape, self._encoding = (self._ends[-1], *image_shape), encoding
        self._reader = functools.lru_cache(maxsize=None)(_open)

    def gather(self, positions: tf.Tensor) -> tf.Tensor:
        """Reads the files in Python and decodes their pictures in the graph, outside of Python's global lock."""
        found = tf.numpy_function(self._fetch, [positions], tf.string, stateful=False)
        if self._encoding == "raw":
            pictures = tf.io.decode_raw(found, tf.uint8, fixed_length=int(np.prod(self.shape[1:])))
        else:
            decode = functools.partial(DECODERS[self._encoding], channels=self.shape[-1])
            pictures = tf.map_fn(decode, found, fn_output_signature=tf.uint8)
        return tf.reshape(pictures, (*_sizes(positions), *self.shape[1:]))

    def read(self, positions: np.ndarray) -> np.ndarray:
        """Returns the pictures at some positions, (n, height, width, channels)."""
        return self.gather(tf.constant(positions, tf.int64)).numpy()

    def _fetch(self, positions):
        """Returns the bytes of each picture, (n,) objects, reading each file once."""
        found = np.empty(len(positions), object)
        shards = np.array([bisect.bisect_right(self._ends, position) for position in positions])
        for shard in np.unique(shards):
            (places,) = np.nonzero(shards == shard)
            first = self._ends[shard - 1] if shard else 0
            try:
                read = self._reader(self._paths[shard]).read([int(positions[place]) - first for place in places])
            except (RuntimeError, IndexError) as error:
                raise ValueError(
                    f"The records in {self._paths[shard]} must be as `keras-gan prepare` wrote them. Received: damaged "
                    f"ones; write them again by `keras-gan prepare --overwrite`. The error: {reason(error)[:200]}"
                ) from error
            found[places] = read
        return found


def _sizes(positions):
    return positions.shape if positions.shape.is_fully_defined() else (tf.shape(positions)[0],)


def _open(path):
    from array_record.python.array_record_module import ArrayRecordReader  # only where there are records

    return ArrayRecordReader(str(path), "readahead_buffer_size:0")


def read_records(path: str | os.PathLike) -> Pictures:
    """Opens a folder that `keras_gan.data.prepare` wrote. Its pictures stay on disk.

    Args:
        path: The folder.

    Returns:
        `Pictures` whose `images` are read on demand; labels and names are in memory.

    Raises:
        ValueError: If `path` is not such a folder, is incomplete, or a file is missing or has changed in size.
    """
    folder = files.expand(path)
    if not (folder / INDEX).is_file():
        begun = ", which is incomplete: run the same `keras-gan prepare` again" if folder.is_dir() else ""
        raise ValueError(
            f"`path` must be a folder that `keras-gan prepare` wrote, with {INDEX}. "
            f"Received: path={str(path)!r}{begun if (folder / 'plan.json').is_file() else ''}"
        )
    known = files.read_json(folder / INDEX)
    if known.get("format") != FORMAT:
        raise ValueError(f"`path` must hold records of format {FORMAT}. Received: format {known.get('format')!r}")
    _check_index(known, folder / INDEX)
    for shard in known["shards"]:
        size = (folder / shard["file"]).stat().st_size if (folder / shard["file"]).is_file() else None
        if size != shard["bytes"]:
            raise ValueError(
                f"`path` must hold {shard['file']} of {shard['bytes']:,} bytes, as {INDEX} says: write it again by "
                f"`keras-gan prepare --overwrite`. Received: {'no such file' if size is None else f'{size:,} bytes'}"
            )
    shards = [(shard["file"], shard["count"]) for shard in known["shards"]]
    images = RecordPictures(folder, shards, tuple(known["image_shape"]), known["encoding"])
    labels = _read_labels(folder / LABELS, sum(count for _, count in shards), bool(known["class_names"]))
    return Pictures(
        images,
        labels,
        tuple(known["class_names"]),
        tuple(known["skipped"]),
        known["resize"],
        tuple((folder / NAMES).read_text(encoding="utf-8").split("\n")[:-1]),
    )


def _check_index(known, path):
    """Checks the entries of an index of records.

    Raises:
        ValueError: If one is missing or of another kind.
    """
    wrong = [name for name, kind in ENTRIES.items() if not isinstance(known.get(name), kind)]
    if not wrong:
        shards, shape = known["shards"], known["image_shape"]
        wrong += [] if shards and all(map(_is_shard, shards)) else ["shards"]
        wrong += [] if len(shape) == 3 and _are_counts(*shape) else ["image_shape"]
        wrong += [] if known["encoding"] in ("raw", *DECODERS) else ["encoding"]
    if wrong:
        raise ValueError(
            f"{path} must be as `keras-gan prepare` wrote it: write it again by `keras-gan prepare --overwrite`. "
            f"Received: {', '.join(wrong)} of another kind"
        )


def _is_shard(known):
    is_named = isinstance(known, dict) and isinstance(known.get("file"), str)
    return is_named and _are_counts(known.get("count"), known.get("bytes"))


def _are_counts(*values):
    return all(isinstance(value, int) and not isinstance(value, bool) and value > 0 for value in values)


def _read_labels(path, count, are_named):
    """Returns the labels of the records, (N,) integers; None if they have none."""
    if not path.is_file() and not are_named:
        return None
    try:
        labels = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        labels = None
    if labels is None or labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise ValueError(
            f"{path} must hold the {count:,} labels that `keras-gan prepare` wrote: write it again by `keras-gan "
            "prepare --overwrite`. Received: "
            f"{'no such labels' if labels is None else f'{labels.dtype} of shape {labels.shape}'}"
        )
    return labels


def on_a_line(name: str) -> str:
    """Returns the name of a picture for `files.txt`, with line breaks escaped."""
    return name.replace("\r", r"\r").replace("\n", r"\n")
