"""The user's own pictures: a folder of any depth or a zip, of mixed sizes, grey or colour."""

import concurrent.futures
import os
import pathlib
import warnings
from collections.abc import Iterator, Sequence

import numpy as np

from keras_gan.data.archives import Member
from keras_gan.data.finding import SUFFIXES
from keras_gan.data.labels import number_labels
from keras_gan.data.looking import look
from keras_gan.data.pictures import Pictures, fit_in_words, get_size
from keras_gan.data.reading import UNREADABLE, find_whites, large_ones_are_refused, read_picture
from keras_gan.data.stored import THREADS, Stored, check_memory, fits_in_memory
from keras_gan.data.survey import Survey
from keras_gan.ground.arguments import check_flag

AT_ONCE = 1024  # pictures that threads read before they are taken


class FolderPictures(Stored):
    """Pictures that stay in their files: each is read, turned, cropped and scaled whenever a batch needs it.

    Args:
        found: The files, all of which can be read.
        image_shape: (height, width, channels).
        resize: Whether the pictures are cropped and scaled; otherwise they must have that size.
        ends: The output of `find_whites`.
    """

    dtype = np.dtype("uint8")

    def __init__(
        self,
        found: Sequence[pathlib.Path | Member],
        image_shape: tuple[int, int, int],
        resize: bool,
        ends: dict[str, tuple[float, float]],
    ):
        self.shape, self._files, self._ends = (len(found), *image_shape), list(found), ends
        self._size = image_shape[:2] if resize else None

    def read(self, positions: np.ndarray) -> np.ndarray:
        """Returns the pictures at some positions, (n, height, width, channels)."""
        pictures = np.empty((len(positions), *self.shape[1:]), "uint8")
        for i, position in enumerate(positions):
            pictures[i], _ = read_picture(self._files[position], self._size, self._ends, alpha=self.shape[-1] == 4)
        return pictures


def read_folder(
    path: str | os.PathLike,
    image_size=None,
    joined: bool = False,
    *,
    labels: str | os.PathLike | None = None,
    alpha: bool = False,
    stored: bool | None = None,
) -> Pictures:
    """Reads every picture below a folder, or in a zip, in the order of their names.

    A `labels.csv` with the columns file and label, or a `dataset.json` as StyleGAN's, in the folder itself names the
    classes, if it lists all pictures; a warning says why such a file is not used. Otherwise, if all pictures are in
    subfolders, the folders of the first level are the classes. The only folder of a zip is not a class: paths and
    classes are relative to it. Classes of a file are sorted as numbers if all are whole numbers: 2, 10; other classes,
    and always those of folders, are sorted as texts: 10, 2. If any picture has colour, all become RGB, otherwise all
    are grey. White in pictures of 16 bits or of floats is the same for all of them: the least of 1, 255, 1023, 4095,
    16383 and 65535 that none exceeds; a warning says so if it is not 65535, or 1 of floats, or if most pictures are
    nearly black, as where one pixel is faulty. Of several pages or frames in a file the first is read.

    A warning lists what is skipped: files that cannot be read, hidden folders and those of an index, such as
    `.ipynb_checkpoints`, `@eaDir` and `__MACOSX`, links to folders, paths that lead out of a zip, and pictures beside
    the classes' folders if they are at most a tenth of all. If more lie there, there are no classes. Classes with the
    names of a data set's splits, such as `train` and `test`, are warned of too.

    Pictures of more than 8 GiB stay on disk: all are read once as a check, and then on demand, several batches at a
    time.

    Args:
        path: The folder, or a zip of pictures, which is not unpacked on disk. Links to folders are not followed.
        image_size: A side, (height, width) or text such as `"48x64"`: each picture is cropped around its centre and
            scaled to it. None keeps the pictures' own size, which must then be the same for all.
        joined: Whether each picture is two pictures side by side, which are cropped and scaled separately.
        labels: A CSV or JSON file as above, of another name or in another place. It must list all pictures.
        alpha: True keeps transparency as a fourth channel of all pictures; False lays it on white.
        stored: Whether the pictures stay on disk. By default their size decides. Joined ones are always in memory.

    Raises:
        ValueError: If there is no such folder, no readable picture in it, the sizes differ and `image_size` is None, or
            `labels` lacks a picture.
    """
    size = get_size(image_size)
    check_flag("alpha", alpha)
    found, known = look(path, labels)
    with large_ones_are_refused():
        ends = find_whites(found.files)
        reader = _Reader(found, size, ends, joined, alpha, False if joined else stored)
        reader.read()
    warn_skipped(path, reader.skipped, len(found.files))
    images, names = reader.images(), tuple(map(found.name, reader.kept))
    numbers, class_names = number_labels(names, known)
    resize = "none" if all(each.fits for each in reader.seen) else fit_in_words(size)
    survey = Survey.of(
        reader.seen,
        passed=found.passed,
        unreadable=len(reader.skipped),
        resize=resize,
        labels="" if numbers is None else "folder" if known is None else "file",
        stored=isinstance(images, Stored),
        below=found.root.as_posix() if found.inside and found.root.parts else "",
    )
    return Pictures(images, numbers, class_names, tuple(reader.skipped), resize, names, survey)


