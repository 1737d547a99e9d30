"""The page in which a model runs: its files without a browser, and in Chromium the same pictures as in Python."""

import functools
import http.server
import json
import pathlib
import threading

import keras
import numpy as np
import pytest

from keras_gan import GAN, browser, images, latents, networks, presets
from keras_gan.browser import draws, playable, runtime
from keras_gan.models import VAE, Pix2Pix
from keras_gan.noise import Noise
from tests.browser import open_browser

DIGITS = pathlib.Path(__file__).parents[1] / "saved_models" / "digits" / "1"
DIM, SHAPE, SEED = 4, (8, 8, 3), 7
NAMES = ("cats", "dogs", "owls")
PRIORS = [
    latents.Normal(3),
    latents.Uniform(3, -1, 2),
    latents.Sphere(5),
    latents.TruncatedNormal(3, 0.7),
    latents.Codes(3, (4, 2), 2),
    latents.Categorical([0.2, 0.0, 0.5, 0.3]),
    latents.Blocks((5, 6), 0.5),
    latents.Constant(0.5),
]


@pytest.fixture(scope="module")
def stub(tmp_path_factory):
    """A folder that passes for the runtime, where nothing is run."""
    folder = tmp_path_factory.mktemp("runtime")
    for name in runtime.SUMS:
        (folder / name).write_bytes(b"stub")
    return folder


def needs_onnx():
    for package in ("onnx", "onnxruntime", "tf2onnx"):
        pytest.importorskip(package, reason='pip install "keras_gan[onnx]"')


@pytest.fixture(scope="module")
def gan():
    """A GAN of three classes with names, whose pictures are not grey."""
    keras.utils.set_random_seed(0)
    generator = networks.mlp_generator(DIM, SHAPE, hidden=(8,), output_activation="tanh", labels=3)
    for weight in generator.trainable_variables:
        weight.assign(weight * 3)
    prior = latents.Categorical([0.2, 0.3, 0.5], NAMES)
    return GAN(generator, networks.mlp_discriminator(SHAPE, hidden=(4,), labels=3), DIM, labels=prior, name="beasts")


@pytest.fixture(scope="module")
def pix2pix():
    """What makes pictures of pictures."""
    keras.utils.set_random_seed(0)
    a, b = keras.Input((4, 6, 1)), keras.Input((4, 6, 3))
    generator = keras.Model(a, keras.layers.Conv2D(3, 3, padding="same", activation="tanh")(a))
    together = keras.layers.Flatten()(keras.layers.Concatenate()([a, b]))
    return Pix2Pix(generator, keras.Model([a, b], keras.layers.Dense(1)(together)), name="colours")


@pytest.fixture(scope="module")
def pages(gan, pix2pix, stub, tmp_path_factory):
    """A folder with the pages of both, `beasts` and `colours`."""
    needs_onnx()
    folder = tmp_path_factory.mktemp("pages")
    for game in (gan, pix2pix):
        browser.write_page(game, folder / game.name, runtime_folder=stub)
    return folder


@pytest.mark.learns
def test_the_folder_holds_a_model_that_makes_what_the_gan_makes(gan, pages):
    import onnxruntime

    folder = pages / "beasts"
    assert {path.name for path in (folder / "runtime").iterdir()} == set(runtime.SUMS)
    told = json.loads((folder / "model.json").read_text())
    assert (told["name"], told["shape"], told["range"]) == ("beasts", list(SHAPE), [-1.0, 1.0])
    z, label = told["inputs"]
    assert (z["kind"], z["prior"], z["dim"], z["walk"]) == ("latents", "Normal", DIM, "spherical")
    assert (label["kind"], label["count"], label["names"], label["dtype"]) == ("classes", 3, list(NAMES), "int32")
    feed = {"latents": np.ones((2, DIM), "float32"), "labels": np.array([2, 0], "int32")}
    made = onnxruntime.InferenceSession(str(folder / "model.onnx")).run([told["output"]], feed)[0]
    np.testing.assert_allclose(made, gan([*feed.values()]), atol=1e-5)


