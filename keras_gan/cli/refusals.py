"""Errors of flags, in the form of all other errors."""

import difflib

from absl import flags

# What other libraries' programs call it, without dashes and underscores -> our flags, or what to do in its place.
BROUGHT = {
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
    "steps": "--epochs, whose number says how often the data is gone through",
    "numsteps": "--epochs, whose number says how often the data is gone through",
    "numtrainsteps": "--epochs, whose number says how often the data is gone through",
    "kimg": "--epochs, whose number says how often the data is gone through",
    "resume": "the same command again, which resumes where the run stopped",
    "continue": "the same command again, which resumes where the run stopped",
}


def requirement(flag: flags.Flag, value: str = "") -> str:
    """Returns what a flag's value must be, in words; of a name with what is near to the `value` that it is not."""
    if isinstance(flag.parser, flags.EnumParser):
        names = flag.parser.enum_values
        close = difflib.get_close_matches(value.lower().replace("-", "_"), names, 3) if len(names) > 1 else []
        hint = f"; did you mean {' or '.join(close)}" if close else ""
        return f"one of {', '.join(names)}{hint}"
    if isinstance(flag.parser, flags.BooleanParser):
        return "true or false"
    return flag.parser.syntactic_help.replace("integer >=", "an integer of at least")


def explain(error: Exception, values: flags.FlagValues) -> str:
    """Returns the text of an error; of one that the flags' own library made, in our form.

    >>> values = flags.FlagValues()
    >>> _ = flags.DEFINE_integer("epochs", 1, "How many.", lower_bound=1, flag_values=values)
    >>> try:
    ...     values(["train", "--epochs=many"])
    ... except flags.Error as error:
    ...     print(explain(error, values))
    `epochs` must be a positive integer. Received: epochs='many'
    """
    if isinstance(error, flags.UnrecognizedFlagError):
        hint = _brought(error.flagname, values)
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


def _brought(name, values):
    """Returns where a flag of another program's is known by another name here, and this command has it: a hint."""
    ours = BROUGHT.get(name.lower().replace("-", "").replace("_", ""), "")
    named = [word.partition("=")[0].strip("-,") for word in ours.split() if word.startswith("--")]
    return f" Use {ours}." if ours and all(each in values for each in named) else ""
