"""What is declared: variables, unspecified functions, named subexpressions, and the operators of a rule book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..errors import NameProblem
from ..expressions.dimensions import Dim, names_of
from ..language.declarations import parse_declarations
from ..language.declared import (
    Declaration,
    Declared,
    FunctionDeclared,
    Let,
    checked_name,
    checked_properties,
    checked_shape,
)
from ..language.given import Assumptions, Shapes, properties_given, shapes_given
from ..language.names import kind_by_spelling
from ..language.tree import Node
from ..normal_form.theory import Operator

MAYBE_SCALAR = "scalar?"
"""What the typeface says of a thin small letter beside bold ones: a scalar, if that conforms."""

KINDS = ("scalar", "vector", "matrix")


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable: its shape has as many dimensions as its kind, or is open (None)."""

    kind: str
    shape: tuple[Dim, ...] | None
    properties: frozenset[str] = frozenset()


@dataclass(slots=True)
class Scope:
    """Everything that names may refer to; ``differentials`` reads dX as the differential of X, for rule files."""

    operators: Mapping[str, tuple[Operator, ...]] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    functions: dict[str, FunctionDeclared] = field(default_factory=dict)
    lets: dict[str, tuple[Node, str]] = field(default_factory=dict)
    differentials: bool = False
    wrt: frozenset[str] = frozenset()
    """The names of the variables that are differentiated by, where that is known."""
    evidence: dict[str, str] = field(default_factory=dict)
    """The kinds that typefaces say of names, behind what is declared: vector, matrix, or `MAYBE_SCALAR`."""

    @classmethod
    def of(
        cls,
        operators: Mapping[str, tuple[Operator, ...]],
        shapes: Shapes | None = None,
        assume: Assumptions | None = None,
        where: str = "",
        differentials: bool = False,
        wrt: Iterable[str] = (),
    ) -> Scope:
        """A scope from what the Python interface takes."""
        scope = cls(operators, differentials=differentials, wrt=frozenset(wrt))
        scope.add(parse_declarations(where))
        properties = properties_given(assume)
        for name, dims in shapes_given(shapes).items():
            scope.declare(name, dims, properties.pop(name, ()))
        for name, words in properties.items():
            known = scope.variables.get(name)
            kind = known.kind if known else kind_by_spelling(name)
            shape = known.shape if known else () if kind == "scalar" else None
            scope.variables.pop(name, None)
            scope.declare(name, shape, words | (known.properties if known else frozenset()), kind)
        return scope

    def declare(
        self, name: str, shape: tuple[Dim, ...] | None, properties: Iterable[str] = (), kind: str | None = None
    ) -> None:
        """Declare a variable."""
        name = checked_name(name)
        if shape is not None:
            kind = kind or KINDS[min(len(shape), 2)]
            checked_shape(name, kind, shape)
        kind = kind or kind_by_spelling(name)
        new = Variable(kind, shape, checked_properties(name, kind, shape, properties))
        self._free(name, new)
        self.variables[name] = new

    def add(self, declarations: Iterable[Declaration]) -> None:
        """Add declarations that were made in text."""
        for d in declarations:
            if isinstance(d, Declared):
                new = Variable(d.kind, d.shape, d.properties)
                self._free(d.name, new)
                self.variables[d.name] = new
            elif isinstance(d, Let):
                self._free(d.name, None)
                self.lets[d.name] = (d.node, d.text)
            else:
                self._free(d.name, None)
                self.functions[d.name] = d

    def _free(self, name: str, new: Variable | None) -> None:
        if (name in self.variables and self.variables[name] != new) or name in self.functions or name in self.lets:
            raise NameProblem(f"'{name}' is declared twice, as two different things.")

    def dimension_names(self) -> set[str]:
        """The names of dimensions in declared shapes."""
        shapes = [v.shape for v in self.variables.values()]
        for f in self.functions.values():
            shapes += [shape for _, shape in (*f.arguments, f.result)]
        return {name for shape in shapes for d in shape or () for name in names_of(d)}
