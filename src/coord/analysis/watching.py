"""Harm, looked for on every day: always valid, and remembered once it is found."""

from datetime import date
from typing import NamedTuple

from coord.analysis.compared import Compared
from coord.analysis.course import Course
from coord.analysis.now import Now
from coord.analysis.plan import Asked
from coord.analysis.results import Deterioration, Role
from coord.stats import effects
from coord.stats.effects import Interval
from coord.stats.reasons import Missing


class Seen(NamedTuple):
    """Harm on the day on which it was first seen; monitoring: in that window, not in the metric's own."""

    since: date
    interval: Interval
    monitoring: bool


class Watch:
    """What is known of harm on every day of a course.

    Every day has its own units and windows as they were then, so that what was found stays found. A metric
    that is known on the days of looks alone is judged on those.
    """

    def __init__(self, course: Course) -> None:
        """Look at every day."""
        self._course = course
        self._error = course.plan.errors.deterioration
        arms = range(1, len(course.plan.shares))
        deciding = [asked for asked in course.plan.asked if asked.role is not Role.OTHER]
        found = {(asked.metric.name, arm): self._first(asked, arm) for asked in deciding for arm in arms}
        self._found = {key: seen for key, seen in found.items() if seen is not None}

    @property
    def since(self) -> dict[tuple[str, int], date]:
        """By metric and arm the first day of harm."""
        return {key: seen.since for key, seen in self._found.items()}

    def seen(self, asked: Asked, arm: int, day: date) -> Seen | None:
        """The harm of a metric that decides, if it was seen by a day."""
        found = None if asked.role is Role.OTHER else self._found.get((asked.metric.name, arm))
        return found if found is not None and found.since <= day else None

    def told(self, asked: Asked, arm: int, day: date) -> Deterioration | None:
        """The interval that looks for harm on a day: the one that found it, where it was found before."""
        if asked.role is Role.OTHER or self._error is None:
            return None
        found = self.seen(asked, arm, day)
        interval = found.interval if found else self._interval(asked, arm, day, monitoring=False)
        since = None if found is None else found.since
        value, lower, upper = (None, None, None) if interval is None else interval[:3]
        return Deterioration(round(1 - self._error, 12), lower, upper, since, value)

    def _first(self, asked: Asked, arm: int) -> Seen | None:
        for day in self._course.days:
            for monitoring in (False, True):
                interval = self._interval(asked, arm, day, monitoring=monitoring)
                if interval is None:
                    continue
                if interval.above(0) if asked.metric.decrease else interval.below(0):
                    return Seen(day, interval, monitoring)
        return None

    def _interval(self, asked: Asked, arm: int, day: date, *, monitoring: bool) -> Interval | None:
        name, course = asked.metric.name, self._course
        known = course.known_at(name, day, monitoring=monitoring)
        if known is None or self._error is None:
            return None
        found = course.compared(asked, arm, known, monitoring=monitoring)
        if not isinstance(found, Compared) or found.rare:
            return None
        units = course.units_of(name, known, monitoring=monitoring)
        critical = Now(course.plan, known).any_time(self._error, units, arm).critical(found.pair)
        return None if isinstance(critical, Missing) else effects.absolute(found.pair, critical)
