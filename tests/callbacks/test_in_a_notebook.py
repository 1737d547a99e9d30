"""What shows below a notebook's cell. A kernel is played here; `tests/test_notebooks.py` runs real ones."""

import io
import sys
import types

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan import images
from keras_gan.callbacks import Drawing, LossPlot
from keras_gan.ground import notebook

PICTURE = np.arange(48, dtype="uint8").reshape(4, 4, 3)


class Display:
    """IPython.display, of which only what is used is there. Each output is the list of all that it showed."""

    def __init__(self):
        self.outputs = []

    def Image(self, data, format):  # noqa: N802
        assert format == "png"
        with Image.open(io.BytesIO(data)) as picture:
            return np.asarray(picture)

    def display(self, picture, display_id):
        assert display_id is True
        shown = [picture]
        self.outputs.append(shown)
        return types.SimpleNamespace(update=shown.append)


@pytest.fixture
def outputs(monkeypatch):
    display = Display()
    shell = types.SimpleNamespace(config={"IPKernelApp": {}})
    kernel = types.SimpleNamespace(get_ipython=lambda: shell, display=display, version_info=(9, 0))  # Matplotlib asks
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    return display.outputs


def fit(callback, epochs):
    callback.set_model(types.SimpleNamespace(step=keras.Variable(0, dtype="int64"), name="model"))
    callback.on_train_begin()
    for epoch in range(epochs):
        callback.on_epoch_end(epoch, {"d_loss": 1.0 + epoch})
    callback.on_train_end()


def test_a_drawing_shows_its_newest_picture_and_each_fit_has_an_output(outputs, tmp_path):
    shades = iter(range(10))
    drawing = Drawing(tmp_path, lambda game: PICTURE + next(shades))
    fit(drawing, 3)
    fit(drawing, 2)
    expected = [[PICTURE, PICTURE + 1, PICTURE + 2], [PICTURE + 3, PICTURE + 4]]
    assert [len(shown) for shown in outputs] == [3, 2]
    for shown, pictures in zip(outputs, expected, strict=True):
        np.testing.assert_array_equal(shown, pictures)
    with Image.open(tmp_path / "epoch-0003.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), PICTURE + 2)


def test_curves_show_as_they_are_written(outputs, tmp_path):
    fit(LossPlot(tmp_path / "curves.png"), 2)
    assert [len(shown) for shown in outputs] == [2]
    with Image.open(tmp_path / "curves.png") as picture:
        np.testing.assert_array_equal(outputs[0][-1], np.asarray(picture))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_show_gives_each_picture_an_output(outputs, channels):
    picture = np.random.default_rng(0).integers(0, 255, (5, 6, channels), dtype="uint8")
    assert images.show(picture) is None
    images.show(255 - picture)
    assert len(outputs) == 2
    np.testing.assert_array_equal(outputs[0][0].reshape(picture.shape), picture)


@pytest.mark.parametrize("where", ["nowhere", "in IPython without a shell", "in a terminal's IPython"])
def test_nothing_shows_outside_of_a_notebook(monkeypatch, where):
    shell = types.SimpleNamespace(config={}) if "terminal" in where else None
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    if where != "nowhere":
        monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    assert not notebook.is_running()
    images.show(PICTURE)


def test_show_refuses_what_is_no_picture():
    with pytest.raises(ValueError, match=r"`image` must be uint8, \(height, width, channels\)"):
        images.show(np.zeros((2, 4, 4, 1), "uint8"))
