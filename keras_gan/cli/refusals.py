"""Errors of flags, in the form of the library's other errors."""

import difflib

from absl import flags

# Flags of other libraries' programs, without dashes and underscores -> the flags to use here, or what to do instead.
FOREIGN = {
    "lr": "--generator_lr and --discriminator_lr",
    "learningrate": "--generator_lr and --discriminator_lr",
    "mirror": "--flip",
    "xflip": "--flip",
    "aug": "--augmentation",
    "cfg": "--model",
    "arch": "--model",
    "architecture": "--model",
    "data": "--dataset",
    "datadir": "--dataset=folder:PATH",
    "datapath": "--dataset=folder:PATH",
    "dataroot": "--dataset=folder:PATH",
    "folder": "--dataset=folder:PATH",
    "batch": "--batch_size",
    "bs": "--batch_size",
    "resolution": "--image_size",
    "size": "--image_size",
    "imgsize": "--image_size",
    "imsize": "--image_size",
    "cond": "--conditional",
    "loss": "--objective",
    "gpus": "--strategy",
    "ngpus": "--strategy",
    "amp": "--precision",
    "fp16": "--precision",
    "bf16": "--precision",
    "zdim": "--latent_dim",
    "nz": "--latent_dim",
    "latent": "--latent_dim",
    "freezed": "--freeze",
    "transfer": "--init",
    "pretrained": "--init",
    "outdir": "--run_dir",
    "output": "--run_dir",
    "resultsdir": "--run_dir",
    "trunc": "--truncation",
    "network": "--model",
    "numimages": "--n",
    "nsamples": "--n",
    "seeds": "--seed",
    "steps": "--epochs, the number of passes over the data",
    "numsteps": "--epochs, the number of passes over the data",
    "numtrainsteps": "--epochs, the number of passes over the data",
    "kimg": "--epochs, the number of passes over the data",
    "resume": "the same command again, which resumes the run where it stopped",
    "continue": "the same command again, which resumes the run where it stopped",
}


def requirement(flag: flags.Flag, value: str = "") -> str:
    """Returns the requirement on a flag's value as text; for an enumeration, with the names closest to `value`."""
    if isinstance(flag.parser, flags.EnumParser):
        names = flag.parser.enum_values
        close = difflib.get_close_matches(value.lower().replace("-", "_"), names, 3) if len(names) > 1 else []
        hint = f"; did you mean {' or '.join(close)}" if close else ""
        return f"one of {', '.join(names)}{hint}"
    if isinstance(flag.parser, flags.BooleanParser):
        return "true or false"
    return flag.parser.syntactic_help.replace("integer >=", "an integer of at least")


def explain(error: Exception, values: flags.FlagValues) -> str:
    """Returns the text of an error; errors of the flags library are rewritten in the form of this library.

    >>> values = flags.FlagValues()
    >>> _ = flags.DEFINE_integer("epochs", 1, "How many.", lower_bound=1, flag_values=values)
    >>> try:
    ...     values(["train", "--epochs=many"])
    ... except flags.Error as error:
    ...     print(explain(error, values))
    `epochs` must be a positive integer. Received: epochs='many'
    """
    if isinstance(error, flags.UnrecognizedFlagError):
        hint = _foreign_hint(error.flagname, values)
        if not hint:
            close = str(error).partition("Did you mean: ")[2].removesuffix(" ?").replace(", ", " or --")
            hint = f" Did you mean --{close}?" if close else ""
        return f"unknown flag --{error.flagname}.{hint}"
    if isinstance(error, flags.IllegalFlagValueError) and error.__context__ is not None:
        name, value = str(error).removeprefix("flag --").split("=", 1)
        value = value.removesuffix(f": {error.__context__}")
        must = requirement(values[name], value)
        return f"`{name}` must be {must}. Received: {name}={value!r}"
    return str(error)


def _foreign_hint(name, values):
    """Returns a hint for a flag of another program that this command has by another name; empty otherwise."""
    ours = FOREIGN.get(name.lower().replace("-", "").replace("_", ""), "")
    named = [word.partition("=")[0].strip("-,") for word in ours.split() if word.startswith("--")]
    return f" Use {ours}." if ours and all(each in values for each in named) else ""
