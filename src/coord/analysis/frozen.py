"""What of a plan may not change once the experiment has started, and what of it did."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from coord.domain.metrics import Decision, Metric
from coord.domain.model import Analysis
from coord.domain.shares import format_share

Settings = Mapping[str, Fraction | str]
"""By what a setting is called in a sentence; fractions are shares."""

_MARGIN = "the margin of "


def settings(
    decision: Decision, analysis: Analysis, metrics: Iterable[tuple[Metric, Fraction | None]]
) -> Settings:
    """What decides, besides which metrics do; metrics: with their margins, where they have one."""
    method = analysis.method or decision.method
    found: dict[str, Fraction | str] = {
        "the method": method,
        "alpha": decision.alpha,
        "the planned number of units": "not set" if analysis.planned is None else f"{analysis.planned:,}",
    }
    if method == "group_sequential":
        found["the spending"] = analysis.spending
        found["the schedule of looks"] = ", ".join(map(str, analysis.looks)) or "weekly"
    for metric, margin in metrics:
        found[f"the window of {metric.name}"] = f"{metric.first}d to {metric.window}d"
        found[f"the direction of {metric.name}"] = "decrease" if metric.decrease else "increase"
        if margin is not None:
            found[_MARGIN + metric.name] = margin
    return found


def changes(then: Settings, now: Settings) -> Iterator[str]:
    """What is not as it was, in words; a margin may become smaller, which only makes it harder to ship."""
    for name, old in then.items():
        new = now.get(name, old)
        tighter = (
            name.startswith(_MARGIN) and isinstance(old, Fraction) and isinstance(new, Fraction) and new < old
        )
        if new != old and not tighter:
            yield f"{name} was {_words(old)} and is {_words(new)}"


def _words(value: Fraction | str) -> str:
    return format_share(value) if isinstance(value, Fraction) else value
