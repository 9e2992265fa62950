"""Sums, products and marks: how operands of known sizes combine, and what is said where they do not."""

from __future__ import annotations

from fractions import Fraction

from ..errors import AmbiguityError, EvaluationError
from ..expressions.dimensions import SCALAR
from ..language.tree import Node
from .brackets import walk
from .functions import Applications
from .items import Item, Mismatch, described
from .unification import FACTOR_LIMIT, Term, find

NORMS = {"": "norm", "F": "norm_F", "2": "norm_2", "1": "norm_1", "*": "norm_nuc", "∞": "norm_inf"}
INTEGER_LETTERS = frozenset("ijklmnpqrsNMK")
OPERATOR_OF = {"pseudoinverse": "pinv", "kron": "kron", "frobenius": "frob", "inner": "frob", "abs": "abs"}


class Operations(Applications):
    """What the operators of the language make of their operands."""

    # --- sums -----------------------------------------------------------------------------------------------------

    def _sum(self, node: Node, args: list[Item]) -> Item:
        first = next((a for a in args if not a.zero and not a.scalar), None)
        if first is None:
            return self._add("linear", args, SCALAR, node, node.text)
        signs, kept = [], []
        for sign, a in zip(node.text, args, strict=True):
            if a.zero:
                continue
            if a is not first and not self._same(a, first):
                raise self._no_sum(node, first, a)
            signs.append(sign)
            kept.append(a)
        return self._add("linear", kept, first.sizes, node, "".join(signs))

    def _no_sum(self, node: Node, a: Item, b: Item) -> Mismatch:
        if a.node.start > b.node.start:
            a, b = b, a
        place = Node("", "", (), a.node.start, max(a.node.end, b.node.end))
        if a.scalar or b.scalar:
            number, other = (a, b) if a.scalar else (b, a)
            n, x = self._typed(number.node), self._typed(other.node)
            sizes = [
                str(d) if isinstance(d, int | str) else c for d, c in zip(map(find, other.sizes), "mn", strict=True)
            ]
            ones = f"ones({sizes[0]})" if sizes[1] == "1" else f"ones({', '.join(sizes)})"
            rigid = [isinstance(find(d), int | str) for d in other.sizes]
            what = ones if sizes[1] == "1" or (all(rigid) and sizes[0] != sizes[1]) else "I"
            unit = what if n == "1" else f"{n} {what}"
            return self._mismatch(
                f"Cannot add a scalar and {described(other.sizes)}: there is no broadcasting in a plain sum.",
                place,
                f"Write {unit} + {x}, or {n} .+ {x} to add the scalar to every entry.",
                AmbiguityError,
                [other.node],
            )
        return self._mismatch(
            f"Cannot add {described(a.sizes)} and {described(b.sizes)}: the shapes differ.",
            place,
            suspects=[a.node, b.node],
        )

    def _dotsum(self, node: Node, args: list[Item]) -> Item:
        first = next((a for a in args if not a.scalar), None)
        if first is None:
            return self._add("linear", args, SCALAR, node, node.text)
        for a in args:
            if not a.scalar and not self._same(a, first):
                raise self._no_sum(node, first, a)
        spread = [self._add("spread", [a], first.sizes, a.node) if a.scalar else a for a in args]
        return self._add("linear", spread, first.sizes, node, node.text)

    def _negate(self, node: Node, args: list[Item]) -> Item:
        return self._add("linear", args, args[0].sizes, node, "-")

    # --- products -------------------------------------------------------------------------------------------------

    def _product(self, node: Node, args: list[Item]) -> Item:
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
                    if not self.unifier.same(last, rows):
                        raise self._no_product(chain[-1], factor, node, before, at)
                    chain.append(factor)
                    before = at
                    if find(first) == 1 and cols == 1:
                        stack.pop()
                        scalars.append(self._add("mul", chain, SCALAR, node))
                    else:
                        stack[-1] = (first, cols, chain)
                    continue
                if rows != 1:
                    raise self._no_product(chain[-1], factor, node, before, at)
            stack.append((rows, cols, [factor]))
            before = at
        if len(stack) > 1:
            a, b = stack[-2][2][-1], stack[-1][2][0]
            raise self._no_product(a, b, node, args.index(a), args.index(b))
        main: Item | None = None
        if stack:
            first, last, chain = stack[0]
            main = chain[0] if len(chain) == 1 else self._add("mul", chain, (first, last), node)
        if not scalars:
            assert main is not None
            return main
        front = scalars[0] if len(scalars) == 1 else self._add("monomial", scalars, SCALAR, node, [1] * len(scalars))
        return front if main is None else self._add("scale", [front, main], main.sizes, node)

    _matmul = _product

    def _no_product(self, a: Item, b: Item, node: Node, at: int, then: int) -> Mismatch:
        """Two neighbours of a product, its factors `at` and `then`, do not conform."""
        left, right = node.args[at], node.args[then]
        x, y = self._typed(left), self._typed(right)
        place = Node("", "", (), left.start, right.end)
        suspects = [left, right] if a is not b else []
        if find(a.cols) == 1 and find(b.cols) == 1 and find(a.rows) != 1 and find(b.rows) != 1:
            message = f"Two column vectors cannot be multiplied: {x} is {described(a.sizes)}, {y} {described(b.sizes)}."
            hint = f"Write {x}' {y} (inner), {x} {y}' (outer) or {x} .* {y} (elementwise product)."
            return self._mismatch(message, place, hint, suspects=suspects)
        inner = [str(d) for d in (find(a.cols), find(b.rows)) if isinstance(d, int | str)]
        reason = f": the dimensions {inner[0]} and {inner[1]} differ" if len(inner) == 2 else ""
        hint = f"'{x}' is a variable, not a function." if node.end > right.end and left.kind == "name" else ""
        return self._mismatch(
            f"Cannot multiply {x} ({described(a.sizes)}) by {y} ({described(b.sizes)}){reason}.",
            place,
            hint,
            suspects=suspects,
        )

    def _divide(self, node: Node, args: list[Item]) -> Item:
        top, *bottoms = args
        for b in bottoms:
            if not b.scalar:
                x, y = self._typed(top.node), self._typed(b.node)
                numeric = top.op == "number"
                if find(b.cols) != 1:
                    hint = f"Write {'' if x == '1' else x + ' '}inv({y}), or " + (
                        f"{x} ./ {y} to divide every entry."
                        if not numeric
                        else f"{x} ./ {y} for the reciprocal entries."
                    )
                else:
                    hint = f"Write {x} ./ {y} to divide entry by entry."
                what = "a matrix" if find(b.cols) != 1 else "a vector"
                raise self._mismatch(f"Division by {what}: {y}.", node, hint, AmbiguityError, [b.node])
            if b.zero:
                raise self._mismatch("Division by zero.", node, kind=EvaluationError)
        if top.scalar:
            return self._add("monomial", args, SCALAR, node, [1] + [-1] * len(bottoms))
        front = self._add("monomial", bottoms, SCALAR, node, [-1] * len(bottoms))
        return self._add("scale", [front, top], top.sizes, node)

    def _hadamard(self, node: Node, args: list[Item]) -> Item:
        return self._entrywise(node, args, [1] * len(args))

    def _dotdivide(self, node: Node, args: list[Item]) -> Item:
        return self._entrywise(node, args, [1] + [-1] * (len(args) - 1))

    def _entrywise(self, node: Node, args: list[Item], exponents: list[int]) -> Item:
        full = [(a, p) for a, p in zip(args, exponents, strict=True) if not a.scalar]
        scalars = [(a, p) for a, p in zip(args, exponents, strict=True) if a.scalar]
        if not full:
            return self._add("monomial", args, SCALAR, node, exponents)
        first = full[0][0]
        for a, p in full:
            if a is not first and not self._same(a, first):
                name = "product" if p == 1 else "division"
                raise self._mismatch(
                    f"The elementwise {name} needs two operands of one shape, and these are "
                    f"{described(first.sizes)} and {described(a.sizes)}.",
                    node,
                    suspects=[first.node, a.node],
                )
        main = self._add("monomial", [a for a, _ in full], first.sizes, node, [p for _, p in full])
        if not scalars:
            return main
        front = self._add("monomial", [a for a, _ in scalars], SCALAR, node, [p for _, p in scalars])
        return self._add("scale", [front, main], main.sizes, node)

    def _kron(self, node: Node, args: list[Item]) -> Item:
        if len(args) > FACTOR_LIMIT:
            raise self._mismatch(f"A Kronecker product has at most {FACTOR_LIMIT} factors.", node)
        made = args[0]
        for a in args[1:]:
            made = self._operator("kron", node, [made, a])
        return made

    def _frobenius(self, node: Node, args: list[Item]) -> Item:
        return self._operator(OPERATOR_OF[node.kind], node, args)

    _inner = _pseudoinverse = _abs = _frobenius

    def _norm(self, node: Node, args: list[Item]) -> Item:
        return self._operator(NORMS[node.text], node, args)

    def _star(self, node: Node, args: list[Item]) -> Item:
        raise self._mismatch(
            "'⋆' stands for any product, in rule files only.", node, "Write the product that is meant."
        )

    def _hermitian(self, node: Node, args: list[Item]) -> Item:
        raise self._mismatch("The conjugate transpose ^H is not read yet: matrices are real here.", node, "Write A'.")

    # --- marks ----------------------------------------------------------------------------------------------------

    def _transpose(self, node: Node, args: list[Item]) -> Item:
        a = args[0]
        if a.scalar:
            if "T" in self.scope.variables and self.text[node.start : node.end].endswith("^T"):
                hint = f"Write {self._typed(a.node)}^(T) for the power."
                raise self._mismatch("'^T' is the transpose, and T is declared.", node, hint, AmbiguityError)
            if a.op == "number" and self._typed(a.node) == "1":  # on paper, a row of ones
                hint = "Write 1(n)' for the row of ones, or ones(1, n)."
                raise self._mismatch("1 is a number here, and 1' its transpose.", node, hint, AmbiguityError)
            return a
        return self._add("transpose", args, (a.cols, a.rows), node)

    def _square(self, item: Item, node: Node, what: str) -> None:
        if not self.unifier.same(item.rows, item.cols):
            x = self._typed(item.node)
            raise self._mismatch(
                f"The {what} needs a square matrix, and {x} is {described(item.sizes)}.", node, suspects=[item.node]
            )

    def _inverse(self, node: Node, args: list[Item]) -> Item:
        a = args[0]
        if a.scalar:
            return self._add("monomial", args, SCALAR, node, [-1])
        self._square(a, node, "inverse")
        return self._add("inverse", args, a.sizes, node)

    def _power(self, node: Node, args: list[Item]) -> Item:
        base, exponent = args
        x = self._typed(base.node)
        if not exponent.scalar:
            raise self._mismatch(
                f"The exponent of a power must be a number or a scalar, and here it is {described(exponent.sizes)}.",
                exponent.node,
                kind=AmbiguityError,
                suspects=[exponent.node],
            )
        if base.scalar:
            return self._add("dotpower", args, SCALAR, node)
        if find(base.cols) == 1:
            hint = f"Write {x}.^{self._typed(exponent.node)} for the power of every entry, or {x}' {x}."
            raise self._mismatch("A vector has no power.", node, hint, suspects=[base.node])
        self._square(base, node, "power")
        half = self._half(exponent.node)
        if half:
            root = self._operator("sqrtm", node, [base])
            return root if half > 0 else self._add("inverse", [root], root.sizes, node)
        self._integer_exponent(exponent, x)
        return self._add("power", args, base.sizes, node)

    def _half(self, node: Node) -> int:
        """1 or -1 where an exponent is ½ or -½, else 0."""
        sign = 1
        if node.kind == "negate":
            sign, node = -1, node.args[0]
        if node.kind == "divide" and [a.text for a in node.args] == ["1", "2"]:
            return sign
        return sign if node.kind == "number" and Fraction(node.text) == Fraction(1, 2) else 0

    def _integer_exponent(self, exponent: Item, base: str) -> None:
        """A matrix power is one of an integer, or of a name that stands for one."""
        for n in walk(exponent.node):
            ok = n.kind in ("negate", "sum", "product", "matmul")
            if n.kind == "number":
                ok = Fraction(n.text).denominator == 1
            elif n.kind == "name":
                variable = self.scope.variables.get(n.text)
                ok = n.text[0] in INTEGER_LETTERS or (variable is not None and "integer" in variable.properties)
                ok = ok or self.scope.differentials
            if not ok:
                k = self._typed(exponent.node)
                raise self._mismatch(
                    f"The exponent of a matrix power must be an integer, and '{k}' is not known to be one.",
                    exponent.node,
                    f"Write {base}.^{k} for the power of every entry, or expm({k} logm({base})); "
                    "integers have names such as k or n.",
                    AmbiguityError,
                )

    def _dotpower(self, node: Node, args: list[Item]) -> Item:
        base, exponent = args
        if not exponent.scalar:
            raise self._mismatch(
                "The exponent of .^ must be a number or a scalar.", exponent.node, suspects=[exponent.node]
            )
        return self._add("dotpower", args, base.sizes, node)

    def _index(self, node: Node, args: list[Item]) -> Item:
        a, labels = args[0], node.args[1:]
        if a.scalar:
            raise self._mismatch("A scalar has no entries to pick.", node)
        vector = find(a.cols) == 1
        if len(labels) == 1 and not vector:
            x = self._typed(a.node)
            raise self._mismatch("A matrix has two indices.", node, f"Write {x}[i, j], {x}[i, :] or {x}[:, j].")
        if len(labels) > 2:
            raise self._mismatch("There are more than two indices.", node)
        picked: list[int | str | None] = []
        for label, size in zip(labels, a.sizes, strict=False):
            if label.kind == "slice":
                picked.append(None)
                continue
            at = int(label.text) if label.kind == "number" and label.text.isdigit() else label.text
            length = find(size)
            if label.kind not in ("name", "number") or at == 0 or (isinstance(at, str) and label.kind == "number"):
                raise self._mismatch("An index is a name or an integer, counted from 1, or ':'.", label)
            if isinstance(at, int) and isinstance(length, int) and at > length:
                raise self._mismatch(f"The index {at} is beyond the size {length}.", label)
            picked.append(at)
        row, column = picked[0], picked[1] if len(picked) == 2 else None
        column = None if vector else column
        sizes = (a.rows if row is None else 1, a.cols if column is None else 1)
        return self._add("index", [a], sizes, node, (row, column))
