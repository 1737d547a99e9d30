import keras
import pytest

from keras_gan import GAN, networks
from tests.games import remembering


@pytest.fixture(scope="session")
def make_gan():
    """A function that makes a tiny GAN, the same each time it is called with the same arguments."""

    def make(shape=(2,), labels=None, rates=(1e-2, 1e-2), objective="non_saturating", compile_options=None, **options):
        keras.utils.set_random_seed(0)
        generator = networks.mlp_generator(2, shape, hidden=(8,), labels=labels, **options.pop("generator", {}))
        discriminator = networks.mlp_discriminator(shape, hidden=(8,), labels=labels)
        gan = GAN(generator, discriminator, 2, labels=labels, seed=0, **options)
        gan.compile(objective, *(keras.optimizers.Adam(rate) for rate in rates), **(compile_options or {}))
        return gan

    return make


@pytest.fixture(scope="session")
def same_gan(make_gan):
    """`make_gan` that gives the same object back, as it was made, for the same arguments: it is traced once."""
    return remembering(make_gan)
