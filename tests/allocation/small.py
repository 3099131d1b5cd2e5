"""Small organisations as objects of the domain, to draw for without files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from coord.domain.audience import Dimension
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.model import Budget, Experiment, Kind, Ledger, Policy, Space, Step, Surface

DAY0 = date(2026, 3, 1)
COUNTRIES = ("SE", "US")


def day(offset: int) -> date:
    return DAY0 + timedelta(days=offset)


def experiment(
    name: str,
    start: int = 1,
    days: int = 14,
    steps: Mapping[int, int] | int = 20,
    components: Iterable[str] = ("a",),
    countries: Iterable[str] = (),
    *,
    kind: Kind = Kind.AB_TEST,
    exclusive_with: Iterable[str] = (),
    share: Fraction | None = None,
) -> Experiment:
    """An experiment on `home`; `steps` are percents by days after the start, or one for all days."""
    percents = {0: steps} if isinstance(steps, int) else steps
    key = f"home/{name}"
    made = Experiment(
        key=key,
        surface="home",
        name=name,
        path=f"surfaces/home/experiments/{name}.yaml",
        kind=kind,
        owner="team",
        space="user",
        draft=False,
        days=Days(day(start), day(start + days)),
        steps=tuple(Step(day(start + after), Fraction(p, 100)) for after, p in sorted(percents.items())),
        components=() if kind is Kind.HOLDBACK else tuple(sorted(f"home/{c}" for c in components)),
        surfaces=("home",),
        exclusive_with=frozenset(exclusive_with),
        audience={"country": frozenset(countries)} if countries else {},
        salt=key,
        logged_as=key,
        variants=(),
    )
    return replace(made, steps=(Step(day(start), share),)) if share is not None else made


def catalog(
    experiments: Iterable[Experiment],
    ledgers: Mapping[str, Ledger] | None = None,
    *,
    buckets: int = 100,
    cooldown: int = 0,
    budget: Budget | None = None,
    components: Sequence[str] = ("a", "b"),
) -> Catalog:
    """One surface in one space."""
    surface = Surface(
        "home",
        "surfaces/home/surface.yaml",
        "team",
        "user",
        tuple(components),
        {"country": Dimension("country", COUNTRIES, True)},
        budget or Budget(),
        Policy(1, 365, cooldown),
        (),
    )
    return Catalog(
        {"user": Space("user", "user_id", "salt", buckets)},
        {"home": surface},
        {made.key: made for made in experiments},
        dict(ledgers or {}),
    )
