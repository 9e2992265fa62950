r"""What the commands of LaTeX are in a formula: letters, fonts, accents, brackets, signs, wrapping, or refused."""

from __future__ import annotations

from .names import SPELLED

LETTERS = SPELLED | {
    "varepsilon": "ε", "vartheta": "θ", "varphi": "φ", "varrho": "ρ", "varsigma": "σ", "varkappa": "κ", "ell": "l",
    "omicron": "o", "imath": "i", "jmath": "j", "varSigma": "Σ", "varLambda": "Λ", "varPhi": "Φ", "varPsi": "Ψ",
    "varOmega": "Ω", "varGamma": "Γ", "varDelta": "Δ", "varTheta": "Θ", "varXi": "Ξ", "varPi": "Π",
}  # fmt: skip
"""Commands that are letters."""

BOLD, UPRIGHT, WORDS = "bold", "upright", "words"
FONTS = {
    **dict.fromkeys("mathbf boldsymbol bm bold textbf pmb boldmath symbf mathbfit bf bfseries mathbfsf".split(), BOLD),
    **dict.fromkeys("mathrm rm mathup mathnormal textnormal textrm mathsf sf mathtt mathit it textit".split(), UPRIGHT),
    **dict.fromkeys("text mbox hbox operatorname operatorname* textsf texttt emph".split(), WORDS),
    **dict.fromkeys("mathcal cal mathscr scr mathscr* symcal".split(), "script"),
    **dict.fromkeys("mathbb Bbb mathbbm mathds".split(), "blackboard"),
    **dict.fromkeys("mathfrak frak".split(), "fraktur"),
}  # fmt: skip
"""Commands for typefaces.  Words may stand in an upright one, and in `\\text` nothing else."""

SWITCHES = frozenset("bf bfseries boldmath rm it sf tt cal scr frak".split())
"""Those that hold up to the end of the group, as in `{\\bf x}`."""

ACCENTS = {
    "hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar", "overline": "bar",
    "dot": "dot", "ddot": "ddot", "check": "check", "widecheck": "check", "breve": "breve", "acute": "acute",
    "grave": "grave", "mathring": "ring", "underline": "", "vec": "", "overrightarrow": "", "underbar": "",
    "uline": "", "mathstrut": "",
}  # fmt: skip
"""Accents, and what they add to a name: `\\hat y` is `y_hat`; an arrow only says that it is a vector."""

SIGNS = {
    "cdot": "·", "times": "×", "ast": "*", "circ": "⊙", "odot": "⊙", "otimes": "⊗", "oslash": "⊘", "div": "/",
    "centerdot": "·", "boxdot": "⊙", "boldsymbol": "", "bigotimes*": "", "bullet": "·", "slash": "/",
}  # fmt: skip
"""Signs between two operands."""

OPENING = {"{": "(", "lbrace": "(", "lbrack": "[", "langle": "<", "lvert": "|", "lVert": "‖", "lparen": "("}
CLOSING = {"}": ")", "rbrace": ")", "rbrack": "]", "rangle": ">", "rvert": "|", "rVert": "‖", "rparen": ")"}
BARS = {"vert": "|", "mid": "|", "|": "‖", "Vert": "‖", "parallel": "‖"}

SIZES = frozenset(
    "big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm biggm Biggm left right middle".split()
)
"""How large a bracket is, and for some whether it opens or closes."""

SPACES = frozenset(
    ", ; : ! > / quad qquad enspace enskip thinspace medspace thickspace negthinspace displaystyle textstyle "
    "scriptstyle scriptscriptstyle limits nolimits nonumber notag noindent centering relax allowbreak hfill "
    "allowdisplaybreaks "
    "newline cr strut null smallskip medskip bigskip par protect ensuremath mathstrut unboldmath ".split()
) | {" ", "\n", "\t", "-"}
"""Spaces, and what only says how something is set."""

DROPPED = {"tag": 1, "tag*": 1, "label": 1, "hspace": 1, "hspace*": 1, "vspace": 1, "phantom": 1, "hphantom": 1,
           "vphantom": 1, "color": 1, "hskip": 0, "eqref": 1, "ref": 1, "footnote": 1, "intertext": 1}  # fmt: skip
"""Commands that go with so many arguments."""

SHOWN = {"boxed": 0, "fbox": 0, "mathop": 0, "mathrel": 0, "mathbin": 0, "mathord": 0, "mathopen": 0, "mathclose": 0,
         "mathinner": 0, "eqalign": 0, "textcolor": 1, "colorbox": 1, "smash": 0, "displaylines": 0, "substack": 0,
         "underbrace": 0, "overset": 1, "stackrel": 1, "overbrace": 0, "underbracket": 0,
         "overbracket": 0}  # fmt: skip
"""Commands of which the last argument is read as if it stood alone; so many before it go."""

ANNOTATED = frozenset("underbrace overbrace underbracket overbracket".split())
"""Those of them whose scripts are remarks."""

