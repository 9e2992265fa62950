"""That an operator has the laws that its tags claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np

from ..errors import RuleError
from ..evaluation.arrays import Numbers
from ..evaluation.sizes import is_telling
from ..expressions.dimensions import SCALAR, Shape, names_of
from ..expressions.nodes import Expr, node
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Entry, Operator
from ..rulebook.book import RuleBook
from .definitions import expanded, meaningless
from .effort import takes_long
from .outcomes import Checked, NoValue
from .points import BLOCKS, SIZES, Point, random_points, sizes_of
from .properties import PROPERTIES
from .slopes import EXACT, differ, magnitude, value_at
from .stand_ins import Array, size_of


def check_operator(operator: Operator, book: RuleBook, entry: Entry | None = None) -> Checked:
    """Whether an operator has the laws that its tags claim; raises RuleError with the numbers if it has not."""
    where = entry or next(e for e in book.entries if e.kind == "operator" and e.name == operator.name)
    claims = {"": _has_a_value, **_claims(operator, book, where)}
    agreed, told = dict.fromkeys(claims, 0), set[str]()
    reason = "no point was found where it has a value"
    several = SIZES[:3] if takes_long(operator) else (*SIZES, *BLOCKS) if "sized" in operator.tags else SIZES
    for seed, choice in enumerate(several):
        shapes = (*operator.params, operator.result)
        sizes = sizes_of(sorted({n for p in shapes for d in p for n in names_of(d)}), choice)
        algebra = Algebra(book.plain())
        try:
            args = [algebra.symbol(f"X{i}", _numeric(p, sizes)) for i, p in enumerate(operator.params)]
            result = _numeric(operator.result, sizes)
        except NoValue as why:
            return Checked(0, str(why))
        applied = _application(operator, book, args, result)
        if missing := meaningless(book, applied):
            return Checked(0, f"{missing} has no definition that could be evaluated")
        waiting = dict(claims)
        # Some operators have a value where a number is an integer, and nowhere else.
        counts = {a.name: frozenset({"positive", "integer"}) for a in args if a.shape == SCALAR}
        points = (random_points([applied, *args], {}, seed, numbers) for numbers in ({}, counts))
        for point in chain.from_iterable(points):
            for claim, law in list(waiting.items()):
                try:
                    problem = law(_Operation(operator, book, result, point), [point.paths[a.name](0.0) for a in args])
                except NoValue as why:
                    reason = str(why)
                    continue
                if problem:
                    raise refused(where, f"it is not {claim}: {problem}")
                del waiting[claim]
                agreed[claim] += 1
                told |= {claim} if is_telling(sizes) else set()
            if not waiting:
                break
    for claim in claims:
        if claim not in told:
            raise refused(where, f"it could not be checked{claim and f' that it is {claim}'}: {reason}")
    return Checked(min(agreed.values()))


def _claims(operator: Operator, book: RuleBook, where: Entry) -> dict[str, Law]:
    """The laws that the tags claim; a tag that means nothing, or nothing of such operands, is refused."""
    slots = {f"linear in {slot + 1}": partial(_is_linear, slots=(slot,)) for slot in range(len(operator.params))}
    pools = {e.quantifier[1] for e in book.entries if e.quantifier}
    for tag in sorted(operator.tags):
        if tag not in LAWS and tag not in slots and tag not in pools and tag != "sized":
            raise refused(where, f"'{tag}' is not a tag of an operator of {len(operator.params)} arguments")
        if tag in OPERANDS and not OPERANDS[tag](operator):
            raise refused(where, f"it cannot be {tag}, with these shapes")
    return {tag: law for tag, law in (LAWS | slots).items() if tag in operator.tags}


def _numeric(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, int]:
    return size_of(shape[0], sizes), size_of(shape[1], sizes)


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
    return expanded(book, node(operator.name, tuple(args), book.plain().operation(operator.name), result))


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
        return value_at(e, Numbers({s.name: a for s, a in zip(symbols, arrays, strict=True)}, {}))

    def _shape(self, arrays: Sequence[Array]) -> tuple[int, int]:
        sizes: dict[str, int] = {}
        for wanted, a in zip(self.operator.params, arrays, strict=True):
            sizes |= {w: n for w, n in zip(wanted, a.shape, strict=True) if isinstance(w, str)}
        return _numeric(self.operator.result, sizes)


Law = Callable[[_Operation, list[Array]], str]


def _has_a_value(f: _Operation, args: list[Array]) -> str:
    f(*args)
    return ""


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
        if difference := differ(left, right, EXACT, magnitude(x)):
            return f"of X + 3 Y in its argument {slot + 1} and the sum of both: {difference}"
    return ""


def _is_jointly_linear(f: _Operation, args: list[Array]) -> str:
    """f(x + 3y) = f(x) + 3 f(y), in all arguments at once."""
    more = [_like(x, slot) for slot, x in enumerate(args)]
    left = f(*[x + 3 * y for x, y in zip(args, more, strict=True)])
    return differ(left, f(*args) + 3 * f(*more), EXACT)


def _is_additive(f: _Operation, args: list[Array]) -> str:
    """f(x + y, …) = f(x, …) + f(y, …)."""
    y = _like(args[0], 3)
    return differ(f(args[0] + y, *args[1:]), f(*args) + f(y, *args[1:]), EXACT)


def _is_elementwise(f: _Operation, args: list[Array]) -> str:
    one = np.array([[f(np.array([[entry]]))[0, 0] for entry in row] for row in args[0]])
    return differ(f(*args), one, EXACT)


def _is_cyclic(f: _Operation, args: list[Array]) -> str:
    x, y = args[0], _like(args[0], 7)
    return differ(f(x @ y), f(y @ x), EXACT, magnitude(x))


def _is_associative(f: _Operation, args: list[Array]) -> str:
    x, y = args
    z = _like(np.zeros((y.shape[1], 2)), 5)
    return differ(f(f(x, y), z), f(x, f(y, z)), EXACT)


LAWS: dict[str, Law] = {
    "linear": _is_linear,
    "bilinear": _is_linear,
    "jointly-linear": _is_jointly_linear,
    "additive": _is_additive,
    "associative": _is_associative,
    "commutative": lambda f, args: differ(f(*args), f(*args[::-1]), EXACT),
    "cyclic": _is_cyclic,
    "elementwise": _is_elementwise,
    "transpose-invariant": lambda f, args: differ(f(*args), f(args[0].T), EXACT),
    "transposable": lambda f, args: differ(f(*args).T, f(*[a.T for a in args]), EXACT),
    "symmetric": lambda f, args: differ(f(*args), f(*args).T, EXACT),
    "even": lambda f, args: differ(f(*args), f(-args[0]), EXACT),
    "odd": lambda f, args: differ(f(*args), -f(-args[0]), EXACT),
    "nonnegative": lambda f, args: "" if PROPERTIES["nonnegative"](f(*args)) else f"a value is {f(*args).min():.6g}",
}
"""What the tags of an operator claim."""

OPERANDS: dict[str, Callable[[Operator], bool]] = {
    "bilinear": lambda o: len(o.params) == 2,
    "jointly-linear": lambda o: len(o.params) > 1,
    "associative": lambda o: len(o.params) == 2,
    "commutative": lambda o: len(o.params) == 2 and o.params[0] == o.params[1],
    "cyclic": lambda o: len(o.params) == 1 and o.params[0][0] == o.params[0][1],
    "elementwise": lambda o: len(o.params) == 1 and o.params[0] == o.result,
    "transpose-invariant": lambda o: len(o.params) == 1,
    "even": lambda o: len(o.params) == 1,
    "odd": lambda o: len(o.params) == 1,
}
"""The operands of which a claim means something."""


def refused(entry: Entry, reason: str) -> RuleError:
    """The error that names an entry and its place."""
    return RuleError(f"{entry.file}:{entry.line}: {entry.kind} {entry.name}: {reason}.")
