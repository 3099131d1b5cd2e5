"""Why a logged row is not what the files say, in the order in which causes apply."""

from enum import StrEnum


class Cause(StrEnum):
    """The first that applies is a row's cause."""

    UNUSABLE = "unusable"
    UNKNOWN_EXPERIMENT = "unknown_experiment"
    UNKNOWN_VARIANT = "unknown_variant"
    OUTSIDE_DATES = "outside_dates"
    NOT_ELIGIBLE = "not_eligible"
    HELD_BACK = "held_back"
    NOT_ALLOCATED = "not_allocated"
    WRONG_VARIANT = "wrong_variant"
    OK = "ok"

    @property
    def code(self) -> int:
        """Its place among all, which stands for it in arrays."""
        return CAUSES.index(self)


CAUSES = tuple(Cause)

NOT_JUDGED = (Cause.UNUSABLE, Cause.UNKNOWN_EXPERIMENT)
"""Rows of which the files say nothing."""

MISMATCHES = tuple(cause for cause in Cause if cause not in {*NOT_JUDGED, Cause.OK})
"""Rows that contradict the files; their share decides whether an audit passes."""
