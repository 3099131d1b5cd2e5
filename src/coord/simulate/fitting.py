"""The setting of a programme: what is asked for, else fitted to the year before, else a default."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from coord.domain.catalog import Catalog
from coord.domain.metrics import DEFAULTS, Decision
from coord.domain.model import Experiment, Kind
from coord.domain.shares import WHOLE, format_share
from coord.simulate.arrivals import YEAR, Setting, Template

ENOUGH = 10
"""A/B tests that must have started in the year before to fit anything to them."""

_LEAST_DAYS = 90
"""Days that must have been seen of that year."""

_RATE, _LENGTH, _TRAFFIC, _COMPONENTS = 100, 14, Fraction(1, 5), 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for; None: not said."""

    rate: float | None = None
    length: int | None = None
    traffic: Fraction | None = None
    components: int | None = None
    exclusive: Fraction = WHOLE
    teams: int | None = None


class Source(NamedTuple):
    """One thing of the setting: its name, its value in words, and where it is from."""

    name: str
    value: str
    source: str


class Fitted(NamedTuple):
    """A setting, where all of it is from, the names of its components, and how experiments are planned.

    `told` says what was fitted to, or why nothing was. Without names the components are made up.
    """

    setting: Setting
    sources: tuple[Source, ...]
    told: str
    components: tuple[str, ...]
    decision: Decision


class _Past(NamedTuple):
    """The A/B tests that started in the year before, and how many days of it there were any experiments."""

    tests: tuple[Experiment, ...]
    days: int

    @property
    def enough(self) -> bool:
        return len(self.tests) >= ENOUGH and self.days >= _LEAST_DAYS


def fit(asked: Asked, catalog: Catalog | None, surface: str | None, today: date) -> Fitted:
    """The setting for a surface, or for all of them as if they were one; without a catalogue, by defaults."""
    chosen = [] if catalog is None else [surface] if surface else sorted(catalog.surfaces)
    past = _past(catalog, chosen, today) if catalog else _Past((), 0)
    names: tuple[str, ...] = ()
    room = WHOLE
    if catalog and asked.components is None:
        names = tuple(f"{name}/{part}" for name in chosen for part in catalog.surfaces[name].components)
        room = min(catalog.surfaces[name].budget.component for name in chosen)
    setting = Setting(
        asked.rate if asked.rate is not None else _rate(past),
        _templates(asked, past, names),
        asked.components or len(names) or _COMPONENTS,
        asked.exclusive,
        room,
        asked.teams,
    )
    where = surface or (f"all {len(chosen)} surfaces" if len(chosen) > 1 else "".join(chosen))
    sources = tuple(_sources(asked, setting, past, where, named=bool(names)))
    told = _told(past, where, today) if any(one.source in {_FITTED, _DEFAULT} for one in sources) else ""
    return Fitted(setting, sources, told, names, catalog.decision if catalog else DEFAULTS)


def _past(catalog: Catalog, surfaces: Sequence[str], today: date) -> _Past:
    since = today - timedelta(YEAR)
    mine = [e for e in catalog.active if e.days and not set(surfaces).isdisjoint(e.surfaces)]
    starts = [e.days.start for e in mine if e.days and e.days.start < today]
    seen = min(YEAR, (today - min(starts)).days) if starts else 0
    tests = (e for e in mine if e.kind is Kind.AB_TEST and since <= e.order[0] < today)
    return _Past(tuple(tests), seen)


def _rate(past: _Past) -> float:
    return len(past.tests) * YEAR / past.days if past.enough else _RATE


def _templates(asked: Asked, past: _Past, names: Sequence[str]) -> tuple[Template, ...]:
    if not past.enough:
        return (Template(asked.length or _LENGTH, asked.traffic or _TRAFFIC),)
    place = {name: number for number, name in enumerate(names)}
    return tuple(
        Template(
            asked.length or (experiment.days.length if experiment.days else _LENGTH),
            asked.traffic or experiment.traffic,
            tuple(place[name] for name in experiment.components if name in place) if names else None,
        )
        for experiment in past.tests
    )


_GIVEN, _FITTED, _DEFAULT = "given", "fitted", "default"


def _told(past: _Past, where: str, today: date) -> str:
    """What fitted and default mean here."""
    tests = f"{len(past.tests)} A/B test{'' if len(past.tests) == 1 else 's'}"
    if past.enough:
        return f"fitted: to the {tests} of {where} that started from {today - timedelta(past.days)} on"
    if not where:
        return "default: there is no organisation here to fit to"
    started = f"{tests} of {where} started in the {past.days} days before {today}"
    return f"default: {started}, and {ENOUGH} in {_LEAST_DAYS} days or more are needed to fit to"


def _sources(asked: Asked, setting: Setting, past: _Past, where: str, *, named: bool) -> Sequence[Source]:
    told = _FITTED if past.enough else _DEFAULT
    lengths = sorted({template.length for template in setting.templates})
    shares = sorted({template.traffic for template in setting.templates})
    found = [
        Source("arrivals", f"{setting.rate:,.0f} a year", _GIVEN if asked.rate is not None else told),
        Source("length", _days(lengths), _GIVEN if asked.length else told),
        Source("traffic", _span([format_share(one) for one in shares]), _GIVEN if asked.traffic else told),
        _components(asked, setting, where if named else None),
    ]
    if setting.exclusive != WHOLE:
        touching = f"{format_share(setting.exclusive)} touch a component"
        found.append(Source("exclusive", touching, "given; the rest meets everybody"))
    if setting.room != WHOLE:
        found.append(Source("room", f"{format_share(setting.room)} of a component", f"the budget of {where}"))
    if setting.teams:
        each = setting.rate / setting.teams
        teams = f"{setting.teams}, {each:.1f} a year each"
        found.append(Source("teams", teams, "given; a team runs one at a time"))
    return found


def _components(asked: Asked, setting: Setting, where: str | None) -> Source:
    """How many components there are, and how many an experiment touches."""
    if where is None:
        return Source(
            "components", f"{setting.components:,}, one each", _GIVEN if asked.components else _DEFAULT
        )
    touched = [len(t.components) for t in setting.templates if t.components is not None]
    if not touched:
        return Source("components", f"{setting.components}, one each", f"those of {where}, evenly")
    each = f"{sum(touched) / len(touched):.1f} each"
    return Source("components", f"{setting.components}, {each}", f"those of {where}, {_FITTED}")


def _days(lengths: Sequence[int]) -> str:
    span = _span([str(one) for one in lengths])
    return f"{span} day" if span == "1" else f"{span} days"


def _span(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{values[0]} to {values[-1]}"
