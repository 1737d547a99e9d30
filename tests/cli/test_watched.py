import csv
import types

import numpy as np

from keras_gan import data
from keras_gan.cli import watched
from keras_gan.cli.config import TrainConfig

GAME = types.SimpleNamespace(evaluation_metrics=[types.SimpleNamespace(name="kernel_distance")])


def test_what_the_first_epoch_does_not_measure_has_a_column(tmp_path):
    logger = watched.CSVLogger(str(tmp_path / "history.csv"))
    logger.set_model(GAME)
    logger.on_train_begin()
    for epoch in range(2):
        logger.on_epoch_end(epoch, {"loss": 1.0} | ({"val_loss": 2.0, "val_kernel_distance": 3.0} if epoch else {}))
    logger.on_train_end()
    first, second = csv.DictReader((tmp_path / "history.csv").read_text().splitlines())
    assert first == {"epoch": "0", "loss": "1.0", "val_kernel_distance": "NA", "val_loss": "NA"}
    assert second == {"epoch": "1", "loss": "1.0", "val_kernel_distance": "3.0", "val_loss": "2.0"}


def test_a_run_that_goes_on_keeps_its_columns(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch,val_kernel_distance,loss\n0,3.0,1.0\n")
    logger = watched.CSVLogger(str(path), append=True)
    logger.set_model(GAME)
    logger.on_train_begin()
    logger.on_epoch_end(1, {"loss": 4.0, "new": 5.0})
    logger.on_train_end()
    assert path.read_text().split() == ["epoch,val_kernel_distance,loss", "0,3.0,1.0", "1,NA,4.0"]


def test_the_same_pictures_are_measured_each_time():
    pictures = np.arange(48, dtype="float32").reshape(12, 2, 2, 1)
    dataset = data.batches(pictures, 4, seed=0, flip=True)
    found = watched.validation(TrainConfig(metrics="kid", batch_size=500, epochs=20), dataset)
    first, second = (np.stack(list(found["validation_data"].as_numpy_iterator())) for _ in range(2))
    assert first.shape == (2, 4, 2, 2, 1)
    np.testing.assert_array_equal(first, second)
    assert found["validation_freq"] == 2
