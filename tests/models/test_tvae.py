import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats

from keras_gan import data, networks
from keras_gan.models import TVAE


def make(table, hidden=(4,), dim=3, **options):
    keras.utils.set_random_seed(3)
    encoder = networks.mlp_encoder((table.schema.width,), 2 * dim, hidden=hidden)
    return TVAE(encoder, networks.row_decoder(dim, table.schema.blocks, hidden=hidden), table.schema, dim, **options)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    kind = rng.choice(["a", "b", "c"], 2000, p=[0.7, 0.25, 0.05])
    return data.Table({"kind": kind, "x": rng.normal(np.where(kind == "a", -5.0, 5.0), 0.5)}, modes=4)


@pytest.mark.learns
def test_the_loss_is_that_of_the_paper(table):
    game = make(table, seed=5, factor=3.0)
    game.compile(run_eagerly=True)
    codes = game.encoder.get_layer("codes")
    kernel = codes.get_weights()[0]
    codes.set_weights([0 * kernel, np.array([0.3] * 3 + [-60.0] * 3)])  # codes that no noise moves
    real = next(iter(table.batches(50)))["real"].numpy()
    logs = game.evaluate({"real": real}, batch_size=50, return_dict=True, verbose=0)
    decoded = {name: x.numpy().astype("float64") for name, x in game.decoder(np.full((50, 3), 0.3)).items()}
    likelihood, at, number = np.zeros(50), 0, 0
    for block in table.schema.blocks:
        x, logits = real[:, at : at + max(block, 1)], decoded["logits"][:, at : at + max(block, 1)]
        if block:
            likelihood += (x * scipy.special.log_softmax(logits, axis=1)).sum(axis=1)
        else:
            deviation = decoded["deviations"][:, number]
            likelihood += scipy.stats.norm.logpdf(x[:, 0], np.tanh(logits[:, 0]), deviation)
            number += 1
        at += max(block, 1)
    divergence = 3 * 0.5 * (0.3**2 + np.exp(-60) - 1 + 60)
    expected = -3 * likelihood.mean() + divergence + float(logs["g_regularization"])
    assert float(logs["g_loss"]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.learns
def test_it_learns_the_shares_and_the_numbers(table):
    game = make(table, hidden=(32,), dim=4, seed=0)
    game.compile(generator_optimizer=keras.optimizers.Adam(5e-3))
    game.fit(table.batches(200), epochs=40, verbose=0)
    rows = game.sample(3000, seed=1)
    np.testing.assert_allclose(rows["kind"].value_counts(normalize=True)[["a", "b"]], [0.7, 0.25], atol=0.06)
    means = rows.groupby("kind")["x"].mean()
    np.testing.assert_allclose(means[["a", "b"]], [-5, 5], atol=1.5)


def test_conditions_are_met_by_making_rows_again(table):
    game = make(table, seed=5)
    rows = game.sample(5, conditions={"kind": "b", "x": (-9, 9)}, seed=1)
    assert rows["kind"].tolist() == ["b"] * 5


@pytest.mark.parametrize(("options", "message"), [({"factor": 0}, "`factor` must be .*Received: factor=0")])
def test_what_is_refused(table, options, message):
    with pytest.raises(ValueError, match=message):
        make(table, **options)
