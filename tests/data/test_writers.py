import errno
import io
import json
import os
import pathlib
import zipfile

import numpy as np
import pytest
from array_record.python import array_record_module
from PIL import Image

from keras_gan import data
from keras_gan.data import reading, writers
from keras_gan.data.records import read_records

RNG = np.random.default_rng(0)


@pytest.fixture
def messy(tmp_path):
    """A folder of two classes with mixed sizes and modes, a file that is no picture and a hidden one."""
    root = tmp_path / "in"
    for name in ("cats", "dogs", ".hidden"):
        (root / name).mkdir(parents=True)
    for i in range(7):
        noise = RNG.integers(0, 256, (9 + i, 12, 3)).astype("uint8")
        Image.fromarray(noise).save(root / f"cats/{i}.png")
    Image.fromarray(RNG.integers(0, 256, (8, 8, 4)).astype("uint8")).save(root / "dogs/alpha.png")
    Image.fromarray(RNG.integers(0, 2**16, (10, 10)).astype("uint16")).save(root / "dogs/deep.png")
    Image.fromarray(RNG.integers(0, 256, (10, 10, 4)).astype("uint8"), "CMYK").save(root / "dogs/print.tif")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by the camera
    Image.fromarray(RNG.integers(0, 256, (6, 14, 3)).astype("uint8")).save(root / "dogs/turned.jpg", exif=exif)
    (root / "dogs/broken.png").write_bytes(b"no picture")
    (root / ".hidden/x.png").write_bytes(b"x")
    return root


@pytest.mark.parametrize("encoding", ["png", "raw"])
@pytest.mark.filterwarnings("ignore:Skipped")
def test_records_are_the_folder_to_the_bit(messy, tmp_path, monkeypatch, encoding):
    monkeypatch.setattr(writers, "SHARD", 4)
    expected = data.read(f"folder:{messy}", image_size=8)
    found = data.prepare(messy, tmp_path / "out", 8, encoding=encoding)
    assert len(list((tmp_path / "out").glob("*.array_record"))) == 3
    np.testing.assert_array_equal(found.images[:], expected.images)
    order = np.array([10, 0, 5, 5, 3])
    np.testing.assert_array_equal(found.images[order], expected.images[order])
    np.testing.assert_array_equal(found.images[-1], expected.images[-1])
    np.testing.assert_array_equal(found.labels, expected.labels)
    for name in ("class_names", "files", "skipped", "resize", "image_shape"):
        assert getattr(found, name) == getattr(expected, name)
    again = data.read(f"records:{tmp_path / 'out'}")
    np.testing.assert_array_equal(np.asarray(again.images), expected.images)


@pytest.mark.filterwarnings("ignore:Skipped")
def test_links_that_lead_nowhere_are_skipped_until_they_lead_somewhere(messy, tmp_path):
    (messy / "cats/gone.png").symlink_to("nowhere")
    (messy / "dogs/loop.png").symlink_to("loop.png")
    found, expected = (
        data.prepare(messy, tmp_path / "out", 8, encoding="png"),
        data.read(f"folder:{messy}", image_size=8),
    )
    assert found.skipped == expected.skipped
    assert {each for each in found.skipped if "not a file" in each} == {
        "cats/gone.png: not a file",
        "dogs/loop.png: not a file",
    }
    assert data.prepare(messy, tmp_path / "out", 8, encoding="png").files == found.files
    (messy / "cats/nowhere").write_bytes((messy / "cats/0.png").read_bytes())
    with pytest.raises(ValueError, match=r"cats/gone\.png has changed"):
        data.prepare(messy, tmp_path / "out", 8, encoding="png")


@pytest.mark.filterwarnings("ignore:Skipped")
def test_jpegs_are_near(messy, tmp_path):
    smooth = np.add.outer(np.arange(32) * 4, np.arange(32) * 3)[..., None] + np.array([0, 9, 20])
    for path in messy.glob("*/*.*"):
        path.unlink()
    Image.fromarray(smooth.astype("uint8")).save(messy / "cats/smooth.png")
    found = data.prepare(messy, tmp_path / "out")
    assert (found.images.shape, found.resize) == ((1, 32, 32, 3), "none")
    assert np.abs(found.images[0].astype(int) - smooth).max() < 8


def test_grey_pictures_have_one_channel(tmp_path):
    picture = RNG.integers(0, 256, (8, 8)).astype("uint8")
    (tmp_path / "in").mkdir()
    Image.fromarray(picture).save(tmp_path / "in/a.png")
    found = data.prepare(tmp_path / "in", tmp_path / "out", encoding="png")
    np.testing.assert_array_equal(found.images[0], picture[..., None])
    assert found.labels is None


