"""Shapes by unification: one reading of the names, from trees to items that know their sizes.

Items are listed in the order in which they can be built, arguments first; nothing is recursive.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..errors import MatcalcError, NameProblem
from ..expressions.dimensions import SCALAR, names_of
from ..language.declared import SQUARE
from ..language.names import kind_by_spelling
from ..language.sizes import size_of
from ..language.tree import Node
from .brackets import walk
from .items import SIZED, Item, Mismatch, described, is_variable_call
from .operations import Operations
from .scope import Variable
from .unification import Sizes, Unknown

__all__ = ["Inference", "Item", "Mismatch", "is_variable_call"]


def _parts(node: Node, sized: bool) -> tuple[Node, ...]:
    """The arguments that are expressions: not sizes, not the labels of an index."""
    if sized:
        return ()
    return node.args[:1] if node.kind == "index" else node.args


class Inference(Operations):
    """One reading of the names; `scalars` are the lowercase names read as scalars."""

    def run(self, roots: Sequence[tuple[Node, str]]) -> None:
        """Read all trees; the first are the named subexpressions, the others share one shape."""
        for root, _ in roots:
            for n in walk(root):
                if n.kind == "call" and n.text in SIZED and self._is_sized(n):
                    for arg in n.args:
                        size = size_of(arg)
                        self.rigid.update(names_of(size) if size is not None else ())
        for at, (root, text) in enumerate(roots):
            self.text = text
            item = self._tree(root)
            if at < len(self.let_names):
                self.lets[self.let_names[at]] = item
            else:
                self.roots.append(item)
        shaped = [r for r in self.roots if not r.zero]
        for at, side in enumerate(self.roots):
            if side.zero and shaped:
                self.roots[at] = self._add("zeros", [], shaped[0].sizes, side.node)
            elif shaped and not self._same(side, shaped[0]):
                self.text = side.text
                raise self._mismatch(
                    f"The two sides differ in shape: {described(shaped[0].sizes)} and {described(side.sizes)}.",
                    side.node,
                    suspects=[shaped[0].node, side.node],
                )
        if not self.unifier.settle():
            raise self._mismatch(
                "The sizes of vec, unvec and Kronecker products do not fit together, or cannot be told.",
                roots[-1][0],
                "Declare the shapes.",
            )

    # --- walking --------------------------------------------------------------------------------------------------

    def _tree(self, root: Node) -> Item:
        backwards: list[tuple[Node, int]] = []
        stack = [root]
        while stack:
            node = stack.pop()
            parts = _parts(node, node.kind == "call" and node.text in SIZED and self._is_sized(node))
            backwards.append((node, len(parts)))
            stack.extend(parts)
        done: list[Item] = []
        for node, count in reversed(backwards):
            args = done[len(done) - count :]
            del done[len(done) - count :]
            try:
                done.append(getattr(self, "_" + node.kind)(node, args))
            except MatcalcError as error:
                raise error.at(self.text, node.start, node.end) from None
        return done[0]

    # --- names and numbers ----------------------------------------------------------------------------------------

    def _number(self, node: Node, args: list[Item]) -> Item:
        return self._add("number", [], SCALAR, node, Fraction(node.text))

    def _slice(self, node: Node, args: list[Item]) -> Item:
        raise self._mismatch("':' alone stands only in an index, as in A[i, :].", node)

    def _name(self, node: Node, args: list[Item]) -> Item:
        name = node.text
        known = self.lets.get(name) or self.symbols.get(name)
        if known is not None:
            return known
        if name == "I" and name not in self.scope.variables:
            size = Unknown()
            return self._add("identity", [], (size, size), node)
        if name == "π":
            return self._add("pi", [], SCALAR, node)
        if name in self.scope.functions:
            raise self._mismatch(
                f"'{name}' is a function and needs an argument.", node, f"Write {name}(…).", NameProblem
            )
        variable = self.scope.variables.get(name)
        if variable is None and len(name) > 1 and name.isascii() and name in self.scope.operators:
            raise self._mismatch(
                f"'{name}' is a function and needs its argument in parentheses.", node, f"Write {name}(…).", NameProblem
            )
        item = self._differential(node) or self._symbol(node, variable or self._spelled(name))
        self.symbols[name] = item
        return item

    def _spelled(self, name: str) -> Variable:
        kind = kind_by_spelling(name)
        if name in self.rigid or name in self.scalars:
            if kind == "vector":
                size = name in self.rigid
                self.notes[name] = f"{name} is read as {'the dimension, ' if size else ''}a scalar"
            kind = "scalar"
        return Variable(kind, () if kind == "scalar" else None)

    def _differential(self, node: Node) -> Item | None:
        """In a rule, dX has the shape of X."""
        base = node.text[1:]
        if not self.scope.differentials or node.text[0] != "d" or node.text in self.scope.variables:
            return None
        if base not in self.bare and base not in self.scope.variables:
            return None
        of = self._name(Node("name", base, (), node.start, node.end), [])
        return self._add("symbol", [], of.sizes, node, (node.text, frozenset()))

    def _symbol(self, node: Node, variable: Variable) -> Item:
        if variable.shape is not None:
            sizes: Sizes = ((*variable.shape, 1, 1)[0], (*variable.shape, 1, 1)[1])
        elif variable.kind == "matrix":
            rows = Unknown()
            sizes = (rows, rows if variable.properties & SQUARE else Unknown())
        else:
            sizes = (Unknown(), 1) if variable.kind == "vector" else SCALAR
        return self._add("symbol", [], sizes, node, (node.text, variable.properties))
