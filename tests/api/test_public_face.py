"""What a person meets at a prompt: names, signatures, what objects show of themselves, and errors where they belong."""

from __future__ import annotations

import copy
import inspect
import os
import pickle
import re
import rlcompleter
import subprocess
import sys
import typing
from pathlib import Path

import numpy as np
import pytest

import matcalc
from matcalc import Derivative, Derivatives, MatcalcError, NameProblem

from .test_wrong_arguments import public

ROOT = Path(__file__).parents[2]


def python(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, *options, "-c", code]
    return subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, timeout=120)


# --- names ----------------------------------------------------------------------------------------------------------


def test_dir_and_tab_show_the_public_names_and_nothing_else():
    assert dir(matcalc) == sorted(matcalc.__all__)
    assert {"differentiate", "Session", "Derivative", "MatcalcError", "rules"} <= set(dir(matcalc))
    complete = rlcompleter.Completer({"matcalc": matcalc}).complete
    offered = [found.removeprefix("matcalc.").rstrip("()") for i in range(200) if (found := complete("matcalc.", i))]
    assert sorted(offered) == sorted(matcalc.__all__)
    assert dir(matcalc.rules) == sorted(matcalc.rules.__all__)
    with pytest.raises(AttributeError, match="no attribute 'diferentiate'"):
        matcalc.diferentiate  # type: ignore[attr-defined]  # noqa: B018


def test_every_public_name_is_there_at_once_and_is_documented():
    for name in matcalc.__all__:
        code = f"import matcalc; assert matcalc.{name}.__doc__.strip(), '{name}'; from matcalc import {name}"
        exec(code, {})
    done = python("from matcalc import *; print(differentiate('tr(A B)', 'A'), Session)")
    assert done.stdout.startswith("Bᵀ <class") and not done.stderr


def test_importing_loads_nothing_heavy():
    done = python("import sys, matcalc; dir(matcalc); print(len([m for m in sys.modules if m.startswith('matcalc')]))")
    assert int(done.stdout) <= 3


# --- types ----------------------------------------------------------------------------------------------------------


def test_no_public_signature_says_any():
    for name, f in public():
        signature = inspect.signature(f)
        given = [p.annotation for p in signature.parameters.values() if p.name != "self"]
        for annotation in (signature.return_annotation, *given):
            assert annotation is not inspect.Parameter.empty, name
            assert "Any" not in str(annotation), f"{name}: {annotation}"


def test_differentiate_is_typed_by_its_overloads():
    overloads = typing.get_overloads(matcalc.differentiate)
    signatures = [inspect.signature(f) for f in overloads]
    kinds = [(s.parameters["wrt"].annotation, s.return_annotation) for s in signatures]
    assert kinds == [("str | SympyObject", "Derivative"), ("Sequence[str | SympyObject]", "Derivatives")]
    whole = inspect.signature(matcalc.differentiate).parameters
    assert all(list(s.parameters) == list(whole) for s in signatures)


# --- what objects show of themselves --------------------------------------------------------------------------------

LONG = "tr(A B) + " + " + ".join(f"tr(A B^{k} A' C)" for k in range(2, 60))


def objects() -> list[object]:
    two = matcalc.differentiate("phi(W X)", ["W", "X"])
    long = matcalc.differentiate(LONG, "A")
    tensor = matcalc.differentiate("A X B", "X")
    book = matcalc.rules.default()
    out: list[object] = [two["W"], long, two.derivation, long.derivation, long.expression, matcalc.parse(LONG), book]
    out += [two["W"].problem, two["W"].task, matcalc.Session(), book.all_rules()[0]]
    out += [tensor.form(name) for name in matcalc.derivatives.choices.FORMS]
    out += [*two.derivation.steps, *two.derivation.trace, *long.derivation.steps]
    out += matcalc.alternatives("inv(A + x y')")
    session = matcalc.Session()
    session.run(f"d/dA {LONG}")
    return [*out, session, matcalc.equal("A B", "B A", {"A": ("n", "n"), "B": ("n", "n")})]


