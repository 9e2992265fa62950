"""What a person meets: the command, the REPL, their answers and their help."""
