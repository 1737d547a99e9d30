import numpy as np
import pytest
from PIL import Image

from keras_gan import data
from keras_gan.evaluation import read_reference_data
from keras_gan.evaluation.reference_data import HALVES


def rows(pictures):
    return {image.tobytes() for image in pictures.images}


def test_a_data_set_gives_its_splits():
    reality = read_reference_data("digits")
    np.testing.assert_array_equal(reality.test.images, data.read("digits", "test").images)
    np.testing.assert_array_equal(reality.train.images, data.read("digits", "train").images)
    assert (reality.dataset, reality.split) == ("digits", "test")


def test_at_most_so_many_are_always_the_same_ones_with_their_labels():
    reality = read_reference_data("digits")
    few, again = reality.at_most(100), read_reference_data("digits").at_most(100)
    for part, same, whole in ((few.test, again.test, reality.test), (few.train, again.train, reality.train)):
        assert part.images.shape == (100, 8, 8, 1)
        np.testing.assert_array_equal(part.images, same.images)
        assert rows(part) <= rows(whole)
        places = [int(np.flatnonzero((whole.images == image).all((1, 2, 3)))[0]) for image in part.images]
        np.testing.assert_array_equal(part.labels, whole.labels[places])
        assert places != sorted(places)  # not the first ones: some sets are sorted by class
    assert len(reality.at_most(1000).test.images) == 360


def test_a_folder_is_cut_in_halves_that_share_none(tmp_path):
    noise = np.random.default_rng(0)
    for i in range(11):
        Image.fromarray(noise.integers(0, 256, (6, 6), "uint8")).save(tmp_path / f"{i:02d}.png")
    reality, again = read_reference_data(f"folder:{tmp_path}"), read_reference_data(f"folder:{tmp_path}")
    assert (len(reality.test.images), len(reality.train.images), reality.split) == (5, 6, HALVES)
    assert not rows(reality.test) & rows(reality.train)
    np.testing.assert_array_equal(reality.test.images, again.test.images)
    assert (reality.test.resize, reality.at_most(2).train.resize) == ("none", "none")
    assert read_reference_data(f"folder:{tmp_path}", image_size=4).test.resize == "to 4x4, centre crop, Lanczos"
    assert read_reference_data("digits", image_size=16).test.resize == "to 16x16, centre crop, Lanczos"


def test_what_cannot_be_is_refused(tmp_path):
    for splits in (("all",), ("train+test",), ("train[:5%]",), ("test", "all"), ("test", "train+test")):
        with pytest.raises(ValueError, match=r"`split` must have no pictures of `train_split`. Received: split="):
            read_reference_data("digits", splits[0], train_split=[*splits, "train"][1])
    with pytest.raises(ValueError, match=r"`split` must differ from `train_split`. Received: both are 'train'"):
        read_reference_data("digits", "train")
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"at least 4 pictures. Received: 1"):
        read_reference_data(f"folder:{tmp_path}")
    for parts in (("foo",), ("train", "test"), ("test", "foo")):
        with pytest.raises(ValueError, match=r"`split` must be 'test' for data without splits"):
            read_reference_data(f"folder:{tmp_path}", parts[0], train_split=[*parts, "train"][1])


def test_samples_of_some_classes_are_compared_with_these():
    reality = read_reference_data("digits", labels=["7", "3"])
    assert reality.test.class_names == reality.train.class_names == ("3", "7")
    assert len(reality.test.images) < 100
