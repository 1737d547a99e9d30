"""The same training from the command line and from Python, as a notebook has it."""

import numpy as np
import pytest
from PIL import Image

from keras_gan import cli, data, images, presets


@pytest.mark.learns
def test_python_makes_the_pictures_of_the_command_line(run, tmp_path):
    dataset = data.read("digits").dataset(512, seed=3)
    gan = presets.build("gan", (8, 8, 1), network="mlp", width=8, latent_dim=4, seed=3, steps=2 * len(dataset))
    gan.fit(dataset, epochs=2, verbose=0)

    command = ["sample", f"--model={run.folder / 'runs/digits'}", "--n=4", "--seed=7", f"--out={tmp_path / 'grid.png'}"]
    assert cli.main(command) == 0
    with Image.open(tmp_path / "grid.png") as picture:
        made = np.asarray(picture)
    expected = images.grid(gan.generate(4, seed=7), scale=(made.shape[0] - 6) // 16)
    np.testing.assert_array_equal(made, expected[..., 0])
