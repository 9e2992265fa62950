r"""LaTeX cut into pieces that say what they are: commands looked up, spaces, sizes and wrapping gone.

The kinds of pieces: LETTER, DIGITS, WORD (a command that is a function), FONT, SWITCH, ACCENT, SHOWN; OPEN, CLOSE, BAR
(the text of a bar says whether `\left` or `\right` stood before it: ``|<``, ``|>`` or ``|``), LBRACE, RBRACE; SUP, SUB,
PRIME; INFIX, PLUS, COMMA, COLON, RELATION, BREAK (of a line or between formulas), OVER, FRAC, ROOT, PARTIAL, NABLA; and
STRANGE for what no formula has.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from ..errors import MatcalcError, ParseError
from .latex_commands import (
    ACCENTS,
    ANNOTATED,
    BARS,
    CASES,
    CLOSING,
    COMMAND_WORDS,
    DROPPED,
    ENVIRONMENTS,
    FONTS,
    FRACTIONS,
    LETTERS,
    MATRICES,
    OPENING,
    REFUSED,
    RELATIONS,
    SHOWN,
    SIGNS,
    SIZES,
    SPACES,
    SWITCHES,
)
from .scanner import Token

_CHARACTERS = {
    "{": "LBRACE", "}": "RBRACE", "^": "SUP", "_": "SUB", "'": "PRIME", "’": "PRIME", "′": "PRIME", ",": "COMMA",
    ";": "BREAK", ":": "COLON", "=": "RELATION", "+": "PLUS", "-": "PLUS", "−": "PLUS", "–": "PLUS", "*": "INFIX",
    "/": "INFIX", "·": "INFIX", "⋅": "INFIX", "×": "INFIX", "⊙": "INFIX", "∘": "INFIX", "⊗": "INFIX", "⊘": "INFIX",
    "∗": "INFIX", "(": "OPEN", "[": "OPEN", "⟨": "OPEN", ")": "CLOSE", "]": "CLOSE", "⟩": "CLOSE", "|": "BAR",
    "‖": "BAR", "∥": "BAR", "∂": "PARTIAL", "∇": "NABLA", "√": "ROOT", "≔": "RELATION", "≡": "RELATION", "ᵀ": "RAISED",
    "⁻": "RAISED", "¹": "RAISED", "²": "RAISED", "³": "RAISED", "⊤": "TOP", "⊺": "TOP", "<": "OPEN", ">": "CLOSE",
}  # fmt: skip
_MEANT = {"−": "-", "–": "-", "∗": "*", "⋅": "·", "∘": "⊙", "⟨": "<", "⟩": ">", "∥": "‖", "≔": ":=", "≡": "="}
_CLOSED_BY = {"(": ")", "[": "]", "<": ">", "{": "}"}
_PLAIN = {"ϕ": "φ", "ϵ": "ε", "ϑ": "θ", "µ": "μ", "ς": "σ"}


def refusal(text: str, piece: Token, message: str, hint: str = "", end: int | None = None) -> ParseError:
    """A refusal with the caret at a piece."""
    return ParseError(message, text=text, start=piece.start, end=end or piece.end, hint=hint)


def pieces(raw: Iterable[Token], text: str, words: Container[str]) -> list[Token]:
    """The pieces of a text; `words` are the names of functions."""
    out: list[Token] = []
    tokens = iter(raw)
    size = ""  # `\left` or `\right` that waits for its bracket
    unseen: list[bool] = []  # for each `\left`, whether a full stop stood behind it
    for token in tokens:
        kind, said = token.kind, token.text
        if kind == "COMMAND":
            piece = _command(tokens, token, text, words)
        elif kind == "OTHER":
            piece = Token(_CHARACTERS.get(said, "STRANGE"), _MEANT.get(said, said), token.start, token.end)
            if said in "$&":
                continue
        else:
            piece = Token(kind, _PLAIN.get(said, said), token.start, token.end)
        if piece is None:
            continue
        if piece.kind == "SIZE":
            size = piece.text
            continue
        if size:
            if size == "left":
                unseen.append(said == ".")
            partner = unseen.pop() if size == "right" and unseen else False
            if said == "." and size in ("left", "right", "middle"):
                size = ""
                continue
            if partner and piece.kind == "BAR":
                out.append(piece._replace(kind="VALUE"))
                size = ""
                continue
            if piece.kind == "BAR":
                side = {"l": "<", "r": ">"}.get(size[:1] if size in ("left", "right") else size[-1:], "")
                piece = piece._replace(text=piece.text[0] + side)
            size = ""
        if piece.kind == "RELATION" and out and out[-1].kind == "COLON" and piece.text == "=":
            piece = Token("RELATION", ":=", out.pop().start, piece.end)
        out.append(piece)
    return _digits_apart(_unwrapped(out))


def _unwrapped(found: list[Token]) -> list[Token]:
    """Without the commands that only show what stands in their braces, and without these braces."""
    out: list[Token] = []
    open_: list[bool] = []  # whether the brace goes
    shown = False
    for piece in found:
        if piece.kind == "SHOWN" and piece.text not in ANNOTATED:
            shown = True
            continue
        if piece.kind == "LBRACE":
            open_.append(shown)
        gone = shown and piece.kind == "LBRACE"
        if piece.kind == "RBRACE" and open_:
            gone = open_.pop()
        shown = False
        if not gone:
            out.append(piece)
    return out


def _digits_apart(found: list[Token]) -> list[Token]:
    """Behind a command that takes one piece, the first digit is one: `\\frac12` is a half."""
    out: list[Token] = []
    wanted = [0]  # arguments that a command still takes, for each group
    for piece in found:
        if piece.kind == "LBRACE":
            wanted.append(0)
            out.append(piece)
            continue
        if piece.kind == "RBRACE":
            if len(wanted) > 1:
                wanted.pop()
            wanted[-1] = max(0, wanted[-1] - 1)
        elif piece.kind == "FRAC":
            wanted[-1] += 2 - (wanted[-1] > 0)
        elif piece.kind == "ROOT":
            wanted[-1] = 1
        elif piece.kind == "DIGITS" and wanted[-1] and len(piece.text) > 1:
            text, start = piece.text, piece.start
            cut = min(wanted[-1], len(text) - 1)
            for n in range(cut):
                out.append(Token("DIGITS", text[n], start + n, start + n + 1))
            wanted[-1] = max(0, wanted[-1] - cut - 1)
            out.append(Token("DIGITS", text[cut:], start + cut, piece.end))
            continue
        elif piece.kind not in ("FONT", "ACCENT"):
            wanted[-1] = max(0, wanted[-1] - 1)
        out.append(piece)
    return out


def _command(tokens: Iterator[Token], token: Token, text: str, words: Container[str]) -> Token | None:
    """What a command is; None where it goes without a trace."""
    name = token.text[1:]

    def made(kind: str, said: str) -> Token:
        return Token(kind, said, token.start, token.end)

    if name in SPACES or name in "()[]":
        return None
    if name in DROPPED:
        for _ in range(DROPPED[name]):
            _skipped(tokens, token, text)
        return None
    if name in SIZES:
        return made("SIZE", name)
    if name in ("begin", "end"):
        _environment(tokens, token, text)
        return made("BREAK", "") if name == "end" else None
    if name == "\\":
        return made("BREAK", "\\")
    for table, kind in _TABLES:
        if name in table:
            return made(kind, table[name])
    if name in FONTS:
        return made("SWITCH" if name in SWITCHES else "FONT", FONTS[name])
    if name in SHOWN:
        for _ in range(SHOWN[name]):
            _skipped(tokens, token, text)
        return made("SHOWN", name)
    if name in FRACTIONS:
        return made("FRAC", name)
    if name in COMMAND_WORDS or (name in words and len(name) > 1 and name not in REFUSED):
        return made("WORD", name)
    if name in REFUSED or name == "prime":
        return made("PRIME", "'") if name == "prime" else made("REFUSED", name)
    return made("UNKNOWN", name)


_TABLES: tuple[tuple[dict[str, str], str], ...] = (
    (LETTERS, "LETTER"),
    (ACCENTS, "ACCENT"),
    ({name: sign for name, sign in SIGNS.items() if sign}, "INFIX"),
    (OPENING, "OPEN"),
    (CLOSING, "CLOSE"),
    (BARS | {"lvert": "|<", "rvert": "|>", "lVert": "‖<", "rVert": "‖>"}, "BAR"),
    ({name: sign for name, sign in RELATIONS.items() if sign}, "RELATION"),
    ({"sqrt": "√"}, "ROOT"),
    ({"over": "/"}, "OVER"),
    ({"partial": "∂"}, "PARTIAL"),
    ({"nabla": "∇"}, "NABLA"),
    ({"top": "T", "intercal": "T", "transp": "T", "transpose": "T", "trans": "T"}, "TOP"),
    ({"_": "_", "%": "%", "#": "#", "&": "&", "$": "$"}, "STRANGE"),
)
_TABLES = (_TABLES[5], *_TABLES[:5], *_TABLES[6:])  # bars before brackets: \lvert is one


def _skipped(tokens: Iterator[Token], command: Token, text: str) -> str:
    """The argument of a command, which goes."""
    depth, out = 0, ""
    for token in tokens:
        if token.text == "{":
            depth += 1
        elif token.text == "}":
            depth -= 1
        else:
            out += token.text
        if depth <= 0:
            return out
    raise refusal(text, command, f"{command.text} has no argument.")


def _environment(tokens: Iterator[Token], command: Token, text: str) -> None:
    """The name of an environment, if it only wraps."""
    name = _skipped(tokens, command, text).rstrip("*")
    if name in ENVIRONMENTS:
        return
    if name in ("cases", "dcases"):
        raise refusal(text, command, *CASES)
    if "matrix" in name or name == "array":
        raise refusal(text, command, *MATRICES)
    raise refusal(text, command, f"The environment '{name[:40]}' is not read.", "Give only the formula.")


def closers(found: list[Token], text: str) -> dict[int, int]:
    """Where each bracket and brace closes, by the places of the pieces; refused where they do not pair."""
    out: dict[int, int] = {}
    stack: list[int] = []
    for at, piece in enumerate(found):
        if piece.kind in ("LBRACE", "OPEN"):
            stack.append(at)
        elif piece.kind in ("RBRACE", "CLOSE"):
            opened = stack.pop() if stack else None
            if opened is None:
                raise refusal(text, piece, f"This bracket '{_typed(text, piece)}' closes nothing.", "Remove it.")
            if _CLOSED_BY[found[opened].text] != piece.text:
                what = f"'{_typed(text, piece)}' cannot close the bracket '{_typed(text, found[opened])}'"
                raise refusal(text, piece, f"{what} at column {found[opened].start + 1}.")
            out[opened] = at
    if stack:
        piece = found[stack[-1]]
        message = f"The bracket '{_typed(text, piece)}' at column {piece.start + 1} is not closed."
        raise refusal(text, piece, message)
    return out


def _typed(text: str, piece: Token) -> str:
    return text[piece.start : piece.end]


def said_of(text: str, piece: Token) -> MatcalcError:
    """Why a piece has no place in a function."""
    typed = _typed(text, piece)
    if piece.kind == "REFUSED" or piece.kind in ("PARTIAL", "NABLA"):
        message, hint = REFUSED[{"∂": "partial", "∇": "nabla"}.get(piece.text, piece.text)]
        return refusal(text, piece, f"{typed}: {message}", hint)
    if piece.kind == "UNKNOWN":
        hint = "Commands of an author's own have to be written out."
        return refusal(text, piece, f"{typed} is not a command that is known here.", hint)
    if piece.kind == "RELATION":
        return refusal(text, piece, "'=' is not part of an expression.", "Give one side.")
    if piece.text == "!":
        return refusal(text, piece, "There is no factorial.", r"Write \Gamma(n + 1).")
    return refusal(text, piece, f"'{typed}' cannot stand here.", "Give only the formula.")
