"""Refusals lead on: what they propose, typed in place of what they point at or alone, is not refused again."""

import random
import re

import pytest

import matcalc
from matcalc.errors import MatcalcError

BASES = [
    "tr(A B A' C)", "x' A x", "norm(A x - b)^2", "logdet(X' X)", "1/n sum((X w - y).^2)", "exp(-x' S x/2)", "A B x + c",
    "sum(X .* A)", "softmax(W x)' y", "λ/2 norm_F(W)^2", "inv(A) b", "x' y z", "A^2 B", "A ⊗ B", "log(1 + x' x)", "|X|",
    "(x - μ)' inv(Σ) (x - μ)", "tr(A) / tr(B)", "diag(x) A", "phi(A x)", "sigmoid.(W x + b)", "colsum(A)' x",
]  # fmt: skip
PIECES = [
    "A", "x", "1", "n", "'", "^2", ".^2", "^-1", "^x", "/ A", "/ x", "/2n", "+ 1", "+ A", "x x", "exp(A)", "log(x)",
    "sqrt(X)", "norm(A)", "det(A)", "sum(A, 1)", "**2", ".T", "A.T", "T", "‖A‖", "|A|", "exp.X", "a/b c", "^t", "^2^3",
    ":", "A : B", "Softmx(x)", "trac(A)", "lodet(A)", "np.exp", "2 3", "d(A)", "grad", "1/2x", "sin(A)", "1'", "A.B",
    "A†", "inv X",
]  # fmt: skip


def proposals(message: str) -> list[str]:
    """The expressions behind `Write` and `Did you mean`, cut at commas and `or` outside of brackets."""
    found = []
    for phrase in re.findall(r"(?:[Ww]rite|Did you mean)\s+(.+?)(?:\.\s*$|\.\s+(?=[A-Z])|\?|\n|$)", message, re.M):
        depth, begun, pieces = 0, 0, []
        for m in re.finditer(r"[(\[{]|[)\]}]|; |,? or |, ", phrase):
            depth += (m[0] in "([{") - (m[0] in ")]}")
            if depth == 0 and m[0][-1] == " ":
                pieces.append(phrase[begun : m.start()])
                begun = m.end()
        for piece in [*pieces, phrase[begun:]]:
            said = re.split(r" (?:to|for|instead|when|in which|between|in its|and|with)\b", piece.strip(" `."))[0]
            candidate = re.sub(r" \([a-z ]{4,}\)$", "", said).strip(" ,`")
            if re.search(r"\w", candidate) and not re.search(r"…|\b(the|an?|it|them)\b", candidate):
                found.append(candidate)
    return found


def refused(text: str, wrt: str) -> MatcalcError | None:
    try:
        matcalc.differentiate(text, wrt)
    except MatcalcError as error:
        return error
    return None


def leads_on(text: str, wrt: str) -> list[str]:
    """What a refusal of a text proposes and what is refused again."""
    error = refused(text, wrt)
    wrong = []
    for candidate in proposals(str(error)) if error else []:
        tries = [candidate]
        if error and error.start is not None and error.text == text:
            tries.insert(0, text[: error.start] + candidate + text[error.end or error.start + 1 :])
        # another refusal, of another thing, is another matter; one of the same words is not
        if all(again is not None and again.message == error.message for again in (refused(t, wrt) for t in tries)):
            wrong.append(candidate)
    return wrong


@pytest.mark.parametrize("piece", PIECES)
def test_what_is_proposed_is_accepted_alone(piece):
    for wrt in ("A", "x", "X"):
        assert leads_on(piece, wrt) == []


@pytest.mark.parametrize("seed", range(8))
def test_what_is_proposed_for_wrong_texts_is_accepted(seed):
    draw = random.Random(seed)
    for _ in range(30):
        base, piece = draw.choice(BASES), draw.choice(PIECES)
        at = draw.choice([i for i, c in enumerate(base) if c == " "] or [len(base)])
        text = base[:at] + " " + piece + base[at:]
        wrt = draw.choice(re.findall(r"[AXWxw]", base) or ["A"])
        assert leads_on(text, wrt) == [], text
