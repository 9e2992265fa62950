"""Numbers as witnesses: that a derivative is one, and that a rule is true.

`check` compares an answer and every differential line of its derivation with slopes of the function along random
curves.  `check_rule`, `check_operator` and `check_entries` do the like for the entries of rule files, which need
nothing but to exist.  Nothing of the calculus is used here: a function is only evaluated.

Points are members of the stated domain, and not its nicest ones: a sampled symmetric matrix hides a missing transpose.
So a plain random matrix is tried first, and positive, small or well-conditioned ones only where that has no value.
A structured variable moves along a curve of its kind: an orthogonal matrix stays orthogonal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import EvaluationError, RuleError, VerificationError
from ..evaluation.arrays import CONSTANTS, MEANING
from ..expressions.dimensions import SCALAR, Dim, Shape, names_of, substitute
from ..expressions.nodes import Expr, dimensions, fold, node, postorder, symbols
from ..normal_form.algebra import Algebra, closure
from ..normal_form.theory import Entry, Rule
from ..rulebook.book import RuleBook

if TYPE_CHECKING:
    from ..derivatives.derivative import Derivative
    from ..normal_form.theory import Operator

Array = np.ndarray[Any, np.dtype[Any]]
Path = Callable[[float], Array]

TOLERANCE = 1e-6  # relative, of a slope found with numbers
EXACT = 1e-8  # relative, of two values that should be one
AGREEMENT = 1e-7  # relative, of two slopes found with different steps
STEPS = (1e-2, 1.7e-3, 3e-4)  # the widest of the steps that a slope is extrapolated from, in turn
STEADY = 1e-11  # a value that a change of this size in the inputs changes visibly is none
LARGEST = 1e7  # what is larger may oscillate faster than the steps
ATTEMPTS = 24
SIZES = (
    (2, 3, 4, 5, 6, 7, 8),
    (3, 2, 5, 4, 7, 6, 9),
    (1, 1, 1, 1, 1, 1, 1),
    (4, 1, 3, 1, 2, 1, 5),
    (1, 4, 1, 2, 1, 3, 1),
    (6, 3, 4, 2, 5, 1, 2),
)
"""Sizes for the names of dimensions, in order: even, odd, rectangular, and 1; in the last, 6 is half of 3×3."""
BLOCKS = ((6, 6, 2, 3, 3, 2), (4, 3, 2, 1, 2, 3))
"""Sizes where the first two are the products of the next ones, for operators on blocks."""
DESCENDING = (
    (3, 2, 4, 5, 6, 7, 8),
    (2, 3, 5, 4, 7, 6, 9),
    (5, 4, 3, 2, 4, 3, 2),
    (2, 3, 4, 5, 6, 7, 8),
    (3, 3, 3, 3, 3, 3, 3),
)
"""Sizes for a derivative; where the first have no point in its domain, the next are tried."""

_STRUCTURAL = frozenset(
    "symbol zero ones identity add had mul scale transpose power dotpower call index unit entry commutation".split()
)
_SLOW = frozenset("expm logm sqrtm frechet_expm frechet_logm frechet_sqrtm kronecker_expm".split())
_LINEAR_SPACES = ("symmetric", "skew", "diagonal", "lower", "upper")


@dataclass(frozen=True, slots=True)
class Checked:
    """How many points agreed; `reason` says why there were none."""

    points: int
    reason: str = ""

    def __bool__(self) -> bool:
        return self.points > 0


class _NoValue(Exception):
    """A function has no value, or no slope, at a point."""


# --- points ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Point:
    """Sizes, a curve through a value for every symbol, and stand-ins for the unspecified functions."""

    sizes: dict[str, int]
    paths: dict[str, Path]
    tangents: dict[str, Array]
    functions: dict[str, Any] = field(default_factory=dict)

    def arrays(self, moving: Iterable[str] = (), t: float = 0.0) -> dict[str, Any]:
        """The arrays by name; what moves is taken at time t, the rest at 0."""
        moves = set(moving)
        return {n: p(t if n in moves else 0.0) for n, p in self.paths.items()} | self.sizes

    def shape(self, e: Expr) -> tuple[int, int]:
        """The shape of an expression here."""
        rows, columns = (_size(d, self.sizes) for d in e.shape)
        return rows, columns


def _size(d: Dim, sizes: Mapping[str, int]) -> int:
    found = substitute(d, dict(sizes))
    if not isinstance(found, int):
        raise _NoValue(f"the size {d} is not known")
    return found


def _points(
    roots: Sequence[Expr],
    sizes: Mapping[str, int],
    seed: int,
    conditions: Mapping[str, frozenset[str]] | None = None,
    but: Iterable[str] = (),
) -> Iterator[Point]:
    """Points for all symbols `but` these, plain random ones first, then nicer ones.

    Symbols have their properties and those of the conditions; what stands in the exponent of a matrix is an integer.
    """
    exponents = {e.name for x in postorder(*roots) if x.head == "power" for e in symbols(x.args[1])}
    leaves = sorted({e.name: e for e in symbols(*roots) if e.name not in (*but, *CONSTANTS)}.items())
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([seed, attempt])
        point = Point(dict(sizes), {}, {}, _stand_ins(roots, sizes, seed))
        for name, e in leaves:
            wanted = closure(e.data.properties | (conditions or {}).get(name, frozenset()))
            if name in exponents:
                wanted |= {"integer"}
            mood = _MOODS[attempt - 2 if 2 < attempt < 2 + len(_MOODS) else 0 if attempt <= 2 else rng.integers(6)]
            curve = _curve(rng, name, point.shape(e), wanted, mood)
            if name in sizes:
                curve = _straight(np.full((1, 1), float(sizes[name])), np.zeros((1, 1)))
            point.paths[name], point.tangents[name] = curve
        yield point


_MOODS = ("plain", "positive", "small", "near the identity", "positive definite", "in (0, 1)")


def _free(rng: np.random.Generator, shape: tuple[int, int], mood: str) -> Array:
    """A random matrix without a structure."""
    plain = rng.standard_normal(shape)
    square = shape[0] == shape[1]
    if mood == "positive":
        return rng.uniform(0.4, 2.2, shape)
    if mood == "in (0, 1)":
        return rng.uniform(0.1, 0.8, shape)
    if mood == "small":
        return 0.3 * plain
    if mood == "near the identity" and square:
        return np.eye(shape[0]) + 0.15 * plain
    if mood == "positive definite" and square:
        return plain @ plain.T + 0.5 * np.eye(shape[0])
    return plain


def _straight(start: Array, tangent: Array) -> tuple[Path, Array]:
    return (lambda t: start + t * tangent), tangent


def _curve(
    rng: np.random.Generator, name: str, shape: tuple[int, int], wanted: frozenset[str], mood: str
) -> tuple[Path, Array]:
    """A curve in the set of matrices with the wanted properties, and its tangent at time 0."""
    if "integer" in wanted:
        return _straight(np.full(shape, float(rng.integers(2, 4))), np.zeros(shape))
    if wanted & {"orthogonal", "idempotent"} and shape[0] == shape[1]:
        return _group_curve(rng, shape[0], wanted)
    start, tangent = _free(rng, shape, mood), rng.standard_normal(shape)
    if "stiefel" in wanted:
        return _stiefel_curve(rng, start)
    if wanted & {"positive", "nonnegative"}:
        start = abs(start) + 0.1
    if shape[0] != shape[1]:
        return _straight(start, tangent)
    if wanted & {"spd", "psd"}:
        start = start @ start.T + 0.4 * np.eye(shape[0])
    for kind in _LINEAR_SPACES:
        if kind in wanted:
            start, tangent = _in_space(kind, start), _in_space(kind, tangent)
    return _straight(start, tangent)


def _stiefel_curve(rng: np.random.Generator, start: Array) -> tuple[Path, Array]:
    """Matrices with orthonormal columns, turned by orthogonal ones."""
    if start.shape[0] < start.shape[1]:
        start = start.T  # the transpose has orthonormal columns, and there is no matrix that has
    q = np.linalg.qr(start)[0]
    turn = rng.standard_normal((len(q), len(q)))
    skew = (turn - turn.T) / 2
    return (lambda t: _cayley(skew, t) @ q), skew @ q


def _cayley(skew: Array, t: float) -> Array:
    """The orthogonal matrix (I - tS/2)⁻¹ (I + tS/2), whose slope at 0 is S."""
    return np.asarray(np.linalg.solve(np.eye(len(skew)) - t / 2 * skew, np.eye(len(skew)) + t / 2 * skew))


def _in_space(kind: str, a: Array) -> Array:
    if kind == "symmetric":
        return (a + a.T) / 2
    if kind == "skew":
        return (a - a.T) / 2
    return np.diag(np.diag(a)) if kind == "diagonal" else np.tril(a) if kind == "lower" else np.triu(a)


def _group_curve(rng: np.random.Generator, n: int, wanted: frozenset[str]) -> tuple[Path, Array]:
    """Orthogonal matrices, projections and reflections, turned by orthogonal or by any invertible matrices."""
    q = np.linalg.qr(rng.standard_normal((n, n)))[0] * rng.choice((-1.0, 1.0), n)
    turn = rng.standard_normal((n, n))
    skew = (turn - turn.T) / 2
    signs = np.diag(rng.choice((-1.0, 1.0), n)) if "orthogonal" in wanted else np.diag(rng.choice((0.0, 1.0), n))

    if wanted & {"idempotent", "symmetric"}:
        if "symmetric" in wanted:
            p = q @ signs @ q.T
            return (lambda t: _cayley(skew, t) @ p @ _cayley(skew, t).T), skew @ p - p @ skew
        s = np.eye(n) + 0.3 * rng.standard_normal((n, n))
        p = s @ signs @ np.linalg.inv(s)
        return (lambda t: (np.eye(n) + t * turn) @ p @ np.linalg.inv(np.eye(n) + t * turn)), turn @ p - p @ turn
    return (lambda t: q @ _cayley(skew, t)), q @ skew


def _stand_ins(roots: Sequence[Expr], sizes: Mapping[str, int], seed: int) -> dict[str, Any]:
    """Smooth functions with their derivatives, for the unspecified ones."""
    found: dict[str, Any] = {}
    calls = [e for e in postorder(*roots) if e.head == "call"]
    entrywise = {e.data.name for e in calls if e.data.elementwise}  # such a function may be called with a scalar too
    for e in calls:
        if e.data.name not in found:
            result = _value_shape(e)
            salt = [seed, *e.data.name.encode()]
            if e.data.name in entrywise:
                found[e.data.name] = _entrywise_stand_in(np.random.default_rng(salt))
            elif result == SCALAR:
                found[e.data.name] = _scalar_stand_in(salt)
            else:
                found[e.data.name] = _array_stand_in(salt, (_size(result[0], sizes), _size(result[1], sizes)))
    return found


def _value_shape(e: Expr) -> Shape:
    """The shape of an unspecified function's value, from a call of it or of its derivative."""
    x = e.args[0]
    if e.data.order == 0 or x.shape == SCALAR:
        return e.shape
    return SCALAR if e.shape == x.shape else (e.shape[0], 1)


