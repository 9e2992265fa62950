"""A sum of terms in index notation: printed and evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..expressions.dimensions import Dim
from ..expressions.nodes import Expr, Rational
from ..printing.layout import POSTFIX, refuse_long
from ..printing.text import Unicode as Printer
from ..printing.text import ascii_text, unicode_text
from .index_terms import Delta, Entry, Index, Pair, Term, is_derivative

if TYPE_CHECKING:
    import numpy as np

Operand = tuple[Any, tuple[Index, ...]]
"""An array and a letter for each of its axes."""


@dataclass(frozen=True, slots=True)
class IndexSum:
    """Σ of terms, with the letters of the result and of the variable, and the size of each of these."""

    terms: tuple[Term, ...]
    free: tuple[Index, ...]
    sizes: Mapping[Index, Dim]

    def text(self, ascii: bool = False) -> str:
        """The terms with their sums written out."""
        self._refuse_long()
        out = ""
        for term in self.terms:
            parts = [_factor_text(f, ascii) for f in self.factors(term)]
            if abs(term.coefficient) != 1:
                parts.insert(0, str(abs(term.coefficient)))
            body = " ".join(parts) or "1"
            if term.ranges:
                body = ("sum_" if ascii else "Σ_") + "".join(i for i, _ in term.ranges) + " " + body
            sign = "-" if term.coefficient < 0 else "+"
            out += (f" {sign} " if out else "-" if sign == "-" else "") + body
        return out or "0"

    def latex(self) -> str:
        """The terms in LaTeX."""
        self._refuse_long()
        out = ""
        for term in self.terms:
            parts = [_factor_latex(f) for f in self.factors(term)]
            if abs(term.coefficient) != 1:
                parts.insert(0, _fraction(term.coefficient))
            body = " ".join(parts) or "1"
            if term.ranges:
                body = rf"\sum_{{{','.join(i for i, _ in term.ranges)}}} {body}"
            sign = "-" if term.coefficient < 0 else "+"
            out += (f" {sign} " if out else "-" if sign == "-" else "") + body
        return out or "0"

    def _refuse_long(self) -> None:
        refuse_long(e.base for term in self.terms for e in term.entries)

    def factors(self, term: Term) -> list[Entry | Delta | Pair]:
        """The factors as they are written: numbers first; the first letter of the result is read first."""
        place = {i: n for n, i in enumerate(self.free)}
        after = len(place)
        numbers = [e for e in term.entries if not e.indices]
        entries = [e for e in term.entries if e.indices]
        first = min((place.get(i, after) for e in entries for i in e.indices), default=0)
        leading = [d for d in term.deltas if min(place.get(d.left, after), place.get(d.right, after)) < first]
        return [*numbers, *leading, *entries, *[d for d in term.deltas if d not in leading], *term.pairs]

    def evaluate(
        self, arrays: Mapping[str, Any], functions: Mapping[str, Any], sizes: Mapping[str, int]
    ) -> np.ndarray[Any, Any]:
        """The array over the free letters."""
        import numpy as np

        from ..evaluation.given import known_size

        total = np.zeros([known_size(self.sizes[i], sizes) for i in self.free])
        for term in self.terms:
            lengths = {i: known_size(d, sizes) for i, d in (*self.sizes.items(), *term.ranges)}
            operands = [_array(f, lengths, arrays, functions, sizes) for f in self.factors(term)]
            total = total + float(term.coefficient) * _summed(operands, term, self.free, lengths)
        return np.asarray(total)


# --- printing ---------------------------------------------------------------------------------------------------------


def _factor_text(f: Entry | Delta | Pair, ascii: bool) -> str:
    if isinstance(f, Entry):
        return _entry_text(f, ascii)
    if isinstance(f, Pair):
        return _pair_text(f)
    if f.sign == "=":
        return f"delta_{f.left}{f.right}" if ascii else f"δ_{f.left}{f.right}"
    return f"[{f.left} {({'≤': '<=', '≥': '>='}[f.sign]) if ascii else f.sign} {f.right}]"


def _pair_text(p: Pair) -> str:
    return f"[{p.whole} = ({p.major} - 1) {p.count} + {p.minor}]"


def _entry_text(e: Entry, ascii: bool) -> str:
    write = ascii_text if ascii else unicode_text
    if is_derivative(e.base):
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


def _factor_latex(f: Entry | Delta | Pair) -> str:
    if isinstance(f, Delta):
        if f.sign == "=":
            return rf"\delta_{{{f.left} {f.right}}}"
        sign = r"\le" if f.sign == "≤" else r"\ge"
        return rf"\left[{f.left} {sign} {f.right}\right]"
    if isinstance(f, Pair):
        return rf"\left{_pair_text(f)[:-1]}\right]".replace("·", r"\cdot ")
    from ..printing.latex import latex

    base = latex(f.base)
    if f.indices and (f.base.args or "_" in base):
        base = rf"\left({base}\right)"
    power = "" if f.power == 1 else "^{" + str(f.power) + "}"
    return base + (f"_{{{' '.join(f.indices)}}}" if f.indices else "") + power


def _fraction(c: Rational) -> str:
    c = abs(Fraction(c))
    return str(c) if c.denominator == 1 else rf"\frac{{{c.numerator}}}{{{c.denominator}}}"


# --- values -----------------------------------------------------------------------------------------------------------


def _array(
    f: Entry | Delta | Pair,
    lengths: Mapping[Index, int],
    arrays: Mapping[str, Any],
    functions: Mapping[str, Any],
    sizes: Mapping[str, int],
) -> Operand:
    """A factor as an array with an axis for each of its letters."""
    import numpy as np

    from ..evaluation.given import known_size, shaped

    if isinstance(f, Delta):
        rows, columns = lengths[f.left], lengths[f.right]
        full = np.ones((rows, columns))
        mask = np.eye(rows, columns) if f.sign == "=" else np.triu(full) if f.sign == "≤" else np.tril(full)
        return mask, (f.left, f.right)
    if isinstance(f, Pair):
        count, whole = known_size(f.count, sizes), lengths[f.whole]
        return np.eye(whole).reshape(whole, whole // count, count), (f.whole, f.major, f.minor)
    values = shaped(_values(f.base, arrays, functions), [lengths[i] for i in f.indices], f.base)
    return values ** float(f.power), f.indices


def _values(e: Expr, arrays: Mapping[str, Any], functions: Mapping[str, Any]) -> Any:
    """The value of what has entries; of an unspecified function's derivative, the array of all of it."""
    import numpy as np

    from ..evaluation.arrays import evaluate
    from ..evaluation.given import called

    if not is_derivative(e):
        return np.asarray(evaluate(e, arrays, functions))
    return called(e.data.name, 1, functions, [evaluate(e.args[0], arrays, functions)])


