"""How mathematics is typed: from text to a tree that knows its places."""
