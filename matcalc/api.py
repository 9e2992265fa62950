"""The Python interface: `differentiate`, `parse`, and the derivative that they give."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from . import rules as rule_books
from .algebra import Algebra
from .calculus import Calculus
from .derivation import Derivation, Task, forward_derivation, letter_of, scalar_derivation
from .dims import SCALAR, Dim, Shape, written
from .elaborate import Elaborated, Scope, elaborate, elaborate_all
from .errors import AmbiguityError, MatcalcError, NameProblem, NotDifferentiable, ParseError, ShapeError
from .expansion import expanded
from .expr import ONE, Expr, postorder
from .names import canonical, fresh
from .rules import RuleBook
from .shortening import pleasant
from .structure import STRUCTURES, independent_entries, on_stiefel_manifold, projected, structure_of
from .syntax import parse as parse_tree
from .text import SUPERSCRIPTS, ascii_text, to_ascii, unicode_text

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from .equality import Equality
    from .forms import Form

RESERVED = {"I", "e", "π", "0", "1"}
SHORTENED_FROM = 400  # printed size from which shared parts of an answer are named
PROPERTIES = frozenset("symmetric skew diagonal orthogonal spd psd idempotent positive lower upper".split())
KINDS_IN_WORDS = {"lower": "lower triangular", "upper": "upper triangular"}
PART = 6  # the least size of such a part

Shapes = Mapping[str, Iterable[Dim]]
Assumptions = Mapping[str, str | Iterable[str]]


@contextmanager
def _without_collector() -> Iterator[None]:
    """Reference counting is enough for our graphs; the cyclic collector would walk them again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@dataclass(slots=True)
class Problem:
    """A function that has been read: what `differentiate` starts from."""

    text: str
    algebra: Algebra
    function: Expr
    symbols: dict[str, Expr]
    lets: dict[str, Expr]
    notes: tuple[str, ...]

    @property
    def shapes(self) -> dict[str, Shape]:
        """The shapes of the symbols, declared or inferred."""
        return {n: e.shape for n, e in self.symbols.items()}


def read(
    text: str,
    shapes: Shapes | None = None,
    assume: Assumptions | None = None,
    where: str = "",
    rules: str | Path | RuleBook | None = None,
    free: Iterable[Expr] = (),
) -> Problem:
    """Parse and elaborate a function; the variables in `free` are read without their structure."""
    if not isinstance(text, str):
        raise ParseError(f"An expression is a text, not {type(text).__name__}.", hint="For example: 'tr(A B)'.")
    book = _book(rules)
    algebra = Algebra(book)
    scope = Scope.of(book.aliases, shapes, assume, where)
    for x in free:
        known = scope.variables[x.name]
        scope.variables[x.name] = replace(known, shape=x.shape, properties=known.properties - STRUCTURES)
    found: Elaborated = elaborate(parse_tree(text), text, scope, algebra)
    return Problem(text, algebra, found.expr, found.symbols, found.lets, found.notes)


def parse(
    expression: str,
    shapes: Shapes | None = None,
    assume: Assumptions | None = None,
    where: str = "",
    rules: str | Path | RuleBook | None = None,
) -> Expr:
    """The expression that a text means, in normal form.

    Shapes that nothing declares are inferred.  Errors are subclasses of MatcalcError with the place in the text.

    >>> parse("(A B)' + B' A'")
    <2 Bᵀ Aᵀ>
    """
    with _without_collector():
        return read(expression, shapes, assume, where, rules).function


def simplify(expression: str, **context: Any) -> Expr:
    """The shortest pleasant form of an expression; `context` is what `parse` takes.

    >>> simplify("A x + A' x")
    <(A + Aᵀ) x>
    """
    return _shown(expression, context, pleasant)


def expand(expression: str, **context: Any) -> Expr:
    """An expression with products of sums multiplied out; `context` is what `parse` takes.

    >>> expand("(A + B)' (A - B)")
    <Aᵀ A - Aᵀ B + Bᵀ A - Bᵀ B>
    """
    return _shown(expression, context, expanded)


def factor(expression: str, **context: Any) -> Expr:
    """An expression multiplied out, and common factors taken out; `context` is what `parse` takes.

    >>> factor("A B x + A C x")
    <A (B + C) x>
    """
    return _shown(expression, context, lambda algebra, e: pleasant(algebra, expanded(algebra, e)))


