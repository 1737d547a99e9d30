"""Rows of several domains, and the labelled pictures of one of them."""

import numpy as np
import pytest
from PIL import Image

from keras_gan import presets
from keras_gan.presets import Sources, parts


@pytest.fixture(scope="module")
def colours(tmp_path_factory):
    """A folder of six pictures in colour, without labels."""
    folder = tmp_path_factory.mktemp("colours")
    for i, picture in enumerate(np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), "uint8")):
        Image.fromarray(picture).save(folder / f"{i}.png")
    return f"folder:{folder}"


@pytest.mark.learns
def test_labelled_pictures_and_others(colours):
    parts = presets.get("pixel_da").parts
    found = parts.read(Sources(colours, a="digits"))
    assert {name: pictures.image_shape for name, pictures in found.items()} == {
        "source": (8, 8, 3),
        "target": (8, 8, 3),
    }
    grey = found["source"].images
    assert np.array_equal(grey[..., 0], grey[..., 2])
    batch = next(iter(parts.batches(found, 4, seed=0, labels=True)))
    assert {name: tuple(part.shape) for name, part in batch.items()} == {
        "source": (4, 8, 8, 3),
        "labels": (4,),
        "target": (4, 8, 8, 3),
    }
    assert parts.classes(found).count == 10
    names = [found["source"].labels[np.argmax([np.array_equal(x, y) for x in grey])] for y in restored(batch["source"])]
    assert names == batch["labels"].numpy().tolist()


def restored(pictures):
    return np.round((pictures.numpy() + 1) * 127.5).astype("uint8")


def test_pictures_without_labels_are_refused(colours):
    with pytest.raises(ValueError, match=r"`a` must be labelled pictures\. Received: a='folder:"):
        presets.get("pixel_da").parts.read(Sources(a=colours, b="digits"))


def test_coupled_players_make_pictures_of_one_shape():
    with pytest.raises(ValueError, match=r"`a` and `b` must have one shape for cogan. Received: \(8, 8, 1\) and"):
        presets.build("cogan", shape={"a": (8, 8, 1), "b": (8, 8, 3)})


@pytest.mark.parametrize("name", ["cycle_gan", "pix2pix", "cogan", "pixel_da"])
def test_the_default_data_are_no_second_set(name):
    with pytest.raises(ValueError, match=r"`b` must name the second set .* Received: a='digits', b=None"):
        presets.get(name).parts.read(Sources(a="digits"))


@pytest.mark.parametrize("source", parts.TAKERS)
def test_the_models_that_an_error_names_take_the_source(source):
    for taker in parts.TAKERS[source]:
        known = presets.get(taker).parts
        assert source in (*known.takes, *parts.OWN[known.kind], *(["labelled"] if known.few else []))
