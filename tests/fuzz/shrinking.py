"""The smallest problem that fails as a problem does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from tests.fuzz.grow import LOWER, SCALARS, UPPER, restated
from tests.fuzz.trees import SCALAR, Problem, Symbol, Tree, is_plain, names, nodes, replaced

SECONDS = 20


def shrunk(problem: Problem, fails: Callable[[Problem], bool], seconds: float = SECONDS) -> Problem:
    """A problem as small as trying in turn makes it, that still fails."""
    until = time.monotonic() + seconds
    best, changed = problem, True
    while changed and time.monotonic() < until:
        changed = False
        for smaller in _smaller(best):
            if time.monotonic() > until:
                break
            if smaller.variables and fails(smaller):
                best, changed = smaller, True
                break
    return best


def _smaller(p: Problem) -> Iterator[Problem]:
    """Simpler problems, the greatest cuts first."""
    if p.lets:
        yield restated(p, p.tree, lets={})
    plain = restated(p, p.tree)
    if len(plain.text) < len(p.text):
        yield plain
    for t in nodes(p.tree)[::-1]:
        if t.op == "symbol":
            continue
        inside = [x for x in nodes(t) if x is not t and x.shape == t.shape]
        for x in sorted(inside, key=lambda x: len(nodes(x))):
            yield restated(p, replaced(p.tree, t, x))
        if t.args and is_plain(t.shape):
            for leaf, symbols in _leaves(p, t):
                yield restated(p, replaced(p.tree, t, leaf), symbols=symbols)
    for t in nodes(p.tree):
        if t.op == "number" and t.data not in (1, 2):
            yield restated(p, replaced(p.tree, t, Tree("number", (), SCALAR, Fraction(2))))
        if t.args and t.op in ("add", "subtract", "hadamard"):
            for x in t.args:
                if x is not t and x.shape == t.shape:
                    yield restated(p, replaced(p.tree, t, x))
    for root in nodes(p.tree):
        if root is not p.tree and root.args and p.variable in names(root) and len(nodes(root)) < len(nodes(p.tree)):
            yield restated(p, root)
    for name, symbol in p.symbols.items():
        if symbol.property:
            yield restated(p, p.tree, symbols={**p.symbols, name: replace(symbol, property="")})


def _leaves(p: Problem, t: Tree) -> Iterator[tuple[Tree, dict[str, Symbol]]]:
    """Names and constants in the place of a node."""
    symbols = dict(p.symbols)
    for name, symbol in symbols.items():
        if symbol.shape == t.shape:
            yield Tree("symbol", (), t.shape, name), symbols
    pool, axes = (SCALARS, 0) if t.shape == SCALAR else (LOWER, 1) if t.shape[1] == 1 else (UPPER, 2)
    name = next((n for n in pool if n not in symbols), None)
    if name is not None:
        yield Tree("symbol", (), t.shape, name), {**symbols, name: Symbol(t.shape, axes)}
