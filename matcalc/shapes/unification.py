"""Dimensions that are not known yet, and making two of them equal.

A dimension is an integer or a name, which are rigid and equal only to themselves, an `Unknown`, or a `Polynomial` in
dimensions some of which are unknown.  An unknown never becomes 1: whether something is a vector, a row or a scalar is
therefore always known, and with it how a product groups.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ShapeError
from ..expressions.dimensions import Dim, constant, divided, monomials, names_of, plus, solved, times, total

FACTOR_LIMIT = 100  # factors of one dimension
PART_LIMIT = 1_000  # names and numbers in it, over all of its terms
DEPTH_LIMIT = 50  # of sums in products in sums


class Unknown:
    """A dimension to be found: linked to what it was made equal to."""

    __slots__ = ("link",)

    def __init__(self) -> None:
        self.link: Term | None = None


class Polynomial:
    """A sum of products of dimensions, at least one of them unknown; `stacked` as in `instance`."""

    __slots__ = ("depth", "parts", "stacked", "terms")

    def __init__(self, terms: tuple[tuple[Term, ...], ...], stacked: bool) -> None:
        self.terms, self.stacked = terms, stacked
        self.depth: int
        self.parts: int
        inner = [f for product in terms for f in product if isinstance(f, Polynomial)]
        self.depth = 1 + max((f.depth for f in inner), default=0)
        self.parts = sum(map(len, terms)) + sum(f.parts - 1 for f in inner)
        if self.parts > PART_LIMIT or self.depth > DEPTH_LIMIT:
            raise ShapeError(
                f"A dimension is made of more than {PART_LIMIT:,} others, or {DEPTH_LIMIT} deep, which is the limit."
            )


Term = Dim | Unknown | Polynomial
Sizes = tuple[Term, Term]


def find(term: Term) -> Term:
    """What a dimension is known to be by now."""
    root = term
    if type(term) is Unknown:  # nothing is asked more often than this
        while type(root) is Unknown and root.link is not None:
            root = root.link
        while type(term) is Unknown and term.link is not None and term.link is not root:
            term.link, term = root, term.link
    return polynomial(root.terms, root.stacked) if type(root) is Polynomial else root


def polynomial(terms: tuple[tuple[Term, ...], ...], stacked: bool = False) -> Term:
    """A sum of products, as simple as what is known allows."""
    found = _collected([_flat(product) for product in terms])
    if len(found) == 1 and len(found[0]) == 1:
        return found[0][0]
    values: list[Dim] = []
    for product in found:
        value: Dim = 1
        for factor in product:
            if isinstance(factor, Unknown | Polynomial):
                return Polynomial(found, stacked)
            value = times(value, factor)
        values.append(value)
    return total(values)


def _collected(products: list[tuple[Term, ...]]) -> tuple[tuple[Term, ...], ...]:
    """The terms of a sum, those of inner sums in their place, and of equal ones a multiple."""
    counts: dict[tuple[Term, ...], int] = {}
    for product in products:
        alone = product[0] if len(product) == 1 else None
        for term in alone.terms if isinstance(alone, Polynomial) else (product,):
            number, rest = 1, []
            for f in term:
                if isinstance(f, int):
                    number *= f
                else:
                    rest.append(f)
            key = tuple(rest)
            counts[key] = counts.get(key, 0) + number
    return tuple((n, *rest) if n != 1 or not rest else rest for rest, n in counts.items())


def _flat(product: tuple[Term, ...]) -> tuple[Term, ...]:
    """The factors of a product: no 1, and those of inner products in their place."""
    out: list[Term] = []
    for factor in map(find, product):
        if isinstance(factor, Polynomial) and len(factor.terms) == 1:
            out.extend(factor.terms[0])
        elif factor != 1:
            out.append(factor)
    if len(out) > FACTOR_LIMIT:
        raise ShapeError(f"A dimension is the product of more than {FACTOR_LIMIT} others, which is the limit.")
    return tuple(out)


def _within(unknown: Unknown, term: Term) -> bool:
    """Whether an unknown stands in a dimension, which then cannot be equal to it."""
    todo = [term]
    while todo:
        found = find(todo.pop())
        if found is unknown:
            return True
        if isinstance(found, Polynomial):
            todo.extend(f for product in found.terms for f in product)
    return False


def instance(written: Dim, bound: Mapping[str, Term], stacked: bool = False) -> Term:
    """A dimension of an operator's signature, such as `m·n`, over the dimensions its arguments bound.

    Where it counts the ``stacked`` columns of one matrix, the number of columns is the outer factor, as the size of
    the first operand is in a Kronecker product: so the shapes in (Y ⊗ X) vec(Z) are found factor by factor.
    """
    if isinstance(written, int):
        return written
    return polynomial(_products(written, stacked, bound), stacked)


def _products(written: str, stacked: bool, bound: Mapping[str, Term]) -> tuple[tuple[Term, ...], ...]:
    """The terms of a dimension as it is written, over what its names stand for."""
    if "/" in written:
        return tuple((constant(c), *(bound.get(n, n) for n in names)) for names, c in monomials(written))
    step = -1 if stacked else 1
    products = [product.split("·")[::step] for product in written.split("+")]
    return tuple(tuple(int(f) if f.isdigit() else bound.get(f, f) for f in product) for product in products)


class Unifier:
    """Makes dimensions equal; equations of polynomials wait until more is known."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Term, Term]] = []

    def same(self, a: Term, b: Term) -> bool:
        """Make two dimensions equal; False where they cannot be."""
        a, b = find(a), find(b)
        if a is b:
            return True
        if isinstance(a, Unknown):
            if b == 1 or (isinstance(b, Polynomial) and _within(a, b)):
                return False
            a.link = b
            return True
        if isinstance(b, Unknown):
            return self.same(b, a)
        if isinstance(a, Polynomial) or isinstance(b, Polynomial):
            if a == 1 or b == 1:
                return False
            self._waiting.append((a, b))
            return True
        return a == b

    def settle(self) -> bool:
        """Solve what waits: with one unknown left by division, otherwise factor by factor."""
        waiting, self._waiting = self._waiting, []
        progress = True
        while waiting and progress:
            progress = False
            rest: list[tuple[Term, Term]] = []
            for a, b in waiting:
                a, b = find(a), find(b)
                if not isinstance(a, Polynomial) and not isinstance(b, Polynomial):
                    progress = True
                    if not self.same(a, b):
                        return False
                elif isinstance(a, Unknown) or isinstance(b, Unknown):
                    progress = True
                    self.same(a, b)
                elif any(solve(self, *pair) for solve in (_by_division, _by_root) for pair in ((a, b), (b, a))):
                    progress = True
                else:
                    rest.append((a, b))
            waiting = rest
        return all(_by_parts(self, a, b) for a, b in waiting)


