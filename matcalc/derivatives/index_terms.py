"""The terms of index notation: products of entries and deltas, summed over letters that know what they run over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..errors import NotDifferentiable
from ..expressions.dimensions import Dim, monomials, times
from ..expressions.nodes import Expr, Rational
from ..normal_form.algebra import Algebra

SUMMED = "abcdefghpqrstuvw"
MOST_LETTERS = 500  # a product has one for each factor

Index = str
Range = tuple[Index, Dim]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of an expression, to a power; a vector has one index and a scalar none."""

    base: Expr
    indices: tuple[Index, ...]
    power: Rational = 1

    def renamed(self, names: Mapping[Index, Index]) -> Entry:
        """The entry with other letters."""
        return replace(self, indices=tuple(names.get(i, i) for i in self.indices))


@dataclass(frozen=True, slots=True)
class Delta:
    """δ_ij, or with a sign ≤ or ≥ the bracket [i ≤ j] that is 1 where it holds."""

    left: Index
    right: Index
    sign: str = "="

    def renamed(self, names: Mapping[Index, Index]) -> Delta:
        """The delta with other letters."""
        return Delta(names.get(self.left, self.left), names.get(self.right, self.right), self.sign)


@dataclass(frozen=True, slots=True)
class Pair:
    """[whole = (major - 1) n + minor], n being the minor's size: how ⊗ and vec number two indices as one."""

    whole: Index
    major: Index
    minor: Index
    count: Dim

    def renamed(self, names: Mapping[Index, Index]) -> Pair:
        """The pair with other letters."""
        whole, major, minor = (names.get(i, i) for i in (self.whole, self.major, self.minor))
        return Pair(whole, major, minor, self.count)


@dataclass(frozen=True, slots=True)
class Term:
    """A coefficient times entries, deltas and numberings of pairs, summed over the letters of `ranges`."""

    coefficient: Rational = 1
    entries: tuple[Entry, ...] = ()
    deltas: tuple[Delta, ...] = ()
    pairs: tuple[Pair, ...] = ()
    ranges: tuple[Range, ...] = ()

    def letters(self) -> list[Index]:
        """The letters of the factors, in order of appearance."""
        found = [i for e in self.entries for i in e.indices] + [i for d in self.deltas for i in (d.left, d.right)]
        found += [i for p in self.pairs for i in (p.whole, p.major, p.minor)]
        return list(dict.fromkeys(found))

    def renamed(self, names: Mapping[Index, Index]) -> Term:
        """The term with other letters; two summed letters that become one are summed once."""
        return Term(
            self.coefficient,
            tuple(e.renamed(names) for e in self.entries),
            tuple(d.renamed(names) for d in self.deltas),
            tuple(p.renamed(names) for p in self.pairs),
            tuple({names.get(i, i): n for i, n in self.ranges}.items()),
        )

    def times(self, other: Term) -> Term:
        """The product of two terms, whose summed letters differ."""
        return Term(
            self.coefficient * other.coefficient,
            self.entries + other.entries,
            self.deltas + other.deltas,
            self.pairs + other.pairs,
            self.ranges + other.ranges,
        )


def numbered(whole: Index, major: Index, minor: Index, count: Dim) -> Term:
    """[whole = (major - 1) count + minor]; with one of the two only, a delta."""
    if major and minor:
        return Term(pairs=(Pair(whole, major, minor, count),))
    return Term(deltas=(Delta(whole, major or minor),)) if whole else Term()


