"""The fuzzer itself, and a bounded part of what it runs: the same problems in every run."""

from __future__ import annotations

import random

import numpy as np
import pytest

import matcalc
from matcalc.checking.equality import Equality
from tests.fuzz import points, values
from tests.fuzz.checks import Case
from tests.fuzz.grow import problem
from tests.fuzz.numerics import Unfit
from tests.fuzz.rewriting import same, shuffled
from tests.fuzz.running import CATEGORIES, Run, TooSlow, limited, outcome
from tests.fuzz.shrinking import shrunk
from tests.fuzz.trees import depth_of, nodes

COUNT = 200
CLEAN = set(CATEGORIES) - {"different"}
"""What is clean at length; the others become so as what they find is mended."""
ELSEWHERE = {
    "had",
    "elimination",
    "frechet_adj",
    "kronecker_adj",
    "kronecker_power",
    "padafter",
    "padbefore",
    "prod_pairs",
    "max_resolvent",
    "min_resolvent",
} | set(
    "frechet2_expm frechet2_logm frechet2_sqrtm frechet2_power frechet_leading_dyad frechet_polar "
    "kronecker_leading_dyad kronecker_polar".split()
)
"""What is grown under another name (`hadamard`), or stands in second derivatives or forms only and is met there."""


def test_bounded_part():
    """Problems of every kind: nothing wrong, no traceback, nothing slow."""
    run = Run(only=CLEAN, deepest=6, shrink=False)
    run.go(seed=0, count=COUNT, minutes=None)
    assert not run.failures, "\n".join(run.failures)
    for name in CLEAN:
        assert run.counts[name, "passed"] >= 0.4 * run.counts[name, "tried"] > 0, run.report()


# --- the oracle -------------------------------------------------------------------------------------------------------


def test_slopes_are_those_of_differences():
    """The complex step against central differences, for trees with every operation."""
    compared = set()
    for seed in range(4000):
        p = problem(seed, 4)
        if {t.op for t in nodes(p.tree)} <= compared:
            continue
        at, name = points.point(p, 0), p.variable
        moves = points.directions(p.symbols[name].property, at.arrays[name])
        move = np.sum([w * m for w, m in zip(np.linspace(0.5, 1, len(moves)), moves, strict=True)], axis=0)
        try:
            _, along = points.slopes(p.tree, name, [move], at)
            differences = [_difference(p, at, name, move, h) for h in (1e-4, 5e-5)]
        except Unfit:
            continue
        found = (4 * differences[1] - differences[0]) / 3
        assert np.allclose(found, along[0], rtol=1e-4, atol=1e-5 * max(1, np.abs(along).max())), p.text
        compared |= {t.op for t in nodes(p.tree)}
    assert compared >= set(values.VALUES) - {"maxmask", "kronecker_power"}


def _difference(p, at, name, move, h):
    ends = []
    for sign in (1, -1):
        arrays = {**at.arrays, name: at.arrays[name] + sign * h * move}
        ends.append(points.at_rest(p.tree, points.Point(at.sizes, arrays, at.stands, at.given, at.functions)))
    return (ends[0] - ends[1]) / (2 * h)


def test_rewritten_trees_are_equal_and_shuffled_ones_too():
    for seed in range(200):
        p, rng = problem(seed, 5), random.Random(seed)
        at = points.point(p, 0)
        try:
            first = points.at_rest(p.tree, at)
            for other in (same(p.tree, rng), shuffled(p.tree, rng)):
                assert np.allclose(points.at_rest(other, at), first, rtol=1e-7, atol=1e-7), p.text
        except Unfit:
            continue


# --- what grows -------------------------------------------------------------------------------------------------------


def test_every_operator_grows():
    grown = {t.op for seed in range(4000) for t in nodes(problem(seed).tree)}
    catalogue = {line.split()[0].rstrip(".") for line in str(matcalc.functions()).splitlines() if line.startswith("  ")}
    assert catalogue - grown <= ELSEWHERE, catalogue - grown - ELSEWHERE


def test_trees_grow_deep_and_a_seed_is_a_problem():
    depths = [depth_of(problem(seed).tree) for seed in range(300)]
    assert max(depths) >= 12 and sorted(depths)[150] <= 6
    assert problem(7).text == problem(7).text


# --- what is found ----------------------------------------------------------------------------------------------------


def test_a_wrong_derivative_is_found(monkeypatch):
    right = matcalc.Derivative.evaluate
    monkeypatch.setattr(matcalc.Derivative, "evaluate", lambda self, *a, **k: 1.001 * right(self, *a, **k) + 1e-3)
    run = Run(only=["derivative"], every=True, shrink=False)
    run.go(seed=0, count=20, minutes=None)
    assert run.counts["derivative", "wrong"] > 10


def test_a_false_equality_is_found_either_way(monkeypatch):
    for said, name in (("equal", "different"), ("agrees in numbers", "different"), ("not equal", "equal")):
        answer = Equality(said, "as the test says")
        monkeypatch.setattr(matcalc, "equal", lambda *a, answer=answer, **k: answer)
        run = Run(only=[name], every=True, shrink=False)
        run.go(seed=0, count=20, minutes=None)
        assert run.counts[name, "wrong"] + run.counts[name, "skipped"] == 20 and run.counts[name, "wrong"] > 5


def test_a_traceback_and_a_long_problem_are_found(monkeypatch):
    def fails(*a, **k):
        raise KeyError("x")

    monkeypatch.setattr(matcalc, "simplify", fails)
    monkeypatch.setattr(matcalc, "expand", fails)
    monkeypatch.setattr(matcalc, "factor", fails)
    assert outcome(CATEGORIES["rewritten"].check, Case(problem(0)))[0] == "traceback"
    with pytest.raises(TooSlow), limited(0.05):
        while True:
            pass


def test_what_fails_is_made_small():
    p = next(
        p for p in map(problem, range(500)) if any(t.op == "det" for t in nodes(p.tree)) and len(nodes(p.tree)) > 15
    )
    small = shrunk(p, lambda q: any(t.op == "det" for t in nodes(q.tree)))
    assert len(nodes(small.tree)) <= 2
