"""No module knows an operator by its name, but for those listed here with the reason: facts stand in `rules/`."""

import ast
from pathlib import Path

import pytest

import matcalc
from matcalc.rules import default

PACKAGE = Path(matcalc.__file__).parent
MODULES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
OPERATORS = frozenset(default().operators)
STRUCTURAL = frozenset("mul had scale transpose".split())
"""Heads of the normal form itself, whose calculus alone is in the rule files."""

SIGN = "a sign of the language: X : Y is frob, X ⊗ Y kron, X⁻¹ inv, X⁺ pinv, ‖X‖ norms, |X| det, abs or a norm"
THEORY = (
    "the theory speaks of it: frob is the inner product that gradients are defined by, vec what is a matrix's vector"
)
PROPERTY = "a property, which the operator shares its name with"
KIND = "a kind of node in the tree of what was typed, or a word, and no operator"
ELSEWHERE = (
    "names of NumPy's, SymPy's, MathML's or LaTeX's, or of our own algorithms, that a clause of an operator may use"
)
FIELD = "exact arithmetic over a finite field, which has to do without NumPy: what is rational in the entries"
SIZES = "what ties sizes to one another: an equation between sizes has no place in a signature"
LATEX = "the commands and words of LaTeX in which people write operations that are not written as functions"
PEOPLE = "what people mean by words and signs that several operators go by: exp(A) of a matrix, log det, sum(A, axis=0)"
READING = "how index notation, which is written in Python as yet, writes an operation"
IDENTITIES = "families of functions, among which SymPy is asked for an identity that is shorter"

KNOWN: dict[str, tuple[str, str]] = {
    "app/repl.py": ("inv norm", "examples of what may be typed"),
    "app/session.py": ("skew", PROPERTY),
    "calculus/vectorised.py": ("vec unvec kron", THEORY),
    "checking/effort.py": ("*", ELSEWHERE),
    "checking/laws.py": ("inv", SIGN),
    "checking/points.py": ("skew", PROPERTY),
    "checking/properties.py": ("skew", PROPERTY),
    "checking/truth.py": ("vec frob", THEORY),
    "derivatives/derivation.py": ("frob", THEORY),
    "derivatives/derivative.py": (
        "skew frob tr",
        THEORY + "; a scalar's derivative by a matrix is read off tr(A dX), too",
    ),
    "derivatives/forms.py": ("frob vec", THEORY),
    "derivatives/index_form.py": ("*", READING),
    "evaluation/code.py": ("*", ELSEWHERE),
    "evaluation/own_functions.py": ("*", ELSEWHERE),
    "evaluation/finite_field.py": ("*", FIELD),
    "evaluation/rational.py": ("det adj logdet norm_F skew", FIELD + "; logdet and norm_F are even there"),
    "evaluation/sizes.py": ("kronleft kronright firstpart lastpart padafter padbefore", SIZES),
    **{f"language/latex_{part}.py": ("*", LATEX) for part in ("builder", "commands", "pieces", "tokens", "words")},
    "language/builder.py": ("kron norm abs sum", KIND),
    "language/declared.py": ("skew", PROPERTY),
    "language/names.py": ("gamma", "the Greek letter"),
    "language/sizes.py": ("sum", KIND),
    "normal_form/domain.py": ("inv recip sqrt log logm", "the operators whose domains structural powers have"),
    "normal_form/properties.py": ("square", PROPERTY),
    "normal_form/transposes.py": ("skew", PROPERTY),
    "printing/latex.py": ("frob kron", SIGN),
    "printing/mathml.py": ("sqrt", ELSEWHERE),
    "printing/mathml_signs.py": ("*", ELSEWHERE),
    "printing/notation.py": ("*", ELSEWHERE),
    "printing/sympy_code.py": ("*", ELSEWHERE),
    "printing/sympy_nodes.py": ("frob", SIGN),
    "printing/sympy_texts.py": ("*", "how SymPy's objects are read: SymPy's names beside those of the language"),
    "printing/text.py": ("frob kron sqrt", SIGN + "; √ in the spelling of SymPy's printer"),
    "printing/told.py": ("frob", SIGN),
    "rulebook/book.py": ("frob kron", SIGN),
    "rulebook/compile.py": ("square frob vec", THEORY + "; square is a property"),
    "shapes/brackets.py": ("inv log logdet abs det", PEOPLE),
    "shapes/functions.py": ("inv expm exp", PEOPLE),
    "shapes/marks.py": ("sqrtm sum", PEOPLE),
    "shapes/operations.py": ("norm norm_F norm_2 norm_1 norm_nuc norm_inf kron pinv frob det dot abs", SIGN),
    "shapes/reading.py": ("sum kron abs norm", KIND),
    "shapes/wording.py": ("*", PEOPLE),
    "simplification/entrywise.py": ("sin cos tan sinh cosh tanh exp sigmoid", IDENTITIES),
    "simplification/entrywise_sympy.py": (
        "exp log sin cos tan asin acos atan sinh cosh tanh abs sign sigmoid",
        IDENTITIES,
    ),
}
"""The operators that a module names, and why; `*` where it names many, for one reason."""


def named(source: str) -> dict[str, int]:
    """The operators that a module names in a literal, alone or in a list of words; each with a line."""
    tree = ast.parse(source)
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    split = {
        id(call.func.value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "split"
    }
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            words = node.value.split() if id(node) in split else [node.value]
            found |= {word: node.lineno for word in words if word in OPERATORS - STRUCTURAL}
    return found


@pytest.mark.parametrize("module", MODULES)
def test_no_module_names_an_operator_but_the_listed_few(module):
    found = named(MODULES[module].read_text(encoding="utf-8"))
    allowed, _ = KNOWN.get(module, ("", ""))
    if allowed == "*":
        assert found, f"{module} names none any more: strike it off the list"
        return
    new = {word: line for word, line in found.items() if word not in allowed.split()}
    assert not new, f"what {module} says of these belongs to their entries in rules/: {new}"
    gone = set(allowed.split()) - set(found)
    assert not gone, f"{module} does not name {', '.join(sorted(gone))} any more: strike it off the list"


def test_every_listed_module_is_there():
    assert KNOWN.keys() <= MODULES.keys()


def test_the_list_is_short():
    assert len(KNOWN) <= 50


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 'det'", {"det"}),
        ("if e.head in ('tr', 'add'): pass", {"tr"}),
        ("X = frozenset('exp nothing log'.split())", {"exp", "log"}),
        ("{'sigmoid': 1}", {"sigmoid"}),
        ("raise E('the det of a matrix')", set()),
        ("def f():\n    'sum'", set()),
        ("f'{x}det'", {"det"}),
        ("x = 'mul'", set()),
    ],
)
def test_what_it_looks_for_is_found(source, found):
    assert set(named(source)) == found
