"""What a session has declared: one text for each name, and which of them mention which.

A declaration is looked at together with those that it needs, and not with all that there are, so that a session of
n declarations takes n steps and not n².
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..errors import NameProblem
from ..expressions.dimensions import names_of
from ..language.declared import Declaration, Declared, FunctionDeclared, Let
from ..language.names import canonical
from ..language.syntax import walk

MOST_CHECKED = 50  # named subexpressions that one needs, or that need it, which are read to see if they make sense
MOST_AT_ONCE = 1_000  # of one statement that are read


@dataclass(frozen=True, slots=True)
class Kept:
    """A declaration: its text, the names that it mentions, and whether it names a subexpression."""

    text: str
    mentioned: frozenset[str]
    is_let: bool


@dataclass(slots=True)
class Declarations:
    """Declarations by name, in the order in which the names were first declared."""

    kept: dict[str, Kept] = field(default_factory=dict)
    _users: dict[str, dict[str, None]] = field(default_factory=dict)  # the subexpressions that mention a name

    def __iter__(self) -> Iterator[str]:
        return iter(self.kept)

    def __contains__(self, name: str) -> bool:
        return name in self.kept

    def copy(self) -> Declarations:
        """The same declarations, to which others can be added."""
        return Declarations(dict(self.kept), {name: dict(users) for name, users in self._users.items()})

    def put(self, name: str, declaration: Kept | None) -> Kept | None:
        """Declare a name, or forget it; what was declared before."""
        before = self.kept.get(name)
        if before is not None and before.is_let:
            for other in before.mentioned:
                self._users[other].pop(name)
        if declaration is None:
            self.kept.pop(name, None)
            return before
        self.kept[name] = declaration
        if declaration.is_let:
            for other in declaration.mentioned:
                self._users.setdefault(other, {})[name] = None
            if self._users.get(name):
                self._refuse_circle(name)
        return before

    def text(self, names: Iterable[str] | None = None) -> str:
        """Declarations as text, all or some; a `let` stands behind those that it mentions, whenever it was typed."""
        chosen = list(self.kept if names is None else names)
        first = [self.kept[name].text for name in chosen if not self.kept[name].is_let]
        lets = dict.fromkeys(name for name in chosen if self.kept[name].is_let)
        return "\n".join([*first, *(self.kept[name].text for name in self._in_order(lets))])

    def needed(self, name: str) -> list[str] | None:
        """The declarations that one needs, itself among them; None where they are more than `MOST_CHECKED`."""
        found = {name: None}
        todo = [name]
        while todo:
            for other in self.kept[todo.pop()].mentioned:
                if other in self.kept and other not in found:
                    found[other] = None
                    todo.append(other)
            if len(found) > MOST_CHECKED:
                return None
        return list(found)

    def dependent(self, names: Mapping[str, None]) -> list[str]:
        """The subexpressions among some names, and the last of those that mention them: to read these reads all.

        Of more than `MOST_CHECKED`, or `MOST_AT_ONCE` in one statement, the others are looked at when they are used.
        """
        found = dict.fromkeys(names)
        named = len(found)
        todo = list(found)
        while todo and len(found) < named + MOST_CHECKED:
            for user in self._users.get(todo.pop(), ()):
                if user not in found:
                    found[user] = None
                    todo.append(user)
        inner = {name for user in found if self.kept[user].is_let for name in self.kept[user].mentioned}
        lets = [name for name in found if self.kept[name].is_let]
        return [name for name in lets if name in names or name not in inner][:MOST_AT_ONCE]

    def _in_order(self, lets: dict[str, None]) -> Iterator[str]:
        """Subexpressions behind those that they mention."""
        done: set[str] = set()
        for root in lets:
            todo = [(root, False)]
            while todo:
                name, ready = todo.pop()
                if ready:
                    yield name
                elif name not in done:
                    done.add(name)
                    todo.append((name, True))
                    todo.extend((other, False) for other in sorted(self.kept[name].mentioned) if other in lets)

    def _refuse_circle(self, name: str) -> None:
        """Refuse a subexpression that leads back to itself."""
        came: dict[str, str] = {}
        todo = [name]
        while todo:
            at = todo.pop()
            for other in self.kept[at].mentioned if at in self.kept and self.kept[at].is_let else ():
                if other == name:
                    path = [name]
                    while at != name:
                        path.append(at)
                        at = came[at]
                    raise NameProblem(
                        f"The definitions go round in a circle: {' → '.join([name, *reversed(path[1:]), name])}."
                    )
                if other not in came:
                    came[other] = at
                    todo.append(other)


def kept(d: Declaration, text: str) -> Kept:
    """A declaration on its own, out of the text in which it was typed."""
    if isinstance(d, Let):
        return Kept(text[d.start : d.end], frozenset(canonical(n.text.rstrip("'")) for n in walk(d.node)), True)
    if isinstance(d, FunctionDeclared):
        return Kept(text[d.start : d.end], frozenset(), False)
    assert isinstance(d, Declared)
    shape = f"({', '.join(map(str, d.shape))})" if d.shape else ""
    mentioned = frozenset(name for dim in d.shape or () for name in names_of(dim))
    return Kept(" ".join([*sorted(d.properties), d.kind, d.name]) + shape, mentioned, False)
