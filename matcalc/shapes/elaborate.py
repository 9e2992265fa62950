"""From a tree to a typed expression: kinds and shapes by unification, products grouped so that they conform.

`elaborate` is used for what people type, `elaborate_all` also for the sides of a rule, which share their names.
A lowercase Latin name that nothing declares is a vector, a Greek one a scalar; where that does not fit, or says what
nobody would write, the smallest set of such names is turned into the other kind, and where two sets would do, the
reader is asked.  All walks use explicit stacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import AmbiguityError, MatcalcError, NameProblem
from ..expressions.nodes import Expr
from ..language.syntax import Node, walk
from ..normal_form.algebra import Algebra
from .brackets import resolved
from .construction import Builder
from .inference import Inference
from .items import Mismatch
from .naming import Naming, names_in
from .reading import read
from .scope import Scope, Variable

__all__ = ["Elaborated", "Scope", "Variable", "elaborate", "elaborate_all"]

Side = tuple[Node, str]
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
    maybe = _perhaps_needed(sides, scope.lets)
    naming = names_in([node for node, _ in [*sides, *(scope.lets[name] for name in maybe)]], scope)
    sides = [(resolved(node, text, naming), text) for node, text in sides]
    bodies = {name: (resolved(node, text, naming), text) for name in maybe for node, text in [scope.lets[name]]}
    lets = _needed_lets(sides, bodies)
    inference = _read([*(bodies[name] for name in lets), *sides], lets, scope, naming)
    return Elaborated(*Builder(inference, algebra).result(len(lets)))


def _perhaps_needed(sides: Sequence[Side], lets: Mapping[str, Side]) -> list[str]:
    """The named subexpressions that occur, alone or in a run of letters."""
    found: dict[str, None] = {}
    todo = [node for node, _ in sides] if lets else []
    while todo:
        for word in _mentioned(todo.pop()):
            names = [word] if word in lets else [name for name in lets if name in word] if len(word) > 1 else []
            new = [name for name in names if name not in found]
            found |= dict.fromkeys(new)
            todo.extend(lets[name][0] for name in new)
    return list(found)


def _needed_lets(sides: Sequence[Side], lets: Mapping[str, Side]) -> list[str]:
    """The named subexpressions that occur, in the order of their definition."""
    if not lets:
        return []
    needed: dict[str, None] = {}
    open_: dict[str, None] = {}
    todo = [(name, False) for node, _ in sides for name in _mentioned(node) if name in lets]
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
            todo.extend((other, False) for other in _mentioned(lets[name][0]) if other in lets)
    return list(needed)


def _mentioned(root: Node) -> list[str]:
    """The names in a tree, without their primes."""
    return [n.text.rstrip("'") for n in walk(root) if n.kind in ("name", "call")]


def _read(roots: list[Side], lets: list[str], scope: Scope, naming: Naming) -> Inference:
    """The reading that turns the fewest names against their spelling and leaves no doubt.

    A doubt is what nobody writes of a scalar: its transpose, the sum of its entries.  Where only doubtful readings are
    left, the error of the first one asks; where there was none, what the spelling says is taken.
    """
    level: list[frozenset[str]] = [frozenset()]
    seen = set(level)
    first: MatcalcError | None = None
    doubtful: Inference | None = None
    place: MatcalcError | None = None
    attempts = furthest = 0
    while level:
        found: list[Inference] = []
        following: list[frozenset[str]] = []
        for turned in level:
            if attempts >= ATTEMPTS:
                break
            attempts += 1
            inference = Inference(scope, lets, naming, turned)
            suspects: Iterable[str]
            try:
                read(inference, roots)
            except Mismatch as mismatch:
                if first is None or len(inference.items) > furthest:  # where only one place is wrong, it is there
                    first, furthest = mismatch.error, len(inference.items)
                suspects = mismatch.suspects
            else:
                suspects = [name for doubt in inference.doubts for name in doubt.suspects]
                if not inference.doubts:
                    found.append(inference)
                elif doubtful is None and (inference.weak or not turned):
                    doubtful = inference
            place = place or first or next((doubt.error for doubt in inference.doubts), None)
            larger = [turned | {name} for name in suspects]
            following += [names for names in dict.fromkeys(larger) if names not in seen]
            seen.update(larger)
        if len(found) > 1 and place is not None:
            raise _undecided(found, place)
        if found:
            return found[0]
        level = following
    if doubtful is not None:
        return doubtful
    assert first is not None
    raise first


def _undecided(readings: Sequence[Inference], first: MatcalcError) -> MatcalcError:
    """Two readings of lowercase names would both do."""
    names = sorted(readings[0].turned ^ readings[1].turned)
    kinds = {name: "scalar" if readings[0].spelled(name) == "vector" else "vector" for name in names}
    if "vector" in kinds.values():
        listed = ", or ".join(f"'{name}' a {kind}" for name, kind in kinds.items())
        message = f"Two readings would do: {listed}, and nothing says which."
    else:
        listed = " or ".join(f"'{name}'" for name in kinds)
        message = f"One of the names must be a scalar here, {listed}, and nothing says which."
    hint = "Declare it, for example: " + " — or: ".join(f"{kind} {name}" for name, kind in kinds.items()) + "."
    error = AmbiguityError(message, hint=hint)
    error.text, error.start, error.end = first.text, first.start, first.end
    return error