def _entrywise_stand_in(rng: np.random.Generator) -> tuple[Callable[[Array], Array], ...]:
    a, b = rng.uniform(0.5, 1.5, 2)
    return (
        lambda z: np.sin(a * z + b) + z * z / 4,
        lambda z: a * np.cos(a * z + b) + z / 2,
        lambda z: -a * a * np.sin(a * z + b) + 0.5,
        lambda z: -(a**3) * np.cos(a * z + b),
    )


def _coefficients(salt: Sequence[int], shape: tuple[int, ...], which: int) -> Array:
    """The same numbers for the same shape, so that one function takes arguments of several."""
    return np.asarray(np.random.default_rng([*salt, which, *shape]).standard_normal(shape))


def _scalar_stand_in(salt: Sequence[int]) -> tuple[Callable[..., Any], ...]:
    """sin(A : X) + ½ B : X ⊙ X, summed over its arguments; the derivatives are those by one argument."""

    def parts(x: Array) -> tuple[Array, Array, Any]:
        a, b = (_coefficients(salt, np.shape(x), i) for i in (0, 1))
        return a, b, (a * x).sum()

    def value(*args: Array) -> Any:
        return sum(np.sin(parts(x)[2]) + (parts(x)[1] * x * x).sum() / 2 for x in args)

    def first(x: Array) -> Any:
        a, b, s = parts(x)
        return np.cos(s) * a + b * x

    def second(x: Array) -> Any:
        a, b, s = parts(x)
        flat = -np.sin(s) * np.multiply.outer(a, a)
        return flat + (np.diag(b) if np.ndim(x) == 1 else b if np.ndim(x) == 0 else 0)

    return value, first, second


