"""Repositories that tests make with git itself, seeing nobody's settings."""
