"""The derivative of a matrix-valued function, which no matrix names, read in use.

``F'(X)[H]`` is its derivative in the direction H, and so is ``dF(X)``, where H is dX; ``F'(X)*[G]`` is the adjoint
applied to G, and ``∂vec(F)/∂vec(X)`` the matrix of both.  Where F'(X) has a name, as a gradient or a Jacobian, brackets
behind it pick an entry.
"""

from __future__ import annotations

from ..errors import NameProblem
from ..language.declared import FunctionDeclared
from ..language.tree import Node
from .inference import Inference
from .items import Item, described
from .scope import Scope
from .unification import Sizes, Unknown, polynomial


def takes_direction(node: Node, scope: Scope) -> bool:
    """Whether brackets behind a call hold a direction, or a cotangent, and no places of an entry."""
    base = node.args[0]
    if node.kind not in ("index", "pulled") or base.kind != "call" or len(base.args) != 1 or len(node.args) != 2:
        return False
    name = base.text.rstrip("'")
    return base.text == name + "'" and _has_no_name(scope.functions.get(name)) and node.args[1].kind != "slice"


def _has_no_name(declared: FunctionDeclared | None) -> bool:
    """Whether the derivative of a function is no gradient, no Jacobian and no derivative by a scalar."""
    if declared is None or len(declared.arguments) != 1:
        return False
    kinds = (declared.arguments[0][0], declared.result[0])
    return "scalar" not in kinds and kinds != ("vector", "vector")


def is_differential(node: Node, scope: Scope) -> bool:
    """Whether a call such as dF(X) is the derivative of F in the direction dX."""
    name = node.text[1:]
    return (
        node.text[0] == "d"
        and node.text not in scope.functions
        and _has_no_name(scope.functions.get(name))
        and len(node.args) == 1
        and node.args[0].kind == "name"
        and f"d{node.args[0].text}" in scope.variables
    )


def directed(inference: Inference, node: Node, args: list[Item]) -> Item:
    """F'(X)[H] and F'(X)*[G], of X and H or G."""
    name = node.args[0].text.rstrip("'")
    x, other = args
    result = _result(inference, name, x, node)
    mode = "pull" if node.kind == "pulled" else "push"
    wanted, sizes = (x.sizes, result) if mode == "push" else (result, x.sizes)
    if not all(inference.unifier.same(a, b) for a, b in zip(other.sizes, wanted, strict=True)):
        what = "The direction" if mode == "push" else "What the adjoint is applied to"
        raise inference.mismatch(
            f"{what} is {described(other.sizes)}, and must be {described(wanted)}.", node.args[1], suspects=[other.node]
        )
    return inference.add("in_use", args, sizes, node, (name, mode))


def differential(inference: Inference, node: Node, args: list[Item]) -> Item:
    """dF(X), of X and dX."""
    sizes = _result(inference, node.text[1:], args[0], node)
    return inference.add("in_use", args, sizes, node, (node.text[1:], "push"))


def jacobian(inference: Inference, node: Node, args: list[Item]) -> Item:
    """∂vec(F)/∂vec(X)"""
    if not _has_no_name(inference.scope.functions.get(node.text)):
        message = f"'{node.text}' is not declared as a function whose derivative has no other name."
        raise inference.mismatch(message, node, kind=NameProblem)
    result = _result(inference, node.text, args[0], node)
    return inference.add(
        "in_use", args, (polynomial((result,)), polynomial((args[0].sizes,))), node, (node.text, "jacobian")
    )


def lone_adjoint(inference: Inference, node: Node, args: list[Item]) -> Item:
    """`*[…]` behind anything else, which is refused."""
    hint = "Write * between factors, and ( ) to group them."
    raise inference.mismatch("'*[ ]' stands only behind F'(X), for a matrix-valued function F.", node, hint)


def _result(inference: Inference, name: str, x: Item, node: Node) -> Sizes:
    """The shape of a function's value; its argument must be what was declared."""
    declared = inference.scope.functions[name]
    ((_, shape),) = declared.arguments
    rows, columns = (*(shape or (x.rows, x.cols)), 1)[:2]
    if not (inference.unifier.same(x.rows, rows) and inference.unifier.same(x.cols, columns)):
        message = f"'{name}' is declared for another shape than {described(x.sizes)}."
        raise inference.mismatch(message, node, suspects=[x.node])
    kind, of = declared.result
    if of is not None:
        return (of[0], of[1] if len(of) == 2 else 1)
    if name not in inference.results:
        inference.results[name] = (Unknown(), 1 if kind == "vector" else Unknown())
    return inference.results[name]
