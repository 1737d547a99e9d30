"""The values of a game: `"g_ab(a)"` is the output of the player `g_ab` for the part or value `a`."""

import ast
import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from keras_gan.ground.arguments import shown

RULE = "a call of a player, such as 'g_ab(a)' or ('g_ab', 'a'), whose inputs are names"


@dataclasses.dataclass(frozen=True)
class Reference:
    """A name, or one of the outputs of the value with that name: `code`, `code.mean`, `fakes[1]`.

    Attributes:
        name: The name of a value, a draw or a part of the data.
        output: The key of a dict of outputs, or the index in a tuple; None for the whole.
    """

    name: str
    output: str | int | None = None

    def __str__(self):
        if self.output is None:
            return self.name
        return f"{self.name}[{self.output}]" if isinstance(self.output, int) else f"{self.name}.{self.output}"


@dataclasses.dataclass(frozen=True)
class Value:
    """A value: a player and its inputs."""

    name: str
    player: str
    inputs: tuple[Reference, ...]

    def __str__(self):
        return f"{self.player}({', '.join(map(str, self.inputs))})"


class Wiring:
    """The values of a game, in the order in which they are computed.

    Args:
        values: Name -> `"player(input, ...)"`, or the tuple `("player", "input", ...)`. An input is the name of an
            earlier value, of a draw, or otherwise of a part of the data.
        players: The names of the players.
        draws: The names of the draws.

    Raises:
        ValueError: If a value is no call, calls no player, reads a later value, or has a name that is taken.

    Example:

    >>> wiring = Wiring({"fake": "generator(latents)"}, players=["generator"], draws=["latents"])
    >>> wiring.leaves(["fake"])
    ['latents']
    """

    def __init__(self, values: Mapping[str, str | Sequence[str]], players: Iterable[str], draws: Iterable[str] = ()):
        self.players, self.draws = tuple(players), tuple(draws)
        self.values = {}
        for name, call in values.items():
            value = read_value(name, call)
            if value.player not in self.players:
                raise ValueError(
                    f"`values` must call players, {list(self.players)}. Received: {name}={shown(call)}, which calls "
                    f"{value.player!r}"
                )
            if name in (*self.players, *self.draws):
                raise ValueError(
                    f"`values` must have other names than players and draws. Received: {name!r}, which is taken"
                )
            later = [each.name for each in value.inputs if each.name in values and each.name not in self.values]
            if later:
                raise ValueError(
                    "`values` must be in the order in which they are computed. "
                    f"Received: {name}={shown(call)}, which reads {later[0]!r} before it is made"
                )
            self.values[name] = value

    def needed(self, names: Iterable[str], given: Iterable[str] = ()) -> list[str]:
        """Returns the values, in order, that must be computed for `names` if those in `given` are given."""
        wanted, given = set(names), set(given)
        for value in reversed(self.values.values()):
            if value.name in wanted - given:
                wanted |= {each.name for each in value.inputs}
        return [name for name in self.values if name in wanted - given]

    def leaves(self, names: Iterable[str], given: Iterable[str] = ()) -> list[str]:
        """Returns the draws, parts of the data and given values that `names` are made from, or are, by first use."""
        names, given = list(names), set(given)
        used = [each.name for value in self.needed(names, given) for each in self.values[value].inputs]
        return list(dict.fromkeys(name for name in (*used, *names) if name not in self.values or name in given))

    def makers(self, names: Iterable[str]) -> list[str]:
        """Returns the players that take part in making some names."""
        return list(dict.fromkeys(self.values[value].player for value in self.needed(names)))

    def involving(self, players: Iterable[str]) -> set[str]:
        """Returns the values that some players take part in making."""
        players = set(players)
        return {name for name in self.values if players.intersection(self.makers([name]))}


def read_value(name: str, call: str | Sequence[str]) -> Value:
    """Parses the call that makes a value.

    Raises:
        ValueError: If `call` is no call of a player on names.
    """
    error = ValueError(f"`values` must be {RULE}. Received: {name}={shown(call)}")
    if isinstance(call, list | tuple) and len(call) > 1 and all(isinstance(each, str) for each in call):
        return Value(name, call[0], tuple(read_reference(each, "values") for each in call[1:]))
    if not isinstance(call, str):
        raise error
    try:
        tree = ast.parse(call.strip(), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        raise error from None
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name) or tree.keywords or not tree.args:
        raise error
    return Value(name, tree.func.id, tuple(_reference(each, error) for each in tree.args))


def read_reference(text: str, argument: str) -> Reference:
    """Parses the name of a value, a draw or a part, or of one of its outputs.

    Args:
        text: Such as `"a"`, `"code.mean"`, `"fakes[1]"`.
        argument: The name of the argument, for the error.

    Raises:
        ValueError: If `text` is no such name.
    """
    error = ValueError(f"`{argument}` must hold names, such as 'a', 'code.mean' or 'fakes[1]'. Received: {shown(text)}")
    if not isinstance(text, str):
        raise error
    try:
        return _reference(ast.parse(text.strip(), mode="eval").body, error)
    except (SyntaxError, RecursionError, MemoryError, TypeError, ValueError):
        raise error from None


def _reference(node, error):
    match node:
        case ast.Name():
            return Reference(node.id)
        case ast.Attribute(value=ast.Name()):
            return Reference(node.value.id, node.attr)
        case ast.Subscript(value=ast.Name(), slice=ast.Constant(value=int() | str() as output)):
            return Reference(node.value.id, output)
    raise error
