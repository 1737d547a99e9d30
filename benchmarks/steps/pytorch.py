"""A game in PyTorch, in the Python that has it: `python -m benchmarks.steps.pytorch PATH GAME SIDE STEPS`.

The step is written as PyTorch's users write it: modules, autograd, Adam, pictures in channels_last memory, and batches
gathered from an array in memory by a fresh permutation, as a DataLoader would cost more than some of the steps.
"""

import json
import math
import os
import resource
import sys
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin wait for ever where others want the cores

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.steps.child import serve

ACTIVATIONS = {
    "linear": nn.Identity(),
    "relu": nn.ReLU(),
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    "leaky_relu": nn.LeakyReLU(0.2),
}


class Convolution(nn.Conv2d):
    """With the padding that Keras calls "same": the odd one is put after."""

    def forward(self, x):
        (size, _), (stride, _) = self.kernel_size, self.stride
        before, after = divmod(max((math.ceil(x.shape[2] / stride) - 1) * stride + size - x.shape[2], 0), 2)
        if not after:
            return functional.conv2d(x, self.weight, self.bias, stride, before)
        return super().forward(functional.pad(x, (before, before + after) * 2))


class Shape(nn.Module):
    """A vector as a picture, or a picture as a vector, both with Keras's order of numbers."""

    def __init__(self, shape=None):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        if self.shape is None:
            return x.permute(0, 2, 3, 1).flatten(1) if x.ndim == 4 else x
        x = x.reshape(-1, *self.shape)
        return x.permute(0, 3, 1, 2) if x.ndim == 4 else x


class MaxPooling(nn.Module):
    """The greatest of each map."""

    def forward(self, x):
        return x.amax((2, 3))


def rebuild(specs, arrays, player) -> nn.Module:
    """Returns the Keras network `player`, with its weights."""
    modules = []
    for i, spec in enumerate(specs[player]):
        prefix = f"{player}/{i}/"
        weights = {name.removeprefix(prefix): arrays[name] for name in arrays.files if name.startswith(prefix)}
        modules.append(_layer(spec, {name: torch.from_numpy(value) for name, value in weights.items()}))
        if "activation" in spec:
            modules.append(ACTIVATIONS[spec["activation"]])
    return nn.Sequential(*modules).to(memory_format=torch.channels_last)


def _layer(spec, weights):
    kind = spec["kind"]
    simple = {"Activation": nn.Identity, "ReLU": nn.ReLU, "Flatten": Shape, "GlobalMaxPooling2D": MaxPooling}
    if kind in simple:
        return simple[kind]()
    if kind == "LeakyReLU":
        return nn.LeakyReLU(spec["slope"])
    if kind == "Reshape":
        return Shape(spec["shape"])
    if kind == "BatchNormalization":
        layer = nn.BatchNorm2d(len(weights["gamma"]), spec["epsilon"], spec["momentum"])
        return _fill(layer, weights["gamma"], weights["beta"])
    if kind == "GroupNormalization":
        layer = nn.GroupNorm(spec["groups"], len(weights["gamma"]), spec["epsilon"])
        return _fill(layer, weights["gamma"], weights["beta"])
    kernel, bias = weights["kernel"], weights.get("bias")
    if kind == "Dense":
        return _fill(nn.Linear(*kernel.shape, bias=bias is not None), kernel.T, bias)
    height, _, inner, outer = kernel.shape
    if kind == "Conv2D":
        layer = Convolution(inner, outer, height, spec["stride"], bias=bias is not None)
    else:  # Conv2DTranspose names its channels the other way round
        padding = (height - spec["stride"]) // 2
        layer = nn.ConvTranspose2d(outer, inner, height, spec["stride"], padding, bias=bias is not None)
    return _fill(layer, kernel.permute(3, 2, 0, 1), bias)


def _fill(layer, weight, bias):
    with torch.no_grad():
        layer.weight.copy_(weight)
        if bias is not None:
            layer.bias.copy_(bias)
    return layer


