"""Identities of scalar functions, which a sum or product applies to every entry: sin² + cos² = 1, (t² - 1)/(t - 1).

Rules say what is true of one function; that a fraction cancels, or how multiples of an angle add up, SymPy knows
better.  A part of an expression that works entry by entry is one scalar function of what it is made from (its atoms).
Where it holds functions that identities relate, or a fraction that might cancel, it is asked for a shorter form on
scalars in place of the atoms, and that form is used if it is shorter and has the same values.

The question whether SymPy could help is answered without it, once for each node, because importing it takes longer
than most derivations; and what would keep it busy for long is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from fractions import Fraction
from math import ceil, comb
from typing import TYPE_CHECKING, NamedTuple

from ..expressions.dimensions import SCALAR
from ..expressions.nodes import STRUCTURAL, Expr, Operation, Rational, fold, has_differential
from ..expressions.parts import is_sum, split
from ..normal_form.algebra import Algebra
from ..packages import available
from .allowance import ASKING, used_up

if TYPE_CHECKING:
    import sympy

MOST_ATOMS = 4  # of a region, not counting differentials, which are factors only
LONGEST = 60  # printed size of a region, an atom counting 1
MOST_NESTED = 4  # functions of functions of …
MOST_WORK = 200  # degree times terms, had all products been multiplied out
MOST_ASKED = 12  # regions of one expression
MOST_GROWN = 2  # times the size of a region: a form that is longer is not shortened
MOST_ROUNDS = 4  # what is shorter may be of a shape that another identity shortens
LARGEST_MULTIPLE = 4  # of an angle: sin(9 t) is not written with sin(t)

Family = frozenset[str]
CIRCULAR = frozenset({"sin", "cos", "tan"})
HYPERBOLIC = frozenset({"sinh", "cosh", "tanh", "exp", "sigmoid"})
FAMILIES = (CIRCULAR, HYPERBOLIC)
EXPONENTIAL = frozenset({"exp", "sigmoid"})
FROM_SQUARE = frozenset({"sin", "cos", "sinh", "cosh"})
FROM_ROOT = frozenset({"tan", "tanh"})


class Region(NamedTuple):
    """An expression as a scalar function of its atoms, and whether an identity could shorten it."""

    atoms: frozenset[Expr]
    functions: frozenset[Expr]
    size: int
    nested: int
    degree: int
    terms: int
    multiplied: frozenset[Family]  # that have products: sums of sin and cos alone have no shorter form
    promising: bool


class Outlook(NamedTuple):
    """The region that ends in a node, if it is small enough; and whether one in or below the node is promising."""

    region: Region | None
    below: bool


def with_identities(algebra: Algebra, e: Expr, shortest: Callable[[Expr], Expr]) -> Expr:
    """An equal expression, shorter by identities of scalar functions; `shortest` is what the rules can do.

    They are tried where SymPy and NumPy are there, which find them and compare their values.
    """
    for _ in range(MOST_ROUNDS):
        promising = fold(e, _outlook, algebra.memo(_outlook)).below
        made = _once(algebra, e, shortest) if promising and available("sympy", "numpy") else e
        if made.size >= e.size:
            break
        e = made
    return e


def _once(algebra: Algebra, e: Expr, shortest: Callable[[Expr], Expr]) -> Expr:
    """The expression with the largest regions replaced that have a shorter form."""
    replaced: dict[Expr, tuple[sympy.Basic, Sequence[Expr]]] = {}
    asked = 0
    seen: set[Expr] = set()
    todo = [e]
    while todo:
        x = todo.pop()
        region, below = algebra.memo(_outlook)[x]
        if x in seen or not below:
            continue
        seen.add(x)
        found = None
        if region is not None and region.promising and asked < MOST_ASKED and not used_up(algebra):
            asked += 1
            algebra.work += ASKING * region.size
            found = _shorter(algebra, x, region, shortest)
        if found is not None:
            replaced[x] = found
            todo.extend(found[1])
        else:
            todo.extend(x.args)
    if not replaced:
        return e
    from .entrywise_sympy import translated

    memo: dict[Expr, Expr] = {}

    def rebuild(x: Expr, args: list[Expr]) -> Expr:
        if x in replaced:
            form, atoms = replaced[x]
            made = translated(algebra, form, [memo[a] for a in atoms], x.shape)
            assert made is not None
            return made
        return x if all(a is b for a, b in zip(args, x.args, strict=True)) else algebra.rebuild(x, args)

    return shortest(fold(e, rebuild, memo))


def _shorter(
    algebra: Algebra, e: Expr, region: Region, shortest: Callable[[Expr], Expr]
) -> tuple[sympy.Basic, Sequence[Expr]] | None:
    """The shortest verified form of a region, if shorter than it is, and the atoms in the order of its dummies."""
    from .entrywise_sympy import agree, forms, translated

    atoms = sorted(region.atoms, key=lambda a: a.key)
    dummies = [algebra.symbol(f"x{i}", SCALAR, "scalar", _sign(algebra, a)) for i, a in enumerate(atoms, 1)]
    skeleton = on_scalars(algebra, e, dict(zip(atoms, dummies, strict=True)))
    found = []
    for form in forms(skeleton):
        made = translated(algebra, form, atoms, e.shape)
        if made is None or made.size > MOST_GROWN * e.size:
            continue
        if (short := shortest(made)).size < e.size:
            found.append((short.size, short.key, form))
    for _, _, form in sorted(found, key=lambda f: f[:2]):
        scalar = translated(algebra, form, dummies, SCALAR)
        if scalar is not None and agree(skeleton, scalar):
            return form, atoms
    return None


def _sign(algebra: Algebra, atom: Expr) -> tuple[str, ...]:
    if atom.head == "symbol" and "positive" in atom.data.properties:
        return ("positive",)
    return ("nonnegative",) if algebra.nonnegative(atom) else ()


def on_scalars(algebra: Algebra, e: Expr, dummies: Mapping[Expr, Expr]) -> Expr:
    """A region as a scalar expression: scalars for its atoms."""

    def scalar(x: Expr, args: list[Expr]) -> Expr:
        if x in dummies:
            return dummies[x]
        if x.head == "ones":
            return algebra.number(1)
        if x.head == "add":
            return algebra.linear(list(zip(x.data, args, strict=True)), SCALAR)
        if x.head in ("had", "scale"):
            return algebra.had(list(zip(args, x.data or (1, 1), strict=True)), SCALAR)
        return algebra.apply(x.head, args)

    return fold(e, scalar, dict(dummies))


# --- whether SymPy could help ----------------------------------------------------------------------------------------


def _outlook(e: Expr, args: list[Outlook]) -> Outlook:
    region = _region(e, args)
    below = region.promising if region is not None else False
    return Outlook(region, below or any(a.below for a in args))


def _region(e: Expr, args: list[Outlook]) -> Region | None:
    """The region that ends in a node; None where it is too large to ask about."""
    if e.head == "ones":
        return Region(frozenset(), frozenset(), 1, 0, 0, 1, frozenset(), False)
    function = _is_function(e)
    if e.head not in ("add", "had", "scale") and not function:
        return Region(frozenset({e}), frozenset(), 1, 0, 1, 1, frozenset(), False)
    parts = [a.region for a in args if a.region is not None]
    if len(parts) < len(args) or e.head == "had" and any(a.head == "add" and not is_sum(a) for a in e.args):
        return None  # the root of a number is nothing to calculate with
    atoms = frozenset[Expr]().union(*[p.atoms for p in parts])
    functions = frozenset({e}) if function else frozenset[Expr]().union(*[p.functions for p in parts])
    size = sum(p.size for p in parts) + 1
    nested = max(p.nested for p in parts) + function
    degree, terms = _work(e, parts)
    if size > LONGEST or nested > MOST_NESTED or degree * terms > MOST_WORK:
        return None
    if len(atoms) > MOST_ATOMS and sum(not has_differential(a) for a in atoms) > MOST_ATOMS:
        return None
    if function and not atoms:  # log(2)
        return Region(frozenset({e}), frozenset(), 1, 0, 1, 1, frozenset(), False)
    multiplied = frozenset[Family]().union(*[p.multiplied for p in parts if not function])
    if e.head == "had":
        multiplied |= {f for f in FAMILIES if _times(f, e, parts) > 1}
    promising = any(p.promising for p in parts) or _promises(e, parts, functions, multiplied)
    return Region(atoms, functions, size, nested, degree, terms, multiplied, promising)


def _promises(e: Expr, parts: Sequence[Region], functions: frozenset[Expr], multiplied: Set[Family]) -> bool:
    """Whether a node brings together what an identity may relate."""
    if len(functions) > 1 and _related(functions, multiplied):
        return True
    if e.head == "add":
        return _one_and_square(e, FROM_SQUARE) or _is_tanh(e) or _two_denominators(e, parts)
    return e.head == "had" and (_root_of_squares(e) or _may_cancel(e, parts))


def _is_function(e: Expr) -> bool:
    """Whether a node applies an operator to every entry of its one argument."""
    if e.head in STRUCTURAL or len(e.args) != 1 or e.args[0].shape != e.shape:
        return False
    return isinstance(e.data, Operation) and e.data.elementwise


def _work(e: Expr, parts: Sequence[Region]) -> tuple[int, int]:
    """A bound of the degree and of the terms of a region multiplied out; functions are variables of their own."""
    if e.head == "add":
        return max(p.degree for p in parts) + _common_degree(e), sum(p.terms for p in parts)
    if e.head not in ("had", "scale"):
        multiple = abs(split(e.args[0])[0].numerator)  # sin(3 t) is of degree 3 in sin(t) and cos(t)
        return (multiple, multiple) if e.head in CIRCULAR or e.head in HYPERBOLIC else (1, 1)
    degree, terms = 0, 1
    for part, power in zip(parts, e.data or (1, 1), strict=True):
        times = ceil(abs(power))
        degree += part.degree * times
        if terms <= MOST_WORK and part.terms > 1:
            terms *= comb(part.terms + times - 1, times) if times <= MOST_WORK else MOST_WORK + 1
    return degree, terms


def _common_degree(e: Expr) -> int:
    """The degree of the common denominator of a sum, were every sum in it of degree 1."""
    below: dict[Expr, int] = {}
    for t in e.args:
        for b, p in _powers(t.args[1] if t.head == "scale" else t):
            if p < 0 and is_sum(b):
                below[b] = max(below.get(b, 0), ceil(-p))
    return sum(below.values()) if len(below) > 1 else 0


def _related(functions: Iterable[Expr], multiplied: Set[Family]) -> bool:
    """Whether an identity relates some of the functions, with arguments that are multiples of each other."""
    seen: dict[tuple[Family, Expr], list[str]] = {}
    for f in functions:
        multiple, angle = split(f.args[0])
        for family in FAMILIES:
            if f.head in family and _small(multiple):
                seen.setdefault((family, angle), []).append(f.head)
    for (family, _), heads in seen.items():
        if family is CIRCULAR and len(heads) > 1 and family in multiplied:
            return True
        # Products of exponentials are one, and a sigmoid beside another is as short as it can be.
        mixed = EXPONENTIAL.intersection(heads) and not EXPONENTIAL.issuperset(heads)
        if family is HYPERBOLIC and len(set(heads)) > 1 and (mixed or family in multiplied):
            return True
    return False


def _times(family: Family, e: Expr, parts: Sequence[Region]) -> Rational:
    """How many factors of a product have functions of a family."""
    powers: Sequence[Rational] = e.data
    heads = [{f.head for f in p.functions} for p in parts]
    return sum([abs(Fraction(q)) for found, q in zip(heads, powers, strict=True) if found & family])


def _small(c: Rational) -> bool:
    return max(abs(c.numerator), c.denominator) <= LARGEST_MULTIPLE


def _one_and_square(e: Expr, heads: frozenset[str]) -> bool:
    """Whether a sum has a 1 and the square of one of some functions: 1 - sin²."""
    if not any(t.head == "ones" for t in e.args):
        return False
    return any(t.head == "had" and t.data == (2,) and t.args[0].head in heads for t in e.args)


def _is_tanh(e: Expr) -> bool:
    """Whether a sum is 2 sigmoid.(2 X) .- 1, which is tanh.(X)."""
    return [t.head for t in e.args] == ["ones", "sigmoid"] and 2 * e.data[0] == -e.data[1]


def _root_of_squares(e: Expr) -> bool:
    """Whether 1 - tanh² or 1 + tan² stands in a denominator or under a root."""
    return any(
        is_sum(b) and (p < 0 or isinstance(p, Fraction)) and _one_and_square(b, FROM_ROOT)
        for b, p in zip(e.args, e.data, strict=True)
    )


def _may_cancel(e: Expr, parts: Sequence[Region]) -> bool:
    """Whether a sum in the denominator shares an atom with a sum in the numerator, or has a factor to share."""
    factors = list(zip(e.args, e.data, parts, strict=True))
    for b, p, region in factors:
        if not is_sum(b) or not (isinstance(p, int) and p < 0):
            continue
        others = [(x, q, r) for x, q, r in factors if x is not b]
        if any(is_sum(x) and q > 0 and r.atoms & region.atoms for x, q, r in others):
            return True
        inside = _content(b)
        if any(x in inside for x, _, _ in others):
            return True
    return False


def _two_denominators(e: Expr, parts: Sequence[Region]) -> bool:
    """Whether terms have different sums in their denominators, in the same atoms: 1/(1 - t) + 1/(1 + t)."""
    seen: dict[Expr, frozenset[Expr]] = {}
    for t, region in zip(e.args, parts, strict=True):
        for b, p in _powers(t.args[1] if t.head == "scale" else t):
            if is_sum(b) and isinstance(p, int) and p < 0 and b not in seen:
                if any(region.atoms & atoms for atoms in seen.values()):
                    return True
                seen[b] = region.atoms
    return False


def _powers(e: Expr) -> list[tuple[Expr, Rational]]:
    return list(zip(e.args, e.data, strict=True)) if e.head == "had" else [(e, 1)]


def _content(e: Expr) -> set[Expr]:
    """What divides every term of a sum."""
    shared = [{b for b, p in _powers(t) if p > 0} for t in e.args]
    return shared[0].intersection(*shared[1:])
