"""The equations of rule files as trees, and trees written as equations again.

A tree is what the parser makes, with every call of a variable made a product, so that `X (Y + Z)` has its factors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from matcalc.language.tree import Node, parse
from matcalc.normal_form.theory import Entry
from matcalc.rulebook.book import RuleBook
from matcalc.rulebook.compile import scope_of
from matcalc.shapes.brackets import resolved
from matcalc.shapes.naming import names_in

INFIX = {
    "frobenius": ":", "matmul": "*", "divide": "/", "hadamard": "⊙", "dotdivide": "⊘", "kron": "⊗", "star": "⋆",
}  # fmt: skip
MARKS = {"transpose": "ᵀ", "inverse": "⁻¹", "pseudoinverse": "⁺"}
CLOSED = frozenset("number name call dotcall norm abs inner".split())
FACTORS = CLOSED | MARKS.keys() | {"power", "dotpower", "index"}
TERMS = FACTORS | {"product"}


def trees(entry: Entry, book: RuleBook) -> list[Node]:
    """The sides of an entry's equation, or the expression that has a property."""
    texts = entry.sides[:1] if entry.kind == "property" else entry.sides
    roots = [parse(text) for text in texts]
    naming = names_in(roots, scope_of(entry, book.aliases))
    made_up = roots[:1] if entry.kind == "projection" else []  # P(G), where P is no name of anything
    return [*made_up, *(resolved(r, t, naming) for r, t in list(zip(roots, texts, strict=True))[len(made_up) :])]


def made(kind: str, *args: Node, text: str = "") -> Node:
    """A node that stands nowhere."""
    return Node(kind, text, args, 0, 0)


def with_args(node: Node, args: Sequence[Node], text: str | None = None) -> Node:
    """The node over other operands."""
    return Node(node.kind, node.text if text is None else text, tuple(args), node.start, node.end)


def places(root: Node) -> Iterator[tuple[tuple[int, ...], Node]]:
    """Every node with the way to it from the root."""
    stack: list[tuple[tuple[int, ...], Node]] = [((), root)]
    while stack:
        path, node = stack.pop()
        yield path, node
        stack.extend(((*path, i), a) for i, a in reversed(list(enumerate(node.args))))


def replaced(root: Node, path: Sequence[int], new: Node) -> Node:
    """The tree with one node replaced."""
    if not path:
        return new
    i, *rest = path
    return with_args(root, [replaced(a, rest, new) if j == i else a for j, a in enumerate(root.args)])


def written(node: Node) -> str:
    """The text of a tree, which is read as that tree again."""
    kind, args = node.kind, [written(a) for a in node.args]
    if kind in ("number", "name"):
        return node.text
    if kind in ("call", "dotcall"):
        return f"{node.text}{'.' if kind == 'dotcall' else ''}({', '.join(args)})"
    if kind == "norm":
        return f"‖{args[0]}‖{'_' if node.text else ''}{node.text}"
    if kind == "abs":
        return f"|{args[0]}|"
    if kind == "inner":
        return f"<{args[0]}, {args[1]}>"
    if kind in MARKS:
        return _held(node.args[0], CLOSED) + MARKS[kind]
    if kind in ("power", "dotpower"):
        return f"{_held(node.args[0], CLOSED)}{'.' if kind == 'dotpower' else ''}^({args[1]})"
    if kind == "index":
        return f"{_held(node.args[0], CLOSED)}[{', '.join(args[1:])}]"
    if kind in ("sum", "dotsum", "negate"):
        dot = "." if kind == "dotsum" else ""
        signs, *terms = ("-" if kind == "negate" else node.text), *(_held(a, TERMS) for a in node.args)
        first = terms[0] if signs[0] == "+" else f"-{terms[0]}"
        return first + "".join(f" {dot}{sign} {text}" for sign, text in zip(signs[1:], terms[1:], strict=True))
    held = [_held(a, FACTORS) for a in node.args]
    if kind == "product":
        return (" * " if any(text[0] == "(" for text in held[1:]) else " ").join(held)
    if kind in INFIX:
        return f" {INFIX[kind]} ".join(held)
    raise AssertionError(f"a rule file has no {kind}")


def _held(node: Node, bare: frozenset[str]) -> str:
    """An operand, in brackets unless it is one of these kinds."""
    text = written(node)
    return text if node.kind in bare and not (node.kind == "product" and " * " in text) else f"({text})"


def entry_of(entry: Entry, sides: Mapping[int, Node]) -> Entry:
    """The entry with other sides."""
    texts = tuple(written(sides[i]) if i in sides else text for i, text in enumerate(entry.sides))
    return replace(entry, sides=texts)
