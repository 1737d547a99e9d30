"""Games that several tests play on: to trace one takes longer than to play it."""

import json
from collections.abc import Callable

from keras_gan import GAN


def renewing(gan: GAN) -> Callable[[], GAN]:
    """A function that gives a game back as it is now. So one game, traced once, is played from its beginning often."""
    variables = [*gan.variables, *gan.optimizer.variables]
    values = [variable.numpy() for variable in variables]

    def make():
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        gan.stop_training = False
        return gan

    return make


def remembering(make: Callable[..., GAN]) -> Callable[..., GAN]:
    """`make`, but a game that was made before is given back as it was then. Not for games that are compiled again."""
    made = {}

    def same(*args, **options):
        key = json.dumps([args, options], sort_keys=True)  # what is not plain values is refused
        if key not in made:
            made[key] = renewing(make(*args, **options))
        return made[key]()

    return same
