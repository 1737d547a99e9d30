import pytest
import tensorflow as tf

from keras_gan.export.loading import load


def test_a_saved_model_is_loaded(tmp_path):
    module = tf.Module()
    module.x = tf.Variable(3.0)
    tf.saved_model.save(module, str(tmp_path / "1"))
    assert float(load(tmp_path / "1").x) == 3.0


@pytest.mark.parametrize("content", [None, b"", b"no protocol buffer", b"\x08\x01"])
def test_damage_is_named(tmp_path, content):
    (tmp_path / "variables").mkdir()
    if content is not None:
        (tmp_path / "saved_model.pb").write_bytes(content)
    with pytest.raises(
        ValueError, match=r"^`folder` must be a SavedModel that can be loaded. Received: folder='"
    ) as error:
        load(tmp_path, "folder")
    assert str(tmp_path) in str(error.value)
