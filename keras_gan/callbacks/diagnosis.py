"""Diagnoses of a game in plain words, with advice: rules over consecutive examinations."""

import dataclasses
import math
import string
from collections.abc import Callable, Mapping, Sequence


@dataclasses.dataclass(frozen=True)
class Failure:
    """A way in which games fail.

    Attributes:
        name: The name of the failure.
        holds: Function of an examination that returns whether it shows the failure.
        words: A description, as a template over the examination's numbers.
        advice: What to try, the likeliest first.
    """

    name: str
    holds: Callable[[Mapping[str, float]], bool]
    words: str
    advice: str

    def is_measured(self, seen: Mapping[str, float]) -> bool:
        """Returns whether an examination has all numbers in `words`: a game without matches has no scores."""
        return all(name in seen for _, name, _, _ in string.Formatter().parse(self.words) if name)


SCORE = "separation"  # a number that every match has
WON, FAR, WIDE, STEEP, FLAT, STILL, ALIKE, SAME, LEAKED, NEAR = 0.99, 4.0, 100.0, 10.0, 0.01, 1e-6, 0.3, 0.1, 0.4, 2.0
NON_FINITE = "non-finite numbers"

FAILURES = (
    Failure(
        "the discriminator won",
        lambda seen: seen["separation"] >= WON and seen["gap"] >= FAR,
        "It tells {separation:.1%} of the pairs of a real and a generated example apart, with mean scores "
        "{gap:.1f} standard deviations from each other: the generator can learn little from it.",
        "Lower the discriminator's learning rate or raise the generator's; add a gradient penalty (+ 5 * r1 + 5 * r2); "
        "augment its inputs (augmentation='diff_augment') if the data is small.",
    ),
    Failure(
        "mode collapse",
        lambda seen: seen["diversity"] < ALIKE or seen["nearest"] < SAME,
        "Samples differ too little: the mean distance of two samples is {diversity:.1%} of that of two real examples, "
        "and the distance to the nearest other sample {nearest:.1%}.",
        "Take an objective that compares pairs (relativistic_paired + 5 * r1 + 5 * r2); judge several examples at a "
        "time (packing=2, MinibatchStandardDeviation); lower the generator's learning rate.",
    ),
    Failure(
        "an exploding critic",
        lambda seen: seen["spread"] > WIDE and seen["slope"] > STEEP,
        "Scores have a standard deviation of {spread:,.0f} and change by {slope:,.0f} per unit of the example; the "
        "critic's weights have the norm {d_weights:,.0f}. Nothing bounds them.",
        "Add a gradient penalty (wasserstein + 10 * gradient_penalty) or spectral normalization; lower the "
        "discriminator's learning rate.",
    ),
    Failure(
        "a vanishing generator gradient",
        lambda seen: seen.get("pull", 1.0) < FLAT or seen["g_gradient_rms"] < STILL,
        "The loss of the generator is flat at the samples, and its gradient has the norm {g_gradient:.1e}, "
        "{g_gradient_rms:.1e} per weight: the generator does not change.",
        "Take an objective that does not saturate (non_saturating, relativistic_paired) or one whose critic keeps its "
        "slope (wasserstein + 10 * gradient_penalty); make fewer moves of the discriminator.",
    ),
    Failure(
        "an augmentation leak",
        lambda seen: seen.get("leak", 0) - seen.get("leak_of_real", 0) > LEAKED and seen["leak_distance"] < NEAR,
        "{leak:.0%} of the samples are nearer to an augmented example than to a real one, against {leak_of_real:.0%} "
        "of real examples. The generator reproduces the augmentation.",
        "Augment with a probability below 0.8 (augmentation='adaptive'), or only by changes that real examples show "
        "too.",
    ),
)
WHEN_NON_FINITE = (
    "Lower both learning rates; add a gradient penalty; take mixed_bfloat16 in place of mixed_float16. `keras-gan "
    "train --rollbacks=3` returns to a checkpoint with half the learning rates automatically."
)


def diagnose(examinations: Sequence[Mapping[str, float]], patience: int) -> list[tuple[str, str, str]]:
    """Returns the failures that all of the last `patience` examinations show, or non-finite numbers in the last one.

    Returns:
        Triples of the failure's name, its description and the advice.
    """
    last = examinations[-patience:]
    broken = [name for name, value in last[-1].items() if not math.isfinite(value)]
    if broken:
        return [(NON_FINITE, f"No longer finite: {', '.join(broken)}.", WHEN_NON_FINITE)]
    if len(last) < patience or not all(math.isfinite(value) for seen in last for value in seen.values()):
        return []
    found = []
    for match in _matches(last[-1]):
        numbers = [_at(seen, match) for seen in last]
        failures = [failure for failure in FAILURES if all(failure.is_measured(seen) for seen in numbers)]
        failures = [failure for failure in failures if all(map(failure.holds, numbers))]
        where = f" ({match.removeprefix('_')})" if match else ""
        found += [(f"{each.name}{where}", each.words.format(**numbers[-1]), each.advice) for each in failures]
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
