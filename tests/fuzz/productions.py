"""What stands at the top of a tree of a shape: one production for each operation of the language."""

from __future__ import annotations

from fractions import Fraction

from tests.fuzz.grow import KINKED, NUMBERS, OF_POSITIVE, OF_UNIT, RARE, SMOOTH, Grower
from tests.fuzz.trees import SCALAR, Call, Dim, Shape, Tree, Unspecified, half_of, is_plain, plus, times

OF_SCALARS = (
    "frob frob sum sum tr tr tr quadratic quadratic inner inner det logdet norm norm norm_squared power product "
    "product quotient add add subtract function function kinked root unit call logsumexp scale mean negate "
    "power_of dotcall extreme prod spectral eigenvalue index norm_1 trace_function reshaped call_scalar size"
).split()
OF_ARRAYS = (
    "mul mul mul mul add add subtract scale number hadamard hadamard transpose transpose elementwise elementwise "
    "kinked of_positive of_unit dotpower dotdivide dotadd negate dotcall divide call stacked vectorised"
).split()
OF_SQUARES = (
    "inv inv power Diag shift triangle part unvech expm logm sqrtm chol adj frechet regular_power gradient rare "
    "outer_self matrix_function"
).split()
OF_COLUMNS = ("diagvec matvec matvec matvec softmax cumsum rowsum normalize vech map slice gradient hadamard").split()
OF_RECTANGLES = "outer outer pinv unvec parts kron_adjoint colsum".split()


def scalar(g: Grower, depth: int) -> Tree:
    """A scalar with one operation at its top."""
    kind = g.pick(OF_SCALARS)

    def made(op: str, *args: Tree, data: object = None) -> Tree:
        return Tree(op, args, SCALAR, data)

    def any_scalar(d: int = depth) -> Tree:
        return g.grow(SCALAR, d)

    if kind in ("sum", "mean", "prod"):
        return made(kind, g.some(depth) if kind != "prod" else g.positive((g.dim(), 1), depth))
    if kind == "frob":
        a = g.some(depth)
        return made("frob", a, g.grow(a.shape, g.less(depth)))
    if kind == "tr":
        return made("tr", g.square(depth))
    if kind == "quadratic":
        m, n = g.dim(), g.dim()
        left = Tree("transpose", (g.grow((m, 1), g.less(depth)),), (1, m))
        return made("mul", Tree("mul", (left, g.grow((m, n), depth - 1)), (1, n)), g.grow((n, 1), g.less(depth)))
    if kind == "inner":
        n = g.dim(0.05)
        a, b = g.grow((n, 1), depth), g.grow((n, 1), g.less(depth))
        return g.pick([made("mul", Tree("transpose", (a,), (1, n)), b), made("dot", a, b)])
    if kind in ("det", "logdet"):
        return made(kind, g.regular(g.dim(0.05), depth))
    if kind in ("norm", "norm_squared"):
        a = g.grow((g.dim(), 1), depth) if g.chance(0.5) else g.some(depth)
        norm = made("norm" if a.shape[1] == 1 else "norm_F", a)
        return norm if kind == "norm" else made("power", norm, data=2)
    if kind == "norm_1":
        return made(g.pick(["norm_1", "norm_inf"]), g.grow((g.dim(), 1), depth))
    if kind == "power":
        exponent = g.pick([2, 3, -1, -2])
        return made("power", any_scalar() if exponent > 0 else g.positive(SCALAR, depth), data=exponent)
    if kind == "product":
        return made("mul", any_scalar(), any_scalar(g.less(depth)))
    if kind == "quotient":
        return made("divide", any_scalar(), g.positive(SCALAR, depth - 1))
    if kind in ("add", "subtract"):
        return made(kind, any_scalar(), any_scalar(g.less(depth)))
    if kind == "function":
        return made(g.pick(SMOOTH), any_scalar())
    if kind == "kinked":
        return made(g.pick(KINKED), any_scalar())
    if kind == "root":
        return made(g.pick(OF_POSITIVE), g.positive(SCALAR, depth))
    if kind == "unit":
        return made(g.pick(OF_UNIT), g.unit(SCALAR, depth))
    if kind == "call":
        return g.call(g.pick(["phi", "psi"]), None, SCALAR, depth)
    if kind == "call_scalar":
        return g.call("h", SCALAR, SCALAR, depth, g.pick([0, 0, 1, 2]))
    if kind == "dotcall":
        return g.entrywise(SCALAR, depth)
    if kind == "logsumexp":
        return made("logsumexp", g.grow((g.dim(), 1), depth))
    if kind == "scale":
        return made("scale", g.number(), any_scalar())
    if kind == "negate":
        return made("negate", any_scalar())
    if kind == "power_of":
        return made("power_of", g.positive(SCALAR, depth), any_scalar(g.less(depth)))
    if kind == "extreme":
        return made(g.pick(["max", "min"]), g.some(depth))
    if kind == "spectral":
        return made(g.pick(["norm_2", "norm_nuc"]), g.some(depth))
    if kind == "eigenvalue":
        return made(g.pick(["lambda_max", "lambda_min"]), g.symmetric(g.dim(), depth))
    if kind == "index":
        a = g.grow((g.dim(0.1), g.dim()), depth)
        if a.shape == SCALAR:
            return a
        places = (g.pick(_places(a.shape[0])), g.pick(_places(a.shape[1])))
        return made("index", a, data=places)
    if kind == "trace_function":
        n = g.dim()
        inner = Tree(g.pick(["expm", "logm", "sqrtm"]), (g.spd(n, depth - 1),), (n, n))
        return made("tr", inner)
    if kind == "reshaped":
        if g.chance(0.25):
            n = g.pick(g.dims)
            half = Tree("vech", (g.grow((n, n), depth),), (half_of(n), 1))
            return made(g.pick(["sum", "norm_F"]), g.pick([half, Tree("tanh", (half,), half.shape)]))
        return made("sum", _reshaped(g, g.some(depth)))
    if kind == "size":
        named = [d for d in g.dims if isinstance(d, str)]
        if named:
            return made("divide", any_scalar(), Tree("size", (), SCALAR, g.pick(named)))
    return made("sum", g.array((g.pick(g.dims), g.pick(g.dims)), depth))


