"""What other systems write, in our own words: `A.T`, `np.linalg.inv(A)`, `norm(X, 'fro')`, `Tr[A.B]`, `sum(A(:))`.

Each function takes a node whose arguments have been translated and gives what it means here.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import AmbiguityError, MatcalcError, NameProblem, ParseError
from ..language.declared import PROPERTIES, RANKS
from ..language.names import canonical, kind_by_spelling
from ..language.requests import ORDERS
from ..language.syntax import Node
from .naming import MEMBERS, MODULES, Naming

NORMS = {"fro": "F", "f": "F", "nuc": "*", "nuclear": "*", "2": "2", "1": "1", "inf": "∞", "∞": "∞", "inf_": "∞"}
INFIX = {
    "matmul": "matmul", "mm": "matmul", "mv": "matmul", "matadd": "sum", "add": "sum", "multiply": "hadamard",
    "hadamardproduct": "hadamard", "hadamard_product": "hadamard", "hadamard": "hadamard", "kroneckerproduct": "kron",
    "kronecker_product": "kron", "divide": "dotdivide", "matpow": "power", "matrix_power": "power",
    "matrixpower": "power", "power": "dotpower", "dot": "dotted", "inner": "dotted", "vdot": "dotted",
    "subtract": "sum", "negative": "negate",
}  # fmt: skip
"""Functions of other systems that are written as operators here."""
CONSTANTS = {
    "eye": "I", "identity": "I", "identitymatrix": "I", "zeromatrix": "zeros", "onematrix": "ones", "zeros": "zeros",
    "ones": "ones",
}  # fmt: skip
OTHERS = {
    "conjugatetranspose": "transpose", "slogdet": "slogdet", "logabsdet": "logdet", "cholesky": "chol", "ravel": "vec",
    "flatten": "vec", "logsumexp": "logsumexp", "pseudoinverse": "pinv", "matrixexp": "expm", "matrix_exp": "expm",
    "matrixlog": "logm", "diagonalmatrix": "Diag", "diagonal": "diagvec", "diagonalize": "Diag", "total": "sum",
    "log1p": "", "norm_fro": "norm_F",
}  # fmt: skip
"""Names that are too far from ours for the rule files to list them as other names."""


def function_named(naming: Naming, name: str) -> str:
    """The function that a name of several letters means in any case; empty where there is none."""
    operators = naming.scope.operators
    if name in operators:
        return name
    if len(name) < 2 or naming.declared(name) or name in naming.scope.wrt or naming.scope.differentials:
        return ""
    lower = name.lower()
    if lower in operators and len(lower) > 1:
        return lower
    return OTHERS.get(lower) or next((known for known in operators if len(known) > 1 and known.lower() == lower), "")


def member(naming: Naming, node: Node, text: str) -> Node:
    """`A.T`, `np.linalg`, and `A.B` of Mathematica."""
    base, name = node.args[0], node.text
    if _is_module(naming, base):
        return Node("module", f"{base.text}.{name}", (), node.start, node.end)
    what = text[base.start : base.end]
    if base.kind == "name" and len(base.text) > 1 and base.text in naming.scope.operators:
        message = f"An elementwise function needs parentheses: '{what}.' is followed by none."
        raise _refused(ParseError(message, hint=f"Write {what}.({name})."), node)
    if name in ("T", "mT") and naming.takes("T"):
        message = f"'{what}.{name}' is the transpose, or a product with T."
        raise _refused(AmbiguityError(message, hint=f"Write {what}' or {what} T."), node)
    if name in MEMBERS:
        kind = {"T": "transpose", "mT": "transpose", "I": "inverse"}.get(name, "hermitian")
        return Node(kind, "", (base,), node.start, node.end)
    if base.kind == "number" or not (naming.takes(canonical(name)) and naming.bare):
        message = f"'.{name}' means nothing here behind {what}."
        raise _refused(ParseError(message, hint=f"Write {what} {name} for the product."), node)
    right = Node("name", canonical(name), (), node.end - len(name), node.end)
    naming.notes["."] = f"{what}.{name} is read as the product {what} {name}"
    left = base.args if base.kind == "product" and text[base.start] != "(" else (base,)
    return Node("product", "", (*left, right), node.start, node.end)


def method(naming: Naming, node: Node, text: str) -> Node:
    """`x.dot(y)`, `A.inverse()`, and functions of a module, `np.trace(A)`."""
    base, *args = node.args
    if _is_module(naming, base):
        return _of_module(naming, Node("call", node.text, tuple(args), node.start, node.end), text)
    if node.text in ("transpose", "t", "T", "adjoint") and not args:
        return Node("transpose", "", (base,), node.start, node.end)
    found = Node("call", node.text, (base, *args), node.start, node.end)
    if node.text.lower() not in INFIX and not function_named(naming, node.text):
        raise _refused(NameProblem(f"'.{node.text}( )' is not a known function."), node)
    return _of_module(naming, found, text)


def _is_module(naming: Naming, node: Node) -> bool:
    if node.kind == "module":
        return True
    return node.kind == "name" and node.text in MODULES and not naming.declared(node.text)


def _of_module(naming: Naming, node: Node, text: str) -> Node:
    """A function of NumPy and its like works entry by entry."""
    found = call(naming, node, text)
    if found.kind == "call":
        operators = naming.scope.operators.get(found.text, ())
        if not operators and found.text not in ("I", "ones", "zeros", "slogdet", "dot"):
            raise _refused(_unknown(naming, found, text), node)
        if operators and operators[0].elementwise and len(found.args) == 1:
            typed = text[found.start : found.end].partition("(")[0]
            naming.notes[typed] = f"{typed}(…) is read as {found.text}.(…), entry by entry"
            return Node("dotcall", found.text, found.args, found.start, found.end)
    return found


def _unknown(naming: Naming, node: Node, text: str) -> MatcalcError:
    typed = text[node.start : node.end].partition("(")[0]
    return NameProblem(
        f"'{typed}' is not a function that is known here.", hint="`matcalc functions` lists those that are."
    )


def call(naming: Naming, node: Node, text: str) -> Node:
    """Functions by the names that they have elsewhere, and their further arguments."""
    name, args = node.text, node.args
    if naming.scope.differentials or naming.declared(name.rstrip("'")):
        return node
    if name in ("d", "∂") and not naming.takes(name):
        message = f"'{name}(…)' asks for a differential, and means nothing in an expression."
        raise _refused(
            ParseError(message, hint="A derivative is all of a text: d(…)/dX, or d/dX in front of it."), node
        )
    if len(args) == 1 and args[0].kind == "slice":  # A(:) stacks the columns
        return Node("call", "vec", (Node("name", name, (), node.start, node.end - 3),), node.start, node.end)
    if len(args) == 2 and "slice" in (args[0].kind, args[1].kind):
        return Node(
            "index", "", (Node("name", name, (), node.start, node.start + len(name)), *args), node.start, node.end
        )
    lower = name.lower()
    if lower in CONSTANTS and (name not in naming.scope.operators):
        if len(args) == 2 and CONSTANTS[lower] == "I" and args[0].text == args[1].text:
            args = args[:1]
        return Node("call", CONSTANTS[lower], args, node.start, node.end)
    known = function_named(naming, name)
    if lower in INFIX and not (known and known == name and known != "dot") and not naming.takes(name):
        return _as_operator(naming, node, lower)
    if not known:
        return node
    if known != name and name not in naming.bare:
        if known.lower() != name.lower():
            naming.notes[name] = f"{name} is read as {known}"
        node = Node("call", known, args, node.start, node.end)
    elif known != name:
        return node
    if known == "norm" and len(args) == 2:
        return _norm(node, args, text)
    if known in ("sum", "mean") and len(args) >= 2:
        return _along(naming, node, text)
    return node


def _as_operator(naming: Naming, node: Node, lower: str) -> Node:
    """`multiply(A, B)` is A ⊙ B."""
    kind, args = INFIX[lower], node.args
    if kind == "negate" and len(args) == 1:
        return Node("negate", "", args, node.start, node.end)
    if len(args) < 2 or kind in ("power", "dotpower", "dotted") and len(args) != 2:
        return node
    signs = "+-" if lower == "subtract" else "+" * len(args)
    return Node(kind, signs if kind == "sum" else "", args, node.start, node.end)


def _norm(node: Node, args: tuple[Node, ...], text: str) -> Node:
    """`norm(x, 2)`, `norm(X, 'fro')`, `norm(X, ord='nuc')`."""
    x, which = args
    if which.kind == "keyword" and which.text in ("ord", "p"):
        which = which.args[1]
    said = which.text if which.kind in ("name", "string", "number", "module") else ""
    kind = NORMS.get(said.rpartition(".")[2].lower())
    if kind is None:
        message = f"'{text[which.start : which.end]}' is no norm that is known here."
        raise _refused(
            ParseError(message, hint="Write norm(x), norm_F(X), norm_2(X), norm_nuc(X), norm_1(x) or norm_inf(x)."),
            which,
        )
    return Node("norm", kind, (x,), node.start, node.end)


def _along(naming: Naming, node: Node, text: str) -> Node:
    """`sum(A, axis=0)`: the sums of the columns; `sum(A, 1)` is that in MATLAB, and of the rows in NumPy."""
    x, *more = node.args
    more = [m for m in more if not (m.kind == "keyword" and m.text == "keepdims")]
    if not more:
        return Node("call", node.text, (x,), node.start, node.end)
    which = more[0]
    by_name = which.kind == "keyword" and which.text in ("axis", "dim", "dims")
    value = which.args[1] if by_name else which
    digits = f"-{value.args[0].text}" if value.kind == "negate" else value.text
    typed = text[x.start : x.end]
    if len(more) > 1 or digits not in ("0", "1", "2", "-1", "-2") or which.kind == "keyword" and not by_name:
        raise _refused(ParseError("The sum is over all entries, or along the axis 0 or 1."), which)
    if node.text == "mean":
        raise _refused(ParseError("The mean is over all entries here.", hint=f"Write mean({typed})."), node)
    if digits == "1" and not by_name and not naming.arrays:
        message = f"'sum({typed}, 1)' sums every column in MATLAB, and every row in NumPy."
        raise _refused(AmbiguityError(message, hint=f"Write colsum({typed}) or rowsum({typed})."), node)
    columns = digits in ("0", "-2")
    return Node("call", "colsum" if columns else "rowsum", (x,), node.start, node.end)


def index(naming: Naming, node: Node, text: str) -> Node:
    """`Tr[A]` of Mathematica; `slogdet(A)[1]`."""
    base, *labels = node.args
    if base.kind == "call" and base.text == "slogdet" and len(labels) == 1 and labels[0].text == "1":
        return Node("call", "logdet", base.args, node.start, node.end)
    if base.kind != "name" or len(base.text) < 2 or naming.declared(base.text) or base.text in naming.scope.wrt:
        return node
    lower = base.text.lower()
    if (known := function_named(naming, base.text)) or lower in CONSTANTS or lower in INFIX:
        return call(naming, Node("call", known or base.text, tuple(labels), node.start, node.end), text)
    return node


def power(naming: Naming, node: Node, text: str) -> Node:
    """`e^(…)` is exp, `x^t` a transpose where no t stands elsewhere, `x**2` entry by entry beside NumPy."""
    base, exponent = node.args
    if naming.scope.differentials:
        return node
    if base.kind == "name" and base.text == "e" and not naming.takes("e"):
        return Node("exponential", "", (exponent,), node.start, node.end)
    if exponent.kind == "name" and exponent.text == "t" and not naming.takes("t") and _may_be_transposed(base):
        naming.notes["^t"] = f"{text[node.start : node.end]} is read as the transpose"
        return Node("transpose", "^t", (base,), node.start, node.end)
    if naming.arrays and "**" in text[base.end : exponent.start]:
        naming.notes["**"] = "** is read entry by entry, as in NumPy"
        return Node("dotpower", node.text, node.args, node.start, node.end)
    return node


def _may_be_transposed(base: Node) -> bool:
    return base.kind not in ("number", "call") and not (base.kind == "name" and kind_by_spelling(base.text) == "scalar")


def matmul(naming: Naming, node: Node, text: str) -> Node:
    """`*` is entry by entry where functions of NumPy stand beside it, `@` never."""
    if not naming.arrays:
        return node
    made = node.args[0]
    for left, right in zip(node.args, node.args[1:], strict=False):
        star = "*" in text[left.end : right.start]
        if star:
            naming.notes["*"] = "* is read entry by entry, as in NumPy"
        made = Node("hadamard" if star else "matmul", "", (made, right), node.start, right.end)
    return made


def name(naming: Naming, node: Node, text: str) -> Node:
    """Words that ask for a derivative are no names."""
    word = node.text
    if naming.declared(word) or naming.scope.differentials or word in naming.scope.wrt:
        return node
    if word in RANKS or word in PROPERTIES:
        message = f"'{word}' declares a name, and stands in a declaration only."
        raise _refused(ParseError(message, hint="Declare for example: symmetric matrix S(n, n)."), node)
    if word[0] == "∂" or (len(word) > 1 and word in ORDERS):
        message = f"'{word}' asks for a derivative, and nothing says by which variable, or of what."
        raise _refused(
            ParseError(message, hint="A derivative is all of a text: ∇_X f, d/dX f, ∂(f)/∂X or gradient(f, X)."), node
        )
    return node


def _refused(error: MatcalcError, node: Node) -> MatcalcError:
    error.start, error.end = node.start, node.end
    return error


Wording = Callable[[Naming, Node, str], Node]
WORDING: dict[str, Wording] = {
    "member": member,
    "method": method,
    "call": call,
    "index": index,
    "power": power,
    "matmul": matmul,
    "name": name,
}
