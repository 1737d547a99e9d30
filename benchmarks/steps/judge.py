"""The judge of all sides: the machine's peak, and whether all sides of a game do the same work."""

import dataclasses
import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")

import keras
import numpy as np
import tensorflow as tf

from benchmarks.steps import peak
from benchmarks.steps.child import serve
from benchmarks.steps.games import GAMES, Side, get_sides
from benchmarks.steps.networks import describe
from benchmarks.steps.side import make_model
from keras_gan.noise import Noise


def check(game: str, path: str) -> dict:
    """Returns both losses of the first step by hand and of this library, from the same weights, latents and batch.

    With k discriminator moves one is played, as the guide shows the critic the same batch again. What PyTorch needs to
    play that step is written to `path`.
    """
    game = GAMES[game]
    single = dataclasses.replace(game, discriminator_steps=1)
    guide, ours = (make_model(single, Side(kind)) for kind in ("guide", "keras_gan"))
    real = game.sample(game.batch)
    told = [_draws(game, ours, name) for name in (("discriminator", 0), ("generator",))]
    networks = {player: describe(getattr(guide, player)) for player in ("generator", "discriminator")}
    _write(path, networks, real, [latents for latents, _ in told], told[0][1])
    left = iter([latents for latents, _ in told])
    guide.d_optimizer.epsilon *= guide.loss_share  # its gradient is so many times ours
    guide.draw_latents = lambda count: next(left)
    guide.draw_shares = lambda count: told[0][1]
    losses = {"keras_gan": ours.train_step(tf.constant(real)), "guide": guide.train_step(tf.constant(real))}
    losses = {kind: {name: float(logs[name]) for name in ("d_loss", "g_loss")} for kind, logs in losses.items()}
    losses["guide"]["d_loss"] /= guide.loss_share
    return losses


def _draws(game, model, name):
    """Returns the latents of a move of the first step, and where the gradient penalty of it is taken."""
    noise = Noise((model.seed, "train", *name), model.step.value)
    shares = noise.at("gradient_penalty").uniform((game.batch, 1, 1, 1))
    return model.latents.draw(game.batch, noise.at("latents")), shares


def _write(path, networks, real, latents, shares):
    arrays = {"real": real, "latents": np.stack(latents), "shares": shares.numpy()}
    specs = {}
    for player, network in networks.items():
        specs[player] = None if network is None else [spec for spec, _ in network]
        for i, (_, weights) in enumerate(network or []):
            arrays |= {f"{player}/{i}/{name}": value for name, value in weights.items()}
    np.savez(path, specs=json.dumps(specs), **arrays)


def describe_game(name: str, device: str) -> dict:
    """Returns a game, and its sides on `"cpu"` or `"gpu"`, for a process without Keras."""
    game = GAMES[name]
    plain = ("title", "objective", "discriminator_steps", "latents", "batch", "steps")
    sides = [{"name": side.name, **dataclasses.asdict(side)} for side in get_sides(game, device)]
    return {"name": name, **{key: getattr(game, key) for key in plain}, "sides": sides}


def facts() -> dict:
    """Returns what the record says of this process."""
    gpus = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
    return {
        "games": list(GAMES),
        "gpus": [details.get("device_name", "unknown") for details in gpus],
        "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
    }


if __name__ == "__main__":
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    serve({"peak": peak.measure, "check": check, "game": describe_game, "facts": facts})
