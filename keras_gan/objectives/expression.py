"""Objectives written as text: `"wasserstein + 10 * gradient_penalty(target=1)"`.

    expression := term ("+" term)*
    term       := factor ("*" factor)*        with exactly one objective among the factors
    factor     := number | name | name "(" argument ("," argument)* ")" | "(" expression ")"
    argument   := name "=" (number | True | False | string | "(" number "," ... ")"), of players an expression

The text is read with Python's own parser into a syntax tree, of which only these nodes are taken. Nothing is evaluated.
"""

import ast
import difflib
import inspect
from collections.abc import Mapping

from keras_gan.objectives.objective import Objective

LONGEST = 1000


def parse(text: str, known: Mapping[str, type[Objective]]) -> Objective:
    """The objective that `text` describes.

    Args:
        text: An expression, at most 1,000 characters.
        known: The classes by their names in snake case.

    Raises:
        ValueError: If the text is not an expression of the grammar, names an unknown objective, or gives one an
            argument that it does not take.
    """
    if len(text) > LONGEST:
        raise ValueError(f"`objective` must have at most {LONGEST} characters. Received: {len(text)} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        value = _read(tree, text, known)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise _unreadable(text) from error
    if not isinstance(value, Objective):
        raise _unreadable(text)
    return value


def _read(node, text, known):
    match node:
        case ast.BinOp(op=ast.Add()):
            left, right = _read(node.left, text, known), _read(node.right, text, known)
            if isinstance(left, Objective) and isinstance(right, Objective):
                return left + right
        case ast.BinOp(op=ast.Mult()):
            left, right = _read(node.left, text, known), _read(node.right, text, known)
            if not (isinstance(left, Objective) and isinstance(right, Objective)):
                return left * right
        case ast.Name():
            return _make(node.id, {}, text, known)
        case ast.Call(func=ast.Name(), args=[]) if all(k.arg for k in node.keywords):
            read = _read if node.func.id == "players" else _literal
            return _make(node.func.id, {k.arg: read(k.value, text, known) for k in node.keywords}, text, known)
        case ast.Constant() | ast.UnaryOp():
            return _number(node, text)
    raise _unreadable(text)


def _make(name, arguments, text, known):
    if name not in known:
        close = difflib.get_close_matches(name.lower(), known, 1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        place = "" if name == text.strip() else f", where {name!r} is none"
        raise ValueError(
            f"`objective` must be made of known names. {hint}Known: {', '.join(sorted(known))}. "
            f"Received: objective={text!r}{place}"
        )
    parameters = inspect.signature(known[name]).parameters
    missing = [each.name for each in parameters.values() if each.default is each.empty and each.name not in arguments]
    given = f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"
    text = f"`{name}` takes {', '.join(parameters) or 'no arguments'}. Received: {given}"
    if missing or not set(arguments) <= set(parameters):
        raise ValueError(text + (f", without {' and '.join(missing)}" if missing else ""))
    try:
        return known[name](**arguments)
    except TypeError as error:
        raise ValueError(f"{text}, with the error: {error}") from error


def _literal(node, text, known):
    match node:
        case ast.Constant(value=bool() | str()):
            return node.value
        case ast.Tuple(elts=elements):
            return tuple(_number(element, text) for element in elements)
    return _number(node, text)


def _number(node, text):
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    constant = node.operand if negative else node
    if (
        isinstance(constant, ast.Constant)
        and isinstance(constant.value, int | float)
        and not isinstance(constant.value, bool)
    ):
        return -constant.value if negative else constant.value
    raise _unreadable(text)


def _unreadable(text):
    return ValueError(
        "`objective` must be a sum of weighted names, such as 'wasserstein + 10 * gradient_penalty(target=1)'. "
        f"Received: objective={text!r}"
    )
