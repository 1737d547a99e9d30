"""How good is an exported MNIST generator? The Frechet distance on the features of a digit classifier.

    keras-gan train --dataset=mnist
    python -m benchmarks.mnist --model=saved_models/mnist/1     # writes benchmarks/mnist.json

The classifier (two convolutions and a dense layer of 128, whose outputs are the features) is trained here for five
epochs on the 60,000 training images and has seen no generated one. 10,000 samples are compared with the 10,000 test
images, float64, and so are 10,000 real training images, for scale. Another classifier gives another scale: never
compare across extractors.
"""

import json
import pathlib

import keras
import numpy as np
import scipy.linalg
import tensorflow as tf
from absl import app, flags
from keras import layers

from keras_gan import data, images

MODEL = flags.DEFINE_string("model", "saved_models/mnist/1", "A SavedModel that `keras-gan` exported.")
SECONDS = flags.DEFINE_float("seconds", None, "How long the training took, for the record.")
COMMAND = flags.DEFINE_string("trained_by", "keras-gan train --dataset=mnist", "The command that trained it.")
COMMIT = flags.DEFINE_string("commit", None, "The commit that trained it.")
N = 10_000


def train_classifier(train, test):
    """The classifier and its accuracy on the test images."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu", name="features"),
            layers.Dropout(0.5),
            layers.Dense(10),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(train.images, train.labels, batch_size=128, epochs=5, verbose=2)
    return model, model.evaluate(test.images, test.labels, verbose=0, return_dict=True)["accuracy"]


def frechet(a, b):
    """||m_a - m_b||^2 + Tr(C_a + C_b - 2 (C_a^1/2 C_b C_a^1/2)^1/2) of features (N, d)."""
    a, b = a.astype("float64"), b.astype("float64")
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = scipy.linalg.eigh(cov_a)
    root = vectors * np.sqrt(values.clip(0)) @ vectors.T
    cross = np.sqrt(scipy.linalg.eigvalsh(root @ cov_b @ root).clip(0)).sum()
    return float(np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)


def main(argv):
    del argv
    train, test = data.read("mnist", "train"), data.read("mnist", "test")
    model, accuracy = train_classifier(train, test)
    features = keras.Model(model.inputs, [model.get_layer("features").output, model.outputs[0]])
    generator = tf.saved_model.load(MODEL.value).signatures["serving_default"]
    dim = generator.structured_input_signature[1]["latents"].shape[1]
    z = np.random.default_rng(0).standard_normal((N, dim)).astype("float32")
    batches = [generator(latents=tf.constant(z[i : i + 500]))["images"].numpy() for i in range(0, N, 500)]
    samples = images.to_uint8(np.concatenate(batches))

    real, _ = features.predict(test.images, batch_size=500, verbose=0)
    other, _ = features.predict(train.images[:N], batch_size=500, verbose=0)
    fake, logits = features.predict(samples, batch_size=500, verbose=0)
    record = {
        "protocol": "frechet10k, digit CNN (128 features), test split",
        "trained_by": COMMAND.value,
        "commit": COMMIT.value,
        "seconds": SECONDS.value,
        "classifier_accuracy": round(accuracy, 4),
        "frechet": round(frechet(fake, real), 2),
        "frechet_of_real_training_images": round(frechet(other, real), 2),
        "samples_by_class": np.bincount(logits.argmax(1), minlength=10).tolist(),
    }
    print(json.dumps(record, indent=2))
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    app.run(main)
