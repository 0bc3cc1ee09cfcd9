"""Forms that both sides use: a parent asks, an agent writes, with the same checks."""
