"""What the engine makes of an operator: its derivative by each of its arguments, and the derivation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...api import differentiate
from ...derivatives.derivative import Derivative
from ...errors import MatcalcError
from ...expressions.dimensions import SCALAR, Dim, Shape
from ...expressions.nodes import Expr, postorder
from ...language.declared import PROPERTIES
from ...normal_form.theory import Operator, Rule
from ...rulebook.book import RuleBook

SPARE = {0: "αβγδ", 1: "xyzw", 2: "XYZW"}  # names of scalars, vectors and matrices
SEED = "G"  # the gradient by a value that is no scalar
AN_INTEGER = "2"  # stands where only integers may


@dataclass(frozen=True, slots=True)
class Application:
    """An operator of variables, and what is assumed of these; an elementwise function is one of a scalar."""

    operator: Operator
    names: tuple[str, ...]
    sizes: tuple[Shape, ...]
    result: Shape
    assume: dict[str, list[str]]
    integers: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """As it is typed."""
        return f"{self.operator.name}({', '.join(AN_INTEGER if n in self.integers else n for n in self.names)})"

    @property
    def shapes(self) -> dict[str, tuple[Dim, ...]]:
        """The shapes of the variables."""
        scalar = self.operator.elementwise
        return {n: () if scalar else p[: _rank(p)] for n, p in zip(self.names, self.sizes, strict=True)}

    @property
    def scalar(self) -> bool:
        """Whether its value is one."""
        return self.operator.result == SCALAR or self.operator.elementwise

    def derivatives(self, book: RuleBook) -> Iterator[tuple[str, Derivative | str]]:
        """By each argument the derivative, or the refusal; of what is no scalar, that of its product with G."""
        for name in (n for n in self.names if n not in self.integers):
            try:
                yield name, self._derivative(name, book)
            except MatcalcError as refused:
                yield name, refused.message

    def _derivative(self, name: str, book: RuleBook) -> Derivative:
        shapes = {n: tuple(map(str, shape)) for n, shape in self.shapes.items()}
        if self.scalar:
            return differentiate(self.text, name, shapes, self.assume, rules=book)
        shapes[SEED] = tuple(map(str, self.result))
        return differentiate(f"{SEED} : {self.text}", name, shapes, self.assume, rules=book)


def application(operator: Operator, rules: Sequence[Rule]) -> Application:
    """An operator of the variables that its own rules give it, and with the properties that these demand."""
    for rule in rules:
        for e in postorder(rule.pattern):
            if e.head == operator.name and _most_general(e, operator):
                demanded = {v.name: rule.conditions.get(v, frozenset()) for v in e.args}
                names = tuple("t" if operator.elementwise else v.name for v in e.args)
                integers = frozenset(n for n, wanted in demanded.items() if "integer" in wanted)
                assume = {n: sorted(w & PROPERTIES) for n, w in demanded.items() if n not in integers}
                assume = {n: w for n, w in assume.items() if w}
                return Application(operator, names, tuple(v.shape for v in e.args), e.shape, assume, integers)
    spare = {rank: iter(names) for rank, names in SPARE.items()}
    names = tuple("t" if operator.elementwise else next(spare[_rank(p)]) for p in operator.params)
    return Application(operator, names, operator.params, operator.result, {})


def _most_general(e: Expr, operator: Operator) -> bool:
    """Whether it is of different variables, of the kinds that the operator takes."""
    kinds = all(v.head == "symbol" and _rank(v.shape) == _rank(p) for v, p in zip(e.args, operator.params, strict=True))
    return kinds and len(set(e.args)) == len(e.args)


def _rank(shape: Shape) -> int:
    return 0 if shape == SCALAR else 1 if shape[1] == 1 else 2
