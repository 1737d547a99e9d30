"""Views: the user's own layers and optimizers, computing in another way, and themselves left as they came.

A view of a layer is an instance of a subclass of the layer's class that shares the layer's whole state: it reads and
writes the same weights, flags and lists. What it computes otherwise is a method of that subclass. Layers that contain
such a layer, models too, get views that read it as its view. All else is the object itself.
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
    """Makes an object of the class and state of `shown`, whose methods are those of `overrides` where they differ.

    Args:
        shown: Any object that keeps its state in its `__dict__`.
        overrides: Subclasses of a base of its class. A method there comes before that base's, and behind one of the
            user's own in a subclass, or in the object itself.

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
    """Returns a class whose bases are in this order: overrides of anything, the kind, overrides of one of its bases."""
    before = [override for override in overrides if not set(override.__mro__) & set(kind.__mro__) - {object}]
    behind = [override for override in overrides if override not in before]
    own = [] if any(issubclass(override, kind) for override in behind) else [kind]
    slots = {} if OWNER in dir(kind) else {"__slots__": (OWNER,)}
    return type(kind.__name__, (*before, *own, *behind), {"__module__": kind.__module__, **slots})


class Views:
    """The views of all layers of a model that one is asked for, one for each layer.

    Args:
        rules: Each gives the overrides of one layer, most often none.
    """

    def __init__(self, rules: Iterable[Callable[[keras.layers.Layer], tuple[type, ...]]]):
        self._rules, self._known = tuple(rules), {}

    def of(self, layer: keras.layers.Layer) -> keras.layers.Layer:
        """Returns the layer's view, or the layer itself, if neither it nor a layer in it computes otherwise."""
        if id(layer) not in self._known:
            self._known[id(layer)] = (layer, layer)  # while its parts are asked, one of which may hold it
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
        """Returns the view of a value that is or holds layers; any other value itself."""
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
    """Lets `note` and `origin` know of the tensors of a graph of layers while it runs, and of no others.

    Gives a function that forgets a tensor, as those that are given are: gradients by them may be asked for.
    """
    origins = {id(tensor): (tensor, None) for tensor in given}  # with the tensor, so that its id stays its own
    before = _origins.set(origins)
    try:
        yield lambda tensor: origins.update({id(tensor): (tensor, None)})
    finally:
        _origins.reset(before)


def note(tensor: Any, origin: Any) -> None:
    """Lets views of later layers of the graph that runs know how `tensor` was made.

    They may compute from its origin instead of it; TensorFlow prunes what is not needed then, but for eager execution,
    where nothing is noted. Neither is it outside of a graph of layers, nor for its inputs and outputs.
    """
    origins = _origins.get()
    if origins is not None and not tf.executing_eagerly():
        origins.setdefault(id(tensor), (tensor, origin))


def origin(tensor: Any) -> Any:
    """Returns what was noted of a tensor, or None."""
    return (_origins.get() or {}).get(id(tensor), (tensor, None))[1]


class Witness:
    """The base of overrides that compute as the layer does, and otherwise only where a neighbour has a view."""

    __slots__ = ()


class _Containing:
    """Reads the layers in it, and in its lists and dicts, as their views."""

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
    """Calls an operation, and forgets the origin of its output, which leaves the graph."""
    outputs = called(*args, **options)
    for output in keras.tree.flatten(outputs):
        forget(output)
    return outputs


@contextlib.contextmanager
def used(*rules: Callable[[keras.layers.Layer], tuple[type, ...]]) -> Iterator[None]:
    """Makes `shown(player)` the view of a player by these rules inside the block, in this thread."""
    before = _current.set(Views(rules))
    try:
        yield
    finally:
        _current.reset(before)


def shown(player: keras.Model) -> keras.Model:
    """Returns what is called in a player's place: its view inside of `used`, elsewhere the player itself."""
    views = _current.get()
    return player if views is None else views.of(player)
