"""What a name before a bracket makes of its arguments: constants with sizes, operators, unspecified functions."""

from __future__ import annotations

from ..errors import NameProblem
from ..expressions.dimensions import SCALAR, Dim, times
from ..language.names import kind_by_spelling
from ..language.sizes import size_of
from ..language.tree import Node
from .brackets import SIZED, is_function_of_names
from .explain import needs_dot, unknown_function
from .inference import Handler, Inference
from .items import Item, counted, described
from .marks import inverse, transposed
from .operations import hadamard, product
from .signatures import applied
from .unification import Sizes, Unknown, find

UNSPECIFIED = frozenset(
    "phi psi loss cost obj objective energy act activation reg penalty potential func fun fn likelihood".split()
)
"""The words of several letters that are unspecified functions where nothing declares them."""

STRUCTURAL: dict[str, Handler] = {
    "mul": product,
    "had": hadamard,
    "scale": product,
    "transpose": transposed,
    "inv": inverse,
}


def call(inference: Inference, node: Node, args: list[Item]) -> Item:
    """A call: of an unspecified function, a constant with sizes, an operator."""
    name = node.text.rstrip("'")
    primes = len(node.text) - len(name)
    if name in inference.scope.functions:
        return _unspecified(inference, node, name, primes, args)
    if name in SIZED and not primes and not args and inference.is_sized(node):
        return _constant(inference, node)
    if inference.scope.differentials and name == "d" and len(args) == 1:
        return inference.add("call", args, args[0].sizes, node, ("d", False, 0))
    if name in inference.scope.operators:
        operator = inference.scope.operators[name][0]
        if not primes and operator.name in STRUCTURAL:
            _count(inference, node, name, len(operator.params))
            return STRUCTURAL[operator.name](inference, node, args)
        if primes:
            raise inference.mismatch(f"'{name}' is a known function; its derivative is not written with a prime.", node)
        return applied(inference, name, node, args)
    if _is_word(name) or (kind_by_spelling(name) == "matrix" and not is_function_of_names(node, inference.text)):
        raise unknown_function(inference, name, node, args)
    return _unspecified(inference, node, name, primes, args)


def exponential(inference: Inference, node: Node, args: list[Item]) -> Item:
    """`e^(…)`: exp of a scalar, expm of a matrix."""
    if args[0].scalar or find(args[0].cols) == 1:
        return applied(inference, "exp", node, args)
    inference.notes["e^"] = "e to the power of a matrix is read as expm"
    return applied(inference, "expm", node, args)


def _is_word(name: str) -> bool:
    """Whether a name is a word of several letters that nobody uses for an unspecified function."""
    letters = name.partition("_")[0].rstrip("0123456789")
    return len(letters) > 1 and letters.lower() not in UNSPECIFIED


def dotted_call(inference: Inference, node: Node, args: list[Item]) -> Item:
    """A function applied entry by entry."""
    name = node.text.rstrip("'")
    primes = len(node.text) - len(name)
    candidates = inference.scope.operators.get(name, ())
    if name in inference.scope.functions or (not candidates and name not in STRUCTURAL):
        if name in inference.scope.variables or name in inference.scope.lets:
            raise inference.mismatch(f"'{name}' is a variable, not a function.", node, kind=NameProblem)
        if name not in inference.scope.functions and _is_word(name):
            raise unknown_function(inference, name, node, args)
        if len(args) != 1:
            raise inference.mismatch(f"'{name}.' takes one argument.", node, kind=NameProblem)
        return inference.add("call", args, args[0].sizes, node, (name, True, primes))
    elementwise = [c for c in candidates if c.elementwise]
    if not elementwise:
        hint = f"Write {name}({', '.join(inference.typed(a.node) for a in args)})."
        raise inference.mismatch(f"'{name}' does not work entry by entry.", node, hint, NameProblem)
    if primes:
        raise inference.mismatch(f"'{name}' is a known function; its derivative is not written with a prime.", node)
    _count(inference, node, name, 1)
    return inference.add("apply", args, args[0].sizes, node, elementwise[0].name)


def _count(inference: Inference, node: Node, name: str, wanted: int) -> None:
    if len(node.args) != wanted:
        message = f"'{name}' takes {counted(wanted)}, and here it has {len(node.args)}."
        raise inference.mismatch(message, node, kind=NameProblem)