class _Reader:
    """Reads the pictures of a folder: into memory if they fit, otherwise only to find those that can be read."""

    def __init__(self, found, size, ends, joined, alpha, stored):
        self.found, self.size, self.ends, self.joined, self.alpha, self.stored = (
            found,
            size,
            ends,
            joined,
            alpha,
            stored,
        )
        self.pictures, self.kept, self.seen, self.skipped, self.channels = [], [], [], [], 1

    def read(self):
        """Reads all pictures.

        Raises:
            ValueError: If the pictures do not fit in memory and `stored` is False.
        """
        for file, (picture, seen) in zip(self.found.files, self._each(), strict=True):
            if picture is None:
                self.skipped.append(f"{self.found.name(file)}: {seen}")
                continue
            self.kept.append(file)
            self.seen.append(seen)
            self.channels = max(self.channels, picture.shape[-1])
            self.shape = picture.shape[:2]
            self._keep(picture)

    def _each(self):
        """Yields each picture and its properties, or None and the error, read by several threads."""

        def read(file):
            try:
                return read_picture(file, self.size, self.ends, self.joined, self.alpha)
            except UNREADABLE as error:
                return None, error

        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            for some in batched(self.found.files, AT_ONCE):
                yield from pool.map(read, some)

    def _keep(self, picture):
        if self.stored:
            return
        self.pictures.append(picture)
        if not fits_in_memory(len(self.pictures), (*self.shape, self.channels)):
            if self.stored is False:
                check_memory(len(self.pictures), (*self.shape, self.channels))
            self.stored = True
            self.pictures.clear()

    def images(self):
        """Returns the pictures as one array, in memory or on disk.

        Raises:
            ValueError: If the pictures differ in size and are not resized.
        """
        sizes = {self.size} if self.size else {each.size for each in self.seen}
        if len(sizes) > 1:
            shown = ", ".join(f"{h}x{w}" for h, w in sorted(sizes)[:5])
            raise ValueError(
                f"`image_size` must be given, as the pictures have {len(sizes)} different sizes. "
                f"Received: image_size=None, sizes {shown}"
            )
        shape = (*self.shape, self.channels)
        if self.stored:
            return FolderPictures(self.kept, shape, self.size is not None, self.ends)
        return np.stack([np.broadcast_to(picture, shape) for picture in self.pictures])


def batched(items: Sequence, size: int) -> Iterator[Sequence]:
    """Yields successive slices of at most `size` items."""
    for first in range(0, len(items), size):
        yield items[first : first + size]


def warn_skipped(path: str | os.PathLike, skipped: Sequence[str], count: int, name: str = "path") -> None:
    """Warns of unreadable pictures among the `count` of a folder, which is called `name` in errors.

    Raises:
        ValueError: If no picture can be read.
    """
    if skipped:
        shown = "; ".join(skipped[:10]) + ("; ..." if len(skipped) > 10 else "")
        warnings.warn(f"Skipped {len(skipped)} of {count} pictures that cannot be read: {shown}", stacklevel=3)
    if len(skipped) == count:
        raise ValueError(
            f"`{name}` must hold at least one readable picture ({', '.join(SUFFIXES)}). "
            f"Received: {name}={str(path)!r} with {count} file{'s' * (count != 1)} of these kinds"
            + (f", none readable: {skipped[0]}" if skipped else "")
        )