def _places(d: Dim) -> list[int]:
    """Indices that most sizes have."""
    return list(range(1, d + 1)) if isinstance(d, int) else [1, 1, 2]


def _reshaped(g: Grower, a: Tree) -> Tree:
    """Blocks of a matrix put beside something else of its shape, or its columns stacked."""
    m, n = a.shape
    way = g.pick(["vec", "hstack", "vstack", "blockdiag", "kron"])
    if way == "vec" or not is_plain(a.shape):
        return Tree("vec", (a,), (times(m, n), 1))
    b = g.leaf(a.shape)
    shape = {
        "hstack": (m, plus(n, n)),
        "vstack": (plus(m, m), n),
        "blockdiag": (plus(m, m), plus(n, n)),
        "kron": (times(m, m), times(n, n)),
    }[way]
    return Tree(way, (a, b), shape)


def composite(g: Grower, shape: Shape, depth: int) -> Tree:
    """A tree whose size is a product or a sum of sizes: a Kronecker product, a stack, blocks."""
    rows, columns = shape
    if depth > 0 and g.chance(0.4):
        way = g.pick(["add", "hadamard", "scale", "elementwise", "negate", "mul"])
        if way in ("add", "hadamard"):
            return Tree(way, (g.grow(shape, depth), g.grow(shape, g.less(depth))), shape)
        if way == "scale":
            return Tree("scale", (g.grow(SCALAR, g.less(depth)), g.grow(shape, depth)), shape)
        if way == "mul":
            k = g.pick(g.dims)
            return Tree("mul", (g.grow((rows, k), depth), g.grow((k, columns), g.less(depth))), shape)
        return Tree(g.pick(SMOOTH) if way == "elementwise" else "negate", (g.grow(shape, depth),), shape)
    of_rows = rows[0] if isinstance(rows, tuple) else ""
    of_columns = columns[0] if isinstance(columns, tuple) else ""
    if of_rows == of_columns == "*":
        (_, a, b), (_, c, d) = rows, columns  # type: ignore[misc]
        if {a, b} == {c, d} and g.chance(0.15):
            return Tree("commutation", (), shape, (a, b))
        return Tree("kron", (g.grow((a, c), depth), g.grow((b, d), g.less(depth))), shape)
    if of_rows == of_columns == "+":
        (_, a, b), (_, c, d) = rows, columns  # type: ignore[misc]
        return Tree("blockdiag", (g.grow((a, c), depth), g.grow((b, d), g.less(depth))), shape)
    if of_rows == "+":
        _, a, b = rows  # type: ignore[misc]
        return Tree("vstack", (g.grow((a, columns), depth), g.grow((b, columns), g.less(depth))), shape)
    if of_rows == "*" and columns == 1:
        _, a, b = rows  # type: ignore[misc]
        if g.chance(0.6):
            return Tree("vec", (g.grow((a, b), depth),), shape)
        return Tree("kron", (g.grow((a, 1), depth), g.grow((b, 1), g.less(depth))), shape)
    if of_rows == "*" and not of_columns:
        _, a, b = rows  # type: ignore[misc]
        if g.wild and g.chance(0.2):
            return Tree("khatrirao", (g.grow((a, columns), depth), g.grow((b, columns), g.less(depth))), shape)
        return Tree("kron", (g.grow((a, columns), depth), g.grow((b, 1), g.less(depth))), shape)
    if of_rows == "*":  # beside a sum: column by column
        left, right = g.grow((rows, 1), depth), g.grow((columns, 1), g.less(depth))
        return Tree("outer", (left, right), shape)
    return Tree("transpose", (g.grow((columns, rows), depth),), shape)


