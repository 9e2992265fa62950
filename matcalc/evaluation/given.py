"""Numbers given in Python, checked by name: arrays, sizes and functions become what `arrays` computes with.

Whatever real numbers come, ints, float32 or lists of lists, are computed with as float64.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import items, mapping, shown
from ..errors import EvaluationError
from ..expressions.dimensions import Dim, divided, names_of, plus, solved, substitute, times, written
from ..expressions.nodes import Expr
from ..language.names import canonical

if TYPE_CHECKING:
    from ..arguments import Function

Array = np.ndarray[Any, np.dtype[Any]]
AXES = {"scalar": 0, "vector": 1, "matrix": 2}
FAILURES = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
"""What a function raises that does not fit its argument."""

MOST_DERIVATIVES = 100  # of one unspecified function
_KINDS = {"c": "complex numbers", "O": "objects", "U": "text", "S": "bytes", "M": "dates", "m": "time spans"}


def by_name(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given by name, under the one spelling of each name; `dlambda` is the differential of λ."""
    out: dict[str, Any] = {}
    for name, value in given.items():
        key = canonical(name.strip())
        if key in out and out[key] is not value:
            raise EvaluationError(f"{key} was given twice, under two spellings of its name.")
        out[key] = value
    for name, value in given.items():
        if name[:1] == "d" and name[1:]:
            out.setdefault(f"d{canonical(name[1:])}", value)
    return out


def arrays_given(arrays: object) -> dict[str, Any]:
    """The arrays by canonical name; what they hold is looked at where it is needed."""
    return by_name(mapping(arrays, "What is evaluated at", '{"A": np.eye(2), "x": [1, 2], "t": 0.5}', EvaluationError))


def functions_given(functions: object) -> dict[str, tuple[Function | None, ...]]:
    """For each unspecified function, by canonical name, its value and derivatives."""
    if functions is None:
        return {}
    example = '{"phi": (value, derivative)}'
    out: dict[str, tuple[Function | None, ...]] = {}
    for name, given in by_name(mapping(functions, "The argument `functions`", example, EvaluationError)).items():
        expected = f"What is given for {name} is a function, or several: (value, derivative, …)"
        several = [given] if callable(given) else items(given, expected, MOST_DERIVATIVES, EvaluationError)
        for f in several:
            if f is not None and not callable(f):
                raise EvaluationError(f"{expected}, not {shown(f)}.")
        out[name] = tuple(several)  # type: ignore[arg-type]
    return out


def real_array(name: str, given: object) -> Array:
    """What was given for a name as an array of float64, if it holds real numbers."""
    expected = f"{name} needs an array of real numbers"
    if isinstance(given, Real):
        try:
            return np.asarray(float(given))
        except OverflowError:
            raise EvaluationError(f"{expected}, and {shown(given)} is beyond the range of floats.") from None
    try:
        a = np.asarray(given)
    except (ValueError, TypeError, OverflowError, RuntimeError) as problem:
        reason = "its rows differ in length" if "inhomogeneous" in str(problem) else str(problem).rstrip(".")
        raise EvaluationError(f"{expected}, and {shown(given)} was given that is none: {reason}.") from None
    if np.ma.is_masked(given):
        raise EvaluationError(f"{expected}, and some entries of what was given are masked.")
    if a.dtype.kind not in "biuf":
        held = _KINDS.get(a.dtype.kind, f"values of type {a.dtype}")
        if a.dtype.kind == "O" and a.size:
            held += f", such as {shown(a.flat[0])}"
        what = f"not {shown(given)}" if a.ndim == 0 else f"and {shown(given)} was given that holds {held}"
        raise EvaluationError(f"{expected}, {what}.")
    return a.astype(np.float64)


def matrix_given(e: Expr, given: object) -> Array:
    """The array for a symbol, checked and made 2-D."""
    a = real_array(e.name, given)
    axes = AXES[e.data.kind]
    if a.ndim != axes and not (a.ndim == 2 and (axes == 1 or a.shape == (1, 1))):
        raise EvaluationError(
            f"{e.name} is {_described(e)} and needs {_COUNTED[axes]}; what was given for it has the shape {a.shape}."
        )
    if not a.size:
        raise EvaluationError(f"The array for {e.name} is empty: its shape is {a.shape}.")
    return a.reshape(1, 1) if a.ndim == 0 else a.reshape(-1, 1) if a.ndim == 1 else a


_COUNTED = ("a number", "an array with one axis", "an array with two axes")


def _described(e: Expr) -> str:
    return "a scalar" if e.data.kind == "scalar" else f"a {e.data.kind} of size {written(e.shape)}"


def size_given(name: str, given: object) -> int:
    """A size that was given as a number."""
    a = real_array(name, given)
    if a.ndim:
        raise EvaluationError(f"The size {name} is a positive integer, not an array of shape {a.shape}.")
    n = float(a)
    if n < 1 or not n.is_integer():
        raise EvaluationError(f"The size {name} is a positive integer, not {n:g}.")
    return int(n)


