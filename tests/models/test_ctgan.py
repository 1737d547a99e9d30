import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from keras_gan import data, networks
from keras_gan.models import CTGAN
from keras_gan.noise import Noise


def table(rows=200):
    rng = np.random.default_rng(1)
    jobs = rng.choice(["cook", "nurse", None], rows, p=[0.8, 0.1, 0.1])
    when = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 99, rows), unit="D")
    return data.Table(
        {"age": rng.integers(20, 60, rows), "job": jobs, "smokes": rng.random(rows) < 0.2, "when": when}, modes=2
    )


TABLE = table()


def make(schema=TABLE.schema, packing=2, compiled=True, **options):
    keras.utils.set_random_seed(3)
    condition = sum(schema.blocks[place] for place in schema.conditions)
    generator = networks.row_generator(3, schema.width, condition=condition, hidden=(4,))
    judge = networks.row_discriminator(schema.width, condition=condition, packing=packing, hidden=(4,), dropout=0.0)
    game = CTGAN(generator, judge, schema, 3, packing=packing, seed=5, **options)
    if compiled:
        game.compile(run_eagerly=True)
    return game


@pytest.fixture(scope="module")
def game():
    return make()


@pytest.mark.learns
def test_a_step_has_the_losses_of_the_paper():
    game = make()
    batch = next(iter(TABLE.conditioned(10, seed=2)))
    before = keras.models.clone_model(game.generator), keras.models.clone_model(game.discriminator)
    for copy, player in zip(before, (game.generator, game.discriminator), strict=True):
        copy.set_weights(player.get_weights())
    seen = {}
    draw = game.draws["latents"].draw
    game.draws["latents"].draw = lambda count, noise: seen.setdefault(noise.path, draw(count, noise))
    noises = game.draws["noise"].draw
    drawn = {}
    game.draws["noise"].draw = lambda count, noise: drawn.setdefault(noise.path, noises(count, noise))
    logs = game.train_on_batch({name: part.numpy() for name, part in batch.items()}, return_dict=True)

    z, g = next(iter(seen.values())), next(iter(drawn.values()))  # of the discriminator's move
    raw = before[0]([z, batch["condition"]], training=True)
    fake = game.players["activation"](raw, g)

    def pack(x):
        return tf.concat([x[:5], x[5:]], axis=1)

    real, made = (
        tf.concat([pack(rows), pack(told)], axis=1)
        for rows, told in ((batch["real"], batch["real_condition"]), (fake, batch["condition"]))
    )

    def judge(x):
        return before[1]([x[:, : 2 * TABLE.schema.width], x[:, 2 * TABLE.schema.width :]])

    assert float(logs["d_real"]) == pytest.approx(float(tf.reduce_mean(judge(real))), abs=1e-5)
    assert float(logs["d_fake"]) == pytest.approx(float(tf.reduce_mean(judge(made))), abs=1e-5)
    penalties = []
    for share in np.linspace(0, 1, 101):  # the penalty lies between its extremes along the lines
        x = real + share * (made - real)
        with tf.GradientTape() as tape:
            tape.watch(x)
            scores = judge(x)
        penalties.append((tf.norm(tape.gradient(scores, x), axis=1) - 1).numpy() ** 2)
    least, most = np.min(penalties, axis=0).mean(), np.max(penalties, axis=0).mean()
    assert 10 * least - 1e-6 <= 10 * float(logs["d_gradient_penalty"]) <= 10 * most + 1e-6
    assert float(logs["d_loss"]) == pytest.approx(
        float(logs["d_fake"] - logs["d_real"]) + 10 * float(logs["d_gradient_penalty"]), abs=1e-4
    )


def test_rows_have_the_columns_and_dtypes_of_the_table(game):
    rows = game.sample(25, seed=1)
    assert rows.shape == (25, 4)
    assert rows.dtypes.equals(TABLE.frame.dtypes)
    assert rows["age"].between(20, 59).all()
    assert set(rows["job"].dropna()) <= {"cook", "nurse"}
    pd.testing.assert_frame_equal(rows, game.sample(25, seed=1))
    assert not rows.equals(game.sample(25, seed=2))
    assert game.sample(0).dtypes.equals(rows.dtypes)


def test_pieces_are_not_the_rows_of_another_seed(game):
    rows = game.sample(20, seed=0, batch_size=10)
    pd.testing.assert_frame_equal(rows[:10], game.sample(10, seed=0))
    assert not rows[10:].reset_index(drop=True).equals(game.sample(10, seed=10))


