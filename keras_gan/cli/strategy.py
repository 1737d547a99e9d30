"""`--strategy`: the devices that a run is trained on."""

import tensorflow as tf

from keras_gan.ground import files


def get(name: str, batch_size: int) -> tf.distribute.Strategy:
    """Returns the strategy of a name, the default one for `"none"`. Must be called before any other TensorFlow call.

    Raises:
        ValueError: If `batch_size` is not a multiple of the number of replicas.
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
