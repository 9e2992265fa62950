"""Calls: constants with sizes, operators chosen by the kinds of their arguments, unspecified functions."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from ..errors import AmbiguityError, NameProblem
from ..expressions.dimensions import SCALAR, Dim, names_of, times
from ..language.names import kind_by_spelling
from ..language.sizes import size_of
from ..language.tree import Node
from ..normal_form.theory import Operator
from .items import SIZED, STRUCTURAL, Item, Mismatch, Reading, counted, described
from .unification import Sizes, Term, Unknown, find, instance


class Applications(Reading):
    """What a name before a bracket makes of its arguments."""

    def _call(self, node: Node, args: list[Item]) -> Item:
        name = node.text.rstrip("'")
        primes = len(node.text) - len(name)
        if name in self.scope.functions:
            return self._unspecified(node, name, primes, args)
        if name in SIZED and not primes and not args and self._is_sized(node):
            return self._constant(node)
        if self.scope.differentials and name == "d" and len(args) == 1:
            return self._add("call", args, args[0].sizes, node, ("d", False, 0))
        if name in self.scope.operators:
            operator = self.scope.operators[name][0]
            if not primes and operator.name in STRUCTURAL:
                self._count(node, name, len(operator.params))
                return self._structural(node, STRUCTURAL[operator.name], args)
            if primes:
                raise self._mismatch(f"'{name}' is a known function; its derivative is not written with a prime.", node)
            return self._operator(name, node, args)
        if kind_by_spelling(name) == "matrix":
            hint = f"Declare it, as in function {name}({', '.join(['matrix'] * len(args))}) -> scalar."
            raise self._mismatch(f"'{name}' is not a known function.", node, hint, NameProblem)
        return self._unspecified(node, name, primes, args)

    def _dotcall(self, node: Node, args: list[Item]) -> Item:
        name = node.text.rstrip("'")
        primes = len(node.text) - len(name)
        candidates = self.scope.operators.get(name, ())
        if name in self.scope.functions or (not candidates and name not in STRUCTURAL):
            if name in self.scope.variables or name in self.scope.lets:
                raise self._mismatch(f"'{name}' is a variable, not a function.", node, kind=NameProblem)
            if len(args) != 1:
                raise self._mismatch(f"'{name}.' takes one argument.", node, kind=NameProblem)
            return self._add("call", args, args[0].sizes, node, (name, True, primes))
        elementwise = [c for c in candidates if c.elementwise]
        if not elementwise:
            hint = f"Write {name}({', '.join(self._typed(a.node) for a in args)})."
            raise self._mismatch(f"'{name}' does not work entry by entry.", node, hint, NameProblem)
        if primes:
            raise self._mismatch(f"'{name}' is a known function; its derivative is not written with a prime.", node)
        self._count(node, name, 1)
        return self._add("apply", args, args[0].sizes, node, elementwise[0].name)

    def _count(self, node: Node, name: str, wanted: int) -> None:
        if len(node.args) != wanted:
            message = f"'{name}' takes {counted(wanted)}, and here it has {len(node.args)}."
            raise self._mismatch(message, node, kind=NameProblem)

    def _structural(self, node: Node, kind: str, args: list[Item]) -> Item:
        made: Item = getattr(self, "_" + kind)(node, args)
        return made

    def _constant(self, node: Node) -> Item:
        """`I(n)`, `1(n)`, `ones(m, n)`, `zeros(…)`, `e(i, n)`, `E(i, j, m, n)`, `K(m, n)`."""
        name = node.text
        counts = SIZED[name]
        if len(node.args) not in counts:
            raise self._mismatch(f"'{name}' takes {' or '.join(counted(c) for c in counts)}.", node, kind=NameProblem)
        values: list[Dim] = []
        for arg in node.args:
            value = size_of(arg)
            if value is None or (isinstance(value, int) and value <= 0):
                raise self._mismatch("A size is a name or a positive integer.", arg)
            values.append(value)
        if name == "e":
            return self._add("unit", [], (values[1], 1), node, values[0])
        if name == "E":
            return self._add("entry", [], (values[2], values[3]), node, (values[0], values[1]))
        if name == "K":
            size = times(values[0], values[1])
            return self._add("commutation", [], (size, size), node, (values[0], values[1]))
        if name == "I":
            return self._add("identity", [], (values[0], values[0]), node)
        sizes = (values[0], values[1] if len(values) == 2 else 1)
        return self._add("zeros" if name == "zeros" else "ones", [], sizes, node)

    def _operator(self, name: str, node: Node, args: list[Item]) -> Item:
        """An operator of the rule book, chosen among those of this name by the kinds of the arguments."""
        candidates = self.scope.operators.get(name, ())
        if not candidates:
            raise self._mismatch(f"No rule file declares the operator '{name}'.", node, kind=NameProblem)
        fitting = [c for c in candidates if len(c.params) == len(args)]
        if not fitting:
            wanted = counted(len(candidates[0].params))
            message = f"'{name}' takes {wanted}, and here it has {len(args)}."
            raise self._mismatch(message, node, kind=NameProblem)
        for operator in fitting:
            if _kinds_fit(operator, args):
                break
        else:
            raise self._no_kind(name, fitting[0], node, args)
        if operator.elementwise and not args[0].scalar and node.kind not in ("abs",):
            raise self._needs_dot(name, node, args[0])
        if operator.elementwise and node.kind == "abs" and not args[0].scalar:
            x = self._typed(args[0].node)
            hint = f"Write ‖{x}‖ for a norm, or abs.({x}) for the entries."
            raise self._mismatch("'| |' is the absolute value of a scalar.", node, hint, AmbiguityError, [args[0].node])
        bound: dict[str, Term] = {}
        for param, a in zip(operator.params, args, strict=True):
            for wanted_dim, size in zip(param, a.sizes, strict=True):
                if not self._bind(wanted_dim, size, bound, len(args) == 1):
                    raise self._no_fit(name, operator, node, args, a, bound)
        rows, cols = (self._result(d, bound, len(args) == 1) for d in operator.result)
        sizes: Sizes = (rows, cols)
        return self._add("apply", args, sizes, node, operator.name)

    def _bind(self, wanted: Dim, size: Term, bound: dict[str, Term], stacked: bool) -> bool:
        """Make an argument's dimension what the operator's signature asks for."""
        if isinstance(wanted, str) and ("·" in wanted or "+" in wanted):
            for part in names_of(wanted):
                bound.setdefault(part, Unknown())
            return self.unifier.same(instance(wanted, bound, stacked), size)
        if isinstance(wanted, int):
            return find(size) == wanted
        if wanted in bound:
            return self.unifier.same(bound[wanted], size)
        bound[wanted] = find(size)
        return True

    def _result(self, written: Dim, bound: dict[str, Term], stacked: bool) -> Term:
        """A dimension of the result; what no argument says is to be found."""
        for part in names_of(written):
            bound.setdefault(part, Unknown())
        return instance(written, bound, stacked)

    def _no_kind(self, name: str, operator: Operator, node: Node, args: list[Item]) -> Mismatch:
        wrong = next(a for p, a in zip(operator.params, args, strict=True) if not _kind_fits(p, a))
        wanted = "a scalar" if operator.params[args.index(wrong)] == SCALAR else "a vector"
        x = self._typed(wrong.node)
        others = sorted(
            n for n, (o, *_) in self.scope.operators.items() if n.startswith(name + "_") and _kinds_fit(o, args)
        )
        readings = [text.replace("(X)", f"({x})") for text in operator.clauses.get("instead", ())]
        if (others or readings) and find(wrong.cols) != 1:
            hint = "Write " + " or ".join([f"{n}({x})" for n in others[:3]] + readings) + "."
            return self._mismatch(f"'{name}' of a matrix has several readings.", node, hint, AmbiguityError)
        return self._mismatch(
            f"'{name}' takes {wanted}, and {x} is {described(wrong.sizes)}.", node, suspects=[wrong.node]
        )

    def _no_fit(
        self, name: str, operator: Operator, node: Node, args: list[Item], wrong: Item, bound: dict[str, Term]
    ) -> Mismatch:
        if len(args) == 1:
            param = operator.params[0]
            if param[0] == param[1]:
                x = self._typed(wrong.node)
                message = f"'{name}' needs a square matrix, and {x} is {described(wrong.sizes)}."
                return self._mismatch(message, node, suspects=[wrong.node])
            return self._mismatch(f"'{name}' does not take {described(wrong.sizes)}.", node, suspects=[wrong.node])
        what = "the Frobenius product ':'" if node.kind in ("frobenius", "inner") else f"'{name}'"
        listed = " and ".join(described(a.sizes) for a in args)
        return self._mismatch(f"The shapes do not fit {what}: {listed}.", node, suspects=[a.node for a in args])

    def _needs_dot(self, name: str, node: Node, arg: Item) -> Mismatch:
        x = self._typed(arg.node)
        matrix = name + "m"
        readings = [f"{name}.({x}) for every entry"]
        if matrix in self.scope.operators and find(arg.cols) != 1:
            readings.insert(0, f"{matrix}({x}) for the matrix function")
        what = "vector" if find(arg.cols) == 1 else "matrix"
        message = f"'{name}' of a {what} is ambiguous: entry by entry, or of the {what} as a whole?"
        return self._mismatch(message, node, "Write " + " or ".join(readings) + ".", AmbiguityError, [arg.node])

    # --- unspecified functions ------------------------------------------------------------------------------------

    def _unspecified(self, node: Node, name: str, primes: int, args: list[Item]) -> Item:
        declared = self.scope.functions.get(name)
        result: Sizes = SCALAR
        elementwise = False
        if declared is not None:
            elementwise = declared.elementwise
            if declared.arguments:
                self._count(node, name, len(declared.arguments))
                for (kind, shape), a in zip(declared.arguments, args, strict=True):
                    self._fits(name, kind, shape, a, node)
            result = self._declared_result(name, declared.result)
        else:
            close = get_close_matches(name, self.scope.operators, 1, 0.8) if len(name) > 2 else []
            hint = f"; did you mean {close[0]}?" if close else ""
            self.notes[name] = f"{name} is read as an unspecified scalar function{hint}"
        if elementwise and not args[0].scalar:
            raise self._needs_dot(name, node, args[0])
        if primes:
            if len(args) != 1:
                raise self._mismatch("Primes need a function of one argument.", node)
            result = self._derivative(node, name, primes, result, args[0])
        return self._add("call", args, result, node, (name, False, primes))

    def _fits(self, name: str, kind: str, shape: tuple[Dim, ...] | None, a: Item, node: Node) -> None:
        fits = a.scalar if kind == "scalar" else find(a.cols) == 1 if kind == "vector" else True
        if fits and shape:
            fits = all(self.unifier.same(size, d) for size, d in zip(a.sizes, shape, strict=False))
        if not fits:
            message = f"'{name}' is declared for a {kind}, and its argument is {described(a.sizes)}."
            raise self._mismatch(message, node, suspects=[a.node])

    def _declared_result(self, name: str, result: tuple[str, tuple[Dim, ...] | None]) -> Sizes:
        kind, shape = result
        if kind == "scalar":
            return SCALAR
        if shape is not None:
            return (shape[0], shape[1] if len(shape) == 2 else 1)
        if name not in self.results:
            self.results[name] = (Unknown(), 1 if kind == "vector" else Unknown())
        return self.results[name]

    def _derivative(self, node: Node, name: str, primes: int, result: Sizes, a: Item) -> Sizes:
        """The shape of a derivative: gradient, Jacobian, Hessian, or the same for a scalar argument."""
        value_is_scalar = result == SCALAR
        if a.scalar:
            return result
        if primes == 1 and value_is_scalar:
            return a.sizes
        if find(a.cols) == 1 and find(result[1]) == 1 and primes == (2 if value_is_scalar else 1):
            return (a.rows, a.rows) if value_is_scalar else (result[0], a.rows)
        order = "fourth" if find(a.cols) != 1 else "third"
        raise self._mismatch(
            f"{node.text} is a tensor of {order} order or more and has no place in an expression.", node
        )


def _kinds_fit(operator: Operator, args: Sequence[Item]) -> bool:
    return all(_kind_fits(p, a) for p, a in zip(operator.params, args, strict=True))


def _kind_fits(param: tuple[Dim, Dim], a: Item) -> bool:
    """Whether an argument is a scalar, vector or matrix as a parameter asks; a matrix may be anything."""
    if param == SCALAR:
        return a.scalar
    if param[1] == 1:
        return find(a.cols) == 1
    return True
