"""Whatever a caller gives, a public function answers or refuses in words: what was expected, and what was given.

`PARAMETERS` has an entry for every parameter of everything public, found by signature; a function or a parameter that
is added without one fails the first test.  Every parameter is given each value of `STRANGE`; what is not among the
kinds of value that it takes must be refused, and the refusal must say what was expected.
"""

from __future__ import annotations

import inspect
import math
import re
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc import MatcalcError
from matcalc.language.requests import Request

SHAPES = {"A": ("m", "n"), "x": ("n",)}
DATA = {"A": np.eye(2), "x": np.ones(2)}
FUNCTIONS = {"phi": (np.sum, np.ones_like)}
RULES = "operator twice : m×n -> m×n   linear\nadjoint twice: W : twice(X) = twice(W) : X\n" + (
    "definition twice: twice(X) = 2 X"
)


class Table:
    """Something like a data frame: no array, but it can be made one."""

    def __array__(self, dtype: object = None, copy: object = None) -> Any:
        return np.eye(2)


class Stubborn:
    """Something that refuses to be made an array."""

    def __array__(self, dtype: object = None, copy: object = None) -> Any:
        raise RuntimeError("it is on another device")


def endless() -> Iterator[str]:
    while True:
        yield "A"


LOOP: list[object] = []
LOOP.append(LOOP)

STRANGE: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "True": lambda: True,
    "0": lambda: 0,
    "3": lambda: 3,
    "-1": lambda: -1,
    "10**400": lambda: 10**400,
    "1.5": lambda: 1.5,
    "nan": lambda: math.nan,
    "inf": lambda: math.inf,
    "1j": lambda: 1j,
    "Fraction": lambda: Fraction(1, 3),
    "Decimal": lambda: Decimal("0.1"),
    "empty text": lambda: "",
    "blank text": lambda: "  \n ",
    "null byte": lambda: "A\0B",
    "rules with a null byte": lambda: RULES + "\n\0",
    "lone surrogate": lambda: "A\ud800",
    "long text": lambda: "z" * 5000,
    "nonsense": lambda: "no such thing",
    "bytes": lambda: b"A",
    "bytearray": lambda: bytearray(b"A"),
    "object": object,
    "type": lambda: int,
    "function": lambda: lambda *_: None,
    "module": lambda: math,
    "list": lambda: [],
    "list of ints": lambda: [1, 2],
    "ragged": lambda: [[1, 2], [3]],
    "nested in itself": lambda: LOOP,
    "list of lists of texts": lambda: [["A"]],
    "long list": lambda: [1.0] * 100_000,
    "tuple": lambda: (),
    "set": lambda: {1},
    "dict": lambda: {},
    "dict by numbers": lambda: {1: 2},
    "dict of None": lambda: {"A": None, "x": None, "phi": None},
    "dict of ints": lambda: {"A": 3, "x": 3, "phi": 3},
    "dict of dicts": lambda: {"A": {}, "x": {}, "phi": {}},
    "dict of ragged lists": lambda: {"A": [[1, 2], [3]], "x": [[1, 2], [3]], "phi": [[1, 2], [3]]},
    "dict by odd names": lambda: {"A B": (), "": (), "3": ()},
    "mapping": UserDict,
    "generator": lambda: (i for i in range(3)),
    "endless": endless,
    "range": lambda: range(2),
    "array": lambda: np.eye(2),
    "array of objects": lambda: np.array([None, "A"], dtype=object),
    "array of texts": lambda: np.array(["A", "x"]),
    "array without axes": lambda: np.array(2.0),
    "numpy integer": lambda: np.int64(2),
    "numpy float": lambda: np.float32(2.5),
    "numpy truth value": lambda: np.bool_(True),
    "table": Table,
    "stubborn": Stubborn,
    "missing file": lambda: Path("/no/such/file.rules"),
    "folder": lambda: Path("/"),
    "expression": lambda: matcalc.parse("A x"),
    "derivative": lambda: matcalc.differentiate("A x", "x"),
    "error": lambda: ValueError("A"),
}


@dataclass
class Parameter:
    """A parameter: how it is given a value, what a refusal says was expected, and what need not be refused.

    Values of the types that it `reads` may be refused for what they hold, in other words; `takes` names what of
    `STRANGE` is no mistake there.
    """

    call: Callable[[Any], object]
    expected: str
    reads: tuple[type, ...] = (str,)
    takes: str = ""