@pytest.mark.parametrize(
    "conditions", [{"job": "nurse"}, {"job": None}, {"smokes": True, "job": "cook"}, {"age": (30, 50)},
                   {"job": "nurse", "age": (20, 59)}], ids=str
)  # fmt: skip
def test_conditions_are_met(game, conditions):
    rows = game.sample(7, conditions=conditions, seed=1)
    assert len(rows) == 7
    for name, value in conditions.items():
        column = rows[name]
        met = (
            column.between(*value) if isinstance(value, tuple) else column.isna() if value is None else column == value
        )
        assert met.all()
    assert rows.index.tolist() == list(range(7))


FEBRUARY = pd.Timestamp("2020-02-01")


@pytest.mark.parametrize(
    ("given", "met"),
    [
        ({"when": ("2020-02", None)}, lambda rows: rows["when"] >= FEBRUARY),
        ({"when": (None, FEBRUARY.date())}, lambda rows: rows["when"] <= FEBRUARY),
        ({"age": (None, np.int64(40))}, lambda rows: rows["age"] <= 40),
        ({"age": (40, None)}, lambda rows: rows["age"] >= 40),
        ({"job": np.str_("nurse"), "smokes": np.bool_(False)}, lambda rows: (rows["job"] == "nurse") & ~rows["smokes"]),
        ({"job": float("nan")}, lambda rows: rows["job"].isna()),
        ({"job": pd.NA}, lambda rows: rows["job"].isna()),
    ],
    ids=["after", "until", "at most", "at least", "scalars", "nan", "NA"],
)
def test_conditions_are_read_as_the_values_of_their_columns(game, given, met):
    rows = game.sample(5, conditions=given, seed=1)
    assert len(rows) == 5
    assert met(rows).all()


def test_ranges_are_read_by_the_kind_of_their_column():
    days = pd.date_range("2020-01-01", periods=60, tz="Europe/Berlin")
    frame = {"day": days, "grade": [1, 2] * 30, "one": [7.25] * 60, "gone": [np.nan] * 60}
    game = make(data.Schema.of(frame, modes=1), compiled=False)
    noon = pd.Timestamp("2020-02-01 12:00")
    assert game._condition("day", (noon, None)) == (noon.tz_localize("Europe/Berlin"), None)
    assert game._condition("one", (7, None)) == (7, None)
    for given, message in (
        ({"one": (8, 9)}, "overlap the range of 'one', 7.25 to 7.25"),
        ({"gone": (8, 9)}, "must not bound 'gone', which has no numbers"),
        ({"grade": (1, 2)}, "its kind is category: `kinds={'grade': 'integer'}` of the table"),
    ):
        with pytest.raises(ValueError, match=message):
            game.sample(1, conditions=given)


def test_the_generator_is_told_the_rarest_condition(game):
    told = game._rarest({"smokes": False, "job": "nurse"})
    assert told.tolist() == [0, 1, 0, 0, 0]


BAD = {
    "no column": ({"conditions": {"jobs": "cook"}}, "`conditions` must name columns.*Received: 'jobs'"),
    "no category": ({"conditions": {"job": "pilot"}}, "`conditions`: 'job': A category must be one of 'cook', 'nurse'"),
    "a number of a range": ({"conditions": {"age": 30}}, r"`conditions` must be \(low, high\).*Received: age=30"),
    "three numbers": ({"conditions": {"age": (1, 2, 3)}}, r"`conditions` must be \(low, high\)"),
    "outside": ({"conditions": {"age": (90, 99)}}, "`conditions` must overlap the range of 'age', 20 to 59.*age=.90"),
    "never met": ({"conditions": {"age": (20.2, 20.4)}}, "`conditions` must be met.*met by 0 of"),
    "two categories": ({"conditions": {"job": ["cook", "nurse"]}}, "`conditions`: 'job': A category must be one of"),
    "the upper first": ({"conditions": {"age": (40, 30)}}, "`conditions` must have the lower bound first"),
    "no bound": ({"conditions": {"age": (None, None)}}, r"of which one may be None. Received: age=\(None, None\)"),
    "nan as a bound": ({"conditions": {"age": (float("nan"), 30)}}, "`conditions` must be .*nan is not a number"),
    "a number as a date": ({"conditions": {"when": (5, None)}}, "two dates, for 'when'.*a number is not a date"),
    "another zone": (
        {"conditions": {"when": (pd.Timestamp("2020-02-01", tz="UTC"), None)}},
        "two dates, for 'when' of the dtype datetime64.*timezone-naive",
    ),
    "a negative number": ({"n": -1}, "`n` must be .*Received: n=-1"),
    "half a row": ({"n": 1.5}, "`n` must be .*Received: n=1.5"),
    "no batch": ({"batch_size": 0}, "`batch_size` must be .*Received: batch_size=0"),
    "a seed that is none": ({"seed": "a"}, "`seed` must be .*Received: seed='a'"),
}


