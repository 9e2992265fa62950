r"""Notations of operators, as rule files give them: templates in which {1}, {2}, … stand for the arguments.

A template without arguments is the name of a function, whose arguments follow in brackets.  An argument between signs
needs no brackets of its own; at the left edge, as in ``{1}⁺``, it is what the mark belongs to; at the right edge, as in
``\log\det {1}``, a name stands bare and anything else in brackets; with arguments at both edges it is an infix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ..expressions.nodes import Expr, Notation, Operation, postorder
from .layout import ATOM, INFIX, LONGEST_IN_BARS, POSTFIX, PRODUCT, SUM, Layout, Piece, Typeface

LONGEST = 200  # characters of a template
COMMANDS = frozenset(
    "acute alpha approx arccos arcsin arctan arg ast bar beta binom bot breve bullet cap cdot check chi circ colon "
    "cong cos cosh cot coth csc cup dagger deg delta Delta det diamond dim dot ell epsilon equiv eta exp flat frac "
    "gamma Gamma gcd ge geq hat hbar Im in inf infty iota kappa ker lambda Lambda langle lceil le left leq lfloor lim "
    "ln log ltimes lvert lVert mapsto mathbb mathbf mathcal mathfrak mathit mathrm mathsf max mid min mu nabla "
    "natural ne neq nu odot Omega omega ominus operatorname oplus oslash otimes overline parallel partial perp Phi "
    "phi Pi pi Pr prime prod propto Psi psi qquad quad rangle rceil Re rfloor rho right rtimes rvert rVert sec sharp "
    "sigma Sigma sim sin sinh sqrt square star sum sup tan tanh tau tfrac Theta theta tilde times to top triangle "
    "underline upsilon Upsilon varepsilon varphi vartheta vec vee vert Vert wedge widehat widetilde xi Xi zeta".split()
)
"""The commands of LaTeX that a template may have: letters, fonts, accents, brackets and signs, none that acts."""

_PLACE = re.compile(r"(?<![_^])\{([1-9])\}")  # behind _ and ^ it is LaTeX's own group
_COMMAND = re.compile(r"\\([A-Za-z]+|.)")
_SCRIPT = re.compile(r"[_^](?:\{[^{}]*\}|\\[A-Za-z]+|.)")
_LETTER = re.compile(r"\\[A-Za-z]+(?:_\{[^{}]*\}|_.)?")
_PAIRS = {")": "(", "]": "[", "⟩": "⟨", "}": "{", "⌋": "⌊", "⌉": "⌈"}


@lru_cache(maxsize=1024)
def parts_of(template: str) -> tuple[str | int, ...]:
    """The signs of a template and the numbers of its arguments, counted from 0."""
    out: list[str | int] = []
    end = 0
    for found in _PLACE.finditer(template):
        if found.start() > end:
            out.append(template[end : found.start()])
        out.append(int(found[1]) - 1)
        end = found.end()
    if end < len(template):
        out.append(template[end:])
    return tuple(out)


@lru_cache(maxsize=1024)
def letters_of(template: str) -> frozenset[str]:
    """The letters of a template with their subscripts, which a name may have as well."""
    return frozenset(_LETTER.findall(template))


def notation_of(e: Expr) -> Notation | None:
    """The notation of an application; that of a vector where its first argument is one and there is one."""
    found = e.data.notation if isinstance(e.data, Operation) else None
    if found is not None and found.of_vector is not None and e.args[0].shape[1] == 1:
        return found.of_vector
    return found


def laid_out(face: Typeface, e: Expr, template: str) -> Layout:
    """An application by the template of its notation."""
    parts = parts_of(template)
    first, last = isinstance(parts[0], int), isinstance(parts[-1], int)
    if not any(isinstance(p, int) for p in parts):
        words = len(_COMMAND.findall(_SCRIPT.sub("", template)))
        return (PRODUCT if words > 1 else ATOM), [template, *face.arguments(e.args)]
    pieces: list[Piece] = []
    for n, p in enumerate(parts):
        if isinstance(p, str):
            pieces.append(p)
        elif 0 < n < len(parts) - 1:
            pieces.append((e.args[p], SUM))
        elif first:
            pieces.append((e.args[p], POSTFIX if last else ATOM))
        elif e.args[p] in face.names or e.args[p].head == "symbol":
            pieces.append((e.args[p], SUM))
        else:
            pieces[-1] = str(pieces[-1]).rstrip()
            pieces += [face.opening, (e.args[p], SUM), face.closing]
    return (INFIX if first and last else POSTFIX if first else PRODUCT if last else ATOM), pieces


def has_bars(template: str) -> bool:
    """Whether a notation has bars, which inside others could not be told apart."""
    return "|" in template or "‖" in template


def hides_bars(e: Expr) -> bool:
    """Whether bars around an expression could not be told from those in it."""
    if e.size > LONGEST_IN_BARS:
        return True
    return any(n is not None and has_bars(n.text) for n in map(notation_of, postorder(e)))


# --- what a template may be -------------------------------------------------------------------------------------------


def faults(template: str, count: int, clause: str) -> Iterator[str]:
    """What is wrong with a template of an operator of so many arguments; `clause` is notation, ascii or latex."""
    latex = clause == "latex"
    parts = parts_of(template)
    places = [p for p in parts if isinstance(p, int)]
    signs = "".join(p for p in parts if isinstance(p, str))
    if len(template) > LONGEST:
        yield f"it is longer than {LONGEST} characters"
    elif not template.strip() or not template.isprintable():
        yield "it has characters that are not printed"
    elif places and sorted(places) != list(range(count)):
        yield f"every argument stands in it once, {{1}} to {{{count}}}, or none does"
    elif not _balanced(re.sub(r"\\[{}]", "", template) if latex else signs, "{}" if latex else "()[]{}⟨⟩⌊⌋⌈⌉"):
        yield "its brackets do not pair"
    elif latex:
        yield from _latex_faults(template, signs)
    elif clause == "ascii" and not template.isascii():
        yield "it is not ASCII"
    elif "{" in signs or "}" in signs or "\\" in signs:
        yield "braces stand around the numbers of arguments only, and nothing is LaTeX"


def _latex_faults(template: str, signs: str) -> Iterator[str]:
    if not template.isascii() or re.search(r'[$%#&~"`]', template):
        yield "a sign in it is not one of LaTeX's mathematics"
    for command in _COMMAND.findall(signs):
        if command.isalpha() and command not in COMMANDS:
            yield rf"it has the command \{command}, which is none of the letters, fonts, brackets and signs"
        elif not command.isalpha() and command not in "|{},;:! ":
            yield rf"it has the command \{command}"
    if len(re.findall(r"\\left(?![A-Za-z])", signs)) != len(re.findall(r"\\right(?![A-Za-z])", signs)):
        yield r"\left and \right do not pair"
    if re.search(r"\^\{[^{}]*\}\^|_\{[^{}]*\}_", template):
        yield "a script is doubled"


def _balanced(text: str, brackets: str) -> bool:
    open_: list[str] = []
    for c in text:
        if c in brackets and c in _PAIRS:
            if not open_ or open_.pop() != _PAIRS[c]:
                return False
        elif c in brackets:
            open_.append(c)
    return not open_
