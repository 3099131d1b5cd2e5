"""Who met which variant, and when first: by the real hash, ledgers, dates, audiences and holdbacks."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from coord.allocation.assign_many import assign_many, buckets_of
from coord.allocation.columns import take
from coord.demo.people import FIRST, TODAY, People
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment, Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_DAY = timedelta(days=1)
_BY_SEARCHING = "search"
"""The surface that is met by searching; the other is met by every visit."""


class Meeting(NamedTuple):
    """An experiment; by user the place of the variant (-1 without one) and of the first visit with it."""

    experiment: Experiment
    variant: "Integers"
    visit: "Integers"

    def treated(self, people: People, name: str) -> "Flags":
        """The visits of users with a variant, from the first on which they met it."""
        import numpy as np  # noqa: PLC0415 - only the demo's logs need it

        place = [variant.name for variant in self.experiment.variants].index(name)
        number = np.arange(len(people.user))
        found: Flags = (self.variant[people.user] == place) & (number >= self.visit[people.user])
        return found


def meetings(
    catalog: Catalog, people: People, advance: Callable[[int], None] = lambda _: None
) -> Iterator[Meeting]:
    """Of every experiment that has variants, by name."""
    for key in sorted(catalog.experiments):
        if catalog.experiments[key].kind is not Kind.HOLDBACK:
            yield _meeting(catalog, catalog.experiments[key], people)
        advance(1)


def _meeting(catalog: Catalog, experiment: Experiment, people: People) -> Meeting:
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    number = len(people.units)
    variant, visit = np.full(number, -1), np.full(number, len(people.user))
    buckets = buckets_of(catalog.spaces[experiment.space], people.units)
    platform = people.platform()
    comes = people.searches if experiment.surface == _BY_SEARCHING else np.full(len(people.user), True)
    for day in range((TODAY - FIRST).days):
        begin, end = np.searchsorted(people.day, [day, day + 1])
        visits = begin + np.flatnonzero(comes[begin:end])
        visits = visits[variant[people.user[visits]] < 0]
        users = people.user[visits]
        found = assign_many(
            catalog,
            experiment,
            take(people.units, users),
            FIRST + _DAY * day,
            {"platform": platform.take(pa.array(users))},
            buckets[users],
        )
        new = found.variants >= 0
        variant[users[new]], visit[users[new]] = found.variants[new], visits[new]
    return Meeting(experiment, variant, visit)
