"""Agreements that `compile` refuses."""

import functools
import re

import keras
from keras import layers

from keras_gan import Game
from keras_gan.constraints import ClipWeights
from tests.conformance.bad.games import compiling, generator, scorer, uncompiled


def one_optimizer():
    adam = keras.optimizers.Adam()
    compiling(generator_optimizer=adam, discriminator_optimizer=adam)


def another_models_optimizer():
    adam = keras.optimizers.Adam()
    adam.build(uncompiled().generator.trainable_variables)
    compiling(discriminator_optimizer=adam)


def made_of_draws():
    return Game(
        {"generator": generator()}, {"fake": "generator(latents)"}, draws={"latents": 3}, sides={"g": ["generator"]}
    )


METRICS = "`metrics` must be a list of Keras metrics, their names or configs"
OBJECTIVE = r"`objective` must be a sum of weighted names, such as .* Received: objective="
UNKNOWN = {"class_name": "Nope", "config": {}, "module": "os", "registered_name": None}

ROWS = [
    (
        "a misspelt objective",
        lambda: compiling(objective="hinje"),
        r"`objective` must be made of known names. Did you mean 'hinge'\? .*Received: objective='hinje'$",
    ),
    ("no objective", lambda: compiling(objective=""), OBJECTIVE + "''"),
    ("an objective that is subtracted", lambda: compiling(objective="hinge - r1"), OBJECTIVE + "'hinge - r1'"),
    (
        "a negative weight",
        lambda: compiling(objective="-1 * hinge"),
        "`weight` must be a finite number of at least 0. Received: weight=-1",
    ),
    (
        "an infinite weight",
        lambda: compiling(objective="1e999 * hinge"),
        "`weight` must be a finite number of at least 0. Received: weight=inf",
    ),
    (
        "an argument of the wrong kind",
        lambda: compiling(objective="hinge + gradient_penalty(target='x')"),
        "`target` must be a finite number of at least 0. Received: target='x'",
    ),
    (
        "an unknown argument",
        lambda: compiling(objective="wasserstein(a=1)"),
        r"`wasserstein` takes no arguments. Received: wasserstein\(a=1\)$",
    ),
    (
        "penalties alone",
        lambda: compiling(objective="r1 + r2"),
        r"`objective` must give both players a loss. Received: 'r1 \+ r2', without one for the generator$",
    ),
    (
        "a number as an objective",
        lambda: compiling(objective=3),
        "`objective` must be an Objective, its class, name, expression or config. Received: objective=3",
    ),
    (
        "an empty config",
        lambda: compiling(objective={}),
        r"`objective` must be an Objective, .* Received: objective=\{\}",
    ),
    (
        "the config of something unknown",
        lambda: compiling(objective=UNKNOWN),
        r"`objective` must be the config of a registered Objective. Received: objective=\{",
    ),
    (
        "a sigmoid for logits",
        lambda: compiling(generator(), scorer(layers.Dense(1, "sigmoid", name="s"))),
        "`discriminator` must end in logits, .* Received: .* ends in a sigmoid",
    ),
    (
        "five numbers for a score",
        lambda: compiling(generator(), scorer(layers.Dense(5))),
        r"The discriminator's output must be one number per example, .* Received: shape=\(2, 5\)",
    ),
    (
        "codes that the latents lack",
        lambda: compiling(objective="hinge + mutual_information"),
        r"`latents` must be `Codes.* Received: latents=Normal\(dim=3\)",
    ),
    (
        "class logits that nobody gives",
        lambda: compiling(objective="hinge + auxiliary_classifier"),
        "must return a dict with 'class_logits' beside its 'output' .*Received: one tensor",
    ),
    (
        "a misspelt optimizer",
        lambda: compiling(generator_optimizer="adamm"),
        "`generator_optimizer` must be a Keras optimizer, its name or config. Received: generator_optimizer='adamm'",
    ),
    (
        "one optimizer for both",
        one_optimizer,
        "`generator_optimizer` and `discriminator_optimizer` must be two optimizers, .*: one and the same Adam, 'adam",
    ),
    (
        "the optimizer of another model",
        another_models_optimizer,
        "`discriminator_optimizer` must be new, or made for this player. Received: 'adam.*' of another model",
    ),
    (
        "no moves",
        lambda: compiling(discriminator_steps=0),
        "`discriminator_steps` must be an integer of at least 1. Received: discriminator_steps=0",
    ),
    (
        "a misspelt constraint",
        lambda: compiling(discriminator_constraint="clip"),
        "`discriminator_constraint` must be a Keras constraint, .* Received: discriminator_constraint='clip'",
    ),
    (
        "a misspelt augmentation",
        lambda: compiling(augmentation="diff"),
        r"`augmentation` must be an Augmentation, .*'diff_augment'.* Received: augmentation='diff'",
    ),
    (
        "an augmentation of something unknown",
        lambda: compiling(augmentation=UNKNOWN),
        r"`augmentation` must be the config of a registered Augmentation. Received: augmentation=\{",
    ),
    ("a number as a pool", lambda: compiling(replay=3), "`replay` must be a FakePool or None. Received: replay=3"),
    (
        "a misspelt metric",
        lambda: compiling(metrics=["msee"]),
        "`metrics` must be a list of Keras metrics, their names or configs. Received: metrics='msee'",
    ),
    (
        "a metric with the name of a loss",
        lambda: compiling(metrics=[keras.metrics.MeanSquaredError(name="d_loss")]),
        "`metrics` must have different names: .* Received: 'd_loss', which is taken",
    ),
    (
        "two metrics of one name",
        lambda: compiling(metrics=["mse", keras.metrics.MeanSquaredError()]),
        "`metrics` must have different names: .* Received: 'mean_squared_error', which is taken",
    ),
    ("None for a metric", lambda: compiling(metrics=[None]), METRICS + ". Received: metrics=None"),
    ("a class of metrics", lambda: compiling(metrics=[keras.metrics.Mean]), METRICS + ". Received: metrics=<class"),
    ("a function for a metric", lambda: compiling(metrics=[abs]), METRICS + ". Received: metrics=<built-in"),
    ("a metric without a list", lambda: compiling(metrics=keras.metrics.Mean()), METRICS + ", or None. Received: "),
    ("the name of a metric without a list", lambda: compiling(metrics="mse"), METRICS + ", or None. Received: "),
    ("metrics in a dict", lambda: compiling(metrics={"a": "mse"}), METRICS + ", or None. Received: "),
    (
        "a class of constraints",
        lambda: compiling(discriminator_constraint=ClipWeights),
        "`discriminator_constraint` must be a Keras constraint, .* Received: discriminator_constraint=<class",
    ),
    (
        "a function for a constraint",
        lambda: compiling(discriminator_constraint=abs),
        "`discriminator_constraint` must be a Keras constraint, .* Received: discriminator_constraint=<built-in",
    ),
    (
        "an optimizer for both players",
        lambda: compiling(optimizer="adam"),
        "`optimizer` must not be given to `compile`: `GAN` takes `generator_optimizer` and `disc.*: optimizer='adam'",
    ),
    (
        "a loss",
        lambda: compiling(loss="bce"),
        "`loss` must not be given to `compile`: `GAN` takes `objective`, .*='bce'",
    ),
    (
        "the moves of another game",
        lambda: compiling(moves=["discriminator", "generator", "generator"]),
        "`moves` must not be given to `compile`: `GAN` takes `discriminator_steps`; games .*Received: moves=",
    ),
    (
        "the constraints of another game",
        lambda: compiling(constraints={"discriminator": "non_neg"}),
        "`constraints` must not be given to `compile`: `GAN` takes `discriminator_constraint`. Received: constraints=",
    ),
    (
        "an unknown argument of compile",
        lambda: compiling(sugar=1),
        "`sugar` must not be given to `compile`, which takes objective, generator_optimizer, .* Received: sugar=1",
    ),
    (
        "a misspelt argument of compile",
        lambda: compiling(reuse_fake=True),
        "`reuse_fake` must not be given to `compile`; did you mean `reuse_fakes`. Received: reuse_fake=True",
    ),
    (
        "an argument of the game given to compile",
        lambda: compiling(ema=0.999),
        "`ema` must not be given to `compile`, but to `GAN\\(...\\)` when it is made. Received: ema=0.999",
    ),
    *(
        (
            f"an objective as others call it: {name}",
            functools.partial(compiling, objective=name),
            f"Did you mean {re.escape(repr(written))}\\? .*Received: objective={name!r}",
        )
        for name, written in {
            "wgan-gp": "wasserstein + 10 * gradient_penalty",
            "WGAN_GP": "wasserstein + 10 * gradient_penalty",
            "lsgan": "least_squares",
            "bce": "non_saturating",
            "hinge loss": "hinge",
            "Least Squares": "least_squares",
        }.items()
    ),
    (
        "a word for XLA",
        lambda: compiling(jit_compile="yes"),
        "`jit_compile` must be True, False or 'auto'. Received: jit_compile='yes'",
    ),
    (
        "a kernel there is not",
        lambda: compiling(kernels=["adam", "sgd"]),
        "`kernels` must be True, False or a list of 'narrow_convolutions', .*, 'adam'. "
        "Received: kernels=\\['adam', 'sgd'",
    ),
    (
        "no steps at a time",
        lambda: compiling(steps_per_execution=0),
        "`steps_per_execution` must be an integer of at least 1. Received: steps_per_execution=0",
    ),
    (
        "a word for eager",
        lambda: compiling(run_eagerly="x"),
        "`run_eagerly` must be True or False. Received: run_eagerly='x'",
    ),
    (
        "a game without data",
        lambda: made_of_draws().compile("distance(fake, fake)"),
        "`values` must be made of at least one part of the data, .* Received: values of draws alone, \\['latents'\\]",
    ),
]
