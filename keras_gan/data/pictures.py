"""A set of pictures: uint8 until a batch is gathered, then float32 in [-1, 1]."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

from keras_gan.data.pipeline import batches
from keras_gan.data.stored import Stored, some
from keras_gan.ground.arguments import check_range, is_integer

if TYPE_CHECKING:
    from keras_gan.data.survey import Survey

STATED = {"Deep": (0.0, 65535.0), "Float": (0.0, 1.0)}  # black and white in grey of 16 or 32 bits, and of floats
MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # channels -> Pillow's name
MOST_NAMED = 20  # classes that an error lists
WHITES = (1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0)


@dataclasses.dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of one size, with their labels if they have any.

    Attributes:
        images: (N, height, width, channels) uint8, with 1, 3 or 4 channels: in memory, or read on demand.
        labels: (N,) int32, or None.
        class_names: The name of each label, or ().
        skipped: The files that could not be read, each with the reason.
        resize: Description of how the pictures were resized.
        files: Path of each picture, relative to its folder, or ().
        survey: The findings in the folder of the pictures, or None.
    """

    images: np.ndarray | Stored
    labels: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    resize: str = "none"
    files: tuple[str, ...] = ()
    survey: "Survey | None" = None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        return self.images.shape[1:]

    def of_classes(self, classes: Sequence[int | str]) -> "Pictures":
        """Returns the pictures of some classes, relabelled 0, 1, ... in the order of their previous labels.

        Args:
            classes: Names or numbers of the classes, each as an integer or as text; names that are numbers take
                precedence.

        Raises:
            ValueError: If the pictures have no labels, or a class does not exist.

        Example:

        >>> from keras_gan import data
        >>> few = data.read("digits").of_classes(["7", 3])
        >>> few.class_names, np.unique(few.labels).tolist(), len(few.images)
        (('3', '7'), [0, 1], 289)
        """
        if self.labels is None:
            raise ValueError(f"`labels` must be None: these pictures have none. Received: labels={_named(classes)}")
        names = self.class_names or tuple(map(str, range(int(max(self.labels, default=-1)) + 1)))
        numbers = {str(i): i for i in range(len(names))} | {name: i for i, name in enumerate(names)}
        unknown = [each for each in classes if str(each) not in numbers]
        if unknown or not len(classes):
            shown = ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
            raise ValueError(
                f"`labels` must be among the classes of the pictures, by name or by number from 0 to {len(names) - 1}: "
                f"{shown}. Received: labels={_named(classes)}"
            )
        chosen = sorted({numbers[str(each)] for each in classes})
        places = np.flatnonzero(np.isin(self.labels, chosen))
        return dataclasses.replace(
            self,
            images=some(self.images, places),
            labels=np.searchsorted(chosen, self.labels[places]).astype("int32"),
            class_names=tuple(names[i] for i in chosen),
            files=tuple(self.files[i] for i in places) if self.files else (),
        )

    def dataset(
        self,
        batch_size: int,
        *,
        labels: bool = False,
        shuffle: bool = True,
        seed: int = 0,
        drop_remainder: bool = True,
        value_range: tuple[float, float] = (-1.0, 1.0),
        flip: bool = False,
    ) -> tf.data.Dataset:
        """Returns batches of images, float32 in `value_range`, or of (images, labels): see `keras_gan.data.batches`.

        Args:
            batch_size: Images per batch.
            labels: Whether batches are pairs (images, labels).
            shuffle: False keeps the order of the pictures.
            seed: Seed for shuffling.
            drop_remainder: Whether a last partial batch is left out.
            value_range: Values of black and white: the `value_range` of the GAN.
            flip: True flips half of the images left to right, a new random half in each epoch.

        Raises:
            ValueError: If `labels` is True and there are none, or `value_range` is not a range.
        """
        low, high = check_range("value_range", value_range)

        def convert(images):
            return to_range(images, low, high)

        if not labels:
            arrays, transform = (self.images,), convert
        elif self.labels is None:
            raise ValueError("`labels` must be False: this data set has none. Received: labels=True")
        else:
            arrays, transform = (self.images, self.labels), lambda image, label: (convert(image), label)
        return batches(
            arrays,
            batch_size,
            shuffle=shuffle,
            seed=seed,
            drop_remainder=drop_remainder,
            transform=transform,
            flip=flip,
        )


