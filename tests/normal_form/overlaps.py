"""Critical pairs: what two rules make of the smallest expressions that both of them rewrite.

Left sides are unified as they are written: their names stand for anything of their shape, a sum or a Hadamard product
is tried in every order, and of products windows overlap, as `normal_form.rewriting` applies them (also transposed).  A
variable that takes several factors of a product at once is not looked at: that is an instance of a smaller overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import permutations, product
from types import MappingProxyType

from matcalc.errors import EvaluationError
from matcalc.expressions.dimensions import Dim, substitute
from matcalc.expressions.nodes import Expr, postorder
from matcalc.expressions.parts import dimensions, symbols
from matcalc.normal_form.algebra import Algebra
from matcalc.normal_form.theory import Rule

PRIME = "′"


@dataclass(frozen=True)
class Sides:
    """What a rule says, as the overlaps need it: also turned, and with names of its own."""

    rule: Rule
    left: Expr
    right: Expr
    conditions: Mapping[Expr, frozenset[str]]


@dataclass
class Substitution:
    """What names and sizes stand for, so far."""

    values: dict[Expr, Expr]
    sizes: dict[str, Dim]

    def copy(self) -> Substitution:
        return Substitution(self.values.copy(), self.sizes.copy())

    def size(self, d: Dim) -> Dim:
        """A size with what is known of its names; a chain of names ends, as only free ones are bound."""
        while (found := substitute(d, self.sizes)) != d:
            d = found
        return d

    def same_size(self, a: Dim, b: Dim) -> bool:
        a, b = self.size(a), self.size(b)
        if a == b:
            return True
        for name, other in ((a, b), (b, a)):
            if isinstance(name, str) and name.replace(PRIME, "").isalpha():
                if isinstance(other, str) and name in other.replace("+", "·").split("·"):
                    return False
                self.sizes[name] = other
                return True
        return False

    def walked(self, e: Expr) -> Expr:
        while e in self.values:
            e = self.values[e]
        return e


@dataclass(frozen=True)
class Pair:
    """An expression as it would be written, and what two rules make of it."""

    first: Rule
    second: Rule
    overlap: str
    one: Expr
    other: Expr

    @property
    def joins(self) -> bool:
        return self.one is self.other

    def __str__(self) -> str:
        return f"{self.overlap}: {self.one} by {self.first.name}, {self.other} by {self.second.name}"


class Overlaps:
    """The critical pairs under an algebra."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self.plain = Algebra(algebra.book.plain())

    # --- unification ------------------------------------------------------------------------------------------------

    def unified(self, a: Expr, b: Expr, s: Substitution) -> Iterator[Substitution]:
        """Every way to make two left sides one."""
        a, b = s.walked(a), s.walked(b)
        if a is b:
            yield s
            return
        for x, e in ((a, b), (b, a)):
            if x.head == "symbol":
                if (bound := self._bound(x, e, s)) is not None:
                    yield bound
                return
        for x, e in ((a, b), (b, a)):
            if x.head == "transpose" and x.args[0].head == "symbol" and e.head != "transpose":
                if (variable := s.walked(x.args[0])).head == "symbol":
                    bound = self._bound(variable, self.plain.transpose(e), s)
                    if bound is not None:
                        yield bound
                return
        if a.head != b.head or len(a.args) != len(b.args):
            return
        s = s.copy()
        if not all(s.same_size(m, n) for m, n in zip(a.shape, b.shape, strict=True)):
            return
        for places in permutations(range(len(b.args))) if a.head in ("add", "had") else [range(len(b.args))]:
            if a.head in ("add", "had") and a.data != tuple(b.data[i] for i in places):
                continue
            if a.head in ("index", "unit", "entry") and a.data != b.data:
                continue
            yield from self._all_unified(list(zip(a.args, [b.args[i] for i in places], strict=True)), s)

    def _all_unified(self, pairs: Sequence[tuple[Expr, Expr]], s: Substitution) -> Iterator[Substitution]:
        if not pairs:
            yield s
            return
        for found in self.unified(*pairs[0], s):
            yield from self._all_unified(pairs[1:], found)

    def _bound(self, x: Expr, e: Expr, s: Substitution) -> Substitution | None:
        s = s.copy()
        todo = symbols(e)
        while todo:
            end = s.walked(todo.pop())
            if end is x:
                return None
            todo += symbols(end) if end.head != "symbol" else []
        if not all(s.same_size(m, n) for m, n in zip(x.shape, e.shape, strict=True)):
            return None
        s.values[x] = e
        return s

    # --- instances ----------------------------------------------------------------------------------------------------

    def renamed(self, sides: Sides) -> Sides:
        """A rule with other names."""
        sizes: dict[str, Dim] = {name: name + PRIME for name in _sizes(sides)}
        new = {
            v: self.plain.symbol(
                v.name + PRIME,
                (substitute(v.shape[0], sizes), substitute(v.shape[1], sizes)),
                v.data.kind,
                v.data.properties,
            )
            for v in symbols(sides.left, sides.right)
            if v.name not in sizes
        }
        left, right = (self.plain.substitute(e, new, sizes) for e in (sides.left, sides.right))
        return Sides(sides.rule, left, right, {new[v]: p for v, p in sides.conditions.items() if v in new})

    def instance(self, s: Substitution, *rules: Sides) -> Instance | None:
        """The expression that two rules rewrite, its free names with the properties that these ask for.

        None where something that is no name would have to have one, and has not, and where a size becomes 1: vectors
        and numbers have rules and constructors of their own.
        """
        sizes = {name: s.size(name) for x in rules for name in _sizes(x)}
        if 1 in sizes.values():
            return None
        names = [v for v in dict.fromkeys(v for x in rules for v in symbols(x.left, x.right)) if v.name not in sizes]
        free: dict[Expr, set[str]] = {}
        for v in names:
            if (end := s.walked(v)).head == "symbol":
                wanted = {p for x in rules for p in x.conditions.get(v, ())}
                free.setdefault(end, set(end.data.properties)).update(wanted)
        found = {
            v: self.algebra.symbol(v.name, (s.size(v.shape[0]), s.size(v.shape[1])), v.data.kind, p)
            for v, p in free.items()
        }

        def value(v: Expr) -> Expr:
            end = s.walked(v)
            if end not in found:
                inner = {x: value(x) for x in symbols(end) if x.name not in sizes}
                found[end] = self.algebra.substitute(end, inner, sizes)
            return found[end]

        values = {v: value(v) for v in names}
        for x in rules:
            for v, wanted in x.conditions.items():
                if v in values and not all(self.algebra.has(values[v], p) for p in wanted):
                    return None
        return Instance(self.algebra, values, sizes)

    # --- critical pairs ---------------------------------------------------------------------------------------------

    def pairs(self, rules: Sequence[Rule]) -> Iterator[Pair]:
        """The critical pairs of some rules, those of a rule with itself among them."""
        first = [Sides(r, r.pattern, r.template, r.conditions) for r in rules]
        second = [self.renamed(x) for x in first]
        for i, a in enumerate(first):
            for j, b in enumerate(second):
                for place in dict.fromkeys(postorder(a.left)):
                    if place.head == b.left.head and (place is not a.left or j > i):
                        yield from self._below(a, place, b)
                if a.left.head == b.left.head == "had":
                    yield from self._beside(a, b)
                if a.left.head == b.left.head == "mul":
                    yield from self._along(a, b)
                    yield from self._along(a, self._turned(b))

    def _turned(self, x: Sides) -> Sides:
        return replace(x, left=self.plain.transpose(x.left), right=self.plain.transpose(x.right))

    def _below(self, a: Sides, place: Expr, b: Sides) -> Iterator[Pair]:
        """Where the left side of one rule stands in that of the other."""
        for s in self.unified(place, b.left, Substitution({}, {})):
            if (of := self.instance(s, a, b)) is not None:
                with suppress(EvaluationError):  # 0⁻¹ is refused
                    yield Pair(a.rule, b.rule, str(a.left), of(a.right), of(a.left, {place: of(b.right)}))

    def _along(self, a: Sides, b: Sides) -> Iterator[Pair]:
        """Where a product ends as another begins."""
        p, q = a.left.args, b.left.args
        for shared in range(1, min(len(p), len(q))):
            for s in self._all_unified(list(zip(p[-shared:], q[:shared], strict=True)), Substitution({}, {})):
                if (of := self.instance(s, a, b)) is None:
                    continue
                before, after = [of(x) for x in p[:-shared]], [of(x) for x in q[shared:]]
                with suppress(EvaluationError):
                    one, other = (self.algebra.mul(x) for x in ([of(a.right), *after], [*before, of(b.right)]))
                    text = " ".join(f"({x})" for x in (*p, *q[shared:]))
                    yield Pair(a.rule, b.rule, text, one, other)

    def _beside(self, a: Sides, b: Sides) -> Iterator[Pair]:
        """Where two Hadamard products have a factor in common."""
        ours, theirs = (list(zip(x.left.args, x.left.data, strict=True)) for x in (a, b))
        for (i, (x, p)), (j, (y, q)) in product(enumerate(ours), enumerate(theirs)):
            if p != q or "symbol" in (x.head, y.head):
                continue
            for s in self.unified(x, y, Substitution({}, {})):
                if (of := self.instance(s, a, b)) is None:
                    continue
                one = [(of(e), k) for n, (e, k) in enumerate(ours) if n != i]
                other = [(of(e), k) for n, (e, k) in enumerate(theirs) if n != j]
                with suppress(EvaluationError):
                    left = self.algebra.had([(of(a.right), 1), *other])
                    text = " ⊙ ".join(f"({e}).^({k})" for e, k in [(of(x), p), *one, *other])
                    yield Pair(a.rule, b.rule, text, left, self.algebra.had([(of(b.right), 1), *one]))


@dataclass(frozen=True)
class Instance:
    """Makes a side of a rule the expression that it is where two rules overlap."""

    algebra: Algebra
    values: Mapping[Expr, Expr]
    sizes: Mapping[str, Dim]

    def __call__(self, e: Expr, replaced: Mapping[Expr, Expr] = MappingProxyType({})) -> Expr:
        return self.algebra.substitute(e, {**self.values, **replaced}, self.sizes)


def _sizes(x: Sides) -> set[str]:
    """The names of sizes in a rule."""
    return set(dimensions(x.left, x.right))
