"""The flag of a picture's size: a side, or HEIGHTxWIDTH."""

import re

from absl import flags

MOST = 4096


class SizeParser(flags.ArgumentParser):
    """Reads `64` as a number and `48x64` as text, as `keras_gan.data.read` takes both.

    >>> parser = SizeParser()
    >>> parser.parse("64"), parser.parse("48X64"), parser.parse("64x64")
    (64, '48x64', 64)
    """

    def __init__(self, least: int = 4):
        self._least = least
        self.syntactic_help = f"a side, or HEIGHTxWIDTH as 48x64, from {least} to {MOST}"

    def parse(self, argument: int | str) -> int | str:
        """Returns an int for one side or two equal ones, otherwise text.

        Raises:
            ValueError: If the argument is no size, or a side is out of bounds.
        """
        match = re.fullmatch(r"(\d{1,4})(?:x(\d{1,4}))?", str(argument).lower())
        sides = [int(side) for side in match.groups() if side] if match else [0]
        if not all(self._least <= side <= MOST for side in sides):
            raise ValueError(f"must be {self.syntactic_help}")
        return sides[0] if len(set(sides)) == 1 else "x".join(map(str, sides))

    def flag_type(self) -> str:
        """Returns the name of the type in help texts."""
        return "size"


def define(values: flags.FlagValues, help: str, least: int = 4) -> None:
    """Defines `--image_size`, with sides from `least` to 4096."""
    flags.DEFINE(SizeParser(least), "image_size", None, help, flag_values=values)
