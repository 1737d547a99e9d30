"""Measures of made rows against SciPy, closed forms, and tables that are known to be good, bad or copied."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from keras_gan.data import Schema
from keras_gan.evaluation import class_wise_gaussian, evaluate_table
from keras_gan.evaluation.tables import copies, distances, learners
from keras_gan.evaluation.tables.columns import Columns, read
from keras_gan.evaluation.tables.histograms import histograms


def people(n, seed=0, gap=30.0):
    """Who is retired is old, and at home."""
    rng = np.random.default_rng(seed)
    retired = rng.random(n) < 0.3
    age = (35 + gap * retired + 5 * rng.normal(size=n)).round(1)
    home = np.where(rng.random(n) < 0.1 + 0.8 * retired, "home", rng.choice(["office", "shop"], n))
    income = 1000 + 10 * age + 20 * rng.normal(size=n)
    return pd.DataFrame({"age": age, "place": home, "retired": np.where(retired, "yes", "no"), "income": income})


def columns(**values):
    """Columns of arrays: floats are numbers, integers codes."""
    numbers = {name: x for name, x in values.items() if x.dtype.kind == "f"}
    codes = {name: x for name, x in values.items() if x.dtype.kind == "i"}
    return Columns(numbers, codes, {name: list(range(codes[name].max() + 1)) for name in codes})


@pytest.fixture(scope="module")
def tables():
    """Training rows, held out ones, and new ones of the same source."""
    return people(300, 0), people(300, 1), people(300, 2)


def test_tables_are_read_with_the_same_codes_and_categories_none_of_them_lacks():
    a = pd.DataFrame({"n": [1.5, np.nan, 2.5], "c": ["x", None, "y"], "b": [True, False, True], "k": [1, 1, 1]})
    b = pd.DataFrame({"n": [0.5, 1.5], "c": ["z", "x"], "b": [1, 0], "k": [1.0, 2.0], "more": [0, 0]})
    one, two = read(Schema.of(a, kinds={"k": "category"}), [a, b])
    assert one.names == ["n", "c", "b", "k"]
    np.testing.assert_array_equal(one.numbers["n"], [1.5, np.nan, 2.5])
    labels = [one.categories[name] for name in ("c", "b", "k")]
    assert [labels[0][i] for i in one.codes["c"]] == ["x", None, "y"]
    assert [labels[0][i] for i in two.codes["c"]] == ["z", "x"]
    assert [labels[1][i] for i in two.codes["b"]] == [True, False]
    assert [labels[2][i] for i in two.codes["k"]] == [1, 2]


def test_dates_are_read_on_one_scale():
    a, b = (pd.DataFrame({"d": pd.to_datetime(days), "c": ["u", "v"]}) for days in DAYS)
    one, two = read(Schema.of(a), [a, b])
    np.testing.assert_array_equal(one.numbers["d"], [0, 1])  # a step is two days
    np.testing.assert_array_equal(two.numbers["d"], [-0.5, 2])


DAYS = (["2020-01-02", "2020-01-04"], ["2020-01-01", "2020-01-06"])


def test_columns_are_compared_as_scipy_does():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=101), rng.normal(0.3, 1.2, 57).round(1)
    assert distances.kolmogorov_smirnov(a, b) == pytest.approx(stats.ks_2samp(a, b).statistic, abs=1e-12)
    gone = np.where(np.arange(57) < 20, np.nan, b)
    finite = [np.nan_to_num(x, nan=1e9) for x in (a, gone)]
    assert distances.kolmogorov_smirnov(a, gone) == pytest.approx(stats.ks_2samp(*finite).statistic, abs=1e-12)
    real, other = columns(c=np.array([0, 0, 1, 2])), columns(c=np.array([0, 1, 1, 1]))
    other = Columns({}, other.codes, real.categories)
    assert distances.column_distances(real, other) == {"c": 0.5}
    assert distances.greatest_share_difference(real, other) == (50.0, "c: 1")


def test_associations_are_those_of_numpy_and_scipy():
    rng = np.random.default_rng(0)
    x, c, d = rng.normal(size=200), rng.integers(0, 3, 200), rng.integers(0, 4, 200)
    y, e = x + rng.normal(size=200) + c, np.where(rng.random(200) < 0.6, d, 0)
    y[:5] = np.nan
    found = distances.associations(columns(x=x, y=y, d=d, e=e, k=np.zeros(200, int)))
    assert found["x", "y"] == pytest.approx(np.corrcoef(x[5:], y[5:])[0, 1], abs=1e-12)
    table = np.zeros((4, 4), int)
    np.add.at(table, (d, e), 1)
    assert found["d", "e"] == pytest.approx(stats.contingency.association(table, method="cramer"), abs=1e-12)
    groups = [y[5:][d[5:] == i] for i in range(4)]
    f = stats.f_oneway(*groups).statistic * 3 / (195 - 4)
    assert found["y", "d"] == pytest.approx(np.sqrt(f / (1 + f)), abs=1e-12)
    assert (found["x", "k"], found["d", "k"]) == pytest.approx((0, 0), abs=1e-12)
    assert distances.correlation(np.array([1e300, -1e300, 0]), np.array([1.0, -1.0, 0])) == pytest.approx(1)


def test_differences_of_associations_name_the_worst_pair():
    x = np.array([-1.0, 1.0, -1.0, 1.0])
    real, other = columns(x=x, y=x, z=x), columns(x=x, y=x, z=np.array([1.0, 1.0, -1.0, -1.0]))
    mean, greatest, pair = distances.association_differences(real, other)
    assert (mean, greatest) == pytest.approx((2 / 3, 1))
    assert pair == "x and z"
    assert distances.association_differences(columns(x=x), columns(x=x)) == (0, 0, "")


def test_distances_between_rows_are_written_out():
    a = columns(x=np.array([0.0, 2.0, np.nan]), c=np.array([0, 1, 1]))
    space = copies.Space(a)  # of 0 and 2 the mean and the standard deviation are 1
    b = Columns({"x": np.array([0.5, 2.0])}, {"c": np.array([0, 0])}, a.categories)
    by_hand = cdist(
        [[-0.5, 0, 0.5**0.5, 0], [0.5, 0, 0, 0.5**0.5], [0, 1, 0, 0.5**0.5]],
        [[-0.25, 0, 0.5**0.5, 0], [0.5, 0, 0.5**0.5, 0]],
    )
    np.testing.assert_allclose(space.nearest(a, b), by_hand.min(axis=1), atol=1e-7)
    assert by_hand[0].min() == 0.25
    assert by_hand[1].min() == pytest.approx(1)


@pytest.mark.parametrize("shift", [50, 1e6, 1e9])
def test_distances_do_not_depend_on_where_0_is(shift):
    """Neither those to missing numbers, nor those between large ones."""
    rng = np.random.default_rng(0)
    places = []
    for start in (0, shift):
        a, b = (columns(x=start + np.where(m, np.nan, x), c=np.zeros(200, int)) for x, m in zip(*ROWS, strict=True))
        places.append(copies.Space(a).nearest(b, a))
    np.testing.assert_allclose(places[0], places[1], atol=1e-6)
    assert places[0].max() < 3
    whole = columns(x=shift + np.arange(900.0))
    others = whole.take(rng.permutation(900))
    apart = copies.Space(whole).nearest(whole.take(np.arange(0, 900, 2)), whole.take(np.arange(1, 900, 2)))
    np.testing.assert_allclose(apart, 0.5 / np.arange(900.0).std(), rtol=1e-3)
    np.testing.assert_allclose(copies.Space(whole).nearest(others, whole), 0, atol=1e-6)


ROWS = (
    np.random.default_rng(1).integers(-500, 500, (2, 200)) / 256,  # to which powers of ten add without rounding
    np.random.default_rng(2).random((2, 200)) < 0.1,
)


def test_copies_are_found_and_remembered_rows_told_from_new_ones(tables):
    train, unseen, new = read(Schema.of(tables[0]), tables)
    space = copies.Space(train)
    copy = train.take(np.arange(200))
    assert copies.copied(train, copy) == 1
    assert copies.copied(train, new) < 0.1
    half = Columns({"x": np.array([1.0, 5.0])}, {"c": np.array([0, 0])}, {"c": [0]})
    assert (
        copies.copied(Columns({"x": np.array([1.0, np.nan, -0.0])}, {"c": np.zeros(3, int)}, {"c": [0]}), half) == 0.5
    )
    assert copies.nearer_to_training(space, copy, train, unseen) > 0.9
    assert copies.nearer_to_training(space, new, train, unseen) == pytest.approx(0.5, abs=0.1)
    assert copies.distance_ratio(space, copy, train, unseen) == pytest.approx(0, abs=1e-6)
    assert copies.distance_ratio(space, new, train, unseen) == pytest.approx(1, abs=0.2)
    assert copies.membership_advantage(space, train, train, unseen) > 0.9
    assert copies.membership_advantage(space, new, train, unseen) < 0.12


def test_membership_advantage_is_that_of_the_best_threshold():
    x = columns(x=np.zeros(1), c=np.zeros(1, int))
    space = copies.Space(columns(x=np.array([-1.0, 1.0])))
    members, unseen = (Columns({"x": np.array(values)}, {"c": np.zeros(4, int)}, x.categories) for values in MEMBERS)
    space.sizes = {"c": 1}
    assert copies.membership_advantage(space, x, members, unseen) == 0.5
    assert copies.membership_advantage(space, x, unseen, members) == 0.25


MEMBERS = ([0.0, 0.1, 0.2, 9.0], [0.05, 0.5, 0.6, 0.7])


def test_the_rarer_class_is_what_f1_is_of():
    train = columns(x=np.repeat([0.0, 1.0], [8, 4]), y=np.repeat([0, 1], [8, 4]))
    task = learners.Task.of("y", train)
    assert (task.rare, task.numeric) == (1, False)
    test = Columns({"x": np.array([0.0, 1.0, 1.0, 0.0])}, {"y": np.array([0, 1, 0, 1])}, train.categories)
    found = learners._scores(task, test.codes["y"], np.array([0, 1, 1, 0]))
    assert found == {"f1": 0.5, "accuracy": 0.5}
    several = learners.Task("y", None, False)
    found = learners._scores(several, np.array([0, 1, 2, 2]), np.array([0, 1, 2, 1]))
    assert found == {"f1": pytest.approx((1 + 2 / 3 + 2 / 3) / 3), "accuracy": 0.75}


@pytest.mark.learns
@pytest.mark.parametrize("protocol", learners.PROTOCOLS)
@pytest.mark.parametrize("label", ["retired", "place", "income"])
def test_learners_do_well_on_rows_of_the_source_and_badly_on_others(tables, label, protocol):
    train, test, other = read(Schema.of(tables[0]), [*tables[:2], people(300, 3, gap=-30.0)])
    task = learners.Task.of(label, train)
    good, bad = (learners.efficacy(task, each, test, protocol) for each in (train, other))
    measure = "r2" if label == "income" else "f1"
    names = [name for name in good if name.startswith(f"{measure}_")]
    assert np.mean([good[name] for name in names]) == pytest.approx(good[measure])
    assert good[measure] > {"retired": 0.9, "place": 0.4, "income": 0.9}[label]
    if label == "retired":
        assert bad[measure] < 0.6


def test_one_class_and_missing_labels_are_learned_too():
    train = columns(x=np.array([0.0, np.nan, np.inf] * 8), y=np.repeat([0, 1], 12))
    task = learners.Task.of("y", train)
    alone = train.take(np.arange(12))
    assert learners.efficacy(task, alone, train)["accuracy"] == 0.5
    x = np.linspace(0, 1, 30)
    numbers = Columns({"x": x, "y": np.where(np.arange(30) % 7 == 0, np.nan, 2 * x)}, {}, {})
    found = learners.efficacy(learners.Task.of("y", numbers), numbers, numbers)
    assert found["r2_linear"] == pytest.approx(1)


@pytest.mark.learns
def test_rows_of_the_source_are_not_told_apart_and_shifted_ones_are(tables):
    train, new, far = read(Schema.of(tables[0]), [tables[0], tables[2], people(300, 3, gap=90.0)])
    assert learners.discriminability(train, new) == pytest.approx(0.5, abs=0.1)
    assert learners.discriminability(train, far) > 0.6


def test_class_wise_gaussian_knows_the_label_alone(tables):
    made = class_wise_gaussian(tables[0], "retired", 4000, seed=1)
    assert made.dtypes.equals(tables[0].dtypes)
    assert len(made) == 4000
    for value, real in tables[0].groupby("retired"):
        rows = made[made["retired"] == value]
        assert rows["age"].mean() == pytest.approx(real["age"].mean(), abs=0.5)
        assert rows["age"].std() == pytest.approx(real["age"].std(), rel=0.1)
        assert abs(np.corrcoef(rows["age"], rows["income"])[0, 1]) < 0.1  # 0.9 in the data
    assert made["age"].between(tables[0]["age"].min(), tables[0]["age"].max()).all()
    assert (made["age"].round(1) == made["age"]).all()
    pd.testing.assert_frame_equal(made, class_wise_gaussian(tables[0], "retired", 4000, seed=1))


def test_class_wise_gaussian_keeps_dtypes_and_missing_values():
    whole = pd.array([1, None, 7, 30] * 10, dtype="Int64")
    data = pd.DataFrame({"n": whole, "c": [True, False] * 20, "none": [np.nan] * 40})
    made = class_wise_gaussian(data, "n", 500)
    assert made.dtypes.equals(data.dtypes)
    assert made["none"].isna().all()
    assert made["n"].isna().mean() == pytest.approx(0.25, abs=0.08)


@pytest.mark.learns
def test_a_report_has_three_kinds_of_rows(tables):
    train, test, new = tables
    report = evaluate_table(train, test, new, label="retired")
    assert list(report.rows) == ["synthetic", "real", "class-wise Gaussian"]
    numbers = report.rows["synthetic"]
    assert numbers["f1"] > 0.9
    assert numbers["share_difference"] < 12
    assert numbers["copied"] < 0.1
    assert report.rows["class-wise Gaussian"]["discriminability"] > numbers["discriminability"] + 0.1
    assert numbers["column_distance"] == pytest.approx(np.mean([each["synthetic"] for each in report.columns.values()]))
    age = report.columns["age"]["synthetic"]
    assert age == pytest.approx(stats.ks_2samp(train["age"], new["age"]).statistic)
    assert json.loads(report.to_json())["rows"] == report.rows
    lines = report.table().splitlines()
    assert lines[1].startswith("f1")
    assert len(lines) == 13
    assert str(report) == report.table()


@pytest.mark.learns
def test_files_are_read_as_the_first_of_them(tmp_path):
    rng = np.random.default_rng(0)
    for name, zips in (("train", ["00255", "10001"]), ("test", ["10001", "20002"]), ("made", ["10001", "20002"])):
        columns = {"zip": zips * 15, "size": ["1.10", "1.1"] * 15, "x": rng.normal(size=30), "old": ["yes", "no"] * 15}
        pd.DataFrame(columns).to_csv(tmp_path / f"{name}.csv", index=False)
    paths = [tmp_path / f"{name}.csv" for name in ("train", "test", "made")]
    for kinds in (None, {"zip": "category", "size": "category"}):
        report = evaluate_table(*paths, label="old", kinds=kinds)
        assert report.columns["zip"] == {
            "synthetic": 0.5,
            "real": 0.5,
            "class-wise Gaussian": pytest.approx(0, abs=0.3),
        }
        assert report.histograms["zip"]["values"][:2] == ["00255", "10001"]
    assert report.histograms["size"]["values"] == ["1.1", "1.10"]


def test_held_out_rows_that_are_training_rows_are_warned_of(tables, monkeypatch):
    """Not the duplicates of a table of few different rows."""

    def stop(*_):
        raise RuntimeError("enough")

    monkeypatch.setattr(learners, "efficacy", stop)
    few = tables[0][["place", "retired"]]
    for train, test, count in (
        (tables[0], tables[0].iloc[:100], "100 of 100"),
        (tables[0], pd.concat([tables[0].iloc[:60], tables[1].iloc[:40]]), "60 of 100"),
        (tables[0], tables[1], None),
        (few, few.iloc[:100], None),
        (pd.concat([tables[0], tables[0].iloc[:30]]), pd.concat([tables[0].iloc[:30], tables[1].iloc[:170]]), None),
    ):
        with warnings.catch_warnings(record=True) as caught, pytest.raises(RuntimeError, match="enough"):
            warnings.simplefilter("always")
            evaluate_table(train, test, tables[2][train.columns], label="retired")
        assert [f"{count} held-out rows are training rows" in str(each.message) for each in caught] == [True] * bool(
            count
        )


def test_repeated_rows_are_those_of_pandas():
    frame = pd.DataFrame({"x": [1.5, 2.0, 1.5, np.nan, np.nan, 0.0, -0.0], "c": ["a", "a", "a", "b", "b", "c", "d"]})
    (found,) = read(Schema.of(frame), [frame])
    assert copies.repeated(found) == frame.duplicated(keep=False).mean() == 4 / 7


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"label": "name"}, "`label` must be a column"),
        ({"protocol": "mine"}, "`protocol` must be one of standard, ctgan. Received: 'mine'"),
        ({"synthetic": people(19)}, "`synthetic` must have at least 20 rows. Received: 19"),
        ({"real_test": 3}, "`real_test` must be a table: "),
        ({"synthetic": people(30).drop(columns="age")}, "must have the columns"),
        ({"real_train": people(30).assign(retired="no")}, "`label` must name a column that varies"),
        ({"real_train": people(30)[["retired"]]}, "`label` must be one of several columns"),
        ({"synthetic": people(30).assign(age="old")}, "`kinds` must fit the data. Received: age='number'"),
        ({"seed": 0.5}, "`seed` must be"),
    ],
)
def test_bad_input_is_refused(change, expected):
    given = {"real_train": people(30), "real_test": people(30), "synthetic": people(30), "label": "retired"} | change
    with pytest.raises(ValueError, match=expected.replace("(", r"\(")):
        evaluate_table(**given)


@pytest.mark.learns
@pytest.mark.parametrize("known", [0, 1])
def test_trees_tell_rows_by_other_columns_where_one_has_no_values(known):
    x = np.random.default_rng(0).normal(size=60)
    empty = np.where(np.arange(60) < known, 1.0, np.nan)  # one value: none in a fold
    found, plain = (
        learners.discriminability(columns(x=x, **more), columns(x=x + 1, **more)) for more in ({"none": empty}, {})
    )
    assert found == plain > 0.6


@pytest.mark.learns
@pytest.mark.parametrize("protocol", learners.PROTOCOLS)
def test_learners_see_nothing_in_a_column_without_values(protocol):
    x, y = np.random.default_rng(0).normal(size=60), np.arange(60) % 2
    found, plain = (
        learners.efficacy(learners.Task("y", 1, False), *2 * [columns(x=x + y, y=y, **more)], protocol)
        for more in ({"none": np.full(60, np.nan)}, {})
    )
    assert [found[name] for name in ("f1_tree", "f1_logistic")] == [plain[name] for name in ("f1_tree", "f1_logistic")]


@pytest.mark.learns
@pytest.mark.parametrize("protocol", learners.PROTOCOLS)
@pytest.mark.parametrize("scale", [2.0**-600, 2.0**600, 2.0**1020])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_learners_see_the_same_in_numbers_of_any_magnitude(scale, protocol):
    x, y = np.random.default_rng(0).normal(size=60), np.arange(60) % 2
    for label, task in (("y", learners.Task("y", 1, False)), ("x", learners.Task("x", None, True))):
        found, plain = (
            learners.efficacy(task, *2 * [columns(x=x * unit, z=(x + y) * unit, y=y)], protocol)
            for unit in (scale, 1.0)
        )
        assert found == pytest.approx(plain, abs=1e-6), label


@pytest.mark.learns
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_learners_are_tested_on_numbers_that_are_far_from_those_of_the_training():
    x, y = np.random.default_rng(0).normal(size=60), np.arange(60) % 2
    far = np.where(np.arange(60) < 5, 1.7e308, x + y)
    tables = [columns(x=each, y=y) for each in (x + y, far)]
    found = [learners.efficacy(learners.Task("y", 1, False), *pair) for pair in (tables, tables[:1] * 2)]
    assert abs(found[0]["f1_tree"] - found[1]["f1_tree"]) < 0.15


@pytest.mark.parametrize("scale", [2.0**-600, 2.0**600, 2.0**1020])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_measures_of_numbers_of_any_magnitude(scale):
    x = np.random.default_rng(0).normal(size=(2, 60))
    x /= np.abs(x).max() / 7.9
    plain, great = ([pd.DataFrame({"x": unit * each, "k": ["a", "b"] * 30}) for each in x] for unit in (1.0, scale))
    found = []
    for tables in (plain, great):
        schema = Schema.of(tables[0], kinds={"x": "number"}, modes=1)
        one, two = read(schema, tables)
        gaussian = class_wise_gaussian(tables[0], "k", 20)["x"]
        unit = scale if tables is great else 1.0
        near = copies.Space(one).nearest(two, one)
        found.append((gaussian / unit, near, histograms(schema, one, two)["x"]["real"]))
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_histograms_are_shares_of_both():
    real = pd.DataFrame({"n": [*np.arange(97.0), np.nan, np.nan, np.nan], "c": ["a", "b", "b", "c"] * 25})
    made = pd.DataFrame({"n": np.repeat([-500.0, 500.0], 50), "c": ["c", "d"] * 50})
    schema = Schema.of(real, modes=1)
    found = histograms(schema, *read(schema, [real, made]))
    assert list(found) == ["n", "c"]
    assert found["c"] == {"values": ["b", "a", "c", "d"], "real": [0.5, 0.25, 0.25, 0], "synthetic": [0, 0, 0.5, 0.5]}
    n = found["n"]
    assert (n["values"][-1], n["real"][-1], n["synthetic"][-1]) == ("missing", 0.03, 0)
    assert (n["synthetic"][0], n["synthetic"][23]) == (0.5, 0.5)
    assert sum(n["real"]) == pytest.approx(1)


def test_histograms_of_many_categories_and_of_one_number():
    real = pd.DataFrame({"c": [f"{i % 30:02d}" for i in range(60)], "n": [2.5] * 60, "none": [np.nan] * 60})
    schema = Schema.of(real, modes=1)
    found = histograms(schema, *read(schema, [real, real]))
    assert found["c"]["values"][-1] == "others"
    assert found["c"]["real"][-1] == pytest.approx(18 / 30)
    assert max(found["n"]["real"]) == 1
    assert found["none"]["real"][-1] == 1


def test_numbers_that_are_far_from_0_are_associated_as_others_are():
    """Integers of 16 digits vary by less than a part in 10^12."""
    rng = np.random.default_rng(0)
    k = np.arange(400.0)
    y, group = k + rng.normal(size=400), (k // 100).astype(int)
    for x in (8e15 + k, 1e15 - k, k * 1e300):
        made = distances.associations(columns(x=x, y=y, group=group))
        assert made["x", "y"] == pytest.approx(np.corrcoef(k, y)[0, 1], abs=1e-9) or made["x", "y"] == pytest.approx(
            -np.corrcoef(k, y)[0, 1], abs=1e-9
        )
    constant = columns(x=np.full(400, 0.1 + 0.2), y=y)
    assert distances.associations(constant)["x", "y"] == 0


def test_one_enormous_row_spoils_what_is_learned_from_it():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=200), "b": rng.normal(size=200)})
    frame["y"] = frame.a + 0.1 * rng.normal(size=200)
    spoiled = frame.copy()
    spoiled.loc[0, "y"] = 1e200
    train, test = read(Schema.of(frame), [spoiled, frame])
    found = learners.efficacy(learners.Task.of("y", test), train, test)
    assert all(-1e301 < value < -1e100 for name, value in found.items() if name != "r2_tree")
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_label_must_be_known_somewhere():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=60), "y": rng.normal(size=60)})
    unknown = frame.assign(y=np.nan)
    with pytest.raises(ValueError, match=r"`label` must be known in some rows of each table\. Received: label='y'"):
        evaluate_table(unknown, frame, frame, label="y")


def test_a_histogram_of_the_smallest_numbers():
    frame = pd.DataFrame({"x": [0.0, 5e-324, 1e-323]})
    schema = Schema.of(frame)
    (small,) = read(schema, [frame])
    assert sum(histograms(schema, small, small)["x"]["real"]) == pytest.approx(1)
