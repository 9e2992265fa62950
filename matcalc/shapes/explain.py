"""Why operands do not combine, in words: what they are, and what was probably meant."""

from __future__ import annotations

from ..errors import AmbiguityError, NameProblem
from ..expressions.dimensions import SCALAR
from ..language.tree import Node
from ..normal_form.theory import Operator
from .inference import Inference
from .items import Item, Mismatch, described, kind_fits, kinds_fit
from .unification import find


def no_sum(inference: Inference, node: Node, a: Item, b: Item) -> Mismatch:
    """Two summands differ in shape."""
    if a.node.start > b.node.start:
        a, b = b, a
    place = Node("", "", (), a.node.start, max(a.node.end, b.node.end))
    if a.scalar or b.scalar:
        number, other = (a, b) if a.scalar else (b, a)
        n, x = inference.typed(number.node), inference.typed(other.node)
        n = f"({n})" if number.node.kind == "frobenius" and n[:1] != "(" else n
        sizes = [str(d) if isinstance(d, int | str) else c for d, c in zip(map(find, other.sizes), "mn", strict=True)]
        ones = f"ones({sizes[0]})" if sizes[1] == "1" else f"ones({', '.join(sizes)})"
        rigid = [isinstance(find(d), int | str) for d in other.sizes]
        what = ones if sizes[1] == "1" or (all(rigid) and sizes[0] != sizes[1]) else "I"
        unit = what if n == "1" else f"{n} {what}"
        return inference.mismatch(
            f"Cannot add a scalar and {described(other.sizes)}: there is no broadcasting in a plain sum.",
            place,
            f"Write {unit} + {x}, or {n} .+ {x} to add the scalar to every entry.",
            AmbiguityError,
            [other.node, number.node],
        )
    return inference.mismatch(
        f"Cannot add {described(a.sizes)} and {described(b.sizes)}: the shapes differ.",
        place,
        suspects=[a.node, b.node],
    )


def no_product(inference: Inference, a: Item, b: Item, node: Node, at: int, then: int) -> Mismatch:
    """Two neighbours of a product, its factors `at` and `then`, do not conform."""
    left, right = node.args[at], node.args[then]
    x, y = inference.typed(left), inference.typed(right)
    place = Node("", "", (), left.start, right.end)
    suspects = [left, right] if a is not b else []
    if find(a.cols) == 1 and find(b.cols) == 1 and find(a.rows) != 1 and find(b.rows) != 1:
        message = f"Two column vectors cannot be multiplied: {x} is {described(a.sizes)}, {y} {described(b.sizes)}."
        hint = f"Write {x}' {y} (inner), {x} {y}' (outer) or {x} .* {y} (elementwise product)."
        return inference.mismatch(message, place, hint, suspects=suspects)
    inner = [str(d) for d in (find(a.cols), find(b.rows)) if isinstance(d, int | str)]
    reason = f": the dimensions {inner[0]} and {inner[1]} differ" if len(inner) == 2 else ""
    hint = f"'{x}' is a variable, not a function." if node.end > right.end and left.kind == "name" else ""
    return inference.mismatch(
        f"Cannot multiply {x} ({described(a.sizes)}) by {y} ({described(b.sizes)}){reason}.",
        place,
        hint,
        suspects=suspects,
    )


def no_kind(inference: Inference, name: str, operator: Operator, node: Node, args: list[Item]) -> Mismatch:
    """An operator takes arguments of another kind."""
    wrong = next(a for p, a in zip(operator.params, args, strict=True) if not kind_fits(p, a))
    wanted = "a scalar" if operator.params[args.index(wrong)] == SCALAR else "a vector"
    x = inference.typed(wrong.node)
    others = sorted(
        n
        for n, (o, *_) in inference.scope.operators.items()
        if n == o.name and n.startswith(name + "_") and kinds_fit(o, args)
    )
    readings = [text.replace("(X)", f"({x})") for text in operator.clauses.get("instead", ())]
    if (others or readings) and find(wrong.cols) != 1:
        hint = "Write " + " or ".join([f"{n}({x})" for n in others[:3]] + readings) + "."
        return inference.mismatch(
            f"'{name}' of a matrix has several readings.", node, hint, AmbiguityError, [wrong.node]
        )
    return inference.mismatch(
        f"'{name}' takes {wanted}, and {x} is {described(wrong.sizes)}.", node, suspects=[wrong.node]
    )


def no_fit(
    inference: Inference,
    name: str,
    operator: Operator,
    node: Node,
    args: list[Item],
    wrong: Item,
) -> Mismatch:
    """The sizes of the arguments do not fit an operator's signature."""
    if len(args) == 1:
        param = operator.params[0]
        if param[0] == param[1]:
            x = inference.typed(wrong.node)
            message = f"'{name}' needs a square matrix, and {x} is {described(wrong.sizes)}."
            return inference.mismatch(message, node, suspects=[wrong.node])
        return inference.mismatch(f"'{name}' does not take {described(wrong.sizes)}.", node, suspects=[wrong.node])
    what = "the Frobenius product ':'" if node.kind in ("frobenius", "inner") else f"'{name}'"
    listed = " and ".join(described(a.sizes) for a in args)
    return inference.mismatch(f"The shapes do not fit {what}: {listed}.", node, suspects=[a.node for a in args])


def needs_dot(inference: Inference, name: str, node: Node, arg: Item) -> Mismatch:
    """A scalar function of a vector or matrix: entry by entry, or as a whole?"""
    x = inference.typed(arg.node)
    matrix = name + "m"
    readings = [f"{name}.({x}) for every entry"]
    if matrix in inference.scope.operators and find(arg.cols) != 1:
        readings.insert(0, f"{matrix}({x}) for the matrix function")
    what = "vector" if find(arg.cols) == 1 else "matrix"
    message = f"'{name}' of a {what} is ambiguous: entry by entry, or of the {what} as a whole?"
    return inference.mismatch(message, node, "Write " + " or ".join(readings) + ".", AmbiguityError, [arg.node])


def unknown_function(inference: Inference, name: str, node: Node, args: list[Item]) -> Mismatch:
    """A word before a bracket that is no function: the nearest one, or how to declare it."""
    from difflib import get_close_matches

    operators = inference.scope.operators
    close = get_close_matches(name.lower(), [n for n in operators if len(n) > 1], 3, 0.7)
    dot = "." if node.kind == "dotcall" else ""
    fitting = [n for n in close if any(_would_do(o, args, dot) for o in operators[n])]
    behind = inference.text[inference.text.index("(", node.start) : node.end]
    hint = ""
    if fitting:
        hint = "Did you mean " + " or ".join(f"{n}{dot}{behind}" for n in fitting[:2]) + "? "
    elif close:
        hint = f"The nearest name is {close[0]}, which takes something else. "
    kinds = ["scalar" if a.scalar else "vector" if find(a.cols) == 1 else "matrix" for a in args]
    hint += f"An unspecified function is declared: function {name}({', '.join(kinds)}) -> scalar."
    return inference.mismatch(f"'{name}' is not a known function.", node, hint, NameProblem)


def _would_do(operator: Operator, args: list[Item], dot: str) -> bool:
    """Whether an operator takes such arguments."""
    if len(operator.params) != len(args) or (dot and not operator.elementwise):
        return False
    if operator.elementwise:
        return bool(dot) or args[0].scalar
    return kinds_fit(operator, args)
