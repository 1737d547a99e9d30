"""Writes docs/reproductions.md, of the records that stand beside numbers which others have published.

    python -m recipes.reproductions

No number is typed by hand; a test compares the file with what this would write.
"""

import ast
import re

from recipes import comparison, gallery

PAGE = gallery.ROOT / "docs" / "reproductions.md"
HEADS = ("run", "numbers", "published", "processor time")


def found() -> list[dict]:
    """Returns the committed records that stand beside published numbers."""
    return [record for record in gallery.records().values() if "published" in record]


def page(records: list[dict]) -> str:
    """Returns the text of docs/reproductions.md."""
    parts = [
        "# Published tables, repeated\n",
        "Runs with the networks, objectives, optimizers, data and measures of papers, as far as the text of each "
        "recipe does not say otherwise: the numbers of the committed run, what some of them had to be, what was "
        "published, and the processor time of training. They run for minutes or hours, and go on where they were "
        "stopped. The recipes are in [recipes/](../recipes); those without a section here were not run at full length. "
        "This page is written by `python -m recipes.reproductions`.\n",
    ]
    for recipe in sorted({_recipe(record) for record in records}):
        mine = [record for record in records if _recipe(record) == recipe]
        lines = [f"| {' | '.join(HEADS)} |", "| --- " * len(HEADS) + "|", *map(_row, mine)]
        parts += [f"## [{recipe}](../recipes/{recipe}.py)\n", f"{_subject(recipe)}\n", "\n".join(lines) + "\n"]
        tables = {each["command"]: comparison.table(each) for each in mine}
        parts += [f"`{command}`:\n\n{table}\n" for command, table in tables.items() if table]
    return "\n".join(parts)


def _recipe(record):
    return record["command"].split()[2].removeprefix("recipes.")


def _subject(recipe):
    """Returns a recipe's docstring as Markdown, without its commands."""
    source = (gallery.ROOT / "recipes" / f"{recipe}.py").read_text(encoding="utf-8")
    paragraphs = ast.get_docstring(ast.parse(source)).split("\n\n")
    text = "\n\n".join(each for each in paragraphs if not each.startswith(" "))
    return re.sub(r"\((https?://\S+?)\)", r"(<\1>)", text)


def _row(record):
    published = "<br>".join(
        f"{gallery.words(name)} {value if isinstance(value, str) else f'{value:g}'}"
        for name, value in record["published"].items()
    )
    run = f"{gallery.picture(record)}<br>`{record['command']}`"
    numbers = "in the table below" if comparison.table(record) else gallery.numbers(record)
    return f"| {run} | {numbers} | {published} | {gallery.seconds(record)} |"


if __name__ == "__main__":
    PAGE.write_text(page(found()), encoding="utf-8")
