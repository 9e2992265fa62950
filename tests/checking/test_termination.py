"""Rule books come to rest: `load` refuses one that loops or grows, and what loops only later is stopped by name."""

import random
import string
from contextlib import suppress

import pytest

import matcalc
from matcalc.errors import MatcalcError, RuleError
from matcalc.normal_form.endless import Endless
from matcalc.rulebook.book import RuleBook, default
from matcalc.rulebook.entries import LONGEST_LINE, MOST_CHARACTERS, read_rules

TWO = "operator aa : n×n -> n×n\noperator bb : n×n -> n×n\n"
SQUARE = "\n    given X : n×n; Y : n×n\n"
LOOPING = {
    "grows a term": ("simplify s: aa(X) = aa(aa(X))", ["s"]),
    "is the same in normal form": ("simplify s: tr(X) = tr(Xᵀ)", ["s"]),
    "to each other": ("simplify s: aa(X) = bb(X)\nsimplify t: bb(X) = aa(X)", ["s", "t"]),
    "in a ring of three": (
        "simplify s: aa(X) = bb(2 X)\nsimplify t: bb(X) = det(X) cc(X)\n"
        "operator cc : n×n -> n×n\nsimplify u: cc(X) = aa(Xᵀ)",
        ["s", "t", "u"],
    ),
    "where a condition holds": (
        "simplify s: aa(X) = bb(X)\n    given X : symmetric\nsimplify t: bb(X) = aa(X)",
        ["s", "t"],
    ),
    "turns a product round": (f"simplify s: aa(X) aa(Y) = aa(Y) aa(X){SQUARE}", ["s"]),
    "turns products round": (
        f"simplify s: aa(X) bb(Y) = bb(Y) aa(X){SQUARE}simplify t: bb(X) aa(Y) = aa(Y) bb(X){SQUARE}",
        ["s", "t"],
    ),
    "grows twice": ("simplify s: aa(X) = bb(aa(X + Xᵀ)) + aa(2 X Xᵀ)", ["s"]),
    "grows in size": ("operator cc : m×n -> scalar\nsimplify s: cc(X) = cc(kron(X, X))", ["s"]),
    "on its own operator": ("simplify s: aa(bb(X)) = bb(bb(aa(aa(X))))", ["s"]),
    "powers": (
        "operator ff : m×n -> m×n   elementwise\noperator gg : m×n -> m×n   elementwise\n"
        "simplify s: ff.(X).^λ = gg.(X).^λ\n    given λ : scalar\n"
        "simplify t: gg.(X).^λ = ff.(X).^λ\n    given λ : scalar",
        ["s", "t"],
    ),
    "multiples": ("simplify s: α aa(X) = (1 + α) aa(X)", ["s"]),
    "transposes": ("simplify s: aa(X)ᵀ = aa(aa(Xᵀ))\nsimplify t: aa(aa(X)) = aa(Xᵀ)ᵀ", ["s", "t"]),
}


@pytest.mark.parametrize(("text", "named"), LOOPING.values(), ids=LOOPING)
def test_load_refuses_a_book_that_does_not_come_to_rest(text, named):
    with pytest.raises(RuleError, match=r"^<rules>:\d+: simplify \w: rewriting by it.* does not end") as refused:
        matcalc.rules.load(TWO + text)
    assert all(f"simplify {name}" in str(refused.value) for name in named)


ENDING = {
    "shrinks": "simplify s: aa(aa(X)) = X",
    "one way": "simplify s: aa(X) = bb(X) + bb(Xᵀ)\nsimplify t: bb(bb(X)) = aa(X)",
    "moves in": f"simplify s: aa(X Y) = aa(X) aa(Y){SQUARE}",
    "moves out": f"simplify s: aa(X) aa(Y) = aa(X Y){SQUARE}",
    "doubles once": "simplify s: aa(bb(X)) = aa(X) + aa(2 X)",
}


@pytest.mark.parametrize("text", ENDING.values(), ids=ENDING)
def test_what_ends_is_accepted(text):
    matcalc.rules.load(TWO + text)


def unverified(text: str) -> RuleBook:
    book = RuleBook((*default().entries, *read_rules(text, "mine.rules")))
    book.all_rules()
    return book


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("simplify s: aa(X) = aa(aa(X))", "tr(aa(A))"),
        ("simplify s: aa(X) = bb(X)\nsimplify t: bb(X) = aa(X)", "A bb(aa(B))"),
        ("simplify s: aa(X) = bb(X)\nsimplify t: bb(inv(X)) = aa(inv(X))", "aa(inv(A))"),
        (f"simplify s: aa(X) aa(Y) = aa(Y) aa(X){SQUARE}", "aa(A) aa(B) aa(C)"),
        ("operator cc : m×n -> scalar\nsimplify s: cc(X) = cc(hstack(X, X))", "cc(A)"),
        ("simplify s: aa(X) = aa(X + Xᵀ) ⊙ aa(X - Xᵀ)", "aa(A)"),
    ],
)
def test_a_book_that_loops_on_an_expression_is_stopped_by_name(text, expression):
    with pytest.raises(Endless, match=r"mine.rules:\d: simplify s: rewriting by it.* does not end"):
        matcalc.parse(expression, rules=unverified(TWO + text))


