import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_gan import data

DRAW = np.random.default_rng(0)
PICTURES = DRAW.integers(0, 256, (9, 8, 8, 3)).astype("uint8")


def save(root, names, width=4, height=4, start=0):
    root.mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(names):
        (root / name).parent.mkdir(exist_ok=True)
        Image.new("L", (width, height), start + 10 * i).save(root / name)
    return root


def whole(dataset):
    batches = list(dataset.as_numpy_iterator())
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


def shades(part):
    return np.round(part[:, 0, 0, 0] * 255).astype(int).tolist()


@pytest.mark.learns
def test_two_folders_are_matched_by_name(tmp_path):
    a = save(tmp_path / "a", ["1.png", "2.png", "x/3.bmp"])
    b = save(tmp_path / "b", ["2.png", "x/3.png", "1.gif"], start=100)
    seen = whole(data.paired(a=a, b=str(b), batch_size=1, value_range=(0, 1)))
    pairs = dict(zip(shades(seen["a"]), shades(seen["b"]), strict=True))
    assert pairs == {0: 120, 10: 100, 20: 110}


def test_folders_that_were_read_are_matched_too(tmp_path):
    a = data.read(f"folder:{save(tmp_path / 'a', ['1.png', '2.png'])}", image_size=8)
    b = data.read(f"folder:{save(tmp_path / 'b', ['2.bmp', '1.png'], start=100)}")
    assert a.files == ("1.png", "2.png")
    seen = whole(data.paired(a=a, b=b, batch_size=2, shuffle=False, value_range=(0, 1)))
    assert (seen["a"].shape, seen["b"].shape) == ((2, 8, 8, 1), (2, 4, 4, 1))
    assert (shades(seen["a"]), shades(seen["b"])) == ([0, 10], [110, 100])


@pytest.mark.learns
def test_joined_pictures_are_cut_in_the_middle(tmp_path):
    for i in range(3):
        picture = Image.new("L", (12, 4), 10 * i)
        picture.paste(200 + 10 * i, (6, 0, 12, 4))
        picture.save(tmp_path / f"{i}.png")
    for size, shape in ((None, (3, 4, 6, 1)), (4, (3, 4, 4, 1)), ((2, 3), (3, 2, 3, 1))):
        dataset = data.paired(
            joined=tmp_path, names=("left", "right"), batch_size=3, shuffle=False, image_size=size, value_range=(0, 1)
        )
        seen = whole(dataset)
        assert seen["left"].shape == seen["right"].shape == shape
        for i in range(3):  # nothing of the other half leaks in
            assert (np.round(seen["left"][i] * 255) == 10 * i).all()
            assert (np.round(seen["right"][i] * 255) == 200 + 10 * i).all()


def test_joined_arrays_are_cut_too():
    joined = np.concatenate([PICTURES, 255 - PICTURES], axis=2)
    seen = whole(data.paired(joined=joined, batch_size=3, value_range=(0, 1)))
    np.testing.assert_allclose(seen["a"] + seen["b"], 1.0, atol=1e-6)


def test_arrays_stay_together_and_are_taken_as_they_are():
    a, b = np.arange(10), np.arange(20.0).reshape(10, 2)
    dataset = data.paired(a=a, b=b, batch_size=4, drop_remainder=False)
    seen = whole(dataset)
    assert sorted(seen["a"]) == list(range(10))
    np.testing.assert_array_equal(seen["b"], b[seen["a"]])
    assert seen["b"].dtype == np.float64


@pytest.mark.learns
@pytest.mark.parametrize("start", [1, 2, 7])
def test_reading_may_begin_anywhere(start):
    dataset = data.paired(b=PICTURES, a=data.Masked(place="random"), batch_size=4, seed=5)
    batches = list(dataset.addresses.read(lambda: 0, start + 3).as_numpy_iterator())
    for batch, expected in zip(dataset.addresses.read(lambda: start, 3), batches[start:], strict=True):
        np.testing.assert_array_equal(batch["a"], expected["a"])
        np.testing.assert_array_equal(batch["b"], expected["b"])


