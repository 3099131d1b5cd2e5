"""Small organisations with ledgers, as objects, to simulate on."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from coord.allocation.allocate import allocate
from coord.domain.audience import Dimension
from coord.domain.buckets import Buckets
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.model import Budget, Entry, Experiment, Kind, Ledger, Policy, Space, Step, Surface, Variant

DAY = date(2026, 3, 10)
COUNTRY = Dimension("country", ("SE", "US"), True, {"SE": Fraction(1, 4), "US": Fraction(1, 2)})
PLATFORM = Dimension("platform", ("ios", "android"), False)


def experiment(name: str, percent: float | Mapping[date, float] = 20, **changes: Any) -> Experiment:
    """An A/B test on `home` with a component of its own, in force around DAY."""
    steps = percent if isinstance(percent, Mapping) else {date(2026, 3, 2): percent}
    key = f"home/{name}"
    made = Experiment(
        key=key,
        surface="home",
        name=name,
        path=f"surfaces/home/experiments/{name}.yaml",
        kind=Kind.AB_TEST,
        owner="team",
        space="user",
        draft=False,
        days=Days(min(steps), date(2026, 3, 30)),
        steps=tuple(Step(day, Fraction(str(share)) / 100) for day, share in sorted(steps.items())),
        components=(f"home/{name}",),
        surfaces=("home",),
        exclusive_with=frozenset(),
        audience={},
        salt=key,
        logged_as=key,
        variants=(Variant("control", 1, None), Variant("treatment", 1, None)),
    )
    return replace(made, **changes)


def holdback(name: str, percent: float = 5, **changes: Any) -> Experiment:
    """A holdback of `home`."""
    return experiment(name, percent, **{"kind": Kind.HOLDBACK, "components": (), "variants": ()} | changes)


def catalog(
    experiments: Iterable[Experiment],
    ledgers: Mapping[str, Buckets] | None = None,
    *,
    buckets: int = 10_000,
    draw: bool = True,
    budget: Budget | None = None,
) -> Catalog:
    """One surface with two spaces; ledgers are given, or drawn as `coord allocate --all` does."""
    found = {made.key: made for made in experiments}
    components = sorted({part for made in found.values() for part in made.components})
    surface = Surface(
        "home",
        "surfaces/home/surface.yaml",
        "team",
        "user",
        tuple(part.removeprefix("home/") for part in components),
        {"country": COUNTRY, "platform": PLATFORM},
        budget or Budget(),
        Policy(1, 365, 0),
        (),
    )
    spaces = {
        "user": Space("user", "user_id", "MegaSalt-test", buckets),
        "other-salt": Space("other-salt", "user_id", "MegaSalt-other", buckets),
        "device": Space("device", "device_id", "MegaSalt-devices", buckets),
    }
    empty = Catalog(spaces, {"home": surface}, found, {})
    if ledgers is None and draw:
        outcomes = allocate(empty, list(found), date(2026, 1, 1), redraw=False)
        return replace(empty, ledgers={o.experiment.key: o.ledger for o in outcomes if o.ledger})
    made = {
        key: Ledger(key, "", found[key].space, (Entry(held, {}, None),))
        for key, held in (ledgers or {}).items()
    }
    return replace(empty, ledgers=made)
