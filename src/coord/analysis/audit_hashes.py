"""Sets of units as their 64-bit hashes, in 8 bytes each, and samples of them.

Among ten million units two have the same hash with a probability of 3 in a million. Neither sets nor samples
depend on the order in which units come.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Numbers = NDArray[np.int64]

_MANY = 1 << 20


def distinct(hashes: "Hashes") -> "Hashes":
    """The hashes in ascending order, each once."""
    import numpy as np  # noqa: PLC0415 - only columns need it

    ordered: Hashes = np.sort(hashes)
    first = np.ones(len(ordered), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


class HashSet:
    """A set that grows by arrays."""

    def __init__(self) -> None:
        """Start empty."""
        self._parts: list[Hashes] = []
        self._new = self._known = 0

    def add(self, hashes: "Hashes") -> None:
        """Add hashes, in any order and any number of times."""
        part = distinct(hashes)
        self._parts.append(part)
        self._new += len(part)
        if self._new > max(_MANY, self._known):
            self.hashes()

    def hashes(self) -> "Hashes":
        """All hashes in ascending order."""
        import numpy as np  # noqa: PLC0415

        if self._new:
            self._parts = [distinct(np.concatenate(self._parts))]
            self._new, self._known = 0, len(self._parts[0])
        return self._parts[0] if self._parts else np.zeros(0, np.uint64)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.hashes())


def in_both(one: "Hashes", other: "Hashes") -> int:
    """How many hashes two sets have in common."""
    import numpy as np  # noqa: PLC0415

    both = np.sort(np.concatenate([one, other]), kind="stable")  # two ascending runs are merged
    return int(np.count_nonzero(both[1:] == both[:-1]))


class Buckets:
    """The buckets of the units with the smallest hashes."""

    def __init__(self, size: int) -> None:
        """Keep up to so many units."""
        import numpy as np  # noqa: PLC0415

        self._size = size
        self._units, self.buckets = np.zeros(0, np.uint64), np.zeros(0, np.int64)

    def add(self, units: "Hashes", buckets: "Numbers") -> None:
        """Add units with their buckets, in any order and any number of times."""
        import numpy as np  # noqa: PLC0415

        if len(self._units) == self._size:
            few = units < self._units[-1]
            units, buckets = units[few], buckets[few]
        if len(units):
            every, all_buckets = np.concatenate([self._units, units]), np.concatenate([self.buckets, buckets])
            order = np.argsort(every)
            first = np.ones(len(order), np.bool_)
            first[1:] = every[order[1:]] != every[order[:-1]]
            rows = order[first][: self._size]
            self._units, self.buckets = every[rows], all_buckets[rows]


class Sampled(NamedTuple):
    """A row of a sample: the unit, its ids under other names, the logged variant."""

    unit: str
    others: tuple[str, ...]
    arm: int


class Sample:
    """The rows of the units with the smallest hashes, one for each unit: its earliest."""

    def __init__(self, size: int) -> None:
        """Keep up to so many units."""
        self._size = size
        self._kept: dict[int, tuple[int, Sampled]] = {}
        self._most = 2**64 - 1

    def choose(self, units: "Hashes", moments: "Numbers") -> "Numbers":
        """Which of these rows the sample may want: of each unit the earliest, several if they tie."""
        import numpy as np  # noqa: PLC0415

        rows = np.flatnonzero(units <= np.uint64(self._most))
        if len(rows) > self._size:  # the first ones of so many units are enough
            few = distinct(units[rows])[: self._size]
            rows = rows[units[rows] <= few[-1]]
        order = rows[np.lexsort((moments[rows], units[rows]))]
        first = np.ones(len(order), np.bool_)
        first[1:] = units[order[1:]] != units[order[:-1]]
        earliest = moments[order[first]][np.cumsum(first) - 1]
        chosen: Numbers = order[moments[order] == earliest]
        return chosen

    def keep(self, unit: int, moment: int, row: Sampled) -> None:
        """Offer a row that was chosen: its unit's hash, its moment, and what is to be known of it."""
        known = self._kept.get(unit)
        if known is None or (moment, row) < known:
            self._kept[unit] = moment, row
        if len(self._kept) > self._size:
            del self._kept[max(self._kept)]
            self._most = max(self._kept)

    @property
    def rows(self) -> list[Sampled]:
        """The rows, in the order of the units' hashes."""
        return [self._kept[unit][1] for unit in sorted(self._kept)]
