"""What is raised when a command could not run. A violation is data (a finding), never an exception."""


class CoordError(Exception):
    """Could not run: what, where and what to do, in one paragraph for a person."""


class UsageError(CoordError):
    """The command was called wrongly: an unknown rule code, formats that do not go together."""
