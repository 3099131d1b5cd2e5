"""The users of the demo and their visits, drawn from a seed.

Only raw bits are drawn, and turned into numbers here: numpy promises that a seed keeps its bits, and not
which gamma, or even uniform, numbers are made of them.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from coord.allocation.columns import Column, column

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

FIRST, TODAY = date(2026, 3, 30), date(2026, 6, 3)
"""The first day of the logs, and the day on which the demo is looked at: the logs end the day before."""

USERS = 10_000
PLATFORMS = ("ios", "android")

_ANDROID = 0.55
_RARE = 6  # the chance to come on a day: 1 in 7 on average, and for most users less
_SEARCHING = 0.35
_STEADY = 4  # how alike users, and visits of one user, are in minutes: the shape of a gamma distribution
_MINUTES = 24.0
_LAST_START = 86_400 - 1_800  # visits end on the day on which they begin


@dataclass(frozen=True)
class People:
    """Users by number, and visits in order of time: at most one per user and day.

    user, day (from FIRST) and second (of the day) are of visits, and so are minutes (what would be played
    without any experiment), searches (whether there is a search) and luck (uniform numbers, two for each).
    """

    units: Column
    android: "Flags"
    user: "Integers"
    day: "Integers"
    second: "Integers"
    minutes: "Floats"
    searches: "Flags"
    luck: "Floats"

    def platform(self) -> "pa.Array":
        """The platform of every user."""
        import pyarrow as pa  # noqa: PLC0415 - only the demo's logs need it

        return pa.array([PLATFORMS[flag] for flag in self.android.tolist()], pa.string())


def people(seed: int) -> People:
    """Draw them all."""
    import numpy as np  # noqa: PLC0415

    bits = np.random.PCG64(seed)

    def draw(shape: int | tuple[int, int]) -> "Floats":
        """Uniform numbers from 0 up to, not including, 1."""
        raw = bits.random_raw(int(np.prod(shape))) >> np.uint64(11)
        uniform: Floats = (raw.astype(np.float64) * 2.0**-53).reshape(shape)
        return uniform

    days = (TODAY - FIRST).days
    chance = 1 - (1 - draw(USERS)) ** (1 / _RARE)
    level = _gamma(draw((_STEADY, USERS))) * _MINUTES
    android = draw(USERS) < _ANDROID
    user, day = np.nonzero(draw((USERS, days)) < chance[:, None])
    second = (draw(len(user)) * _LAST_START).astype(np.int64)
    order = np.lexsort((user, second, day))
    user, day, second = user[order], day[order], second[order]
    return People(
        units=column([f"u{number}" for number in range(1, USERS + 1)]),
        android=android,
        user=user,
        day=day,
        second=second,
        minutes=level[user] * _gamma(draw((_STEADY, len(user)))),
        searches=draw(len(user)) < _SEARCHING,
        luck=draw((2, len(user))),
    )


def _gamma(uniform: "Floats") -> "Floats":
    """Gamma numbers of mean 1, one for each column, whose shape is the number of rows."""
    import numpy as np  # noqa: PLC0415

    found: Floats = -np.log(1 - uniform).mean(axis=0)
    return found
