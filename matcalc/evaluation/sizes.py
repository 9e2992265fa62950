"""Sizes for the names of dimensions, on both sides of every comparison between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..expressions.dimensions import Dim, names_of, substitute
from ..expressions.nodes import Expr, postorder
from ..expressions.parts import dimensions

LARGEST = 6


def size_choices(*roots: Expr, largest: int = LARGEST) -> Iterator[dict[str, int]]:
    """Sizes for all names in the shapes of expressions: of every two names either is the lesser, and both are one.

    So that what holds for n < p and not for n > p, or for even n alone, shows; each name is 1 on its own, too.
    """
    names = dimensions(*roots)
    k = len(names)
    rows: list[Sequence[int]] = [
        range(2, 2 + k),
        range(1 + k, 1, -1),
        [3] * k,
        [1] * k,
        [1 + i * (i + 1) // 2 for i in range(k)],
        [1 + i * (i + 1) // 2 for i in reversed(range(k))],
        [2] * k,
        *([1 if i == j else 2 + (i + j) % 2 for i in range(k)] for j in range(k)),
        *([4 if i == j else 1 + (i + j) % 2 for i in range(k)] for j in range(k) if k > 1),
    ]
    seen: set[tuple[int, ...]] = set()
    for row in rows:
        sizes = settled(dict(zip(names, (min(n, largest) for n in row), strict=True)), *roots)
        if tuple(sizes.values()) not in seen:
            seen.add(tuple(sizes.values()))
            yield sizes


def settled(sizes: dict[str, int], *roots: Expr) -> dict[str, int]:
    """The sizes with those changed that an operation ties to others: vech of an n×n matrix has n(n+1)/2 entries."""
    for e in postorder(*roots):
        if e.head in ("vech", "unvech"):
            triangle, square = (e, e.args[0]) if e.head == "vech" else (e.args[0], e)
            n = _known(square.shape[0], sizes)
            _tie(sizes, triangle.shape[0], n * (n + 1) // 2)
        elif e.head in ("kronleft", "kronright"):
            for axis in (0, 1):
                blocks = _known(e.shape[axis], sizes) * _known(e.args[1].shape[axis], sizes)
                _tie(sizes, e.args[0].shape[axis], blocks)
        elif e.head in ("firstpart", "lastpart", "padafter", "padbefore"):
            large, little = (e, e.args[0]) if e.head.startswith("pad") else (e.args[0], e)
            for axis in (0, 1):
                whole, part = large.shape[axis], _known(little.shape[axis], sizes)
                _tie(sizes, whole, max(part, _known(whole, sizes)))
    return sizes


def _known(d: Dim, sizes: dict[str, int]) -> int:
    found = substitute(d, dict[str, Dim](sizes))
    return found if isinstance(found, int) else 1


def _tie(sizes: dict[str, int], d: Dim, n: int) -> None:
    if isinstance(d, str) and names_of(d) == (d,):
        sizes[d] = n
