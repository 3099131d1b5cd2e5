"""Analysis: what logs say about experiments."""
