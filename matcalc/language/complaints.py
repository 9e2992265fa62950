"""Errors of syntax in words: what was found, what was expected, and the likely fix."""

from __future__ import annotations

import re
import unicodedata

from ..errors import AmbiguityError, MatcalcError, ParseError
from .scanner import Token

_MEANT = {"″": "''"}
_CYRILLIC = dict(zip("АВЕЅІЈКМНОРСТУХаеосрхуѕіј", "ABESIJKMHOPCTYXaeocpxysij", strict=True))
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True))
_SENTENCES = {
    "=": ("'=' is not part of an expression.", "Give only the right-hand side."),
    ";": ("The character ';' is not part of an expression.", "Give one expression; declarations go into `where`."),
    "\\": (
        "The character '\\' is not part of an expression: LaTeX commands are not read here.",
        "Write the operators in plain text, such as A', A^-1, A .* B, tr(A).",
    ),
    "{": ("Braces '{ }' stand only after '^' or '_', as in A^{-1}.", "Write ( ) to group."),
    "}": ("Braces '{ }' stand only after '^' or '_', as in A^{-1}.", "Write ( ) to group."),
    '"': ("The character '\"' is not part of an expression: there is no text in it.", ""),
    "!": ("The character '!' is not part of an expression: there is no factorial.", "Write gamma(n + 1)."),
    "_": ("A name cannot begin with the character '_'.", "Begin it with a letter."),
}
_BINARY = frozenset(("SIGN", "DOTTED_SIGN", "COLON", "INFIX", "CARET"))
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_OPERATOR_AT_END = re.compile(r"(\.[-+*/^]|[-+−*@·⋅/⊙∘⊘⊗⋆:^])$")


def unknown_character(text: str, at: int) -> MatcalcError:
    """Why the character at this place belongs to no token."""
    character = text[at]
    message, hint = _SENTENCES.get(character, ("", ""))
    if character == ".":
        message = "A '.' stands only in an elementwise operator (.* ./ .^ .+) or before the bracket of a function."
        name = re.search(r"([^\W\d_]\w*)\s*$", text[max(0, at - 200) : at])
        after = re.match(r"\.\s*([^\W\d_]\w*)?", text[at : at + 200])
        if name:
            argument = (after[1] if after else None) or "X"
            message = f"An elementwise function needs parentheses: '{name[1]}.' is followed by none."
            hint = f"Write {name[1]}.({argument})."
        elif re.search(r"\d\s*$", text[max(0, at - 200) : at]):
            message, hint = "A decimal point needs a digit after it.", "Write 2.0, or 2 .* X with a space."
    elif character in "†‡":
        base = re.search(r"(\w+|[)\]])\s*$", text[max(0, at - 200) : at])
        x = base[1] if base and base[1] not in ")]" else "A"
        message = f"'{character}' is the transpose to some readers, and the pseudo-inverse to others."
        start = at - len(base[0]) if base and base[1] not in ")]" else at
        hint = f"Write {x}' or {x}^+."
        return AmbiguityError(message, text=text, start=start, end=at + 1, hint=hint)
    elif not message:
        message = f"Unknown character {_named(character)}."
        if character in _CYRILLIC or character in _GREEK:
            script = "Cyrillic" if character in _CYRILLIC else "Greek"
            latin = _CYRILLIC.get(character) or _GREEK[character]
            hint = f"It is the {script} letter; the Latin {latin} (U+{ord(latin):04X}) was probably meant."
        elif character in _MEANT:
            hint = f"Write {_MEANT[character]} instead."
    return ParseError(message, text=text, start=at, end=at + 1, hint=hint)


def _named(character: str) -> str:
    """A character with its code point and, where it has one, its name."""
    name = unicodedata.name(character, "")
    shown = f"'{character}' " if character.isprintable() else ""
    return f"{shown}U+{ord(character):04X}" + (f" ({name})" if name else "")


