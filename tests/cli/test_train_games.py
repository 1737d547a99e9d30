"""`keras-gan train --model=`: games of other shapes leave what a GAN leaves, and go on as it does."""

import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_gan import models
from keras_gan.cli import train as train_
from keras_gan.cli.config import TrainConfig
from keras_gan.data import Pictures

FLAGS = {
    "vae": ["--width=8", "--latent_dim=4"],
    "bigan": ["--width=8", "--latent_dim=4"],
    "pix2pix": ["--width=2", "--a=edges"],
    "cycle_gan": ["--width=2", "--a=digits", "--b=digits"],
}
DRAWN, CODED, TAKEN = ["num_samples", "seed"], ["real", "seed"], ["real"]
SIGNATURES = {
    "vae": {"fake": DRAWN, "generate": DRAWN} | dict.fromkeys(("decoded", "reconstruct", "code.mean", "encode"), CODED),
    "bigan": {"fake": DRAWN, "generate": DRAWN}
    | dict.fromkeys(("back", "reconstruct", "code", "encode", "anomaly_score", "score"), TAKEN),
    "pix2pix": {"fake_b": ["a"], "translate_ab": ["a"]},
    "cycle_gan": {"fake_a": ["b"], "fake_b": ["a"], "translate_ab": ["a"], "translate_ba": ["b"]},
}
NAMES = {"vae": "vae-digits", "bigan": "bigan-digits", "pix2pix": "pix2pix-edges-digits"}
NAMES |= {"cycle_gan": "cycle_gan-digits-digits"}
CLASSES = {"vae": models.VAE, "bigan": models.BiGAN, "pix2pix": models.Pix2Pix, "cycle_gan": models.CycleGAN}
ACGAN = ["--width=8", "--latent_dim=4", "--network=mlp"]
LONG = [pytest.param(model, marks=pytest.mark.learns) for model in ("bigan", "pix2pix", "cycle_gan")]


def play(keras_gan, model, *more):
    return keras_gan("train", f"--model={model}", *FLAGS[model], "--batch_size=512", "--epochs=1", *more)


@pytest.mark.learns
@pytest.mark.parametrize("model", ["vae", *LONG])
def test_a_run_leaves_what_a_run_of_a_gan_leaves(keras_gan, tmp_path, model):
    done = play(keras_gan, model)
    assert done.code == 0, done.err
    run, exported = tmp_path / "runs" / NAMES[model], tmp_path / "saved_models" / NAMES[model] / "1"
    names = {"config.json", "finished.json", "gan.keras", "history.csv", "curves.png", "samples.png", "samples"}
    left = {path.name for path in run.iterdir()} - {"anomalies.png", "most-anomalous.png", "copies.json", "nearest.png"}
    game = keras.models.load_model(run / "gan.keras")
    explored = {"truncation.png", "walk.gif"} if game.explored is not None else set()
    assert left == names | {"doctor.json", "report.html"} | explored
    assert "step 2 of 2" in done.out
    assert type(game) is CLASSES[model]
    assert int(game.step.numpy()) == 2
    with Image.open(run / "samples.png") as picture:
        assert min(picture.size) > 100

    served = tf.saved_model.load(str(exported)).signatures
    found = {name: sorted(each.structured_input_signature[1]) for name, each in served.items()}
    found.pop("serving_default")
    assert found == SIGNATURES[model]
    known = json.loads((exported / "assets" / "keras_gan.json").read_text())
    assert known["metadata"]["config"]["model"] == model
    page = (run / "report.html").read_text()
    assert model in page
    assert "finished, 2 steps" in page

    again = play(keras_gan, model)
    assert "holds this run, finished" in again.out
    shown = keras_gan("info", f"--model={run}")
    assert shown.code == 0, shown.err
    assert "fake" in shown.out
    sampled = keras_gan("sample", f"--model={run}", "--n=4")
    assert sampled.code == (0 if "generate" in game.tasks else 2)
    assert "generate" in game.tasks or "which makes them from pictures: use keras-gan translate" in sampled.err
    scored = {run / "anomalies.png", run / "most-anomalous.png"} if "score" in game.tasks else set()
    assert scored == {path for path in run.glob("*anomal*.png") if path.stat().st_size > 1000}
    assert ('id="anomalies"' in page) == bool(scored)
    assert keras_gan("export", f"--model={run}", "--export_dir=again", f"--values={next(iter(found))}").code == 0
    assert (tmp_path / "again" / "1" / "saved_model.pb").is_file()


