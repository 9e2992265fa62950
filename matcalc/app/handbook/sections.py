"""The chapters of the handbook as HTML: each operator with all that the rule files and the engine say of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ...derivatives.derivative import Derivative
from ...errors import MatcalcError
from ...expressions.dimensions import written
from ...expressions.nodes import Expr
from ...normal_form.theory import Entry, Given, Operator, Rule
from ...printing.latex import latex
from ...printing.mathml import from_latex, mathml
from ...printing.names import name_latex
from ...printing.text import ascii_text, unicode_text
from ...rulebook.book import RuleBook
from ...rulebook.catalogue import Known, known
from ...rulebook.chapters import Chapter, chapters
from .formulas import Formulas
from .gradients import SEED, application

CALCULUS = {
    "definition": "Definition",
    "differential": "Differential",
    "adjoint": "Adjoint",
    "form": "vec/Kronecker form",
}
"""The kinds of rules that stand with their operator, each under a heading; the others are laws."""

CODE = "code "  # begins the clauses of what computes the value
LANGUAGES = {"numpy": "NumPy", "sympy": "SymPy"}
_PLACE = re.compile(r"\{([1-9])\}")

SAID_OF_LAWS = {
    "simplify": "",
    "shorten": "where this is shorter",
    "identity": "an identity, which is applied where it is asked for",
    "property": "a property",
}


class Handbook:
    """Writes the sections of a rule book."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.formulas = Formulas(book)
        self.known = known(book)
        self.rules: dict[str, list[Rule]] = {}
        for rule in book.all_rules():
            self.rules.setdefault(rule.entry.key, []).append(rule)

    def contents(self) -> Iterator[str]:
        """The table of contents: the chapters, each with its operators."""
        for chapter in chapters(self.book):
            names = (e.name for e in chapter.entries if e.kind == "operator")
            links = " ".join(f'<a href="#operator-{escape(n)}"><code>{escape(n)}</code></a>' for n in names)
            yield f'<li><a href="#{_chapter_id(chapter)}">{escape(chapter.title)}</a><div>{links}</div></li>'

    def chapters(self) -> Iterator[str]:
        """The chapters."""
        for chapter in chapters(self.book):
            yield f'<section class="chapter" id="{_chapter_id(chapter)}">'
            yield f'<h2><a href="#{_chapter_id(chapter)}">{escape(chapter.title)}</a></h2>'
            if chapter.introduction:
                yield f'<p class="introduction">{self.formulas.prose(chapter.introduction)}</p>'
            yield from self._entries(chapter)
            yield "</section>"

    def _entries(self, chapter: Chapter) -> Iterator[str]:
        operators = [e.name for e in chapter.entries if e.kind == "operator"]
        beside: dict[str, list[Entry]] = {name: [] for name in operators}
        others: list[Entry] = []
        for e in chapter.entries:
            if e.kind not in ("operator", "predicate"):
                about = self._about(e) if e.kind in CALCULUS else ""
                beside.get(about, others).append(e)
        if predicates := [e for e in chapter.entries if e.kind == "predicate"]:
            yield from self._predicates(predicates)
        for name in operators:
            yield from self._operator(self.known[name], beside[name])
        calculus, laws = _split(others)
        if calculus:
            yield "<h3>Calculus</h3>" + self._rules(calculus)
        if laws:
            yield "<h3>Laws</h3>" + self._rules(laws)

    def _about(self, entry: Entry) -> str:
        """The operator whose calculus a rule is."""
        for rule in self.rules.get(entry.key, ()):
            e = rule.pattern.args[1] if rule.kind == "adjoint" else rule.pattern
            return e.head
        return ""

    # --- an operator ------------------------------------------------------------------------------------------------

    def _operator(self, k: Known, entries: Sequence[Entry]) -> Iterator[str]:
        operator = k.operator
        found = application(operator, [r for e in entries for r in self.rules.get(e.key, ())])
        e = self.formulas.applied(found)
        name = escape(operator.name)
        yield f'<article id="operator-{name}">'
        yield f'<h3><a href="#operator-{name}"><code>{name}</code></a> <span class="shown">{mathml(e)}</span></h3>'
        yield f'<p class="signature">{_signature(operator, k)}</p>'
        said = [*operator.clauses.get("means", ()), *operator.clauses.get("note", ())]
        if said:
            yield f'<p class="means">{"; ".join(map(self.formulas.prose, dict.fromkeys(said)))}</p>'
        yield _notations(e, operator, found.names)
        for kind, heading in CALCULUS.items():
            if mine := [x for x in entries if x.kind == kind]:
                yield f"<h4>{heading}</h4>{self._rules(mine)}"
            elif kind == "differential":
                yield f"<h4>{heading}</h4><p>{self._differentiated(k)}</p>"
        yield "<h4>Gradient</h4>"
        for variable, d in found.derivatives(self.book):
            yield self._gradient(variable, d, found.text, found.scalar)
        yield "</article>"

    def _differentiated(self, k: Known) -> str:
        """How an operator without a differential rule of its own is differentiated."""
        if k.replaced and not k.operator.tags & {"linear", "bilinear", "jointly-linear"}:
            return f"It is rewritten: {'; '.join(self.formulas.equation(r.entry) for r in k.replaced)}."
        if k.stands_for is not None:
            return f"It is another way to write {mathml(k.stands_for)}."
        said = k.derivative
        return escape(said[:1].upper() + said[1:]) + "."

    def _gradient(self, variable: str, d: Derivative | str, text: str, scalar: bool) -> str:
        try:
            if not isinstance(d, str):
                return self._derived(variable, d, text, scalar)
            refused = d
        except MatcalcError as problem:  # too long to be printed, say
            refused = problem.message
        return f'<p class="refused">by <code>{escape(variable)}</code>: {escape(refused)}</p>'

    def _derived(self, variable: str, d: Derivative, text: str, scalar: bool) -> str:
        of = escape(text if scalar else f"{SEED} : {text}")
        over = rf"\frac{{\partial}}{{\partial {name_latex(variable)}}}"
        function = latex(d.function)
        f = function if scalar and len(function) < 24 else rf"\left({function}\right)"
        formula = from_latex(rf"{over} {f} = {d.latex()}", block=True)
        notes = [n for n in d.notes if n.partition(": ")[0] not in self.book.operators]
        said = f"<p>{escape('; '.join(notes))}</p>" if notes else ""
        steps = "".join(
            f"<tr><td>{from_latex(name_latex(line.left))}</td><td>{from_latex('=')}</td>"
            f"<td>{from_latex(line.text(latex))}</td><td>{escape('; '.join(line.rules))}</td></tr>"
            for line in d.derivation.steps
            if line.kind != "let"
        )
        derivation = f"<details><summary>derivation for <code>{of}</code></summary><table>{steps}</table></details>"
        return f'<div class="gradient">{formula}{said}{derivation}</div>'

    # --- rules ------------------------------------------------------------------------------------------------------

    def _rules(self, entries: Iterable[Entry]) -> str:
        return f'<ul class="rules">{"".join(map(self._rule, entries))}</ul>'

    def _rule(self, entry: Entry) -> str:
        anchor = escape("-".join(entry.key.split()))
        formula = self.formulas.equation(entry)
        where = [_condition(g) for g in entry.given]
        also = SAID_OF_LAWS.get(entry.kind, "")
        clauses = entry.clauses
        parts = [
            f"for {escape('; '.join(where))}" if where else "",
            also,
            *(escape(t) for t in clauses.get("note", ())),
            *(escape(t) for t in clauses.get("because", ())),
            *(f"<cite>{escape(t)}</cite>" for t in clauses.get("source", ())),
        ]
        about = " · ".join(p for p in parts if p)
        return (
            f'<li id="{anchor}"><div class="formula">{formula}</div>'
            f'<div class="about"><a class="name" href="#{anchor}">{escape(entry.name)}</a> {about}</div></li>'
        )

    def _predicates(self, entries: Iterable[Entry]) -> Iterator[str]:
        yield '<h3>Predicates</h3><table class="predicates"><tr><th>word</th><th>says</th><th>implies</th></tr>'
        for e in entries:
            name, implied = escape(e.name), escape(", ".join(" ".join(e.clauses.get("implies", ())).split()))
            said = escape(e.sides[0].replace("{1}", "X"))
            yield f'<tr id="predicate-{name}"><td><code>{name}</code></td><td>{said}</td><td>{implied}</td></tr>'
        yield "</table>"


