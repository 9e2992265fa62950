"""Random pairs: identities with other expressions for their names, inside of others, and changed in one place.

What keeps a difference: a name stands for an expression that takes all the values that the name takes, and both sides
are arguments of an operation that never makes two values one.  What is equal may stand in any expression.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

import numpy as np

from matcalc import MatcalcError, parse
from tests.checking.pairs.identities import Identity, Name, Wrong, of_textbooks, of_the_rule_book
from tests.fuzz.grow import problem
from tests.fuzz.numerics import Unfit
from tests.fuzz.points import at_rest, point
from tests.fuzz.rewriting import mutated, same
from tests.fuzz.writing import written

MOST_LENGTH = 400  # of a text
WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Pair:
    """Two expressions, whether they are equal, and where they come from."""

    left: str
    right: str
    equal: bool
    origin: str
    where: str = ""
    shapes: dict[str, tuple[int | str, ...]] | None = None
    assume: dict[str, str] | None = None

    def declared(self) -> dict[str, object]:
        """The declarations as keyword arguments of `equal`."""
        return {"where": self.where, "shapes": self.shapes or {}, "assume": self.assume or {}}


def pair(seed: int) -> Pair:
    """The pair of a seed; every second one is equal, and one in five is a grown expression."""
    rng = random.Random(f"pair {seed}")
    equal = seed % 2 == 0
    while True:
        try:
            made = _grown(rng, equal) if rng.random() < 0.2 else _of_identity(rng, equal)
        except MatcalcError:
            continue
        if made is not None and len(made.left) + len(made.right) <= MOST_LENGTH and _reads(made):
            return made


def _reads(made: Pair) -> bool:
    try:
        parse(f"({made.left}) - ({made.right})", **made.declared())  # type: ignore[arg-type]
    except MatcalcError:
        return False
    return True


# --- identities -------------------------------------------------------------------------------------------------------


def _of_identity(rng: random.Random, equal: bool) -> Pair | None:
    pool = of_the_rule_book() if rng.random() < 0.25 else of_textbooks()
    identity = rng.choice(pool)
    left, right, origin, is_complex = identity.left, identity.right, identity.place, False
    if not equal and identity.wrong and rng.random() < 0.6:
        wrong: Wrong = rng.choice(identity.wrong)
        right, is_complex, origin = wrong.text, wrong.complex, f"{origin}, wrong"
    elif not equal or rng.random() < 0.3:
        addend = rng.choice(VANISHING if equal else NEARLY_VANISHING)
        right, identity, origin = _with(identity, right, addend), _more(identity, addend), f"{origin} with {addend}"
    if rng.random() < 0.5:
        left, right = right, left
    for _ in range(rng.choice((0, 1, 1, 2))):
        left, right, identity = _substituted(rng, left, right, identity)
    if rng.random() < 0.5 and not SIZED & set(WORD.findall(left + " " + right)):
        left, right, identity = _inside(rng, left, right, identity, equal, is_complex)
    return Pair(left, right, equal, origin, identity.where)


SIZED = frozenset("firstpart lastpart padafter padbefore unvec unvech kronleft kronright zeros ones I".split())
"""What takes its size from what stands beside it."""

VANISHING = (
    "relu(t_9) relu(-t_9)",
    "abs(t_9) - relu(t_9) - relu(-t_9)",
    "sin(t_9)^2 + cos(t_9)^2 - 1",
    "tr(A_9 B_9) - tr(B_9 A_9)",
    "norm(x_9)^2 - x_9' x_9",
    "x_9' skew(A_9) x_9",
    "max(x_9) + min(-x_9)",
    "sqrt(t_9^2) - abs(t_9)",
    "det(A_9 B_9) - det(A_9) det(B_9)",
    "sum(relu.(x_9)) - sum(relu.(-x_9)) - sum(x_9)",
    "sign(t_9) t_9 - abs(t_9)",
    "tr(pinv(C_9) C_9) - tr(C_9 pinv(C_9))",
    "logdet(expm(A_9)) - tr(A_9)",
    "h_9(t_9) - h_9(-(-t_9))",
)
NEARLY_VANISHING = (
    # a constant
    "1e-10",
    "1e-15",
    "1e-9 t_9",
    "1e-12 sum(x_9)",
    "exp(-1000)",
    "exp(-50 - t_9^2)",
    # a kink
    "relu(t_9 - 50)",
    "relu(t_9 - 1000)",
    "relu(t_9 - 10) relu(11 - t_9)",
    "relu(sum(x_9) - 300)",
    "relu(-tr(A_9) - 20)",
    "abs(t_9 - 10) - 10 + t_9",
    "abs(t_9 + 1000) - t_9 - 1000",
    "relu(t_9 s_9 - 40)",
    "relu(-t_9)^3",
    "relu(det(A_9) - 30)",
    "max(x_9) - max(abs.(x_9))",
    "abs(h_9(t_9)) - h_9(t_9)",
    "1e-6 relu(t_9 - 50)",
    "relu(1e-3 - abs(t_9))",
    "relu(norm(x_9) - 100)",
    "relu(0.01 - norm(x_9))",
    "step(t_9 - 5) - step(t_9 - 6)",
    "sign(t_9 - 30) + 1",
    "min(vstack(t_9, -20)) + 20",
    "relu(log(1 + t_9^2) - 9)",
    "relu(exp(t_9) - 10000)",
    # a branch
    "sqrt(t_9^2) - t_9",
    "asin(sin(t_9)) - t_9",
    "atan(tan(t_9)) - t_9",
    "acos(cos(t_9)) - abs(t_9)",
    "norm_F(logm(expm(A_9))) - norm_F(A_9)",
    "tr(sqrtm(A_9' A_9)) - tr(A_9)",
    "lgamma(t_9 + 1) - lgamma(t_9) - log(1 + abs(t_9))",
    # a rank, or a size
    "tr(pinv(C_9) C_9) - q_9",
    "tr(C_9 pinv(C_9)) - p_9",
    "det(C_9 C_9')",
    "det(C_9' C_9)",
    "det(x_9 y_9')",
    "det(A_9 - A_9')",
    "tr(A_9 B_9 D_9) - tr(A_9 D_9 B_9)",
    "tr(A_9)^2 - tr(A_9^2)",
    "det(A_9) - (tr(A_9)^2 - tr(A_9^2))/2",
    "det(A_9) - tr(A_9)",
    "norm_F(A_9) - norm_2(A_9)",
    "norm_nuc(C_9) - norm_F(C_9)",
    "norm_1(x_9) - norm_inf(x_9)",
    "x_9' x_9 - sum(x_9)^2",
    "tr(A_9 B_9) - sum(A_9 .* B_9)",
    # a period
    "sin(2 pi t_9)",
    "sin(pi t_9) sin(pi s_9)",
    "cos(2 pi t_9) - 1",
    # a symmetry
    "h_9(t_9) - h_9(abs(t_9))",
    "h_9(t_9)^2 - h_9(-t_9)^2",
    "x_9' A_9 y_9 - y_9' A_9 x_9",
    "sum(A_9 - A_9') + tr(A_9 A_9 - A_9 A_9')",
    "lambda_max(sym(A_9)) + lambda_min(sym(A_9))",
    "erf(t_9) - tanh(t_9)",
    "sigmoid(t_9) - step(t_9)",
    "softplus(t_9) - relu(t_9)",
)
MORE = (
    Name("t_9", "scalar"),
    Name("s_9", "scalar"),
    Name("x_9", "vector", ("n_9",)),
    Name("y_9", "vector", ("n_9",)),
    Name("A_9", "matrix", ("n_9", "n_9")),
    Name("B_9", "matrix", ("n_9", "n_9")),
    Name("D_9", "matrix", ("n_9", "n_9")),
    Name("C_9", "matrix", ("p_9", "q_9")),
)


def _more(identity: Identity, text: str) -> Identity:
    """The identity with declarations for the names of another text."""
    words = set(WORD.findall(text))
    names = tuple(name for name in MORE if name.name in words and name not in identity.names)
    made = identity.named((*identity.names, *names))
    if "h_9" not in words or any("h_9" in f for f in identity.functions):
        return made
    return Identity(
        made.left, made.right, made.wrong, made.names, (*made.functions, "function h_9(scalar) -> scalar"), made.place
    )


def _with(identity: Identity, side: str, addend: str) -> str:
    """A side with a scalar added to it, or to all of its entries."""
    shape = parse(f"({identity.left}) - ({side})", where=identity.where).shape
    return f"({side}) + ({addend})" if shape == (1, 1) else f"({addend}) .+ ({side})"


# --- other expressions for the names ----------------------------------------------------------------------------------

ONTO = {
    "scalar": ("-{0}", "2 {0}", "({0} + {1})", "({0} - 1/2)", "({0} {1})", "sinh({0})", "({0}^3)", "({0} - 20)"),
    "vector": ("-{0}", "2 {0}", "({0} + {1})", "({0} .* {1})", "({0} - 3 {1})", "sinh.({0})", "({0} .+ 7)"),
    "matrix": ("-{0}", "2 {0}", "({0} + {1})", "({0} - 2 {1})", "({0} .* {1})"),
    "positive scalar": ("2 {0}", "({0} {1})", "exp(log({0}))", "({0}^2)", "1/{0}"),
    "positive vector": ("2 {0}", "({0} .* {1})", "exp.(log.({0}))", "{0}.^2"),
    "spd matrix": ("2 {0}", "inv({0})", "({0} + {1})", "({0} + {1})/3"),
    "symmetric matrix": ("-{0}", "2 {0}", "({0} + {1})", "({0} - {1})"),
    "orthogonal matrix": ("-{0}", "{0}'", "({0} {1})"),
    "skew matrix": ("-{0}", "{0}'", "({0} + {1})"),
    "diagonal matrix": ("-{0}", "({0} + {1})", "({0} {1})"),
    "idempotent matrix": ("(I - {0})", "{0}'"),
}
"""Expressions that take every value that a name takes, whatever another name of its kind is."""


def _substituted(rng: random.Random, left: str, right: str, identity: Identity) -> tuple[str, str, Identity]:
    """An expression put for one name in both sides."""
    present = set(WORD.findall(left + " " + right))
    sizes = {size for n in identity.names for size in n.sizes}
    names = [n for n in identity.names if n.name in present - sizes and f"{n.properties} {n.kind}".strip() in ONTO]
    if not names:
        return left, right, identity
    name = rng.choice(names)
    template = rng.choice(ONTO[f"{name.properties} {name.kind}".strip()])
    other = Name(f"{name.name}_{rng.randrange(10, 90)}", name.kind, name.sizes, name.properties)
    made = f"({template.format(name.name, other.name)})"
    word = re.compile(rf"\b{name.name}\b")
    left, right = (word.sub(lambda _: made, side) for side in (left, right))
    return left, right, identity.named((*identity.names, *([other] if "{1}" in template else [])))


# --- inside of other expressions --------------------------------------------------------------------------------------

KEEPING = {
    "scalar": ("2 ({0}) - t_7", "t_7 ({0})", "({0}) x_7", "-({0})/3", "vstack({0}, t_7)", "({0}) I(2)"),
    "array": ("2 ({0})", "({0})'", "t_7 ({0})", "vec({0})", "kron({0}, x_7)", "kron(x_7', {0})", "-({0})"),
}
KEEPING_REALS = {
    "scalar": ("tanh(({0})/10)", "sinh({0})", "softplus({0})", "exp(({0})/5)", "({0})^3", "atan({0})"),
    "array": ("tanh.(({0})/10)", "atan.({0})", "softplus.({0})"),
}
ANY = {
    "scalar": (
        "exp(-({0})^2)",
        "abs({0})",
        "sin({0}) + cos(t_7)",
        "relu({0})",
        "h_9({0})",
        "({0})^2",
        "max(vstack({0}, t_7))",
    ),
    "array": (
        "norm_F({0})",
        "sum({0})",
        "norm_1({0})",
        "max({0})",
        "norm_inf({0})",
        "sum(exp.(-({0}).^2))",
        "norm_2({0})",
    ),
}
OUTSIDE = (Name("t_7", "scalar"), Name("x_7", "vector", ("k_7",)))


def _inside(
    rng: random.Random, left: str, right: str, identity: Identity, equal: bool, is_complex: bool
) -> tuple[str, str, Identity]:
    """Both sides as an argument of the same operation, one that keeps a difference where there is one."""
    shape = parse(f"({left}) - ({right})", where=identity.where).shape
    kind = "scalar" if shape == (1, 1) else "array"
    templates = KEEPING[kind] + (() if is_complex else KEEPING_REALS[kind]) + (ANY[kind] if equal else ())
    template = rng.choice(templates)
    words = set(WORD.findall(template))
    identity = identity.named((*identity.names, *(n for n in OUTSIDE if n.name in words)))
    return template.format(left), template.format(right), _more(identity, template)


# --- grown expressions ------------------------------------------------------------------------------------------------


def _grown(rng: random.Random, equal: bool) -> Pair | None:
    """An expression of the fuzzer rewritten by laws, or changed in one place as its own evaluator tells."""
    grown = problem(rng.randrange(10**9), 5)
    other = same(grown.tree, rng) if equal else mutated(grown.tree, rng)
    if other is None:
        return None
    if not equal:
        try:
            gaps = [_gap(grown, other, k) for k in range(2)]
        except Unfit:
            return None
        if min(gaps) < 1e-4:
            return None
    declared = grown.declared()
    return Pair(
        grown.text,
        written(other, rng.choice),
        equal,
        f"grown {grown.seed}",
        str(declared.get("where", "")),
        declared.get("shapes"),
        declared.get("assume"),
    )


def _gap(grown: object, other: object, k: int) -> float:
    p = point(grown, k)  # type: ignore[arg-type]
    a, b = at_rest(grown.tree, p), at_rest(other, p)  # type: ignore[attr-defined, arg-type]
    return float(np.abs(a - b).max(initial=0) / (1e-9 + np.abs(a).max(initial=0)))
