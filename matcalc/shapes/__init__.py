"""What every name is and what shape everything has: from a tree to a typed expression."""