def _array_stand_in(salt: Sequence[int], result: tuple[int, int]) -> tuple[Callable[..., Any], ...]:
    """M sin(N vec(X)) in the shape of the result, summed over its arguments."""

    def parts(x: Array) -> tuple[Array, Array]:
        flat = np.asarray(x).reshape(-1)
        return _coefficients(salt, (result[0] * result[1], 3), 2), _coefficients(salt, (3, flat.size), 3)

    def value(*args: Array) -> Array:
        total = sum(m @ np.sin(n @ np.asarray(x).reshape(-1)) for x in args for m, n in [parts(x)])
        return np.asarray(total).reshape(result)

    def first(x: Array) -> Array:
        m, n = parts(x)
        jacobian = m @ (np.cos(n @ np.asarray(x).reshape(-1))[:, None] * n)
        return np.asarray(jacobian.reshape(result) if np.ndim(x) == 0 else jacobian)

    return value, first


# --- values and slopes ----------------------------------------------------------------------------------------------


def _value(e: Expr, arrays: Mapping[str, Any], functions: Mapping[str, Any], shape: tuple[int, int]) -> Array:
    """The value as a matrix; raises _NoValue where there is no finite real one."""
    try:
        a = np.asarray(e.evaluate(arrays, functions)).reshape(shape)
    except (EvaluationError, ArithmeticError, ValueError, np.linalg.LinAlgError) as problem:
        raise _NoValue(str(problem)) from problem
    if a.dtype.kind == "c" or not np.isfinite(a).all():
        raise _NoValue("it has no finite real value")
    return a


