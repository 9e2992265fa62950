"""A derivative with its forms, its derivation and its values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..arguments import short, text
from ..calculus.differentials import Calculus
from ..errors import EvaluationError, MatcalcError, NotDifferentiable, ParseError, ShapeError, border
from ..expressions.dimensions import SCALAR, Dim, Shape, written
from ..expressions.nodes import Expr, postorder
from ..language.names import fresh
from ..language.tree import parse as parse_tree
from ..normal_form.domain import Claim
from ..printing.text import SUPERSCRIPTS, ascii_text, beginning, paper_text
from ..printing.words import to_ascii
from ..shapes.elaborate import Scope, elaborate, elaborate_all
from ..simplification.shortest import pleasant
from ..simplification.shown import Shown
from .conditions import Condition
from .derivation import Derivation, Task, forward_derivation, scalar_derivation
from .normal import as_declared, derivative_of
from .problem import Problem, without_collector, working

if TYPE_CHECKING:
    import sympy

    from ..arguments import Arrays, Functions, Values
    from .forms import Form


SHORTENED_FROM = 400  # printed size from which shared parts of an answer are named
PART = 6  # the least size of such a part
PROPERTIES = frozenset("symmetric skew diagonal orthogonal spd psd idempotent positive lower upper".split())


@dataclass
class Derivative:
    """A derivative of a function by one variable; printing it gives the answer.

    ``kind`` is "gradient", "jacobian", "derivative" (by a scalar) or "differential"; `expression` is the answer as
    it is shown.  The conventions are those of the README: ``df = G : dX``, ``dy = J dx``, ``dY = (dY/dt) dt``.

    >>> import matcalc
    >>> d = matcalc.differentiate("tr(A B Aᵀ C)", "A")
    >>> print(d)
    Cᵀ A Bᵀ + C A B
    >>> d.shapes["A"]
    ('m', 'n')
    """

    problem: Problem
    variable: Expr
    kind: str
    expression: Shown
    task: Task
    notes: tuple[str, ...] = ()
    structure: str | None = None
    normal: Expr | None = None
    order: int = 1
    lower: Derivative | None = None
    layout: str | None = None
    conditions: tuple[Condition, ...] = ()
    granted: tuple[Claim, ...] = field(default=(), repr=False)
    narrowed: bool = field(default=False, repr=False)
    _derivation: Derivation | None = field(default=None, repr=False)
    _anywhere: Expr | None = field(default=None, init=False, repr=False)

    @property
    def function(self) -> Expr:
        """The function that was differentiated."""
        return self.problem.function

    @property
    def shapes(self) -> dict[str, Shape | tuple[Dim, ...]]:
        """The shapes of all names, declared or inferred: () of a scalar, (n,) of a vector, (m, n) of a matrix."""
        ranks = {"scalar": 0, "vector": 1, "matrix": 2}
        return {n: e.shape[: ranks[e.data.kind]] for n, e in self.problem.symbols.items()}

    @property
    def turned(self) -> bool:
        """Whether the layout that was asked for is not the one that an answer of this kind has.

        In the numerator layout the gradient is transposed, in the denominator layout the Jacobian and the tensor are.
        """
        other = "numerator" if self.kind == "gradient" else "denominator"
        return self.layout == other and not (self.kind == "jacobian" and self.order > 1)

    @property
    def label(self) -> str:
        """What stands left of the equals sign: ∂f/∂A, dy/dt, dY."""
        name = self.variable.name
        if self.lower is not None:
            return self._higher_label()
        f = self.letter
        if self.kind == "differential":
            return f"d{f}"
        return f"d{f}/d{name}" if self.kind == "derivative" else f"∂{f}/∂{name}"

    @property
    def letter(self) -> str:
        """What the function is called, in a derivative of any order: f, y, Y, or the name that the text gives it."""
        return self.task.letter if self.lower is None else self.lower.letter

    def _higher_label(self) -> str:
        assert self.lower is not None
        f = self.letter
        first, second = self.lower.variable, self.variable
        if self.kind == "differential":
            return "dG"
        if first is second and second.shape == SCALAR:
            mark = str(self.order).translate(SUPERSCRIPTS)
            return f"d{mark}{f}/d{second.name}{mark}"
        return f"∂²{f}/∂{first.name}∂{second.name}" + ("ᵀ" if second.shape != SCALAR else "")

    @property
    @border
    def second_differential(self) -> Shown:
        """d²f as a quadratic form in dX, of a derivative of order 2.

        >>> import matcalc
        >>> matcalc.differentiate("x' A x", "x", order=2).second_differential
        <2 dxᵀ A dx>
        """
        if self.lower is None or self.lower.function.shape != SCALAR:
            raise MatcalcError("The second differential is of a second derivative of a scalar function.")
        algebra = self.problem.algebra
        hole = self.task.holes[self.variable]
        outer = hole if self.lower.variable is self.variable else self.lower.task.holes[self.lower.variable]
        with working(algebra):
            inner = Calculus(algebra).differential(self.function, {self.variable: hole})
            return pleasant(algebra, algebra.apply("frob", [outer, inner]))

    def _abbreviations(self) -> dict[Expr, str]:
        return abbreviations(self.expression.written, self.problem.symbols)

    def __str__(self) -> str:
        return self._printed(paper_text)

    def ascii(self) -> str:
        """The answer in ASCII."""
        return to_ascii(self._printed(ascii_text))

    def _printed(self, write: Any) -> str:
        with without_collector():
            return self._lines(write)

    def _lines(self, write: Any) -> str:
        names = self._abbreviations()
        lines = [write(self.expression.written, names)]
        inner: dict[Expr, str] = {}  # what a part is made of was named before it
        for e, name in names.items():
            gradient = e.head == "call" and e.data.order and name.startswith("G")
            said = f"∂{e.data.name}/∂({write(e.args[0], inner)})" if gradient else write(e, inner)
            lines.append(f"where {name} = {said}")
            inner[e] = name
        return "\n".join([*lines, *self.notes])

    def __repr__(self) -> str:
        return f"<{short(f'{self.label} = {beginning(self.expression.written, self._abbreviations())}')}>"

    @border
    def latex(self, printer: str = "matcalc") -> str:
        """The answer in LaTeX; ``printer="sympy"`` has SymPy print its object, in SymPy's order of terms."""
        return self.expression.latex(printer)

    @border
    def sympy(self) -> sympy.Basic:
        """The answer as a SymPy object; our own node where SymPy has none.

        >>> import matcalc
        >>> matcalc.differentiate("tr(A B)", "A").sympy()
        B.T
        """
        return self.expression.sympy()

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    @property
    @border
    def derivation(self) -> Derivation:
        """The lines that lead to the answer."""
        if self._derivation is None:
            with working(self.problem.algebra):
                self._derivation = self._derive()
        return self._derivation

    def _derive(self) -> Derivation:
        parts, d = [self._derive_once()], self.lower
        while d is not None:
            parts.append(d._derive_once())
            d = d.lower
        parts.reverse()
        return Derivation([s for p in parts for s in p.steps], [t for p in parts for t in p.trace])

    def _derive_once(self) -> Derivation:
        if self.kind == "gradient" or self.function.shape == SCALAR:
            holes = {self.variable: self.task.holes[self.variable]}
            task = replace(self.task, variables=[self.variable], holes=holes)
            return scalar_derivation(task, {self.variable: self.expression}, [self.label])
        value = self.differential
        return forward_derivation(self.task, value, self.label, self.expression, self.kind == "differential")

    @property
    @border
    def differential(self) -> Shown:
        """The differential of the function, linear in dX."""
        task = self.task
        with working(task.algebra):
            return pleasant(task.algebra, Calculus(task.algebra).differential(self.function, dict(task.holes)))

    @border
    def form(self, name: str) -> Form:
        """The derivative in another form: differential, pushforward, pullback, kronecker, tensor, index or component.

        >>> import matcalc
        >>> d = matcalc.differentiate("A' B", "A")
        >>> print(d.form("pullback").expression, "|", str(d.form("kronecker")).splitlines()[0], "|", d.form("tensor"))
        B Gᵀ | (Bᵀ ⊗ I) K | αBᵀ : β
        """
        from .forms import form

        with working(self.problem.algebra):
            return form(self, name)

    @border
    def contract(self, cotangent: str) -> Shown:
        """G : ∂Y/∂X for an expression G of the shape of Y: the chain rule, with G as the gradient by Y.

        >>> import matcalc
        >>> print(matcalc.differentiate("A B", "A", {"A": ("n", "m"), "B": ("m", "n")}).contract("I"))
        Bᵀ
        """
        cotangent = text(cotangent, "A cotangent", "'I'", ParseError)
        algebra, like = self.problem.algebra, "Y_"
        with working(algebra):
            shapes = {**self.shapes, like: self.function.shape}
            assume = {n: sorted(e.data.properties & PROPERTIES) for n, e in self.problem.symbols.items()}
            scope = Scope.of(algebra.book.aliases, shapes, assume)
            # Two sides of an equation have one shape, which tells I its size.
            sides = [(parse_tree(text), text) for text in (like, cotangent)]
            try:
                _, g = elaborate_all(sides, scope, algebra).exprs
            except ShapeError as problem:
                shape = elaborate(*sides[1], scope, algebra).expr.shape
                raise ShapeError(
                    f"What is contracted with the derivative is {written(shape)}; "
                    f"the function is {written(self.function.shape)}."
                ) from problem
            terms = Calculus(algebra).cotangents(self.function, g, [self.variable])[self.variable]
            return pleasant(algebra, algebra.linear(terms, self.variable.shape))

    @border
    def trace(self) -> Shown:
        """The trace Σ T_ijij of the derivative, for a function and a variable of one shape.

        >>> import matcalc
        >>> print(matcalc.differentiate("A X B", "X", {"A": ("m", "m"), "B": ("n", "n")}).trace())
        tr(A) tr(B)
        """
        if self.function.shape != self.variable.shape:
            raise ShapeError("The trace of a derivative needs a function and a variable of one shape.")
        algebra = self.problem.algebra
        with working(algebra):
            matrix = self.form("kronecker").expression.normal
            return pleasant(algebra, algebra.apply("tr", [matrix]) if matrix.shape != SCALAR else matrix)

    @border
    def evaluate(self, arrays: Arrays, functions: Functions | None = None) -> Values:
        """The derivative's value for arrays by name: vectors 1-D, scalars 0-D.

        Lists of lists, numbers and arrays of ints or of any floats do; the value is of float64.  A size that no array
        tells is given by its name.  `functions` gives unspecified functions as (value, derivative, second derivative).
        A gradient has the shape of the variable, a Jacobian (dim y, dim x); see the README for the others.  Raises
        EvaluationError.

        >>> import matcalc
        >>> matcalc.differentiate("x' A x", "x").evaluate({"A": [[1, 2], [3, 4]], "x": [1, 0]})
        array([2., 5.])
        >>> matcalc.differentiate("phi(A x)", "x").evaluate(
        ...     {"A": [[1, 2], [3, 4]], "x": [1, 0]}, {"phi": (lambda y: y @ y, lambda y: 2 * y)})
        array([20., 28.])
        """
        from ..evaluation.arrays import axes_of, evaluate_as, linear_map, turned

        e, known = self._evaluated, self.problem.symbols.values()
        if self.kind == "differential":
            hole = self.task.holes[self.variable]
            axes = axes_of(self.function), axes_of(self.variable)
            value = linear_map(e, hole, arrays, functions, *axes, known)
            value = turned(value, axes[0]) if self.turned else value
        else:
            value = evaluate_as(e, arrays, functions, self._rank(), known)
        return self._finite(value)

    @property
    def _evaluated(self) -> Expr:
        """What values are taken of: an answer that asks for no more than the function, if there is one."""
        if not self.narrowed:
            return self.expression.written
        if self._anywhere is None:
            with working(self.problem.algebra):
                self._anywhere = self._everywhere() or self.expression.written
        return self._anywhere

    def _everywhere(self) -> Expr | None:
        """The derivative by rules that take nothing for granted, for values where the shorter answer has none."""
        algebra, v, f = self.problem.algebra, self.variable, self.problem.function
        if self.lower is not None and self.lower.narrowed:
            before = self.lower._everywhere()
            if before is None:
                return None
            f = before
        try:
            kind, normal = derivative_of(Calculus(algebra, everywhere=True), f, v, self.task.holes[v])
        except NotDifferentiable:
            return None
        normal, _ = as_declared(algebra, v, kind, normal, self.task.read_as, self.structure)
        return algebra.transpose(normal) if self.layout is not None and kind != "differential" else normal

    def _finite(self, value: Values) -> Values:
        """A value, refused where it is none because a condition of the answer does not hold."""
        import numpy as np

        held = [str(c) for c in self.conditions if not c.subgradient]
        if held and not np.isfinite(value).all():
            raise EvaluationError(f"There is no finite value here: the answer holds where {' and '.join(held)}.")
        return value

    def _rank(self) -> int | None:
        """The number of axes of the value, where the expression's shape does not tell it."""
        if self.kind == "gradient" and not self.turned:
            return {"scalar": 0, "vector": 1, "matrix": 2}[self.variable.data.kind]
        return None


def abbreviations(e: Expr, taken: Iterable[str]) -> dict[Expr, str]:
    """Names for the gradients of unspecified functions, and for the shared parts of a very long answer."""
    used = set(taken)
    names: dict[Expr, str] = {}
    long = e.size > SHORTENED_FROM
    parents = Counter([arg for x in postorder(e) for arg in x.args] if long else [])
    for x in postorder(e):
        if x.head == "call" and x.data.order == 1 and not x.data.elementwise and x.shape != SCALAR and x is not e:
            if x.args[0].shape == x.shape:
                names[x] = fresh("G", used)
        elif long and parents[x] > 1 and x.size >= PART:
            names[x] = fresh("s" if x.shape == SCALAR else "z" if x.shape[1] == 1 else "Z", used)
    return names
