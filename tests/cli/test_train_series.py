"""`--dataset=series:`: windows are trained on, sampled in the units of the data, measured, and shown on the page."""

import contextlib
import io
import json
import types

import numpy as np
import pandas as pd
import pytest

from keras_gan import cli, data
from keras_gan.cli import beginnings, evaluate_series, found
from keras_gan.cli.config import TrainConfig
from keras_gan.cli.windows import Lines
from keras_gan.evaluation import SeriesReport

TINY = ("--window=8", "--width=4", "--latent_dim=3", "--batch_size=40", "--epochs=2")


def walk(count=400, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"day": pd.date_range("2020-01-01", periods=count)})
    frame["price"] = 50 + rng.normal(size=count).cumsum()
    return frame.assign(sold=rng.integers(100, 9000, count), kind=np.where(np.arange(count) // 100 % 2, "up", "down"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished conditional run: where, and what it printed. Not to be changed, but for what evaluate writes."""
    folder, out = tmp_path_factory.mktemp("series"), io.StringIO()
    walk().to_csv(folder / "walk.csv", index=False)
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.chdir(folder)
        code = cli.main(["train", "--dataset=series:walk.csv", "--label=kind", "--conditional", *TINY])
    return types.SimpleNamespace(code=code, folder=folder, out=out.getvalue())


@pytest.mark.learns
def test_a_run_says_what_it_found_and_leaves_windows(run):
    assert run.code == 0
    for text in (
        "Found: a series of 400 moments",
        "columns: price, sold",
        "times: day, in rising order; not trained on",
        "windows of 8 moments: 252 to train on, and 92 held out, at the end of each of 4 stretches",
        "labels: down 126, up 126",
        "--dataset=series:walk.csv holds windows: training --model=series, which makes windows.",
        "More windows: keras-gan sample --model=runs/walk --n=1000 --out=windows.csv",
        "How good they are: keras-gan evaluate --model=runs/walk",
    ):
        assert text in run.out
    here = run.folder / "runs/walk"
    config = json.loads((here / "config.json").read_text())
    assert (config["model"], config["network"], config["window"], config["test"]) == ("series", "mlp", 8, 0.3)
    assert {"samples.png", "curves.png", "samples.csv", "report.html", "gan.keras"} <= {p.name for p in here.iterdir()}
    made = pd.read_csv(here / "samples.csv")
    assert (made.shape, list(made)) == ((800, 4), ["window", "moment", "price", "sold"])
    assert made["sold"].dtype.kind == "i"
    assert "Series GAN" in (here / "report.html").read_text(encoding="utf-8")


@pytest.mark.learns
def test_windows_are_in_the_units_of_the_data(run, ask):
    for name, flags in (("a.csv", ["--labels=up"]), ("a.npy", []), ("b.npy", ["--model=saved_models/walk"])):
        flags = ["--model=runs/walk", "--n=5", "--seed=3", f"--out={name}", *flags]
        done = ask(run, "sample", *flags)
        assert done.code == 0, done.err
        assert f"5 windows of 8 moments of price, sold: {name}" in done.out
    table, game, served = pd.read_csv(run.folder / "a.csv"), *(np.load(run.folder / f"{x}.npy") for x in "ab")
    assert list(table) == ["window", "moment", "label", "price", "sold"]
    assert set(table["label"]) == {"up"}
    assert game.shape == (5, 8, 2)
    ends = walk()[["price", "sold"]].agg(["min", "max"]).to_numpy()
    assert ((game >= ends[0]) & (game <= ends[1])).all()
    np.testing.assert_allclose(served, game, rtol=1e-5, atol=1)


@pytest.mark.learns
@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (["--out=x.png"], "`out` must end in one of .csv, .tsv, .parquet, .npy for a model of windows"),
        (["--scale=3"], "`scale` must not be given for a model of windows"),
        (["--where=price=3"], "`where` must not be given for a model of windows"),
        (["--match_shares"], "`match_shares` must not be given for a model of windows"),
        (
            ["--labels=left"],
            "or names of classes: down, up. Received: labels=left",
        ),
        (["--labels=up,up"], "`labels` must be one label, or n=64 of them. Received: labels=up,up"),
    ],
)
def test_samples_that_do_not_fit_are_refused(run, ask, flags, text):
    done = ask(run, "sample", "--model=runs/walk", *flags)
    assert done.code == 2
    assert text in done.err


@pytest.fixture
def measured(monkeypatch):
    """What was measured, as that takes a minute."""
    calls = []

    def evaluate(*windows, **options):
        calls.append((*windows, options))
        rows = {name: {"discriminative_timegan": 0.25} for name in ("synthetic", "real", "Gaussian")}
        return SeriesReport(rows, {}, {"seed": options["seed"]})

    monkeypatch.setattr(evaluate_series, "evaluate_series", evaluate)
    return calls


