"""Privacy guarantees of clipped and noised updates, by Google's accountant."""

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

    The probability of any outcome of training is at most exp(epsilon) times that without an example, plus delta. An
    epsilon below 1 is a strong guarantee, 10 and more a weak one.

    `"shuffled"` is the guarantee for this library's batches: each example is in one batch per epoch, so that an epoch
    is one Gaussian mechanism, and the secrecy of which batch it is gives no credit. `"poisson"` is the number that most
    papers report: it assumes that each example is drawn into each batch independently, with the probability
    `batch_size / examples`. It is far smaller, and not a guarantee for shuffled batches
    ([Chua et al., 2024](https://arxiv.org/abs/2403.17673)). Batches of `Table.conditioned` draw rare rows many times
    as often as others: neither number holds for them.

    Args:
        noise_multiplier: The `noise_multiplier` of `PrivateOptimizer`, above 0.
        steps: The number of updates, such as `int(optimizer.iterations)`.
        batch_size: The number of examples per batch.
        examples: The number of training examples, at least `batch_size`.
        delta: In (0, 1); a meaningful delta is below 1 / `examples`.
        packing: The number of examples per score. With packs an example replaces the gradient of its pack, so that the
            sum changes by up to twice the norm, and the noise counts half. Defaults to 1.
        sampling: `"shuffled"` or `"poisson"`, which needs a packing of 1. Defaults to `"shuffled"`.

    Returns:
        Epsilon for removing the gradient of an example, or, with packs, for replacing an example.

    Raises:
        ValueError: If an argument is out of range.
        ImportError: If `dp_accounting` is not installed: `pip install 'keras_gan[privacy]'`.

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
            f"`sampling` must be one of {', '.join(map(repr, SAMPLINGS))}, and 'shuffled' for packs. "
            f"Received: sampling={shown(sampling)}, packing={packing}"
        )
    dp_accounting, pld = _accountants()
    if sampling == "poisson":
        event = dp_accounting.GaussianDpEvent(noise_multiplier)
        event = dp_accounting.PoissonSampledDpEvent(batch_size / examples, event)
        event = dp_accounting.SelfComposedDpEvent(event, steps)
    else:  # each epoch is a Gaussian mechanism; together they are one with less noise
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