def test_a_page_is_replaced_only_if_asked_and_only_a_page(stub, tmp_path, monkeypatch):
    monkeypatch.setattr(browser.write, "convert", lambda version, path, *_: path.write_bytes(b""))
    (tmp_path / "other").mkdir()
    with pytest.raises(FileExistsError, match=r"`path` must be new, or a page that was written before.*other"):
        browser.write_page(DIGITS, tmp_path / "other", runtime_folder=stub, overwrite=True)
    page = browser.write_page(DIGITS, tmp_path / "page", runtime_folder=stub)
    with pytest.raises(FileExistsError, match=r"`path` must be new; `overwrite`"):
        browser.write_page(DIGITS, page, runtime_folder=stub)
    (tmp_path / "page" / "old.txt").touch()
    browser.write_page(DIGITS, page, runtime_folder=stub, overwrite=True)
    assert not (tmp_path / "page" / "old.txt").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"other", "page"}


@pytest.mark.learns
def test_what_draws_is_given_its_draws(pix2pix):
    """Of a VAE latents are inputs, and what is made of a picture and noise is chosen by its name."""
    keras.utils.set_random_seed(0)
    encoder = networks.mlp_encoder((8, 8, 1), 4, hidden=(4,))
    vae = VAE(encoder, networks.mlp_generator(2, (8, 8, 1), hidden=(4,)), 2, seed=0)
    with playable.of(vae, None) as found:
        (z,) = found.description["inputs"]
        assert (z["name"], z["prior"], found.description["shape"]) == ("latents", "Normal", [8, 8, 1])
        assert z["keys"]["uniform"] == str(int(Noise(("make", "latents")).seed[0]))
    assert playable.choose(vae, "reconstruct") == "reconstruct"
    with pytest.raises(ValueError, match=r"`value` must be one that a page can make: generate, .*value='encode'"):
        playable.choose(vae, "encode")
    assert playable.choose(pix2pix, None) == "translate_ab"


@pytest.mark.parametrize("shape", [(), (1,)])
def test_a_condition_of_floats_is_no_class(shape):
    """Nobody says where it lies: a page cannot draw it, and 0 would be one of its values."""
    z, c = keras.Input((4,)), keras.Input(shape)
    told = keras.layers.Concatenate()([z, keras.layers.Reshape((1,))(c)])
    generator = keras.Model([z, c], keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64, "tanh")(told)))
    x, c = keras.Input((8, 8, 1)), keras.Input(shape)
    seen = keras.layers.Concatenate()([keras.layers.Flatten()(x), keras.layers.Reshape((1,))(c)])
    gan = GAN(generator, keras.Model([x, c], keras.layers.Dense(1)(seen)), 4)
    with (
        pytest.raises(ValueError, match=r"`model` must draw 'labels' from a prior that a page can draw from"),
        playable.of(gan, None),
    ):
        pass


@pytest.mark.nightly
def test_a_page_of_stylegan2_has_psi_and_hides_what_training_alone_mixes(stub, tmp_path):
    needs_onnx()
    game = presets.build("stylegan2", (16, 16, 3), width=2, latent_dim=8, seed=0)
    browser.write_page(game, tmp_path / "page", runtime_folder=stub)
    inputs = json.loads((tmp_path / "page" / "model.json").read_text())["inputs"]
    assert {each["name"]: each["kind"] for each in inputs} == {"latents": "latents", "psi": "draw", "others": "unread"}


@pytest.mark.parametrize("told", [keras.saving.serialize_keras_object(latents.RowConditions([[1, 2]])), None, 3])
def test_priors_that_a_page_cannot_draw_from_are_refused(told):
    with pytest.raises(ValueError, match=r"`model` must draw 'z' from a prior that a page can draw from: Normal, "):
        draws.read("z", told)


