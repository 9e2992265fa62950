"""The rule files: read, compiled, indexed."""
