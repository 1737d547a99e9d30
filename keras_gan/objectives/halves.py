"""Players: the discriminator's loss of one objective and the generator's loss of another."""

import keras

from keras_gan.objectives.at import At
from keras_gan.objectives.composite import Composite, Sum
from keras_gan.objectives.named import NamedTerm
from keras_gan.objectives.objective import Objective


@keras.saving.register_keras_serializable("keras_gan")
class Players(Composite):
    """Takes the discriminator's loss from one objective and the generator's from another.

    D: the loss that `discriminator` gives the discriminator
    G: the loss that `generator` gives the generator

    Args:
        discriminator: An objective, or its class, name, expression or config, as for `objectives.get`; None for no
            loss of the discriminator.
        generator: The same for the generator.

    Example:

    >>> objective = Players(discriminator=Hinge() + R1(), generator=FeatureMatching())
    >>> [name for name, _, _ in objective.named_terms()]
    ['hinge', 'r1', 'feature_matching']
    """

    def __init__(
        self,
        discriminator: Objective | type[Objective] | str | dict | None = None,
        generator: Objective | type[Objective] | str | dict | None = None,
    ):
        from keras_gan.objectives import get  # imported here, as that module imports this one

        sides = {"discriminator": discriminator, "generator": generator}
        sides = {name: None if side is None else get(side) for name, side in sides.items()}
        for name, side in sides.items():
            if side is not None and name not in side.players:
                raise ValueError(f"`{name}` must give the {name} a loss, or be None. Received: {name}={side!r}")
        if sides == {"discriminator": None, "generator": None}:
            raise ValueError("`discriminator` or `generator` must be an objective. Received: None and None")
        self.discriminator, self.generator = sides["discriminator"], sides["generator"]

    @property
    def _sides(self):
        sides = {"discriminator": self.discriminator, "generator": self.generator}
        return {player: side for player, side in sides.items() if side is not None}

    @property
    def _only(self):
        """The player and its term, if there is only one term; None otherwise."""
        [(player, side), *more] = self._sides.items()
        return None if more or isinstance(side, Sum | Players) else (player, side)

    @property
    def name(self):
        return self._only[1].name if self._only else "players"

    @property
    def terms(self):
        if self._only:
            player, term = self._only
            return ((1.0, _half(player, term) if isinstance(term, NamedTerm | At) else self),)
        return tuple((w, _half(player, t)) for player, side in self._sides.items() for w, t in _halves(side, player))

    @property
    def players(self):
        return tuple(self._sides)

    @property
    def children(self):
        return list(self._sides.values())

    @property
    def generator_sees_real(self):
        return self.generator is not None and self.generator.generator_sees_real

    @property
    def differentiates_input(self):
        return self.discriminator is not None and self.discriminator.differentiates_input

    @property
    def critic_term(self):
        return None if self.discriminator is None else self.discriminator.critic_term

    @property
    def boundary_term(self):
        return None if self.discriminator is None else self.discriminator.boundary_term

    def bound(self, generator, discriminator, memory=None):
        memory = keras.layers.Layer() if memory is None else memory
        return Players(**{p: side.bound(generator, discriminator, memory) for p, side in self._sides.items()})

    def discriminator_loss(self, round):
        return self.discriminator.discriminator_loss(round) if self.discriminator is not None else None

    def generator_loss(self, round):
        return self.generator.generator_loss(round) if self.generator is not None else None

    def get_config(self):
        return {player: keras.saving.serialize_keras_object(side) for player, side in self._sides.items()}

    def __str__(self):
        return f"players({', '.join(f'{player}={side}' for player, side in self._sides.items())})"


def _half(player, term):
    """Returns one player's half of a term; `NamedTerm` and `At` keep their classes, which a game reads."""
    if isinstance(term, NamedTerm):
        return term
    if isinstance(term, At):
        return At(Players(**{player: term.objective}), term.match, term.maker)
    return Players(**{player: term})


def _halves(objective, player):
    terms = [(w, term) for w, term in objective.terms if player in term.players]
    return [(w, getattr(term, player) if isinstance(term, Players) else term) for w, term in terms]
