"""How a run begins: with the model that `auto` takes, a length that fits, and another run's weights."""

import dataclasses
import json
import types

import keras
import numpy as np
import pytest

from keras_gan import presets
from keras_gan.cli import beginnings
from keras_gan.cli.config import TrainConfig
from keras_gan.cli.estimate import Estimate
from keras_gan.data import Pictures
from tests.cli.conftest import TINY


def test_auto_takes_a_model_for_the_pictures(pictures):
    config, parts, told = beginnings.read(TrainConfig(model="auto", dataset=f"folder:{pictures}"))
    assert (config.model, config.latent_dim, config.batch_size) == ("fastgan", 256, 8)
    assert len(parts["real"].images) == 12
    assert told[0] == "--model=auto chooses --model=fastgan:"
    assert "12 pictures" in told[1]
    digits, _, _ = beginnings.read(TrainConfig(model="auto", latent_dim=7))
    assert (digits.model, digits.latent_dim) == ("gan", 7)
    with pytest.raises(ValueError, match="`a` must not be given for auto"):
        beginnings.read(TrainConfig(model="auto", a="edges"))


@pytest.mark.parametrize(
    ("given", "batch_size", "told"),
    [
        ({}, 12, ["With 12 pictures, batch_size is 12; gan's default is 64."]),
        (
            {"discriminator_steps": 2},
            4,
            ["With 12 pictures and 2 moves per step, batch_size is 4; gan's default is 64."],
        ),
        ({"batch_size": 64}, 64, []),  # refused as the data is read in batches
        ({"model": "fastgan"}, 8, []),
        (
            {"model": "cycle_gan", "a": "digits", "image_size": 8},
            12,
            ["With 12 pictures, batch_size is 12; cycle_gan's default is 64."],
        ),
        ({"model": "pix2pix", "a": "edges"}, 12, ["With 12 pictures, batch_size is 12; pix2pix's default is 64."]),
    ],
)
def test_a_batch_is_of_no_more_pictures_than_there_are(pictures, given, batch_size, told):
    config, _, said = beginnings.read(TrainConfig(dataset=f"folder:{pictures}", **given))
    assert (config.batch_size, said) == (batch_size, told)


def test_of_few_pictures_the_other_faults_are_told(refused, pictures, keras_gan):
    flags = ["train", f"--dataset=folder:{pictures}", "--network=mlp", "--width=4"]
    refused([*flags, "--init=nope"], "`init` must name a run folder")
    refused([*flags, "--batch_size=64"], "`batch_size` must be an integer from 1 to 12. Received: batch_size=64")
    refused([*flags, "--discriminator_steps=13"], "`batch_size` times `discriminator_steps` must not be more than")
    assert json.loads(keras_gan(*flags, "--dry_run").out)["batch_size"] == 12


def test_the_default_augmentation_and_length_follow_from_the_pictures():
    def of(side, count, gpu=False, **given):
        pictures = Pictures(np.broadcast_to(np.uint8(0), (count, side, side, 3)))
        return TrainConfig(**given).resolved(pictures, gpu)

    assert of(32, 2_000).augmentation == "ada"
    assert of(32, 20_000).augmentation == "none"
    assert of(32, 2_000, augmentation="diffaugment").augmentation == "diffaugment"
    assert of(32, 2_000, model="vae").augmentation == "none"
    small, large = of(32, 6_400), of(256, 6_400)
    assert small.epochs == 90
    assert large.epochs < 20
    assert of(256, 6_400, gpu=True).epochs == 90
    assert of(256, 6_400, network="mlp").epochs == 90  # dense players are quick
    assert of(32, 6_400, model="sngan").epochs == 44  # of 20 steps, each of about 4 s
    assert of(256, 6_400, epochs=3).epochs == 3
    assert beginnings.describe_length(TrainConfig(), small, 100) == []
    (told,) = beginnings.describe_length(TrainConfig(), large, 100)
    assert "--epochs=90 gives the model's usual 9,000" in told
    assert told.startswith("Without a GPU the default is what fits in about an hour on one core, ")
    assert beginnings.describe_length(TrainConfig(epochs=3), large, 100) == []
    for least, steps in ((of(256, 64, model="cut"), 1), (of(256, 64_000), 1000)):
        (told,) = beginnings.describe_length(TrainConfig(), least, steps)
        assert f"is the minimum, {least.epochs * steps:,} steps, which may take more than an hour" in told


def test_a_run_of_other_players_is_no_beginning(refused, vae, tmp_path):
    message = "`init` must name a run whose players have the same names, ['generator', 'discriminator'], and layers"
    refused(
        ["train", *TINY, f"--init={vae / 'vae.keras'}"],
        message,
        "'vae' with ['encoder', 'decoder', ",
        "of which no layer fits",
    )


def test_what_was_chosen_is_told_as_flags():
    given = TrainConfig(batch_size=16)
    resolved = dataclasses.replace(given.of_model(100), epochs=5)
    assert beginnings.describe_choice(given, resolved) == "Chosen for you: --epochs=5 --latent_dim=64 --ema=0.999"
    assert beginnings.describe_choice(resolved, resolved) == ""