class Play:
    """A compiled game: `step(real)` plays one step and gives both losses."""

    def __init__(self, arrays, game: dict, side: dict, device: str):
        specs = json.loads(str(arrays["specs"]))
        self.generator, self.discriminator = (
            rebuild(specs, arrays, player).to(device) for player in ("generator", "discriminator")
        )
        adam = {"lr": 2e-4, "betas": (0.5, 0.999), "eps": 1e-7}
        self.g_optimizer = torch.optim.Adam(self.generator.parameters(), **adam)
        self.d_optimizer = torch.optim.Adam(self.discriminator.parameters(), **adam)
        self.objective, self.k = game["objective"], game["discriminator_steps"]
        self.latents, self.reuse, self.device = game["latents"], side["reuse_fakes"], device
        self.autocast = torch.autocast(device, torch.bfloat16, enabled="bfloat16" in side["policy"])
        if "tf32" in side:  # else convolutions have it and matrix products have not, as PyTorch begins
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = side["tf32"]
        compiled = side["jit"]
        self.make = torch.compile(self.generator) if compiled else self.generator
        self.judge = torch.compile(self.discriminator) if compiled else self.discriminator

    def draw_latents(self, count):
        return torch.randn(count, self.latents, device=self.device)

    def draw_shares(self, count):
        return torch.rand(count, 1, 1, 1, device=self.device)

    def step(self, batches):
        for real in batches:
            with torch.set_grad_enabled(self.reuse), self.autocast:
                fake = self.make(self.draw_latents(len(real)))
            with self.autocast:
                d_loss = self.discriminator_loss(real, fake.detach())
            self.d_optimizer.zero_grad()
            d_loss.backward()
            self.d_optimizer.step()
        self.discriminator.requires_grad_(False)
        with self.autocast:
            fake = fake if self.reuse else self.make(self.draw_latents(len(real)))
            g_loss = self.generator_loss(real, fake)
        self.g_optimizer.zero_grad()
        g_loss.backward()
        self.g_optimizer.step()
        self.discriminator.requires_grad_(True)
        return d_loss.detach(), g_loss.detach()

    def discriminator_loss(self, real, fake):
        if "r1" in self.objective:
            both = torch.cat([fake, real]).requires_grad_()
            scores = self.judge(both)
            f, r = scores.chunk(2)
            (gradient,) = torch.autograd.grad(scores.sum(), both, create_graph=True)
            return functional.softplus(f - r).mean() + gradient.square().sum((1, 2, 3)).mean()
        f, r = self.judge(torch.cat([fake, real])).chunk(2)
        if "wasserstein" not in self.objective:
            return functional.softplus(-r).mean() + functional.softplus(f).mean()
        between = (real + self.draw_shares(len(real)) * (fake - real)).requires_grad_()
        (gradient,) = torch.autograd.grad(self.judge(between).sum(), between, create_graph=True)
        norm = gradient.square().sum((1, 2, 3)).sqrt()
        return f.mean() - r.mean() + 10 * (norm - 1).square().mean()

    def generator_loss(self, real, fake):
        f = self.judge(fake)
        if "relativistic" in self.objective:
            with torch.no_grad():
                r = self.judge(real)
            return functional.softplus(r - f).mean()
        return -f.mean() if "wasserstein" in self.objective else functional.softplus(-f).mean()


class Player:
    """A game and its data; answers the commands of `benchmarks.steps`."""

    def __init__(self, path: str, game: str, side: str, steps: str):
        torch.manual_seed(0)
        self.arrays, self.game, self.side = np.load(path), json.loads(game), json.loads(side)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.steps, self.batch = int(steps), self.game["batch"]
        self.real = torch.from_numpy(self.arrays["real"])
        self.real = self.real.permute(0, 3, 1, 2) if self.real.ndim == 4 else self.real
        needed = self.steps * self.game["discriminator_steps"]
        self.data = torch.cat([self.real] * needed)
        self.memory_before = _memory()

    def deal(self):
        order = torch.randperm(len(self.data)).reshape(self.steps, -1, self.batch)
        for positions in order:
            yield [self.data[each].to(self.device) for each in positions]

    def start(self) -> float:
        began = time.perf_counter()
        self.play = Play(self.arrays, self.game, self.side, self.device)
        for loss in self.play.step(next(self.deal())):
            loss.item()
        return time.perf_counter() - began

    def epoch(self) -> float:
        batches = self.deal()
        self.play.step(next(batches))
        began = time.perf_counter()
        for batch in batches:
            losses = self.play.step(batch)
        for loss in losses:
            loss.item()
        return 1000 * (time.perf_counter() - began) / (self.steps - 1)

    def check(self) -> dict:
        """Returns both losses of the step that `benchmarks.steps.judge` played."""
        play = Play(self.arrays, self.game, self.side | {"reuse_fakes": False}, self.device)
        # Keras adds epsilon before it corrects the second moment for its beginning at 0, PyTorch afterwards.
        play.d_optimizer.param_groups[0]["eps"] /= (1 - 0.999) ** 0.5
        left = iter(torch.from_numpy(self.arrays["latents"]).to(self.device))
        play.draw_latents = lambda count: next(left)
        play.draw_shares = lambda count: torch.from_numpy(self.arrays["shares"]).to(self.device)
        d_loss, g_loss = play.step([self.real.to(self.device)])
        return {"d_loss": float(d_loss), "g_loss": float(g_loss)}

    def facts(self) -> dict:
        return {"memory_mb": _memory(), "memory_before_mb": self.memory_before}

    def versions(self) -> dict:
        return {"torch": torch.__version__}


def _memory():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    player = Player(*sys.argv[1:])
    serve({name: getattr(player, name) for name in ("start", "epoch", "check", "facts", "versions")})
