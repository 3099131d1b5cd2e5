"""coord: coordinates concurrent experiments from files in git.

In Python: `organisation = coord.load("path/to/repository")`; see docs/api.md.
"""

__version__ = "0.1.0"
__all__ = ["Assignment", "CoordError", "Organisation", "Reason", "State", "load"]

TYPE_CHECKING = False  # the one of `typing` would cost more than everything else here
if TYPE_CHECKING:
    from coord.api import Assignment, CoordError, Organisation, Reason, State, load
else:

    def __getattr__(name: str) -> object:
        """What `__all__` names, imported when it is first asked for."""
        if name not in __all__:
            raise AttributeError(f"module 'coord' has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - `import coord` does without

        return getattr(import_module("coord.api"), name)

    def __dir__() -> list[str]:
        """The names that a notebook completes."""
        return sorted({*globals(), *__all__})
