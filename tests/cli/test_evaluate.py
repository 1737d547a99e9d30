import json
import shutil

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan import data, evaluation, images, metrics
from keras_gan.evaluation import MEASURES, read

pytestmark = pytest.mark.usefixtures("read_once")
DIGITS = ("--dataset=digits", "--extractor=pixels", "--metrics=frechet,coverage")


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("KERAS_GAN_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def digits_folder(tmp_path):
    """The first 60 training digits as PNG files, as another program would leave them."""
    (tmp_path / "made").mkdir()
    for i, image in enumerate(data.read("digits").images[:60]):
        Image.fromarray(image[..., 0]).save(tmp_path / "made" / f"{i:03d}.png")
    return tmp_path / "made"


@pytest.mark.learns
def test_a_run_is_evaluated_on_its_own_data_and_keeps_the_lines(keras_gan, run, tmp_path):
    folder = shutil.copytree(run.folder / "runs/digits", tmp_path / "runs/digits")
    for seed in (0, 1):
        flags = ("--extractor=pixels", "--n=200", f"--seed={seed}")
        result = keras_gan("evaluate", f"--model={folder}", *flags)
        assert (result.code, result.err) == (0, "")
    records = read(folder / "metrics.jsonl")
    names = [name for name in MEASURES if name != "score"]  # pixels are no classifier
    assert [record.metric for record in records] == names * 2
    assert [record.seed for record in records] == [0] * len(names) + [1] * len(names)
    for record in records:
        assert (record.n, record.n_reference, record.dataset, record.split) == (200, 200, "digits", "test")
        assert (record.model["path"], record.model["step"]) == (str(folder), 4)
    table = result.out[result.out.index("protocol") :].splitlines()
    for record, line in zip(records[len(names) :], table[1:], strict=False):
        assert line.split()[:3] == [record.protocol, f"{record.value:.4g}", f"{record.real:.4g}"]
        assert f"{record.better} is better" in line
    assert "200 samples of digits, seed 1" in result.out


@pytest.mark.learns
def test_a_model_and_its_export_get_the_same_numbers(keras_gan, plain_model, exported, tmp_path):
    shutil.copytree(exported.folder / "saved_models/plain/1", tmp_path / "exported/plain/1")
    for name, model in (("a", plain_model), ("b", "exported/plain"), ("c", "exported/plain/1")):
        result = keras_gan("evaluate", f"--model={model}", *DIGITS, "--n=50", f"--out={name}.jsonl")
        assert (result.code, result.err) == (0, "")
    a, b, c = (read(tmp_path / f"{name}.jsonl") for name in "abc")
    assert [record.value for record in a] == [record.value for record in b] == [record.value for record in c]
    assert b[0].model["path"] == c[0].model["path"] == "exported/plain/1"


def test_a_folder_of_any_other_program(keras_gan, digits_folder, tmp_path):
    result = keras_gan("evaluate", f"--model=folder:{digits_folder}", *DIGITS)
    assert (result.code, result.err) == (0, "")
    frechet, coverage = read(tmp_path / "made_metrics.jsonl")
    assert frechet.n == 60  # all there are
    assert frechet.value < 2 * frechet.real  # they are real, but for their number
    assert abs(coverage.value - coverage.real) < 0.3
    assert keras_gan("evaluate", f"--model=folder:{digits_folder}", *DIGITS, "--n=61").code == 2


def test_some_of_a_folder_are_drawn_from_all_of_it(keras_gan, tmp_path):
    """Its pictures are in the order of their classes; the first ones would be of the classes 0 and 1."""
    digits = data.read("digits")
    for i, (image, label) in enumerate(zip(digits.images, digits.labels, strict=True)):
        (tmp_path / f"sorted/{label}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[..., 0]).save(tmp_path / f"sorted/{label}/{i:04d}.png")
    flags = ("--model=folder:sorted", "--dataset=digits", "--extractor=pixels", "--metrics=frechet", "--n=300")
    values = []
    for seed in (0, 0, 1):
        assert keras_gan("evaluate", *flags, f"--seed={seed}").code == 0
        *_, last = read(tmp_path / "sorted_metrics.jsonl")
        assert last.value < 1.5 * last.real  # they are real ones
        values.append(last.value)
    assert values[0] == values[1] != values[2]


def test_what_is_no_runs_is_not_written_into_a_run_of_its_name(keras_gan, digits_folder, plain_model, tmp_path):
    run = tmp_path / "runs" / "made"
    run.mkdir(parents=True)
    (run / "config.json").write_text(json.dumps({"dataset": "mnist", "image_size": 4, "run_dir": "runs/made"}))
    before = sorted(run.iterdir())
    shutil.copy(plain_model, run / "best.keras")
    assert keras_gan("evaluate", f"--model=folder:{digits_folder}", *DIGITS).code == 0
    assert keras_gan("evaluate", "--model=runs/made/best.keras", *DIGITS, "--image_size=8", "--n=50").code == 0
    assert "no --dataset" in keras_gan("evaluate", f"--model=folder:{digits_folder}").err
    written = [tmp_path / "made_metrics.jsonl", run / "best_metrics.jsonl"]
    assert all(path.is_file() for path in written)
    assert sorted(run.iterdir()) == sorted([*before, run / "best.keras", written[1]])


@pytest.mark.learns
def test_a_saved_model_knows_the_run_that_left_it(keras_gan, run, tmp_path):
    """Its metrics are those of the run, as long as that is where it was, and the same one."""
    for name in ("runs", "saved_models"):
        shutil.copytree(run.folder / name, tmp_path / name)
    flags = ("evaluate", "--model=saved_models/digits", "--extractor=pixels", "--metrics=frechet", "--n=50")
    beside, own = tmp_path / "saved_models/digits_metrics.jsonl", tmp_path / "runs/digits/metrics.jsonl"
    result = keras_gan(*flags)
    assert (result.code, result.err) == (0, "")
    assert len(read(own)) == 1
    config = json.loads((tmp_path / "runs/digits/config.json").read_text())
    (tmp_path / "runs/digits/config.json").write_text(json.dumps(config | {"seed": 12}))
    assert keras_gan(*flags).code == 0
    shutil.rmtree(tmp_path / "runs")
    assert keras_gan(*flags).code == 0
    assert len(read(beside)) == 2
    assert not own.exists()
    shutil.copytree(tmp_path / "saved_models/digits/1", tmp_path / "kept.model")
    assert keras_gan("evaluate", "--model=kept.model", *flags[2:]).code == 0
    assert len(read(tmp_path / "kept.model_metrics.jsonl")) == 1


@pytest.mark.learns
def test_any_keras_model_is_an_extractor_with_its_hash(keras_gan, digits_folder, tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(3)])
    model.compile(loss=lambda a, b: a)  # what it was trained with is not asked for
    model.save(tmp_path / "mine.keras")
    flags = ("--dataset=digits", "--extractor=mine.keras", "--metrics=frechet", "--out=lines.jsonl")
    result = keras_gan("evaluate", f"--model=folder:{digits_folder}", *flags)
    assert (result.code, result.err) == (0, "")
    (record,) = read(tmp_path / "lines.jsonl")
    assert record.protocol == "frechet60_mine"
    assert record.extractor_hash == metrics.ModelExtractor(model).hash()
    assert record.resize == "to 4x4, linear with antialiasing"
    samples, reality = data.read(f"folder:{digits_folder}").images, evaluation.read_reference_data("digits").at_most(60)
    extractor = metrics.ModelExtractor(model)
    found = [extractor.features(pictures) for pictures in (reality.test.images, samples)]
    expected = metrics.functional.frechet_distance_of_features(*found)
    assert record.value == pytest.approx(expected, rel=1e-4)


def test_code_in_an_extractors_file_is_not_run(refused, plain_model, tmp_path):
    keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Lambda(lambda x: x)]).save(tmp_path / "evil.keras")
    flags = ("--dataset=digits", "--extractor=evil.keras")
    refused(["evaluate", f"--model={plain_model}", *flags], "`extractor`", "evil.keras")


