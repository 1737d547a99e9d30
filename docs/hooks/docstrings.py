"""Docstrings as the site shows them: equations and examples are code, not text whose lines run together."""

import re

import griffe

EQUATION = re.compile(r"(^|\s)(=|<=|>=|~|->|min|max)\s")


def is_equation(block: str) -> bool:
    """Whether a paragraph of a docstring is written as a formula.

    >>> is_equation("L_D = -E[log D(x)] - E[log(1 - D(G(z)))]"), is_equation("Defaults to 0.9. So x = 1 is refused.")
    (True, False)
    """
    lines = block.splitlines()
    prose = any(line.rstrip().endswith((".", ":")) or "`" in line or "](" in line for line in lines)
    return not prose and all(EQUATION.search(line) or line.startswith("    ") for line in lines)


def show(text: str) -> str:
    """A docstring with fences around its equations and doctests."""
    blocks = []
    for block in re.split(r"\n[ \t]*\n", text):
        if block.startswith(">>>"):
            block = f"```pycon\n{block}\n```"
        elif not block.startswith((" ", "```", "- ", "|")) and is_equation(block):
            block = f"```text\n{block}\n```"
        blocks.append(block)
    return "\n\n".join(blocks)


class Code(griffe.Extension):
    """Changes each docstring when it is read."""

    def on_object(self, *, obj, **arguments):
        """Of a module, class, function or attribute."""
        if obj.docstring:
            obj.docstring.value = show(obj.docstring.value)
