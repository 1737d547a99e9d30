import re

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan import images
from keras_gan.exploration import Space

pytestmark = pytest.mark.usefixtures("read_once")


@pytest.mark.learns
def test_a_picture_its_vector_and_what_is_made_of_it(keras_gan, plain_model, tmp_path):
    gan = keras.saving.load_model(plain_model)
    given = images.to_uint8(gan.generate(2, seed=7))
    for i, picture in enumerate(given):
        images.save_png(f"{i}.png", picture)
    result = keras_gan(
        "project", f"--model={plain_model}", "--image=0.png", "--image=1.png", "--steps=100", "--scale=1"
    )
    assert (result.code, result.err) == (0, "")
    assert "Vectors (2, 2): projected.npy\n" in result.out
    codes = np.load("projected.npy", allow_pickle=False)
    made = images.to_uint8(np.asarray(gan.make(codes)))
    assert np.abs(made.astype(int) - given).mean() < 8
    with Image.open("projected.png") as picture:
        sheet = np.asarray(picture)[images.CAPTION :]
    np.testing.assert_array_equal(sheet[2:10, 2:10], given[0][..., 0])
    np.testing.assert_array_equal(sheet[12:20, 12:20], made[1][..., 0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.png", "1.png", "projected.npy", "projected.png"]


@pytest.mark.learns
def test_the_drawn_label_of_a_picture_is_said(keras_gan, conditional_model):
    gan = keras.saving.load_model(conditional_model)
    images.save_png("0.png", images.to_uint8(gan.generate(1, seed=7))[0])
    result = keras_gan(
        "project", f"--model={conditional_model}", "--image=0.png", "--steps=20", "--seed=3", "--scale=1"
    )
    assert (result.code, result.err) == (0, "")
    label = int(re.search(r"^0\.png: distance \S+ with label (\d+), from", result.out)[1])
    made = Space(gan, label).pictures(np.load("projected.npy", allow_pickle=False))
    with Image.open("projected.png") as picture:
        sheet = np.asarray(picture)[images.CAPTION :]
    np.testing.assert_array_equal(sheet[2:10, 12:20], images.to_uint8(made)[0, ..., 0])


def test_a_class_that_is_not_there_is_refused(refused, conditional_model):
    flags = ["project", f"--model={conditional_model}", "--image=a.png", "--labels=3"]
    refused(flags, "`labels` must be an integer in [0, 3). Received: labels=3")


@pytest.mark.parametrize(
    ("flags", "mentions"),
    [
        ([], ["`image` must name a picture", "no --image"]),
        (["--image="], ["`image` must name a picture", "an empty name"]),
        (["--image=missing.png"], ["`image` must name pictures", "missing.png"]),
        (["--image=missing.png", "--out=a.xyz"], ["`out` must end in"]),
        (["--image=missing.png", "--codes=q.txt"], ["`codes` must end in .npy. Received: codes='q.txt'"]),
        (["--image=missing.png", "--codes=."], ["`codes` must be a file"]),
        (["--image=missing.png", "--labels=1"], ["`labels` must be None"]),
    ],
)
def test_what_cannot_be_found_is_refused(refused, plain_model, flags, mentions):
    refused(["project", f"--model={plain_model}", *flags], *mentions)


@pytest.mark.parametrize("out", ["me.png", "./me.png"])
def test_a_picture_that_is_given_is_not_replaced(keras_gan, plain_model, tmp_path, out):
    images.save_png(tmp_path / "me.png", np.zeros((8, 8, 1), "uint8"))
    before = (tmp_path / "me.png").read_bytes()
    result = keras_gan("project", f"--model={plain_model}", "--image=me.png", "--steps=1", f"--out={out}")
    assert (result.code, f"must not replace a picture that is given. Received: out={out!r}" in result.err) == (2, True)
    assert (tmp_path / "me.png").read_bytes() == before
