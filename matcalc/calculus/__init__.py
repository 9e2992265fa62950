"""Differentiate forward, move back by adjoints."""
