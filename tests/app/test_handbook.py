"""The handbook: one well-formed page in which every operator and every rule of the book stands."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

import matcalc
from matcalc.app import cli
from matcalc.app.handbook.formulas import Formulas
from matcalc.app.handbook.page import FILE, page
from matcalc.errors import MatcalcError
from matcalc.normal_form.theory import DECLARATIONS
from matcalc.rulebook.chapters import chapters
from matcalc.rules import default

BOOK = default()
FORMULAS = Formulas(BOOK)
RULES = [e for e in BOOK.entries if e.kind not in DECLARATIONS]
MINE = """
chapter mine: Mine & <yours>
    introduction "Of `hide(X) < 3`, and of `hide(X) = X`: <b> & \\backslash."
operator hide : m×n -> m×n   linear
    note "<script>alert(1)</script> & more"
adjoint hide: W : hide(X) = hide(W) : X
    because "a < b & c > d"
definition hide: hide(X) = X
operator opaque : m×n -> scalar
"""


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>").replace("&#x2061;", "\u2061"))


@pytest.fixture(scope="module")
def html() -> str:
    return page(BOOK)


@pytest.fixture(scope="module")
def root(html: str) -> ElementTree.Element:
    return parsed(html)


def ids(root: ElementTree.Element) -> Counter[str]:
    return Counter(e.attrib["id"] for e in root.iter() if "id" in e.attrib)


def test_every_operator_and_every_rule_has_one_place(root):
    wanted = {f"operator-{name}" for name in BOOK.operators} | {"-".join(e.key.split()) for e in RULES}
    wanted |= {f"predicate-{e.name}" for e in BOOK.entries if e.kind == "predicate"}
    assert wanted <= ids(root).keys()
    assert set(ids(root).values()) == {1}


def test_every_link_leads_somewhere(root):
    links = {a.attrib["href"] for a in root.iter("a")}
    assert {link.removeprefix("#") for link in links} <= ids(root).keys()
    assert all(link.startswith("#") for link in links)


def test_the_page_needs_nothing_else(html):
    assert not re.search(r"<script|<link|<img|src=|url\(|@import|https?:", html)


def test_every_chapter_is_introduced():
    for chapter in chapters(BOOK):
        assert chapter.title[0].isupper() or chapter.title.startswith("vec"), chapter.name
        assert len(chapter.introduction) > 100, chapter.name


@pytest.mark.parametrize("chapter", list(chapters(BOOK)), ids=lambda c: c.name)
def test_what_stands_between_backticks_is_a_formula(chapter):
    assert "<code>" not in FORMULAS.prose(chapter.introduction)


@pytest.mark.parametrize("rule", RULES, ids=lambda e: e.key)
def test_every_rule_is_a_formula(rule):
    formula = FORMULAS.equation(rule)
    assert formula.startswith("<math>")
    if rule.kind != "property":
        assert re.search(r"<mo[^>]*>=</mo>", formula)


def test_every_operator_is_defined(root):
    """In words, or by a rule that says what it stands for."""
    for article in root.iter("article"):
        classes = {p.attrib.get("class") for p in article.iter("p")}
        assert "means" in classes or "Definition" in {h.text for h in article.iter("h4")}, article.attrib["id"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("vec", "Linear, its own differential."),
        ("kron", "Bilinear, product rule."),
        ("cof", "It is rewritten: cof(X)=adj(X)⊤."),
        ("norm", "It is rewritten: norm(x)=norm_F(x)."),
        ("inv", "It is another way to write X−1."),
    ],
)
def test_the_differential_of_what_has_no_rule_is_said(root, name, words):
    (article,) = (a for a in root.iter("article") if a.attrib["id"] == f"operator-{name}")
    assert words in "".join(article.itertext()).replace("\u2061", "")


def test_an_operator_is_shown_in_all_notations(root):
    (article,) = (a for a in root.iter("article") if a.attrib["id"] == "operator-norm_F")
    (rows,) = (d for d in article.iter("dl") if d.attrib.get("class") == "notations")
    found = {row[0].text: "".join(row[1].itertext()) for row in rows}
    e = matcalc.parse("norm_F(X)")
    assert (found["text"], found["ASCII"], found["LaTeX"]) == (str(e), e.ascii(), e.latex())
    assert found["NumPy"] == "np.linalg.norm(X)"


def test_gradients_are_those_that_are_printed(root):
    (article,) = (a for a in root.iter("article") if a.attrib["id"] == "operator-logdet")
    (gradient,) = (d for d in article.iter("div") if d.attrib.get("class") == "gradient")
    d = matcalc.differentiate("logdet(X)", "X")
    said = "".join(gradient.itertext()).replace("\u2061", "")
    assert said.startswith("∂∂XlogdetX=X−⊤")
    assert d.latex() == r"X^{-\top}"
    assert len(list(gradient.iter("tr"))) == len(d.derivation.steps)


def test_the_rules_of_a_user_stand_in_it():
    book = matcalc.rules.load(MINE)
    text = page(book)
    assert "<script>" not in text
    root = parsed(text)
    assert {"chapter-mine", "operator-hide", "adjoint-hide", "definition-hide", "operator-opaque"} <= ids(root).keys()
    said = " ".join("".join(root.itertext()).split())
    assert "Mine & <yours>" in said
    assert "<script>alert(1)</script> & more" in said
    assert "hide(X) < 3" in said
    assert "No rule says how to differentiate opaque" in said


def test_what_cannot_be_printed_is_said(monkeypatch: pytest.MonkeyPatch):
    def too_long(self: object) -> str:
        raise MatcalcError("Written out, this is <too> long.")

    monkeypatch.setattr(matcalc.Derivative, "latex", too_long)
    assert page(BOOK).count("Written out, this is &lt;too&gt; long.") > 50


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_writes_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["handbook"]) == 0
    assert capsys.readouterr() == (f"The handbook is in {FILE}.\n", "")
    first = (tmp_path / FILE).read_text(encoding="utf-8")
    assert parsed(first).tag == "html"
    (tmp_path / "mine.rules").write_text(MINE, encoding="utf-8")
    assert cli.main(["handbook", "own.html", "--rules", "mine.rules"]) == 0
    assert "operator-hide" in (tmp_path / "own.html").read_text(encoding="utf-8")
    assert "operator-hide" not in first


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["handbook", "-"]) == 0
    assert capsys.readouterr().out.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("path", ["no/such/folder/h.html", ".", "h\0.html"])
def test_what_cannot_be_written_is_said(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["handbook", path]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert "The handbook cannot be written to" in err
    assert not list(tmp_path.iterdir())


def test_it_takes_no_derivative(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["handbook", "--steps"])
    assert "--steps needs an expression" in capsys.readouterr().err