def test_by_default_digits_are_seen_by_a_classifier(keras_gan, digits_folder, tmp_path, monkeypatch):
    class Extractor:
        name, resize, classifies, accuracy = "digits_cnn", "none", True, 0.5

        def hash(self):
            return "0" * 64

    learnt_from = []
    monkeypatch.setattr("keras_gan.metrics.digits_cnn", lambda *sets: learnt_from.extend(sets) or Extractor())
    monkeypatch.setattr("keras_gan.evaluation.evaluate", lambda *args, **options: [])
    monkeypatch.setattr("keras_gan.cli.evaluate.table", lambda records: "the table")
    result = keras_gan("evaluate", f"--model=folder:{digits_folder}", "--dataset=digits")
    assert (result.code, result.err) == (0, "")
    assert "the classifier is right on 50.00% of the test pictures" in result.out
    assert [len(pictures.images) for pictures in learnt_from] == [1437, 360]


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        ([], ["`model` must name a run folder, the .keras file", "folder:PATH", "table:PATH", "no --model"]),
        (["--model=nowhere.keras", "--dataset=digits"], ["nowhere.keras"]),
        (["--model=records:x", "--dataset=digits"], ["a SavedModel", "folder:PATH", "'records:x', no such file"]),
        (["--model=folder:x", "--value=fake"], ["`value` must not be given for a folder of pictures"]),
        (["--model=folder:nowhere", "--dataset=digits"], ["nowhere"]),
        (["--model={model}"], ["`dataset`", "no --dataset"]),
        (["--model={model}", "--dataset=digits", "--split=train"], ["`split`", "train"]),
        (["--model={model}", "--dataset=digits", "--image_size=16"], ["(16, 16, 1)", "(8, 8, 1)"]),
        (["--model={model}", "--dataset=digits", "--metrics=fid"], ["`metrics`", "fid", "frechet"]),
        (["--model={model}", "--dataset=digits", "--metrics=score", "--extractor=pixels"], ["score", "classifies"]),
        (["--model={model}", "--dataset=digits", "--extractor=vgg"], ["`extractor`", "vgg", "a .keras file"]),
        (["--model={model}", "--dataset=digits", "--extractor=no.keras"], ["`extractor`", "no.keras", "no such file"]),
        (["--model={model}", "--dataset=digits", "--extractor={model}"], ["`extractor`", "(8, 8, 1)", "plain.keras"]),
        (["--model={model}", "--dataset=digits", "--n=1"], ["n", "1"]),
        (
            ["--model={model}", *DIGITS, "--metrics=kid,recall,density", "--n=4"],
            ["`n` must be at least 6, for density. Received: 4; that is enough for frechet, kid, precision, recall of"],
        ),
        (["--model={model}", "--dataset=digits", "--out=taken"], ["`out`", "taken"]),
    ],
)
def test_what_cannot_be_is_refused(refused, plain_model, tmp_path, arguments, mentions):
    (tmp_path / "taken").mkdir()
    refused(["evaluate", *(each.format(model=plain_model) for each in arguments)], *mentions)


