"""Checks of arguments, which depend on no other part of the package."""

import contextlib
import math
import numbers
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeGuard

import keras
import numpy as np
import tensorflow as tf

LARGEST = 2**31 - 1
AROUND = re.compile(  # the text around the error of a graph, a data set or a Python function in it, by TensorFlow
    r"^.*Detected at node .* defined at \(most recent call last\):\n(?:<stack traces unavailable>\n|(?: {2,}.*)?\n)*"
    r"|Error in user-defined function passed to \S+ transformation with iterator: \S+: "
    r"|\nTraceback \(most recent call last\):.*",
    re.DOTALL,
)
SHOWN = 100  # characters of a value in an error text


def is_integer(value: Any) -> TypeGuard[int]:
    """Returns whether `value` is an integer of Python or NumPy, and not a truth value."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def check_count(name: str, value: int, most: int | None = None, least: int = 1) -> int:
    """Returns `value`, if it is an integer from `least` to `most`, 2^31 - 1 if None: no tensor has a longer axis.

    Raises:
        ValueError: If `value` is something else; the error shows the argument's `name`.

    >>> check_count("batch_size", 32)
    32
    """
    whole = is_integer(value)
    if not whole or value < least or value > (LARGEST if most is None else most):
        too_large = whole and value > least
        required = f"of at least {least}" if most is None and not too_large else f"from {least} to {most or LARGEST}"
        raise ValueError(f"`{name}` must be an integer {required}. Received: {name}={shown(value)}")
    return int(value)


def check_every(value: str | int) -> str | int:
    """Returns `value`, the interval between a callback's actions, if it is `"epoch"` or a number of steps."""
    if value == "epoch":
        return value
    if not is_integer(value) or value < 1:
        raise ValueError(f"`every` must be 'epoch' or a number of steps of at least 1. Received: every={value!r}")
    return int(value)


def check_number(name: str, value: float, low: float = -math.inf, high: float = math.inf, ends: str = "[)") -> float:
    """Returns `value` as a float, if it is a finite number between `low` and `high`; `ends` says which are included.

    Raises:
        ValueError: If `value` is something else; the error shows the argument's `name`.

    >>> check_number("momentum", 0.9, 0, 1)
    0.9
    """
    number = to_float(value)
    if number is not None and math.isfinite(number):
        above = low < number or (ends[0] == "[" and number == low)
        if above and (number < high or (ends[1] == "]" and number == high)):
            return number
    required = f"in {ends[0]}{low:g}, {high:g}{ends[1]}"
    if high == math.inf:
        bound = f" {'of at least' if ends[0] == '[' else 'above'} {low:g}"
        required = f"a finite number{'' if low == -math.inf else bound}"
    raise ValueError(f"`{name}` must be {required}. Received: {name}={shown(value)}")


def to_float(value: Any) -> float | None:
    """Returns a real number as a float; None if `value` is not a real number, or too large for a float.

    >>> to_float(np.float32(0.25)), to_float("1"), to_float(True), to_float(10**400)
    (0.25, None, None, None)
    """
    if not isinstance(value, numbers.Real) or isinstance(value, bool | np.bool_):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def shown(value: Any) -> str:
    """Returns `repr(value)` in one line, shortened to about 100 characters, for error texts.

    >>> shown("a" * 10), len(shown("a" * 1000)), shown(10**400)
    ("'aaaaaaaaaa'", 100, 'an integer of 1329 bits')
    >>> shown(np.eye(2))
    'array([[1., 0.], [0., 1.]])'
    """
    if isinstance(value, int) and value.bit_length() > 300:
        return f"an integer of {value.bit_length()} bits"
    text = re.sub(r"\s*\n\s*", " ", repr(value))
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 30]} ... {text[-25:]}"


def outlined(value: Any) -> str:
    """Returns `str(value)` without the elements of lists that are longer than 40 characters, for short messages.

    >>> outlined("hinge + met_conditions(blocks=[2, 3])"), outlined(list(range(100)))
    ('hinge + met_conditions(blocks=[2, 3])', '[...]')
    """
    return re.sub(r"\[[^\[\]]{41,}\]", "[...]", str(value))


