import functools
import gc
import itertools
import os
import pathlib
import signal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# NumPy and SciPy read it when they are imported. pytest runs a process per core: threads waiting for one another would
# take ten times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import keras
import numpy as np
import pytest
import tensorflow as tf
from absl import flags

SHARED = pathlib.Path(__file__).parents[1].parent / "shared" / "data"
if (SHARED / "tensorflow_datasets").is_dir():
    os.environ.setdefault("TFDS_DATA_DIR", str(SHARED / "tensorflow_datasets"))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in what a shell runs in the background: processes inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # as where `nohup` runs the tests
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
tf.config.threading.set_intra_op_parallelism_threads(1)  # pytest runs a process per core
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


iterate = tf.data.Dataset.__iter__


def iterate_untuned(dataset):
    """Without the thread that tunes a data set.

    Where that thread just woke while its iterator is deleted it does not see that it is to end, and sleeps again for
    up to a minute; the deletion waits for it.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return iterate(dataset.with_options(options))


tf.data.Dataset.__iter__ = iterate_untuned


def pytest_addoption(parser):
    parser.addoption("--nightly", action="store_true", help="Also what is marked nightly: it takes many minutes.")


MARKED = ("nightly", "learns")  # by NAME.txt beside this file: a test a line, or a row of its table


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by marks
def pytest_itemcollected(item):
    for mark in MARKED:
        if not listed(mark).isdisjoint(names(item)):
            item.add_marker(mark)


@functools.cache
def listed(mark):
    lines = pathlib.Path(__file__).with_name(f"{mark}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def names(item):
    """A row's name, and that of its table."""
    return {item.nodeid, item.nodeid.partition("[")[0]}


@pytest.hookimpl(trylast=True)  # after `-m` and `-k` have chosen
def pytest_collection_modifyitems(config, items):
    if not config.getoption("nightly"):
        for item in items:
            if item.get_closest_marker("nightly"):
                item.add_marker(pytest.mark.skip(reason="--nightly runs it"))
    items[:] = dealt(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def dealt(items, workers):
    """The tests in an order that lets each worker begin with its share of those that wait for other processes.

    At first a worker gets as many tests as any other, in their order. Tests of a file wait in one worker.
    """
    waiting = [item for item in items if item.get_closest_marker("process")]
    others = iter([item for item in items if not item.get_closest_marker("process")])
    shares = [[] for _ in range(workers)]
    for _, group in itertools.groupby(waiting, key=lambda item: item.path):
        min(shares, key=len).extend(group)
    order = []
    for i, share in enumerate(shares):
        size = (len(items) - len(order)) // (workers - i)
        order += [*share, *itertools.islice(others, max(size - len(share), 0))]
    return [*order, *others]


@pytest.fixture
def missing(request):
    """What the lists of marks name though no such test is there; where all tests were collected."""
    config = request.config
    if config.args != config.getini("testpaths") or config.option.keyword or config.option.markexpr:
        pytest.skip("some tests were not collected")
    return sorted(set().union(*map(listed, MARKED)).difference(*map(names, request.session.items)))


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


@pytest.fixture
def new_flags():
    """Forgets the flags that a program defines: the next one may have some of the same names."""
    before = set(flags.FLAGS)
    yield
    for name in set(flags.FLAGS) - before:
        delattr(flags.FLAGS, name)
