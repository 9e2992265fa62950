"""What is shown may leave the normal form, and says so in its type; what it stands for is its normal form."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import matcalc
from tests.derivatives.test_cases import CASES

ROOT = Path(matcalc.__file__).parents[1]

MIXED = """
import matcalc
from matcalc.normal_form.algebra import Algebra


def of(algebra: Algebra, shown: matcalc.Shown, e: matcalc.Expr) -> list[matcalc.Expr]:
    return [algebra.mul([e, shown{normal}]), algebra.transpose(shown{normal})]
"""


def test_what_is_shown_is_the_normal_form_written_otherwise():
    otherwise = 0
    for case in CASES[::3]:
        try:
            d = case.derivative()
        except matcalc.MatcalcError:
            continue
        shown, algebra = d.expression, d.problem.algebra
        assert algebra.substitute(shown.normal, {}) is shown.normal, case.expression
        assert algebra.substitute(shown.written, {}) is shown.normal, case.expression
        otherwise += shown.written is not shown.normal
    assert otherwise > 5


def test_equal_is_what_has_one_normal_form():
    d = matcalc.differentiate("a' x + 1/2 b' x", "x")
    assert (str(d.expression), str(d.expression.normal)) == ("a + 1/2 b", "1/2 (2 a + b)")
    assert d.expression == matcalc.simplify("b/2 + a") == matcalc.parse("a + b/2")
    assert d.expression != matcalc.parse("a - b/2")
    assert len({d.expression, matcalc.simplify("a + b/2"), matcalc.parse("a + b/2")}) == 1
    assert d.expression.evaluate({"a": [2.0], "b": [1.0]}) == 2.5


@pytest.mark.parametrize(("normal", "refused"), [("", 2), (".normal", 0)])
def test_types_keep_what_is_shown_from_the_constructors(tmp_path, normal, refused):
    pytest.importorskip("mypy")
    file = tmp_path / "mixed.py"
    file.write_text(MIXED.replace("{normal}", normal), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--no-error-summary", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    said = done.stdout.splitlines()
    assert sum("error:" in line for line in said) == refused, done.stdout + done.stderr
    assert all('"Shown"' in line for line in said if "error:" in line)
