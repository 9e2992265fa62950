"""Five questions that people ask about derivatives of matrix products, answered.

Prints:


    # 1. What is the gradient of a product A B?  Of a function φ of it, or of the product itself?
    let D = A B
    f     = φ(D)
    df    = φ'(D) : dD   product rule; chain rule, G = φ'
    let G = ∂φ/∂D
          = G : dD       chain rule, G = φ'
          = G : dA B     differential of the argument
          = G Bᵀ : dA    W:XY = WYᵀ:X = XᵀW:Y
    ∂f/∂A = G Bᵀ
    ∂Y_ij/∂A_kl = δ_ik B_lj

    # 2. What is ∂(A B)/∂X, when both depend on X?
    Y  = A(X) B(X)
    dY = dA(X) B(X) + A(X) dB(X)   chain rule; product rule
    ∂Y_ij/∂X_kl = Σ_a (∂A_ia/∂X_kl) (B(X))_aj + Σ_a (A(X))_ia (∂B_aj/∂X_kl)
    A'(t) B(t) + A(t) B'(t)

    # 3. Why are ∂(A B)/∂A and ∂tr(A B)/∂A both said to be Bᵀ?
    ∂(A B)/∂A = αBᵀ is of fourth order;
    I : ∂(A B)/∂A = Bᵀ = ∂tr(A B)/∂A = Bᵀ

    # 4. What are ∂Y/∂A and ∂Y/∂B of Y = Aᵀ B?
    by A, differential: dY = dAᵀ B
    by A, pullback: B Gᵀ
    by A, kronecker: (Bᵀ ⊗ I) K
    by A, tensor: αBᵀ : β
    by A, index: ∂Y_ij/∂A_kl = δ_il B_kj
    by A, component: ∂Y/∂A_ij = E_ijᵀ B
    by B, differential: dY = Aᵀ dB
    by B, pullback: A G
    by B, kronecker: I ⊗ Aᵀ
    by B, tensor: Aᵀα
    by B, index: ∂Y_ij/∂B_kl = A_ki δ_jl
    by B, component: ∂Y/∂B_ij = Aᵀ E_ij

    # 5. The notes say ∂D/∂W = Xᵀ and ∂D/∂X = Wᵀ of D = W X.  How can that be?
    They mean a function φ of D, with G = ∂φ/∂D:
    ∂f/∂W = G Xᵀ
    ∂f/∂X = Wᵀ G
    where G = ∂φ/∂(W X)
    φ is read as an unspecified scalar function
    The derivative of D itself by W: Xᵀ ⊗ I
"""

import matcalc

MATRICES = {"A": ("n", "m"), "B": ("m", "n")}


def say(question: str) -> None:
    """Print a question."""
    print(f"\n# {question}")


say("1. What is the gradient of a product A B?  Of a function φ of it, or of the product itself?")
print(matcalc.differentiate("phi(A B)", "A").derivation)
print(matcalc.differentiate("A B", "A").form("index"))

say("2. What is ∂(A B)/∂X, when both depend on X?")
functions = "function A(matrix(m,n)) -> matrix(p,q); function B(matrix(m,n)) -> matrix(q,r); matrix X(m,n)"
product = matcalc.differentiate("A(X) B(X)", "X", where=functions)
print(product.derivation)
print(product.form("index"))
by_scalar = "function A(scalar) -> matrix(p,q); function B(scalar) -> matrix(q,r); scalar t"
print(matcalc.differentiate("A(t) B(t)", "t", where=by_scalar))

say("3. Why are ∂(A B)/∂A and ∂tr(A B)/∂A both said to be Bᵀ?")
itself = matcalc.differentiate("A B", "A", MATRICES)
print("∂(A B)/∂A =", itself.form("tensor"), "is of fourth order;")
print("I : ∂(A B)/∂A =", itself.contract("I"), "= ∂tr(A B)/∂A =", matcalc.differentiate("tr(A B)", "A"))

say("4. What are ∂Y/∂A and ∂Y/∂B of Y = Aᵀ B?")
for name in ("A", "B"):
    d = matcalc.differentiate("A' B", name)
    for form in ("differential", "pullback", "kronecker", "tensor", "index", "component"):
        print(f"by {name}, {form}: {str(d.form(form)).splitlines()[0]}")

say("5. The notes say ∂D/∂W = Xᵀ and ∂D/∂X = Wᵀ of D = W X.  How can that be?")
print("They mean a function φ of D, with G = ∂φ/∂D:")
print(matcalc.differentiate("phi(W X)", ["W", "X"]))
print("The derivative of D itself by W:", str(matcalc.differentiate("W X", "W").form("kronecker")))
