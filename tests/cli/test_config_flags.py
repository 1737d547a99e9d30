import dataclasses
import json

import numpy as np
import pytest
from absl import flags

from keras_gan import presets
from keras_gan.cli.config import TrainConfig
from keras_gan.cli.config_flags import define_flags, from_flags
from keras_gan.data import Pictures

WIDTHS = presets.get("gan").networks
FIELDS = {field.name: field for field in dataclasses.fields(TrainConfig)}
OTHERS = {  # for each field a value that is not its default
    "model": "vae",
    "dataset": "mnist",
    "a": "edges",
    "b": "folder:photos",
    "pairs": "folder:joined",
    "split": "test",
    "labels": "3,7",
    "image_size": "16x24",
    "flip": True,
    "alpha": True,
    "labelled": 30,
    "label": "income",
    "window": 12,
    "columns": "price,sold",
    "kinds": "zip=category",
    "time": "day",
    "test": 0.25,
    "conditional": True,
    "network": "dcgan",
    "width": 8,
    "latent_dim": 7,
    "objective": "hinge",
    "epochs": 3,
    "batch_size": 5,
    "augmentation": "diffaugment",
    "init": "runs/faces",
    "freeze": 2,
    "discriminator_steps": 2,
    "reuse_fakes": True,
    "generator_lr": 0.25,
    "discriminator_lr": 0.125,
    "ema": 0.5,
    "seed": 9,
    "precision": "mixed_bfloat16",
    "metrics": "kid,frechet",
    "rollbacks": 2,
    "deterministic": True,
    "name": "other",
    "run_dir": "elsewhere/run",
    "export_dir": "elsewhere/saved",
}


def pictures(count, side=8):
    return Pictures(np.zeros((count, side, side, 1), "uint8"))


def test_the_table_of_others_is_whole():
    assert set(OTHERS) == set(FIELDS)
    assert all(FIELDS[name].default != value for name, value in OTHERS.items())


def test_what_is_given_stays_when_a_config_is_resolved():
    config = TrainConfig(**OTHERS)
    assert config.resolved(pictures(1000)) == config
    assert TrainConfig(name="mine").resolved(pictures(1000)).run_dir == "runs/mine"


def parse(*arguments):
    values = flags.FlagValues()
    define_flags(values)
    assert values(["keras-gan train", *arguments]) == ["keras-gan train"]
    return from_flags(values)


@pytest.fixture
def write(tmp_path):
    """Writes a config file, and gives the flag that names it."""

    def write(content):
        path = tmp_path / "config.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return f"--config={path}"

    return write


def test_without_flags_every_field_has_its_default():
    assert parse() == TrainConfig()


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_a_flag_and_a_key(name, write):
    expected = TrainConfig(**{name: OTHERS[name]})
    assert parse(f"--{name}={OTHERS[name]}") == expected
    assert parse(write({name: OTHERS[name]})) == expected
    assert type(getattr(parse(write({name: OTHERS[name]})), name)) is type(OTHERS[name])


@pytest.mark.parametrize("name", FIELDS)
def test_a_flag_wins_over_the_file_even_with_its_default(name, write):
    assert parse(f"--{name}={OTHERS[name]}", write({name: FIELDS[name].default})) == TrainConfig(**{name: OTHERS[name]})
    if FIELDS[name].default is not None:
        assert parse(write({name: OTHERS[name]}), f"--{name}={FIELDS[name].default}") == TrainConfig()


def test_a_config_reads_back_what_it_wrote(write):
    config = TrainConfig(**OTHERS)
    assert json.loads(config.to_json()) == OTHERS
    assert parse(write(config.to_json())) == config
    assert parse(write(TrainConfig().to_json())) == TrainConfig()  # null is no value


@pytest.mark.parametrize(
    ("content", "mentions"),
    [
        ({"epochs": 2, "epoch": 3}, "which holds 'epoch'"),
        ({"y": 1, "x": 2}, "which holds 'x', 'y'"),
        ([1, 2], "Received: a list"),
        ("3", "Received: a int"),
        ("{", "must be a JSON file that a run wrote"),
        ("", "must be a JSON file that a run wrote"),
    ],
)
def test_a_file_with_anything_else_is_refused(write, content, mentions):
    with pytest.raises(ValueError, match=r"(?s)`config` must .*Received: .*config\.json") as error:
        parse(write(content))
    assert mentions in str(error.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "config.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"`config` must be a JSON file.*Received: config="):
        parse(f"--config={tmp_path / 'config.json'}")


@pytest.mark.parametrize("path", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_refused(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=f"`config` must be a JSON file that a run wrote. Received: config='{path}'"):
        parse(f"--config={path}")


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("epochs", 1.5, "1.5"),
        ("epochs", "many", "many"),
        ("epochs", 0, "0"),
        ("epochs", [1], "[1]"),
        ("epochs", True, "true"),
        ("conditional", 3, "3"),
        ("conditional", "maybe", "maybe"),
        ("network", "vgg", "vgg"),
        ("generator_lr", "fast", "fast"),
        ("generator_lr", -1, "-1"),
        ("ema", 1.0, "1.0"),
        ("seed", -1, "-1"),
    ],
)
def test_a_value_is_refused_in_a_file_as_in_a_flag(write, name, value, shown):
    for argument in (write({name: value}), f"--{name}={shown}"):
        with pytest.raises((ValueError, flags.Error), match=name) as error:
            parse(argument)
        assert shown in str(error.value)


