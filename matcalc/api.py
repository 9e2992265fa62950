"""The Python interface: `differentiate`, `parse`, `simplify`, `equal` and their like.

What is given is checked here; each refusal is a MatcalcError that is raised at the call.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, overload

from .arguments import SympyObject, flag, items, shown, text
from .derivatives.choices import layout_given, order_given, structure_given
from .derivatives.derivative import Derivative
from .derivatives.derivatives import Derivatives
from .derivatives.differentiate import derivatives
from .derivatives.problem import Problem, expression_given, function_of, named, read, scope_of, without_collector
from .errors import NameProblem, ParseError, border, needing
from .expressions.nodes import Expr
from .language.given import Assumptions, Shapes
from .language.names import canonical
from .normal_form.algebra import Algebra
from .rulebook.book import default
from .rules import Rules, book_of
from .shapes.elaborate import elaborate_all
from .simplification.expand import expanded
from .simplification.shortest import pleasant
from .simplification.shown import Shown

if TYPE_CHECKING:
    from .checking.equality import Equality
    from .simplification.alternatives import Alternative

MOST_VARIABLES = 10_000  # of one call


@border
def parse(
    expression: str,
    shapes: Shapes | None = None,
    assume: Assumptions | None = None,
    where: str = "",
    rules: Rules | None = None,
    syntax: str | None = None,
) -> Expr:
    """The expression that a text means, in normal form.

    Shapes that nothing declares are inferred.  A text is plain, or LaTeX where it has macros; `syntax`, "plain" or
    "latex", says so where they do not tell.  Errors are subclasses of MatcalcError with the place in the text.

    >>> parse("(A B)' + B' A'")
    <2 Bᵀ Aᵀ>
    """
    return _read(expression, shapes, assume, where, rules, syntax).function


@border
def simplify(
    expression: str,
    shapes: Shapes | None = None,
    assume: Assumptions | None = None,
    where: str = "",
    rules: Rules | None = None,
    syntax: str | None = None,
) -> Shown:
    """The shortest pleasant form of an expression; the others are what `parse` takes.

    >>> simplify("A x + A' x")
    <(A + Aᵀ) x>
    """
    problem = _read(expression, shapes, assume, where, rules, syntax)
    with without_collector():
        return pleasant(problem.algebra, problem.function)


@border
def expand(
    expression: str,
    shapes: Shapes | None = None,
    assume: Assumptions | None = None,
    where: str = "",
    rules: Rules | None = None,
    syntax: str | None = None,
) -> Expr:
    """An expression with products of sums multiplied out; the others are what `parse` takes.

    >>> expand("(A + B)' (A - B)")
    <Aᵀ A - Aᵀ B + Bᵀ A - Bᵀ B>
    """
    problem = _read(expression, shapes, assume, where, rules, syntax)
    with without_collector():
        return expanded(problem.algebra, problem.function)


@border
def factor(
    expression: str,
    shapes: Shapes | None = None,
    assume: Assumptions | None = None,
    where: str = "",
    rules: Rules | None = None,
    syntax: str | None = None,
) -> Shown:
    """An expression multiplied out, and common factors taken out; the others are what `parse` takes.

    >>> factor("A B x + A C x")
    <A (B + C) x>
    """
    problem = _read(expression, shapes, assume, where, rules, syntax)
    with without_collector():
        return pleasant(problem.algebra, expanded(problem.algebra, problem.function))


@border
def equal(
    a: str,
    b: str,
    shapes: Shapes | None = None,
    assume: Assumptions | None = None,
    where: str = "",
    rules: Rules | None = None,
    syntax: str | None = None,
) -> Equality:
    """Whether two expressions are equal, and how that was decided; the others are what `parse` takes.

    The verdict is "equal" where that is proved: by one normal form, by an identity, or over a finite field, where what
    is not rational stands for any function (the probability of error is below 1e-15).  It is "not equal" where there is
    a point that shows it, and "agrees in numbers" where the two agree at every point that was looked at: of both signs
    and many magnitudes, of sizes in every order, on both sides of kinks, in forty digits.  In a condition the first and
    the last are true; `proved` tells them apart.

    Equal means: the same value wherever one of the two is real.  Where an operation leaves the real numbers it takes
    its principal complex value: exp(log(t)) is t, and log(t^2) is not 2 log(t), if t is not declared positive.  Where
    only one of the two has a value at all, singular matrices and other points that a small change leaves are passed
    over.

    >>> print(equal("(A + B)' (A + B)", "A' A + A' B + B' A + B' B"))
    equal (exactly, at 13 random points modulo 2^61 - 1)
    >>> print(equal("sqrt(t^2)", "t"))
    not equal (with t = -0.102968: 0.10296768 and -0.10296768)
    >>> print(equal("sin(2 t)", "2 sin(t) cos(t)", shapes={"t": ()}).verdict)
    agrees in numbers
    >>> bool(equal("A B", "B A", shapes={"A": ("n", "n"), "B": ("n", "n")}))
    False
    """
    from .checking.equality import equality

    with without_collector():
        algebra = Algebra(book_of(rules))
        scope = scope_of(algebra.book, shapes, assume, where)
        sides = [(function_of(side, scope, syntax)[0], side) for side in map(expression_given, (a, b))]
        left, right = elaborate_all(sides, scope, algebra).exprs
        return equality(algebra, left, right)


@border
def alternatives(
    expression: str,
    shapes: Shapes | None = None,
    assume: Assumptions | None = None,
    where: str = "",
    rules: Rules | None = None,
    syntax: str | None = None,
) -> list[Alternative]:
    """Equal forms of an expression that an identity gives, such as Woodbury's; the others are what `parse` takes.

    None of them is simpler than the others in itself: which pays depends on the sizes.  Each says what must hold beside
    that the expression has a value (`conditions`); what holds for no value of the names is not offered.

    >>> print(alternatives("inv(λ I + X' X) X'")[0])
    Xᵀ (X Xᵀ + λ I)⁻¹   [push-through-shifted: (α I + X Y)⁻¹ X = X (α I + Y X)⁻¹]   where λ ≠ 0
    """
    from .simplification.alternatives import alternatives as offered

    problem = _read(expression, shapes, assume, where, rules, syntax)
    with without_collector():
        return offered(problem.algebra, problem.function)


@border
def functions(name: str = "") -> str:
    """All operations and how each is differentiated, or all that is known of one.  Raises NameProblem.

    >>> print(functions("softplus"))
    softplus : m×n → m×n
      entry by entry: softplus.(X) of a vector or matrix, softplus(t) of a scalar
      rules:
        d(softplus.(X)) = sigmoid.(X) ⊙ dX   [log(1 + eˣ) has the derivative eˣ/(1 + eˣ) = 1/(1 + e⁻ˣ)]
    """
    from .rulebook.catalogue import catalogue, described

    name = text(name, "The name of an operation", "'det'", NameProblem).strip()
    return described(default(), name) if name else catalogue(default())


@overload
def differentiate(  # type: ignore[overload-overlap]  # a str is a sequence of str as well
    expression: str | SympyObject,
    wrt: str | SympyObject,
    shapes: Shapes | None = ...,
    assume: Assumptions | None = ...,
    where: str = ...,
    order: int = ...,
    rules: Rules | None = ...,
    structure: str | None = ...,
    layout: str | None = ...,
    verify: bool = ...,
    syntax: str | None = ...,
) -> Derivative: ...
@overload
def differentiate(
    expression: str | SympyObject,
    wrt: Sequence[str | SympyObject],
    shapes: Shapes | None = ...,
    assume: Assumptions | None = ...,
    where: str = ...,
    order: int = ...,
    rules: Rules | None = ...,
    structure: str | None = ...,
    layout: str | None = ...,
    verify: bool = ...,
    syntax: str | None = ...,
) -> Derivatives: ...
@border
def differentiate(
    expression: str | SympyObject,
    wrt: str | SympyObject | Sequence[str | SympyObject],
    shapes: Shapes | None = None,
    assume: Assumptions | None = None,
    where: str = "",
    order: int = 1,
    rules: Rules | None = None,
    structure: str | None = None,
    layout: str | None = None,
    verify: bool = False,
    syntax: str | None = None,
) -> Derivative | Derivatives:
    r"""The derivative of an expression by a variable, or by several at once.

    `shapes` declares names: ``{"A": ("m", "n"), "x": ("n",), "t": ()}``; what is not declared is inferred.  A size is
    an integer or as in text, ``"n"``, ``"p*n"``, ``"n + 1"``, and a shape may be a text, too: ``"m,n"``.  `assume`
    gives properties: ``{"S": "symmetric"}``.  `where` takes declarations as text:
    ``"function f(vector(n)) -> vector(m)"``.  `rules` adds rules: a text, a file or a rule book.

    ``structure="independent-entries"`` gives the handbook's gradient by a symmetric variable, ``structure="stiefel"``
    the Riemannian gradient on orthonormal columns.  ``layout="numerator"`` and ``layout="denominator"`` give these
    conventions where they differ from the default.  The answer says which.  ``verify=True`` checks the answer and every
    line of the derivation with numbers.  `syntax` says "latex" of a text that no macro tells to be LaTeX, or "plain".

    A scalar function has its gradient, of the variable's shape: ``df = G : dX``.  Several names give `Derivatives`, and
    the work is shared.  SymPy's expressions and symbols may stand for the texts.  Every refusal is a MatcalcError.

    >>> print(differentiate("x' A x", "x"))
    (A + Aᵀ) x
    >>> print(differentiate(r"\frac12 \|\mathbf{Ax} - \mathbf b\|^2", r"\mathbf x"))
    Aᵀ (A x - b)
    >>> print(differentiate("norm(W x + b)^2", ["W", "b"]))
    ∂f/∂W = 2 (W x + b) xᵀ
    ∂f/∂b = 2 (W x + b)
    """
    names = _names(wrt)
    expression, shapes, assume = _of_sympy(expression, shapes, assume, rules)
    order, structure, layout = order_given(order), structure_given(structure), layout_given(layout)
    verify = flag(verify, "The argument `verify`")
    with without_collector():
        book = book_of(rules)
        names = [named(name, expression, book) for name in names]
        by = [canonical(name.strip()) for name in names]
        again = partial(read, expression, shapes, assume, where, book, wrt=by, syntax=syntax)
        problem = again()
        parts = derivatives(problem, again, names, order, structure, layout)
        if verify:
            with needing("verify=True"):
                from .checking.derivatives import check

                for d in parts.values():
                    check(d)
        alone = isinstance(wrt, str) or hasattr(wrt, "free_symbols")
        return next(iter(parts.values())) if alone else Derivatives(parts)


@border
def from_sympy(expression: SympyObject, rules: Rules | None = None) -> Expr:
    """The expression that a SymPy object means: the way back from `Expr.sympy()`.  Raises ParseError.

    >>> from sympy import MatrixSymbol, Trace
    >>> from_sympy(Trace(MatrixSymbol("A", 3, 4) * MatrixSymbol("B", 4, 3)))
    <tr(A B)>
    """
    if isinstance(expression, str) or not hasattr(expression, "free_symbols"):
        raise ParseError(f"What is read here is a SymPy object, not {shown(expression)}.")
    read_as, shapes, assume = _of_sympy(expression, None, None, rules)
    return _read(read_as, shapes, assume, "", rules, "plain").function


def _of_sympy(
    e: str | SympyObject, shapes: Shapes | None, assume: Assumptions | None, rules: Rules | None
) -> tuple[str, Shapes | None, Assumptions | None]:
    """The text of a SymPy object, with what SymPy knows of its names; anything else stays as it is."""
    basic = getattr(sys.modules.get("sympy"), "Basic", None)  # which another thread may just be importing
    if basic is None or not isinstance(e, basic):
        return e, shapes, assume  # type: ignore[return-value]  # what is no text is refused where it is read
    from .printing.sympy_texts import sympy_text

    operators = [o for found in book_of(rules).aliases.values() for o in found]
    entrywise = {o.name: o.code.sympy for o in operators if o.elementwise and o.code is not None and o.code.sympy}
    sized = {o.name: o.notation.sizes for o in operators if o.notation is not None and o.notation.sizes}
    found = sympy_text(e, entrywise, sized)
    return found.text, {**found.shapes, **(shapes or {})}, {**found.assume, **(assume or {})}


def _read(
    expression: str,
    shapes: Shapes | None,
    assume: Assumptions | None,
    where: str,
    rules: Rules | None,
    syntax: str | None,
) -> Problem:
    with without_collector():
        return read(expression, shapes, assume, where, book_of(rules), syntax=syntax)


def _names(wrt: object) -> list[str]:
    """The names of the variables."""
    module = sys.modules.get("sympy")  # another thread may just be importing it
    classes = getattr(module, "Symbol", None), getattr(module, "MatrixSymbol", None)
    symbols = tuple(c for c in classes if c is not None)
    if isinstance(wrt, (str, *symbols)):
        return [str(wrt)]
    example = "'A', or ['A', 'B']"
    expected = f"What to differentiate by is the name of a variable or a list of names, such as {example}"
    found = items(wrt, expected, MOST_VARIABLES, NameProblem)
    if not found:
        raise NameProblem("Name the variable to differentiate by.", hint="For example: differentiate('tr(A B)', 'A').")
    found = [str(name) if isinstance(name, symbols) else name for name in found]
    return [text(name, "The name of a variable", example, NameProblem) for name in found]


__all__ = [
    "alternatives",
    "differentiate",
    "equal",
    "expand",
    "factor",
    "from_sympy",
    "functions",
    "parse",
    "simplify",
]