def test_a_run_on_some_classes_is_compared_with_these(keras_gan, plain_model, tmp_path):
    (tmp_path / "run").mkdir()
    shutil.copy(plain_model, tmp_path / "run" / "gan.keras")
    (tmp_path / "run" / "config.json").write_text(json.dumps({"dataset": "digits", "labels": "3,7"}))
    flags = ["--model=run", "--extractor=pixels", "--metrics=frechet", "--n=360"]
    for dataset in ([], ["--dataset=digits"]):
        result = keras_gan("evaluate", *flags, *dataset)
        assert "against 73 pictures of digits, test" in result.out, result.err


@pytest.mark.parametrize(
    ("classes", "told", "count"),
    [("379", "Compared with the classes of the run: 3,7\n", 8), ("29", "which lacks the classes of the run: 3,7\n", 8)],
)
def test_a_run_on_some_classes_is_compared_with_those_of_other_data(
    keras_gan, plain_model, tmp_path, classes, told, count
):
    (tmp_path / "run").mkdir()
    shutil.copy(plain_model, tmp_path / "run" / "gan.keras")
    (tmp_path / "run" / "config.json").write_text(json.dumps({"dataset": "digits", "labels": "3,7"}))
    digits = data.read("digits")
    for label in classes:
        (tmp_path / "other" / label).mkdir(parents=True)
        for i, image in enumerate(digits.images[digits.labels == int(label)][:8]):
            images.save_png(tmp_path / "other" / label / f"{i}.png", image)
    flags = ["--model=run", "--dataset=folder:other", "--extractor=pixels", "--metrics=frechet", "--n=8"]
    result = keras_gan("evaluate", *flags)
    assert told in result.out, result.err
    assert f"against {count} pictures of folder:other" in result.out