@pytest.mark.parametrize(("options", "message"), BAD.values(), ids=BAD.keys())
def test_what_is_refused(game, options, message):
    with pytest.raises(ValueError, match=message):
        game.sample(**{"n": 2, "seed": 0, **options})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"schema": None}, "`schema` must be that of a `data.Table`. Received: schema=None"),
        ({"penalty": -1}, "`penalty` must be .*Received: penalty=-1"),
        ({"temperature": 0}, "`temperature` must be .*Received: temperature=0"),
    ],
)
def test_arguments_are_checked(options, message):
    generator, judge = networks.row_generator(3, 3, hidden=(4,)), networks.row_discriminator(3, packing=2, hidden=(4,))
    with pytest.raises(ValueError, match=message):
        CTGAN(generator, judge, **{"schema": TABLE.schema, **options})


@pytest.mark.learns
def test_served_rows_are_columns_by_name(game, tmp_path):
    served = tf.saved_model.load(game.export(tmp_path / "model", "rows", max_samples=100)).signatures["sample"]
    columns = served(num_samples=tf.constant(9), seed=tf.constant(4, tf.int64))
    expected = game.sample(9, seed=4)
    assert set(columns) == set(expected)
    jobs = [each.decode() for each in columns["job"].numpy()]
    assert jobs == expected["job"].fillna("").tolist()
    np.testing.assert_array_equal(columns["age"], expected["age"])
    np.testing.assert_array_equal(columns["smokes"], expected["smokes"])
    days = TABLE.frame["when"].min() + pd.to_timedelta(columns["when"].numpy(), unit="D")  # the first day and its steps
    assert days.tolist() == expected["when"].tolist()


@pytest.mark.learns
def test_a_table_without_categories_has_no_conditions():
    numbers = data.Table({"x": np.random.default_rng(0).normal(size=40)}, modes=2)
    game = make(numbers.schema)
    assert "condition" not in game.wiring.leaves(["fake"])
    game.fit(numbers.batches(10), verbose=0)
    assert game.sample(3, seed=1)["x"].notna().all()


@pytest.mark.learns
def test_it_learns_the_shares_and_the_numbers():
    rng = np.random.default_rng(0)
    kind = rng.choice(["a", "b", "c"], 3000, p=[0.7, 0.25, 0.05])
    x = rng.normal(np.select([kind == "a", kind == "b"], [-5.0, 0.0], 5.0), 0.5)
    table = data.Table({"kind": kind, "x": x}, modes=5)
    keras.utils.set_random_seed(0)
    width = table.schema.width
    generator = networks.row_generator(8, width, condition=3, hidden=(32, 32))
    judge = networks.row_discriminator(width, condition=3, packing=5, hidden=(32, 32), dropout=0.0)
    game = CTGAN(generator, judge, table.schema, 8, packing=5, seed=0)
    optimizers = {f"{side}_optimizer": keras.optimizers.Adam(2e-3, 0.5, 0.9) for side in game.sides}
    game.compile(**optimizers, jit_compile=False)
    game.fit(table.conditioned(200), epochs=30, verbose=0)
    rows = game.sample(3000, seed=1)
    shares = rows["kind"].value_counts(normalize=True)
    np.testing.assert_allclose(shares[["a", "b", "c"]], [0.7, 0.25, 0.05], atol=0.03)
    means = rows.groupby("kind")["x"].mean()
    np.testing.assert_allclose(means[["a", "b", "c"]], [-5, 0, 5], atol=1.0)


def test_noise_is_found_by_its_address(game):
    a, b = (game.draws["noise"].draw(3, Noise((1, "noise"), start=start)).numpy() for start in (0, 1))
    np.testing.assert_array_equal(a[1:], b[:2])
