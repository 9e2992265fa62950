"""The forms of a derivative, each printed, evaluated and derived on its own.

=========== ============================================= ===========================================
form        what it is                                    array
=========== ============================================= ===========================================
differential dY, linear in dX                             shape of Y + shape of X
pushforward H ↦ the derivative in direction H             shape of Y, given H
pullback    gradient of φ(Y) by X, given G = ∂φ/∂Y        shape of X, given G
kronecker   M with vec(dY) = M vec(dX)                    (entries of Y, entries of X)
tensor      𝓣 with dY = 𝓣 : dX                            shape of Y + shape of X
index       ∂Y_ij/∂X_kl                                   shape of Y + shape of X
component   ∂Y/∂X_ij                                      shape of Y + shape of X
=========== ============================================= ===========================================
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..arguments import short
from ..calculus.differentials import Calculus
from ..calculus.structured import plain_hole
from ..calculus.vectorised import kronecker_matrix
from ..errors import MatcalcError, border
from ..expressions.dimensions import SCALAR
from ..expressions.nodes import ONE, Expr, postorder
from ..language.names import fresh
from ..printing.layout import has_subscript
from ..printing.text import Ascii, Unicode, ascii_text, beginning, paper_text
from ..printing.words import to_ascii
from ..simplification.shortest import pleasant
from ..simplification.shown import Shown
from .choices import form_given
from .derivation import Derivation, Line, names_within
from .index_form import entry_sum, gradient_index_form, index_form
from .index_sum import IndexSum
from .tensor_form import TensorSum, tensor_form

if TYPE_CHECKING:
    from ..arguments import Arrays, Functions, Values
    from .derivative import Derivative


@dataclass(slots=True, repr=False)
class Form:
    """One form of a derivative: `left` stands before the expression, `notes` say how to read it."""

    name: str
    left: str
    body: Shown | IndexSum | TensorSum
    derivative: Derivative
    hole: Expr
    notes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    def __repr__(self) -> str:
        try:
            text = beginning(self.body.written) if isinstance(self.body, Shown) else self._text(False)
        except MatcalcError as too_long:
            text = too_long.message
        return f"<{short(f'{self.name}: {self.left}{text}')}>"

    def __str__(self) -> str:
        return "\n".join([self.left + self._text(False), *self.notes])

    def ascii(self) -> str:
        """The form in ASCII."""
        return to_ascii("\n".join([self.left + self._text(True), *self.notes]))

    def _text(self, ascii: bool) -> str:
        if isinstance(self.body, Shown):
            short = _commutation_names(self.body.written)
            return (ascii_text if ascii else paper_text)(self.body.written, short)
        return self.body.written(Ascii({}) if ascii else Unicode({}))

    def latex(self) -> str:
        """The form in LaTeX."""
        from ..printing.latex import Latex
        from ..printing.names import name_latex

        left = self.left.removesuffix(" = ").removesuffix(" ↦ ")
        mapsto = r" \mapsto " if "↦" in self.left else " = "
        body = self.body.latex() if isinstance(self.body, Shown) else self.body.written(Latex({}))
        return (name_latex(left) + mapsto if left else "") + body

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    @property
    @border
    def expression(self) -> Shown:
        """The form as an expression; the tensor and index forms are none."""
        if not isinstance(self.body, Shown):
            raise MatcalcError(f"The {self.name} form is not a matrix expression.", hint="Print or evaluate it.")
        return self.body

    @property
    @border
    def derivation(self) -> Derivation:
        """From dY to the form, with the rules that were used."""
        start = self.derivative.derivation
        lines = [s for s in start.steps if s.kind != "answer"]
        if isinstance(self.body, Shown):
            left = {"kronecker": "∂vec(Y)/∂vec(X)"}.get(self.name, self.left.removesuffix(" = ").removesuffix(" ↦ "))
            lines.append(Line(left or self.name, self.body, self.rules, "answer"))
        return Derivation(lines, start.trace)

    @border
    def evaluate(self, arrays: Arrays, functions: Functions | None = None) -> Values:
        """The form's array, of float64; see the table of this module.  Raises EvaluationError.

        >>> import matcalc
        >>> matcalc.differentiate("A x", "x").form("kronecker").evaluate({"A": [[1, 2], [3, 4]]})
        array([[1., 2.],
               [3., 4.]])
        """
        import numpy as np

        from ..evaluation import arrays as numeric
        from ..evaluation.given import arrays_given, functions_given

        d = self.derivative
        known = [*d.problem.symbols.values()]
        arrays, functions = arrays_given(arrays), functions_given(functions)
        y, x = numeric.axes_of(d.function), numeric.axes_of(d.variable)
        if isinstance(self.body, Shown):
            written = self.body.written
            if self.name in ("differential", "component"):
                return self._laid_out(numeric.linear_map(written, self.hole, arrays, functions, y, x, known), y)
            axes = {"pushforward": y, "pullback": x, "kronecker": 2}[self.name]
            return numeric.evaluate_as(written, arrays, functions, axes, known)
        sizes = numeric.sizes(known, arrays)
        value = self.body.evaluate({**sizes, **arrays}, functions, sizes)
        shape = numeric.shape_of(d.function, y, sizes) + numeric.shape_of(d.variable, x, sizes)
        return self._laid_out(np.asarray(value).reshape(shape), y)

    def _laid_out(self, array: Values, axes: int) -> Values:
        from ..evaluation.arrays import turned

        return turned(array, axes) if self.derivative.layout == "denominator" else array


def _commutation_names(e: Expr) -> dict[Expr, str]:
    """K for the commutation matrix, where there is one only; other letters where something else has that name."""
    found = list(dict.fromkeys(x for x in postorder(e) if x.head == "commutation"))
    taken = names_within(e)
    if "K" in taken:
        return {x: fresh("P", taken) for x in found}
    return dict.fromkeys(found, "K") if len(found) == 1 else {}


def _commutations(body: Expr) -> tuple[str, ...]:
    """What K stands for."""
    named = _commutation_names(body).items()
    return tuple(f"{name} = K({x.data[0]}, {x.data[1]}), the commutation matrix" for x, name in named)


def form(d: Derivative, name: str) -> Form:
    """The form of a first derivative, by name."""
    found = {
        "differential": _differential,
        "pushforward": _pushforward,
        "pullback": _pullback,
        "kronecker": _kronecker,
        "tensor": _tensor,
        "index": _index,
        "component": _component,
    }[form_given(name)](d)
    return _in_denominator_layout(found) if d.layout == "denominator" else found


def _in_denominator_layout(form: Form) -> Form:
    """The form in denominator layout: the Kronecker form is transposed, arrays have the variable's indices first."""
    d, algebra = form.derivative, form.derivative.problem.algebra
    if form.name == "kronecker":
        assert isinstance(form.body, Shown)
        note = "in denominator layout: the transpose of the matrix M with vec(dY) = M vec(dX)"
        turned = pleasant(algebra, algebra.transpose(form.body.normal))
        return replace(form, body=turned, notes=(*_commutations(turned.written), note))
    if form.name in ("pushforward", "pullback") or SCALAR in (d.function.shape, d.variable.shape):
        return form
    note = f"in denominator layout: the array has the indices of {d.variable.name} before those of {d.letter}"
    return replace(form, notes=(*form.notes, note))


