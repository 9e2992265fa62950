"""No function calls itself on the parts of an expression, however indirectly, but for those whose depth is bounded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import matcalc
from matcalc.normal_form.algebra import Algebra
from matcalc.rules import default
from tests.project.limits import ending

PACKAGE = Path(matcalc.__file__).parent

BOUNDED = {
    "calculus/differentials": {"push": "nodes come after their arguments; inside is a definition, which stands alone"},
    "checking/effort": {"_measured": "inside are definitions from the rule files"},
    "checking/points": {"_exponents": "inside are definitions from the rule files"},
    "derivatives/index_form": {"entries_of": "a sum has no sums for terms, but for the one in a multiple"},
    "derivatives/index_sum": {"_array": "an index term holds no other"},
    "evaluation/arrays": {"value": "goes over the nodes, arguments first; inside are definitions from the rule files"},
    "evaluation/precise": {"_outcomes": "as evaluation/arrays"},
    "language/code": {"compiled": "a code clause has at most 300 characters"},
    "normal_form/hadamard": {"had": "what a factor is made of was made before it"},
    "normal_form/matching": {"match": "as deep as a pattern, and a rule is nested at most 60 deep"},
    "normal_form/operators": {"apply": "a transpose is taken off, or a sum taken apart, once"},
    "normal_form/powers": {"power": "a transpose, a number, a scalar and a power are each taken off once"},
    "normal_form/products": {"mul": "every pass has fewer factors, or blocks of 64 for them"},
    "normal_form/properties": {"surely": "what is nested deeper than DEEP is settled from the inside"},
    "normal_form/sums": {"linear": "numbers that are added to every entry are gathered once"},
    "normal_form/transposes": {"transpose": "what is nested deeper than DEEP is transposed from the inside"},
    "printing/told": {"said": "arguments come first, and their readings are kept"},
    "simplification/arrange": {
        "_content_inside": "a multiple of a sum is opened once",
        "_signs_turned": "a multiple of a sum is opened once",
    },
    "simplification/collect": {"factored": "what is left of a term has a factor less, within an allowance"},
    "simplification/entrywise": {"rebuild": "hands on to a fold, which is none"},
    "simplification/entrywise_sympy": {
        "_degrees": "regions that SymPy is asked about are small",
        "of": "regions that SymPy is asked about are small",
    },
}
"""By module, one function of each circle, and why its depth is bounded."""


def recursive(source: str) -> Iterator[set[str]]:
    """The functions of a module that call one another in a circle, where one of them looks at `.args`.

    A call is one by name, or of a method of `self` or of an algebra, whose methods are the functions of its modules.
    """
    functions: dict[str, list[ast.FunctionDef]] = {}
    for x in ast.walk(ast.parse(source)):
        if isinstance(x, ast.FunctionDef):
            functions.setdefault(x.name, []).append(x)
    calls = {name: set().union(*map(_called, found)) & functions.keys() for name, found in functions.items()}
    reached = {name: _closure(name, calls) for name in calls}
    for name in sorted(calls):
        circle = {other for other in reached[name] if name in reached[other]}
        if (
            name in circle
            and min(circle) == name
            and any(map(_looks_inside, (f for c in circle for f in functions[c])))
        ):
            yield circle


def _called(function: ast.FunctionDef) -> set[str]:
    names = [x for x in ast.walk(function) if isinstance(x, ast.Name)]
    own = {x.arg for x in ast.walk(function) if isinstance(x, ast.arg)}
    own |= {x.id for x in names if isinstance(x.ctx, ast.Store)}
    found = {x.id for x in names} - own
    for x in ast.walk(function):
        if isinstance(x, ast.Attribute) and isinstance(x.value, ast.Name | ast.Attribute):
            of = x.value.id if isinstance(x.value, ast.Name) else x.value.attr
            if of in ("self", "algebra"):
                found.add(x.attr)
    return found


def _closure(name: str, calls: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    todo = list(calls[name])
    while todo:
        x = todo.pop()
        if x not in found:
            found.add(x)
            todo.extend(calls[x])
    return found


def _looks_inside(function: ast.FunctionDef) -> bool:
    return any(isinstance(x, ast.Attribute) and x.attr == "args" for x in ast.walk(function))


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_recurses_over_expressions_is_known_and_bounded(path: Path) -> None:
    known = BOUNDED.get(path.relative_to(PACKAGE).with_suffix("").as_posix(), {})
    circles = list(recursive(path.read_text(encoding="utf-8")))
    assert not [sorted(c) for c in circles if c.isdisjoint(known)]
    assert all(any(name in c for c in circles) for name in known)


def test_what_it_looks_for_is_found() -> None:
    source = """
def depth(e): return 1 + max(depth(a) for a in e.args)
def even(e): return not e.args or odd(e.args[0])
def odd(e): return self.even(e)
def size(e): return sum(other.size(a) for a in e.args)
def count(n): return count(n - 1)
"""
    assert list(recursive(source)) == [{"depth"}, {"even", "odd"}]


NESTED = 1_000


@pytest.mark.parametrize(("step", "wanted"), [("inv(A + @)", "spd"), ("B' (A + @) B", "psd")])
def test_properties_of_what_is_nested_deep(step: str, wanted: str) -> None:
    before, after = step.split("@")
    with ending():
        e = matcalc.parse(
            before * NESTED + "X" + after * NESTED,
            shapes=dict.fromkeys("ABX", ("n", "n")),
            assume={"A": wanted, "X": wanted},
        )
        assert Algebra(default()).surely(e, wanted)


@pytest.mark.parametrize(
    "step", ["tanh(@)", "-tanh(@)", "tanh(s - @)", "(t - @)^3", "abs(t - @)", "1/(s - 2/@)", "1/2 (s + 2 sin(@))"]
)
def test_signs_and_numbers_of_what_is_nested_deep(step: str) -> None:
    before, after = step.split("@")
    with ending():
        text = "s - " + before * NESTED + "(t - s)" + after * NESTED
        e = matcalc.simplify(text, shapes={"s": (), "t": ()})
        assert e.written.depth >= NESTED