def test_what_a_prompt_shows_is_one_short_line():
    for found in objects():
        shown = repr(found)
        assert len(shown) <= 210 and "\n" not in shown and " object at 0x" not in shown, shown


def test_what_a_prompt_shows_says_what_it_is():
    two = matcalc.differentiate("phi(W X)", ["W", "X"])
    assert repr(two) == "<∂f/∂W = G Xᵀ>\n<∂f/∂X = Wᵀ G>"
    assert repr(two.derivation) == "<derivation of ∂f/∂W, ∂f/∂X in 9 lines>"
    assert repr(two["X"].form("index")) == "<index: ∂f/∂X_ij = Σ_a W_ai (φ'(W X))_aj>"
    assert repr(matcalc.Session()) == "<session: nothing declared, no answer yet>"
    assert re.fullmatch(r"<rule book of \d+ operators and \d+ rules>", repr(matcalc.rules.default()))


# --- several variables ----------------------------------------------------------------------------------------------


def test_several_variables_are_shown_and_evaluated_as_one_is():
    two = matcalc.differentiate("norm(W x + b)^2", ["W", "b"])
    assert isinstance(two, Derivatives) and isinstance(two["b"], Derivative)
    assert str(two) == "∂f/∂W = 2 (W x + b) xᵀ\n∂f/∂b = 2 (W x + b)"
    assert two.ascii() == "df/dW = 2 (W x + b) x'\ndf/db = 2 (W x + b)"
    lines = two.latex().splitlines()
    assert lines[0] == r"\begin{aligned}" and lines[-1] == r"\end{aligned}"
    assert lines[1] == rf"\frac{{\partial f}}{{\partial W}} &= {two['W'].latex()} \\"
    assert two._repr_latex_() == f"$\\displaystyle {two.latex()}$"
    point = {"W": np.eye(2), "x": [1, 2], "b": [0, 1]}
    values = two.evaluate(point)
    assert list(values) == ["W", "b"]
    for name, value in values.items():
        np.testing.assert_array_equal(value, two[name].evaluate(point))
    assert two.shapes == two["W"].shapes and two.notes == ()
    for copied in (copy.deepcopy(two), pickle.loads(pickle.dumps(two))):
        assert str(copied) == str(two)


def test_several_variables_have_forms_as_one_has():
    two = matcalc.differentiate("A X", ["A", "X"])
    for name in matcalc.derivatives.choices.FORMS:
        forms = two.form(name)
        assert list(forms) == ["A", "X"] and str(forms["X"]) == str(two["X"].form(name))
        assert str(forms).splitlines()[0] == f"by A: {str(two['A'].form(name)).splitlines()[0]}"
        assert forms.ascii().isascii() and forms["A"].latex() in forms.latex()
        assert forms._repr_latex_().startswith("$") and repr(forms).count("\n") == 1
    values = two.form("kronecker").evaluate({"A": np.eye(2), "X": np.eye(2)})
    assert {name: value.shape for name, value in values.items()} == {"A": (4, 4), "X": (4, 4)}


def test_a_variable_that_is_not_there():
    two = matcalc.differentiate("lambda x' A x", ["lambda", "x"])
    assert two["λ"] is two["lambda"] and "lambda" in two and "y" not in two and two.get("y") is None
    for wrong in ("y", 3, None, ["x"]):
        with pytest.raises(NameProblem, match="There is no derivative by") as refusal:
            two[wrong]
        assert isinstance(refusal.value, KeyError) and "λ, x" in str(refusal.value)


def test_one_abbreviation_for_two_things_is_said_twice():
    two = matcalc.differentiate("phi(W X) + psi(X W)", ["W", "X"], {"W": ("n", "n"), "X": ("n", "n")})
    said = [line.partition(" = ")[0] for line in str(two).splitlines() if line.startswith("where ")]
    assert len(set(said)) == len(said) or str(two).count("∂f/∂X") == 1


# --- sessions -------------------------------------------------------------------------------------------------------