def _linear(d: Derivative) -> tuple[Shown, Expr]:
    """dY without any structure of dX, and the symbol dX."""
    hole = plain_hole(d.problem.algebra, d.variable)
    if d.function.shape == SCALAR:
        g = _gradient(d)
        found = d.problem.algebra.apply("frob", [g.normal, hole])
    else:
        found = Calculus(d.problem.algebra).differential(d.function, {d.variable: hole})
    return pleasant(d.problem.algebra, found), hole


def _gradient(d: Derivative) -> Shown:
    """The gradient without the projection for a structured variable."""
    return pleasant(d.problem.algebra, Calculus(d.problem.algebra).gradients(d.function, [d.variable])[d.variable])


def _free(d: Derivative, name: str, shape: tuple[int | str, int | str], kind: str) -> Expr:
    taken = set(d.problem.symbols) | names_within(d.function)
    return d.problem.algebra.symbol(name if name not in taken else name + "_", shape, kind)


def _differential(d: Derivative) -> Form:
    body, hole = _linear(d)
    return Form("differential", f"d{d.letter} = ", body, d, hole)


def _pushforward(d: Derivative) -> Form:
    body, hole = _linear(d)
    h = _free(d, "H", d.variable.shape, d.variable.data.kind)
    moved = pleasant(d.problem.algebra, d.problem.algebra.substitute(body.normal, {hole: h}))
    return Form("pushforward", f"{h.name} ↦ ", moved, d, h)


