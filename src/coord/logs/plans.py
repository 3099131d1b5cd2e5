"""From metrics to what is aggregated: each source in its window, and in the days before for a covariate."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from coord.domain.metrics import Metric, Source
from coord.logs.event_stream import Asked
from coord.logs.windows import Aggregate

_OF_TEXTS = "count_distinct"
_WITHOUT_VALUE = {"count", "any"}


class Plan(NamedTuple):
    """A metric in a window, and the names of its aggregates; covariates likewise, or none.

    A quantile over events has no aggregate: `events` is what its values are of.
    """

    metric: Metric
    upto: int
    values: tuple[str, ...]
    covariates: tuple[str, ...] = ()
    events: Aggregate | None = None

    @property
    def merges(self) -> bool:
        """Whether what is known of each day makes what is known of all."""
        caps = (source.cap for source in sources(self.metric))
        capped = any(cap is not None and cap.quantile is not None for cap in caps)
        return self.metric.quantile is None and not capped and not self.metric.open


class Plans(NamedTuple):
    """What is aggregated for which metric, in its own window and in the monitoring window.

    asked: of events. aggregates: by name. reasons: by metric, why it cannot be measured.
    """

    asked: Asked
    aggregates: Mapping[str, Aggregate]
    metrics: tuple[Plan, ...]
    monitoring: tuple[Plan, ...]
    reasons: Mapping[str, str]


def sources(metric: Metric) -> tuple[Source, ...]:
    """What a metric is made of: one source, or the numerator and the denominator."""
    return (metric.source,) if metric.denominator is None else (metric.source, metric.denominator)


def plans_for(
    metrics: Sequence[Metric],
    lacks: Callable[[str], str | None],
    monitoring: int,
    until: int,
    *,
    covariates: bool = True,
) -> Plans:
    """The plans of metrics.

    lacks: what to say of a column of events that is not there, None when it is. until: open windows end at
    this moment, in microseconds since 1970.
    """
    reasons = {one.name: why for one in metrics if (why := _cannot(one, lacks)) is not None}
    able = [one for one in metrics if one.name not in reasons]
    parts = [source for one in able for source in sources(one)]
    events = tuple(dict.fromkeys(source.event for source in parts))
    making = _Making(events, until, covariates=covariates)
    own = tuple(making.plan(one, one.first, one.window) for one in able)
    early = tuple(making.plan(one, 0, monitoring) for one in able if one.quantile is None)
    texts = [source for source in parts if source.aggregate == _OF_TEXTS]
    numbers = [one for one in parts if one.aggregate != _OF_TEXTS and one.aggregate not in _WITHOUT_VALUE]
    asked = Asked(events, _columns(numbers, events), _columns(texts, events))
    return Plans(asked, making.aggregates, own, early, reasons)


def _cannot(metric: Metric, lacks: Callable[[str], str | None]) -> str | None:
    for source in sources(metric):
        if source.aggregate in _WITHOUT_VALUE:
            continue
        if source.value is None:
            return (
                "it names no `value` in metrics.yaml, the column of events that is aggregated, "
                "so it can be measured from a table with one row per unit only (--units)"
            )
        if (why := lacks(source.value)) is not None:
            return why
    return None


def _columns(parts: Sequence[Source], events: Sequence[str]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    found: dict[str, set[int]] = {}
    for source in parts:
        found.setdefault(source.value or "", set()).add(events.index(source.event))
    return tuple((name, tuple(sorted(of))) for name, of in found.items())


class _Making:
    """Plans that are being made; equal aggregates have one name."""

    def __init__(self, events: Sequence[str], until: int, *, covariates: bool) -> None:
        self._events, self._until, self._covariates = events, until, covariates
        self._names: dict[Aggregate, str] = {}

    @property
    def aggregates(self) -> dict[str, Aggregate]:
        return {name: one for one, name in self._names.items()}

    def plan(self, metric: Metric, first: int, upto: int) -> Plan:
        parts = sources(metric)
        until = self._until if metric.open else None
        if metric.quantile is not None and metric.source.aggregate is None:
            return Plan(metric, upto, (), events=self._aggregate(metric.source, first, upto, until))
        values = tuple(self._name(self._aggregate(one, first, upto, until)) for one in parts)
        days = metric.covariate if self._covariates and metric.quantile is None else None
        before = () if not days else tuple(self._name(self._aggregate(one, -days, 0, None)) for one in parts)
        return Plan(metric, upto, values, before)

    def _aggregate(self, source: Source, first: int, upto: int, until: int | None) -> Aggregate:
        event = self._events.index(source.event)
        value = None if source.aggregate in _WITHOUT_VALUE else source.value
        return Aggregate(event, source.aggregate or "", value, first, upto, until)

    def _name(self, one: Aggregate) -> str:
        return self._names.setdefault(one, f"a{len(self._names)}")