def test_classes_that_are_left_unused_are_told():
    line = "The 10 classes of the pictures are not used; --conditional trains on them."
    for given, told in (({}, [line]), ({"conditional": True}, []), ({"model": "vae"}, []), ({"model": "acgan"}, [])):
        assert beginnings.read(TrainConfig(**given))[2] == told
    assert beginnings.read(TrainConfig(model="auto"))[2][-1] == line


@pytest.mark.learns
def test_a_run_begins_with_another_runs_weights(keras_gan, run, tmp_path):
    flags = [*TINY, "--latent_dim=5", "--name=mine", f"--init={run.folder / 'runs/digits'}", "--freeze=1"]
    done = keras_gan("train", *flags, "--metrics=frechet,precision")
    assert done.code == 0, done.err
    assert "of step 4." in done.out
    assert "1 layer did not fit and start from random weights: generator/dense" in done.out
    assert "Frozen: 1 layer at the beginning of the discriminator." in done.out
    old = keras.saving.load_model(run.folder / "runs/digits/gan.keras")
    new = keras.saving.load_model(tmp_path / "runs/mine/gan.keras")
    for a, b in zip(old.discriminator.weights[:2], new.discriminator.weights[:2], strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(old.discriminator.weights[2], new.discriminator.weights[2])
    config = json.loads((tmp_path / "runs/mine/config.json").read_text())
    assert (config["init"], config["freeze"]) == (str(run.folder / "runs/digits"), 1)
    header = (tmp_path / "runs/mine/history.csv").read_text().split("\n")[0]
    assert {"val_frechet_distance", "val_precision"} <= set(header.split(","))


def test_a_layer_that_did_not_fit_is_not_frozen():
    shapes = [(8, 8, 4), (8, 8, 3)]
    new, old = (presets.build("dcgan", shape, width=2, latent_dim=2, freeze=1 - i) for i, shape in enumerate(shapes))
    left = new.initialize_from(old)
    config = TrainConfig(init="old", freeze=1)
    with pytest.raises(ValueError, match=r"`freeze` must only cover layers that fit .* discriminator/hidden_1"):
        beginnings._check_frozen(config, new, left)
    beginnings._check_frozen(config, new, [each for each in left if each.startswith("generator")])


def test_what_is_no_beginning_is_refused(refused):
    refused(
        ["train", *TINY, "--init=nowhere"],
        "`init` must name a run folder, or the .keras file of a GAN. Received: init='nowhere'",
    )
    refused(["train", *TINY, "--freeze=1"], "`freeze` must be 0 without `init`")
    refused(["train", *TINY, "--metrics=kid,kid"], "`metrics` must name each metric once. Received: metrics='kid,kid'")
    refused(["train", *TINY, "--name="], "`name` must be letters", "name=''")
    refused(["train", *TINY, "--run_dir="], "`run_dir` must name a folder. Received: run_dir=''")
    refused(["train", *TINY, "--metrics=kid,fid"], "`metrics` must be among frechet, kid", "metrics='fid'")


def test_the_time_of_a_run_is_told_once(monkeypatch, capsys):
    now, step = [100.0], [0]
    monkeypatch.setattr("keras_gan.cli.estimate.time", types.SimpleNamespace(monotonic=lambda: now[0]))
    estimate = Estimate(1000)
    estimate.set_model(types.SimpleNamespace(step=types.SimpleNamespace(numpy=lambda: step[0])))
    estimate.on_train_begin()

    def play(seconds, count=1):
        now[0] += seconds
        step[0] += count
        estimate.on_train_batch_end(0)

    play(30)  # traced
    play(2, count=4)
    estimate.on_test_begin()
    now[0] += 1000
    estimate.on_test_end()
    assert capsys.readouterr().out == ""
    play(3, count=6)
    assert capsys.readouterr().out == "About 8 min left: 989 steps at 0.5 s per step, measured on 10.\n"
    play(100)
    assert capsys.readouterr().out == ""


def test_a_run_that_is_over_is_told_no_time(monkeypatch, capsys):
    estimate = Estimate(2, least=0.0)
    steps = iter((1, 2))
    estimate.set_model(types.SimpleNamespace(step=types.SimpleNamespace(numpy=lambda: next(steps))))
    for _ in range(2):
        estimate.on_train_batch_end(0)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("model", ["gan", "auto", "srgan"])
def test_classes_are_chosen_by_number_or_name_and_kept_by_name(model):
    config, parts, told = beginnings.read(TrainConfig(model=model, labels="7, 3"))
    assert config.labels == "3,7"
    assert next(iter(parts.values())).class_names == ("3", "7")
    assert "Training on 289 pictures of the classes 3,7." in told


def test_classes_are_those_of_one_set(refused):
    refused(["train", "--model=cycle_gan", "--a=digits", "--labels=3"], "`labels` must not be given for cycle_gan")
    refused(["train", "--labels=3,zebra"], "by number from 0 to 9: 0, 1, 2, 3", "Received: labels='3,zebra'")