def _at(
    e: Expr, point: Point, more: Mapping[str, Any] | None = None, moving: Iterable[str] = (), t: float = 0.0
) -> Array:
    return _value(e, {**point.arrays(moving, t), **(more or {})}, point.functions, point.shape(e))


def _steady(e: Expr, point: Point, more: Mapping[str, Any] | None = None) -> Array:
    """The value where the least change of the inputs does not change it: near a singular matrix numbers say nothing."""
    a = _at(e, point, more)
    b = _at(e, point, more, point.paths, STEADY)
    if np.abs(a - b).max(initial=0) > 1e-7 * (1 + np.abs(a).max(initial=0)):
        raise _NoValue("it is too sensitive there")
    return a


def _slope(e: Expr, point: Point, moving: Iterable[str]) -> Array:
    """The derivative along the curves at time 0, which two ranges of steps agree on: else it has a kink or waves."""
    names = list(moving)
    if _magnitude(_at(e, point)) > LARGEST:
        raise _NoValue("it is too large there")
    before: Array | None = None
    for step in STEPS:
        found = _extrapolated(e, point, names, step)
        if before is not None and _magnitude(found - before) <= AGREEMENT * (1e-3 + _magnitude(found)):
            return found
        before = found
    raise _NoValue("it has no slope there that numbers could find")


def _extrapolated(e: Expr, point: Point, names: Sequence[str], step: float) -> Array:
    """Central differences at four steps, extrapolated three times to a step of zero."""
    steps = [step / 2**i for i in range(4)]
    row = [(_at(e, point, None, names, h) - _at(e, point, None, names, -h)) / (2 * h) for h in steps]
    for level in range(1, 4):
        row = [(4**level * b - a) / (4**level - 1) for a, b in pairwise(row)]
    return np.asarray(row[0])


def _differ(a: Array, b: Array, tolerance: float, scale: float = 0.0) -> str:
    """Where and by how much two arrays differ, or nothing."""
    size = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0), 1e-3 * scale, 1e-6)
    gap = np.abs(a - b)
    if gap.max(initial=0) <= tolerance * size:
        return ""
    i, j = (int(k) for k in np.unravel_index(gap.argmax(), gap.shape))
    place = "" if a.size == 1 else f" in entry ({i + 1}, {j + 1})"
    return f"{a[i, j]:.10g} and {b[i, j]:.10g}{place}"


# --- derivatives ----------------------------------------------------------------------------------------------------


def check(derivative: Derivative, points: int = 2, seed: int = 0) -> Checked:
    """Compare an answer and the lines of its derivation with slopes of the function, at random points.

    Raises VerificationError that names the line which disagrees, with both numbers, and one that says so where no point
    could be found at which the function has a value and a slope.
    """
    task, f = derivative.task, derivative.function
    steps = derivative.derivation.steps
    if derivative.lower is not None:  # what is differentiated here is itself a derivative
        check(derivative.lower, points, seed)
        steps = steps[len(derivative.lower.derivation.steps) :]
    lines = [(s.left or "…", s.expression) for s in steps if s.kind == "differential"]
    answer = derivative.expression
    roots = [f, answer, *(e for _, e in lines), *task.holes]
    holes = {hole.name for hole in task.holes.values()}
    done, reason = 0, ""
    names = dimensions(*roots)
    conditions = {v.name: x.data.properties for v, x in task.read_as.items()}
    if derivative.structure == "stiefel":
        conditions[derivative.variable.name] = frozenset({"stiefel"})
    for round_, choice in enumerate(DESCENDING):
        sizes = _sizes(names, choice)
        for point in _points(roots, sizes, seed + round_, conditions, holes) if done < points else ():
            try:
                _check_at(derivative, lines, answer, point)
            except _NoValue as problem:
                reason = str(problem)
                continue
            done += 1
            break
    if not done:
        raise VerificationError(
            f"This could not be checked with numbers: {reason}.",
            hint="Differentiate without verify=True, and check it otherwise.",
        )
    return Checked(done)


