"""Guarantees of clipped and noised updates, by Google's accountant."""

import math

from keras_gan.ground.arguments import check_count, check_number, shown

SAMPLINGS = ("shuffled", "poisson")


def epsilon(
    noise_multiplier: float,
    *,
    steps: int,
    batch_size: int,
    examples: int,
    delta: float,
    packing: int = 1,
    sampling: str = "shuffled",
) -> float:
    """Returns the epsilon of (epsilon, delta)-differential privacy after a number of private updates.

    Whatever is asked of the trained model is at most exp(epsilon) times as likely, and by delta more, as without an
    example. Below 1 is strong, 10 and more says little.

    `"shuffled"` is what batches of this library guarantee: each example is in one batch an epoch, so that an epoch is
    one Gaussian mechanism, and no use is made of nobody knowing which batch it is. `"poisson"` is the number that most
    papers report: it assumes that each example is in each batch by a draw of its own, with the probability
    `batch_size / examples`. It is far smaller, and no guarantee for shuffled batches
    ([Chua et al., 2024](https://arxiv.org/abs/2403.17673)). Batches of `Table.conditioned` draw rare rows many times
    as often as others: neither holds for them.

    Args:
        noise_multiplier: That of `PrivateOptimizer`, above 0.
        steps: How many updates were made, such as `int(optimizer.iterations)`.
        batch_size: Examples per batch.
        examples: How many there are, at least `batch_size`.
        delta: In (0, 1), below 1 / `examples` to mean anything.
        packing: How many examples are judged together. One then replaces the gradient of its pack by another one, and
            the sum changes by twice the norm: the noise counts half. Defaults to 1.
        sampling: `"shuffled"` or `"poisson"`; the latter only with a packing of 1.

    Returns:
        Epsilon: that of removing the gradient of an example, or, of packs, of replacing an example.

    Raises:
        ValueError: If an argument is out of range.
        ImportError: If `dp_accounting` is not there: `pip install 'keras_gan[privacy]'`.

    Example:

    >>> round(epsilon(20.0, steps=100, batch_size=100, examples=1000, delta=1e-5), 2)
    0.56
    """
    check_number("noise_multiplier", noise_multiplier, 0, ends="()")
    check_count("steps", steps)
    check_count("packing", packing)
    check_count("examples", examples)
    check_count("batch_size", batch_size, most=examples)
    check_number("delta", delta, 0, 1, ends="()")
    if sampling not in SAMPLINGS or (sampling == "poisson" and packing > 1):
        raise ValueError(
            f"`sampling` must be of {', '.join(map(repr, SAMPLINGS))}, and 'shuffled' of packs. "
            f"Received: sampling={shown(sampling)}, packing={packing}"
        )
    dp_accounting, pld = _accountants()
    if sampling == "poisson":
        event = dp_accounting.GaussianDpEvent(noise_multiplier)
        event = dp_accounting.PoissonSampledDpEvent(batch_size / examples, event)
        event = dp_accounting.SelfComposedDpEvent(event, steps)
    else:  # epochs of one Gaussian mechanism each, which together are one with less noise
        epochs, sensitivity = math.ceil(steps / (examples // batch_size)), 1 if packing == 1 else 2
        event = dp_accounting.GaussianDpEvent(noise_multiplier / sensitivity / math.sqrt(epochs))
    accountant = pld.PLDAccountant()
    accountant.compose(event)
    return float(accountant.get_epsilon(delta))


def _accountants():
    try:
        import dp_accounting
        from dp_accounting import pld
    except ImportError as error:
        raise ImportError("Epsilon needs dp-accounting: pip install 'keras_gan[privacy]'") from error
    return dp_accounting, pld
