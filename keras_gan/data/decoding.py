"""A layer that decodes generated rows to the columns of their table."""

import keras

from keras_gan.data.schema import Schema


@keras.saving.register_keras_serializable("keras_gan")
class RowDecoding(keras.layers.Layer):
    """A layer that decodes rows of blocks, (N, width), to columns by name, (N,) each: see `Schema.decode_in_graph`.

    The layer's dtype is float64 by default, as float32 has only seven digits, fewer than many amounts and times.

    Args:
        schema: The table's columns.

    Example:

    >>> schema = Schema.of({"job": ["cook", "nurse"]})
    >>> RowDecoding(schema)(np.array([[0.1, 0.9]], "float32"))["job"].numpy().tolist()
    [b'nurse']
    """

    def __init__(self, schema: Schema, **options):
        super().__init__(**{"dtype": "float64", **options})
        self.schema = schema

    def call(self, rows):
        """Returns the columns, by name."""
        return self.schema.decode_in_graph(rows)

    def get_config(self):
        return {**super().get_config(), "schema": keras.saving.serialize_keras_object(self.schema)}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "schema": keras.saving.deserialize_keras_object(config["schema"])})
