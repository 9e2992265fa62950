"""From a function that has been read to its derivatives, by one variable or by several that share the work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from ..calculus.differentials import Calculus
from ..calculus.structured import structure_of
from ..errors import NameProblem, NotDifferentiable
from ..expressions.dimensions import SCALAR, Shape
from ..expressions.nodes import Expr, postorder
from ..expressions.parts import depends
from ..language.names import canonical, fresh, kind_by_spelling
from ..normal_form.algebra import Algebra
from ..normal_form.domain import Claim
from ..simplification.allowance import UNFINISHED, allowance
from ..simplification.shortest import pleasant
from .conditions import conditions, sentence
from .derivation import Task, letter_of, names_within
from .derivative import Derivative
from .normal import as_declared, derivative_of
from .orders import collected
from .problem import Problem

RESERVED = {"I", "e", "π", "0", "1"}


def derivatives(
    problem: Problem,
    again: Callable[..., Problem],
    names: Sequence[str],
    order: int = 1,
    structure: str | None = None,
    layout: str | None = None,
) -> dict[str, Derivative]:
    """The derivatives by the variables of these names; `again` reads the function anew, some variables unstructured."""
    if structure not in (None, "projected") and (order > 1 or problem.function.shape != SCALAR):
        raise NotDifferentiable(
            f"The structure '{structure}' is of gradients: of first derivatives of a scalar function.",
            hint="Leave it out, and the derivative is taken in the space of the matrices that the variable is one of.",
        )
    variables, notes = _variables(problem, names)
    freely = _unstructured(problem, again, variables, notes, structure) if order == 1 else None
    parts = freely or _first_order(problem, variables, notes, structure)
    if order > 1:
        with allowance(problem.algebra, 0):
            parts = _higher_order(problem, parts, order)
    return parts if layout is None else {name: _laid_out(d, layout) for name, d in parts.items()}


def _variables(problem: Problem, names: Sequence[str]) -> tuple[list[Expr], list[str]]:
    """The variables by name; one that does not occur gives a zero and a note."""
    found, notes = [], []
    for typed in names:
        name = canonical(typed.strip())
        if not name:
            raise NameProblem("The variable to differentiate by is missing.", hint=_choices(problem))
        if not all(c.isalnum() or c in "_'" for c in name) or name[0].isdigit() and name not in RESERVED:
            hint = "Several variables are a list: ['A', 'X']." if "," in name else _choices(problem)
            raise NameProblem(f"{typed[:60]!r} is not a name: differentiate by one variable.", hint=hint)
        if name.endswith("'"):
            raise NameProblem(
                f"{name} is a transpose, not the name of a variable.", hint="Differentiate by the variable itself."
            )
        e = problem.symbols.get(name)
        if e is None and name in problem.lets:
            raise NameProblem(f"{name} is an expression, not a variable.", hint=_choices(problem))
        if name in RESERVED and e is None:
            raise NameProblem(f"{name} is a constant, not a variable.", hint=_choices(problem))
        if e is not None and "constant" in e.data.properties:
            raise NameProblem(f"{name} is a constant, not a variable.", hint=_choices(problem))
        if e is None:
            e, note = _absent(problem, name)
            notes.append(note)
            problem.symbols[name] = e
        else:
            notes.append("")
        if e in found:
            raise NameProblem(f"{name} is named twice.")
        found.append(e)
    return found, notes


def _choices(problem: Problem) -> str:
    names = ", ".join(list(problem.symbols)[:8])
    return f"The variables here are {names}." if names else "There are no variables here."


def _absent(problem: Problem, name: str) -> tuple[Expr, str]:
    """A variable that does not occur: its derivative is zero where it is declared, which the note says."""
    note = f"{name} does not occur in the expression"
    if name not in problem.declared:
        if name in problem.algebra.book.aliases:
            raise NameProblem(f"{name} is a function, not a variable.", hint=_choices(problem))
        if any(e.head == "call" and e.data.name == name for e in postorder(problem.function)):
            raise NameProblem(f"{name} is an unspecified function here, not a variable.", hint=_choices(problem))
        others = [n for n in problem.symbols if n.lower() == name.lower()]
        case = f" There is {others[0]}: letter case matters." if others else ""
        raise NameProblem(f"{note}.{case}", hint=_choices(problem))
    kind = kind_by_spelling(name)
    used = {d for e in problem.symbols.values() for d in e.shape if isinstance(d, str)}
    rows = fresh("m" if kind == "matrix" else "n", used)
    shape: Shape = SCALAR if kind == "scalar" else (rows, 1 if kind == "vector" else fresh("n", used))
    return problem.algebra.symbol(name, shape, kind), note


def _unstructured(
    problem: Problem, again: Callable[..., Problem], variables: list[Expr], notes: list[str], structure: str | None
) -> dict[str, Derivative] | None:
    """The derivatives where a structured X was read as any matrix, so that Xᵀ is not X before the last line.

    None where no variable has a structure, and where the function needs it, as chol and lambda_max do.
    """
    structured = {v.name: v for v in variables if structure_of(problem.algebra.book, v)}
    if not structured:
        return None
    free = replace(again(free=structured.values()), symbols=problem.symbols, algebra=problem.algebra)
    bare = {x.name: x for x in postorder(free.function) if x.head == "symbol"}
    read_as = {bare[n]: v for n, v in structured.items() if n in bare}
    freed = [bare[v.name] if v.name in structured and v.name in bare else v for v in variables]
    try:
        return _first_order(free, freed, notes, structure, read_as=read_as)
    except NotDifferentiable:
        return None


def _first_order(
    problem: Problem,
    variables: list[Expr],
    notes: list[str],
    structure: str | None,
    order: int = 1,
    read_as: Mapping[Expr, Expr] | None = None,
    lower: Derivative | None = None,
) -> dict[str, Derivative]:
    """The derivatives of a function, which may be the derivative `lower`, of one order less, itself.

    `read_as` maps a variable that was read without its structure to the one that has it.
    """
    algebra, f = problem.algebra, problem.function
    read_as = read_as or {}
    origin = lower
    while origin is not None and origin.lower is not None:
        origin = origin.lower
    typed = f if origin is None else origin.problem.function
    typed = algebra.substitute(typed, read_as) if read_as else typed
    calculus = Calculus(algebra)
    holes = {v: _hole(problem, v) for v in variables}
    taken = {*names_within(f), *(v.name for v in variables), *problem.lets} - {problem.label}
    letter = letter_of(f, taken, problem.label if lower is None else "")
    out: dict[str, Derivative] = {}
    together = f.shape == SCALAR and order == 1
    gradients = calculus.gradients(f, variables) if f.shape == SCALAR else {}
    for v, note in zip(variables, notes, strict=True):
        task = Task(algebra, f, variables if together else [v], holes, problem.lets, read_as, letter)
        kind, normal = ("gradient", gradients[v]) if gradients else derivative_of(calculus, f, v, holes[v])
        normal, said = as_declared(algebra, v, kind, normal, read_as, structure)
        if order > 2:
            normal = collected(algebra, normal, order)
        shown = pleasant(algebra, normal)
        unfinished = UNFINISHED if algebra.unfinished else ""
        granted, kinks = _said_by_rules(calculus, v, lower, read_as)
        held = conditions(algebra, typed, shown.written, granted, kinks)
        explained = _explained(algebra, typed, shown.written)
        said_notes = tuple(n for n in (*problem.notes, note, said, *sentence(held), *explained, unfinished) if n)
        out[v.name] = Derivative(
            problem,
            v,
            kind,
            shown,
            task,
            said_notes,
            structure,
            normal,
            conditions=held,
            granted=(*granted, *kinks),
            narrowed=calculus.narrowed or lower is not None and lower.narrowed,
        )
    return out


def _said_by_rules(
    calculus: Calculus, variable: Expr, lower: Derivative | None, read_as: Mapping[Expr, Expr]
) -> tuple[list[Claim], list[Claim]]:
    """What the rules that were used take for granted of expressions that move, and where they have kinks.

    Above the first order there is no derivative at a kink.
    """
    algebra = calculus.algebra

    def moving(found: Iterable[Claim]) -> list[Claim]:
        claims = [(x, p) for x, p in found if depends(x, {variable})]
        return [(algebra.substitute(x, read_as), p) for x, p in claims] if read_as else claims

    granted, kinks = moving(calculus.domain), moving(calculus.smooth)
    return (granted, kinks) if lower is None else ([*lower.granted, *granted, *kinks], [])


def _explained(algebra: Algebra, function: Expr, answer: Expr) -> list[str]:
    """What the operations are that an answer names and the function does not."""
    operators = algebra.book.operators
    named = dict.fromkeys([e.head for e in postorder(answer) if e.head in operators])
    typed = {e.head for e in postorder(function)} if named else ()
    notes = {name: operators[name].clauses.get("note", ()) for name in named if name not in typed}
    return [f"{name}: {text}" for name, texts in notes.items() for text in texts]


def _higher_order(problem: Problem, first: dict[str, Derivative], order: int) -> dict[str, Derivative]:
    """Derivatives of derivatives: by one variable again and again, or by pairs of several."""
    variables = [d.variable for d in first.values()]
    if order > 2 and not (len(variables) == 1 and variables[0].shape == SCALAR):
        raise NotDifferentiable(
            f"A derivative of order {order} by {', '.join(v.name for v in variables)} has no matrix form.",
            hint="Orders from three on are given by a scalar variable.",
        )
    if problem.function.shape != SCALAR and any(v.shape != SCALAR for v in variables):
        raise NotDifferentiable(
            "Second derivatives are given of scalar functions, and of any function by a scalar.",
            hint="Differentiate an entry, a trace or an inner product of it.",
        )
    level: dict[tuple[str, ...], Derivative] = {(name,): d for name, d in first.items()}
    for n in range(2, order + 1):
        following: dict[tuple[str, ...], Derivative] = {}
        for names, d in level.items():
            assert d.normal is not None
            inner = replace(problem, function=d.normal)
            notes = [""] * len(variables)
            for v, second in _first_order(inner, variables, notes, None, order=n, lower=d).items():
                following[(*names, v)] = replace(second, order=n, lower=d)
        level = following
    return {",".join(names) if len(variables) > 1 else names[0]: d for names, d in level.items()}


def _laid_out(d: Derivative, layout: str) -> Derivative:
    """The derivative in a layout by name."""
    laid = replace(d, layout=layout)
    if not laid.turned:
        return laid
    said = {
        "gradient": "the transpose of the gradient",
        "jacobian": "the transpose of the Jacobian",
        "derivative": f"the transpose of d{d.label[1:].partition('/')[0]}/d{d.variable.name}",
        "differential": "arrays and the fourth-order tensor have the indices of the variable first",
    }
    algebra = d.problem.algebra
    shown = d.expression if d.kind == "differential" else pleasant(algebra, algebra.transpose(d.expression.normal))
    return replace(laid, expression=shown, notes=(*d.notes, f"in {layout} layout: {said[d.kind]}"))


def _hole(problem: Problem, v: Expr) -> Expr:
    """The symbol for a variable's differential; it has the variable's symmetry."""
    kept = {"differential", "symmetric"} if "symmetric" in v.data.properties and v.shape != SCALAR else {"differential"}
    return problem.algebra.symbol(f"d{v.name}", v.shape, v.data.kind, kept)
