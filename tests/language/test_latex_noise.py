r"""Random and mutated LaTeX ends in a tree or a refusal that points into it, and fast enough to try thousands."""

import random

import pytest

import matcalc
from matcalc.language.latex_input import parse_latex

from .latex_trees import WORDS

TEXTS = [
    r"f(\mathbf{x}) = \frac{1}{2} \left\lVert \mathbf{A}\mathbf{x}-\mathbf{b} \right\rVert_2^2 + \|\mathbf x\|^2",
    r"\frac{\partial}{\partial \Sigma_q} \log\frac{|\Sigma_q|}{|\Sigma_p|} - \operatorname{tr}(\Sigma_q^{-1} S)",
    r"\begin{align} J(w) &= (Xw - y)^T U(Xw-y) \tag{1} \\ &\quad + \underbrace{w'w}_{1\times 1} \end{align}",
    r"-{np\over2}\log(2\pi) - \mathrm{Tr}(Adiag(x)Bdiag(x)'), \quad x \in \mathbb{R}^n",
    r"\nabla_X^2 \langle X, \hat{A}_{ij} \circ \exp_{\odot}(X^{\odot 2})\rangle : \mathbf 1_{m\times n} \otimes I_n",
]
PIECES = (
    r"\frac \mathbf \left( \right) \left| \right| { } ^ _ ( ) [ ] | \| || \log \det \operatorname{tr} \text{tr} "
    r"A B x y \Sigma \alpha 1 2 12 0 + - = , & \\ $ \, \sqrt \hat \vec \circ \odot \otimes \cdot : ' ^T ^\top ^{-1} "
    r"\over \partial \nabla_X I_n \mathbf{1} \exp_{\odot} \underbrace \mathrm{d} % ~ . ; \sum \begin{align} \left. "
    r"\end{align} \langle \rangle \boldsymbol \rm \bf \lambda_{\max} \prime t e ᵀ ² ‖ − \tag{1} \quad \text{and} "
    r"\in \mathbb{R} d \K ! \stackrel"
).split()


def noise(seed: int) -> str:
    r = random.Random(seed)
    if r.random() < 0.5:
        return r.choice(["", " "]).join(r.choice(PIECES) for _ in range(r.randint(1, 25)))
    text = r.choice(TEXTS)
    for _ in range(r.randint(1, 4)):
        at, many = r.randrange(len(text) + 1), r.randint(0, 6)
        put = r.choice(["", r.choice(PIECES), text[at : at + many] * 2])
        text = text[:at] + put + text[at + many * r.randint(0, 1) :]
    return text


@pytest.mark.parametrize("part", range(8))
def test_noise_is_read_or_refused(part):
    read = 0
    for seed in range(part * 250, part * 250 + 250):
        text = noise(seed)
        try:
            parse_latex(text, WORDS)
            read += 1
        except matcalc.MatcalcError as error:
            assert error.text == text, text
            assert error.start is not None and 0 <= error.start <= len(text), text
    assert 0 < read < 250


@pytest.mark.parametrize("part", range(4))
def test_noise_has_a_meaning_or_is_refused(part):
    for seed in range(part * 40, part * 40 + 40):
        try:
            assert matcalc.parse(noise(seed), syntax="latex").latex()
        except matcalc.MatcalcError as error:
            assert error.message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5_000 + "A" + ")" * 5_000,
        "{" * 5_000 + "A" + "}" * 5_000,
        r"\mathbf" * 5_000 + "A",
        "A" * 20_000,
        "A" + "^T" * 5_000,
        r"\frac" * 5_000,
        r"\log" * 5_000 + " t",
        "A" + "'" * 20_000,
        r"\frac{" * 5_000,
        "|" * 5_001,
        r"\left|" * 5_000 + "x" + r"\right|" * 5_000,
        "A^{" * 5_000 + "2" + "}" * 5_000,
        r"\sqrt{" * 5_000 + "t" + "}" * 5_000,
        "A + " * 5_000 + "A",
        "x_{" * 5_000,
        r"\hat" * 5_000 + " x",
        "=" * 5_000,
        r"A \\ " * 3_000,
        "A, " * 3_000,
    ],
    ids=lambda text: text[:12],
)
def test_long_and_deep(text):
    try:
        parse_latex(text, WORDS)
    except matcalc.MatcalcError as error:
        assert error.message
