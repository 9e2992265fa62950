"""What the tests of LaTeX share: trees of both syntaxes, compared."""

from matcalc.language.latex_input import parse_latex
from matcalc.language.syntax import Node
from matcalc.language.tree import parse
from matcalc.rulebook.book import default

WORDS = default().aliases


def shown(root: Node) -> str:
    """A tree in brackets, without places; a product of one factor is the factor."""
    done: list[str] = []
    backwards, todo = [], [root]
    while todo:
        node = todo.pop()
        backwards.append(node)
        todo.extend(node.args)
    for node in reversed(backwards):
        count = len(node.args)
        args = done[len(done) - count :] if count else []
        if count:
            del done[len(done) - count :]
        if node.kind in ("name", "number"):
            done.append(node.text)
        elif node.kind == "product" and count == 1:
            done.extend(args)
        elif node.kind == "product":
            done.append(
                "(" + " ".join(a[1:-1] if a.startswith("(") and " " in a and _flat(a) else a for a in args) + ")"
            )
        else:
            text = "" if node.text == "(" else node.text
            done.append(f"{node.kind}{':' + text if text else ''}[{', '.join(args)}]")
    return done[0]


def _flat(text: str) -> bool:
    """Whether a product stands in the outermost brackets: products in products are one."""
    depth = 0
    for at, c in enumerate(text):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(c, 0)
        if not depth and at + 1 < len(text):
            return False
    return True


def latex(text: str) -> str:
    """What LaTeX says, without what typefaces say beside it."""
    root = parse_latex(text, WORDS)
    return shown(root.args[0] if root.kind == "said" else root)


def plain(text: str) -> str:
    """What plain text says."""
    return shown(parse(text, syntax="plain"))
