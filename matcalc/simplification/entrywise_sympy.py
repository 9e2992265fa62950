"""Shorter forms of a scalar function, found by SymPy, which is not trusted: `agree` compares values.

SymPy takes longer to import than everything else together: import this module only on demand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from math import isfinite, prod
from random import Random

import sympy
from sympy.functions.elementary.hyperbolic import HyperbolicFunction
from sympy.functions.elementary.trigonometric import TrigonometricFunction
from sympy.simplify.fu import TR8

from ..errors import MatcalcError
from ..evaluation.arrays import evaluate
from ..expressions.dimensions import SCALAR, Shape
from ..expressions.nodes import Expr, fold
from ..expressions.parts import symbols
from ..expressions.threads import shared_lock
from ..normal_form.algebra import Algebra

KEPT = 4096  # forms, and comparisons, that are remembered
MOST_BULK = 500  # monomials of what is cancelled or factored
MOST_POWER = 64  # of a form that is translated back
POINTS = 8  # at random
FEWEST = 3  # at which both must have a value
CLOSE = 1e-8

FUNCTIONS = {
    "exp": sympy.exp, "log": sympy.log, "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "asin": sympy.asin,
    "acos": sympy.acos, "atan": sympy.atan, "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh,
    "abs": sympy.Abs, "sign": sympy.sign,
}  # fmt: skip
NAMES = {f: name for name, f in FUNCTIONS.items()}
RECIPROCALS = {
    sympy.cot: "tan", sympy.sec: "cos", sympy.csc: "sin", sympy.coth: "tanh", sympy.sech: "cosh", sympy.csch: "sinh",
}  # fmt: skip

Squares = dict[type, Callable[[sympy.Basic], sympy.Basic]]
SINES_SQUARED: Squares = {sympy.sin: lambda u: 1 - sympy.cos(u) ** 2, sympy.sinh: lambda u: sympy.cosh(u) ** 2 - 1}
COSINES_SQUARED: Squares = {sympy.cos: lambda u: 1 - sympy.sin(u) ** 2, sympy.cosh: lambda u: 1 + sympy.sinh(u) ** 2}


_asking = shared_lock()  # SymPy keeps tables of primes and the like, which threads must not fill at the same time


@lru_cache(maxsize=KEPT)
def forms(skeleton: Expr) -> tuple[sympy.Basic, ...]:
    """Other forms of a scalar expression, the same for one with other names in it, as its variables are numbered."""
    with _asking:
        return _forms(to_scalar(skeleton))


@lru_cache(maxsize=KEPT)
def _forms(e: sympy.Basic) -> tuple[sympy.Basic, ...]:
    """What single steps of SymPy give: `simplify` and `trigsimp`, which search, take minutes over what fills a line."""
    found: dict[sympy.Basic, None] = {e: None}

    def tried(f: Callable[[sympy.Basic], sympy.Basic], x: sympy.Basic) -> sympy.Basic:
        try:
            made = f(x)
        except Exception:  # whatever SymPy stumbles over: there is one form less
            return x
        found.setdefault(made)
        return made

    def reduced(x: sympy.Basic) -> sympy.Basic:
        return x if _bulk(x) > MOST_BULK else tried(sympy.factor, tried(sympy.cancel, x))

    reduced(e)
    if not e.has(sympy.exp, TrigonometricFunction, HyperbolicFunction):
        return tuple(found)
    for x in list(found):
        tried(sympy.exptrigsimp, x)
    if e.has(TrigonometricFunction):
        tried(TR8, sympy.expand(e))
    if e.has(HyperbolicFunction) and not e.has(sympy.tanh):
        tried(sympy.expand, e.rewrite(sympy.exp))
    for x in dict.fromkeys((e, _quotients(e), _single_angles(_quotients(e)))):
        for squares in (SINES_SQUARED, COSINES_SQUARED):
            rewritten = partial(_rewritten, squares)
            lower = tried(rewritten, reduced(tried(rewritten, x)))
            tried(_tangents, lower)
    return tuple(found)


def _quotients(e: sympy.Basic) -> sympy.Basic:
    """Tangents written with sines and cosines, in one fraction below every root."""
    for tangent, above, below in ((sympy.tan, sympy.sin, sympy.cos), (sympy.tanh, sympy.sinh, sympy.cosh)):
        e = e.replace(tangent, lambda u, above=above, below=below: above(u) / below(u))
    return e.replace(lambda x: x.is_Pow and x.base.is_Add, lambda x: sympy.together(x.base) ** x.exp)


def _single_angles(e: sympy.Basic) -> sympy.Basic:
    """Functions of multiples of an angle written with those of the angle, which may be a sum that is left alone."""
    angle = sympy.Dummy(real=True)

    def single(f: sympy.Basic) -> sympy.Basic:
        multiple, inner = f.args[0].primitive()
        return sympy.expand_trig(f.func(multiple * angle)).subs(angle, inner) if multiple.is_Integer else f

    return e.replace(lambda x: isinstance(x, sympy.sin | sympy.cos | sympy.sinh | sympy.cosh), single)


def _tangents(e: sympy.Basic) -> sympy.Basic:
    """Sines written with tangents, so that powers of cosines cancel."""
    e = e.replace(sympy.sin, lambda u: sympy.tan(u) * sympy.cos(u))
    return e.replace(sympy.sinh, lambda u: sympy.tanh(u) * sympy.cosh(u))


def _rewritten(squares: Squares, e: sympy.Basic) -> sympy.Basic:
    """Even powers of some functions written with others, and multiplied out within sums."""

    def power(x: sympy.Basic) -> sympy.Basic:
        half, odd = divmod(int(x.exp), 2)
        return squares[x.base.func](x.base.args[0]) ** half * x.base**odd

    def wanted(x: sympy.Basic) -> bool:
        return x.is_Pow and x.exp.is_Integer and x.exp > 1 and x.base.func in squares

    return e.replace(wanted, power).replace(lambda x: x.is_Add, sympy.expand)


def _bulk(e: sympy.Basic) -> int:
    """How many monomials the numerator and the denominator of an expression can have."""
    return prod(1 + max(pair) for pair in _degrees(e).values())


Degrees = dict[sympy.Basic, tuple[int, int]]
"""The degrees of numerator and denominator in each function, variable or root, before anything is cancelled."""


def _degrees(e: sympy.Basic) -> Degrees:
    if e.is_Rational:
        return {}
    if e.is_Mul:
        return _total([_degrees(a) for a in e.args])
    if e.is_Add:
        parts = [_degrees(a) for a in e.args]
        below = _total([dict(t) for t in {frozenset((x, (0, d)) for x, (_, d) in p.items() if d) for p in parts}])
        found: Degrees = {}
        for x in {x for p in parts for x in p}:
            common = below.get(x, (0, 0))[1]
            found[x] = (max(p.get(x, (0, 0))[0] + common - p.get(x, (0, 0))[1] for p in parts), common)
        return found
    if isinstance(e, sympy.exp):
        c, u = e.args[0].primitive()
        if u.could_extract_minus_sign():
            return {sympy.exp(-u): (0, int(c.p))}
        return {sympy.exp(u): (int(c.p), 0)}
    if e.is_Pow and e.exp.is_Rational:
        k = int(abs(e.exp.p))
        inner = _degrees(e.base) if e.exp.is_Integer else {e.base: (1, 0)}
        return {x: (k * a, k * b) if e.exp > 0 else (k * b, k * a) for x, (a, b) in inner.items()}
    return {e: (1, 0)}


def _total(parts: Sequence[Degrees]) -> Degrees:
    return {
        x: (sum(p.get(x, (0, 0))[0] for p in parts), sum(p.get(x, (0, 0))[1] for p in parts)) for p in parts for x in p
    }


def to_scalar(e: Expr) -> sympy.Basic:
    """A scalar expression in SymPy, which evaluates it: variables are real, and a sigmoid is written with exp."""

    def convert(x: Expr, args: list[sympy.Basic]) -> sympy.Basic:
        if x.head == "symbol":
            known = {p: True for p in ("positive", "nonnegative") if p in x.data.properties}
            return sympy.Symbol(x.name, real=True, **known)
        if x.head in ("ones", "zero"):
            return sympy.Integer(x.head == "ones")
        if x.head == "add":
            return sympy.Add(*[_number(c) * a for c, a in zip(x.data, args, strict=True)])
        if x.head == "had":
            return sympy.Mul(*[a ** _number(p) for a, p in zip(args, x.data, strict=True)])
        if x.head == "sigmoid":
            return 1 / (1 + sympy.exp(-args[0]))
        return FUNCTIONS.get(x.head, sympy.Function(x.head, real=True))(*args)

    return fold(e, convert, {})


def _number(c: int | Fraction) -> sympy.Rational:
    return sympy.Rational(c.numerator, c.denominator)


class _Foreign(Exception):
    """SymPy used something that there is no counterpart of here."""


def translated(algebra: Algebra, form: sympy.Basic, atoms: Sequence[Expr], shape: Shape) -> Expr | None:
    """A form as an expression of a shape in the atoms; None where it cannot be written as one."""
    try:
        made = _Translation(algebra, atoms, shape).of(form)
        return made if made.shape == shape else algebra.scale(made, algebra.ones(*shape))
    except (_Foreign, MatcalcError):  # a division by zero, say
        return None


class _Translation:
    """From SymPy back to expressions; what no matrix occurs in stays a scalar, and stands in front of matrices."""

    def __init__(self, algebra: Algebra, atoms: Sequence[Expr], shape: Shape) -> None:
        self.algebra, self.shape = algebra, shape
        self.atoms = {f"x{i}": a for i, a in enumerate(atoms, 1)}

    def of(self, e: sympy.Basic) -> Expr:
        """The expression, by recursion: regions are small."""
        if e.is_Symbol:
            return self.atoms[e.name]
        if e.is_Rational:
            return self.algebra.number(_rational(e))
        if e.is_Add:
            return self.sum([self.of(a) for a in e.args])
        if e.is_Mul:
            return self.product([self.of(a) for a in e.args])
        if e.is_Pow and e.exp.is_Rational and abs(e.exp) <= MOST_POWER:
            base = self.of(e.base)
            return self.algebra.had([(base, _rational(e.exp))], base.shape)
        if e.is_Function and len(e.args) == 1:
            x = self.of(e.args[0])
            if e.func in RECIPROCALS:
                return self.algebra.had([(self.algebra.apply(RECIPROCALS[e.func], [x]), -1)], x.shape)
            name = NAMES.get(e.func, e.func.__name__)
            if name in self.algebra.book.operators:
                return self.algebra.apply(name, [x])
        if e is sympy.E:
            return self.algebra.apply("exp", [self.algebra.number(1)])
        raise _Foreign(e)

    def sum(self, terms: Sequence[Expr]) -> Expr:
        """A sum, in which a scalar beside matrices is added to every entry."""
        shape = SCALAR if all(t.shape == SCALAR for t in terms) else self.shape
        ones = self.algebra.ones(*shape)
        return self.algebra.linear([(1, t if t.shape == shape else self.algebra.scale(t, ones)) for t in terms], shape)

    def product(self, factors: Sequence[Expr]) -> Expr:
        """A product entry by entry."""
        scalars = self.algebra.had([(x, 1) for x in factors if x.shape == SCALAR], SCALAR)
        matrices = [(x, 1) for x in factors if x.shape != SCALAR]
        return self.algebra.scale(scalars, self.algebra.had(matrices, self.shape)) if matrices else scalars


def _rational(e: sympy.Rational) -> int | Fraction:
    return int(e) if e.is_Integer else Fraction(int(e.p), int(e.q))


@lru_cache(maxsize=KEPT)
def agree(old: Expr, new: Expr) -> bool:
    """Whether two scalar expressions have equal values, the new one wherever the old one has a value.

    The points are the same in every run, some of them where a function of a variable is likely to have none.
    """
    random = Random(0)
    variables = symbols(old)
    if not set(symbols(new)) <= set(variables):
        return False
    points = [{v.name: _value(random, v) for v in variables} for _ in range(POINTS)]
    special = [
        {**points[0], v.name: c}
        for v in variables
        for c in (0.0, 1.0, -1.0)
        if c >= 0 and v.data.properties.isdisjoint({"positive"}) or c > 0
    ]
    equal = 0
    for point in [*points, *special]:
        before, after = (float(evaluate(e, point, {})) for e in (old, new))
        if isfinite(before):
            if not isfinite(after) or abs(after - before) > CLOSE * max(1.0, abs(before)):
                return False
            equal += 1
    return equal >= FEWEST


def _value(random: Random, variable: Expr) -> float:
    x = random.uniform(0.1, 1.9)
    return x if variable.data.properties else x * random.choice((-1, 1))
