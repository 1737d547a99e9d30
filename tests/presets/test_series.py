"""The presets of series."""

import numpy as np
import pytest

from keras_gan import data, latents, presets
from keras_gan.models import SeriesGAN
from keras_gan.presets.windows import read_windows

SERIES = data.Windows(np.cumsum(np.random.default_rng(0).normal(size=(120, 2)), axis=0), 8, test=0.2, stretches=2)
NETWORKS = {"series": "mlp", "wavegan": "conv1d", "rcgan": "recurrent"}


def layers(model):
    return {type(layer).__name__ for layer in model.layers}


@pytest.mark.learns
@pytest.mark.parametrize(
    ("name", "kind", "steps", "rate", "prior"),
    [
        ("series", "Dense", 1, 1e-3, latents.Normal(32)),
        ("wavegan", "Conv1DTranspose", 5, 1e-4, latents.Uniform(100)),
        ("rcgan", "GRU", 1, 1e-3, latents.Normal(32)),
    ],
)
def test_a_model_of_windows_is_that_of_its_paper(name, kind, steps, rate, prior):
    preset = presets.get(name)
    game = preset.build(SERIES.schema, width=4, seed=0, jit_compile=False)
    assert type(game) is SeriesGAN
    assert kind in layers(game.generator)
    assert (game.discriminator_steps, game.latents) == (steps, prior)
    assert next(iter(preset.networks)) == NETWORKS[name]
    assert game.ema is not None
    assert float(game.generator_optimizer.learning_rate) == pytest.approx(rate)
    assert game.windows(2, seed=1).shape == (2, 8, 2)


@pytest.mark.learns
def test_labels_of_windows_are_those_of_their_column():
    table = {"x": np.sin(np.arange(80.0)), "who": ["left"] * 40 + ["right"] * 40}
    series, parts = data.Windows(table, 8, label="who"), presets.get("rcgan").parts
    prior = parts.classes({"real": series})
    assert (prior.names, prior.probabilities) == (("left", "right"), [0.5, 0.5])
    game = presets.build("rcgan", series.schema, network="mlp", width=4, labels=prior, run_eagerly=True)
    batches = parts.batches({"real": series}, 8, seed=0, labels=True)
    assert [tuple(spec.shape) for spec in batches.element_spec] == [(8, 8, 1), (8,)]
    history = game.fit(batches, verbose=0, steps_per_epoch=1).history
    assert all(np.isfinite(value[0]) for value in history.values())
    assert set(game.sample(3, labels=[1, 1, 1], seed=1)["label"]) == {"right"}


@pytest.mark.learns
def test_changes_have_no_bounds_and_values_do():
    drawn = presets.get("series").parts
    assert (drawn.changes, presets.get("wavegan").parts.changes, presets.get("rcgan").parts.changes) == (
        True,
        False,
        False,
    )
    for series, last in ((SERIES, "tanh"), (data.Windows(np.sin(np.arange(90.0)), 8, changes=True), "linear")):
        game = presets.build("series", series.schema, width=4, run_eagerly=True)
        assert game.generator.get_layer("output").get_config()["activation"] == last


@pytest.mark.parametrize(
    ("shape", "settings", "text"),
    [
        ((8, 8, 1), {}, "`shape` must be the schema of a series, .*, for series. Received: shape=\\(8, 8, 1\\)"),
        (SERIES.schema, {"network": "dcgan"}, "`network` must be one of auto, mlp, conv1d, recurrent for a series"),
        (SERIES.schema, {"augmentation": "ada"}, "`augmentation` must be 'none' for series"),
        (
            data.Windows(np.arange(120.0), 25).schema,
            {"network": "conv1d"},
            "The length of a series must be even.*in series of the shapes .*<SeriesSchema: 25 moments of x0>",
        ),
    ],
)
def test_what_does_not_fit_is_refused(shape, settings, text):
    with pytest.raises(ValueError, match=text):
        presets.build("series", shape, **settings)


@pytest.mark.learns
def test_series_are_cut_into_stretches_as_far_as_they_are_long(tmp_path):
    parts = presets.get("series").parts
    for count, stretches in ((2_000, 10), (200, 3), (70, 1)):
        path = tmp_path / f"{count}.csv"
        path.write_text("x\n" + "\n".join(map(str, np.sin(np.arange(count)))) + "\n")
        series = parts.read(presets.Sources(dataset=f"series:{path}", window=8))["real"]
        assert (series.stretches, len(parts.longest({"real": series}))) == (stretches, len(series.train))


def test_a_table_of_several_series_is_read_once(tmp_path, recwarn):
    """A gap of time is told once, and dates begin again with each series."""
    days = np.append(np.arange(100), 300 + np.arange(100))
    lines = [f"m{i},{np.datetime64('2020-01-01') + day},{i + day}" for i in range(3) for day in days]
    (tmp_path / "panel.csv").write_text("\n".join(["id,day,x", *lines]) + "\n")
    sources = presets.Sources(dataset=f"series:{tmp_path / 'panel.csv'}", window=8, label="id", columns="x")
    series = read_windows(sources)
    assert (series.stretches, series.class_names, len(series)) == (3, ("m0", "m1", "m2"), 3 * (140 - 7))
    assert [f"{3 * 7} of {3 * (133 + 53)} windows span a gap" in str(each.message) for each in recwarn] == [True]
