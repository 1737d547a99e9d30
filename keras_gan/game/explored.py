"""The space in which one may walk among the examples that a game makes of noise."""

import dataclasses

from keras_gan.latents import Latents


@dataclasses.dataclass(frozen=True)
class Explored:
    """A space of vectors, and what a game makes of them.

    Attributes:
        code: The name of the draw or the value whose examples are the vectors, (N, d): `"latents"`, `"w"`.
        made: The value that is made of them.
        condition: The draw or the part that holds labels; None where there are none.
        psi: The draw by which vectors are drawn towards their mean; None where it is the prior that is truncated.
        layers: The value, one vector for each layer, (N, layers, d), in which layers may be given different ones; None
            if there is none.
    """

    code: str
    made: str
    condition: str | None = None
    psi: str | None = None
    layers: str | None = None


def find(game) -> Explored | None:
    """Finds the first value that is made of one `Latents`, and at most of one condition beside it."""
    for name in dict.fromkeys([*game.tasks.values(), *game.displayed, *game.wiring.values]):
        if name not in game.wiring.values or game.shapes.get(name) != game.example_shape:
            continue
        leaves = game.wiring.leaves([name])
        codes = [leaf for leaf in leaves if isinstance(game.draws.get(leaf), Latents)]
        others = [leaf for leaf in leaves if leaf not in codes]
        if len(codes) == 1 and len(others) <= 1 and (not others or others[0] in ("labels", *game.draws)):
            return Explored(codes[0], name, others[0] if others else None)
    return None
