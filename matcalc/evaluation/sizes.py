"""Sizes for the names of dimensions, on both sides of every comparison between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..expressions.dimensions import Dim, substitute
from ..expressions.nodes import Expr, postorder
from ..expressions.parts import dimensions

LARGEST = 6


def size_choices(*roots: Expr, largest: int = LARGEST, more: bool = False) -> Iterator[dict[str, int]]:
    """Sizes for all names in the shapes of expressions: of every two names either is the lesser, and both are one.

    So that what holds for n < p and not for n > p, or for even n alone, shows; each name is 1 on its own, too.  There
    may be none: no 5×5 matrix is made of blocks of size 2.  With `more` all are 4 and 5, too: the moduli of the entries
    of a positive definite matrix make up another one of sizes to 3, and so there are more that hold for small ones.
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
        *([n] * k for n in (4, 5) if more),
    ]
    seen: set[tuple[int, ...]] = set()
    for row in rows:
        sizes = settled(dict(zip(names, (min(n, largest) for n in row), strict=True)), *roots)
        if sizes is not None and tuple(sizes.values()) not in seen:
            seen.add(tuple(sizes.values()))
            yield sizes


@dataclass(frozen=True, slots=True)
class _Tie:
    """An equation between three sizes: the first is the product of the others, and it may be solved for one."""

    whole: Dim
    part: Dim
    other: Dim

    def settle(self, sizes: dict[str, int]) -> bool:
        """Change the size of a name so that it holds; whether it does."""
        whole, part, other = (_known(d, sizes) for d in (self.whole, self.part, self.other))
        if whole is None or part is None or other is None:
            return True
        if whole == part * other:
            return True
        if isinstance(self.whole, str) and self.whole in sizes:
            sizes[self.whole] = part * other
        elif isinstance(self.part, str) and self.part in sizes:
            sizes[self.part] = max(1, whole // other)
        return False


def settled(sizes: dict[str, int], *roots: Expr) -> dict[str, int] | None:
    """The sizes with those changed that operations tie to others, as kronleft(A, B) has A's rows over B's.

    None where these cannot be.
    """
    ties, least = _demands(*roots)
    for _ in range(len(ties) + 1):
        for d, n in least:
            if isinstance(d, str) and d in sizes:
                sizes[d] = max(sizes[d], _known(n, sizes) or 1)
        held = [tie.settle(sizes) for tie in ties]
        if all(held):
            break
    else:
        return None
    fits = all((_known(d, sizes) or 1) >= (_known(n, sizes) or 1) for d, n in least)
    return sizes if fits else None


def _demands(*roots: Expr) -> tuple[list[_Tie], list[tuple[Dim, Dim]]]:
    """What sizes have to be as great as others make them, and which have a least value."""
    ties, least = list[_Tie](), list[tuple[Dim, Dim]]()
    for e in postorder(*roots):
        if e.head in ("kronleft", "kronright"):
            blocks, other = e.args
            ties += [_Tie(blocks.shape[axis], e.shape[axis], other.shape[axis]) for axis in (0, 1)]
        elif e.head in ("firstpart", "lastpart", "padafter", "padbefore"):
            large, little = (e, e.args[0]) if e.head.startswith("pad") else (e.args[0], e)
            least += zip(large.shape, little.shape, strict=True)
        elif e.head in ("index", "unit", "entry"):
            shape = e.args[0].shape if e.args else e.shape
            least += [(d, i) for d, i in zip(shape, e.data, strict=False) if isinstance(i, int)]
    return ties, least


def _known(d: Dim, sizes: dict[str, int]) -> int | None:
    found = substitute(d, dict[str, Dim](sizes))
    return found if isinstance(found, int) else None


def is_telling(sizes: Mapping[str, int]) -> bool:
    """Whether agreement at these sizes says something: a matrix of size 1 is symmetric, and commutes with others."""
    return all(n != 1 for n in sizes.values())
