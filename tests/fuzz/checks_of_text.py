"""What is held of a problem beside its derivative: derivations, rewritings, equality, printing, the normal form."""

from __future__ import annotations

from typing import Any

import numpy as np

import matcalc
from matcalc.normal_form.algebra import Algebra
from matcalc.rules import default
from matcalc.simplification.shortest import pleasant
from tests.fuzz.checks import DRAWS, FORMS, Case, Wrong, agree, combined, contracted, numbers, same_value
from tests.fuzz.numerics import Array, Unfit
from tests.fuzz.points import Point, at_rest, laid_out, slopes
from tests.fuzz.rewriting import mutated, same, shuffled
from tests.fuzz.trees import SCALAR, Tree
from tests.fuzz.writing import declarations, written

DIFFERENT = 1e-4  # relative; two functions that differ so much at a point differ


def check_lines(case: Case) -> None:
    """Every line of the derivation is true: the function, its differential along a direction, the answer."""
    problem, name, d = case.problem, case.problem.variable, case.derivative
    slope = case.first_order[0]
    weights = np.random.default_rng(problem.seed & 0xFFFF).standard_normal(len(slope.moves))
    moved = {f"d{name}": laid_out(problem.symbols[name], combined(weights, slope.moves))}
    scale = max(slope.scale, float(np.abs(slope.along).max(initial=0)))

    def compare(k: int, step: Any) -> None:
        def both(q: Point) -> tuple[Array, Array]:
            said = numbers(step.expression, q, moved).reshape(-1)
            value, along = slopes(problem.tree, name, slope.moves, q)
            flat = along.reshape(slope.along.shape)
            if step.kind == "differential":
                return said, np.asarray(weights @ flat)
            if step.kind == "answer":
                return contracted(said, slope.moves).reshape(-1), flat[:, 0]
            return said, value.reshape(-1)

        agree(f"line {k}, {step.left} = {step.expression}", both, slope.point, scale)

    for k, step in enumerate(d.derivation.steps):
        if step.kind in ("definition", "differential") or (step.kind, d.kind) == ("answer", "gradient"):
            compare(k, step)
        else:
            numbers(step.expression, slope.point, moved)


