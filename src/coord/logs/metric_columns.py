"""Which columns of a table of units a metric is in, and what is said when they are not there."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from coord.domain.metrics import Metric, Source


class MetricColumns(NamedTuple):
    """A metric and its columns: (x), or (N, D) of a ratio; covariates likewise, or none."""

    metric: Metric
    values: tuple[str, ...]
    covariates: tuple[str, ...] = ()


class Found(NamedTuple):
    """What can be measured, and by metric why something cannot be, or not wholly."""

    columns: list[MetricColumns]
    reasons: dict[str, str]
    notes: dict[str, tuple[str, ...]]


def possible_columns(metrics: Sequence[Metric], *, covariates: bool) -> Iterator[str]:
    """Every column that metrics may be in."""
    for metric in metrics:
        yield from _values(metric) or ()
        if covariates:
            yield from _covariates(metric)


def find_columns(
    metrics: Sequence[Metric], has: Callable[[str], bool], lacks: Callable[[str], str], *, covariates: bool
) -> Found:
    """The columns of metrics. `has` says whether a column is there, `lacks` what to say when it is not."""
    found = Found([], {}, {})
    for metric in metrics:
        values = _values(metric)
        missing = [name for name in values or () if not has(name)]
        if values is None or missing:
            found.reasons[metric.name] = " and ".join(map(lacks, missing)) or _no_column(metric)
            continue
        others = _covariates(metric) if covariates else ()
        if absent := [name for name in others if not has(name)]:
            said = " and ".join(map(lacks, absent))
            found.notes[metric.name] = (f"Not adjusted for its covariate: {said}.",)
        elif covariates and not others and (why := _no_covariate(metric)):
            found.notes[metric.name] = (f"Not adjusted for its covariate: {why}.",)
        found.columns.append(MetricColumns(metric, values, () if absent else others))
    return found


def _sources(metric: Metric) -> tuple[Source, ...]:
    return (metric.source,) if metric.denominator is None else (metric.source, metric.denominator)


def _values(metric: Metric) -> tuple[str, ...] | None:
    """The columns of values; None where nothing says which they are."""
    if metric.denominator is not None:
        named = [source.column for source in _sources(metric)]
        return tuple(name for name in named if name is not None) if None not in named else None
    if metric.source.column is None and metric.quantile is not None and metric.source.aggregate is None:
        return None
    return (metric.source.column or metric.name,)


def _covariates(metric: Metric) -> tuple[str, ...]:
    """The columns of covariates: of all its sources, or none. Quantiles are not adjusted."""
    named = tuple(source.covariate_column for source in _sources(metric) if source.covariate_column)
    return named if len(named) == len(_sources(metric)) and metric.quantile is None else ()


def _no_covariate(metric: Metric) -> str | None:
    """Why a metric that has a covariate by its definition has none in a table of units."""
    named = [source.covariate_column for source in _sources(metric) if source.covariate_column]
    if metric.quantile is not None:
        return "a quantile has none" if named else None
    if named:
        return "only one part of the ratio names a `covariate_column` in metrics.yaml"
    if metric.covariate is not None:
        return "metrics.yaml does not say which `covariate_column` of a table of units it is in"
    return None


def _no_column(metric: Metric) -> str:
    if metric.denominator is not None:
        return "it is a ratio, and its numerator and denominator do not both name a `column` in metrics.yaml"
    return (
        "it is a quantile over events, which a table with one row per unit does not have; "
        "to take it over units, give it a `column` in metrics.yaml"
    )