def _sizes(names: Iterable[str], choice: Sequence[int]) -> dict[str, int]:
    wanted = list(names)
    return {n: choice[i] if i < len(choice) else 2 + i % 3 for i, n in enumerate(wanted)}


def _check_at(d: Derivative, lines: Sequence[tuple[str, Expr]], answer: Expr, point: Point) -> None:
    """Compare at one point; a disagreement raises VerificationError."""
    task, f, v = d.task, d.function, d.variable
    scale = _magnitude(_steady(f, point))
    mine = _slope(f, point, [v.name])
    moved = point.tangents[v.name]
    g = _steady(answer, point, {task.holes[v].name: moved})
    _compare(f"the answer {_shown(answer)}", _along(d, g, moved), mine, scale)
    directions = {hole.name: point.tangents[x.name] for x, hole in task.holes.items()}
    present = {x.name for _, e in lines for x in symbols(e)} & set(directions)
    wanted = [x.name for x, hole in task.holes.items() if hole.name in present]
    along = mine if wanted in ([], [v.name]) else _slope(f, point, wanted)  # lines that are equal move alike
    for left, e in lines:
        _compare(f"the line {left} = {_shown(e)}", _steady(e, point, directions), along, scale)


def _along(d: Derivative, g: Array, moved: Array) -> Array:
    """What an answer says the slope is."""
    if d.layout is not None and d.kind != "differential":
        g = g.T
    if d.kind == "gradient":
        counted = np.tril(moved) if d.structure == "independent-entries" else moved
        return np.asarray((g * counted).sum()).reshape(1, 1)
    if d.kind == "jacobian":
        return np.asarray(g @ moved)
    return g * moved[0, 0] if d.kind == "derivative" else g


def _compare(what: str, said: Array, found: Array, scale: float) -> None:
    difference = _differ(said, found, TOLERANCE, scale)
    if difference:
        raise VerificationError(f"Numbers disagree with {what}: it says and the function has {difference}.")


def _shown(e: Expr) -> str:
    text = str(e) if e.size <= 200 else f"a long expression of head {e.head}"
    return text if len(text) <= 120 else text[:119] + "…"


# --- rules ----------------------------------------------------------------------------------------------------------


def check_entries(book: RuleBook, entries: Iterable[Entry]) -> list[tuple[Entry, str]]:
    """Check operators and rules of a rule file; RuleError names the file, the line and the numbers.

    What comes back is what could not be checked, with the reason: an operator without a definition has no numbers.
    """
    wanted = {e.key: e for e in entries}
    quantified = [e for e in wanted.values() if e.quantifier]
    unchecked: list[tuple[Entry, str]] = []
    for entry in wanted.values():
        if entry.kind == "operator":
            made = check_operator(book.operator(entry.name), book, entry)
            if not made:
                unchecked.append((entry, made.reason))
    for rule in book.all_rules():
        mine = rule.entry.key in wanted or any(
            rule.entry.line == q.line and rule.entry.file == q.file for q in quantified
        )
        if mine:
            made = check_rule(rule, book)
            if not made:
                unchecked.append((rule.entry, made.reason))
    return unchecked


def check_rule(rule: Rule, book: RuleBook) -> Checked:
    """Whether a rule is true, at sizes odd, even, rectangular and 1; raises RuleError with the numbers if it is not."""
    pattern, template = _expanded(book, rule.pattern), _expanded(book, rule.template)
    missing = _meaningless(book, pattern, template)
    if missing:
        return Checked(0, f"{missing} has no definition that could be evaluated")
    conditions = {v.name: wanted for v, wanted in rule.conditions.items()}
    holes = {h.name for h in rule.differentials.values()}
    roots = [pattern, template]
    done, reason = 0, "no point was found where both sides have a value"
    seen: set[tuple[int, ...]] = set()
    slow = any(e.head in _SLOW for e in postorder(*roots))
    operated = {"adjoint": rule.pattern.args[-1:], "form": (rule.pattern,)}.get(rule.kind, ())
    jointly = any("jointly-linear" in book.operator(e.head).tags for e in operated if e.head in book.operators)
    for seed, choice in enumerate(SIZES[:3] if slow else SIZES):
        sizes = _sizes(dimensions(*roots), choice)
        if tuple(sizes.values()) in seen and seed > 2:
            continue
        seen.add(tuple(sizes.values()))
        for point in _points(roots, sizes, seed, conditions, holes):
            try:
                problem = _contradiction(rule, pattern, template, point, jointly)
            except _NoValue as why:
                reason = str(why)
                continue
            if problem:
                shapes = ", ".join(f"{e.name} {_times(point, e)}" for e in postorder(pattern) if e.head == "symbol")
                raise _refused(rule.entry, f"it is not true: {problem}" + (f" (with {shapes})" if shapes else ""))
            done += 1
            break
    return Checked(done, "" if done else reason)