class Letters:
    """Letters for summation, each used once."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> Index:
        """The next letter."""
        n, self._count = self._count, self._count + 1
        if n >= MOST_LETTERS:
            raise NotDifferentiable(
                f"The index form has more than {MOST_LETTERS} letters, which is the limit.",
                hint="The pushforward exists.",
            )
        return SUMMED[n % len(SUMMED)] + ("" if n < len(SUMMED) else str(n // len(SUMMED)))

    def summed(self, shape: Iterable[Dim]) -> tuple[list[Index], Term]:
        """A letter for each dimension, none for 1, and the sum over them."""
        found = [(self() if d != 1 else "", d) for d in shape]
        return [i for i, _ in found], Term(ranges=tuple((i, d) for i, d in found if i))


def finished(algebra: Algebra, terms: Iterable[Term], free: tuple[Index, ...]) -> tuple[Term, ...]:
    """The terms as they are shown: deltas contracted, idle sums done, summed letters a, b, c, like terms together."""
    return _collected([_relettered(_counted(algebra, _unpaired(_contracted(t, free))), free) for t in terms])


def _contracted(term: Term, free: tuple[Index, ...]) -> Term:
    """The term without the deltas that a sum removes, or that are 1 wherever they stand."""
    again = True
    while again:
        again = False
        for n, d in enumerate(term.deltas):
            if d.sign != "=" or d.left == d.right:
                continue
            old, new = (d.left, d.right) if d.left not in free else (d.right, d.left)
            if old not in free:
                rest = replace(term, deltas=term.deltas[:n] + term.deltas[n + 1 :])
                kept = replace(rest, ranges=tuple(r for r in rest.ranges if r[0] != old))
                term, again = kept.renamed({old: new}), True
                break
    return replace(
        term,
        deltas=tuple(dict.fromkeys(d for d in term.deltas if d.left != d.right)),
        pairs=tuple(dict.fromkeys(term.pairs)),
    )


def _unpaired(term: Term) -> Term:
    """The term without the numberings whose number is summed and stands nowhere else: each pair has one number."""
    summed = {i for i, _ in term.ranges}
    again = True
    while again:
        again = False
        for n, p in enumerate(term.pairs):
            rest = replace(term, pairs=term.pairs[:n] + term.pairs[n + 1 :])
            if p.whole in summed and p.whole not in rest.letters():
                term, again = replace(rest, ranges=tuple(r for r in rest.ranges if r[0] != p.whole)), True
                break
    return term


def _counted(algebra: Algebra, term: Term) -> Term:
    """The term with a sum over a letter that stands in no factor as the number of its values."""
    used = set(term.letters())
    count: Dim = 1
    for i, n in term.ranges:
        count = count if i in used else times(count, n)
    if count == 1:
        return term
    number: Rational = 1
    factors = [Entry(algebra.dimension(count), ())]
    if len(monomials(count)) == 1:
        ((names, number),) = monomials(count)
        factors = [Entry(algebra.dimension(n), (), names.count(n)) for n in dict.fromkeys(names)]
    return replace(
        term,
        coefficient=term.coefficient * number,
        entries=(*factors, *term.entries),
        ranges=tuple(r for r in term.ranges if r[0] in used),
    )


def _relettered(term: Term, free: tuple[Index, ...]) -> Term:
    """Numbers first, then a chain from its first letter; summed letters a, b, c in order of appearance."""
    begin = sorted(term.entries, key=lambda e: (bool(e.indices), bool(e.indices) and e.indices[:1] != free[:1]))
    term = replace(term, entries=tuple(begin))
    fresh, sizes = Letters(), dict(term.ranges)
    names = {i: fresh() for i in term.letters() if i in sizes}
    return replace(term.renamed(names), ranges=tuple((names[i], sizes[i]) for i in names))


def _collected(terms: list[Term]) -> tuple[Term, ...]:
    """Like terms together."""
    found: dict[tuple[object, ...], Term] = {}
    for t in terms:
        key = (frozenset(Counter(t.entries).items()), frozenset(t.deltas), t.pairs, t.ranges)
        old = found.get(key)
        found[key] = t if old is None else replace(old, coefficient=old.coefficient + t.coefficient)
    return tuple(t for t in found.values() if t.coefficient)


def is_derivative(e: Expr) -> bool:
    """Whether an entry is one of the derivative of an unspecified function of a matrix."""
    return e.head == "call" and e.data.mode == "push"
