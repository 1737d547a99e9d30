"""A small classifier, trained on the spot from a data set's own labels."""

import json
import os
import pathlib
import warnings

import keras
import numpy as np

from keras_gan.data.pictures import Pictures
from keras_gan.ground import files
from keras_gan.ground.arguments import check_number
from keras_gan.metrics.cache import cache_folder, digest, kept_if_possible
from keras_gan.metrics.extractors.model import ModelExtractor

STEPS, BATCH, RATE = 2_000, 128, 2e-3


@keras.saving.register_keras_serializable("keras_gan")
class DigitsCNN(ModelExtractor):
    """The outputs of `digits_cnn`: 128 features and class probabilities.

    Args:
        model: The trained network.
        accuracy: The share of test pictures that it gets right, in [0, 1].
        name: Of the extractor.
    """

    def __init__(self, model: keras.Model, accuracy: float, name: str = "digits_cnn"):
        super().__init__(model, name, features="features", classifies=True)
        self.accuracy = float(accuracy)

    def get_config(self) -> dict:
        """Returns the arguments of the constructor, the model without its weights."""
        model = keras.saving.serialize_keras_object(self.model)
        return {"model": model, "accuracy": self.accuracy, "name": self.name}


def digits_cnn(
    pictures: Pictures, test: Pictures | None = None, *, cache: str | os.PathLike | None = None
) -> DigitsCNN:
    """Trains a small convolutional classifier on pictures with labels, or takes it from the cache.

    Two convolutions with stride 2 and a layer of 128 features, 2,000 steps of Adam. It is kept in the cache folder
    under a hash of the pictures, the labels and this code. Its numbers compare with each other only: give its
    `hash()` and `accuracy` beside them.

    Args:
        pictures: With labels, of sides of at least 4: digits, MNIST, Fashion-MNIST, or any other small ones.
        test: On which `accuracy` is measured. If None, every tenth picture is held out for it.
        cache: The folder. Defaults to the environment variable `KERAS_GAN_CACHE`, then `~/.cache/keras_gan`.

    Returns:
        The extractor, with its `accuracy`.

    Raises:
        ValueError: If there are no labels.

    Reference: features of such a network are what [Binkowski et al., 2018](https://arxiv.org/abs/1801.01401) measure
    MNIST with, section 5.
    """
    for name, each in (("pictures", pictures), ("test", test)):
        if each is not None and (each.labels is None or len(each.images) < 10):
            raise ValueError(
                f"`{name}` must be at least 10 pictures with labels. Received: {len(each.images)} pictures"
            )
    code = pathlib.Path(__file__).read_bytes()
    held_out = () if test is None else (test.images, test.labels)
    place = cache_folder(cache) / f"digits_cnn-{digest(code, pictures.images, pictures.labels, *held_out)[:16]}"
    kept = None
    with kept_if_possible(place):
        kept = _kept(place)
    if kept is None:
        model, accuracy = _train(pictures, test)
        with kept_if_possible(place):
            _write(place, model, {"accuracy": accuracy, "pictures": len(pictures.images), "steps": STEPS})
            kept = _kept(place)
    return DigitsCNN(model, accuracy) if kept is None else kept


def _kept(place):
    """Returns the classifier in a folder; None if there is none. One that cannot be read is removed, with a warning."""
    if not place.is_dir():
        return None
    try:
        accuracy = check_number("accuracy", files.read_json(place / "record.json").get("accuracy"), 0, 1, "[]")
        return DigitsCNN(keras.models.load_model(place / "model.keras", compile=False), accuracy)
    except Exception as error:  # a damaged file may fail anywhere in Keras
        warnings.warn(f"The classifier in {place} is damaged, and is trained again: {error}", stacklevel=3)
        with kept_if_possible(place):
            files.remove(place)
        return None


def _write(place, model, record):
    try:
        with files.atomic(place) as part:
            part.mkdir()
            model.save(part / "model.keras")
            (part / "record.json").write_text(json.dumps(record), encoding="utf-8")
    except FileExistsError:  # another process was faster: its network was trained on the same
        if not place.is_dir():
            raise


def _train(pictures, test):
    if test is None:
        held = np.arange(len(pictures.images)) % 10 == 9
        test = Pictures(pictures.images[held], pictures.labels[held])
        pictures = Pictures(pictures.images[~held], pictures.labels[~held])
    model = _network(pictures.image_shape, int(max(pictures.labels.max(), test.labels.max())) + 1)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, STEPS)),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    batches = pictures.dataset(min(BATCH, len(pictures.images)), labels=True, seed=0).repeat()
    model.fit(batches, steps_per_epoch=STEPS, shuffle=False, verbose=0)
    ordered = test.dataset(min(BATCH, len(test.images)), labels=True, shuffle=False, drop_remainder=False)
    return model, model.evaluate(ordered, verbose=0, return_dict=True)["accuracy"]


def _network(image_shape, classes):
    options = {"padding": "same", "strides": 2, "activation": "relu", "dtype": "float32"}
    starts = [keras.initializers.HeNormal(seed=seed) for seed in range(4)]
    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Conv2D(32, 5, kernel_initializer=starts[0], **options),
            keras.layers.Conv2D(64, 3, kernel_initializer=starts[1], **options),
            keras.layers.Flatten(dtype="float32", data_format="channels_last"),
            keras.layers.Dense(128, "relu", kernel_initializer=starts[2], name="features", dtype="float32"),
            keras.layers.Dense(classes, "softmax", kernel_initializer=starts[3], dtype="float32"),
        ],
        name="digits_cnn",
    )
