"""Calls of players, which are ordinary Keras models, with labels and reproducible noise."""

import contextlib
import inspect
from collections.abc import Iterator, Mapping, Sequence

import keras
import tensorflow as tf

from keras_gan.ground import internals, views
from keras_gan.noise import Noise


class Advancing:
    """Base class of layers with a state that changes once per move, such as a spectral norm's power iteration.

    A custom layer inherits from this class and from one of Keras. `GAN` calls `advance` of each such layer in a player
    once before each training move of that player, so that the state is the same in all calls of the move. Methods named
    `advance` of other layers are never called.

    Example:

    >>> class Fading(Advancing, keras.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.scale = self.add_weight(initializer="ones", trainable=False)
    ...     def call(self, inputs):
    ...         return inputs * self.scale
    ...     def advance(self):
    ...         self.scale.assign(0.9 * self.scale)
    """

    def advance(self) -> None:
        """Updates the layer's state once. `tf.function` must be able to trace it."""
        raise NotImplementedError(f"`advance` must be overridden. Received: {type(self).__name__}, which has none")


class ReadsClasses:
    """Base class of layers that look up classes, as `keras.layers.Embedding` does: their inputs are integers (N,)."""


def graph_inputs(player: keras.Model) -> list | None:
    """Returns the symbolic inputs of a built functional or sequential model; None for any other.

    In a subclassed model, an attribute named `inputs` may mean anything.
    """
    found = getattr(player, "inputs", None)
    symbolic = isinstance(found, list) and found and all(isinstance(each, keras.KerasTensor) for each in found)
    return found if symbolic else None


def check_listed(name: str, player: keras.Model) -> None:
    """Checks that a functional player takes its inputs in order, and not by name.

    Raises:
        ValueError: If the player takes a dict.
    """
    functional = graph_inputs(player) is not None and not isinstance(player, keras.Sequential)
    if functional and isinstance(player.input, Mapping):
        raise ValueError(
            f"`{name}` must take a tensor or a list of tensors: make it by keras.Model([first, second], ...). "
            f"Received: {player.name!r}, which takes a dict of {', '.join(map(repr, player.input))}"
        )


def takes_labels(player: keras.Model) -> bool:
    """Returns whether the player takes `(inputs, labels)`: two inputs, or a subclass's `call` with `labels`."""
    if isinstance(player, keras.Sequential):
        return False
    inputs = graph_inputs(player)
    if inputs is not None:
        return len(inputs) == 2
    return "labels" in inspect.signature(player.call).parameters


def call(player: keras.Model, inputs, labels=None, *, training: bool = False) -> tf.Tensor | dict:
    """Calls a player on a batch of inputs, and on the labels if it takes them.

    A functional player with two inputs is called as `player([inputs, labels])`, a subclass whose `call` names
    `labels` as `player(inputs, labels=labels)`, and any other player as `player(inputs)`.

    Raises:
        ValueError: If the player takes labels and `labels` is None.
    """
    takes = takes_labels(player)
    player = views.shown(player)
    if not takes:
        return player(inputs, training=training)
    if labels is None:
        raise ValueError(f"`labels` must be given: the player {player.name!r} takes them. Received: labels=None")
    if graph_inputs(player) is not None:
        return player([tf.convert_to_tensor(inputs), tf.convert_to_tensor(labels)], training=training)
    return player(inputs, labels=labels, training=training)


def call_on(player: keras.layers.Layer, inputs: Sequence, *, training: bool = False) -> tf.Tensor | dict:
    """Calls a player on one input or on several, in the order of its inputs.

    A functional player is called on the list of several inputs, a subclass on as many arguments.
    """
    if len(inputs) == 1:
        return call(player, inputs[0], training=training)
    if len(inputs) == 2 and takes_labels(player):
        return call(player, *inputs, training=training)
    shown = views.shown(player)
    if graph_inputs(player) is not None:
        return shown([tf.convert_to_tensor(x) for x in inputs], training=training)
    return shown(*inputs, training=training)


