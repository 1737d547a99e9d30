import gc
import os
import pathlib
import signal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pytest
import tensorflow as tf

SHARED = pathlib.Path(__file__).parents[1].parent / "shared" / "data"
if (SHARED / "tensorflow_datasets").is_dir():
    os.environ.setdefault("TFDS_DATA_DIR", str(SHARED / "tensorflow_datasets"))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in what a shell runs in the background: processes inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
tf.config.threading.set_intra_op_parallelism_threads(1)  # pytest runs a process a core
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


def pytest_addoption(parser):
    parser.addoption("--nightly", action="store_true", help="Also what is marked nightly: it takes many minutes.")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("nightly"):
        for item in items:
            if item.get_closest_marker("nightly"):
                item.add_marker(pytest.mark.skip(reason="--nightly runs it"))
    items.sort(key=lambda item: item.get_closest_marker("process") is None)  # they wait: others run beside them


@pytest.fixture(autouse=True)
def fixed_seed(request):
    keras.utils.set_random_seed(0)
    for value in vars(request.module).values():  # what a test draws must not depend on the tests before it
        if isinstance(value, np.random.Generator):
            value.bit_generator.state = np.random.default_rng(0).bit_generator.state


@pytest.fixture(autouse=True, scope="module")
def nothing_looked_through_again():
    """Garbage is not looked for in what earlier modules left, such as TensorFlow's graphs: a quarter of the time."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture
def points():
    return np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