def _shown(expression: str, context: Mapping[str, Any], form: Callable[[Algebra, Expr], Expr]) -> Expr:
    with _without_collector():
        problem = read(expression, **context)
        return form(problem.algebra, problem.function)


def equal(a: str, b: str, **context: Any) -> Equality:
    """Whether two expressions are equal, and how that was decided; `context` is what `parse` takes.

    Equal normal forms are equal.  Rational expressions are compared at random points of a finite field: a difference is
    certain, equality has a probability of error below 1e-15.  Others are compared with numbers, and the tolerance is
    stated.

    >>> print(equal("(A + B)' (A + B)", "A' A + A' B + B' A + B' B"))
    equal (exactly, at 3 random points modulo 2^61 - 1)
    >>> bool(equal("A B", "B A", shapes={"A": ("n", "n"), "B": ("n", "n")}))
    False
    """
    from .equality import equality

    with _without_collector():
        book = _book(context.pop("rules", None))
        algebra = Algebra(book)
        scope = Scope.of(book.aliases, context.get("shapes"), context.get("assume"), context.get("where", ""))
        sides = [(parse_tree(text), text) for text in (a, b)]
        left, right = elaborate_all(sides, scope, algebra).exprs
        return equality(left, right)


def _book(rules: str | Path | RuleBook | None) -> RuleBook:
    if rules is None:
        return rule_books.default()
    return rules if isinstance(rules, RuleBook) else rule_books.load(rules)


