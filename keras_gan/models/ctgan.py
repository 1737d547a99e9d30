"""CTGAN: rows of a table, with a given category on request."""

import keras

from keras_gan.data import RowDecoding, Schema
from keras_gan.game import Match
from keras_gan.ground.arguments import check_flag, check_number
from keras_gan.latents import Gumbel, Latents, Prior, RowConditions, get_latents
from keras_gan.layers import RowActivation
from keras_gan.models.row_maker import RowMaker, check_schema
from keras_gan.objectives import GradientPenalty, MetConditions, Wasserstein


@keras.saving.register_keras_serializable("keras_gan")
class CTGAN(RowMaker):
    """Generates rows of a table, of all kinds of columns, also with a given category in one of them.

    D: D(G(z, c), c) - D(x, c') + 10 (||grad D|| - 1)^2, for packs of ten rows
    G: -D(G(z, c), c) - log P(the category in c)

    The conditions c' are those of the real rows, drawn so that rare categories occur, and c are the same conditions in
    another order: `table.conditioned(batch_size)` gives both. New rows are made for conditions as frequent as in the
    data, and batch normalization uses its averages; ports that do neither make rare categories too often. For a table
    without categories, or with `conditional=False`, there are no conditions, and `table.batches(batch_size)` is the
    data.

    The parts of the data are `real`, encoded rows, `real_condition` and `condition`; the values are `fake`, encoded
    rows, and `rows`, the columns of new rows by name, made for the condition in the draw `asked`. `compile` defaults to
    this objective and Adam(2e-4, beta_1=0.5, beta_2=0.9).

    Args:
        generator: latents and conditions -> logits of rows, see `networks.row_generator`.
        discriminator: Judges packs of rows with their conditions, see `networks.row_discriminator`.
        schema: The table's columns, `data.Table(...).schema`.
        latents: A `Latents`, or a number of dimensions (standard normal). Defaults to 128.
        packing: Number of rows that the discriminator judges together. Defaults to 10.
        penalty: The weight of the gradient penalty, at least 0. Defaults to 10.
        temperature: The temperature of choices, see `RowActivation`. Defaults to 0.2.
        conditional: Whether the players get categories. If False, each row is drawn as often as any other, which
            `privacy.PrivateOptimizer` needs. Defaults to True.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
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
        conditional: bool = True,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        check_schema(schema)
        latents, penalty = get_latents(latents), check_number("penalty", penalty, 0)
        activation = RowActivation(schema.blocks, temperature)
        check_flag("conditional", conditional)
        conditioned = conditional and bool(schema.conditions)
        draws: dict[str, Prior] = {"latents": latents, "noise": Gumbel(max(sum(schema.blocks), 1))}
        draws |= {"asked": RowConditions([each.counts for each in schema.categories.values()])} if conditioned else {}
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
                "raw": "generator(latents, condition)" if conditioned else "generator(latents)",
                "fake": "activation(raw, noise)",
                "drawn": "generator(latents, asked)" if conditioned else "generator(latents)",
                "encoded": "activation(drawn, noise)",
                "rows": "decoding(encoded)",
            },
            matches=Match(
                "discriminator",
                real=("real", "real_condition") if conditioned else "real",
                fake=("fake", "condition") if conditioned else "fake",
                packing=packing,
            ),
            objective=objective + MetConditions("raw", "condition", schema.blocks, schema.conditions)
            if conditioned
            else objective,
            seed=seed,
            ema=ema,
            name=name,
        )
        self.schema, self.latents, self.packing, self.ema = schema, latents, int(packing), ema
        self.penalty, self.temperature, self.conditional = penalty, activation.temperature, conditional

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """Returns Adam(2e-4, beta_1=0.5, beta_2=0.9)."""
        return keras.optimizers.Adam(2e-4, beta_1=0.5, beta_2=0.9)
