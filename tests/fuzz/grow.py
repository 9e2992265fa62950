"""Random well-shaped expressions over the whole catalogue.

A `Grower` makes a tree of a wanted shape, and where an operation asks for it, of a wanted kind: entries that are
positive or in (-1, 1), symmetric, definite, invertible.  Most problems are small; one in a dozen is a dozen deep.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeVar

from tests.fuzz.trees import (
    SCALAR,
    Call,
    Dim,
    Problem,
    Shape,
    Symbol,
    Tree,
    Unspecified,
    is_plain,
    names,
    nodes,
    plus,
    times,
)
from tests.fuzz.writing import stated

T = TypeVar("T")

UPPER = "A B C D X Y Z W M P Q R U V Sigma W_1 W_2".split()
LOWER = "x y z a b u v w c x_1 y_hat mu".split()
SCALARS = "s t alpha lambda r σ".split()
SQUARE_KINDS = "symmetric spd psd skew diagonal orthogonal lower upper idempotent invertible".split()
SYMMETRIC_KINDS = "symmetric symmetric spd psd diagonal".split()
NUMBERS = [Fraction(2), Fraction(3), Fraction(1, 2), Fraction(-1), Fraction(5, 3), Fraction(1, 10), Fraction(4)]

SMOOTH = "sin cos tanh sigmoid softplus atan square erf sin cos tanh exp cosh sinh".split()
KINKED = "abs relu abs relu sign step".split()
OF_POSITIVE = "log sqrt log sqrt gamma lgamma digamma trigamma recip".split()
OF_UNIT = "asin acos tan exp sinh cosh".split()
RARE = "polar leading_dyad kronecker_expm max_projector min_projector maxmask prod_others".split()
"""What only answers contain, as a rule; it can be typed all the same."""


class Grower:
    """Grows trees, and remembers what it has used."""

    def __init__(self, rng: random.Random, dims: list[Dim], nodes_left: int, wild: bool) -> None:
        self.rng, self.dims, self.budget, self.wild = rng, dims, nodes_left, wild
        self.symbols: dict[str, Symbol] = {}
        self.functions: dict[str, Unspecified] = {}
        self.made: dict[Shape, list[Tree]] = {}

    # --- choices ------------------------------------------------------------------------------------------------------

    def pick(self, options: list[T] | tuple[T, ...]) -> T:
        return options[int(self.rng.random() * len(options))]

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    def dim(self, composite: float = 0.03) -> Dim:
        """A size; now and then a product or a sum of two."""
        a = self.pick(self.dims)
        if self.wild and self.chance(composite):
            return (times if self.chance(0.5) else plus)(a, self.pick(self.dims))
        return a

    def less(self, depth: int) -> int:
        return self.pick([depth, max(depth - 2, 0), 0, 0])

    # --- leaves -------------------------------------------------------------------------------------------------------

    def leaf(self, shape: Shape, kinds: list[str] | None = None) -> Tree:
        """A name, old or new, or a constant; with `kinds`, a name that has one of these properties."""
        if not is_plain(shape):
            return self.composite(shape, 0)
        known = [n for n, s in self.symbols.items() if s.shape == shape and (kinds is None or s.property in kinds)]
        known = [n for n in known if n != "k"]
        new = self.fresh(shape)
        options: list[Callable[[], Tree]] = [lambda n=n: Tree("symbol", (), shape, n) for n in known]  # type: ignore[misc]
        if new and (len(known) < 2 or self.chance(0.1)):
            options += [lambda: self.declared(new, shape, kinds)] * 2
        if not options or kinds is None and self.chance(0.35):
            options += self.constants(shape, kinds)
        return self.pick(options)()

    def fresh(self, shape: Shape) -> str | None:
        """A name that is not used yet; of shape 1×1 a scalar, now and then a matrix."""
        pool = LOWER if shape[1] == 1 else UPPER
        if shape == SCALAR:
            pool = SCALARS if self.chance(0.93) else UPPER
        free = [n for n in pool if n not in self.symbols]
        return self.pick(free[:4] if self.chance(0.8) else free) if free else None

    def declared(self, name: str, shape: Shape, kinds: list[str] | None) -> Tree:
        """A new name with a property, or with none."""
        axes = 2 if name in UPPER else 0 if name in SCALARS else 1
        kind = self.pick(kinds) if kinds else ""
        if kind in SQUARE_KINDS and axes != 2:
            kind = "positive" if kind == "spd" else ""
        if kinds is None and self.wild:
            if shape[0] == shape[1] != 1 and axes == 2 and self.chance(0.3):
                kind = self.pick(SQUARE_KINDS)
            elif self.chance(0.12):
                kind = self.pick(["positive", "nonnegative", "constant"])
        self.symbols[name] = Symbol(shape, axes, kind)
        return Tree("symbol", (), shape, name)

    def constants(self, shape: Shape, kinds: list[str] | None) -> list[Callable[[], Tree]]:
        if shape == SCALAR:
            named = [d for d in self.dims if isinstance(d, str)]
            options: list[Callable[[], Tree]] = [lambda: self.number()]
            if named and self.wild and not kinds and self.chance(0.3):
                options.append(lambda: Tree("size", (), SCALAR, self.pick(named)))
            return options
        if shape[0] == shape[1]:
            return [lambda: Tree("identity", (), shape)]
        if kinds or not self.wild:
            return [lambda: Tree("ones", (), shape)]
        n = shape[0] if isinstance(shape[0], int) else 2
        i, j = self.pick(range(1, n + 1)), 1  # type: ignore[arg-type]
        single = Tree("unit", (), shape, (i,)) if shape[1] == 1 else Tree("entry", (), shape, (i, j))
        zeros = [lambda: Tree("zeros", (), shape)] if self.chance(0.05) else []
        return [lambda: Tree("ones", (), shape), lambda: single, *zeros]

    def exponent(self) -> Tree:
        """k, which stands for a whole number."""
        self.symbols.setdefault("k", Symbol(SCALAR, 0, "integer"))
        return Tree("symbol", (), SCALAR, "k")

    def number(self) -> Tree:
        return Tree("number", (), SCALAR, self.pick(NUMBERS))

    # --- any tree -----------------------------------------------------------------------------------------------------

    def grow(self, shape: Shape, depth: int) -> Tree:
        """A tree of a shape and at most a depth, now and then one that was made before."""
        self.budget -= 1
        seen = self.made.get(shape, [])
        if seen and depth and self.chance(0.15):
            return self.pick(seen)
        if depth <= 0 or self.budget <= 0:
            return self.leaf(shape)
        if not is_plain(shape):
            made = self.composite(shape, depth - 1)
        else:
            made = self.scalar(depth - 1) if shape == SCALAR else self.array(shape, depth - 1)
        self.made.setdefault(shape, []).append(made)
        return made

    def some(self, depth: int) -> Tree:
        """A tree of any shape."""
        return self.grow((self.dim(0.1), self.pick([self.dim(), self.dim(), 1])), depth)

    def square(self, depth: int) -> Tree:
        n = self.dim(0.06)
        return self.grow((n, n), depth)

    # --- trees of a kind ----------------------------------------------------------------------------------------------

    def positive(self, shape: Shape, depth: int) -> Tree:
        """Entries that are positive and not small."""
        way = self.pick(["name", "squares", "squares", "exp", "softplus", "sigmoid", "norm", "abs"])
        if way == "name" and is_plain(shape):
            return self.leaf(shape, ["positive"])
        inner = self.grow(shape, depth - 2)
        if way in ("softplus", "sigmoid"):
            return Tree(way, (inner,), shape)
        if way == "exp":
            return Tree("exp", (Tree("tanh", (inner,), shape),), shape)
        kept = Tree("dotpower" if way != "abs" else "abs", (inner,), shape, 2 if way != "abs" else None)
        if way == "norm" and shape == SCALAR:
            x = self.some(depth - 1)
            kept = Tree("power", (Tree("norm_F", (x,), SCALAR),), SCALAR, 2)
        one = Tree("number", (), SCALAR, Fraction(1))
        return Tree("add" if shape == SCALAR else "dotadd", (one, kept), shape)

    def unit(self, shape: Shape, depth: int) -> Tree:
        """Entries in (-1, 1)."""
        way = self.pick(["tanh", "sin", "half", "ratio"])
        inner = self.grow(shape, depth - 2)
        if way == "ratio":
            one = Tree("number", (), SCALAR, Fraction(1))
            norm = Tree("abs" if shape == SCALAR else "norm_F", (inner,), SCALAR)
            return Tree("divide", (inner, Tree("add", (one, norm), SCALAR)), shape)
        bounded = Tree(way if way != "half" else "tanh", (inner,), shape)
        factor = Tree("number", (), SCALAR, Fraction(1, 2))
        return Tree("scale", (factor, bounded), shape) if way in ("half", "sin") else bounded

    def symmetric(self, n: Dim, depth: int) -> Tree:
        """A symmetric matrix."""
        shape = (n, n)
        ways = ["name", "sum", "gram", "sym", "congruence", "Diag", "dyad", "add", "hadamard", "spd", "scale"]
        way = self.pick(ways) if depth > 0 else "name"
        if way == "name":
            return self.leaf(shape, SYMMETRIC_KINDS) if is_plain(shape) else self.gram(n, 0)
        if way == "spd":
            return self.spd(n, depth)
        if way == "gram":
            return self.gram(n, depth)
        if way in ("sum", "sym"):
            a = self.grow(shape, depth - 1)
            return Tree("sym", (a,), shape) if way == "sym" else Tree("add", (a, Tree("transpose", (a,), shape)), shape)
        if way == "congruence":
            k = self.pick(self.dims)
            a = self.grow((k, n), self.less(depth - 1))
            turned = Tree("transpose", (a,), (n, k))
            return Tree("mul", (Tree("mul", (turned, self.symmetric(k, depth - 1)), (n, k)), a), shape)
        if way == "Diag":
            return Tree("Diag", (self.grow((n, 1), depth - 1),), shape)
        if way == "dyad":
            x = self.grow((n, 1), depth - 1)
            return Tree("mul", (x, Tree("transpose", (x,), (1, n))), shape)
        if way == "scale":
            return Tree("scale", (self.grow(SCALAR, self.less(depth)), self.symmetric(n, depth - 1)), shape)
        return Tree(way, (self.symmetric(n, depth - 1), self.symmetric(n, self.less(depth - 1))), shape)

    def gram(self, n: Dim, depth: int) -> Tree:
        """Aᵀ A."""
        k = self.pick(self.dims)
        a = self.grow((k, n), depth - 1)
        return Tree("mul", (Tree("transpose", (a,), (n, k)), a), (n, n))

    def spd(self, n: Dim, depth: int) -> Tree:
        """A positive definite matrix."""
        shape = (n, n)
        ways = ["name", "name", "gram", "gram", "shift", "Diag", "inv", "expm", "add"]
        way = self.pick(ways) if depth > 0 else "name"
        if way == "name" and is_plain(shape):
            return self.leaf(shape, ["spd"])
        if way == "Diag":
            return Tree("Diag", (self.positive((n, 1), depth - 1),), shape)
        if way == "inv":
            return Tree("inv", (self.spd(n, depth - 1),), shape)
        if way == "expm":
            return Tree("expm", (Tree("scale", (self.number(), self.symmetric(n, depth - 2)), shape),), shape)
        if way == "add":
            return Tree("add", (self.spd(n, depth - 1), self.gram(n, depth - 1)), shape)
        shift = Tree("identity", (), shape)
        if way == "shift":
            shift = Tree("scale", (self.positive(SCALAR, 0), shift), shape)
        return Tree("add", (self.gram(n, depth - 1), shift), shape)

    def regular(self, n: Dim, depth: int) -> Tree:
        """A matrix that is invertible nearly everywhere."""
        shape = (n, n)
        way = self.pick(["name", "plain", "plain", "spd", "shift", "bounded", "product"]) if depth > 0 else "name"
        if way == "name" and is_plain(shape):
            return self.leaf(shape, ["invertible", "spd", "orthogonal", "", ""])
        if way == "spd":
            return self.spd(n, depth - 1)
        if way == "product":
            return Tree("mul", (self.regular(n, self.less(depth - 1)), self.regular(n, depth - 1)), shape)
        inner = self.grow(shape, depth - 1)
        if way == "plain":
            return inner
        if way == "shift":
            return Tree("add", (inner, Tree("scale", (self.number(), Tree("identity", (), shape)), shape)), shape)
        quarter = Tree("number", (), SCALAR, Fraction(1, 4))
        bounded = Tree("scale", (quarter, Tree("tanh", (inner,), shape)), shape)
        return Tree("add", (Tree("identity", (), shape), bounded), shape)

    # --- unspecified functions ----------------------------------------------------------------------------------------

    def call(self, name: str, argument: Shape | None, result: Shape, depth: int, primes: int = 0) -> Tree:
        """A call of an unspecified function, whose shapes the first use fixes."""
        known = self.functions.setdefault(name, Unspecified(name, False, argument, result))
        x = self.some(depth) if known.argument is None else self.grow(known.argument, depth)
        shape = known.result
        if primes == 1 and known.result == SCALAR:
            shape = x.shape
        return Tree("call", (x,), shape, Call(name, primes))

    def entrywise(self, shape: Shape, depth: int) -> Tree:
        """f.(X), perhaps with primes."""
        self.functions.setdefault("f", Unspecified("f", True, None, SCALAR))
        return Tree("dotcall", (self.grow(shape, depth),), shape, Call("f", self.pick([0, 0, 0, 1, 2])))

    def composite(self, shape: Shape, depth: int) -> Tree:
        from tests.fuzz.productions import composite

        return composite(self, shape, depth)

    def scalar(self, depth: int) -> Tree:
        from tests.fuzz.productions import scalar

        return scalar(self, depth)

    def array(self, shape: Shape, depth: int) -> Tree:
        from tests.fuzz.productions import array

        return array(self, shape, depth)


DEPTHS = [*(1, 2) * 6, *(3,) * 10, *(4,) * 6, 5, 5, 5, 6, 7, 8, 10, 12]
DIMENSIONS: list[list[Dim]] = [
    ["n"], ["m", "n"], ["m", "n"], ["m", "n"], ["m", "n", "p"], ["m", "n", "p", "q"],
    ["n", 2], ["n", 1], ["m", "n", 3], [1], [2, 3], [2], [3, 2, 4], ["m", "n", 1],
]  # fmt: skip


def problem(seed: int, deepest: int = 12) -> Problem:
    """The problem of a seed."""
    for attempt in range(100):
        made = _attempt(seed, random.Random(f"{seed}.{attempt}" if attempt else seed), deepest)
        if made is not None:
            return made
    raise AssertionError(f"no problem for the seed {seed}")


def _attempt(seed: int, rng: random.Random, deepest: int) -> Problem | None:
    depth = min(deepest, rng.choice(DEPTHS))
    dims = list(rng.choice(DIMENSIONS))
    grower = Grower(rng, dims, rng.randint(depth, 3 * depth + 3), rng.random() < 0.75)
    kind = rng.random()
    if kind < 0.62:
        tree = grower.scalar(depth)
    else:
        shape = (grower.dim(), 1) if kind < 0.8 else (grower.dim(), grower.dim())
        tree = grower.grow(shape, depth)
    free = [n for n in names(tree) if grower.symbols[n].property not in ("constant", "integer")]
    declared = {d for n in names(tree) for d in grower.symbols[n].shape}
    if not free or not tree.args or any(t.op == "size" and t.data not in declared for t in nodes(tree)):
        return None  # a size that no shape mentions would be a name like any other
    rng.shuffle(free)
    lets: dict[str, Tree] = {}
    if rng.random() < 0.15:
        parts = [t for t in nodes(tree) if t.args and t is not tree]
        chosen = {id(t) for t in rng.sample(parts, min(len(parts), rng.randint(1, 3)))}
        lets = {f"{'L' if t.shape[1] != 1 else 'ell'}_{i}": t for i, t in enumerate(parts) if id(t) in chosen}
    named = tuple(d for d in dims if isinstance(d, str))
    made = Problem(seed, tree, grower.symbols, grower.functions, lets, named, tuple(free[: rng.choice([1, 2, 3])]))
    return stated(made, lambda options: options[int(rng.random() * len(options))])


def restated(p: Problem, tree: Tree, **changes: Any) -> Problem:
    """The problem with another tree, written plainly."""
    return stated(replace(p, tree=tree, **changes))
