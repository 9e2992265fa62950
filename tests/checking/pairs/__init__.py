"""Pairs of expressions that are equal, and pairs that differ in one place, for `equal` to tell apart."""
