"""The embedded default: scikit-learn's 1,797 real 8x8 digits, which need no network."""

import numpy as np

from keras_gan.data.pictures import Pictures, fit, fit_in_words, get_size
from keras_gan.data.stored import check_memory

SPLITS = {"all": slice(None), "train": slice(None, 1437), "test": slice(1437, None)}


def read_digits(split: str = "train", image_size=None) -> Pictures:
    """Returns the digits of a split: `"train"` (the first 1,437), `"test"` (the last 360) or `"all"`.

    Args:
        split: Name of the split.
        image_size: A side or (height, width) to scale to; None keeps 8x8.

    Raises:
        ValueError: If the split is unknown.

    Reference: E. Alpaydin, C. Kaynak, 1998, Optical Recognition of Handwritten Digits, UCI.
    """
    from PIL import Image
    from sklearn.datasets import load_digits  # takes a second to import: only on demand

    if split not in SPLITS:
        raise ValueError(f"`split` of digits must be one of {', '.join(SPLITS)}. Received: split={split!r}")
    digits = load_digits()
    images = np.round(digits.images[SPLITS[split]] * (255 / 16)).astype("uint8")[..., None]
    size = get_size(image_size)
    if size not in (None, (8, 8)):
        check_memory(len(images), (*size, 1))
        images = np.stack([fit(Image.fromarray(image[..., 0]), size, 1) for image in images])
    labels, names = digits.target[SPLITS[split]].astype("int32"), tuple(str(i) for i in range(10))
    return Pictures(images, labels, names, resize="none" if size in (None, (8, 8)) else fit_in_words(size))
