"""Objectives that are made of others: what they have in common, and their weighted sum."""

from collections.abc import Sequence

import keras

from keras_gan.ground.arguments import shown
from keras_gan.objectives.objective import PLAYERS, Objective
from keras_gan.objectives.weights import shown_weight, times, weight_at


def _any(name):
    return property(lambda self: any(getattr(child, name) for child in self.children))


def _first(name):
    return property(
        lambda self: next((term for child in self.children if (term := getattr(child, name)) is not None), None)
    )


class Composite(Objective):
    """An objective that is made of others, and reads what any of them reads.

    A subclass overrides `children` and the losses, and `bound`, which binds them.
    """

    reads_logits = _any("reads_logits")
    generator_sees_real = _any("generator_sees_real")
    reads_latents = _any("reads_latents")
    differentiates_input = _any("differentiates_input")
    follows_weights = _any("follows_weights")
    critic_term = _first("critic_term")
    boundary_term = _first("boundary_term")

    @property
    def children(self) -> Sequence[Objective]:
        """The objectives that this one is made of."""
        raise NotImplementedError

    def update(self, player, round):
        for child in self.children:
            child.update(player, round)

    def label_range(self, output):
        ranges = (child.label_range(output) for child in self.children)
        return next((labels for labels in ranges if labels is not None), None)


@keras.saving.register_keras_serializable("keras_gan")
class Sum(Composite):
    """A weighted sum of objectives: each player minimises the weighted sum of its losses. Sums of sums are flattened.

    Usually written as `Wasserstein() + 10 * GradientPenalty()`.

    Args:
        terms: Pairs of a weight, at least 0, and an objective.

    Example:

    >>> from keras_gan.objectives import R1, R2, RelativisticPaired
    >>> [name for name, _, _ in (RelativisticPaired() + 2 * (R1() + R2())).named_terms()]
    ['relativistic_paired', 'r1', 'r2']
    """

    def __init__(self, terms: list[tuple[float, Objective]]):
        for _, term in terms:
            if not isinstance(term, Objective):
                raise ValueError(f"`terms` must hold pairs of a weight and an Objective. Received: {shown(term)}")
        self._terms = tuple((times(weight, w), term) for weight, objective in terms for w, term in objective.terms)
        if not self._terms:
            raise ValueError("`terms` must hold at least one pair of a weight and an objective. Received: terms=[]")

    @property
    def terms(self):
        return self._terms

    @property
    def players(self):
        named = dict.fromkeys(player for _, term in self._terms for player in term.players)
        return (*(p for p in PLAYERS if p in named), *(p for p in named if p not in PLAYERS))

    @property
    def children(self):
        return [term for _, term in self._terms]

    def bound(self, generator, discriminator, memory=None):
        memory = keras.layers.Layer() if memory is None else memory
        return Sum([(w, term.bound(generator, discriminator, memory)) for w, term in self._terms])

    def discriminator_loss(self, round):
        return self.loss("discriminator", round)

    def generator_loss(self, round):
        return self.loss("generator", round)

    def loss(self, side, round):
        losses = [(weight_at(w, round), term.loss(side, round)) for w, term in self._terms]
        parts = [w * loss for w, loss in losses if loss is not None]
        return sum(parts) if parts else None

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {"terms": [[serialize(w), serialize(term)] for w, term in self._terms]}

    @classmethod
    def from_config(cls, config):
        deserialize = keras.saving.deserialize_keras_object
        return cls([(deserialize(w), deserialize(term)) for w, term in config["terms"]])

    def __str__(self):
        return " + ".join(str(term) if w == 1 else f"{shown_weight(w)} * {term}" for w, term in self._terms)
