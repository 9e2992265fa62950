"""The signs of entries, as far as they are known: which parts of an expression are positive, or never 0."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr, Rational, fold
from .constructors import Constructors

POSITIVE = frozenset({"positive", "nonnegative", "nonzero"})
SIGNS = ("positive", "nonnegative", "nonzero")
NOTHING = frozenset[str]()


class Signs:
    """The signs under one algebra, each expression looked at once; `sizes` are names of numbers ≥ 1."""

    def __init__(self, algebra: Constructors, sizes: Iterable[str] = ()) -> None:
        self.algebra = algebra
        self.sizes = frozenset(sizes)
        self.memo: dict[Expr, frozenset[str]] = {} if self.sizes else algebra.signs

    def of(self, root: Expr) -> frozenset[str]:
        """Which of positive, nonnegative and nonzero all entries are known to be.

        >>> from matcalc import parse
        >>> e = parse("1 + exp(t) sin(t)^2")
        >>> from matcalc.normal_form.algebra import Algebra
        >>> from matcalc.rulebook.book import default
        >>> sorted(Signs(Algebra(default())).of(e))
        ['nonnegative', 'nonzero', 'positive']
        """
        return fold(root, self._known, self.memo)

    def _known(self, e: Expr, args: Sequence[frozenset[str]]) -> frozenset[str]:
        head = e.head
        if head == "symbol":
            size = e.shape == SCALAR and e.name in self.sizes
            return POSITIVE if size else self.algebra.book.implied(e.data.properties) & POSITIVE
        if head == "ones":
            return POSITIVE
        if head in ("zero", "identity", "unit", "entry", "commutation"):
            return frozenset({"nonnegative"})
        if head == "add":
            return _of_sum(e.data, args)
        if head == "had":
            return _all([_of_power(p, known) for p, known in zip(e.data, args, strict=True)])
        if head == "scale":
            return _all(args)
        if head == "transpose":
            return args[0]
        if head == "mul":
            every = _all(args)
            square = len(e.args) == 2 and e.shape == SCALAR and self.algebra.transpose(e.args[0]) is e.args[1]
            return POSITIVE if "positive" in every else frozenset({"nonnegative"}) if square else every - {"nonzero"}
        if head == "dotpower":
            return args[0] & POSITIVE if "positive" in args[0] else NOTHING
        return self._of_operator(e, args)

    def _of_operator(self, e: Expr, args: Sequence[frozenset[str]]) -> frozenset[str]:
        """What the entry of an operator and the property rules say, given the signs of its arguments."""
        book = self.algebra.book
        found = set[str]()
        if e.head in book.operators and "nonnegative" in book.operator(e.head).tags:
            found.add("nonnegative")
        for wanted in SIGNS:
            for rule in book.property_rules(wanted):
                plain = rule.pattern.head == e.head and all(v.head == "symbol" for v in rule.pattern.args)
                if plain and all(
                    rule.conditions.get(v, NOTHING) <= known for v, known in zip(rule.pattern.args, args, strict=True)
                ):
                    found |= book.implied({wanted}) & POSITIVE
        return frozenset(found)


def _all(known: Sequence[frozenset[str]]) -> frozenset[str]:
    """What holds of a product of factors of which this is known."""
    return frozenset.intersection(*known)


def _of_sum(coefficients: Sequence[Rational], args: Sequence[frozenset[str]]) -> frozenset[str]:
    if len(args) == 1:
        return args[0] if coefficients[0] > 0 else args[0] & {"nonzero"}
    if not all(c > 0 and "nonnegative" in known for c, known in zip(coefficients, args, strict=True)):
        return NOTHING
    return POSITIVE if any("positive" in known for known in args) else frozenset({"nonnegative"})


def _of_power(p: Rational, known: frozenset[str]) -> frozenset[str]:
    """What is known of x^p where it has a value."""
    if p < 0:
        return POSITIVE if p % 2 == 0 or "nonnegative" in known else frozenset({"nonzero"})
    if p % 2 == 0:
        return POSITIVE if "nonzero" in known else frozenset({"nonnegative"})
    return known
