"""Data that `fit` and `evaluate` refuse, and courses that they do not run."""

import functools

import keras
import numpy as np
import tensorflow as tf

from keras_gan import data
from tests.conformance.bad.games import (
    SHAPE,
    NoBatches,
    X,
    Y,
    batches,
    conditional,
    conditional_without_prior,
    fit,
    game,
    patient,
    plain,
    played,
    uncompiled,
    x_with,
    y_with,
)

DATA_SHAPE = r"The data must have the shape that the generator makes, \(None, 4, 4, 1\). Received: a batch of shape "
NUMBERS = r"The data must be real numbers, \(N, ...\). Received: a batch of "
INTEGERS = r"The data's labels must be integers, one per example, \(8,\). Received: labels of "
MASKED = r"The data must be arrays without masks, .*\. Received: a masked array"
ARRAYS = r"`x` must be an array, a pair of arrays, a tf.data.Dataset or a keras.utils.PyDataset. Received: "


class Nothing(keras.metrics.Metric):
    def update_state(self, real, fake):
        pass

    def result(self):
        return None


def uncounted():
    gan = conditional_without_prior()
    if not gan.compiled:
        gan.compile("hinge")
    return gan


def measured_by_nothing():
    gan = game()
    gan.compile("hinge", metrics=[Nothing()], run_eagerly=True)
    return gan


def damaged():
    good = tf.io.encode_jpeg(tf.zeros((4, 4, 1), tf.uint8)).numpy()
    files = tf.data.Dataset.from_tensor_slices([good, good, b"no picture"])
    return files.map(lambda file: tf.cast(tf.io.decode_jpeg(file, channels=1), tf.float32) / 127.5 - 1).batch(1)


def generated(*parts, **options):
    """A data set of a generator that gives `parts` and raises those that are errors."""

    def give():
        for part in parts:
            if isinstance(part, Exception):
                raise part
            yield part

    return tf.data.Dataset.from_generator(give, **(options or {"output_types": tf.float32}))


