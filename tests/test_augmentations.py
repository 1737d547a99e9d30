import json
import math

import keras
import numpy as np
import pytest
import scipy.ndimage
import scipy.spatial
import scipy.stats
import tensorflow as tf

from keras_gan import GAN, networks
from keras_gan.augmentations import KNOWN, AdaptiveAugmentation, Augmentation, Chain, DiffAugment, InstanceNoise, get
from keras_gan.noise import Noise

NOISE = Noise((0, "test augmentations"), index=3)
IMAGES = np.random.default_rng(0).uniform(-1, 1, size=(16, 8, 8, 3)).astype("float32")
ALL = [
    DiffAugment(),
    DiffAugment("color,cutout"),
    AdaptiveAugmentation(p=0.7),
    InstanceNoise(),
    Chain([DiffAugment("translation"), InstanceNoise(0.5)]),
]
IDS = ["diff", "color_cutout", "adaptive", "noise", "chain"]


def apply(augmentation, x=IMAGES, noise=NOISE):
    return augmentation(tf.constant(x), noise=noise).numpy()


def drawn(group, names):
    """The uniform numbers of each image by name: they are drawn together, in this order."""
    names = names.split()
    numbers = NOISE.at(group).uniform((len(IMAGES), len(names))).numpy().astype("float64")
    return dict(zip(names, numbers.T, strict=True))


def normal(u, v):
    return np.sqrt(-2 * np.log(1 - u)) * np.cos(2 * np.pi * v)


def whole(uniform, count):
    return np.floor(uniform * count).astype(int)


# -- What every augmentation does -------------------------------------------------------------------------------------


@pytest.mark.xla
@pytest.mark.parametrize("augmentation", ALL, ids=IDS)
def test_xla_and_a_dynamic_batch_give_the_same(augmentation):
    def call(x, step):
        return augmentation(x, noise=Noise(NOISE.path, step))

    expected = apply(augmentation)
    xla = tf.function(call, jit_compile=True, autograph=False)(IMAGES, tf.constant(3, tf.int64))
    spec = [tf.TensorSpec((None, 8, 8, 3)), tf.TensorSpec((), tf.int64)]
    graph = tf.function(call, input_signature=spec, autograph=False)
    np.testing.assert_allclose(xla, expected, atol=5e-5)
    np.testing.assert_allclose(graph(IMAGES, 3), expected, atol=5e-5)
    np.testing.assert_allclose(graph(IMAGES[:5], 3), expected[:5], atol=5e-5)  # draws belong to the example


@pytest.mark.parametrize("augmentation", ALL, ids=IDS)
def test_the_draws_are_a_function_of_the_address(augmentation):
    once = apply(augmentation)
    assert once.shape == IMAGES.shape
    np.testing.assert_array_equal(apply(augmentation), once)
    for other in (NOISE.at("other"), Noise(NOISE.path, index=4)):
        assert np.abs(apply(augmentation, noise=other) - once).mean() > 0.01


@pytest.mark.parametrize("augmentation", ALL, ids=IDS)
def test_replicas_draw_as_one(augmentation):
    parts = [apply(augmentation, IMAGES[8 * i :][:8], Noise(NOISE.path, 3, replica=(i, 2))) for i in range(2)]
    np.testing.assert_allclose(np.concatenate(parts), apply(augmentation), atol=1e-6)


