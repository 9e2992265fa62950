"""That a `code` clause is one, and says in numbers what the operator is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from ..errors import EvaluationError, MatcalcError, RuleError
from ..evaluation.code import in_floats
from ..evaluation.precise import Precise
from ..evaluation.sizes import is_telling, size_choices
from ..expressions.dimensions import SCALAR, names_of
from ..expressions.nodes import Code, Expr, Operation, node
from ..expressions.parts import symbols
from ..language.code import parse_code, terms
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Entry, Operator
from ..packages import available
from ..rulebook.book import RuleBook
from .agreement import KINKS
from .closely import DIGITS
from .definitions import expanded, meaningless
from .kinks import both_sides
from .laws import refused
from .outcomes import Checked, NoValue
from .points import Point, random_points
from .slopes import EXACT, TOLERANCE, at, differ, magnitude
from .stand_ins import Array

POINTS = 3  # for each choice of sizes
SYMBOLICALLY = 2  # points that SymPy computes


def check_code(operator: Operator, book: RuleBook, entry: Entry) -> Checked | None:
    """Hold the code of an operator against its definition; RuleError with the numbers where they differ.

    Where there is none, the operator's own rules are held against the code: its differential against the slope of that.
    """
    code = operator.code
    if code is None:
        return None
    for language, clause in (("numpy", code.numpy), ("sympy", code.sympy)):
        try:
            _check_places(operator, clause)
            if language == "numpy" and clause:
                in_floats(clause)
        except MatcalcError as problem:
            raise RuleError(
                f"{entry.file}:{entry.line}: operator {entry.name}: code {language}: {problem}"
            ) from problem
    if code.sympy and available("sympy"):
        _check_sympy(operator, book, entry, code)
    if not code.numpy:
        return None
    rule = book.rules.definitions.get(operator.name)
    if rule is None:
        return None
    coded = Operation(False, None, None, code)
    left = node(operator.name, rule.pattern.args, coded, rule.pattern.shape)
    right = expanded(book, rule.template)
    if missing := meaningless(book, right):
        return Checked(0, f"{missing} has no definition that could be evaluated")
    compared, telling = 0, False
    for point in _points(left, right):
        try:
            wanted = at(right, point)
        except NoValue:
            continue
        difference = _difference(left, right, point, wanted)
        if difference:
            shapes = ", ".join(f"{e.name} {'×'.join(map(str, point.shape(e)))}" for e in symbols(left))
            raise refused(entry, f"its code and its definition are {difference} (with {shapes})")
        compared += 1
        telling = telling or is_telling(point.sizes)
    if not telling:
        raise refused(entry, "its code could not be checked: no point was found where its definition has a value")
    return Checked(compared)


def _misspelt(entry: Entry, language: str, problem: MatcalcError) -> RuleError:
    return RuleError(f"{entry.file}:{entry.line}: operator {entry.name}: code {language}: {problem}")


def _check_places(operator: Operator, clause: str) -> None:
    """The places are arguments or sizes."""
    places = {t.text for t in terms(parse_code(clause)) if t.kind == "place"} if clause else set()
    sizes = {d for shape in (*operator.params, operator.result) for d in shape if names_of(d) == (d,)}
    for place in sorted(places):
        if place.isdecimal() and int(place) > len(operator.params):
            raise EvaluationError(f"{{{place}}} stands for no argument: the operator has {len(operator.params)}.")
        if not place.isdecimal() and place not in sizes:
            said = f"the sizes are {', '.join(sorted(map(str, sizes)))}" if sizes else "there are none"
            raise EvaluationError(f"{{{place}}} is no size of the operator; {said}.")


def _check_sympy(operator: Operator, book: RuleBook, entry: Entry, code: Code) -> None:
    """SymPy's value is that of NumPy's functions, or of the definition."""
    import sympy

    from ..printing.sympy_code import FAILS, computed

    algebra = Algebra(book.plain())
    args = tuple(algebra.symbol(f"X{i}", shape) for i, shape in enumerate(operator.params))
    e = node(operator.name, args, book.plain().operation(operator.name), operator.result)
    wanted = expanded(book, e)
    if meaningless(book, wanted):
        return
    for number, sizes in enumerate(islice((s for s in size_choices(wanted) if max(s.values(), default=1) < 3), 3)):
        for point in islice(random_points([wanted], sizes, number), SYMBOLICALLY):
            try:
                value = at(wanted, point)
            except NoValue:
                continue
            arrays = [point.paths[a.name](0.0) for a in args]
            operands = [
                sympy.Float(a[0, 0]) if shape == SCALAR else sympy.ImmutableMatrix(*a.shape, list(map(float, a.flat)))
                for a, shape in zip(arrays, operator.params, strict=True)
            ]
            try:
                found = computed(code.sympy, operator.elementwise, operands, dict(point.sizes))
                entries = list(found) if hasattr(found, "shape") or isinstance(found, list) else [found]
                numbers = [complex(sympy.N(sympy.sympify(x, strict=True).doit())) for x in entries]
            except MatcalcError as problem:
                raise _misspelt(entry, "sympy", problem) from problem
            except FAILS as problem:
                raise refused(entry, f"its code in SymPy has no value here: {problem}") from problem
            if len(numbers) != value.size:
                raise refused(entry, f"its code in SymPy has {len(numbers)} entries, and its value {value.size}")
            made = np.array([x.real for x in numbers]).reshape(value.shape)
            if difference := differ(made, value, TOLERANCE, magnitude(value)):
                raise refused(entry, f"its code in SymPy and its value are {difference}")


def _points(left: Expr, right: Expr) -> Iterator[Point]:
    for number, sizes in enumerate(size_choices(left, right)):
        yield from islice(random_points([left, right], sizes, number), POINTS)
        start = next(random_points([left, right], sizes, number))
        yield from islice(both_sides(start, right), KINKS if number < 2 else 0)


def _difference(left: Expr, right: Expr, point: Point, wanted: Array) -> str:
    """How what the code gives differs from what it should; nothing where only rounding of the definition is seen."""
    try:
        found = at(left, point)
    except NoValue as problem:
        return f"{problem} and {np.array2string(wanted, precision=6)}"
    difference = differ(found, wanted, EXACT, magnitude(wanted))
    if difference:
        precise = Precise(DIGITS)
        arrays = {name: precise.lifted(a) for name, a in point.matrices().items()}
        (exact,) = precise.evaluate([right], arrays, point.sizes, point.functions)
        if precise.is_real(exact):
            assert isinstance(exact, np.ndarray)
            rounded = np.array([[float(precise.ctx.re(x)) for x in row] for row in exact])
            return differ(found, rounded, EXACT, magnitude(rounded))
    return difference
