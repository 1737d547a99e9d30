"""Terms that regularize a player's weights or the discriminator's scores."""

import keras
import tensorflow as tf

from keras_gan import augmentations
from keras_gan.ground import internals
from keras_gan.ground.arguments import check_number
from keras_gan.ground.replicas import gather
from keras_gan.layers.reparametrization import TRANSPOSED, WRAPPED
from keras_gan.objectives.objective import Objective
from keras_gan.objectives.penalties import Penalty
from keras_gan.play import players


@keras.saving.register_keras_serializable("keras_gan")
class HistoricalAveraging(Objective):
    """Keeps the weights of each player near the average of its past weights.

    D and G: ||theta - (1/t) sum_i theta_i||^2, theta the player's own weights that are not frozen

    The averages are as large as both players, and saved with the GAN. `GAN.compile` binds the objective to the players.
    If several sides of a game make what is judged, each averages the weights of its own players over its own moves.

    Example:

    >>> gan.compile(objective="non_saturating + 0.01 * historical_averaging")

    Reference: [Salimans et al., 2016](https://arxiv.org/abs/1606.03498), section 3.3.
    """

    follows_weights = True

    def build(self, memory, generator, discriminator):
        options = {"initializer": "zeros", "trainable": False, "dtype": "float32", "aggregation": "mean"}
        self._means, self._counts = {}, {}
        for player, model in (("discriminator", discriminator), ("generator", generator)):
            self._counts[player] = memory.add_weight(shape=(), name=f"{player}_count", **options)
            self._means[player] = [
                memory.add_weight(shape=w.shape, name=f"{player}_mean_{i}", **options)
                for i, w in enumerate(players.learnable(model))
            ]

    def _pairs(self, player, round):
        weights = players.learnable(getattr(round, player))
        return zip((tf.cast(w.value, tf.float32) for w in weights), self._means[player], strict=True)

    def _distance(self, player, round):
        if not round.training:
            return None
        trainable = {id(w) for w in getattr(round, player).trainable_variables}
        moves = (id(w) in trainable for w in players.learnable(getattr(round, player)))
        pairs = zip(self._pairs(player, round), moves, strict=True)
        past = sum((tf.reduce_sum((w - mean.value) ** 2) for (w, mean), moves in pairs if moves), tf.zeros(()))
        return tf.where(self._counts[player] > 0, past, 0.0)

    def discriminator_loss(self, round):
        return self._distance("discriminator", round)

    def generator_loss(self, round):
        return self._distance("generator", round)

    def update(self, player, round):
        self._counts[player].assign_add(1.0)
        for weight, mean in self._pairs(player, round):
            mean.assign_add((weight - mean) / self._counts[player])


@keras.saving.register_keras_serializable("keras_gan")
class OrthogonalRegularization(Objective):
    """Makes the filters of each layer orthogonal, and leaves their lengths free.

    D and G: sum over kernels W of ||W^T W * (1 - I)||_F^2, W reshaped to (inputs, filters)

    W is the kernel variable of a dense or convolutional layer, before any normalization of it. If several sides of a
    game make what is judged, each regularizes its own players.

    The paper's weight is 1e-4, on the generator: `Players(generator=1e-4 * OrthogonalRegularization())`.

    Example:

    >>> gan.compile(objective="hinge + 1e-4 * orthogonal_regularization")

    Reference: [Brock et al., 2018](https://arxiv.org/abs/1809.11096), equation 3.
    """

    def discriminator_loss(self, round):
        return _incoherence(round.discriminator) if round.training else None

    def generator_loss(self, round):
        return _incoherence(round.generator) if round.training else None


def _incoherence(player):
    kernels = [(layer, layer.kernel) for layer in internals.layers_of(player) if isinstance(layer, WRAPPED)]
    return sum((_overlap(layer, kernel) for layer, kernel in kernels if kernel.trainable), tf.constant(0.0))