def _refused(entry: Entry, reason: str) -> RuleError:
    return RuleError(f"{entry.file}:{entry.line}: {entry.kind} {entry.name}: {reason}.")


def _times(point: Point, e: Expr) -> str:
    rows, columns = point.shape(e)
    return f"{rows}×{columns}"


def _contradiction(rule: Rule, pattern: Expr, template: Expr, point: Point, jointly: bool) -> str:
    """What a rule gets wrong at a point, in numbers."""
    kind = rule.kind
    operated = rule.pattern.args[1] if kind == "adjoint" else rule.pattern  # `pattern` has its definition instead
    if jointly:  # the operator is linear in all its arguments at once: the others are zero
        others = [a for i, a in enumerate(operated.args) if i != rule.slot]
        for x in symbols(*others):
            point.paths[x.name] = _straight(np.zeros(point.shape(x)), np.zeros(point.shape(x)))[0]
    if kind == "differential":
        moving = {v.name: h.name for v, h in rule.differentials.items()}
        found = (
            _slope(pattern, point, moving) if moving else _slope(pattern, point, [v.name for v in _variables(pattern)])
        )
        said = _steady(template, point, {h: point.tangents[v] for v, h in moving.items()})
        difference = _differ(found, said, TOLERANCE, _magnitude(_at(pattern, point)))
        return difference and f"the slope of the left side and the right side are {difference}"
    if kind == "adjoint":
        moved = _steady(operated.args[rule.slot], point)
        left, right = _steady(pattern, point), (_steady(template, point) * moved).sum().reshape(1, 1)
        difference = _differ(left, right, EXACT, _magnitude(moved))
        return difference and f"the sides are {difference}"
    if kind == "form" and rule.entry.form == "kronecker":
        moved = _steady(operated.args[rule.slot], point)
        left, right = _vec(_steady(pattern, point)), _steady(template, point) @ _vec(moved)
        difference = _differ(left, right, EXACT, _magnitude(moved))
        return difference and f"the sides are {difference}"
    left = _steady(pattern, point)
    if kind == "property":
        wanted = rule.entry.sides[1]
        holds = PROPERTIES.get(wanted)
        if holds is None:
            raise _NoValue(f"'{wanted}' is not a property that numbers can show")
        return "" if holds(left) else f"the left side is not {wanted}: {np.array2string(left, precision=4)}"
    right = _steady(template, point)
    difference = _differ(left, right, EXACT)
    return difference and f"the sides are {difference}"


def _variables(e: Expr) -> list[Expr]:
    return symbols(e)


def _magnitude(a: Array) -> float:
    return float(np.abs(a).max(initial=0))


def _vec(a: Array) -> Array:
    return a.reshape(-1, 1, order="F")


def _near(a: Array, b: Array) -> bool:
    return a.shape == b.shape and not _differ(a, b, EXACT, _magnitude(a))


PROPERTIES: dict[str, Callable[[Array], bool]] = {
    "symmetric": lambda a: _near(a, a.T),
    "skew": lambda a: _near(a, -a.T),
    "diagonal": lambda a: _near(a, np.diag(np.diag(a))),
    "lower": lambda a: _near(a, np.tril(a)),
    "upper": lambda a: _near(a, np.triu(a)),
    "orthogonal": lambda a: _near(a @ a.T, np.eye(len(a))),
    "idempotent": lambda a: _near(a @ a, a),
    "invertible": lambda a: bool(np.linalg.cond(a) < 1e12),
    "positive": lambda a: bool((a > 0).all()),
    "nonnegative": lambda a: bool((a >= -1e-12).all()),
    "psd": lambda a: _near(a, a.T) and bool(np.linalg.eigvalsh(a).min() > -1e-9),
    "spd": lambda a: _near(a, a.T) and bool(np.linalg.eigvalsh(a).min() > 1e-12),
}
"""What a property means in numbers."""


# --- definitions ----------------------------------------------------------------------------------------------------


def _defining(book: RuleBook, head: str) -> Rule | None:
    """The rule that defines an operator, or the simplify rule that always replaces it."""
    operator = book.operator(head)
    found = book.definitions.get(head)
    if found is not None:
        return found
    for rule in book.simplify_rules.get(head, ()):
        args = rule.pattern.args
        general = all(a.head == "symbol" for a in args) and len(set(args)) == len(args) and not rule.conditions
        if general and _as_general(operator, [a.shape for a in args]):
            return rule
    return None


