"""The processes of a game: which of its sides are started, and why others are left out."""

import dataclasses
import json
import subprocess
import sys

import numpy as np

from benchmarks.steps.child import Child

TOLD_TO_TORCH = ("objective", "discriminator_steps", "latents", "batch")


@dataclasses.dataclass(frozen=True)
class Started:
    """The sides of a game that play.

    Attributes:
        players: A process per side, by name.
        seconds: How long each took to make its networks and play its first step, alone.
        left_out: A sentence for each reason why a side does not play.
    """

    players: dict[str, Child]
    seconds: dict[str, float]
    left_out: list[str]


def get_judge() -> Child:
    """Returns the process that knows the machine's peak and checks first steps."""
    return Child(sys.executable, "benchmarks.steps.judge")


def start(game: dict, sides: list[dict], steps: int, path: str, torch: str | None) -> Started:
    """Starts a process per side, one after the other; PyTorch's reads the networks from `path`."""
    players, seconds, left_out = {}, {}, []
    for side in sides:
        name = side["name"]
        told = json.dumps({key: value for key, value in side.items() if key not in ("name", "folder")})
        if side["kind"] != "torch":
            command = ("benchmarks.steps.side", game["name"], told, str(steps))
            players[name] = Child(sys.executable, *command, folder=side.get("folder"))
        elif reason := _why_no_torch(game, side, path, torch):
            left_out.append(f"{name}: not run, {reason}")
            continue
        else:
            known = json.dumps({key: game[key] for key in TOLD_TO_TORCH})
            players[name] = Child(torch, "benchmarks.steps.pytorch", path, known, told, str(steps))
        seconds[name] = players[name].ask("start")
    return Started(players, seconds, left_out)


def _why_no_torch(game, side, path, torch):
    """Returns why PyTorch does not play a side, or None."""
    if torch is None:
        return "as no Python with PyTorch was given"
    if subprocess.run([torch, "-c", "import torch"], capture_output=True, check=False).returncode:
        return "as PyTorch is not installed in the Python that was given"
    if None in json.loads(str(np.load(path)["specs"])).values():
        return "as only networks that are a chain of layers are carried over"
    if side["jit"] and any(penalty in game["objective"] for penalty in ("r1", "gradient_penalty")):
        return "as torch.compile cannot differentiate twice"
    return None
