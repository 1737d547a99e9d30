import numpy as np
import pytest
from PIL import Image

from keras_gan.demos import figure1


def size(path):
    with Image.open(path) as picture:
        return picture.format, picture.size, getattr(picture, "n_frames", 1)


@pytest.fixture(scope="module")
def played():
    """The moments of two frames a phase, and both players' weights at each."""
    gan, moments, weights = figure1.game(), [], []
    for moment in figure1.play(gan, frames=2):
        moments.append(moment)
        weights.append([np.copy(player.get_weights()[-2]) for player in (gan.generator, gan.discriminator)])
    return moments, weights


@pytest.mark.learns
def test_figure1_is_drawn(keras_gan, played, tmp_path, monkeypatch):
    def play(seed, frames):
        assert (seed, frames) == (0, 2)
        yield from played[0]

    monkeypatch.setattr(figure1, "game", lambda seed: seed)
    monkeypatch.setattr(figure1, "play", play)  # as the other test does, and the example beside the tests
    result = keras_gan("demo", "figure1", "--smoke")
    assert (result.code, result.err) == (0, "")
    for title in figure1.TITLES.values():
        assert result.out.count(title) == 2  # as it begins, and in the table
    assert result.out.endswith("runs/figure1/figure1.png\nruns/figure1/figure1.gif\n")
    assert sorted(path.name for path in (tmp_path / "runs/figure1").iterdir()) == ["figure1.gif", "figure1.png"]
    assert size("runs/figure1/figure1.png") == ("PNG", (1500, 700), 1)
    assert size("runs/figure1/figure1.gif") == ("GIF", (630, 576), 10)


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        ([], ["`name` must be one of figure1. Received: none"]),
        (["--name=figure2"], ["figure2", "figure1"]),
        (["figure1", "figure1"], ["all flags begin with --. Received: figure1"]),
        (["figure1", "--seed=-1"], ["seed", "-1"]),
        (["figure1", "--out=file.txt/new"], ["`out`", "file.txt"]),
    ],
)
def test_bad_flags_are_refused(refused, tmp_path, arguments, mentions):
    (tmp_path / "file.txt").write_text("a file")
    refused(["demo", *arguments], *mentions)


def test_only_demo_takes_a_word(refused):
    refused(["info", "figure1"], "all flags begin with --. Received: figure1")


def test_a_moment_knows_the_theory():
    x = np.linspace(-2.5, 3.5, 301)
    bump = figure1.P_DATA.density(x[:, None])
    apart = figure1.P_DATA.density(x[:, None] - 1.0)
    moment = figure1.Moment("a", x, bump, apart, np.full(301, 0.5), np.zeros(1), np.zeros(1))
    np.testing.assert_allclose(moment.optimal, 1 / (1 + np.exp(4 * x - 2)), rtol=0, atol=1e-9)
    assert moment.value == pytest.approx(-np.log(4), abs=1e-9)
    assert moment.criterion == pytest.approx(-np.log(4) + 2 * moment.js_divergence, abs=1e-12)
    assert moment.js_divergence > 0.2
    assert "0.5000" not in figure1.table([moment])
    assert f"{moment.js_divergence:.5f}" in figure1.table([moment])


@pytest.mark.learns
def test_the_game_begins_beside_the_data_and_each_player_rests_when_it_is_not_its_turn(played):
    moments, weights = played
    x, first = figure1.X, moments[0]
    expected = np.exp(-0.5 * ((x - 1.1) / 0.5) ** 2) / (0.5 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(first.p_g, expected, rtol=0, atol=0.03)
    assert np.trapezoid(first.p_g, x) == pytest.approx(1, abs=1e-3)
    assert (np.diff(first.G) > 0).all()
    assert first.value < first.criterion - 0.1  # D knows little

    assert [moment.stage for moment in moments] == list("aabbccdddd")
    moves = {"a": [False, True], "b": [False, True], "c": [True, False], "d": [True, True]}
    for i in range(1, len(moments)):
        moved = [bool((a != b).any()) for a, b in zip(weights[i - 1], weights[i], strict=True)]
        assert moved == moves[moments[i].stage]
