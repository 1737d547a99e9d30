"""What single nearest neighbours tell: two sets from one distribution, and samples that were learned by heart."""

from typing import NamedTuple

import numpy as np

from keras_gan.metrics.functional.distances import centre_of, check_features, nearest


class TwoSample(NamedTuple):
    """Accuracies in [0, 1]: of all, of the real and of the fake."""

    accuracy: float
    real: float
    fake: float


class Neighbours(NamedTuple):
    """What `nearest_neighbours` gives.

    Attributes:
        distances: Of each sample to its nearest training image, (N,) float64.
        indices: Which one that is, (N,) int64.
        reference: Of each test image to its nearest training image, (M,) float64.
        closer: The share of pairs of a sample and a test image in which the sample is the closer one, ties by half.
    """

    distances: np.ndarray
    indices: np.ndarray
    reference: np.ndarray
    closer: float


def classifier_two_sample(real, fake) -> TwoSample:
    """The leave-one-out accuracy of the nearest neighbour in telling real from fake.

    0.5 where both sets, of equal size, come from one distribution; 1 where they are apart; below 0.5 where fakes are
    copies of the real.

    Args:
        real: (N, d).
        fake: (M, d); give M = N, or the larger set is favoured.

    Raises:
        ValueError: If the features are not finite, or their shapes do not fit.

    Example:

    >>> classifier_two_sample([[0.0], [1.0]], [[8.0], [9.0]])
    TwoSample(accuracy=1.0, real=1.0, fake=1.0)

    Reference: [Lopez-Paz and Oquab, 2017](https://arxiv.org/abs/1610.06545);
    [Xu et al., 2018](https://arxiv.org/abs/1806.07755).
    """
    real, fake = check_features(1, real=real, fake=fake)
    centre = centre_of(real)
    rights = []
    for own, other, is_closer in ((real, fake, np.less_equal), (fake, real, np.less)):  # a tie is real's
        to_own, _ = nearest(own, own, centre, without_self=True)
        to_other, _ = nearest(own, other, centre)
        rights.append(is_closer(to_own, to_other))
    return TwoSample(float(np.concatenate(rights).mean()), *(float(right.mean()) for right in rights))


def nearest_neighbours(samples, train, test) -> Neighbours:
    """Samples and test images, each with the nearest training image: what was learned by heart is too close.

    `closer` is 0.5 where samples are as new as the test images, near 1 where they are copies of training images, and
    near 0 where they are further from all images than real ones are.

    Args:
        samples: (N, d) generated examples, or their features.
        train: (K, d) what the generator was trained on.
        test: (M, d) real examples that it was not trained on.

    Raises:
        ValueError: If the features are not finite, or their shapes do not fit.

    Example:

    >>> found = nearest_neighbours([[0.0], [5.1]], train=[[0.0], [5.0]], test=[[1.0], [4.0]])
    >>> found.indices.tolist(), found.reference.tolist(), found.closer
    ([0, 1], [1.0, 1.0], 1.0)

    Reference: [Meehan et al., 2020](https://arxiv.org/abs/2004.05675).
    """
    train, samples, test = check_features(1, train=train, samples=samples, test=test)
    centre = centre_of(train)
    squares, indices = nearest(samples, train, centre)
    distances, reference = np.sqrt(squares), np.sqrt(nearest(test, train, centre)[0])
    ordered = np.sort(reference)
    above = len(ordered) - np.searchsorted(ordered, distances, side="right")
    tied = len(ordered) - np.searchsorted(ordered, distances, side="left") - above
    closer = float((above + tied / 2).mean() / len(ordered))
    return Neighbours(distances, indices, reference, closer)
