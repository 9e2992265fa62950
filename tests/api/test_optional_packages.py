"""Without NumPy, SymPy or prompt_toolkit derivatives are found all the same, and what needs one says so.

Everything public is called in a process where their import is forbidden; an ImportError that gets out, or a refusal of
what needs none of them, fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from matcalc.packages import OPTIONAL, missing

ROOT = Path(__file__).parents[2]

PROGRAM = """
import json, sys

class Forbidding:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.argv[1].split(","):
            if sys.argv[2] == "named":
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            raise ImportError("it is forbidden here")

sys.meta_path.insert(0, Forbidding())
import matcalc
from matcalc.app.cli import main

DATA = {name: [[1.0, 2.0], [3.0, 5.0]] for name in "ABXGH"} | {"x": [1.0, 2.0], "t": 2.0}
PHI = {"phi": (lambda y: y[0], lambda y: [1.0, 0.0])}
RULES = '''operator double : m×n -> m×n   linear
adjoint double: W : double(X) = 2 W : X
definition double: double(X) = 2 X'''
one = matcalc.differentiate("x' A x + sum(sin.(x).^2 + cos.(x).^2)", "x")
two = matcalc.differentiate("phi(A x)", ["A", "x"])
whole = matcalc.differentiate("A X B", "X", {"A": ("n", "n"), "X": ("n", "n"), "B": ("n", "n")})
session = matcalc.Session()
FORMS = "differential pushforward pullback kronecker tensor index component".split()
CALLS = {
    "": [
        lambda: matcalc.differentiate("tr(A B Aᵀ C)", "A"),
        lambda: matcalc.differentiate("sin(t)^2 + cos(t)^2 + exp(t^2)", "t", order=3),
        lambda: matcalc.differentiate("logdet(S)", "S", assume={"S": "spd"}, structure="independent-entries"),
        lambda: matcalc.differentiate("A x", "x", layout="denominator", where="vector x(2 n)"),
        lambda: [str(d) + d.ascii() + d.latex() + repr(d) + d._repr_latex_() for d in (one, two, whole, *two.values())],
        lambda: [str(d.derivation) + d.derivation.ascii() + d.derivation.latex() for d in (one, two, whole)],
        lambda: [str(f) + f.ascii() + f.latex() + repr(f) for f in map(whole.form, FORMS)],
        lambda: [str(f) + f.ascii() + f.latex() + repr(f) for f in map(two.form, FORMS)],
        lambda: (whole.contract("I"), whole.trace(), one.shapes, two.notes),
        lambda: matcalc.differentiate("x' A x", "x", order=2).second_differential,
        lambda: [getattr(matcalc, f)("(A + B)' (A - B) + sin.(A).^2 + cos.(A).^2") for f in
                 ("parse", "simplify", "expand", "factor", "alternatives")],
        lambda: matcalc.alternatives("inv(A + x y')"),
        lambda: matcalc.equal("(A + B)' (A + B)", "A' A + A' B + B' A + B' B"),
        lambda: matcalc.equal("(A + B)' (A + B)", "A' A + 2 A' B + B' B"),
        lambda: (matcalc.functions(), matcalc.functions("det"), matcalc.rules.default()),
        lambda: [session.run(text) for text in ("d/dA,B tr(A B)", "steps", "forms", "latex", "let z = A x", "show",
                 "matrix A(m, n)", "d/dx z' z", "simplify sin(t)^2 + cos(t)^2", "equal A = A", "help", "functions")],
        lambda: [main(words) for words in (["tr(A B)", "A", "--steps"], ["A x", "x", "--form", "index"],
                 ["tr(A)", "A", "--latex"], ["functions"], ["tr(A B)", "A", "--ascii"])],
    ],
    "numpy": [
        lambda: one.evaluate(DATA),
        lambda: two.evaluate(DATA, PHI),
        lambda: matcalc.parse("A x").evaluate(DATA),
        lambda: matcalc.differentiate("tr(A B)", "A", verify=True),
        lambda: session.run("verify"),
        *[lambda name=name: whole.form(name).evaluate(DATA) for name in FORMS],
    ],
    "numpy,mpmath": [
        lambda: matcalc.differentiate("sum(double(A))", "A", rules=RULES),
        lambda: matcalc.equal("sum(exp.(x))", "sum(log.(x))"),
        lambda: matcalc.rules.load(RULES),
    ],
    "sympy": [
        one.sympy,
        lambda: one.latex(printer="sympy"),
        matcalc.parse("A x").sympy,
        lambda: matcalc.parse("A x").latex("sympy"),
    ],
}
import io
said, sys.stdout = sys.stdout, io.StringIO()
out = []
for needed, calls in CALLS.items():
    for number, call in enumerate(calls):
        try:
            call()
            what = "answered"
        except matcalc.MissingPackage as refusal:
            what = str(refusal)
        except Exception as problem:
            what = f"{type(problem).__name__}: {problem}"
        out.append([needed, number, what])
imported = [name for name in sys.argv[1].split(",") if name in sys.modules]
print(json.dumps([out, imported]), file=said)
"""


def run(forbidden: str, how: str) -> tuple[list[tuple[str, int, str]], list[str]]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", PROGRAM, forbidden, how]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, timeout=300)
    assert not done.stderr and done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("how", ["named", "in words only"])
@pytest.mark.parametrize(
    "forbidden", ["numpy", "sympy", "prompt_toolkit,lark", "sympy,mpmath", "numpy,sympy,mpmath,prompt_toolkit,lark"]
)
def test_what_needs_a_package_says_so_and_all_else_answers(forbidden, how):
    calls, imported = run(forbidden, how)
    assert not imported
    away = set(forbidden.split(","))
    for needed, number, what in calls:
        lacking = away & set(needed.split(","))
        where = f"call {number} of those that need {needed or 'nothing'}: {what}"
        if lacking:
            blamed = lacking if how == "named" else away  # a finder that gives no name lets one guess
            assert any(f" needs {OPTIONAL[package]}: it cannot be imported here." in what for package in blamed), where
        else:
            assert what == "answered", where


def test_what_is_wrong_with_matcalc_itself_is_no_missing_package():
    assert missing(ImportError("cannot import name 'x' from 'matcalc'", name="matcalc")) is None
    assert missing(ModuleNotFoundError("No module named 'numpy.linalg'", name="numpy.linalg")) == "numpy"


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal of POSIX")
def test_the_terminal_needs_prompt_toolkit_and_says_so():
    import pty

    master, slave = pty.openpty()
    code = "import sys; sys.modules['prompt_toolkit'] = None; from matcalc.app.cli import main; sys.exit(main([]))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=slave,
        stdout=slave,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        timeout=60,
    )
    os.close(slave)
    os.close(master)
    assert done.returncode == 1
    assert done.stderr.startswith("The REPL at a terminal needs prompt_toolkit")
