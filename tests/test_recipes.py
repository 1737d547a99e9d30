"""Every record of a recipe says how its numbers came about, and is of a recipe and a picture that are there."""

import json
import pathlib

import pytest

from keras_gan import presets
from recipes import gallery

TEXTS = {
    gallery.PAGE: gallery.page,
    gallery.README: lambda: gallery.readme(gallery.README.read_text(encoding="utf-8")),
}
RECIPES = pathlib.Path(__file__).parents[1] / "recipes"
RECORDS = sorted(RECIPES.glob("*.json"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_records_are_whole(path):
    record = json.loads(path.read_text(encoding="utf-8"))
    program, module = record["command"].split()[1:3]
    assert program == "-m"
    assert (RECIPES.parent / f"{module.replace('.', '/')}.py").is_file()
    assert (RECIPES / record["picture"]).is_file()
    assert set(record["required"]) <= set(record["numbers"])
    assert {"commit", "date", "seed", "settings", "training_seconds", "machine", "versions"} <= set(record)


def test_the_gallery_is_that_of_presets_and_records():
    assert set(gallery.ROWS) == set(presets.names())
    stale = [path.name for path, text in TEXTS.items() if path.read_text(encoding="utf-8") != text()]
    assert not stale, "python -m recipes.gallery writes them anew"


def test_every_record_is_in_the_gallery():
    for path in RECORDS:
        assert gallery.preset_of(path.stem), path.stem


def test_pictures_are_small():
    assert all(path.stat().st_size < 200_000 for path in RECIPES.glob("*.png"))
