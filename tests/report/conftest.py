import json

import numpy as np
import pytest
from PIL import Image

from keras_gan.evaluation import Record, append
from tests.browser import open_browser


@pytest.fixture
def make_run(tmp_path):
    """A function that writes a whole run folder; `text` is put wherever a run can say something."""

    def make(text="plain", frames=3, epochs=5):
        folder = tmp_path / "run"
        (folder / "samples").mkdir(parents=True)
        noise = np.random.default_rng(0)
        for i in range(frames):
            picture = Image.fromarray(noise.integers(0, 256, (20, 20, 3), "uint8"))
            picture.save(folder / "samples" / f"step-{1000 * (i + 1):08d}.png")
        config = {"name": text, "dataset": text, "objective": text, text: text, "ema": 0.999, "conditional": False}
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "finished.json").write_text('{"steps": 3000, "exported": "x"}')
        name = text.replace('"', '""')
        rows = "".join(f"{i},{1 / (i + 1)},{0.1 * i},{'NA' if i % 2 else 7 - i}\n" for i in range(epochs))
        (folder / "history.csv").write_text(f'epoch,d_loss,"{name}",val_frechet_distance\n{rows}')
        finding = {"failure": text, "first": 1000, "last": 2000, "what": text, "advice": text}
        looks = [{"step": 1000 * i, "separation": 0.5 + 0.1 * i, "diversity": None} for i in range(4)]
        (folder / "doctor.json").write_text(json.dumps({"findings": [finding], "examinations": looks}))
        hashes = {"extractor_hash": "ab" * 32, "reference_hash": "cd" * 32}
        counts = {"n": 10_000, "n_reference": 9_000, "n_real": 8_000, "seed": 3}
        texts = {"extractor": text, "resize": text, "dataset": text, "split": text, "created": text}
        known = {"better": "lower", "settings": {}, "versions": {"keras": text}, "model": {"path": text}}
        append(
            folder / "metrics.jsonl",
            [
                Record(metric="frechet", value=value, real=0.75, **hashes, **counts, **texts, **known)
                for value in (9.5, 3.25)
            ],
        )
        return folder

    return make


@pytest.fixture
def browser(tmp_path):
    """Chromium without a window; the test is skipped where there is none."""
    with open_browser(tmp_path / "profile") as browser:
        yield browser