def counted(count: int, noun: str) -> str:
    """Returns a count with its noun, in the plural if needed.

    >>> counted(1, "epoch"), counted(2000, "step")
    ('1 epoch', '2,000 steps')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"


def check_seed(name: str, value: int) -> int:
    """Returns `value` as an int, if it is an integer of 64 bits."""
    if not is_integer(value) or not -(2**63) <= value < 2**63:
        raise ValueError(f"`{name}` must be an integer of 64 bits. Received: {name}={shown(value)}")
    return int(value)


def check_shape(name: str, value: Sequence[int]) -> tuple[int, ...]:
    """Returns `value` as a tuple, if it is a shape of integers from 1 to 2^31 - 1."""
    sizes = value if isinstance(value, Sequence) else (None,)
    whole = all(is_integer(size) and size >= 1 for size in sizes)
    if not whole or max(sizes, default=1) > LARGEST:
        required = f"from 1 to {LARGEST}" if whole else "of at least 1"
        raise ValueError(f"`{name}` must be a tuple of integers {required}. Received: {name}={shown(value)}")
    return tuple(map(int, value))


def check_range(name: str, value: Sequence[float]) -> tuple[float, float]:
    """Returns `value` as two floats, if it is two finite numbers, the lower one first."""
    pair = [to_float(each) for each in value] if isinstance(value, Sequence) and not isinstance(value, str) else []
    numeric = len(pair) == 2 and all(each is not None and math.isfinite(each) for each in pair)
    if not numeric or pair[0] >= pair[1]:
        raise ValueError(f"`{name}` must be two finite numbers, low < high. Received: {name}={shown(value)}")
    return pair[0], pair[1]


def kind(array: np.ndarray) -> str:
    """Describes the dtype of an array.

    >>> kind(np.array(["a"])), kind(np.zeros(2))
    ('strings', 'dtype float64')
    """
    return "strings" if array.dtype.kind in "US" else f"dtype {array.dtype}"


def check_unmasked(*arrays) -> None:
    """Checks that no array of examples has a mask, which TensorFlow does not read: it takes the values below it.

    Raises:
        ValueError: If one is a `numpy.ma.MaskedArray`.
    """
    if any(map(np.ma.isMaskedArray, arrays)):
        raise ValueError(
            "The data must be arrays without masks, as the values below a mask would be used too: fill them by "
            "`array.filled(...)`, or leave their examples out. Received: a masked array"
        )


def reason(error: Exception) -> str:
    """Returns the text of an error, without the calls, nodes and colours that Keras and TensorFlow add to it."""
    text = str(error)
    lookup = re.search(r"indices\[.*?\] = (-?\d+) is not in \[0, (\d+)\)", text)
    if lookup:  # of an embedding: players have embeddings of labels
        return f"labels must be in [0, {lookup[2]}), where one is {lookup[1]}"
    inner = re.search(r"\x1b\[1m(.*?)\x1b\[0m", text, re.DOTALL)
    text = inner[1] if inner else text
    text = re.sub(r"\{\{.*?\}\} ?| ?\[Op:.*|\n\t \[\[.*", "", text, flags=re.DOTALL)
    return re.sub(r"^assertion failed: \[(.*)\]$", r"\1", re.sub(AROUND, "", text).strip(), flags=re.DOTALL)


def innermost(error: BaseException) -> str:
    """Returns the last line, with the type, of an error that TensorFlow raised while it traced a function."""
    cause = getattr(error, "ag_error_metadata", None)
    lines = str(error if cause is None else cause.get_message()).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__


@contextlib.contextmanager
def fits_in_memory(name: str, received: str) -> Iterator[None]:
    """Explains allocations inside the block that fail.

    Args:
        name: The argument, or the function, that needs the memory.
        received: The value that was received, for the error.

    Raises:
        ValueError: If memory runs out, or a size is too large for TensorFlow or NumPy.
    """
    try:
        yield
    except (tf.errors.ResourceExhaustedError, tf.errors.InvalidArgumentError, MemoryError, OverflowError) as error:
        if isinstance(error, tf.errors.InvalidArgumentError) and "more than 2**63" not in str(error):
            raise
        raise ValueError(
            f"`{name}` must need no more memory than there is. Received: {received}, with the error: {reason(error)}"
        ) from error


def interpret(name: str, value: Any, read: Callable, what: str) -> Any:
    """Calls one of Keras's getters, `read`, on `value`, which must be `what` according to the error."""
    try:
        return read(value)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"`{name}` must be {what}. Received: {name}={shown(value)}") from error


def check_execution(jit_compile: bool | str, steps_per_execution: int | str, run_eagerly: bool) -> None:
    """Checks the arguments of `compile` on the execution of steps."""
    if jit_compile not in (True, False, "auto"):
        raise ValueError(f"`jit_compile` must be True, False or 'auto'. Received: jit_compile={jit_compile!r}")
    if not isinstance(steps_per_execution, str):
        check_count("steps_per_execution", steps_per_execution)
    elif steps_per_execution != "auto":
        received = f"steps_per_execution={steps_per_execution!r}"
        raise ValueError(f"`steps_per_execution` must be at least 1, or 'auto'. Received: {received}")
    check_flag("run_eagerly", run_eagerly)


def check_flag(name: str, value: bool) -> None:
    """Checks that `value` is True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"`{name}` must be True or False. Received: {name}={value!r}")


def check_verbose(value: str | int) -> None:
    """Checks Keras's argument `verbose`: True and False count as 1 and 0."""
    known = value == "auto" if isinstance(value, str) else isinstance(value, int | np.integer) and 0 <= value <= 2
    if not known:
        raise ValueError(f"`verbose` must be 'auto', 0, 1 or 2. Received: verbose={shown(value)}")


def check_callbacks(callbacks: list) -> None:
    """Checks that all callbacks are instances of Keras's."""
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise ValueError(f"`callbacks` must be keras.callbacks.Callback instances. Received: {callback!r}")


def check_evaluation(options: dict) -> None:
    """Checks the options that are passed to Keras's `evaluate`."""
    if options.get("steps") is not None:
        check_count("steps", options["steps"])
    check_verbose(options.get("verbose", "auto"))
    check_flag("return_dict", options.get("return_dict", False))
    check_callbacks(keras.tree.flatten(options.get("callbacks") or []))


def check_run(
    data: tf.data.Dataset | keras.utils.PyDataset,
    epochs: int,
    initial_epoch: int,
    steps: int | None,
    callbacks: list,
    options: dict,
) -> None:
    """Checks the numbers of epochs and steps of a `fit`, that it ends, its callbacks, and the options for Keras."""
    if options.get("validation_steps") is not None:
        check_count("validation_steps", options["validation_steps"])
    frequency = options.get("validation_freq", 1)
    if isinstance(frequency, list | tuple | set):
        for epoch in frequency:
            check_count("validation_freq", epoch)
    else:
        check_count("validation_freq", frequency)
    check_count("epochs", epochs, least=0)
    check_count("initial_epoch", initial_epoch, least=0)
    if steps is not None:
        check_count("steps_per_epoch", steps)
    elif isinstance(data, tf.data.Dataset) and data.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError("`steps_per_epoch` must be given: the data set is endless. Received: steps_per_epoch=None")
    check_callbacks(callbacks)