def array(g: Grower, shape: Shape, depth: int) -> Tree:
    """A matrix or vector with one operation at its top."""
    m, n = shape
    square = m == n
    kinds = list(OF_ARRAYS)
    if square:
        kinds += OF_SQUARES
    if n == 1:
        kinds += OF_COLUMNS * 2
    elif m != 1:
        kinds += OF_RECTANGLES
    kind = g.pick(kinds)

    def made(op: str, *args: Tree, data: object = None) -> Tree:
        return Tree(op, args, shape, data)

    def same(d: int = depth) -> Tree:
        return g.grow(shape, d)

    if kind in ("mul", "matvec"):
        k = g.pick([g.dim(0.06), g.dim(0.06), 1]) if kind == "mul" else g.dim(0.06)
        return made("mul", g.grow((m, k), depth), g.grow((k, n), g.less(depth)))
    if kind in ("add", "subtract", "hadamard"):
        return made(kind, same(), same(g.less(depth)))
    if kind == "scale":
        return made("scale", g.grow(SCALAR, g.less(depth)), same())
    if kind == "number":
        return made("scale", Tree("number", (), SCALAR, g.pick(NUMBERS)), same())
    if kind == "divide":
        return made("divide", same(), g.positive(SCALAR, depth - 2))
    if kind == "dotdivide":
        return made("dotdivide", same(), g.positive(shape, depth - 1))
    if kind == "dotadd":
        return made(g.pick(["dotadd", "dotsubtract"]), g.grow(SCALAR, g.less(depth)), same())
    if kind == "transpose":
        return made("transpose", g.grow((n, m), depth))
    if kind == "elementwise":
        return made(g.pick(SMOOTH), same())
    if kind == "kinked":
        return made(g.pick(KINKED), same())
    if kind == "of_positive" and g.chance(0.05):
        return made("polygamma", Tree("number", (), SCALAR, g.pick([1, 2, 3])), g.positive(shape, depth))
    if kind == "of_positive":
        return made(g.pick(OF_POSITIVE), g.positive(shape, depth))
    if kind == "of_unit":
        return made(g.pick(OF_UNIT), g.unit(shape, depth))
    if kind == "dotcall":
        return g.entrywise(shape, depth)
    if kind == "dotpower":
        exponent = g.pick([2, 3, 2, "1/2", "-1", "-3/2", "name"])
        if exponent == "name":
            return made("dotpower_of", g.positive(shape, depth), g.grow(SCALAR, 0))
        if isinstance(exponent, int):
            return made("dotpower", same(), data=exponent)
        return made("dotpower", g.positive(shape, depth), data=Fraction(exponent))
    if kind == "negate":
        return made("negate", same())
    if kind == "call":
        return _mapped(g, shape, depth)
    if kind == "stacked":
        return _part_of_stack(g, shape, depth)
    if kind == "vectorised" and n != 1 and m != 1:
        k = g.pick(g.dims)
        return (
            made("mul", same(), same())
            if square and g.chance(0.3)
            else made("mul", g.grow((m, times(n, k)), depth - 1), g.grow((times(n, k), n), depth - 1))
        )
    if square and kind in OF_SQUARES:
        return _square(g, kind, m, depth)
    if n == 1 and kind in OF_COLUMNS:
        return _column(g, kind, m, depth)
    return _rectangle(g, kind, shape, depth)


