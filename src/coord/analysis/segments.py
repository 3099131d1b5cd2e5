"""What an experiment did to parts of its units: exploratory, and never a reason of a decision."""

from collections.abc import Iterator, Mapping, Sequence

from coord.analysis.compared import compare
from coord.analysis.judging import judge, kind_of
from coord.analysis.now import Now
from coord.analysis.results import MetricResult, Role, SegmentResult
from coord.analysis.yardsticks import Once
from coord.logs.measured import Population


def segment_results(
    now: Now,
    dimension: str | None,
    segments: Mapping[str | None, Population],
    whole: Population,
    invalid: Mapping[str, str],
) -> Iterator[SegmentResult]:
    """Each value's units for themselves, at a level corrected for all that is looked at.

    dimension: what the segments are of. whole: all units together; a metric that is not measured of them is
    not measured of any part. invalid: the metrics that are not to be believed, and why.
    """
    plan = now.plan
    looked_at = max(1, plan.comparisons) * max(1, len(plan.asked)) * max(1, len(segments))
    error = float(plan.decision.alpha) / looked_at
    for value in sorted(segments, key=lambda each: (each is None, each or "")):
        part = segments[value]
        found = tuple(_results(now, part, whole, invalid, error))
        units = {one.name: n for one, n in zip(plan.experiment.variants, analysed(part), strict=True)}
        yield SegmentResult(dimension or "", value, units, found)


def analysed(population: Population) -> Sequence[int]:
    """The units of the metric that has most; without metrics all that came in."""
    known = (one.units for one in population.metrics.values() if one.units)
    return max(known, key=sum, default=population.units)


def _results(
    now: Now, part: Population, whole: Population, invalid: Mapping[str, str], error: float
) -> Iterator[MetricResult]:
    for arm, variant in enumerate(now.plan.experiment.variants[1:], 1):
        for asked in now.plan.asked:
            name = asked.metric.name
            of_all = whole.metrics[name]
            measured = part.metrics[name] if of_all.reason is None else of_all
            units = measured.units or part.units
            once = now.once(of_all.units or whole.units)
            yield judge(
                asked._replace(role=Role.OTHER),
                variant.name,
                compare(measured, arm, ratio=kind_of(asked) == "ratio"),
                Once(error) if once else now.any_time(error, units, arm),
                None,
                today=now.day,
                invalid=invalid.get(name),
            )
