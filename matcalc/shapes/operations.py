"""Sums and products: how operands of known sizes combine."""

from __future__ import annotations

from ..errors import AmbiguityError, EvaluationError
from ..expressions.dimensions import SCALAR
from ..language.tree import Node
from .explain import no_product, no_sum
from .inference import Inference
from .items import Item, described
from .marks import inverse
from .signatures import applied
from .unification import FACTOR_LIMIT, Term, find

NORMS = {"": "norm", "F": "norm_F", "2": "norm_2", "1": "norm_1", "*": "norm_nuc", "∞": "norm_inf"}
OPERATOR_OF = {"pseudoinverse": "pinv", "kron": "kron", "frobenius": "frob", "inner": "frob"}


def summed(inference: Inference, node: Node, args: list[Item]) -> Item:
    """A sum: all summands of one shape; a plain 0 is the zero of any."""
    first = next((a for a in args if not a.zero and not a.scalar), None)
    if first is None:
        return inference.add("linear", args, SCALAR, node, node.text)
    signs, kept = [], []
    for sign, a in zip(node.text, args, strict=True):
        if a.zero:
            continue
        if a is not first and not inference.same(a, first):
            raise no_sum(inference, node, first, a)
        signs.append(sign)
        kept.append(a)
    return inference.add("linear", kept, first.sizes, node, "".join(signs))


def spread_sum(inference: Inference, node: Node, args: list[Item]) -> Item:
    """A dotted sum: a scalar is added to every entry."""
    first = next((a for a in args if not a.scalar), None)
    if first is None:
        return inference.add("linear", args, SCALAR, node, node.text)
    for a in args:
        if not a.scalar and not inference.same(a, first):
            raise no_sum(inference, node, first, a)
    spread = [inference.add("spread", [a], first.sizes, a.node) if a.scalar else a for a in args]
    return inference.add("linear", spread, first.sizes, node, node.text)


def negated(inference: Inference, node: Node, args: list[Item]) -> Item:
    """The negative."""
    return inference.add("linear", args, args[0].sizes, node, "-")


def product(inference: Inference, node: Node, args: list[Item]) -> Item:
    """Factors from left to right; what closes to a scalar steps out of the chain, as in A (x'y)."""
    scalars: list[Item] = []
    stack: list[tuple[Term, Term, list[Item]]] = []
    before = 0
    for at, factor in enumerate(args):
        rows, cols = find(factor.rows), find(factor.cols)
        if rows == 1 and cols == 1:
            scalars.append(factor)
            continue
        if stack:
            first, last, chain = stack[-1]
            last = find(last)
            if (last == 1) == (rows == 1):
                if not inference.unifier.same(last, rows):
                    raise no_product(inference, chain[-1], factor, node, before, at)
                chain.append(factor)
                before = at
                if find(first) == 1 and cols == 1:
                    stack.pop()
                    scalars.append(inference.add("mul", chain, SCALAR, node))
                else:
                    stack[-1] = (first, cols, chain)
                continue
            if rows != 1:
                raise no_product(inference, chain[-1], factor, node, before, at)
        stack.append((rows, cols, [factor]))
        before = at
    if len(stack) > 1:
        a, b = stack[-2][2][-1], stack[-1][2][0]
        raise no_product(inference, a, b, node, args.index(a), args.index(b))
    main: Item | None = None
    if stack:
        first, last, chain = stack[0]
        main = chain[0] if len(chain) == 1 else inference.add("mul", chain, (first, last), node)
    if not scalars:
        assert main is not None
        return main
    behind = args[-1]
    if main is not None and behind.scalar and find(main.rows) == 1 and len(args) > 1 and not args[-2].scalar:
        inference.doubt(behind, "A row times a scalar is a row.", node)
    front = scalars[0] if len(scalars) == 1 else inference.add("monomial", scalars, SCALAR, node, [1] * len(scalars))
    return front if main is None else inference.add("scale", [front, main], main.sizes, node)


def divided(inference: Inference, node: Node, args: list[Item]) -> Item:
    """A quotient: division by scalars only."""
    top, *bottoms = args
    for b in bottoms:
        if not b.scalar:
            x, y = inference.typed(top.node), inference.typed(b.node)
            numeric = top.op == "number"
            if find(b.cols) != 1:
                hint = f"Write {'' if x == '1' else x + ' '}inv({y}), or " + (
                    f"{x} ./ {y} to divide every entry." if not numeric else f"{x} ./ {y} for the reciprocal entries."
                )
            else:
                hint = f"Write {x} ./ {y} to divide entry by entry."
            what = "a matrix" if find(b.cols) != 1 else "a vector"
            raise inference.mismatch(f"Division by {what}: {y}.", node, hint, AmbiguityError, [b.node])
        if b.zero:
            raise inference.mismatch("Division by zero.", node, kind=EvaluationError)
    if top.scalar:
        return inference.add("monomial", args, SCALAR, node, [1] + [-1] * len(bottoms))
    front = inference.add("monomial", bottoms, SCALAR, node, [-1] * len(bottoms))
    return inference.add("scale", [front, top], top.sizes, node)