class Later(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return X[:4, : 4 - index]


ITSELF = "The data set must yield its batches without errors of its own. Received: "
VERBOSE = "`verbose` must be 'auto', 0, 1 or 2. Received: verbose="
FIRST = "Every batch of the data must have the shape of the first one. Received: "
SIZED = {"output_signature": tf.TensorSpec((None, None, None, 1))}
ROWS = [
    (
        "a damaged picture in the data set",
        lambda: fit(damaged(), gan=played),
        ITSELF + "InvalidArgumentError: Unknown image file",
    ),
    ("a damaged picture among others", lambda: fit(damaged(), gan=patient), "as each step consumes as many|" + ITSELF),
    ("a damaged picture to evaluate", lambda: plain().evaluate(damaged(), verbose=0), ITSELF + "InvalidArgumentError"),
    (
        "a damaged picture to validate",
        lambda: fit(X, validation_data=damaged(), gan=played),
        ITSELF + "InvalidArgumentError",
    ),
    (
        "a full disk",
        lambda: fit(generated(X[:4], X[4:], OSError("the disk is full")), gan=played),
        ITSELF + "UnknownError: OSError: the disk is full$",
    ),
    (
        "a full disk at once",
        lambda: fit(generated(OSError("the disk is full")), gan=played),
        ITSELF + "UnknownError: OSError: the disk is full$",
    ),
    (
        "a later batch of another size",
        lambda: fit(generated(X[:4], X[:4, :3], **SIZED), gan=played),
        FIRST + r"Shape .* \[4,3,4,1\]",
    ),
    (
        "a later batch of another rank",
        lambda: fit(generated(X[:4], X[:4, 0]), gan=played),
        FIRST + r"Shape .* \[4,4,1\]",
    ),
    (
        "a later batch of another size of a PyDataset",
        lambda: fit(Later(), gan=played),
        "Every batch of the data must fit the players",
    ),
    *(
        (
            f"{value} for {name}",
            functools.partial(fit, X, validation_data=X, **{name: value}),
            f"`{name}` must be an integer of at least 1. Received: {name}=",
        )
        for name in ("validation_steps", "validation_freq")
        for value in (0, -1, 2.5)
    ),
    (
        "a negative label that nobody counts",
        lambda: fit(X, y_with(-1), uncounted),
        r"The data's labels must be in \[0, 2147483648\). Received: labels in \[-1, 2\]",
    ),
    (
        "a label of 41 bits",
        lambda: fit(X, y_with(2**40), uncounted),
        r"The data's labels must be in \[0, 2147483648\). Received: labels in \[0, 1099511627776\]",
    ),
    (
        "a label beyond an embedding that nobody counts",
        lambda: fit(X, y_with(7), uncounted),
        r"`generator` must take .* labels up to 7 .* labels must be in \[0, 3\), where one is 7$",
    ),
    (
        "a transform that gives nothing",
        lambda: data.batches(X, 4, transform=lambda x: None),
        "`transform` must turn a batch, .* Received: .* with the error: ValueError: it returned None",
    ),
    (
        "a transform that fails",
        lambda: data.batches(X, 4, transform=lambda x: 1 / 0),
        "`transform` must turn a batch, .* Received: .* with the error: ZeroDivisionError: division by zero",
    ),
    (
        "a word as a transform",
        lambda: data.batches(X, 4, transform="flip"),
        "`transform` must .* Received: transform='fl",
    ),
    ("a folder without a name", lambda: data.read("folder:"), "`name` must name a folder, .* Received: name='folder:'"),
    (
        "a name and a new line",
        lambda: data.read("mnist\n"),
        r"`name` must be the name of a data set, .* name='mnist\\n'",
    ),
    (
        "a folder whose name is not UTF-8",
        lambda: data.read("folder:bild\udcff"),
        "`name` must be the name of a data set, of printable characters: rename a folder .* is not UTF-8. Received: ",
    ),
    ("a name and a space", lambda: data.read(" digits"), "`name` must be the name of a data set, .* name=' digits'"),
    ("pictures of another size", lambda: fit(np.zeros((8, 5, 5, 1))), DATA_SHAPE + r"\(8, 5, 5, 1\)"),
    ("vectors for pictures", lambda: fit(np.zeros((8, 16))), DATA_SHAPE + r"\(8, 16\)"),
    ("one example without a batch", lambda: fit(tf.data.Dataset.from_tensor_slices(X)), DATA_SHAPE + r"\(4, 4, 1\)"),
    ("one number", lambda: fit(np.zeros(())), NUMBERS + r"dtype float64, of shape \(\)"),
    ("words", lambda: fit(np.full((8, *SHAPE), "a")), NUMBERS + r"strings, of shape \(8, 4, 4, 1\)$"),
    ("objects", lambda: fit(np.full((8, *SHAPE), None)), NUMBERS + "dtype object"),
    ("complex numbers", lambda: fit(X.astype("complex64")), NUMBERS + "dtype complex64"),
    ("true and false", lambda: fit(batches(X.astype(bool), 4)), NUMBERS + "dtype bool"),
    ("a NaN pixel", lambda: fit(x_with(np.nan)), "The data must be finite. Received: a batch with 1 NaN or Inf"),
    (
        "an infinite pixel at the end",
        lambda: fit(x_with(np.inf, 7), batch_size=2, shuffle=False),
        "The data must be finite. Received: a batch with 1 NaN or Inf",
    ),
    (
        "bytes after a tanh",
        lambda: fit(X + 255),
        r"The data must lie in \[-1, 1\], .* ends in a tanh. Received: data in \[255, 255\]; map images with",
    ),
    ("nothing", lambda: fit(None), ARRAYS + "NoneType"),
    ("a list", lambda: fit([[0.0]]), ARRAYS + "list"),
    ("a mask", lambda: fit(np.ma.masked_array(X)), MASKED),
    ("masked labels", lambda: conditional().fit(X, np.ma.masked_array(Y)), MASKED),
    ("a mask of a part", lambda: fit({"real": np.ma.masked_array(X)}), MASKED),
    ("a mask to evaluate", lambda: plain().evaluate(np.ma.masked_array(X)), MASKED),
    ("a mask to train on", lambda: plain().train_on_batch(np.ma.masked_array(X)), MASKED),
    ("a mask in batches", lambda: data.batches(np.ma.masked_array(X), 2), MASKED),
    ("a mask to make from", lambda: game().make("fake", latents=np.ma.masked_array(np.zeros((2, 4)))), MASKED),
    ("an iterator", lambda: fit(iter([X])), ARRAYS + "list_iterator"),
    ("a path", lambda: fit("pictures"), ARRAYS + "str"),
    ("an empty array", lambda: fit(X[:0]), "The data must hold at least one example. Received: none"),
    (
        "an empty data set",
        lambda: fit(batches(X[:0], 4)),
        "The data set must hold at least one batch. Received: a data set without any",
    ),
    (
        "a data set smaller than a batch",
        lambda: fit(batches(X, 16, drop_remainder=True)),
        "The data set must hold at least one batch. Received: a data set without any",
    ),
    (
        "a PyDataset without batches",
        lambda: fit(NoBatches()),
        "The data set must hold at least one batch. Received: a data set without any",
    ),
    (
        "a data set without an end",
        lambda: fit(batches(X, 4).repeat()),
        "`steps_per_epoch` must be given: the data set is endless. Received: steps_per_epoch=None",
    ),
    (
        "fewer batches than moves",
        lambda: fit(X, gan=patient, batch_size=4),
        "The data must hold at least `discriminator_steps` full batches, .* Received: .*=3, and data with 2$",
    ),
    (
        "a batch larger than the data",
        lambda: fit(X, batch_size=9),
        "`batch_size` must be an integer from 1 to 8. Received: batch_size=9",
    ),
    (
        "a batch size beside a data set",
        lambda: fit(batches(X, 4), batch_size=4),
        "`batch_size` must be None where `x` is a data set. Received: batch_size=4",
    ),
    (
        "labels beside a data set",
        lambda: fit(batches(X, 4), Y),
        "`y` must be None where `x` is a data set. Received: y=ndarray$",
    ),
    (
        "a dict",
        lambda: fit(tf.data.Dataset.from_tensors({"image": X})),
        r"The data must be batches of examples or pairs .* Received: a dict of 1",
    ),
    (
        "arrays by other names",
        lambda: fit({"a": X, "b": X}),
        r"The data must be batches of examples or pairs .* Received: a dict of 2, named 'a', 'b'",
    ),
    ("no arrays by name", lambda: fit({}), "`x` must hold at least one array where it is a dict. Received: x={}"),
    (
        "a list by name",
        lambda: fit({"real": [0.0]}),
        "`x` must hold arrays where it is a dict. Received: a list as 'real'",
    ),
    (
        "labels beside names",
        lambda: fit({"real": X}, Y),
        "`y` must be None where `x` is a dict: .* Received: y=ndarray",
    ),
    (
        "names of other lengths",
        lambda: fit({"real": X, "labels": Y[:7]}, gan=conditional),
        "All parts must have the same length. Received: 8 of 'real', 7 of 'labels'",
    ),
    (
        "a triple",
        lambda: fit(tf.data.Dataset.from_tensors((X, Y, Y))),
        r"The data must be batches of examples or pairs .* Received: a tuple of 3",
    ),
    (
        "no labels",
        lambda: fit(X, gan=conditional),
        r"The data must be pairs \(example, label\).* Received: examples only",
    ),
    (
        "a label out of range",
        lambda: fit(X, y_with(3), conditional),
        r"The data's labels must be in \[0, 3\). Received: labels in \[0, 3\]",
    ),
    (
        "a label out of range at the end",
        lambda: fit(X, y_with(3, 7), conditional, batch_size=2, shuffle=False),
        r"The data's labels must be in \[0, 3\). Received: labels in \[0, 3\]",
    ),
    (
        "a negative label",
        lambda: fit(X, y_with(-1), conditional),
        r"The data's labels must be in \[0, 3\). Received: labels in \[-1, 2\]",
    ),
    (
        "fewer labels than examples",
        lambda: fit(X, Y[:7], conditional),
        r"Data and labels must have the same length. Received: \[8, 7\]",
    ),
    ("halves of labels", lambda: fit(X, Y + 0.5, conditional), INTEGERS + "dtype float64"),
    (
        "one-hot labels",
        lambda: fit(X, np.eye(3, dtype=int)[Y], conditional),
        INTEGERS + r"dtype int64, of shape \(8, 3\)",
    ),
    ("words as labels", lambda: fit(X, Y.astype(str), conditional), INTEGERS + "strings"),
    ("a list of labels", lambda: fit(X, list(Y), conditional), "`y` must be an array where `x` is one. Received: list"),
    ("negative epochs", lambda: fit(X, epochs=-1), "`epochs` must be an integer of at least 0. Received: epochs=-1"),
    (
        "many epochs",
        lambda: fit(X, epochs="many"),
        "`epochs` must be an integer of at least 0. Received: epochs='many'",
    ),
    (
        "an epoch before the first",
        lambda: fit(X, initial_epoch=-1),
        "`initial_epoch` must be an integer of at least 0. Received: initial_epoch=-1",
    ),
    (
        "epochs without steps",
        lambda: fit(X, steps_per_epoch=0),
        "`steps_per_epoch` must be an integer of at least 1. Received: steps_per_epoch=0",
    ),
    (
        "a number as a callback",
        lambda: fit(X, callbacks=[3]),
        "`callbacks` must be keras.callbacks.Callback instances. Received: 3",
    ),
    (
        "weights of classes",
        lambda: fit(X, class_weight={0: 1.0}),
        "`class_weight` must be None: examples cannot be weighted in a game. Received: a value",
    ),
    (
        "a share of more than all",
        lambda: fit(X, validation_split=1.5),
        r"`validation_split` must be in \[0, 1\). Received: validation_split=1.5",
    ),
    (
        "other pictures to validate with",
        lambda: fit(X, validation_data=np.zeros((8, 2))),
        "^`validation_data` must be data as `x` is. " + DATA_SHAPE + r"\(8, 2\)",
    ),
    (
        "a new agreement in the middle",
        lambda: fit(X, callbacks=[keras.callbacks.LambdaCallback(on_epoch_begin=lambda *_: plain().compile("hinge"))]),
        "`compile` must not be called while `fit` runs. Received: a call by a callback",
    ),
    (
        "a run in a run",
        lambda: fit(X, callbacks=[keras.callbacks.LambdaCallback(on_epoch_begin=lambda *_: fit(X))]),
        "`fit` must not be called while `fit` runs. Received: a call by a callback",
    ),
    (
        "one batch for three moves",
        lambda: patient().train_on_batch(X),
        r"`train_on_batch` must be given examples of shape \(None, 3, 4, 4, 1\), as a step consumes 3 batches, .* "
        r"Received: shape=\(8, 4, 4, 1\)$",
    ),
    (
        "a batch of another size to train on",
        lambda: plain().train_on_batch(np.zeros((8, 5, 5, 1))),
        r"`train_on_batch` must be given examples of shape \(None, 4, 4, 1\). Received: shape=\(8, 5, 5, 1\)$",
    ),
    (
        "a batch without labels",
        lambda: conditional().train_on_batch(X),
        r"`train_on_batch` must be given \(examples, labels\): a player takes labels. Received: examples only",
    ),
    (
        "labels of another batch",
        lambda: conditional().test_on_batch(X, Y[:3]),
        r"`test_on_batch` must be given labels of shape \(8,\). Received: labels of shape \(3,\)$",
    ),
    (
        "a weight of each example of a batch",
        lambda: plain().train_on_batch(X, sample_weight=Y),
        "`sample_weight` must be None: examples cannot be weighted in a game. Received: a value",
    ),
    (
        "a metric that gives nothing",
        lambda: measured_by_nothing().evaluate(X, verbose=0),
        "`metrics` must give a number",
    ),
    ("a game that is not compiled", lambda: fit(X, gan=uncompiled), r"You must call `compile\(\)` before"),
    ("other pictures to evaluate", lambda: plain().evaluate(np.zeros((8, 2)), verbose=0), DATA_SHAPE + r"\(8, 2\)"),
    (
        "an evaluation in batches of none",
        lambda: plain().evaluate(X, batch_size=0, verbose=0),
        "`batch_size` must be an integer of at least 1. Received: batch_size=0",
    ),
    ("more to print than there is", lambda: fit(X, verbose=7), VERBOSE + "7$"),
    ("less to print than nothing", lambda: fit(X, verbose=-1), VERBOSE + "-1$"),
    ("nothing said of what to print", lambda: fit(X, verbose=None), VERBOSE + "None$"),
    ("a part of a bar", lambda: fit(X, verbose=1.0), VERBOSE + "1.0$"),
    ("a word for what to print", lambda: fit(X, verbose="loud"), VERBOSE + "'loud'$"),
    ("more to print of an evaluation", lambda: plain().evaluate(X, verbose=7), VERBOSE + "7$"),
    ("nothing said of what to print of an evaluation", lambda: plain().evaluate(X, verbose=None), VERBOSE + "None$"),
    ("a count of shuffles", lambda: fit(X, shuffle=3), "`shuffle` must be True or False. Received: shuffle=3$"),
    ("no word on shuffling", lambda: fit(X, shuffle=None), "`shuffle` must be True or False. Received: shuffle=None$"),
    (
        "a count of dicts",
        lambda: plain().evaluate(X, return_dict=2, verbose=0),
        "`return_dict` must be True or False. Received: return_dict=2$",
    ),
    (
        "no callback in an evaluation",
        lambda: plain().evaluate(X, callbacks=[3], verbose=0),
        "`callbacks` must be keras.callbacks.Callback instances. Received: 3$",
    ),
]