def _named(classes):
    return repr(",".join(map(str, classes)))


def to_range(images: tf.Tensor, low: float, high: float) -> tf.Tensor:
    """Maps 0..255 to [low, high], float32, in the graph."""
    return tf.cast(images, tf.float32) / (255 / (high - low)) + low


def to_unit_range(images: tf.Tensor) -> tf.Tensor:
    """Maps 0..255 to [-1, 1], float32, in the graph."""
    return tf.cast(images, tf.float32) / 127.5 - 1


def depth(picture: Image.Image) -> str | None:
    """Returns the kind of a grey picture of more than 8 bits, a key of `STATED`; None for any other picture."""
    if picture.mode == "F":
        return "Float"
    return "Deep" if picture.mode == "I" or picture.mode.startswith("I;16") else None


def find_ends(low: float, high: float) -> tuple[float, float]:
    """Returns the values of black and white for pictures whose values range from `low` to `high`.

    Black is 0, and white the least of 1, 255 and the largest numbers of 10, 12, 14 and 16 bits that `high` does not
    exceed, otherwise `high`. For a negative `low` they are -1 and 1 if these include all values, otherwise `low` and
    `high`.

    >>> find_ends(0.0, 0.9), find_ends(3, 4095), find_ends(-0.5, 0.5)
    ((0.0, 1.0), (0.0, 4095.0), (-1.0, 1.0))
    """
    if low < 0:
        return (-1.0, 1.0) if low >= -1 and high <= 1 else (float(low), max(float(high), float(low) + 1))
    return 0.0, next((white for white in WHITES if high <= white), float(high))


def fit(
    picture: Image.Image, size: tuple[int, int] | None, channels: int, ends: tuple[float, float] | None = None
) -> np.ndarray:
    """Returns one picture as (height, width, channels) uint8, cropped around its centre to `size` and scaled.

    Args:
        picture: A picture of any size and mode.
        size: (height, width), or None to keep the picture's own.
        channels: 1 or 3, with transparency laid on white, or 4, with the opacity as the last.
        ends: Values of black and white in grey of more than 8 bits. Defaults to 0 and 65535 for 16 bits, and to
            `find_ends` of the values of any other picture.
    """
    if depth(picture) is not None:
        values = np.nan_to_num(np.asarray(picture, "float32"))
        if ends is None:
            ends = STATED["Deep"] if picture.mode.startswith("I;16") else find_ends(values.min(), values.max())
        low, high = ends
        clear = picture.info.get("transparency")
        picture = Image.fromarray(np.round((values - low).clip(0, high - low) * (255 / (high - low))).astype("uint8"))
        if isinstance(clear, int | float):
            picture.putalpha(Image.fromarray(np.where(values == clear, 0, 255).astype("uint8")))
    if picture.has_transparency_data and channels != 4:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    picture = picture.convert(MODES[channels])
    if size is not None and picture.size != (size[1], size[0]):
        picture = ImageOps.fit(picture, (size[1], size[0]), Image.Resampling.LANCZOS)
    return np.asarray(picture).reshape(picture.height, picture.width, channels)


def fit_in_words(size: tuple[int, int]) -> str:
    """Describes how `fit` resizes pictures to `size`, for the provenance of metrics.

    >>> fit_in_words((32, 48))
    'to 32x48, centre crop, Lanczos'
    """
    return f"to {size[0]}x{size[1]}, centre crop, Lanczos"


def get_size(image_size: int | str | Sequence[int] | None) -> tuple[int, int] | None:
    """Returns (height, width) of a side, a pair, text or None.

    >>> get_size(64), get_size((48, 64)), get_size("48x64"), get_size("64")
    ((64, 64), (48, 64), (48, 64), (64, 64))
    """
    if image_size is None:
        return None
    size = [image_size]
    if isinstance(image_size, str):
        size = [int(side) if side.isdecimal() else side for side in image_size.lower().split("x")]
    elif isinstance(image_size, Sequence):
        size = list(image_size)
    size = size * 2 if len(size) == 1 and not isinstance(image_size, tuple | list) else size
    if len(size) != 2 or not all(is_integer(side) and 1 <= side <= 4096 for side in size):
        raise ValueError(
            "`image_size` must be a side or (height, width), in [1, 4096], or such text as '48x64'. "
            f"Received: image_size={image_size!r}"
        )
    return tuple(map(int, size))
