"""One reading of the names: from trees to items that know their sizes.

Items are listed in the order in which they can be built, arguments first; nothing is recursive.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import MatcalcError
from ..expressions.dimensions import names_of
from ..language.sizes import size_of
from ..language.syntax import Node, walk
from .brackets import SIZED, sizes_given
from .functions import call, dotted_call, exponential
from .in_use import differential, directed, is_differential, jacobian, lone_adjoint, takes_direction
from .inference import Handler, Inference
from .items import Item, described
from .leaves import lone_slice, meaningless, name, number, unsized_ones
from .marks import entrywise_power, indexed, inverse, power, transposed
from .operations import (
    absolute,
    by_sign,
    divided,
    divided_from_left,
    dotted,
    entrywise_quotient,
    hadamard,
    hermitian,
    kronecker,
    negated,
    norm,
    product,
    spread_sum,
    star,
    summed,
)


def behind(inference: Inference, node: Node, args: list[Item]) -> Item:
    """Square brackets: an entry, or the direction of a derivative."""
    if takes_direction(node, inference.scope):
        return directed(inference, node, args)
    return (indexed if node.kind == "index" else lone_adjoint)(inference, node, args)


def called(inference: Inference, node: Node, args: list[Item]) -> Item:
    """A call, or the differential dF(X) of an unspecified function."""
    return (differential if is_differential(node, inference.scope) else call)(inference, node, args)


HANDLERS: dict[str, Handler] = {
    "number": number,
    "name": name,
    "slice": lone_slice,
    "ones": unsized_ones,
    "call": called,
    "dotcall": dotted_call,
    "sum": summed,
    "dotsum": spread_sum,
    "negate": negated,
    "product": product,
    "matmul": product,
    "divide": divided,
    "leftdivide": divided_from_left,
    "dotted": dotted,
    "exponential": exponential,
    "hadamard": hadamard,
    "dotdivide": entrywise_quotient,
    "kron": kronecker,
    "star": star,
    "frobenius": by_sign,
    "inner": by_sign,
    "abs": absolute,
    "norm": norm,
    "transpose": transposed,
    "hermitian": hermitian,
    "inverse": inverse,
    "pseudoinverse": by_sign,
    "power": power,
    "dotpower": entrywise_power,
    "index": behind,
    "pulled": behind,
    "jacobian": jacobian,
    "keyword": meaningless,
    "string": meaningless,
    "module": meaningless,
    "defined": meaningless,
    "derivative": meaningless,
}
"""What each kind of node makes of its operands."""


def read(inference: Inference, roots: Sequence[tuple[Node, str]]) -> None:
    """Read all trees; the first are the named subexpressions, the others share one shape."""
    for root, _ in roots:
        for n in walk(root):
            for arg in n.args[len(_parts(inference, n)) :] if n.kind == "call" else ():
                size = size_of(arg)
                inference.rigid.update(names_of(size) if size is not None else ())
    for at, (root, text) in enumerate(roots):
        inference.text = text
        item = _tree(inference, root)
        if at < len(inference.let_names):
            inference.lets[inference.let_names[at]] = item
        else:
            inference.roots.append(item)
    shaped = [r for r in inference.roots if not r.zero]
    for at, side in enumerate(inference.roots):
        if side.zero and shaped:
            inference.roots[at] = inference.add("zeros", [], shaped[0].sizes, side.node)
        elif shaped and not inference.same(side, shaped[0]):
            inference.text = side.text
            raise inference.mismatch(
                f"The two sides differ in shape: {described(shaped[0].sizes)} and {described(side.sizes)}.",
                side.node,
                suspects=[shaped[0].node, side.node],
            )
    if not inference.unifier.settle():
        raise inference.mismatch(
            "The sizes of vec, vech, unvec and Kronecker products do not fit together, or cannot be told.",
            roots[-1][0],
            "Declare the shapes.",
        )


def _tree(inference: Inference, root: Node) -> Item:
    backwards: list[tuple[Node, int]] = []
    stack = [root]
    while stack:
        node = stack.pop()
        parts = _parts(inference, node)
        backwards.append((node, len(parts)))
        stack.extend(parts)
    done: list[Item] = []
    for node, count in reversed(backwards):
        args = done[len(done) - count :]
        del done[len(done) - count :]
        try:
            done.append(HANDLERS[node.kind](inference, node, args))
        except MatcalcError as error:
            raise error.at(inference.text, node.start, node.end) from None
    return done[0]


def _parts(inference: Inference, node: Node) -> tuple[Node, ...]:
    """The arguments that are expressions: not sizes, not the labels of an index."""
    if node.kind in ("index", "pulled"):
        return (node.args[0].args[0], node.args[1]) if takes_direction(node, inference.scope) else node.args[:1]
    if node.kind != "call":
        return node.args
    if is_differential(node, inference.scope):
        x = node.args[0]
        return x, Node("name", f"d{x.text}", (), x.start, x.end)
    if node.text in SIZED and inference.is_sized(node):
        return ()
    return node.args[: len(node.args) - sizes_given(node, inference.scope)]
