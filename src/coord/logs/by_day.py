"""A metric by the day on which units came in: what holds on any day is a merge of days.

A unit counts on a day when its window is closed by then, and its window never opens again, so that nothing
that was once said of a day changes when more days are logged.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

from coord.domain.metrics import Metric
from coord.logs.measured import Measured

if TYPE_CHECKING:
    from coord.stats.moments import Moments

_FEW = 0.05
"""Units without covariate, as a share, of which nothing is said."""


class Part(NamedTuple):
    """Units of one arm that came in on one day.

    full: moments of those with a value and a covariate, or of those with a value where there is no covariate.
    bare: moments of the others with a value, without a column for the covariate.
    ones: units whose value is 1, where every value is 0 or 1.
    """

    units: int
    full: "Moments"
    bare: "Moments | None" = None
    ones: int = 0


class Series(Protocol):
    """A metric on any day for which it is known."""

    def at(self, day: date) -> Measured:
        """What is known when the day begins."""


@dataclass(frozen=True)
class Daily:
    """A metric whose days merge. `parts` has by day of entry the arms in order, with `size` columns each.

    values: how many of them are of values, the others are of covariates. binary: every value is 0 or 1.
    upto: days from the first exposure until the window is closed; 0 for an open one.
    """

    metric: Metric
    arms: int
    size: int
    values: int
    upto: int
    binary: bool
    parts: Mapping[date, tuple[Part, ...]]
    notes: tuple[str, ...] = ()

    def at(self, day: date) -> Measured:
        """The units whose window is closed when the day begins."""
        entries, so_far = self._so_far
        full, bare, units, ones = so_far[bisect_right(entries, day - timedelta(days=self.upto))]
        notes, covariate = self.notes, self.size > self.values
        moments = list(full)
        if covariate:
            moments, covariate, notes = _together(moments, list(bare), self.values, notes)
        return Measured(
            units=units,
            moments=tuple(moments),
            events=ones if self.binary else None,
            covariate=covariate,
            notes=notes,
        )

    @cached_property
    def _so_far(self) -> "tuple[list[date], list[_Sum]]":
        """The days of entry, and the units of so many first ones of them, by arm."""
        from coord.stats.moments import nothing  # noqa: PLC0415 - only analyses need it

        arms = range(self.arms)
        full, bare = (tuple(nothing(size) for _ in arms) for size in (self.size, self.values))
        none = (0,) * self.arms
        found = [_Sum(full, bare, none, none)]
        for entry in sorted(self.parts):
            found.append(found[-1].with_day(self.parts[entry]))
        return sorted(self.parts), found


class _Sum(NamedTuple):
    """Units of all arms that came in until a day, as `Part` has those of one."""

    full: "tuple[Moments, ...]"
    bare: "tuple[Moments, ...]"
    units: tuple[int, ...]
    ones: tuple[int, ...]

    def with_day(self, day: tuple[Part, ...]) -> "_Sum":
        """With the units of one day more."""
        from coord.stats.moments import merge  # noqa: PLC0415

        return _Sum(
            tuple(merge(so_far, one.full) for so_far, one in zip(self.full, day, strict=True)),
            tuple(merge(a, one.bare) if one.bare else a for a, one in zip(self.bare, day, strict=True)),
            tuple(so_far + one.units for so_far, one in zip(self.units, day, strict=True)),
            tuple(so_far + one.ones for so_far, one in zip(self.ones, day, strict=True)),
        )


def _together(
    full: "list[Moments]", bare: "list[Moments]", values: int, notes: tuple[str, ...]
) -> "tuple[list[Moments], bool, tuple[str, ...]]":
    """Moments of all units; those without covariate have the mean of all others, whatever their arm."""
    from coord.stats.moments import merge, merge_all  # noqa: PLC0415

    without = sum(one.n for one in bare)
    if not without:
        return full, True, notes
    pooled = merge_all(full, len(full[0].mean))
    if not pooled.n:
        return bare, False, (*notes, "Not adjusted for its covariate: no unit has one.")
    wide = [_widened(one, pooled, values) for one in bare]
    units = without + pooled.n
    if without > _FEW * units:
        notes = (
            *notes,
            f"{without:,} of {units:,} units ({without / units:.1%}) have no covariate, and count with the "
            "mean of the others, so that it takes less off the variance than it could.",
        )
    return [merge(a, b) if b.n else a for a, b in zip(full, wide, strict=True)], True, notes


def _widened(bare: "Moments", pooled: "Moments", values: int) -> "Moments":
    """The moments with columns more that are constant: the pooled means."""
    size = len(pooled.mean)
    zeros = (0.0,) * (size - values)
    products = (*(row + zeros for row in bare.products), *((0.0,) * size for _ in zeros))
    mean, fine = bare.mean + pooled.mean[values:], bare.fine + pooled.fine[values:]
    return bare._replace(mean=mean, fine=fine, products=products)


@dataclass(frozen=True)
class AtLooks:
    """A metric whose days do not merge (a quantile, or a cap that is one): known on the days asked for."""

    looks: Mapping[date, Measured]

    def at(self, day: date) -> Measured:
        """What was known when one of the days began. Raises KeyError for any other."""
        return self.looks[day]


@dataclass(frozen=True)
class Unmeasured:
    """A metric that could not be measured, and why."""

    reason: str

    def at(self, day: date) -> Measured:  # noqa: ARG002 - the same on every day
        """The reason."""
        return Measured(reason=self.reason)
