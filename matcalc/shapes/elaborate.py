"""From a tree to a typed expression: kinds and shapes by unification, products grouped so that they conform.

`elaborate` is used for what people type, `elaborate_all` also for the sides of a rule, which share their names.
A lowercase Latin name that nothing declares is a vector; where that does not fit, the smallest set of such names
is read as scalars instead, and where two sets would do, the reader is asked.  All walks use explicit stacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..errors import AmbiguityError, MatcalcError, NameProblem
from ..expressions.nodes import Expr
from ..language.tree import Node
from ..normal_form.algebra import Algebra
from .brackets import bare_names, is_variable_call, resolved, walk
from .construction import Builder
from .inference import Inference
from .items import Mismatch
from .reading import read
from .scope import Scope, Variable

__all__ = ["Elaborated", "Scope", "Variable", "elaborate", "elaborate_all"]

ATTEMPTS = 64  # readings of lowercase names that are tried


@dataclass(slots=True)
class Elaborated:
    """Typed expressions with their symbols, what was read from the spelling alone, and the named subexpressions."""

    exprs: tuple[Expr, ...]
    symbols: dict[str, Expr]
    notes: tuple[str, ...] = ()
    lets: dict[str, Expr] = field(default_factory=dict)

    @property
    def expr(self) -> Expr:
        """The first expression."""
        return self.exprs[0]


def elaborate(node: Node, text: str, scope: Scope, algebra: Algebra) -> Elaborated:
    """The typed expression of a tree; errors point into the text."""
    return elaborate_all([(node, text)], scope, algebra)


def elaborate_all(sides: Sequence[tuple[Node, str]], scope: Scope, algebra: Algebra) -> Elaborated:
    """The typed expressions of the sides of an equation: one set of names, and one shape."""
    lets = _needed_lets(sides, scope)
    bodies = [scope.lets[name] for name in lets]
    bare = bare_names(*(node for node, _ in [*bodies, *sides]))
    roots = [
        (resolved(node, lambda call: is_variable_call(call, scope, bare)), text) for node, text in [*bodies, *sides]
    ]
    inference = _read(roots, lets, scope, bare)
    return Elaborated(*Builder(inference, algebra).result(len(lets)))


def _needed_lets(sides: Sequence[tuple[Node, str]], scope: Scope) -> list[str]:
    """The named subexpressions that occur, in the order of their definition."""
    if not scope.lets:
        return []
    needed: dict[str, None] = {}
    open_: dict[str, None] = {}
    todo = [(name, False) for node, _ in sides for name in _mentioned(node) if name in scope.lets]
    while todo:
        name, done = todo.pop()
        if done:
            needed[name] = None
            open_.pop(name)
        elif name in open_:
            raise NameProblem(f"The definition of '{name}' leads back to itself.")
        elif name not in needed:
            open_[name] = None
            todo.append((name, True))
            todo.extend((other, False) for other in _mentioned(scope.lets[name][0]) if other in scope.lets)
    return list(needed)


def _mentioned(root: Node) -> list[str]:
    """The names in a tree, without their primes."""
    return [n.text.rstrip("'") for n in walk(root) if n.kind in ("name", "call")]


def _read(roots: list[tuple[Node, str]], lets: list[str], scope: Scope, bare: set[str]) -> Inference:
    """The reading with the fewest lowercase names as scalars."""
    level: list[frozenset[str]] = [frozenset()]
    seen = set(level)
    first: MatcalcError | None = None
    attempts = 0
    while level:
        found: list[tuple[frozenset[str], Inference]] = []
        following: list[frozenset[str]] = []
        for scalars in level:
            if attempts >= ATTEMPTS:
                break
            attempts += 1
            inference = Inference(scope, lets, bare, scalars)
            try:
                read(inference, roots)
            except Mismatch as mismatch:
                first = first or mismatch.error
                for name in mismatch.suspects:
                    larger = scalars | {name}
                    if larger not in seen:
                        seen.add(larger)
                        following.append(larger)
            else:
                found.append((scalars, inference))
        if len(found) > 1 and first is not None:
            raise _undecided(sorted(found[0][0] ^ found[1][0]), first)
        if found:
            return found[0][1]
        level = following
    assert first is not None
    raise first


def _undecided(names: list[str], first: MatcalcError) -> MatcalcError:
    """Two readings of lowercase names would both do."""
    listed = " or ".join(f"'{name}'" for name in names)
    hint = "Declare it, for example: " + " — or: ".join(f"scalar {name}" for name in names) + "."
    error = AmbiguityError(f"One of the names must be a scalar here, {listed}, and nothing says which.", hint=hint)
    error.text, error.start, error.end = first.text, first.start, first.end
    return error
