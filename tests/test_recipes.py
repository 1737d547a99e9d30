"""Every record of a recipe says how its numbers came about, and is of a recipe and a picture that are there."""

import json
import pathlib
import runpy
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import GAN, data, networks, presets
from recipes import comparison, gallery, reproductions, runs

RECIPES = pathlib.Path(__file__).parents[1] / "recipes"
RECORDS = sorted(RECIPES.glob("*.json"))
SMOKES = (  # long runs: a few steps of each
    "goodfellow_mnist",
    "improved_gan_mnist",
    "improved_gan_mnist --labels=20 --baseline",
    "stacked_mnist --objective=packed2",
    "lucic_comparison",
    "ganhacks",
    "default_knobs",
    "wgan_claims",
    "ebgan_pulling_away",
    "default_runs --conditional",
)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_records_are_whole(path):
    record = json.loads(path.read_text(encoding="utf-8"))
    program, module = record["command"].split()[1:3]
    assert program == "-m"
    assert (RECIPES.parent / f"{module.replace('.', '/')}.py").is_file()
    assert (RECIPES / record["picture"]).is_file()
    assert set(record["required"]) <= set(record["numbers"])
    assert {"commit", "date", "seed", "settings", "training_seconds", "machine", "versions"} <= set(record)


def test_the_gallery_is_that_of_presets_and_records():
    assert set(gallery.ROWS) == set(presets.names())
    assert gallery.PAGE.read_text(encoding="utf-8") == gallery.page(), "python -m recipes.gallery writes it again"


@pytest.mark.skipif(not reproductions.found(), reason="There is no record beside published numbers yet.")
def test_the_page_of_reproductions_is_that_of_records():
    written = reproductions.PAGE.read_text(encoding="utf-8")
    assert written == reproductions.page(reproductions.found()), "python -m recipes.reproductions writes it anew"


def reproduced(seed, log_likelihood, optimizer="SGD", **published):
    return {
        "command": f"python -m recipes.goodfellow_mnist --seed={seed}",
        "settings": {"batch": 100, "optimizer": optimizer},
        "numbers": {"log_likelihood": log_likelihood, "sigma": 0.2},
        "required": {"log_likelihood": ">= 225"},
        "published": {"log_likelihood": 225.0, **published},
        "training_seconds": {"processor": 5400},
        "picture": "goodfellow_mnist_maxout_1.png",
    }


def test_a_reproduction_stands_beside_what_was_published():
    lines = reproductions.page([reproduced(1, 220.5, of_others="less")]).splitlines()
    row = next(line for line in lines if "--seed=1" in line)
    assert "**log likelihood 220.5** (&gt;= 225, missed)<br>sigma 0.2" in row
    assert "5,400 s" in row
    assert lines.index("- log likelihood 225") == lines.index("- of others: less") - 1


def test_reproductions_of_different_tables_have_what_was_published_in_their_rows():
    lines = reproductions.page([reproduced(1, 220.5), reproduced(2, 226.0, of_others=3.5)]).splitlines()
    assert "| log likelihood 225 |" in next(line for line in lines if "--seed=1" in line)
    assert "| log likelihood 225<br>of others 3.5 |" in next(line for line in lines if "--seed=2" in line)


def test_what_was_asked_is_a_table_over_seeds():
    lines = reproductions.requirements([reproduced(seed, each) for seed, each in enumerate((220.5, 226.0, 230.5))])
    row = lines.splitlines()[2]
    assert "python -m recipes.goodfellow_mnist`" in row
    assert "| &gt;= 225 | 225 | 220.5, 226, 230.5, mean 225.7 | 2 of 3 seeds |" in row
    alone = [reproductions.requirements([reproduced(0, each)]).splitlines()[2] for each in (220.5, 226.0)]
    assert [row.split("|")[-2].strip() for row in alone] == ["no", "yes"]


def test_runs_with_other_settings_are_not_averaged():
    records = [reproduced(0, 220.5), reproduced(1, 226.0), reproduced(2, 230.5, optimizer="Adam")]
    first, second = reproductions.requirements(records).splitlines()[2:]
    assert "<br>optimizer: SGD | log likelihood" in first
    assert "| 220.5, 226, mean 223.2 | 1 of 2 seeds |" in first
    assert "<br>optimizer: Adam | log likelihood" in second
    assert "| 230.5 | yes |" in second


def test_a_comparison_is_a_table_of_means_over_seeds():
    distances = {"far": [8.0, 9.0, 13.0], "near": [1.0, 2.0, 3.0]}
    found = [
        {"way": way, "seed": seed, "frechet_distance": distance, "steps": 1200, "processor": 100.0 + 2 * seed}
        for way, each in distances.items()
        for seed, distance in enumerate(each)
    ]
    record = {"numbers": comparison.numbers(found, 0.5), "runs": found, "settings": {"seeds": 3}}
    lines = comparison.table(record).splitlines()
    assert [line.split("|")[1].strip(" `") for line in lines[2:]] == ["real pictures", "near", "far"]
    assert "| 0.5 |" in lines[2]
    assert lines[3:] == ["| `near` | 2.0 ± 1.0 | 1,200 | 102 s |", "| `far` | 10.0 ± 2.6 | 1,200 | 102 s |"]


