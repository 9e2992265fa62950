"""Index notation: the entries of a derivative as sums of products of entries.

A term is a product of entries and of Kronecker deltas; letters that stand on the right only are summed, and the sum is
written.  Products, sums, transposes and the like are taken apart; an inverse or a function keeps its brackets,
as in (X⁻¹)_ij.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..calculus.vectorised import moved_vec
from ..errors import EvaluationError, NotDifferentiable
from ..expressions.dimensions import SCALAR, Dim, substitute
from ..expressions.nodes import ONE, Expr, Rational, depends
from ..normal_form.algebra import Algebra
from ..printing.text import POSTFIX, Printer, ascii_text, unicode_text

if TYPE_CHECKING:
    import numpy as np

SUMMED = "abcdefghpqrstuvw"
MOST_TERMS = 200

Index = str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of an expression, to a power; a vector has one index and a scalar none."""

    base: Expr
    indices: tuple[Index, ...]
    power: Rational = 1


@dataclass(frozen=True, slots=True)
class Delta:
    """δ_ij, or with a sign ≤ or ≥ the bracket [i ≤ j] that is 1 where it holds."""

    left: Index
    right: Index
    sign: str = "="


@dataclass(frozen=True, slots=True)
class Pair:
    """[whole = (major - 1) n + minor], n being the minor's size: how ⊗ and vec number two indices as one."""

    whole: Index
    major: Index
    minor: Index
    count: Dim

    def renamed(self, old: Index, new: Index) -> Pair:
        """The pair with one letter for another."""
        whole, major, minor = (new if i == old else i for i in (self.whole, self.major, self.minor))
        return Pair(whole, major, minor, self.count)


@dataclass(frozen=True, slots=True)
class Term:
    """A coefficient times entries, deltas and numberings of pairs."""

    coefficient: Rational
    entries: tuple[Entry, ...]
    deltas: tuple[Delta, ...] = ()
    pairs: tuple[Pair, ...] = ()

    def letters(self) -> list[Index]:
        """The letters in order of appearance."""
        found = [i for e in self.entries for i in e.indices] + [i for d in self.deltas for i in (d.left, d.right)]
        found += [i for p in self.pairs for i in (p.whole, p.major, p.minor) if i]
        return list(dict.fromkeys(found))

    def sizes(self) -> dict[Index, Dim]:
        """The dimension that each letter runs over, from the entries."""
        known = {
            i: d
            for e in self.entries
            for i, d in zip(e.indices, (d for d in _entry_shape(e.base) if d != 1), strict=True)
        }
        for p in self.pairs:
            if p.minor:
                known.setdefault(p.minor, p.count)
        return known

    def renamed(self, old: Index, new: Index) -> Term:
        """The term with one letter for another."""
        return Term(
            self.coefficient,
            tuple(replace(e, indices=tuple(new if i == old else i for i in e.indices)) for e in self.entries),
            tuple(
                replace(d, left=new if d.left == old else d.left, right=new if d.right == old else d.right)
                for d in self.deltas
            ),
            tuple(p.renamed(old, new) for p in self.pairs),
        )

    def times(self, other: Term) -> Term:
        """The product of two terms."""
        return Term(
            self.coefficient * other.coefficient,
            self.entries + other.entries,
            self.deltas + other.deltas,
            self.pairs + other.pairs,
        )