def test_the_runtime_is_that_of_a_folder_the_cache_or_npm(stub, tmp_path, monkeypatch):
    assert runtime.find(stub) == dict.fromkeys(runtime.SUMS, b"stub")
    with pytest.raises(ValueError, match=r"`runtime` must be a folder that holds .*without ort.wasm.bundle.min.mjs"):
        runtime.find(tmp_path)
    monkeypatch.setenv("KERAS_GAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"npm, which fetches onnxruntime-web, is not on the PATH. Install npm"):
        runtime.find()
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho no network >&2; exit 1\n")
    npm.chmod(0o755)
    with pytest.raises(OSError, match=r"npm cannot fetch onnxruntime-web [\d.]+: no network. Install npm"):
        runtime.find()
    monkeypatch.setattr(runtime, "_fetch", lambda: {"a": b"1"})
    monkeypatch.setattr(runtime, "SUMS", {"a": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"})
    assert runtime.find() == {"a": b"1"}
    monkeypatch.delattr(runtime, "_fetch")  # from now on the cache has it
    assert runtime.find() == {"a": b"1"}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def site(pages, tmp_path_factory):
    """Chromium, and the address of a server of the pages, with the runtime in its place."""
    try:
        parts = runtime.find()
    except OSError as error:
        pytest.skip(str(error))
    for name, content in parts.items():
        for page in pages.iterdir():
            (page / "runtime" / name).write_bytes(content)
    with open_browser(tmp_path_factory.mktemp("profile")) as chromium:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=pages))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield chromium, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        server.server_close()


def visit(chromium, address, width=1280):
    chromium.open("about:blank")
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    chromium.ask("Emulation.setDeviceMetricsOverride", chromium.session, **size)
    chromium.visit(address)
    chromium.wait_for("document.querySelector('#line').textContent || !document.querySelector('#error').hidden", 60)
    assert chromium.run("document.querySelector('#error').hidden"), chromium.run("document.body.innerText")


def shown(chromium, selector="#picture"):
    """The pixels of a canvas, (height, width, 3)."""
    script = "(c => [c.height, c.width, ...c.getContext('2d').getImageData(0, 0, c.width, c.height).data])"
    height, width, *pixels = chromium.run(f"{script}(document.querySelector('{selector}'))")
    pixels = np.array(pixels).reshape(height, width, 4)
    assert (pixels[..., 3] == 255).all()
    return pixels[..., :3]


def asked_in(chromium, module, body):
    """What an asynchronous function of the page gives, in which `it` is one of its modules."""
    chromium.run(
        f"window.result = null; import('{module}').then(async it => {{ {body} }})"
        ".then(made => { result = {made}; }, error => { result = {error: String(error)}; })"
    )
    chromium.wait_for("window.result !== null", 60)
    answer = chromium.run("result")
    assert "error" not in answer, answer
    return answer["made"]


@pytest.mark.process
def test_pictures_of_a_seed_are_those_of_generate(gan, site):
    chromium, home = site
    visit(chromium, f"{home}/beasts/#seed={SEED}")
    expected = images.to_uint8(gan.generate(4, seed=SEED)).astype(int)
    assert np.ptp(expected) > 100
    np.testing.assert_allclose(shown(chromium), expected[0], atol=1)
    assert " ms" in chromium.run("document.querySelector('#line').textContent")
    chromium.run("document.querySelector('#count').value = 9; document.querySelector('#fill').click()")
    chromium.wait_for("!document.querySelector('#save-many').disabled")
    for i in (1, 3):
        np.testing.assert_allclose(shown(chromium, f"#grid button:nth-child({i + 1}) canvas"), expected[i], atol=1)
    chromium.run("document.querySelectorAll('#classes button')[3].click()")
    chromium.wait_for("document.querySelector('#line').textContent.includes('owls')")
    np.testing.assert_allclose(
        shown(chromium), images.to_uint8(gan.generate(1, labels=2, seed=SEED))[0].astype(int), atol=1
    )


@pytest.mark.process
def test_latents_that_are_given_make_what_the_gan_makes_of_them(gan, site):
    chromium, home = site
    visit(chromium, f"{home}/beasts/")
    z, labels = np.random.default_rng(0).normal(size=(3, DIM)).astype("float32"), np.array([0, 2, 1], "int32")
    rows = [{"latents": row.tolist(), "labels": [int(label)]} for row, label in zip(z, labels, strict=True)]
    made = asked_in(
        chromium,
        "./generator.js",
        f"const generator = await it.Generator.load(); const made = [];"
        f"for (const row of {json.dumps(rows)}) made.push([...(await generator.make(row)).picture.data]); return made;",
    )
    pixels = np.array(made).reshape(3, *SHAPE[:2], 4)[..., :3]
    np.testing.assert_allclose(pixels, images.to_uint8(gan([z, labels])).astype(int), atol=1)


@pytest.mark.process
def test_a_page_draws_from_every_prior_as_the_library_does(site):
    chromium, home = site
    visit(chromium, f"{home}/beasts/")
    shapes = [[*np.shape(prior.draw(1, Noise((0,))))[1:]] for prior in PRIORS]
    told = [
        {"shape": shape, **draws.describe(prior, ("make", "z"))} for prior, shape in zip(PRIORS, shapes, strict=True)
    ]
    script = f"return {json.dumps(told)}.map(p => [0, 1, 2, 5].map(row => [...it.draw(p, 9, row)]))"
    for prior, rows in zip(PRIORS, asked_in(chromium, "./noise.js", script), strict=True):
        expected = np.asarray(prior.draw(6, Noise(("make",), 9).at("z")))[[0, 1, 2, 5]]
        np.testing.assert_allclose(np.reshape(rows, expected.shape), expected, atol=3e-6, err_msg=repr(prior))
    script = f"return [0, 1].map(row => [...it.draw({json.dumps(told[0])}, 9, row, 0.5)])"
    limited = asked_in(chromium, "./noise.js", script)
    expected = latents.TruncatedNormal(3, 0.5).draw(2, Noise(("make",), 9).at("z"))
    np.testing.assert_allclose(limited, expected, atol=3e-6)
    ends = np.random.default_rng(0).normal(size=(2, 5))
    walked = f"return [...it.between(...{json.dumps(ends.tolist())}, 0.25, 'spherical')]"
    expected = latents.interpolate(*ends, 5, "spherical")[1]
    np.testing.assert_allclose(asked_in(chromium, "./noise.js", walked), expected, atol=1e-6)


@pytest.mark.process
@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_is_usable_and_asks_nobody_else(site, width):
    chromium, home = site
    visit(chromium, f"{home}/beasts/", width)
    asked = {event["request"]["url"] for event in chromium.said("Network.requestWillBeSent")}
    assert f"{home}/beasts/model.onnx" in asked  # the worker is seen too
    assert all(url.startswith((home, "data:")) for url in asked), asked
    assert chromium.said("Log.entryAdded") == chromium.said("Runtime.exceptionThrown") == []
    assert chromium.run("document.documentElement.scrollWidth") <= width
    named = chromium.ask("Accessibility.getFullAXTree", chromium.session)["nodes"]
    controls = [node for node in named if node["role"].get("value") in ("button", "slider", "spinbutton", "combobox")]
    assert len(controls) > 12
    assert all(node["name"]["value"] for node in controls)
    before = shown(chromium)
    chromium.run("document.querySelector('.pad input').focus(); document.querySelector('#line').textContent = ''")
    for kind in ("keyDown", "keyUp"):
        key = {"key": "ArrowRight", "code": "ArrowRight", "windowsVirtualKeyCode": 39}
        chromium.ask("Input.dispatchKeyEvent", chromium.session, type=kind, **key)
    chromium.wait_for("document.querySelector('#line').textContent")
    assert (shown(chromium) != before).any()
    assert chromium.run("document.querySelector('#said').getAttribute('aria-live')") == "polite"


@pytest.mark.process
def test_a_picture_that_is_given_is_translated(pix2pix, site):
    chromium, home = site
    visit(chromium, f"{home}/colours/")
    assert chromium.run("document.querySelector('#dice') === null && document.querySelector('#many') === null")
    place = "document.querySelector('#source').getBoundingClientRect()"
    box = chromium.run(f"(b => [b.x, b.y, b.width, b.height])({place})")
    chromium.run("document.querySelector('#brush').value = '#505050'; document.querySelector('#line').textContent = ''")
    for kind in ("mousePressed", "mouseReleased"):
        at = {"x": box[0] + box[2] * 0.55, "y": box[1] + box[3] * 0.6, "button": "left", "clickCount": 1}
        chromium.ask("Input.dispatchMouseEvent", chromium.session, type=kind, **at)
    chromium.wait_for("document.querySelector('#line').textContent")
    given = shown(chromium, "#source")[None, ..., :1].astype("uint8")
    assert given.min() < 200
    assert given.max() == 255
    made = images.to_uint8(pix2pix.make("fake_b", a=images.from_uint8(given)))[0].astype(int)
    np.testing.assert_allclose(shown(chromium), made, atol=1)
