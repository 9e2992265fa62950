"""The one spelling of a name: `lambda` is `λ`, `x₁` and `x_{1}` are `x_1`."""

from __future__ import annotations

import re
from functools import lru_cache

_LOWER = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
_UPPER = {
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ",
    "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
SPELLED = _LOWER | _UPPER
_VARIANTS = str.maketrans({"ϕ": "φ", "ϵ": "ε", "ϑ": "θ", "µ": "μ"})
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789aehijklmnoprstuvx", strict=True))
_SUBSCRIPT_RUN = re.compile(f"_?([{''.join(SUBSCRIPTS)}]+)")
_SPELLED_START = re.compile(rf"({'|'.join(sorted(SPELLED, key=len, reverse=True))})(?=\d|_|'|$)")


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """The one spelling of a name, with its primes.

    >>> canonical("lambda"), canonical("Sigma_x"), canonical("sigma2"), canonical("x₁"), canonical("x_{12}")
    ('λ', 'Σ_x', 'σ2', 'x_1', 'x_12')
    >>> canonical("pinv"), canonical("phi'"), canonical("lambda₁")
    ('pinv', "φ'", 'λ_1')
    """
    if name.isascii():
        name = name.replace("{", "").replace("}", "")
    else:
        name = name.translate(_VARIANTS).replace("{", "").replace("}", "")
        name = _SUBSCRIPT_RUN.sub(lambda run: "_" + "".join(SUBSCRIPTS[c] for c in run[1]), name)
    start = _SPELLED_START.match(name)
    return SPELLED[start[1]] + name[start.end(1) :] if start else name


def kind_by_spelling(name: str) -> str:
    """The kind a name has where nothing else decides: by its first letter.

    >>> kind_by_spelling("A"), kind_by_spelling("Σ"), kind_by_spelling("x"), kind_by_spelling("λ")
    ('matrix', 'matrix', 'vector', 'scalar')
    """
    first = name[0]
    if first.isupper():
        return "matrix"
    return "vector" if first.isascii() else "scalar"


def fresh(wanted: str, used: set[str]) -> str:
    """The wanted name, or the next like it that is not used; it is used from then on.

    >>> used = {"z"}
    >>> fresh("z", used), fresh("z", used), fresh("f", used)
    ('z_1', 'z_2', 'f')
    """
    name, number = wanted, 0
    while name in used and number < 64:
        number += 1
        name = f"{wanted}_{number}"
    if name in used:  # of thousands, the last is found by doubling and halving
        while f"{wanted}_{2 * number}" in used:
            number *= 2
        step = number
        while step := step // 2:
            if f"{wanted}_{number + step}" in used:
                number += step
        name = f"{wanted}_{number + 1}"
    used.add(name)
    return name
