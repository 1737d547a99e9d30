"""Sets of pictures by their names."""

import dataclasses

from keras_gan.data.catalog import read_tfds
from keras_gan.data.digits import read_digits
from keras_gan.data.folder import read_folder
from keras_gan.data.pictures import Pictures, get_size
from keras_gan.data.records import read_records
from keras_gan.data.stored import OnWhite
from keras_gan.ground import prefixes
from keras_gan.ground.arguments import check_flag, shown

OPTIONS = {"digits": (), "folder": ("alpha", "labels", "stored"), "records": ("alpha",), "TFDS": ("data_dir", "stored")}


def read(name: str, split: str = "train", image_size: int | tuple[int, int] | None = None, **options) -> Pictures:
    """Reads a set of pictures into memory, or opens one that stays on disk.

    Args:
        name: `"digits"` (1,797 real 8x8 digits, embedded), `"folder:PATH"` (your own pictures, in a folder or a zip),
            `"records:PATH"` (records that `keras-gan prepare` wrote, for pictures that do not fit in memory), or an
            image set of TensorFlow Datasets, such as `"mnist"` or `"fashion_mnist"`.
        split: `"train"` or `"test"`; `"all"` for digits; any split of TFDS for its sets. A folder has only `"train"`.
        image_size: A side, (height, width) or text such as `"48x64"` to crop and scale to. None keeps the pictures'
            own size.
        **options: `stored` for folders and sets of TFDS: True leaves the pictures on disk and reads them when a batch
            needs them, False reads all into memory; by default that depends on whether they fit. `alpha` for folders
            and records: True keeps transparency as a fourth channel, otherwise it is laid on white. `labels` for
            folders: a file that names the classes. `data_dir` for sets of TFDS. See
            `keras_gan.data.folder.read_folder` and `keras_gan.data.catalog.read_tfds`.

    Raises:
        ValueError: If there is no such set or split, an option does not apply to the set, or the pictures differ in
            size and `image_size` is None.

    Example:

    >>> read("digits").images.shape
    (1437, 8, 8, 1)
    """
    if not isinstance(name, str):
        raise ValueError(f"`name` must be the name of a data set, a string. Received: name={name!r}")
    if name != name.strip():
        raise ValueError(f"`name` must be the name of a data set, without spaces around it. Received: name={name!r}")
    if not name.isprintable():
        raise ValueError(
            "`name` must be the name of a data set, of printable characters: rename a folder whose name has others, "
            f"such as line breaks, or is not UTF-8. Received: name={name!r}"
        )
    prefix, path = prefixes.split(name)
    is_own = prefix != "" and prefixes.kind_of(name) == prefixes.PICTURES
    _check_options(prefix if is_own else name if name == "digits" else "TFDS", options)
    if name == "digits":
        return read_digits(split, image_size, **options)
    if is_own:
        if split not in ("train", "all"):
            raise ValueError(f"`split` of a folder must be 'train'. Received: split={split!r}")
        if not path:
            raise ValueError(f"`name` must name a folder, as '{prefix}:PATH'. Received: name={name!r}")
        return read_folder(path, image_size, **options) if prefix == "folder" else _records(path, image_size, **options)
    return read_tfds(name, split, image_size, **options)


def _check_options(kind, options):
    if options.get("alpha") and "alpha" not in OPTIONS[kind]:
        raise ValueError(f"`alpha` must be False except for folders and records. Received: alpha=True for {kind}")
    for name in options:
        if name not in OPTIONS[kind]:
            whose = f"whose options are {', '.join(OPTIONS[kind])}" if OPTIONS[kind] else "which have no options"
            raise ValueError(f"`{name}` must not be given for {kind}, {whose}. Received: {name}={shown(options[name])}")
    if options.get("stored") is not None:
        check_flag("stored", options["stored"])


def _records(path, image_size, alpha=False):
    pictures = read_records(path)
    if alpha and pictures.image_shape[-1] != 4:
        raise ValueError(
            "`alpha` must be False for records without transparency: write them by `keras-gan prepare --alpha`. "
            f"Received: alpha=True, records of {pictures.image_shape}"
        )
    if get_size(image_size) not in (None, pictures.image_shape[:2]):
        raise ValueError(
            "`image_size` must be None or that of the records, which is chosen by `keras-gan prepare`. "
            f"Received: image_size={image_size!r}, records of {pictures.image_shape[0]}x{pictures.image_shape[1]}"
        )
    if pictures.image_shape[-1] == 4 and not alpha:
        return dataclasses.replace(pictures, images=OnWhite(pictures.images))
    return pictures
