import pytest
import tensorflow as tf

from keras_gan.cli import strategy
from tests.cli.conftest import TINY


def test_none_is_this_device_as_it_is():
    assert strategy.get("none", 7) is tf.distribute.get_strategy()


def test_mirrored_is_of_all_devices():
    assert isinstance(strategy.get("mirrored", 8), tf.distribute.MirroredStrategy)
    assert strategy.get("mirrored", 8).num_replicas_in_sync == 2  # two logical processors: tests/conftest.py


@pytest.mark.parametrize("batch_size", [7, 1])
def test_a_batch_must_divide_evenly(refused, batch_size):
    arguments = ["train", *TINY, "--strategy=mirrored", f"--batch_size={batch_size}"]
    refused(arguments, "`batch_size` must be a multiple of the number of replicas, 2")


def test_an_unknown_strategy_is_refused(refused):
    refused(["train", *TINY, "--strategy=tpu"], "strategy", "mirrored")
