"""Numbers as witnesses: of answers, of rules, of equality."""
