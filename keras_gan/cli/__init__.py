"""The command line: `keras-gan COMMAND`, with the commands below."""

import importlib
import inspect
import itertools
import sys

from absl import flags

import keras_gan
from keras_gan.cli import interrupts, parsers, refusals, startup

COMMANDS = {
    "train": "trains a GAN on digits, a TFDS image set, a folder of pictures or a table, and exports its generator",
    "prepare": "writes a folder of pictures to records once, which train reads from disk: --dataset=records:PATH",
    "sample": "draws samples of a saved GAN as a picture: grids, walks, films, mixed styles; or writes rows of a table",
    "project": "finds given pictures in the latent space of a saved GAN",
    "translate": "translates a folder of pictures with a trained model, such as cycle_gan",
    "evaluate": "measures samples against real pictures or rows, with the same of real data beside it",
    "compare": "compares two evaluations of one protocol: keras-gan compare runs/a runs/b",
    "report": "writes the page of a run, report.html",
    "export": "writes the generator of a saved GAN as a SavedModel",
    "convert": "writes an exported generator as a TFLite (LiteRT) or ONNX file that gives the same images",
    "play": "writes a web page in which the model runs in the visitor's browser",
    "serve": "starts TensorFlow Serving, where it is installed, with an exported model",
    "request": "asks TensorFlow Serving for pictures, rows or windows, and writes them",
    "info": "shows what a saved GAN or SavedModel holds, or what this installation knows",
    "demo": "plays figure 1 of the 2014 paper, and draws it as a PNG and a film: keras-gan demo figure1",
    "completion": "prints what makes a shell complete commands and flags: keras-gan completion bash",
}
FIRST = {
    "train": "on 1,437 small digits, which come with the installation: about a minute",
    "train --dataset=folder:PATH": "on your own pictures, in a folder or a zip",
    "sample --model=runs/digits": "samples of what was trained, as a picture",
}
LIGHT = ("completion",)  # needs no TensorFlow
COMMON = ("help", "tf_log")  # flags of every command
USAGE = 2


def main(argv: list[str] | None = None) -> int:
    """Runs one subcommand.

    Args:
        argv: The arguments after the program's name. Defaults to those of this process.

    Returns:
        The exit code: 0, 2 for a bad flag (nothing was written), 1 if the work itself failed, 128 + n if signal n ended
        it: 130 for Ctrl-C.
    """
    argv = sys.argv[1:] if argv is None else argv
    if not argv or argv[0] in ("-h", "--help", "help"):
        print("usage: keras-gan COMMAND [--flag=value ...]\n\nTo begin with:\n")
        print(*(f"  keras-gan {words:28} {what}" for words, what in FIRST.items()), sep="\n")
        print("\nCommands:\n")
        print(*(f"  {name:10} {what}" for name, what in COMMANDS.items()), sep="\n")
        print("\n`keras-gan COMMAND --help` lists the flags, `keras-gan --version` tells the version.")
        print("Every command takes --tf_log, to show what TensorFlow says of the machine.")
        return 0 if argv else USAGE
    name, *rest = argv
    if name == "--version":
        print(f"keras-gan {keras_gan.__version__}")
        return 0
    if name not in COMMANDS:
        return _refuse("keras-gan", f"unknown command {name!r}. Known: {', '.join(COMMANDS)}")
    values = parser(name)
    try:
        extra = values([f"keras-gan {name}", *_named(name, rest)])[1:]
        if values.help:
            print(_help(name, values))
            return 0
        if extra:
            raise ValueError(f"all flags begin with --. Received: {' '.join(extra)}")
        if name not in LIGHT:
            with startup.quiet(values.tf_log), interrupts.end_at_once(name):
                keras_gan.import_all()
        work = importlib.import_module(f"keras_gan.cli.{name}").prepare(values)
        try:
            work()
        except (ValueError, OSError, FloatingPointError) as error:
            print(f"keras-gan {name}: {error}", file=sys.stderr)
            return 1
    except (flags.Error, ImportError, ValueError, OSError) as error:
        return _refuse(f"keras-gan {name}", refusals.explain(error, values))
    except KeyboardInterrupt:
        print(interrupts.text(name), file=sys.stderr)
        return interrupts.CODE
    except SystemExit as error:  # a signal stopped training: without the frames, whose iterators' threads call Python
        return error.code
    return 0


def parser(name: str) -> flags.FlagValues:
    """Returns the flags of a command, to be called with its words."""
    values = flags.FlagValues()
    flags.DEFINE_boolean("help", False, "Show this help.", short_name="h", flag_values=values)
    if name not in LIGHT:
        flags.DEFINE_boolean("tf_log", False, "Show what TensorFlow says of the machine.", flag_values=values)
    getattr(parsers, name)(values)
    return values


def shown_flags(values: flags.FlagValues) -> list[flags.Flag]:
    """Returns a command's own flags of what `parser` gave, as its help lists them."""
    return [values[name] for name in sorted(values) if values[name].name == name and name not in COMMON]


def _named(name, rest):
    """Returns the words of a command, with flags for those that come first and are none."""
    words = itertools.takewhile(lambda word: not word.startswith("-"), rest)
    places = dict(zip(parsers.PLACES.get(name, ()), words, strict=False))
    return [*(f"--{place}={word}" for place, word in places.items()), *rest[len(places) :]]


def _refuse(who, why):
    print(f"{who}: {why}\nTry: {who} --help", file=sys.stderr)
    return USAGE


def _help(name, values):
    text = inspect.getdoc(getattr(parsers, name))
    lines = [f"  --{flag.name}: {flag.help} (default: {flag.default})" for flag in shown_flags(values)]
    return "\n".join([f"usage: keras-gan {name} [--flag=value ...]\n", text, *lines])