FRACTIONS = frozenset("frac tfrac dfrac cfrac nicefrac sfrac flatfrac".split())
RELATIONS = {
    "=": "=", "coloneqq": ":=", "coloneq": ":=", "triangleq": ":=", "equiv": "=", "doteq": "=",
    "eqdef": ":=", "defeq": ":=", "vcentcolon": "",
}  # fmt: skip
ENVIRONMENTS = frozenset(
    "equation align aligned split gather gathered multline eqnarray displaymath math flalign alignat alignedat alignat "
    "subequations dmath small".split()
)
"""The environments that only wrap."""

LOG_LIKE = frozenset(
    "log ln exp sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan asin acos atan erf sqrt sigmoid".split()
)
"""Functions of numbers, which end what another one of them takes without brackets: log x log y."""

TRACES = frozenset("tr Tr trace Trace".split())
"""Of these everyone reads `tr X log X` as a trace of the whole product."""

SCALAR_WORDS = TRACES | frozenset("det logdet lndet rank".split())
"""Functions of matrices that are numbers, and end what another one takes without brackets: log det X tr Y."""

BARE_WORDS = LOG_LIKE | SCALAR_WORDS | frozenset("diag Diag vec vech inv".split())
"""Functions that may stand without a command and without brackets, as in `tr XA`, glued to capitals or behind them."""

COMMAND_WORDS = frozenset("det log ln exp sin cos tan sinh cosh tanh arcsin arccos arctan max min".split())
"""The functions that LaTeX itself has a command for and matcalc a function."""

PROSE = frozenset(
    "and or where with if for such that subject to s.t. st so then let given when over since as is are by on in of the "
    "hence thus therefore otherwise else i.e. e.g. which const const. constant".split()
)
"""Words between formulas, which are none of them."""

_REFUSED = {
    "sum": (
        "An indexed sum is not read: there are no entries and no index here.",
        "Write it with matrices: sum(…) over all entries, or norms and products, such as sum(log.(b - A x)) or "
        "norm_F(Y - A B)^2 with the vectors as columns.",
    ),
    "prod coprod bigotimes bigoplus bigcup bigcap": (
        "An indexed product is not read: there are no entries and no index here.",
        "Write it with matrices, or take the logarithm: sum(log.(x)).",
    ),
    "int iint oint iiint": (
        "An integral is not read.",
        "Write the function under it, or what the integral is in closed form.",
    ),
    "lim limsup liminf sup inf": ("A limit is not read.", "Write the function without it."),
    "argmin argmax": ("this is a problem and no function.", "Write its objective, the function behind it."),
    "dots cdots ldots vdots ddots dotsb dotsc": (
        "Dots stand for what is not written, and that cannot be read.",
        "Write the formula with matrices.",
    ),
    "partial nabla": (
        "A derivative inside a function is not read: it stands only in front, as the question.",
        "Give the function alone, and the variable beside it.",
    ),
    "leq geq le ge neq ne lt gt approx sim propto succeq preceq succ prec leqslant geqslant simeq cong ll gg": (
        "A relation is not part of a function.",
        "Give only the function.",
    ),
    "in to rightarrow mapsto Rightarrow implies iff forall exists subset notin longrightarrow Leftrightarrow "
    "longmapsto leftarrow land lor cup cap setminus backslash infty": (
        "This sign is not part of a function.",
        "Give only the function.",
    ),
    "underset": (
        "What is set under a sign belongs to a problem, and no function.",
        "Write the function behind it alone.",
    ),
    "pm mp": ("± stands for two signs.", "Write + or -."),
    "star oplus wedge vee ominus diamond amalg ltimes rtimes bigcirc uplus": (
        "This product is not known.",
        r"Known are \cdot, \odot or \circ (Hadamard), \otimes (Kronecker) and : (Frobenius).",
    ),
    "dagger ddagger dag": (
        "† is the conjugate transpose to some and the pseudo-inverse to others.",
        r"Write ^{\top} or ^{+}.",
    ),
    "Pr": ("A probability is not read.", "Write it in closed form."),
    "mathbbE": ("An expectation is not read.", "Write it in closed form, such as with the mean and the covariance."),
    "binom choose": ("A binomial coefficient is not read.", "Write it out."),
    "lfloor rfloor lceil rceil": ("Rounding has no derivative here.", ""),
    "input include write openin read immediate def newcommand let catcode csname expandafter usepackage require": (
        "This command acts and is no formula; no file is read and nothing is defined.",
        "Give only the formula.",
    ),
}
REFUSED = {word: said for words, said in _REFUSED.items() for word in words.split()}
"""Commands that a formula may have and a function of matrices may not: the sentence, and what to write."""

MATRICES = ("Matrices written out by their entries are not read.", "Give the matrix a name.")
CASES = ("A function by cases is not read.", "Give one of the cases.")
