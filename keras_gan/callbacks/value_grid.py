"""Named values of a game side by side: input, output, cycle, target."""

from collections.abc import Mapping, Sequence

import numpy as np

from keras_gan import images
from keras_gan.callbacks.examples import first_examples
from keras_gan.game import Game
from keras_gan.game.making import check_input
from keras_gan.game.wiring import read_reference
from keras_gan.ground import plots
from keras_gan.latents import Categorical

WIDTH = 48  # pixels of a column, for its name
ROWS, POINTS, VECTORS = 8, 1000, 64  # examples of pictures in several columns, of points, and of others
CLASSES = 16  # columns of a value, at most, where its class is drawn


class ValueGrid:
    """Draws values that a game makes from fixed inputs and draws.

    Args:
        game: The game.
        names: The columns: values, parts of `inputs`, or outputs such as `"code.mean"`. None for those that the game
            displays.
        inputs: Data as for `fit`, or None.
        count: Number of examples; None for a default that depends on their kind.
        seed: Seed of the draws.

    Raises:
        ValueError: If a name is neither a value nor a part of `inputs`, an input of a value is not given, or pictures
            of `inputs` are bytes, but the game's range is another one.
    """

    def __init__(self, game: Game, names: Sequence[str] | None, inputs, count: int | None, seed: int):
        self.game, self.seed, self.inputs = game, seed, {}
        if inputs is not None:
            parts = game.parts_of(first_examples(inputs, count or VECTORS, shuffle=False))
            self.inputs = {name: np.asarray(part) for name, part in parts.items()}
            for name, part in self.inputs.items():
                check_input(game, name, part)
        self.names = self._check(names) if names else self._displayed()
        made = [name for name in self.names if name in self.inputs] + self._leaves(self.names)
        self.count = count or self._default_count()
        if set(made) & set(self.inputs):
            self.count = min(self.count, *(len(part) for part in self.inputs.values()))

    def _displayed(self):
        names = [name for name in self.game.displayed if self._is_known(name)]
        if not names:
            raise ValueError(
                f"`inputs` must be given, as {', '.join(self.game.displayed)} are made of parts of the data. "
                "Received: inputs=None"
            )
        return names

    def _check(self, names):
        for name in names:
            if not self._is_known(name):
                known = [*self.game.wiring.values, *self.inputs]
                raise ValueError(
                    f"`values` must name values of the game that can be made of `inputs`, or parts of these: "
                    f"{', '.join(map(repr, known))}. Received: {name!r}, with inputs of {list(self.inputs)}"
                )
        return list(names)

    def _is_known(self, name):
        reference = read_reference(name, "values")
        if reference.name not in self.game.wiring.values:
            return name in self.inputs
        return all(leaf in self.inputs or leaf in self.game.draws for leaf in self.game.wiring.leaves([reference.name]))

    def _leaves(self, names):
        return self.game.wiring.leaves(read_reference(name, "values").name for name in names)

    def _default_count(self):
        if self.game.makes_pictures:
            return ROWS if len(self.names) > 1 else VECTORS
        return POINTS if self.game.example_shape in ((1,), (2,)) else VECTORS

    def columns(self) -> dict[str, np.ndarray]:
        """Returns the examples of each column by its title; a value with a drawn class has a column per class."""
        made = {}
        for name in self.names:
            for title, drawn in self._drawn(name).items():
                made[f"{name} {title}" if title in made else title] = self._column(name, drawn)
        return made

    def _drawn(self, name):
        """Returns title -> given draws for each column of a name: one column per class, or a single one without."""
        value = self.game.wiring.values.get(name)
        for each in value.inputs if value else ():
            prior = self.game.draws.get(each.name)
            if isinstance(prior, Categorical) and prior.count <= CLASSES and each.name not in self.inputs:
                titles = prior.names or [f"{each.name} {i}" for i in range(prior.count)]
                return {title: {each.name: np.full(self.count, i, "int32")} for i, title in enumerate(titles)}
        return {name: {}}

    def _column(self, name, drawn):
        if name in self.inputs:
            return self.inputs[name][: self.count].astype("float32")
        given = {leaf: self.inputs[leaf][: self.count] for leaf in self._leaves([name]) if leaf in self.inputs} | drawn
        return self.game.make(name, n=None if given else self.count, seed=self.seed, **given)

    def draw(self, columns=None, scale=None, value_range=None, real=None) -> np.ndarray:
        """Returns one picture, (H, W, 1, 3 or 4) uint8: see `SampleGrid` for the arguments."""
        made = self.columns()
        if all(images.is_picture(each.shape[1:]) for each in made.values()):
            return self._sheet(made, columns, scale, value_range)
        return np.concatenate([_plot(name, each, real) for name, each in made.items()], axis=1)

    def _sheet(self, made, columns, scale, value_range):
        value_range = value_range or self.game.value_range
        return side_by_side({name: images.to_uint8(each, value_range) for name, each in made.items()}, columns, scale)


def side_by_side(made: Mapping[str, np.ndarray], columns: int | None = None, scale: int | None = None) -> np.ndarray:
    """Returns one picture, (H, W, channels) uint8: a row per example, and a column per name, with the name above.

    Args:
        made: The pictures of each column, (N, height, width, channels) uint8.
        columns: Pictures per row, of as many whole examples as fit side by side.
        scale: Each pixel becomes `scale` x `scale` pixels. Defaults to the least that makes columns as wide as names.
    """
    beside = images.beside(list(made.values()))
    scale = scale or max(1, -(-WIDTH // max(beside.shape[1:3])))
    if len(made) == 1:
        return images.grid(beside, columns, scale=scale)
    across = len(made) * max(1, (columns or 0) // len(made))
    sheet = images.grid(beside, across, scale=scale)
    return images.caption(sheet, list(made) * (across // len(made))) if len(beside) >= across else sheet


def _plot(name, samples, real):
    if samples.shape[1:] == (2,):
        return plots.scatter(samples, real, title=name)
    if samples.shape[1:] == (1,):
        return plots.histogram(samples, real, title=name)
    return plots.rows(samples.reshape(len(samples), -1)[:VECTORS], title=name)