def _by_division(unifier: Unifier, a: Term, b: Term) -> bool:
    """Solve 3·u = 12, m·u = m·n + m or u + n = 2·n + 1 for the one unknown; of two products cancel what both have."""
    if not isinstance(a, Polynomial):
        return False
    if isinstance(b, Polynomial):
        return _cancelled(unifier, a, b)
    assert isinstance(b, int | str)
    unknown: Unknown | None = None
    factor: Dim = 0
    for product in a.terms:
        known: Dim = 1
        found = [f for f in map(find, product) if isinstance(f, Unknown | Polynomial)]
        for f in map(find, product):
            known = times(known, f) if isinstance(f, int | str) else known
        if not found:
            b = plus(b, times(-1, known))
        elif len(found) == 1 and isinstance(found[0], Unknown) and unknown in (None, found[0]):
            unknown, factor = found[0], plus(factor, known)
        else:
            return False
    value = divided(b, factor) if unknown is not None else None
    if unknown is None or value is None or (isinstance(value, int) and value <= 0):
        return False
    return unifier.same(unknown, value)


def _by_root(unifier: Unifier, a: Term, b: Term) -> bool:
    """Solve u·(u + 1)/2 = 6 for the one unknown."""
    if not isinstance(a, Polynomial) or not isinstance(b, int):
        return False
    unknown: Unknown | None = None
    terms: list[Dim] = []
    for product in a.terms:
        term: Dim = 1
        for f in map(find, product):
            if isinstance(f, Polynomial) or isinstance(f, Unknown) and unknown not in (None, f):
                return False
            if isinstance(f, Unknown):
                unknown = f
            elif isinstance(f, str) and names_of(f):
                return False
            term = times(term, "u" if isinstance(f, Unknown) else f)
        terms.append(term)
    value = solved(total(terms), b) if unknown is not None else None
    return unknown is not None and value is not None and unifier.same(unknown, value)


def _cancelled(unifier: Unifier, a: Polynomial, b: Polynomial) -> bool:
    """Two products: what both have is left out, and then one unknown may be all that is left of the first."""
    if len(a.terms) != 1 or len(b.terms) != 1:
        return False
    product, others = [find(f) for f in a.terms[0]], [find(f) for f in b.terms[0]]
    for factor in list(product):
        if factor in others:
            product.remove(factor)
            others.remove(factor)
    if len(product) != 1 or not isinstance(product[0], Unknown):
        return False
    return unifier.same(product[0], polynomial((tuple(others),)))


def _by_parts(unifier: Unifier, a: Term, b: Term) -> bool:
    """Where nothing else decides: two products of as many factors are equal factor by factor."""
    a, b = find(a), find(b)
    if isinstance(a, str) and isinstance(b, Polynomial):
        a, b = b, a
    if isinstance(a, Polynomial) and isinstance(b, str):
        if any(c < 0 for _, c in monomials(b)):
            return False
        b = Polynomial(_products(b, a.stacked, {}), a.stacked)
    if not isinstance(a, Polynomial) or not isinstance(b, Polynomial):
        return not isinstance(a, Polynomial) and not isinstance(b, Polynomial) and unifier.same(a, b)
    if len(a.terms) != len(b.terms):
        return False
    return all(
        len(p) == len(q) and all(unifier.same(f, g) for f, g in zip(p, q, strict=True))
        for p, q in zip(a.terms, b.terms, strict=True)
    )