def divided_from_left(inference: Inference, node: Node, args: list[Item]) -> Item:
    """MATLAB's A\\B, which is A⁻¹ B."""
    made = args[-1]
    for a in reversed(args[:-1]):
        left = inverse(inference, a.node, [a])
        if made.scalar and not left.scalar:
            made = inference.add("scale", [made, left], left.sizes, node)
        else:
            made = product(inference, Node("", "", (a.node, made.node), a.node.start, node.end), [left, made])
    return made


def dotted(inference: Inference, node: Node, args: list[Item]) -> Item:
    """NumPy's dot: the inner product of two vectors, else the product."""
    a, b = args
    if find(a.cols) == 1 and find(b.cols) == 1 and not (a.scalar or b.scalar):
        return applied(inference, "dot", node, args)
    for x in args:
        if x.scalar:
            inference.doubt(x, "The dot product is one of vectors.", node)
    return product(inference, node, args)


def hadamard(inference: Inference, node: Node, args: list[Item]) -> Item:
    """The product entry by entry; scalars stand in front."""
    return _entrywise(inference, node, args, [1] * len(args))


def entrywise_quotient(inference: Inference, node: Node, args: list[Item]) -> Item:
    """The quotient entry by entry."""
    return _entrywise(inference, node, args, [1] + [-1] * (len(args) - 1))


def _entrywise(inference: Inference, node: Node, args: list[Item], exponents: list[int]) -> Item:
    full = [(a, p) for a, p in zip(args, exponents, strict=True) if not a.scalar]
    scalars = [(a, p) for a, p in zip(args, exponents, strict=True) if a.scalar]
    if not full:
        return inference.add("monomial", args, SCALAR, node, exponents)
    first = full[0][0]
    for a, p in full:
        if a is not first and not inference.same(a, first):
            name = "product" if p == 1 else "division"
            raise inference.mismatch(
                f"The elementwise {name} needs two operands of one shape, and these are "
                f"{described(first.sizes)} and {described(a.sizes)}.",
                node,
                suspects=[first.node, a.node],
            )
    main = inference.add("monomial", [a for a, _ in full], first.sizes, node, [p for _, p in full])
    if not scalars:
        return main
    for a, _ in scalars:
        inference.doubt(a, "A scalar needs no elementwise product.", node, weak=True)
    front = inference.add("monomial", [a for a, _ in scalars], SCALAR, node, [p for _, p in scalars])
    return inference.add("scale", [front, main], main.sizes, node)


def kronecker(inference: Inference, node: Node, args: list[Item]) -> Item:
    """The Kronecker product, from left to right."""
    if len(args) > FACTOR_LIMIT:
        raise inference.mismatch(f"A Kronecker product has at most {FACTOR_LIMIT} factors.", node)
    made = args[0]
    for a in args[1:]:
        made = applied(inference, "kron", node, [made, a])
    return made


def by_sign(inference: Inference, node: Node, args: list[Item]) -> Item:
    """What the rule book has an operator for: `A : B`, `<A, B>`, `|t|`, `A⁺`."""
    return applied(inference, OPERATOR_OF[node.kind], node, args)


def absolute(inference: Inference, node: Node, args: list[Item]) -> Item:
    """Single bars, by kind: abs of a scalar, the norm of a vector, the determinant of a square matrix."""
    a = args[0]
    x = inference.typed(a.node)
    if a.scalar:
        return applied(inference, "abs", node, args)
    if find(a.cols) == 1:
        inference.notes[f"|{x}|"] = f"|{x}| is read as the norm of a vector"
        return applied(inference, "norm", node, args)
    if not inference.unifier.same(a.rows, a.cols):
        hint = f"Write norm_F({x}) or norm_2({x}) for a norm, or abs.({x}) for the entries."
        message = f"'| |' of a matrix is its determinant, and {x} is {described(a.sizes)}."
        raise inference.mismatch(message, node, hint, AmbiguityError, [a.node])
    inference.notes[f"|{x}|"] = f"|{x}| is read as the determinant"
    return applied(inference, "det", node, args)


def norm(inference: Inference, node: Node, args: list[Item]) -> Item:
    """A norm, by what stands behind the bars."""
    return applied(inference, NORMS[node.text], node, args)


def star(inference: Inference, node: Node, args: list[Item]) -> Item:
    """`⋆`, which stands for any product and is refused outside of rules."""
    raise inference.mismatch(
        "'⋆' stands for any product, in rule files only.", node, "Write the product that is meant."
    )


def hermitian(inference: Inference, node: Node, args: list[Item]) -> Item:
    """The conjugate transpose, which is refused."""
    raise inference.mismatch("The conjugate transpose ^H is not read yet: matrices are real here.", node, "Write A'.")