@pytest.mark.learns
def test_a_recipe_of_a_paper_is_a_model_too(keras_gan, tmp_path):
    done = keras_gan("train", "--model=acgan", *ACGAN, "--batch_size=512", "--epochs=1")
    assert done.code == 0, done.err
    assert "non_saturating + auxiliary_classifier" in done.out
    assert "Classes, drawn as often as they are in the data: " in done.out
    config = json.loads((tmp_path / "runs/acgan-digits/config.json").read_text())
    assert (config["conditional"], config["discriminator_steps"], config["ema"]) == (True, 1, 0.0)
    game = keras.models.load_model(tmp_path / "runs/acgan-digits/gan.keras")
    assert sorted(game.discriminator.output) == ["class_logits", "output"]
    assert float(game.generator_optimizer.learning_rate) == np.float32(2e-4)  # it does not fall
    longer = keras_gan("train", "--model=acgan", *ACGAN, "--batch_size=512", "--epochs=2")
    assert longer.code == 0, longer.err
    assert "Training continues from step 2 to 4.\n" in longer.out


@pytest.mark.learns
def test_a_run_that_was_stopped_goes_on_to_the_bit(keras_gan, tmp_path, monkeypatch):
    assert play(keras_gan, "vae", "--epochs=2", "--name=whole").code == 0
    look = train_.Progress.on_train_batch_end

    def stop(self, batch, logs=None):
        look(self, batch, logs)
        if int(self.model.step.numpy()) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(train_.Progress, "on_train_batch_end", stop)
    assert play(keras_gan, "vae", "--epochs=2", "--name=parts").code == 130
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    gone_on = play(keras_gan, "vae", "--epochs=2", "--name=parts")
    assert gone_on.code == 0, gone_on.err
    assert "Resuming from" in gone_on.out
    one, other = (keras.models.load_model(tmp_path / f"runs/{name}/gan.keras") for name in ("whole", "parts"))
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def folder(path, size, count=3, names=None):
    path.mkdir()
    for i in range(count):
        pixels = np.random.default_rng(i).integers(0, 256, (*size, 3), "uint8")
        Image.fromarray(pixels).save(path / f"{i if names is None else names[i]}.png")
    return f"folder:{path.name}"


@pytest.mark.learns
@pytest.mark.parametrize("given", ["pairs", "two folders"])
def test_pairs_of_the_users_own(keras_gan, tmp_path, given):
    if given == "pairs":
        flags, name = [f"--pairs={folder(tmp_path / 'joined', (16, 32))}"], "pix2pix-joined"
    else:
        flags = [f"--a={folder(tmp_path / 'maps', (16, 16))}", f"--b={folder(tmp_path / 'photos', (16, 16))}"]
        name = "pix2pix-maps-photos"
    done = keras_gan("train", "--model=pix2pix", *flags, "--width=2", "--batch_size=2", "--epochs=1")
    assert done.code == 0, done.err
    game = keras.models.load_model(tmp_path / "runs" / name / "gan.keras")
    assert game.generator.output_shape == (None, 16, 16, 3)


def config(**options):
    return TrainConfig(**options).resolved(Pictures(np.zeros((100, 28, 28, 1), "uint8")))


def test_defaults_of_each_model():
    assert (config().model, config().network, config().name) == ("gan", "dcgan", "digits")
    vae = config(model="vae", dataset="mnist")
    assert (vae.network, vae.width, vae.generator_lr, vae.objective) == ("mlp", 512, 1e-3, None)
    assert (vae.name, vae.run_dir) == ("vae-mnist", "runs/vae-mnist")
    cycle = config(model="cycle_gan", a="folder:x/horses", b="folder:x/zebras")
    assert (cycle.network, cycle.width, cycle.discriminator_lr) == ("resnet", 32, 2e-4)
    assert (cycle.name, cycle.dataset) == ("cycle_gan-horses-zebras", "folder:x/zebras")
    pix2pix = config(model="pix2pix", a="edges", network="resnet")
    assert (pix2pix.network, pix2pix.name) == ("resnet", "pix2pix-edges-digits")
    for each in (vae, cycle, pix2pix):
        assert each.resolved(Pictures(np.zeros((100, 28, 28, 1), "uint8"))) == each