def _overlap(layer, kernel):
    w = tf.cast(kernel.value, tf.float32)
    if isinstance(layer, TRANSPOSED):
        w = tf.linalg.matrix_transpose(w)
    w = tf.reshape(w, (-1, w.shape[-1]))
    products = tf.matmul(w, w, transpose_a=True)
    return tf.reduce_sum((products - tf.linalg.diag(tf.linalg.diag_part(products))) ** 2)


@keras.saving.register_keras_serializable("keras_gan")
class ConsistencyRegularization(Penalty):
    """Penalises differences between the discriminator's scores of a real example and of its augmentation.

    D: (D(x) - D(T(x)))^2, with T an augmentation

    The paper's weight is 10.

    Args:
        augmentation: T: an `Augmentation`, its class, name or config. Defaults to random translations of images.
        every: Applies the term every `every` steps only, and scales it by `every`; see `Penalty`. Defaults to 1.

    Example:

    >>> gan.compile(objective="hinge + 10 * consistency_regularization")

    Reference: [Zhang et al., 2019](https://arxiv.org/abs/1910.12027), equation 2.
    """

    differentiates_input = False

    def __init__(self, augmentation: augmentations.Augmentation | type | str | dict | None = None, every: int = 1):
        super().__init__(every)
        given = augmentations.get(augmentation)
        self._configured = augmentation if isinstance(augmentation, str) else given
        self.augmentation = given or augmentations.DiffAugment("translation")
        if self.augmentation.weights:
            raise ValueError(
                "`augmentation` must be without state, which this term does not keep. "
                f"Received: augmentation={self.augmentation!r}"
            )

    def penalty(self, round):
        noise = round.noise.at("consistency")
        x = round.augmented(self.augmentation, round.real, noise.at("augmentation"))
        difference = round.critic(round.real_output) - round.critic(round.output(x, round.real_labels, "consistency"))
        return tf.reduce_mean(difference**2, axis=1)

    def get_config(self):
        return {"augmentation": keras.saving.serialize_keras_object(self._configured), **super().get_config()}


@keras.saving.register_keras_serializable("keras_gan")
class LeCam(Objective):
    """Keeps the discriminator's scores near the moving average of the other kind's scores; for small data sets.

    D: max(0, r - a_fake)^2 + max(0, a_real - f)^2
    a_real <- decay a_real + (1 - decay) mean r, likewise a_fake, after each move of the discriminator, from 0

    The averages are saved with the GAN. The paper's weights are 0.01 to 0.3.

    Args:
        decay: Decay of the moving averages, in [0, 1). Defaults to 0.99.

    Example:

    >>> gan.compile(objective="hinge + 0.3 * le_cam")

    Reference: [Tseng et al., 2021](https://arxiv.org/abs/2104.03310), equation 3, with the one-sided form of the
    authors' code.
    """

    real_mean = fake_mean = 0.0

    def __init__(self, decay: float = 0.99):
        self.decay = check_number("decay", decay, 0, 1)

    def build(self, memory, generator, discriminator):
        options = {"shape": (), "initializer": "zeros", "trainable": False, "dtype": "float32", "aggregation": "mean"}
        self.real_mean = memory.add_weight(name="real_mean", **options)
        self.fake_mean = memory.add_weight(name="fake_mean", **options)

    def discriminator_loss(self, round):
        if not round.training:
            return None
        r, f = round.critic(round.real_output), round.critic(round.fake_output)
        real, fake = tf.convert_to_tensor(self.real_mean), tf.convert_to_tensor(self.fake_mean)
        return tf.reduce_mean(tf.nn.relu(r - fake) ** 2 + tf.nn.relu(real - f) ** 2, axis=1)

    def update(self, player, round):
        if player == "discriminator":
            for mean, output in ((self.real_mean, round.real_output), (self.fake_mean, round.fake_output)):
                mean.assign(self.decay * mean + (1 - self.decay) * tf.reduce_mean(gather(round.critic(output))))

    def get_config(self):
        return {"decay": self.decay}