def _pullback(d: Derivative) -> Form:
    f = d.function
    kind = "scalar" if f.shape == SCALAR else "vector" if f.shape[1] == 1 else "matrix"
    g = _free(d, "G", f.shape, kind)
    calculus = Calculus(d.problem.algebra)
    found = d.problem.algebra.linear(calculus.cotangents(f, g, [d.variable])[d.variable], d.variable.shape)
    note = f"the gradient of φ({d.letter}) by {d.variable.name}, where {g.name} = ∂φ/∂{d.letter}"
    return Form("pullback", "", pleasant(d.problem.algebra, found), d, g, (note,), tuple(calculus.used))


def _kronecker(d: Derivative) -> Form:
    algebra = d.problem.algebra
    used: dict[str, None] = {}
    hole = plain_hole(algebra, d.variable)
    if d.function.shape == SCALAR:
        body = pleasant(algebra, algebra.transpose(algebra.apply("vec", [_gradient(d).normal])))
    else:
        linear = Calculus(algebra).differential(d.function, {d.variable: hole})
        body = pleasant(algebra, kronecker_matrix(algebra, linear, hole, used))
    return Form("kronecker", "", body, d, hole, _commutations(body.written), tuple(used))


def _tensor(d: Derivative) -> Form:
    algebra = d.problem.algebra
    if d.function.shape == SCALAR:
        hole = plain_hole(algebra, d.variable)
        return Form("tensor", "", _as_dyad(_gradient(d).written, hole), d, hole)
    body, hole = _linear(d)
    found = tensor_form(algebra, body.written, hole)
    note = "[M] is the tensor whose matrix in the basis of vec is M: vec(𝓣 : H) = M vec(H)"
    return Form("tensor", "", found, d, hole, (note,) if found.in_vec_basis else ())


def _as_dyad(g: Expr, hole: Expr) -> TensorSum:
    from .tensor_form import GRADIENT, Local, TensorTerm

    return TensorSum((TensorTerm(ONE, (Local(GRADIENT, SCALAR, hole.shape, g),)),), SCALAR, hole.shape)


def _index(d: Derivative) -> Form:
    f, x, algebra = d.function, d.variable, d.problem.algebra
    if f.shape == SCALAR:
        return Form(
            "index", f"∂{d.letter}/∂{_entry(x, 'ij')} = ", gradient_index_form(algebra, _gradient(d).written), d, x
        )
    body, hole = _linear(d)
    out = "".join(i for i, n in zip("ij", f.shape, strict=True) if n != 1)
    left = f"∂{d.letter}_{out}/∂{_entry(x, 'kl')}"
    return Form("index", f"{left} = ", index_form(algebra, body.written, hole), d, hole)


def _entry(x: Expr, letters: str) -> str:
    """x_i, X_ij; (x_1)_i of a name that has a subscript already; a scalar as it is."""
    places = "".join(i for i, n in zip(letters, x.shape, strict=True) if n != 1)
    return f"({x.name})_{places}" if places and has_subscript(x.name) else x.name + f"_{places}" * bool(places)


def _basis_name(d: Derivative, letters: str) -> str:
    """E_ij, e_i; another letter where something has that name, of which it could be taken for an entry."""
    taken = set(d.problem.symbols) | names_within(d.function)
    for letter in "EJSUVZ" if len(letters) > 1 else "euvwz":
        if not taken & {letter, f"{letter}_{letters}"}:
            return f"{letter}_{letters}"
    return fresh(f"E_{letters}", taken)


def _component(d: Derivative) -> Form:
    algebra, x = d.problem.algebra, d.variable
    letters = "".join(i for i, n in zip("ij", x.shape, strict=True) if n != 1)
    left = f"∂{d.letter}/∂{_entry(x, 'ij')}"
    if d.function.shape == SCALAR:
        g = _gradient(d)
        return Form("component", f"{left} = ", entry_sum(g.written), d, x)
    body, hole = _linear(d)
    single = algebra.symbol(_basis_name(d, letters) if letters else "1", x.shape, x.data.kind)
    moved = algebra.substitute(body.normal, {hole: single if letters else ONE})
    note = f"{single.name} has a one at {'row i, column j' if len(letters) > 1 else 'place i'} and zeros elsewhere"
    return Form("component", f"{left} = ", pleasant(algebra, moved), d, single, (note,) if letters else ())
