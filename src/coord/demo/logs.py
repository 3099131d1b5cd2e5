"""The demo's logs: what users did under the variants they met, and what was logged of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from coord.demo.meetings import Meeting, meetings
from coord.demo.people import FIRST, PLATFORMS, People, people
from coord.demo.truth import EFFECTS, LOSS, TOGETHER, Effect
from coord.domain.catalog import Catalog

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

EXPOSURES, EVENTS = "logs/exposures.csv", "logs/events.csv"

SEED = 1457

_ERROR, _FOUND = 0.16, 0.55  # the chances of an error in a visit, and that a search finds something
_TO_SEARCH, _TO_ERROR, _TO_END = 20, 60, 90  # seconds into a visit

Rows = list[tuple[int, str]]
"""Seconds since the first day, and what comes after the time."""


def logs(catalog: Catalog, *, advance: Callable[[int], None] = lambda _: None) -> dict[str, str]:
    """The texts of both files by path, rows in order of time; `advance` is called for each experiment."""
    import numpy as np  # noqa: PLC0415 - only the demo's logs need it

    crowd = people(SEED)
    met = list(meetings(catalog, crowd, advance))
    minutes, errors, found = np.ones((3, len(crowd.user)))
    for visits, effect in _effects(crowd, met):
        minutes[visits] *= effect.minutes
        errors[visits] *= effect.errors
        found[visits] *= effect.found
    failed = crowd.luck[0] >= 1 - _ERROR * errors
    finds = crowd.luck[1] < _FOUND * found
    exposures = [row for one in met for row in _exposures(crowd, one, finds)]
    events = _events(crowd, np.maximum(1, np.rint(crowd.minutes * minutes)).astype(np.int64), failed, finds)
    return {
        EXPOSURES: _csv("timestamp,user_id,experiment,variant,platform", exposures),
        EVENTS: _csv("timestamp,user_id,event,minutes,found", events),
    }


def _effects(crowd: People, met: Sequence[Meeting]) -> Iterable[tuple["Flags", Effect]]:
    """Visits, and what is different in them."""
    by_key: Mapping[str, Meeting] = {one.experiment.key: one for one in met}

    def treated(treatment: tuple[str, str]) -> "Flags":
        key, variant = treatment
        return by_key[key].treated(crowd, variant)

    for treatment, effect in EFFECTS.items():
        yield treated(treatment), effect
    for (first, second), effect in TOGETHER.items():
        yield treated(first) & treated(second), effect


def _exposures(crowd: People, met: Meeting, finds: "Flags") -> Rows:
    """One row for each user who met it, at the first meeting."""
    import numpy as np  # noqa: PLC0415

    experiment = met.experiment
    users = np.flatnonzero(met.variant >= 0)
    users = users[~_lost(crowd, met, users, finds)]
    visits = met.visit[users]
    into = _TO_SEARCH if experiment.surface == "search" else 0
    seconds = crowd.day[visits] * 86_400 + crowd.second[visits] + into
    names = [variant.logged_as for variant in experiment.variants]
    columns = users.tolist(), met.variant[users].tolist(), crowd.android[users].tolist(), seconds.tolist()
    return [
        (second, f"u{user + 1},{experiment.logged_as},{names[variant]},{PLATFORMS[android]}")
        for user, variant, android, second in zip(*columns, strict=True)
    ]


def _lost(crowd: People, met: Meeting, users: "Integers", finds: "Flags") -> "Flags":
    """Whose exposure the logger loses: of so many by their number, which says nothing of them."""
    import numpy as np  # noqa: PLC0415

    key, variant = LOSS.treatment
    if met.experiment.key != key:
        return np.zeros(len(users), np.bool_)
    place = [one.name for one in met.experiment.variants].index(variant)
    those = (met.variant[users] == place) & (crowd.android[users] == (LOSS.platform == PLATFORMS[1]))
    found: Flags = those & ~finds[met.visit[users]] & (users % 100 < 100 * LOSS.share)
    return found


def _events(crowd: People, minutes: "Integers", failed: "Flags", finds: "Flags") -> Rows:
    import numpy as np  # noqa: PLC0415

    begin = crowd.day * 86_400 + crowd.second
    searched, wrong = np.flatnonzero(crowd.searches), np.flatnonzero(failed)

    def columns(visits: "Integers", into: int, *more: "Integers") -> Iterable[tuple[int, ...]]:
        parts = (begin[visits] + into, crowd.user[visits] + 1, *(each[visits] for each in more))
        return zip(*(part.tolist() for part in parts), strict=True)

    every = np.arange(len(begin))
    rows = [(second, f"u{user},play,{played},") for second, user, played in columns(every, _TO_END, minutes)]
    rows += [(second, f"u{user},playback_error,,") for second, user in columns(wrong, _TO_ERROR)]
    results = finds.astype(np.int64)
    rows += [
        (second, f"u{user},search,,{hit}") for second, user, hit in columns(searched, _TO_SEARCH + 1, results)
    ]
    return rows


def _csv(header: str, rows: Rows) -> str:
    import numpy as np  # noqa: PLC0415

    rows.sort()
    seconds = np.array([second for second, _ in rows], "timedelta64[s]")
    times = np.datetime_as_string(np.datetime64(FIRST, "s") + seconds).tolist()
    lines = (f"{time},{rest}\n" for time, (_, rest) in zip(times, rows, strict=True))
    return f"{header}\n{''.join(lines)}"
