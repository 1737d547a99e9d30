"""A GAN of windows of a series, with the schema of its columns."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import keras
import numpy as np

from keras_gan.data import SeriesSchema
from keras_gan.data.series import tabulate
from keras_gan.game import GAN
from keras_gan.ground.arguments import check_count, shown
from keras_gan.latents import Categorical, Latents, Prior

if typing.TYPE_CHECKING:
    import pandas as pd


@keras.saving.register_keras_serializable("keras_gan")
class SeriesGAN(GAN):
    """A `GAN` of windows of a series, which are also available in the units of the data.

    It is trained like every GAN, on the windows in `train` of a `data.Windows`. `sample` returns windows as a table,
    and so does the signature `sample` of an export, whose outputs have the names of the columns.

    Args:
        generator: latents (N, dim)[, labels] -> windows (N, length, columns): see
            `networks.conv1d_generator` and `networks.recurrent_generator`.
        discriminator: windows (N, length, columns)[, labels] -> scores: see `networks.conv1d_discriminator` and
            `networks.recurrent_discriminator`.
        schema: The columns and their scale, `data.Windows(...).schema`.
        latents: A `Latents`, or a number of dimensions (standard normal). Defaults to 32.
        labels: As for `GAN`, and so are `seed`, `ema`, `packing`, `value_range` and `name`.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of a moving average of the generator, which then generates the windows; or None.
        packing: Number of windows that the discriminator judges together. Defaults to 1.
        value_range: Not used for windows.
        name: The model's name.

    Raises:
        ValueError: If the players, the schema, the latents and the labels do not fit each other.

    Example:

    >>> from keras_gan import data, networks
    >>> series = data.Windows(np.sin(np.arange(80.0)), length=8)
    >>> shape = series.schema.shape
    >>> players = networks.recurrent_generator(4, shape, depth=1), networks.recurrent_discriminator(shape, depth=1)
    >>> gan = SeriesGAN(*players, series.schema, latents=4, seed=0)
    >>> gan.sample(2, seed=1).columns.tolist()
    ['window', 'moment', 'x0']

    Reference: [Donahue et al., 2019](https://arxiv.org/abs/1802.04208);
    [Esteban et al., 2017](https://arxiv.org/abs/1706.02633).
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        schema: SeriesSchema,
        latents: Latents | int = 32,
        *,
        labels: Prior | int | None = None,
        seed: int | None = None,
        ema: float | keras.optimizers.schedules.LearningRateSchedule | None = None,
        packing: int = 1,
        value_range: tuple[float, float] | None = None,
        name: str | None = None,
    ):
        if not isinstance(schema, SeriesSchema):
            raise ValueError(f"`schema` must be that of a `data.Windows`. Received: schema={shown(schema)}")
        super().__init__(
            generator,
            discriminator,
            latents,
            labels=labels,
            seed=seed,
            ema=ema,
            packing=packing,
            value_range=value_range,
            name=name,
        )
        if self.example_shape != schema.shape:
            raise ValueError(
                f"`generator` must make windows of the schema's shape, {schema.shape}. Received: {self.example_shape}"
            )
        self.schema = schema

    def windows(
        self, n: int, *, labels: Sequence | int | None = None, seed: int | None = None, batch_size: int = 1024
    ) -> np.ndarray:
        """Generates windows in the units of the data, within its bounds: (n, length, columns) float64; see `sample`."""
        made = self.schema.decode(self.generate(n, labels=labels, seed=seed, batch_size=batch_size))
        return made.clip(self.schema.low, self.schema.high)

    def sample(
        self, n: int, *, labels: Sequence | int | None = None, seed: int | None = None, batch_size: int = 1024
    ) -> pd.DataFrame:
        """Generates windows in the units of the data, as a table.

        Args:
            n: Number of windows, at least 1.
            labels: As for `generate`: n labels, one for all, or None for drawn ones.
            seed: The same seed gives the same windows. Random if None.
            batch_size: Number of windows that are made at a time. Defaults to 1,024.

        Returns:
            A pandas DataFrame with a row for each moment: `window`, `moment`, `label` if labels were given that have
            names, and the columns of the data.

        Raises:
            ValueError: If `n` or a label is out of range.
        """
        check_count("n", n)
        made = self.windows(n, labels=labels, seed=seed, batch_size=batch_size)
        names = self.labels.names if isinstance(self.labels, Categorical) else None
        titles = None if labels is None or names is None else np.asarray(names, object)[np.broadcast_to(labels, n)]
        return tabulate(self.schema.columns(made), titles)

    def get_config(self) -> dict:
        """Returns the arguments of the constructor, including the players."""
        return {**super().get_config(), "schema": keras.saving.serialize_keras_object(self.schema)}

    @classmethod
    def from_config(cls, config: dict) -> SeriesGAN:
        return super().from_config({**config, "schema": keras.saving.deserialize_keras_object(config["schema"])})
