"""From items with known sizes to expressions; dimensions that nothing fixes get readable names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain

from ..errors import MatcalcError, ShapeError
from ..expressions.dimensions import SCALAR, Dim, names_of
from ..expressions.nodes import Expr
from ..normal_form.algebra import Algebra
from ..normal_form.theory import Operator
from .inference import Inference
from .items import Item
from .scope import KINDS, Variable
from .unification import Polynomial, Term, Unknown, find

FRESH = "mnpqrskl"


class Builder:
    """Builds every item of an inference, in order."""

    def __init__(self, inference: Inference, algebra: Algebra) -> None:
        self.inference, self.algebra = inference, algebra
        self._built: dict[int, Expr] = {}

    def result(self, lets: int) -> tuple[tuple[Expr, ...], dict[str, Expr], tuple[str, ...], dict[str, Expr]]:
        """The expressions, the symbols, the notes and the named subexpressions."""
        self._name_dimensions()
        inference = self.inference
        for item in inference.items:
            try:
                self._built[id(item)] = getattr(self, "_" + item.op)(item, [self._built[id(a)] for a in item.args])
            except MatcalcError as error:
                raise error.at(item.text, item.node.start, item.node.end) from None
        symbols = {name: self._built[id(item)] for name, item in inference.symbols.items()}
        for name, variable in inference.scope.variables.items():
            if name not in symbols and variable.shape is not None:
                symbols[name] = self._declared(name, variable)
        made = {name: self._built[id(item)] for name, item in inference.lets.items()}
        return tuple(self._built[id(r)] for r in inference.roots), symbols, tuple(inference.notes.values()), made

    def _declared(self, name: str, variable: Variable) -> Expr:
        rows, cols = (*(variable.shape or ()), 1, 1)[:2]
        return self.algebra.symbol(name, (rows, cols), variable.kind, variable.properties)

    # --- dimensions -----------------------------------------------------------------------------------------------

    def _name_dimensions(self) -> None:
        """Name what is free, in order of first appearance; where one name does, it is n."""
        inference = self.inference
        sizes = [i.sizes for i in sorted(inference.symbols.values(), key=lambda item: item.node.start)]
        sizes += inference.results.values()
        if inference.scope.differentials:  # in a rule, what nothing tells is named
            sizes += [item.sizes for item in inference.items if item.op == "apply" and self._sized(item)]
        else:
            self._check_told(_told(chain.from_iterable(sizes)))
        free = dict.fromkeys(_unknowns(chain.from_iterable(sizes)))
        taken = set(inference.rigid) | set(inference.symbols) | set(inference.scope.variables)
        for item in inference.symbols.values():
            taken.update(name for d in item.sizes if isinstance(found := find(d), str) for name in names_of(found))
        names = _fresh_names(taken, prefer_n=len(free) == 1)
        for unknown in free:
            unknown.link = next(names)

    def _check_told(self, told: set[Unknown]) -> None:
        """unvec(c) may have any sizes whose product is that of c: one of the two has to stand somewhere."""
        inference = self.inference
        for item in inference.items:
            if item.op != "apply" or told.issuperset(_unknowns(item.sizes)):
                continue
            operator = self._sized(item)
            if operator is not None and operator.notation is not None:
                x = item.text[item.node.start : item.node.end]
                more = ", ".join(str(operator.result[axis]) for axis in operator.notation.sizes)
                raise ShapeError(
                    f"The sizes of {x} cannot be told from where it stands.",
                    text=item.text,
                    start=item.node.start,
                    end=item.node.end,
                    hint=f"Write them behind its arguments: {x[:-1]}, {more}).",
                )

    def _sized(self, item: Item) -> Operator | None:
        """The operator of an item, if its arguments do not tell the sizes of its result."""
        found = self.inference.scope.operators.get(item.data, ())
        return next((o for o in found if "sized" in o.tags), None)

    def _dim(self, term: Term, item: Item) -> Dim:
        found = find(term)
        if isinstance(found, Unknown | Polynomial):
            start, end = item.node.start, item.node.end
            what = item.text[start:end]
            raise ShapeError(
                f"The size of {what} cannot be told from where it stands.",
                text=item.text,
                start=start,
                end=end,
                hint="Write I(n) for the identity of order n." if item.op == "identity" else "Declare the dimensions.",
            )
        return found

    def _shape(self, item: Item) -> tuple[Dim, Dim]:
        return self._dim(item.rows, item), self._dim(item.cols, item)

    # --- leaves ---------------------------------------------------------------------------------------------------

    def _number(self, item: Item, args: list[Expr]) -> Expr:
        value: Fraction = item.data
        return self.algebra.number(value.numerator if value.denominator == 1 else value)

    def _pi(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.symbol("π", SCALAR, "scalar", ("constant", "positive"))

    def _symbol(self, item: Item, args: list[Expr]) -> Expr:
        name, properties = item.data
        shape = self._shape(item)
        variable = self.inference.scope.variables.get(name)
        kind = variable.kind if variable else KINDS[sum(d != 1 for d in shape)]
        return self.algebra.symbol(name, shape, kind, properties)

    def _identity(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.identity(self._dim(item.rows, item))

    def _ones(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.ones(*self._shape(item))

    def _zeros(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.zeros(*self._shape(item))

    def _unit(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.unit(item.data, self._dim(item.rows, item))

    def _entry(self, item: Item, args: list[Expr]) -> Expr:
        row, column = item.data
        return self.algebra.single_entry(row, column, *self._shape(item))

    def _commutation(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.commutation(*item.data)

    # --- operations -----------------------------------------------------------------------------------------------

    def _linear(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.linear([(1 if s == "+" else -1, a) for s, a in zip(item.data, args, strict=True)], None)

    def _spread(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.scale(args[0], self.algebra.ones(*self._shape(item)))

    def _mul(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.mul(args)

    def _scale(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.scale(args[0], args[1])

    def _monomial(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.had(list(zip(args, item.data, strict=True)), args[0].shape)

    def _transpose(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.transpose(args[0])

    def _inverse(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.power(args[0], self.algebra.number(-1))

    def _power(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.power(args[0], args[1])

    def _dotpower(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.dotpower(args[0], args[1])

    def _index(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.index(args[0], *item.data)

    def _apply(self, item: Item, args: list[Expr]) -> Expr:
        return self.algebra.apply(item.data, args, self._shape(item))

    def _in_use(self, item: Item, args: list[Expr]) -> Expr:
        name, mode = item.data
        return self.algebra.call(name, args, self._shape(item), order=1, mode=mode)

    def _call(self, item: Item, args: list[Expr]) -> Expr:
        name, elementwise, order = item.data
        shape = args[0].shape if elementwise else self._shape(item)
        return self.algebra.call(name, args, shape, elementwise, order)


def _unknowns(dimensions: Iterable[Term]) -> Iterator[Unknown]:
    """The unknowns in dimensions."""
    for dimension in dimensions:
        todo = [dimension]
        while todo:
            found = find(todo.pop())
            if isinstance(found, Unknown):
                yield found
            elif isinstance(found, Polynomial):
                todo.extend(f for product in found.terms for f in product)


def _told(dimensions: Iterable[Term]) -> set[Unknown]:
    """The unknowns that shapes of symbols tell: m and n of m×n, and p of m·p where m is told."""
    found = [set(_unknowns([d])) for d in dimensions]
    told: set[Unknown] = set()
    while new := {next(iter(u - told)) for u in found if len(u - told) == 1}:
        told |= new
    return told


def _fresh_names(taken: set[str], prefer_n: bool) -> Iterator[str]:
    """Readable names that nothing has: m, n, p, …, then m1, n1, …"""
    letters = "n" + FRESH if prefer_n else FRESH
    yield from (c for c in letters if c not in taken)
    number = 1
    while True:
        yield from (name for c in FRESH if (name := f"{c}{number}") not in taken)
        number += 1
