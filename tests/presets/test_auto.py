"""What follows from the number of pictures, their size and the device: a preset, an augmentation, a length."""

import math

import pytest

from keras_gan import augmentations, presets
from keras_gan.presets import auto, few, lengths


@pytest.mark.parametrize("gpu", [False, True])
@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("count", [1, 499, 500, 9_999, 10_000, 10**6])
@pytest.mark.parametrize("size", [(8, 8), (16, 64), (256, 192)])
def test_auto_takes_a_preset_that_there_is(gpu, labels, count, size):
    choice = auto.choose(count, size, gpu, labels)
    preset = presets.get(choice.model)
    assert preset.parts.names == ("real",)
    assert preset.parts.labels == "optional" or not labels
    assert set(choice.settings) <= {"width"}
    assert choice.reasons
    if min(size) < 16:
        assert choice.model == "gan"
    elif count < 500 and not labels:
        assert choice.model == "fastgan"


@pytest.mark.parametrize(
    ("own", "count", "size", "expected"),
    [
        ("auto", 9_999, (16, 16), "ada"),
        ("auto", 10_000, (16, 16), "none"),
        ("auto", 9_999, (15, 64), "none"),
        ("diffaugment", 10**6, (32, 32), "diffaugment"),
        ("none", 5, (32, 32), "none"),
        (None, 5, (32, 32), "none"),
    ],
)
def test_few_pictures_are_augmented(own, count, size, expected):
    assert few.default(own, count, size) == expected


@pytest.mark.parametrize("name", presets.names())
def test_a_default_batch_is_of_no_more_pictures_than_there_are(name):
    preset = presets.get(name)
    for count in (*range(1, 70), 500, 10**6):
        for moves in (1, preset.discriminator_steps):
            size = few.batch_size(preset.batch_size, [count], moves)
            assert size == preset.batch_size if count >= moves * preset.batch_size else 1 <= size < preset.batch_size
            assert size * moves <= max(count, moves)
            assert size < 4 or size == preset.batch_size or size % 4 == 0  # else StyleGAN2's groups do not fit
            assert few.batch_size(preset.batch_size, [count, 3], moves) == min(size, 3)


def test_an_augmentation_by_its_name():
    assert few.make("none", (8, 8, 1)) is None
    square, wide = few.make("ada", (8, 8, 1)), few.make("ada", (8, 16, 1))
    assert (square.policy, wide.policy) == ("blit,geometric,color", "geometric,color")
    assert square.examples == 100_000
    assert few.make("diffaugment", (8, 8, 1)).policy == "color,translation"
    own = augmentations.InstanceNoise(0.1)
    assert few.make(own, (8, 8, 1)) is own


def test_presets_with_an_augmentation():
    gan = presets.build("dcgan", (8, 8, 1), network="mlp", width=4, augmentation="ada", seed=0)
    assert isinstance(gan.augmentation, augmentations.AdaptiveAugmentation)
    assert presets.build("dcgan", (8, 8, 1), network="mlp", width=4, seed=0).augmentation is None
    with pytest.raises(ValueError, match=r"`augmentation` must be 'none' for vae\. Received: augmentation='ada'"):
        presets.build("vae", (8, 8, 1), width=4, augmentation="ada")
    frozen = presets.build("dcgan", (8, 8, 1), network="mlp", width=4, freeze=1, seed=0)
    assert len(frozen.discriminator.trainable_variables) == len(gan.discriminator.trainable_variables) - 2
    with pytest.raises(ValueError, match="`freeze` must be 0 for vae"):
        presets.build("vae", (8, 8, 1), width=4, freeze=1)


def test_a_default_run_fits_in_an_hour():
    assert lengths.updates(9_000, None, (999, 999)) == 9_000
    assert lengths.updates(9_000, 400, (8, 8)) == 9_000
    for milliseconds, size, factor in ((500, (32, 16), 1), (500, (64, 128), 1), (100, (128, 128), 2.5)):
        found = lengths.updates(10**9, milliseconds, size, factor)
        pixels = math.prod(size) / 1024
        assert found * milliseconds / 1000 * factor * pixels == pytest.approx(3600, rel=0.01)
    assert lengths.updates(9_000, 500, (2048, 2048)) == lengths.LEAST
    given, defaults = {"width": 64, "batch_size": 8, "other": 3}, {"width": 32, "batch_size": 16, "other": 1}
    assert lengths.factor(given, defaults) == 1
    assert lengths.factor({"width": None, "batch_size": 48}, defaults) == 3


@pytest.mark.parametrize("name", presets.names())
def test_the_steps_of_every_preset_were_measured(name):
    preset = presets.get(name)
    assert preset.milliseconds > 0
    for side in (32, 64):
        seconds = preset.milliseconds / 1000 * side**2 / 1024
        updates = lengths.updates(preset.updates, preset.milliseconds, (side, side))
        assert updates == preset.updates or updates * seconds == pytest.approx(3600, rel=0.01)
