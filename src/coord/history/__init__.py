"""The trees of a git repository at its revisions, read without a checkout."""
