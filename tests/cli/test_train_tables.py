"""`--dataset=table:`: rows are read, trained on, made to order, measured, and shown on the page of the run."""

import contextlib
import io
import json
import types

import numpy as np
import pandas as pd
import pytest

from keras_gan import cli, data
from keras_gan.cli import beginnings, found, where
from keras_gan.cli.config import TrainConfig
from keras_gan.cli.rows import Histograms

TINY = ("--width=8", "--latent_dim=4", "--batch_size=60", "--epochs=2")


def people(count=130, seed=0):
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 80, count)
    frame = pd.DataFrame({"age": age, "income": np.where(age > 45, ">50K", "<=50K")})
    frame["paid"] = np.where(rng.random(count) < 0.2, np.nan, age * 2.5)
    frame["since"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 300, count), "D")
    return frame.assign(kind="person")


def write(folder):
    for seed, name in enumerate(("people", "others")):
        people(seed=seed).to_csv(folder / f"{name}.csv", index=False)


@pytest.fixture
def tables(tmp_path, monkeypatch):
    write(tmp_path)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run on a table: where, and what it printed. Not to be changed, but for what evaluate writes."""
    folder, out = tmp_path_factory.mktemp("tables"), io.StringIO()
    write(folder)
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.chdir(folder)
        code = cli.main(["train", "--dataset=table:people.csv", "--label=income", *TINY])
    return types.SimpleNamespace(code=code, folder=folder, out=out.getvalue())


@pytest.mark.learns
def test_a_run_says_what_it_found_and_leaves_rows(run):
    assert run.code == 0
    for text in ("130 rows of 5 columns", "numbers: age, paid", "categories: income (2)", "dates: since"):
        assert text in run.out
    assert "constant: kind" in run.out
    assert "--dataset=table:people.csv holds rows: training --model=ctgan, which makes rows." in run.out
    assert "keras-gan sample --model=runs/people --n=1000 --where='income=" in run.out
    here = run.folder / "runs/people"
    left = {path.name for path in here.iterdir()} - {"evaluation.json", "evaluation.html"}
    names = {"config.json", "finished.json", "gan.keras", "history.csv", "curves.png", "samples.png", "samples"}
    assert left == names | {"doctor.json", "report.html", "samples.csv"}
    config = json.loads((here / "config.json").read_text())
    assert (config["model"], config["label"], config["network"]) == ("ctgan", "income", "mlp")
    rows = pd.read_csv(here / "samples.csv")
    assert (rows.shape, list(rows)) == ((1000, 5), list(people(1)))
    page = (here / "report.html").read_text(encoding="utf-8")
    assert 'id="rows"' in page
    assert "<th>income</th>" in page
    assert "CTGAN" in page


@pytest.mark.learns
def test_rows_are_made_to_order(run, ask):
    flags = ["--where=income=>50K", "--where=age=..60", "--where=since=2020-02-01..2020-09-01"]
    done = ask(run, "sample", "--model=runs/people", "--n=40", "--out=rich.csv", *flags)
    assert done.code == 0, done.err
    made = pd.read_csv(run.folder / "rich.csv", parse_dates=["since"])
    assert len(made) == 40
    assert set(made["income"]) == {">50K"}
    assert made["age"].between(20, 60).all()
    assert made["since"].between("2020-02-01", "2020-09-01").all()
    for name in ("a.parquet", "b.parquet"):
        ask(run, "sample", "--model=runs/people", "--n=7", "--seed=3", f"--out={name}")
    one, other = (pd.read_parquet(run.folder / f"{name}.parquet") for name in "ab")
    pd.testing.assert_frame_equal(one, other)
    assert str(one["since"].dtype).startswith("datetime64")
    for model in ("runs", "saved_models"):
        assert ask(run, "sample", f"--model={model}/people", "--n=200", "--seed=3", f"--out={model}.csv").code == 0
    assert (run.folder / "saved_models.csv").read_bytes() == (run.folder / "runs.csv").read_bytes()
    exported = ["sample", "--model=saved_models/people", "--n=1030", "--out=served.tsv"]
    assert ask(run, *exported).code == 0
    served = pd.read_csv(run.folder / "served.tsv", sep="\t")
    assert (len(served), list(served)) == (1030, list(one))
    assert set(served["income"]) <= {">50K", "<=50K"}


@pytest.mark.learns
def test_rows_have_the_shares_of_the_data(run, ask):
    real = pd.read_csv(run.folder / "people.csv")
    wanted = (real["income"] == ">50K").mean()
    found = []
    for flag in ("--match_shares", "--nomatch_shares"):
        done = ask(run, "sample", "--model=runs/people", "--n=500", "--out=shares.csv", flag)
        assert done.code == 0, done.err
        assert ("with the shares of the data" in done.out) == (flag == "--match_shares")
        found.append(pd.read_csv(run.folder / "shares.csv")["income"])
    assert [len(each) for each in found] == [500, 500]
    assert (found[0] == ">50K").mean() == pytest.approx(wanted, abs=0.005)
    assert abs((found[1] == ">50K").mean() - wanted) > 0.005  # as they are made


@pytest.mark.learns
@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (["--model=saved_models/people", "--match_shares"], "`match_shares` must only be given for a run or a .keras"),
        (
            ["--model=runs/people", "--match_shares", "--where=income=>50K"],
            "without --where. Received: where='income=>50K'",
        ),
        (["--model=runs/people", "--where=incom=>50K"], "`where` must name a column; did you mean 'income'"),
        (["--model=runs/people", "--out=rows.png"], "`out` must end in one of .csv, .tsv, .parquet for a m"),
        (["--model=runs/people", "--columns=3"], "`columns` must not be given for a model of rows"),
        (["--model=saved_models/people", "--where=income=>50K"], "`where` must not be given for a SavedModel"),
    ],
)
def test_samples_that_do_not_fit_are_refused(run, ask, flags, text):
    done = ask(run, "sample", *flags)
    assert done.code == 2
    assert text in done.err


@pytest.mark.learns
def test_a_run_is_measured_by_its_label(run, ask):
    done = ask(run, "evaluate", "--model=runs/people", "--held_out=others.csv", "--n=60", "--match_shares")
    assert done.code == 0, done.err
    assert "60 rows" in done.out
    known = json.loads((run.folder / "runs/people/evaluation.json").read_text())
    assert known["settings"]["label"] == "income"
    assert ask(run, "report", "runs/people").code == 0
    assert "class-wise Gaussian" in (run.folder / "runs/people/report.html").read_text(encoding="utf-8")


@pytest.mark.learns
def test_columns_are_chosen_and_told(tables, keras_gan, tmp_path):
    frame = people(60).assign(email=[f"{i}@x" for i in range(60)], zip=np.arange(60) % 3 + 10**16)
    for name in ("train", "others"):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    chosen = ["--columns=income,zip", "--kinds=zip=category"]
    done = keras_gan("train", "--dataset=table:train.csv", "--label=income", *chosen, *TINY, "--epochs=1")
    assert done.code == 0, done.err
    assert "60 rows of 2 columns" in done.out
    assert "categories: income (2), zip (3)" in done.out
    assert list(pd.read_csv("runs/train/samples.csv")) == ["income", "zip"]
    done = keras_gan("evaluate", "--model=runs/train", "--held_out=others.csv")  # knows them
    assert done.code == 0, done.err
    known = json.loads((tmp_path / "runs/train/evaluation.json").read_text())
    assert list(known["columns"]) == ["income", "zip"]
    of_file = ["--model=table:runs/train/samples.csv", "--dataset=table:train.csv", "--held_out=others.csv"]
    done = keras_gan("evaluate", *of_file, "--label=income", *chosen)
    assert done.code == 0, done.err
    for flags, text in (
        (["--model=runs/train", "--held_out=others.csv", *chosen], "`columns` must not be given for a model"),
        ([*of_file, "--label=paid", *chosen], "`label` must name a column: income, zip"),
        ([*of_file, "--label=income", "--columns=age,shoe"], "`dataset` must have the columns ['age', 'shoe']"),
        ([*of_file, "--label=income"], "`zip` must hold integers of at most 2**53 in size: make it a category"),
    ):
        done = keras_gan("evaluate", *flags)
        assert (done.code, text in done.err) == (2, True), done.err


@pytest.mark.learns
def test_pictures_have_no_conditions(refused, plain_model):
    refused(["sample", f"--model={plain_model}", "--where=a=b"], "`where` must not be given for a model of pictures")
    refused(["sample", f"--model={plain_model}", "--out=x.csv"], "`out` must be a picture for a model of pictures")
    refused(
        ["sample", f"--model={plain_model}", "--match_shares"],
        "`match_shares` must not be given for a model of pictures",
    )


@pytest.mark.learns
def test_small_tables_have_small_batches(tables):
    config, parts, told = beginnings.read(TrainConfig(dataset="table:people.csv", label="income"))
    assert (config.model, config.batch_size, config.latent_dim) == ("ctgan", 130, 128)
    assert told == [
        "--dataset=table:people.csv holds rows: training --model=ctgan, which makes rows.",
        "With 130 rows, batch_size is 130; ctgan's default is 500.",
    ]
    whole = config.resolved(parts["real"])
    assert (whole.name, whole.epochs, whole.width) == ("people", config.preset.updates, 256)
    assert whole.resolved(parts["real"]) == whole
    other = TrainConfig(model="tvae", dataset="table:people.csv").resolved(parts["real"])
    assert (other.name, other.batch_size, other.discriminator_lr) == ("tvae-people", 130, 1e-3)


@pytest.fixture(scope="module")
def schema():
    frame = people().assign(flag=lambda frame: frame["age"] > 50, **{"a=b": " x"})
    return data.Schema.of(frame.drop(columns="kind"), modes=2)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["income=>50K"], {"income": ">50K"}),
        (["flag=True", "age=30..40"], {"flag": True, "age": (30, 40)}),
        (["age=30"], {"age": (30, 30)}),
        (["age=..40.5"], {"age": (20, 40.5)}),
        (["a=b=x"], {"a=b": " x"}),  # the name has the sign, and the value a space before it
        (["since=2020-03-01..2020-04-01"], {"since": (pd.Timestamp("2020-03-01"), pd.Timestamp("2020-04-01"))}),
    ],
)
def test_conditions_are_typed_by_their_columns(schema, words, expected):
    assert where.parse(words, schema) == expected


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("income", "`where` must be NAME=VALUE, such as age=... Received: where='income'"),
        ("incme=>50K", "`where` must name a column; did you mean 'income' or 'since'. All are age, income"),
        ("income=50K", "`where` must be a category of 'income'; did you mean '>50K'"),
        ("age=old", "`where` must be A..B for 'age', with numbers. Received: where='age=old'"),
        ("age=..", "`where` must be A..B for 'age', with numbers. Received: where='age=..'"),
        ("age=1e6..", "`where` must overlap the range of 'age', "),
        ("age=..-1e6", "`where` must overlap the range of 'age', "),
        ("age=40..30", "`where` must have its lower bound first. Received: where='age=40..30'"),
        ("age=200..", "`where` must "),
        ("since=soon", "`where` must be A..B for 'since', with dates. Received: where='since=soon'"),
        ("since=1999-01-01..1999-02-01", "`where` must overlap the range of 'since', 2020-01-0"),
    ],
)
def test_conditions_that_are_none_are_refused(schema, word, text):
    with pytest.raises(ValueError, match=text):
        where.parse([word], schema)
    with pytest.raises(ValueError, match="`where` must name a column once"):
        where.parse(["age=30", "age=40"], schema)


def test_an_example_of_a_condition_can_be_met(schema):
    assert where.parse([where.example(schema, "income")], schema)["income"] in (">50K", "<=50K")
    numbers = data.Schema.of({"x": np.linspace(0, 1, 40), "y": np.arange(40)})
    assert where.example(numbers, "y") == "x=0.5.."
    assert where.parse(["x=0.5.."], numbers) == {"x": (0.5, 1.0)}


@pytest.mark.learns
def test_what_is_missing_is_said():
    lines = found.describe({"real": data.Table(people())})
    assert lines[0] == "Found: 130 rows of 5 columns"
    share = people()["paid"].isna().mean()
    assert lines[-1] == f"  missing values: paid {share:.1%}"


@pytest.mark.learns
def test_columns_are_drawn_beside_the_real_ones():
    frame, table = people(), data.Table(people())
    shown = Histograms(table, first="since")
    assert shown.names == ["since", "age", "income", "paid"]
    picture = shown(types.SimpleNamespace(sample=lambda n, seed: frame))
    assert picture.shape[2] == 3
    assert min(picture.shape[:2]) > 100
