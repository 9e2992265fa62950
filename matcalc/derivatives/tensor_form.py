"""The tensor form: dY = 𝓣 : dX written with α_ijkl = δ_ik δ_jl and β_ijkl = δ_il δ_jk.

``α : H = H``, ``β : F = Fᵀ``, ``H F G = HαGᵀ : F``; juxtaposition contracts one index, ``:`` two, ``M ⋆ G`` is the
dyadic product of two matrices, ``R ⊙ 𝓣`` multiplies the entry ij of what 𝓣 gives.  An operation that these cannot
express is written in the basis of vec, as ``[M]``: 𝓣_ijkl is the entry of M that multiplies X_kl in the row of Y_ij.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..calculus.vectorised import kronecker_matrix
from ..errors import NotDifferentiable
from ..expressions.dimensions import SCALAR, Shape
from ..expressions.nodes import ONE, Expr
from ..expressions.parts import depends
from ..normal_form.algebra import Algebra
from ..printing.layout import INFIX, PRODUCT, SUM, Piece, Typeface, refuse_long

if TYPE_CHECKING:
    import numpy as np

MOST_TERMS = 100
_WORD = r"[A-Za-zα-ω][A-Za-z0-9α-ω_]"  # beside α it would be read as one name with it
_WORD_AT_START, _WORD_AT_END = re.compile(_WORD), re.compile(_WORD + "$")
ALPHA, BETA, DYAD, MASK, BASIS, GRADIENT = "α", "β", "⋆", "⊙", "[]", "G"


@dataclass(frozen=True, slots=True)
class Local:
    """A fourth-order tensor that takes a matrix of shape `inner` to one of shape `outer`; LαR takes F to L F Rᵀ."""

    kind: str
    outer: Shape
    inner: Shape
    left: Expr | None = None
    right: Expr | None = None


@dataclass(frozen=True, slots=True)
class TensorTerm:
    """A scalar times a composition of local tensors, the outermost first."""

    coefficient: Expr
    chain: tuple[Local, ...]


@dataclass(frozen=True, slots=True)
class TensorSum:
    """Σ of terms; of shape Y + shape of X when evaluated."""

    terms: tuple[TensorTerm, ...]
    outer: Shape
    inner: Shape

    @property
    def in_vec_basis(self) -> bool:
        """Whether α and β did not suffice."""
        return any(f.kind == BASIS for t in self.terms for f in t.chain)

    def written(self, face: Typeface) -> str:
        """The sum."""
        self._refuse_long()
        out = ""
        for t in self.terms:
            scalar = face.write(t.coefficient)
            negative = scalar.startswith("-")
            body = " : ".join(_local(f, face, len(t.chain) > 1) for f in t.chain) or face.alpha
            if scalar.removeprefix("-") != "1":
                needed: list[Piece] = [scalar.removeprefix("-") if negative else (t.coefficient, INFIX)]
                alone = len(t.chain) < 2
                bare = alone and (" " not in body or face.loose and not any(f.kind in (DYAD, MASK) for f in t.chain))
                body = f"{face.written(needed)} {body if bare else face.opening + body + face.closing}"
            elif negative and len(t.chain) > 1:
                body = face.opening + body + face.closing
            out += (f" {'-' if negative else '+'} " if out else "-" if negative else "") + body
        return out or "0"

    def _refuse_long(self) -> None:
        factors = [e for t in self.terms for f in t.chain for e in (f.left, f.right) if e is not None]
        refuse_long([*factors, *(t.coefficient for t in self.terms)])

    def evaluate(
        self, arrays: Mapping[str, Any], functions: Mapping[str, Any], sizes: Mapping[str, int]
    ) -> np.ndarray[Any, Any]:
        """The array T[i, j, k, l], with all four axes."""
        import numpy as np

        from ..evaluation.arrays import evaluate
        from ..evaluation.given import known_size

        def matrix(e: Expr) -> Any:
            value = np.asarray(evaluate(e, arrays, functions))
            return value.reshape([known_size(d, sizes) for d in e.shape])

        total = np.zeros([known_size(d, sizes) for d in (*self.outer, *self.inner)])
        for t in self.terms:
            tensor: Any = None
            for f in t.chain:
                factor = _array(f, matrix, sizes)
                tensor = factor if tensor is None else np.einsum("ijab,abkl->ijkl", tensor, factor)
            if tensor is None:
                tensor = _array(Local(ALPHA, self.outer, self.inner), matrix, sizes)
            total = total + float(evaluate(t.coefficient, arrays, functions)) * tensor
        return np.asarray(total)


def _array(f: Local, matrix: Any, sizes: Mapping[str, int]) -> Any:
    import numpy as np

    from ..evaluation.given import known_size

    rows, columns, inner_rows, inner_columns = (known_size(d, sizes) for d in (*f.outer, *f.inner))
    if f.kind == ALPHA:
        left = np.eye(rows) if f.left is None else matrix(f.left)
        right = np.eye(columns) if f.right is None else matrix(f.right)
        return np.einsum("ik,jl->ijkl", left, right)
    if f.kind == BETA:
        return np.einsum("il,jk->ijkl", np.eye(rows), np.eye(columns))
    if f.kind == DYAD:
        return np.einsum("ij,kl->ijkl", matrix(f.left), matrix(f.right))
    if f.kind == MASK:
        return np.einsum("ij,ik,jl->ijkl", matrix(f.left), np.eye(rows), np.eye(columns))
    if f.kind == GRADIENT:
        return matrix(f.left).reshape(1, 1, inner_rows, inner_columns)
    flat = matrix(f.left)
    return flat.reshape(columns, rows, inner_columns, inner_rows).transpose(1, 0, 3, 2)


def _local(f: Local, face: Typeface, composed: bool) -> str:
    """A tensor in a typeface; in a composition, one of several signs is bracketed."""

    def at(e: Expr | None, needed: int) -> str:
        return "" if e is None else face.written([(e, needed)])

    if f.kind == ALPHA:
        left, right = at(f.left, PRODUCT), at(f.right, PRODUCT)
        before = "" if not left or face.tight and not _WORD_AT_END.search(left) else " "
        behind = "" if not right or face.tight and not _WORD_AT_START.match(right) else " "
        return left + before + face.alpha + behind + right
    if f.kind == BETA:
        return face.beta
    if f.kind == GRADIENT:
        return at(f.left, SUM)
    if f.kind == BASIS:
        return face.bracket[0] + at(f.left, SUM) + face.bracket[1]
    if f.kind == DYAD:
        text = f"{at(f.left, PRODUCT)}{face.dyadic}{at(f.right, PRODUCT)}"
    else:
        text = f"{at(f.left, PRODUCT)}{face.masked}{face.alpha}"
    return face.opening + text + face.closing if composed else text


def tensor_form(algebra: Algebra, d: Expr, hole: Expr) -> TensorSum:
    """𝓣 with d = 𝓣 : hole, for an expression d that is linear in the hole."""
    active = depends(d, {hole})
    terms: list[TensorTerm] = []
    todo: list[tuple[Expr, Expr, tuple[Local, ...]]] = [(d, ONE, ())] if d in active else []
    while todo:
        e, coefficient, chain = todo.pop()
        if e is hole:
            terms.append(TensorTerm(coefficient, chain))
            continue
        for x, factor, local in reversed(_inside(algebra, e, active, hole)):
            scalar = algebra.had([(coefficient, 1), (factor, 1)], SCALAR)
            todo.append((x, scalar, chain if local is None else (*chain, local)))
        if len(terms) + len(todo) > MOST_TERMS:
            raise NotDifferentiable(
                f"The tensor form has more than {MOST_TERMS} terms.", hint="The pushforward exists."
            )
    return TensorSum(_collected(algebra, terms), d.shape, hole.shape)


Inside = tuple[Expr, Expr, Local | None]


def _inside(algebra: Algebra, e: Expr, active: set[Expr], hole: Expr) -> list[Inside]:
    """The active arguments, the scalar in front, and the tensor that takes the argument's differential to e's."""
    head = e.head
    out: list[Inside] = []
    for slot, x in enumerate(e.args):
        if x not in active:
            continue
        if head == "add":
            out.append((x, algebra.number(e.data[slot]), None))
        elif head == "mul" and e.shape != SCALAR:
            before, after = e.args[:slot], e.args[slot + 1 :]
            left = algebra.mul(before) if before else None
            right = algebra.transpose(algebra.mul(after)) if after else None
            out.append((x, ONE, Local(ALPHA, e.shape, x.shape, left, right)))
        elif head == "transpose":
            out.append((x, ONE, Local(BETA, e.shape, x.shape)))
        elif head == "scale" and slot == 1:
            out.append((x, e.args[0], None))
        elif head == "scale":
            from ..calculus.differentials import Calculus

            found = Calculus(algebra).gradients(x, [hole])[hole]
            out.append((hole, ONE, Local(DYAD, e.shape, hole.shape, e.args[1], found)))
        elif head == "had" and e.data[slot] == 1:
            others = [(y, p) for i, (y, p) in enumerate(zip(e.args, e.data, strict=True)) if i != slot]
            rest = algebra.had(others, e.shape)
            out.append((x, rest, None) if e.shape == SCALAR else (x, ONE, Local(MASK, e.shape, x.shape, rest)))
        else:
            return [(hole, ONE, Local(BASIS, e.shape, hole.shape, kronecker_matrix(algebra, e, hole)))]
    return out


def _collected(algebra: Algebra, terms: list[TensorTerm]) -> tuple[TensorTerm, ...]:
    found: dict[tuple[Local, ...], Expr] = {}
    for t in terms:
        old = found.get(t.chain)
        found[t.chain] = t.coefficient if old is None else algebra.add(old, t.coefficient)
    return tuple(TensorTerm(c, chain) for chain, c in found.items() if c.head != "zero")
