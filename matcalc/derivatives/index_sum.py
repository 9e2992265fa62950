"""A sum of terms in index notation: printed and evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..expressions.dimensions import Dim
from ..expressions.nodes import Expr
from ..printing.layout import Piece, Typeface, refuse_long, spaced
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

    def written(self, face: Typeface) -> str:
        """The terms with their sums written out."""
        self._refuse_long()
        pieces: list[Piece] = []
        for term in self.terms:
            c = abs(Fraction(term.coefficient))
            sign = "-" if term.coefficient < 0 else "+"
            pieces.append(f" {sign} " if pieces else "-" if sign == "-" else "")
            if term.ranges:
                pieces.append(face.summed([i for i, _ in term.ranges]))
            parts = [face.number(c)[1]] if c != 1 else []
            parts += [_factor(f, face) for f in self.factors(term)]
            pieces += spaced(parts) or ["1"]
        return face.written(pieces) or "0"

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


def _factor(f: Entry | Delta | Pair, face: Typeface) -> list[Piece]:
    """One factor in a typeface."""
    opening, closing = face.bracket
    if isinstance(f, Pair):
        return [f"{opening}{f.whole} = ({f.major} - 1) {_count(f, face)} + {f.minor}{closing}"]
    if isinstance(f, Delta):
        if f.sign == "=":
            return [face.delta + face.subscript([f.left, f.right])]
        return [f"{opening}{f.left} {face.at_most if f.sign == '≤' else face.at_least} {f.right}{closing}"]
    if not is_derivative(f.base):
        return face.entry(f.base, f.indices, f.power)
    count = sum(d != 1 for d in f.base.shape)
    over, under = face.subscript(f.indices[:count]), face.subscript(f.indices[count:])
    return face.partial_derivative(f.base.data.name, over, f.base.args[0], under)


def _count(f: Pair, face: Typeface) -> str:
    """The size of the minor letter, bracketed where it is a sum."""
    text = face.sized(f.count)
    return f"({text})" if "+" in text or "-" in text else text


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
