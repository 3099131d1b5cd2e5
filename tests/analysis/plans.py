"""Plans of experiments, written shortly: metrics by name and role, everything else by default."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from coord.analysis.at_start import UNKNOWN, AtStart
from coord.analysis.frozen import terms_of
from coord.analysis.plan import AnalysisPlan
from coord.domain.catalog import Catalog
from coord.domain.dates import Days
from coord.domain.metrics import Decision, Metric, Metrics, Requirement, Source
from coord.domain.model import Analysis, Budget, Experiment, Kind, Policy, Step, Surface, Variant

START, END = date(2026, 3, 2), date(2026, 3, 30)
HOME = Surface("home", "surfaces/home/surface.yaml", "team", "user", ("header",), {}, Budget(), Policy(), ())
_COLUMN = Source("play", "sum", "minutes")


def a_mean(name: str, *, decrease: bool = False, missing: str = "zero") -> Metric:
    """A metric that is a mean over units."""
    return Metric(name, 0, 7, False, decrease, None, missing, _COLUMN)


def a_ratio(name: str, *, decrease: bool = False) -> Metric:
    """A metric that is a ratio of sums."""
    return a_mean(name, decrease=decrease)._replace(denominator=_COLUMN)


def a_quantile(name: str, *, decrease: bool = False) -> Metric:
    """A metric that is a median."""
    return a_mean(name, decrease=decrease)._replace(quantile=Fraction(1, 2))


def plan_for(
    success: Sequence[Metric] = (),
    guardrail: Mapping[Metric, Fraction | None] | None = None,
    *,
    weights: Sequence[int | None] = (1, 1),
    kind: Kind = Kind.AB_TEST,
    method: str = "fixed",
    looks: tuple[date, ...] = (),
    planned: int | None = None,
    alpha: Fraction = Fraction(5, 100),
    started: AtStart = UNKNOWN,
) -> AnalysisPlan:
    """The plan of `home/test`, of four weeks, with variants a (the control), b, c, and so on.

    guardrail: metrics with their margins.
    """
    catalog = _catalog(
        success,
        guardrail,
        weights=weights,
        kind=kind,
        method=method,
        looks=looks,
        planned=planned,
        alpha=alpha,
    )
    return AnalysisPlan(catalog, catalog.experiments["home/test"], started)


def started(
    success: Sequence[Metric] = (),
    guardrail: Mapping[Metric, Fraction | None] | None = None,
    *,
    end: date = END,
    reached: date | None = None,
    **more: Any,
) -> AtStart:
    """A history that says what the plan was at the start; the rest as in `plan_for`."""
    catalog = _catalog(success, guardrail, **more)
    return AtStart("abc", "", terms_of(catalog, catalog.experiments["home/test"]), end, reached)


def _catalog(
    success: Sequence[Metric],
    guardrail: Mapping[Metric, Fraction | None] | None,
    *,
    weights: Sequence[int | None] = (1, 1),
    kind: Kind = Kind.AB_TEST,
    method: str = "fixed",
    looks: tuple[date, ...] = (),
    planned: int | None = None,
    alpha: Fraction = Fraction(5, 100),
) -> Catalog:
    held = guardrail or {}
    experiment = Experiment(
        key="home/test",
        surface="home",
        name="test",
        path="surfaces/home/experiments/test.yaml",
        kind=kind,
        owner="team",
        space="user",
        draft=False,
        days=Days(START, END),
        steps=(Step(START, Fraction(1)),),
        components=("home/header",),
        surfaces=("home",),
        exclusive_with=frozenset(),
        audience={},
        salt="home/test",
        logged_as="home/test",
        variants=tuple(
            Variant(name, weight, None) for name, weight in zip("abcdefgh", weights, strict=False)
        ),
        metrics=Metrics(
            tuple(Requirement(one.name, mde=Fraction(2, 100)) for one in success),
            tuple(Requirement(one.name, margin=margin) for one, margin in held.items()),
        ),
        analysis=Analysis(method=method, looks=looks, planned=planned),
    )
    return Catalog(
        {},
        {"home": HOME},
        {experiment.key: experiment},
        {},
        metrics={one.name: one for one in (*success, *held)},
        decision=Decision(alpha=alpha),
    )
