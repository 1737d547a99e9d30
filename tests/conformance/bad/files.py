"""Files and folders that cannot be read or written, and pictures that are none."""

import os
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

from keras_gan import data, images, latents
from keras_gan.ground.files import write_text
from tests.conformance.bad.games import X, game, plain

READABLE = r"`path` must hold at least one readable picture .* Received: path='{}' with 1 file .*, none readable: "
PLACE = r"^`path` must be in a folder that can be written. Received: path='file.txt/.*', below a file"
PIXELS = r"`image` must be uint8, \(height, width, channels\) with 1, 3 or 4 channels. Received: image.dtype="
SIZE = r"`image_size` must be a side or \(height, width\), in \[1, 4096\].* Received: image_size="
SAVED = "`filepath` must name a .keras or a .weights.h5 file. Received: filepath="
DATA_SETS = r"The data set must be 'digits', 'folder:PATH', 'records:PATH' or an image set .*Datasets.* Received: "


def png(path, side):
    path.parent.mkdir(exist_ok=True)
    Image.new("L", (side, side)).save(path)


def claiming(path, side):
    """A PNG of a few bytes that claims to be huge."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    path.parent.mkdir()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes(1000))), chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def lay_out(here: pathlib.Path) -> None:
    """What the rows find in the folder that they are called in."""
    for name in ("file.txt", "text.keras"):
        (here / name).write_text("a file")
    for folder in ("folder", "loop", "corrupt", "cut", "pipe"):
        (here / folder).mkdir()
    for name, side in (("small/a.png", 8), ("two/a.png", 8), ("two/b.png", 9)):
        png(here / name, side)
    claiming(here / "huge/a.png", 60_000)
    claiming(here / "large/a.png", 11_000)
    (here / "loop/loop").symlink_to("../loop")
    (here / "loop/a.png").symlink_to("a.png")
    (here / "corrupt/a.png").write_bytes(b"\x89PNG\r\n\x1a\n and so on")
    (here / "cut/a.png").write_bytes((here / "small/a.png").read_bytes()[:40])
    os.mkfifo(here / "pipe/a.png")


ROWS = [
    ("no data set", lambda: data.read(None), "`name` must be the name of a data set, a string. Received: name=None"),
    ("an unknown data set", lambda: data.read("nosuch"), DATA_SETS + "'nosuch'"),
    ("a data set that climbs", lambda: data.read("../mnist"), DATA_SETS + "'../mnist'"),
    (
        "an unknown split",
        lambda: data.read("digits", "dev"),
        "`split` of digits must be one of .* Received: split='dev'",
    ),
    (
        "a missing folder",
        lambda: data.read("folder:nowhere"),
        "`path` must be a folder of pictures, or a zip of them. Received: path='nowhere'",
    ),
    (
        "a file for a folder",
        lambda: data.read("folder:file.txt"),
        "`path` must be a folder of pictures, or a zip of them. Received: path='file.txt'",
    ),
    ("an empty folder", lambda: data.read("folder:folder"), "Received: path='folder' with 0 files of these kinds$"),
    (
        "a folder of two sizes",
        lambda: data.read("folder:two"),
        "`image_size` must be given, as the pictures have 2 different sizes. Received: image_size=None, sizes 8x8, 9x9",
    ),
    ("a corrupt picture", lambda: data.read("folder:corrupt"), READABLE.format("corrupt") + "a.png: not a picture"),
    ("half a picture", lambda: data.read("folder:cut"), READABLE.format("cut") + "a.png: "),
    (
        "a picture that claims 60,000 x 60,000",
        lambda: data.read("folder:huge"),
        READABLE.format("huge") + "a.png: more than 80,000,000 pixels$",
    ),
    (
        "a picture that claims 11,000 x 11,000",
        lambda: data.read("folder:large"),
        READABLE.format("large") + "a.png: 11000 x 11000 pixels, more than 80,000,000",
    ),
    ("links in circles", lambda: data.read("folder:loop"), READABLE.format("loop") + "a.png: not a file"),
    ("a pipe that nobody fills", lambda: data.read("folder:pipe"), READABLE.format("pipe") + "a.png: not a file"),
    ("pictures without a side", lambda: data.read("folder:small", image_size=0), SIZE + "0"),
    ("pictures of a million a side", lambda: data.read("folder:small", image_size=10**6), SIZE + "1000000"),
    ("pictures of three sides", lambda: data.read("folder:small", image_size=(1, 2, 3)), SIZE + r"\(1, 2, 3\)"),
    (
        "labels of none",
        lambda: data.load("folder:small", batch_size=1, labels=True),
        "`labels` must be False: this data set has none. Received: labels=True",
    ),
    (
        "a batch of two of one",
        lambda: data.load("folder:small", batch_size=2),
        "`batch_size` must be an integer from 1 to 1. Received: batch_size=2",
    ),
    (
        "a seed that is a word",
        lambda: data.load("folder:small", batch_size=1, seed="x"),
        "`seed` must be an integer of 64 bits. Received: seed='x'",
    ),
    (
        "a model without a suffix",
        lambda: plain().save("gan"),
        "`filepath` must end in .keras. Received: filepath='gan'",
    ),
    (
        "a model in another format",
        lambda: plain().save("gan.h5"),
        "`filepath` must end in .keras. Received: filepath='gan.h5'",
    ),
    ("a model below a file", lambda: plain().save("file.txt/gan.keras"), PLACE.replace("path", "filepath")),
    (
        "weights without their suffix",
        lambda: plain().save_weights("gan.keras"),
        "`filepath` must end in .weights.h5. Received: filepath='gan.keras'",
    ),
    ("weights that are none", lambda: plain().load_weights("file.txt"), SAVED + "'file.txt', which is not one$"),
    ("weights that are missing", lambda: plain().load_weights("no.weights.h5"), SAVED + "'no.weights.h5', no such"),
    ("weights that only look like some", lambda: plain().load_weights("text.keras"), SAVED + "'text.keras', which is"),
    ("weights in a folder", lambda: plain().load_weights("folder"), SAVED + "'folder', which is not one$"),
    ("weights of a number", lambda: plain().load_weights(3), SAVED + "'3', no such file$"),
    ("an export below a file", lambda: plain().export("file.txt"), PLACE),
    (
        "version 0",
        lambda: plain().export("model", version=0),
        "`version` must be an integer from 1 to 9223372036854775807. Received: version=0",
    ),
    (
        "a version that is a word",
        lambda: plain().export("model", version="1"),
        "`version` must be an integer from 1 to 9223372036854775807. Received: version='1'",
    ),
    (
        "keeping none",
        lambda: plain().export("model", keep=0),
        "`keep` must be an integer of at least 1. Received: keep=0",
    ),
    (
        "a range of one number",
        lambda: plain().export("model", value_range=(0,)),
        r"`value_range` must be two finite numbers, low < high. Received: value_range=\(0,\)",
    ),
    (
        "a range that is a number",
        lambda: plain().export("model", value_range=3),
        "`value_range` must be two finite numbers, low < high. Received: value_range=3",
    ),
    (
        "metadata that JSON cannot hold",
        lambda: plain().export("model", metadata={"a": 1j}),
        "`metadata` must be a dict that JSON can hold. Received: Object of type complex",
    ),
    (
        "truncation of uniform latents",
        lambda: game(latents=latents.Uniform(3)).export("model", truncation=True),
        r"`truncation` must be False unless .* Received: latents=Uniform\(dim=3",
    ),
    ("floats as a PNG", lambda: images.save_png("x.png", X[0]), PIXELS + r"float32, image.shape=\(4, 4, 1\)"),
    (
        "two channels as a PNG",
        lambda: images.save_png("x.png", np.zeros((4, 4, 2), "uint8")),
        PIXELS + r"uint8, image.shape=\(4, 4, 2\)",
    ),
    ("nothing as a PNG", lambda: images.save_png("x.png", None), PIXELS + "object"),
    (
        "a PNG where a folder is",
        lambda: images.save_png("folder", np.zeros((4, 4, 1), "uint8")),
        "^`path` must be a file. Received: path='folder', a folder",
    ),
    (
        "a PNG without a name",
        lambda: images.save_png(".", np.zeros((4, 4, 1), "uint8")),
        "`path` must have a name. Received: path='.'",
    ),
    ("a PNG below a file", lambda: images.save_png("file.txt/x.png", np.zeros((4, 4, 1), "uint8")), PLACE),
    ("a text below a file", lambda: write_text("file.txt/x/y", "text"), PLACE),
    (
        "a film of nothing",
        lambda: images.save_gif("x.gif", []),
        r"`frames` must name at least one picture. Received: frames=\[\]",
    ),
    (
        "a film of texts",
        lambda: images.save_gif("x.gif", ["file.txt"]),
        "`frames` must name pictures. Received: 'file.txt': cannot identify",
    ),
    (
        "a film of what is missing",
        lambda: images.save_gif("x.gif", ["no.png"]),
        "`frames` must name pictures. Received: 'no.png': .*No such file",
    ),
]