@dataclass
class Derivative:
    """A derivative of a function by one variable; printing it gives the answer.

    ``kind`` is "gradient", "jacobian", "derivative" (by a scalar) or "differential"; `expression` is the answer as an
    expression.  The conventions are those of the README: ``df = G : dX``, ``dy = J dx``, ``dY = (dY/dt) dt``.

    >>> d = differentiate("tr(A B Aᵀ C)", "A")
    >>> print(d)
    Cᵀ A Bᵀ + C A B
    >>> d.shapes["A"]
    ('m', 'n')
    """

    problem: Problem
    variable: Expr
    kind: str
    expression: Expr
    task: Task
    notes: tuple[str, ...] = ()
    structure: str | None = None
    normal: Expr | None = None
    order: int = 1
    lower: Derivative | None = None
    layout: str | None = None
    _derivation: Derivation | None = field(default=None, repr=False)

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
    def label(self) -> str:
        """What stands left of the equals sign: ∂f/∂A, dy/dt, dY."""
        name = self.variable.name
        if self.lower is not None:
            return self._higher_label()
        f = letter_of(self.function)
        if self.kind == "differential":
            return f"d{f}"
        return f"d{f}/d{name}" if self.kind == "derivative" else f"∂{f}/∂{name}"

    def _higher_label(self) -> str:
        assert self.lower is not None
        first, second = self.lower.variable, self.variable
        if self.kind == "differential":
            return "dG"
        if first is second and second.shape == SCALAR:
            mark = str(self.order).translate(SUPERSCRIPTS)
            return f"d{mark}f/d{second.name}{mark}"
        return f"∂²f/∂{first.name}∂{second.name}" + ("ᵀ" if second.shape != SCALAR else "")

    @property
    def second_differential(self) -> Expr:
        """d²f as a quadratic form in dX, of a derivative of order 2."""
        if self.lower is None or self.lower.function.shape != SCALAR:
            raise MatcalcError("The second differential is of a second derivative of a scalar function.")
        algebra = self.problem.algebra
        hole = self.task.holes[self.variable]
        outer = hole if self.lower.variable is self.variable else self.lower.task.holes[self.lower.variable]
        inner = self.task.calculus.differential(self.function, {self.variable: hole})
        return pleasant(algebra, algebra.apply("frob", [outer, inner]))

    def _abbreviations(self) -> dict[Expr, str]:
        return abbreviations(self.expression, self.problem.symbols)

    def __str__(self) -> str:
        return self._printed(unicode_text)

    def ascii(self) -> str:
        """The answer in ASCII."""
        return to_ascii(self._printed(ascii_text))

    def _printed(self, write: Any) -> str:
        with _without_collector():
            return self._lines(write)

    def _lines(self, write: Any) -> str:
        names = self._abbreviations()
        lines = [write(self.expression, names)]
        inner: dict[Expr, str] = {}  # what a part is made of was named before it
        for e, name in names.items():
            gradient = e.head == "call" and e.data.order and name.startswith("G")
            said = f"∂{e.data.name}/∂({write(e.args[0], inner)})" if gradient else write(e, inner)
            lines.append(f"where {name} = {said}")
            inner[e] = name
        return "\n".join([*lines, *self.notes])

    def __repr__(self) -> str:
        return f"<{self.label} = {str(self).splitlines()[0]}>"

    def latex(self) -> str:
        """The answer in LaTeX, printed by SymPy."""
        return self.expression.latex()

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    @property
    def derivation(self) -> Derivation:
        """The lines that lead to the answer."""
        if self._derivation is None:
            with _without_collector():
                self._derivation = self._derive()
        return self._derivation

    def _derive(self) -> Derivation:
        found = self._derive_once()
        if self.lower is None:
            return found
        before = self.lower.derivation
        return Derivation([*before.steps, *found.steps], [*before.trace, *found.trace])

    def _derive_once(self) -> Derivation:
        if self.kind == "gradient" or self.function.shape == SCALAR:
            holes = {self.variable: self.task.holes[self.variable]}
            task = replace(self.task, variables=[self.variable], holes=holes)
            return scalar_derivation(task, {self.variable: self.expression}, [self.label])
        value = self.differential
        return forward_derivation(self.task, value, self.label, self.expression, self.kind == "differential")

    @property
    def differential(self) -> Expr:
        """The differential of the function, linear in dX."""
        task = self.task
        return pleasant(task.algebra, task.calculus.differential(self.function, dict(task.holes)))

    def form(self, name: str) -> Form:
        """The derivative in another form: differential, pushforward, pullback, kronecker, tensor, index or component.

        >>> d = differentiate("A' B", "A")
        >>> print(d.form("pullback").expression, "|", str(d.form("kronecker")).splitlines()[0], "|", d.form("tensor"))
        B Gᵀ | (Bᵀ ⊗ I) K | αBᵀ : β
        """
        from .forms import form

        with _without_collector():
            return form(self, name)

    def contract(self, cotangent: str) -> Expr:
        """G : ∂Y/∂X for an expression G of the shape of Y: the chain rule, with G as the gradient by Y.

        >>> print(differentiate("A B", "A", {"A": ("n", "m"), "B": ("m", "n")}).contract("I"))
        Bᵀ
        """
        with _without_collector():
            algebra, like = self.problem.algebra, "Y_"
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

    def trace(self) -> Expr:
        """The trace Σ T_ijij of the derivative, for a function and a variable of one shape.

        >>> print(differentiate("A X B", "X", {"A": ("m", "m"), "B": ("n", "n")}).trace())
        tr(A) tr(B)
        """
        if self.function.shape != self.variable.shape:
            raise ShapeError("The trace of a derivative needs a function and a variable of one shape.")
        algebra = self.problem.algebra
        matrix = self.form("kronecker").expression
        return pleasant(algebra, algebra.apply("tr", [matrix]) if matrix.shape != SCALAR else matrix)

    def evaluate(self, arrays: Mapping[str, Any], functions: Mapping[str, Any] | None = None) -> np.ndarray[Any, Any]:
        """The derivative's value for arrays by name: vectors 1-D, scalars 0-D.

        `functions` gives unspecified functions as (value, derivative, second derivative).  A gradient has the shape of
        the variable, a Jacobian (dim y, dim x); see the README for the others.  Raises EvaluationError.
        """
        from .numeric import axes_of, evaluate_as, linear_map, turned

        if self.kind == "differential":
            hole = self.task.holes[self.variable]
            known = self.problem.symbols.values()
            axes = axes_of(self.function), axes_of(self.variable)
            value = linear_map(self.expression, hole, arrays, functions or {}, *axes, known)
            return turned(value, axes[0]) if self.layout == "denominator" else value
        return evaluate_as(self.expression, arrays, functions or {}, self._rank(), self.problem.symbols.values())

    def _rank(self) -> int | None:
        """The number of axes of the value, where the expression's shape does not tell it."""
        if self.kind == "gradient" and self.layout is None:
            return {"scalar": 0, "vector": 1, "matrix": 2}[self.variable.data.kind]
        return None


def abbreviations(e: Expr, taken: Iterable[str]) -> dict[Expr, str]:
    """Names for the gradients of unspecified functions, and for the shared parts of a very long answer."""
    used = set(taken)
    names: dict[Expr, str] = {}
    nodes = list(postorder(e))
    parents = Counter([arg for x in nodes for arg in x.args])
    for x in nodes:
        if x.head == "call" and x.data.order == 1 and not x.data.elementwise and x.shape != SCALAR and x is not e:
            if x.args[0].shape == x.shape:
                names[x] = fresh("G", used)
        elif e.size > SHORTENED_FROM and parents[x] > 1 and x.size >= PART:
            names[x] = fresh("s" if x.shape == SCALAR else "z" if x.shape[1] == 1 else "Z", used)
    return names


