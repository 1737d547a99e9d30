import contextlib
import csv
import dataclasses
import io
import json
import pathlib
import re
import shutil
import types

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan import cli, latents, presets, report
from keras_gan.cli import config as config_
from keras_gan.cli import run_files, runs
from keras_gan.cli import train as train_
from keras_gan.data import read
from keras_gan.game import gan as gan_
from keras_gan.ground import files
from keras_gan.noise import Noise
from tests.cli.conftest import TINY


def picture_size(path):
    with Image.open(path) as picture:
        return picture.size


def weights(path):
    return keras.saving.load_model(path).get_weights()


def same(these, those):
    return all(np.array_equal(a, b) for a, b in zip(these, those, strict=True))


class TestARun:
    """What `keras-gan train --epochs=2` leaves behind: 4 steps, 2 an epoch."""

    def test_everything_is_written_and_nothing_else(self, run):
        assert run.code == 0
        found = {str(path.relative_to(run.folder / "runs/digits")) for path in (run.folder / "runs/digits").rglob("*")}
        samples = {f"samples/step-{step:08d}.png" for step in (1, 2, 3, 4)}
        top = {"config.json", "finished.json", "gan.keras", "history.csv", "curves.png", "samples.png", "samples"}
        top |= {"doctor.json", "report.html", "truncation.png", "walk.gif", "copies.json", "nearest.png"}
        assert found == top | samples | {"samples/samples.gif"}
        assert sorted(path.name for path in run.folder.iterdir()) == ["runs", "saved_models"]
        assert (run.folder / "saved_models/digits/1/saved_model.pb").is_file()

    def test_the_page_is_of_the_finished_run(self, run):
        page = (run.folder / "runs/digits/report.html").read_text(encoding="utf-8")
        assert "not finished" not in page
        assert page.count("data:image/png") >= 4  # the pictures of all steps
        assert "data:image/gif" in page.split('id="explored"')[1]

    def test_it_says_where_everything_is(self, run):
        for name in ("samples.png", "samples/samples.gif", "curves.png", "history.csv", "config.json", "gan.keras"):
            assert f" runs/digits/{name}\n" in run.out
        assert " saved_models/digits/1\n" in run.out
        assert "Trained 4 steps" in run.out

    def test_it_shows_the_losses(self, run):
        assert "2 epochs of 2 steps" in run.out
        assert "\n1 step per call, without XLA.\n" in run.out
        number = r"-?\d+\.\d+"
        for step in (1, 2, 3, 4):
            assert re.search(rf"^step {step} of 4 d_loss {number} g_loss {number}, .*$", run.out, re.MULTILINE)
        speed = r"[\d,.]+ images/s, 0 s left, \d+\.\d GB, runs/digits/samples/step-0000000[34]\.png"
        assert re.search(rf"^step 4 of 4 [^,]*, {speed}$", run.out, re.MULTILINE)

    def test_config_json_is_the_resolved_configuration(self, run):
        written = json.loads((run.folder / "runs/digits/config.json").read_text())
        given = {"network": "mlp", "width": 8, "latent_dim": 4, "epochs": 2, "batch_size": 512, "seed": 3}
        expected = config_.TrainConfig(**given).resolved(read("digits"))
        assert written == json.loads(expected.to_json())
        assert written["run_dir"] == "runs/digits"

    def test_history_csv_has_a_row_an_epoch(self, run):
        with open(run.folder / "runs/digits/history.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [row["epoch"] for row in rows] == ["0", "1"]
        names = {"d_loss", "g_loss", "d_real", "d_fake", "d_r1", "d_r2", "d_relativistic_paired"}
        assert names <= set(rows[0])
        assert all(np.isfinite(float(row[name])) for row in rows for name in names)

    @pytest.mark.learns
    def test_gan_keras_goes_on_where_the_run_ended(self, run):
        gan = keras.saving.load_model(run.folder / "runs/digits/gan.keras")
        assert int(gan.step.numpy()) == 4
        assert gan.compiled
        assert gan.ema.decay == 0.999
        np.testing.assert_allclose(float(gan.generator_optimizer.learning_rate), 0, atol=1e-9)  # the cosine's end

    def test_the_pictures_are_pictures(self, run):
        folder = run.folder / "runs/digits"
        assert picture_size(folder / "samples.png") == (8 * 34 + 2, 8 * 34 + 2)
        assert (folder / "samples.png").read_bytes() == (folder / "samples/step-00000004.png").read_bytes()
        assert picture_size(folder / "curves.png") == (1500, 360)  # losses, outputs, terms
        with Image.open(folder / "samples/samples.gif") as gif:
            assert gif.n_frames == 4


def stopped_at(step):
    def stopped(self, batch, logs=None):
        if int(self.model.step.numpy()) == step:
            raise KeyboardInterrupt

    return stopped


def begun(folder, *flags):
    """Begins a run in a folder: its exit code, which is that of an interrupt, and what it printed."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.chdir(folder)
        return cli.main(["train", *TINY, "--epochs=2", *flags]), out.getvalue()


@pytest.fixture(scope="module")
def stopped(run, tmp_path_factory):
    """The folder of the run of `run`, stopped after its first checkpoint, at step 2 of 4. Not to be changed."""
    folder = tmp_path_factory.mktemp("stopped")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_.Progress, "on_train_batch_end", stopped_at(3))
        assert begun(folder, "--seed=3")[0] == 130
    assert not (folder / "saved_models").exists()
    return folder / "runs/digits"


@pytest.fixture(scope="module")
def killed(run, tmp_path_factory):
    """Where a run was killed just before its export, of which a version 1 was taken before. Not to be changed."""
    folder = tmp_path_factory.mktemp("killed")
    (folder / "saved_models/digits/1").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gan_.GAN, "export", interrupt)
        assert begun(folder, "--seed=4")[0] == 130
    return folder


def interrupt(*args, **kwargs):
    raise KeyboardInterrupt


@pytest.fixture(scope="module")
def again(run, tmp_path_factory):
    """The configuration of `run` under another name beside it: where, what was there before, and the exit code."""
    folder = shutil.copytree(run.folder, tmp_path_factory.mktemp("again"), dirs_exist_ok=True)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.chdir(folder)
        code = cli.main(["train", "--config=runs/digits/config.json", "--name=new"])
    return types.SimpleNamespace(folder=folder, before=before, code=code)


class TestASecondRun:
    @pytest.fixture
    def first(self, run, tmp_path):
        shutil.copytree(run.folder, tmp_path, dirs_exist_ok=True)
        return tmp_path

    def test_of_another_configuration_is_refused(self, refused, first):
        flags = ["train", f"--config={first / 'runs/digits/config.json'}", "--epochs=1", "--ema=0.5"]
        refused(
            flags, "`run_dir`", "'runs/digits'", "--overwrite", "epochs: 2 there, 1 here; ema: 0.999 there, 0.5 here"
        )

    def test_of_a_finished_run_says_so_and_changes_nothing(self, keras_gan, first):
        before = {path: path.stat().st_mtime_ns for path in first.rglob("*")}
        result = keras_gan("train", f"--config={first / 'runs/digits/config.json'}")
        assert (result.code, result.err) == (0, "")
        advice = "More --epochs train it further; another --name trains a new run."
        assert result.out == f"runs/digits holds this run, finished. {advice}\n"  # none that destroys it
        assert {path: path.stat().st_mtime_ns for path in first.rglob("*")} == before

    @pytest.mark.learns
    def test_of_a_run_that_was_stopped_goes_on(self, keras_gan, run, stopped, tmp_path):
        original = run.folder / "runs/digits"
        shutil.copy(original / "config.json", tmp_path)
        shutil.copytree(stopped, tmp_path / "runs/digits")
        result = keras_gan("train", "--config=config.json")
        assert (result.code, result.err) == (0, "")
        assert "Resuming from runs/digits/checkpoints/step-00000002: epoch 2, step 2" in result.out
        assert same(weights("runs/digits/gan.keras"), weights(original / "gan.keras"))
        for name in ("samples.png", "history.csv", "curves.png", "samples/samples.gif"):
            assert (tmp_path / "runs/digits" / name).read_bytes() == (original / name).read_bytes()

    @pytest.mark.learns
    def test_of_another_configuration_goes_on_where_it_is_told_to(self, keras_gan, run, stopped, tmp_path):
        shutil.copy(run.folder / "runs/digits/config.json", tmp_path)
        shutil.copytree(stopped, tmp_path / "runs/digits")
        slower = ["train", "--config=config.json", "--generator_lr=1e-4", "--rollbacks=1"]
        differences = "generator_lr: 0.002 there, 0.0001 here; rollbacks: 0 there, 1 here"
        result = keras_gan(*slower)
        assert result.code == 2
        assert "another name, such as --name=digits_2, or give --nostrict" in result.err
        assert "--nostrict, which continues that run with these flags" in result.err
        assert "--overwrite, which removes it. Received: run_dir='runs/digits', which holds a run with " in result.err
        assert differences in result.err
        result = keras_gan(*slower, "--nostrict", "--width=9")
        assert result.code == 1
        assert "`path` must hold checkpoints whose weights fit the game" in result.err
        result = keras_gan(*slower, "--nostrict")
        assert (result.code, result.err) == (0, "")
        assert "runs/digits holds a run with other flags, which continues with these: " in result.out
        assert "Resuming from runs/digits/checkpoints/step-00000002: epoch 2, step 2" in result.out
        gan = keras.saving.load_model("runs/digits/gan.keras")
        assert int(gan.step.numpy()) == 4
        assert gan.generator_optimizer.get_config()["learning_rate"]["config"]["initial_learning_rate"] == 1e-4
        assert json.loads((tmp_path / "runs/digits/config.json").read_text())["generator_lr"] == 1e-4
        assert "a finished run with generator_lr" in keras_gan("train", "--config=config.json", "--nostrict").err

    @pytest.mark.learns
    @pytest.mark.parametrize("moment", ["before", "within", "after"])
    def test_of_a_run_that_was_killed_at_its_end_exports_once(
        self, keras_gan, run, killed, tmp_path, monkeypatch, moment
    ):
        def finished_text(path, text):
            if path.name == run_files.FINISHED:
                raise KeyboardInterrupt
            written(path, text)

        written, shared = files.write_text, tmp_path / "saved_models/digits"
        shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
        if moment != "before":
            where = {"within": (files, "write_text", finished_text), "after": (report, "write", interrupt)}[moment]
            with monkeypatch.context() as patch:
                patch.setattr(*where)
                assert keras_gan("train", "--config=runs/digits/config.json").code == 130
        assert (shared / "2").exists() == (moment != "before")
        assert json.loads((tmp_path / "runs/digits/exporting.json").read_text()) == {"version": 2}
        result = keras_gan("train", "--config=runs/digits/config.json")
        assert (result.code, result.err) == (0, "")
        assert sorted(path.name for path in shared.iterdir() if path.is_dir()) == ["1", "2"]
        assert json.loads((tmp_path / "runs/digits/finished.json").read_text())["exported"] == "saved_models/digits/2"
        left = {path.name for path in (tmp_path / "runs/digits").iterdir()}
        assert left == {path.name for path in (run.folder / "runs/digits").iterdir()}

    @pytest.mark.learns
    def test_does_not_take_the_version_of_somebody_else_for_its_own(self, keras_gan, run, killed, tmp_path):
        shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
        shutil.copytree(run.folder / "saved_models/digits/1", tmp_path / "saved_models/digits/2")  # by another seed
        assert keras_gan("train", "--config=runs/digits/config.json").code == 0
        versions = sorted(p.name for p in (tmp_path / "saved_models/digits").iterdir() if p.is_dir())
        assert versions == ["1", "2", "3"]

    def test_is_refused_for_any_file_of_the_first(self, refused, tmp_path):
        (tmp_path / "runs/digits").mkdir(parents=True)
        (tmp_path / "runs/digits/history.csv").write_text("mine")
        for flags in ([], ["--overwrite"]):
            refused(["train", *flags], "`run_dir`", "which holds history.csv and no config.json of a run")

    @pytest.mark.learns
    def test_replaces_the_first_with_overwrite_and_nothing_else(self, train, first):
        mine = [first / "runs/digits" / name for name in ("notes.txt", "samples/thesis.png", "checkpoints/thesis.txt")]
        for path in mine:
            path.parent.mkdir(exist_ok=True)
            path.write_text("mine")
        result = train("--overwrite")
        assert (result.code, result.err) == (0, "")
        assert int(keras.saving.load_model(first / "runs/digits/gan.keras").step.numpy()) == 2
        assert sorted(p.name for p in (first / "runs/digits/samples").glob("*.png")) == [
            "step-00000001.png",
            "step-00000002.png",
            "thesis.png",
        ]
        assert [path.read_text() for path in mine] == ["mine"] * 3
        assert (first / "runs/digits/samples.png").read_bytes() != b"mine"
        assert sorted(p.name for p in (first / "saved_models/digits").iterdir() if p.is_dir()) == ["1", "2"]
        removed = "--overwrite removes runs/digits: a finished run of 4 steps, 0 checkpoints. "
        assert f"{removed}saved_models/digits keeps its versions: 1.\n" in result.out

    @pytest.mark.learns
    def test_is_refused_while_another_process_trains_there(self, train, first):
        def contents():
            return {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}

        with files.claimed(first / "runs/digits/running"):
            before = contents()
            result = train("--overwrite")
            assert result.code != 0
            assert "`run_dir` must be a folder that no other process trains in" in result.err
            assert contents() == before

    @pytest.mark.learns
    @pytest.mark.parametrize("flags", [("--epochs=2", "--seed=3"), ("--epochs=2", "--seed=4")], ids=["same", "other"])
    def test_is_refused_where_another_process_ended_while_it_began(self, keras_gan, run, tmp_path, monkeypatch, flags):
        def claimed(config):
            shutil.copytree(run.folder / "runs", tmp_path / "runs")
            return waiting(config)

        waiting = runs.claimed
        monkeypatch.setattr(runs, "claimed", claimed)
        result = keras_gan("train", *TINY, *flags)
        assert result.code != 0
        text = (
            "while this command starts: run the command again"
            if "--seed=3" in flags
            else "which holds a finished run with seed"
        )
        assert text in result.err
        for name in ("config.json", "gan.keras", "finished.json"):
            assert (tmp_path / "runs/digits" / name).read_bytes() == (run.folder / "runs/digits" / name).read_bytes()

    @pytest.mark.parametrize("spelled", ["runs/digits/", "./runs/digits", "{}/runs/digits"])
    def test_is_the_same_however_its_folder_is_spelled(self, keras_gan, first, spelled):
        run_dir = spelled.format(first)
        result = keras_gan("train", f"--config={first / 'runs/digits/config.json'}", f"--run_dir={run_dir}")
        assert (result.code, result.err) == (0, "")
        assert "More --epochs train it further" in result.out

    def test_is_the_same_where_it_was_moved_to(self, keras_gan, first):
        (first / "runs/digits").rename(first / "elsewhere")
        result = keras_gan("train", "--config=elsewhere/config.json", "--run_dir=elsewhere")
        assert (result.code, result.err) == (0, "")
        assert "More --epochs train it further" in result.out

    @pytest.mark.learns
    def test_never_overwrites_beside_the_served_model_of_another(self, refused, keras_gan, first):
        config = first / "runs/digits/config.json"
        shutil.copytree(first / "runs/digits", first / "runs/other")
        flags = ["train", f"--config={config}", "--run_dir=runs/other", "--seed=9", "--overwrite"]
        refused(flags, "`export_dir`", "holds a version of runs/digits", "another --export_dir, or another --name")
        assert keras_gan(*flags, "--export_dir=elsewhere", "--dry_run").code == 0

    @pytest.mark.learns
    def test_by_another_name_has_folders_of_its_own(self, again):
        first, before = again.folder, again.before
        assert again.code == 0
        assert (first / "runs/new/gan.keras").is_file()
        assert (first / "saved_models/new/1/saved_model.pb").is_file()
        kept = {path: path.stat().st_mtime_ns for path in before if path.name not in ("runs", "saved_models")}
        assert kept == {path: before[path] for path in kept}

    @pytest.mark.learns
    def test_may_share_the_folder_of_other_things(self, train, tmp_path):
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine/notes.txt").write_text("mine")
        assert train("--run_dir=mine", "--dry_run").code == 0


class TestDryRun:
    @pytest.mark.learns
    def test_prints_the_configuration_and_writes_nothing(self, train, tmp_path):
        result = train("--dry_run", "--seed=7")
        assert (result.code, result.err) == (0, "")
        given = {"network": "mlp", "width": 8, "latent_dim": 4, "epochs": 1, "batch_size": 512, "seed": 7}
        assert json.loads(result.out) == json.loads(config_.TrainConfig(**given).resolved(read("digits")).to_json())
        assert not list(tmp_path.iterdir())

    @pytest.mark.learns
    def test_what_it_prints_is_a_config(self, train, keras_gan, tmp_path):
        first = train("--dry_run", "--conditional", "--objective=hinge").out
        (tmp_path / "config.json").write_text(first)
        assert keras_gan("train", "--config=config.json", "--dry_run").out == first

    @pytest.mark.learns
    def test_looks_at_a_run_without_refusing_it(self, keras_gan, run, monkeypatch):
        monkeypatch.chdir(run.folder)
        assert keras_gan("train", "--config=runs/digits/config.json", "--dry_run").code == 0

    @pytest.mark.learns
    def test_the_defaults_fit_together(self, keras_gan):
        printed = json.loads(keras_gan("train", "--dry_run").out)
        assert (printed["dataset"], printed["network"]) == ("digits", "mlp")
        assert printed["epochs"] == round(presets.UPDATES / (1437 // 64))


class TestConfig:
    @pytest.mark.learns
    def test_a_config_reproduces_its_run_bit_for_bit(self, again, run):
        original, second = run.folder / "runs/digits", again.folder / "runs/new"
        assert again.code == 0
        assert same(weights(second / "gan.keras"), weights(original / "gan.keras"))
        assert (second / "samples.png").read_bytes() == (original / "samples.png").read_bytes()
        assert (second / "history.csv").read_text() == (original / "history.csv").read_text()

    @pytest.mark.learns
    def test_flags_win_over_the_config(self, keras_gan, run):
        path = run.folder / "runs/digits/config.json"
        changed = json.loads(keras_gan("train", "--width=2", f"--config={path}", "--seed=4", "--dry_run").out)
        assert changed == {**json.loads(path.read_text()), "width": 2, "seed": 4}

    @pytest.mark.learns
    def test_another_seed_gives_another_game(self, run):
        pictures = read("digits")
        config = config_.TrainConfig(**json.loads((run.folder / "runs/digits/config.json").read_text()))
        games = [train_.build(dataclasses.replace(config, seed=s), pictures.image_shape, 1) for s in (3, 3, 4)]
        assert same(games[0].get_weights(), games[1].get_weights())
        assert not same(games[0].generator.get_weights(), games[2].generator.get_weights())

    def test_unknown_keys_are_refused(self, refused, tmp_path):
        (tmp_path / "config.json").write_text('{"epochs": 1, "epocs": 2}')
        refused(["train", "--config=config.json"], "`config`", "epocs", "config.json")


REFUSED = {
    "unknown flag": (["--epocs=1"], ["epocs"]),
    "flag without its value": (["--epochs"], ["epochs"]),
    "positional argument": (["digits"], ["Received: digits"]),
    "positional argument before flags": (["digits", "--epochs=1"], ["Received: digits"]),
    "word for a number": (["--epochs=many"], ["epochs", "many"]),
    "fraction for an integer": (["--epochs=1.5"], ["epochs", "1.5"]),
    "zero epochs": (["--epochs=0"], ["epochs", "0"]),
    "zero width": (["--width=0"], ["width", "0"]),
    "zero latents": (["--latent_dim=0"], ["latent_dim", "0"]),
    "zero moves": (["--discriminator_steps=0"], ["discriminator_steps", "0"]),
    "unknown network": (["--network=unet"], ["network", "unet"]),
    "unknown objective": (["--objective=hing"], ["objective", "'hing'", "hinge"]),
    "objective without a generator": (["--objective=r1"], ["`objective`", "'r1'", "generator"]),
    "objective that cannot be read": (["--objective=hinge +"], ["`objective`", "'hinge +'"]),
    "negative weight": (["--objective=-1 * hinge"], ["weight", "-1"]),
    "unknown data set": (["--dataset=nosuchset"], ["data set", "'nosuchset'"]),
    "no data set": (["--dataset="], ["data set", "''"]),
    "missing folder": (["--dataset=folder:nowhere"], ["folder", "'nowhere'"]),
    "unknown split": (["--split=dev"], ["`split`", "'dev'"]),
    "side too small": (["--image_size=3"], ["image_size", "3"]),
    "side that is too large": (["--image_size=9999"], ["`image_size`", "9999"]),
    "side that does not halve": (["--network=dcgan", "--image_size=30"], ["image_s", "30"]),
    "batch larger than the data": (["--batch_size=1438"], ["`batch_size`", "1438", "1437"]),
    "moves larger than the data": (["--discriminator_steps=3"], ["`discriminator_steps`", "=3", "1437"]),
    "negative rate": (["--generator_lr=-1"], ["`generator_lr`", "-1"]),
    "rate of zero": (["--discriminator_lr=0"], ["`discriminator_lr`", "0"]),
    "rate of nan": (["--generator_lr=nan"], ["`generator_lr`", "nan"]),
    "infinite rate": (["--discriminator_lr=inf"], ["`discriminator_lr`", "inf"]),
    "average that never moves": (["--ema=1"], ["`ema`", "1.0"]),
    "average of nan": (["--ema=nan"], ["`ema`", "nan"]),
    "negative seed": (["--seed=-1"], ["seed", "-1"]),
    "seed that is too large": (["--seed=99999999999"], ["`seed`", "99999999999"]),
    "unknown precision": (["--precision=float8"], ["precision", "float8"]),
    "neither true nor false": (["--conditional=maybe"], ["conditional", "maybe"]),
    "missing config": (["--config=missing.json"], ["`config`", "'missing.json'"]),
    "config that is a folder": (["--config=."], ["`config`", "'.'"]),
    "config that is no JSON": (["--config=file.txt"], ["`config`", "'file.txt'"]),
    "name with a slash": (["--name=a/b"], ["`name`", "a/b"]),
    "name that climbs": (["--name=../a"], ["`name`", "../a"]),
    "name that is a folder above": (["--name=.."], ["`name`", ".."]),
    "run folder that is a file": (["--run_dir=file.txt"], ["`run_dir`", "'file.txt'"]),
    "run folder below a file": (["--run_dir=file.txt/run"], ["`run_dir`", "'file.txt/run'"]),
    "export folder that is a file": (["--export_dir=file.txt"], ["`export_dir`", "'file.txt'"]),
}


@pytest.mark.parametrize(("flags", "mentions"), REFUSED.values(), ids=REFUSED)
def test_a_bad_flag_is_refused_before_anything_is_written(refused, tmp_path, flags, mentions):
    (tmp_path / "file.txt").write_text("a file")
    tiny = ["--network=mlp", "--width=1", "--epochs=1", "--batch_size=512"]
    refused(["train", *tiny, *flags], *mentions)


def test_a_policy_is_given_back_when_a_flag_is_refused(refused):
    before = keras.config.dtype_policy()
    refused(["train", "--network=mlp", "--precision=mixed_bfloat16", "--objective=nope"], "objective")
    assert keras.config.dtype_policy() is before


class TestAFolder:
    @pytest.mark.learns
    def test_its_pictures_are_trained_on(self, train, pictures):
        result = train(f"--dataset=folder:{pictures.name}", "--batch_size=4", "--objective=hinge")
        assert (result.code, result.err) == (0, "")
        gan = keras.saving.load_model("runs/pictures/gan.keras")
        assert gan.example_shape == (16, 16, 3)
        assert int(gan.step.numpy()) == 3
        assert picture_size("runs/pictures/samples.png") == (8 * 34 + 2, 8 * 34 + 2)

    @pytest.mark.learns
    def test_its_pictures_may_be_scaled(self, train, pictures):
        flags = f"--dataset=folder:{pictures}", "--batch_size=4", "--image_size=8", "--network=dcgan", "--width=1"
        assert json.loads(train(*flags, "--dry_run").out)["image_size"] == 8

    @pytest.mark.learns
    @pytest.mark.filterwarnings("ignore:Skipped", "ignore:Deep pictures")
    def test_a_messy_one_works_at_once(self, train, tmp_path):
        rng = np.random.default_rng(0)
        for i in range(8):
            name = tmp_path / "mess" / "ab"[i % 2] / f"{i}.jpg"
            name.parent.mkdir(parents=True, exist_ok=True)
            picture, exif = Image.fromarray(rng.integers(0, 256, (20 + i, 16, 3), "uint8")), Image.Exif()
            exif[0x0112] = 1 + i  # the orientation
            picture.save(name, exif=exif)
        for mode, name in (("P", "p.gif"), ("CMYK", "c.tif"), ("L", "l.bmp"), ("RGBA", "a.png")):
            picture.convert(mode).save(tmp_path / "mess" / "a" / name)
        Image.fromarray(rng.integers(0, 4000, (9, 9)).astype("uint16")).save(tmp_path / "mess" / "b" / "16.png")
        (tmp_path / "mess" / "b" / "broken.png").write_bytes(b"no picture")
        (tmp_path / "mess" / ".thumbs").mkdir()
        picture.save(tmp_path / "mess" / ".thumbs" / "0.png")
        (tmp_path / "mess" / "notes.txt").write_text("mine")
        result = train("--dataset=folder:mess", "--image_size=8x12", "--batch_size=4", "--flip", "--alpha")
        assert result.code == 0
        assert "Found: 13 pictures; 2 classes by folder: a (8), b (5)\n" in result.out
        assert "all brought to 8x12, centre crop, Lanczos\n" in result.out
        assert "among them: 7 turned as EXIF says, 1 CMYK, 1 palette, 1 of more than 8 bits\n" in result.out
        assert "skipped: 1 that cannot be read, 1 hidden picture, 1 .txt\n" in result.out
        gan = keras.saving.load_model("runs/mess/gan.keras")
        assert gan.example_shape == (8, 12, 4)
        known = json.loads((tmp_path / "runs/mess/config.json").read_text())
        assert (known["image_size"], known["flip"], known["alpha"]) == ("8x12", True, True)

    def test_labels_must_be_there_for_a_conditional_game(self, refused, pictures):
        flags = ["--dataset=folder:pictures", "--network=mlp", "--batch_size=4", "--conditional"]
        refused(["train", *flags], "`conditional`", "folder:pictures")

    def test_pictures_of_many_sizes_need_a_size(self, refused, pictures):
        Image.new("L", (5, 7)).save(pictures / "small.png")
        flags = ["--dataset=folder:pictures", "--network=mlp", "--batch_size=4"]
        refused(["train", *flags], "`image_size` must be given", "7x5")

    def test_a_folder_without_pictures_is_refused(self, refused, tmp_path):
        (tmp_path / "empty").mkdir()
        refused(["train", "--dataset=folder:empty"], "'empty'", "picture")


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A run of another precision, in folders with spaces and braces: where, the exit code, and the policy after it."""
    folder, before = tmp_path_factory.mktemp("odd"), keras.config.dtype_policy()
    flags = ["--precision=mixed_bfloat16", "--objective=hinge", "--run_dir=my runs/{epoch} {x}", "--export_dir=saved"]
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.chdir(folder)
        code = cli.main(["train", *TINY, *flags])
    leaked = keras.config.dtype_policy() is not before
    return types.SimpleNamespace(run_dir=folder / "my runs/{epoch} {x}", folder=folder, code=code, leaked=leaked)


@pytest.mark.learns
def test_a_run_folder_may_hold_spaces_and_braces(odd):
    assert odd.code == 0  # Keras's checkpoints would fill in what is in braces
    assert (odd.run_dir / "gan.keras").is_file()
    assert (odd.folder / "saved/1/saved_model.pb").is_file()


@pytest.mark.learns
def test_a_precision_is_the_players_and_does_not_leak(odd):
    precision = "mixed_bfloat16"
    assert (odd.code, odd.leaked) == (0, False)
    gan = keras.saving.load_model(odd.run_dir / "gan.keras")
    for player in (gan.generator, gan.discriminator):
        assert {layer.dtype_policy.name for layer in player.layers if "score" not in layer.name and layer.weights} == {
            precision
        }
        assert {weight.dtype for weight in player.trainable_variables} == {"float32"}
    assert gan.generate(2, seed=0).dtype == np.float32


@pytest.mark.learns
def test_several_moves_take_several_batches_and_a_profile_of_some_steps_is_written(train, tmp_path):
    result = train("--discriminator_steps=2", "--batch_size=30", "--name=moves", "--profile")
    assert result.code == 0
    gan = keras.saving.load_model("runs/moves/gan.keras")
    assert (int(gan.step.numpy()), gan.discriminator_steps) == (23, 2)  # 1437 // 30 // 2
    assert int(gan.discriminator_optimizer.iterations.numpy()) == 46
    np.testing.assert_allclose(float(gan.discriminator_optimizer.learning_rate), 0, atol=1e-9)
    assert " runs/moves/profile\n" in result.out
    [trace] = (tmp_path / "runs/moves/profile").rglob("*.xplane.pb")
    assert b"MatMul" in trace.read_bytes()


@pytest.mark.parametrize("name", ["my run", "{x}", "_run", "früh"])
def test_a_name_is_exported_or_refused_but_never_fails_after_training(train, tmp_path, name):
    result = train(f"--name={name}")
    assert "Traceback" not in result.err
    if result.code == 2:
        assert "`name`" in result.err
        assert name in result.err
        assert not list(tmp_path.iterdir())
    else:
        assert result.code == 0
        assert (tmp_path / "saved_models" / name / "1" / "saved_model.pb").is_file()


@pytest.mark.learns
def test_a_game_that_breaks_in_its_last_step_is_not_exported(train, tmp_path):
    result = train("--batch_size=1437", "--generator_lr=1e39")  # one step; float32 ends at 3.4e38
    assert result.code in (1, 2)
    assert "generator" in result.err
    assert not (tmp_path / "saved_models").exists()
    assert not (tmp_path / "runs/digits/gan.keras").exists()


@pytest.mark.learns
def test_a_game_that_breaks_says_so_and_keeps_what_was_written(train, tmp_path):
    result = train("--discriminator_lr=1e38")
    assert result.code == 1
    assert re.match(r"keras-gan train: Training stopped after step [12]: the \w+'s `\w+` is (nan|inf)\. ", result.err)
    assert "Traceback" not in result.err
    assert (tmp_path / "runs/digits/config.json").is_file()
    assert not (tmp_path / "saved_models").exists()


@pytest.fixture(scope="module")
def longer(run, tmp_path_factory):
    """Such a run, killed before its first new checkpoint and begun again: where it is, and what was printed."""
    folder = tmp_path_factory.mktemp("longer")
    shutil.copytree(run.folder, folder, dirs_exist_ok=True)

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    out, flags = io.StringIO(), ["train", *TINY, "--epochs=4", "--seed=3"]
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.chdir(folder)
        with pytest.MonkeyPatch.context() as kill:
            kill.setattr(gan_.GAN, "fit", killed)
            codes = [cli.main(flags)]
        between = sorted(path.name for path in (folder / "runs/digits").iterdir())
        codes.append(cli.main(flags))
    return types.SimpleNamespace(folder=folder, out=out.getvalue(), codes=codes, between=between)


@pytest.mark.learns
class TestLonger:
    """A finished run of 2 epochs, 4 steps, that is trained to 4 epochs."""

    def test_it_is_an_unfinished_run_until_it_has_finished_again(self, longer):
        assert longer.codes == [130, 0]
        assert {"checkpoints", "extending.json"} <= set(longer.between)
        assert not {"gan.keras", "finished.json"} & set(longer.between)
        left = {path.name for path in (longer.folder / "runs/digits").iterdir()}
        assert {"gan.keras", "finished.json"} <= left
        assert not {"checkpoints", "extending.json"} & left

    def test_it_says_how_the_rates_go_on(self, longer):
        words = "Training continues from step 4 to 8. The cosine decay of the learning rates to 0 now takes 8 steps"
        assert longer.out.count(words) == 2
        assert "they continue at 50.0% of 0.002 and 0.002." in longer.out  # (1 + cos(pi / 2)) / 2
        assert "Resuming from runs/digits/checkpoints/step-00000004: epoch 3, step 4" in longer.out

    def test_it_trains_by_the_longer_schedule(self, longer, run):
        gan = keras.saving.load_model(longer.folder / "runs/digits/gan.keras")
        assert int(gan.step.numpy()) == 8
        assert gan.generator_optimizer.get_config()["learning_rate"]["config"]["decay_steps"] == 8
        assert not same(gan.get_weights(), weights(run.folder / "runs/digits/gan.keras"))

    def test_it_is_one_run_to_who_reads_it(self, longer, run):
        folder, original = longer.folder / "runs/digits", run.folder / "runs/digits"
        rows = (folder / "history.csv").read_text().splitlines()
        assert rows[:3] == (original / "history.csv").read_text().splitlines()
        assert [row.split(",")[0] for row in rows[1:]] == ["0", "1", "2", "3"]
        assert json.loads((folder / "config.json").read_text())["epochs"] == 4
        finished = json.loads((folder / "finished.json").read_text())
        before = json.loads((original / "finished.json").read_text())
        assert (finished["steps"], finished["exported"]) == (8, "saved_models/digits/2")
        assert finished["seconds"] > before["seconds"] > 0
        assert re.search(r"Trained 8 steps in \d+ s, 2 sessions", longer.out)

    def test_a_stopped_run_goes_on_to_more_epochs_too(self, keras_gan, stopped, tmp_path):
        shutil.copytree(stopped, tmp_path / "runs/digits")
        shutil.copy(stopped / "config.json", tmp_path)
        result = keras_gan("train", "--config=config.json", "--epochs=3")
        assert (result.code, result.err) == (0, "")
        assert "Training continues from step 2 to 6." in result.out
        assert int(keras.saving.load_model("runs/digits/gan.keras").step.numpy()) == 6


class TestAStoppedRun:
    """Stopped after its first checkpoint, at step 2 of 4."""

    @pytest.mark.learns
    @pytest.mark.parametrize(
        "command", [["info"], ["sample", "--n=4"], ["export", "--export_dir=exported"]], ids=lambda words: words[0]
    )
    def test_gives_its_newest_sound_checkpoint_and_says_so(self, keras_gan, stopped, command):
        result = keras_gan(command[0], f"--model={stopped}", *command[1:])
        assert (result.code, result.err) == (0, "")
        checkpoint = stopped / "checkpoints/step-00000002"
        assert f"{stopped} holds a run that has not finished: using its newest checkpoint, {checkpoint}\n" in result.out
        if command == ["info"]:
            assert "steps taken 2\n" in result.out

    @pytest.mark.learns
    def test_passes_over_a_damaged_one_and_leaves_it(self, keras_gan, stopped, tmp_path):
        folder = shutil.copytree(stopped, tmp_path / "copy")
        newer = shutil.copytree(folder / "checkpoints/step-00000002", folder / "checkpoints/step-00000009")
        (newer / "gan.keras").write_bytes(b"cut")
        assert "step-00000002\n" in keras_gan("info", f"--model={folder}").out
        assert newer.is_dir()
        shutil.rmtree(folder / "checkpoints")
        result = keras_gan("info", f"--model={folder}")
        assert result.code == 2
        assert "a run without a checkpoint yet" in result.err


@pytest.fixture
def animals(tmp_path):
    """A folder of 18 pictures of cats and 2 of dogs, 8x8."""
    noise = np.random.default_rng(0)
    for name, count in (("Hunde", 2), ("Katzen", 18)):
        (tmp_path / "animals" / name).mkdir(parents=True)
        for i in range(count):
            Image.fromarray(noise.integers(0, 256, (8, 8), "uint8")).save(tmp_path / "animals" / name / f"{i:02d}.png")
    return "--dataset=folder:animals"


@pytest.mark.learns
def test_classes_are_as_frequent_as_in_the_data_and_keep_their_names(keras_gan, animals):
    flags = ("--batch_size=10", "--conditional", "--ema=0")
    result = keras_gan("train", *TINY, *flags, animals)
    assert (result.code, result.err) == (0, "")
    described = "0 Hunde 10.0%, 1 Katzen 90.0%"
    assert f"Classes, drawn as often as they are in the data: {described}\n" in result.out
    gan = keras.saving.load_model("runs/animals/gan.keras")
    assert gan.takes_labels
    assert gan.labels == latents.Categorical([0.1, 0.9], ("Hunde", "Katzen"))
    assert gan.ema is None
    caption = 14  # the names of the classes, over a column each
    assert picture_size("runs/animals/samples.png") == (2 * 34 + 2, 8 * 34 + 2 + caption)
    drawn = gan.labels.draw(2000, Noise((0, "test"))).numpy()
    assert abs(drawn.mean() - 0.9) < 0.03
    shares = {"Hunde": 0.1, "Katzen": 0.9}
    assert json.loads(pathlib.Path("runs/animals/config.json").read_text())["classes"] == shares
    known = json.loads(pathlib.Path("saved_models/animals/1/assets/keras_gan.json").read_text())
    assert known["labels"]["config"] == {"probabilities": [0.1, 0.9], "names": ["Hunde", "Katzen"]}
    assert known["metadata"]["classes"] == shares
    assert "Katzen" in pathlib.Path("runs/animals/report.html").read_text()
    for model in ("runs/animals", "saved_models/animals", "runs/animals/gan.keras"):
        assert f" {described}\n" in keras_gan("info", f"--model={model}").out
    pictures = []
    for model, label in (("runs/animals", "Katzen"), ("runs/animals", "1"), ("saved_models/animals/1", "Katzen")):
        assert keras_gan("sample", f"--model={model}", "--n=5", f"--labels={label}").code == 0
        pictures.append(pathlib.Path("samples.png").read_bytes())
    assert pictures[0] == pictures[1] == pictures[2]
    result = keras_gan("sample", "--model=runs/animals", "--labels=Voegel")
    assert "or names of classes: Hunde, Katzen. Received: labels=Voegel" in result.err
    assert keras_gan("train", f"--config={'runs/animals/config.json'}").out.startswith("runs/animals holds this run")
