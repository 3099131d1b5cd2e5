"""The product held against real cases that are kept beside the repository, not in it."""