def parameters(call: Callable[..., object], **own: Parameter) -> dict[str, Parameter]:
    """The parameters that all readers of expressions have, and their own."""
    shared = {
        "shapes": Parameter(lambda v: call(shapes=v), "dict by name", (Mapping,), "None"),
        "assume": Parameter(lambda v: call(assume=v), "dict by name", (Mapping,), "None"),
        "where": Parameter(lambda v: call(where=v), "`where` is a text"),
        "rules": Parameter(lambda v: call(rules=v), "a text or a file|rule file", takes="None"),
        "syntax": Parameter(lambda v: call(syntax=v), "'latex'", takes="None"),
    }
    return shared | own


def reader(f: Callable[..., object], *names: str) -> dict[str, Parameter]:
    typed = dict.fromkeys(names, "A x")
    own = {n: Parameter(lambda v, n=n: f(**typed | {n: v}), "An expression is a text") for n in names}
    return parameters(lambda **more: f(**typed, **more), **own)


def derive(**more: object) -> object:
    return matcalc.differentiate(**{"expression": "A x", "wrt": "x"} | more)  # type: ignore[call-overload]


ONE = matcalc.differentiate("phi(A x)", "x")
TWO = matcalc.differentiate("phi(A x)", ["A", "x"])
JACOBIAN = matcalc.differentiate("A x", "x")
EXPRESSION = matcalc.parse("phi(A x)")
SHOWN = matcalc.simplify("phi(A x) + phi(A x)")
FORM = ONE.form("index")
FORMS = TWO.form("pullback")
SESSION = matcalc.Session()


def evaluation(f: Callable[..., object]) -> dict[str, Parameter]:
    return {
        "arrays": Parameter(lambda v: f(v, FUNCTIONS), "dict by name", (Mapping,)),
        "functions": Parameter(lambda v: f(DATA, v), "dict by name|No function was given", (Mapping,)),
    }


PARAMETERS: dict[str, dict[str, Parameter]] = {
    "parse": reader(matcalc.parse, "expression"),
    "simplify": reader(matcalc.simplify, "expression"),
    "expand": reader(matcalc.expand, "expression"),
    "factor": reader(matcalc.factor, "expression"),
    "alternatives": reader(matcalc.alternatives, "expression"),
    "from_sympy": {
        "expression": Parameter(matcalc.from_sympy, "SymPy object"),
        "rules": Parameter(
            lambda v: matcalc.from_sympy(EXPRESSION.sympy(), v), "a text or a file|rule file", takes="None"
        ),
    },
    "equal": reader(matcalc.equal, "a", "b"),
    "functions": {"name": Parameter(matcalc.functions, "name of an operation is a text")},
    "differentiate": parameters(
        derive,
        expression=Parameter(lambda v: derive(expression=v), "An expression is a text"),
        wrt=Parameter(
            lambda v: derive(wrt=v), "list of names|name of a variable|Name the variable", takes="array of texts"
        ),
        order=Parameter(lambda v: derive(expression="x'x", order=v), "1, 2, …|at most", (int,), "numpy integer"),
        structure=Parameter(lambda v: derive(structure=v), "'stiefel'", takes="None"),
        layout=Parameter(lambda v: derive(layout=v), "'denominator'", takes="None"),
        verify=Parameter(lambda v: derive(verify=v), "True or False", takes="True, numpy truth value"),
    ),
    "rules.load": {
        "source": Parameter(matcalc.rules.load, "a text or a file|rule file"),
        "base": Parameter(lambda v: matcalc.rules.load(RULES, v), "RuleBook", takes="None"),
    },
    "rules.default": {},
    "Derivative.ascii": {},
    "Derivative.latex": {"printer": Parameter(ONE.latex, "'sympy'")},
    "Derivative.sympy": {},
    "Derivative.form": {"name": Parameter(ONE.form, "'kronecker'")},
    "Derivative.contract": {"cotangent": Parameter(JACOBIAN.contract, "A cotangent is a text")},
    "Derivative.trace": {},
    "Derivative.evaluate": evaluation(ONE.evaluate),
    "Derivatives.ascii": {},
    "Derivatives.latex": {},
    "Derivatives.form": {"name": Parameter(TWO.form, "'kronecker'")},
    "Derivatives.evaluate": evaluation(TWO.evaluate),
    "Derivatives.__getitem__": {"name": Parameter(TWO.__getitem__, "There is no derivative by")},
    "Form.ascii": {},
    "Form.latex": {},
    "Form.evaluate": evaluation(FORM.evaluate),
    "Forms.ascii": {},
    "Forms.latex": {},
    "Forms.evaluate": evaluation(lambda data, f: FORMS.evaluate({**data, "G": 1.0} if type(data) is dict else data, f)),
    "Forms.__getitem__": {"name": Parameter(FORMS.__getitem__, "There is no derivative by")},
    "Derivation.ascii": {},
    "Derivation.latex": {},
    "Expr.ascii": {},
    "Expr.latex": {"printer": Parameter(EXPRESSION.latex, "'sympy'")},
    "Expr.sympy": {},
    "Expr.evaluate": evaluation(EXPRESSION.evaluate),
    "Shown.ascii": {},
    "Shown.latex": {"printer": Parameter(SHOWN.latex, "'sympy'")},
    "Shown.sympy": {},
    "Shown.evaluate": evaluation(SHOWN.evaluate),
    "Session.__init__": {
        "shapes": Parameter(lambda v: matcalc.Session(shapes=v), "dict by name", (Mapping,), "None"),
        "assume": Parameter(lambda v: matcalc.Session(assume=v), "dict by name", (Mapping,), "None"),
        "rules": Parameter(lambda v: matcalc.Session(rules=v), "a text or a file|rule file", takes="None"),
        "style": Parameter(lambda v: matcalc.Session(style=v), "'ascii'"),
        "syntax": Parameter(lambda v: matcalc.Session(syntax=v), "'latex'", takes="None"),
    },
    "Session.request": {"text": Parameter(SESSION.request, "A statement is a text")},
    "Session.run": {"text": Parameter(SESSION.run, "A statement is a text")},
    "Session.declare": {"text": Parameter(SESSION.declare, "A declaration is a text")},
    "Session.differentiate": {
        "text": Parameter(lambda v: SESSION.differentiate(v, Request(("x",), 1, 0)), "A statement is a text"),
        "request": Parameter(lambda v: SESSION.differentiate("x'x", v), "Request"),
        "structure": Parameter(
            lambda v: SESSION.differentiate("d/dx x'x", Request(("x",), 1, 4), v),
            "'stiefel'",
            takes="None",
        ),
        "layout": Parameter(
            lambda v: SESSION.differentiate("d/dx x'x", Request(("x",), 1, 4), None, v),
            "'denominator'",
            takes="None",
        ),
        "verify": Parameter(
            lambda v: SESSION.differentiate("d/dx x'x", Request(("x",), 1, 4), verify=v),
            "True or False",
            takes="True, numpy truth value",
        ),
    },
    "Session.load": {"path": Parameter(SESSION.load, "A rule file is a path|rule file")},
    "Session.names": {},
}
"""By what is public and then by parameter."""


