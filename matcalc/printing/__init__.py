"""Expressions as text, as LaTeX and as SymPy objects."""
