"""What is wrong with a flag, in the form of all other errors."""

import difflib

from absl import flags


def requirement(flag: flags.Flag, value: str = "") -> str:
    """What a flag's value must be; of a name what is near to the `value` that it is not."""
    if isinstance(flag.parser, flags.EnumParser):
        names = flag.parser.enum_values
        close = difflib.get_close_matches(value.lower().replace("-", "_"), names, 3) if len(names) > 1 else []
        hint = f"; did you mean {' or '.join(close)}" if close else ""
        return f"one of {', '.join(names)}{hint}"
    if isinstance(flag.parser, flags.BooleanParser):
        return "true or false"
    return flag.parser.syntactic_help.replace("integer >=", "an integer of at least")


def explain(error: Exception, values: flags.FlagValues) -> str:
    """The text of an error; of one that the flags' own library made, in our form.

    >>> values = flags.FlagValues()
    >>> _ = flags.DEFINE_integer("epochs", 1, "How many.", lower_bound=1, flag_values=values)
    >>> try:
    ...     values(["train", "--epochs=many"])
    ... except flags.Error as error:
    ...     print(explain(error, values))
    `epochs` must be a positive integer. Received: epochs='many'
    """
    if isinstance(error, flags.UnrecognizedFlagError):
        close = str(error).partition("Did you mean: ")[2].removesuffix(" ?").replace(", ", " or --")
        return f"flags must be known ones.{f' Did you mean --{close}?' if close else ''} Received: --{error.flagname}"
    if isinstance(error, flags.IllegalFlagValueError) and error.__context__ is not None:
        name, value = str(error).removeprefix("flag --").split("=", 1)
        value = value.removesuffix(f": {error.__context__}")
        must = requirement(values[name], value)
        return f"`{name}` must be {must}. Received: {name}={value!r}"
    return str(error)