@pytest.mark.parametrize("augmentation", ALL, ids=IDS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_the_precision_is_kept(augmentation, dtype):
    x = tf.cast(IMAGES, dtype)
    y = augmentation(x, noise=NOISE)
    assert y.dtype == x.dtype
    np.testing.assert_allclose(tf.cast(y, "float32"), apply(augmentation), atol=0.15 if dtype == "bfloat16" else 1e-5)


def test_a_global_policy_does_not_lower_the_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        for augmentation in (DiffAugment(), AdaptiveAugmentation(p=1.0)):
            y = augmentation(tf.constant(IMAGES), noise=NOISE)
            assert y.dtype == tf.float32
            np.testing.assert_array_equal(y, apply(type(augmentation).from_config(augmentation.get_config())))
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("augmentation", ALL, ids=IDS)
def test_first_and_second_derivatives(augmentation):
    rng = np.random.default_rng(1)
    x, v, weight = (tf.constant(rng.uniform(-1, 1, size=(3, 8, 8, 3))) for _ in range(3))

    def value(x):
        return tf.reduce_sum(weight * augmentation(x, noise=NOISE) ** 3)

    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = value(x)
        return tape.gradient(y, x)

    with tf.GradientTape() as tape:
        tape.watch(x)
        along = tf.reduce_sum(slope(x) * v)
    second = tf.reduce_sum(tape.gradient(along, x) * v)
    h = 1e-4
    np.testing.assert_allclose(along, (value(x + h * v) - value(x - h * v)) / (2 * h), rtol=1e-6, atol=1e-6)
    between = tf.reduce_sum((slope(x + h * v) - slope(x - h * v)) * v) / (2 * h)
    np.testing.assert_allclose(second, between, rtol=1e-6, atol=1e-6)
    assert abs(float(second)) > 0.1


@pytest.mark.parametrize("augmentation", [*ALL, *(known() for known in KNOWN.values())])
def test_the_config_gives_it_back(augmentation):
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(augmentation)))
    again = get(config)
    assert type(again) is type(augmentation)
    assert again.get_config() == augmentation.get_config()
    np.testing.assert_array_equal(apply(again), apply(augmentation))


# -- DiffAugment ------------------------------------------------------------------------------------------------------


def color_by_numpy(x):
    x, alpha = x.astype("float64")[..., :3], x[..., 3:]
    shape = (-1, 1, 1, 1)
    d = drawn("color", "brightness saturation contrast")
    x = x + (d["brightness"] - 0.5).reshape(shape)
    gray = x.mean(axis=3, keepdims=True)
    x = (x - gray) * (d["saturation"] * 2).reshape(shape) + gray
    mean = x.mean(axis=(1, 2, 3), keepdims=True)
    return np.concatenate([(x - mean) * (d["contrast"] + 0.5).reshape(shape) + mean, alpha], axis=-1)


def moved_by_numpy(x):
    h, w = x.shape[1:3]
    up, left = round(h / 8 + 1e-9), round(w / 8 + 1e-9)
    padded = np.pad(x, [(0, 0), (up, up), (left, left), (0, 0)])
    d = drawn("translation", "rows columns")
    dy, dx = whole(d["rows"], 2 * up + 1), whole(d["columns"], 2 * left + 1)
    return np.stack([p[i : i + h, j : j + w] for p, i, j in zip(padded, dy, dx, strict=True)])


