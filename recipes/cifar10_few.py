"""2,000 pictures of CIFAR-10 for some minutes of one core: a comparison of presets for small machines.

    python -m recipes.cifar10_few --folder=../shared/data/cifar10_images --presets=auto,dcgan+none,fastgan

Each preset trains on all pictures for the same processor time. A step is timed first, so that decaying learning rates
end with the time; tracing does not count. `auto` is the choice of `keras-gan train --model=auto` on a machine without a
GPU.

Measures, as by `keras-gan evaluate`: the kernel distance between samples and a random half of the pictures, with as
many samples as that half, in random features and in pixels, neither of which is trained on pictures; the mean over ten
draws of samples, and that of the other half. `copied` is the share of samples that are copies of a training picture.
"""

import time

import keras
import numpy as np
from absl import app, flags

from keras_gan import GAN, data, evaluation, images, presets
from keras_gan.presets import auto, few
from recipes import Record

FOLDER = flags.DEFINE_string("folder", None, "Folder of pictures, with one subfolder per class.", required=True)
SECONDS = flags.DEFINE_integer("seconds", 300, "Seconds of training on one core.", lower_bound=1)
SEED = flags.DEFINE_integer("seed", 0, "The seed of data, weights and training.")
PRESETS = flags.DEFINE_list(
    "presets", ["auto", "dcgan+none"], "Presets to run; a suffix +none, +ada or +diffaugment sets the augmentation."
)

WARM, TIMED, ROUND = 10, 40, 10  # steps
EXTRACTORS = ("random_features", "pixels")
DRAWS = 10  # of samples: one alone is as uncertain as what presets differ by


def settings(words: str, pictures: data.Pictures) -> tuple[presets.Preset, dict]:
    """Returns a preset and what is given to its `build`."""
    name, _, augmentation = words.partition("+")
    size, count, given = pictures.image_shape[:2], len(pictures.images), {}
    if name == "auto":
        choice = auto.choose(count, size, gpu=False)
        name, given = choice.model, dict(choice.settings)
    preset = presets.get(name)
    return preset, {**given, "augmentation": augmentation or few.default(preset.augmentation, count, size)}


def train(preset: presets.Preset, given: dict, pictures: data.Pictures, seconds: float) -> tuple[GAN, int]:
    """Returns the game of a preset after so many seconds of one core, and its steps."""

    def build(steps):
        return preset.build(pictures.image_shape, steps=steps, seed=SEED.value, steps_per_execution=ROUND, **given)

    dataset = pictures.dataset(preset.batch_size, seed=SEED.value).repeat()
    trial = build(TIMED)
    trial.fit(dataset, steps_per_epoch=WARM, epochs=1, verbose=0)
    began = time.process_time()
    trial.fit(dataset, steps_per_epoch=TIMED, epochs=1, verbose=0)
    each = (time.process_time() - began) / TIMED
    steps = max(1, round(seconds / each / ROUND)) * ROUND
    keras.backend.clear_session()
    game = build(steps)
    game.fit(dataset, steps_per_epoch=steps, epochs=1, verbose=0)
    return game, steps


def measure(game: GAN, pictures: data.Pictures, reality: evaluation.ReferenceData) -> dict[str, float]:
    """Returns the kernel distances, and the share of copies."""
    count = len(reality.test.images)
    draws = [images.to_uint8(game.generate(count, seed=draw), game.value_range) for draw in range(DRAWS)]
    numbers = {}
    for extractor in EXTRACTORS:
        found = [evaluation.evaluate(samples, reality, ["kid"], extractor, seed=1)[0] for samples in draws]
        distances = [each.value for each in found]
        numbers |= {f"kid_{extractor}": float(np.mean(distances)), f"kid_{extractor}_of_real": found[0].real}
        numbers[f"kid_{extractor}_of_a_draw"] = float(np.std(distances, ddof=1))
    for extractor, found in evaluation.find_copies(draws[0], pictures.images).items():
        numbers |= {f"copied_{extractor}": found.copied, f"copied_{extractor}_of_real": found.copied_of_real}
    return numbers


def main(argv):
    del argv
    pictures, reality = data.read(f"folder:{FOLDER.value}"), evaluation.read_reference_data(f"folder:{FOLDER.value}")
    for words in PRESETS.value:
        preset, given = settings(words, pictures)
        name = f"{preset.name}_{given['augmentation']}_{SECONDS.value}_{SEED.value}"
        asked = {"preset": preset.name, **given, "batch": preset.batch_size, "seconds_asked": SECONDS.value}
        record = Record(__file__, SEED.value, name, **asked)
        game, record.settings["steps"] = train(preset, given, pictures, SECONDS.value)
        record.stop()
        numbers = measure(game, pictures, reality)
        shown = images.to_uint8(game.generate(64, seed=2), game.value_range)
        images.save_png(record.picture, images.grid(shown, columns=16, scale=1))
        record.write(numbers, {})
        keras.backend.clear_session()


if __name__ == "__main__":
    app.run(main)
