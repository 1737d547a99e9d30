import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_gan import data


def save_folder(root):
    for label, name in enumerate(("cat", "dog")):
        (root / name).mkdir()
        for i in range(3):
            Image.new("RGB", (10, 6), (50 * label + 10 * i,) * 3).save(root / name / f"{i}.png")
    return f"folder:{root}"


def test_every_public_name_is_there():
    for name in data.__all__:
        assert getattr(data, name).__doc__


def test_read_gives_the_digits():
    digits = data.read("digits")
    assert isinstance(digits, data.Pictures)
    assert digits.images.shape == (1437, 8, 8, 1)
    assert data.read("digits", "test", 16).images.shape == (360, 16, 16, 1)


def test_read_gives_a_folder(tmp_path):
    pictures = data.read(save_folder(tmp_path), image_size=(4, 8))
    assert pictures.images.shape == (6, 4, 8, 3)
    assert pictures.class_names == ("cat", "dog")
    assert pictures.images[:, 0, 0, 0].tolist() == [0, 10, 20, 50, 60, 70]


@pytest.mark.parametrize("split", ["train", "all"])
def test_a_folder_is_one_split(tmp_path, split):
    assert len(data.read(save_folder(tmp_path), split).images) == 6


@pytest.mark.parametrize("split", ["test", "train[:3]", ""])
def test_another_split_of_a_folder_is_refused(tmp_path, split):
    with pytest.raises(ValueError, match=r"`split` of a folder must be 'train'. Received: split="):
        data.read(save_folder(tmp_path), split)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"`path` must be a folder of pictures, or a zip .* path='.*nowhere'"):
        data.load(f"folder:{tmp_path}/nowhere")


def test_load_gives_batches_in_the_unit_range():
    loaded = data.load("digits", batch_size=100)
    assert loaded.element_spec == tf.TensorSpec((100, 8, 8, 1), tf.float32)
    assert len(loaded) == 14
    for batch in loaded:
        assert float(tf.reduce_min(batch)) == -1
        assert float(tf.reduce_max(batch)) == 1


def test_load_without_shuffle_keeps_the_order():
    loaded = data.load("digits", "test", 60, labels=True, shuffle=False)
    digits = data.read("digits", "test")
    images, labels = (np.concatenate(parts) for parts in zip(*loaded.as_numpy_iterator(), strict=True))
    np.testing.assert_allclose(images, digits.images / 127.5 - 1, atol=1e-6)
    np.testing.assert_array_equal(labels, digits.labels)


def test_load_keeps_pairs_together(tmp_path):
    loaded = data.load(save_folder(tmp_path), batch_size=2, labels=True, seed=5)
    for images, labels in loaded:
        assert labels.dtype == tf.int32
        bytes_ = np.round((images.numpy()[:, 0, 0, 0] + 1) * 127.5)
        np.testing.assert_array_equal(bytes_ >= 50, labels.numpy() == 1)


@pytest.mark.learns
def test_load_is_a_function_of_its_seed():
    first, again, other = (next(iter(data.load("digits", seed=seed))).numpy() for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_load_with_another_size():
    assert data.load("digits", "test", 32, (16, 12)).element_spec.shape.as_list() == [32, 16, 12, 1]


def test_labels_of_a_folder_without_classes_are_refused(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"`labels` must be False: .*Received: labels=True"):
        data.load(f"folder:{tmp_path}", batch_size=1, labels=True)


def test_a_batch_larger_than_the_set_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"`batch_size` must be .*Received: batch_size=64"):
        data.load(save_folder(tmp_path))


@pytest.mark.parametrize("name", ["mnits", "no such set", "folder", ""])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(ValueError, match=rf"must be 'digits', 'folder:PATH', .*Received: '{name}'"):
        data.read(name)
