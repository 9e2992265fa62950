"""Kinds by evidence, and by spelling only where nothing else tells."""

import pytest

import matcalc
from matcalc.errors import AmbiguityError, MatcalcError


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("(x-mu)' inv(Sigma) (x-mu)", "μ"),
        ("norm(x - mu)^2", "μ"),
        ("norm(y - X beta)^2", "β"),
        ("1/2 norm(X beta)^2 + α/2 norm(beta)^2", "β"),
        ("y' X beta", "β"),
        ("x' theta", "θ"),
        ("theta' x", "θ"),
        ("theta' theta", "θ"),
        ("α' K α", "α"),
        ("diag(theta) A", "θ"),
        ("softmax(W theta)", "θ"),
        ("sum(log.(1 .+ exp.(y .* (X theta))))", "θ"),
        ("sum(exp.(theta))", "θ"),
        ("norm_1(beta)", "β"),
        ("dot(x, beta)", "β"),
        ("logsumexp(X beta) - y' X beta", "β"),
    ],
)
def test_a_greek_name_is_a_vector_where_it_is_treated_as_one(text, name):
    d = matcalc.differentiate(text, name)
    assert len(d.shapes[name]) == 1 and f"{name} is read as a vector" in d.notes


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("λ norm(x)^2", "λ"),
        ("exp(-(x - μ)^2/(2 σ^2))", "μ"),
        ("inv(X' X + λ I) X' y", "λ"),
        ("1/σ^2 (y - X w)' (y - X w)", "σ"),
        ("β X", "β"),
        ("log(1 + exp(-β t))", "β"),
    ],
)
def test_a_greek_name_is_a_scalar_where_a_scalar_does(text, name):
    assert matcalc.differentiate(text, name).shapes[name] == ()


@pytest.mark.parametrize(
    ("text", "wrt", "fix"),
    [
        ("log(sum(exp(x)))", "x", "exp.(x)"),
        ("sum(log(x))", "x", "log.(x)"),
        ("y' log(p)", "p", "log.(p)"),
        ("-sum(p log(p))", "p", "log.(p)"),
        ("sum(x^2)", "x", "x.^2"),
        ("mean(exp(x))", "x", "exp.(x)"),
        ("norm(sin(x))", "x", "sin.(x)"),
        ("x - μ", "x", "vector μ"),
    ],
)
def test_a_scalar_that_nobody_means_is_no_reading(text, wrt, fix):
    with pytest.raises(MatcalcError) as refusal:
        matcalc.differentiate(text, wrt)
    assert fix in refusal.value.hint


@pytest.mark.parametrize("text", ["sin(x)", "log(x) + x^2", "A exp(-x)", "x' x + c"])
def test_a_latin_name_is_a_scalar_where_only_that_fits(text):
    assert matcalc.parse(text) is not None


def test_a_declared_scalar_is_one_whatever_is_done_to_it():
    assert str(matcalc.differentiate("sum(log(x))", "x", where="scalar x")) == "1/x"
    with pytest.raises(AmbiguityError):
        matcalc.differentiate("log(sum(exp(x)))", "x", where="vector x(n)")
