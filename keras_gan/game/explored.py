"""The space of vectors in which the examples of a game can be interpolated."""

import dataclasses

from keras_gan.latents import Latents


@dataclasses.dataclass(frozen=True)
class Explored:
    """A space of vectors, and the value that a game makes from them.

    Attributes:
        code: The name of the draw or the value whose examples are the vectors, (N, d): `"latents"`, `"w"`.
        made: The name of the value that is made from the vectors.
        condition: The name of the draw or part with labels; None if there are no labels.
        psi: The name of the draw that truncates vectors towards their mean; None if the prior is truncated instead.
        layers: The name of the value with one vector per layer, (N, layers, d), so that layers can get different
            vectors; None if there is none.
    """

    code: str
    made: str
    condition: str | None = None
    psi: str | None = None
    layers: str | None = None


def find(game) -> Explored | None:
    """Returns the space of the first value that is made from one `Latents`, and at most one condition."""
    for name in dict.fromkeys([*game.tasks.values(), *game.displayed, *game.wiring.values]):
        if name not in game.wiring.values or game.shapes.get(name) != game.example_shape:
            continue
        leaves = game.wiring.leaves([name])
        codes = [leaf for leaf in leaves if isinstance(game.draws.get(leaf), Latents)]
        others = [leaf for leaf in leaves if leaf not in codes]
        if len(codes) == 1 and len(others) <= 1 and (not others or others[0] in ("labels", *game.draws)):
            return Explored(codes[0], name, others[0] if others else None)
    return None
