"""Measures by nearest neighbours: two-sample accuracy, closeness to training data, and copies."""

from typing import NamedTuple

import numpy as np

from keras_gan.ground.arguments import check_number
from keras_gan.metrics.functional.distances import centre_of, check_features, nearest, smallest

MOST_HELD_OUT = 1_000  # training examples in place of new ones, each compared without itself


class TwoSample(NamedTuple):
    """Accuracies in [0, 1]: of all examples, of the real and of the fake ones."""

    accuracy: float
    real: float
    fake: float


class Neighbours(NamedTuple):
    """The result of `nearest_neighbours`.

    Attributes:
        distances: The distance of each sample to its nearest training image, (N,) float64.
        indices: The index of each sample's nearest training image, (N,) int64.
        reference: The distance of each test image to its nearest training image, (M,) float64.
        closer: The share of pairs of a sample and a test image in which the sample is the closer one; ties count half.
    """

    distances: np.ndarray
    indices: np.ndarray
    reference: np.ndarray
    closer: float


class Memorization(NamedTuple):
    """The result of `memorization`.

    Attributes:
        copied: The share of samples that are copies of a training example.
        copied_of_real: The same share of real examples that were not trained on.
        closer: The share of pairs of a sample and such a real example in which the sample is the nearer one to the
            training examples; ties count half.
        indices: The index of each sample's nearest training example, (N,) int64.
        ratios: The distance to the nearest over that to the second nearest training example, (N,) float64.
    """

    copied: float
    copied_of_real: float
    closer: float
    indices: np.ndarray
    ratios: np.ndarray


def classifier_two_sample(real, fake) -> TwoSample:
    """Computes the leave-one-out accuracy of the nearest neighbour as a classifier of real and fake.

    It is 0.5 if both sets, of equal size, come from one distribution, 1 if they are far apart, and below 0.5 if fakes
    are copies of real examples.

    Args:
        real: (N, d).
        fake: (M, d); use M = N, otherwise the larger set is favoured.

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
    """Finds the nearest training image of samples and test images: memorized samples are too close.

    `closer` is 0.5 if samples are as new as the test images, near 1 if they are copies of training images, and near 0
    if they are further from the training images than real images are.

    Args:
        samples: (N, d) generated examples, or their features.
        train: (K, d) examples that the generator was trained on.
        test: (M, d) real examples that the generator was not trained on.

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
    return Neighbours(distances, indices, reference, _closer(distances, reference))


def memorization(samples, train, test=None, *, ratio: float = 1 / 3) -> Memorization:
    """Detects samples that are copies of training examples.

    copied = 1 / N sum_i [d_1(x_i) <= ratio d_2(x_i)]

    with d_1 and d_2 the distances to the nearest and to the second nearest training example: a new example is about as
    far from both, a copy near to one alone. Unlike `closer`, it does not count blurred samples, which are near to all
    examples, as copies. Of an example that the training set contains twice, it detects exact copies only.

    Args:
        samples: (N, d) generated examples, or their features.
        train: (K, d) examples that the generator was trained on, K of at least 3.
        test: (M, d) real examples that the generator was not trained on. Defaults to at most 1,000 training examples,
            evenly chosen, each compared with all others, as a new example would be.
        ratio: The threshold of d_1 / d_2, in (0, 1). Defaults to 1/3, as in the paper.

    Raises:
        ValueError: If the features are not finite, or their shapes do not fit.

    Example:

    >>> found = memorization([[0.1], [1.5]], train=[[0.0], [1.0], [2.0], [3.0]])
    >>> found.copied, found.copied_of_real, found.indices.tolist()
    (0.5, 0.0, [0, 1])

    Reference: [Gu et al., 2023](https://arxiv.org/abs/2310.02664), section 2; `closer` is of
    [Meehan et al., 2020](https://arxiv.org/abs/2004.05675).
    """
    check_number("ratio", ratio, 0, 1, ends="()")
    train, samples, *test = check_features(1, train=train, samples=samples, **({} if test is None else {"test": test}))
    check_features(3, train=train)
    centre = centre_of(train)
    squares, indices = smallest(samples, train, centre, 2)
    of_real = smallest(test[0], train, centre, 2)[0] if test else _without_themselves(train, centre)
    ratios, ratios_of_real = (np.sqrt(_shares(each)) for each in (squares, of_real))
    copied, copied_of_real = (float((each <= ratio).mean()) for each in (ratios, ratios_of_real))
    return Memorization(copied, copied_of_real, _closer(squares[:, 0], of_real[:, 0]), indices[:, 0], ratios)


def _without_themselves(train, centre):
    """Returns the squared distances of at most 1,000 rows to their two nearest other rows."""
    places = np.unique(np.linspace(0, len(train) - 1, min(len(train), MOST_HELD_OUT)).round().astype(int))
    squares, indices = smallest(train[places], train, centre, 3)
    squares = np.where(indices == places[:, None], np.inf, squares)  # a twin may come before the row itself
    return np.sort(squares, axis=1)[:, :2]


def _shares(squares):
    """Returns the first column over the second; 0 where both are 0."""
    return np.divide(squares[:, 0], squares[:, 1], out=np.zeros(len(squares)), where=squares[:, 1] > 0)


def _closer(distances, reference):
    """Returns the share of pairs in which the first is the smaller one; ties count half."""
    ordered = np.sort(reference)
    above = len(ordered) - np.searchsorted(ordered, distances, side="right")
    tied = len(ordered) - np.searchsorted(ordered, distances, side="left") - above
    return float((above + tied / 2).mean() / len(ordered))
