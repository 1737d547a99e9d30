"""What is saved is what is loaded: in a fresh process, with `safe_mode=True`, and by every later version.

`tests/golden/gan-0.1.0.keras` was written once, by `python -m tests.conformance.test_round_trips` in the repository's
root at version 0.1.0. It must load as it is in all later versions: it is never written again. What it must generate
stands beside it.
"""

import json
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_gan import GAN, latents, layers, networks, objectives
from keras_gan.augmentations import AdaptiveAugmentation
from keras_gan.replay import FakePool

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"
SHAPE, CLASSES = (8, 8, 1), 3
IMAGES = np.random.default_rng(0).uniform(-1, 1, (4, *SHAPE)).astype("float32")
LABELS = np.arange(4) % CLASSES

# Loads every file that is named, and tells what each generates, what it is, and how it goes on after one more step.
CHILD = """
import json, sys
import numpy as np
import keras, keras_gan

told = {}
for path in sys.argv[1:]:
    gan = keras.models.load_model(path, safe_mode=True)
    made = gan.generate(2, seed=1).tolist()
    known = {"config": gan.get_config(), "compile": gan.get_compile_config(), "step": int(gan.step.numpy())}
    told[path] = {"made": made, **known, "sum": float(sum(np.abs(w).sum(dtype="float64") for w in gan.get_weights()))}
print(json.dumps(told))
"""


def dense(labels=None, seed=0):
    keras.utils.set_random_seed(seed)
    generator = networks.mlp_generator(4, SHAPE, hidden=(4,), output_activation="tanh", labels=labels)
    return generator, networks.mlp_discriminator(SHAPE, hidden=(4,), labels=labels)


def plain():
    gan = GAN(*dense(), 4, seed=1, name="plain")
    gan.compile("relativistic_paired + 0.5 * (r1 + r2)")
    return gan


def conditional():
    gan = GAN(*dense(CLASSES), latents.Uniform(4), labels=latents.Categorical([0.5, 0.25, 0.25]), seed=2, name="cond")
    gan.compile("wasserstein + 10 * gradient_penalty(target=0)", discriminator_constraint="non_neg")
    return gan


def averaged():
    gan = GAN(*dense(), latents.Sphere(4), seed=3, ema=0.5, name="averaged")
    rates = [keras.optimizers.schedules.CosineDecay(0.01, 10), 0.02]
    gan.compile("hinge", *(keras.optimizers.Adam(rate, beta_1=0.0) for rate in rates), discriminator_steps=2)
    return gan


def with_everything_that_learns():
    gan = GAN(*dense(), 4, seed=4, name="learning")
    gan.compile("non_saturating + le_cam", augmentation=AdaptiveAugmentation("blit", p=0.2), replay=FakePool(4))
    return gan


def of_layers():
    """Players of every public layer that fits into one."""
    keras.utils.set_random_seed(5)
    z, y = keras.Input((4,)), keras.Input((), dtype="int32")
    x = keras.layers.Reshape((4, 4, 8))(keras.layers.Dense(128)(z))
    x = layers.PixelNormalization()(layers.ConditionalBatchNormalization(CLASSES)([x, y]))
    x = layers.SelfAttention()(layers.VirtualBatchNormalization()(x))
    x = layers.PixelShuffle(2)(layers.WeightNormalization(keras.layers.Conv2D(4, 3, padding="same"))(x))
    x = layers.GroupNormalization(1)(layers.LayerNormalization()(layers.BatchNormalization()(x)))
    x = layers.Resizing(8, 8)(layers.UpSampling2D(interpolation="bilinear")(x))
    generator = keras.Model([z, y], keras.layers.Activation("tanh")(x), name="g")
    x, y = keras.Input(SHAPE), keras.Input((), dtype="int32")
    h = layers.SpectralNormalization(keras.layers.Conv2D(8, 3, 2))(layers.GaussianNoise(0.1)(x))
    h = keras.layers.Flatten()(layers.MinibatchStandardDeviation()(h))
    h = layers.MinibatchDiscrimination(2, 2)(layers.Dropout(0.1)(layers.Maxout(4, 2)(h)))
    discriminator = keras.Model([x, y], layers.Projection(CLASSES)([h, y]), name="d")
    gan = GAN(generator, discriminator, 4, labels=CLASSES, seed=5, name="layers")
    gan.compile("hinge")
    return gan


def mixed():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        gan = GAN(*dense(), 4, seed=6, name="mixed")
    finally:
        keras.config.set_dtype_policy("float32")
    gan.compile("minimax")
    return gan


def packed():
    generator, _ = dense()
    gan = GAN(generator, networks.mlp_discriminator(SHAPE, hidden=(4,), packing=2), 4, seed=7, packing=2, name="packed")
    gan.compile(objectives.Players(discriminator=objectives.Hinge(), generator=objectives.NonSaturating()))
    return gan


def uncompiled():
    return GAN(*dense(), latents.Codes(1, (2,), 1), seed=8, name="uncompiled")


GAMES = (plain, conditional, averaged, with_everything_that_learns, of_layers, mixed, packed, uncompiled)


def play(gan):
    """One epoch, so that nothing is as it was made; without a graph, as so few steps are not worth one."""
    if gan.compiled:
        gan.run_eagerly = True
        labels = (LABELS,) if gan.takes_labels else ()
        gan.fit(IMAGES, *labels, batch_size=2, verbose=0)
        gan.run_eagerly = False
    return gan


