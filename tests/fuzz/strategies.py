"""Random well-shaped expressions, with the text that means them and the tree that evaluates on its own.

`grow` makes one from any source of choices: hypothesis, which shrinks what fails, or a seeded generator for long runs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.fuzz.oracle import DOTTED, Dim, Shape, Tree, written

Pick = Callable[[Sequence[Any]], Any]
SCALAR: Shape = (1, 1)
SMOOTH = ("sin", "cos", "tanh", "sigmoid", "softplus", "atan", "square", "exp")
SMALL = [Fraction(2), Fraction(3), Fraction(1, 2), Fraction(-1), Fraction(5, 3)]
UPPER, LOWER, SCALARS = "ABCDXYZWMN", "xyzabuvw", "st"


@dataclass
class Problem:
    """A scalar function, what its names are, and the variable to differentiate by."""

    tree: Tree
    text: str
    variable: str
    shapes: dict[str, tuple[Dim, ...]]
    assume: dict[str, str]
    sizes: dict[str, int]
    symbols: dict[str, Shape]

    where = "function phi(matrix) -> scalar; function psi(matrix) -> scalar; elementwise function f"

    def declared(self) -> dict[str, Any]:
        """What `differentiate` and `parse` take."""
        return {"shapes": self.shapes, "assume": self.assume}

    def arrays(self, seed: int = 0) -> dict[str, np.ndarray[Any, Any]]:
        """Matrices for the names, of the declared kinds."""
        out = {}
        for i, (name, shape) in enumerate(self.symbols.items()):
            rng = np.random.default_rng([seed, i])
            a = rng.standard_normal([d if isinstance(d, int) else self.sizes[d] for d in shape]) * 0.8
            kind = self.assume.get(name)
            if kind == "symmetric":
                a = (a + a.T) / 2
            elif kind == "spd":
                a = a @ a.T + np.eye(len(a))
            elif kind == "orthogonal":
                a = np.linalg.qr(a)[0]
            elif kind == "diagonal":
                a = np.diag(np.diag(a))
            elif kind == "skew":
                a = (a - a.T) / 2
            elif kind == "positive":
                a = abs(a) + 0.2
            out[name] = a
        return out

    def given(self, arrays: dict[str, np.ndarray[Any, Any]]) -> dict[str, Any]:
        """The arrays with the axes that matcalc takes: none of a scalar, one of a vector; and the sizes."""
        ranks = {n: len(s) for n, s in self.shapes.items()}
        shaped = {n: a[0, 0] if ranks[n] == 0 else a[:, 0] if ranks[n] == 1 else a for n, a in arrays.items()}
        return {**self.sizes, **shaped}


@dataclass
class Grower:
    """Grows trees; `pick` decides everything."""

    pick: Pick
    dims: list[Dim]
    properties: bool = True
    symbols: dict[str, Shape] = field(default_factory=dict)
    assume: dict[str, str] = field(default_factory=dict)
    made: dict[Shape, list[Tree]] = field(default_factory=dict)
    budget: int = 40

    def leaf(self, shape: Shape) -> Tree:
        """A variable, old or new, or a constant."""
        known = [n for n, s in self.symbols.items() if s == shape]
        options: list[Tree] = [Tree("symbol", (), shape, n) for n in known]
        fresh = self.fresh(shape) if len(known) < 2 else None
        if fresh:
            options.append(Tree("symbol", (), shape, fresh))
        if shape == SCALAR:
            options.append(Tree("number", (), shape, self.pick([Fraction(2), Fraction(3), Fraction(1, 2)])))
        elif shape[0] == shape[1]:
            options.append(Tree("identity", (), shape))
        elif len(options) > 2:
            options.append(Tree("ones", (), shape))
        leaf = self.pick(options)
        if leaf.op == "symbol" and leaf.data not in self.symbols:
            self.symbols[leaf.data] = shape
            if self.properties and shape[0] == shape[1] != 1:
                kind = self.pick(["", "", "", "symmetric", "spd", "orthogonal", "diagonal", "skew"])
                if kind:
                    self.assume[leaf.data] = kind
            elif self.properties and self.pick([False, False, False, True]):
                self.assume[leaf.data] = "positive"
        return leaf

    def fresh(self, shape: Shape) -> str | None:
        """A name that is not used yet; of shape 1×1 a scalar, now and then a matrix."""
        pool = LOWER if shape[1] == 1 else UPPER
        if shape == SCALAR:
            pool = SCALARS if self.pick([True, True, True, False]) else UPPER
        return next((n for n in pool if n not in self.symbols), None)

    def grow(self, shape: Shape, depth: int) -> Tree:
        """A tree of a shape and at most a depth, now and then one that was made before."""
        self.budget -= 1
        seen = self.made.get(shape, [])
        if seen and depth and self.pick([False] * 5 + [True]):
            return self.pick(seen)
        if depth <= 0 or self.budget <= 0:
            return self.leaf(shape)
        made = self.scalar(depth - 1) if shape == SCALAR else self.array(shape, depth - 1)
        self.made.setdefault(shape, []).append(made)
        return made

    def some(self, depth: int) -> Tree:
        """A tree of any shape."""
        return self.grow((self.pick(self.dims), self.pick([*self.dims, 1])), depth)

    def square(self, depth: int) -> Tree:
        n = self.pick(self.dims)
        return self.grow((n, n), depth)

    def conditioned(self, shape: Shape, depth: int) -> Tree:
        """I + M/4 with M bounded: far enough from singular."""
        inner = Tree("tanh", (self.grow(shape, depth),), shape)
        quarter = Tree("scale", (Tree("number", (), SCALAR, Fraction(1, 4)), inner), shape)
        if shape == SCALAR:
            return Tree("add", (Tree("number", (), SCALAR, Fraction(1)), quarter), shape)
        return Tree("add", (Tree("identity", (), shape), quarter), shape)

    def positive(self, shape: Shape, depth: int) -> Tree:
        """1 + M² entry by entry."""
        squared = Tree("dotpower", (self.grow(shape, depth),), shape, 2)
        return Tree("add" if shape == SCALAR else "dotadd", (Tree("number", (), SCALAR, Fraction(1)), squared), shape)

    def less(self, depth: int) -> int:
        return self.pick([depth, max(depth - 2, 0), 0])

    def scalar(self, depth: int) -> Tree:
        kind = self.pick(
            "frob sum tr quadratic inner det logdet norm norm_squared power product quotient add subtract function "
            "root log call logsumexp scale elementwise dotcall mean negate".split()
        )
        g = self.grow

        def made(op: str, *args: Tree, data: Any = None) -> Tree:
            return Tree(op, args, SCALAR, data)

        if kind in ("sum", "mean"):
            return made(kind, self.some(depth))
        if kind == "frob":
            a = self.some(depth)
            return made("frob", a, g(a.shape, self.less(depth)))
        if kind == "tr":
            return made("tr", self.square(depth))
        if kind == "quadratic":
            m, n = self.pick(self.dims), self.pick(self.dims)
            left = Tree("transpose", (g((m, 1), self.less(depth)),), (1, m))
            return made("mul", Tree("mul", (left, g((m, n), depth - 1)), (1, n)), g((n, 1), self.less(depth)))
        if kind == "inner":
            n = self.pick(self.dims)
            a, b = g((n, 1), depth), g((n, 1), self.less(depth))
            return self.pick([made("mul", Tree("transpose", (a,), (1, n)), b), made("dot", a, b)])
        if kind in ("det", "logdet"):
            n = self.pick(self.dims)
            return made(kind, self.conditioned((n, n), depth - 1))
        if kind in ("norm", "norm_squared"):
            n = self.pick(self.dims)
            a = g((n, 1), depth) if self.pick([True, False]) else self.some(depth)
            norm = made("norm" if a.shape[1] == 1 else "norm_F", a)
            return norm if kind == "norm" else made("power", norm, data=2)
        if kind == "power":
            return made("power", g(SCALAR, depth), data=self.pick([2, 3]))
        if kind == "product":
            return made("mul", g(SCALAR, depth), g(SCALAR, self.less(depth)))
        if kind == "quotient":
            return made("divide", g(SCALAR, depth), self.positive(SCALAR, depth - 1))
        if kind in ("add", "subtract"):
            return made(kind, g(SCALAR, depth), g(SCALAR, self.less(depth)))
        if kind == "function":
            return made(self.pick(SMOOTH), g(SCALAR, depth))
        if kind in ("root", "log"):
            return made("sqrt" if kind == "root" else "log", self.positive(SCALAR, depth))
        if kind == "call":
            return made("call", self.some(depth), data=self.pick(["phi", "psi"]))
        if kind == "dotcall":
            return made("dotcall", g(SCALAR, depth), data="f")
        if kind == "logsumexp":
            return made("logsumexp", g((self.pick(self.dims), 1), depth))
        if kind == "scale":
            return made("scale", made("number", data=self.pick(SMALL)), g(SCALAR, depth))
        if kind == "negate":
            return made("negate", g(SCALAR, depth))
        return made("sum", self.array((self.pick(self.dims), self.pick(self.dims)), depth))

    def array(self, shape: Shape, depth: int) -> Tree:
        g = self.grow
        kinds = "mul mul add subtract scale number hadamard transpose elementwise dotpower dotdivide dotadd".split()
        kinds += ["negate", "dotcall", "divide"]
        square = shape[0] == shape[1]
        if square:
            kinds += ["inv", "power", "Diag", "shift"]
        if shape[1] == 1:
            kinds += ["diagvec", "matvec", "softmax"]
        if 1 not in shape:
            kinds += ["outer"]
        kind = self.pick(kinds)

        def made(op: str, *args: Tree, data: Any = None) -> Tree:
            return Tree(op, args, shape, data)

        if kind in ("mul", "matvec"):
            k = self.pick([*self.dims, 1] if kind == "mul" else self.dims)
            return made("mul", g((shape[0], k), depth), g((k, shape[1]), self.less(depth)))
        if kind in ("add", "subtract", "hadamard"):
            return made(kind, g(shape, depth), g(shape, self.less(depth)))
        if kind == "scale":
            return made("scale", g(SCALAR, self.less(depth)), g(shape, depth))
        if kind == "number":
            return made("scale", Tree("number", (), SCALAR, self.pick(SMALL)), g(shape, depth))
        if kind == "divide":
            return made("divide", g(shape, depth), self.positive(SCALAR, depth - 2))
        if kind == "dotdivide":
            return made("dotdivide", g(shape, depth), self.positive(shape, depth - 1))
        if kind == "dotadd":
            return made("dotadd", g(SCALAR, self.less(depth)), g(shape, depth))
        if kind == "transpose":
            return made("transpose", g(shape[::-1], depth))
        if kind == "elementwise":
            return made(self.pick(SMOOTH), g(shape, depth))
        if kind == "dotcall":
            return made("dotcall", g(shape, depth), data="f")
        if kind == "dotpower":
            return made("dotpower", g(shape, depth), data=self.pick([2, 3]))
        if kind == "negate":
            return made("negate", g(shape, depth))
        if kind == "inv":
            return made("inv", self.conditioned(shape, depth - 1))
        if kind == "power":
            return made("power", g(shape, depth), data=self.pick([2, 3]))
        if kind == "Diag":
            return made("Diag", g((shape[0], 1), depth))
        if kind == "shift":
            multiple = made("scale", g(SCALAR, self.less(depth)), made("identity"))
            return made("add", g(shape, depth), multiple)
        if kind == "diagvec":
            return made("diagvec", g((shape[0], shape[0]), depth))
        if kind == "softmax":
            return made("softmax", g(shape, depth))
        return made("outer", g((shape[0], 1), depth), g((shape[1], 1), self.less(depth)))


def grow(pick: Pick, depth: int = 8) -> Problem | None:
    """A problem, or None where no variable came up."""
    named = pick([["n"], ["m", "n"], ["m", "n"], ["m", "n", "k"], ["n", 2], ["n", 1], [1], [2, 3], [2]])
    grower = Grower(pick, list(named), pick([False, False, True]))
    tree = grower.scalar(pick([*range(1, depth), depth - 1, depth - 1, depth - 2]))
    variables = [n for n in grower.symbols if grower.assume.get(n) not in ("orthogonal", "diagonal", "skew")]
    used = _names(tree)
    variables = [n for n in variables if n in used]
    if not variables:
        return None
    shapes: dict[str, tuple[Dim, ...]] = {}
    for name, shape in grower.symbols.items():
        shapes[name] = () if name in SCALARS else shape if name in UPPER else shape[:1]
    sizes = {d: pick([1, 2, 3, 3]) for d in named if isinstance(d, str)}
    return Problem(tree, written(tree, pick), pick(variables), shapes, grower.assume, sizes, grower.symbols)


def _names(root: Tree) -> set[str]:
    seen: set[int] = set()
    names: set[str] = set()
    stack = [root]
    while stack:
        t = stack.pop()
        if id(t) not in seen:
            seen.add(id(t))
            stack.extend(t.args)
            if t.op == "symbol":
                names.add(t.data)
    return names


def seeded(seed: int, depth: int = 8) -> Problem | None:
    """The problem of a seed, for long runs."""
    return grow(random.Random(seed).choice, depth)


@st.composite
def problems(draw: Any, depth: int = 8) -> Problem:
    """Problems that hypothesis chooses, and shrinks."""
    found = None
    while found is None:
        found = grow(lambda options: draw(st.sampled_from(options)), depth)
    return found


COMMUTING = frozenset({"add", "hadamard", "frob", "dot"})


def shuffled(root: Tree, pick: Pick) -> Tree:
    """The tree with the operands of sums, Hadamard and scalar products in another order."""
    memo: dict[int, Tree] = {}

    def walk(t: Tree) -> Tree:
        found = memo.get(id(t))
        if found is None:
            args = tuple(walk(a) for a in t.args)
            scalars = t.op in ("scale", "mul") and all(a.shape == SCALAR for a in args)
            if (scalars or t.op in COMMUTING) and pick([False, True]):
                args = args[::-1]
            found = memo[id(t)] = Tree(t.op, args, t.shape, t.data)
        return found

    return walk(root)


__all__ = ["DOTTED", "Problem", "grow", "problems", "seeded", "shuffled"]
