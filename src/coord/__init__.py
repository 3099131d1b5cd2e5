"""coord: coordinates concurrent experiments from files in git."""

__version__ = "0.1.0"