def test_a_config_of_before_there_were_models_is_of_a_gan():
    known = {name: value for name, value in dataclasses.asdict(config()).items() if name not in ("model", "a", "b")}
    assert config().differences(known) == ""
    assert "model: 'gan' there, 'vae' here" in config(model="vae").differences(known)


@pytest.mark.parametrize(
    ("flags", "mentions"),
    [
        (
            ["--model=wgan-gp"],
            ["`model` must be one of gan, dcgan", "vae, bigan", "; did you mean wgan_gp", "'wgan-gp'"],
        ),
        (["--model=acgan", "--dataset=folder:pictures"], ["`conditional` needs labels", "folder:pictures"]),
        (["--model=sngan", "--network=mlp"], ["`network` must be one of auto, resnet for a sngan"]),
        (["--model=vae", "--network=dcgan"], ["`network` must be one of auto, mlp for a vae", "network='dcgan'"]),
        (["--network=unet"], ["`network` must be one of auto, dcgan, mlp", "network='unet'"]),
        (["--model=cycle_gan"], ["`a` must be given for cycle_gan. Received: a=None"]),
        (["--model=pix2pix"], ["`a` must be given for pix2pix, or `pairs`"]),
        (["--a=edges"], ["`a` must not be given for gan", "cycle_gan or pix2pix takes it"]),
        (["--model=vae", "--pairs=folder:x"], ["`pairs` must not be given for vae"]),
        (["--model=pix2pix", "--a=edges", "--pairs=folder:x"], ["`a` and `b` must not be given beside `pairs`"]),
        (["--model=pix2pix", "--pairs=folder:"], ["`pairs` must name a folder"]),
        (["--model=acgan", "--labelled=100"], ["`labelled` must not be given for acgan. Received: labelled=100"]),
        (["--model=sgan", "--labelled=9"], ["`labelled` must be from the number of classes", "10 to 1437"]),
        (["--model=sgan", "--labelled=9", "--dataset=folder:pictures"], ["`labelled` needs labels"]),
        (["--model=vae", "--discriminator_steps=2"], ["`discriminator_steps` must be 1"]),
        (["--model=vae", "--reuse_fakes"], ["`reuse_fakes` False"]),
        (["--model=bigan", "--conditional"], ["`conditional` must be False for bigan"]),
        (["--model=vae", "--objective=hinge"], ["`objective`"]),
        (["--model=cycle_gan", "--a=folder:nowhere", "--b=digits"], ["nowhere"]),
        (
            ["--model=cycle_gan", "--a=folder:pictures"],
            ["`b` must name the second set of pictures", "folder:pictures", "b=None"],
        ),
        (
            ["--model=pix2pix", "--a=folder:pictures"],
            ["`b` must name the second set of pictures", "folder:pictures", "b=None"],
        ),
        (["--model=vae", "--batch_size=2000"], ["batch_size"]),
    ],
)
def test_what_does_not_fit_is_refused(refused, pictures, flags, mentions):
    refused(["train", *flags], *mentions)


def test_domains_of_two_sizes_want_one(refused, tmp_path):
    flags = [f"--a={folder(tmp_path / 'horses', (16, 16))}", f"--b={folder(tmp_path / 'zebras', (12, 12))}"]
    refused(
        ["train", "--model=cycle_gan", *flags, "--batch_size=2"], "`image_size` must be given", "16 x 16 and 12 x 12"
    )


@pytest.mark.learns
def test_values_are_of_games_and_truncation_of_gans(keras_gan, plain_model):
    refused = keras_gan("export", f"--model={plain_model}", "--values=fake")
    assert refused.code == 2
    assert "`values` must not be given for a GAN" in refused.err
