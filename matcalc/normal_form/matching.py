"""Matching the patterns of rules, and instantiating their right sides.

A pattern is an expression whose symbols are variables.  A variable's shape decides what it matches: a scalar only
scalars, a column only columns, a matrix everything.  Patterns are as deep as somebody wrote them in a rule file, so
recursion over a pattern is bounded; subjects are never walked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import combinations, permutations
from types import MappingProxyType

from ..expressions.dimensions import SCALAR, Dim, is_name, names_of, substitute
from ..expressions.nodes import ONE, Expr, Function, Rational, postorder
from ..expressions.parts import split
from .constructors import Constructors
from .theory import Rule

MOST_TERMS = 4  # a commutative pattern is tried in every order up to here


class Binding:
    """What the variables and the dimension names of a pattern stand for."""

    __slots__ = ("dims", "functions", "granted", "sure", "values", "wanted")

    def __init__(
        self,
        values: dict[Expr, Expr] | None = None,
        dims: dict[str, Dim] | None = None,
        functions: dict[str, Function] | None = None,
        wanted: Mapping[Expr, frozenset[str]] = MappingProxyType({}),
        granted: AbstractSet[Expr] = frozenset(),
        sure: bool = False,
    ) -> None:
        self.values = {} if values is None else values
        self.dims = {} if dims is None else dims
        self.functions = {} if functions is None else functions
        self.wanted = wanted  # the properties that a rule demands of its variables
        self.granted = granted  # what may be taken for invertible
        self.sure = sure  # whether they must hold for all values of the names, and not for almost all

    def bind(self, variable: Expr, value: Expr) -> None:
        """Bind a variable, and the dimension names of its shape, without matching."""
        self.values[variable] = value
        self.fit(variable, value)

    def fit(self, pattern: Expr, value: Expr) -> None:
        """Bind the dimension names of a pattern's shape."""
        for wanted, found in zip(pattern.shape, value.shape, strict=True):
            if is_name(wanted):
                self.dims.setdefault(wanted, found)

    def copy(self) -> Binding:
        """A binding to try an alternative on."""
        copied = self.values.copy(), self.dims.copy(), self.functions.copy()
        return Binding(*copied, self.wanted, self.granted, self.sure)

    def take(self, other: Binding) -> None:
        """Accept the alternative that matched."""
        self.values, self.dims, self.functions = other.values, other.dims, other.functions


@lru_cache(maxsize=4096)
def _needed(pattern: Expr) -> frozenset[str]:
    """The heads that the terms or factors of a subject must have among them."""
    return frozenset(
        a.head for a in pattern.args if not (_absorbs(a) or a.head == "scale" or a.head == "add" and len(a.args) == 1)
    )


def _hopeless(pattern: Expr, subject: Expr) -> bool:
    """Whether the heads of the arguments alone rule a match out: most rules of a head fail so."""
    needed = _needed(pattern)
    return bool(needed) and not needed.issubset([a.head for a in subject.args])


def match(algebra: Constructors, pattern: Expr, subject: Expr, b: Binding) -> bool:
    """Whether the subject is an instance of the pattern under (an extension of) the binding."""
    head = pattern.head
    if head == "symbol":
        return _match_variable(algebra, pattern, subject, b)
    if head == "transpose" and pattern.args[0].head == "symbol":
        variable = pattern.args[0]
        row = variable.shape[1] == 1 and subject.shape[0] == 1
        if subject.head == "transpose" or variable in b.values or row:
            return _match_variable(algebra, variable, algebra.transpose(subject), b)
        return False
    if head == "add" and len(pattern.args) == 1:
        return _match_multiple(algebra, pattern, subject, b)
    if head == "scale" and subject.head == "add" and len(subject.args) == 1:  # a number is a scalar in front too
        c, inner = split(subject)
        scalar, matrix = inner.args if inner.head == "scale" else (ONE, inner)
        front = algebra.linear([(c, scalar)])
        return all(match(algebra, p, s, b) for p, s in zip(pattern.args, (front, matrix), strict=True))
    if head != subject.head:
        return False
    if head in ("add", "had"):
        rest = _match_commutative(algebra, pattern, subject, b)
        return rest is not None and not rest
    if head == "mul":
        return _match_chain(algebra, pattern.args, subject.args, b)
    if not pattern.args:
        return _match_leaf(pattern, subject, b)
    if head == "call" and not _match_function(pattern, subject, b):
        return False
    if head == "index" and pattern.data != subject.data:
        return False
    if len(pattern.args) != len(subject.args):
        return False
    tags = algebra.book.operator(head).tags if head in algebra.book.operators else ()
    if "sized" in tags:  # the arguments do not tell the shape
        matched = all(match(algebra, p, s, b) for p, s in zip(pattern.args, subject.args, strict=True))
        return matched and _match_shape(pattern, subject, b)
    if len(pattern.args) == 2 and "commutative" in tags:
        for pair in permutations(subject.args):
            trial = b.copy()
            if all(match(algebra, p, s, trial) for p, s in zip(pattern.args, pair, strict=True)):
                b.take(trial)
                return True
        return False
    return all(match(algebra, p, s, b) for p, s in zip(pattern.args, subject.args, strict=True))


