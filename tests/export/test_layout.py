import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format

from keras_gan import GAN, networks
from keras_gan.export import layout, next_version
from keras_gan.ground import files


def point_gan():
    return GAN(networks.mlp_generator(4, (2,), hidden=()), networks.mlp_discriminator((2,)), 4)


def folders(path):
    return sorted((child.name for child in path.iterdir() if child.is_dir()), key=lambda name: (len(name), name))


@pytest.mark.learns
def test_versions_count_up_and_are_never_overwritten(tmp_path):
    gan = point_gan()
    assert [gan.export(tmp_path) for _ in range(2)] == [str(tmp_path / "1"), str(tmp_path / "2")]
    assert gan.export(tmp_path, version=7) == str(tmp_path / "7")
    assert next_version(tmp_path) == 8
    assert next_version(tmp_path / "nothing") == 1
    with pytest.raises(FileExistsError, match=r"`version` must be new. Received: version=7"):
        gan.export(tmp_path, version=7)


@pytest.mark.parametrize("version", [0, -1, 1.5, "1", True, 2**63])
def test_version_is_checked(tmp_path, version):
    with pytest.raises(ValueError, match=r"`version` must be an integer from 1 to 9223372036854775807. .*: version="):
        layout.free_version(tmp_path, version)


@pytest.mark.parametrize("version", [2**63 - 1, np.int64(3)])
def test_any_integer_that_the_server_can_count_to_is_a_version(tmp_path, version):
    assert layout.free_version(tmp_path, version) == tmp_path / str(int(version))


def test_what_is_not_named_as_a_version_is_none(tmp_path):
    for name in ("1", "4", "007", "\u0663", "\u00b2", "+5", "1_0"):
        (tmp_path / name).mkdir()
    for name in ("3", "5"):
        (tmp_path / name).write_text("a file")
    assert layout.versions(tmp_path) == [1, 4]
    assert next_version(tmp_path) == 6
    layout.prune(tmp_path / "4", keep=1)
    assert sorted(child.name for child in tmp_path.iterdir()) == sorted(
        ["4", "007", "\u0663", "\u00b2", "+5", "1_0", "3", "5"]
    )


@pytest.mark.learns
def test_the_next_export_removes_what_was_left_behind_more_than_a_day_ago(tmp_path, monkeypatch):
    old, mine = [".part-0123abcd-1", ".old-89abcdef-7"], [".part-notes", ".old-xyz", ".part-0123abcd"]
    for name in (*old, *mine):
        (tmp_path / name / "variables").mkdir(parents=True)
    (tmp_path / ".part-00000000-model.config").write_text("half")
    gan = point_gan()
    gan.export(tmp_path)
    assert set(old) < {child.name for child in tmp_path.iterdir()}  # an export that still goes on may write there
    tomorrow = files.time.time() + 25 * 60 * 60
    monkeypatch.setattr(files.time, "time", lambda: tomorrow)
    gan.export(tmp_path)
    assert sorted(child.name for child in tmp_path.iterdir() if child.name.startswith(".")) == sorted(mine)


@pytest.mark.learns
def test_old_versions_stay_unless_asked(tmp_path):
    gan = point_gan()
    for version in (2, 9, 10):
        (tmp_path / str(version)).mkdir()
    (tmp_path / "notes").mkdir()
    gan.export(tmp_path)
    assert folders(tmp_path) == ["2", "9", "10", "11", "notes"]
    gan.export(tmp_path, keep=3)
    assert folders(tmp_path) == ["10", "11", "12", "notes"]
    gan.export(tmp_path, version=1, keep=2)  # what was just written is never removed
    assert folders(tmp_path) == ["1", "12", "notes"]
    gan.export(tmp_path, keep=5)
    assert folders(tmp_path) == ["1", "12", "13", "notes"]


@pytest.mark.learns
def test_a_failed_export_removes_no_version(tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise OSError("No space left on device")

    (tmp_path / "1").mkdir()
    monkeypatch.setattr(tf.saved_model, "save", fail)
    with pytest.raises(OSError, match="No space left"):
        point_gan().export(tmp_path, keep=1)
    assert folders(tmp_path) == ["1"]


@pytest.mark.learns
def test_the_configuration_stands_beside_the_versions_and_stays_as_it_was_edited(tmp_path):
    path = tmp_path / 'my "digits"'
    gan = point_gan()
    gan.export(path)
    assert folders(path) == ["1"]
    assert sorted(child.name for child in path.iterdir() if child.is_file()) == [
        "batching.config",
        "model.config",
        "monitoring.config",
    ]
    (path / "batching.config").write_text("max_batch_size { value: 7 }\n")
    (path / "model.config").unlink()
    gan.export(path)
    assert (path / "batching.config").read_text() == "max_batch_size { value: 7 }\n"
    assert (path / "model.config").exists()


def test_the_server_finds_the_model_by_its_configuration(tmp_path):
    apis = pytest.importorskip("tensorflow_serving.config.model_server_config_pb2")
    path = tmp_path / 'Ziffern "é"'
    layout.write_configs(path)
    model = text_format.Parse((path / "model.config").read_text("utf-8"), apis.ModelServerConfig())
    (config,) = model.model_config_list.config
    assert (config.name, config.base_path, config.model_platform) == (path.name, f"/models/{path.name}", "tensorflow")


def test_the_name_is_the_folders_wherever_it_is_named_from(tmp_path, monkeypatch):
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path / "digits")
    layout.write_configs(".")
    assert 'name: "digits"' in (tmp_path / "digits" / "model.config").read_text()
