"""Index notation: the entries of a derivative as sums of products of entries.

A term is a product of entries and of Kronecker deltas; letters that stand on the right only are summed, and the sum is
written.  Products, sums, transposes and the like are taken apart; an inverse or a function keeps its brackets,
as in (X⁻¹)_ij.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..calculus.vectorised import moved_vec
from ..errors import NotDifferentiable
from ..expressions.dimensions import SCALAR, Dim
from ..expressions.nodes import Expr, Rational
from ..expressions.parts import depends
from ..normal_form.algebra import Algebra
from .index_sum import IndexSum
from .index_terms import Delta, Entry, Index, Letters, Range, Term, finished, is_derivative, numbered

MOST_TERMS = 200
PLAIN = frozenset({"transpose", "identity", "scale"})  # factors of a Hadamard product that are taken apart

Place = tuple[Expr, Index, Index]


def index_form(algebra: Algebra, d: Expr, hole: Expr) -> IndexSum:
    """∂Y_ij/∂X_kl of a differential dY that is linear in dX."""
    out, wanted = _indices(d, "i", "j"), _indices(hole, "k", "l")
    walk = _Differential(algebra, d, hole, wanted)
    found = walk.entries(d, "i" if d.shape[0] != 1 else "", "j" if d.shape[1] != 1 else "")
    return IndexSum(finished(algebra, found, out + wanted), out + wanted, {**_sizes(out, d), **_sizes(wanted, hole)})


def gradient_index_form(algebra: Algebra, g: Expr) -> IndexSum:
    """∂f/∂X_ij, from the gradient."""
    free = _indices(g, "i", "j")
    return IndexSum(finished(algebra, entries_of(g, "i", "j", Letters()), free), free, _sizes(free, g))


def entry_sum(g: Expr) -> IndexSum:
    """(G)_ij as one entry, G being a gradient."""
    free = _indices(g, "i", "j")
    return IndexSum((Term(entries=(Entry(g, free),)),), free, _sizes(free, g))


def _indices(e: Expr, rows: Index, columns: Index) -> tuple[Index, ...]:
    return tuple(i for i, d in zip((rows, columns), e.shape, strict=True) if d != 1)


def _sizes(letters: tuple[Index, ...], e: Expr) -> dict[Index, Dim]:
    return dict(zip(letters, (d for d in e.shape if d != 1), strict=True))


def entries_of(e: Expr, rows: Index, columns: Index, fresh: Letters) -> Iterator[Term]:
    """An entry of an expression: products, transposes and multiples are taken apart, sums term by term."""
    if e.head == "add":
        for c, x in zip(e.data, e.args, strict=True):
            for t in entries_of(x, rows, columns, fresh):
                yield replace(t, coefficient=t.coefficient * c)
    elif e.head != "zero":
        yield product(e, rows, columns, fresh)


def product(e: Expr, rows: Index, columns: Index, fresh: Letters) -> Term:
    """An entry of what is not a sum, as one product: taken apart with a stack, its factors from left to right."""
    coefficient: Rational = 1
    entries: list[Entry] = []
    deltas: list[Delta] = []
    ranges: list[Range] = []
    todo: list[tuple[Place, Rational | None]] = [((e, rows, columns), None)]  # a power is that of a whole entry
    while todo:
        (x, i, j), power = todo.pop()
        head = x.head
        inside: list[tuple[Place, Rational | None]] = []
        if power is not None:
            entries.append(Entry(x, _indices(x, i, j), power))
        elif head == "transpose":
            inside = [((x.args[0], j, i), None)]
        elif head == "identity":
            deltas.append(Delta(i, j))
        elif head == "scale":
            inside = [((x.args[0], "", ""), None), ((x.args[1], i, j), None)]
        elif head == "add" and len(x.args) == 1:
            coefficient *= x.data[0]
            inside = [((x.args[0], i, j), None)]
        elif head == "mul":
            inner, summed = fresh.summed(y.shape[1] for y in x.args[:-1])
            ranges += summed.ranges
            inside = [((y, a, b), None) for y, a, b in zip(x.args, [i, *inner], [*inner, j], strict=True)]
        elif head == "had":
            inside = [((y, i, j), None if _taken_apart(y, p) else p) for y, p in zip(x.args, x.data, strict=True)]
        elif head == "Diag":
            deltas.append(Delta(i, j))
            inside = [((x.args[0], i, ""), None)]
        elif head == "diagvec":
            inside = [((x.args[0], i, i), None)]
        elif head != "ones":
            entries.append(Entry(x, _indices(x, i, j)))
        todo += reversed(inside)
    return Term(coefficient, tuple(entries), tuple(deltas), (), tuple(ranges))


def _taken_apart(e: Expr, p: Rational) -> bool:
    """Whether a factor of a Hadamard product is written by the entries of its own factors."""
    return p == 1 and (e.head in PLAIN or e.head == "mul" and e.shape != SCALAR)


class _Differential:
    """The entries of a differential, with δ δ for the entries of dX."""

    def __init__(self, algebra: Algebra, d: Expr, hole: Expr, wanted: tuple[Index, ...]) -> None:
        self.algebra = algebra
        self.hole, self.wanted, self.fresh = hole, wanted, Letters()
        self.active = depends(d, {hole})

    def entries(self, e: Expr, rows: Index, columns: Index) -> list[Term]:
        """Taken apart with a stack: (what is left to take apart, its indices, the term around it)."""
        out: list[Term] = []
        todo = [(e, rows, columns, Term())] if e in self.active else []
        while todo:
            x, i, j, around = todo.pop()
            if x is self.hole:
                deltas = tuple(Delta(a, b) for a, b in zip(_indices(x, i, j), self.wanted, strict=True))
                out.append(around.times(Term(deltas=deltas)))
            else:
                todo.extend((y, a, b, around.times(t)) for y, a, b, t in self._inside(x, i, j))
            if len(out) + len(todo) > MOST_TERMS:
                raise NotDifferentiable(
                    f"The index form has more than {MOST_TERMS} terms.", hint="The pushforward exists."
                )
        return out[::-1]

    def _inside(self, e: Expr, i: Index, j: Index) -> Iterator[tuple[Expr, Index, Index, Term]]:
        """The active arguments with their indices, and what multiplies them."""
        head, fresh = e.head, self.fresh
        for slot, x in enumerate(e.args):
            if x not in self.active:
                continue
            if head == "add":
                yield x, i, j, Term(e.data[slot])
            elif head == "transpose":
                yield x, j, i, Term()
            elif head == "scale":
                s, m = e.args
                yield (s, "", "", product(m, i, j, fresh)) if slot == 0 else (m, i, j, product(s, "", "", fresh))
            elif head == "mul":
                inner, around = fresh.summed(y.shape[1] for y in e.args[:-1])
                ends = list(zip([i, *inner], [*inner, j], strict=True))
                for n, (y, (a, b)) in enumerate(zip(e.args, ends, strict=True)):
                    around = around if n == slot else around.times(product(y, a, b, fresh))
                yield x, *ends[slot], around
            elif head == "had":
                around = Term()
                for n, (y, p) in enumerate(zip(e.args, e.data, strict=True)):
                    if n != slot:
                        whole = Term(entries=(Entry(y, _indices(y, i, j), p),))
                        around = around.times(product(y, i, j, fresh) if p == 1 else whole)
                yield x, i, j, around
            elif head in ("Diag", "diagvec"):
                yield (x, i, "", Term(deltas=(Delta(i, j),))) if head == "Diag" else (x, i, i, Term())
            elif head == "tr":
                (a,), around = fresh.summed(x.shape[:1])
                yield x, a, a, around
            elif head in ("tril", "triu"):
                yield x, i, j, Term(deltas=(Delta(i, j, "≥" if head == "tril" else "≤"),))
            else:
                (a, b), around = fresh.summed(x.shape)
                yield x, a, b, around.times(self._moved(e, slot, (i, j), (a, b)))

    def _moved(self, e: Expr, slot: int, out: tuple[Index, Index], within: tuple[Index, Index]) -> Term:
        """What multiplies the entry ab of an argument in the entry ij of an operation, where all ab are summed."""
        (i, j), (a, b) = out, within
        head, x = e.head, e.args[slot]
        if head == "call" and is_derivative(e):
            return Term(entries=(Entry(e, tuple(k for k in (i, j, a, b) if k)),))
        if head == "sum":
            return Term()
        if head == "frob":
            return product(e.args[1 - slot], a, b, self.fresh)
        if head == "kron":
            (p, q), summed = self.fresh.summed(e.args[1 - slot].shape)
            rows, columns = ((a, p), (b, q)) if slot == 0 else ((p, a), (q, b))
            m, n = e.args[1].shape
            pairs = numbered(i, *rows, m).times(numbered(j, *columns, n))
            return summed.times(product(e.args[1 - slot], p, q, self.fresh)).times(pairs)
        if head == "vec":
            return numbered(i, b, a, x.shape[0])
        if head == "unvec":
            return numbered(a, j, i, e.shape[0])
        if head == "index":
            term = Term()
            for at, n, outer, inner in zip(e.data, x.shape, out, within, strict=True):
                if inner:
                    picked = Term(deltas=(Delta(outer, inner),))
                    term = term.times(
                        picked if at is None else Term(entries=(Entry(self.algebra.unit(at, n), (inner,)),))
                    )
            return term
        if head in ("cumsum", "revcumsum"):
            return Term(deltas=(Delta(i, a, "≥" if head == "cumsum" else "≤"),))
        return self._by_vec(e, slot, out, within)

    def _by_vec(self, e: Expr, slot: int, out: tuple[Index, Index], within: tuple[Index, Index]) -> Term:
        """An operation by the matrix M of vec(e) = M vec(x): the pairs number the entries of e and of x."""
        m = moved_vec(self.algebra, e, slot, {})
        assert m is not None
        places, around = self.fresh.summed(m.shape)
        for place, y, (p, q) in zip(places, (e, e.args[slot]), (out, within), strict=True):
            around = around.times(numbered(place, q, p, y.shape[0]))
        return around.times(product(m, places[0], places[1], self.fresh))