def _match_variable(algebra: Constructors, variable: Expr, subject: Expr, b: Binding) -> bool:
    known = b.values.get(variable)
    if known is not None:
        return known is subject
    if not _match_shape(variable, subject, b):
        return False
    wanted = b.wanted.get(variable)
    known_to_have = algebra.surely if b.sure else algebra.has
    if wanted and not all(known_to_have(subject, p) or p == "invertible" and subject in b.granted for p in wanted):
        return False
    b.values[variable] = subject
    return True


def _match_shape(pattern: Expr, subject: Expr, b: Binding) -> bool:
    for wanted, found in zip(pattern.shape, subject.shape, strict=True):
        if isinstance(wanted, int) or wanted in b.dims or len(names_of(wanted)) > 1 or names_of(wanted)[0] in b.dims:
            if substitute(wanted, b.dims) != found:
                return False
        else:
            b.dims[wanted] = found
    return True


def _match_leaf(pattern: Expr, subject: Expr, b: Binding) -> bool:
    if pattern.head == "commutation":
        for wanted, found in zip(pattern.data, subject.data, strict=True):
            if b.dims.setdefault(wanted, found) != found:
                return False
        return True
    return pattern.data == subject.data and _match_shape(pattern, subject, b)


def _match_function(pattern: Expr, subject: Expr, b: Binding) -> bool:
    """An unspecified function in a pattern stands for any of the same kind, and for its derivatives."""
    if subject.data.mode or len(pattern.args) != len(subject.args):
        return False
    if pattern.data.elementwise != subject.data.elementwise or not _match_shape(pattern, subject, b):
        return False
    return bool(b.functions.setdefault(pattern.data.name, subject.data) == subject.data)


def _match_multiple(algebra: Constructors, pattern: Expr, subject: Expr, b: Binding) -> bool:
    """-X matches what has a negative coefficient, 2 X what has the coefficient 2."""
    wanted, inner = pattern.data[0], pattern.args[0]
    c, rest = split(subject)
    if inner.head == "ones" or wanted != -1:
        return c == wanted and match(algebra, inner, rest, b)
    return (c < 0 or inner in b.values) and match(algebra, inner, algebra.negate(subject), b)