def _mapped(g: Grower, shape: Shape, depth: int) -> Tree:
    """An unspecified function with a value of this shape, of a scalar, a vector or a matrix."""
    name = {"1": "g", "n": "F"}["1" if shape[1] == 1 else "n"]
    argument = g.pick([SCALAR, (g.pick(g.dims), 1), (g.pick(g.dims), g.pick(g.dims))])
    if argument == SCALAR:
        name = {"g": "rho", "F": "S"}[name]
    known = g.functions.get(name)
    if known is not None and known.result != shape:
        return g.entrywise(shape, depth)
    return g.call(name, argument, shape, depth)


def _part_of_stack(g: Grower, shape: Shape, depth: int) -> Tree:
    """A product of stacks, which has the shape of their parts."""
    m, n = shape
    k, j = g.pick(g.dims), g.pick(g.dims)
    left = Tree("hstack", (g.grow((m, k), depth - 1), g.grow((m, j), g.less(depth))), (m, plus(k, j)))
    right = Tree("vstack", (g.grow((k, n), depth - 1), g.grow((j, n), g.less(depth))), (plus(k, j), n))
    return Tree("mul", (left, right), shape)


def _square(g: Grower, kind: str, n: Dim, depth: int) -> Tree:
    shape = (n, n)

    def made(op: str, *args: Tree, data: object = None) -> Tree:
        return Tree(op, args, shape, data)

    if kind == "inv":
        return made("inv", g.regular(n, depth))
    if kind == "power":
        return made("power", g.grow(shape, depth), data=g.pick([2, 3, 2]))
    if kind == "regular_power":
        return made("power", g.regular(n, depth), data=g.pick([-2, -1, -3]))
    if kind == "Diag":
        return made("Diag", g.grow((n, 1), depth))
    if kind == "shift":
        return made("add", g.grow(shape, depth), made("scale", g.grow(SCALAR, g.less(depth)), made("identity")))
    if kind == "triangle":
        return made(g.pick(["tril", "triu"]), g.grow(shape, depth))
    if kind == "part":
        return made(g.pick(["sym", "skew"]), g.grow(shape, depth))
    if kind == "expm":
        inner = g.grow(shape, depth)
        return made("expm", made("scale", g.number(), inner) if g.chance(0.5) else inner)
    if kind in ("logm", "sqrtm"):
        return made(kind, g.spd(n, depth) if g.chance(0.7) else g.regular(n, depth))
    if kind == "unvech":
        half = Tree("vech", (g.grow(shape, depth),), (half_of(n), 1))
        return made("subtract", g.leaf(shape), made("unvech", half))
    if kind == "chol":
        return made("chol", g.spd(n, depth))
    if kind == "adj":
        return made(g.pick(["adj", "cof"]), g.regular(n, depth))
    if kind == "matrix_function":
        return made("power_of", g.grow(shape, depth), g.exponent())
    if kind == "frechet" and g.chance(0.5):
        name = g.pick(["expm", "logm", "sqrtm", "power"])
        x, e = g.spd(n, depth) if name in ("logm", "sqrtm") else g.grow(shape, depth), g.grow(shape, g.less(depth))
        if name == "power":
            three = Tree("number", (), SCALAR, 3)
            return made("frechet_power", x, three, e)
        return made(f"frechet_{name}", x, e)
    if kind == "rare" and g.chance(0.6):
        name = g.pick(RARE)
        if name == "kronecker_expm":
            both = (times(n, n), times(n, n))
            big = Tree("kronecker_expm", (g.grow(shape, depth - 1),), both)
            inner = Tree("vec", (g.grow(shape, g.less(depth)),), (times(n, n), 1))
            applied = Tree("mul", (big, inner), (times(n, n), 1))
            return made("hadamard", g.leaf(shape), made("unvec", applied))
        return made(name, g.symmetric(n, depth) if "projector" in name else g.grow(shape, depth))
    if kind == "gradient":
        return g.entrywise(shape, depth)
    x = g.grow((n, 1), depth)
    return made("mul", x, Tree("transpose", (x,), (1, n)))


