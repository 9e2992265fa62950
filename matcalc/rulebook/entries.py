"""Read a rule file into entries: names, sides, signatures and clauses, with file and line.

Entries begin at the left margin with a keyword; what belongs to them is indented.  Equations stay text here and are
parsed when a rule is first needed, so that hundreds of rules are split in a few milliseconds.

    operator inv : n×n -> n×n   transposable invertible
    differential inverse:
        d(X⁻¹) = -X⁻¹ dX X⁻¹
        given X : n×n invertible
        source "Magnus & Neudecker (2019), ch. 8"
    differential product for ⋆ in bilinear:
        d(X ⋆ Y) = dX ⋆ Y + X ⋆ dY
    simplify inverse-left: X⁻¹ X = I
        because "the definition of the inverse"
    property gram-symmetric: X' X is symmetric
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ..errors import MatcalcError, RuleError
from ..expressions.dimensions import Dim, plus, times
from ..language.names import canonical
from ..normal_form.theory import Entry, Given, ShapeText
from ..shapes.brackets import SIZED

NOTATIONS = ("notation", "ascii", "latex")  # the clauses of an operator that hold templates
VECTOR = "vector "  # before these, of a vector
KINDS = frozenset(
    "chapter operator differential adjoint simplify shorten identity form definition property predicate "
    "projection".split()
)
CLAUSES = frozenset(
    "given exactly also instead note source because domain subgradient text where "
    "otherwise scalar scalar-otherwise implies introduction means counts".split()
)
CODE = "code "
LANGUAGES = ("numpy", "sympy")  # behind `code`

MOST_CHARACTERS = 1_000_000  # of a rule file
LONGEST_LINE = 4_000  # characters
LONGEST_SIDE = 10_000  # characters
MOST_DIGITS = 9  # of a size

HEADS = frozenset("symbol zero ones identity add power dotpower call index unit entry commutation".split())
"""What nodes are called that no rule file declares."""
CONSTANTS = frozenset({"π", "d"})

_LINE = re.compile(r"\r\n|\r|\n")
_QUANTIFIED = re.compile(r"(\S+)\s+for\s+(\S+)\s+in\s+(\S+)$")
_NAME = re.compile(r"[^\W\d_][\w-]*$")
_EQUALS = re.compile(r"\s=\s")
_TAG = re.compile(r"[^\W\d][\w-]*(?:\s+in\s+\d+(?:\s*,\s*\d+)*)?")
_SPACED = re.compile(r"\s*([×·+])\s*|\s+(x)\s+")
_TAGS = re.compile(rf"(?:{_TAG.pattern}(?: |$))*$")
_LETTERS_X = re.compile(r"^([^\W\d_]|\d+)x([^\W\d_]|\d+)$")
_CODE = re.compile(r'([\w-]+)\s+"[^"]+"?')
_TEMPLATE = re.compile(rf'({"|".join(NOTATIONS)})\s+"([^"]*)"\s*')


def read_rules(text: str, file: str) -> tuple[Entry, ...]:
    """The entries of a rule file.

    >>> entry, = read_rules("simplify inverse-left: X⁻¹ X = I\\n    given X : n×n", "inverses.rules")
    >>> entry.name, entry.sides, entry.given[0].shape
    ('inverse-left', ('X⁻¹ X', 'I'), ('n', 'n'))
    """
    if len(text) > MOST_CHARACTERS:
        raise RuleError(f"{file}: it has {len(text):,} characters; the limit is {MOST_CHARACTERS:,}.")
    entries: list[Entry] = []
    seen: dict[str, int] = {}
    for line, header, lines in _blocks(text, file):
        entry = _Reader(file, line).entry(header, lines)
        if entry.key in seen:
            raise RuleError(f"{file}:{line}: '{entry.key}' was already given in line {seen[entry.key]}.")
        seen[entry.key] = line
        entries.append(entry)
    return tuple(entries)


def _blocks(text: str, file: str) -> Iterator[tuple[int, str, list[tuple[int, int, str]]]]:
    """Each entry as (line, header, [(line, indentation, text) of what is indented under it])."""
    header, first, lines = "", 0, list[tuple[int, int, str]]()
    for number, raw in enumerate(_LINE.split(text), 1):
        if len(raw) > LONGEST_LINE:
            raise RuleError(f"{file}:{number}: the line has {len(raw):,} characters; the limit is {LONGEST_LINE:,}.")
        line = _uncommented(raw).rstrip()
        if not line:
            continue
        indentation = len(line) - len(line.lstrip())
        if "\t" in line[:indentation]:
            raise RuleError(f"{file}:{number}: indent with spaces, not tabs.")
        if indentation:
            if not header:
                raise RuleError(f"{file}:{number}: an indented line stands before the first entry.")
            lines.append((number, indentation, line.strip()))
            continue
        if header:
            yield first, header, lines
        header, first, lines = line, number, []
    if header:
        yield first, header, lines


def _uncommented(line: str) -> str:
    """The line without its comment; a `#` in quotes begins none."""
    if "#" not in line:
        return line
    quoted = False
    for at, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == "#" and not quoted:
            return line[:at]
    return line


class _Reader:
    """Reads one entry; knows where it stands for its errors."""

    def __init__(self, file: str, line: int) -> None:
        self.file, self.line = file, line

    def error(self, reason: str, line: int | None = None) -> RuleError:
        return RuleError(f"{self.file}:{line or self.line}: {reason}")

    def entry(self, header: str, lines: list[tuple[int, int, str]]) -> Entry:
        """The entry of a header line and what is indented under it."""
        kind = header.split(None, 1)[0].rstrip(":")
        if kind not in KINDS:
            raise self.error(f"'{kind}' is not a kind of entry; the kinds are {', '.join(sorted(KINDS))}.")
        start, colon, rest = header.partition(":")
        begun = rest.strip()
        body, clauses = self.body_and_clauses(lines, bool(begun))
        if kind == "operator":
            if body:
                raise self.error("an operator has clauses only, and this line is none: " + body)
            return self.operator(header, clauses)
        for key in clauses:
            if key.removeprefix(VECTOR) in NOTATIONS or key.startswith(CODE):
                raise self.error(f"'{key}' is a clause of operators, and this is a {kind}.")
        form, quantifier, name = None, None, " ".join(start.split()[1:])
        if not colon or not name:
            raise self.error(f"a {kind} is written `{kind} NAME: …`.")
        quantified = _QUANTIFIED.match(name)
        if quantified and kind != "form":
            name, quantifier = quantified[1], (quantified[2], quantified[3])
        if kind == "form":
            form, _, name = name.partition(" ")
            if quantified := _QUANTIFIED.match(name):
                name, quantifier = quantified[1], (quantified[2], quantified[3])
        if not _NAME.match(name):
            raise self.error(f"'{name}' is not a name of a {kind}: letters, digits and hyphens.")
        if kind == "predicate" and not name.isidentifier():
            raise self.error(f"'{name}' is not a name of a predicate: letters, digits and underscores.")
        text = " ".join(part for part in (begun, body) if part)
        return Entry(
            kind,
            name,
            self.file,
            self.line,
            form,
            quantifier,
            self.sides(kind, text),
            clauses=clauses,
            given=self.conditions(clauses, "given") + self.conditions(clauses, "exactly"),
            domain=self.conditions(clauses, "domain"),
            smooth=self.conditions(clauses, "subgradient"),
        )

    def conditions(self, clauses: Mapping[str, tuple[str, ...]], word: str) -> tuple[Given, ...]:
        """What a clause says of the names of an entry, separated by semicolons."""
        return tuple(self.given(item) for clause in clauses.get(word, ()) for item in clause.split(";"))

    def body_and_clauses(
        self, lines: list[tuple[int, int, str]], begun: bool
    ) -> tuple[str, dict[str, tuple[str, ...]]]:
        """The equation's text, and the clauses by keyword; a line indented deeper continues the one above.

        ``begun`` says that the equation began in the header line already.
        """
        body: list[str] = []
        clauses: list[tuple[str, int, list[str]]] = []
        out: dict[str, tuple[str, ...]] = {}
        base = lines[0][1] if lines else 0
        for number, indentation, text in lines:
            word, _, rest = text.partition(" ")
            if indentation < base:
                raise self.error("this line is indented less than the one above it.", number)
            if indentation > base and clauses:
                clauses[-1][2].append(text)
            elif word in NOTATIONS or text.startswith(VECTOR):
                for key, template in self.templates(text, number):
                    if key in out:
                        raise self.error(f"there are two clauses '{key}'.", number)
                    out[key] = (template,)
            elif text.startswith(CODE):
                clauses.append((CODE + self.language(rest, number), number, [rest.partition(" ")[2].strip()]))
            elif word in CLAUSES:
                if not rest.strip():
                    raise self.error(f"'{word}' says nothing.", number)
                clauses.append((word, number, [rest.strip()]))
            elif clauses or ((begun or body) and indentation == base and text[0] not in "=+-−"):
                known = ", ".join(sorted(CLAUSES.union(NOTATIONS, {CODE.strip()})))
                raise self.error(f"'{word}' is not a clause; the clauses are {known}.", number)
            else:
                body.append(text)
        for word, number, parts in clauses:
            if word in out and word.startswith(CODE):
                raise self.error(f"there are two clauses '{word}'.", number)
            out[word] = (*out.get(word, ()), self.unquoted(" ".join(parts), number))
        return " ".join(body), out

    def language(self, text: str, line: int) -> str:
        """The language of a clause such as `code numpy "np.trace({1})"`."""
        found = _CODE.match(text)
        if found is None or found[1] not in LANGUAGES:
            known = " or ".join(f'`code {language} "…"`' for language in LANGUAGES)
            raise self.error(f"a clause of code is written {known}.", line)
        return found[1]

    def templates(self, text: str, line: int) -> Iterator[tuple[str, str]]:
        """The templates of a line such as `vector notation "‖{1}‖"   latex "…"`, each with its keyword."""
        of, at = (VECTOR, len(VECTOR)) if text.startswith(VECTOR) else ("", 0)
        while at < len(text):
            found = _TEMPLATE.match(text, at)
            if found is None:
                raise self.error('a notation is written `notation "…"`, `ascii "…"` or `latex "…"`.', line)
            yield of + found[1], found[2]
            at = found.end()

    def unquoted(self, text: str, line: int) -> str:
        """A clause without the quotes around all of it."""
        if not text.startswith('"'):
            return text
        if len(text) < 2 or not text.endswith('"') or '"' in text[1:-1]:
            raise self.error("a quotation is not closed.", line)
        return text[1:-1]

    def sides(self, kind: str, text: str) -> tuple[str, ...]:
        """The sides of an equation, or the expression and the property it has."""
        if kind == "property":
            expression, found, word = text.rpartition(" is ")
            if not found or not word.strip().isidentifier() or not expression.strip():
                raise self.error("a property is written `property NAME: EXPRESSION is PROPERTY`.")
            return expression.strip(), word.strip()
        if kind == "chapter":
            if not text.strip():
                raise self.error("a chapter is written `chapter NAME: TITLE`.")
            return (text.strip(),)
        if kind == "predicate":
            if "{1}" not in text:
                raise self.error("a predicate is written `predicate NAME: …`, in words about {1}.")
            return (text.strip(),)
        sides = tuple(side.strip() for side in _EQUALS.split(f" {text} "))
        if len(sides) < 2:
            raise self.error(f"a {kind} needs an equation, with spaces around its '='.")
        if not all(sides):
            raise self.error("a side of the equation is empty.")
        if max(map(len, sides)) > LONGEST_SIDE:
            raise self.error(f"a side has {max(map(len, sides)):,} characters; the limit is {LONGEST_SIDE:,}.")
        if kind in ("differential", "simplify", "shorten", "definition", "adjoint", "projection") and len(sides) != 2:
            raise self.error(f"a {kind} has two sides, and this one has {len(sides)}.")
        return sides

    def operator(self, header: str, clauses: dict[str, tuple[str, ...]]) -> Entry:
        """`operator NAME : SHAPE, … -> SHAPE  TAG …`"""
        name, _, signature = header.removeprefix("operator").partition(":")
        name = name.strip()
        arrow = signature.count("->") + signature.count("→")
        if not name or arrow != 1:
            raise self.error("an operator is written `operator NAME : SHAPE, … -> SHAPE  TAG …`.")
        if not canonical(name).isidentifier():
            raise self.error(f"'{name}' is not a name of an operator.")
        if name in HEADS or canonical(name) in SIZED or canonical(name) in CONSTANTS:
            raise self.error(f"'{name}' means something else; give the operator another name.")
        left, right = re.split(r"->|→", _unspaced(signature), maxsplit=1)
        words = right.split(None, 1)
        if not left.strip() or not words:
            raise self.error("an operator needs parameters and a result.")
        parameters = tuple(self.shape(part.strip()) for part in left.split(","))
        said = " ".join(words[1].split()) if len(words) > 1 else ""
        if not _TAGS.match(said):
            raise self.error(f"'{said}' are not tags: words with spaces between them.")
        tags = tuple(_TAG.findall(said))
        return Entry(
            "operator",
            name,
            self.file,
            self.line,
            tags=tags,
            signature=(parameters, self.shape(words[0])),
            clauses=clauses,
        )

    def given(self, item: str) -> Given:
        """`X : n×n symmetric`, `k : integer`, `X : symmetric`."""
        name, colon, rest = item.partition(":")
        name, words = name.strip(), _unspaced(rest).split()
        if not colon or not name or not words:
            raise self.error(f"a condition is written `NAME : SHAPE PROPERTY …`, and this is not: {item.strip()}")
        shape: ShapeText | None = None
        if "integer" in words:
            shape = ()
        elif words[0] == "scalar" or any(c in words[0] for c in "×·+") or len(words[0]) <= 3 or words[0].isdigit():
            shape = self.shape(words.pop(0))
        return Given(canonical(name), shape, frozenset(words))

    def shape(self, text: str) -> ShapeText:
        """A shape as written: `m×n`, `n`, `m·p×n·q`, `scalar`."""
        try:
            return _shape(text)
        except ValueError as problem:
            raise self.error(str(problem)) from None


@lru_cache(maxsize=1024)
def _shape(text: str) -> ShapeText:
    if text in ("scalar", "integer"):
        return ()
    found = _LETTERS_X.match(text)
    parts = found.groups() if found else text.split("×")
    if len(parts) > 2:
        raise ValueError(f"'{text}' has more than two dimensions.")
    return tuple(_dim(part) for part in parts)


def _dim(text: str) -> Dim:
    """A dimension: a number, a name, or a sum of products of these; with brackets, what is a size anywhere."""
    if "(" in text:
        from ..language.sizes import read_size

        try:
            return read_size(text)
        except MatcalcError as problem:
            raise ValueError(problem.message) from None
    total: Dim = 0
    for term in text.split("+"):
        product: Dim = 1
        for factor in term.split("·"):
            number = factor.isdecimal() and len(factor) <= MOST_DIGITS and int(factor) > 0
            if not number and not canonical(factor).isidentifier():
                raise ValueError(f"'{text}' is not a dimension.")
            product = times(product, int(factor) if number else factor)
        total = plus(total, product)
    return total


def _unspaced(shapes: str) -> str:
    """Shapes without spaces inside them: `n x n` is `n×n`."""
    return _SPACED.sub(lambda m: m[1] or "×", " ".join(shapes.split()))