def unexpected(text: str, token: Token) -> MatcalcError:
    """Why this token cannot stand here in an expression."""
    kind, found, start, end = token
    if not kind:
        return unknown_character(text, start)
    before = text[:start].rstrip()
    operator = _OPERATOR_AT_END.search(before)
    last = operator[1] if operator else before[-1:]
    waiting = not before or operator is not None or last in tuple("([{<⟨,|‖")

    def error(message: str, hint: str = "", place: tuple[int, int] = (start, end)) -> ParseError:
        return ParseError(message, text=text, start=place[0], end=place[1], hint=hint)

    if kind == "$END":
        return _ended(text, before, operator[1] if operator else "", last)
    if found == "*" and operator and operator[1] == "*" and text[start - 1] == "*":
        return error("'**' is not an operator.", "Write ^ for a power: A^2.", (start - 1, end))
    if found in _SENTENCES and kind in ("LBRACE", "RBRACE"):
        return error(*_SENTENCES[found])
    if kind in ("LANGLE", "RANGLE") and found in "<>":
        return error(
            f"'{found}' compares nothing here: comparisons are not part of an expression.",
            "An inner product is written <A, B>, with both brackets and the comma.",
        )
    if waiting and kind in _BINARY | {"MARK", "NAMED_POWER"}:
        if not before:
            return error(f"An operand is missing before '{found}' at the beginning.")
        return error(f"An operand is missing between '{last}' and '{found}'.")
    if found in _CLOSERS:
        return _closed(text, start, found, last, operator is not None)
    if kind == "COMMA":
        if waiting:
            return error(f"An argument is missing between '{last}' and ','.")
        return error("A comma ',' stands only between the arguments of a function.", "Give one expression.")
    if kind == "COLON":
        return error("':' (the Frobenius product) does not belong here.", "Put parentheses around the products.")
    if kind == "NORM_KIND":
        return error(f"'{found}' stands only behind a norm, as in ‖A‖_F.")
    if kind == "LSQB":
        return error("Square brackets pick an entry, as in x[i] or A[i, j].", "Write ( ) to group.")
    return error(f"'{found}' cannot stand here.")


def _ended(text: str, before: str, operator: str, last: str) -> ParseError:
    """Why the text cannot end here: an operand or a closing bracket is missing."""
    if not before:
        return ParseError("The expression is empty.", text=text, start=0, end=1)
    at = len(before)
    if operator:
        message = f"An operand is missing after '{operator}' at the end."
        return ParseError(message, text=text, start=at - len(operator), end=at)
    opened = _open_bracket(text)
    if opened is not None:
        bracket = text[opened]
        message = f"The bracket '{bracket}' at column {opened + 1} is not closed."
        return ParseError(message, text=text, start=opened, end=opened + 1)
    if last in ("|", "‖"):
        return ParseError(f"The bar '{last}' is not closed.", text=text, start=at - 1, end=at)
    return ParseError(f"The expression ends too soon, after '{last}'.", text=text, start=at - 1, end=at)


def _closed(text: str, start: int, found: str, last: str, after_operator: bool) -> ParseError:
    """Why a closing bracket cannot stand here."""
    opened = _open_bracket(text[:start])
    if opened is None:
        message, hint = (
            f"This bracket '{found}' closes nothing: there is no '{_CLOSERS[found]}' before it.",
            "Remove it.",
        )
    elif text[opened] != _CLOSERS[found]:
        message, hint = f"'{found}' cannot close the bracket '{text[opened]}' at column {opened + 1}.", ""
    elif last == text[opened]:
        message, hint = f"There is nothing between the brackets '{last}' and '{found}'.", ""
    elif after_operator or last == ",":
        message, hint = f"An operand is missing between '{last}' and the bracket '{found}'.", ""
    else:
        message, hint = f"The bracket '{found}' cannot close here.", "Look for a bar or '<' left open before it."
    return ParseError(message, text=text, start=start, end=start + 1, hint=hint)


def _open_bracket(text: str) -> int | None:
    """The place of the innermost bracket that is left open."""
    stack: list[int] = []
    for at, character in enumerate(text):
        if character in "([{⟨":
            stack.append(at)
        elif character in ")]}⟩" and stack:
            stack.pop()
    return stack[-1] if stack else None