def test_a_comparison_of_one_seed_has_no_spread():
    found = [{"way": "near", "seed": 0, "frechet_distance": 2.0, "steps": 100, "processor": 7.0}]
    record = {"numbers": comparison.numbers(found, 0.5), "runs": found, "settings": {"seeds": 1}}
    assert set(record["numbers"]) == {"frechet_distance_of_real", "near", "near_steps"}
    assert comparison.table(record).splitlines()[-1] == "| `near` | 2.0 | 100 | 7 s |"


def test_other_records_are_no_comparison():
    assert comparison.table({"numbers": {}, "runs": [{"kind": "plain"}], "settings": {}}) == ""


def test_every_record_is_in_the_gallery_or_beside_published_numbers():
    for path in RECORDS:
        published = "published" in json.loads(path.read_text(encoding="utf-8"))
        assert published or gallery.preset_of(path.stem), path.stem


@pytest.mark.learns
@pytest.mark.usefixtures("new_flags")
@pytest.mark.parametrize("command", SMOKES)
def test_smoke(command, tmp_path, monkeypatch, capsys):
    name, *options = command.split()
    path = RECIPES / f"{name}.py"
    monkeypatch.chdir(tmp_path)
    before = sorted(RECIPES.iterdir())
    monkeypatch.setattr(sys, "argv", [str(path), "--smoke", "--work=run", *options])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(path), run_name="__main__")
    assert not ended.value.code
    assert sorted(RECIPES.iterdir()) == before
    (found,) = pathlib.Path("run").glob(f"{name}*.json")
    record = json.loads(found.read_text(encoding="utf-8"))
    assert record["numbers"]
    assert record["published"]
    assert set(record["required"]) <= set(record["numbers"])
    assert found.with_suffix(".png").is_file()
    assert f"recipes.{name}" in path.read_text(encoding="utf-8").split('"""')[1]


@pytest.mark.learns
def test_a_long_run_goes_on_with_its_clock_and_its_curve(tmp_path):
    points = np.random.default_rng(0).normal(size=(16, 2)).astype("float32")

    def play(epochs):
        gan = GAN(
            networks.mlp_generator(2, (2,), hidden=(4,)), networks.mlp_discriminator((2,), hidden=(4,)), 2, seed=0
        )
        gan.compile(run_eagerly=True)
        curve = runs.Curve(lambda gan: {"mean": gan.generate(4, seed=0).mean()}, 1, keeps=("d_loss",))
        batches = data.batches(points, 8, seed=0)
        clock = runs.train(gan, batches, tmp_path, epochs=epochs, steps=2, callbacks=(curve,))
        return clock, curve.rows

    first, begun = play(1)
    whole, rows = play(2)
    again, same = play(2)
    assert [row["step"] for row in rows] == [2, 4]
    assert rows[:1] == begun
    assert same == rows
    assert whole.processor > first.processor > 0
    assert again.seconds == whole.seconds


def test_a_finished_run_is_not_run_again(tmp_path):
    found = [runs.Runs(tmp_path / "runs.json").once(lambda: {"distance": value}, seed=0) for value in (1.0, 2.0)]  # noqa: B023
    assert found == [{"seed": 0, "distance": 1.0}] * 2


def test_pictures_are_small():
    assert all(path.stat().st_size < 200_000 for path in RECIPES.glob("*.png"))


@pytest.mark.usefixtures("new_flags")
def test_the_epsilon_of_improved_gan_is_under_the_root_of_the_corrected_moment():
    """Beside gradients below it, Adam's own first updates are up to 30 times smaller."""
    weight = keras.Variable(np.array([1.0, 2.0, 3.0], "float32"))
    optimizer = runpy.run_path(str(RECIPES / "improved_gan_mnist.py"))["optimizer"]()
    optimizer.build([weight])
    expected, first, second = np.array([1.0, 2.0, 3.0]), np.zeros(3), np.zeros(3)
    for t in range(1, 6):
        gradient = np.array([1e-5, 1e-3, -2.0]) * t
        optimizer.apply([tf.constant(gradient, tf.float32)], [weight])
        first, second = 0.5 * first + 0.5 * gradient, 0.999 * second + 0.001 * gradient**2
        expected -= 0.003 * first / (1 - 0.5**t) / np.sqrt(second / (1 - 0.999**t) + 1e-8)
    np.testing.assert_allclose(weight.numpy(), expected, rtol=1e-6)
