"""Encoding of windows as their first moment and the changes from each moment to the next, on one scale."""

import dataclasses

import keras
import numpy as np
import tensorflow as tf

FLOOR = 1e-6  # the least scale, as a share of the widest component's, for components that never change


@keras.saving.register_keras_serializable("keras_gan")
@dataclasses.dataclass(frozen=True, eq=False)
class Changes:
    """The principal components of the columns of windows, and the scale of each component.

    The prices of a day are nearly equal, and so are those of the next day: in their own units a network learns the
    level of a window, and little else. Here the columns are replaced by their principal components, and each component
    by its value at the first moment and its later changes, all of variance 1.

    Attributes:
        center: (columns,) mean of each column, which is subtracted.
        axes: (columns, columns), one component per column.
        first: (columns,) standard deviation of each component.
        step: (columns,) standard deviation of each component's changes.
    """

    center: np.ndarray
    axes: np.ndarray
    first: np.ndarray
    step: np.ndarray

    @classmethod
    def of(cls, windows: np.ndarray) -> "Changes":
        """Finds the components in windows, (n, length, columns) float64, none of whose columns is constant."""
        moments = windows.reshape(-1, windows.shape[-1])
        center, width = moments.mean(axis=0), moments.std(axis=0)
        _, directions = np.linalg.eigh(np.cov(((moments - center) / width).T).reshape(len(width), -1))
        axes = directions / width[:, None]
        components = (windows - center) @ axes
        first, step = components.std(axis=(0, 1)), np.diff(components, axis=1).std(axis=(0, 1))
        return cls(center, axes, *(np.maximum(each, FLOOR * first.max()) for each in (first, step)))

    def encode(self, windows: np.ndarray) -> np.ndarray:
        """Encodes windows, (n, length, columns), in the units of the data, as first moments and changes."""
        back = np.linalg.inv(_sums(windows.shape[1]))
        return back @ ((windows - self.center) @ self.axes) / self._scales(windows.shape[1])

    def decode(self, windows: np.ndarray | tf.Tensor) -> np.ndarray | tf.Tensor:
        """Decodes the output of `encode`, an array or a tensor: float64."""
        length = windows.shape[1]
        return _sums(length) @ (windows * self._scales(length)) @ np.linalg.inv(self.axes) + self.center

    def _scales(self, length):
        return np.vstack([self.first, np.tile(self.step, (length - 1, 1))])

    def get_config(self) -> dict:
        """Returns the attributes, for JSON."""
        return {field.name: getattr(self, field.name).tolist() for field in dataclasses.fields(self)}

    @classmethod
    def from_config(cls, config: dict) -> "Changes":
        """Makes the changes that `get_config` describes."""
        return cls(**{name: np.asarray(value, "float64") for name, value in config.items()})


def _sums(length):
    """Returns the matrix that sums changes."""
    return np.tril(np.ones((length, length)))
