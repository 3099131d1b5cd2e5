"""What an effect is held against: one critical value for its intervals, and the p-values of it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from coord.analysis.results import Basis
from coord.stats import always_valid, student
from coord.stats.estimates import Pair
from coord.stats.group_sequential import Look
from coord.stats.reasons import Missing


class Yardstick(Protocol):
    """One way to judge chance, at one two-sided error."""

    @property
    def error(self) -> float:
        """The two-sided error of its intervals."""

    @property
    def basis(self) -> Basis:
        """Which way it is."""

    def critical(self, pair: Pair) -> float | Missing:
        """How many standard errors an interval reaches to either side."""

    def two_sided(self, statistic: float, pair: Pair) -> float | None:
        """The p-value: below `error` exactly when |statistic| exceeds the critical value; or None."""

    def upper(self, statistic: float, pair: Pair) -> float | None:
        """The one-sided p-value: below error / 2 exactly when the statistic is above the critical value."""


class Once(NamedTuple):
    """A fixed plan at its end: Student's t."""

    error: float
    basis: Basis = Basis.FIXED

    def critical(self, pair: Pair) -> float | Missing:
        """See `Yardstick`."""
        return student.critical(self.error, pair.df)

    def two_sided(self, statistic: float, pair: Pair) -> float | None:
        """See `Yardstick`."""
        return student.two_sided(statistic, pair.df)

    def upper(self, statistic: float, pair: Pair) -> float | None:
        """See `Yardstick`."""
        return student.upper(statistic, pair.df)


class AnyTime(NamedTuple):
    """Always valid. units: in the two arms so far; planned: in the two arms by the plan."""

    error: float
    units: int
    planned: float
    basis: Basis = Basis.ALWAYS_VALID

    def critical(self, pair: Pair) -> float | Missing:  # noqa: ARG002 - others need the pair
        """See `Yardstick`."""
        return always_valid.multiplier(self.units, self.planned, self.error)

    def two_sided(self, statistic: float, pair: Pair) -> float | None:  # noqa: ARG002
        """See `Yardstick`."""
        return always_valid.two_sided(statistic, self.units, self.planned, self.error)

    def upper(self, statistic: float, pair: Pair) -> float | None:  # noqa: ARG002
        """See `Yardstick`."""
        return always_valid.upper(statistic, self.units, self.planned, self.error)


class AtLook(NamedTuple):
    """The last of the looks of a group-sequential plan. It has no p-values: bounds are all it promises."""

    error: float
    looks: Sequence[Look]
    basis: Basis = Basis.GROUP_SEQUENTIAL

    def critical(self, pair: Pair) -> float | Missing:  # noqa: ARG002
        """See `Yardstick`."""
        bound = self.looks[-1].bound
        return Missing.NOTHING_SPENT if bound is None else bound

    def two_sided(self, statistic: float, pair: Pair) -> float | None:  # noqa: ARG002
        """None."""
        return None

    def upper(self, statistic: float, pair: Pair) -> float | None:  # noqa: ARG002
        """None."""
        return None