def _as_general(operator: Operator, shapes: Sequence[Shape]) -> bool:
    """Whether operands of these shapes are all that the operator takes."""
    there: dict[Dim, Dim] = {}
    back: dict[Dim, Dim] = {}
    for wanted, shape in zip(operator.params, shapes, strict=True):
        for w, d in zip(wanted, shape, strict=True):
            if there.setdefault(w, d) != d or back.setdefault(d, w) != w:
                return False
    return True


def _expanded(book: RuleBook, root: Expr, depth: int = 8) -> Expr:
    """The expression with every operator that has no meaning of its own replaced by its definition."""
    algebra = Algebra(book.plain())

    def unfold(e: Expr, args: list[Expr]) -> Expr:
        made = e if all(a is b for a, b in zip(args, e.args, strict=True)) else algebra.rebuild(e, args)
        if made.head in _STRUCTURAL or made.head in MEANING or not depth or made.head not in book.operators:
            return made
        rule = _defining(book, made.head)
        if rule is None:
            return made
        dims: dict[str, Dim] = {}
        for wanted, a in zip(rule.pattern.args, made.args, strict=True):
            dims |= {w: d for w, d in zip(wanted.shape, a.shape, strict=True) if isinstance(w, str)}
        replaced = algebra.substitute(rule.template, dict(zip(rule.pattern.args, made.args, strict=True)), dims)
        return _expanded(book, replaced, depth - 1)

    return fold(root, unfold, {})


def _meaningless(book: RuleBook, *roots: Expr) -> str:
    """An operator without a value, or nothing; what takes its size from where it stands is evaluated by that."""
    known = {name for name, o in book.operators.items() if "sized" in o.tags} | _STRUCTURAL | set(MEANING)
    return next((e.head for e in postorder(*roots) if e.head not in known), "")


# --- operators ------------------------------------------------------------------------------------------------------


def check_operator(operator: Operator, book: RuleBook, entry: Entry | None = None) -> Checked:
    """Whether an operator has the laws that its tags claim; raises RuleError with the numbers if it has not."""
    where = entry or next(e for e in book.entries if e.kind == "operator" and e.name == operator.name)
    claims = {c: LAWS[c] for c in LAWS if c in operator.tags}
    for slot in range(len(operator.params)):
        if f"linear in {slot + 1}" in operator.tags:
            claims[f"linear in {slot + 1}"] = partial(_is_linear, slots=(slot,))
    done, reason = 0, "no point was found where it has a value"
    several = SIZES[:3] if operator.name in _SLOW else (*SIZES, *BLOCKS) if "sized" in operator.tags else SIZES
    for seed, choice in enumerate(several):
        sizes = _sizes(sorted({n for p in (*operator.params, operator.result) for d in p for n in names_of(d)}), choice)
        algebra = Algebra(book.plain())
        try:
            args = [algebra.symbol(f"X{i}", _numeric(p, sizes)) for i, p in enumerate(operator.params)]
            result = _numeric(operator.result, sizes)
        except _NoValue as why:
            return Checked(0, str(why))
        applied = _application(operator, book, args, result)
        if missing := _meaningless(book, applied):
            return Checked(0, f"{missing} has no definition that could be evaluated")
        for point in _points([applied, *args], {}, seed):
            try:
                _at(applied, point)
                for claim, law in claims.items():
                    problem = law(_Operation(operator, book, result, point), [point.paths[a.name](0.0) for a in args])
                    if problem:
                        raise _refused(where, f"it is not {claim}: {problem}")
            except _NoValue as why:
                reason = str(why)
                continue
            done += 1
            break
    return Checked(done, "" if done else reason)


def _numeric(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, int]:
    return _size(shape[0], sizes), _size(shape[1], sizes)


def _application(operator: Operator, book: RuleBook, args: Sequence[Expr], result: Shape) -> Expr:
    """The operator applied to symbols, unfolded; the structural ones by the algebra."""
    algebra = Algebra(book.plain())
    if operator.name == "mul":
        return algebra.mul(args)
    if operator.name == "had":
        return algebra.had([(a, 1) for a in args], result)
    if operator.name == "scale":
        return algebra.scale(args[0], args[1])
    if operator.name == "transpose":
        return algebra.transpose(args[0])
    if operator.name == "inv":
        return algebra.power(args[0], algebra.number(-1))
    return _expanded(book, node(operator.name, tuple(args), None, result))


