"""Resolving metrics.yaml, baseline.yaml, and the metrics that surfaces and experiments ask for."""

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from math import inf
from typing import Any

from coord.config.values import Reader
from coord.domain.findings import Pointer
from coord.domain.metrics import (
    DEFAULTS,
    Baseline,
    Cap,
    Decision,
    Figures,
    Metric,
    Metrics,
    Requirement,
    Source,
)
from coord.domain.shares import parse_share
from coord.domain.spelling import nearest


def resolve_metrics(reader: Reader) -> dict[str, Metric]:
    """The metrics of the catalogue."""
    metrics = reader.document.value["metrics"]
    for name, metric in metrics.items():
        for pointer, part in _parts(name, metric):
            if isinstance(part.get("cap"), dict):
                quantile = part["cap"]["quantile"]
                reader.share(quantile, *pointer, "cap", "quantile", zero=False, whole=False)
        if "quantile" in metric:
            reader.share(metric["quantile"], "metrics", name, "quantile", zero=False, whole=False)
    return {name: _metric(reader, name, metric) for name, metric in metrics.items()}


def _parts(name: str, metric: Mapping[str, Any]) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    """What is aggregated: the metric itself, or the two sides of a ratio."""
    yield ("metrics", name), metric
    for side, part in metric.get("ratio", {}).items():
        yield ("metrics", name, "ratio", side), part


def _metric(reader: Reader, name: str, value: Mapping[str, Any]) -> Metric:
    window, first = value["window"], 0
    if isinstance(window, dict):
        if _days(window["from"]) >= _days(window["to"]):
            message = f"the window from {window['from']} to {window['to']} is empty"
            reader.report("SYN004", message, ("metrics", name, "window"))
        first, window = _days(window["from"]), window["to"]
    ratio = value.get("ratio")
    source = _source(ratio["numerator"] if ratio else value)
    return Metric(
        name,
        first,
        _days(window),
        value.get("open", False),
        value["direction"] == "decrease",
        _days(value["covariate"]) if "covariate" in value else None,
        value.get("missing", "zero" if source.aggregate in _ZERO else "drop"),
        source,
        _source(ratio["denominator"]) if ratio else None,
        parse_share(value["quantile"]) if "quantile" in value else None,
    )


_ZERO = {"sum", "count", "any", "count_distinct"}
"""The aggregates of which a unit without events has none, which is zero; of the others it has no value."""


def _source(value: Mapping[str, Any]) -> Source:
    cap = value.get("cap")
    if isinstance(cap, dict):
        cap = Cap(quantile=parse_share(cap["quantile"]))
    elif cap is not None:
        cap = Cap(_float(cap))
    columns = (value.get("column"), value.get("covariate_column"))
    return Source(value["event"], value.get("aggregate"), value.get("value"), cap, *columns)


def _days(text: str) -> int:
    return int(text[:-1])


def resolve_decision(reader: Reader) -> Decision:
    """The decision defaults of coord.yaml."""
    value, default = reader.document.value.get("decision", {}), DEFAULTS
    shares = {
        key: reader.share(value[key], "decision", key, zero=False, whole=False)
        for key in ("alpha", "power", "srm_alpha")
        if key in value
    }
    return Decision(
        shares.get("alpha") or default.alpha,
        shares.get("power") or default.power,
        shares.get("srm_alpha") or default.srm_alpha,
        parse_share(value.get("srm_min_deviation", "0.1%")),
        value.get("method", default.method),
    )


def resolve_baseline(reader: Reader) -> Baseline:
    """What was measured on a surface."""
    value = reader.document.value
    figures = {}
    for name, measured in value.get("metrics", {}).items():
        reduction = Fraction(0)
        if "variance_reduction" in measured:
            pointer = ("metrics", name, "variance_reduction")
            reduction = reader.share(measured["variance_reduction"], *pointer, whole=False) or reduction
        figures[name] = Figures(_float(measured["mean"]), _float(measured["std"]), reduction)
    daily = value.get("daily_units")
    return Baseline(None if daily is None else _float(daily), figures)


def _float(number: float) -> float:
    """The number as a float; infinite when it is too large for one."""
    try:
        return float(number)
    except OverflowError:
        return inf if number > 0 else -inf


def requirements(reader: Reader, value: Mapping[str, Any], known: Collection[str] | None) -> Metrics:
    """The metrics a surface or experiment asks for, with findings about those nobody knows.

    `known` is None when the catalogue is broken: then nothing is said about names.
    """
    asked = value.get("metrics", {})
    return Metrics(*(_role(reader, role, asked.get(role, ()), known) for role in ("success", "guardrail")))


def _role(
    reader: Reader, role: str, asked: Collection[Mapping[str, Any]], known: Collection[str] | None
) -> tuple[Requirement, ...]:
    found = []
    for number, metric in enumerate(asked):
        pointer = ("metrics", role, number)
        name = metric["metric"]
        if known is not None and name not in known:
            message = f"the metric {name} is not in metrics.yaml"
            near = nearest(name, known)
            hint = f"did you mean {near}?" if near else "add it to surfaces/metrics.yaml"
            reader.report("REF001", message, (*pointer, "metric"), hint)
        shares = {
            key: reader.share(metric[key], *pointer, key, zero=False)
            for key in ("mde", "margin")
            if key in metric
        }
        since = reader.optional(metric, "since", *pointer)
        found.append(Requirement(name, shares.get("mde"), shares.get("margin"), since))
    return tuple(found)