@pytest.mark.parametrize("dataset", [5, ["digits"]])
def test_a_configuration_that_was_changed_is_refused(refused, plain_model, tmp_path, dataset):
    (tmp_path / "run").mkdir()
    shutil.copy(plain_model, tmp_path / "run" / "gan.keras")
    (tmp_path / "run" / "config.json").write_text(json.dumps({"dataset": dataset}))
    refused(["evaluate", "--model=run"], "configuration", "must be what `keras-gan train` wrote", f"dataset={dataset}")


@pytest.mark.parametrize("kind", ["folder", "table", "series"])
def test_a_path_is_needed_after_the_kind(refused, kind):
    refused(["evaluate", f"--model={kind}:", "--dataset=digits"], f"`model` must have a path after '{kind}:'")


def test_samples_are_made_as_the_library_makes_them(plain_model):
    from keras_gan.cli import evaluate, models

    source, config, place = evaluate.find(str(plain_model))
    assert (config, place) == ({}, plain_model.with_name("plain_metrics.jsonl"))
    expected = images.to_uint8(models.load(str(plain_model)).generate(5, seed=2 * 2**20))
    np.testing.assert_array_equal(evaluate.gather(source, 5, 2, (8, 8, 1)).images, expected)
    assert json.dumps(source.about)


def test_a_cache_that_cannot_be_written_is_only_told(keras_gan, digits_folder, tmp_path, monkeypatch):
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setenv("KERAS_GAN_CACHE", str(tmp_path / "taken"))
    with pytest.warns(UserWarning, match="cannot be cached"):
        result = keras_gan("evaluate", f"--model=folder:{digits_folder}", *DIGITS)
    assert (result.code, result.err) == (0, "")
    assert len(read(tmp_path / "made_metrics.jsonl")) == 2
    assert "pixels: not trained on pictures, so that these metrics do not tell blurred from real ones" in result.out


def test_numbers_are_shown_even_where_they_cannot_be_written(keras_gan, digits_folder, tmp_path, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("keras_gan.evaluation.record.append", full)
    result = keras_gan("evaluate", f"--model=folder:{digits_folder}", *DIGITS)
    assert (result.code, result.err) == (1, "keras-gan evaluate: No space left on device\n")
    assert "frechet60_pixels" in result.out


@pytest.mark.learns
def test_a_vae_and_its_export_get_the_same_numbers(keras_gan, vae, tmp_path):
    for name, model in (("a", "vae.keras"), ("b", "vae")):
        result = keras_gan("evaluate", f"--model={vae / model}", *DIGITS, "--n=50", f"--out={name}.jsonl")
        assert (result.code, result.err) == (0, "")
    a, b = (read(tmp_path / f"{name}.jsonl") for name in "ab")
    assert [record.value for record in a] == [record.value for record in b]


@pytest.mark.parametrize("kind", ["cogan.keras", "cogan"])
def test_of_several_values_one_is_named(refused, cogan, kind):
    flags = ["evaluate", f"--model={cogan / kind}", *DIGITS]
    refused(flags, "`value` must be one of fake_a, fake_b. Received: value=None")
    refused([*flags, "--value=zebra"], "Received: value='zebra'")


def test_a_gan_is_given_no_value(refused, plain_model):
    refused(["evaluate", f"--model={plain_model}", *DIGITS, "--value=fake"], "`value` must be None for a GAN")
