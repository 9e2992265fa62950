"""Expressions as numbers."""