def test_what_is_nested_deep_becomes_smaller_and_is_no_loop():
    nested = "A0"
    for i in range(1, 60):
        nested = f"blockdiag({nested}, A{i})"
    shapes = {f"A{i}": (2, 2) for i in range(60)}
    assert len(matcalc.parse(f"tr({nested})", shapes).args) == 60


def test_what_is_nested_too_deep_for_a_rule_is_refused_by_its_name():
    expression = "bb(" * 600 + "A" + ")" * 600
    with pytest.raises(MatcalcError, match="nested too deep for 'simplify s'"):
        matcalc.parse(f"aa({expression})", rules=unverified(TWO + "simplify s: aa(bb(X)) = 2 bb(aa(X))"))


# --- definitions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("definition a: aa(X) = aa(X) + aa(Xᵀ)", "definition a: .* circle: aa → aa"),
        (
            "definition a: aa(X) = bb(X)\ndefinition b: bb(X) = aa(2 X)",
            "definition .: .* circle: (aa → bb → aa|bb → aa → bb)",
        ),
        ("definition a: aa(X) = bb(X)\nsimplify b: bb(X) = aa(X)", "circle"),
        ("definition a: aa(x yᵀ) = x yᵀ", "of variables, of any shapes"),
        ("definition a: aa(2 X) = X", "of variables, of any shapes"),
        ("definition a: aa(α) = α", "of variables, of any shapes"),
        ("definition a: aa(X) = X\n    given X : n×n symmetric", "of variables, of any shapes"),
    ],
)
def test_a_definition_says_what_an_operator_is_of_all_its_arguments(text, reason):
    with pytest.raises(RuleError, match=reason):
        matcalc.rules.load(TWO + text)


def test_a_rule_about_vectors_defines_no_operator_on_matrices():
    book = matcalc.rules.load(
        "operator spec : m×n -> scalar\n"
        "differential spec: d(spec(X)) = frob(leading_dyad(X), dX)\n"
        "simplify spec-of-vector: spec(x) = norm_F(x)\n"
    )
    assert str(matcalc.differentiate("spec(A)", "A", rules=book).expression) == "leading_dyad(A)"
    assert str(matcalc.differentiate("spec(x)", "x", rules=book)) == "x/‖x‖\nholds where x ≠ 0"


def test_a_chain_of_definitions_is_followed_to_its_end():
    chain = "".join(
        f"operator f{i} : m×n -> m×n\ndefinition f{i}: f{i}(X) = f{i - 1}(X) + f{i - 1}(X)\n" for i in range(1, 30)
    )
    text = f"operator f0 : m×n -> m×n\ndefinition f0: f0(X) = X\n{chain}"
    with pytest.raises(RuleError, match="not true"):
        matcalc.rules.load(f"{text}simplify wrong: f29(X) = {3**18} X")
    matcalc.rules.load(f"{text}simplify right: f29(X) = {2**29} X")


# --- texts ----------------------------------------------------------------------------------------------------------


def test_the_same_text_is_verified_once():
    text = "operator twice : m×n -> m×n\ndefinition twice: twice(X) = 2 X"
    book = matcalc.rules.load(text)
    assert matcalc.rules.load(text) is book
    assert matcalc.rules.load(f"{text} + 0 X") is not book
    assert matcalc.rules.load("simplify twice: twice(X) = 2 X", base=book) is not book


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("simplify a: " + "X " * LONGEST_LINE, "limit"),
        ("# note\n" * MOST_CHARACTERS, "limit"),
        ("simplify a: tr(X)\n" + "    + tr(X X)\n" * 2_000 + "    = 0", "limit"),
        ("simplify a: " + "tril(" * 100 + "X" + ")" * 100 + " = X", "nested more than"),
        ("simplify a" + " " * 3_000 + "b\n", "NAME"),
        ("operator f : m" + " " * 3_000 + "n -> n", "dimension"),
        ("operator f : m×n -> m×n   " + "linear" * 500 + "!", "tags"),
        ("operator f : " + "9" * 50 + " -> n", "dimension"),
        ("operator f : ²×n -> n", "dimension"),
        ("operator f : 0×n -> n", "dimension"),
        ("operator f g : n -> n", "not a name"),
        ("operator f\0 : n -> n", "not a name"),
        ("simplify a: tr(X\0) = tr(X)", "a: "),
        ("simplify a: tr(X) = tr(X)\0", "a: "),
        ("simplify a\0: tr(X) = tr(X)", "not a name"),
        ("simplify a: tr(\ud800) = 0", "a: "),
        ("\0", "<rules>|cannot be read"),
        ("a\0b.rules", "cannot be read"),
    ],
)
def test_odd_and_long_texts_are_refused(text, reason):
    with pytest.raises(RuleError, match=reason):
        matcalc.rules.load(text)


def test_no_text_ends_in_another_error():
    source = "".join(f"{line}\n" for line in LOOPING["powers"][0].splitlines())
    rng = random.Random(0)
    for _ in range(300):
        text = list(source)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(text))
            text[at : at + rng.randint(0, 3)] = rng.choice(
                [*string.printable, "\0", "ᵀ", "⋆", "\u2028", "²", "\ud800", "=", ":"]
            )
        with suppress(RuleError):
            matcalc.rules.load("".join(text) + "\n")
