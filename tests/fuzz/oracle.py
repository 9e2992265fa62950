"""An oracle that shares no code with matcalc: expression trees of its own, evaluated with complex NumPy.

A tree is what `strategies` generates.  It writes itself in matcalc's language, and evaluates on its own; its gradient
is found by the complex step, exact to the last digits: Im f(X + ih E)/h.  So every operation here is analytic as
written (no absolute values but of what keeps its sign, no conjugates).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Dim = int | str
Shape = tuple[Dim, Dim]
Array = np.ndarray[Any, np.dtype[Any]]

STEP = 1e-30
SUM, FROBENIUS, SIGN, INFIX, PRODUCT, POSTFIX, ATOM = range(7)


@dataclass(frozen=True, eq=False)
class Tree:
    """A node: the operation, its operands, its shape over names of dimensions, and what the operation needs to know."""

    op: str
    args: tuple[Tree, ...]
    shape: Shape
    data: Any = None


@dataclass(frozen=True)
class Stand:
    """A smooth function for an unspecified one, with its derivative; it takes complex numbers."""

    value: Callable[[Array], Any]
    derivative: Callable[[Array], Any]


def scalar_stand(seed: int) -> Stand:
    """sin(A : X) + ½ B : X ⊙ X, of an argument of any shape."""

    def parts(x: Array) -> tuple[Array, Array]:
        rng = np.random.default_rng([seed, *np.shape(x)])
        return rng.standard_normal(np.shape(x)), rng.standard_normal(np.shape(x))

    def value(x: Array) -> Any:
        a, b = parts(x)
        return np.sin((a * x).sum()) + (b * x * x).sum() / 2

    def derivative(x: Array) -> Any:
        a, b = parts(x)
        return np.cos((a * x).sum()) * a + b * x

    return Stand(value, derivative)


ENTRYWISE = Stand(lambda z: np.sin(1.3 * z + 0.4), lambda z: 1.3 * np.cos(1.3 * z + 0.4))
FUNCTIONS: dict[str, Stand] = {"phi": scalar_stand(1), "psi": scalar_stand(2), "f": ENTRYWISE}


def given_functions() -> dict[str, tuple[Callable[..., Any], ...]]:
    """The stand-ins as matcalc takes them."""
    return {name: (s.value, s.derivative) for name, s in FUNCTIONS.items()}


def _sign(z: Array) -> Array:
    return np.sign(np.real(z))


def _log_det(a: Array) -> Array:
    d = np.linalg.det(a)
    return np.array([[np.log(d * np.sign(d.real))]])


def _logsumexp(x: Array) -> Array:
    top = np.real(x).max()
    return np.array([[top + np.log(np.exp(x - top).sum())]])


def _softmax(x: Array) -> Array:
    e = np.exp(x - np.real(x).max())
    return np.asarray(e / e.sum())


def _norm(a: Array) -> Array:
    """The norm; at zero it has no derivative."""
    total = (a * a).sum()
    return _one(np.sqrt(total) if total else np.nan)


def _one(z: Any) -> Array:
    return np.asarray(z).reshape(1, 1)


VALUES: dict[str, Callable[..., Array]] = {
    "sin": np.sin,
    "cos": np.cos,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "relu": lambda z: z * (_sign(z) > 0),
    "abs": lambda z: z * _sign(z),
    "atan": np.arctan,
    "square": lambda z: z * z,
    "tr": lambda a: _one(np.trace(a)),
    "sum": lambda a: _one(a.sum()),
    "mean": lambda a: _one(a.mean()),
    "det": lambda a: _one(np.linalg.det(a)),
    "logdet": _log_det,
    "norm": _norm,
    "norm_F": _norm,
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "inv": np.linalg.inv,
    "transpose": lambda a: a.T,
    "Diag": lambda a: np.diag(a[:, 0]),
    "diagvec": lambda a: np.diag(a).reshape(-1, 1),
    "frob": lambda a, b: _one((a * b).sum()),
    "dot": lambda a, b: _one((a * b).sum()),
    "outer": lambda a, b: a @ b.T,
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "dotadd": lambda s, a: s[0, 0] + a,
    "negate": lambda a: -a,
    "mul": lambda a, b: a @ b,
    "scale": lambda s, a: s[0, 0] * a,
    "divide": lambda a, s: a / s[0, 0],
    "hadamard": lambda a, b: a * b,
    "dotdivide": lambda a, b: a / b,
}


def value(root: Tree, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """The value as a matrix, shared subtrees once."""
    memo: dict[int, Array] = {}

    def size(d: Dim) -> int:
        return d if isinstance(d, int) else sizes[d]

    def walk(t: Tree) -> Array:
        found = memo.get(id(t))
        if found is None:
            args = [walk(a) for a in t.args]
            if t.op == "symbol":
                found = arrays[t.data]
            elif t.op == "number":
                found = _one(float(t.data))
            elif t.op == "identity":
                found = np.eye(size(t.shape[0]))
            elif t.op == "ones":
                found = np.ones((size(t.shape[0]), size(t.shape[1])))
            elif t.op == "power":
                found = np.linalg.matrix_power(args[0], t.data) if t.shape != (1, 1) else args[0] ** t.data
            elif t.op == "dotpower":
                found = args[0] ** t.data
            elif t.op == "call":
                rows, columns = t.args[0].shape
                axes = (0, 0) if rows == columns == 1 else (slice(None), 0) if columns == 1 else ()
                found = _one(FUNCTIONS[t.data].value(args[0][axes]))
            elif t.op == "dotcall":
                found = FUNCTIONS[t.data].value(args[0])
            else:
                found = VALUES[t.op](*args)
            memo[id(t)] = found
        return found

    with np.errstate(all="ignore"):
        return np.asarray(walk(root))


def gradient(root: Tree, name: str, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> Array:
    """The gradient of a scalar function, one complex step for each entry."""
    at = {n: a.astype(complex) for n, a in arrays.items()}
    out = np.zeros(arrays[name].shape)
    for place in np.ndindex(out.shape):
        moved = at[name].copy()
        moved[place] += 1j * STEP
        out[place] = value(root, {**at, name: moved}, sizes)[0, 0].imag / STEP
    return out


# --- writing --------------------------------------------------------------------------------------------------------

DOTTED = frozenset("sin cos exp log sqrt tanh sigmoid softplus relu abs atan square".split())


def written(root: Tree, pick: Callable[[Sequence[Any]], Any]) -> str:
    """The tree in matcalc's language; `pick` chooses among the spellings."""

    def name(t: Tree) -> str:
        return str(t.data)

    def at(t: Tree, level: int) -> str:
        found, text = layout(t)
        return text if found >= level else f"({text})"

    def layout(t: Tree) -> tuple[int, str]:
        op, args = t.op, t.args
        scalar = t.shape == (1, 1)
        if op == "symbol":
            return ATOM, name(t)
        if op == "number":
            return (ATOM, str(t.data)) if t.data.denominator == 1 and t.data >= 0 else (ATOM, f"({t.data})")
        if op == "identity":
            return ATOM, f"I({t.shape[0]})"
        if op == "ones":
            sizes = str(t.shape[0]) if t.shape[1] == 1 else f"{t.shape[0]}, {t.shape[1]}"
            return ATOM, f"{pick(['ones', '1'])}({sizes})"
        if op in ("add", "subtract"):
            sign = "+" if op == "add" else "-"
            return SUM, f"{at(args[0], SUM)} {sign} {at(args[1], FROBENIUS if op == 'add' else SIGN)}"
        if op == "dotadd":
            return SUM, f"{at(args[0], SIGN)} .+ {at(args[1], SIGN)}"
        if op == "negate":
            return SIGN, f"-{at(args[0], PRODUCT)}"
        if op in ("mul", "scale"):
            flat = args[0].op in ("mul", "scale") and pick([False, True])
            numbers = args[0].op != "symbol" and args[1].op == "number"  # 2 3 would be two numbers side by side
            joint = " * " if numbers else pick([" ", " ", " * "])
            if joint == " * ":
                return INFIX, f"{at(args[0], PRODUCT)} * {at(args[1], PRODUCT)}"
            return PRODUCT, f"{at(args[0], PRODUCT if flat else POSTFIX)} {at(args[1], POSTFIX)}"
        if op == "divide":
            return INFIX, f"{at(args[0], POSTFIX)} / {at(args[1], ATOM)}"
        if op in ("hadamard", "dotdivide"):
            sign = pick([".*", "⊙"]) if op == "hadamard" else pick(["./", "⊘"])
            return INFIX, f"{at(args[0], POSTFIX)} {sign} {at(args[1], POSTFIX)}"
        if op == "transpose":
            return POSTFIX, at(args[0], ATOM) + pick(["'", "ᵀ", "^T"])
        if op == "inv":
            return pick([(ATOM, f"inv({at(args[0], SUM)})"), (POSTFIX, at(args[0], ATOM) + pick(["^-1", "⁻¹"]))])
        if op == "power":
            return POSTFIX, f"{at(args[0], ATOM)}^{t.data}"
        if op == "dotpower":
            caret = "^" if scalar else ".^"
            return POSTFIX, f"{at(args[0], ATOM)}{caret}{t.data if t.data >= 0 else f'({t.data})'}"
        if op == "frob" and pick([False, True]):
            return FROBENIUS, f"{at(args[0], SIGN)} : {at(args[1], SIGN)}"
        if op == "norm" and pick([False, True]):
            inner = at(args[0], SUM)
            if "‖" not in inner:  # bars in bars are read as one pair after the other
                return ATOM, f"‖{inner}‖"
            return ATOM, f"norm({inner})"
        dot = "." if op == "dotcall" and not scalar or op in DOTTED and not scalar else ""
        called = t.data if op in ("call", "dotcall") else op
        return ATOM, f"{called}{dot}({', '.join(at(a, SUM) for a in args)})"

    return at(root, SUM)
