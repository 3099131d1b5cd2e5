"""Review: what a change does to everybody."""
