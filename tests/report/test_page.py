import base64
import dataclasses
import hashlib
import html
import html.parser
import io
import json
import re
import shutil
import time

import numpy as np
import pytest
from PIL import Image

from keras_gan import report
from keras_gan.evaluation import append, read

EVIL = "</script></style></title><img src=x onerror='window.hurt=1'>\"><script>window.hurt=1</script>&amp;${1}"


class Elements(html.parser.HTMLParser):
    """All tags of a page with their attributes, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data + "\n"

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def test_everything_of_a_run_is_on_its_page(make_run):
    folder = make_run("my run")
    assert report.write(folder) == folder / "report.html"
    page = (folder / "report.html").read_text(encoding="utf-8")
    found = Elements(page)
    for text in ("my run", "finished, 3,000 steps", "frechet10k_my run", "3.25", "real data: 0.75, lower is better"):
        assert text in found.text, text
    for text in ("9.5", "8,000", "9,000 of my run, my run (cdcdcdcd)", "my run (abababab), my run", "keras my run"):
        assert text in found.text, text
    assert "my run, step 1,000 to 2,000" in found.text
    assert ("0.999" in found.text, "false" in found.text) == (True, True)
    charts = [attributes for attributes in found.all("figure") if attributes["class"] == "chart"]
    lines = [json.loads(attributes["data-lines"]) for attributes in charts]
    assert lines[0] == {"d_loss": [[i + 1, 1 / (i + 1)] for i in range(5)]}
    assert lines[2] == {"val_frechet_distance": [[1, 7], [3, 5], [5, 3]]}  # without the epochs that were not evaluated
    assert lines[3] == {"separation": [[1000 * i, 0.5 + 0.1 * i] for i in range(4)]}


def test_copies_are_beside_their_numbers(make_run):
    folder = make_run()
    assert 'id="copies"' not in report.to_html(folder)
    shares = {"copied": 0.125, "copied_of_real": 0.01, "closer": 0.625}
    (folder / "copies.json").write_text(json.dumps({"samples": 8, "by": {"random_features": shares}}))
    Image.new("L", (7, 5)).save(folder / "nearest.png")
    found = Elements(report.to_html(folder))
    for text in ("copies, by random features", "12.5%", "real data: 1.0%", "62.5%"):
        assert text in found.text
    assert [each["width"] for each in found.all("img") if "nearest" in each["alt"]] == ["7"]


def test_the_pictures_are_inside(make_run):
    folder = make_run()
    frames = Elements(report.to_html(folder)).all("img")
    assert [frame["data-label"] for frame in frames] == ["step 1,000", "step 2,000", "step 3,000"]
    assert ["hidden" in frame for frame in frames] == [True, True, False]
    for frame, path in zip(frames, sorted((folder / "samples").glob("*.png")), strict=True):
        data = base64.b64decode(frame["src"].removeprefix("data:image/png;base64,"))
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), np.asarray(Image.open(path)))


def test_many_and_large_pictures_are_thinned_and_shrunk(make_run):
    folder = make_run(frames=90)
    Image.new("L", (3000, 1500)).save(folder / "samples" / "step-00090000.png")
    frames = Elements(report.to_html(folder)).all("img")
    assert len(frames) == 40
    assert (frames[0]["data-label"], frames[-1]["data-label"]) == ("step 1,000", "step 90,000")
    data = base64.b64decode(frames[-1]["src"].removeprefix("data:image/png;base64,"))
    assert Image.open(io.BytesIO(data)).size == (1024, 512)


def test_all_that_a_run_says_is_escaped(make_run):
    page = report.to_html(make_run(EVIL))
    found = Elements(page)
    assert len(found.all("script")) == len(found.all("style")) == len(found.all("title")) == 1
    assert all(attributes.get("class") == "frame" for attributes in found.all("img"))
    assert not any(name.startswith("on") for _, attributes in found.tags for name in attributes)
    assert page.count(html.escape(EVIL)) > 15
    assert EVIL not in page
    assert found.text.count(EVIL) > 15


def test_the_page_asks_for_nothing(make_run):
    page = report.to_html(make_run())
    found = Elements(page)
    for _, attributes in found.tags:
        for name in ("src", "href", "srcset", "action", "data", "style"):
            assert attributes.get(name, "data:").startswith("data:")
    assert not re.search(r"https?:|//\w+\.|@import|url\(", page)
    (policy,) = [a["content"] for a in found.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert (rules["default-src"], rules["img-src"]) == ("'none'", "data:")
    for tag in ("script", "style"):
        text = page.split(f"<{tag}>")[1].split(f"</{tag}>")[0]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"


@pytest.mark.parametrize("kept", ["config.json", "history.csv", "samples", "metrics.jsonl", "doctor.json"])
def test_a_run_that_has_only_begun_has_a_page(make_run, kept):
    folder = make_run()
    for path in sorted(folder.rglob("*"), reverse=True):
        if kept not in path.relative_to(folder).parts:
            path.rmdir() if path.is_dir() else path.unlink()
    found = Elements(report.to_html(folder))
    assert "not finished" in found.text
    sections = {attributes["id"] for attributes in found.all("section")}
    mine = {
        "config.json": "configuration",
        "history.csv": "curves",
        "metrics.jsonl": "metrics",
        "doctor.json": "doctor",
    }
    assert sections == {mine.get(kept, kept)}


def test_the_commands_that_fit_a_finished_run_are_shown(make_run):
    folder = make_run()
    known = {"steps": 3000, "next": {"More <samples>": "keras-gan sample --model='runs/a & b'"}}
    (folder / "finished.json").write_text(json.dumps(known))
    page = report.to_html(folder)
    assert "More &lt;samples&gt;:<br><code>keras-gan sample --model=&#x27;runs/a &amp; b&#x27;</code>" in page
    for other in ("keras-gan sample", None, ["keras-gan sample"]):
        (folder / "finished.json").write_text(json.dumps(known | {"next": other}))
        assert 'id="next"' not in report.to_html(folder)


def test_the_page_is_replaced_and_may_stand_elsewhere(make_run, tmp_path):
    folder = make_run()
    for _ in range(2):
        report.write(folder, tmp_path / "new" / "page.html")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["page.html"]
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize("name", ["config.json", "doctor.json", "metrics.jsonl", "samples/step-00001000.png"])
def test_a_broken_file_is_named(make_run, name):
    folder = make_run()
    (folder / name).write_text("[")
    with pytest.raises(ValueError, match=r"Received"):
        report.to_html(folder)


@pytest.mark.parametrize(
    "text",
    [
        '{"findings": 3, "examinations": []}',
        '{"findings": [], "examinations": {"step": 1}}',
        '{"findings": ["won"], "examinations": []}',
        '{"findings": [], "examinations": [{"separation": 1}]}',
        '{"findings": [], "examinations": [{"step": 1, "separation": "high"}]}',
        '{"findings": [], "examinations": [{"step": 1, "separation": NaN}]}',
        '{"some": "thing"}',
    ],
)
def test_a_doctors_file_of_another_structure_is_refused(make_run, text):
    folder = make_run()
    (folder / "doctor.json").write_text(text)
    with pytest.raises(ValueError, match=r"doctor.json must be what `keras_gan.callbacks.Doctor` writes.* Received: "):
        report.to_html(folder)


def test_numbers_of_two_protocols_are_two_cards(make_run):
    folder = make_run()
    assert "extractor_hash" not in report.to_html(folder)  # of one protocol the newest stands alone
    one = read(folder / "metrics.jsonl")[-1]
    append(folder / "metrics.jsonl", [dataclasses.replace(one, value=7.5, extractor_hash="ef" * 32)])
    cards = report.to_html(folder).split('<div class="card"><h3>')[1:]
    assert [card.split("<")[0] for card in cards] == ["frechet10k_plain"] * 2
    for card, value, extractor in zip(cards, ("3.25", "7.5"), ("abababababab...", "efefefefefef..."), strict=True):
        assert f"<strong>{value}</strong>" in card
        assert f"<small>extractor_hash: {extractor}</small>" in card


def test_errors_and_accuracies_stand_beside_the_numbers(make_run):
    folder = make_run()
    one = read(folder / "metrics.jsonl")[-1]
    line = dataclasses.replace(one, metric="kid", error=0.125, real_error=0.25, extractor_accuracy=0.985)
    append(folder / "metrics.jsonl", [line])
    text = Elements(report.to_html(folder)).text
    for told in ("3.25 ± 0.12", "0.75 ± 0.25 (8,000)", "plain (abababab), right on 98.50% of test pictures, plain"):
        assert told in text


@pytest.mark.process
def test_in_a_browser(make_run, browser):
    folder = make_run("digits", epochs=40)
    browser.open(report.write(folder).resolve().as_uri())
    asked = [request["request"]["url"] for request in browser.said("Network.requestWillBeSent")]
    assert [url for url in asked if not url.startswith("data:")] == [(folder / "report.html").resolve().as_uri()]
    assert browser.said("Log.entryAdded") == []  # a policy that refuses the page's own style or script is logged
    assert browser.run("document.title") == "digits"
    assert browser.run("[...document.images].every(i => i.complete && i.naturalWidth === 20)")
    assert browser.run("getComputedStyle(document.querySelector('.card')).borderRadius") == "14px"
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")  # nothing stands out

    shown = "[...document.querySelectorAll('.frame')].map(f => getComputedStyle(f).display !== 'none')"
    assert browser.run(shown) == [False, False, True]
    browser.run("const s = document.querySelector('#time'); s.value = 0; s.dispatchEvent(new Event('input'))")
    assert browser.run(shown) == [True, False, False]
    assert browser.run("document.querySelector('#when').textContent") == "step 1,000"

    browser.run("document.querySelector('#play').click()")
    time.sleep(1.5)
    assert browser.run(shown) == [False, False, True]
    assert browser.run("document.querySelector('#play').textContent") == "Play"
    point = "const b = document.querySelector('svg').getBoundingClientRect(); "
    browser.run(
        point + "document.querySelector('svg').dispatchEvent(new PointerEvent('pointermove', "
        "{clientX: b.left + b.width * 56 / 560, clientY: b.top + 20}))"
    )
    assert browser.run("document.querySelector('.chart output').textContent") == "epoch 1: d_loss 1"


@pytest.mark.process
def test_evil_text_does_nothing_in_a_browser(make_run, browser):
    browser.open(report.write(make_run(EVIL)).resolve().as_uri())
    assert browser.run("window.hurt === undefined")
    assert browser.run("document.querySelector('h1').textContent") == EVIL
    assert browser.run("document.images.length") == 3
    asked = [request["request"]["url"] for request in browser.said("Network.requestWillBeSent")]
    assert len([url for url in asked if not url.startswith("data:")]) == 1


@pytest.mark.process
def test_the_policy_would_stop_a_request(make_run, browser, tmp_path):
    page = report.to_html(make_run()).replace("<main>", "<main><img src='https://example.invalid/x.png'>")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    browser.open((tmp_path / "page.html").as_uri())
    assert any("Content Security Policy" in entry["entry"]["text"] for entry in browser.said("Log.entryAdded"))


def noise_run(folder, frames, mode):
    """A run folder of sample grids that no encoding makes small: 64 pictures of 64 pixels, of an untrained network."""
    (folder / "samples").mkdir(parents=True)
    channels = {"L": (), "RGB": (3,), "RGBA": (4,)}[mode]
    pixels = np.random.default_rng(0).integers(0, 256, (530, 530, *channels), "uint8")
    first = folder / "samples" / "step-00000000.png"
    Image.fromarray(pixels).save(first, compress_level=1)
    for i in range(1, frames):
        shutil.copy(first, folder / "samples" / f"step-{100 * i:08d}.png")
    return pixels


@pytest.mark.learns
@pytest.mark.parametrize(("frames", "mode"), [(60, "RGB"), (5, "RGBA"), (60, "L"), (1, "RGB")])
def test_the_page_of_an_untrained_run_is_bounded(tmp_path, frames, mode):
    pixels = noise_run(tmp_path, frames, mode)
    page = report.to_html(tmp_path)
    assert len(page) < 5e6
    found = Elements(page).all("img")
    assert len(found) == min(frames, 40)
    for frame in (found[0], found[-1]):
        kind, data = frame["src"].removeprefix("data:image/").split(";base64,")
        with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
            assert picture.format.lower() == kind
            assert frame["width"] == "530"  # all are shown at one size
            assert picture.width >= (530 if frame is found[-1] else 130)
            assert picture.mode == ("L" if mode == "L" else "RGB")
            shown = np.asarray(picture, "float64")
    if mode == "RGBA":  # the last one is close to what it was, on white
        alpha = pixels[..., 3:] / 255
        pixels = pixels[..., :3] * alpha + 255 * (1 - alpha)
    blurred = [np.round(x).reshape(53, 10, 53, 10, -1).mean(axis=(1, 3)) for x in (shown, pixels)]
    assert np.abs(blurred[0] - blurred[1]).mean() < 6


def test_small_pictures_stay_as_they_are(tmp_path):
    (tmp_path / "samples").mkdir()
    digits = np.kron(np.random.default_rng(0).integers(0, 2, (12, 12), "uint8") * 255, np.ones((20, 20), "uint8"))
    for i in range(60):
        Image.fromarray(digits).save(tmp_path / "samples" / f"epoch-{i:04d}.png")
    found = Elements(report.to_html(tmp_path)).all("img")
    assert all(frame["src"].startswith("data:image/png") for frame in found)
    data = base64.b64decode(found[0]["src"].split(",")[1])
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), digits)


@pytest.mark.learns
def test_the_provenance_of_many_numbers_is_that_of_the_newest(make_run):
    folder = make_run()
    one = read(folder / "metrics.jsonl")[-1]
    append(folder / "metrics.jsonl", [dataclasses.replace(one, value=float(i)) for i in range(5000)])
    page = report.to_html(folder)
    assert len(page) < 5e5
    text = Elements(page).text
    assert "the newest 200 of 5,002 values" in text
    assert [value in text for value in ("4999", "4800", "4799")] == [True, True, False]


@pytest.mark.parametrize(
    ("looks", "text"),
    [
        ([], "The run was too short to be examined."),
        ([{"step": 1}], "Nothing was found in 1 examination."),
        ([{"step": 1}, {"step": 2}], "Nothing was found in 2 examinations."),
    ],
)
def test_how_often_nothing_was_found(make_run, looks, text):
    folder = make_run()
    (folder / "doctor.json").write_text(json.dumps({"findings": [], "examinations": looks}))
    assert text in report.write(folder).read_text(encoding="utf-8")
