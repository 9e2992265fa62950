"""What an expression is: one node for each value, with its shape."""
