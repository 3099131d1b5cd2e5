"""Units that met two experiments which must be exclusive, while both were in force."""

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from coord.analysis.audit_hashes import HashSet, distinct, in_both
from coord.analysis.audit_rows import number_of
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment, Kind
from coord.domain.waivers import pair_waived

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]


class Pair(NamedTuple):
    """Two experiments that must be exclusive, and how many units were logged in both on days of both."""

    a: str
    b: str
    units: int
    waived: bool


class Meetings:
    """The units of each experiment that has a rival, by stretches of days on which its rivals are the same.

    Pairs on different spaces have different units, and a holdback has no exposures; neither is looked at.
    """

    def __init__(self, catalog: Catalog) -> None:
        """Take the pairs that must be exclusive and meet in days and audience."""
        self._catalog = catalog
        self.pairs = [pair for pair in catalog.exclusive_pairs if _can_be_seen(*pair)]
        borders: dict[str, set[int]] = {}
        for pair in self.pairs:
            start, end = _common(*pair)
            for one in pair:
                borders.setdefault(one.key, set()).update((start, end))
        self._borders = {key: sorted(found) for key, found in borders.items()}
        self._met: dict[tuple[str, int], HashSet] = {}

    def add(self, key: str, days: "NDArray[np.int32]", units: "Hashes") -> None:
        """Add rows of an experiment: days and hashes of units."""
        import numpy as np  # noqa: PLC0415 - only columns need it

        borders = self._borders.get(key)
        if borders is None:
            return
        stretches = np.searchsorted(borders, days, side="right")
        for stretch in np.flatnonzero(np.bincount(stretches)).tolist():
            if 0 < stretch < len(borders):
                found = self._met.setdefault((key, borders[stretch - 1]), HashSet())
                found.add(units[stretches == stretch])

    def found(self) -> list[Pair]:
        """The pairs with units in common, those with most first."""
        pairs = []
        for a, b in self.pairs:
            units = in_both(self._during(a.key, _common(a, b)), self._during(b.key, _common(a, b)))
            if units:
                first, second = sorted((a.key, b.key))
                pairs.append(Pair(first, second, units, pair_waived(self._catalog, a, b)))
        return sorted(pairs, key=lambda pair: (-pair.units, pair))

    def _during(self, key: str, days: tuple[int, int]) -> "Hashes":
        """The units of an experiment on some days."""
        import numpy as np  # noqa: PLC0415

        starts = [start for start, _ in pairwise(self._borders[key]) if days[0] <= start < days[1]]
        parts = [self._met[key, start].hashes() for start in starts if (key, start) in self._met]
        if len(parts) == 1:
            return parts[0]
        return distinct(np.concatenate(parts)) if parts else np.zeros(0, np.uint64)


def _can_be_seen(one: Experiment, other: Experiment) -> bool:
    return one.space == other.space and Kind.HOLDBACK not in {one.kind, other.kind}


def _common(one: Experiment, other: Experiment) -> tuple[int, int]:
    """The days on which both are in force, from and until."""
    if one.days is None or other.days is None:
        return 0, 0
    both = one.days.meet(other.days)
    return number_of(both.start), number_of(both.end)