class StopError(Exception):
    """As Ctrl-C."""


@pytest.mark.filterwarnings("ignore:Skipped")
def test_a_stopped_call_goes_on_with_the_file_that_it_was_writing(messy, tmp_path, monkeypatch):
    monkeypatch.setattr(writers, "SHARD", 4)
    out = tmp_path / "out"

    def stop(done, count):
        assert count == 12
        if done == 6:
            raise StopError

    with pytest.raises(StopError):
        data.prepare(messy, out, 8, encoding="png", progress=stop)
    (first,) = out.glob("*.array_record")
    assert not (out / "index.json").exists()
    with pytest.raises(ValueError, match="which is incomplete: run the same `keras-gan prepare` again"):
        read_records(out)
    before, read = first.stat().st_mtime_ns, []
    original = reading.read_picture

    def noted(file, *rest, **options):
        read.append(file)
        return original(file, *rest, **options)

    monkeypatch.setattr(reading, "read_picture", noted)
    found = data.prepare(messy, out, 8, encoding="png")
    assert first.stat().st_mtime_ns == before
    assert len(read) == 8 + 1  # one of them again, to see that it has colour
    monkeypatch.undo()
    np.testing.assert_array_equal(found.images[:], data.read(f"folder:{messy}", image_size=8).images)
    assert not [path.name for path in out.iterdir() if path.name.startswith(".")]


@pytest.mark.filterwarnings("ignore:Skipped")
def test_other_records_are_not_replaced_unless_asked(messy, tmp_path):
    out = tmp_path / "out"
    data.prepare(messy, out, 8, encoding="png")
    with pytest.raises(
        ValueError, match=r"--overwrite.* Received: out=.*image_shape: \[8, 8, 3\] there, \[16, 16, 3\] now$"
    ):
        data.prepare(messy, out, 16, encoding="png")
    assert data.read(f"records:{out}").image_shape == (8, 8, 3)
    labels = tmp_path / "labels.csv"
    labels.write_text("\n".join(["file,label", *(f"{name.relative_to(messy)},x" for name in messy.glob("[cd]*/*"))]))
    with pytest.raises(ValueError, match=r"out', the pictures, their labels or their level of white have changed$"):
        data.prepare(messy, out, 8, encoding="png", labels=labels)
    Image.new("RGB", (50, 50)).save(messy / "cats/0.png")
    (messy / "cats/1.png").rename(messy / "cats/7.png")
    changes = "cats/0.png has changed; cats/1.png is gone; cats/7.png is new$"
    with pytest.raises(ValueError, match=f"out', {changes}"):
        data.prepare(messy, out, 8, encoding="png")
    (messy / "cats/7.png").unlink()
    with pytest.raises(ValueError, match=r"out', pictures: 12 there, 11 now; cats/0.png has changed; "):
        data.prepare(messy, out, 8, encoding="png")
    assert data.prepare(messy, out, 16, encoding="png", overwrite=True).image_shape == (16, 16, 3)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(ValueError, match=r"`out` must be a new or empty folder. Received: .*thesis.txt"):
            data.prepare(messy, tmp_path / "mine", 8, overwrite=overwrite)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


@pytest.mark.filterwarnings("ignore:Skipped")
@pytest.mark.parametrize("where", ["write", "close", "plan"])
def test_a_full_disk_is_told_and_goes_on(messy, tmp_path, monkeypatch, where):
    def fail(*_):
        if where == "plan":
            raise OSError(errno.ENOSPC, "No space left on device")
        raise RuntimeError("write() failed: No space left on device; writing out/.part-x; at byte 7")

    class Writer(array_record_module.ArrayRecordWriter):
        pass

    if where == "plan":
        monkeypatch.setattr(writers.files, "write_text", fail)
    else:
        setattr(Writer, where, fail)
        monkeypatch.setattr(array_record_module, "ArrayRecordWriter", Writer)
    message = "`out` must be writable and .* same command resumes. Received: out='.*out', .*No space left on device$"
    with pytest.raises(OSError, match=message):
        data.prepare(messy, tmp_path / "out", 8)
    monkeypatch.undo()
    (tmp_path / "out").mkdir(exist_ok=True)
    (tmp_path / "out" / ".part-0123abcd-plan.json").touch()  # of a process that was killed
    assert len(data.prepare(messy, tmp_path / "out", 8).images) == 11
    assert not list((tmp_path / "out").glob(".*"))


