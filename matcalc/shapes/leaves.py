"""Names and numbers."""

from __future__ import annotations

from fractions import Fraction

from ..errors import NameProblem, ParseError
from ..expressions.dimensions import SCALAR
from ..language.declared import SQUARE
from ..language.tree import Node
from .inference import Inference
from .items import Item
from .scope import Variable
from .unification import Sizes, Unknown


def number(inference: Inference, node: Node, args: list[Item]) -> Item:
    """A number."""
    return inference.add("number", [], SCALAR, node, Fraction(node.text))


def unsized_ones(inference: Inference, node: Node, args: list[Item]) -> Item:
    """A column of ones, whose size is told by where it stands."""
    return inference.add("ones", [], (Unknown(), 1), node)


def lone_slice(inference: Inference, node: Node, args: list[Item]) -> Item:
    """`:` outside of an index, which is refused."""
    raise inference.mismatch("':' alone stands only in an index, as in A[i, :].", node)


_MEANINGLESS = {
    "keyword": ("An argument with a name means nothing here.", ""),
    "string": ("A text means nothing here.", ""),
    "module": ("A module is no value.", "Give the function with its argument, as in np.trace(A)."),
    "defined": ("'=' stands only behind the name of all of a function, as in f(X) = tr(A X).", ""),
    "derivative": (
        "A derivative is asked for, where an expression is expected.",
        "Ask for it alone, as a statement of the REPL or the only argument of the command.",
    ),
}


def meaningless(inference: Inference, node: Node, args: list[Item]) -> Item:
    """What means something elsewhere only."""
    message, hint = _MEANINGLESS[node.kind]
    raise inference.mismatch(message, node, hint, ParseError)


def name(inference: Inference, node: Node, args: list[Item]) -> Item:
    """A variable, a named subexpression or a constant."""
    name = node.text
    known = inference.lets.get(name) or inference.symbols.get(name)
    if known is not None:
        return known
    if name == "I" and name not in inference.scope.variables:
        size = Unknown()
        return inference.add("identity", [], (size, size), node)
    if name == "π":
        return inference.add("pi", [], SCALAR, node)
    if name in inference.scope.functions:
        raise inference.mismatch(
            f"'{name}' is a function and needs an argument.", node, f"Write {name}(…).", NameProblem
        )
    variable = inference.scope.variables.get(name)
    if variable is None and len(name) > 1 and name.isascii() and name in inference.scope.operators:
        raise inference.mismatch(
            f"'{name}' is a function and needs its argument in parentheses.", node, f"Write {name}(…).", NameProblem
        )
    item = _differential(inference, node) or _symbol(inference, node, variable or _spelled(inference, name))
    inference.symbols[name] = item
    return item


def _spelled(inference: Inference, name: str) -> Variable:
    kind = inference.spelled(name)
    size = name in inference.rigid
    if size or name in inference.turned:
        if kind == "vector":
            kind = "scalar"
            inference.notes[name] = f"{name} is read as {'the dimension, ' if size else ''}a scalar"
        elif not size:
            kind = "vector"
            inference.notes[name] = f"{name} is read as a vector"
    return Variable(kind, () if kind == "scalar" else None)


def _differential(inference: Inference, node: Node) -> Item | None:
    """In a rule, dX has the shape of X."""
    base = node.text[1:]
    if not inference.scope.differentials or node.text[0] != "d" or node.text in inference.scope.variables:
        return None
    if base not in inference.bare and base not in inference.scope.variables:
        return None
    of = name(inference, Node("name", base, (), node.start, node.end), [])
    return inference.add("symbol", [], of.sizes, node, (node.text, frozenset()))


def _symbol(inference: Inference, node: Node, variable: Variable) -> Item:
    if variable.shape is not None:
        sizes: Sizes = ((*variable.shape, 1, 1)[0], (*variable.shape, 1, 1)[1])
    elif variable.kind == "matrix":
        rows = Unknown()
        sizes = (rows, rows if variable.properties & SQUARE else Unknown())
    else:
        sizes = (Unknown(), 1) if variable.kind == "vector" else SCALAR
    return inference.add("symbol", [], sizes, node, (node.text, variable.properties))
