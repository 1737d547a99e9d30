"""Brings what pages link to beside docs/ onto the site: records and pictures as they are, programs as pages.

So `[a program](../examples/ring.py)` works on the site as it does in the repository. Drawings are put into their pages,
where they take the colours of the palette.
"""

import os
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
FOLDER = "repository"  # on the site
LINK = re.compile(r'(?P<before>\]\(|src=")(?P<target>[^)"#:\s]+)(?P<after>#[^)"\s]*)?(?P<end>\)|")')
FENCED = re.compile(r"^(?P<fence>```+)[^\n]*\n.*?^(?P=fence)$", re.DOTALL | re.MULTILINE)
DRAWING = re.compile(r"^!\[[^\]]*\]\((?P<name>[^)]+\.svg)\)$", re.MULTILINE)
SHOWN = {".py": "python", ".sh": "sh", ".yaml": "yaml", ".yml": "yaml", ".txt": "text"}


def without_comments(text: str) -> str:
    """A page without what is written for its test."""
    return re.sub(r"^<!-- small:.*?-->\n", "", text, flags=re.MULTILINE)


def drawing(path: pathlib.Path) -> str:
    """An SVG without its own style, which is for other places than the site."""
    text = re.sub(r"<style>.*?</style>\n", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return f'<div class="wide">\n{text}</div>'


def place(target: pathlib.PurePath) -> str:
    """Where the site has a file of the repository.

    >>> place(pathlib.PurePath("examples/ring.py")), place(pathlib.PurePath("docs/games.md"))
    ('repository/examples/ring.py.md', 'games.md')
    >>> place(pathlib.PurePath("examples/notebooks/06_serving.ipynb"))
    'tutorials/06_serving.md'
    """
    if target.suffix == ".ipynb":
        return f"tutorials/{target.stem}.md"
    if target.parts[0] == "docs":
        return target.relative_to("docs").as_posix()
    if (ROOT / target).is_dir():
        target = target / ("README.md" if (ROOT / target / "README.md").is_file() else "index.md")
    elif target.suffix in SHOWN:
        target = target.with_name(f"{target.name}.md")
    return f"{FOLDER}/{target.as_posix()}"


def links(text: str):
    """The links of a page that may be to files, outside of its code."""
    return LINK.finditer(FENCED.sub("", text))


def found(origin: pathlib.PurePath, target: str) -> pathlib.PurePath | None:
    """The file of the repository that a page links to, or None if there is none."""
    path = pathlib.PurePath(os.path.normpath(origin.parent / target))
    return path if path.parts[0] != ".." and (ROOT / path).exists() else None


def text_of(target: pathlib.PurePath) -> str:
    """The page that shows a file or a folder."""
    path = ROOT / target
    if path.is_dir():
        names = sorted(each.name for each in path.iterdir() if not each.name.startswith((".", "_")))
        return "\n".join([f"# {target.as_posix()}\n", *(f"- `{name}`" for name in names)])
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return f"# {target.as_posix()}\n\n````{SHOWN[path.suffix]}\n{path.read_text(encoding='utf-8')}````\n"


def origin_of(file) -> pathlib.PurePath:
    """Where the repository has a page of the site; a page that was made links as if it lay in docs/."""
    path = pathlib.PurePath(file.src_uri)
    if path.parts[0] != FOLDER:
        return "docs" / path
    return path.relative_to(FOLDER)


def on_files(files, config):
    """Adds what is linked, and what that links to."""
    from mkdocs.structure.files import File, InclusionLevel

    waiting = [file for file in files if file.is_documentation_page()]
    while waiting:
        file = waiting.pop()
        for link in links(file.content_string):
            target = found(origin_of(file), link["target"])
            if target is None or target.parts[0] == "docs" or files.get_file_from_path(place(target)):
                continue
            kept = target.suffix not in SHOWN and target.suffix != ".md" and (ROOT / target).is_file()
            content = {"abs_src_path": str(ROOT / target)} if kept else {"content": text_of(target)}
            made = File.generated(config, place(target), inclusion=InclusionLevel.NOT_IN_NAV, **content)
            files.append(made)
            waiting += [] if kept else [made]
    return files


def on_page_markdown(markdown, page, config, files):
    """Points links at where the site has their files, puts drawings in, and leaves comments for tests out."""
    origin, here = origin_of(page.file), pathlib.PurePath(page.file.src_uri).parent

    def moved(link):
        target = found(origin, link["target"])
        if target is None:
            return link[0]
        to = place(target)
        if link["before"] == "](":
            to = os.path.relpath(to, here)
        else:  # HTML is left alone by MkDocs
            to = os.path.relpath(files.get_file_from_path(to).dest_uri, pathlib.PurePath(page.file.dest_uri).parent)
        return f"{link['before']}{pathlib.PurePath(to).as_posix()}{link['after'] or ''}{link['end']}"

    markdown = without_comments(markdown)
    markdown = DRAWING.sub(lambda found: drawing(ROOT / origin.parent / found["name"]), markdown)
    parts, at = [], 0
    for code in FENCED.finditer(markdown):
        parts += [LINK.sub(moved, markdown[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*parts, LINK.sub(moved, markdown[at:])])
