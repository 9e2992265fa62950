"""Differentiate forward, or sweep back: the two generic passes that apply differential and adjoint rules.

Forward, a linear operator is its own differential, a bilinear one obeys the product rule
``d(X ⋆ Y) = dX ⋆ Y + X ⋆ dY`` and every other operator has a differential rule.  Backward, ``W : L(X) = L*(W) : X``
moves an operator off its argument: by its adjoint rule if it is linear in it, and otherwise by sweeping back through
the right side of its differential rule, once for each rule and not for each use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from heapq import heappop, heappush

from ..arguments import short
from ..errors import NotDifferentiable
from ..expressions.dimensions import SCALAR
from ..expressions.nodes import ONE, Expr, postorder
from ..expressions.parts import Term, depends
from ..normal_form.algebra import Algebra
from ..normal_form.domain import Claim, claims
from ..normal_form.matching import Binding, instantiate
from ..normal_form.theory import Rule
from .choice import power_rule, rule_for
from .powers import around, expanded_exponent
from .refusals import refusal, shown
from .unspecified import only_argument, pulled_back, pushed_forward

STRUCTURAL = frozenset({"mul", "had", "scale", "transpose"})
PRODUCT = "product rule"

Pull = tuple[Expr, Expr]  # an argument and the contribution to its cotangent


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """One application of a rule: the differential of `before` is `after`."""

    rule: str
    before: Expr
    after: Expr

    def __repr__(self) -> str:
        return f"<{short(f'{self.rule}: d({self.before}) = {self.after}')}>"


@dataclass(slots=True)
class Pullback:
    """A differential rule transposed: ``W : d(pattern) = Σ cotangent : dX``, in terms of W and the rule's variables."""

    cotangent: Expr
    parts: list[tuple[Expr, Expr]]
    labels: tuple[str, ...]
    domain: tuple[Claim, ...]
    smooth: tuple[Claim, ...]


