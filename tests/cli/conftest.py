import contextlib
import io
import types

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan import GAN, cli, networks
from keras_gan.cli import models
from keras_gan.models import VAE, CoGAN

TINY = ("--network=mlp", "--width=8", "--latent_dim=4", "--epochs=1", "--batch_size=512")


def listing(folder):
    """Everything below a folder, with the size of each file."""
    return sorted((str(path.relative_to(folder)), path.is_file() and path.stat().st_size) for path in folder.rglob("*"))


@pytest.fixture
def keras_gan(capsys, tmp_path, monkeypatch):
    """Runs the command line in an empty folder: its exit code and what it wrote to both streams."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        capsys.readouterr()
        code = cli.main([str(argument) for argument in arguments])
        return types.SimpleNamespace(code=code, **capsys.readouterr()._asdict())

    return run


@pytest.fixture
def ask(monkeypatch, capsys):
    """Runs the command line in the folder of a finished run: its exit code and what it wrote to both streams."""

    def ask(run, *arguments):
        monkeypatch.chdir(run.folder)
        code = cli.main(list(arguments))
        return types.SimpleNamespace(code=code, **capsys.readouterr()._asdict())

    return ask


@pytest.fixture
def train(keras_gan):
    """`keras-gan train` of a tiny run, two steps long; later flags win."""
    return lambda *arguments: keras_gan("train", *TINY, *arguments)


@pytest.fixture
def refused(keras_gan, tmp_path):
    """Checks that a command line is refused before anything is written, in words that name each of `mentions`."""

    def check(arguments, *mentions):
        before = listing(tmp_path)
        result = keras_gan(*arguments)
        assert (result.code, result.out) == (2, "")
        message, hint = result.err.strip().rsplit("\n", 1)
        assert message.startswith(f"keras-gan {arguments[0]}: ")
        assert hint == f"Try: keras-gan {arguments[0]} --help"
        assert "Traceback" not in message
        for mention in mentions:
            assert mention in message
        assert listing(tmp_path) == before

    return check


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A finished run of `keras-gan train --epochs=2` on the digits: where, and what it printed. Not to be changed."""
    folder = tmp_path_factory.mktemp("run")
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.chdir(folder)
        code = cli.main(["train", *TINY, "--epochs=2", "--seed=3"])
    return types.SimpleNamespace(code=code, folder=folder, out=out.getvalue())


def saved(folder, name, labels=None, compiled=True, **options):
    keras.utils.set_random_seed(0)
    generator = networks.mlp_generator(2, (8, 8, 1), hidden=(8,), output_activation="tanh", labels=labels)
    discriminator = networks.mlp_discriminator((8, 8, 1), hidden=(8,), labels=labels)
    gan = GAN(generator, discriminator, 2, labels=labels, seed=0, name=name, **options)
    if compiled:
        gan.compile("hinge")
    gan.save(folder / f"{name}.keras")
    return folder / f"{name}.keras"


@pytest.fixture(scope="session")
def plain_model(tmp_path_factory):
    """The .keras file of a GAN of 8x8 pictures, called `plain`."""
    return saved(tmp_path_factory.mktemp("plain"), "plain", ema=0.9)


@pytest.fixture(scope="session")
def conditional_model(tmp_path_factory):
    """The .keras file of a GAN of 8x8 pictures of 3 classes, called `conditional`."""
    return saved(tmp_path_factory.mktemp("conditional"), "conditional", labels=3)


@pytest.fixture(scope="session")
def uncompiled_model(tmp_path_factory):
    """The .keras file of a GAN that was never compiled, called `uncompiled`."""
    return saved(tmp_path_factory.mktemp("uncompiled"), "uncompiled", compiled=False)


@pytest.fixture(scope="session")
def exported(plain_model, tmp_path_factory):
    """Where `keras-gan export` was run twice, and what it printed: `saved_models/plain`. Not to be changed."""
    folder, out = tmp_path_factory.mktemp("exported"), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.chdir(folder)
        codes = [cli.main(["export", f"--model={plain_model}"]) for _ in range(2)]
    return types.SimpleNamespace(folder=folder, codes=codes, out=out.getvalue())


@pytest.fixture(scope="session")
def vae(tmp_path_factory):
    """A folder with `vae.keras`, a VAE of 8x8 pictures in [0, 1], and its export, `vae`."""
    folder = tmp_path_factory.mktemp("vae")
    keras.utils.set_random_seed(0)
    encoder = networks.mlp_encoder((8, 8, 1), 4, hidden=(4,))
    game = VAE(encoder, networks.mlp_generator(2, (8, 8, 1), hidden=(4,)), 2, seed=0, name="vae")
    game.compile()
    game.save(folder / "vae.keras")
    game.export(folder / "vae", ("generate", "reconstruct"), max_samples=100)
    return folder


@pytest.fixture(scope="session")
def cogan(tmp_path_factory):
    """The file of a CoGAN of 8x8 pictures, and its export, `cogan`, beside it."""
    folder = tmp_path_factory.mktemp("cogan")
    keras.utils.set_random_seed(0)
    generator = networks.mlp_generator(2, (8, 8, 1), hidden=(4,), output_activation="tanh")
    judges = networks.coupled_discriminators(networks.mlp_discriminator((8, 8, 1), hidden=(4,)))
    game = CoGAN(*networks.coupled_generators(generator), *judges, latents=2, seed=0, name="cogan")
    game.save(folder / "cogan.keras")
    game.export(folder / "cogan")
    return folder


@pytest.fixture(scope="session")
def games():
    """The GANs that `read_once` has read."""
    return {}


@pytest.fixture
def read_once(monkeypatch, games):
    """Lets commands that only ask a GAN share one that was read before: reading and tracing again finds nothing new."""
    read = models.read_keras

    def read_or_known(name, path, what, file, **options):
        key = (str(file.resolve()), file.stat().st_mtime_ns if file.is_file() else None, what, *sorted(options))
        if key not in games:
            games[key] = read(name, path, what, file, **options)
        return games[key]

    monkeypatch.setattr(models, "read_keras", read_or_known)


@pytest.fixture
def pictures(tmp_path):
    """A folder of twelve 16x16 colour pictures without labels, `pictures` in the working folder."""
    noise = np.random.default_rng(0)
    (tmp_path / "pictures").mkdir()
    for i in range(12):
        Image.fromarray(noise.integers(0, 256, (16, 16, 3), "uint8")).save(tmp_path / "pictures" / f"{i:02d}.png")
    return tmp_path / "pictures"
