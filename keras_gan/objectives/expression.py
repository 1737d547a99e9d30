"""Objectives written as text: `"wasserstein + 10 * gradient_penalty(target=1)"`.

    expression := term ("+" term)*
    term       := factor ("*" factor)*        with exactly one objective among the factors
    factor     := number | objective | objective "@" match | "(" expression ")"
    objective  := name | name "(" argument ("," argument)* ")"
    argument   := name "=" (number | True | False | string | "(" number "," ... ")"), for players an expression
    argument   := name of a value, in the order of the objective's own arguments: distance(back_a, a)

Python's parser turns the text into a syntax tree, of which only these nodes are accepted. Nothing is evaluated.
"""

import ast
import difflib
import inspect
import re
from collections.abc import Mapping

from keras_gan.ground.arguments import check_number, shown
from keras_gan.objectives.composite import Composite
from keras_gan.objectives.named import NamedTerm
from keras_gan.objectives.objective import Objective

LONGEST = 1000
SUGGESTIONS = {  # names in papers and other libraries, and the expressions to write for them here
    "acgan": "hinge + auxiliary_classifier",
    "bce": "non_saturating",
    "began": "boundary_equilibrium",
    "binary_crossentropy": "non_saturating",
    "bgan": "boundary_seeking",
    "cramer_gan": "cramer",
    "dcgan": "non_saturating",
    "ebgan": "energy_margin",
    "gan": "non_saturating",
    "gp": "gradient_penalty",
    "infogan": "non_saturating + mutual_information",
    "log_loss": "non_saturating",
    "logistic": "non_saturating",
    "ls": "least_squares",
    "lsgan": "least_squares",
    "mmd": "maximum_mean_discrepancy",
    "mmd_gan": "maximum_mean_discrepancy",
    "mse": "least_squares",
    "ns": "non_saturating",
    "nsgan": "non_saturating",
    "r3gan": "relativistic_paired + r1 + r2",
    "ragan": "relativistic_average",
    "relativistic": "relativistic_paired",
    "rgan": "relativistic_paired",
    "sgan": "semi_supervised",
    "sngan": "hinge",
    "vanilla": "non_saturating",
    "wasserstein_gp": "wasserstein + 10 * gradient_penalty",
    "wgan": "wasserstein",
    "wgan_gp": "wasserstein + 10 * gradient_penalty",
    "zero_centered_gp": "gradient_penalty(target=0)",
}


def parse(text: str, known: Mapping[str, type[Objective]]) -> Objective:
    """Returns the objective that `text` describes.

    Args:
        text: An expression, at most 1,000 characters.
        known: Objective classes, by name in snake case.

    Raises:
        ValueError: If the text is not an expression of the grammar, names an unknown objective, or passes an
            argument that an objective does not take.
    """
    if len(text) > LONGEST:
        raise ValueError(f"`objective` must have at most {LONGEST} characters. Received: {len(text)} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # ValueError of "\0", before Python 3.11.4
        raise _unreadable(text, known) from error
    try:
        value = _read(tree, text, known)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise _unreadable(text, known) from error
    if not isinstance(value, Objective):
        raise _unreadable(text, known)
    return value


def _read(node, text, known):
    match node:
        case ast.BinOp(op=ast.Add()):
            left, right = _read(node.left, text, known), _read(node.right, text, known)
            if isinstance(left, Objective) and isinstance(right, Objective):
                return left + right
        case ast.BinOp(op=ast.Mult()):
            left, right = _read(node.left, text, known), _read(node.right, text, known)
            if isinstance(left, Objective) != isinstance(right, Objective):
                return left * right
            if not isinstance(left, Objective):
                return check_number("weight", left, 0) * check_number("weight", right, 0)
        case ast.BinOp(op=ast.MatMult(), right=ast.Name(id=match)):
            placed = _read(node.left, text, known)
            if isinstance(placed, Objective):
                return placed @ match
        case ast.Name():
            return _make(node.id, {}, text, known)
        case ast.Call(func=ast.Name()) if all(k.arg for k in node.keywords):
            read = _reader(node.func.id, known)
            given = {k.arg: read(k.value, text, known) for k in node.keywords}
            return _make(node.func.id, {**_positional(node, text, known), **given}, text, known)
        case ast.Constant() | ast.UnaryOp():
            return _number(node, text)
    raise _unreadable(text, known)


def _make(name, arguments, text, known):
    if name not in known:
        hint = _hint(name, known, difflib.get_close_matches(name.lower(), known, 1))
        hint = hint or f"Known: {', '.join(sorted(set(known) - {'at'}))}. "
        place = "" if name == text.strip() else f", where {name!r} is unknown"
        raise ValueError(f"`objective` must be made of known names. {hint}Received: objective={shown(text)}{place}")
    parameters = inspect.signature(known[name]).parameters
    missing = [p.name for p in parameters.values() if p.default is p.empty and p.name not in arguments]
    given = f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"
    text = f"`{name}` takes {', '.join(parameters) or 'no arguments'}. Received: {given}"
    if missing or not set(arguments) <= set(parameters):
        raise ValueError(text + (f", without {' and '.join(missing)}" if missing else ""))
    try:
        return known[name](**arguments)
    except TypeError as error:
        raise ValueError(f"{text}, with the error: {error}") from error


def _positional(node, text, known):
    """Returns the positional arguments by parameter: names of values, or the objective in a nesting one."""
    parameters = list(inspect.signature(known[node.func.id]).parameters) if node.func.id in known else []
    if len(node.args) > len(parameters):
        raise _unreadable(text, known)
    read = _reader(node.func.id, known)
    if read is _literal and node.args:
        raise _unreadable(text, known)
    return {name: read(argument, text, known) for name, argument in zip(parameters, node.args, strict=False)}


def _reader(name, known):
    """Returns the function that reads an objective's arguments: as objectives, names of values or literals."""
    kind = known.get(name, Objective)
    if issubclass(kind, Composite):
        return _read_nested
    return _name_or_literal if issubclass(kind, NamedTerm) else _literal


def _read_nested(node, text, known):
    return _literal(node, text, known) if isinstance(node, ast.Constant) else _read(node, text, known)


def _name_or_literal(node, text, known):
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return ast.unparse(node)
    return _literal(node, text, known)


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


def _hint(name, known, close=()):
    """Returns the sentence that suggests what to write for `name`; empty if nothing is similar."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").removesuffix("_loss")
    suggestion = SUGGESTIONS.get(plain, plain if plain in known else next(iter(close), None))
    return f"Did you mean {suggestion!r}? " if suggestion else ""


def _unreadable(text, known=()):
    return ValueError(
        "`objective` must be a sum of weighted names, such as 'wasserstein + 10 * gradient_penalty(target=1)'. "
        f"{_hint(text, known)}Received: objective={shown(text)}"
    )