class Differentials(dict[Expr, Expr]):
    """Differentials by expression; asking for one that could not be computed raises the reason."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: dict[Expr, NotDifferentiable] = {}

    def __missing__(self, e: Expr) -> Expr:
        raise self.failures[e]


class Calculus:
    """The passes under one algebra.

    `used` collects the labels of the rules they apply, `record` every application, `domain` what these rules take for
    granted and `smooth` what makes the derivative unique, each of which an expression has.  Of two rules for an
    operation the one that takes nothing for granted is preferred `everywhere`; else it is for expressions that are
    known not to have what the other asks for, and `narrowed` says that there was another.
    """

    def __init__(self, algebra: Algebra, everywhere: bool = False) -> None:
        self.algebra = algebra
        self.book = algebra.book
        self.everywhere = everywhere
        self.narrowed = False
        self.used: dict[str, None] = {}
        self.domain: dict[Claim, None] = {}
        self.smooth: dict[Claim, None] = {}
        self.record: list[Step] | None = None

    # --- backward -------------------------------------------------------------------------------------------------

    def cotangents(
        self, root: Expr, seed: Expr, variables: Sequence[Expr], order: Mapping[Expr, int] | None = None
    ) -> dict[Expr, list[Term]]:
        """For each variable the terms of its cotangent: ``seed : d(root) = Σ (Σ terms) : d(variable)``.

        A variable may be any subexpression; the sweep stops there.  `order` is `sweep_order` of an expression that
        contains the root, where sweeps of its parts follow one another.
        """
        linear = self.algebra.linear
        if order is None:
            order = sweep_order(root, variables)
        active = order.keys()
        found: dict[Expr, list[Term]] = {v: [] for v in variables}
        pending: dict[Expr, list[Term]] = {root: [(1, seed)]}
        following: list[tuple[int, Expr]] = [(0, root)] if root in active else []
        while following:  # a heap: what is next depends on nothing else that is pending
            _, e = heappop(following)
            terms = pending.pop(e)
            if e in found:
                found[e].extend(terms)
                continue
            todo = self.pull(e, linear(terms), active)
            while todo:
                target, w = todo.pop()
                if w.head == "zero":
                    continue
                if target in active:
                    if target not in pending:
                        pending[target] = []
                        heappush(following, (-order[target], target))
                    pending[target].append((1, w))
                else:  # a rule bound one of its variables to an expression that does not stand in the function itself
                    inside = depends(target, active)
                    todo.extend(self.pull(target, w, active | inside) if inside else ())
        return found

    def gradients(self, root: Expr, variables: Sequence[Expr]) -> dict[Expr, Expr]:
        """The gradient of a scalar function by each variable: ``d(root) = Σ gradient : d(variable)``."""
        found = self.cotangents(root, ONE, variables)
        return {v: self.algebra.linear(terms, v.shape) for v, terms in found.items()}

    def pull(self, e: Expr, w: Expr, active: AbstractSet[Expr]) -> list[Pull]:
        """Move one operation off its active arguments."""
        a = self.algebra
        head = e.head
        if head == "mul":
            return self._pull_product(e, w, active)
        if head == "add":
            return [(x, a.linear([(c, w)])) for c, x in zip(e.data, e.args, strict=True) if x in active]
        if head == "had":
            return self._pull_monomial(e, w, active)
        if head == "call":
            only_argument(e, active)
        if head == "power" and (k := expanded_exponent(self.book, e)):
            return self._pull_power(e, k, w)
        if found := self._rule_for(e, active):
            return self._pull_rule(*found, w, active)
        if head == "call":
            self.used["chain rule"] = None
            return [pulled_back(e, w)]
        if head == "index":
            return [(e.args[0], self._placed(e, w))]
        return [(x, self._adjoint(e, slot, e.args, w)) for slot, x in enumerate(e.args) if x in active]

    def _rule_for(self, e: Expr, active: AbstractSet[Expr]) -> tuple[Rule, Binding] | None:
        found = rule_for(self.algebra, e, active, self.everywhere)
        if found is None:
            return None
        self.narrowed = self.narrowed or found[2]
        return found[:2]

    def _pull_product(self, e: Expr, w: Expr, active: AbstractSet[Expr]) -> list[Pull]:
        """W : P X S = Pᵀ W Sᵀ : X, by the adjoint rules of a product of two."""
        a = self.algebra
        factors = e.args
        out: list[Pull] = []
        for i, x in enumerate(factors):
            if x in active:
                g = w
                if i:
                    rest = a.zeros(x.shape[0], e.shape[1])  # what is moved out counts by its shape only
                    g = self._adjoint(e, 1, (_chain(a, factors[:i]), rest), g)
                if i + 1 < len(factors):
                    g = self._adjoint(e, 0, (x, _chain(a, factors[i + 1 :])), g)
                out.append((x, g))
        return out

    def _pull_monomial(self, e: Expr, w: Expr, active: AbstractSet[Expr]) -> list[Pull]:
        """A Hadamard product (or a product of scalars) of powers, factor by factor."""
        a = self.algebra
        out: list[Pull] = []
        factors = list(zip(e.args, e.data, strict=True))
        for i, (x, p) in enumerate(factors):
            if x not in active:
                continue
            g = w
            if len(factors) > 1:
                others = a.had([*factors[:i], *factors[i + 1 :]], e.shape)
                g = self._adjoint(e, 1, (others, x), w) if i else self._adjoint(e, 0, (x, others), w)
            if p != 1:
                rule, b = power_rule(a, x, p)
                ((_, g),) = self._pull_rule(rule, b, g, active)
            out.append((x, g))
        return out

    def _placed(self, e: Expr, w: Expr) -> Expr:
        """W : X[i, j] = e_i W e_jᵀ : X."""
        a = self.algebra
        x, (i, j) = e.args[0], e.data
        self.used["W:X[i,j] = e_i W e_jᵀ:X"] = None
        if i is not None and j is not None and 1 not in x.shape:
            return a.scale(w, a.single_entry(i, j, *x.shape))
        if i is not None and x.shape[0] != 1:
            w = a.mul([a.unit(i, x.shape[0]), w]) if w.shape != SCALAR else a.scale(w, a.unit(i, x.shape[0]))
        if j is not None and x.shape[1] != 1:
            row = a.transpose(a.unit(j, x.shape[1]))
            w = a.mul([w, row]) if w.shape != SCALAR else a.scale(w, row)
        return w

    def _pull_power(self, e: Expr, k: int, w: Expr) -> list[Pull]:
        """The product rule on X X … X."""
        a = self.algebra
        self.used[PRODUCT] = None
        return [
            (e.args[0], a.linear([(sign, a.mul([a.transpose(left), w, a.transpose(right)]))]))
            for sign, left, right in around(a, e, k)
        ]

    def _adjoint(self, e: Expr, slot: int, args: Sequence[Expr], w: Expr) -> Expr:
        """L*(w) for an operator that is linear in the argument `slot`, by its adjoint rule."""
        if e.head not in STRUCTURAL and not self.book.is_linear(e.head, slot):
            raise refusal(self.book, e)
        rule = self.book.adjoint_rule(e.head, slot, args)
        cotangent, moved = rule.pattern.args
        b = Binding()
        b.bind(cotangent, w)
        for v, x in zip(moved.args, args, strict=True):
            b.bind(v, x)
        if w.shape != SCALAR or e.head == "mul" or e.head not in STRUCTURAL:
            self._cite(rule.label)
        self.book.fired(rule)
        return instantiate(self.algebra, rule.template, b)

    def _applied(self, rule: Rule, b: Binding) -> None:
        """Count a differential rule, and note what it takes for granted and where it gives a subgradient."""
        self.book.fired(rule)
        if rule.domain or rule.smooth:
            shown = claims(self.algebra, rule.template)
            for said, found in ((rule.domain, self.domain), (rule.smooth, self.smooth)):
                stated = [(v, p) for v, properties in said.items() for p in sorted(properties)]
                found.update({(b.values[v], p): None for v, p in stated if (v, p) not in shown})

    def _cite(self, label: str) -> None:
        """Note a rule for the derivation; what moves a scalar only has no label."""
        if label:
            self.used[label] = None

    def _pull_rule(self, rule: Rule, b: Binding, w: Expr, active: AbstractSet[Expr]) -> list[Pull]:
        compiled = self.book.pullbacks.get(rule)
        if compiled is None:
            compiled = self.book.pullbacks[rule] = self._transposed(rule)
        self.used.update(dict.fromkeys(compiled.labels or (rule.label,)))
        self._applied(rule, b)
        out: list[Pull] = []
        bound = Binding({**b.values, compiled.cotangent: w}, b.dims, b.functions)
        for inner, found in ((compiled.domain, self.domain), (compiled.smooth, self.smooth)):
            found.update({(instantiate(self.algebra, x, bound), p): None for x, p in inner})
        for variable, g in compiled.parts:
            x = b.values[variable]
            if x in active or depends(x, active):
                out.append((x, instantiate(self.algebra, g, bound)))
        return out

    def _transposed(self, rule: Rule) -> Pullback:
        """Sweep back through a differential rule's right side, linear in its differentials."""
        cotangent = self.algebra.symbol("𝑊", rule.template.shape)
        holes = {hole: variable for variable, hole in rule.differentials.items()}
        sweep = Calculus(self.algebra)
        found = sweep.cotangents(rule.template, cotangent, list(holes))
        parts = [(v, self.algebra.linear(found[h], h.shape)) for h, v in holes.items()]
        return Pullback(cotangent, parts, tuple(sweep.used), tuple(sweep.domain), tuple(sweep.smooth))

    # --- forward --------------------------------------------------------------------------------------------------

    def differential(self, root: Expr, holes: Mapping[Expr, Expr], memo: Differentials | None = None) -> Expr:
        """The differential of an expression, linear in the holes that stand for the variables' differentials.

        A rule may look through an operation that has no differential of its own, as that of tr(expm(X)) does.
        """
        memo = Differentials() if memo is None else memo
        memo.update(holes)
        active = depends(root, set(holes))
        if root not in active:
            return self.algebra.zeros(*root.shape)
        for e in postorder(root):
            if e in active and e not in memo:
                try:
                    memo[e] = self.push(e, active, memo, holes)
                except NotDifferentiable as problem:
                    memo.failures[e] = problem
        return memo[root]

    def push(self, e: Expr, active: AbstractSet[Expr], d: Differentials, holes: Mapping[Expr, Expr]) -> Expr:
        """The differential of one operation from those of its arguments."""
        if self.record is None:
            return self._push(e, active, d, holes)
        outer, self.used = self.used, {}
        made = self._push(e, active, d, holes)
        self.record.append(Step("; ".join(self.used) or "linearity", e, made))
        self.used = {**outer, **self.used}
        return made

    def _push(self, e: Expr, active: AbstractSet[Expr], d: Differentials, holes: Mapping[Expr, Expr]) -> Expr:
        a = self.algebra
        head, args = e.head, e.args
        if head == "add":
            return a.linear([(c, d[x]) for c, x in zip(e.data, args, strict=True) if x in active])
        if head == "transpose":
            return a.transpose(d[args[0]])
        if head == "mul":
            products = [a.mul([*args[:i], d[x], *args[i + 1 :]]) for i, x in enumerate(args) if x in active]
            return self._by_product_rule(e, products)
        if head == "scale":
            s, x = args
            multiples = [a.scale(d[s], x)] if s in active else []
            return self._by_product_rule(e, [*multiples, *([a.scale(s, d[x])] if x in active else [])])
        if head == "had":
            return self._push_monomial(e, active, d)
        if head == "call":
            only_argument(e, active)
        if head == "index":
            return a.index(d[args[0]], *e.data)
        if head == "power" and (k := expanded_exponent(self.book, e)):
            terms = [a.linear([(sign, a.mul([x, d[args[0]], y]))]) for sign, x, y in around(a, e, k)]
            return self._by_product_rule(e, terms)
        if found := self._rule_for(e, active):
            return self._push_rule(*found, d, holes)
        if head == "call":
            self.used["chain rule"] = None
            return pushed_forward(e, d[args[-1]])
        if "jointly-linear" in self.book.operator(head).tags:
            return a.apply(head, [d[x] if x in active else a.zeros(*x.shape) for x in args], e.shape)
        if head == "power" or not all(self.book.is_linear(head, i) for i, x in enumerate(args) if x in active):
            raise refusal(self.book, e)
        if len(args) == 1:
            return self._distributed(e, d[args[0]])
        return self._by_product_rule(
            e, [a.apply(head, [*args[:i], d[x], *args[i + 1 :]], e.shape) for i, x in enumerate(args) if x in active]
        )

    def _by_product_rule(self, e: Expr, terms: Sequence[Expr]) -> Expr:
        """The terms that the product rule gives, if the book has it."""
        if self.book.rules.product is None:
            raise NotDifferentiable(f"The rule book has no product rule, which {shown(e)} needs.")
        self.used[PRODUCT] = None
        return self.algebra.linear([(1, t) for t in terms], e.shape)

    def _push_rule(self, rule: Rule, b: Binding, d: Differentials, holes: Mapping[Expr, Expr]) -> Expr:
        self.used[rule.label] = None
        self._applied(rule, b)
        for variable, hole in rule.differentials.items():
            x = b.values[variable]
            b.values[hole] = d[x] if x in d else self.differential(x, holes, d)
        return instantiate(self.algebra, rule.template, b)

    def _distributed(self, e: Expr, d: Expr) -> Expr:
        """A scalar-valued linear operator of a sum, term by term, as it is written in a derivation."""
        a = self.algebra
        if d.head == "add" and e.shape == SCALAR:
            return a.linear([(c, a.apply(e.head, [x], e.shape)) for c, x in zip(d.data, d.args, strict=True)])
        return a.apply(e.head, [d], e.shape)

    def _push_monomial(self, e: Expr, active: AbstractSet[Expr], d: Differentials) -> Expr:
        a = self.algebra
        terms: list[Expr] = []
        factors = list(zip(e.args, e.data, strict=True))
        for i, (x, p) in enumerate(factors):
            if x not in active:
                continue
            dx = d[x]
            if p != 1:
                rule, b = power_rule(a, x, p)
                dx = self._push_rule(rule, b, d, {})
            terms.append(a.had([*factors[:i], *factors[i + 1 :], (dx, 1)], e.shape))
        return self._by_product_rule(e, terms) if len(factors) > 1 else a.add(*terms)


def sweep_order(root: Expr, variables: Sequence[Expr]) -> dict[Expr, int]:
    """The nodes that depend on the variables, numbered so that arguments come first."""
    order: dict[Expr, int] = {}
    for i, e in enumerate(postorder(root)):
        if e in variables or not order.keys().isdisjoint(e.args):
            order[e] = i
    return order


def _chain(a: Algebra, factors: Sequence[Expr]) -> Expr:
    return factors[0] if len(factors) == 1 else a.mul(factors)