@pytest.mark.filterwarnings("ignore:Skipped")
@pytest.mark.parametrize("kind", ["json", "csv", "names"])
def test_labels_of_a_file(messy, tmp_path, kind):
    names = [path.relative_to(messy).as_posix() for path in sorted(messy.glob("[cd]*/*"))]
    values = [f"kind {i % 3}" if kind == "names" else i % 3 for i in range(len(names))]
    file = tmp_path / ("labels.json" if kind == "json" else "labels.csv")
    if kind == "json":
        file.write_text(json.dumps({"labels": [list(pair) for pair in zip(names, values, strict=True)]}))
    else:
        rows = [f"{name},{value}" for name, value in zip(names, values, strict=True)]
        file.write_text("\n".join(["file,label", *rows]))
    found = data.prepare(messy, tmp_path / "out", 8, labels=file)
    expected = [i % 3 for i, name in enumerate(names) if "broken" not in name]
    np.testing.assert_array_equal(found.labels, expected)
    assert found.class_names == (("kind 0", "kind 1", "kind 2") if kind == "names" else ("0", "1", "2"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoding": "gif"}, "`encoding` must be one of jpeg, png, raw. Received: encoding='gif'"),
        ({"quality": 0}, r"`quality` must be .*Received: quality=0"),
        ({"quality": 50, "encoding": "png"}, r"`quality` must be None where `encoding` is 'png'. Received: quality=50"),
        ({"image_size": 0}, r"`image_size` must be .*Received: image_size=0"),
        ({"overwrite": "yes"}, r"`overwrite` must be .*Received: overwrite='yes'"),
        ({"folder": "nowhere"}, "`folder` must be a folder of pictures, or a zip of them. Received: folder='nowhere'"),
        ({"out": ""}, r"`out` must be a path.*Received: out=''"),
        ({"labels": "labels.csv"}, r"`labels` must list every picture. Received: 1 of 1 picture has no label: a.png"),
        ({"labels": "bad.csv"}, r"`labels` must be a CSV file with .*Received: labels='bad.csv', the first line 'a,b'"),
        ({"labels": "bad.json"}, r"`labels` must be a JSON file whose 'labels' are pairs"),
        (
            {"labels": "nope.csv"},
            r"`labels` must be a file that can be read. Received: labels='nope.csv', No such file",
        ),
        ({"labels": "in"}, r"`labels` must be a file that can be read. Received: labels='in', a folder"),
        ({"out": "~nobody-has-this-name/x"}, r"`out` must be below the home of an existing user"),
    ],
)
def test_what_is_refused(tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    pathlib.Path("in").mkdir()
    Image.new("L", (8, 8)).save("in/a.png")
    pathlib.Path("labels.csv").write_text("file,label\nb.png,1\n")
    pathlib.Path("bad.csv").write_text("a,b\n1,2\n")
    pathlib.Path("bad.json").write_text('{"labels": null}')
    with pytest.raises(ValueError, match=message):
        data.prepare(**{"folder": "in", "out": "out", **options})
    assert not pathlib.Path("out").exists()


def test_a_folder_without_pictures_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(ValueError, match=r"`folder` must hold at least one readable picture.*with 0 files"):
        data.prepare(tmp_path / "in", tmp_path / "out")
    (tmp_path / "in/a.png").write_bytes(b"no")
    with pytest.raises(
        ValueError, match=r"`folder` must hold at least one readable picture.*with 1 file .*none readable"
    ):
        data.prepare(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out/index.json").exists()


def test_records_keep_transparency_where_it_is_asked_for(tmp_path):
    (tmp_path / "in").mkdir()
    array = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 4)).astype("uint8")
    for i, picture in enumerate(array):
        Image.fromarray(picture).save(tmp_path / f"in/{i}.png")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for i in range(2):
            archive.write(tmp_path / f"in/{i}.png", f"{i}.png")
    for source, encoding in (("in", "png"), ("in.zip", "raw")):
        data.prepare(tmp_path / source, tmp_path / encoding, encoding=encoding, alpha=True)
        np.testing.assert_array_equal(data.read(f"records:{tmp_path / encoding}", alpha=True).images[:], array)
        opaque = data.read(f"records:{tmp_path / encoding}")
        np.testing.assert_array_equal(opaque.images[:], data.read(f"folder:{tmp_path / 'in'}").images)
        assert next(iter(opaque.dataset(2))).shape == opaque.images.shape == (2, 8, 8, 3)
    with pytest.raises(ValueError, match="`encoding` must be 'png' or 'raw' where `alpha` is True"):
        data.prepare(tmp_path / "in", tmp_path / "out", alpha=True, encoding="jpeg")
    data.prepare(tmp_path / "in", tmp_path / "out")
    with pytest.raises(ValueError, match=r"`alpha` must be False for records without transparency"):
        data.read(f"records:{tmp_path / 'out'}", alpha=True)
    with pytest.raises(ValueError, match=r"`alpha` must be False except for folders"):
        data.read("digits", alpha=True)