class Derivatives(Mapping[str, Derivative]):
    """The derivatives of one function by several variables, by name."""

    def __init__(self, parts: Mapping[str, Derivative]) -> None:
        self._parts = dict(parts)

    def __getitem__(self, name: str) -> Derivative:
        return self._parts[canonical(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __str__(self) -> str:
        texts = [str(d).splitlines() for d in self._parts.values()]
        answers = [f"{d.label} = {lines[0]}" for d, lines in zip(self._parts.values(), texts, strict=True)]
        said = dict.fromkeys(line for lines in texts for line in lines[1:])
        names = [line.partition(" = ")[0] for line in said if line.startswith("where ")]
        if len(set(names)) == len(names):
            return "\n".join([*answers, *said])
        # One name stands for different things: each answer keeps its own.
        return "\n".join(line for a, lines in zip(answers, texts, strict=True) for line in (a, *lines[1:]))

    @property
    def derivation(self) -> Derivation:
        """One derivation for all variables."""
        first = next(iter(self._parts.values()))
        if first.kind != "gradient":
            raise NotDifferentiable("A function that is not scalar has one derivation for each variable.")
        answers = {d.variable: d.expression for d in self._parts.values()}
        return scalar_derivation(first.task, answers, [d.label for d in self._parts.values()])


def differentiate(
    expression: str,
    wrt: str | Sequence[str],
    shapes: Shapes | None = None,
    assume: Assumptions | None = None,
    where: str = "",
    order: int = 1,
    rules: str | Path | RuleBook | None = None,
    structure: str | None = None,
    layout: str | None = None,
    verify: bool = False,
) -> Any:
    """The derivative of an expression by a variable, or by several at once.

    `shapes` declares names: ``{"A": ("m", "n"), "x": ("n",), "t": ()}``; what is not declared is inferred.  `assume`
    gives properties: ``{"S": "symmetric"}``.  `where` takes declarations as text:
    ``"function f(vector(n)) -> vector(m)"``.  `rules` adds rules: a text, a file or a rule book.

    ``structure="independent-entries"`` gives the handbook's gradient by a symmetric variable, ``structure="stiefel"``
    the Riemannian gradient on orthonormal columns.  ``layout="numerator"`` and ``layout="denominator"`` give these
    conventions where they differ from the default.  The answer says which.  ``verify=True`` checks the answer and every
    line of the derivation with numbers.

    A scalar function has its gradient, of the variable's shape: ``df = G : dX``.  Several names give `Derivatives`, and
    the work is shared.  Every refusal is a MatcalcError.

    >>> print(differentiate("x' A x", "x"))
    (A + Aᵀ) x
    >>> print(differentiate("norm(W x + b)^2", ["W", "b"]))
    ∂f/∂W = 2 (W x + b) xᵀ
    ∂f/∂b = 2 (W x + b)
    """
    with _without_collector():
        names = [wrt] if isinstance(wrt, str) else list(wrt) if isinstance(wrt, Iterable) else []
        problem = read(expression, shapes, assume, where, rules)
        variables, notes = _variables(problem, names, wrt)
        if not isinstance(order, int) or order < 1:
            raise MatcalcError(f"The order of a derivative is 1, 2, …, not {order!r}.")
        again = partial(read, expression, shapes, assume, where, problem.algebra.book)
        freely = _unstructured(problem, again, variables, notes, structure) if order == 1 else None
        parts = freely or _first_order(problem, variables, notes, structure)
        if order > 1:
            parts = _higher_order(problem, parts, order)
        if layout is not None:
            parts = {name: _laid_out(d, layout) for name, d in parts.items()}
        if verify:
            from .check import check

            for d in parts.values():
                check(d)
        return next(iter(parts.values())) if isinstance(wrt, str) else Derivatives(parts)


def _variables(problem: Problem, names: Sequence[str], wrt: object) -> tuple[list[Expr], list[str]]:
    """The variables by name; one that does not occur gives a zero and a note."""
    if not names or not all(isinstance(n, str) for n in names):
        raise NameProblem("Name the variable to differentiate by.", hint="For example: differentiate('tr(A B)', 'A').")
    found, notes = [], []
    for typed in names:
        name = canonical(typed.strip())
        if not name:
            raise NameProblem("The variable to differentiate by is missing.", hint=_choices(problem))
        if not all(c.isalnum() or c in "_'" for c in name) or name[0].isdigit() and name not in RESERVED:
            hint = "Several variables are a list: ['A', 'X']." if "," in name else _choices(problem)
            raise NameProblem(f"{typed[:60]!r} is not a name: differentiate by one variable.", hint=hint)
        e = problem.symbols.get(name)
        if e is None and name in problem.lets:
            raise NameProblem(f"{name} is an expression, not a variable.", hint=_choices(problem))
        if name in RESERVED and e is None:
            raise NameProblem(f"{name} is a constant, not a variable.", hint=_choices(problem))
        if e is not None and "constant" in e.data.properties:
            raise NameProblem(f"{name} is a constant, not a variable.", hint=_choices(problem))
        if e is None:
            e, note = _absent(problem, name)
            notes.append(note)
            problem.symbols[name] = e
        else:
            notes.append("")
        if e in found:
            raise NameProblem(f"{name} is named twice.")
        found.append(e)
    return found, notes


def _choices(problem: Problem) -> str:
    names = ", ".join(list(problem.symbols)[:8])
    return f"The variables here are {names}." if names else "There are no variables here."


def _absent(problem: Problem, name: str) -> tuple[Expr, str]:
    """A variable that does not occur: its derivative is zero, which the note says."""
    from .names import kind_by_spelling

    kind = kind_by_spelling(name)
    used = {d for e in problem.symbols.values() for d in e.shape if isinstance(d, str)}
    rows = fresh("m" if kind == "matrix" else "n", used)
    shape: Shape = SCALAR if kind == "scalar" else (rows, 1 if kind == "vector" else fresh("n", used))
    note = f"{name} does not occur in the expression"
    others = [n for n in problem.symbols if n.lower() == name.lower()]
    if others:
        note += f"; did you mean {others[0]} (letter case matters)?"
    return problem.algebra.symbol(name, shape, kind), note


def _unstructured(
    problem: Problem, again: Callable[..., Problem], variables: list[Expr], notes: list[str], structure: str | None
) -> dict[str, Derivative] | None:
    """The derivatives where a structured X was read as any matrix, so that Xᵀ is not X before the last line.

    None where no variable has a structure, and where the function needs it, as chol and lambda_max do.
    """
    structured = {v.name: v for v in variables if structure_of(v)}
    if not structured:
        return None
    free = replace(again(free=structured.values()), symbols=problem.symbols, algebra=problem.algebra)
    bare = {x.name: x for x in postorder(free.function) if x.head == "symbol"}
    read_as = {bare[n]: v for n, v in structured.items() if n in bare}
    freed = [bare[v.name] if v.name in structured and v.name in bare else v for v in variables]
    try:
        return _first_order(free, freed, notes, structure, read_as=read_as)
    except NotDifferentiable:
        return None


def _first_order(
    problem: Problem,
    variables: list[Expr],
    notes: list[str],
    structure: str | None,
    separately: bool = False,
    read_as: Mapping[Expr, Expr] | None = None,
) -> dict[str, Derivative]:
    """The first derivatives; `read_as` maps a variable that was read without its structure to the one that has it."""
    algebra, f = problem.algebra, problem.function
    read_as = read_as or {}
    calculus = Calculus(algebra)
    holes = {v: _hole(problem, v) for v in variables}
    out: dict[str, Derivative] = {}
    together = f.shape == SCALAR and not separately
    gradients = calculus.gradients(f, variables) if f.shape == SCALAR else {}
    for v, note in zip(variables, notes, strict=True):
        task = Task(algebra, calculus, f, variables if together else [v], holes, problem.lets, read_as)
        if f.shape == SCALAR:
            kind, normal = "gradient", algebra.substitute(gradients[v], read_as) if read_as else gradients[v]
            normal, said = _structured(algebra, read_as.get(v, v), normal, structure)
        elif v.shape == SCALAR:
            kind, normal, said = "derivative", calculus.differential(f, {v: ONE}), ""
        elif f.shape[1] == 1 and v.shape[1] == 1:
            from .kronecker import jacobian

            kind, normal, said = "jacobian", jacobian(calculus, f, v, holes[v]), ""
        else:
            kind, normal, said = "differential", calculus.differential(f, {v: holes[v]}), ""
        if kind != "gradient" and read_as:
            normal = algebra.substitute(normal, read_as)
        said_notes = tuple(n for n in (*problem.notes, note, said) if n)
        out[v.name] = Derivative(problem, v, kind, pleasant(algebra, normal), task, said_notes, structure, normal)
    return out


def _higher_order(problem: Problem, first: dict[str, Derivative], order: int) -> dict[str, Derivative]:
    """Derivatives of derivatives: by one variable again and again, or by pairs of several."""
    variables = [d.variable for d in first.values()]
    if order > 2 and not (len(variables) == 1 and variables[0].shape == SCALAR):
        raise NotDifferentiable(
            f"A derivative of order {order} by {', '.join(v.name for v in variables)} has no matrix form.",
            hint="Orders from three on are given by a scalar variable.",
        )
    if problem.function.shape != SCALAR and any(v.shape != SCALAR for v in variables):
        raise NotDifferentiable(
            "Second derivatives are given of scalar functions, and of any function by a scalar.",
            hint="Differentiate an entry, a trace or an inner product of it.",
        )
    level: dict[tuple[str, ...], Derivative] = {(name,): d for name, d in first.items()}
    for n in range(2, order + 1):
        following: dict[tuple[str, ...], Derivative] = {}
        for names, d in level.items():
            assert d.normal is not None
            inner = replace(problem, function=d.normal)
            notes = [""] * len(variables)
            for v, second in _first_order(inner, variables, notes, None, separately=True).items():
                following[(*names, v)] = replace(second, order=n, lower=d)
        level = following
    return {",".join(names) if len(variables) > 1 else names[0]: d for names, d in level.items()}


def _laid_out(d: Derivative, layout: str) -> Derivative:
    """The derivative in a layout by name.

    In the numerator layout the gradient is transposed, in the denominator layout the Jacobian and the tensor are.
    """
    if layout not in ("numerator", "denominator"):
        raise MatcalcError(f"There is no layout {layout!r}.", hint="'numerator' and 'denominator' are the two.")
    turned = {
        "gradient": "numerator",
        "jacobian": "denominator",
        "derivative": "denominator",
        "differential": "denominator",
    }
    if layout != turned[d.kind] or d.order > 1 and d.kind == "jacobian":
        return d
    note = (
        f"in {layout} layout: "
        + {
            "gradient": "the transpose of the gradient",
            "jacobian": "the transpose of the Jacobian",
            "derivative": f"the transpose of d{d.label[1:].partition('/')[0]}/d{d.variable.name}",
            "differential": "arrays and the fourth-order tensor have the indices of the variable first",
        }[d.kind]
    )
    expression = (
        d.expression
        if d.kind == "differential"
        else pleasant(d.problem.algebra, d.problem.algebra.transpose(d.expression))
    )
    return replace(d, expression=expression, layout=layout, notes=(*d.notes, note))


def _structured(algebra: Algebra, v: Expr, g: Expr, structure: str | None) -> tuple[Expr, str]:
    """The gradient by a structured variable, and the sentence that says so."""
    kind = structure_of(v)
    if structure == "independent-entries":
        if kind != "symmetric":
            raise AmbiguityError(
                f"The form 'independent-entries' is of symmetric variables, and {v.name} is not declared so."
            )
        return independent_entries(algebra, g), f"by the independent entries of the symmetric {v.name}"
    if structure == "stiefel":
        if v.data.kind != "matrix":
            raise AmbiguityError(f"The Stiefel manifold is of matrices, and {v.name} is a {v.data.kind}.")
        return on_stiefel_manifold(
            algebra, v, g
        ), f"on the Stiefel manifold, where {v.name}ᵀ {v.name} = I, with the metric X : Y"
    if structure not in (None, "projected"):
        raise MatcalcError(
            f"There is no structure {structure!r}.", hint="They are 'projected', 'independent-entries' and 'stiefel'."
        )
    if kind is None:
        return g, ""
    return projected(
        algebra, v, g
    ), f"in the space of {KINDS_IN_WORDS.get(kind, kind)} matrices, with the inner product X : Y"


def _hole(problem: Problem, v: Expr) -> Expr:
    """The symbol for a variable's differential; it has the variable's symmetry."""
    kept = {"differential", "symmetric"} if "symmetric" in v.data.properties and v.shape != SCALAR else {"differential"}
    return problem.algebra.symbol(f"d{v.name}", v.shape, v.data.kind, kept)


__all__ = ["Derivative", "Derivatives", "differentiate", "equal", "expand", "factor", "parse", "simplify"]
