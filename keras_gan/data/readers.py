"""Sets of pictures by their names."""

from keras_gan.data.catalog import read_tfds
from keras_gan.data.digits import read_digits
from keras_gan.data.folder import read_folder
from keras_gan.data.pictures import Pictures


def read(name: str, split: str = "train", image_size: int | tuple[int, int] | None = None, **options) -> Pictures:
    """Reads a set of pictures into memory.

    Args:
        name: `"digits"` (1,797 real 8x8 digits, embedded), `"folder:PATH"` (your own pictures), or an image set of
            TensorFlow Datasets, such as `"mnist"` or `"fashion_mnist"`.
        split: `"train"` or `"test"`; `"all"` for digits; whatever TFDS takes for its sets. A folder has only `"train"`.
        image_size: A side or (height, width) to cut and scale to. None keeps the pictures' own.
        **options: `data_dir` for sets of TFDS.

    Raises:
        ValueError: If there is no such set or split, or the pictures differ in size and `image_size` is None.

    Example:

    >>> read("digits").images.shape
    (1437, 8, 8, 1)
    """
    if not isinstance(name, str):
        raise ValueError(f"`name` must be the name of a data set, a string. Received: name={name!r}")
    if name != name.strip() or not name.isprintable():
        raise ValueError(f"`name` must be the name of a data set, without spaces around it. Received: name={name!r}")
    if name == "digits":
        return read_digits(split, image_size, **options)
    if name.startswith("folder:"):
        if split not in ("train", "all"):
            raise ValueError(f"`split` of a folder must be 'train'. Received: split={split!r}")
        if not name.removeprefix("folder:"):
            raise ValueError(f"`name` must name a folder, as 'folder:PATH'. Received: name={name!r}")
        return read_folder(name.removeprefix("folder:"), image_size, **options)
    return read_tfds(name, split, image_size, **options)
