"""The matches at which the terms of an objective act, and the values that the loss of each side needs."""

from collections.abc import Collection, Iterator, Mapping

from keras_gan.game.sides import JUDGES, MAKERS, Side
from keras_gan.game.wiring import read_reference
from keras_gan.objectives import At, NamedTerm, Objective, Sum


def roles(game, match: str, maker: str | None = None) -> dict[str, str]:
    """Returns the role of each side at a match: the side of the judge discriminates, those of the makers generate.

    Args:
        game: The game.
        match: The match's name.
        maker: The only side that generates; None for all that take part in making what is judged.
    """
    judge = game.matches[match].judge
    found = {side.name: JUDGES for side in game.sides.values() if judge in side.members}
    makers = game.wiring.makers(each.name for each in (*game.matches[match].reals, *game.matches[match].fakes))
    for side in game.sides.values():
        if side.name not in found and (maker in (None, side.name)) and set(makers) & set(side.members):
            found[side.name] = MAKERS
    return found


def is_judged(game, match: str, sides: Mapping[str, Side]) -> bool:
    """Returns whether the judge of a match is on one of some sides."""
    return any(game.matches[match].judge in side.members for side in sides.values())


def place(game, objective: Objective, moving: Collection[str]) -> Objective:
    """Returns the objective with each term at its match: a term that names no match acts at every match.

    A game of one match between the discriminator and the generator keeps the objective as it is.

    Args:
        game: The game.
        objective: The objective.
        moving: The names of the sides that move, and need a loss.

    Raises:
        ValueError: If a term names a match, a value, a side or a player that does not exist, or a side has no loss.
    """
    _check_names(game, objective)
    plain = len(game.matches) == 1 and roles(game, next(iter(game.matches))) == {JUDGES: JUDGES, MAKERS: MAKERS}
    terms = []
    for weight, term in objective.terms:
        if isinstance(term, NamedTerm):
            term = term.with_players(game.players)
        if isinstance(term, NamedTerm) or (plain and not isinstance(term, At)):
            terms.append((weight, term))
            continue
        placed = term if isinstance(term, At) else At(term)
        for match in [placed.match] if placed.match else game.matches:
            parts = [made for made in _parts(game, placed, match) if made.players]
            terms += [(weight, made) for made in parts]
    unchanged = len(terms) == len(objective.terms) and all(
        a is b for (_, a), (_, b) in zip(terms, objective.terms, strict=True)
    )
    result = objective if unchanged else Sum(terms)
    _check_losses(game, objective, result, moving)
    return result


def _parts(game, term, match):
    """Returns the term at a match; if it follows the weights of several sides that generate, a part for each of them.

    The state of such a term is that of one side's players. The judge's loss is in the first part.
    """
    played = roles(game, match, term.maker)
    sides = [name for name, role in roles(game, match).items() if role == MAKERS]
    makers = {name: game.maker_of(match, name) for name in sides} if len(sides) > 1 else {}
    models = {JUDGES: game.players[game.matches[match].judge], MAKERS: game.maker_of(match)}
    if not makers or not term.follows_weights:
        return [term.placed(match, played, models, makers)]
    parts, kept = [], {name: role for name, role in played.items() if role == JUDGES}
    for name in (name for name in sides if name in played):
        parts.append(term.placed(match, {**kept, name: MAKERS}, {**models, MAKERS: makers[name]}, makers))
        kept = {}
    return [*parts, *([term.placed(match, kept, models, makers)] if kept else [])]


def reads(game, objective: Objective, side: Side) -> tuple[str, ...]:
    """Returns the names that must be computed for the loss and the logs of a side."""
    names = []
    for match, term in _at_matches(game, objective):
        if side.name in term.players or game.matches[match].judge in side.members:
            names += [each.name for each in (*game.matches[match].reals, *game.matches[match].fakes)]
    for _, term in objective.terms:
        if isinstance(term, NamedTerm) and term.side == side.name:
            names += [read_reference(each, "reads").name for each in term.reads]
    for match in game.matches.values():
        if match.judge in side.members:
            names += [each.name for each in (*match.reals, *match.fakes)]
    return tuple(dict.fromkeys(names))


def passed(game, objective: Objective, side: Side) -> set[str]:
    """Returns the players that gradients of a side run through: its own, and those that read what these make."""
    made = game.wiring.involving(side.members)
    names = {*side.members, *(game.wiring.values[value].player for value in made)}
    for match in game.matches.values():
        if made & {each.name for each in (*match.reals, *match.fakes)}:
            names.add(match.judge)
    for _, term in objective.terms:
        if isinstance(term, NamedTerm) and term.side == side.name:
            names |= set(term.looks_through)
    return names


def terms_at(game, objective: Objective, match: str) -> list[Objective]:
    """Returns the terms that act at a match."""
    return [term for name, term in _at_matches(game, objective) if name == match]


def _at_matches(game, objective) -> Iterator[tuple[str, Objective]]:
    for _, term in objective.terms:
        if isinstance(term, NamedTerm):
            continue
        if isinstance(term, At) and term.match is not None:
            yield term.match, term
        else:
            yield from ((name, term) for name in game.matches)


def _check_names(game, objective):
    known = list(dict.fromkeys([*game.wiring.values, *game.draws, *game.parts, "real", "labels"]))
    for _, term in objective.terms:
        if isinstance(term, At):
            _check("match", term.match, game.matches, objective)
            _check("maker", term.maker, game.sides, objective)
        elif isinstance(term, NamedTerm):
            _check("side", term.side, game.sides, objective)
            for player in term.looks_through:
                _check("player", player, game.players, objective)
            for name in term.reads:
                hint = "; name a part of the data that only the objective reads in `shapes` of the game"
                _check("value", read_reference(name, "reads").name, known, objective, hint)
        elif not game.matches:
            raise ValueError(
                f"`objective` must read values by their names, as this game has no matches. Received: {str(term)!r}"
            )


def _check(kind, name, known, objective, hint=""):
    if name is not None and name not in known:
        raise ValueError(
            f"`objective` must name a {kind} of the game: {', '.join(map(repr, known))}. "
            f"Received: {name!r} in {str(objective)!r}{hint}"
        )


def _check_losses(game, objective, placed, moving):
    needed = [name for name in game.sides if name in moving]
    missing = [name for name in needed if name not in placed.players]
    if not missing:
        return
    if needed == [JUDGES, MAKERS]:
        raise ValueError(
            f"`objective` must give both players a loss. Received: {str(objective)!r}, without one for the "
            f"{' and the '.join(missing)}"
        )
    raise ValueError(
        f"`objective` must have a loss for each side that moves: {', '.join(needed)}. Received: {str(objective)!r}, "
        f"without one for {' and '.join(missing)}"
    )
