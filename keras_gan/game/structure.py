"""Checks that players, draws, values, matches and sides of a game fit together."""

from collections.abc import Mapping

from keras_gan.game.match import Match
from keras_gan.ground.arguments import shown
from keras_gan.latents import Prior
from keras_gan.play import conditions, players


def check_dicts(**arguments) -> None:
    """Checks that arguments are dicts, and that there are players and values."""
    for name, given in arguments.items():
        if not isinstance(given, Mapping):
            raise ValueError(f"`{name}` must be a dict by names. Received: {name}={shown(given)}")
        if not given and name in ("players", "values"):
            raise ValueError(f"`{name}` must have at least one entry. Received: {name}={{}}")


def named_matches(given: Mapping[str, Match] | Match | None) -> dict[str, Match]:
    """Returns the matches of a game by name; the only one, without a name, by `""`."""
    if isinstance(given, Match):
        return {"": given}
    given = {} if given is None else given
    if not isinstance(given, Mapping) or not all(isinstance(match, Match) for match in given.values()):
        raise ValueError(
            "`matches` must be a Match, a dict of them by names, or None; such as Match('d', real='x', fake='made'). "
            f"Received: matches={shown(given)}"
        )
    return dict(given)


def check_draws(draws: Mapping[str, Prior]) -> None:
    """Checks that all draws are priors."""
    for name, prior in draws.items():
        if not isinstance(prior, Prior):
            raise ValueError(
                f"`draws` must hold priors, such as `latents.Normal(64)`, or numbers of dimensions. Received: "
                f"{name}={shown(prior)}"
            )


def check_matches(game) -> None:
    """Checks the names of matches, and that each has a player as its judge and a value as fake."""
    for name, match in game.matches.items():
        if not isinstance(name, str) or not (name == "" or name.isidentifier()):
            raise ValueError(f"`matches` must have names such as 'a', of letters, digits and _. Received: {name!r}")
        if match.judge not in game.players:
            raise ValueError(
                f"`matches` must be judged by a player, {list(game.players)}. Received: {name!r}, judged by "
                f"{match.judge!r}"
            )
        made = [each.name for each in match.fakes if each.name not in game.wiring.values]
        if len(made) == len(match.fakes):
            raise ValueError(
                f"`matches` must judge a value as fake, {list(game.wiring.values)}. Received: {name!r}, with "
                f"fake={made[0]!r}"
            )


def check_apart(game) -> None:
    """Checks that no player, pool or augmentation with a state is used twice in the game.

    Raises:
        ValueError: If one is.
    """
    twice = _find_twice({name: [player] for name, player in game.players.items()})
    if twice:
        raise ValueError(
            "`players` must be different models: `values` may call one several times, and several may share layers, as "
            "those of networks.coupled_generators do; keras.models.clone_model makes a copy. "
            f"Received: one model, {game.players[twice[0]].name!r}, as {twice[0]!r} and {twice[1]!r}"
        )
    pools = {name: [match.replay] for name, match in game.matches.items() if match.replay is not None}
    states = {name: match.augmentation.variables for name, match in game.matches.items() if match.augmentation}
    for kind, objects in {"replay": pools, "augmentation": states}.items():
        twice = _find_twice(objects)
        if twice:
            raise ValueError(
                f"`{kind}` must be another object in each match, as it has a state. "
                f"Received: one in the matches {twice[0]!r} and {twice[1]!r}"
            )


def _find_twice(objects):
    """Returns two names that have the same object; None if there are none."""
    seen = {}
    for name, found in objects.items():
        for each in found:
            first = seen.setdefault(id(each), name)
            if first != name:
                return first, name
    return None


def check_inputs(game) -> None:
    """Checks that functional players get as many inputs as they take, and that judges get fakes with a gradient.

    Raises:
        ValueError: If one does not.
    """
    for name, player in game.players.items():
        players.check_listed(name, player)
    for value in game.wiring.values.values():
        inputs = players.graph_inputs(game.players[value.player])
        if inputs and len(inputs) != len(value.inputs):
            raise ValueError(
                f"`values` must give {value.player!r} as many inputs as it takes, {len(inputs)}. "
                f"Received: {value.name}={str(value)!r}"
            )
    for match in game.matches.values():
        inputs, shown = players.graph_inputs(game.players[match.judge]), len(match.reals)
        if inputs and len(inputs) != shown and (len(inputs), shown, match.labels is None) != (2, 1, False):
            raise ValueError(
                f"`matches` must give {match.judge!r} as many inputs as it takes, {len(inputs)}. Received: {match!r}"
            )
        for fake, tensor in zip(match.fakes, inputs or (), strict=False):
            if fake.name in game.wiring.values and conditions.of_input(tensor).dtype == "int32":
                raise ValueError(
                    f"`matches` must give {match.judge!r} floats where players make its input, as they are trained by "
                    f"its gradient: use probabilities in place of integers. Received: an input of integers for "
                    f"{str(fake)!r}"
                )


def check_sides(game) -> None:
    """Checks that no judge is on one side with all makers of its match, and that no player has an attribute's name.

    Raises:
        ValueError: If a judge is, or a player has.
    """
    for match in game.matches.values():
        makers = game.wiring.makers(each.name for each in (*match.reals, *match.fakes))
        learning = {name for side in game.sides.values() for name in side.members if name in makers}
        for side in game.sides.values():
            if match.judge in side.members and learning and learning <= set(side.members) - {match.judge}:
                raise ValueError(
                    f"`sides` must separate judges from makers: {match.judge!r} judges what {sorted(learning)} make. "
                    f"Received: the side {side.name!r} of {list(side.members)}"
                )
    attributes = {f"{side}_optimizer" for side in game.sides}
    attributes |= {f"{match}_{kind}" for match in game.matches if match for kind in ("augmentation", "replay")}
    taken = sorted(attributes & set(game.players))
    if taken:
        raise ValueError(
            f"`players` must have names that are free, as each becomes an attribute. Received: {taken[0]!r}"
        )
