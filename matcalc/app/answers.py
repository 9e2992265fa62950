"""What the command line and the REPL print: answers with their labels, notes and shapes; derivations; forms.

Everything is written in one of three styles: "unicode", "ascii" or "latex" (where words become comments).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from ..derivatives.derivation import Derivation
from ..derivatives.derivative import Derivative
from ..derivatives.derivatives import Derivatives
from ..derivatives.problem import Problem
from ..errors import MatcalcError
from ..expressions.dimensions import written
from ..expressions.nodes import Expr, postorder
from .terminal import in_ascii

Style = Literal["unicode", "ascii", "latex"]
Answer = Derivative | Derivatives


def parts(answer: Answer) -> list[Derivative]:
    """The derivatives by each variable."""
    return [answer] if isinstance(answer, Derivative) else list(answer.values())


def shapes_line(problem: Problem, variables: Iterable[Expr] = ()) -> str:
    """The names that occur, with their shapes and properties: `A: m×n, S: n×n symmetric`."""
    used, book = {*postorder(problem.function), *variables}, problem.algebra.book
    described = []
    for e in problem.symbols.values():
        if e not in used:
            continue  # declared, but not used here
        implied = {other for p in e.data.properties for other in book.implied({p}) - {p}}
        described.append(" ".join([f"{e.name}: {written(e.shape)}", *sorted(e.data.properties - implied)]))
    return ", ".join(described)


def answer_shapes(answer: Answer) -> str:
    """The shapes of what occurs in a function and of the variables."""
    found = parts(answer)
    return shapes_line(found[0].problem, [d.variable for d in found])


def sizes_of_answer(d: Derivative) -> str:
    """What a differential is of, where no matrix is the derivative; nothing of other answers.

    >>> import matcalc
    >>> sizes_of_answer(matcalc.differentiate("W X", "W"))
    '∂Y/∂W: m×p by m×n, a derivative of fourth order'
    """
    f, x = d.function.shape, d.variable.shape
    axes = sum(n != 1 for n in (*f, *x))
    if d.kind != "differential" or d.lower is not None or axes not in (3, 4):
        return ""
    order = {3: "third", 4: "fourth"}[axes]
    return f"∂{d.letter}/∂{d.variable.name}: {written(f)} by {written(x)}, a derivative of {order} order"


def answer_text(answer: Answer, style: Style = "unicode", extra: Sequence[str] = (), after_steps: bool = False) -> str:
    """The answers, what their abbreviations stand for, the notes (and extra ones), and the inferred shapes.

    Behind a derivation, an answer that was its last line is not said again.
    """
    found = parts(answer)
    seen = {_bare(line) for line in derivation_text(answer, style).split("\n")} if after_steps else set()
    lines: list[str] = []
    said: dict[str, None] = {}
    for d in found:
        first, *rest = _written(d, style)
        if _bare(first) not in seen:
            lines.append(first)
        notes = [*d.notes]
        definitions = rest[: len(rest) - len(notes)] if notes else rest
        fresh = [line for line in definitions if line not in said]
        if len(found) > 1 and any(_left(line) == _left(old) for line in fresh for old in said):
            lines += definitions  # two answers use one abbreviation for different things
        else:
            said |= dict.fromkeys(definitions)
    notes = list(dict.fromkeys(note for d in found for note in d.notes))
    shapes = answer_shapes(answer)
    sizes = [line for d in found if (line := sizes_of_answer(d))]
    words = [*said, *notes, *sizes, *extra, *([shapes] if shapes else [])]
    return "\n".join([*lines, *_words(words, style)])


def _written(d: Derivative, style: Style) -> list[str]:
    """The lines of an answer: the answer with its label, abbreviations, notes."""
    if style == "latex":
        from ..printing.names import name_latex

        return [f"{name_latex(d.label)} = {d.latex()}"]
    first, *rest = (d.ascii() if style == "ascii" else str(d)).split("\n")
    return [f"{in_ascii(d.label) if style == 'ascii' else d.label} = {first}", *rest]


def _bare(line: str) -> str:
    """A line without what only aligns it."""
    return "".join(line.removesuffix("\\\\").replace("&", "").split())


def _left(line: str) -> str:
    return line.partition(" = ")[0]


def _words(lines: Iterable[str], style: Style) -> list[str]:
    """Sentences as the style writes them."""
    if style == "unicode":
        return list(lines)
    return [("% " if style == "latex" else "") + in_ascii(line) for line in lines]


def derivations(answer: Answer) -> list[Derivation]:
    """One derivation for all variables of a scalar function, one for each of another."""
    if isinstance(answer, Derivatives) and any(d.kind != "gradient" for d in answer.values()):
        return [d.derivation for d in answer.values()]
    return [answer.derivation]


def derivation_text(answer: Answer, style: Style = "unicode") -> str:
    """The derivation, line by line."""
    write = {"unicode": Derivation.__str__, "ascii": Derivation.ascii, "latex": Derivation.latex}[style]
    return "\n\n".join(write(derivation) for derivation in derivations(answer))


def forms_text(answer: Answer, names: Sequence[str], style: Style = "unicode", skipping: bool = False) -> str:
    """The answers in some of the forms; `skipping` says so where there is none instead of raising."""
    found = parts(answer)
    width = max(map(len, names)) + 1
    lines: list[str] = []
    notes: list[str] = []
    for d in found:
        if len(found) > 1:
            lines += _words([f"by {d.variable.name}:"], style)
        for name in names:
            try:
                form = d.form(name)
                text = form.latex() if style == "latex" else form.ascii() if style == "ascii" else str(form)
            except MatcalcError as problem:
                if not skipping:
                    raise
                text = f"none: {problem.message}"
            first, *more = text.split("\n")
            prefix = f"{name + ':':<{width}} " if len(names) > 1 and style != "latex" else ""
            lines.append(prefix + first)
            notes += [note for note in more if note not in notes]
    shapes = answer_shapes(answer)
    return "\n".join([*lines, *_words([*notes, *([shapes] if shapes else [])], style)])


def expression_text(problem: Problem, style: Style = "unicode") -> str:
    """An expression in normal form, with the shapes of its names and its own."""
    e = problem.function
    first = e.latex() if style == "latex" else e.ascii() if style == "ascii" else str(e)
    shapes = shapes_line(problem)
    own = f"result: {written(e.shape)}"
    return "\n".join([first, *_words([*problem.notes, f"{shapes}; {own}" if shapes else own], style)])
