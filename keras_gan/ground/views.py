"""Views: the user's layers and optimizers with other computations, while the objects themselves are unchanged.

A view of a layer is an instance of a subclass of the layer's class that shares the layer's whole state: it reads and
writes the same weights, flags and lists. Its other computations are methods of that subclass. Layers and models that
contain such a layer get views that read it as its view. All other layers are used themselves.
"""

import contextlib
import contextvars
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import tensorflow as tf

from keras_gan.ground import internals

OWNER = "_keras_gan_views"  # the attribute of a view that is not shared
_current: "contextvars.ContextVar[Views | None]" = contextvars.ContextVar("current_views", default=None)
_origins: "contextvars.ContextVar[dict | None]" = contextvars.ContextVar("origins", default=None)


def view(shown: Any, *overrides: type) -> Any:
    """Makes an object with the class and the state of `shown`, and with methods of `overrides`.

    Args:
        shown: Any object that keeps its state in its `__dict__`.
        overrides: Subclasses of a base of the object's class. Their methods take precedence over those of that base,
            but not over those of the user in a subclass or in the object itself.

    Example:

    >>> class Loud(keras.layers.Dense):
    ...     def call(self, inputs, training=None):
    ...         return 10 * super().call(inputs)
    >>> layer = keras.layers.Dense(1, kernel_initializer="ones")
    >>> x = keras.ops.ones((1, 2))
    >>> [float(each(x)[0, 0]) for each in (layer, view(layer, Loud))]
    [2.0, 20.0]
    """
    seen = object.__new__(_subclass(type(shown), overrides))  # type: ignore[arg-type]  # classes are hashable
    object.__setattr__(seen, "__dict__", vars(shown))
    if isinstance(shown, _Containing):
        object.__setattr__(seen, OWNER, getattr(shown, OWNER))
    return seen


@functools.lru_cache(maxsize=256)
def _subclass(kind: Any, overrides: tuple[type, ...]) -> type:
    """Returns a class with the bases in this order: overrides of any class, the class, overrides of its bases."""
    before = [override for override in overrides if not set(override.__mro__) & set(kind.__mro__) - {object}]
    behind = [override for override in overrides if override not in before]
    own = [] if any(issubclass(override, kind) for override in behind) else [kind]
    slots = {} if OWNER in dir(kind) else {"__slots__": (OWNER,)}
    return type(kind.__name__, (*before, *own, *behind), {"__module__": kind.__module__, **slots})


class Views:
    """The views of the layers of a model, one per layer, made on demand.

    Args:
        rules: Functions from a layer to its overrides, which are mostly none.
    """

    def __init__(self, rules: Iterable[Callable[[keras.layers.Layer], tuple[type, ...]]]):
        self._rules, self._known = tuple(rules), {}

    def of(self, layer: keras.layers.Layer) -> keras.layers.Layer:
        """Returns the layer's view, or the layer itself if neither it nor a layer in it has overrides."""
        if id(layer) not in self._known:
            self._known[id(layer)] = (layer, layer)  # while its parts are viewed, one of which may hold it
            seen = self._make(layer)
            self._known[id(layer)] = (layer, seen)
            self._known[id(seen)] = (seen, seen)
        return self._known[id(layer)][1]

    def _make(self, layer):
        overrides = tuple(override for rule in self._rules for override in rule(layer))
        parts = internals.layers_of(layer, include_self=False, recursive=False)
        if any(self.of(part) is not part for part in parts):
            graph = hasattr(type(layer), "_run_through_graph")
            overrides = (_Graph if graph else _Containing, *overrides)
        if not overrides:
            return layer
        seen = view(layer, *overrides)
        object.__setattr__(seen, OWNER, self)
        return seen

    def seen(self, value: Any) -> Any:
        """Returns the view of a value that is or holds layers; any other value is returned unchanged."""
        if isinstance(value, keras.layers.Layer):
            return self.of(value)
        if isinstance(value, dict):
            items = {key: self.seen(item) for key, item in value.items()}
            return items if any(items[key] is not item for key, item in value.items()) else value
        if isinstance(value, list) or type(value) is tuple:
            shown = [self.seen(item) for item in value]
            changed = any(one is not other for one, other in zip(shown, value, strict=True))
            return (tuple if isinstance(value, tuple) else list)(shown) if changed else value
        return value


@contextlib.contextmanager
def _running(given: Iterable[Any]) -> Iterator[Callable[[Any], None]]:
    """Records the origins of tensors, for `note` and `origin`, while a graph of layers runs.

    Yields a function that discards the origin of a tensor. The `given` tensors have none, as gradients with respect to
    them may be needed.
    """
    origins = {id(tensor): (tensor, None) for tensor in given}  # with the tensor, so that its id is not reused
    before = _origins.set(origins)
    try:
        yield lambda tensor: origins.update({id(tensor): (tensor, None)})
    finally:
        _origins.reset(before)


def note(tensor: Any, origin: Any) -> None:
    """Records the origin of `tensor`, from which it was computed, for views of later layers of the running graph.

    These may compute from the origin instead of the tensor; TensorFlow prunes what is then unused, except in eager
    execution, where nothing is recorded. Nothing is recorded outside of a graph of layers, nor for its inputs and
    outputs.
    """
    origins = _origins.get()
    if origins is not None and not tf.executing_eagerly():
        origins.setdefault(id(tensor), (tensor, origin))


def origin(tensor: Any) -> Any:
    """Returns the recorded origin of a tensor, or None."""
    return (_origins.get() or {}).get(id(tensor), (tensor, None))[1]


class Witness:
    """Base class of overrides that compute as the layer does unless a neighbouring layer has a view."""

    __slots__ = ()


class _Containing:
    """A layer that reads the layers in it, and in its lists and dicts, as their views."""

    __slots__ = ()

    def __getattribute__(self, name):
        value = super().__getattribute__(name)
        return value if name.startswith("__") or name == OWNER else getattr(self, OWNER).seen(value)


class _Graph(_Containing):
    """A model whose graph holds its layers."""

    __slots__ = ()

    def _run_through_graph(self, inputs, operation_fn=lambda operation: operation, **options):
        views = getattr(self, OWNER)
        ends = {id(internals.operation_of(output)) for output in self.outputs}

        def of_view(operation):
            called = operation_fn(views.seen(operation))
            return functools.partial(_last, called, forget) if id(operation) in ends else called

        with _running(keras.tree.flatten(inputs)) as forget:
            return super()._run_through_graph(inputs, operation_fn=of_view, **options)


def _last(called, forget, *args, **options):
    """Calls an operation, and discards the origin of its output, which leaves the graph."""
    outputs = called(*args, **options)
    for output in keras.tree.flatten(outputs):
        forget(output)
    return outputs


@contextlib.contextmanager
def used(*rules: Callable[[keras.layers.Layer], tuple[type, ...]]) -> Iterator[None]:
    """Makes `shown(player)` return the view of a player by these rules inside the block, in this thread."""
    before = _current.set(Views(rules))
    try:
        yield
    finally:
        _current.reset(before)


def shown(player: keras.Model) -> keras.Model:
    """Returns the view of a player inside of `used`, and the player itself elsewhere."""
    views = _current.get()
    return player if views is None else views.of(player)
