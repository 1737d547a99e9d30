"""TVAE: a variational autoencoder of rows of a table."""

import keras

from keras_gan.data import RowDecoding, Schema
from keras_gan.ground.arguments import check_number
from keras_gan.latents import Gumbel, Normal
from keras_gan.layers import GaussianPosterior, RowDraw
from keras_gan.models.row_maker import RowMaker, check_schema
from keras_gan.objectives import GaussianDivergence, RowLikelihood


@keras.saving.register_keras_serializable("keras_gan")
class TVAE(RowMaker):
    """Trains an encoder and a decoder of rows of a table; the decoder then generates rows.

    factor (-log p(row | z)) + KL(q(z | row) || N(0, I))

    A number has the distribution N(tanh(l), d^2) with a learned deviation d, a choice softmax(l). New rows are drawn
    from both; ports that take the likeliest category make rare ones too rarely. The part of the data is `real`, encoded
    rows, as `table.batches(batch_size)` gives them; the values are `code`, `decoded`, `encoded`, encoded new rows, and
    `rows`, their columns by name. `compile` defaults to this objective and Adam(1e-3).

    Args:
        encoder: rows -> codes (N, 2 dim), the means beside the logarithms of the variances.
        decoder: codes (N, dim) -> a dict of `"logits"` and `"deviations"`, see `networks.row_decoder`.
        schema: The table's columns, `data.Table(...).schema`.
        dim: The number of dimensions of a code. Defaults to 128.
        factor: The weight of the likelihood, above 0. Defaults to 2, as in the authors' code.
        seed: Seed of all noise of training. If None it is drawn, and saved with the model.
        ema: The decay of moving averages of both players, in (0, 1), or None.
        name: The model's name.

    Example:

    >>> from keras_gan import data, networks
    >>> rng = np.random.default_rng(0)
    >>> table = data.Table({"age": rng.integers(20, 60, 100), "job": rng.choice(["cook", "nurse"], 100)})
    >>> encoder = networks.mlp_encoder((table.schema.width,), 2 * 3, hidden=(8,))
    >>> game = TVAE(encoder, networks.row_decoder(3, table.schema.blocks, hidden=(8,)), table.schema, dim=3, seed=0)
    >>> game.compile()
    >>> history = game.fit(table.batches(20), verbose=0)
    >>> game.sample(3, seed=1).shape
    (3, 2)

    Reference: [Xu et al., 2019](https://arxiv.org/abs/1907.00503), section 4.5.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        schema: Schema,
        dim: int = 128,
        *,
        factor: float = 2.0,
        seed: int | None = None,
        ema: float | None = None,
        name: str | None = None,
    ):
        check_schema(schema)
        factor = check_number("factor", factor, 0, ends="()")
        super().__init__(
            players={
                "encoder": encoder,
                "decoder": decoder,
                "posterior": GaussianPosterior(),
                "draw": RowDraw(schema.blocks),
                "decoding": RowDecoding(schema),
            },
            draws={
                "latents": Normal(dim),
                "noise": Normal(dim),
                "gumbel": Gumbel(max(sum(schema.blocks), 1)),
                "normal": Normal(max(schema.blocks.count(0), 1)),
            },
            values={
                "hidden": "encoder(real)",
                "code": "posterior(hidden, noise)",
                "decoded": "decoder(code.sample)",
                "made": "decoder(latents)",
                "encoded": "draw(made, gumbel, normal)",
                "rows": "decoding(encoded)",
            },
            objective=factor * RowLikelihood("real", "decoded.logits", "decoded.deviations", schema.blocks)
            + GaussianDivergence("code.mean", "code.log_variance"),
            seed=seed,
            ema=ema,
            name=name,
        )
        self.schema, self.dim, self.factor, self.ema = schema, dim, factor, ema

    def default_optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """Returns Adam(1e-3)."""
        return keras.optimizers.Adam(1e-3)
