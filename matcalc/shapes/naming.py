"""What the names of a text are, before their shapes: which stand alone, and which are runs of letters.

`x'Ax` is xᵀ A x and `tr(XA)` by X is tr(X A): a run of letters that holds the variable, or whose letters all
stand alone elsewhere, is their product.  Any other is one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..errors import NameProblem
from ..language.names import SPELLED, canonical, kind_by_spelling
from ..language.requests import ORDERS
from ..language.syntax import Node
from .scope import Scope

MODULES = frozenset("np numpy jnp jax torch tf tensorflow scipy sp sympy cp cupy math LinearAlgebra F nn".split())
MEMBERS = frozenset({"T", "mT", "H", "mH", "I"})

_LETTER = "[A-Za-zα-ωΓΔΘΛΞΠΣΦΨΩϕϵϑµ]"
_ONE = rf"{_LETTER}(?:\d+|[₀-₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ]+)?(?:_\{{?[A-Za-z0-9]+\}}?$)?"
_SINGLE = re.compile(rf"{_ONE}'*$")
_LETTERS = {letter: spelled for spelled, letter in SPELLED.items()}


@dataclass(slots=True)
class Naming:
    """The names of a text: those without a bracket behind them, those with, and how runs of letters are read."""

    scope: Scope
    bare: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    notes: dict[str, str] = field(default_factory=dict)
    arrays: bool = False
    """Whether functions of NumPy and its like stand in the text, where `*` and `**` are entry by entry."""
    _known: re.Pattern[str] | None = None

    def declared(self, name: str) -> bool:
        """Whether a name means what was declared."""
        scope = self.scope
        return name in scope.variables or name in scope.lets or name in scope.functions

    def takes(self, name: str) -> bool:
        """Whether a name is one of a variable here: declared so, differentiated by, or standing alone."""
        scope = self.scope
        return name in scope.variables or name in scope.lets or name in scope.wrt or name in self.bare

    def factors(self, typed: str, called: bool = False) -> list[str] | None:
        """The letters that a run is the product of, as they were typed; None where it is one name.

        A word before a bracket is rather a function: it is a product only where all its letters are known, or it is
        in capitals.
        """
        name = canonical(typed)
        if _SINGLE.match(typed) or self._is_one(name):
            return None
        if self._known is None:
            self._known = self._pieces()
        found: list[str] = []
        at = 0
        while at < len(typed):
            piece = self._known.match(typed, at)
            if piece is None:
                return None
            found.append(piece[0])
            at = piece.end()
        if len(found) < 2:
            return None
        names = [canonical(f) for f in found]
        known = all(self.takes(n) for n in names)
        if known or (self.scope.wrt.intersection(names) and not (called and not typed.isupper())):
            self._refuse_glued(typed)
            self.notes[name] = f"{typed} is read as {' '.join(found)}"
            return found
        if len(typed) == 2 or any(c.isupper() for c in typed):
            self.notes[name] = f"{typed} is read as one name; write {' '.join(found)} for a product"
        return None

    def _is_one(self, name: str) -> bool:
        scope = self.scope
        return (
            scope.differentials
            or self.declared(name)
            or name in scope.wrt
            or name in scope.operators
            or name.lower() in scope.operators
            or name in MODULES
            or name.lower() in ORDERS
            or name in scope.dimension_names()
            or "'" in name
            or (kind_by_spelling(name) == "matrix" and name[0] == "∂")
        )

    def _pieces(self) -> re.Pattern[str]:
        """What a run is cut into: names of several letters that are known, else single letters."""
        scope = self.scope
        known = {*scope.variables, *scope.lets, *scope.wrt, *self.bare}
        words = [n for n in known if len(n) > 1 and not n.isdigit() and self._worth(n)]
        words += [_LETTERS[n] for n in known if n in _LETTERS]
        listed = sorted(map(re.escape, words), key=len, reverse=True)
        return re.compile("|".join([*listed, _ONE]))

    def _worth(self, name: str) -> bool:
        return name in self.scope.variables or name in self.scope.lets or name in self.scope.wrt

    def _refuse_glued(self, typed: str) -> None:
        """`trA` is no product of t, r and A."""
        for end in range(len(typed) - 1, 1, -1):
            if typed[:end] in self.scope.operators:
                word, rest = typed[:end], typed[end:]
                raise NameProblem(
                    f"'{typed}' begins like the function {word}, which needs its argument in parentheses.",
                    hint=f"Write {word}({rest}).",
                )


def names_in(roots: Iterable[Node], scope: Scope) -> Naming:
    """The names of a text; `e` below an exponent and `t` as one are none."""
    naming = Naming(scope)
    naming.bare |= scope.wrt
    skipped: set[int] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        kind = node.kind
        if kind == "name":
            if id(node) not in skipped:
                naming.bare.add(node.text)
        elif kind == "call":
            naming.called.add(node.text)
        elif kind == "power":
            base, exponent = node.args
            if base.kind == "name" and base.text == "e":
                skipped.add(id(base))
            if exponent.kind == "name" and exponent.text == "t":
                skipped.add(id(exponent))
        elif kind in ("member", "method"):
            base = node.args[0]
            if base.kind == "name" and base.text in MODULES and not naming.declared(base.text):
                naming.arrays = naming.arrays or base.text not in ("sympy", "sp", "math")
                skipped.add(id(base))
            elif kind == "member" and node.text not in MEMBERS:
                naming.bare.add(canonical(node.text))
        stack.extend(node.args)
    return naming
