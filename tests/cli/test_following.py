"""The commands that a run ends with: those that its model can follow."""

import pytest

from keras_gan import latents, presets
from keras_gan.cli import following
from keras_gan.cli.config import TrainConfig

SAMPLE = "keras-gan sample --model='runs/my run' --n=64 --out=grid.png"
EVALUATE = "keras-gan evaluate --model='runs/my run'"
PLAY = "keras-gan play --model='runs/my run' --out=page"
TRANSLATE = "keras-gan translate --model='runs/my run' --folder=photos --out=made"


def commands(model, **options):
    game = presets.build(model, (8, 8, 1), width=2, seed=0, **options)
    return following.commands(TrainConfig(model=model, run_dir="runs/my run"), game)


@pytest.mark.parametrize(
    ("model", "options", "expected"),
    [
        ("gan", {"network": "mlp"}, {"More samples": SAMPLE, "How good they are": EVALUATE, "In a browser": PLAY}),
        ("srgan", {}, {"Your own pictures": TRANSLATE}),
        (
            "vae",
            {},
            {"More samples": SAMPLE, "How good they are": EVALUATE, "Your own pictures": TRANSLATE},
        ),
        ("cogan", {"network": "mlp"}, {"More samples": SAMPLE, "How good they are": f"{EVALUATE} --value=fake_b"}),
    ],
)
def test_only_what_a_model_can_do_is_named(model, options, expected):
    assert commands(model, **options) == expected


def test_a_translator_to_several_domains_is_told_one():
    styles = latents.Categorical([0.5, 0.5], names=("ink", "wash of oil"))
    assert commands("star_gan", labels=styles) == {"Your own pictures": f"{TRANSLATE} --given=target=ink"}
    assert commands("star_gan", labels=3)["Your own pictures"].endswith("--given=target=0")
