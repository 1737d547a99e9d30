"""Docstrings begin as those of Keras do: of functions with a verb, of classes, properties and modules with a noun."""

import ast
import pathlib
import re

import keras_gan

VERB = re.compile(r"[A-Z][a-z]+s\b")
NO_NOUNS = ("What", "Who", "How", "Where", "Which", "When")


def documented():
    """Yields the place, the node and the docstring's first word of all that has one."""
    package = pathlib.Path(keras_gan.__file__).parent
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
                place = f"{path.relative_to(package)}: {getattr(node, 'name', 'the module')}"
                yield place, node, ast.get_docstring(node).split()[0]


def is_called(node):
    decorators = [ast.unparse(each) for each in getattr(node, "decorator_list", ())]
    return isinstance(node, ast.FunctionDef) and not any("property" in each for each in decorators)


def test_functions_begin_with_a_verb():
    found = {place: word for place, node, word in documented() if is_called(node)}
    assert len(found) > 1000
    assert {place: word for place, word in found.items() if not VERB.match(word)} == {}


def test_all_else_begins_with_a_noun():
    found = {place: word for place, node, word in documented() if not is_called(node)}
    assert len(found) > 500
    assert {place: word for place, word in found.items() if word in NO_NOUNS} == {}
