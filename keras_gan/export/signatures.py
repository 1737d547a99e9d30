"""The signatures of an exported generator."""

import dataclasses
import functools

import keras
import tensorflow as tf

from keras_gan.export import classes, requirements
from keras_gan.export.signature import Argument, Signature
from keras_gan.export.walk import walk
from keras_gan.latents import TruncatedNormal
from keras_gan.noise import Noise
from keras_gan.play import players, sampling


@dataclasses.dataclass(frozen=True)
class GeneratorSignatures:
    """The signatures of a GAN's generator.

    Args:
        game: A `keras_gan.GAN`.
        value_range: The numbers that become 0 and 255 in pictures; None for examples that are no pictures.
        max_samples: Maximum number of examples per request.
        truncation: Whether a request gives the threshold of a `TruncatedNormal`.
    """

    game: keras.Model
    value_range: tuple[float, float] | None
    max_samples: int
    truncation: bool

    def all(self) -> dict[str, Signature]:
        """Returns the signatures by name."""
        png = ["generate_png"] if self.game.makes_pictures else []
        decoded = [] if self.game.schema is None else ["sample"]
        names = ["serving_default", "generate", *png, "interpolate", *decoded]
        return {name: getattr(self, name)() for name in names}

    def serving_default(self) -> Signature:
        """Returns the signature latents[, labels] -> images, float32 in the range of the training data."""
        dim, noise = self.game.latents.dim, Noise(("generate", "layers"), 0)
        spec = tf.TensorSpec((None, dim), tf.float32)
        inputs = {"latents": Argument(spec, f"Drawn from {self.game.latents!r}.", [[0.0] * dim])}
        inputs |= self._labels(f"The {self._word} of each example.")

        def call(latents, labels=None):
            needed = []
            if labels is not None:
                count = tf.shape(latents)[0]
                needed = [self._known(labels), requirements.as_many(labels, count, "latents")]
            latents, labels = requirements.after(needed, latents, labels)
            return {"images": sampling.make(self.game, latents, labels, noise)}

        outputs = {"images": "In the range of the training data."}
        return Signature("The generator's examples for latents.", inputs, outputs, call)

    def generate(self) -> Signature:
        """Returns the signature num_samples, seed[, labels][, truncation] -> images, uint8 for pictures."""
        text = "Examples of a seed. For a fixed seed, the first k of them do not depend on `num_samples`."
        return Signature(text, self._request(), self._images(), lambda **given: {"images": self._sample(**given)})

    def generate_png(self) -> Signature:
        """Returns the signature num_samples, seed[, labels][, truncation] -> image_bytes, PNG files."""

        def call(**given):
            pictures = self._sample(**given)
            return {"image_bytes": tf.map_fn(tf.io.encode_png, pictures, fn_output_signature=tf.string)}

        outputs = {"image_bytes": "A PNG file of each example; in JSON {'b64': ...}."}
        return Signature("The pictures of `generate` as PNG files.", self._request(), outputs, call)

    def sample(self) -> Signature:
        """Returns the signature num_samples, seed[, labels][, truncation] -> columns, in the units of the data."""
        schema = self.game.schema
        outputs = dict.fromkeys(schema.names, "In the units of the data.")
        text = "The examples of `generate` as columns by name."
        return Signature(text, self._request(), outputs, lambda **given: schema.decode_in_graph(self._sample(**given)))

    def interpolate(self) -> Signature:
        """Returns the signature start_seed, end_seed, steps[, labels] -> images, uint8 for pictures."""
        seed, most = tf.TensorSpec((), tf.int64), max(2, self.max_samples)
        steps = tf.TensorSpec((), tf.int32)
        inputs = {
            "start_seed": Argument(seed, "The walk begins at the latents of the first example of this seed.", 0),
            "end_seed": Argument(seed, "The walk ends at the latents of the first example of this seed.", 1),
            "steps": Argument(steps, f"Number of examples, including both ends: 2 to {most}.", 2),
        }
        inputs |= self._labels(f"One {self._word} for all{self._or_drawn('as the first of `start_seed` is')}.", 1)

        def call(start_seed, end_seed, steps, labels=None):
            needed = [requirements.within("steps", steps, 2, most)]
            if labels is not None:
                given = tf.shape(labels)[0]
                one = requirements.require(given == 1, "`labels` must be one label", given)
                needed += [self._known(labels, drawn=True), one]
            steps, labels = requirements.after(needed, steps, labels)
            return {"images": self._walk(start_seed, end_seed, steps, labels)}

        text = "A walk from the first example of one seed to the first example of another."
        return Signature(text, inputs, self._images(), call)

    def _request(self):
        count = tf.TensorSpec((), tf.int32)
        inputs = {
            "num_samples": Argument(count, f"Number of examples: 1 to {self.max_samples}.", 1),
            "seed": Argument(tf.TensorSpec((), tf.int64), "The same seed gives the same examples.", 0),
        }
        inputs |= self._labels(f"One {self._word} for all, or one per example{self._or_drawn()}.")
        if self.truncation:
            text = "Largest absolute value of latents, above 0: smaller values give less varied, more typical examples."
            inputs["truncation"] = Argument(tf.TensorSpec((), tf.float32), text, 1.0)
        return inputs

    def _labels(self, text, count=None):
        if not players.takes_labels(self.game.generator):
            return {}
        condition = self.game.condition
        return {"labels": Argument(condition.spec(count), text, condition.zeros(1).numpy().tolist())}

    @property
    def _word(self):
        return "class" if self.game.condition is None or self.game.condition.is_label else "condition"

    def _or_drawn(self, how="from the GAN's prior"):
        if self.game.labels is None:
            return ""
        missing = "-1" if self.game.condition.dtype == "int32" else "NaN"
        return f"; {'' if self.game.condition.shape == () else 'a condition of only '}{missing} is drawn, {how}"

    def _images(self):
        return {"images": "0 to 255." if self.game.makes_pictures else "In the range of the training data."}

    def _known(self, labels, drawn=False):
        if not self.game.condition.is_label:
            return requirements.known_conditions(labels, self.game.condition, drawn and self.game.labels is not None)
        return requirements.known_labels(labels, self._classes, drawn and self.game.labels is not None)

    @functools.cached_property
    def _classes(self):
        with tf.init_scope():
            return classes.count(self.game, self.game.generator, tf.zeros((1, self.game.latents.dim)))

    def _sample(self, num_samples, seed, labels=None, truncation=None):
        needed, prior = [requirements.within("num_samples", num_samples, 1, self.max_samples)], None
        if labels is not None:
            needed.append(self._known(labels, drawn=True))
            needed.append(requirements.as_many(labels, num_samples, "num_samples", or_one=True))
        if truncation is not None:
            fits = (truncation > 0) & (truncation < float("inf"))
            needed.append(requirements.require(fits, "`truncation` must be finite and above 0", truncation))
            prior = TruncatedNormal(self.game.latents.dim, truncation)
        num_samples, labels = requirements.after(needed, num_samples, labels)
        return sampling.sample(self.game, num_samples, seed, labels, prior=prior, finish=self._finish)

    def _walk(self, start_seed, end_seed, steps, labels):
        start, end = (sampling.draw(self.game, 1, seed, labels) for seed in (start_seed, end_seed))
        labels = None if labels is None else start[1][:1]
        path = walk(start[0][0], end[0][0], steps, self.game.latents)
        return sampling.in_pieces(self.game, path, labels, steps, start_seed, finish=self._finish)

    def _finish(self, images):
        """Returns pictures as uint8, as `keras_gan.images.to_uint8` does, and other examples unchanged."""
        if not self.game.makes_pictures:
            return images
        low, high = self.value_range
        return tf.cast(tf.clip_by_value(tf.round((images - low) * (255 / (high - low))), 0, 255), tf.uint8)
