"""Callbacks for training. All callbacks of Keras work beside them."""

from keras_gan.callbacks.doctor import Doctor
from keras_gan.callbacks.drawing import Drawing
from keras_gan.callbacks.loss_plot import LossPlot
from keras_gan.callbacks.profile import Profile
from keras_gan.callbacks.resume import Resume
from keras_gan.callbacks.sample_grid import SampleGrid
from keras_gan.callbacks.terminate_on_non_finite import TerminateOnNonFinite
from keras_gan.game.fitting import ResumableCallback
from keras_gan.game.watching import StepCallback

__all__ = [
    "Doctor",
    "Drawing",
    "LossPlot",
    "Profile",
    "ResumableCallback",
    "Resume",
    "SampleGrid",
    "StepCallback",
    "TerminateOnNonFinite",
]
