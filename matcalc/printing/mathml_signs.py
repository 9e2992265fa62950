"""The letters and signs that commands of LaTeX stand for."""

from __future__ import annotations

from ..language.names import SPELLED

LETTERS = SPELLED | {
    "Upsilon": "Υ", "varepsilon": "ε", "vartheta": "ϑ", "varphi": "φ", "ell": "ℓ", "hbar": "ℏ", "infty": "∞",
    "partial": "∂", "nabla": "∇", "top": "⊤", "bot": "⊥", "Im": "ℑ", "Re": "ℜ", "dagger": "†", "prime": "′",
    "natural": "♮", "sharp": "♯", "flat": "♭", "surd": "√",
}  # fmt: skip
"""What stands alone; beside it there are no spaces."""

UPRIGHT = frozenset("Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega Upsilon nabla".split())

FUNCTIONS = frozenset(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd inf ker lim ln log max min Pr sec sin sinh "
    "sup tan tanh".split()
)

LARGE = {"sum": "∑", "prod": "∏"}

SIGNS = {
    "approx": "≈", "bullet": "∙", "cap": "∩", "cdot": "⋅", "circ": "∘", "colon": ":", "cong": "≅", "cup": "∪",
    "diamond": "⋄", "equiv": "≡", "ge": "≥", "geq": "≥", "in": "∈", "langle": "⟨", "rangle": "⟩", "lceil": "⌈",
    "rceil": "⌉", "lfloor": "⌊", "rfloor": "⌋", "le": "≤", "leq": "≤", "ltimes": "⋉", "rtimes": "⋊", "lvert": "|",
    "rvert": "|", "lVert": "‖", "rVert": "‖", "vert": "|", "Vert": "‖", "mapsto": "↦", "mid": "∣", "ne": "≠",
    "neq": "≠", "odot": "⊙", "ominus": "⊖", "oplus": "⊕", "oslash": "⊘", "otimes": "⊗", "parallel": "∥", "perp": "⊥",
    "propto": "∝", "sim": "∼", "square": "□", "times": "×", "to": "→", "triangle": "△", "vee": "∨", "wedge": "∧",
    "backslash": "\\", "|": "‖", "{": "{", "}": "}", "&": "&", "%": "%", "$": "$", "#": "#", "_": "_",
    "star": "⋆", "ast": "∗",
}  # fmt: skip

SPACES = {",": "0.167em", ":": "0.222em", ";": "0.278em", "!": "-0.167em", " ": "0.25em", "quad": "1em", "qquad": "2em"}

ACCENTS = {
    "acute": ("´", "over"), "bar": ("¯", "over"), "breve": ("˘", "over"), "check": ("ˇ", "over"),
    "dot": ("˙", "over"), "hat": ("^", "over"), "tilde": ("~", "over"), "vec": ("→", "over"),
    "widehat": ("^", "over"), "widetilde": ("~", "over"), "overline": ("¯", "over"), "underline": ("_", "under"),
}  # fmt: skip

STYLES = {
    "operatorname": "", "mathrm": "", "mathit": "font-style: italic", "mathbf": "font-weight: bold",
    "mathsf": "font-family: sans-serif",
}  # fmt: skip


def _alphabet(capitals: int, small: int, exceptions: str) -> dict[str, str]:
    """The letters of an alphabet of mathematics, some of which have places of their own."""
    found = {chr(65 + i): chr(capitals + i) for i in range(26)}
    found |= {chr(97 + i): chr(small + i) for i in range(26)} if small else {}
    own = exceptions.split()
    return found | dict(zip(own[::2], own[1::2], strict=True))


ALPHABETS = {
    "mathcal": _alphabet(0x1D49C, 0x1D4B6, "B ℬ E ℰ F ℱ H ℋ I ℐ L ℒ M ℳ R ℛ e ℯ g ℊ o ℴ"),
    "mathfrak": _alphabet(0x1D504, 0x1D51E, "C ℭ H ℌ I ℑ R ℜ Z ℨ"),
    "mathbb": _alphabet(0x1D538, 0x1D552, "C ℂ H ℍ N ℕ P ℙ Q ℚ R ℝ Z ℤ"),
}
