"""CTGAN: rows of a table, made to order."""

import math
import random
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from keras_gan.data import RowDecoding, Schema
from keras_gan.data.columns import Category
from keras_gan.data.frames import joined
from keras_gan.game import Game, Match
from keras_gan.ground.arguments import check_count, check_number, check_seed, shown
from keras_gan.latents import Gumbel, Latents, RowConditions, get_latents
from keras_gan.layers import RowActivation
from keras_gan.objectives import GradientPenalty, MetConditions, Wasserstein

TRIES = 100  # how many rows are made for one that meets the conditions, at most


@keras.saving.register_keras_serializable("keras_gan")
class CTGAN(Game):
    """Makes rows of a table, of all kinds of columns, which may be told the value of one of them.

    D: D(G(z, c), c) - D(x, c') + 10 (||grad D|| - 1)^2, for packs of ten rows
    G: -D(G(z, c), c) - log P(the category that c asks for)

    The conditions c' are those of the real rows, drawn so that rare categories are seen, and c are the same ones in
    another order: `table.conditioned(batch_size)` gives both. New rows are made for conditions as frequent as in the
    data, and batch normalization uses its averages; ports that do neither make rare categories too often. Of a table
    without categories there are no conditions, and `table.batches(batch_size)` is the data.

    The parts of the data are `real`, encoded rows, `real_condition` and `condition`; the values are `fake`, encoded
    rows, and `rows`, the columns of new rows by name, which the draw `asked` may be told. `compile` defaults to this
    objective and Adam(2e-4, beta_1=0.5, beta_2=0.9).

    Args:
        generator: latents and conditions -> logits of rows, see `networks.row_generator`.
        discriminator: Judges packs of rows with their conditions, see `networks.row_discriminator`.
        schema: The table's columns, `data.Table(...).schema`.
        latents: A `Latents`, or a number of dimensions (standard normal). Defaults to 128.
        packing: How many rows the discriminator judges together. Defaults to 10.
        penalty: The weight of the gradient penalty, at least 0. Defaults to 10.
        temperature: That of choices, see `RowActivation`. Defaults to 0.2.
        seed: All noise of training is a function of it. If None it is drawn, and saved with the model.
        ema: The decay of a moving average of the generator, in (0, 1), or None.
        name: The model's name.

    Example:

    >>> from keras_gan import data, networks
    >>> rng = np.random.default_rng(0)
    >>> table = data.Table({"age": rng.integers(20, 60, 100), "job": rng.choice(["cook", "nurse"], 100)})
    >>> width = table.schema.width
    >>> generator = networks.row_generator(8, width, condition=2, hidden=(8,))
    >>> discriminator = networks.row_discriminator(width, condition=2, packing=2, hidden=(8,))
    >>> game = CTGAN(generator, discriminator, table.schema, latents=8, packing=2, seed=0)
    >>> game.compile()
    >>> history = game.fit(table.conditioned(20), verbose=0)
    >>> game.sample(3, seed=1, conditions={"job": "nurse"})["job"].tolist()
    ['nurse', 'nurse', 'nurse']

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        schema: Schema,
        latents: Latents | int = 128,
        *,
        packing: int = 10,
        penalty: float = 10.0,
        temperature: float = 0.2,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        if not isinstance(schema, Schema):
            raise ValueError(f"`schema` must be that of a `data.Table`. Received: schema={shown(schema)}")
        latents, penalty = get_latents(latents), check_number("penalty", penalty, 0)
        activation = RowActivation(schema.blocks, temperature)
        told = bool(schema.conditions)
        draws = {"latents": latents, "noise": Gumbel(max(sum(schema.blocks), 1))}
        draws |= {"asked": RowConditions([each.counts for each in schema.categories.values()])} if told else {}
        objective = Wasserstein() + penalty * GradientPenalty()
        super().__init__(
            players={
                "generator": generator,
                "discriminator": discriminator,
                "activation": activation,
                "decoding": RowDecoding(schema),
            },
            draws=draws,
            values={
                "raw": "generator(latents, condition)" if told else "generator(latents)",
                "fake": "activation(raw, noise)",
                "drawn": "generator(latents, asked)" if told else "generator(latents)",
                "encoded": "activation(drawn, noise)",
                "rows": "decoding(encoded)",
            },
            matches=Match(
                "discriminator",
                real=("real", "real_condition") if told else "real",
                fake=("fake", "condition") if told else "fake",
                packing=packing,
            ),
            objective=objective + MetConditions("raw", "condition", schema.blocks, schema.conditions)
            if told
            else objective,
            seed=seed,
            ema=ema,
            name=name,
        )
        self.schema, self.latents, self.packing, self.ema = schema, latents, int(packing), ema
        self.penalty, self.temperature = penalty, activation.temperature

    @property
    def tasks(self) -> dict[str, str]:
        """Makes rows of a table."""
        return {"sample": "rows"}

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """Adam(2e-4, beta_1=0.5, beta_2=0.9)."""
        return keras.optimizers.Adam(2e-4, beta_1=0.5, beta_2=0.9)

    def sample(self, n: int, *, conditions: Mapping | None = None, seed: int | None = None, batch_size: int = 10_000):
        """Makes rows of the table, as a DataFrame with the columns and dtypes of the data.

        Args:
            n: How many, at least 0.
            conditions: Column -> the category that every row has, or (low, high) of a column of numbers. The generator
                is told one of the categories, the rarest; rows that do not meet all conditions are made again.
            seed: The same seed gives the same rows. If None one is drawn.
            batch_size: How many rows are made at a time. Defaults to 10,000.

        Returns:
            A pandas DataFrame of exactly `n` rows.

        Raises:
            ValueError: If a condition names no column or no category, or too few of 100 * n rows meet the conditions.
        """
        check_count("n", n, least=0)
        check_count("batch_size", batch_size)
        seed = random.randrange(2**31) if seed is None else check_seed("seed", seed)
        wanted = {name: self._test(name, value) for name, value in (conditions or {}).items()}
        asked = self._asked(conditions or {})
        frames, found, made = [], 0, 0
        while not frames or found < n:
            share = found / made if made else 1.0
            count = min(batch_size, math.ceil(max(n - found, 1) / share)) if share else batch_size
            frame = self._rows(count, asked, seed + made)
            met = np.logical_and.reduce([np.ones(count, bool), *(test(frame[name]) for name, test in wanted.items())])
            frames.append(frame[met][: n - found])
            found, made = found + len(frames[-1]), made + count
            if found < n and made >= TRIES * max(n, 1000):
                raise ValueError(
                    f"`conditions` must be met by what the generator makes. Received: {dict(conditions)}, met by "
                    f"{found} of {made} rows; train longer, or ask for less"
                )
        return frames[0].iloc[:0] if not n else joined(frames)

    def _rows(self, count, asked, seed):
        given = {} if asked is None else {"asked": np.repeat(asked[None], count, axis=0)}
        encoded = self.make("encoded", **given, n=None if given else count, seed=seed, batch_size=count)
        return self.schema.decode(*(part.numpy() for part in self.schema.split(tf.constant(encoded))))

    def _asked(self, conditions):
        """The rarest of the categories that are asked for, one-hot; None if there is none."""
        categories, best, start = self.schema.categories, None, 0
        for name, column in categories.items():
            if name in conditions:
                place = column.place(conditions[name])
                share = column.counts[place] / max(sum(column.counts), 1)
                best = min(best or (share, start + place), (share, start + place))
            start += len(column.values)
        return None if best is None else np.eye(start, dtype="float32")[best[1]]

    def _test(self, name, value):
        """A function that says which values of a column meet a condition."""
        column = self.schema.columns.get(name)
        if column is None:
            raise ValueError(f"`conditions` must name columns: {self.schema.names}. Received: {name!r}")
        if isinstance(column, Category):
            try:
                column.place(value)
            except ValueError as error:
                raise ValueError(f"`conditions`: {name!r}: {error}") from error
            return lambda values: values.isna() if value is None else (values == value).fillna(False)
        if not isinstance(value, tuple | list) or len(value) != 2:
            raise ValueError(
                f"`conditions` must be (low, high) of a column of numbers or dates. Received: {name}={shown(value)}"
            )
        return lambda values: values.between(*value).fillna(False)
