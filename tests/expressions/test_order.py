"""The order of terms and factors is one that is meant, and the same in every run and on every machine."""

from __future__ import annotations

import ast
import json
import os
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import matcalc
from matcalc.expressions.nodes import Expr, postorder
from matcalc.normal_form.algebra import Algebra
from matcalc.rules import default
from tests.derivatives.threads import ROOT, answer, problems

SOME = 60
LONG = "Abcdefghij" * 5  # more letters than are compared at first

# A process of its own, in which hashes are those of another machine: of 31 bits, and in another order.
ELSEWHERE = """
import json, sys
from matcalc.expressions.nodes import Expr
Expr.__hash__ = lambda e: (id(e) >> 4) * {factor} % (2**31 - 1)
from tests.derivatives.threads import answer
json.dump([answer(problem) for problem in json.load(sys.stdin)], sys.stdout)
"""


@pytest.mark.parametrize(
    ("text", "ordered"),
    [
        ("x.^2 + x", "x + x.^2"),
        ("tr(A)^2 + tr(A)", "tr(A) + tr(A)²"),
        ("X^3 - 2 X^2 + 5 X + I", "I + 5 X - 2 X² + X³"),
        ("X^-2 B X^-1 + X^-1 B X^-2", "X⁻¹ B X⁻² + X⁻² B X⁻¹"),
        ("(1 - 2 t)(1 - t)", "(1 - t) (1 - 2 t)"),
        ("(A + B) A' + (A + B)' A", "(A + B) Aᵀ + (A + B)ᵀ A"),
        ("f.(-x) .* f.(x)", "f.(x) ⊙ f.(-x)"),
        ("A[2,1] + A[1,2] + A[1,1]", "A[1, 1] + A[1, 2] + A[2, 1]"),
        (f"{LONG}2 + {LONG}1", f"{LONG}1 + {LONG}2"),
    ],
)
def test_between_the_same_names_what_is_simpler_comes_first(text, ordered):
    e = matcalc.parse(text, shapes={"A": ("n", "n"), "B": ("n", "n")} if "B" in text else None)
    assert str(e) == ordered


def expressions() -> list[Expr]:
    """All that stands in the answers to some problems."""
    found: dict[Expr, None] = {}
    for problem in problems([])[::4]:
        try:
            d = matcalc.differentiate(**problem)
        except matcalc.MatcalcError:
            continue
        found.update(dict.fromkeys(postorder(d.function, d.expression.written)))
    return list(found)


def test_it_is_one_order():
    wanted = sorted(expressions(), key=lambda e: e.key)
    assert len(wanted) > 300
    for seed in range(5):
        mixed = wanted.copy()
        random.Random(seed).shuffle(mixed)
        assert sorted(mixed, key=lambda e: e.key) == wanted
    assert all(a.key < b.key and not b.key < a.key for a, b in pairwise(wanted))


def test_what_is_told_apart_deep_inside_is_told_apart_without_recursion():
    a = Algebra(default())
    first, second = (a.symbol("x", (n, 1)) for n in ("m", "n"))
    for _ in range(3_000):
        first, second = (a.apply("sin", [a.linear([(2, e), (1, a.ones(*e.shape))])]) for e in (first, second))
    assert first.depth > 5_000
    assert first.key < second.key
    assert not second.key < first.key


@pytest.mark.parametrize(("seed", "factor"), [("0", 2_654_435_761), ("1", 2_147_483_629)])
def test_another_machine_gives_the_same_answers(seed, factor):
    everything = problems([])
    todo = everything[int(seed) :: len(everything) // SOME]
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE.format(factor=factor)],
        input=json.dumps(todo),
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [answer(problem) for problem in todo]


def calls(tree: ast.AST) -> list[str]:
    """Where hashes are asked for, whose values differ between machines."""
    found = (x for x in ast.walk(tree) if isinstance(x, ast.Name) and x.id == "hash")
    return [f"{x.id} in line {x.lineno}" for x in found]


def test_nothing_asks_for_a_hash():
    assert calls(ast.parse("sorted(x, key=hash)")) == ["hash in line 1"]
    used: dict[str, Any] = {}
    for path in sorted(Path(matcalc.__file__).parent.rglob("*.py")):
        found = calls(ast.parse(path.read_text(encoding="utf-8")))
        if found:
            used[path.name] = found
    assert not used
