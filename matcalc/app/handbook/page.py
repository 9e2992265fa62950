"""The page of the handbook: one file that needs nothing else."""

from __future__ import annotations

from html import escape
from pathlib import Path

from ... import __version__
from ...arguments import shown
from ...errors import MatcalcError
from ...rulebook.book import RuleBook
from .sections import Handbook

FILE = "matcalc-handbook.html"
TITLE = "The matcalc handbook"

_HOW_TO_READ = """
<p>These are the rules by which matcalc differentiates, as they stand in its rule files; the gradients are what the
engine derives with them. X, Y, Z are matrices, x, y, z columns and α, β, λ scalars; d<i>X</i> is a differential, and
W or w a matrix or vector that an operator meets in an inner product.</p>
<dl class="kinds">
<div><dt>Differential</dt><dd>what becomes of an operator under d; a linear one is its own differential.</dd></div>
<div><dt>Adjoint</dt><dd>moves a linear operator to the other side of an inner product. Going back through a
differential with these gives the gradient.</dd></div>
<div><dt>vec/Kronecker form</dt><dd>the matrix of a linear operator between vecs.</dd></div>
<div><dt>Law</dt><dd>the left side is always replaced by the right; what is an identity or a property says
so.</dd></div>
<div><dt>Gradient</dt><dd>of a scalar; of any other value that of its inner product with a given G, as in
backpropagation.</dd></div>
</dl>
"""


def page(book: RuleBook) -> str:
    """The handbook of a rule book as an HTML page.

    >>> from matcalc.rulebook.book import default
    >>> page(default()).startswith("<!DOCTYPE html>")
    True
    """
    handbook = Handbook(book)
    style = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>',
            f"<title>{TITLE}</title>",
            f"<style>\n{style}</style></head>",
            "<body>",
            '<nav aria-label="Contents"><h2><a href="#top">Contents</a></h2><ol>',
            *handbook.contents(),
            "</ol></nav>",
            f'<main id="top"><header><h1>{TITLE}</h1>',
            f'<p class="version">matcalc {escape(__version__)}, {_counts(book)}</p>',
            f"{_HOW_TO_READ}</header>",
            *handbook.chapters(),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def write(book: RuleBook, path: str) -> None:
    """Write the page into a file.  Raises MatcalcError where that cannot be written."""
    text = page(book)
    try:
        Path(path).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as problem:  # of a null byte in a path it is the latter
        reason = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise MatcalcError(f"The handbook cannot be written to {shown(path)}: {reason}.") from problem


def _counts(book: RuleBook) -> str:
    operators = len(book.operators)
    rules = sum(e.kind not in ("operator", "predicate", "chapter") for e in book.entries)
    return f"{operators} operators and {rules} rules"
