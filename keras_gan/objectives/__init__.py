"""Objectives: the losses that players minimise, which add and scale: `Wasserstein() + 10 * GradientPenalty()`."""

import keras

from keras_gan.ground.replicas import gather
from keras_gan.objectives.adversarial import Adversarial, Hinge, LeastSquares, Wasserstein
from keras_gan.objectives.at import At, Swapped
from keras_gan.objectives.classes import AuxiliaryClassifier, MutualInformation, SemiSupervised
from keras_gan.objectives.composite import Sum
from keras_gan.objectives.contrast import PatchContrast
from keras_gan.objectives.divergence import FDivergence
from keras_gan.objectives.energy import BoundaryEquilibrium, EnergyMargin
from keras_gan.objectives.expression import parse
from keras_gan.objectives.features import FeatureMatching, PullingAway
from keras_gan.objectives.halves import Players
from keras_gan.objectives.integral import Cramer, MaximumMeanDiscrepancy
from keras_gan.objectives.likelihood import BernoulliLikelihood, GaussianDivergence, GaussianLikelihood
from keras_gan.objectives.logistic import BoundarySeeking, Minimax, NonSaturating
from keras_gan.objectives.named import CrossEntropy, Distance, FeatureDistance, NamedTerm
from keras_gan.objectives.objective import Objective, snake_case
from keras_gan.objectives.paths import PathLength
from keras_gan.objectives.penalties import DRAGAN, R1, R2, GradientPenalty, Penalty
from keras_gan.objectives.reconstruction import Reconstruction
from keras_gan.objectives.regularization import (
    ConsistencyRegularization,
    HistoricalAveraging,
    LeCam,
    OrthogonalRegularization,
)
from keras_gan.objectives.relativistic import RelativisticAverage, RelativisticPaired
from keras_gan.objectives.rows import MetConditions, RowLikelihood
from keras_gan.play.round import embedding, named_output, scores

KNOWN = {
    snake_case(cls.__name__): cls
    for cls in (
        AuxiliaryClassifier,
        BernoulliLikelihood,
        BoundaryEquilibrium,
        BoundarySeeking,
        ConsistencyRegularization,
        Cramer,
        CrossEntropy,
        DRAGAN,
        Distance,
        EnergyMargin,
        FDivergence,
        FeatureDistance,
        FeatureMatching,
        GaussianDivergence,
        GaussianLikelihood,
        GradientPenalty,
        Hinge,
        HistoricalAveraging,
        LeCam,
        LeastSquares,
        MaximumMeanDiscrepancy,
        MetConditions,
        Minimax,
        MutualInformation,
        NonSaturating,
        OrthogonalRegularization,
        PatchContrast,
        PathLength,
        PullingAway,
        R1,
        R2,
        Reconstruction,
        RelativisticAverage,
        RelativisticPaired,
        RowLikelihood,
        SemiSupervised,
        Swapped,
        Wasserstein,
    )
}

__all__ = [
    "KNOWN",
    "Adversarial",
    "At",
    "NamedTerm",
    "Objective",
    "Penalty",
    "Players",
    "Sum",
    "embedding",
    "gather",
    "get",
    "named_output",
    "scores",
    *(cls.__name__ for cls in KNOWN.values()),
]


def get(objective: Objective | type[Objective] | str | dict) -> Objective:
    """Returns an objective from itself, its class, its name, an expression, or its serialised config.

    Args:
        objective: An `Objective`, a subclass, a name (`"hinge"`), an expression
            (`"wasserstein + 10 * gradient_penalty"`) or a config from
            `keras.saving.serialize_keras_object`.

    Raises:
        ValueError: If `objective` is none of these.

    Example:

    >>> get("relativistic_paired + 0.1 * (r1 + r2)")
    <Sum: relativistic_paired + 0.1 * r1 + 0.1 * r2>
    """
    if isinstance(objective, Objective):
        return objective
    if isinstance(objective, type) and issubclass(objective, Objective):
        return objective()
    if isinstance(objective, str):
        return parse(objective, KNOWN | {"at": At, "players": Players})
    if isinstance(objective, dict) and {"class_name", "config"} <= set(objective):
        try:
            return get(keras.saving.deserialize_keras_object(objective))
        except TypeError as error:
            raise ValueError(
                f"`objective` must be the config of a registered Objective. Received: objective={objective!r}"
            ) from error
    raise ValueError(
        "`objective` must be an Objective, its class, name, expression or config. "
        f"Received: objective={objective!r} of type {type(objective).__name__}"
    )
