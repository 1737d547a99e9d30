"""The latent space of a game: vectors, and the pictures made from them."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import tensorflow as tf

from keras_gan.export.walk import mode
from keras_gan.game import GAN, Game, making
from keras_gan.game.wiring import Reference
from keras_gan.ground.arguments import check_count, check_number, check_seed, shown
from keras_gan.latents import Latents, Normal, TruncatedNormal, Uniform, interpolate, label_count
from keras_gan.noise import Noise
from keras_gan.play import sampling


class Space:
    """The latent space of a game that makes pictures: the latents z of a `GAN`, the w of `StyleGAN2`.

    Pictures are made with averaged weights, if there are any, as by `generate`.

    Args:
        game: A `GAN`, or another game that makes pictures of one `Latents`.
        labels: One label or condition for all pictures, if they take one. Defaults to None: the game draws them.

    Raises:
        ValueError: If the game has no such space, takes no labels but some are given, or needs and does not draw them.

    Example:

    >>> from keras_gan import GAN, networks
    >>> shape = (8, 8, 1)
    >>> gan = GAN(networks.mlp_generator(4, shape), networks.mlp_discriminator(shape), latents=4, seed=0)
    >>> space = Space(gan)
    >>> space.pictures(space.draw(3, seed=1)).shape, len(space.walk(seed=0, count=2, places=3, steps=5))
    ((3, 8, 8, 1), 15)
    """

    def __init__(self, game: Game, labels=None):
        explored = game.explored if isinstance(game, Game) else None
        if explored is None or not game.makes_pictures:
            raise ValueError(
                "`game` must be a game that makes pictures of one `Latents`. Received: "
                f"game={getattr(game, 'name', game)!r}, a {type(game).__name__}"
            )
        condition = explored.condition
        if labels is not None and condition is None:
            raise ValueError(f"`labels` must be None: the game's pictures take none. Received: labels={labels!r}")
        if labels is None and condition is not None and condition not in game.draws:
            raise ValueError(f"`labels` must be given, as {game.name!r} does not draw them. Received: labels=None")
        if labels is not None and np.shape(labels) != (shape := tuple(game.shapes[condition])):
            one = "one label for all" if not shape else f"one condition {shape} for all"
            raise ValueError(f"`labels` must be {one}. Received: labels={shown(labels)}")
        classes = None if condition is None else label_count(game.draws.get(condition))
        if labels is not None and classes is not None and not 0 <= labels < classes:
            raise ValueError(f"`labels` must be an integer in [0, {classes}). Received: labels={shown(labels)}")
        self.game, self.explored, self.labels, self._condition = game, explored, labels, condition

    @property
    def is_drawn(self) -> bool:
        """Whether the vectors are the latents themselves, rather than made from them."""
        return self.explored.code in self.game.draws

    @property
    def _prior(self) -> Latents:
        return cast(Latents, self.game.draws[self.explored.code])

    def draw(self, n: int, seed: int = 0, truncation: float | None = None) -> np.ndarray:
        """Draws vectors (n, d); for a `GAN`, the latents of `generate(n, seed=seed)`.

        Args:
            n: The number of vectors, at least 1.
            seed: The seed of the draws; the same seed gives the same vectors. Defaults to 0.
            truncation: Trades variety for quality. Vectors w keep this share of their distance to the mean: 1 changes
                nothing, 0 gives the mean. Normal latents lie within this distance of 0, above 0, and uniform latents
                within this share of their range. Defaults to None, no truncation.

        Raises:
            ValueError: If an argument is out of range, or latents of another prior are truncated.
        """
        check_count("n", n)
        check_seed("seed", seed)
        if not self.is_drawn:
            given = {} if self.labels is None else {self._condition: self._repeated(n)}
            codes = self.game.make(self.explored.code, n=None if given else n, seed=seed, **given)
            return codes if truncation is None else self.truncated(codes, truncation)
        prior = self._truncated_prior(truncation)
        if isinstance(self.game, GAN):
            return sampling.draw(self.game, n, seed, prior=prior)[0][:n].numpy()
        return prior.draw(n, Noise(("make",), seed).at(self.explored.code)).numpy()

    def _truncated_prior(self, truncation):
        prior = self._prior
        if truncation is None:
            return prior
        check_number("truncation", truncation, 0, ends="()")
        if type(prior) is Normal:
            return TruncatedNormal(prior.dim, truncation)
        if type(prior) is Uniform:
            middle, half = (prior.low + prior.high) / 2, min(truncation, 1.0) * (prior.high - prior.low) / 2
            return Uniform(prior.dim, middle - half, middle + half)
        raise ValueError(
            f"`truncation` must be None for latents that are neither normal nor uniform. Received: {prior!r}"
        )

    @property
    def truncations(self) -> tuple[float, ...]:
        """Truncations to compare, from weak to strong; empty if the latents cannot be truncated."""
        if not self.is_drawn:
            return (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)
        prior = type(self._prior)
        return {Normal: (2.5, 1.5, 1.0, 0.7, 0.4, 0.2), Uniform: (1.0, 0.8, 0.6, 0.4, 0.2, 0.1)}.get(prior, ())

    def truncated(self, codes: np.ndarray, truncation: float) -> np.ndarray:
        """Returns vectors w (N, d) moved towards their mean in training: mean + truncation (w - mean)."""
        check_number("truncation", truncation, ends="[]")
        mean = self.mean
        return (mean + truncation * (self._vectors("codes", codes) - mean)).astype("float32")

    @property
    def mean(self) -> np.ndarray:
        """The mean vector (d,): the tracked mean of w, or the mean of the latents' prior."""
        if self.is_drawn:
            return self._prior.expectation()
        name = self.explored.code
        zeros = np.zeros((1, *self.game.shapes[name]), "float32")
        value = next(key for key, made in self.game.wiring.values.items() if self.explored.psi in _inputs(made))
        given: dict[str, Any] = {name: zeros, self.explored.psi: np.zeros((1, 1), "float32")}
        return self.game.make(value, **given)[0]

    def conditions(self, n: int, seed: int = 0) -> np.ndarray | None:
        """Returns the labels or conditions of n pictures, (n, ...): the space's own label for all, or drawn ones.

        Returns None if pictures take none beside their vectors, as those of w.
        """
        if self._condition is None or not self.is_drawn:
            return None
        if self.labels is not None:
            return self._repeated(n)
        return self.game.draws[self._condition].draw(n, Noise(("make",), seed).at(self._condition)).numpy()

    def _repeated(self, n):
        return np.repeat(np.asarray(self.labels)[None], n, axis=0)

    def pictures(
        self, codes: np.ndarray, seed: int = 0, batch_size: int = 64, conditions: np.ndarray | None = None
    ) -> np.ndarray:
        """Makes pictures of vectors: (N, d), or (N, layers, d) with one per layer -> (N, height, width, channels).

        Args:
            codes: The vectors.
            seed: The seed of the labels, if the game draws them. Defaults to 0.
            batch_size: The number of pictures at a time. Defaults to 64.
            conditions: The label or condition of each vector, (N, ...). Defaults to `conditions(N, seed)`.
        """
        codes = self._vectors("codes", codes, layered=True)
        given = self._given(codes, self.conditions(len(codes), seed) if conditions is None else conditions)
        return self.game.make(self.explored.made, seed=seed, batch_size=batch_size, **given)

    def _vectors(self, name, codes, layered=False):
        """Returns vectors (N, d) as float32; if `layered`, also (N, layers, d) for games with a vector per layer."""
        code = self.explored.code
        shapes = [(self.game.draws[code].dim,) if self.is_drawn else tuple(self.game.shapes[code])]
        if layered and self.explored.layers is not None:
            shapes.append(tuple(self.game.shapes[self.explored.layers]))
        allowed = " or ".join(f"(N, {', '.join(map(str, shape))})" for shape in shapes)
        try:
            known = np.asarray(codes, "float32") if not np.iscomplexobj(codes) else None
        except (TypeError, ValueError):  # texts, or rows of several lengths
            known = None
        if known is None or not known.ndim or known.shape[1:] not in shapes:
            received = shown(codes) if known is None else f"the shape {known.shape}"
            raise ValueError(f"`{name}` must be numbers of the shape {allowed}. Received: {received}")
        if not np.isfinite(known).all():
            raise ValueError(f"`{name}` must be finite. Received: {np.count_nonzero(~np.isfinite(known))} that are not")
        return known

    def _given(self, codes, conditions):
        name = self.explored.code if len(codes.shape) == 2 else self.explored.layers
        return {name: codes, **({} if conditions is None else {self._condition: conditions})}

    def between(self, start: np.ndarray, end: np.ndarray, steps: int) -> np.ndarray:
        """Returns paths between vectors, (N, d) each -> (N, steps, d): arcs or lines, as suits the prior."""
        path = mode(self._prior) if self.is_drawn else "linear"
        return interpolate(start, end, steps, path)

    def walk(
        self,
        seed: int = 0,
        count: int = 1,
        places: int = 4,
        steps: int = 15,
        truncation: float | None = None,
    ) -> list[np.ndarray]:
        """Returns the frames of a film: `count` walks, each through random vectors and back to the first.

        Where pictures take labels beside their vectors, all pictures of a walk have the same label.

        Args:
            seed: The seed of the vectors, and of the labels, if the game draws them. Defaults to 0.
            count: The number of walks, and of pictures per frame. Defaults to 1.
            places: The number of vectors per walk, at least 2. Defaults to 4.
            steps: The number of frames from one vector to the next. Defaults to 15.
            truncation: As for `draw`.

        Returns:
            `places` times `steps` frames, (count, height, width, channels) each.
        """
        check_count("count", count)
        check_count("places", places, least=2)
        check_count("steps", steps)
        codes = self.draw(count * places, seed, truncation).reshape(places, count, -1)
        frames = []
        for here, there in zip(codes, np.roll(codes, -1, axis=0), strict=True):
            frames += list(self.between(here, there, steps + 1)[:, :-1].swapaxes(0, 1))
        conditions = self.conditions(count, seed)
        along = None if conditions is None else np.concatenate([conditions] * len(frames))
        made = self.pictures(np.concatenate(frames), conditions=along)
        return list(made.reshape(len(frames), count, *made.shape[1:]))

    def sweep(self, truncations: Sequence[float], n: int = 8, seed: int = 0) -> np.ndarray:
        """Makes pictures of the same draws under several truncations, (truncations, n, height, width, channels)."""
        if isinstance(truncations, str) or not np.ndim(truncations) or not len(truncations):
            raise ValueError(f"`truncations` must be one or more numbers. Received: truncations={shown(truncations)}")
        return np.stack([self.pictures(self.draw(n, seed, truncation), seed) for truncation in truncations])

    def mix(self, rows: np.ndarray, columns: np.ndarray, layers: slice = slice(0, None)) -> np.ndarray:
        """Mixes styles: a picture's layers receive the vector of its row, and some of them that of its column.

        Args:
            rows: (R, d) vectors w.
            columns: (C, d) vectors w.
            layers: The layers that receive the column's vector: the first layers determine coarse shapes, the last
                colours. Defaults to all.

        Returns:
            (R, C, height, width, channels).

        Raises:
            ValueError: If all layers of the game receive the same vector.
        """
        if self.explored.layers is None:
            raise ValueError(f"`game` must have styles, as StyleGAN2 has. Received: game={self.game.name!r}")
        rows, columns = self._vectors("rows", rows), self._vectors("columns", columns)
        depth = self.game.shapes[self.explored.layers][0]
        styles = np.repeat(np.repeat(rows[:, None, None], len(columns), 1), depth, 2)
        styles[:, :, layers] = columns[None, :, None]
        made = self.pictures(styles.reshape(-1, *styles.shape[2:]))
        return made.reshape(len(rows), len(columns), *made.shape[1:])

    def tensors(self, codes: tf.Tensor, conditions: np.ndarray | None) -> tf.Tensor:
        """Makes pictures of vectors, and of what `conditions` returns, in a graph, differentiable by the vectors."""
        given = {name: self.game.as_input(name, value) for name, value in self._given(codes, conditions).items()}
        values = making.make_values(self.game, given, codes.shape[0], Noise(("make",), 0))
        return tf.cast(making.scoped(self.game, values, Reference(self.explored.made)), tf.float32)


def _inputs(made):
    return [reference.name for reference in made.inputs]
