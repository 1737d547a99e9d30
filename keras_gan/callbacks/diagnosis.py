"""Diagnoses of a game in plain words, with what to try: rules over a row of examinations."""

import dataclasses
import math
import string
from collections.abc import Callable, Mapping, Sequence


@dataclasses.dataclass(frozen=True)
class Failure:
    """A way in which games fail.

    Attributes:
        name: What it is called.
        holds: Whether one examination shows it.
        words: What it shows, as a template over the examination's numbers.
        advice: What to try, the likeliest first.
    """

    name: str
    holds: Callable[[Mapping[str, float]], bool]
    words: str
    advice: str

    def is_measured(self, seen: Mapping[str, float]) -> bool:
        """Returns whether an examination holds what is said of this failure: a game without matches has no scores."""
        return all(name in seen for _, name, _, _ in string.Formatter().parse(self.words) if name)


SCORE = "separation"  # what is measured of every match
WON, FAR, WIDE, STEEP, FLAT, STILL, ALIKE, SAME, LEAKED, NEAR = 0.99, 4.0, 100.0, 10.0, 0.01, 1e-6, 0.3, 0.1, 0.4, 2.0
NON_FINITE = "non-finite numbers"

FAILURES = (
    Failure(
        "the discriminator won",
        lambda seen: seen["separation"] >= WON and seen["gap"] >= FAR,
        "It tells {separation:.1%} of the pairs of a real and a generated example apart, with mean scores "
        "{gap:.1f} standard deviations from each other: the generator is shown little to go by.",
        "Lower the discriminator's learning rate or raise the generator's; add a gradient penalty (+ 5 * r1 + 5 * r2); "
        "augment what it is shown (augmentation='diff_augment') if the data is small.",
    ),
    Failure(
        "mode collapse",
        lambda seen: seen["diversity"] < ALIKE or seen["nearest"] < SAME,
        "Samples differ too little: two of them by {diversity:.1%} of what two real examples do, and one from the "
        "nearest other by {nearest:.1%}.",
        "Take an objective that compares pairs (relativistic_paired + 5 * r1 + 5 * r2); judge several examples at a "
        "time (packing=2, MinibatchStandardDeviation); lower the generator's learning rate.",
    ),
    Failure(
        "an exploding critic",
        lambda seen: seen["spread"] > WIDE and seen["slope"] > STEEP,
        "Scores spread over {spread:,.0f} and change by {slope:,.0f} a unit of the example; its weights have the norm "
        "{d_weights:,.0f}. Nothing bounds it.",
        "Add a gradient penalty (wasserstein + 10 * gradient_penalty) or spectral normalization; lower the "
        "discriminator's learning rate.",
    ),
    Failure(
        "a vanishing generator gradient",
        lambda seen: seen.get("pull", 1.0) < FLAT or seen["g_gradient_rms"] < STILL,
        "Its loss is flat where the samples are, and its gradient has the norm {g_gradient:.1e}, {g_gradient_rms:.1e} "
        "a weight: it does not change.",
        "Take an objective that does not saturate (non_saturating, relativistic_paired) or one whose critic keeps its "
        "slope (wasserstein + 10 * gradient_penalty); make fewer moves of the discriminator.",
    ),
    Failure(
        "an augmentation leak",
        lambda seen: seen.get("leak", 0) - seen.get("leak_of_real", 0) > LEAKED and seen["leak_distance"] < NEAR,
        "{leak:.0%} of the samples are nearer to an augmented example than to a real one; of real examples "
        "{leak_of_real:.0%} are. The generator draws the augmentation.",
        "Augment with a probability below 0.8 (augmentation='adaptive'), or only by changes that real examples show "
        "too.",
    ),
)
WHEN_NON_FINITE = (
    "Lower both learning rates; add a gradient penalty; in mixed_float16 take mixed_bfloat16. `keras-gan train "
    "--rollbacks=3` goes back to a checkpoint with half the learning rates by itself."
)


def diagnose(examinations: Sequence[Mapping[str, float]], patience: int) -> list[tuple[str, str, str]]:
    """Returns the failures that each of the last `patience` examinations shows; one non-finite number is enough.

    Returns:
        Triples of the failure's name, what is seen and what to try.
    """
    last = examinations[-patience:]
    broken = [name for name, value in last[-1].items() if not math.isfinite(value)]
    if broken:
        return [(NON_FINITE, f"Not finite any more: {', '.join(broken)}.", WHEN_NON_FINITE)]
    if len(last) < patience or not all(math.isfinite(value) for seen in last for value in seen.values()):
        return []
    found = []
    for match in _matches(last[-1]):
        looks = [_at(seen, match) for seen in last]
        shown = [failure for failure in FAILURES if all(failure.is_measured(seen) for seen in looks)]
        shown = [failure for failure in shown if all(map(failure.holds, looks))]
        where = f" ({match.removeprefix('_')})" if match else ""
        found += [(f"{each.name}{where}", each.words.format(**looks[-1]), each.advice) for each in shown]
    return found


def _matches(seen):
    """Returns the suffix of each match's numbers; an empty one for a game without matches."""
    found = [name.removeprefix(SCORE) for name in seen if name == SCORE or name.startswith(f"{SCORE}_")]
    return found or [""]


def _at(seen, match):
    """Returns the numbers of one match under their plain names, and all others."""
    return {
        **seen,
        **{name.removesuffix(match): value for name, value in seen.items() if match and name.endswith(match)},
    }
