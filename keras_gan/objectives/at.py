"""Objectives at one match of a game, and objectives with real and fake exchanged."""

import copy
from collections.abc import Mapping

import keras

from keras_gan.ground.arguments import shown
from keras_gan.objectives.composite import Composite, Sum
from keras_gan.objectives.named import NamedTerm
from keras_gan.objectives.objective import Objective


@keras.saving.register_keras_serializable("keras_gan")
class At(Composite):
    """An objective at one match of a game, usually written as `LeastSquares() @ "a"`.

    D and G: the losses of the objective, at the match

    Args:
        objective: An objective, or its name, expression or config, as for `objectives.get`.
        match: The name of the match. Defaults to every match.
        maker: The side that minimises the generator's loss. Defaults to every side that takes part in making the
            fakes, except the judge's.

    Example:

    >>> print(LeastSquares() @ "a" + R1() @ "b")
    least_squares@a + r1@b
    """

    def __init__(self, objective: Objective | str | dict, match: str | None = None, maker: str | None = None):
        from keras_gan.objectives import get  # imported here, as that module imports this one

        self.objective = get(objective)
        for name, value in (("match", match), ("maker", maker)):
            if not isinstance(value, str | None):
                raise ValueError(f"`{name}` must be a name or None. Received: {name}={shown(value)}")
        if isinstance(self.objective, Sum):
            raise ValueError(f"`objective` must be one term: place each term separately. Received: {self.objective}")
        if isinstance(self.objective, At | NamedTerm):
            raise ValueError(
                "`objective` must be a term that acts at matches and has no match yet: terms that read names, such as "
                f"`Distance`, need none. Received: {self.objective}"
            )
        self.match, self.maker = match, maker
        self._roles = {"discriminator": "discriminator", "generator": "generator"}
        self._models: dict[str, keras.Model] | None = None
        self._makers: dict[str, keras.Model] = {}

    def placed(
        self,
        match: str,
        roles: Mapping[str, str],
        models: Mapping[str, keras.Model],
        makers: Mapping[str, keras.Model] | None = None,
    ) -> "At":
        """Returns a copy for one match of a game.

        Args:
            match: The match's name.
            roles: The role of each side, `"discriminator"` or `"generator"`.
            models: One model of the players in each role.
            makers: The players of each side that generates, in a match with several such sides: the round of each
                side's move has its own players as `generator`. Defaults to none.
        """
        made = copy.copy(self)
        made._makers = dict(makers or {})
        made.match, made._roles, made._models = match, dict(roles), dict(models)
        return made

    @property
    def name(self):
        return f"{self.objective.name}_{self.match}" if self.match else self.objective.name

    @property
    def label(self):
        return f"{self.objective.label}_{self.match}" if self.match else self.objective.label

    @property
    def players(self):
        return tuple(side for side, role in self._roles.items() if role in self.objective.players)

    children = property(lambda self: [self.objective])

    def loss(self, side, round):
        role = self._roles.get(side)
        return None if role is None else self.objective.loss(role, self._round(round, side))

    def discriminator_loss(self, round):
        return self.loss("discriminator", round)

    def generator_loss(self, round):
        return self.loss("generator", round)

    def update(self, player, round):
        if player in self._roles:
            self.objective.update(self._roles[player], self._round(round, player))

    def bound(self, generator, discriminator, memory=None):
        if self._models is not None:
            generator, discriminator = self._models["generator"], self._models["discriminator"]
        made = copy.copy(self)
        made.objective = self.objective.bound(generator, discriminator, memory)
        return made

    def _round(self, round, side):
        found = round.at(self.match) if self.match else round
        return found.made_by(self._makers[side]) if side in self._makers else found

    def get_config(self):
        objective = keras.saving.serialize_keras_object(self.objective)
        return {"objective": objective, "match": self.match, "maker": self.maker}

    def __str__(self):
        if self.maker is None:
            return f"{self.objective}@{self.match}" if self.match else str(self.objective)
        match = f", match={self.match!r}" if self.match else ""
        return f"at({self.objective}{match}, maker={self.maker!r})"


@keras.saving.register_keras_serializable("keras_gan")
class Swapped(Composite):
    """An objective whose makers minimise the judge's loss with real and fake exchanged, as in BiGAN.

    D: the discriminator's loss of the objective
    G: the discriminator's loss of the objective, with fake as real and real as fake

    The generator's gradient also passes through the real side, such as the codes of real pictures.

    Args:
        objective: An objective, or its name, expression or config, as for `objectives.get`. Defaults to
            `"non_saturating"`.

    Example:

    >>> print(Swapped("non_saturating"))
    swapped(non_saturating)

    Reference: [Donahue et al., 2017](https://arxiv.org/abs/1605.09782), section 3.4.
    """

    generator_sees_real = True

    def __init__(self, objective: Objective | str | dict = "non_saturating"):
        from keras_gan.objectives import get

        self.objective = get(objective)
        terms = [term for _, term in self.objective.terms]
        if "discriminator" not in self.objective.players or any(isinstance(term, At | NamedTerm) for term in terms):
            raise ValueError(
                "`objective` must give the discriminator a loss on real and fake; place it outside, as in "
                f"`Swapped('hinge') @ 'a'`. Received: {self.objective}"
            )
        if self.objective.differentiates_input:
            raise ValueError(
                "`objective` must be without gradient penalties: add them outside, as in "
                f"`Swapped('hinge') + R1()`. Received: {self.objective}"
            )

    players = property(lambda self: ("discriminator", "generator"))
    children = property(lambda self: [self.objective])

    def discriminator_loss(self, round):
        return self.objective.discriminator_loss(round)

    def generator_loss(self, round):
        return self.objective.discriminator_loss(round.swapped())

    def bound(self, generator, discriminator, memory=None):
        made = copy.copy(self)
        made.objective = self.objective.bound(generator, discriminator, memory)
        return made

    def get_config(self):
        return {"objective": keras.saving.serialize_keras_object(self.objective)}

    def __str__(self):
        return f"swapped({self.objective})"
