"""What is said where no rule differentiates an operation."""

from __future__ import annotations

from ..errors import NotDifferentiable
from ..expressions.dimensions import SCALAR
from ..expressions.nodes import Expr, postorder
from ..normal_form.theory import Theory


def refusal(book: Theory, e: Expr) -> NotDifferentiable:
    """Why an operation has no derivative here."""
    name = e.data.name if e.head == "call" else "indexing" if e.head == "index" else e.head
    for rule in book.differential_rules(e.head):
        wanted = [(rule.pattern.args.index(v), " and ".join(sorted(p))) for v, p in rule.conditions.items()]
        if len(wanted) == 1 and rule.pattern.args[0].head == "symbol":
            slot, properties = wanted[0]
            number = e.args[slot].shape == SCALAR
            return NotDifferentiable(
                f"{name} is differentiated where its argument is {properties}, "
                f"and {shown(e.args[slot])} is not known to be.",
                hint="Write a number there."
                if number
                else f"Declare what it is made of, for example: {properties} matrix A(n, n).",
            )
    function, order = origin(book, e.head)
    made = f", the derivative of order {order} of {function}" if order else ""
    return NotDifferentiable(
        f"No rule says how to differentiate {name}{made}, in {shown(e)}.",
        hint="A rule file can: a line such as `differential my-rule: d(f(X)) = …`; see rules/README.md.",
    )


def origin(book: Theory, head: str) -> tuple[str, int]:
    """The function of which an operator is a derivative, and of which order: polar is the first of norm_nuc."""
    made: dict[str, tuple[str, int]] = {}
    for rule in book.all_rules():
        if rule.kind in ("differential", "form"):
            known = {x.head for x in postorder(rule.pattern)}
            for x in postorder(rule.template):
                if x.head in book.operators and x.head not in known:
                    made.setdefault(x.head, (rule.pattern.head, int(rule.kind == "differential")))
    order, seen = 0, set[str]()
    while head in made and head not in seen:
        seen.add(head)
        head, more = made[head]
        order += more
    return head, order


def shown(e: Expr) -> str:
    """An expression for a message."""
    if e.size > 200:
        return f"a long expression that begins with {e.head}"
    text = str(e)
    return text if len(text) <= 80 else text[:79] + "…"
