"""Translates a folder or a zip of pictures with a trained model, and writes each translation as a PNG of its name."""

import collections
import itertools
import pathlib
import time
from collections.abc import Callable, Iterator

import numpy as np
from absl import flags
from PIL import Image

from keras_gan import images
from keras_gan.callbacks.value_grid import side_by_side
from keras_gan.cli import models, translators
from keras_gan.cli.counting import Counting
from keras_gan.data import finding, looking, reading
from keras_gan.ground.arguments import counted

SHEET = "side-by-side.png"
ROWS = 16  # pictures of the sheet


def prepare(values: flags.FlagValues) -> Callable[[], None]:
    """Finds the model and the pictures, checks the output files, and returns the function that translates."""
    given = translators.parse_given(values.given)
    root, out = _check_folders(values.folder, values.out)
    translator = translators.find(models.find(values.model), values.value, given)
    found = finding.find(root)
    while found.inside and found.only_folder:  # as training does
        found = found.step_in()
    if not found.files:
        raise ValueError(
            f"`folder` must hold at least one picture ({', '.join(finding.SUFFIXES)}). Received: "
            f"folder={values.folder!r}"
        )
    targets = _targets(found, out)
    _check_files(targets, out)
    if not values.overwrite:
        _check_free(targets, out)
    return lambda: work(translator, targets, out, values.resize, values.batch_size, values.seed)


