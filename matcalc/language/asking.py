"""Signs that ask for a derivative: `d/dX`, `∇_X`, `with respect to X`, and the d of `d(f)/dX`."""

from __future__ import annotations

import re

from ..errors import ParseError
from .names import canonical
from .scanner import Token
from .syntax import Node

_WORD = "[A-Za-zα-ωΓΔΘΛΞΠΣΦΨΩϕϵϑµ][A-Za-z0-9_α-ωΓΔΘΛΞΠΣΦΨΩϕϵϑµ₀-₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ]*(?:_\\{[A-Za-z0-9]+\\})?"
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_ABOVE = re.compile(r"[d∂]\s*\^?\s*\{?([\d⁰¹²³⁴⁵⁶⁷⁸⁹]*)\}?\s*/")
_BELOW = re.compile(rf"[d∂]({_WORD})\s*(?:\^\s*\{{?(\d+)\}}?|([⁰¹²³⁴⁵⁶⁷⁸⁹]+))?")
_NAME = re.compile(rf"({_WORD})")


def derivative(sign: Token, function: Node, start: int, order: int = 1) -> Node:
    """The node of a derivative whose variables stand in one token: d/dX, ∇_X, with respect to X."""
    text, names = sign.text, list[str]()
    if sign.kind == "ASKED":
        above = _ABOVE.match(text)
        assert above is not None
        order = int(above[1].translate(_DIGITS) or 1)
        names = _below(text[above.end() :], order, sign)
    elif sign.kind == "GRADIENT":
        word, _, under = text.partition("_")
        order = 2 if word[:7] == "hessian" or re.search(r"²|\^", text) else 1
        names = _NAME.findall(under.translate(str.maketrans("", "", "²^{}")))
        names = [re.sub(r"(?<=\w)\^2$", "", name) for name in names]
    else:
        names = _NAME.findall(re.sub(r"^(wrt|w\.r\.t\.?|with\s+respect\s+to)\s", "", text))
    nodes = [Node("name", canonical(name), (), sign.start, sign.end) for name in names]
    return Node("derivative", str(order), (function, *nodes), start, max(function.end, sign.end))


def _below(text: str, order: int, sign: Token) -> list[str]:
    """The variables below the bar, one for each order: `dx²`, `dx dy`, `dW,b`."""
    first, *others = (part.strip() for part in text.split(","))
    names: list[str] = []
    for name, digits, raised in _BELOW.findall(first):
        times = int((digits or raised).translate(_DIGITS) or 0)
        if not times and order > 1 and name.endswith(str(order)):
            name, times = name.removesuffix(str(order)), order
        names += [name] * (times or 1)
    if len(names) != order:
        raise ParseError(
            f"The orders above and below the bar of d^{order}/… must be the same.",
            hint="Write d²/dx², d2/dx2 or d²/dx dy in front of the function.",
            start=sign.start,
            end=sign.end,
        )
    return names + others


def asks(left: Node) -> bool:
    """Whether what stands before a `/` is like d(f), d f or ∂²f."""
    if left.kind == "product":
        return order_said(left.args[0]) > 0
    return left.kind in ("name", "call") and left.text[0] in "d∂"


def is_differential(node: Node) -> bool:
    """Whether a node is like dX, ∂X or ∂xᵀ."""
    inner = node.args[0] if node.kind in ("transpose", "power") else node
    return inner.kind == "name" and len(inner.text) > 1 and inner.text[0] in "d∂"


def order_said(node: Node) -> int:
    """The order that d, ∂, d² or ∂² says; 0 where it is something else."""
    order = 1
    if node.kind == "power" and node.args[1].kind == "number" and node.args[1].text.isdigit():
        node, order = node.args[0], int(node.args[1].text[:4])
    return order if node.kind == "name" and node.text in ("d", "∂") else 0