def size_in(given: object) -> int | None:
    """The size that a value may be: a whole number."""
    if isinstance(given, np.ndarray) and given.ndim == 0 and given.dtype.kind in "iuf":
        given = given[()]
    if not isinstance(given, Real) or isinstance(given, bool):
        return None
    try:
        n = float(given)
    except OverflowError:
        return None
    return int(n) if n >= 1 and n.is_integer() else None


def known_size(d: Dim, sizes: Mapping[str, Dim]) -> int:
    """A size as a number."""
    n = substitute(d, sizes)
    if isinstance(n, str):
        hint = f"Pass {{'{names_of(n)[0]}': 3}}, say."
        raise EvaluationError(f"The size {n} is not known from the arrays.", hint=hint)
    return n


def _counted(n: int, axis: int) -> str:
    return f"{n} {('row', 'column')[axis]}" + "s" * (n != 1)


class Sizes:
    """What the names of sizes are, from the shapes of arrays; two that disagree are refused with both names."""

    def __init__(self) -> None:
        self.known: dict[str, Dim] = {}
        self._origin: dict[str, str] = {}
        self._waiting: list[tuple[str, int, Dim, int]] = []

    def see(self, name: str, shape: Iterable[Dim], found: Iterable[int]) -> None:
        """Learn from an array for a name."""
        self._waiting += [(name, axis, d, n) for axis, (d, n) in enumerate(zip(shape, found, strict=True))]
        self._settle()

    def tell(self, name: str, given: object) -> None:
        """Learn a size that was given as a number."""
        if name not in self.known:
            self.known[name] = size_given(name, given)
            self._settle()
        elif size_in(given) not in (None, self.known[name]):
            origin = self._origin.get(name)
            source = f" by the array for {origin}" if origin else ""
            raise EvaluationError(f"The size {name} was given as {size_in(given)}, and is {self.known[name]}{source}.")

    def _settle(self) -> None:
        progress = True
        while progress:
            progress = False
            for item in list(self._waiting):
                if self._settled(*item):
                    self._waiting.remove(item)
                    progress = True

    def _settled(self, name: str, axis: int, d: Dim, n: int) -> bool:
        """Check a size that is known by now, or solve it for the one name in it that is not."""
        wanted = substitute(d, self.known)
        if isinstance(wanted, int):
            if wanted != n:
                raise EvaluationError(self._disagreement(name, axis, d, n, wanted))
            return True
        unknown = names_of(wanted)
        if len(unknown) > 1:
            return False
        (letter,) = unknown
        rest = substitute(wanted, {letter: 0})
        slope = plus(substitute(wanted, {letter: 1}), times(-1, rest))
        linear = plus(times(slope, letter), rest) == wanted
        value = divided(plus(n, times(-1, rest)), slope) if linear else solved(wanted, n)
        if not isinstance(value, int) or value < 1:
            raise EvaluationError(f"The array for {name} has {_counted(n, axis)}, which {d} cannot be.")
        self.known[letter] = value
        self._origin[letter] = name
        return True

    def _disagreement(self, name: str, axis: int, d: Dim, n: int, wanted: int) -> str:
        said = f"The array for {name} has {_counted(n, axis)}"
        if isinstance(d, int):
            return f"{said}, and {d} should be there."
        origin = next((self._origin[x] for x in names_of(d) if x in self._origin), name)
        source = "" if origin == name else f" by the array for {origin}"
        return f"{said}, and {d} is {wanted}{source}."


def called(name: str, order: int, functions: Mapping[str, Sequence[Function | None]], args: Sequence[Any]) -> Array:
    """The value of an unspecified function, or of a derivative of it, as it was given."""
    primed = name + "'" * order
    given = functions.get(name, ())
    f = given[order] if len(given) > order else None
    if f is None:
        raise EvaluationError(
            f"No function was given for {primed}.",
            hint=f"Pass functions={{'{name}': (value, derivative, second_derivative)}}.",
        )
    try:
        inspect.signature(f).bind(*args)
    except TypeError as problem:
        raise EvaluationError(f"The function given for {primed} cannot be called so: {problem}.") from None
    except ValueError:  # one that is compiled does not tell its signature
        pass
    try:
        value = f(*args)
    except FAILURES as problem:
        reason = f"{type(problem).__name__}: {problem}"
        raise EvaluationError(f"The function given for {primed} fails here with {reason}.") from problem
    return real_array(f"The value of the function given for {primed}", value)


def shaped(array: Array, shape: Sequence[int], e: Expr) -> Array:
    """What a function returned for a node, in the shape that is needed."""
    if array.size != int(np.prod(shape)):
        raise misshapen(e, array, " × ".join(map(str, shape)) or "one number")
    return array.reshape(shape)


def misshapen(e: Expr, array: Array, wanted: str) -> EvaluationError:
    """That a function gave an array of another shape than its declaration says."""
    name = e.data.name + "'" * e.data.order
    return EvaluationError(
        f"The function given for {name} returned an array of shape {array.shape}, where {wanted} was expected."
    )
