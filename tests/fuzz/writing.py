"""Trees written in matcalc's language; `pick` chooses among the spellings that mean the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from tests.fuzz.trees import SCALAR, Dim, Problem, Tree, Unspecified, functions, nodes, shown

Pick = Callable[[Sequence[Any]], Any]

SUM, FROBENIUS, SIGN, INFIX, PRODUCT, POSTFIX, ATOM = range(7)
ELEMENTWISE = frozenset(
    "exp log sqrt sin cos tan asin acos atan sinh cosh tanh abs sign relu step sigmoid softplus erf gamma lgamma "
    "digamma trigamma recip square".split()
)
SIZED = frozenset("unvec unvech firstpart lastpart kronleft kronright".split())
"""What takes the sizes of its result as well, where nothing else tells them."""
INFIXES = {"hadamard": (".*", "⊙", "∘"), "dotdivide": ("./", "⊘"), "kron": ("⊗",)}
SUMS = {"add": "+", "subtract": "-", "dotadd": ".+", "dotsubtract": ".-"}
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def first(options: Sequence[Any]) -> Any:
    """The plainest spelling."""
    return options[0]


def written(root: Tree, pick: Pick = first, lets: Mapping[int, str] | None = None) -> str:
    """A tree as text; `lets` names subtrees."""
    lets = lets or {}

    def at(t: Tree, level: int) -> str:
        found, text = layout(t)
        return text if found >= level else f"({text})"

    def layout(t: Tree) -> tuple[int, str]:
        if id(t) in lets and t is not root:
            return ATOM, lets[id(t)]
        op, args = t.op, t.args
        if not args:
            return _leaf(t)
        if op in SUMS:
            outer = FROBENIUS if op in ("add", "dotadd") else SIGN
            return SUM, f"{at(args[0], SUM if op == 'add' else SIGN)} {SUMS[op]} {at(args[1], outer)}"
        if op == "negate":
            return SIGN, f"-{at(args[0], PRODUCT)}"
        if op in ("mul", "scale"):
            flat = args[0].op in ("mul", "scale") and id(args[0]) not in lets and pick([False, True])
            beside = args[1].op in ("number", "ones")  # 2 3 would be two numbers side by side
            sign = " * " if beside else pick([" ", " ", " * "] if op == "scale" else [" ", " ", " * ", " @ "])
            if sign != " ":
                return INFIX, f"{at(args[0], PRODUCT)}{sign}{at(args[1], PRODUCT)}"
            return PRODUCT, f"{at(args[0], PRODUCT if flat else POSTFIX)} {at(args[1], POSTFIX)}"
        if op == "divide":
            return INFIX, f"{at(args[0], POSTFIX)} / {at(args[1], ATOM)}"
        if op in INFIXES and (op != "kron" or pick([False, True])):
            return INFIX, f"{at(args[0], POSTFIX)} {pick(INFIXES[op])} {at(args[1], POSTFIX)}"
        if op == "transpose":
            if args[0].op == "inv" and id(args[0]) not in lets and pick([False, True]):
                return POSTFIX, at(args[0].args[0], ATOM) + pick(["^-T", "⁻ᵀ"])
            return POSTFIX, at(args[0], ATOM) + pick(["'", "ᵀ", "^T"])
        if op == "inv" and pick([False, True]):
            return POSTFIX, at(args[0], ATOM) + pick(["^-1", "⁻¹", "^(-1)"])
        if op == "pinv" and pick([False, True]):
            return POSTFIX, at(args[0], ATOM) + pick(["^+", "⁺"])
        if op == "power":
            raised = f"^{t.data}" if pick([True, False]) else str(t.data).translate(SUPERSCRIPTS)
            return POSTFIX, at(args[0], ATOM) + raised
        if op in ("dotpower", "dotpower_of", "power_of"):
            caret = ".^" if op != "power_of" and t.shape != SCALAR else "^"
            exponent = _exponent(t.data) if op == "dotpower" else at(args[1], SUM)
            exponent = exponent if op == "dotpower" or args[1].op == "symbol" else f"({exponent})"
            return POSTFIX, f"{at(args[0], ATOM)}{caret}{exponent}"
        if op == "index":
            places = t.data[:1] if t.args[0].shape[1] == 1 else t.data
            return POSTFIX, f"{at(args[0], ATOM)}[{', '.join(':' if i is None else str(i) for i in places)}]"
        if op == "frob":
            a, b = args
            way = pick([":", "frob", "<"])
            if way == ":":
                return FROBENIUS, f"{at(a, SIGN)} : {at(b, SIGN)}"
            if way == "<":
                return ATOM, f"<{at(a, SUM)}, {at(b, SUM)}>"
        if op in ("norm", "norm_F", "norm_2") and pick([False, True]):
            inner = at(args[0], SUM)
            if "‖" not in inner and "|" not in inner:  # bars in bars are read as one pair after the other
                return ATOM, f"‖{inner}‖" + {"norm": "", "norm_F": "_F", "norm_2": "_2"}[op]
        dotted = t.shape != SCALAR and op in ELEMENTWISE | {"dotcall"}
        name = t.data.name + "'" * t.data.primes if op in ("call", "dotcall") else op
        sizes = [shown(d) for d in t.shape[: 1 if op == "unvech" else 2]] if op in SIZED and pick([True, False]) else []
        return ATOM, f"{name}{'.' if dotted else ''}({', '.join([*(at(a, SUM) for a in args), *sizes])})"

    def _leaf(t: Tree) -> tuple[int, str]:
        op = t.op
        if op == "symbol":
            return ATOM, str(t.data)
        if op == "number":
            c = Fraction(t.data)
            return (ATOM, str(c)) if c.denominator == 1 and c >= 0 else (ATOM, f"({c})")
        if op == "size":
            return ATOM, str(t.data)
        if op in ("identity", "unit", "entry", "commutation"):
            sizes: tuple[Dim, ...] = t.data or ()
            sizes += {"identity": t.shape[:1], "unit": t.shape[:1], "entry": t.shape, "commutation": ()}[op]
            letter = {"identity": "I", "unit": "e", "entry": "E", "commutation": "K"}[op]
            return ATOM, f"{letter}({', '.join(map(shown, sizes))})"
        sizes = t.shape[:1] if t.shape[1] == 1 else t.shape
        return ATOM, f"{op}({', '.join(map(shown, sizes))})"

    return at(root, SUM)


def _exponent(p: Any) -> str:
    p = Fraction(p)
    return str(p) if p.denominator == 1 and p >= 0 else f"({p})"


def declarations(root: Tree, lets: Mapping[str, Tree], known: Mapping[str, Unspecified], pick: Pick = first) -> str:
    """The functions that occur and the names of subtrees, as `where` takes them."""
    used = functions(root)
    out = [_function(f) for name, f in known.items() if name in used]
    named: dict[int, str] = {}
    for name, t in lets.items():
        out.append(f"let {name} = {written(t, pick, named)}")
        named[id(t)] = name
    return "; ".join(out)


def _function(f: Unspecified) -> str:
    if f.elementwise:
        return f"elementwise function {f.name}"
    result = _typed(f.result)
    return f"function {f.name}({_typed(f.argument) if f.argument else 'matrix'}) -> {result}"


def _typed(shape: tuple[Dim, Dim]) -> str:
    if shape == SCALAR:
        return "scalar"
    return f"vector({shown(shape[0])})" if shape[1] == 1 else f"matrix({shown(shape[0])}, {shown(shape[1])})"


def stated(problem: Problem, pick: Pick = first) -> Problem:
    """The problem with its text, its declarations and nothing that does not occur."""
    tree = problem.tree
    present = {id(t) for t in nodes(tree)}
    lets = {n: t for n, t in problem.lets.items() if id(t) in present and t is not tree}
    used = {t.data for t in nodes(tree) if t.op == "symbol"}
    symbols = {n: s for n, s in problem.symbols.items() if n in used}
    return replace(
        problem,
        symbols=symbols,
        lets=lets,
        variables=tuple(v for v in problem.variables if v in used),
        text=written(tree, pick, {id(t): n for n, t in lets.items()}),
        where=declarations(tree, lets, problem.functions, pick),
        shapes={n: s.shape[: s.axes] for n, s in symbols.items()},
        assume={n: s.property for n, s in symbols.items() if s.property not in ("", "integer")},
    )