@dataclass(slots=True)
class _Operation:
    """An operator as a function of arrays."""

    operator: Operator
    book: RuleBook
    result: tuple[int, int]
    point: Point

    def __call__(self, *arrays: Array) -> Array:
        algebra = Algebra(self.book.plain())
        symbols = [algebra.symbol(f"X{i}", (a.shape[0], a.shape[1])) for i, a in enumerate(arrays)]
        shape = self.result if "sized" in self.operator.tags else self._shape(arrays)
        e = _application(self.operator, self.book, symbols, shape)
        return _value(e, {s.name: a for s, a in zip(symbols, arrays, strict=True)}, {}, shape)

    def _shape(self, arrays: Sequence[Array]) -> tuple[int, int]:
        sizes: dict[str, int] = {}
        for wanted, a in zip(self.operator.params, arrays, strict=True):
            sizes |= {w: n for w, n in zip(wanted, a.shape, strict=True) if isinstance(w, str)}
        return _numeric(self.operator.result, sizes)


Law = Callable[[_Operation, list[Array]], str]


def _like(a: Array, salt: int) -> Array:
    return np.asarray(np.random.default_rng([salt, *a.shape]).standard_normal(a.shape))


def _is_linear(f: _Operation, args: list[Array], slots: Sequence[int] = (0, 1, 2)) -> str:
    """f(x + 3y) = f(x) + 3 f(y), in each argument on its own."""
    for slot, x in enumerate(args):
        if slot not in slots:
            continue
        y = _like(x, slot)
        left = f(*args[:slot], x + 3 * y, *args[slot + 1 :])
        right = f(*args) + 3 * f(*args[:slot], y, *args[slot + 1 :])
        if difference := _differ(left, right, EXACT, _magnitude(x)):
            return f"of X + 3 Y in its argument {slot + 1} and the sum of both: {difference}"
    return ""


def _is_jointly_linear(f: _Operation, args: list[Array]) -> str:
    """f(x + 3y) = f(x) + 3 f(y), in all arguments at once."""
    more = [_like(x, slot) for slot, x in enumerate(args)]
    left = f(*[x + 3 * y for x, y in zip(args, more, strict=True)])
    return _differ(left, f(*args) + 3 * f(*more), EXACT)


def _is_additive(f: _Operation, args: list[Array]) -> str:
    """f(x + y, …) = f(x, …) + f(y, …)."""
    y = _like(args[0], 3)
    return _differ(f(args[0] + y, *args[1:]), f(*args) + f(y, *args[1:]), EXACT)


def _is_elementwise(f: _Operation, args: list[Array]) -> str:
    one = np.array([[f(np.array([[entry]]))[0, 0] for entry in row] for row in args[0]])
    return _differ(f(*args), one, EXACT)


def _is_cyclic(f: _Operation, args: list[Array]) -> str:
    x, y = args[0], _like(args[0], 7)
    return _differ(f(x @ y), f(y @ x), EXACT, _magnitude(x))


def _is_associative(f: _Operation, args: list[Array]) -> str:
    x, y = args
    z = _like(np.zeros((y.shape[1], 2)), 5)
    return _differ(f(f(x, y), z), f(x, f(y, z)), EXACT)


LAWS: dict[str, Law] = {
    "linear": _is_linear,
    "bilinear": _is_linear,
    "jointly-linear": _is_jointly_linear,
    "additive": _is_additive,
    "associative": _is_associative,
    "commutative": lambda f, args: _differ(f(*args), f(*args[::-1]), EXACT),
    "cyclic": _is_cyclic,
    "elementwise": _is_elementwise,
    "transpose-invariant": lambda f, args: _differ(f(*args), f(args[0].T), EXACT),
    "transposable": lambda f, args: _differ(f(*args).T, f(*[a.T for a in args]), EXACT),
    "symmetric": lambda f, args: _differ(f(*args), f(*args).T, EXACT),
    "even": lambda f, args: _differ(f(*args), f(-args[0]), EXACT),
    "odd": lambda f, args: _differ(f(*args), -f(-args[0]), EXACT),
    "nonnegative": lambda f, args: "" if PROPERTIES["nonnegative"](f(*args)) else f"a value is {f(*args).min():.6g}",
}
"""What the tags of an operator claim."""


def values(roots: Sequence[Expr], count: int, seed: int = 0) -> Iterator[list[Array]]:
    """The values of expressions at `count` random points of their common domain.

    Raises VerificationError where no such point is found.
    """
    names = dimensions(*roots)
    found = 0
    for round_, choice in enumerate(DESCENDING):
        for point in _points(roots, _sizes(names, choice), seed + round_):
            try:
                both = [_steady(e, point) for e in roots]
            except _NoValue:
                continue
            yield both
            found += 1
            if found == count:
                return
            break
    if not found:
        raise VerificationError("No point was found where the expressions have values.")
