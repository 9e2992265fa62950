"""The identities of `identities.txt` and those of the rule book, with what is known to differ from them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from matcalc.expressions.parts import symbols
from matcalc.normal_form.theory import Rule
from matcalc.rules import default

FILE = Path(__file__).parent / "identities.txt"
DECLARED = re.compile(r"^(?P<properties>(?:\w+ )*?)(?P<kind>scalar|vector|matrix) (?P<name>\w+)(?:\((?P<sizes>.*)\))?$")
DECLARABLE = frozenset(
    "symmetric skew diagonal orthogonal spd psd lower upper idempotent invertible positive nonnegative constant".split()
)


@dataclass(frozen=True)
class Name:
    """A name and what it is declared as."""

    name: str
    kind: str
    sizes: tuple[str, ...] = ()
    properties: str = ""

    def __str__(self) -> str:
        sizes = f"({', '.join(self.sizes)})" if self.sizes else ""
        return f"{self.properties} {self.kind} {self.name}{sizes}".strip()


@dataclass(frozen=True)
class Wrong:
    """A right side that is wrong; `complex` where it differs in being complex."""

    text: str
    complex: bool = False


@dataclass(frozen=True)
class Identity:
    """Two equal expressions, what is wrong instead of the second, and the declarations of their names."""

    left: str
    right: str
    wrong: tuple[Wrong, ...]
    names: tuple[Name, ...]
    functions: tuple[str, ...] = ()
    place: str = ""

    def named(self, names: tuple[Name, ...]) -> Identity:
        """The same with other declarations."""
        return replace(self, names=names)

    @property
    def where(self) -> str:
        """The declarations as a text."""
        return "; ".join([*map(str, self.names), *self.functions])


@cache
def of_textbooks() -> tuple[Identity, ...]:
    """The identities of the file."""
    found: list[Identity] = []
    names: tuple[Name, ...] = ()
    functions: tuple[str, ...] = ()
    for number, line in enumerate(FILE.read_text().splitlines(), 1):
        if line.startswith("["):
            said = [part.strip() for part in line.strip("[]").split(";")]
            functions = tuple(part for part in said if "function" in part)
            names = tuple(_declared(part) for part in said if "function" not in part)
        elif line and not line.startswith("#"):
            first, *others = line.split("!")
            left, right = (side.strip() for side in first.split(" = "))
            wrong = tuple(Wrong(text.strip("~ "), text.startswith("~")) for text in others)
            found.append(Identity(left, right, wrong, names, functions, f"line {number}"))
    return tuple(found)


def _declared(text: str) -> Name:
    found = DECLARED.match(text)
    assert found, text
    sizes = tuple(part.strip() for part in (found["sizes"] or "").split(",") if part.strip())
    return Name(found["name"], found["kind"], sizes, found["properties"].strip())


@cache
def of_the_rule_book() -> tuple[Identity, ...]:
    """Rules as they are written, where their names can be declared as they are meant."""
    return tuple(
        made
        for rule in default().all_rules()
        if rule.kind in ("simplify", "identity", "definition")
        for made in [_of_rule(rule)]
        if made is not None
    )


def _of_rule(rule: Rule) -> Identity | None:
    conditions = {v.name: wanted for v, wanted in rule.conditions.items()}
    names = []
    for e in symbols(rule.pattern, rule.template):
        wanted = e.data.properties | conditions.get(e.name, frozenset())
        if not wanted <= DECLARABLE or not all(isinstance(d, int) or d.isidentifier() for d in e.shape):
            return None
        kind, axes = e.data.kind, {"scalar": 0, "vector": 1, "matrix": 2}[e.data.kind]
        if kind == "vector" and e.shape[1] != 1 or kind == "scalar" and e.shape != (1, 1):
            return None
        names.append(Name(e.name, kind, tuple(str(d) for d in e.shape[:axes]), " ".join(sorted(wanted))))
    return Identity(rule.pattern.ascii(), rule.template.ascii(), (), tuple(names), place=f"rule {rule.name}")