def work(
    translator: translators.Translator,
    targets: dict[pathlib.Path, pathlib.Path],
    out: pathlib.Path,
    resize: bool,
    batch_size: int,
    seed: int,
) -> None:
    """Translates each picture, writes the translations, and a sheet of the first pictures beside theirs.

    Args:
        translator: The translator of the model.
        targets: {picture, in a folder or a zip: file of its translation}.
        out: The folder of the translations.
        resize: Cut and scale pictures of other sizes; otherwise they are refused.
        batch_size: Pictures per batch.
        seed: Seed of the model's random inputs.
    """
    began, progress, pairs, done = time.monotonic(), Counting(len(targets)), [], 0
    if not resize:  # all are looked at before the first is written
        collections.deque(Reader(translator.shape, list(targets), resize).pictures(), maxlen=0)
    reader = Reader(translator.shape, list(targets), resize)
    for i, batch in enumerate(_batches(reader.pictures(), batch_size)):
        taken = np.stack([picture for _, picture in batch])
        made = translator(taken, seed * 2**20 + i)
        for (file, _), picture in zip(batch, made, strict=True):
            images.save_png(targets[file], picture)
        if done < ROWS:
            pairs.append((taken[: ROWS - done], made[: ROWS - done]))
        done += len(batch)
        progress.show(done + len(reader.skipped))
    if not done:
        raise ValueError(f"`folder` must hold at least one readable picture. Received: {reader.skipped[0]}")
    names = {target.relative_to(out).parts[0] for target in targets.values()}
    sheet = out / SHEET if SHEET not in names and not (out / SHEET).is_dir() else None
    if sheet is not None:
        columns = [np.concatenate(each) for each in zip(*pairs, strict=True)]
        shown = dict(zip((translator.part, translator.value), columns, strict=True))
        images.save_png(sheet, side_by_side(shown, columns=2 * len(shown) if done > ROWS // 2 else None))
    _print_summary(translator, reader, done, out, sheet, time.monotonic() - began)


class Reader:
    """A reader of pictures, one by one, with the size and channels of a model.

    Attributes:
        skipped: The files that could not be read, each with the reason.
        resized: Number of pictures that were cut and scaled.
    """

    def __init__(self, shape: tuple[int, int, int], files: list[pathlib.Path], resize: bool):
        self.shape, self.files, self.resize = shape, files, resize
        self.skipped, self.resized = [], 0

    def pictures(self) -> Iterator[tuple[pathlib.Path, np.ndarray]]:
        """Yields each readable file and its picture, (height, width, channels) uint8.

        Raises:
            ValueError: If a picture has another size, and `resize` is False.
        """
        with reading.large_ones_are_refused():
            ends = reading.find_whites(self.files)
            for file in self.files:
                try:
                    picture, seen = reading.read_picture(file, self.shape[:2], ends, alpha=self.shape[-1] == 4)
                except reading.UNREADABLE as error:
                    self.skipped.append(f"{file}: {error}")
                    continue
                if not seen.fits and not self.resize:
                    height, width, _ = self.shape
                    raise ValueError(
                        f"Pictures must have {height} x {width} pixels, the size of the model; without --noresize they "
                        f"are cut and scaled to it. Received: {file}, of another size"
                    )
                self.resized += not seen.fits
                yield file, as_channels(picture, self.shape[-1])


def as_channels(picture: np.ndarray, channels: int) -> np.ndarray:
    """Returns a picture (height, width, channels) uint8 with 1, 3 or 4 channels; opaque pixels stay opaque."""
    if picture.shape[-1] == channels:
        return picture
    grey = Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture)
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
    return np.asarray(grey.convert(mode)).reshape(*picture.shape[:2], channels)


def _check_folders(folder, out):
    for name, given in (("folder", folder), ("out", out)):
        if not given:
            raise ValueError(f"`{name}` must be given. Received: no --{name}")
    root, out = looking.check_root(folder, "folder"), pathlib.Path(out)
    models.check_folder("out", out)
    if out.resolve().is_relative_to(root.resolve()):
        raise ValueError(f"`out` must not be `folder`, nor lie in it. Received: folder={folder!r}, out={str(out)!r}")
    return root, out


def _targets(found, out):
    """Maps each picture to a PNG of its name below `out`; the suffix is kept if names differ in the suffix alone."""
    names, kept, alike = [file.relative_to(found.root) for file in found.files], set(), None
    while alike is None or alike:  # a suffix that stays may be the name of another one
        made = [name if name in kept else name.with_suffix("") for name in names]
        counts = collections.Counter(made)
        alike = {name for name, each in zip(names, made, strict=True) if counts[each] > 1} - kept
        kept |= alike
    targets = {file: out / each.with_name(f"{each.name}.png") for file, each in zip(found.files, made, strict=True)}
    read = set() if found.inside else {file.resolve() for file in found.files}
    taken = read & {target.resolve() for target in (*targets.values(), out / SHEET)}
    if taken:
        raise ValueError(
            f"`out` must not replace pictures of `folder`. Received: out={str(out)!r}, which would replace "
            f"{min(map(str, taken))}"
        )
    return targets


def _check_files(targets, out):
    """Checks that no translation has the name of a folder, be it there or one that other translations need."""
    folders = {parent for target in targets.values() for parent in target.relative_to(out).parents}
    wrong = [target for target in targets.values() if target.relative_to(out) in folders or target.is_dir()]
    if wrong:
        raise ValueError(
            "`out` must not have folders of the names of translations: rename the picture or the folder. "
            f"Received: out={str(out)!r}, where {wrong[0]} is both a picture and a folder"
        )


def _check_free(targets, out):
    there = [target for target in dict.fromkeys((*targets.values(), out / SHEET)) if target.exists()]
    if there:
        raise ValueError(
            "`out` must not hold files of the same names: choose another folder, or give --overwrite to replace them. "
            f"Received: out={str(out)!r}, which holds {counted(len(there), 'such file')}, the first {there[0]}"
        )


def _batches(pictures, size):
    while batch := list(itertools.islice(pictures, size)):
        yield batch


def _print_summary(translator, reader, done, out, sheet, seconds):
    print(f"{counted(done, 'picture')}, {translator.value} of {translator.part}, in {seconds:.1f} s: {out}")
    if reader.resized:
        size = " x ".join(map(str, translator.shape[:2]))
        print(f"{reader.resized} of them had another size, and were cut and scaled to {size} pixels")
    if reader.skipped:
        shown = "; ".join(reader.skipped[:10]) + ("; ..." if len(reader.skipped) > 10 else "")
        print(f"Skipped {len(reader.skipped)} that cannot be read: {shown}")
    if sheet is not None:
        print(f"Side by side: {sheet}")
