"""The rule for logs once more, from rows of units and with none of its code: what a day shows and says."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import log, log1p, sqrt
from typing import NamedTuple

import numpy as np

from analysis.daily import DAY, Units
from coord.stats.group_sequential import looks


class What(NamedTuple):
    """A metric that decides: margin is None for one of success; errors are two-sided."""

    name: str
    window: int
    error: float
    harm_error: float
    decrease: bool = False
    margin: float | None = None


class Arms(NamedTuple):
    """Control and treatment on a day."""

    units: int
    means: tuple[float, float]
    variances: tuple[float, float]

    def z(self, factor: float = 1.0) -> float:
        """How far the treatment is above so many times the control, in standard errors."""
        control, treatment = self.means
        own, other = self.variances
        return (treatment - factor * control) / sqrt(other + factor * factor * own)


class World(NamedTuple):
    """An experiment: its metrics' units in their windows and in the monitoring window of one day.

    looks: days; `end` is the last day of the plan. planned: of an arm and the control, by arm.
    """

    own: Mapping[str, Units]
    early: Mapping[str, Units]
    whats: Sequence[What]
    start: date
    end: date
    looks: Sequence[date]
    planned: Sequence[float]

    def arms(self, name: str, window: int, day: date, arm: int, *, early: bool = False) -> Arms:
        """Units whose window is closed when the day begins."""
        units = (self.early if early else self.own)[name]
        closed = [both for at, both in units.items() if at + DAY * window <= day]
        found = [np.concatenate([both[k][0] for both in closed] or [np.zeros(0)]) for k in (0, arm)]
        if min(map(len, found)) < 2:
            return Arms(len(found[0]) + len(found[1]), (0.0, 0.0), (1.0, 1.0))
        one, two = ((float(v.mean()), float(v.var(ddof=1)) / len(v)) for v in found)
        return Arms(len(found[0]) + len(found[1]), (one[0], two[0]), (one[1], two[1]))

    def harmed(self, what: What, arm: int, upto: date) -> date | None:
        """The first day of harm."""
        day = self.start
        while (day := day + DAY) <= upto:
            for window, early in ((what.window, False), (1, True)):
                found = self.arms(what.name, window, day, arm, early=early)
                z = found.z() if what.decrease else -found.z()
                if found.units and z > any_time(found.units / self.planned[arm], what.harm_error):
                    return day
        return None

    def seen(self, what: What, arm: int, day: date) -> tuple[date, float | None]:
        """The day whose data are shown, and the bound that they are held against."""
        past = [look for look in self.looks if look <= day]
        informations = [self.arms(what.name, what.window, at, arm).units / self.planned[arm] for at in past]
        bounds = [
            look.bound for look in looks(informations, what.error, ended=bool(past) and past[-1] == self.end)
        ]
        spending = [(at, bound) for at, bound in zip(past, bounds, strict=True) if bound is not None]
        return spending[-1] if spending else (past[-1], None)

    def fulfilled(self, arm: int, day: date) -> bool:
        """Whether the metrics let a variant ship on a look, harm aside."""
        better, bad, held = [], [], []
        for what in self.whats:
            at, bound = self.seen(what, arm, day)
            found, sign = self.arms(what.name, what.window, at, arm), -1 if what.decrease else 1
            if what.margin is None:
                better.append(bound is not None and sign * found.z() > bound)
                bad.append(bound is not None and sign * found.z() < -bound)
            else:
                held.append(bound is not None and sign * found.z(1 - sign * what.margin) > bound)
        return any(better) and not any(bad) and all(held)

    def says(self, arm: int, day: date) -> str:
        """What to do on a day."""
        harms = [since for what in self.whats if (since := self.harmed(what, arm, day))]
        if harms:
            return "abort"
        if any(self.fulfilled(arm, look) for look in self.looks if look <= day):
            return "ship"
        return "end" if day >= self.end else "continue"


def any_time(share: float, error: float) -> float:
    """c(n) = sqrt((1 + 1/r)(ln(1 + r) + L)), with L = -2 ln a and r = (n / n*)(L + ln(1 + L))."""
    bits = -2 * log(error)
    r = share * (bits + log1p(bits))
    return sqrt((1 + 1 / r) * (log1p(r) + bits))