@pytest.mark.learns
def test_a_run_is_measured(run, measured, ask):
    done = ask(run, "evaluate", "--model=runs/walk", "--n=60")
    assert done.code == 0, done.err
    ((train, test, made, options),) = measured
    assert (train.shape, test.shape, made.shape) == ((252, 8, 2), (92, 8, 2), (60, 8, 2))
    assert np.abs(made).max() < 1.01
    assert options["names"] == ["price", "sold"]
    assert ask(run, "report", "runs/walk").code == 0
    page = (run.folder / "runs/walk/report.html").read_text(encoding="utf-8")
    assert "<th>discriminative_timegan</th><td>0.25</td>" in page
    for flags, text in (
        (["--n=3"], "`n` must be at least 20. Received: n=3"),
        (["--metrics=frechet"], "`metrics` is a flag of pictures"),
        (["--held_out=x.csv"], "`held_out` is a flag of tables"),
        (["--out=x.jsonl"], "`out` must be a file that ends in .json"),
    ):
        done = ask(run, "evaluate", "--model=runs/walk", *flags)
        assert done.code == 2
        assert text in done.err


@pytest.mark.learns
def test_windows_of_any_program_are_measured(measured, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    frame = walk()[["day", "price"]]
    frame.to_csv("walk.csv", index=False)
    series = data.Windows(frame, 8, stretches=6)
    series.frame(series.train[:30]).to_csv("made.csv", index=False)
    assert cli.main(["evaluate", "--model=series:made.csv", "--dataset=series:walk.csv"]) == 0
    train, _, made, _ = measured[0]
    np.testing.assert_allclose(train, series.train)
    np.testing.assert_allclose(made, series.train[:30], atol=1e-5)
    assert (tmp_path / "made_evaluation.json").is_file()
    np.save("flat.npy", np.zeros((30, 8)))
    np.save("wide.npy", np.zeros((30, 8, 2)))
    other = series.frame(series.train[:30])
    other.rename(columns={"price": "cost"}).to_csv("other.csv", index=False)
    other.assign(price="cheap").to_csv("texts.csv", index=False)
    other[: 19 * 8].to_csv("few.csv", index=False)
    other[:-1].to_csv("cut.csv", index=False)
    texts = {
        "flat.npy": "`model` must hold at least 20 windows, (n, length, columns). Received: the shape (30, 8)",
        "wide.npy": "`model` must hold the columns of `dataset`, ['price'], in this order. Received: an array of 2",
        "walk.csv": "must have the columns window",
        "other.csv": "`model` must hold the columns of `dataset`, ['price'], or those of --columns. Received: none",
        "texts.csv": "`model` must hold numbers. Received: 'price' of the dtype",
        "few.csv": "`model` must hold at least 20 windows. Received: 19",
        "cut.csv": "`model` must hold windows of one length",
    }
    for name, text in texts.items():
        assert cli.main(["evaluate", f"--model=series:{name}", "--dataset=series:walk.csv"]) == 2
        assert text in capsys.readouterr().err


@pytest.mark.learns
def test_what_a_run_is_follows_from_the_series(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    walk().to_csv("walk.csv", index=False)
    config, parts, told = beginnings.read(TrainConfig(dataset="series:walk.csv", window=16, columns="price, sold"))
    assert (config.model, config.batch_size, config.latent_dim) == ("series", 128, 32)
    assert told == ["--dataset=series:walk.csv holds windows: training --model=series, which makes windows."]
    whole = config.resolved(parts["real"])
    assert (whole.name, whole.width, whole.network, whole.objective) == ("walk", 256, "mlp", config.preset.objective)
    assert whole.resolved(parts["real"]) == whole
    other = TrainConfig(model="wavegan", dataset="series:walk.csv", window=16, columns="price")
    assert other.resolved(beginnings.read(other)[1]["real"]).name == "wavegan-walk"
    assert found.describe(parts)[1:3] == ["  columns: price, sold", "  times: day, in rising order; not trained on"]


@pytest.mark.learns
def test_windows_are_drawn_beside_the_real_ones():
    series = data.Windows(walk()[["price", "sold"]], 8)
    made = types.SimpleNamespace(windows=lambda n, seed: np.ones((n, 8, 2)))
    picture = Lines(series)(made)
    assert picture.shape[2] == 3
    assert min(picture.shape[:2]) > 100


@pytest.mark.learns
def test_columns_of_windows_are_taken_by_their_names(measured, tmp_path, monkeypatch):
    """In any order and beside others, of which some may be measured alone."""
    monkeypatch.chdir(tmp_path)
    frame = walk()[["day", "price", "sold"]]
    frame.to_csv("walk.csv", index=False)
    series = data.Windows(frame, 8, stretches=6)
    made = series.frame(series.train[:30]).assign(note="none")
    made[["sold", "note", "window", "price", "moment"]].to_csv("made.csv", index=False)
    flags = ("evaluate", "--model=series:made.csv", "--dataset=series:walk.csv")
    measured.clear()
    assert [cli.main([*flags]), cli.main([*flags, "--columns=sold"])] == [0, 0]
    np.testing.assert_allclose(measured[0][2], series.train[:30], atol=1e-5)
    np.testing.assert_allclose(measured[1][2], series.train[:30, :, 1:], atol=1e-5)
