"""Requests to `generate`, and parts of games that cannot be made."""

import functools

import keras
import numpy as np

from keras_gan import (
    augmentations,
    callbacks,
    constraints,
    data,
    evaluation,
    images,
    latents,
    layers,
    metrics,
    networks,
    objectives,
    report,
)
from keras_gan.export.convert import convert
from keras_gan.replay import FakePool
from tests.conformance.bad.games import X, Y, conditional, conditional_without_prior, plain

SEED = r"`seed` must be an integer of 64 bits. Received: seed="

PATHS = {
    "the export": lambda path: plain().export(path),
    "the grids": callbacks.SampleGrid,
    "the curves": callbacks.LossPlot,
    "the checkpoints": callbacks.Resume,
    "the profile": callbacks.Profile,
    "a picture": lambda path: images.save_png(path, X[0].astype("uint8")),
    "a run's page": report.write,
    "records": evaluation.record.read,
    "a model to convert": lambda path: convert(path, "x.onnx", "onnx"),
}

FLAGS = {
    "one_sided": objectives.GradientPenalty,
    "on_fake": objectives.AuxiliaryClassifier,
    "unbiased": objectives.MaximumMeanDiscrepancy,
    "synchronized": functools.partial(layers.ConditionalBatchNormalization, 3),
    "spectral_normalization": layers.SelfAttention,
    "self_advancing": functools.partial(layers.SpectralNormalization, keras.layers.Dense(1)),
    "data_dependent": functools.partial(layers.WeightNormalization, keras.layers.Dense(1)),
}