@pytest.mark.learns
@pytest.mark.parametrize(
    ("given", "function"),
    [
        ("edges", data.Edges()),
        ("grey", data.Grey()),
        (data.Small, data.Small()),
        (data.Edges(100), data.Edges(100)),
        ("masked", data.Masked()),
        (data.Masked(place="random"), data.Masked(place="random")),
    ],
    ids=str,
)
def test_one_part_is_made_of_the_other(given, function):
    seen = whole(data.paired(a=given, b=PICTURES, batch_size=3, shuffle=False, seed=6))
    assert set(seen) == {"a", "b"}
    np.testing.assert_allclose(seen["a"], function(PICTURES, seed=6), atol=1e-6)
    numbers = whole(data.paired(a=given, b=PICTURES / 127.5 - 1, batch_size=3, shuffle=False, seed=6))
    np.testing.assert_allclose(seen["a"], numbers["a"], atol=1e-5)


def test_a_function_of_ones_own_sees_pictures_in_their_range():
    seen = whole(data.paired(b=PICTURES, labels=np.arange(9), a=lambda b: -b, batch_size=3))
    np.testing.assert_array_equal(seen["a"], -seen["b"])
    np.testing.assert_allclose(seen["b"], PICTURES[seen["labels"]] / 127.5 - 1, atol=1e-6)


@pytest.mark.learns
@pytest.mark.parametrize("options", [{}, {"drop_remainder": False}, {"shuffle": False}], ids=str)
def test_half_of_the_pairs_are_flipped_and_others_in_each_epoch(options):
    options = {"a": "grey", "b": PICTURES, "index": np.arange(9), "batch_size": 2, "flip": True} | options
    batches = list(data.paired(**options).addresses.read(lambda: 0, 20).as_numpy_iterator())
    seen = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    numbers = PICTURES[seen["index"]] / 127.5 - 1
    flipped = np.array([np.allclose(b, x[:, ::-1], atol=1e-6) for b, x in zip(seen["b"], numbers, strict=True)])
    numbers[flipped] = numbers[flipped][:, :, ::-1]
    np.testing.assert_allclose(seen["b"], numbers, atol=1e-6)
    np.testing.assert_allclose(seen["a"], data.Grey()(seen["b"]), atol=1e-5)
    assert 0.3 < flipped.mean() < 0.6
    each = [flipped[seen["index"] == i] for i in np.unique(seen["index"])]
    assert sum(0 < one.mean() < 1 for one in each) >= 6
    again = list(data.paired(**options).addresses.read(lambda: 13, 3).as_numpy_iterator())
    np.testing.assert_array_equal(again[0]["b"], batches[13]["b"])


@pytest.mark.learns
def test_random_masks_change_from_epoch_to_epoch():
    dataset = data.paired(a=data.Masked(place="random"), b=PICTURES, index=np.arange(9), batch_size=9)
    epochs = list(dataset.addresses.read(lambda: 0, 2).as_numpy_iterator())
    one, two = (epoch["a"][np.argsort(epoch["index"])] for epoch in epochs)
    assert sum(not np.array_equal(a, b) for a, b in zip(one, two, strict=True)) >= 5


def test_a_transform_sees_all_parts():
    def both(a, b):
        return {"joined": tf.concat([a, b], axis=-1)}

    seen = whole(data.paired(a="grey", b=PICTURES, batch_size=9, shuffle=False, transform=both))
    np.testing.assert_allclose(seen["joined"][..., :1], data.Grey()(PICTURES), atol=1e-5)


@pytest.mark.learns
def test_an_order_of_its_own_for_each_seed():
    orders = {
        tuple(whole(data.paired(a=np.arange(9), b=np.arange(9), batch_size=9, seed=seed))["a"]) for seed in range(5)
    }
    assert len(orders) == 5
