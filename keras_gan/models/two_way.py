"""TwoWay: the base of games that translate each of two domains into the other and back."""

from collections.abc import Mapping

import keras

from keras_gan.game import Game, Match
from keras_gan.objectives import Distance, Objective
from keras_gan.replay import FakePool


class TwoWay(Game):
    """Two domains without pairs, `a` and `b`: two players translate, two judge, and translations are translated back.

    The values are `fake_b`, `fake_a`, and `back_a` and `back_b`, which are translated twice. Subclasses define the
    objective: an adversarial term at both matches, `a` and `b`, and `round_trips`.

    Args:
        g_ab: examples of `a` -> examples of `b`.
        g_ba: examples of `b` -> examples of `a`.
        d_a: Judges examples of `a`: one score each, or a map of patches.
        d_b: Judges examples of `b`.
        objective: The default objective of `compile`.
        values: Further values, which the objective reads. Defaults to none.
        pool: Number of past fakes of each domain that are kept to be judged, too. Defaults to 0.
        **options: `seed`, `ema` and `name`, as for `Game`.
    """

    def __init__(
        self,
        g_ab: keras.Model,
        g_ba: keras.Model,
        d_a: keras.Model,
        d_b: keras.Model,
        objective: Objective,
        *,
        values: Mapping[str, str] | None = None,
        pool: int = 0,
        **options,
    ):
        translated = {"fake_b": "g_ab(a)", "fake_a": "g_ba(b)", "back_a": "g_ba(fake_b)", "back_b": "g_ab(fake_a)"}
        super().__init__(
            players={"g_ab": g_ab, "g_ba": g_ba, "d_a": d_a, "d_b": d_b},
            values=translated | dict(values or {}),
            matches={
                each: Match(f"d_{each}", each, f"fake_{each}", replay=FakePool(pool) if pool else None) for each in "ab"
            },
            objective=objective,
            **options,
        )
        self.ema = options.get("ema")

    @property
    def tasks(self) -> dict[str, str]:
        """The tasks `translate_ab` and `translate_ba`."""
        return {"translate_ab": "fake_b", "translate_ba": "fake_a"}


def round_trips(norm: int = 1) -> Objective:
    """Returns the cycle distances: of examples of both domains from their translations there and back.

    Args:
        norm: The norm of `Distance`, 1 or 2. Defaults to 1.
    """
    return Distance("back_a", "a", norm) + Distance("back_b", "b", norm)