ROWS = [
    *(
        (
            f"a word for the switch {name}",
            functools.partial(make, **{name: "false"}),
            f"`{name}` must be True or False. Received: {name}='false'",
        )
        for name, make in FLAGS.items()
    ),
    ("none", lambda: plain().generate(0), "`n` must be an integer from 1 to 2147483647. Received: n=0"),
    (
        "a trillion",
        lambda: plain().generate(10**12),
        "`n` must be an integer from 1 to 2147483647. Received: n=1000000000000",
    ),
    (
        "in batches of none",
        lambda: plain().generate(1, batch_size=0),
        "`batch_size` must be an integer of at least 1. Received: batch_size=0",
    ),
    (
        "more than a float holds",
        lambda: objectives.GradientPenalty(target=10**400),
        "`target` must be a finite number of at least 0. Received: target=an integer of 1329 bits",
    ),
    ("a weight beyond a float", lambda: 10**400 * objectives.Hinge(), "`weight` must be a finite number .* 1329 bits"),
    (
        "weights whose product is infinite",
        lambda: 1e200 * (1e200 * objectives.Hinge()),
        "`weight` must be a finite number of at least 0. Received: weight=inf",
    ),
    ("a number added", lambda: objectives.Hinge() + 1, r"Objectives can be added .* Received: hinge \+ 1$"),
    ("added to a number", lambda: 1.5 + objectives.Hinge(), r"Objectives can be added .* Received: 1.5 \+ hinge$"),
    ("a word added", lambda: objectives.Hinge() + "r1", r"Objectives can be added .* Received: hinge \+ 'r1'$"),
    (
        "an objective subtracted",
        lambda: objectives.Hinge() - objectives.R1(),
        "Objectives can be added .* Received: hinge - <R1: r1>",
    ),
    ("an objective divided", lambda: objectives.Hinge() / 2, "Objectives can be added .* Received: hinge / 2$"),
    (
        "objectives multiplied",
        lambda: objectives.Hinge() * objectives.R1(),
        r"Objectives can be added .* Received: hinge \* r1$",
    ),
    ("a switch for a weight", lambda: True * objectives.Hinge(), "`weight` must be a finite number .*: weight=True"),
    ("an array for a weight", lambda: X * objectives.Hinge(), r"`weight` must be a finite number .*: weight=array\("),
    (
        "units that no memory holds",
        lambda: networks.mlp_generator(3, (2**31 - 1, 2**31 - 1, 1)),
        r"`mlp_generator` must need no more memory than there is. Received: mlp_generator\(3, .*, with the error: ",
    ),
    (
        "a trillion units",
        lambda: networks.mlp_discriminator((4, 4, 1), hidden=(10**12,)),
        "`hidden` must be a tuple of integers from 1 to 2147483647. Received: hidden=.1000000000000,",
    ),
    (
        "a trillion filters",
        lambda: networks.dcgan_generator(3, (8, 8, 1), filters=10**12),
        "`filters` must be an integer from 1 to 2147483647. Received: filters=1000000000000",
    ),
    (
        "a trillion points",
        lambda: data.toys.ring().sample(10**12),
        "`count` must need no more memory than there is. Received: count=1000000000000, with the error: ",
    ),
    (
        "a label beyond an embedding",
        lambda: conditional_without_prior().generate(2, labels=7),
        "`generate` .*: labels must",
    ),
    *(
        (
            f"a path that is {value!r} for {name}",
            functools.partial(call, value),
            f"must be a path: .* Received: .*={value!r}",
        )
        for name, call in PATHS.items()
        for value in (None, 3, "")
    ),
    ("from a word", lambda: plain().generate(1, seed="x"), SEED + "'x'"),
    (
        "labels that it takes not",
        lambda: plain().generate(2, labels=1),
        "`labels` must be None: the generator takes none. Received: labels=1",
    ),
    (
        "a label that it knows not",
        lambda: conditional().generate(2, labels=3),
        r"`labels` must be in \[0, 3\). Received: the label 3$",
    ),
    (
        "three labels for two",
        lambda: conditional().generate(2, labels=[0, 1, 2]),
        r"`labels` must be one integer or 2 integers. Received: labels of dtype int64, of shape \(3,\)",
    ),
    (
        "a label that is a word",
        lambda: conditional().generate(2, labels="a"),
        r"`labels` must be one integer or 2 integers. Received: labels of strings, of shape \(\)",
    ),
    (
        "labels that cannot be drawn",
        lambda: conditional_without_prior().generate(2),
        "`labels` must be given: .* Received: labels=None",
    ),
    (
        "an augmentation's policy",
        lambda: augmentations.DiffAugment("colour"),
        "`policy` must name some of 'color,translation,cutout', by commas. Received: policy='colour'",
    ),
    (
        "noise below zero",
        lambda: augmentations.InstanceNoise(-1),
        "`stddev` must be a finite number of at least 0. Received: stddev=-1",
    ),
    ("a share of two", lambda: FakePool(3, 2.0), r"`share` must be in \[0, 1\]. Received: share=2.0"),
    (
        "a limit that is a word",
        lambda: constraints.ClipWeights("x"),
        "`limit` must be a finite number above 0. Received: limit='x'",
    ),
    (
        "a bound below the other",
        lambda: latents.Uniform(2, 1, 0),
        "`high` must be above `low`. Received: low=1, high=0",
    ),
    (
        "probabilities that are words",
        lambda: latents.Categorical("ab"),
        "`probabilities` must be a list of non-negative numbers that sum to 1. Received: probabilities='ab'",
    ),
    (
        "a trillion labels",
        lambda: latents.Categorical.uniform(10**12),
        "`count` must be an integer from 1 to 16777216. Received: count=1000000000000",
    ),
    (
        "a walk of one step",
        lambda: latents.interpolate([0.0], [1.0], 1),
        "`steps` must be an integer of at least 2. Received: steps=1",
    ),
    (
        "a side that does not halve",
        lambda: networks.dcgan_generator(4, (30, 30, 1)),
        r"`image_shape` must have sides of 3, 4, 5, 6 or 7 .* Received: image_shape=\(30, 30, 1\)",
    ),
    (
        "a misspelt activation",
        lambda: networks.mlp_generator(4, (2,), activation="reluu"),
        "`activation` must be the name of a Keras activation, or None. Received: activation='reluu'",
    ),
    (
        "a width for the widths",
        lambda: networks.mlp_discriminator((2,), hidden=3),
        "`hidden` must be a tuple of integers of at least 1. Received: hidden=3",
    ),
    (
        "everything dropped",
        lambda: networks.mlp_discriminator((2,), dropout=1.0),
        r"`dropout` must be in \[0, 1\). Received: dropout=1.0",
    ),
    (
        "a name in a sum",
        lambda: objectives.Sum([(1, "hinge")]),
        "`terms` must hold pairs of a weight and an Objective. Received: 'hinge'",
    ),
    (
        "a weight of nan",
        lambda: float("nan") * objectives.Hinge(),
        "`weight` must be a finite number of at least 0. Received: weight=nan",
    ),
    (
        "an unknown divergence",
        lambda: objectives.FDivergence("foo"),
        r"`divergence` must be one of \['kl', .* Received: divergence='foo'",
    ),
    (
        "a penalty that never comes",
        lambda: objectives.R1(every=0),
        "`every` must be an integer of at least 1. Received: every=0",
    ),
    (
        "no samples",
        lambda: callbacks.SampleGrid("samples", num_samples=0),
        "`num_samples` must be an integer of at least 1. Received: num_samples=0",
    ),
    (
        "a picture a day",
        lambda: callbacks.SampleGrid("samples", every="day"),
        "`every` must be 'epoch' or a number of steps of at least 1. Received: every='day'",
    ),
    (
        "a checkpoint every day",
        lambda: callbacks.Resume("run", every="day"),
        "`every` must be 'epoch' or a number of steps of at least 1. Received: every='day'",
    ),
    (
        "a checkpoint that is not kept",
        lambda: callbacks.Resume("run", keep=0),
        "`keep` must be an integer of at least 1. Received: keep=0",
    ),
    (
        "a checkpoint of the best of what is no name",
        lambda: callbacks.Resume("run", monitor=3),
        "`monitor` must be a name in the logs, or None. Received: monitor=3",
    ),
    (
        "a best that is neither",
        lambda: callbacks.Resume("run", mode="auto"),
        "`mode` must be 'min' or 'max'. Received: mode='auto'",
    ),
    (
        "fewer than no rollbacks",
        lambda: callbacks.Resume("run", rollbacks=-1),
        "`rollbacks` must be an integer of at least 0. Received: rollbacks=-1",
    ),
    (
        "a word for strict",
        lambda: callbacks.Resume("run", strict="no"),
        "`strict` must be True or False. Received: strict='no'",
    ),
    (
        "a grid of one picture",
        lambda: images.grid(X[0]),
        r"`images` must be a non-empty batch .* Received: images.shape=\(4, 4, 1\)",
    ),
    (
        "a grid in half columns",
        lambda: images.grid(X, columns=1.5),
        "`columns` must be an integer of at least 1. Received: columns=1.5",
    ),
    (
        "a grid without an end",
        lambda: images.grid(X, scale=10**6),
        r"The grid must have at most 536,870,912 pixels. Received: 8 images of 4 x 4, scale=1000000",
    ),
    (
        "a range of nothing",
        lambda: images.to_uint8(X, (1, 1)),
        r"`value_range` must be two finite numbers, low < high. Received: value_range=\(1, 1\)",
    ),
    (
        "a grid of a range that ends before it begins",
        lambda: callbacks.SampleGrid("samples", value_range=(1.0, 0.0)),
        r"`value_range` must be two finite numbers, low < high. Received: value_range=\(1.0, 0.0\)",
    ),
    (
        "a grid of grey pictures with alpha",
        lambda: images.grid(np.zeros((4, 8, 8, 2))),
        r"`images` must be a non-empty batch .* 1, 3 or 4 channels.*Received: images.shape=\(4, 8, 8, 2\)",
    ),
    (
        "a window of no known kind",
        lambda: metrics.functional.ms_ssim(np.zeros((2, 16, 16, 1)), window=7),
        "`window` must be one of fixed, shrinking. Received: window=7",
    ),
    (
        "data of another length",
        lambda: data.batches((X, Y[:3]), 2),
        r"Data and labels must have the same length. Received: \[8, 3\]",
    ),
    (
        "a number as data",
        lambda: data.batches(3, 2),
        r"`arrays` must be arrays of examples, \(N, ...\). Received: int$",
    ),
    (
        "a mixture of one number",
        lambda: data.gaussian_mixture_1d(0),
        "`means` must be a list of numbers. Received: means=0",
    ),
]