def _summed(operands: list[Operand], term: Term, free: Sequence[Index], lengths: Mapping[Index, int]) -> Any:
    """The sum of a product over the letters of its ranges, one letter after another: cheap ones first."""
    waiting = [i for i, _ in term.ranges]
    while waiting:
        i = min(waiting, key=lambda i: _cost(i, operands, lengths))
        waiting.remove(i)
        touched = [o for o in operands if i in o[1]]
        operands = [o for o in operands if i not in o[1]]
        operands.append(_product(touched, [j for j in _letters(touched) if j != i]))
    import numpy as np

    value, letters = _product(operands, [i for i in free if i in _letters(operands)])
    shape = [lengths[i] if i in letters else 1 for i in free]
    return np.broadcast_to(value.reshape(shape), [lengths[i] for i in free])


def _letters(operands: Sequence[Operand]) -> list[Index]:
    return list(dict.fromkeys(i for _, letters in operands for i in letters))


def _cost(i: Index, operands: Sequence[Operand], lengths: Mapping[Index, int]) -> int:
    """How many products it takes to sum over a letter."""
    cost = 1
    for j in _letters([o for o in operands if i in o[1]]):
        cost *= lengths[j]
    return cost


def _product(operands: Sequence[Operand], kept: Sequence[Index]) -> Operand:
    """The product of arrays, two at a time, summed over the letters that are not kept."""
    import numpy as np

    value, letters = operands[0] if operands else (np.asarray(1.0), ())
    for n, (other, others) in enumerate(operands[1:], 2):
        union = list(dict.fromkeys([*letters, *others]))
        wanted = union if n < len(operands) else kept
        places = {i: k for k, i in enumerate(union)}
        value = np.einsum(
            value, [places[i] for i in letters], other, [places[i] for i in others], [places[i] for i in wanted]
        )
        letters = tuple(wanted)
    if tuple(letters) != tuple(kept):
        places = {i: k for k, i in enumerate(dict.fromkeys(letters))}
        value = np.einsum(value, [places[i] for i in letters], [places[i] for i in kept])
    return value, tuple(kept)
