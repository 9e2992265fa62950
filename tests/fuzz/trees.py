"""Expression trees of the fuzzer's own: what an expression is before it is text, and what else a problem states.

Nothing here comes from matcalc, so that a fault there cannot hide itself.  Trees are graphs: a subtree that occurs
twice is one object, is evaluated once, and may be given a name with `let`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Dim = int | str | tuple[str, Any, Any]
"""A size: a number, a name, a product ("*", a, b), a sum ("+", a, b), or ("half", n, n), which is n (n + 1)/2."""
Shape = tuple[Dim, Dim]
SCALAR: Shape = (1, 1)


def times(a: Dim, b: Dim) -> Dim:
    """The product of two sizes, written in one way."""
    return _joint("*", a, b, 1)


def plus(a: Dim, b: Dim) -> Dim:
    """The sum of two sizes, written in one way."""
    return _joint("+", a, b, 0)


def half_of(n: Dim) -> Dim:
    """The size of the lower triangle of an n×n matrix."""
    return n * (n + 1) // 2 if isinstance(n, int) else ("half", n, n)


def _joint(sign: str, a: Dim, b: Dim, neutral: int) -> Dim:
    if isinstance(a, int) and isinstance(b, int):
        return a * b if sign == "*" else a + b
    if neutral in (a, b):
        return b if a == neutral else a
    first, second = sorted((a, b), key=str)
    return (sign, first, second)


def size_of(d: Dim, sizes: Mapping[str, int]) -> int:
    """What a size is in numbers."""
    if isinstance(d, int):
        return d
    if isinstance(d, str):
        return sizes[d]
    a, b = size_of(d[1], sizes), size_of(d[2], sizes)
    return a * b if d[0] == "*" else a + b if d[0] == "+" else a * (a + 1) // 2


def shown(d: Dim) -> str:
    """A size as it is typed."""
    return str(d) if not isinstance(d, tuple) else f"{shown(d[1])}{d[0]}{shown(d[2])}"


def is_plain(shape: Shape) -> bool:
    """Whether a shape is made of numbers and names only, as that of a declared name is."""
    return not any(isinstance(d, tuple) for d in shape)


@dataclass(frozen=True, eq=False, slots=True)
class Tree:
    """An operation, its operands, its shape, and what else it needs to know; compared by identity."""

    op: str
    args: tuple[Tree, ...]
    shape: Shape
    data: Any = None


@dataclass(frozen=True)
class Call:
    """What a call of an unspecified function is of: its name and its primes."""

    name: str
    primes: int = 0


@dataclass(frozen=True)
class Unspecified:
    """An unspecified function: the kind of its argument and result, and their shapes where these are fixed."""

    name: str
    elementwise: bool
    argument: Shape | None  # None of a function that takes any shape
    result: Shape


@dataclass(frozen=True)
class Symbol:
    """A declared name: its shape, how many axes it is declared with, and its property."""

    shape: Shape
    axes: int
    property: str = ""


@dataclass(frozen=True)
class Problem:
    """A function to differentiate: the tree, what its names are, and the text that means it."""

    seed: int
    tree: Tree
    symbols: Mapping[str, Symbol]
    functions: Mapping[str, Unspecified]
    lets: Mapping[str, Tree]
    dims: tuple[str, ...]
    variables: tuple[str, ...]
    text: str = ""
    where: str = ""
    shapes: Mapping[str, tuple[Dim, ...]] = field(default_factory=dict)
    assume: Mapping[str, str] = field(default_factory=dict)

    @property
    def variable(self) -> str:
        """The first of the variables."""
        return self.variables[0]

    def declared(self) -> dict[str, Any]:
        """What `matcalc.parse` and its like take beside the text."""
        return {"shapes": dict(self.shapes), "assume": dict(self.assume), "where": self.where}


def nodes(*roots: Tree) -> list[Tree]:
    """Every node once, operands first."""
    seen: set[int] = set()
    out: list[Tree] = []
    stack: list[tuple[Tree, bool]] = [(r, False) for r in reversed(roots)]
    while stack:
        t, done = stack.pop()
        if done:
            out.append(t)
        elif id(t) not in seen:
            seen.add(id(t))
            stack.append((t, True))
            stack.extend((a, False) for a in reversed(t.args))
    return out


def depth_of(root: Tree) -> int:
    """The number of operations above the deepest leaf."""
    depths: dict[int, int] = {}
    for t in nodes(root):
        depths[id(t)] = 1 + max((depths[id(a)] for a in t.args), default=-1)
    return depths[id(root)]


def mapped(root: Tree, f: Callable[[Tree, tuple[Tree, ...]], Tree]) -> Tree:
    """The tree rebuilt from its leaves; `f` gets each node with its new operands, once."""
    memo: dict[int, Tree] = {}
    for t in nodes(root):
        memo[id(t)] = f(t, tuple(memo[id(a)] for a in t.args))
    return memo[id(root)]


def rebuilt(t: Tree, args: tuple[Tree, ...]) -> Tree:
    """A node with other operands; itself where they are the same."""
    return t if all(a is b for a, b in zip(args, t.args, strict=True)) else replace(t, args=args)


def replaced(root: Tree, old: Tree, new: Tree) -> Tree:
    """The tree with every occurrence of one node replaced."""
    return mapped(root, lambda t, args: new if t is old else rebuilt(t, args))


def occurrence_replaced(root: Tree, path: tuple[int, ...], new: Tree) -> Tree:
    """The tree with the one occurrence at a path replaced, other occurrences of a shared node being kept."""
    if not path:
        return new
    i = path[0]
    inner = occurrence_replaced(root.args[i], path[1:], new)
    return replace(root, args=(*root.args[:i], inner, *root.args[i + 1 :]))


def paths(root: Tree, limit: int = 400) -> Iterator[tuple[tuple[int, ...], Tree]]:
    """The occurrences of nodes with the way to them from the root, breadth first."""
    queue: list[tuple[tuple[int, ...], Tree]] = [((), root)]
    for path, t in queue:
        yield path, t
        if len(queue) < limit:
            queue.extend(((*path, i), a) for i, a in enumerate(t.args))


def names(root: Tree) -> dict[str, None]:
    """The names of variables, in order of first occurrence."""
    return {t.data: None for t in nodes(root) if t.op == "symbol"}


def functions(root: Tree) -> set[str]:
    """The names of the unspecified functions."""
    return {t.data.name for t in nodes(root) if t.op in ("call", "dotcall")}


def dims_of(root: Tree) -> set[str]:
    """The names of sizes."""
    found: set[str] = set()
    stack: list[Dim] = [d for t in nodes(root) for d in t.shape]
    stack += [t.data for t in nodes(root) if t.op == "size"]
    while stack:
        d = stack.pop()
        if isinstance(d, str):
            found.add(d)
        elif isinstance(d, tuple):
            stack += d[1:]
    return found
