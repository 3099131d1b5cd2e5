"""Logs: exported files, read row by row."""
