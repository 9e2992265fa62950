"""The REPL's help, by topic."""

from __future__ import annotations

from ..derivatives.choices import FORMS
from ..rulebook.book import RuleBook

COMMANDS = {
    "steps": "the derivation of the last answer; `steps ascii`, `steps latex`",
    "latex": "the last answer in LaTeX",
    "ascii": "the last answer in ASCII",
    "form": "the last answer in another form: `form kronecker`",
    "forms": "the last answer in every form",
    "verify": "check the last answer and its derivation with numbers",
    "shapes": "the shapes in the last answer",
    "simplify": "`simplify EXPRESSION` in its shortest form",
    "expand": "`expand EXPRESSION`: products of sums multiplied out",
    "factor": "`factor EXPRESSION`: multiplied out, and common factors taken out",
    "alternatives": "`alternatives EXPRESSION`: what identities such as Woodbury's make of it",
    "equal": "`equal A = B`: whether two expressions are equal, and how that was decided",
    "show": "what is declared",
    "forget": "`forget NAME` takes a declaration back",
    "clear": "take all declarations and rules back",
    "rules": "`rules FILE` adds the operators and rules of a file",
    "functions": "all operations, and how each is differentiated; `functions NAME` for one",
    "help": "`help`, `help TOPIC`",
    "quit": "leave; so do `exit` and Ctrl-D",
    "exit": "leave",
}

OVERVIEW = """\
Type a derivative:        d/dA tr(A B Aᵀ C)        d/dW,b norm(W x + b)^2
an expression:            (A B)' + B' A'           prints its normal form and shapes
a declaration:            symmetric matrix S(n, n)
or a command:             steps, latex, form kronecker, functions, quit

Topics: help derivatives, expressions, declarations, commands, forms, rules, keys; help NAME for an operation."""

TOPICS = {
    "derivatives": """\
d/dA tr(A B)              the gradient, of A's shape: df = G : dA
d/dW,b norm(W x + b)^2    by several variables at once
d/dx A x                  a vector by a vector: the Jacobian, dy = J dx
d/dt t^2 A                anything by a scalar
d/dX A X B                a matrix by a matrix: the differential; `form kronecker` and others for its other forms
d²/dx² x' A x             second order; also d2/dx2
∂ is d.  The last answer is kept: steps, latex, form NAME, verify.""",
    "expressions": """\
A' or Aᵀ, A^-1 or A⁻¹, A^-T, A^3, x.^2      transpose, inverse, powers, elementwise power
A B   A * B   A .* B or A ⊙ B   A ⊗ B   A : B   products: matrix, Hadamard, Kronecker, Frobenius
tr det logdet inv sum diag vec norm …       functions; exp.(X) with a dot works entry by entry
Uppercase names are matrices, lowercase ones vectors, Greek ones scalars, unless declared otherwise.
lambda is λ, x₁ is x_1.  phi(W X) with an undeclared phi is an unspecified scalar function.""",
    "declarations": """\
matrix A(m, n)      vector x(n)      scalar t      symmetric matrix S(n, n)      positive scalar lambda
let Z = W x + b                          a named part; it keeps its name in derivations
function phi(matrix) -> scalar           an unspecified function
elementwise function f
Sizes are names, integers, and sums and products of these: vector x(n + 1), matrix A(m, p*n).
Declaring a name again replaces what it was.  show, forget NAME, clear.""",
    "rules": """\
`rules FILE` adds a file of operators and rules to this session.  For example:
    operator double : m×n -> m×n   linear
    adjoint double: W : double(X) = double(W) : X
    definition double: double(X) = 2 X""",
    "keys": """\
Tab completes names, operations and commands, and turns \\lambda into λ, \\odot into ⊙, \\T into ᵀ.
Enter in an open bracket, a backslash at the end of a line, or Alt-Enter go on in the next line.
Up and Down go through the history, Ctrl-R searches it; Ctrl-C cancels the line, Ctrl-D leaves.""",
}


def help_text(topic: str, book: RuleBook) -> str:
    """The text on a topic or an operation; the overview without one."""
    if not topic:
        return OVERVIEW
    if topic == "commands":
        width = max(map(len, COMMANDS))
        return "\n".join(f"{name:<{width}}  {does}" for name, does in COMMANDS.items())
    if topic == "forms":
        return f"`form NAME` writes the last answer as: {', '.join(FORMS)}; `forms` as all of them."
    if topic in TOPICS:
        return TOPICS[topic]
    if topic in COMMANDS:
        return f"{topic}: {COMMANDS[topic]}"
    from ..rulebook.catalogue import described

    return described(book, topic)
