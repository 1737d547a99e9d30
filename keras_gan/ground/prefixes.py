"""Names of data with a path in them, such as `folder:PATH`: their prefixes, and the kinds of their examples."""

PICTURES, ROWS, WINDOWS = "pictures", "rows", "windows"
KINDS = {"folder": PICTURES, "records": PICTURES, "table": ROWS, "series": WINDOWS}  # by the prefix


def split(name: str) -> tuple[str, str]:
    """Returns the prefix of a name and the path after it; for other names, "" and the name.

    >>> split("table:people.csv"), split("mnist:3.0.1")
    (('table', 'people.csv'), ('', 'mnist:3.0.1'))
    """
    prefix, colon, path = name.partition(":")
    return (prefix, path) if colon and prefix in KINDS else ("", name)


def kind_of(name: str) -> str:
    """Returns the kind of the examples of a data set: `PICTURES`, `ROWS` or `WINDOWS`.

    >>> kind_of("mnist"), kind_of("table:people.csv")
    ('pictures', 'rows')
    """
    return KINDS.get(split(name)[0], PICTURES)


def forms(kind: str) -> list[str]:
    """Returns the forms of the names of data of a kind that have a path.

    >>> forms(ROWS)
    ['table:PATH']
    """
    return [f"{prefix}:PATH" for prefix, each in KINDS.items() if each == kind]
