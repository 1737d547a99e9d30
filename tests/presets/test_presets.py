"""Every preset is its paper's recipe, line by line, and plays."""

import dataclasses
import math
import re

import keras
import numpy as np
import pytest

from keras_gan import GAN, data, images, latents, objectives, presets
from keras_gan.layers import BatchNormalization, SpectralNormalization
from keras_gan.presets.two_players import TwoPlayers

SHAPE = (8, 8, 1)
NORMAL = latents.Normal(100)
DRAW = np.random.default_rng(0)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What a paper says.

    Attributes:
        loss: Its objective, as an expression.
        maker: The class, rate and momenta of the generator's optimizer.
        judge: Those of the discriminator's; None if they are the same.
        steps: The discriminator's moves per step.
        normalized: How hidden layers of the discriminator are normalised.
        prior: What the latents are drawn from.
        batch: Examples per batch.
    """

    loss: str
    maker: tuple
    judge: tuple | None = None
    steps: int = 1
    normalized: type | None = None
    prior: latents.Latents = NORMAL
    batch: int = 64


def adam(rate, beta_1, beta_2=0.999):
    return "Adam", rate, {"beta_1": beta_1, "beta_2": beta_2}


RECIPES = {
    "gan": Recipe("relativistic_paired + 5 * r1 + 5 * r2", adam(2e-3, 0.0, 0.99), prior=latents.Normal(64)),
    # 1511.06434, section 4: Adam of rate 0.0002 and momentum 0.5, batches of 128, U(-1, 1) of 100 dimensions
    "dcgan": Recipe(
        "non_saturating", adam(2e-4, 0.5), normalized=BatchNormalization, prior=latents.Uniform(100), batch=128
    ),
    # 1611.04076, section 4: Adam of rate 0.0002 for written characters, beta_1 0.5 as DCGAN; a, b, c = 0, 1, 1
    "lsgan": Recipe("least_squares", adam(2e-4, 0.5), normalized=BatchNormalization),
    # 1701.07875, algorithm 1: RMSProp, alpha 0.00005, c 0.01, m 64, n_critic 5
    "wgan": Recipe(
        "wasserstein", ("RMSprop", 5e-5, {"rho": 0.99, "epsilon": 1e-16}), steps=5, normalized=BatchNormalization
    ),
    # 1704.00028, algorithm 1: lambda 10, n_critic 5, alpha 0.0001, beta_1 0, beta_2 0.9; no batch normalisation
    "wgan_gp": Recipe("wasserstein + 10 * gradient_penalty", adam(1e-4, 0.0, 0.9), steps=5, prior=latents.Normal(128)),
    # 1802.05957, section 4: alpha 0.0002, beta_1 0, beta_2 0.9, n_dis 5, the hinge loss for residual networks
    "sngan": Recipe(
        "hinge", adam(2e-4, 0.0, 0.9), steps=5, normalized=SpectralNormalization, prior=latents.Normal(128)
    ),
    # 1805.08318, section 4: rates 0.0001 of G and 0.0004 of D, beta_1 0, beta_2 0.9, one move each, the hinge loss
    "sagan": Recipe(
        "hinge",
        adam(1e-4, 0.0, 0.9),
        adam(4e-4, 0.0, 0.9),
        normalized=SpectralNormalization,
        prior=latents.Normal(128),
    ),
    # 1705.07215, section 2.3 and the code: lambda 10, of DCGAN without batch normalisation in the discriminator
    "dragan": Recipe("non_saturating + 10 * dragan", adam(2e-4, 0.5)),
    # 1702.08431, the authors' code: Adam of rate 0.0001 and beta_1 0.5, 128 dimensions
    "bgan": Recipe("boundary_seeking", adam(1e-4, 0.5), normalized=BatchNormalization, prior=latents.Normal(128)),
    # 1606.03657, appendix C: rates 0.0002 of D and 0.001 of G; 62 noise, a code of 10 classes, two of U(-1, 1)
    "infogan": Recipe(
        "non_saturating + mutual_information(categorical=(10,), continuous=2)",
        adam(1e-3, 0.5),
        adam(2e-4, 0.5),
        normalized=BatchNormalization,
        prior=latents.Codes(62, (10,), 2),
        batch=128,
    ),
    "cgan": Recipe("non_saturating", adam(2e-4, 0.5)),
    # 1610.09585, appendix A: Adam(0.0002, 0.5, 0.999), batches of 100, dropout of 0.5
    "acgan": Recipe("non_saturating + auxiliary_classifier", adam(2e-4, 0.5), normalized=BatchNormalization, batch=100),
    "sgan": Recipe("players(discriminator=semi_supervised, generator=feature_matching)", adam(3e-4, 0.5)),
    "ebgan": Recipe("energy_margin(margin=1) + 0.1 * pulling_away", adam(1e-3, 0.5)),
    # 1703.10717, section 4: Adam of rate 0.0001; gamma, lambda_k = 0.001
    "began": Recipe("boundary_equilibrium(gamma=0.5, rate=0.001)", adam(1e-4, 0.9), prior=latents.Normal(64)),
}


def of_gan(name):
    return isinstance(presets.get(name).make, TwoPlayers)


def build(preset, shape=SHAPE, **options):
    labels = 3 if presets.get(preset).parts.labels == "required" else None
    width = 8 if preset == "sagan" else 2  # attention asks for 8
    return presets.build(preset, shape, **{"width": width, "labels": labels, "seed": 0, "run_eagerly": True, **options})


def test_every_recipe_of_a_gan_is_in_the_table():
    assert set(RECIPES) == set(filter(of_gan, presets.names()))


@pytest.fixture(scope="module", params=RECIPES)
def recipe(request):
    """A recipe, and the GAN that its preset builds, of one move of the discriminator."""
    return RECIPES[request.param], presets.get(request.param), build(request.param, discriminator_steps=1)


def check_optimizer(optimizer, kind, rate, options):
    known = optimizer.get_config()
    assert type(optimizer).__name__ == kind
    made = known["learning_rate"]
    start = made["config"]["initial_learning_rate"] if isinstance(made, dict) else made
    assert math.isclose(start, rate, rel_tol=1e-6)
    assert {name: known[name] for name in options} == options


@pytest.mark.learns
def test_a_recipe_is_that_of_its_paper(recipe):
    paper, preset, gan = recipe
    assert type(gan) is GAN
    assert preset.defaults((28, 28))["objective"] == paper.loss
    assert gan.given_objective == objectives.get(paper.loss)
    for side, optimizer in (("generator", paper.maker), ("discriminator", paper.judge or paper.maker)):
        check_optimizer(getattr(gan, f"{side}_optimizer"), *optimizer)
    assert preset.discriminator_steps == paper.steps
    assert gan.latents == paper.prior
    assert preset.batch_size == paper.batch
    assert gan.reuse_fakes is preset.reuse_fakes is (preset.name == "gan")
    assert any(isinstance(layer, BatchNormalization) for layer in gan.generator.layers)


@pytest.mark.parametrize(
    ("name", "labels", "units"), [("gan", None, [24, 24, 96]), ("gan", 10, [96]), ("dcgan", None, [96])]
)
def test_the_default_generator_without_labels_has_two_more_dense_layers(name, labels, units):
    plan = presets.Plan({"real": (16, 16, 1)}, "dcgan", 3, 5, labels, 1, {})
    maker = presets.get(name).make.generator(plan, 5)
    assert [layer.units for layer in maker.layers if isinstance(layer, keras.layers.Dense)] == units


@pytest.mark.parametrize("name", RECIPES)
def test_a_discriminator_is_normalised_as_in_its_paper(name):
    preset = presets.get(name)
    network = next(iter(preset.networks))
    plan = presets.Plan({"real": (16, 16, 1)}, network, 8, 4, 3, 1, {})
    check_normalization(preset.make.discriminator(plan, None), RECIPES[name].normalized)


def check_normalization(judge, kind):
    kinds = [type(layer) for layer in judge.layers]
    convolutions = kinds.count(keras.layers.Conv2D)
    if kind is BatchNormalization:  # none on the first layer, which sees pictures
        assert kinds.count(kind) == convolutions - 1 > 0
    elif kind is SpectralNormalization:
        assert kinds.count(kind) > 5
        assert convolutions == 0
    else:
        assert not {BatchNormalization, SpectralNormalization} & set(kinds)


def test_what_else_papers_say():
    assert presets.get("wgan").compiled()["discriminator_constraint"].limit == 0.01
    code = presets.get("infogan").make.head
    assert code[0] == "code"
    acgan = presets.get("acgan")
    assert (acgan.make.dropout, acgan.make.labelled) == (0.5, False)  # the discriminator finds the class itself
    assert all(presets.get(name).ema == 0 for name in RECIPES if name != "gan")
    assert not any(presets.get(name).optimizer_of("generator").falls for name in RECIPES if name != "gan")


@pytest.mark.learns
def test_a_recipe_is_played_and_comes_back(recipe, tmp_path):
    _, preset, gan = recipe
    x, y = DRAW.uniform(-1, 1, (4, *SHAPE)).astype("float32"), np.arange(4) % 3
    before = [weight.copy() for weight in gan.generator.get_weights()]
    history = gan.fit(*((x, y) if preset.parts.labels == "required" else (x,)), batch_size=4, verbose=0).history
    assert all(np.isfinite(value[0]) for value in history.values())
    assert any((a != b).any() for a, b in zip(before, gan.generator.get_weights(), strict=True))
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras", safe_mode=True)
    assert loaded.objective == gan.objective
    np.testing.assert_array_equal(loaded.generate(2, seed=1), gan.generate(2, seed=1))


OWN_NETWORKS = {"r3gan", "fastgan", "biggan"}  # of a GAN, each with a test of its own
OF_PICTURES = [name for name in presets.names() if presets.get(name).parts.kind == "pictures"]
OTHERS = [name for name in OF_PICTURES if not of_gan(name) and name not in OWN_NETWORKS]


@pytest.mark.learns
@pytest.mark.parametrize("name", OTHERS)
def test_a_family_is_built_of_pictures(name):
    preset = presets.get(name)
    game = build(name, latent_dim=3)
    assert game.name == name
    assert game.compiled
    for side in game.sides:
        falls = preset.optimizer_of(side).falls
        check_optimizer(
            getattr(game, f"{side}_optimizer"), preset.optimizer_of(side).kind, preset.optimizer_of(side).rate, {}
        )
        assert isinstance(getattr(game, f"{side}_optimizer").get_config()["learning_rate"], dict) == falls
    assert game.tasks  # what a run exports


@pytest.mark.learns
@pytest.mark.parametrize("name", OF_PICTURES)
def test_layers_begin_with_numbers_of_their_own(name):
    """One initializer without a seed gives the same numbers to all layers that share it, but for their scale."""
    game = build(name)
    kernels = {id(each): np.ravel(each)[:4] for each in game.trainable_variables}
    starts = [each / np.linalg.norm(each) for each in kernels.values() if len(each) == 4 and np.ptp(each) > 0]
    alike = np.abs(np.array(starts) @ np.transpose(starts)) > 1 - 1e-6
    assert alike.sum() == len(starts) > 1


def test_players_may_be_one_unit_wide():
    assert build("semi_supervised_aae", width=1, latent_dim=1, labels=2).compiled


def test_settings_win_over_the_preset():
    gan = build(
        "wgan_gp",
        shape={"real": (8, 8, 1)},
        latent_dim=5,
        objective="hinge",
        generator_lr=1.0,
        discriminator_lr=2.0,
        discriminator_steps=3,
        ema=0.5,
        name="mine",
        reuse_fakes=True,
    )
    assert (gan.name, gan.latents.dim, gan.discriminator_steps, gan.reuse_fakes) == ("mine", 5, 3, True)
    assert gan.objective == objectives.get("hinge")
    assert (float(gan.generator_optimizer.learning_rate), float(gan.discriminator_optimizer.learning_rate)) == (1, 2)
    assert gan.ema.decay == 0.5


def test_rates_of_several_makers_change_alike():
    optimizer = {"encoder": presets.adam(3e-4, 0.9), "decoder": presets.adam(6e-4, 0.9)}
    preset = dataclasses.replace(presets.get("vae"), optimizer=optimizer)
    assert preset.rates == {"generator_lr": 3e-4, "discriminator_lr": 3e-4}
    rates = {"generator_lr": 1.5e-4, "discriminator_lr": 1.0}
    assert math.isclose(preset.rate_of("decoder", rates), 3e-4)
    assert preset.rate_of("encoder", rates) == 1.5e-4


def test_large_pictures_have_smaller_rates_and_larger_penalties():
    large = presets.get("gan").defaults((128, 128))
    assert (large["objective"], large["generator_lr"]) == ("relativistic_paired + 20 * r1 + 20 * r2", 1e-3)
    assert presets.get("dcgan").defaults((128, 128))["generator_lr"] == 2e-4


@pytest.mark.parametrize("name", presets.names())
def test_a_row_is_whole(name):
    preset = presets.get(name)
    assert preset.name == name
    assert re.fullmatch(r"\d{4}\.\d{4,5}", preset.paper)
    assert set(preset.defaults((28, 28))) == {
        *("network", "width", "latent_dim", "objective", "generator_lr", "discriminator_lr"),
        *("discriminator_steps", "reuse_fakes", "batch_size", "ema"),
    }
    assert preset.parts.labels in ("required", "optional", "none")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (("wgan-gp", SHAPE), r"`name` must be a preset; did you mean wgan_gp.*: gan, dcgan.* Received: name='wgan-gp'"),
        (("nonsense", SHAPE), r"`name` must be a preset, one of: gan, dcgan"),
        ((3, SHAPE), r"`name` must be a preset, one of: .* Received: name=3"),
        (("cycle_gan", {"a": SHAPE}), r"`shape` must name \['b'\] for cycle_gan. Received: shape="),
        (("acgan", SHAPE), r"`labels` must be given for acgan: the number of classes. Received: labels=None"),
        (("vae", SHAPE, {"labels": 3}), "`labels` must be None for vae, which takes none. Received: labels=3"),
        (("sngan", SHAPE, {"network": "mlp"}), "`network` must be one of auto, resnet for a sngan. Received"),
        (("vae", SHAPE, {"discriminator_steps": 2}), "`discriminator_steps` must be 1"),
        (("dcgan", (9, 9, 1), {"network": "dcgan"}), "`image_shape` must have sides of"),
        (("vae", 64), r"`shape` must be \(height, width, channels\), each at least 1. Received: shape=64"),
        (("vae", (None, None, 3)), r"`shape` must be .* Received: shape=\(None, None, 3\)"),
        (("cycle_gan", {"a": SHAPE, "b": (8, 8)}), r"`shape\['b'\]` must be .* Received: shape\['b'\]=\(8, 8\)"),
        (("pixel_da", SHAPE, {"labels": 2.5}), "`labels` must be the number of classes .* Received: labels=2.5"),
        (("star_gan", SHAPE, {"labels": NORMAL}), "`labels` must be the number of classes .* labels=Normal"),
        (("aae", SHAPE, {"width": 2.5}), "`width` must be an integer of at least 1. Received: width=2.5"),
        (("aae", SHAPE, {"latent_dim": 0}), "`latent_dim` must be an integer of at least 1. Received: latent_dim=0"),
        (("aae", SHAPE, {"steps": 0}), "`steps` must be an integer of at least 1. Received: steps=0"),
        (("wgan", SHAPE, {"discriminator_steps": 0}), "`discriminator_steps` must be .* discriminator_steps=0"),
        (("aae", SHAPE, {"seed": -1}), "`seed` must be an integer from 0 to 4294967295. Received: seed=-1"),
        (("aae", SHAPE, {"generator_lr": -1.0}), "`generator_lr` must be a finite number above 0. Received: generator"),
        (("srgan", (5, 6, 1)), "Pictures must have sides that are multiples of 2. Received: 5 x 6 pixels, in srgan of"),
        (("sagan", SHAPE, {"width": 1}), "`filters` must be .* Received: filters=1, in sagan of .* width=1, latent"),
    ],
)
def test_what_does_not_fit_is_refused(given, text):
    name, shape, *options = given
    with pytest.raises(ValueError, match=f"(?s){text}"):
        presets.build(name, shape, **(options[0] if options else {}))


def test_pictures_of_bytes_are_not_taken_for_numbers_of_training():
    game = build("bigan", latent_dim=2)
    with pytest.raises(
        ValueError, match=r"`real` must lie in \[-1, 1\], as the data of training. Received: integers in"
    ):
        game.anomaly_score(np.full((2, *SHAPE), 200, "uint8"))


def test_small_pictures_are_made_of_large_ones():
    parts = presets.Enlarged(factor=4)
    batch = next(iter(parts.batches(parts.read(presets.Sources("digits")), batch_size=3, seed=0, labels=False)))
    assert {name: tuple(x.shape) for name, x in batch.items()} == {"low": (3, 2, 2, 1), "high": (3, 8, 8, 1)}
    means = batch["high"].numpy().reshape(3, 2, 4, 2, 4, 1).mean(axis=(2, 4))
    np.testing.assert_allclose(batch["low"], means, atol=1e-5)


@pytest.mark.learns
def test_a_run_says_what_is_made_of_its_pictures():
    pictures = data.Pictures(np.zeros((3, 8, 6, 1), "uint8"))
    (line,) = presets.get("srgan").parts.describe({"high": pictures})
    assert line.startswith("low: the same pictures of 4 x 3 pixels, 2 times smaller")
    assert "make 8 x 6 from 4 x 3 pixels" in line
    assert presets.get("pix2pix").parts.describe({"a": "edges", "b": pictures}) == [
        "a: 'edges', made from the other part"
    ]
    assert presets.get("gan").parts.describe({"real": pictures}) == []


def test_r3gan_is_that_of_its_paper():
    """Its settings of CIFAR-10, each by half a cosine over the run."""
    gan = build("r3gan", (6, 6, 1), steps=100)
    assert str(gan.objective).startswith("relativistic_paired + ")
    (_, _), (gamma, r1), (other, r2) = gan.objective.terms
    assert (r1, r2) == (objectives.R1(), objectives.R2())
    assert [round(float(weight(step)), 6) for weight in (gamma, other) for step in (0, 100)] == 2 * [0.05, 0.005]
    for optimizer in gan.optimizers.values():
        config = optimizer.get_config()
        rate, beta = (keras.saving.deserialize_keras_object(config[name]) for name in ("learning_rate", "beta_2"))
        assert [round(float(each(step)), 6) for each in (rate, beta) for step in (0, 100)] == [2e-4, 5e-5, 0.9, 0.99]
        assert config["beta_1"] == 0
    assert str(presets.get("r3gan").optimizer) == "Adam(0.0002, beta_1=0, beta_2=0.9 to 0.99)"


@pytest.mark.learns
def test_few_labels_are_in_every_batch():
    parts = presets.get("sgan").parts
    found = parts.read(presets.Sources(labelled=20, seed=3))
    few = found["labelled"]
    assert np.bincount(few.labels).tolist() == [2] * 10
    again = parts.read(presets.Sources(labelled=20, seed=3))["labelled"]
    np.testing.assert_array_equal(few.images, again.images)
    dataset = parts.batches(found, 32, seed=0, labels=True)
    assert len(dataset) == len(found["real"].images) // 32
    x, y = next(iter(dataset))
    assert (x.shape, y.shape) == ((64, 8, 8, 1), (64,))
    assert (y[32:] == -1).numpy().all()
    for picture, label in zip(x[:32].numpy(), y[:32].numpy(), strict=True):
        same = (images.from_uint8(few.images) == picture).all(axis=(1, 2, 3))
        assert few.labels[same].tolist() == [label]


@pytest.mark.learns
def test_a_ccgan_is_taught_few_labels():
    parts = presets.get("ccgan").parts
    found = parts.read(presets.Sources(labelled=20))
    few = found["labelled"]
    batch = {k: x.numpy() for k, x in next(iter(parts.batches(found, 32, seed=0, labels=True))).items()}
    assert {k: x.shape for k, x in batch.items()} == {
        **dict.fromkeys(("labelled", "real"), (32, 8, 8, 1)),
        "labels": (32,),
    }
    same = (images.from_uint8(few.images) == batch["labelled"][0]).all(axis=(1, 2, 3))
    assert few.labels[same].tolist() == [batch["labels"][0]]
    assert list(build("ccgan", labels=3).tasks) == ["restore", "classify"]


def test_the_game_of_srgan_begins_half_way():
    plan = presets.Plan({}, "srresnet", 2, 4, None, 100, {})
    (always, error), *game = presets.get("srgan").objective(plan).terms
    assert (always, error) == (1, objectives.Distance("restored", "high", norm=2))
    weights = [[round(float(weight(step)), 9) for step in (0, 50, 51, 100)] for weight, _ in game]
    assert sorted(weights) == [[0, 0, 1e-3, 1e-3], [0, 0, 1, 1]]


@pytest.mark.learns
def test_fastgan_is_that_of_its_paper():
    gan, preset = build("fastgan"), presets.get("fastgan")
    assert gan.given_objective == objectives.Hinge(smoothing=0.2) + objectives.Reconstruction()
    assert gan.augmentation.get_config()["policy"] == "color,translation"
    assert (gan.latents.dim, preset.batch_size, gan.ema.decay) == (256, 8, 0.999)
    for side in ("generator", "discriminator"):
        check_optimizer(getattr(gan, f"{side}_optimizer"), *adam(2e-4, 0.5))


@pytest.mark.learns
def test_biggan_is_that_of_the_authors_code():
    gan, preset = build("biggan"), presets.get("biggan")
    assert gan.given_objective == objectives.Hinge()
    assert (gan.latents.dim, gan.discriminator_steps, preset.batch_size) == (128, 4, 50)
    for side in ("generator", "discriminator"):
        check_optimizer(getattr(gan, f"{side}_optimizer"), *adam(2e-4, 0.0))
