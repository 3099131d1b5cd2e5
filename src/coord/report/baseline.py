"""What was measured of a surface: as the file that it becomes, with remarks, and as JSON."""

from collections.abc import Iterator
from typing import Any

from coord.analysis.baseline import Measurement
from coord.analysis.baseline_figures import Figure
from coord.authoring.baseline_text import baseline_path, baseline_text
from coord.domain.shares import format_share, rough_share
from coord.report.analysis_json import rounded as digits
from coord.report.json_report import inert_json
from coord.report.markdown_text import shortened
from coord.report.summary import many
from coord.report.visible import visible
from coord.report.words import wrapped

_LONGEST, _WIDTH = 600, 98


def text(found: Measurement, *, written: bool) -> str:
    """The file, then, as comments, how it was measured, what was left out and what to do next."""
    remarks = [line for one in _remarks(found, written=written) for line in _comment(one)]
    return visible_lines(baseline_text(found)) + "".join(f"{line}\n" for line in remarks)


def visible_lines(file: str) -> str:
    """A text in which every line is inert."""
    return "".join(f"{visible(line)}\n" for line in file.splitlines())


def _comment(remark: str) -> Iterator[str]:
    """A remark in lines that YAML leaves aside."""
    first, *rest = wrapped(visible(shortened(remark, _LONGEST)), _WIDTH - 2) or [""]
    yield f"# {first}"
    yield from (f"#   {line}" for line in rest)


def _remarks(found: Measurement, *, written: bool) -> Iterator[str]:
    yield _units(found)
    for one in found.figures:
        yield f"{one.metric}: {many(one.n, 'unit')} with a window closed by {found.as_of}{_covariate(one)}."
    for metric, reason in found.left_out:
        yield f"Not measured: {metric}: {reason}."
    if found.excluded:
        reasons = ", ".join(f"{reason.replace('_', ' ')} {number:,}" for reason, number in found.excluded)
        yield f"Left out of {many(found.rows, 'row')}: {reasons}."
    path = baseline_path(found.surface)
    yield f"Wrote {path}." if written else f"Write it to {path} with --write."


def _units(found: Measurement) -> str:
    """Who was met when, and what that means for all traffic."""
    who = "met its experiments" if found.seen else "had an event"
    period = f"{many(found.days.length, 'complete day')} from {found.days.start}"
    told = f"{many(found.units, 'unit')} {who} for the first time in {period}"
    if found.daily_units is None or found.reach is None:
        return f"{told}; units per day are not known, as none of the experiments ran on them."
    a_day = _rough(found.units / found.days.length)
    if found.reach == 1:
        return f"{told}: {a_day} a day."
    return (
        f"{told}: {a_day} a day, from {rough_share(found.reach)} of all units, which are those that the "
        f"experiments could meet; {_rough(found.daily_units)} a day of all."
    )


def _rough(number: float) -> str:
    """A number in a sentence, with three digits that count or as a whole one."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _covariate(one: Figure) -> str:
    return (
        ""
        if one.reduction is None
        else f"; its covariate takes {format_share(one.reduction)} off the variance"
    )


def document(found: Measurement, *, written: bool) -> str:
    """The document `coord.baseline/1` (schemas/measured-baseline.schema.json)."""
    return inert_json(
        {
            "format": "coord.baseline/1",
            "surface": found.surface,
            "path": baseline_path(found.surface),
            "written": written,
            "source": "exposures" if found.seen else "events",
            "days": {"from": found.days.start.isoformat(), "to": found.days.end.isoformat()},
            "as_of": found.as_of.isoformat(),
            "units": found.units,
            "reach": digits(found.reach),
            "daily_units": digits(found.daily_units),
            "experiments": list(found.seen),
            "metrics": [_metric(one) for one in found.figures],
            "left_out": [{"metric": metric, "reason": reason} for metric, reason in found.left_out],
            "rows": found.rows,
            "excluded": dict(found.excluded),
        }
    )


def _metric(one: Figure) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "kind": one.kind,
        "n": one.n,
        "mean": digits(one.mean),
        "std": digits(one.std),
        "variance_reduction": digits(one.reduction),
    }
