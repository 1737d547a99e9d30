import csv
import types

from keras_gan.cli import watched

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