def _split(entries: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    found: tuple[list[Entry], list[Entry]] = [], []
    for e in entries:
        found[e.kind not in CALCULUS].append(e)
    return found


def _signature(operator: Operator, k: Known) -> str:
    parts = [escape(k.signature)]
    if operator.aliases:
        parts.append("also " + ", ".join(f"<code>{escape(a)}</code>" for a in operator.aliases))
    parts += [escape(tag) for tag in sorted(operator.tags)]
    parts += [f"domain {escape(text)}" for text in operator.clauses.get("domain", ())]
    return " · ".join(parts)


def _notations(e: Expr, operator: Operator, names: Sequence[str]) -> str:
    """How an application is written: in the three typefaces, and in the languages in which it has code."""
    rows = [("text", unicode_text(e)), ("ASCII", ascii_text(e)), ("LaTeX", latex(e))]
    for clause, (text, *_) in operator.clauses.items():
        if clause.startswith(CODE):
            language = clause.removeprefix(CODE)
            rows.append((LANGUAGES.get(language, language), _PLACE.sub(lambda found: names[int(found[1]) - 1], text)))
    cells = "".join(f"<div><dt>{kind}</dt><dd><code>{escape(text)}</code></dd></div>" for kind, text in rows)
    return f'<dl class="notations">{cells}</dl>'


def _condition(given: Given) -> str:
    """`X: n×n symmetric`."""
    rows, columns = (*(given.shape or ()), 1, 1)[:2]
    shape = "" if given.shape is None else written((rows, columns)) if given.shape else "scalar"
    return f"{given.name}: {' '.join(filter(None, [shape, *sorted(given.properties)]))}"


def _chapter_id(chapter: Chapter) -> str:
    return "chapter-" + "".join(c if c.isalnum() else "-" for c in chapter.name)
