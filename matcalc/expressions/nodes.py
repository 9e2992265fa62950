"""Typed, hash-consed expressions: structurally equal expressions are one object.

A node is a head, its arguments, its data and its shape.  The structural heads, whose laws `algebra` keeps:

========== ============================================ =================================================
head       arguments                                    data
========== ============================================ =================================================
symbol                                                  Symbol(name, kind, properties)
zero ones  identity                                     the shape says all; ``ones`` of 1×1 is the number 1
add        terms, sorted                                their rational coefficients
had        Hadamard factors, sorted (1×1: a monomial)   their rational exponents
mul        factors of a matrix product, none 1×1
scale      a scalar, a matrix or vector
transpose  a matrix or vector
power      a square matrix, an exponent
dotpower   a matrix, vector or scalar, an exponent
call       the arguments of an unspecified function     Function(name, elementwise, order)
index      what is indexed                              (row, column), ``None`` for all
unit       the unit vector e_i                          (i,)
entry      the single-entry matrix E_ij                 (i, j)
commutation K(m, n)                                     (m, n)
========== ============================================ =================================================

Every other head is the name of an operator that a rule file declares; its data is an
`Operation` where its entry says more than its shapes.  Vectors are n×1 and scalars 1×1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from fractions import Fraction
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from weakref import ref

from ..arguments import choice, short
from ..errors import border
from .dimensions import SCALAR, Shape
from .order import Identity, comes_before
from .threads import shared_lock

if TYPE_CHECKING:
    import sympy

    from ..arguments import Arrays, Functions, Values

STRUCTURAL = frozenset({"add", "had", "mul", "scale", "transpose", "power", "dotpower", "call", "index"})
"""The heads with arguments that no rule file declares as a function."""

Rational = int | Fraction
T = TypeVar("T")

_LARGE = 10**6  # sizes saturate here: a shared expression may print exponentially long
_SKELETON = 40  # characters of a skeleton that decide an order


class Symbol(NamedTuple):
    """What a named variable or constant is; `kind` is scalar, vector or matrix."""

    name: str
    kind: str
    properties: frozenset[str]


class Function(NamedTuple):
    """An unspecified function; `order` counts the primes.

    The derivative of a matrix-valued function of a matrix has no matrix to name it.  It is shown in use: `mode`
    "push" is its derivative in the direction of the last argument, "pull" the adjoint applied to the last argument,
    "jacobian" the matrix ∂vec(F)/∂vec(X).
    """

    name: str
    elementwise: bool
    order: int
    mode: str = ""


class Notation(NamedTuple):
    """How an operator is written where it is not written as a function, by the templates of its rule file.

    `sizes` are the axes of the result whose sizes no argument tells; `of_vector` is the notation of a vector.
    """

    text: str = ""
    ascii: str = ""
    latex: str = ""
    sizes: tuple[int, ...] = ()
    of_vector: Notation | None = None


class Code(NamedTuple):
    """What an operator is in other languages: the `code` clauses of its entry, and the shapes that they are about."""

    numpy: str
    sympy: str
    params: tuple[Shape, ...]
    result: Shape


class Operation(NamedTuple):
    """What a node knows of its operator: whether it maps every entry on its own, and what its entry says of it."""

    elementwise: bool
    definition: tuple[Expr, Expr] | None
    notation: Notation | None = None
    code: Code | None = None


class Expr:
    """A node of the expression graph.  Make nodes with an `Algebra`; compare them with ``is``.

    ``key`` is a total order that depends neither on the run nor on the machine: constants first, then alphabetically by
    the names in an expression whatever their transposes, so that ``A`` and ``Aᵀ`` stand together, then by the number of
    transposes and by what there is to read, and last by what the expressions are, see `order.comes_before`.
    """

    __slots__ = (
        "__weakref__",
        "args",
        "data",
        "depth",
        "head",
        "key",
        "shape",
        "size",
        "skeleton",
        "transposes",
    )

    head: str
    args: tuple[Expr, ...]
    data: Any
    shape: Shape
    skeleton: str
    transposes: int
    size: int
    depth: int
    key: tuple[int, str, int, int, _Kept]

    def __repr__(self) -> str:
        from ..printing.text import beginning

        return f"<{short(beginning(self, paper=False))}>"

    def __str__(self) -> str:
        from ..printing.text import unicode_text

        return unicode_text(self)

    def ascii(self) -> str:
        """The expression in ASCII, which reads back as the same expression."""
        from ..printing.text import ascii_text

        return ascii_text(self)

    @border
    def latex(self, printer: str = "matcalc") -> str:
        """The expression in LaTeX; ``printer="sympy"`` has SymPy print its object, in SymPy's order of terms.

        Raises MatcalcError for another printer.
        """
        if choice(printer, "The printer", ("matcalc", "sympy")) == "sympy":
            from ..printing.sympy_objects import sympy_latex

            return sympy_latex(self)
        from ..printing.latex import latex

        return latex(self)

    @border
    def sympy(self) -> sympy.Basic:
        """The expression as a SymPy object; our own node where SymPy has none."""
        from ..printing.sympy_objects import to_sympy

        return to_sympy(self)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    @border
    def evaluate(self, arrays: Arrays, functions: Functions | None = None) -> Values:
        """The expression's value, of float64: 2-D, 1-D of a column and 0-D of a scalar.

        `arrays` gives the names as arrays, lists or numbers, and sizes that no array tells as integers; `functions`
        gives unspecified functions as (value, derivative, second derivative).  Raises EvaluationError.

        >>> import matcalc
        >>> matcalc.parse("A x + 1(m)").evaluate({"A": [[1, 2], [3, 4]], "x": [1, 0]})
        array([2., 4.])
        """
        from ..evaluation.arrays import evaluate

        return evaluate(self, arrays, functions)

    @property
    def name(self) -> str:
        """The name of a symbol."""
        return str(self.data.name)

    def __copy__(self) -> Expr:
        return self

    def __deepcopy__(self, memo: object) -> Expr:
        return self

    def __reduce__(self) -> tuple[Callable[..., Expr], tuple[list[Row]]]:
        """What pickle keeps: the nodes as a flat list, so that depth is no matter, from which `restored` makes them."""
        at: dict[Expr, int] = {}
        rows: list[Row] = []
        for e in postorder(self):
            at[e] = len(rows)
            rows.append((e.head, tuple([at[a] for a in e.args]), e.data, e.shape))
        return restored, (rows,)


Row = tuple[str, tuple[int, ...], Any, Shape]
"""A node that was pickled: its head, the places of its arguments in the list, its data and its shape."""


def restored(rows: Sequence[Row]) -> Expr:
    """The node of the last row: in a process that has it, the one that is there."""
    made: list[Expr] = []
    for head, args, data, shape in rows:
        made.append(node(head, tuple([made[i] for i in args]), data, shape))
    return made[-1]


class _Kept(ref[Expr]):
    """A weak reference from the table to a node; it knows under what the node stands there."""

    __slots__ = ("identity",)

    identity: Identity

    def __lt__(self, other: _Kept) -> bool:
        return comes_before(self.identity, other.identity)


_table: dict[Identity, _Kept] = {}
_forgetting = shared_lock()  # looking a node up, or adding one where there is none, takes no lock: that is one step


def _forget(gone: _Kept, table: dict[Identity, _Kept] = _table, lock: RLock = _forgetting) -> None:
    """Take a dead reference out of the table; as it knows both, even when the interpreter clears this module."""
    with lock:
        if table.get(gone.identity) is gone:  # else the node was made again before the old one was forgotten
            del table[gone.identity]


def _published(made: Expr, entry: _Kept) -> Expr:
    """The node that stands in the table for an identity: this one, or the one that another thread made meanwhile."""
    while (kept := _table.setdefault(entry.identity, entry)) is not entry:
        found = kept()
        if found is not None:
            return found
        _forget(kept)
    return made


def node(head: str, args: tuple[Expr, ...], data: Any, shape: Shape) -> Expr:
    """The one node with these parts.  It keeps no law: use the constructors of `Algebra`."""
    identity = (head, args, data, shape)
    kept = _table.get(identity)
    if kept is not None:
        found = kept()
        if found is not None:
            return found
    made = Expr.__new__(Expr)
    made.head, made.args, made.data, made.shape = head, args, data, shape
    transposes = size = depth = 0
    for a in args:
        transposes += a.transposes
        size += a.size
        if a.depth > depth:
            depth = a.depth
    rank = 1
    if head == "symbol":
        # A differential stands where its variable would, before what is without one: dA B + A dB.
        made.skeleton, size = (f"{data.name[1:]}\0" if "differential" in data.properties else data.name), 1
        rank = 0 if data.name == "π" else 1
    elif not args:
        made.skeleton, size = head, 1
        rank = 0 if head in ("ones", "identity") else 1
    elif head == "transpose":
        made.skeleton = args[0].skeleton
        transposes += mark(args[0])
        size += 1
    else:
        text = _names_in(args, data.name + "\1" * bool(data.order) if head == "call" else "")
        if head == "add":
            size += sum([_digits(c, a) for c, a in zip(data, args, strict=True) if c not in (1, -1)])
            if len(args) == 1:
                rank = args[0].key[0]
        elif head == "had":
            size += sum([1 for p in data if p not in (1, -1)])
            if data[0] < 0 and (shape == SCALAR or -1 in data) and max(data) < 0:
                size += 1  # the numerator 1, or the exponent -1
        elif head == "scale":
            size -= _is_reciprocal(args[0])  # the matrix is the numerator
        elif head != "mul":
            size += 1
            text = (text + head)[: _SKELETON + 8]
        made.skeleton = _cut(text)
    made.transposes = transposes if transposes < _LARGE else _LARGE
    made.size = size if size < _LARGE else _LARGE
    made.depth = depth + 1
    entry = _Kept(made, _forget)
    entry.identity = identity
    made.key = (rank, made.skeleton, -transposes if head == "mul" else transposes, made.size, entry)
    return made if _table.setdefault(identity, entry) is entry else _published(made, entry)


def product_skeleton(factors: Sequence[Expr]) -> str:
    """The skeleton that a product of these factors has."""
    return _cut(_names_in(factors))


def _names_in(args: Sequence[Expr], text: str = "") -> str:
    for a in args:
        text += a.skeleton
        if len(text) > _SKELETON:
            break
    return text


def _cut(text: str) -> str:
    return text[:_SKELETON] if len(text) > _SKELETON + 8 else text


def _is_reciprocal(e: Expr) -> bool:
    """Whether a scalar is shown as 1/…"""
    return e.head == "had" and e.shape == SCALAR and max(e.data) < 0


def _digits(c: Rational, e: Expr) -> int:
    """How many numbers the coefficient of a term adds: 1/2 shows two, but A/(2 t) one, and 2/t has its 2 for the 1."""
    front = e.args[0] if e.head == "scale" else e
    above = c.numerator not in (1, -1) and not _is_reciprocal(e)
    if c.denominator == 1:
        return int(above)
    divided = front.head == "had" and front.shape == SCALAR and min(front.data) < 0
    return 1 + (above if divided else 1)


def has_differential(e: Expr) -> bool:
    """Whether a differential shows among the first names of an expression."""
    return "\0" in e.skeleton


def mark(e: Expr) -> int:
    """What a transpose around an expression counts for: one behind a product or a function is read less easily."""
    plain = not e.args or e.head == "add" or (e.head == "power" and not e.args[0].args)
    return 1 if plain else 2


ONE = node("ones", (), None, SCALAR)


def postorder(*roots: Expr) -> Iterator[Expr]:
    """Every node once, arguments before what they are arguments of."""
    return iter(_postorder(roots))


def above(stops: Collection[Expr], *roots: Expr) -> list[Expr]:
    """Every node once, arguments first, without going into the stops."""
    return _postorder(roots, stops)


def _postorder(roots: Sequence[Expr], stops: Collection[Expr] = ()) -> list[Expr]:
    seen: set[Expr] = set()
    out: list[Expr] = []
    stack: list[Expr | None] = [*reversed(roots)]  # a None stands above a node whose arguments are done
    while stack:
        e = stack.pop()
        if e is None:
            made = stack.pop()
            assert made is not None
            out.append(made)
        elif e not in seen:
            seen.add(e)
            args = e.args
            if args and e not in stops:
                stack += (e, None, *args[::-1])
            else:
                out.append(e)
    return out


def fold(root: Expr, f: Callable[[Expr, list[T]], T], memo: dict[Expr, T]) -> T:
    """Compute a value per node from those of its arguments, each node once."""
    if root not in memo:
        for e in above(memo, root):
            if e not in memo:
                memo[e] = f(e, [memo[a] for a in e.args])
    return memo[root]
