"""Side: the players that minimise a loss together, with one optimizer."""

import dataclasses
from collections.abc import Mapping, Sequence

import keras

from keras_gan.ground.arguments import shown
from keras_gan.objectives.objective import short
from keras_gan.play import players

JUDGES, MAKERS = "discriminator", "generator"


@dataclasses.dataclass(frozen=True, eq=False)
class Side:
    """Players that minimise a loss together, with the interface of one model for optimizers and regularizing losses.

    Attributes:
        name: The side's name.
        members: The players by their names.
    """

    name: str
    members: Mapping[str, keras.layers.Layer]

    @property
    def short(self) -> str:
        """The prefix of the side's logs: `"d"`, `"g"`, or the whole name of another side."""
        return short(self.name)

    @property
    def trainable_variables(self) -> list:
        """The weights that the side's moves change."""
        return _once(variable for player in self.members.values() for variable in player.trainable_variables)

    @property
    def variables(self) -> list:
        """All variables of the players."""
        return _once(variable for player in self.members.values() for variable in player.variables)

    @property
    def dtype_policy(self) -> keras.DTypePolicy:
        """The policy of the first player in mixed_float16, otherwise of the first player."""
        policies = [player.dtype_policy for player in self.members.values()]
        return next((policy for policy in policies if policy.name == "mixed_float16"), policies[0])

    def _flatten_layers(self, **options):
        return _once(layer for player in self.members.values() for layer in player._flatten_layers(**options))

    def advance(self) -> None:
        """Advances the layers of all players, each once, also where players share it."""
        players.advance(self)


def _once(objects):
    """Returns each variable or layer once, also where players share layers."""
    return list({id(each): each for each in objects}.values())


def make_sides(
    given: Mapping[str, str | Sequence[str]] | None, named: Mapping[str, keras.layers.Layer], judges: Sequence[str]
) -> dict[str, Side]:
    """Returns the sides of a game: the given ones, or the judges and all other players with weights.

    Args:
        given: Side -> the names of its players; or None. A player on no side is frozen.
        named: All players by name.
        judges: The names of the players that judge. They are on one side each; other players may be on several, as
            the encoder of an adversarial autoencoder is, and are then updated by the optimizer of each.

    Raises:
        ValueError: If a side names no player, or a judge that is on another side.
    """
    if given is None:
        rest = [name for name, player in named.items() if name not in judges and players.learnable(player)]
        given = {side: names for side, names in ((JUDGES, list(judges)), (MAKERS, rest)) if names}
    sides, seen = {}, {}
    for side, names in given.items():
        names = [names] if isinstance(names, str) else list(names or ())
        if not str(side).isidentifier():
            raise ValueError(f"`sides` must have names that are identifiers. Received: {side!r}")
        if not names or not set(names) <= set(named):
            raise ValueError(f"`sides` must name players, {list(named)}. Received: {side}={shown(names)}")
        for name in names:
            if name in judges and name in seen:
                raise ValueError(
                    f"`sides` must have each judge on one of them. Received: {name!r} on {seen[name]!r} and {side!r}"
                )
            seen[name] = side
        sides[side] = Side(side, {name: named[name] for name in names})
    if not sides:
        raise ValueError("`players` must include one with weights to train. Received: none")
    return sides