def test_a_session():
    session = matcalc.Session({"X": ("m", "n")}, {"S": "symmetric"})
    assert session.shapes == {"X": ("m", "n")} and session.assume == {"S": {"symmetric"}} and session.last is None
    session.declare("let r = X w - y")
    assert session.run("d/dw 1/2 norm(r)^2").splitlines()[0] == "∂f/∂w = Xᵀ (X w - y)"
    assert isinstance(session.last, Derivative) and session.last.shapes["X"] == ("m", "n")
    assert session.run("d/dx,S x' S x").splitlines()[:2] == ["∂f/∂x = 2 S x", "∂f/∂S = x xᵀ"]
    assert isinstance(session.last, Derivatives)
    with pytest.raises(matcalc.Session.Quit):
        session.run("quit")


def test_a_refused_statement_changes_nothing():
    session = matcalc.Session()
    session.run("let z = A x")
    session.run("d/dx norm(z)^2")
    before = (session.where, session.last, session.book, session.shapes, session.assume)
    for wrong in (
        "let z = A +",
        "let q = z; matrix z(m",
        "d/dx tr(",
        "rules /no/such/file",
        "d/dz z'z",
        "forget q",
    ):
        with pytest.raises(MatcalcError):
            session.run(wrong)
        assert (session.where, session.last, session.book, session.shapes, session.assume) == before


def test_sessions_share_nothing():
    one, other = matcalc.Session(style="ascii"), matcalc.Session()
    one.declare("scalar x")
    assert one.run("d/dx x^2").startswith("df/dx") and not other.where
    assert other.run("d/dx x' x").splitlines()[0] == "∂f/∂x = 2 x"


# --- errors ---------------------------------------------------------------------------------------------------------

REFUSALS = [
    ('matcalc.differentiate("tr(1 + A)", "A")', "1 + A"),
    ('matcalc.parse("A ⊙ ")', "⊙"),
    ('matcalc.Session().run("d/dA tr(A B ⊗)")', ")"),
    ('matcalc.parse("A x", where="matrix A(m, n/2)")', "n/2"),
    ('matcalc.differentiate("A x", "x").contract("A + 1")', "A + 1"),
    ('matcalc.equal("A", "A +")', "+"),
]


@pytest.mark.parametrize(("code", "place"), REFUSALS)
def test_the_caret_of_a_traceback_stands_under_its_place(code, place):
    error = python(f"import matcalc\n{code}").stderr.splitlines()
    carets = next(i for i, line in enumerate(error) if re.fullmatch(r" +\^+", line) and i > 2)
    above = error[carets - 1]
    assert above[error[carets].index("^") :].startswith(place[: error[carets].count("^")]), "\n".join(error)
    assert re.fullmatch(r"matcalc\.\w+: ", error[carets - 2])
    assert sum(line.startswith("  File ") for line in error) <= 2, "the frames inside are cut"


def test_frames_inside_are_kept_in_development_mode():
    error = python('import matcalc\nmatcalc.parse("tr(1 + A)")', "-X", "dev").stderr
    assert error.count("  File ") > 4


def test_every_refusal_begins_on_a_line_of_its_own_where_it_has_a_place():
    with pytest.raises(MatcalcError) as refusal:
        matcalc.parse("tr(1 + A)")
    assert str(refusal.value) == "\n" + "\n".join(refusal.value.lines())
    with pytest.raises(MatcalcError) as refusal:
        matcalc.differentiate("x", "x", order=0)
    assert str(refusal.value) == "\n".join(refusal.value.lines()) == "The order of a derivative is 1, 2, …, not 0."


def test_errors_are_called_by_their_public_names_and_travel():
    with pytest.raises(MatcalcError) as refusal:
        matcalc.parse("tr(1 + A)")
    assert type(refusal.value).__module__ == "matcalc"
    copied = pickle.loads(pickle.dumps(refusal.value))
    assert type(copied) is type(refusal.value) and str(copied) == str(refusal.value)