def _match_commutative(
    algebra: Constructors, pattern: Expr, subject: Expr, b: Binding, in_part: bool = False
) -> list[tuple[Expr, Rational]] | None:
    """The subject's terms that the pattern leaves over, with their coefficients or exponents, or None.

    `in_part` a factor may have more of an exponent than is asked for, and the rest is left over: x³ has x² in it, and
    x⁻² has x⁻¹.
    """
    n, wanted = len(subject.args), len(pattern.args)
    if wanted > n or wanted > MOST_TERMS or n > 2 * MOST_TERMS:
        return None
    # The most specific parts first: variables match anything.
    order = sorted(range(wanted), key=lambda i: (pattern.args[i].head == "symbol", -pattern.args[i].size))
    possible = [
        {
            j
            for j, x in enumerate(subject.args)
            if (pattern.data[i] == subject.data[j] or in_part and _reaches(subject.data[j], pattern.data[i]))
            and _may(pattern.args[i], x)
        }
        for i in order
    ]
    if not all(possible):
        return None
    for chosen in combinations(sorted(set().union(*possible)), wanted):
        for places in permutations(chosen):
            if not all(j in js for j, js in zip(places, possible, strict=True)):
                continue
            trial = b.copy()
            if all(_match_term(algebra, pattern, i, subject, j, trial) for i, j in zip(order, places, strict=True)):
                b.take(trial)
                taken = {j: pattern.data[i] for i, j in zip(order, places, strict=True)}
                rest = [(subject.args[j], c - taken.get(j, 0)) for j, c in enumerate(subject.data)]
                return [(x, c) for x, c in rest if c]
    return None


def _reaches(found: Rational, wanted: Rational) -> bool:
    """Whether a power has the wanted one in it."""
    return found > wanted > 0 or found < wanted < 0


def _match_term(algebra: Constructors, pattern: Expr, i: int, subject: Expr, j: int, b: Binding) -> bool:
    """Match a term or factor; a variable that is still free takes a factor with its whole exponent only."""
    part = pattern.args[i]
    if pattern.data[i] != subject.data[j] and _absorbs(part) and _variable(part) not in b.values:
        return False
    return match(algebra, part, subject.args[j], b)


def _may(pattern: Expr, subject: Expr) -> bool:
    """Whether the heads allow a match, which is asked before all orders are tried."""
    head = pattern.head
    if _absorbs(pattern) or head == "add" and len(pattern.args) == 1:
        return True
    return head == subject.head or head == "scale" and subject.head == "add"


def _match_chain(algebra: Constructors, patterns: Sequence[Expr], factors: Sequence[Expr], b: Binding) -> bool:
    """Match every factor of a product, variables taking one factor or more."""
    if not patterns:
        return not factors
    if len(factors) < len(patterns):
        return False
    first = patterns[0]
    longest = len(factors) - len(patterns) + 1
    for taken in range(longest, 0, -1) if _absorbs(first) else (1,):
        trial = b.copy()
        if first.shape[1] == 1 != factors[taken - 1].shape[1]:
            continue
        part = factors[0] if taken == 1 else algebra.mul(factors[:taken])
        if match(algebra, first, part, trial) and _match_chain(algebra, patterns[1:], factors[taken:], trial):
            b.take(trial)
            return True
    return False


def _absorbs(pattern: Expr) -> bool:
    return _variable(pattern).head == "symbol"


def _variable(pattern: Expr) -> Expr:
    return pattern.args[0] if pattern.head == "transpose" else pattern


def match_rule(algebra: Constructors, rule: Rule, subject: Expr, b: Binding | None = None) -> Binding | None:
    """The binding under which a rule's left side is the subject, or None."""
    if not _absorbs(rule.pattern) and (rule.pattern.head != subject.head or _hopeless(rule.pattern, subject)):
        return None
    b = b or Binding(wanted=rule.conditions)
    return b if match(algebra, rule.pattern, subject, b) else None


def instantiate(algebra: Constructors, template: Expr, b: Binding) -> Expr:
    """A right side with its variables replaced."""
    made = dict(b.values)
    for e in _order(template):
        if e not in made:
            made[e] = algebra.rebuild(e, [made[a] for a in e.args], b.dims, b.functions)
    return made[template]


@lru_cache(maxsize=4096)
def _order(template: Expr) -> tuple[Expr, ...]:
    """The nodes of a right side, arguments first: walked once for each rule and not for each use."""
    return tuple(postorder(template))


