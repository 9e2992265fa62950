"""Trees that mean the same as a tree, and trees that differ from it in one place."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

from tests.fuzz.trees import SCALAR, Tree, mapped, nodes, occurrence_replaced, paths, rebuilt
from tests.fuzz.writing import ELEMENTWISE

COMMUTING = frozenset({"add", "hadamard", "frob", "dot"})


def shuffled(root: Tree, rng: random.Random) -> Tree:
    """The operands of sums, Hadamard, inner and scalar products in another order."""

    def f(t: Tree, args: tuple[Tree, ...]) -> Tree:
        scalars = t.op in ("scale", "mul") and all(a.shape == SCALAR for a in args)
        commutes = t.op in COMMUTING or scalars
        return rebuilt(t, args[::-1] if commutes and rng.random() < 0.5 else args)

    return mapped(root, f)


def same(root: Tree, rng: random.Random, steps: int = 3) -> Tree:
    """An equal tree: one law of algebra used at each of some places."""
    for _ in range(steps):
        places = [(path, t) for path, t in paths(root, 120)]
        rng.shuffle(places)
        for path, t in places:
            made = _lawful(t, rng)
            if made is not None:
                root = occurrence_replaced(root, path, made)
                break
    return root


def _turned(t: Tree) -> Tree:
    return t if t.shape == SCALAR else Tree("transpose", (t,), t.shape[::-1])


def _lawful(t: Tree, rng: random.Random) -> Tree | None:
    """An equal node by a law that holds for every value, or None."""
    op, args, shape = t.op, t.args, t.shape
    two = Tree("number", (), SCALAR, Fraction(2))
    ways: list[Tree] = []
    if op in COMMUTING:
        ways.append(rebuilt(t, args[::-1]))
    if op == "mul":
        a, b = args
        if SCALAR not in (a.shape, b.shape, shape):
            ways.append(_turned(Tree("mul", (_turned(b), _turned(a)), shape[::-1])))
        for i, x in enumerate(args):
            if x.op in ("add", "subtract"):
                parts = [Tree("mul", (p, b) if i == 0 else (a, p), shape) for p in x.args]
                ways.append(Tree(x.op, tuple(parts), shape))
        if a.op == "mul" and SCALAR not in (a.args[0].shape, a.args[1].shape, a.shape, b.shape):
            inner = Tree("mul", (a.args[1], b), (a.args[1].shape[0], b.shape[1]))
            ways.append(Tree("mul", (a.args[0], inner), shape))
    if op == "add":
        ways.append(Tree("subtract", (args[0], Tree("negate", (args[1],), shape)), shape))
    if op == "subtract":
        ways.append(Tree("add", (args[0], Tree("negate", (args[1],), shape)), shape))
    if op == "transpose" and args[0].op in ("add", "hadamard", "subtract"):
        inner = args[0]
        ways.append(Tree(inner.op, tuple(_turned(x) for x in inner.args), shape))
    if op in ("scale", "hadamard") and args[1].op in ("add", "subtract"):
        x = args[1]
        ways.append(Tree(x.op, tuple(Tree(op, (args[0], p), shape) for p in x.args), shape))
    if op in ("tr", "sum", "mean", "det", "norm_F"):
        ways.append(Tree(op, (_turned(args[0]),), shape))
    if op == "tr" and args[0].op == "mul" and SCALAR not in (args[0].args[0].shape, args[0].args[1].shape):
        a, b = args[0].args
        ways.append(Tree("tr", (Tree("mul", (b, a), (b.shape[0], b.shape[0])),), SCALAR))
        ways.append(Tree("frob", (_turned(a), b), SCALAR))
    if op == "frob":
        ways.append(Tree("sum", (Tree("hadamard", args, args[0].shape),), SCALAR))
    if op in ("tr", "sum", "Diag", "diagvec", "vec", "tril", "triu") and args[0].op in ("add", "subtract"):
        x = args[0]
        ways.append(Tree(x.op, tuple(Tree(op, (p,), shape) for p in x.args), shape))
    if op in ("power", "dotpower") and t.data in (2, 3):
        x = args[0]
        product = "hadamard" if op == "dotpower" and shape != SCALAR else "mul"
        ways.append(Tree(product, (x, x if t.data == 2 else replace(t, data=2)), shape))
    if op == "tanh":
        ways.append(Tree("negate", (Tree("tanh", (Tree("negate", args, shape),), shape),), shape))
    if op == "square":
        ways.append(Tree("dotpower", args, shape, 2))
    if shape != SCALAR and op not in ("call", "dotcall"):
        ways.append(_turned(_turned(t)))
    if op in ("symbol", "mul", "hadamard") and shape != SCALAR:
        half = Tree("number", (), SCALAR, Fraction(1, 2))
        ways.append(Tree("scale", (half, Tree("add", (t, t), shape)), shape))
        ways.append(Tree("subtract", (Tree("scale", (two, t), shape), t), shape))
    return rng.choice(ways) if ways else None


def mutated(root: Tree, rng: random.Random) -> Tree | None:
    """The tree changed in one place: a sign, a number, an operation, an order, a kink, a small term."""
    places = list(paths(root, 120))
    rng.shuffle(places)
    for path, t in places:
        ways = _changes(t, rng)
        if ways:
            return occurrence_replaced(root, path, rng.choice(ways))
    return None


SWAPS = {
    "add": "subtract",
    "subtract": "add",
    "sin": "cos",
    "cos": "sin",
    "tanh": "atan",
    "sigmoid": "tanh",
    "softplus": "relu",
    "det": "tr",
    "tril": "triu",
    "triu": "tril",
    "max": "min",
    "min": "max",
    "sum": "mean",
    "adj": "cof",
    "lambda_max": "lambda_min",
    "norm_1": "norm_inf",
    "norm_2": "norm_nuc",
    "cumsum": "revcumsum",
    "hadamard": "mul",
    "abs": "relu",
    "expm": "exp",
    "log": "lgamma",
}


def _changes(t: Tree, rng: random.Random) -> list[Tree]:
    op, args, shape = t.op, t.args, t.shape
    ways: list[Tree] = []
    to = SWAPS.get(op)
    fits = to is not None and (to not in ("mul",) or shape[0] == shape[1])
    fits = fits and (to != "tr" or args[0].shape[0] == args[0].shape[1])
    if fits and to is not None:
        ways.append(replace(t, op=to))
    if op == "number":
        ways.append(replace(t, data=t.data + rng.choice([1, Fraction(1, 100), -2])))
    if op in ("power", "dotpower"):
        ways.append(replace(t, data=t.data + 1 if t.data != -1 else -2))
    if op in ("mul", "kron", "outer", "subtract", "hstack", "vstack", "dotdivide") and args[0].shape == args[1].shape:
        ways.append(replace(t, args=args[::-1]))
    if op == "transpose" and shape[0] == shape[1]:
        ways.append(args[0])
    if op == "index" and any(i is not None for i in t.data):
        ways.append(replace(t, data=tuple(i if i is None else i + 1 if i == 1 else i - 1 for i in t.data)))
    if op == "symbol" and shape[0] == shape[1] != 1:
        ways.append(Tree("transpose", (t,), shape))
    if op in ("symbol", "scale", "mul") or op in ELEMENTWISE:
        ways.append(Tree("negate", (t,), shape))
        ways.append(Tree("abs", (t,), shape))
        if shape == SCALAR:
            small = Tree("number", (), SCALAR, rng.choice([Fraction(1, 1000), Fraction(1, 10**6)]))
            ways.append(Tree("add", (t, small), SCALAR))
            far = Tree("number", (), SCALAR, Fraction(rng.choice([1, 5, 50])))
            ways.append(Tree("add", (t, Tree("relu", (Tree("subtract", (t, far), SCALAR),), SCALAR)), SCALAR))
    return ways


def size(root: Tree) -> int:
    """How many nodes there are."""
    return len(nodes(root))
