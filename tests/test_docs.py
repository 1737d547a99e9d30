"""The programs of the README and of the site's pages are run as written: a page's blocks are one program.

`<!-- small: a -> b -->` on a page, which the site leaves out, is a replacement that makes its program small.
"""

import pathlib
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gan
from docs.hooks import outside
from keras_gan import GAN, networks

DOCS = pathlib.Path(__file__).parents[1] / "docs"
FOLDERS = ("howto", "concepts", "coming_from")
PAGES = [
    DOCS.parent / "README.md",
    DOCS / "index.md",
    *sorted(page for name in FOLDERS for page in (DOCS / name).glob("*.md")),
]
SMALL = re.compile(r"<!-- small: (.*?) -> (.*?) -->")


def program(page):
    text = page.read_text(encoding="utf-8")
    code = "\n".join(re.findall(r'^```python(?: title="keras_gan")?\n(.*?)^```$', text, re.DOTALL | re.MULTILINE))
    for old, new in SMALL.findall(text):
        assert old in code, f"{page.name} has no {old}"
        code = code.replace(old, new)
    return code


def given(code):
    """What the pages take for granted: a compiled GAN of points, and data."""
    points = np.random.default_rng(0).normal(size=(16, 2)).astype("float32")
    dataset = keras_gan.data.batches(points, batch_size=8)
    names = {"points": points, "dataset": dataset, "keras": keras, "keras_gan": keras_gan, "np": np, "tf": tf}
    if "gan." not in code or "gan = " in code.partition("gan.")[0]:
        return names
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(4,)), networks.mlp_discriminator((2,), hidden=(4,)), 2, seed=0)
    gan.compile(run_eagerly=True)
    return {"gan": gan, **names}


@pytest.mark.learns
@pytest.mark.parametrize("page", [page for page in PAGES if program(page)], ids=lambda page: page.stem)
def test_runs_as_written(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    people = [f"{30 + i % 11},{'<=50K' if i % 3 else '>50K'}" for i in range(60)]
    pathlib.Path("people.csv").write_text("\n".join(["age,income", *people]), encoding="utf-8")
    code = program(page)

    policy = keras.config.dtype_policy()
    tf.config.run_functions_eagerly("export(" not in code and "strategy" not in code)  # those need graphs
    try:
        exec(compile(code, str(page), "exec"), given(code))  # noqa: S102
    finally:
        tf.config.run_functions_eagerly(False)
        keras.config.set_dtype_policy(policy)


def test_what_is_small_is_not_shown():
    assert "small:" in (DOCS / "howto" / "resume.md").read_text(encoding="utf-8")
    assert outside.without_comments("a\n<!-- small: b -> c -->\nd") == "a\nd"
