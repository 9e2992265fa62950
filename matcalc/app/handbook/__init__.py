"""The handbook: the rule files as one page that a mathematician reads."""