def cut_by_numpy(x):
    x = x.copy()
    h, w = x.shape[1:3]
    d = drawn("cutout", "rows columns")
    sides = [(whole(d[s], n + 1 - k % 2) - k // 2, k) for s, n, k in holes(h, w)]
    for image, top, left in zip(x, sides[0][0], sides[1][0], strict=True):
        image[max(top, 0) : top + sides[0][1], max(left, 0) : left + sides[1][1]] = 0
    return x


def holes(h, w):
    return [("rows", h, (h + 1) // 2), ("columns", w, (w + 1) // 2)]


@pytest.mark.parametrize(
    ("policy", "reference"),
    [
        ("color", color_by_numpy),
        ("translation", moved_by_numpy),
        ("cutout", cut_by_numpy),
        ("color,translation,cutout", lambda x: cut_by_numpy(moved_by_numpy(color_by_numpy(x)))),
    ],
)
@pytest.mark.parametrize("shape", [(8, 8, 3), (9, 20, 1), (5, 12, 4)])
def test_diff_augment_against_numpy(policy, reference, shape):
    x = np.random.default_rng(2).uniform(-1, 1, size=(len(IMAGES), *shape)).astype("float32")
    np.testing.assert_allclose(apply(DiffAugment(policy), x), reference(x), atol=1e-5)


def test_each_image_is_moved_by_itself_and_all_moves_are_as_likely():
    n, side, most = 4000, 16, 2
    x = np.zeros((n, side, side, 1), "float32")
    x[:, 8, 8] = 1
    y = apply(DiffAugment("translation"), x)
    assert y.sum() == n
    where = np.argwhere(y)[:, 1:3] - 8
    assert np.abs(where).max() == most
    counts = np.unique(where, axis=0, return_counts=True)[1]
    assert len(counts) == (2 * most + 1) ** 2
    assert scipy.stats.chisquare(counts).pvalue > 1e-3


def test_the_cutout_is_half_a_side_and_favours_no_corner():
    hole = apply(DiffAugment("cutout"), np.ones((6000, 8, 8, 1), "float32"))[..., 0] == 0
    rows = hole.any(axis=2)
    assert rows.sum(axis=1).max() == 4
    assert rows.sum(axis=1).min() == 2  # a centre on the border leaves half of it
    often = rows.mean(axis=0)
    np.testing.assert_allclose(often, [3 / 9, 4 / 9, 4 / 9, 4 / 9, 4 / 9, 4 / 9, 4 / 9, 3 / 9], atol=0.03)
    np.testing.assert_allclose(often, hole.any(axis=1).mean(axis=0), atol=0.03)
    assert scipy.stats.pearsonr(rows[:, 0], hole.any(axis=1)[:, 0]).pvalue > 1e-3


def test_colors_have_their_ranges():
    x = np.broadcast_to(np.array([1.0, -1.0], "float32").reshape(1, 1, 2, 1), (4000, 1, 2, 1))
    y = apply(DiffAugment("color"), x)
    brightness, contrast = y.mean(axis=(1, 2, 3)), (y[:, 0, 0, 0] - y[:, 0, 1, 0]) / 2
    assert scipy.stats.kstest(brightness, "uniform", (-0.5, 1)).pvalue > 1e-3
    assert scipy.stats.kstest(contrast, "uniform", (0.5, 1)).pvalue > 1e-3
    assert scipy.stats.pearsonr(brightness, contrast).pvalue > 1e-3


# -- AdaptiveAugmentation ---------------------------------------------------------------------------------------------


BLIT = "move? rows columns quarters? quarters flip? flip"
GEOMETRIC = "shift? rows_u rows_v columns_u columns_v after? after stretch? stretch_u stretch_v before? before"
GEOMETRIC += " scale? scale_u scale_v"
COLOR = "brightness? brightness_u brightness_v contrast? contrast_u contrast_v luma_flip? luma_flip"
COLOR += " saturation? saturation_u saturation_v hue? hue"


def normal_if(d, name, p, applied=None):
    """Of a transform that is applied with probability p, else 0."""
    return normal(d[f"{name}_u"], d[f"{name}_v"]) * (d[f"{applied or name}?"] < p)


def forward_maps(p, policy, side):
    """The paper's forward transforms as 3 x 3 matrices on (row, column, 1), from the centre; the first is first."""

    def shift(r, c):
        return np.array([[1, 0, r], [0, 1, c], [0, 0, 1]])

    def turn(angle):
        c, s = math.cos(angle), math.sin(angle)
        return np.linalg.inv([[c, -s, 0], [s, c, 0], [0, 0, 1]])

    either = 1 - math.sqrt(1 - p)
    blit, geometric = drawn("blit", BLIT), drawn("geometric", GEOMETRIC)
    numbers = {
        "flip": whole(blit["flip"], 2) * (blit["flip?"] < p),
        "quarter": whole(blit["quarters"], 4) * (blit["quarters?"] < p),
        "tr": np.round((2 * blit["rows"] - 1) * side / 8) * (blit["move?"] < p),
        "tc": np.round((2 * blit["columns"] - 1) * side / 8) * (blit["move?"] < p),
        "scale": 0.2 * normal_if(geometric, "scale", p),
        "before": (2 * geometric["before"] - 1) * math.pi * (geometric["before?"] < either),
        "stretch": 0.2 * normal_if(geometric, "stretch", p),
        "after": (2 * geometric["after"] - 1) * math.pi * (geometric["after?"] < either),
        "sr": side / 8 * normal_if(geometric, "rows", p, "shift"),
        "sc": side / 8 * normal_if(geometric, "columns", p, "shift"),
    }
    for i in range(len(IMAGES)):
        d = {name: float(values[i]) for name, values in numbers.items()}
        blit = [np.diag([1, 1 - 2 * d["flip"], 1]), turn(d["quarter"] * math.pi / 2), shift(d["tr"], d["tc"])]
        s, k = 2 ** d["scale"], 2 ** d["stretch"]
        geometric = [np.diag([s, s, 1]), turn(d["before"]), np.diag([1 / k, k, 1]), turn(d["after"])]
        geometric.append(shift(d["sr"], d["sc"]))
        total = np.eye(3)
        for each in blit * ("blit" in policy) + geometric * ("geometric" in policy):
            total = each @ total
        yield total


def warped_by_scipy(x, p, policy):
    side = x.shape[1]
    middle = (side - 1) / 2
    rows, columns = np.meshgrid(np.arange(side) - middle, np.arange(side) - middle, indexing="ij")
    places = np.stack([rows, columns, np.ones_like(rows)]).reshape(3, -1)
    out = []
    for image, forward in zip(x, forward_maps(p, policy, side), strict=True):
        r, c, _ = np.linalg.inv(forward) @ places + middle
        read = [
            scipy.ndimage.map_coordinates(part, (r, c), order=1, mode="mirror") for part in np.moveaxis(image, 2, 0)
        ]
        out.append(np.stack(read, axis=-1).reshape(image.shape))
    return np.stack(out)


def colored_by_numpy(x, p, policy=None):
    grey = np.full((3, 3), 1 / 3)
    d = drawn("color", COLOR)
    brightness, contrast, saturation = (normal_if(d, name, p) for name in ("brightness", "contrast", "saturation"))
    flips = whole(d["luma_flip"], 2) * (d["luma_flip?"] < p)
    angles = (2 * d["hue"] - 1) * math.pi * (d["hue?"] < p)
    out = []
    for i, image in enumerate(x.astype("float64")):
        image = (image + 0.2 * brightness[i]) * 2 ** (0.5 * contrast[i])
        matrix = np.eye(3) - 2 * flips[i] * grey
        axis = np.ones(3) / math.sqrt(3)
        matrix = scipy.spatial.transform.Rotation.from_rotvec(angles[i] * axis).as_matrix() @ matrix
        out.append(image @ ((grey + (np.eye(3) - grey) * 2 ** saturation[i]) @ matrix).T)
    return np.stack(out)


@pytest.mark.parametrize("p", [0.5, 1.0])
@pytest.mark.parametrize(
    ("policy", "reference"),
    [("blit", warped_by_scipy), ("geometric", warped_by_scipy), ("color", colored_by_numpy)],
)
def test_adaptive_against_scipy(policy, p, reference):
    y = apply(AdaptiveAugmentation(policy, p=p))
    expected = reference(IMAGES, p, policy)
    np.testing.assert_allclose(y, expected, atol=1e-4)
    assert np.abs(expected - IMAGES).mean() > 0.1


def test_how_opaque_pictures_are_is_no_colour():
    alpha = np.random.default_rng(3).uniform(-1, 1, (*IMAGES.shape[:3], 1)).astype("float32")
    y = apply(AdaptiveAugmentation("color", p=1.0), np.concatenate([IMAGES, alpha], axis=-1))
    np.testing.assert_array_equal(y[..., 3:], alpha)
    np.testing.assert_allclose(y[..., :3], apply(AdaptiveAugmentation("color", p=1.0)), atol=1e-6)


def test_the_adaptive_transforms_follow_each_other():
    expected = colored_by_numpy(warped_by_scipy(IMAGES, 0.8, "blit,geometric"), 0.8)
    np.testing.assert_allclose(apply(AdaptiveAugmentation(p=0.8)), expected, atol=1e-4)


def test_a_blit_only_moves_pixels():
    y = apply(AdaptiveAugmentation("blit", p=1.0))
    for before, after in zip(IMAGES, y, strict=True):
        assert set(map(tuple, after.reshape(-1, 3))) <= set(map(tuple, before.reshape(-1, 3)))  # bits and all


def test_the_outermost_whole_pixel_shift_is_half_as_likely():
    """U(-1, 1) of 8 pixels, rounded: 0 in half of the cases. A shifted image has lost a row, a column or both."""
    x = np.tile(np.arange(64, dtype="float32").reshape(1, 8, 8, 1), (4000, 1, 1, 1))
    kept = np.array([len(np.unique(image)) for image in apply(AdaptiveAugmentation("blit", p=1.0), x)])
    shares = [np.mean(kept == count) for count in (64, 56, 49)]
    np.testing.assert_allclose(shares, [0.25, 0.5, 0.25], atol=0.03)


@pytest.mark.xla
def test_at_zero_nothing_changes():
    x = np.random.default_rng(3).normal(size=(16, 12, 12, 3)).astype("float32")
    augmentation = AdaptiveAugmentation(p=0.0)
    np.testing.assert_array_equal(apply(augmentation, x), x)
    xla = tf.function(lambda x: augmentation(x, noise=NOISE), jit_compile=True, autograph=False)
    np.testing.assert_array_equal(xla(x), x)


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_a_transform_is_applied_as_often_as_p_says(p):
    x = np.zeros((4000, 2, 2, 1), "float32")
    moved = apply(AdaptiveAugmentation("color", p=p), x)[:, 0, 0, 0] != 0  # of black, brightness alone changes it
    assert moved.mean() == pytest.approx(p, abs=0.03)


def test_gray_images_and_wide_ones():
    gray = apply(AdaptiveAugmentation(p=1.0), IMAGES[..., :1])
    assert gray.shape == (16, 8, 8, 1)
    wide = apply(AdaptiveAugmentation("geometric,color", p=1.0), IMAGES[:, :5])
    assert np.isfinite(wide).all()
    assert wide.shape == (16, 5, 8, 3)


def test_p_rises_and_falls_at_the_stated_rate():
    augmentation = AdaptiveAugmentation(target=0.5, examples=1000, every=4)
    sure, fooled = tf.fill((25, 1), 3.0), tf.fill((25, 1), -0.1)
    seen = []
    for scores in [sure] * 8 + [fooled] * 4:
        augmentation.update(scores)
        seen.append(float(augmentation.p))
    np.testing.assert_allclose(seen, [0, 0, 0, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.1], atol=1e-6)


@pytest.mark.parametrize(("score", "p", "end"), [(1.0, 0.95, 1.0), (-1.0, 0.05, 0.0)])
def test_p_stays_a_probability(score, p, end):
    augmentation = AdaptiveAugmentation(examples=1000, every=1, p=p)
    for _ in range(3):
        augmentation.update(tf.fill((100, 4), score))
        assert float(augmentation.p) == end


@pytest.mark.parametrize(
    ("positive", "p"),
    [(4, 0.6), (3, 0.5), (2, 0.4)],  # r_t = 1, 1/2, 0 against 1/2
)
def test_p_follows_the_sign_of_the_patches(positive, p):
    scores = tf.where(tf.range(4)[None] < positive, 100.0, -1e-3) * tf.ones((50, 1))
    augmentation = AdaptiveAugmentation(target=0.5, examples=1000, every=2, p=0.5)
    move = tf.function(augmentation.update, autograph=False)
    move(scores)
    move(scores)
    assert float(augmentation.p) == pytest.approx(p, abs=1e-6)


@pytest.mark.learns
@pytest.mark.parametrize(("target", "direction"), [(0.4, 1), (0.6, -1)])  # either replica alone is wrong about one
def test_replicas_move_p_together(target, direction):
    strategy = tf.distribute.MirroredStrategy(
        ["/cpu:0", "/cpu:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    with strategy.scope():
        augmentation = AdaptiveAugmentation("color", target=target, examples=1000, every=2, p=0.5)

    @tf.function(autograph=False)
    def step():
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        # signs of mean 1 and 0, together 1/2
        scores = tf.where((tf.range(10)[:, None] < 5) | tf.equal(replica, 0), 1.0, -1.0)
        x = augmentation(tf.zeros((10, 2, 2, 1)), noise=Noise(NOISE.path, 3, (replica, 2)))
        augmentation.update(scores)
        return x, tf.convert_to_tensor(augmentation.p)

    for moves in (0, 1, 1, 2):
        _, p = strategy.run(step)
        expected = 0.5 + direction * 0.04 * moves  # 2 moves of 20 examples
        np.testing.assert_allclose(
            [float(each) for each in strategy.experimental_local_results(p)], expected, atol=1e-6
        )


@keras.saving.register_keras_serializable("test_augmentations")
class Holder(keras.Model):
    def __init__(self, augmentation, **options):
        super().__init__(**options)
        self.augmentation = get(augmentation)
        self.built = True

    def call(self, x):
        return x

    def build(self, input_shape=None):
        pass

    def get_config(self):
        return {"augmentation": keras.saving.serialize_keras_object(self.augmentation)}


@pytest.mark.parametrize("wrap", [lambda a: a, lambda a: [InstanceNoise(), a]], ids=["alone", "in a chain"])
def test_p_is_saved_with_the_model(tmp_path, wrap):
    augmentation = AdaptiveAugmentation(examples=1000, every=2)
    model = Holder(wrap(augmentation))
    for _ in range(3):
        augmentation.update(tf.ones((100, 1)))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    for before, after in zip(model.variables, again.variables, strict=True):
        np.testing.assert_array_equal(before, after)
    again = again.augmentation
    again = again.augmentations[1] if isinstance(again, Chain) else again
    assert float(again.p) == pytest.approx(0.2)
    again.update(tf.ones((100, 1)))  # the half that was counted is not lost
    assert float(again.p) == pytest.approx(0.4)


# -- InstanceNoise ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "stddev"), [(0, 0.5), (25, 0.375), (75, 0.125), (100, 0), (1000, 0)])
def test_instance_noise_fades(step, stddev):
    x = np.full((500, 40), 2.0, "float32")
    y = InstanceNoise(0.5, decay_steps=100)(x, noise=Noise((0, "fade"), tf.constant(step, tf.int64))).numpy()
    expected = x + stddev * Noise((0, "fade"), step).normal(x.shape).numpy()
    np.testing.assert_allclose(y, expected, atol=1e-6)
    if stddev:
        assert scipy.stats.kstest((y - 2).ravel(), "norm", (0, stddev)).pvalue > 1e-3


def test_instance_noise_may_stay():
    y = InstanceNoise(0.5, decay_steps=None)(tf.zeros((500, 40)), noise=Noise((0, "stay"), 10**6)).numpy()
    assert y.std() == pytest.approx(0.5, rel=0.03)


# -- Chains and names -------------------------------------------------------------------------------------------------


def test_a_chain_gives_each_its_own_draws():
    y = apply(Chain([InstanceNoise(), InstanceNoise()])) - IMAGES
    first, second = (apply(InstanceNoise(), noise=NOISE.at(i)) - IMAGES for i in range(2))
    np.testing.assert_allclose(y, first + second, atol=1e-6)
    assert not np.allclose(first, second, atol=0.01)


def test_a_chain_updates_all():
    chain = Chain([InstanceNoise(), AdaptiveAugmentation(examples=100, every=1)])
    chain.update(tf.ones((10, 1)))
    assert float(chain.augmentations[1].p) == pytest.approx(0.1)


def test_what_get_takes():
    assert get(None) is None
    noise = InstanceNoise()
    assert get(noise) is noise
    assert {name: type(get(name)) for name in KNOWN} == KNOWN
    chain = get(["diff_augment", noise, keras.saving.serialize_keras_object(DiffAugment("cutout"))])
    assert [type(each) for each in chain.augmentations] == [DiffAugment, InstanceNoise, DiffAugment]
    assert chain.augmentations[2].policy == "cutout"


@pytest.mark.parametrize("value", ["diffaugment", 3, dict, ["adaptive", 1.0], {"class_name": "Dense"}])
def test_what_get_refuses(value):
    with pytest.raises((ValueError, TypeError)):
        get(value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DiffAugment("colour"), "`policy` must name some of 'color,translation,cutout'.*policy='colour'"),
        (lambda: DiffAugment("color,color"), "`policy` must name"),
        (lambda: DiffAugment(""), "`policy` must name"),
        (lambda: AdaptiveAugmentation("cutout"), "`policy` must name some of 'blit,geometric,color'"),
        (lambda: AdaptiveAugmentation(target=1.0), "`target` must be in .*Received: target=1.0"),
        (lambda: AdaptiveAugmentation(p=1.5), "`p` must be in .*Received: p=1.5"),
        (lambda: AdaptiveAugmentation(p=float("nan")), "`p` must be in"),
        (lambda: AdaptiveAugmentation(examples=0), "`examples` must be"),
        (lambda: AdaptiveAugmentation(every=2.5), "`every` must be"),
        (lambda: InstanceNoise(-0.1), "`stddev` must be a finite number of at least 0. Received: stddev=-0.1"),
        (lambda: InstanceNoise(decay_steps=0), "`decay_steps` must be"),
        (lambda: Chain(["adaptive"]), "`augmentations` must be instances"),
        (lambda: apply(DiffAugment(), np.zeros((4, 2), "float32")), "`x` must be images"),
        (lambda: apply(AdaptiveAugmentation(), np.zeros((4, 8, 6, 3), "float32")), "`x` must be square"),
    ],
)
def test_errors_say_what_is_wrong(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_base_does_nothing_when_updated():
    before = [np.array(v) for v in DiffAugment().variables]
    assert before == []
    assert Augmentation.update(DiffAugment(), tf.ones((2, 1))) is None


def test_an_augmentation_by_its_class():
    assert isinstance(get(InstanceNoise), InstanceNoise)
    with pytest.raises(ValueError, match="`augmentation` must be an Augmentation, its class"):
        get(dict)


def test_the_logs_of_a_chain_are_those_of_its_parts():
    chain = Chain([DiffAugment("color"), AdaptiveAugmentation(p=0.25)])
    assert {name: float(value) for name, value in chain.logs().items()} == {"ada_p": 0.25}


class Told(Augmentation):
    """Keeps the mean of the scores that it is told."""

    def __init__(self):
        super().__init__()
        self.mean = self.add_weight(shape=(), trainable=False, aggregation="mean")

    def call(self, x, noise):
        return x

    def update(self, real_scores):
        self.mean.assign(tf.reduce_mean(real_scores))


@pytest.mark.parametrize("objective", ["hinge", "relativistic_paired"])
def test_scores_are_told_from_the_boundary_on(objective):
    discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, bias_initializer="ones")])
    gan = GAN(networks.mlp_generator(2, (2,), hidden=(3,)), discriminator, 2, seed=0)
    gan.compile(objective, augmentation=Told(), run_eagerly=True)
    logs = gan.fit(np.ones((8, 2), "float32"), batch_size=8, verbose=0).history
    real, fake = logs["d_real"][0], logs["d_fake"][0]
    expected = real if objective == "hinge" else (real - fake) / 2
    assert float(gan.augmentation.mean) == pytest.approx(expected, rel=1e-5)
