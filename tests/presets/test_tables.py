"""The presets of tables."""

import keras
import numpy as np
import pandas as pd
import pytest

from keras_gan import data, presets
from keras_gan.models import CTGAN, TVAE
from keras_gan.presets.parts import Sources
from keras_gan.presets.rows import split_kinds


def table(count=40):
    rng = np.random.default_rng(0)
    return data.Table({"age": rng.integers(20, 60, count), "job": rng.choice(["cook", "nurse"], count)})


@pytest.fixture(scope="module")
def rows():
    return table()


@pytest.mark.learns
@pytest.mark.parametrize(("name", "kind"), [("ctgan", CTGAN), ("tvae", TVAE)])
def test_a_model_of_rows_is_that_of_its_paper(rows, name, kind):
    preset = presets.get(name)
    game = preset.build(rows.schema, seed=0)
    assert type(game) is kind
    assert game.tasks == {"sample": "rows"}
    assert (preset.latent_dim, preset.batch_size, game.schema) == (128, 500, rows.schema)
    maker = game.players["generator" if name == "ctgan" else "decoder"]
    hidden = [layer.units for layer in maker.layers if isinstance(layer, keras.layers.Dense)][:2]
    assert hidden == ([256, 256] if name == "ctgan" else [128, 128])
    rates = {side: float(optimizer.learning_rate) for side, optimizer in game.optimizers.items()}
    assert all(np.isclose(rate, 2e-4 if name == "ctgan" else 1e-3) for rate in rates.values())


@pytest.mark.learns
def test_rows_are_trained_on_and_made(rows):
    preset = presets.get("ctgan")
    game = preset.build({"real": rows.schema}, width=4, latent_dim=3, ema=0, seed=0)
    batches = preset.parts.batches({"real": rows}, 20, seed=0, labels=False)
    assert sorted(batches.element_spec) == ["condition", "real", "real_condition"]
    history = game.fit(batches, verbose=0).history
    assert all(np.isfinite(value[0]) for value in history.values())
    assert game.sample(3, conditions={"job": "nurse"}, seed=1)["job"].tolist() == ["nurse"] * 3


@pytest.mark.learns
def test_tables_without_categories_have_no_conditions():
    numbers = data.Table({"x": np.linspace(0, 1, 40)})
    for name in ("ctgan", "tvae"):
        parts = presets.get(name).parts
        assert list(parts.batches({"real": numbers}, 20, seed=0, labels=False).element_spec) == ["real"]
        assert parts.shapes({"real": numbers}, None) == {"real": numbers.schema}
        assert parts.longest({"real": numbers}) is numbers
        assert parts.batch_size(500, [47]) == (40 if name == "ctgan" else 47)
        assert parts.batch_size(500, [4]) == (10 if name == "ctgan" else 4)


def test_columns_and_their_kinds_are_named(tmp_path):
    frame = pd.DataFrame({"zip": [10115, 80331] * 20, "a, b=c": ["1", "2"] * 20, "email": ["a@x", "b@x"] * 20})
    frame.to_csv(tmp_path / "a.csv", index=False)
    named = {"columns": 'zip,"a, b=c"', "kinds": 'zip=category, "a, b=c=integer"'}
    sources = Sources(dataset=f"table:{tmp_path}/a.csv", **named)
    assert presets.get("ctgan").parts.read(sources)["real"].schema.kinds == {"zip": "category", "a, b=c": "number"}


@pytest.mark.parametrize("text", ["zip", "=category", "", "zip=category,born"])
def test_kinds_without_a_name_are_refused(text):
    with pytest.raises(ValueError, match=rf"`kinds` must be NAME=KIND by commas.*Received: kinds='{text}'"):
        split_kinds(text)


@pytest.mark.parametrize(
    ("shape", "settings", "text"),
    [
        ((8, 8, 1), {}, "`shape` must be the schema of a table, .*, for ctgan, .* Received: shape=\\(8, 8, 1\\)"),
        ({"rows": (3,)}, {}, "`shape` must be the schema of a table"),
        (data.Schema.of({"a": [1, 1]}), {}, "with a column that is not one value throughout. Received: shape=<Schema"),
        (data.Schema.of({"a": [1, 2]}), {"labels": 3}, "`labels` must be None for ctgan, which takes none"),
        (data.Schema.of({"a": [1, 2]}), {"network": "dcgan"}, "`network` must be one of auto, mlp for a ctgan"),
        (data.Schema.of({"a": [1, 2]}), {"augmentation": "ada"}, "`augmentation` must be 'none' for ctgan"),
    ],
)
def test_what_does_not_fit_is_refused(shape, settings, text):
    with pytest.raises(ValueError, match=text):
        presets.build("ctgan", shape, **settings)


def test_rows_are_no_pictures():
    with pytest.raises(ValueError, match=r"`shape` must be \(height, width, channels\), .* Received: shape=<Schema"):
        presets.build("dcgan", data.Schema.of({"a": [1, 2]}))


def test_fewer_rows_than_are_judged_together_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n" + "1,a\n2,b\n" * 4, encoding="utf-8")
    parts = presets.get("ctgan").parts
    table = parts.read(presets.Sources(f"table:{tmp_path}/a.csv"))
    for batch_size in (8, 10):
        with pytest.raises(ValueError, match=r"`dataset` must have at least 10 rows, the number that.*Received: 8"):
            parts.batches(table, batch_size, 0, labels=False)