def _constant(inference: Inference, node: Node) -> Item:
    """`I(n)`, `1(n)`, `ones(m, n)`, `zeros(…)`, `e(i, n)`, `E(i, j, m, n)`, `K(m, n)`."""
    name = node.text
    counts = SIZED[name]
    if len(node.args) not in counts:
        raise inference.mismatch(f"'{name}' takes {' or '.join(counted(c) for c in counts)}.", node, kind=NameProblem)
    values: list[Dim] = []
    for arg in node.args:
        value = size_of(arg)
        if value is None or (isinstance(value, int) and value <= 0):
            raise inference.mismatch("A size is a name or a positive integer.", arg)
        values.append(value)
    if name == "e":
        return inference.add("unit", [], (values[1], 1), node, values[0])
    if name == "E":
        return inference.add("entry", [], (values[2], values[3]), node, (values[0], values[1]))
    if name == "K":
        size = times(values[0], values[1])
        return inference.add("commutation", [], (size, size), node, (values[0], values[1]))
    if name == "I":
        return inference.add("identity", [], (values[0], values[0]), node)
    sizes = (values[0], values[1] if len(values) == 2 else 1)
    return inference.add("zeros" if name == "zeros" else "ones", [], sizes, node)


def _unspecified(inference: Inference, node: Node, name: str, primes: int, args: list[Item]) -> Item:
    declared = inference.scope.functions.get(name)
    result: Sizes = SCALAR
    elementwise = False
    if declared is not None:
        elementwise = declared.elementwise
        if declared.arguments:
            _count(inference, node, name, len(declared.arguments))
            for (kind, shape), a in zip(declared.arguments, args, strict=True):
                _fits(inference, name, kind, shape, a, node)
        result = _declared_result(inference, name, declared.result)
    else:
        kind = "scalar"
        if kind_by_spelling(name) == "matrix":
            kind = "matrix-valued"
            result = inference.results.setdefault(name, (Unknown(), Unknown()))
        of = " and ".join(inference.typed(a.node) for a in args)
        inference.notes[name] = f"{name} is read as an unspecified {kind} function" + (
            f" of {of}" if kind != "scalar" else ""
        )
    if elementwise and not args[0].scalar:
        raise needs_dot(inference, name, node, args[0])
    if primes:
        if len(args) != 1:
            raise inference.mismatch("Primes need a function of one argument.", node)
        result = _derivative(inference, node, name, primes, result, args[0])
    return inference.add("call", args, result, node, (name, False, primes))


def _fits(inference: Inference, name: str, kind: str, shape: tuple[Dim, ...] | None, a: Item, node: Node) -> None:
    fits = a.scalar if kind == "scalar" else find(a.cols) == 1 if kind == "vector" else True
    if fits and shape:
        fits = all(inference.unifier.same(size, d) for size, d in zip(a.sizes, shape, strict=False))
    if not fits:
        message = f"'{name}' is declared for a {kind}, and its argument is {described(a.sizes)}."
        raise inference.mismatch(message, node, suspects=[a.node])


def _declared_result(inference: Inference, name: str, result: tuple[str, tuple[Dim, ...] | None]) -> Sizes:
    kind, shape = result
    if kind == "scalar":
        return SCALAR
    if shape is not None:
        return (shape[0], shape[1] if len(shape) == 2 else 1)
    if name not in inference.results:
        inference.results[name] = (Unknown(), 1 if kind == "vector" else Unknown())
    return inference.results[name]


def _derivative(inference: Inference, node: Node, name: str, primes: int, result: Sizes, a: Item) -> Sizes:
    """The shape of a derivative: gradient, Jacobian, Hessian, or the same for a scalar argument."""
    value_is_scalar = result == SCALAR
    if a.scalar:
        return result
    if primes == 1 and value_is_scalar:
        return a.sizes
    if find(a.cols) == 1 and find(result[1]) == 1 and primes == (2 if value_is_scalar else 1):
        return (a.rows, a.rows) if value_is_scalar else (result[0], a.rows)
    order = "fourth" if find(a.cols) != 1 else "third"
    raise inference.mismatch(
        f"{node.text} is a tensor of {order} order or more and has no place in an expression.", node
    )
