"""Named parts of data that `keras_gan.data` refuses."""

import numpy as np
import tensorflow as tf

from keras_gan import data
from tests.conformance.bad.games import SHAPE, X, Y

BYTES, FILES = np.zeros((8, *SHAPE), "uint8"), tuple(f"{i}.png" for i in range(8))
NO_NAME = r"The parts must have names such as 'a' or 'source': .* Received: "
ROWS = [
    ("no parts", lambda: data.unpaired(batch_size=2), "`unpaired` must be given at least one part, .* Received: none"),
    ("no pairs", lambda: data.paired(batch_size=2), "`paired` must be given parts, .* Received: none"),
    (
        "parts without their names",
        lambda: data.unpaired(X, X, batch_size=2),
        "`unpaired` must be given parts by name, .* Received: a ndarray",
    ),
    (
        "a part twice",
        lambda: data.unpaired({"a": X}, a=X, batch_size=2),
        "`unpaired` must be given each name once. Received: a twice",
    ),
    (
        "an empty part",
        lambda: data.unpaired(a=X, b=X[:0], batch_size=2),
        "`b` must hold at least one example. Received: n",
    ),
    (
        "an empty pair",
        lambda: data.paired(a=X[:0], b=X[:0], batch_size=2),
        "`a` must hold at least one example. Received",
    ),
    (
        "a batch larger than the shortest part",
        lambda: data.unpaired(a=X, b=X[:3], batch_size=4),
        "`batch_size` must be an integer from 1 to 3. Received: batch_size=4",
    ),
    ("a part called like an argument", lambda: data.unpaired(a=X, joined=X, batch_size=2), NO_NAME + "'joined'"),
    ("a part called by a word of Python's", lambda: data.batches({"class": X}, 2), NO_NAME + "'class'"),
    ("a part called by a number", lambda: data.batches({3: X}, 2), NO_NAME + "3"),
    (
        "a list as a part",
        lambda: data.unpaired(a=[X], batch_size=1),
        r"`a` must be an array, `Pictures`, .* Received: a=",
    ),
    (
        "a part of words",
        lambda: data.unpaired(a=np.array(["x", "y"]), batch_size=1),
        r"`a` must be real numbers, .* Received: a batch of strings, of shape \(2,\)",
    ),
    (
        "pairs of other lengths",
        lambda: data.paired(a=X, b=X[:3], batch_size=2),
        "Parts that belong together must have the same length. Received: 8 of 'a', 3 of 'b'",
    ),
    (
        "labels of another length",
        lambda: data.unpaired({"a": X, "labels": Y[:7]}, b=X, batch_size=2),
        "Parts that belong together must have the same length. Received: 8 of 'a', 7 of 'labels'",
    ),
    (
        "arrays by name of other lengths",
        lambda: data.batches({"a": X, "b": X[:3]}, 2),
        "All parts must have the same length. Received: 8 of 'a', 3 of 'b'",
    ),
    (
        "pictures without partners",
        lambda: data.paired(
            a=data.Pictures(BYTES, files=FILES), b=data.Pictures(BYTES, files=(*FILES[1:], "z.png")), batch_size=2
        ),
        "`paired` must find the pictures of each folder .* Received: 1 of 'a' missing in 'b': 0$",
    ),
    (
        "two pictures of a name",
        lambda: data.paired(
            a=data.Pictures(BYTES, files=FILES), b=data.Pictures(BYTES, files=("0.bmp",) * 8), batch_size=2
        ),
        "`b` must hold one picture of each name. Received: several of 0",
    ),
    (
        "joined pictures of an odd width",
        lambda: data.paired(joined=BYTES[:, :, :3], batch_size=2),
        r"`joined` must hold pictures of an even width, .* Received: shape=\(8, 4, 3, 1\)",
    ),
    (
        "joined pictures beside others",
        lambda: data.paired(joined=BYTES, c=X, batch_size=2),
        "`joined` must be None where parts are given. Received: both, the parts c",
    ),
    (
        "one name for two halves",
        lambda: data.paired(joined=BYTES, names="ab", batch_size=2),
        "`names` must be two names, .* Received: names='ab'",
    ),
    (
        "edges of nothing",
        lambda: data.paired(a="edges", b="grey", batch_size=2),
        "`paired` must be given a part that is not a function. Received: only the functions a, b",
    ),
    (
        "edges of labels",
        lambda: data.paired(a="edges", b=Y, batch_size=2),
        r"`b` must hold pictures, .* Received: shape=\(8,\)",
    ),
    (
        "edges of numbers in another range",
        lambda: data.paired(a="edges", b=X + 100, batch_size=2),
        r"`b` must lie in `value_range`, \[-1, 1\]. Received: pictures in \[100, 100\]",
    ),
    (
        "pictures that cannot be so small",
        lambda: data.paired(a=data.Small(3), b=BYTES, batch_size=2),
        "`factor` must divide the sides of the pictures, 4 and 4. Received: factor=3",
    ),
    (
        "a function that fails",
        lambda: data.paired(a=lambda b: 1 / 0, b=BYTES, batch_size=2),
        "`a` must be a function of a batch that .* with the error: division by zero",
    ),
    (
        "a function that gives one for all",
        lambda: data.paired(a=tf.reduce_sum, b=BYTES, batch_size=2),
        r"`a` must return one example per example of its argument. .* which returns the shape \(\) for 2",
    ),
    (
        "points to be flipped",
        lambda: data.unpaired(a=Y, batch_size=2, flip=True),
        r"`flip` must be False where no part holds pictures, .* Received: True",
    ),
    (
        "a word for a flip",
        lambda: data.paired(a=X, batch_size=2, flip="yes"),
        "`flip` must be True or False. Received: f",
    ),
    (
        "a word as a transform of parts",
        lambda: data.unpaired(a=X, batch_size=2, transform="flip"),
        "`transform` must be a function of the parts, or None. Received: transform='flip'",
    ),
    (
        "a transform of parts that fails",
        lambda: data.unpaired(a=X, batch_size=2, transform=lambda b: b),
        "`transform` must turn a batch, .* with the error: ",
    ),
    (
        "a negative threshold",
        lambda: data.Edges(-1),
        "`threshold` must be a finite number of at least 0. Received: threshold",
    ),
    ("a factor of one", lambda: data.Small(1), "`factor` must be an integer of at least 2. Received: factor=1"),
    ("a mask of everything", lambda: data.Masked(1.0), r"`size` must be in \(0, 1\). Received: size=1.0"),
    (
        "a mask on the left",
        lambda: data.Masked(place="left"),
        "`place` must be 'centre' or 'random'. Received: place='left'",
    ),
]
