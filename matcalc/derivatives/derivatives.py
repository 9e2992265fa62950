"""The derivatives of one function by several variables, and their forms: each printed and evaluated as one is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from ..arguments import shown
from ..errors import NameProblem, NotDifferentiable, border
from ..expressions.dimensions import Dim
from ..language.names import canonical
from .derivation import Derivation, scalar_derivation
from .derivative import Derivative
from .problem import working

if TYPE_CHECKING:
    from ..arguments import Arrays, Functions, Values
    from .forms import Form

T = TypeVar("T", Derivative, "Form")


class _Missing(NameProblem, KeyError):
    """No derivative by this variable; a KeyError as well, for those who take the answers as a mapping."""


class ByVariable(Mapping[str, T], Generic[T]):
    """What there is for each variable, under its name in any spelling."""

    def __init__(self, parts: Mapping[str, T]) -> None:
        self._parts: dict[str, T] = dict(parts)

    def __getitem__(self, name: str) -> T:
        found = self._parts.get(canonical(name)) if isinstance(name, str) else None
        if found is None:
            hint = f"There are those by {', '.join(self._parts)}."
            raise _Missing(f"There is no derivative by {shown(name)}.", hint=hint)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self._parts.values()))

    def latex(self) -> str:
        """All of them in LaTeX, one below the other."""
        return "\n".join([r"\begin{aligned}", " \\\\\n".join(self._rows()), r"\end{aligned}"])

    def _rows(self) -> Iterator[str]:
        """The rows of the LaTeX, with the place where they are aligned."""
        raise NotImplementedError

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    @border
    def evaluate(self, arrays: Arrays, functions: Functions | None = None) -> dict[str, Values]:
        """The values by the names of the variables, each as `Derivative.evaluate` gives it.  Raises EvaluationError.

        >>> import matcalc
        >>> matcalc.differentiate("x' y", ["x", "y"]).evaluate({"x": [1, 2], "y": [3, 4]})
        {'x': array([3., 4.]), 'y': array([1., 2.])}
        """
        return {name: part.evaluate(arrays, functions) for name, part in self._parts.items()}


class Derivatives(ByVariable[Derivative]):
    """The derivatives of one function by several variables, by name.

    They print, evaluate and have forms as one derivative does.

    >>> import matcalc
    >>> d = matcalc.differentiate("tr(A B)", ["A", "B"])
    >>> d
    <∂f/∂A = Bᵀ>
    <∂f/∂B = Aᵀ>
    >>> d["B"], list(d)
    (<∂f/∂B = Aᵀ>, ['A', 'B'])
    """

    def __str__(self) -> str:
        return self._text([str(d) for d in self.values()], [d.label for d in self.values()])

    def ascii(self) -> str:
        """The answers in ASCII."""
        from ..printing.words import to_ascii

        return self._text([d.ascii() for d in self.values()], [to_ascii(d.label) for d in self.values()])

    def _text(self, texts: Sequence[str], labels: Sequence[str]) -> str:
        parts = [text.split("\n") for text in texts]
        answers = [f"{label} = {lines[0]}" for label, lines in zip(labels, parts, strict=True)]
        said = dict.fromkeys(line for lines in parts for line in lines[1:])
        names = [line.partition(" = ")[0] for line in said if line.startswith("where ")]
        if len(set(names)) == len(names):
            return "\n".join([*answers, *said])
        # One name stands for different things: each answer keeps its own.
        return "\n".join(line for a, lines in zip(answers, parts, strict=True) for line in (a, *lines[1:]))

    def _rows(self) -> Iterator[str]:
        from ..printing.names import name_latex

        return (rf"{name_latex(d.label)} &= {d.latex()}" for d in self.values())

    @property
    def shapes(self) -> dict[str, tuple[Dim, ...]]:
        """The shapes of all names, declared or inferred: () of a scalar, (n,) of a vector, (m, n) of a matrix."""
        return next(iter(self.values())).shapes

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said beside the answers."""
        return tuple(dict.fromkeys(note for d in self.values() for note in d.notes))

    @border
    def form(self, name: str) -> Forms:
        """The derivatives in another form; the names are those of `Derivative.form`.

        >>> import matcalc
        >>> print(matcalc.differentiate("A X", ["A", "X"]).form("kronecker"))
        by A: Xᵀ ⊗ I
        by X: I ⊗ A
        """
        return Forms({v: d.form(name) for v, d in self.items()})

    @property
    @border
    def derivation(self) -> Derivation:
        """One derivation for all variables."""
        first = next(iter(self.values()))
        if first.kind != "gradient":
            raise NotDifferentiable("A function that is not scalar has one derivation for each variable.")
        answers = {d.variable: d.expression for d in self.values()}
        with working(first.problem.algebra):
            return scalar_derivation(first.task, answers, [d.label for d in self.values()])


class Forms(ByVariable["Form"]):
    """One form of the derivatives by several variables, by name."""

    def __str__(self) -> str:
        return self._text(str)

    def ascii(self) -> str:
        """The forms in ASCII."""
        from .forms import Form

        return self._text(Form.ascii)

    def _text(self, write: Callable[[Form], str]) -> str:
        texts = {name: write(form).split("\n") for name, form in self.items()}
        notes = dict.fromkeys(note for _, *more in texts.values() for note in more)
        return "\n".join([*(f"by {name}: {lines[0]}" for name, lines in texts.items()), *notes])

    def _rows(self) -> Iterator[str]:
        from ..printing.names import name_latex

        return (rf"\text{{by }} {name_latex(name)}\colon\quad & {form.latex()}" for name, form in self.items())
