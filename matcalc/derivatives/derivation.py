"""The derivation of an answer: the lines of a textbook, each an expression that can be checked on its own.

A line of kind ``differential`` is the differential of the function, an expression linear in dX whatever has been named;
``definition`` and ``let`` lines say what is differentiated and what a name stands for; ``answer`` is what was read off.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..arguments import short
from ..calculus.differentials import Calculus, Differentials, sweep_order
from ..calculus.differentials import Step as MicroStep
from ..expressions.dimensions import SCALAR
from ..expressions.nodes import ONE, Expr, node, postorder
from ..expressions.parts import Term, depends, split
from ..language.names import fresh
from ..normal_form.algebra import Algebra
from ..printing.layout import MOST_PIECES, Names, too_long
from ..printing.text import ascii_text, beginning, paper_text
from ..simplification.shortest import pleasant
from ..simplification.shown import Shown

NAMED_FROM = 26  # printed size from which intermediates get names
LET_SIZE = 3  # of a subexpression that is worth a name
COLLECT = "collect"
LONGEST_PIECE = 4  # characters of a piece of print, on average at most
LINEAR = frozenset({"add", "mul", "had", "scale", "transpose", "index"})  # or bilinear: their arguments need no name


class _Introduced(dict[Expr, str]):
    """Names in the order in which a derivation introduces them."""

    def __init__(self, names: Mapping[Expr, str]) -> None:
        super().__init__(names)
        self.places = {e: i for i, e in enumerate(names)}

    def __setitem__(self, e: Expr, name: str) -> None:
        self.places.setdefault(e, len(self.places))
        super().__setitem__(e, name)

    def now(self) -> Names:
        """The names there are now: a line sees those above it, and copies of them all would be quadratic."""
        return _SoFar(self, len(self))


class _SoFar(Mapping[Expr, str]):
    """The first of the names that were introduced, without one that is spelled out."""

    __slots__ = ("count", "names", "spelled")

    def __init__(self, names: _Introduced, count: int, spelled: Expr | None = None) -> None:
        self.names, self.count, self.spelled = names, count, spelled

    def __getitem__(self, e: Expr) -> str:
        if self.names.places.get(e, self.count) >= self.count or e is self.spelled:
            raise KeyError(e)
        return self.names[e]

    def __contains__(self, e: object) -> bool:
        return self.names.places.get(e, self.count) < self.count and e is not self.spelled  # type: ignore[call-overload]

    def __iter__(self) -> Iterator[Expr]:
        return (e for e, place in self.names.places.items() if place < self.count and e is not self.spelled)

    def __len__(self) -> int:
        hidden = self.spelled is not None and self.names.places.get(self.spelled, self.count) < self.count
        return min(self.count, len(self.names)) - hidden


def _without(names: Names, e: Expr) -> Names:
    """The names but that of one expression, which is written out."""
    if isinstance(names, _SoFar) and names.spelled is None:
        return _SoFar(names.names, names.count, e)
    return {x: n for x, n in names.items() if x is not e}


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """One line: what stands left of the equals sign, the expression, and the rules that led to it."""

    left: str
    expression: Shown
    rules: tuple[str, ...]
    kind: str
    names: Names = field(default_factory=dict)

    def __repr__(self) -> str:
        rules = f"   {'; '.join(self.rules)}" if self.rules else ""
        return f"<{short(f'{self.left} = {self.text(beginning)}{rules}'.strip())}>"

    def text(self, write: object = paper_text) -> str:
        """The right-hand side, with the names that the derivation has introduced."""
        assert callable(write)
        e = self.expression.written
        if self.kind == "let" and e.head == "call" and e.data.order == 1 and not e.data.elementwise:
            argument = self.names.get(e.args[0]) or write(e.args[0], self.names)
            return f"∂{e.data.name}/∂{argument}"
        if self.kind == "answer" and e in self.names:
            return self.names[e]
        return str(write(e, _without(self.names, e)))


@dataclass(slots=True, repr=False)
class Derivation:
    """The steps of a derivation, and the trace of every rule application behind them."""

    steps: list[Line]
    trace: list[MicroStep]

    def __repr__(self) -> str:
        answers = [s.left for s in self.steps if s.kind == "answer"] or [self.steps[-1].left]
        return f"<derivation of {', '.join(answers)} in {len(self.steps)} lines>"

    def __str__(self) -> str:
        return self._aligned(paper_text)

    def ascii(self) -> str:
        """The derivation in ASCII."""
        from ..printing.words import to_ascii

        return to_ascii(self._aligned(ascii_text))

    def _aligned(self, write: object) -> str:
        rows = [
            (f"let {s.left}" if s.kind == "let" else s.left, text, "; ".join(s.rules))
            for s, text in self._texts(lambda line: line.text(write))
        ]
        first = max((len(left) for left, _, _ in rows), default=0)
        widths = [len(right) for _, right, rules in rows if rules and len(right) <= 60]
        second = max(widths, default=0)
        return "\n".join(
            f"{left:<{first}} = {right:<{second if rules else 0}}   {rules}".rstrip() for left, right, rules in rows
        )

    def latex(self) -> str:
        """The derivation as an aligned block."""
        from ..printing.latex import aligned, latex
        from ..printing.names import name_latex

        texts = self._texts(lambda line: latex(e := line.expression.written, _without(line.names, e)))
        return aligned([(name_latex(s.left), text, "; ".join(s.rules)) for s, text in texts])

    def _texts(self, write: Callable[[Line], str]) -> Iterator[tuple[Line, str]]:
        """The lines with what stands on their right; refused where all together are too long to print."""
        length = 0
        for line in self.steps:
            text = write(line)
            length += len(text)
            if length > LONGEST_PIECE * MOST_PIECES:
                raise too_long()
            yield line, text

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


@dataclass(slots=True, repr=False)
class Task:
    """What a derivation is of: the function, the variables and the symbols for their differentials."""

    algebra: Algebra
    function: Expr
    variables: Sequence[Expr]
    holes: Mapping[Expr, Expr]
    lets: Mapping[str, Expr]
    read_as: Mapping[Expr, Expr] = field(default_factory=dict)  # a variable read as any matrix, and what it is
    letter: str = ""
    """What the function is called."""

    def __repr__(self) -> str:
        names = ", ".join(v.name for v in self.variables)
        return f"<{short(f'{beginning(self.function)} by {names}')}>"


def letter_of(function: Expr, taken: Container[str], label: str = "") -> str:
    """What a function is called: as the text calls it, else f a scalar, y a vector, Y a matrix, apart from its names.

    >>> from matcalc import parse
    >>> letter_of(parse("A x"), ()), letter_of(parse("A y"), {"A", "y"}), letter_of(parse("A y"), (), "r")
    ('y', 'z', 'r')
    """
    letters = "fhqs" if function.shape == SCALAR else "yzvu" if function.shape[1] == 1 else "YZFM"
    wanted = [label] if label else [*letters]
    return next((name for name in wanted if name not in taken), f"{letters[0]}_")


def names_within(function: Expr) -> set[str]:
    """The names of variables and unspecified functions in an expression."""
    return {e.name if e.head == "symbol" else e.data.name for e in postorder(function) if e.head in ("symbol", "call")}


def scalar_derivation(task: Task, answers: Mapping[Expr, Shown], left: Sequence[str]) -> Derivation:
    """f, df by the product rule, the terms G : dX, collected, and the gradients."""
    calculus, f = Calculus(task.algebra), task.function
    used = names_within(f) | {e.name for e in task.holes.values()} | {task.letter}
    longest = max(e.size for e in answers.values())
    named = _intermediates(task, used, max(longest, f.size) >= NAMED_FROM)
    name = task.letter
    trace: list[MicroStep] = []
    calculus.record = trace
    d = Differentials()
    df = calculus.differential(f, dict(task.holes), d)
    forward = tuple(calculus.used)
    names = _Introduced({})
    lines: list[Line] = []
    for e, n in named:
        lines.append(Line(n, Shown.of(e), (), "let", names.now()))
        names[e] = n
    lines.append(Line(name, Shown.of(f), (), "definition", names.now()))
    dnames = _Introduced(names)
    for e, n in named:
        if e in d and d[e].size > 1:
            dnames[d[e]] = f"d{n}"
    lines.append(Line(f"d{name}", Shown.of(df), forward, "differential", dnames.now()))
    if df.head != "zero":
        names = _sweep_lines(task, calculus, d, [e for e, _ in named], dnames, lines)
    for v, label in zip(task.variables, left, strict=True):
        lines.append(Line(label, answers[v], (), "answer", names.now()))
    return Derivation(_without_repeats(lines), trace)


def _intermediates(task: Task, used: set[str], long: bool) -> list[tuple[Expr, str]]:
    """What a long derivation names: what the user has named, and the arguments of nonlinear operations."""
    f = task.function
    order = {e: i for i, e in enumerate(postorder(f))}
    active = depends(f, set(task.variables))
    found = {e: n for n, e in task.lets.items() if e in active and e is not f and e.args}
    if long:
        book = task.algebra.book
        for e in order:
            if e in active and e.args and e.head not in LINEAR:
                nonlinear = e.head in ("call", "power", "dotpower") or not book.operator(e.head).tags & {
                    "linear",
                    "bilinear",
                }
                x = e.args[0]
                if nonlinear and x in active and x.size >= LET_SIZE and x.shape != SCALAR and x not in found:
                    found[x] = fresh("z" if x.shape[1] == 1 else "Z", used)
    for e in order:
        if e in active and e.head == "call" and e.shape == SCALAR and e.args[0].args and e.args[0].shape != SCALAR:
            found.setdefault(e.args[0], fresh("z" if e.args[0].shape[1] == 1 else "D", used))
    return sorted(found.items(), key=lambda item: order[item[0]])


def _sweep_lines(
    task: Task,
    calculus: Calculus,
    d: Mapping[Expr, Expr],
    stops: list[Expr],
    names: _Introduced,
    lines: list[Line],
) -> _Introduced:
    """The lines Σ G : dZ, moving back from one named intermediate to those it is made of."""
    algebra = task.algebra
    ends = [*stops, *task.variables]
    frontier: dict[Expr, list[Term]] = {}
    done: dict[Expr, tuple[int, list[Expr], Shown]] = {}  # how many terms were gathered, each like one, and their sum
    names = _Introduced(names)
    labels = {e.name for e in postorder(task.function) if e.head == "symbol"} | set(names.values())

    order = sweep_order(task.function, ends)
    named = set(stops)
    arguments = {e.args[0] for e in order if e.head == "call"}

    def step(root: Expr, seed: Expr) -> None:
        if root in task.variables:
            frontier.setdefault(root, []).append((1, seed))
            return
        for e, terms in calculus.cotangents(root, seed, [e for e in ends if e is not root], order).items():
            if terms:
                frontier.setdefault(e, []).extend(terms)

    calculus.used = {}
    step(task.function, ONE)
    for stop in [None, *reversed(stops)]:
        if stop is not None:
            g = algebra.linear(frontier.pop(stop, []), stop.shape)
            if g.head == "zero":
                continue
            if stop in arguments and any(
                x.head == "call" and x.args[0] is stop for x in postorder(g)
            ):  # G : dD = G : dW X
                bare = _without(names.now(), d[stop])
                rest = [(e, algebra.linear(terms, e.shape)) for e, terms in frontier.items() if terms]
                pairs = [(x, Shown.of(y)) for x, y in [(stop, g), *rest]]
                reason = ("differential of the argument",)
                lines.append(Line("", _paired(algebra, pairs, d), reason, "differential", bare))
            calculus.used = {}
            step(stop, g)
        for e, terms in frontier.items():  # most are as they were: to gather them all again would be quadratic
            if (done[e][0] if e in done else 0) != len(terms):
                total = pleasant(algebra, algebra.linear(terms, e.shape)) if terms else Shown.of(e)
                done[e] = len(terms), _collected(algebra, terms), total
        collected = {e: done[e][1] for e in frontier}
        separate = [(e, Shown.of(g)) for e, parts in collected.items() for g in parts]
        rules = tuple(calculus.used)
        if any(len(parts) > 1 for parts in collected.values()):
            lines.append(Line("", _paired(algebra, separate, d), rules, "differential", names.now()))
            rules = (COLLECT,)
        totals = [(e, done[e][2]) for e, terms in frontier.items() if terms]
        for e, total in totals:
            shown = _core(total)
            core = shown.written
            if e in named and core not in names and core.args and core.size >= LET_SIZE:
                label = fresh("G", labels)
                lines.append(Line(label, shown, (), "let", names.now()))
                names[core] = names[shown.normal] = label
                frontier[e] = [(1, total.normal)]
                done[e] = 1, _collected(algebra, frontier[e]), total
        lines.append(Line("", _paired(algebra, totals, d), rules, "differential", names.now()))
    _project(task, frontier, d, lines, names.now())
    return names


def _core(g: Shown) -> Shown:
    """A cotangent without the number in front of it, which is the same as it is written and in normal form."""
    (c, written), (d, normal) = split(g.written), split(g.normal)
    return Shown(written, normal) if c == d else Shown.of(normal)


def _project(
    task: Task, frontier: Mapping[Expr, list[Term]], d: Mapping[Expr, Expr], lines: list[Line], names: Names
) -> None:
    """For a structured variable, the line where G becomes its projection: dX has the structure, so nothing changes."""
    from ..calculus.structured import projected, structure_of

    algebra = task.algebra
    totals = [(e, algebra.linear(terms, e.shape)) for e, terms in frontier.items() if terms]
    if task.read_as:
        totals = [(e, algebra.substitute(g, task.read_as)) for e, g in totals]
    known = {e: task.read_as.get(e, e) for e, _ in totals}
    kinds = {e: structure_of(algebra.book, x) for e, x in known.items()}
    shown = [(e, pleasant(algebra, projected(algebra, kinds[e] or "", known[e], g))) for e, g in totals]
    reasons = tuple(f"d{e.name} is symmetric" for e, kind in kinds.items() if kind == "symmetric")
    if reasons:
        lines.append(Line("", _paired(algebra, shown, d), reasons, "differential", names))


def _collected(algebra: Algebra, terms: Sequence[Term]) -> list[Expr]:
    """The terms of a cotangent, each on its own, like terms together."""
    total = algebra.linear(terms) if terms else None
    if total is None or total.head == "zero":
        return []
    distinct: dict[Expr, None] = {}
    for c, e in terms:
        distinct[algebra.linear([(c, e)])] = None
    if len(distinct) != len(terms) or len(distinct) == 1:
        return [total]
    return list(distinct)


def _paired(algebra: Algebra, parts: Sequence[tuple[Expr, Shown]], d: Mapping[Expr, Expr]) -> Shown:
    """Σ G : dX; the sum is kept as it is written."""
    pairs, terms = [], []
    for e, g in parts:
        if g.normal.head == "zero":
            continue
        if e.shape == SCALAR:
            pairs.append(algebra.had([(g.normal, 1), (d[e], 1)], SCALAR))
            terms.append(pairs[-1])
        else:
            pairs.append(node("frob", (g.written, d[e]), algebra.book.operation("frob"), SCALAR))
            terms.append(algebra.apply("frob", [g.normal, d[e]]))
    written = node("add", tuple(pairs), (1,) * len(pairs), SCALAR) if len(pairs) > 1 else None
    return Shown(written or (pairs or [algebra.zeros(1, 1)])[0], algebra.linear([(1, t) for t in terms], SCALAR))


def forward_derivation(task: Task, value: Shown, left: str, answer: Shown, differential: bool) -> Derivation:
    """Y, dY by the product rule, simplified, and the answer: where nothing has to be transposed."""
    calculus, f = Calculus(task.algebra), task.function
    name = task.letter
    trace: list[MicroStep] = []
    calculus.record = trace
    d = Differentials()
    raw = calculus.differential(f, dict(task.holes), d)
    rules = tuple(calculus.used)
    lines = [Line(name, Shown.of(f), (), "definition"), Line(f"d{name}", Shown.of(raw), rules, "differential")]
    if value.written is not raw:
        lines.append(Line("", value, (COLLECT,), "differential"))
    if not differential:
        lines.append(Line(left, answer, (), "answer"))
    return Derivation(_without_repeats(lines), trace)


def _without_repeats(lines: list[Line]) -> list[Line]:
    """The lines without those that print what the line above prints."""
    kept: list[Line] = []
    for line in lines:
        same = kept and line.kind == kept[-1].kind == "differential" and line.expression == kept[-1].expression
        if same and line.text() == kept[-1].text():
            continue
        kept.append(line)
    return kept