def apply_rule(algebra: Constructors, rule: Rule, subject: Expr, b: Binding | None = None) -> Expr | None:
    """What the rule makes of the subject, or None; a Hadamard pattern may match some of the factors.

    What the variables stand for is found in the binding afterwards.
    """
    b = b or Binding(wanted=rule.conditions)
    pattern = rule.pattern
    if _hopeless(pattern, subject):
        return None
    if pattern.head == "had" and subject.head == "had":
        rest = _match_commutative(algebra, pattern, subject, b, in_part=True)
        if rest is None:
            return None
        made = instantiate(algebra, rule.template, b)
        return algebra.had([(made, 1), *rest], subject.shape)
    if pattern.head == "scale" == subject.head:
        return _apply_to_multiple(algebra, rule, subject, b)
    found = match_rule(algebra, rule, subject, b)
    return None if found is None else instantiate(algebra, rule.template, found)


def _apply_to_multiple(algebra: Constructors, rule: Rule, subject: Expr, b: Binding) -> Expr | None:
    """A rule whose left side is a scalar times a matrix: other scalar factors stay in front."""
    scalar, matrix = rule.pattern.args
    if not match(algebra, matrix, subject.args[1], b):
        return None
    wanted = list(zip(scalar.args, scalar.data, strict=True)) if scalar.head == "had" else [(scalar, 1)]
    front = subject.args[0]
    factors = list(zip(front.args, front.data, strict=True)) if front.head == "had" else [(front, 1)]
    for w, p in wanted:
        found = next((f for f in factors if (f[1] == p or _reaches(f[1], p)) and match(algebra, w, f[0], b)), None)
        if found is None:
            return None
        factors.remove(found)
        if found[1] != p:
            factors.append((found[0], found[1] - p))
    made = instantiate(algebra, rule.template, b)
    return algebra.scale(algebra.had(factors, SCALAR), made) if factors else made


def match_window(
    algebra: Constructors, rule: Rule, flat: Sequence[Expr], i: int, b: Binding | None = None
) -> tuple[int, int, Expr] | None:
    """Apply a rule whose left side is a product to the factors around position i, where its anchor stands."""
    patterns, anchor = rule.pattern.args, rule.anchor
    b = b or Binding(wanted=rule.conditions)
    if not match(algebra, patterns[anchor], flat[i], b):
        return None
    high = i + 1
    for p in patterns[anchor + 1 :]:
        taken = _taken(algebra, p, flat, high, b)
        if taken is None:
            return None
        high = taken
    low = i
    for p in reversed(patterns[:anchor]):
        begun = _taken_before(algebra, p, flat, low, b)
        if begun is None:
            return None
        low = begun
    return low, high, instantiate(algebra, rule.template, b)


def _width(algebra: Constructors, pattern: Expr, b: Binding) -> int:
    """How many factors a pattern stands for: a variable bound to a product, as many as that has."""
    turned = pattern.head == "transpose"
    known = b.values.get(pattern.args[0] if turned else pattern)
    if known is None:
        return 1
    value = algebra.transpose(known) if turned else known
    return len(value.args) if value.head == "mul" else 1


def _taken(algebra: Constructors, pattern: Expr, flat: Sequence[Expr], start: int, b: Binding) -> int | None:
    """Where the factors that match a pattern end: a free column takes all up to the end of the chain."""
    column = pattern.head == "symbol" and pattern.shape[1] == 1 and pattern not in b.values
    stop = len(flat) if column else start + _width(algebra, pattern, b)
    if start >= len(flat) or stop > len(flat) or flat[stop - 1].shape == SCALAR:
        return None
    if column and flat[stop - 1].shape[1] != 1:  # to multiply the factors first would make long chains exponential
        return None
    part = flat[start] if stop == start + 1 else algebra.mul(flat[start:stop])
    return stop if match(algebra, pattern, part, b) else None


def _taken_before(algebra: Constructors, pattern: Expr, flat: Sequence[Expr], stop: int, b: Binding) -> int | None:
    """Where the factors that match a pattern begin: a free row takes all from the beginning of the chain."""
    free = pattern.head == "transpose" and pattern.args[0].head == "symbol" and pattern.args[0] not in b.values
    row = free and pattern.shape[0] == 1
    start = 0 if row else stop - _width(algebra, pattern, b)
    if start < 0 or start >= stop or row and flat[start].shape[0] != 1:
        return None
    part = flat[start] if stop == start + 1 else algebra.mul(flat[start:stop])
    return start if match(algebra, pattern, part, b) else None
