"""Settings that follow from the size of pictures."""

import dataclasses
import math
import re
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Growth:
    """Penalties that grow and rates that fall as pictures grow beyond a side.

    The gradient by a picture has as many components as the picture has pixels, and a deeper, wider network changes more
    with each update: with the settings of small pictures, training on 256 pixels explodes within six steps.

    Attributes:
        objective: An expression with `{0}` in place of the penalties' weight.
        penalty: The weight, for pictures up to `side` pixels.
        side: The side in pixels.
    """

    objective: str
    penalty: float
    side: int

    def settings(self, size: tuple[int, int], rates: Mapping[str, float]) -> dict[str, Any]:
        """Returns the objective for pictures of this size, and learning rates scaled from those of small pictures.

        >>> Growth("hinge + {0} * r1", 5, side=64).settings((128, 128), {"generator_lr": 1e-3})
        {'objective': 'hinge + 20 * r1', 'generator_lr': 0.0005}
        """
        growth = max(1.0, math.sqrt(math.prod(size)) / self.side)
        weight = f"{round(self.penalty * growth**2, 1):g}"
        sized = {name: float(f"{rate / growth:.4g}") for name, rate in rates.items()}
        return {"objective": self.objective.format(weight), **sized}

    def followed(self, known: Mapping[str, Any], rates: Mapping[str, float]) -> list[str]:
        """Returns which of the known settings are equal to those from `settings` for pictures of some size.

        >>> growth, rates = Growth("hinge + {0} * r1", 5, side=64), {"generator_lr": 1e-3}
        >>> growth.followed({"objective": "hinge + 20 * r1", "generator_lr": 5e-4}, rates)
        ['objective', 'generator_lr']
        """
        pattern = re.escape(self.objective).replace(re.escape("{0}"), r"([\d.]+)", 1).replace(re.escape("{0}"), r"\1")
        found = re.fullmatch(pattern, str(known.get("objective")))
        growth = math.sqrt(float(found[1]) / self.penalty) if found else 0
        if growth < 1:
            return []
        same = [
            name
            for name, rate in rates.items()
            if known.get(name) and math.isclose(known[name] * growth, rate, rel_tol=1e-3)
        ]
        return ["objective", *same]