def public() -> Iterator[tuple[str, Callable[..., object]]]:
    """Every public function and method, by its name, and of what a caller makes the constructor."""
    for name in matcalc.__all__:
        found = getattr(matcalc, name)
        if inspect.isclass(found):
            if not issubclass(found, Exception):
                yield from methods(found)
        elif callable(found):
            yield name, found
    yield from methods(matcalc.derivatives.derivatives.Forms)  # several variables have it for a Form
    for name in matcalc.rules.__all__:
        if inspect.isfunction(getattr(matcalc.rules, name)):
            yield f"rules.{name}", getattr(matcalc.rules, name)


def methods(cls: type) -> Iterator[tuple[str, Callable[..., object]]]:
    wanted = ("__getitem__", "__init__") if cls is matcalc.Session else ("__getitem__",)
    for name, f in inspect.getmembers(cls, inspect.isfunction):
        if f.__module__.startswith("matcalc") and (name in wanted or not name.startswith("_")):
            yield f"{cls.__name__}.{name}", f


def test_every_parameter_of_everything_public_has_its_cases() -> None:
    found = {name: {p for p in inspect.signature(f).parameters if p != "self"} for name, f in public()}
    assert found == {name: set(parameters) for name, parameters in PARAMETERS.items()}


CASES = [(f, name) for f, parameters in PARAMETERS.items() for name in parameters]


@pytest.mark.parametrize(("f", "name"), CASES)
def test_strange_values(f: str, name: str) -> None:
    parameter = PARAMETERS[f][name]
    takes = parameter.takes.split(", ") if parameter.takes else []
    assert set(takes) <= STRANGE.keys()
    for strange, make in STRANGE.items():
        value = make()
        said = f"{f}({name}=<{strange}>)"
        try:
            parameter.call(value)
        except MatcalcError as error:
            assert strange not in takes, f"{said} is refused: {error}"
            assert error.message.rstrip().endswith((".", "…", "?")), said
            if not isinstance(value, parameter.reads):
                assert re.search(parameter.expected, error.message), f"{said}: {error}"
        else:
            assert strange in takes or isinstance(value, parameter.reads), f"{said} is not refused"