def reseed(player: keras.Model, noise: Noise) -> None:
    """Sets every `keras.random.SeedGenerator` inside the player (Dropout, GaussianNoise, ...) from `noise`.

    Keras neither saves nor rewinds their state, so a resumed run would otherwise draw other masks. The masks of Keras's
    random layers still differ between XLA and plain execution, as TensorFlow picks another algorithm.
    """
    for state, bits in seeds(player, noise):
        state.assign(bits)


def seeds(player: keras.Model, noise: Noise) -> list[tuple]:
    """Returns the state variable of each seed generator inside the player, with its value from `noise`."""
    return [(state, noise.at("seed_generator", i).bits()) for i, state in enumerate(seed_states(player))]


def seed_states(player: keras.Model) -> list:
    """Returns the state variables of the player's seed generators, in a fixed order."""
    return [v for v in player.variables if v.path.endswith("seed_generator_state")]


def structure(player: keras.layers.Layer) -> int:
    """Returns a number that is another one if layers of the player get other variables or dtype policies.

    Graphs must then be traced again, as after `enable_lora` or `quantize` of Keras.
    """
    policies = (layer.dtype_policy.name for layer in internals.layers_of(player))
    return hash((*map(id, player.variables), *policies))


def learnable(player: keras.Model) -> list:
    """Returns the float weights that can be trained, including frozen ones, in the order of `variables`.

    Statistics of batch normalization, other state that layers write, and seeds are not included.
    """
    made = {id(variable) for layer in internals.layers_of(player) for variable in internals.own_weights(layer)}
    return [variable for variable in player.variables if id(variable) in made and "float" in variable.dtype]


def statistics(player: keras.Model) -> list:
    """Returns the moving means and variances of batch normalizations, as `variables` orders them."""
    kept = [layer for layer in internals.layers_of(player) if isinstance(layer, keras.layers.BatchNormalization)]
    made = {id(variable) for layer in kept for variable in (layer.moving_mean, layer.moving_variance)}
    return [variable for variable in player.variables if id(variable) in made]


def added_losses(player: keras.Model) -> list[tf.Tensor]:
    """Returns the losses that `add_loss` and activity regularizers inside the player added in its last call."""
    return [loss for layer in internals.layers_of(player) for loss in internals.own_losses(layer)]


def weight_losses(player: keras.Model) -> dict[int, tf.Tensor]:
    """Returns the losses of the regularizers of the player's weights that are not frozen, by the weights' ids.

    By the ids, the losses of layers that players share can be counted once.
    """
    regularized = (v for v in player.trainable_variables if getattr(v, "regularizer", None) is not None)
    return {id(variable): variable.regularizer(variable) for variable in regularized}


@contextlib.contextmanager
def trained(models: Mapping[str, keras.layers.Layer], known: Mapping[str, Sequence[int]]) -> Iterator[None]:
    """Makes the weights in `known` trainable inside the block, and restores all flags after it.

    Args:
        models: Models by their names.
        known: The indices in `learnable` of the weights that a model trains, by its name. A model that is not named
            trains the same weights as now, or all if these are none.
    """
    chosen = {name: known.get(name) for name, model in models.items() if name in known or not model.trainable_variables}
    changed = [models[name] for name in chosen]
    flags = [(each, each.trainable) for model in changed for each in (*internals.layers_of(model), *model.variables)]
    for model in changed:  # one by one: Keras skips `model.trainable = True` where only the layers are frozen
        for layer in internals.layers_of(model):
            layer.trainable = True
    for name, places in chosen.items():
        for place, weight in enumerate(learnable(models[name])):
            weight.trainable = places is None or place in places
    try:
        yield
    finally:
        for each, trainable in flags:  # a layer sets its sublayers and variables, which come after it
            each.trainable = trainable


def advance(player: keras.Model) -> None:
    """Advances every `Advancing` layer, once before each of the player's moves."""
    for layer in internals.layers_of(player):
        if isinstance(layer, Advancing):
            layer.advance()


def cast_like(data, player: keras.Model) -> tf.Tensor:
    """Casts `data` to a float tensor: float32, unless the player computes in float64."""
    return tf.cast(data, "float64" if player.compute_dtype == "float64" else "float32")
