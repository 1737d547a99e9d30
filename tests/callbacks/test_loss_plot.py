import copy

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan import images
from keras_gan.callbacks import LossPlot
from keras_gan.ground import plots


@pytest.fixture
def drawn(monkeypatch):
    """What was drawn: the panels of each drawing."""
    pictures, curves = [], plots.curves

    def draw(panels):
        pictures.append(copy.deepcopy(panels))
        return curves(panels)

    monkeypatch.setattr(plots, "curves", draw)
    return pictures


def play(callback, epochs, **logs):
    for epoch in range(epochs):
        callback.on_epoch_end(epoch, {"d_loss": 1.0 + epoch, "g_loss": 2.0, **logs})
    callback.on_train_end()


@pytest.mark.learns
def test_the_picture_holds_what_fit_logged(same_gan, points, tmp_path, drawn):
    gan = same_gan(objective="wasserstein + 10 * gradient_penalty", compile_options={"metrics": ["mae"]})
    path = tmp_path / "new" / "curves.png"
    history = gan.fit(points, epochs=2, verbose=0, validation_data=points, callbacks=[LossPlot(path)]).history
    panels = drawn[-1]
    assert {title: sorted(lines) for title, lines in panels.items()} == {
        "losses": ["d_loss", "g_loss", "val_d_loss", "val_g_loss"],
        "mean output of the discriminator": ["d_fake", "d_real", "val_d_fake", "val_d_real"],
        "terms": ["d_gradient_penalty", "d_wasserstein", "g_wasserstein"],
        "metrics": ["val_mean_absolute_error"],
    }
    for lines in panels.values():
        for name, values in lines.items():
            np.testing.assert_allclose(values, history[name], rtol=1e-6)
    with Image.open(path) as picture:
        assert (picture.format, picture.size) == ("PNG", (4 * 500, 360))
    assert [file.name for file in path.parent.iterdir()] == ["curves.png"]


def test_epochs_are_whole_numbers(monkeypatch):
    figures, pixels = [], plots.pixels
    monkeypatch.setattr(plots, "pixels", lambda figure: figures.append(figure) or pixels(figure))
    plots.curves({"losses": {"d_loss": [1.0, 2.0]}})
    ticks = figures[0].axes[0].get_xticks()
    np.testing.assert_array_equal(ticks, np.round(ticks))


def test_each_drawing_replaces_the_one_before(tmp_path):
    callback = LossPlot(tmp_path / "curves.png")
    seen = []
    for epoch in range(3):
        callback.on_epoch_end(epoch, {"d_loss": float(epoch % 2)})
        seen.append((tmp_path / "curves.png").read_bytes())
    assert len(set(seen)) == 3


@pytest.mark.parametrize(("every", "epochs", "lengths"), [(1, 2, [1, 2]), (2, 3, [2, 3]), (5, 3, [3])])
def test_every_says_how_often_and_the_end_is_always_drawn(tmp_path, drawn, every, epochs, lengths):
    play(LossPlot(tmp_path / "curves.png", every), epochs)
    assert [len(panels["losses"]["d_loss"]) for panels in drawn] == lengths


@pytest.mark.learns
def test_a_second_fit_draws_on(same_gan, points, tmp_path, drawn):
    gan, callback = same_gan(), LossPlot(tmp_path / "curves.png")
    gan.fit(points, batch_size=8, epochs=2, verbose=0, callbacks=[callback])
    gan.fit(points, batch_size=8, epochs=3, initial_epoch=2, verbose=0, callbacks=[callback])
    assert len(drawn[-1]["losses"]["d_loss"]) == 3


@pytest.mark.parametrize("name", ["learning_rate", "learning_rate_generator_optimizer"])
def test_learning_rates_are_no_terms_of_the_loss(tmp_path, drawn, name):
    play(LossPlot(tmp_path / "curves.png"), 1, **{name: 1e-3})
    assert set(drawn[-1]) == {"losses"}


@pytest.mark.learns
def test_stock_schedules_leave_the_panels_alone(same_gan, points, tmp_path, drawn):
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    same_gan().fit(points, batch_size=8, verbose=0, callbacks=[halve, LossPlot(tmp_path / "curves.png")])
    assert set(drawn[-1]) == {"losses", "mean output of the discriminator"}


def test_losses_that_are_not_finite_leave_gaps(tmp_path):
    play(LossPlot(tmp_path / "curves.png"), 2, d_loss=float("nan"), g_loss=float("inf"))
    assert (tmp_path / "curves.png").exists()


def test_nothing_is_drawn_of_nothing(tmp_path):
    LossPlot(tmp_path / "curves.png").on_train_end()
    assert not list(tmp_path.iterdir())


def test_a_failure_while_drawing_leaves_the_old_picture(tmp_path, monkeypatch):
    callback = LossPlot(tmp_path / "curves.png")
    play(callback, 1)
    before = (tmp_path / "curves.png").read_bytes()

    class Broken:
        def save(self, part, **options):
            part.write_bytes(b"half")
            raise OSError("the disk is full")

    monkeypatch.setattr(images, "_picture", lambda array: Broken())
    with pytest.raises(OSError, match="the disk is full"):
        play(callback, 1)
    assert (tmp_path / "curves.png").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "epoch", None])
def test_every_must_be_a_positive_integer(tmp_path, every):
    with pytest.raises(ValueError, match=r"`every` must be an integer of at least 1. Received: every="):
        LossPlot(tmp_path / "curves.png", every)
