"""Command lines that are refused. Each row: what is wrong, the arguments, and the text, as a regular expression."""

import json
import pathlib


def lay_out(here: pathlib.Path) -> None:
    """Beside what `bad.files` lays out: configurations that no run wrote."""
    configs = {
        "climbs": {"run_dir": "../x"},
        "root": {"export_dir": "/etc/x"},
        "list": {"epochs": [1]},
        "key": {"zebra": 1},
    }
    for name, config in configs.items():
        (here / f"{name}.json").write_text(json.dumps(config))
    (here / "deep.json").write_text("[" * 100_000)


MODEL = "`model` must name a .keras file of a GAN. Received: "
ROWS = [
    ("an unknown command", ["trian"], "keras-gan: unknown command 'trian'. Known: train, prepare, sample"),
    (
        "an unknown flag",
        ["train", "--epocs=1"],
        r"flags must be known ones. Did you mean --epochs\? Received: --epocs$",
    ),
    ("a flag without dashes", ["train", "digits"], "flags begin with --. Received: digits"),
    (
        "a word for a number",
        ["train", "--epochs=many"],
        "`epochs` must be a positive integer. Received: epochs='many'$",
    ),
    ("no epochs", ["train", "--epochs=0"], "`epochs` must be a positive integer. Received: epochs='0'$"),
    (
        "an unknown network",
        ["train", "--network=unet"],
        "`network` must be one of auto, dcgan, mlp, resnet. Received: network='unet'$",
    ),
    (
        "a misspelt objective",
        ["train", "--objective=hinje"],
        "`objective` must be made of known names. Did you mean 'hinge'",
    ),
    (
        "code as an objective",
        ["train", "--objective=__import__('os').system('x')"],
        "`objective` must be a sum of weighted names",
    ),
    (
        "a batch larger than the data",
        ["train", "--batch_size=9999"],
        "`batch_size` must be an integer from 1 to 1437. Received: batch_size=9999",
    ),
    (
        "a name that climbs",
        ["train", "--name=../x"],
        r"`name` must be letters, digits, _, . and -. Received: name='../x'",
    ),
    (
        "a run below a file",
        ["train", "--run_dir=file.txt/run"],
        "`run_dir` must be a folder. Received: run_dir='file.txt/run'; 'file.txt' is a file",
    ),
    (
        "a config that climbs",
        ["train", "--config=climbs.json"],
        "`run_dir` of a config file must be below the working folder; --run_dir may name any. Received: run_dir='../x'",
    ),
    (
        "a config that begins at the root",
        ["train", "--config=root.json"],
        "`export_dir` of a config file must be below .* Received: export_dir='/etc/x'",
    ),
    (
        "a config of lists",
        ["train", "--config=list.json"],
        r"`epochs` must be a positive integer. Received: epochs=\[1\] in 'list.json'$",
    ),
    (
        "a config of other keys",
        ["train", "--config=key.json"],
        "`config` must hold only .* Received: config='key.json', which holds 'zebra'$",
    ),
    (
        "a config without a bottom",
        ["train", "--config=deep.json"],
        "`config` must be a JSON file that a run wrote. Received: config='deep.json', .*more than 100 deep$",
    ),
    (
        "pictures without an end",
        ["train", "--dataset=folder:huge"],
        "Received: path='huge' with 1 file of these kinds, none readable: a.png: more than 80,000,000 pixels$",
    ),
    ("no model", ["sample"], MODEL + "no --model"),
    ("a missing model", ["sample", "--model=no.keras"], MODEL + "model='no.keras', no such file"),
    ("a text as a model", ["info", "--model=file.txt"], MODEL + "model='file.txt', which is not one"),
    ("no samples", ["sample", "--n=0"], r"`n` must be an integer in the range \[1, 100000\]. Received: n='0'$"),
    (
        "no folder to translate",
        ["translate", "--model=no.keras", "--out=new"],
        "`folder` must be given. Received: no --folder$",
    ),
    (
        "a translation beside what is translated",
        ["translate", "--model=no.keras", "--folder=folder", "--out=folder/new"],
        "`out` must not be `folder`, nor lie in it. Received: folder='folder', out='folder/new'$",
    ),
    (
        "a class without a number",
        ["translate", "--model=no.keras", "--folder=folder", "--out=new", "--given=target"],
        "`given` must be NAME=NUMBER, such as target=2. Received: given='target'$",
    ),
    (
        "a misspelt model",
        ["train", "--model=cyclegan"],
        "`model` must be one of gan, .*; did you mean cycle_gan.* Received: model='cyclegan'$",
    ),
    (
        "a picture where a folder is",
        ["sample", "--model=no.keras", "--out=folder"],
        "`out` must be a file. Received: out='folder', a folder",
    ),
    (
        "a picture below a file",
        ["sample", "--model=no.keras", "--out=file.txt/x.png"],
        "`out` must stand in a folder. Received: out='file.txt/x.png'",
    ),
    (
        "a folder without a SavedModel",
        ["convert", "--model=folder"],
        "`model` must name a .keras file of a GAN, a run folder, or a SavedModel: .* Received: model='folder', a f",
    ),
    (
        "a folder without versions",
        ["serve", "--model=folder"],
        "`model` must be a model's folder, .* Received: model='folder'",
    ),
    (
        "a server that is no server",
        ["request", "--model=x", "--url=ftp://x"],
        "`url` must begin with http://, .* Received: url='ftp://x'",
    ),
    (
        "an address that is broken",
        ["request", "--model=x", "--url=http://[::1"],
        r"`url` must be the address of a server. Received: url='http://\[::1'",
    ),
    (
        "an unknown demonstration",
        ["demo", "--name=figure2"],
        "`name` must be one of figure1. Received: name='figure2'$",
    ),
]