def as_json(value):
    return json.loads(json.dumps(value))


def tell(gan):
    known = {"config": gan.get_config(), "compile": gan.get_compile_config(), "step": int(gan.step.numpy())}
    total = float(sum(np.abs(weight).sum(dtype="float64") for weight in gan.get_weights()))
    return as_json(known) | {"made": gan.generate(2, seed=1), "sum": total}


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Each game after an epoch, its file, and what a fresh process tells of all files and the golden one."""
    folder, games = tmp_path_factory.mktemp("games"), {make.__name__: play(make()) for make in GAMES}
    paths = {name: str(folder / f"{name}.keras") for name in games}
    for name, gan in games.items():
        gan.save(paths[name])
    paths["golden"] = str(next(GOLDEN.glob("*.keras")))
    command = [sys.executable, "-c", CHILD, *paths.values()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return games, paths, {name: told[path] for name, path in paths.items()}


@pytest.mark.process
@pytest.mark.parametrize("name", [make.__name__ for make in GAMES])
def test_a_fresh_process_loads_what_was_saved(played, name):
    games, _, told = played
    here, there = tell(games[name]), told[name]
    np.testing.assert_allclose(there["made"], here["made"], rtol=1e-5, atol=1e-6)
    for key in ("config", "compile", "step"):
        assert there[key] == here[key]
    assert there["sum"] == pytest.approx(here["sum"], rel=1e-12)


@pytest.mark.process
@pytest.mark.parametrize("make", GAMES)
def test_weights_alone_and_the_configuration_alone(played, tmp_path, make):
    gan = played[0][make.__name__]
    gan.save_weights(tmp_path / "gan.weights.h5")
    again = GAN.from_config(as_json(gan.get_config()))
    if gan.compiled:
        again.compile_from_config(as_json(gan.get_compile_config()))
    again.load_weights(tmp_path / "gan.weights.h5")
    assert as_json(again.get_config()) == as_json(gan.get_config())
    assert as_json(again.get_compile_config()) == as_json(gan.get_compile_config())
    variables = [[*each.variables, *(each.optimizer.variables if each.compiled else [])] for each in (gan, again)]
    assert [v.shape for v in variables[0]] == [v.shape for v in variables[1]]
    for kept, loaded in zip(*variables, strict=True):
        if not kept.path.endswith("seed_generator_state"):  # drawn anew from the noise before each move
            np.testing.assert_array_equal(kept.numpy(), loaded.numpy(), err_msg=kept.path)


@pytest.mark.learns
def test_every_layer_is_in_a_game():
    used = {type(layer).__name__ for player in of_layers()._flatten_layers() for layer in player._flatten_layers()}
    offered = {name for name in layers.__all__ if isinstance(getattr(layers, name), type)}
    # tests/models and tests/networks save these
    elsewhere = {"AnomalyScore", "Basis", "Composite", "EqualizedLearningRate", "FilteredResampling2D"}
    elsewhere |= {"GaussianPosterior", "GroupedConv2D", "Hole", "LearnedMap", "ModulatedConv2D", "RandomQuadrant"}
    elsewhere |= {"ReflectionPadding2D", "SampledPlaces", "ScaledNoise", "StyleMixing", "Truncation"}
    elsewhere |= {"Deviations", "PhaseShuffle", "RowActivation", "RowDraw"}
    assert offered - used == {"Advancing", *elsewhere}  # the first is a base class


@pytest.mark.process
def test_the_golden_file_generates_what_it_did(played):
    told, known = played[2]["golden"], json.loads((GOLDEN / "gan-0.1.0.json").read_text())
    np.testing.assert_allclose(told["made"], known["made"], rtol=1e-5, atol=1e-5)
    assert told["step"] == known["step"] == 2
    assert told["compile"]["discriminator_steps"] == 1
    assert told["config"]["name"] == "golden"
    assert (GOLDEN / "gan-0.1.0.keras").stat().st_size < 200_000


@pytest.mark.learns
def test_the_golden_game_goes_on():
    gan = keras.models.load_model(GOLDEN / "gan-0.1.0.keras", safe_mode=True)
    gan.fit(IMAGES, LABELS, batch_size=2, verbose=0)
    assert int(gan.step.numpy()) == 4
    assert np.all(np.isfinite(gan.generate(2, seed=1)))


def golden():
    """The game of the golden file: convolutions, classes, an average, a sum of objectives, after two steps."""
    keras.utils.set_random_seed(0)
    generator = networks.dcgan_generator(4, SHAPE, filters=4, labels=CLASSES)
    discriminator = networks.dcgan_discriminator(SHAPE, filters=4, hidden=8, labels=CLASSES)
    gan = GAN(generator, discriminator, 4, labels=CLASSES, ema=0.5, seed=0, name="golden")
    gan.compile("relativistic_paired + 5 * r1 + 5 * r2")
    return play(gan)


if __name__ == "__main__":
    game = golden()
    game.save(GOLDEN / "gan-0.1.0.keras", overwrite=False)
    known = {"made": np.asarray(game.generate(2, seed=1), "float64").round(7).tolist(), "step": int(game.step.numpy())}
    (GOLDEN / "gan-0.1.0.json").write_text(json.dumps(known) + "\n", encoding="utf-8")
