"""`keras-gan evaluate` of the rows of a table."""

import json

import numpy as np
import pandas as pd
import pytest

from keras_gan.evaluation import TableReport

FLAGS = ("evaluate", "--model=table:made.csv", "--dataset=table:train.csv", "--held_out=test.csv", "--label=old")


@pytest.fixture
def tables(tmp_path):
    for seed, name in enumerate(("train", "test", "made")):
        age = np.random.default_rng(seed).integers(20, 80, 60)
        frame = pd.DataFrame({"age": age, "old": np.where(age > 50, "yes", "no")})
        frame.to_csv(tmp_path / f"{name}.csv", index=False)


@pytest.mark.learns
def test_rows_are_measured_and_shown_on_a_page(keras_gan, tables, tmp_path):
    result = keras_gan(*FLAGS)
    assert result.code == 0, result.err
    assert "class-wise Gaussian" in result.out
    assert "of learners trained on the rows" in result.out
    known = json.loads((tmp_path / "made_evaluation.json").read_text(encoding="utf-8"))
    assert TableReport(**known).table() in result.out
    assert "<title>made.csv</title>" in (tmp_path / "made_evaluation.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "mentions"),
    [
        (["--label="], ["`label` is needed"]),
        (["--held_out=none.csv"], ["`data` must be an existing file", "none.csv"]),
        (["--metrics=frechet"], ["`metrics` is a flag of pictures"]),
        (["--split=test"], ["`split` is a flag of pictures. Received: split='test' for tables"]),
        (["--extractor=pixels"], ["`extractor` is a flag of pictures. Received: extractor='pixels' for tables"]),
        (["--out=made.csv"], ["`out` must be a file that ends in .json"]),
        (["--columns="], ["`columns` must name columns of ['age', 'old']"]),
        (["--kinds=age"], ["`kinds` must be NAME=KIND by commas, such as zip=category. Received: kinds='age'"]),
        (["--model=folder:pictures"], ["`held_out` is a flag of tables, --model=table:PATH"]),
    ],
)
def test_what_does_not_fit_is_refused(refused, tables, change, mentions):
    refused([*FLAGS, *change], *mentions)


@pytest.mark.parametrize("label", ["age", None])
def test_only_what_a_run_does_not_know_is_asked_for(refused, tables, tmp_path, label):
    lay_run(tmp_path, "table:train.csv", label)
    asked = "--held_out=PATH of real rows that were not trained on" + (", --label=COLUMN" if label is None else ". Rec")
    refused(["evaluate", "--model=run"], f"`held_out` is needed to measure rows: {asked}", "Received: no --held_out")


@pytest.mark.parametrize("dataset", ["table:kunden.csv", "series:kurs.csv", "folder:bilder", "records:bilder"])
def test_data_of_a_run_that_are_not_found_are_said_to_be_its_own(refused, tmp_path, dataset):
    lay_run(tmp_path, dataset, "age")
    kind = dataset.partition(":")[0]
    refused(["evaluate", "--model=run"], f"`dataset` must be given, as --dataset={kind}:PATH", repr(dataset), "run")


def test_the_data_set_of_a_run_on_a_table_may_be_given_as_a_file(refused, tables, tmp_path):
    lay_run(tmp_path, "table:train.csv", "age")
    refused(["evaluate", "--model=run", "--dataset=train.csv"], "`held_out` is needed to measure rows")


def lay_run(folder, dataset, label):
    (folder / "run").mkdir()
    known = {"dataset": dataset, "label": label, "run_dir": "run", "export_dir": "saved"}
    (folder / "run/config.json").write_text(json.dumps(known))
