"""Shapes by unification: one reading of the names, from trees to items that know their sizes.

Items are listed in the order in which they can be built, arguments first; nothing is recursive.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from .calls import walk
from .declarations import SQUARE
from .dims import SCALAR, Dim, names_of, plus, times
from .errors import AmbiguityError, EvaluationError, MatcalcError, NameProblem, ShapeError
from .names import kind_by_spelling
from .operators import Operator
from .scope import Scope, Variable
from .syntax import Node
from .unify import Sizes, Term, Unifier, Unknown, find, instance

SIZED = {"1": (1, 2), "ones": (1, 2), "zeros": (1, 2), "I": (1,), "e": (2,), "E": (4,), "K": (2,)}
STRUCTURAL = {"mul": "product", "had": "hadamard", "scale": "product"}
NORMS = {"": "norm", "F": "norm_F", "2": "norm_2", "1": "norm_1", "*": "norm_nuc", "∞": "norm_inf"}
INTEGER_LETTERS = frozenset("ijklmnpqrsNMK")
OPERATOR_OF = {"pseudoinverse": "pinv", "kron": "kron", "frobenius": "frob", "inner": "frob", "abs": "abs"}
COUNTS = ("no argument", "one argument", "two arguments", "three arguments", "four arguments")


class Mismatch(Exception):
    """An error that reading one of the suspect names as a scalar may mend."""

    def __init__(self, error: MatcalcError, suspects: Sequence[str]) -> None:
        self.error, self.suspects = error, suspects


class Item:
    """What a node of the tree is: how it is built from its arguments, and its sizes."""

    __slots__ = ("args", "cols", "data", "node", "op", "rows", "text")

    def __init__(self, op: str, args: Sequence[Item], sizes: Sizes, node: Node, text: str, data: Any = None) -> None:
        self.op, self.args, self.node, self.text, self.data = op, args, node, text, data
        self.rows, self.cols = sizes

    @property
    def sizes(self) -> Sizes:
        return self.rows, self.cols

    @property
    def scalar(self) -> bool:
        return find(self.rows) == 1 and find(self.cols) == 1

    @property
    def zero(self) -> bool:
        """Whether this is a plain 0, which is the zero of any shape."""
        return self.op == "number" and not self.data


def is_variable_call(node: Node, scope: Scope, bare: set[str]) -> bool:
    """Whether the name before a bracket is a variable, so that the call is a product."""
    name = node.text.rstrip("'")
    if name in scope.variables or name in scope.lets:
        return True
    if name in scope.functions:
        return False
    if scope.differentials and name[0] == "d" and (name[1:] in bare or name[1:] in scope.variables):
        return True
    if name in SIZED:
        return not _sized(node, name, scope, bare)
    known = name in scope.operators or name in STRUCTURAL or name in ("d", "log", "ln")
    if known and not (scope.differentials and name == "d") and kind_by_spelling(name) == "scalar" and name in bare:
        return True
    if known:
        return False
    if kind_by_spelling(name) == "matrix" or name in bare:
        return len(node.args) == 1
    behind = node.start + len(node.text)
    return node.text.endswith("'") and name.isascii() and node.args[0].start > behind + 1


def _sized(node: Node, name: str, scope: Scope, bare: set[str]) -> bool:
    """Whether `I(n)`, `1(m, n)`, `K(m, n)`, … is the constant and not a product."""
    if len(node.args) not in SIZED[name] or node.text != name:
        return False
    if name in ("e", "E", "K") and name in bare:
        return False
    if name in ("1", "I") and len(node.args) == 1:
        names = [n.text for n in walk(node.args[0]) if n.kind == "name"]
        if any(n in scope.variables and scope.variables[n].shape != () for n in names):
            return bool(set(names) <= scope.dimension_names())
        if node.args[0].kind != "name" and any(kind_by_spelling(n) == "matrix" for n in names):
            return False
    return all(dimension(arg) is not None for arg in node.args)


def dimension(node: Node) -> Dim | None:
    """The dimension that an argument such as `n`, `3`, `m·n` or `n + 1` says, else None."""
    if node.kind == "number":
        return int(node.text) if node.text.isdigit() and len(node.text) <= 30 else None
    if node.kind == "name":
        return node.text
    if node.kind not in ("product", "matmul", "sum") or len(node.args) > 8:
        return None
    value: Dim = 0 if node.kind == "sum" else 1
    for sign, arg in zip(node.text or "+" * len(node.args), node.args, strict=False):
        if arg.kind == "number" and arg.text.isdigit():
            term: Dim = int(arg.text)
        elif arg.kind == "name":
            term = arg.text
        else:
            return None
        value = times(value, term) if node.kind != "sum" else plus(value, times(-1, term) if sign == "-" else term)
    return value


def _parts(node: Node, sized: bool) -> tuple[Node, ...]:
    """The arguments that are expressions: not sizes, not the labels of an index."""
    if sized:
        return ()
    return node.args[:1] if node.kind == "index" else node.args


def described(sizes: Sizes) -> str:
    """A shape for an error message; what is unknown is a dot."""
    rows, cols = (str(d) if isinstance(d, int | str) else "·" for d in map(find, sizes))
    if cols == "1":
        return "a scalar" if rows == "1" else f"a vector of size {rows}" if rows != "·" else "a vector"
    return f"{rows}×{cols}" if rows != "·" or cols != "·" else "a matrix"


class Inference:
    """One reading of the names; `scalars` are the lowercase names read as scalars."""

    def __init__(self, scope: Scope, lets: Sequence[str], bare: set[str], scalars: frozenset[str]) -> None:
        self.scope, self.let_names, self.bare, self.scalars = scope, lets, bare, scalars
        self.items: list[Item] = []
        self.roots: list[Item] = []
        self.symbols: dict[str, Item] = {}
        self.lets: dict[str, Item] = {}
        self.results: dict[str, Sizes] = {}  # of unspecified functions whose result was not declared in full
        self.notes: dict[str, str] = {}
        self.unifier = Unifier()
        self.text = ""
        self.rigid = scope.dimension_names()

    def run(self, roots: Sequence[tuple[Node, str]]) -> None:
        """Read all trees; the first are the named subexpressions, the others share one shape."""
        for root, text in roots:
            for n in walk(root):
                if n.kind == "call" and n.text in SIZED and self._is_sized(n):
                    for arg in n.args:
                        size = dimension(arg)
                        self.rigid.update(names_of(size) if size is not None else ())
        for at, (root, text) in enumerate(roots):
            self.text = text
            item = self._tree(root)
            if at < len(self.let_names):
                self.lets[self.let_names[at]] = item
            else:
                self.roots.append(item)
        shaped = [r for r in self.roots if not r.zero]
        for at, side in enumerate(self.roots):
            if side.zero and shaped:
                self.roots[at] = self._add("zeros", [], shaped[0].sizes, side.node)
            elif shaped and not self._same(side, shaped[0]):
                self.text = side.text
                raise self._mismatch(
                    f"The two sides differ in shape: {described(shaped[0].sizes)} and {described(side.sizes)}.",
                    side.node,
                    suspects=[shaped[0].node, side.node],
                )
        if not self.unifier.settle():
            raise self._mismatch("The sizes of the products and Kronecker products do not fit together.", roots[-1][0])

    def _is_sized(self, node: Node) -> bool:
        name = node.text
        return name not in self.scope.variables and name not in self.scope.lets and name not in self.scope.functions

    # --- walking --------------------------------------------------------------------------------------------------

    def _tree(self, root: Node) -> Item:
        stack: list[tuple[Node, bool]] = [(root, False)]
        done: list[Item] = []
        while stack:
            node, ready = stack.pop()
            parts = _parts(node, node.kind == "call" and node.text in SIZED and self._is_sized(node))
            if not ready and parts:
                stack.append((node, True))
                stack.extend((part, False) for part in reversed(parts))
                continue
            args = done[len(done) - len(parts) :] if parts else []
            if parts:
                del done[len(done) - len(parts) :]
            done.append(getattr(self, "_" + node.kind)(node, args))
        return done[0]

    def _add(self, op: str, args: Sequence[Item], sizes: Sizes, node: Node, data: Any = None) -> Item:
        item = Item(op, args, sizes, node, self.text, data)
        self.items.append(item)
        return item

    # --- errors ---------------------------------------------------------------------------------------------------

    def _typed(self, node: Node) -> str:
        """What was typed, shortened, for a message."""
        text = " ".join(self.text[node.start : node.end][:200].split())
        return text if len(text) <= 40 else text[:26] + " … " + text[-8:]

    def _mismatch(
        self,
        message: str,
        node: Node,
        hint: str = "",
        kind: type[MatcalcError] = ShapeError,
        suspects: Sequence[Node] = (),
        end: int | None = None,
    ) -> Mismatch:
        """An error at a node, and the names whose reading as scalars may mend it."""
        error = kind(message, text=self.text, start=node.start, end=end or node.end, hint=hint)
        names = dict.fromkeys(n.text for s in suspects for n in walk(s) if n.kind == "name" and self._may_be_scalar(n.text))
        return Mismatch(error, list(names))

    def _may_be_scalar(self, name: str) -> bool:
        return (
            name not in self.scope.variables
            and name not in self.scope.lets
            and name not in self.scalars
            and name not in self.rigid
            and kind_by_spelling(name) == "vector"
        )

    def _same(self, a: Item, b: Item) -> bool:
        return self.unifier.same(a.rows, b.rows) and self.unifier.same(a.cols, b.cols)

    # --- names and numbers ----------------------------------------------------------------------------------------

    def _number(self, node: Node, args: list[Item]) -> Item:
        return self._add("number", [], SCALAR, node, Fraction(node.text))

    def _slice(self, node: Node, args: list[Item]) -> Item:
        raise self._mismatch("':' alone stands only in an index, as in A[i, :].", node)

    def _name(self, node: Node, args: list[Item]) -> Item:
        name = node.text
        known = self.lets.get(name) or self.symbols.get(name)
        if known is not None:
            return known
        if name == "I" and name not in self.scope.variables:
            size = Unknown()
            return self._add("identity", [], (size, size), node)
        if name == "π":
            return self._add("pi", [], SCALAR, node)
        if name in self.scope.functions:
            raise self._mismatch(f"'{name}' is a function and needs an argument.", node, f"Write {name}(…).", NameProblem)
        variable = self.scope.variables.get(name)
        if variable is None and len(name) > 1 and name.isascii() and name in self.scope.operators:
            raise self._mismatch(
                f"'{name}' is a function and needs its argument in parentheses.", node, f"Write {name}(…).", NameProblem
            )
        item = self._differential(node) or self._symbol(node, variable or self._spelled(name))
        self.symbols[name] = item
        return item

    def _spelled(self, name: str) -> Variable:
        kind = kind_by_spelling(name)
        if name in self.rigid or name in self.scalars:
            if kind == "vector":
                size = name in self.rigid
                self.notes[name] = f"{name} is read as {'the dimension, ' if size else ''}a scalar"
            kind = "scalar"
        return Variable(kind, () if kind == "scalar" else None)

    def _differential(self, node: Node) -> Item | None:
        """In a rule, dX has the shape of X."""
        base = node.text[1:]
        if not self.scope.differentials or node.text[0] != "d" or node.text in self.scope.variables:
            return None
        if base not in self.bare and base not in self.scope.variables:
            return None
        of = self._name(Node("name", base, (), node.start, node.end), [])
        return self._add("symbol", [], of.sizes, node, (node.text, frozenset()))

    def _symbol(self, node: Node, variable: Variable) -> Item:
        if variable.shape is not None:
            sizes: Sizes = ((*variable.shape, 1, 1)[0], (*variable.shape, 1, 1)[1])
        elif variable.kind == "matrix":
            rows = Unknown()
            sizes = (rows, rows if variable.properties & SQUARE else Unknown())
        else:
            sizes = (Unknown(), 1) if variable.kind == "vector" else SCALAR
        return self._add("symbol", [], sizes, node, (node.text, variable.properties))

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
            sizes = [str(d) if isinstance(d, int | str) else c for d, c in zip(map(find, other.sizes), "mn", strict=True)]
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
            f"Cannot add {described(a.sizes)} and {described(b.sizes)}: the shapes differ.", place, suspects=[a.node, b.node]
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
            f"Cannot multiply {x} ({described(a.sizes)}) by {y} ({described(b.sizes)}){reason}.", place, hint, suspects=suspects
        )

    def _divide(self, node: Node, args: list[Item]) -> Item:
        top, *bottoms = args
        for b in bottoms:
            if not b.scalar:
                x, y = self._typed(top.node), self._typed(b.node)
                numeric = top.op == "number"
                if find(b.cols) != 1:
                    hint = f"Write {'' if x == '1' else x + ' '}inv({y}), or " + (
                        f"{x} ./ {y} to divide every entry." if not numeric else f"{x} ./ {y} for the reciprocal entries."
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
        raise self._mismatch("'⋆' stands for any product, in rule files only.", node, "Write the product that is meant.")

    def _hermitian(self, node: Node, args: list[Item]) -> Item:
        raise self._mismatch("The conjugate transpose ^H is not read yet: matrices are real here.", node, "Write A'.")

    # --- marks ----------------------------------------------------------------------------------------------------

    def _transpose(self, node: Node, args: list[Item]) -> Item:
        a = args[0]
        if a.scalar:
            if "T" in self.scope.variables and self.text[node.start : node.end].endswith("^T"):
                hint = f"Write {self._typed(a.node)}^(T) for the power."
                raise self._mismatch("'^T' is the transpose, and T is declared.", node, hint, AmbiguityError)
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

    # --- calls ----------------------------------------------------------------------------------------------------

    def _call(self, node: Node, args: list[Item]) -> Item:
        name = node.text.rstrip("'")
        primes = len(node.text) - len(name)
        if name in self.scope.functions:
            return self._unspecified(node, name, primes, args)
        if name in SIZED and not primes and not args and self._is_sized(node):
            return self._constant(node)
        if self.scope.differentials and name == "d" and len(args) == 1:
            return self._add("call", args, args[0].sizes, node, ("d", False, 0))
        if not primes and name in STRUCTURAL and name in self.scope.operators:
            self._count(node, name, len(self.scope.operators[name][0].params))
            return self._structural(node, STRUCTURAL[name], args)
        if name in self.scope.operators:
            if primes:
                raise self._mismatch(f"'{name}' is a known function; its derivative is not written with a prime.", node)
            return self._operator(name, node, args)
        if kind_by_spelling(name) == "matrix":
            hint = f"Declare it, as in function {name}({', '.join(['matrix'] * len(args))}) -> scalar."
            raise self._mismatch(f"'{name}' is not a known function.", node, hint, NameProblem)
        return self._unspecified(node, name, primes, args)

    def _dotcall(self, node: Node, args: list[Item]) -> Item:
        name = node.text.rstrip("'")
        primes = len(node.text) - len(name)
        candidates = self.scope.operators.get(name, ())
        if name in self.scope.functions or (not candidates and name not in STRUCTURAL):
            if name in self.scope.variables or name in self.scope.lets:
                raise self._mismatch(f"'{name}' is a variable, not a function.", node, kind=NameProblem)
            if len(args) != 1:
                raise self._mismatch(f"'{name}.' takes one argument.", node, kind=NameProblem)
            return self._add("call", args, args[0].sizes, node, (name, True, primes))
        elementwise = [c for c in candidates if c.elementwise]
        if not elementwise:
            hint = f"Write {name}({', '.join(self._typed(a.node) for a in args)})."
            raise self._mismatch(f"'{name}' does not work entry by entry.", node, hint, NameProblem)
        if primes:
            raise self._mismatch(f"'{name}' is a known function; its derivative is not written with a prime.", node)
        self._count(node, name, 1)
        return self._add("apply", args, args[0].sizes, node, elementwise[0].name)

    def _count(self, node: Node, name: str, wanted: int) -> None:
        if len(node.args) != wanted:
            message = f"'{name}' takes {COUNTS[wanted]}, and here it has {len(node.args)}."
            raise self._mismatch(message, node, kind=NameProblem)

    def _structural(self, node: Node, kind: str, args: list[Item]) -> Item:
        made: Item = getattr(self, "_" + kind)(node, args)
        return made

    def _constant(self, node: Node) -> Item:
        """`I(n)`, `1(n)`, `ones(m, n)`, `zeros(…)`, `e(i, n)`, `E(i, j, m, n)`, `K(m, n)`."""
        name = node.text
        counts = SIZED[name]
        if len(node.args) not in counts:
            raise self._mismatch(f"'{name}' takes {' or '.join(COUNTS[c] for c in counts)}.", node, kind=NameProblem)
        values: list[Dim] = []
        for arg in node.args:
            value = dimension(arg)
            if value is None or (isinstance(value, int) and value <= 0):
                raise self._mismatch("A size is a name or a positive integer.", arg)
            values.append(value)
        if name == "e":
            return self._add("unit", [], (values[1], 1), node, values[0])
        if name == "E":
            return self._add("entry", [], (values[2], values[3]), node, (values[0], values[1]))
        if name == "K":
            size = times(values[0], values[1])
            return self._add("commutation", [], (size, size), node, (values[0], values[1]))
        if name == "I":
            return self._add("identity", [], (values[0], values[0]), node)
        sizes = (values[0], values[1] if len(values) == 2 else 1)
        return self._add("zeros" if name == "zeros" else "ones", [], sizes, node)

    def _operator(self, name: str, node: Node, args: list[Item]) -> Item:
        """An operator of the rule book, chosen among those of this name by the kinds of the arguments."""
        candidates = self.scope.operators.get(name, ())
        if not candidates:
            raise self._mismatch(f"No rule file declares the operator '{name}'.", node, kind=NameProblem)
        fitting = [c for c in candidates if len(c.params) == len(args)]
        if not fitting:
            wanted = COUNTS[len(candidates[0].params)]
            message = f"'{name}' takes {wanted}, and here it has {len(args)}."
            raise self._mismatch(message, node, kind=NameProblem)
        for operator in fitting:
            if _kinds_fit(operator, args):
                break
        else:
            raise self._no_kind(name, fitting[0], node, args)
        if operator.elementwise and not args[0].scalar and node.kind not in ("abs",):
            raise self._needs_dot(name, node, args[0])
        if operator.elementwise and node.kind == "abs" and not args[0].scalar:
            x = self._typed(args[0].node)
            hint = f"Write ‖{x}‖ for a norm, or abs.({x}) for the entries."
            raise self._mismatch("'| |' is the absolute value of a scalar.", node, hint, AmbiguityError, [args[0].node])
        bound: dict[str, Term] = {}
        for param, a in zip(operator.params, args, strict=True):
            for wanted_dim, size in zip(param, a.sizes, strict=True):
                if not self._bind(wanted_dim, size, bound, len(args) == 1):
                    raise self._no_fit(name, operator, node, args, a, bound)
        rows, cols = (self._result(d, bound, len(args) == 1) for d in operator.result)
        sizes: Sizes = (rows, cols)
        return self._add("apply", args, sizes, node, operator.name)

    def _bind(self, wanted: Dim, size: Term, bound: dict[str, Term], stacked: bool) -> bool:
        """Make an argument's dimension what the operator's signature asks for."""
        if isinstance(wanted, str) and ("·" in wanted or "+" in wanted):
            for part in names_of(wanted):
                bound.setdefault(part, Unknown())
            return self.unifier.same(instance(wanted, bound, stacked), size)
        if isinstance(wanted, int):
            return find(size) == wanted
        if wanted in bound:
            return self.unifier.same(bound[wanted], size)
        bound[wanted] = find(size)
        return True

    def _result(self, written: Dim, bound: dict[str, Term], stacked: bool) -> Term:
        """A dimension of the result; what no argument says is to be found."""
        for part in names_of(written):
            bound.setdefault(part, Unknown())
        return instance(written, bound, stacked)

    def _no_kind(self, name: str, operator: Operator, node: Node, args: list[Item]) -> Mismatch:
        wrong = next(a for p, a in zip(operator.params, args, strict=True) if not _kind_fits(p, a))
        wanted = "a scalar" if operator.params[args.index(wrong)] == SCALAR else "a vector"
        x = self._typed(wrong.node)
        others = sorted(
            n for n, (o, *_) in self.scope.operators.items() if n.startswith(name + "_") and _kinds_fit(o, args)
        )
        if others and find(wrong.cols) != 1:
            hint = "Write " + " or ".join(f"{n}({x})" for n in others[:3]) + "."
            return self._mismatch(f"'{name}' of a matrix has several readings.", node, hint, AmbiguityError)
        return self._mismatch(
            f"'{name}' takes {wanted}, and {x} is {described(wrong.sizes)}.", node, suspects=[wrong.node]
        )

    def _no_fit(
        self, name: str, operator: Operator, node: Node, args: list[Item], wrong: Item, bound: dict[str, Term]
    ) -> Mismatch:
        if len(args) == 1:
            param = operator.params[0]
            if param[0] == param[1]:
                x = self._typed(wrong.node)
                message = f"'{name}' needs a square matrix, and {x} is {described(wrong.sizes)}."
                return self._mismatch(message, node, suspects=[wrong.node])
            return self._mismatch(f"'{name}' does not take {described(wrong.sizes)}.", node, suspects=[wrong.node])
        what = "the Frobenius product ':'" if node.kind in ("frobenius", "inner") else f"'{name}'"
        listed = " and ".join(described(a.sizes) for a in args)
        return self._mismatch(f"The shapes do not fit {what}: {listed}.", node, suspects=[a.node for a in args])

    def _needs_dot(self, name: str, node: Node, arg: Item) -> Mismatch:
        x = self._typed(arg.node)
        matrix = name + "m"
        readings = [f"{name}.({x}) for every entry"]
        if matrix in self.scope.operators and find(arg.cols) != 1:
            readings.insert(0, f"{matrix}({x}) for the matrix function")
        what = "vector" if find(arg.cols) == 1 else "matrix"
        message = f"'{name}' of a {what} is ambiguous: entry by entry, or of the {what} as a whole?"
        return self._mismatch(message, node, "Write " + " or ".join(readings) + ".", AmbiguityError, [arg.node])

    # --- unspecified functions ------------------------------------------------------------------------------------

    def _unspecified(self, node: Node, name: str, primes: int, args: list[Item]) -> Item:
        declared = self.scope.functions.get(name)
        result: Sizes = SCALAR
        elementwise = False
        if declared is not None:
            elementwise = declared.elementwise
            if declared.arguments:
                self._count(node, name, len(declared.arguments))
                for (kind, shape), a in zip(declared.arguments, args, strict=True):
                    self._fits(name, kind, shape, a, node)
            result = self._declared_result(name, declared.result)
        else:
            close = get_close_matches(name, self.scope.operators, 1, 0.8) if len(name) > 2 else []
            hint = f"; did you mean {close[0]}?" if close else ""
            self.notes[name] = f"{name} is read as an unspecified scalar function{hint}"
        if elementwise and not args[0].scalar:
            raise self._needs_dot(name, node, args[0])
        if primes:
            if len(args) != 1:
                raise self._mismatch("Primes need a function of one argument.", node)
            result = self._derivative(node, name, primes, result, args[0])
        return self._add("call", args, result, node, (name, False, primes))

    def _fits(self, name: str, kind: str, shape: tuple[Dim, ...] | None, a: Item, node: Node) -> None:
        fits = a.scalar if kind == "scalar" else find(a.cols) == 1 if kind == "vector" else True
        if fits and shape:
            fits = all(self.unifier.same(size, d) for size, d in zip(a.sizes, shape, strict=False))
        if not fits:
            message = f"'{name}' is declared for a {kind}, and its argument is {described(a.sizes)}."
            raise self._mismatch(message, node, suspects=[a.node])

    def _declared_result(self, name: str, result: tuple[str, tuple[Dim, ...] | None]) -> Sizes:
        kind, shape = result
        if kind == "scalar":
            return SCALAR
        if shape is not None:
            return (shape[0], shape[1] if len(shape) == 2 else 1)
        if name not in self.results:
            self.results[name] = (Unknown(), 1 if kind == "vector" else Unknown())
        return self.results[name]

    def _derivative(self, node: Node, name: str, primes: int, result: Sizes, a: Item) -> Sizes:
        """The shape of a derivative: gradient, Jacobian, Hessian, or the same for a scalar argument."""
        value_is_scalar = result == SCALAR
        if a.scalar:
            return result
        if primes == 1 and value_is_scalar:
            return a.sizes
        if find(a.cols) == 1 and find(result[1]) == 1 and primes == (2 if value_is_scalar else 1):
            return (a.rows, a.rows) if value_is_scalar else (result[0], a.rows)
        order = "fourth" if find(a.cols) != 1 else "third"
        raise self._mismatch(f"{node.text} is a tensor of {order} order or more and has no place in an expression.", node)


def _kinds_fit(operator: Operator, args: Sequence[Item]) -> bool:
    return all(_kind_fits(p, a) for p, a in zip(operator.params, args, strict=True))


def _kind_fits(param: tuple[Dim, Dim], a: Item) -> bool:
    """Whether an argument is a scalar, vector or matrix as a parameter asks; a matrix may be anything."""
    if param == SCALAR:
        return a.scalar
    if param[1] == 1:
        return find(a.cols) == 1
    return True