def test_pictures_of_different_sizes_need_a_size(tmp_path):
    (tmp_path / "in").mkdir()
    for name, size in (("a.png", (4, 6)), ("b.png", (4, 6)), ("c.png", (8, 8))):
        Image.new("RGB", size).save(tmp_path / "in" / name)
    Image.new("RGB", (6, 4)).save(
        tmp_path / "in/turned.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    )
    with pytest.raises(ValueError, match=r"`image_size` must be given.* sizes 6x4 and, of c.png, 8x8"):
        data.prepare(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "in/c.png").unlink()
    (tmp_path / "in/d.png").write_bytes(b"no picture")
    with pytest.warns(UserWarning, match="Skipped 1 of 4"):
        assert data.prepare(tmp_path / "in", tmp_path / "out", encoding="png").images.shape == (3, 6, 4, 3)


def test_names_may_be_any_bytes(tmp_path):
    """Line breaks in names, also those of Unicode, do not shift them; bytes that are no text become escapes."""
    shades = {b"a.png": 10, b"b\nc.png": 20, "d\u2028e.png".encode(): 30, b"caf\xe9.png": 40, b"r\r.png": 50}
    for name, shade in shades.items():
        folder = os.fsencode(tmp_path) + (b"/in/dim\xe8/" if shade < 30 else b"/in/light/")
        os.makedirs(folder, exist_ok=True)
        with open(folder + name, "wb") as file:
            Image.new("L", (4, 4), shade).save(file, "PNG")
    found = data.prepare(tmp_path / "in", tmp_path / "out", encoding="png")
    expected = data.read(f"folder:{tmp_path / 'in'}")
    np.testing.assert_array_equal(found.images[:], expected.images)
    np.testing.assert_array_equal(found.labels, expected.labels)
    assert found.class_names == expected.class_names == (r"dim\udce8", "light")
    assert len(found.files) == len(found.images) == 5
    assert dict(zip(found.files, found.images[:][:, 0, 0, 0].tolist(), strict=True)) == {
        r"dim\udce8/a.png": 10,
        r"dim\udce8/b\nc.png": 20,
        "light/d\u2028e.png": 30,
        r"light/caf\udce9.png": 40,
        r"light/r\r.png": 50,
    }
    assert data.prepare(tmp_path / "in", tmp_path / "out", encoding="png").files == found.files  # it is the same call


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_pictures_that_changed_and_not_their_sizes_are_seen(packed, tmp_path):
    """Files of BMP are as long whatever they show."""

    def fill(colour):
        for i in range(3):
            picture = Image.new("RGB", (6, 6), colour)
            buffer = io.BytesIO()
            picture.save(buffer, "BMP")
            if packed:
                with zipfile.ZipFile(tmp_path / "in.zip", "a" if i else "w") as archive:
                    archive.writestr(zipfile.ZipInfo(f"{i}.bmp", (1990, 1, 1, 0, 0, 0)), buffer.getvalue())
            else:
                (tmp_path / "in").mkdir(exist_ok=True)
                (tmp_path / f"in/{i}.bmp").write_bytes(buffer.getvalue())

    source = tmp_path / ("in.zip" if packed else "in")
    fill("red")
    data.prepare(source, tmp_path / "out", encoding="raw")
    fill("red")  # the same ones, written again
    data.prepare(source, tmp_path / "out", encoding="raw")
    fill("blue")
    with pytest.raises(ValueError, match=r"0\.bmp has changed; 1\.bmp has changed; 2\.bmp has changed$"):
        data.prepare(source, tmp_path / "out", encoding="raw")
    made = data.prepare(source, tmp_path / "out", encoding="raw", overwrite=True)
    np.testing.assert_array_equal(made.images[0][0, 0], [0, 0, 255])


@pytest.mark.filterwarnings("ignore:Skipped")
def test_a_picture_that_cannot_be_read_gives_no_colour(tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(3):
        Image.fromarray(RNG.integers(0, 256, (8, 8), "uint8")).save(tmp_path / f"in/{i}.png")
    Image.fromarray(RNG.integers(0, 256, (64, 64, 3), "uint8")).save(tmp_path / "in/a.png")
    whole = (tmp_path / "in/a.png").read_bytes()
    (tmp_path / "in/a.png").write_bytes(whole[:200])
    made = data.prepare(tmp_path / "in", tmp_path / "out", 8, encoding="png")
    expected = data.read(f"folder:{tmp_path / 'in'}", image_size=8)
    assert made.image_shape == expected.image_shape == (8, 8, 1)
    np.testing.assert_array_equal(np.asarray(made.images), expected.images)