@pytest.mark.parametrize("name", ["old", "digits"])
def test_a_new_name_gives_new_folders(write, name):
    old = TrainConfig(name=name).resolved(pictures(100))
    assert (old.run_dir, old.export_dir) == (f"runs/{name}", f"saved_models/{name}")
    new = parse(write(old.to_json()), "--name=new").resolved(pictures(100))
    assert (new.run_dir, new.export_dir) == ("runs/new", "saved_models/new")
    assert parse(write(old.to_json())) == old  # nothing changes: it is the same run


def test_folders_that_were_chosen_stay_under_a_new_name(write):
    old = dataclasses.replace(TrainConfig(name="old").resolved(pictures(100)), run_dir="elsewhere/old")
    new = parse(write(old.to_json()), "--name=new").resolved(pictures(100))
    assert (new.run_dir, new.export_dir) == ("elsewhere/old", "saved_models/new")
    new = parse(write(old.to_json()), "--name=new", "--export_dir=saved").resolved(pictures(100))
    assert (new.run_dir, new.export_dir) == ("elsewhere/old", "saved")


def test_another_data_set_is_another_run(write):
    old = TrainConfig().resolved(pictures(100))
    new = parse(write(old.to_json()), "--dataset=folder:faces").resolved(pictures(100))
    assert (new.name, new.run_dir, new.export_dir) == ("faces", "runs/faces", "saved_models/faces")
    named = TrainConfig(name="mine").resolved(pictures(100))
    assert parse(write(named.to_json()), "--dataset=folder:faces").name == "mine"


def test_what_follows_from_the_size_or_the_network_is_derived_again(write):
    small, large = TrainConfig().resolved(pictures(10, 64)), TrainConfig(image_size=256).resolved(pictures(10, 256))
    grown = parse(write(small.to_json()), "--image_size=256").resolved(pictures(10, 256))
    assert (grown.generator_lr, grown.objective) == (large.generator_lr, large.objective)
    shrunk = parse(write(large.to_json()), "--image_size=64").resolved(pictures(10, 64))
    assert (shrunk.discriminator_lr, shrunk.objective) == (small.discriminator_lr, small.objective)
    slow = dataclasses.replace(small, generator_lr=3e-4, objective="hinge")
    kept = parse(write(slow.to_json()), "--image_size=256").resolved(pictures(10, 256))
    assert (kept.generator_lr, kept.objective) == (3e-4, "hinge")
    assert parse(write(small.to_json()), "--network=mlp").resolved(pictures(10, 64)).width == WIDTHS["mlp"]
    wide = dataclasses.replace(small, width=48)
    assert parse(write(wide.to_json()), "--network=mlp").resolved(pictures(10, 64)).width == 48


def test_of_another_model_its_own_defaults_are_taken(write):
    wgan = TrainConfig(model="wgan", epochs=9).resolved(pictures(1000, 28))
    assert (wgan.discriminator_steps, wgan.generator_lr, wgan.ema, wgan.latent_dim) == (5, 5e-5, 0.0, 100)
    assert parse(write(wgan.to_json())) == wgan
    acgan = parse(write(wgan.to_json()), "--model=acgan").resolved(pictures(1000, 28))
    assert acgan == TrainConfig(model="acgan", epochs=9).resolved(pictures(1000, 28))
    assert acgan.conditional
    gan = parse(write(acgan.to_json()), "--model=gan", "--latent_dim=100").resolved(pictures(1000, 28))
    assert gan == TrainConfig(latent_dim=100, epochs=9).resolved(pictures(1000, 28))
    chosen = dataclasses.replace(wgan, latent_dim=7, discriminator_steps=2)
    kept = parse(write(chosen.to_json()), "--model=dcgan").resolved(pictures(1000, 28))
    assert (kept.latent_dim, kept.discriminator_steps, kept.batch_size) == (7, 2, 128)


def test_a_default_batch_is_limited_by_the_pictures_and_one_that_is_given_is_not(write):
    few = TrainConfig(model="wgan").resolved(pictures(43))
    assert (few.batch_size, few.discriminator_steps, few.epochs) == (8, 5, 9_000)
    assert TrainConfig(batch_size=64).resolved(pictures(43)).batch_size == 64
    assert parse(write(few.to_json())) == few  # the same run
    many = TrainConfig().resolved(pictures(1000))
    assert parse(write(many.to_json())) == many
    for flag in ("dataset=folder:few", "labels=3", "split=test", "discriminator_steps=2", "model=dcgan"):
        assert parse(write(many.to_json()), f"--{flag}").batch_size is None  # derived again
    assert parse(write(many.to_json()), "--ema=0").batch_size == 64
    chosen = dataclasses.replace(many, batch_size=20)
    assert parse(write(chosen.to_json()), "--dataset=folder:few").batch_size == 20


def test_the_classes_of_the_data_are_told_and_not_read(write):
    config = TrainConfig().resolved(pictures(100))
    text = config.to_json({"cats": 0.1, "dogs": 0.9})
    assert json.loads(text)["classes"] == {"cats": 0.1, "dogs": 0.9}
    assert parse(write(text)) == config
    assert config.differences(json.loads(text)) == ""
