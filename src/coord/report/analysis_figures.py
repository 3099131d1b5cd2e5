"""The means of an analysis, with as many digits as the interval of the effect gives them."""

from coord.analysis.figures import LARGE, MOST_PLACES, places_of, rough
from coord.analysis.results import MetricResult


def means_text(metric: MetricResult) -> tuple[str, str]:
    """The means of control and treatment, to the digits that the effect's interval gives them."""
    effect = metric.effect
    places = None
    if effect.lower is not None and effect.upper is not None:
        places = places_of(effect.upper / 2 - effect.lower / 2)
    return _mean(metric.control.mean, places), _mean(metric.treatment.mean, places)


def _mean(value: float | None, places: int | None) -> str:
    if value is None:
        return "-"
    if places is None or places > MOST_PLACES or abs(value) >= LARGE:
        return rough(value)
    return f"{value:,.{places}f}"