def _column(g: Grower, kind: str, n: Dim, depth: int) -> Tree:
    shape = (n, 1)

    def made(op: str, *args: Tree, data: object = None) -> Tree:
        return Tree(op, args, shape, data)

    if kind == "diagvec":
        return made("diagvec", g.grow((n, n), depth))
    if kind in ("softmax", "cumsum", "normalize"):
        return made(g.pick(["cumsum", "revcumsum"]) if kind == "cumsum" else kind, g.grow(shape, depth))
    if kind == "rowsum":
        return made("rowsum", g.grow((n, g.dim()), depth))
    if kind == "slice" and n != 1:
        k = g.pick(g.dims)
        column = made("index", g.grow((n, k), depth), data=(None, g.pick(_places(k))))
        row = Tree("index", (g.grow((k, n), depth),), (1, n), (g.pick(_places(k)), None))
        return column if g.chance(0.5) else made("transpose", row)
    if kind == "gradient":
        found = g.functions.get("phi")
        if found is not None or g.wild:
            x = g.grow(shape, depth)
            g.functions.setdefault("phi", Unspecified("phi", False, None, SCALAR))
            return made("call", x, data=Call("phi", 1))
    if kind == "vech" and isinstance(n, int):
        for k in (1, 2, 3):
            if k * (k + 1) // 2 == n and k > 1:
                return made("vech", g.grow((k, k), depth))
    if kind == "map":
        return _mapped(g, shape, depth)
    return made("hadamard", g.grow(shape, depth), g.grow(shape, g.less(depth)))


def _rectangle(g: Grower, kind: str, shape: Shape, depth: int) -> Tree:
    m, n = shape

    def made(op: str, *args: Tree, data: object = None) -> Tree:
        return Tree(op, args, shape, data)

    if kind == "pinv":
        return made("pinv", g.grow((n, m), depth))
    if kind == "unvec":
        inner = Tree("kron", (g.grow((n, 1), depth), g.grow((m, 1), g.less(depth))), (times(m, n), 1))
        return made("hadamard", g.leaf(shape), made("unvec", inner))
    if kind == "parts" and g.chance(0.5):
        k, j = g.pick(g.dims), g.pick(g.dims)
        whole = g.grow((plus(m, k), plus(n, j)), depth)
        return made("add", g.leaf(shape), made(g.pick(["firstpart", "lastpart"]), whole))
    if kind == "kron_adjoint" and g.chance(0.5):
        p, q = g.pick(g.dims), g.pick(g.dims)
        big = g.grow((times(m, p), times(n, q)), depth)
        return made("add", g.leaf(shape), made(g.pick(["kronleft", "kronright"]), big, g.grow((p, q), g.less(depth))))
    if kind == "colsum":
        row = Tree("colsum", (g.grow((g.pick(g.dims), n), depth),), (1, n))
        return made("mul", g.grow((m, 1), g.less(depth)), row)
    return made("outer", g.grow((m, 1), depth), g.grow((n, 1), g.less(depth)))
