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
    lines = [f"{20 + i},{'yes' if i % 3 else 'no'},1" for i in range(30)]
    (here / "people.csv").write_text("\n".join(["age,member,one", *lines]) + "\n")
    (here / "same.csv").write_text("a,b\n" + "1,x\n" * 20)
    (here / "names.csv").write_text("a,b\n")
    days = [f"2020-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(60)]
    lines = [f"{day},{i * i % 17},{i % 5},{'ab'[i % 2]}" for i, day in enumerate(days)]
    (here / "walk.csv").write_text("\n".join(["day,price,sold,kind", *lines]) + "\n")
    (here / "back.csv").write_text("\n".join(["day,price", *(f"{day},{i}" for i, day in enumerate(days[::-1]))]) + "\n")
    (here / "gap.csv").write_text("price\n" + "1\n2\n" * 20 + "nan\n3\n")
    (here / "rests.csv").write_text("price,stop\n" + "1,7\n2,7\n" * 20)
    (here / "zones.csv").write_text("\n".join(["from,till,price", *(f"{day},{day},1" for day in days)]) + "\n")


PEOPLE = ("--dataset=table:people.csv",)
WALK = ("--dataset=series:walk.csv", "--columns=price,sold")
MODEL = "`model` must name a .keras file of a GAN. Received: "
ROWS = [
    ("an unknown command", ["trian"], "keras-gan: unknown command 'trian'. Known: train, prepare, sample"),
    (
        "an unknown flag",
        ["train", "--epocs=1"],
        r"unknown flag --epocs. Did you mean --epochs\?$",
    ),
    (
        "a flag of other programs",
        ["train", "--lr=0.1"],
        r"unknown flag --lr. Use --generator_lr and --discriminator_lr.$",
    ),
    (
        "steps for epochs",
        ["train", "--num-steps=9"],
        r"unknown flag --num-steps. Use --epochs, the number of passes over the data.$",
    ),
    (
        "a flag that this command has not",
        ["report", "--lr=0.1"],
        r"unknown flag --lr.$",
    ),
    ("a flag without dashes", ["train", "digits"], "all flags begin with --. Received: digits"),
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
    ("no model", ["sample"], "`model` must name a run folder, .* a SavedModel: .* Received: no --model"),
    (
        "a missing model",
        ["sample", "--model=no.keras"],
        "`model` must name a run folder, the .keras file of a GAN, or .* model='no.keras', no such file or folder",
    ),
    ("a text as a model", ["info", "--model=file.txt"], MODEL + "model='file.txt', which is not one"),
    ("no samples", ["sample", "--n=0"], "`n` must be a positive integer. Received: n='0'$"),
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
        "single pictures in a folder of others",
        ["sample", "--model=no.keras", "--out=huge"],
        "`out` must be a file, or a new or empty folder. Received: out='huge', with a.png$",
    ),
    (
        "a picture below a file",
        ["sample", "--model=no.keras", "--out=file.txt/x.png"],
        "`out` must be in a folder that can be written. Received: out='file.txt/x.png'; 'file.txt' is a file",
    ),
    (
        "a folder without a SavedModel",
        ["convert", "--model=folder"],
        "`model` must name a run folder, the .keras file of a GAN, or a SavedModel: .* Received: model='folder', a f",
    ),
    ("a page of no model", ["play", "--out=page"], "`model` must name a run folder, .* Received: no --model"),
    ("a page of a folder without a model", ["play", "--model=folder", "--out=page"], "`model` must name .*'folder'"),
    ("a page of a game that is none", ["play", "--model=text.keras", "--out=page"], "`model` must name a .keras file"),
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
    (
        "a table that is not there",
        ["train", "--dataset=table:none.csv"],
        "`data` must be an existing file. Received: 'none.csv'",
    ),
    (
        "a text as a table",
        ["train", "--dataset=table:file.txt"],
        "`data` must be a file that ends in .csv, .tsv, .parquet. Received: 'file.txt'",
    ),
    (
        "a table of names alone",
        ["train", "--dataset=table:names.csv"],
        r"`data` must have at least one row and one column. Received: the shape \(0, 2\)",
    ),
    (
        "a table that never changes",
        ["train", "--dataset=table:same.csv"],
        "`dataset` must have a column that is not one value throughout. Received: dataset='table:same.csv'",
    ),
    (
        "a misspelt label",
        ["train", *PEOPLE, "--label=membr"],
        "`label` must name a column: age, member, one; did you mean 'member'. Received: label='membr'",
    ),
    (
        "a label of pictures",
        ["train", "--label=age"],
        "`label` must not be given for gan, which is trained on pictures. Received: label='age'",
    ),
    (
        "rows that are flipped",
        ["train", *PEOPLE, "--flip"],
        "`flip` must not be given for ctgan, which is trained on rows. Received: flip=True",
    ),
    ("rows that see through", ["train", *PEOPLE, "--alpha"], "`alpha` must not be given for ctgan, .* alpha=True"),
    ("the size of rows", ["train", *PEOPLE, "--image_size=8"], "`image_size` must not be given for ctgan, .*=8$"),
    ("a split of a file", ["train", *PEOPLE, "--split=test"], "`split` must not be given for ctgan, .*='test'$"),
    ("rows of two domains", ["train", *PEOPLE, "--a=edges"], "`a` must not be given for ctgan. Received: a='edges'"),
    ("rows side by side", ["train", *PEOPLE, "--pairs=folder:x"], "`pairs` must not be given for ctgan. Received"),
    ("few labelled rows", ["train", *PEOPLE, "--labelled=3"], "`labelled` must not be given for ctgan. Received"),
    ("rows of a class", ["train", *PEOPLE, "--conditional"], "`conditional` must be False for ctgan. Received"),
    ("rows that are turned", ["train", *PEOPLE, "--augmentation=ada"], "`augmentation` must be 'none' for ctgan"),
    ("what rows look like", ["train", *PEOPLE, "--metrics=kid"], "`metrics` must be None for ctgan: they measure"),
    (
        "rows for convolutions",
        ["train", *PEOPLE, "--model=dcgan"],
        "`dataset` must name pictures for dcgan. Received: dataset='table:people.csv', rows: such as --model=ctgan",
    ),
    (
        "pictures for a model of rows",
        ["train", "--model=tvae"],
        "`dataset` must be table:PATH for tvae. Received: dataset='digits'",
    ),
    (
        "convolutions for rows",
        ["train", *PEOPLE, "--network=resnet"],
        "`network` must be one of auto, mlp for a ctgan. Received: network='resnet'",
    ),
    (
        "packs that are not full",
        ["train", *PEOPLE, "--batch_size=15"],
        "`batch_size` must be a multiple of 10, the number of rows that are judged together. Received: batch_size=15",
    ),
    (
        "more rows per batch than there are",
        ["train", *PEOPLE, "--batch_size=40"],
        "`batch_size` must be an integer from 1 to 30. Received: batch_size=40",
    ),
    (
        "rows that nobody is to compare with",
        ["evaluate", "--model=table:people.csv", "--dataset=table:people.csv", "--label=member"],
        "`held_out` is needed to measure rows: .* Received: no --held_out",
    ),
    (
        "rows of a folder",
        ["sample", "--model=folder", "--out=rows.csv"],
        "`model` must name a run folder, the .keras file of a GAN, or a SavedModel: .* Received: model='folder', a f",
    ),
    (
        "a series that is not there",
        ["train", "--dataset=series:none.csv", "--window=8"],
        "`dataset` must be an existing file. Received: 'none.csv'",
    ),
    (
        "a text as a series",
        ["train", "--dataset=series:file.txt", "--window=8"],
        "`dataset` must be a file that ends in .csv, .tsv, .parquet. Received: 'file.txt'",
    ),
    (
        "a series without a window",
        ["train", *WALK],
        "`window` must be given for series: how many moments a window has, such as 24. Received: window=None",
    ),
    (
        "a window of one moment",
        ["train", *WALK, "--window=1"],
        "`window` must be an integer from 2|`window` must be .* Received: window='1'",
    ),
    (
        "a window longer than the series",
        ["train", *WALK, "--window=50"],
        "`window` must be at most the number of moments to train. Received: window=50, 42 of 60 moments",
    ),
    (
        "a window longer than the test",
        ["train", *WALK, "--window=20"],
        "`window` must be at most the number of moments to test. Received: window=20, 18 of 60 moments",
    ),
    (
        "all of a series to test",
        ["train", *WALK, "--window=4", "--test=1"],
        r"`test` must be in \[0, 1\). Received: test=1",
    ),
    (
        "less than none to test",
        ["train", *WALK, "--window=4", "--test=-0.5"],
        "`test` must be .* Received: test='?-0.5",
    ),
    (
        "times that fall",
        ["train", "--dataset=series:back.csv", "--window=4"],
        "`time` must name a column that rises: sort the rows. Received: 'day', with 2020-03-03 00:00:00 after "
        "2020-03-04 00:00:00, in row 1",
    ),
    (
        "two columns of dates",
        ["train", "--dataset=series:zones.csv", "--window=4"],
        r"`time` must name one of the columns of dates, \['from', 'till'\]. Received: time=None",
    ),
    (
        "a gap in a series",
        ["train", "--dataset=series:gap.csv", "--window=4"],
        "`dataset` must hold finite numbers; fill gaps before. Received: nan in 'price', moment 40",
    ),
    (
        "a column that rests",
        ["train", "--dataset=series:rests.csv", "--window=4"],
        "`dataset` must hold columns that change in the moments of training. Received: 'stop', which is 7.0 throughout",
    ),
    (
        "a column of texts in a series",
        ["train", "--dataset=series:walk.csv", "--window=4"],
        "`dataset` must have columns of numbers; select them by `columns`, .* Received: 'kind' of the dtype",
    ),
    (
        "a misspelt column",
        ["train", "--dataset=series:walk.csv", "--window=4", "--columns=prize"],
        r"`columns` must name columns of \['price', 'sold', 'kind'\]. Received: columns=\['prize'\]",
    ),
    (
        "a misspelt time",
        ["train", *WALK, "--window=4", "--time=date"],
        r"`time` must name a column, \['day', .* Received: time='date'",
    ),
    (
        "a label that no moment has",
        ["train", *WALK, "--window=4", "--label=class"],
        r"`label` must name a column, .* Received: label='class'",
    ),
    (
        "a label that changes at each moment",
        ["train", *WALK, "--window=4", "--label=kind"],
        "`window` must be at most the number of moments to train in each of 60 stretches: sort the rows by label, then "
        "by time, if labels alternate. Received: window=4, 1 of 60",
    ),
    (
        "classes that a series lacks",
        ["train", *WALK, "--window=4", "--conditional"],
        "`conditional` needs labels. Received: conditional=True, dataset='series:walk.csv' has none",
    ),
    (
        "windows that are flipped",
        ["train", *WALK, "--window=4", "--flip"],
        "`flip` must not be given for series, which is trained on windows. Received: flip=True",
    ),
    (
        "windows of pictures",
        ["train", "--window=8"],
        "`window` must not be given for gan, which is trained on pictures",
    ),
    (
        "windows of rows",
        ["train", *PEOPLE, "--window=8"],
        "`window` must not be given for ctgan, which is trained on rows",
    ),
    (
        "a series for convolutions of pictures",
        ["train", *WALK, "--window=8", "--model=dcgan"],
        "`dataset` must name pictures for dcgan. Received: dataset='series:walk.csv', windows: such as --model=series",
    ),
    (
        "pictures for a model of windows",
        ["train", "--model=wavegan"],
        "`dataset` must be series:PATH for wavegan. Received: dataset='digits'",
    ),
    (
        "windows that no one made",
        ["evaluate", "--model=series:none.csv", "--dataset=series:walk.csv"],
        "`data` must be an existing file. Received: 'none.csv'",
    ),
    (
        "windows of no series",
        ["evaluate", "--model=series:walk.csv"],
        "`dataset` must be series:PATH of the series. Received: dataset=None",
    ),
]
