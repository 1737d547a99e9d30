"""The command line: `keras-gan COMMAND`, with the commands below."""

import importlib
import inspect
import itertools
import sys

from absl import flags

import keras_gan
from keras_gan.cli import interrupts, parsers, paths, refusals, startup

COMMANDS = {
    "train": "trains a GAN on digits, a TFDS image set, a folder of pictures or a table, and exports its generator",
    "prepare": "writes a folder of pictures as records, which train reads from disk: --dataset=records:PATH",
    "sample": "draws samples of a saved GAN as a picture: grids, walks, films, mixed styles; or writes rows of a table",
    "project": "finds given pictures in the latent space of a saved GAN",
    "translate": "translates a folder of pictures with a trained model, such as cycle_gan",
    "evaluate": "measures samples against real pictures or rows, beside the same metrics of real data",
    "compare": "compares two evaluations of the same protocol: keras-gan compare runs/a runs/b",
    "report": "writes the HTML page of a run, report.html",
    "export": "writes the generator of a saved GAN as a SavedModel",
    "convert": "writes an exported generator as a TFLite (LiteRT) or ONNX file that gives the same images",
    "play": "writes a web page in which the model runs in the visitor's browser",
    "serve": "starts TensorFlow Serving, where it is installed, with an exported model",
    "request": "requests pictures, rows or windows from TensorFlow Serving, and writes them to a file",
    "info": "describes a saved GAN or SavedModel, or this installation",
    "demo": "plays figure 1 of the 2014 paper, and draws it as a PNG and a film: keras-gan demo figure1",
    "completion": "prints a script with which a shell completes commands and flags: keras-gan completion bash",
}
FIRST = {
    "train": "trains on 1,437 small digits, which come with the installation: about a minute",
    "train --dataset=folder:PATH": "trains on your own pictures, in a folder or a zip",
    "sample --model=runs/digits": "draws samples of the trained model as a picture",
}
LIGHT = ("completion",)  # needs no TensorFlow
COMMON = ("help", "tf_log")  # flags of every command
USAGE = 2


def main(argv: list[str] | None = None) -> int:
    """Runs one subcommand.

    Args:
        argv: The arguments after the program's name. Defaults to those of this process.

    Returns:
        The exit code: 0 on success, 2 for a bad flag (nothing was written), 1 if the command failed later, 128 + n if
        signal n ended it, such as 130 for Ctrl-C.
    """
    argv = sys.argv[1:] if argv is None else argv
    if not argv or argv[0] in ("-h", "--help", "help"):
        print("usage: keras-gan COMMAND [--flag=value ...]\n\nTo begin with:\n")
        print(*(f"  keras-gan {words:28} {text}" for words, text in FIRST.items()), sep="\n")
        print("\nCommands:\n")
        print(*(f"  {name:10} {text}" for name, text in COMMANDS.items()), sep="\n")
        print("\n`keras-gan COMMAND --help` lists the flags, `keras-gan --version` prints the version.")
        print("Commands that use TensorFlow take --tf_log, which shows its messages about the machine.")
        return 0 if argv else USAGE
    name, *rest = argv
    if name == "--version":
        print(f"keras-gan {keras_gan.__version__}")
        return 0
    if name not in COMMANDS:
        return _refuse("keras-gan", f"unknown command {name!r}. Known: {', '.join(COMMANDS)}")
    values = parser(name)
    try:
        extra = values([f"keras-gan {name}", *_with_flag_names(name, rest)])[1:]
        if values.help:
            print(_help(name, values))
            return 0
        if extra:
            raise ValueError(f"all flags begin with --. Received: {' '.join(extra)}")
        paths.settle(values)
        if name not in LIGHT:
            with startup.quiet(values.tf_log), interrupts.end_at_once(name):
                keras_gan.import_all()
        work = importlib.import_module(f"keras_gan.cli.{name}").prepare(values)
        try:
            work()
        except BrokenPipeError:
            raise
        except (ValueError, OSError, FloatingPointError) as error:
            print(f"keras-gan {name}: {error}", file=sys.stderr)
            return 1
    except BrokenPipeError:  # the program that reads the output has ended, as in `keras-gan train --help | head -3`
        return interrupts.BROKEN_PIPE
    except (flags.Error, ImportError, ValueError, OSError) as error:
        return _refuse(f"keras-gan {name}", refusals.explain(error, values))
    except KeyboardInterrupt:
        print(interrupts.text(name), file=sys.stderr)
        return interrupts.CODE
    except SystemExit as error:  # a signal stopped training; the frames go, as threads of their iterators call Python
        return error.code
    return 0


def parser(name: str) -> flags.FlagValues:
    """Returns the flags of a command, an object that parses the arguments it is called with."""
    values = flags.FlagValues()
    flags.DEFINE_boolean("help", False, "Show this help.", short_name="h", flag_values=values)
    if name not in LIGHT:
        flags.DEFINE_boolean("tf_log", False, "Show TensorFlow's messages about the machine.", flag_values=values)
    getattr(parsers, name)(values)
    return values


def shown_flags(values: flags.FlagValues) -> list[flags.Flag]:
    """Returns the flags of a command that its help lists, from the `values` of `parser`."""
    return [values[name] for name in sorted(values) if values[name].name == name and name not in COMMON]


def _with_flag_names(name, rest):
    """Returns the arguments of a command, the positional ones at the beginning written as flags."""
    words = itertools.takewhile(lambda word: not word.startswith("-"), rest)
    named = dict(zip(parsers.POSITIONAL.get(name, ()), words, strict=False))
    return [*(f"--{flag}={word}" for flag, word in named.items()), *rest[len(named) :]]


def _refuse(command, reason):
    print(f"{command}: {reason}\nTry: {command} --help", file=sys.stderr)
    return USAGE


def _help(name, values):
    text = inspect.getdoc(getattr(parsers, name))
    lines = [f"  --{flag.name}: {flag.help} (default: {flag.default})" for flag in shown_flags(values)]
    return "\n".join([f"usage: keras-gan {name} [--flag=value ...]\n", text, *lines])
