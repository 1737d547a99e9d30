"""`--strategy`: on which devices a run is trained."""

import tensorflow as tf

from keras_gan.ground import files


def get(name: str, batch_size: int) -> tf.distribute.Strategy:
    """Returns the strategy of a name; the default one for `"none"`. To be called before anything else of TensorFlow.

    Raises:
        ValueError: If `batch_size` cannot be divided evenly.
    """
    strategy = {
        "none": tf.distribute.get_strategy,
        "mirrored": tf.distribute.MirroredStrategy,
        "multi_worker": tf.distribute.MultiWorkerMirroredStrategy,
    }[name]()
    if name == "multi_worker":
        files.set_multi_worker()
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise ValueError(
            f"`batch_size` must be a multiple of the number of replicas, {replicas}. Received: batch_size={batch_size}"
        )
    return strategy