class _Letters:
    """Letters for summation, each used once."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> Index:
        n, self._count = self._count, self._count + 1
        return SUMMED[n % len(SUMMED)] + ("" if n < len(SUMMED) else str(n // len(SUMMED)))


@dataclass(frozen=True, slots=True)
class IndexSum:
    """Σ of terms, with the letters of the result and of the variable, and the size of each letter."""

    terms: tuple[Term, ...]
    free: tuple[Index, ...]
    sizes: Mapping[Index, Dim]

    def text(self, ascii: bool = False) -> str:
        """The terms with their sums written out."""
        if not self.terms:
            return "0"
        out = ""
        for term in self.terms:
            sign = "-" if term.coefficient < 0 else "+"
            out += (f" {sign} " if out else "-" if sign == "-" else "") + self._term(term, ascii)
        return out

    def _term(self, term: Term, ascii: bool) -> str:
        summed = [i for i in term.letters() if i not in self.free]
        parts = [] if abs(term.coefficient) == 1 else [str(abs(term.coefficient))]
        leading, trailing = self._placed(term)
        parts += [_delta_text(d, ascii) for d in leading]
        parts += [_entry_text(e, ascii) for e in term.entries]
        parts += [_delta_text(d, ascii) for d in trailing]
        parts += [_pair_text(p) for p in term.pairs]
        body = " ".join(parts) or "1"
        if not summed:
            return body
        return ("sum_" if ascii else "Σ_") + "".join(summed) + " " + body

    def _placed(self, term: Term) -> tuple[list[Delta], list[Delta]]:
        """The deltas before and behind the entries: the first letter of the result is read first."""
        place = {i: n for n, i in enumerate(self.free)}
        first = min((place.get(i, len(place)) for e in term.entries for i in e.indices), default=0)
        leading = [d for d in term.deltas if min(place.get(d.left, 9), place.get(d.right, 9)) < first]
        return leading, [d for d in term.deltas if d not in leading]

    def latex(self) -> str:
        """The terms in LaTeX."""
        from ..printing.latex import latex

        out = ""
        for term in self.terms:
            summed = [i for i in term.letters() if i not in self.free]
            size = abs(Fraction(term.coefficient))
            parts = [] if size == 1 else [_fraction(size)]
            for e in term.entries:
                base = latex(e.base)
                if e.base.args and e.indices:
                    base = rf"\left({base}\right)"
                power = "" if e.power == 1 else "^{" + str(e.power) + "}"
                parts.append(base + (f"_{{{' '.join(e.indices)}}}" if e.indices else "") + power)
            for d in term.deltas:
                sign = {"=": "", "≤": r"\le", "≥": r"\ge"}[d.sign]
                parts.append(
                    rf"\delta_{{{d.left} {d.right}}}" if not sign else rf"\left[{d.left} {sign} {d.right}\right]"
                )
            parts += [rf"\left{_pair_text(p)[:-1]}\right]".replace("·", r"\cdot ") for p in term.pairs]
            body = " ".join(parts) or "1"
            if summed:
                body = rf"\sum_{{{','.join(summed)}}} {body}"
            sign = "-" if term.coefficient < 0 else "+"
            out += (f" {sign} " if out else "-" if sign == "-" else "") + body
        return out or "0"

    def evaluate(
        self, arrays: Mapping[str, Any], functions: Mapping[str, Any], sizes: Mapping[str, int]
    ) -> np.ndarray[Any, Any]:
        """The array over the free letters."""
        import numpy as np

        from ..evaluation.arrays import evaluate

        def size(d: Dim) -> int:
            n = substitute(d, dict(sizes))
            if not isinstance(n, int):
                raise EvaluationError(f"The size {d} is not known from the arrays.")
            return n

        def length(i: Index) -> int:
            return size(dims[i]) if i else 1

        dims = dict(self.sizes)
        total = np.zeros([length(i) for i in self.free])
        for term in self.terms:
            dims = {**term.sizes(), **self.sizes}
            names = {i: n for n, i in enumerate(dict.fromkeys([*self.free, *term.letters()]))}
            operands: list[Any] = [np.asarray(float(term.coefficient)), []]
            for e in term.entries:
                if _is_derivative(e.base):
                    array = functions[e.base.data.name][1](np.asarray(evaluate(e.base.args[0], arrays, functions)))
                    operands += [
                        np.asarray(array).reshape([length(i) for i in e.indices]),
                        [names[i] for i in e.indices],
                    ]
                    continue
                value = np.asarray(evaluate(e.base, arrays, functions)) ** (
                    e.power if isinstance(e.power, int) else float(e.power)
                )
                operands += [value.reshape([length(i) for i in e.indices]), [names[i] for i in e.indices]]
            for d in term.deltas:
                rows, columns = length(d.left), length(d.right)
                full = np.ones((rows, columns))
                mask = np.eye(rows, columns) if d.sign == "=" else np.triu(full) if d.sign == "≤" else np.tril(full)
                operands += [mask, [names[d.left], names[d.right]]]
            for p in term.pairs:
                count = size(p.count)
                whole = length(p.whole)
                lengths = (whole, whole // count, count)
                kept = [(i, n) for i, n in zip((p.whole, p.major, p.minor), lengths, strict=True) if i]
                operands += [np.eye(whole).reshape([n for _, n in kept]), [names[i] for i, _ in kept]]
            seen = set(term.letters())
            for i in self.free:
                if i not in seen:
                    operands += [np.ones(length(i)), [names[i]]]
            total = total + np.einsum(*operands, [names[i] for i in self.free])
        return np.asarray(total)


def _fraction(c: Rational) -> str:
    c = Fraction(c)
    return str(c) if c.denominator == 1 else rf"\frac{{{c.numerator}}}{{{c.denominator}}}"


def _delta_text(d: Delta, ascii: bool) -> str:
    if d.sign == "=":
        return f"delta_{d.left}{d.right}" if ascii else f"δ_{d.left}{d.right}"
    return f"[{d.left} {({'≤': '<=', '≥': '>='}[d.sign]) if ascii else d.sign} {d.right}]"


def _pair_text(p: Pair) -> str:
    major = f"({p.major} - 1) {p.count}" if p.major else ""
    return f"[{p.whole} = {' + '.join(part for part in (major, p.minor) if part) or '1'}]"


def _entry_text(e: Entry, ascii: bool) -> str:
    write = ascii_text if ascii else unicode_text
    if _is_derivative(e.base):
        name, x = e.base.data.name, e.base.args[0]
        count = sum(d != 1 for d in e.base.shape)
        inner = write(x) if x.head == "symbol" else f"({write(x)})"
        return f"(∂{name}_{''.join(e.indices[:count])}/∂{inner}_{''.join(e.indices[count:])})"
    text = write(e.base)
    level = Printer({}).layout(e.base)[0]
    if e.indices and e.base.args or level < POSTFIX:
        text = f"({text})"
    text += "_" + "".join(e.indices) if e.indices else ""
    if e.power == 1:
        return text
    if e.indices and e.power.denominator == 1 and not ascii:
        return f"({text})^{e.power}"
    return f"({text})^({e.power})" if e.power.denominator != 1 or e.power < 0 else f"({text})^{e.power}"


def _entry_shape(e: Expr) -> tuple[Dim, ...]:
    """The dimensions that the indices of an entry run over."""
    return (*e.shape, *e.args[0].shape) if _is_derivative(e) else e.shape


def _is_derivative(e: Expr) -> bool:
    return e.head == "call" and e.data.mode == "push"


def entries_of(e: Expr, rows: Index, columns: Index, fresh: _Letters) -> Iterator[Term]:
    """An entry of an expression: products, transposes and multiples are taken apart, sums term by term."""
    if e.head == "add":
        for c, x in zip(e.data, e.args, strict=True):
            for t in entries_of(x, rows, columns, fresh):
                yield replace(t, coefficient=t.coefficient * c)
        return
    if e is ONE:
        yield Term(1, ())
        return
    if e.head == "zero":
        return
    yield _product(e, rows, columns, fresh)


def _indices(e: Expr, rows: Index, columns: Index) -> tuple[Index, ...]:
    return tuple(i for i, d in zip((rows, columns), e.shape, strict=True) if d != 1)


def _product(e: Expr, rows: Index, columns: Index, fresh: _Letters) -> Term:
    """An entry of what is not a sum, as one product."""
    if e is ONE or e.head == "ones":
        return Term(1, ())
    if e.head == "transpose":
        return _product(e.args[0], columns, rows, fresh)
    if e.head == "identity":
        return Term(1, (), (Delta(rows, columns),))
    if e.head == "scale":
        return _product(e.args[0], "", "", fresh).times(_product(e.args[1], rows, columns, fresh))
    if e.head == "add" and len(e.args) == 1:
        term = _product(e.args[0], rows, columns, fresh)
        return replace(term, coefficient=term.coefficient * e.data[0])
    if e.head == "mul":
        return _chain_entry(e, rows, columns, fresh)
    if e.head == "had":
        term = Term(1, ())
        for x, p in zip(e.args, e.data, strict=True):
            simple = p == 1 and (x.head in ("transpose", "identity", "scale") or x.shape != SCALAR and x.head == "mul")
            part = _product(x, rows, columns, fresh) if simple else Term(1, (Entry(x, _indices(x, rows, columns), p),))
            term = term.times(part)
        return term
    if e.head == "Diag":
        return _product(e.args[0], rows, "", fresh).times(Term(1, (), (Delta(rows, columns),)))
    if e.head == "diagvec":
        return _product(e.args[0], rows, rows, fresh)
    return Term(1, (Entry(e, _indices(e, rows, columns)),))


def _chain_entry(e: Expr, rows: Index, columns: Index, fresh: _Letters) -> Term:
    term = Term(1, ())
    left = rows
    for n, x in enumerate(e.args):
        last = n == len(e.args) - 1
        right = columns if last else "" if x.shape[1] == 1 else fresh()
        term = term.times(_product(x, left, right, fresh))
        left = right
    return term


class _Differential:
    """The entries of a differential, with δ δ for the entries of dX."""

    def __init__(self, algebra: Algebra, d: Expr, hole: Expr, wanted: tuple[Index, ...], fresh: _Letters) -> None:
        self.algebra = algebra
        self.hole, self.wanted, self.fresh = hole, wanted, fresh
        self.active = depends(d, {hole})

    def entries(self, e: Expr, rows: Index, columns: Index) -> list[Term]:
        """Taken apart with a stack: (what is left to take apart, its indices, the term around it)."""
        out: list[Term] = []
        todo = [(e, rows, columns, Term(1, ()))]
        while todo:
            x, i, j, around = todo.pop()
            if x is self.hole:
                found = _indices(x, i, j)
                out.append(
                    around.times(Term(1, (), tuple(Delta(a, b) for a, b in zip(found, self.wanted, strict=True))))
                )
            else:
                todo.extend((y, a, b, around.times(t)) for y, a, b, t in self._inside(x, i, j))
            if len(out) + len(todo) > MOST_TERMS:
                raise NotDifferentiable(
                    f"The index form has more than {MOST_TERMS} terms.", hint="The pushforward exists."
                )
        return out[::-1]

    def _inside(self, e: Expr, i: Index, j: Index) -> Iterator[tuple[Expr, Index, Index, Term]]:
        """The active arguments with their indices, and what multiplies them."""
        head, one, fresh = e.head, Term(1, ()), self.fresh
        for slot, x in enumerate(e.args):
            if x not in self.active:
                continue
            if head == "add":
                yield x, i, j, Term(e.data[slot], ())
            elif head == "transpose":
                yield x, j, i, one
            elif head == "scale":
                s, m = e.args
                yield (s, "", "", _product(m, i, j, fresh)) if slot == 0 else (m, i, j, _product(s, "", "", fresh))
            elif head == "mul":
                before, after = e.args[:slot], e.args[slot + 1 :]
                left, right, around = i, j, one
                for f in before:
                    inner = "" if f.shape[1] == 1 else fresh()
                    around = around.times(_product(f, left, inner, fresh))
                    left = inner
                outer = ["" if f.shape[0] == 1 else fresh() for f in after]
                for n, f in enumerate(after):
                    around = around.times(_product(f, outer[n], outer[n + 1] if n + 1 < len(after) else j, fresh))
                right = outer[0] if after else j
                yield x, left, right, around
            elif head == "had":
                around = one
                for n, (f, p) in enumerate(zip(e.args, e.data, strict=True)):
                    if n != slot:
                        part = _product(f, i, j, fresh) if p == 1 else Term(1, (Entry(f, _indices(f, i, j), p),))
                        around = around.times(part)
                yield x, i, j, around
            elif head == "call" and e.data.mode == "push":
                a, b = ("" if d == 1 else fresh() for d in x.shape)
                yield x, a, b, Term(1, (Entry(e, tuple(k for k in (i, j, a, b) if k)),))
            elif head == "tr":
                a = fresh()
                yield x, a, a, one
            elif head == "sum":
                yield x, fresh(), fresh(), one
            elif head == "frob":
                a, b = (fresh() if d != 1 else "" for d in x.shape)
                yield x, a, b, _product(e.args[1 - slot], a, b, fresh)
            elif head == "Diag":
                yield x, i, "", Term(1, (), (Delta(i, j),))
            elif head == "diagvec":
                yield x, i, i, one
            elif head == "kron":
                a, b = ("" if d == 1 else fresh() for d in x.shape)
                other = e.args[1 - slot]
                p, q = ("" if d == 1 else fresh() for d in other.shape)
                rows, columns = ((a, p), (b, q)) if slot == 0 else ((p, a), (q, b))
                minor = e.args[1].shape
                pairs = [Pair(i, *rows, minor[0])] if i else []
                pairs += [Pair(j, *columns, minor[1])] if j else []
                yield x, a, b, _product(other, p, q, fresh).times(Term(1, (), (), tuple(pairs)))
            elif head == "vec":
                a, b = ("" if d == 1 else fresh() for d in x.shape)
                yield x, a, b, Term(1, (), (), (Pair(i, b, a, x.shape[0]),)) if i else one
            elif head == "unvec":
                a = fresh()
                yield x, a, "", Term(1, (), (), (Pair(a, j, i, e.shape[0]),))
            elif head in ("tril", "triu"):
                yield x, i, j, Term(1, (), (Delta(i, j, "≥" if head == "tril" else "≤"),))
            elif head in ("cumsum", "revcumsum"):
                a = fresh()
                yield x, a, "", Term(1, (), (Delta(i, a, "≥" if head == "cumsum" else "≤"),))
            else:
                yield self._by_vec(e, slot, i, j)

    def _by_vec(self, e: Expr, slot: int, i: Index, j: Index) -> tuple[Expr, Index, Index, Term]:
        """An operation by the matrix M of vec(e) = M vec(x): the pairs number the entries of e and x."""
        x = e.args[slot]
        m = moved_vec(self.algebra, e, slot, {})
        assert m is not None
        a, b = ("" if d == 1 else self.fresh() for d in x.shape)
        whole = [self.fresh() if 1 not in y.shape else p or q for y, p, q in ((e, i, j), (x, a, b))]
        pairs = [Pair(w, q, p, y.shape[0]) for w, y, p, q in zip(whole, (e, x), (i, a), (j, b), strict=True) if p and q]
        return x, a, b, _product(m, whole[0], whole[1], self.fresh).times(Term(1, (), (), tuple(pairs)))


def contracted(term: Term, free: tuple[Index, ...]) -> Term:
    """The term without the deltas that a sum removes."""
    again = True
    while again:
        again = False
        for n, d in enumerate(term.deltas):
            if d.sign != "=" or d.left == d.right:
                continue
            old, new = (d.left, d.right) if d.left not in free else (d.right, d.left)
            if old not in free:
                rest = replace(term, deltas=term.deltas[:n] + term.deltas[n + 1 :])
                term, again = rest.renamed(old, new), True
                break
    return replace(term, deltas=tuple(d for d in term.deltas if not (d.sign == "=" and d.left == d.right)))


def _relettered(term: Term, free: tuple[Index, ...]) -> Term:
    """Summed letters a, b, c in order of appearance."""
    begin = sorted(term.entries, key=lambda e: e.indices[:1] != free[:1])  # a chain is read from its first letter
    term = replace(term, entries=tuple(begin))
    summed = [i for i in term.letters() if i not in free]
    for n, i in enumerate(summed):
        term = term.renamed(i, f"#{n}")
    fresh = _Letters()
    for n in range(len(summed)):
        term = term.renamed(f"#{n}", fresh())
    return term


def _collected(terms: list[Term]) -> tuple[Term, ...]:
    """Like terms together."""
    found: dict[tuple[Any, ...], Term] = {}
    for t in terms:
        key = (tuple(sorted(t.entries, key=str)), tuple(sorted(t.deltas, key=str)), t.pairs)
        old = found.get(key)
        found[key] = t if old is None else replace(old, coefficient=old.coefficient + t.coefficient)
    return tuple(t for t in found.values() if t.coefficient)


def index_form(algebra: Algebra, d: Expr, hole: Expr) -> IndexSum:
    """∂Y_ij/∂X_kl of a differential dY that is linear in dX."""
    out = tuple(i for i, n in zip("ij", d.shape, strict=True) if n != 1)
    wanted = tuple(k for k, n in zip("kl", hole.shape, strict=True) if n != 1)
    letters = _Letters()
    rows = "i" if d.shape[0] != 1 else ""
    columns = "j" if d.shape[1] != 1 else ""
    found = _Differential(algebra, d, hole, wanted, letters).entries(d, rows, columns) if d.head != "zero" else []
    return _finished(found, out + wanted, {**_sizes(out, d), **_sizes(wanted, hole)})


def gradient_index_form(g: Expr) -> IndexSum:
    """∂f/∂X_ij, from the gradient."""
    free = _indices(g, "i", "j")
    return _finished(list(entries_of(g, "i", "j", _Letters())), free, _sizes(free, g))


def _sizes(letters: tuple[Index, ...], e: Expr) -> dict[Index, Dim]:
    return dict(zip(letters, (d for d in e.shape if d != 1), strict=True))


def _finished(terms: list[Term], free: tuple[Index, ...], sizes: dict[Index, Dim]) -> IndexSum:
    done = _collected([_relettered(contracted(t, free), free) for t in terms])
    return IndexSum(done, free, sizes)


def entry_sum(shown: Expr, g: Expr) -> IndexSum:
    """(G)_ij as one entry, G being a gradient."""
    if shown is g:
        return IndexSum((Term(1, (Entry(g, ()),)),), (), {})
    free = _indices(g, "i", "j")
    return IndexSum((Term(1, (Entry(g, free),)),), free, _sizes(free, g))