def check_rewritten(case: Case) -> None:
    """`simplify`, `expand` or `factor`, the next one for each problem, keeps the value."""
    name = ("simplify", "expand", "factor")[case.problem.seed // 3 % 3]
    made = getattr(matcalc, name)(case.problem.text, **case.problem.declared())
    same_value(case, f"{name} gives {made}", made)


def check_alternatives(case: Case) -> None:
    """What `alternatives` offers keeps the value."""
    for other in matcalc.alternatives(case.problem.text, **case.problem.declared()):
        same_value(case, f"{other.name} gives {other.expression}", other.expression)


def check_equal(case: Case) -> None:
    """`equal` does not deny what is equal by a law of algebra."""
    problem = case.problem
    if not np.isfinite(case.value[1]).all():
        raise Unfit("not finite")
    other = same(problem.tree, case.rng)
    text = written(other)
    found = matcalc.equal(problem.text, text, **problem.declared())
    if found.verdict == "not equal":
        raise Wrong(f"equal denies {problem.text} = {text}: {found}")


def check_different(case: Case) -> None:
    """`equal` does not affirm what differs, as the evaluator confirms."""
    problem = case.problem
    other = mutated(problem.tree, case.rng)
    if other is None:
        raise Unfit("nothing to change")

    def differ(p: Point, truth: Array) -> bool:
        found = at_rest(other, p)
        off = float(np.abs(found - truth).max(initial=0))
        return off > DIFFERENT * max(1e-3, float(np.abs(truth).max(initial=0)), float(np.abs(found).max(initial=0)))

    if not any(case.fitting(lambda p: differ(p, at_rest(problem.tree, p)), DRAWS)):
        raise Unfit("the change does not show")
    text = written(other)
    found = matcalc.equal(problem.text, text, **problem.declared())
    if found.verdict != "not equal":
        raise Wrong(f"equal affirms {problem.text} = {text}: {found}")


def _context(case: Case, e: matcalc.Expr) -> dict[str, Any]:
    """What reads a printed expression: the declarations without the names of parts, and sizes that stand as numbers."""
    from matcalc.expressions.parts import symbols

    problem = case.problem
    shapes: dict[str, Any] = dict(problem.shapes)
    shapes |= {x.name: () for x in symbols(e) if x.shape == SCALAR and x.name in problem.dims}
    where = declarations(problem.tree, {}, problem.functions)
    return {"shapes": shapes, "assume": dict(problem.assume), "where": where}


def check_latex_back(case: Case) -> None:
    """What is printed in LaTeX is read as the same expression."""
    d = case.derivative
    pairs = [("the function", case.expression)]
    if d.kind != "differential":
        pairs.append(("the normal form of the answer", d.normal))
    for what, e in pairs:
        try:
            back = matcalc.parse(e.latex(), **_context(case, e), syntax="latex")
        except matcalc.MatcalcError as refused:
            raise Wrong(f"{what}, {e.latex()}, is not read back: {refused.message}") from refused
        if back is not e:
            raise Wrong(f"{what}, {e.latex()}, is read back as {back}")


def check_reading_back(case: Case) -> None:
    """What is printed is read as the same expression, in both alphabets."""
    d = case.derivative
    pairs = [("the function", case.expression)]
    if d.kind != "differential":
        pairs.append(("the normal form of the answer", d.normal))
    for what, e in pairs:
        for text in (e.ascii(), str(e)):
            try:
                back = matcalc.parse(text, **_context(case, e))
            except matcalc.MatcalcError as refused:
                raise Wrong(f"{what}, {text}, is not read back: {refused.message}") from refused
            if back is not e:
                raise Wrong(f"{what}, {text}, is read back as {back}")
    if d.kind != "differential":
        texts = (d.expression.ascii(), str(d.expression))
        try:
            first, second = (matcalc.parse(text, **_context(case, d.expression.normal)) for text in texts)
        except matcalc.MatcalcError as refused:
            raise Wrong(f"the answer, {texts[1]}, is not read back: {refused.message}") from refused
        if first is not second:
            raise Wrong(f"the answer is read as {first} from ASCII and as {second} from Unicode")

        def both(q: Point) -> tuple[Array, Array]:
            said, printed = numbers(first, q).reshape(-1), numbers(d.expression, q).reshape(-1)
            if not np.isfinite(printed).all():
                raise Unfit("not finite")
            return said, printed

        p, truth = case.value
        agree(f"{texts[1]} read back", both, p, float(np.abs(truth).max(initial=0)))


def check_printing(case: Case) -> None:
    """Everything prints, in ASCII as ASCII."""
    d = case.derivative
    for text in (d.ascii(), d.derivation.ascii(), case.expression.ascii()):
        if not text.isascii():
            raise Wrong(f"not ASCII: {text}")
    for text in (str(d), str(d.derivation), repr(d), d.label):
        if not text:
            raise Wrong("nothing is printed")


def check_latex(case: Case) -> None:
    """Everything has LaTeX, with its braces in pairs."""
    d = case.derivative
    form = d.form(FORMS[case.problem.seed // 3 % len(FORMS)])
    for text in (case.expression.latex(), d.latex(), d.derivation.latex(), form.latex()):
        if not text or text.count("{") != text.count("}"):
            raise Wrong(f"not LaTeX: {text}")


def check_normal_form(case: Case) -> None:
    """A normal form that is built again is the same object, and is shown in the same way whatever was shown before."""
    d = case.derivative
    algebra = Algebra(default())
    for e in (case.expression, d.normal):
        again = algebra.substitute(e, {})
        if again is not e:
            raise Wrong(f"{e} becomes {again}")
    shown = pleasant(Algebra(default()), d.normal)
    if shown.written is not d.expression.written:
        raise Wrong(f"{d.normal} is shown as {d.expression} and as {shown}")
    if d.expression.size > d.normal.size:
        raise Wrong(f"{d.expression} is longer than {d.normal}")


def check_order(case: Case) -> None:
    """The order of terms and of commuting factors changes neither the normal form nor the answer."""
    other = _text(case, shuffled(case.problem.tree, case.rng))
    again = matcalc.parse(other, **case.problem.declared())
    if again is not case.expression:
        raise Wrong(f"{other} is {again}, and {case.problem.text} is {case.expression}")
    first, second = str(case.derivative), str(case.differentiated(other))
    if first != second:
        raise Wrong(f"the answers are {first} and {second} for {other}")


def _text(case: Case, tree: Tree) -> str:
    return written(tree, case.rng.choice)
