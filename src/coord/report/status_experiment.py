"""The status of one experiment, for a person at a terminal."""

from collections.abc import Iterator, Sequence

from coord.domain.shares import format_share, rough_share
from coord.report.meetings import meeting_lines
from coord.report.status import broken_files
from coord.report.styled import Page
from coord.report.words import KINDS, WIDTH, in_days, table, wrapped
from coord.status.experiment import Asked, ExperimentStatus
from coord.status.surface import State


def render(status: ExperimentStatus, broken: Sequence[str], *, color: bool) -> str:
    """Facts, traffic, metrics, ledger, and whom it meets."""
    experiment = status.experiment
    page = Page()
    page.line((experiment.key, "bold"), f": {experiment.title}")
    facts = list(_facts(status))
    wide = max(len(name) for name, _ in facts)
    for name, value in facts:
        for number, part in enumerate(wrapped(value, WIDTH - wide - 4)):
            page.line(f"  {'' if number else name:{wide}}  {part}")
    page.line(("  Traffic", "bold"))
    _traffic(page, status)
    page.line(("  Metrics", "bold"))
    _metrics(page, status)
    meeting_lines(page, "Meets", [one for one in status.meets if not one.reasons])
    meeting_lines(page, "Must be exclusive", [one for one in status.meets if one.reasons])
    broken_files(page, broken)
    return page.render(color=color)


def _facts(status: ExperimentStatus) -> Iterator[tuple[str, str]]:
    experiment = status.experiment
    yield "State", _state(status)
    yield "Kind", f"{KINDS[experiment.kind]} of the team {experiment.owner}"
    yield "Days", f"{experiment.days.start} until {experiment.days.end}" if experiment.days else "not set yet"
    yield "Surfaces", ", ".join(experiment.surfaces)
    if experiment.components:
        yield "Components", ", ".join(experiment.components)
    audience = [f"{name} {', '.join(sorted(values))}" for name, values in experiment.audience.items()]
    yield "Audience", "; ".join(audience) or "everybody"
    if experiment.variants:
        pairs = zip(experiment.variants, status.shares, strict=True)
        arms = (f"{v.name} {'adaptive' if share is None else rough_share(share)}" for v, share in pairs)
        yield "Variants", ", ".join(arms)
    yield "Ledger", _ledger(status)


def _state(status: ExperimentStatus) -> str:
    days, today = status.experiment.days, status.today
    if status.state is State.DRAFT or days is None:
        return "draft: holds no buckets, reserves nothing"
    if status.state is State.SCHEDULED:
        return f"scheduled, starts {in_days(today, days.start)}"
    if status.state is State.RUNNING:
        return f"running, day {(today - days.start).days + 1} of {days.length}"
    outcome = status.experiment.outcome
    return f"over ({outcome.decision.replace('_', ' ')})" if outcome else "over, without an outcome yet"


def _ledger(status: ExperimentStatus) -> str:
    if status.ledger is None:
        draft = status.state is State.DRAFT
        return "none" if draft else f"none yet: coord allocate {status.experiment.key}"
    held = f"{status.ledger.buckets:,} of {status.size:,} buckets of the space {status.experiment.space}"
    return f"{status.ledger.origin}, {held}"


def _traffic(page: Page, status: ExperimentStatus) -> None:
    rows = [
        [f"from {s.day}", format_share(s.traffic), f"{s.buckets:,} buckets", "in force" if s.in_force else ""]
        for s in status.steps
    ]
    for line in table(rows) or ["not set yet"]:
        page.line(f"    {line}")


def _metrics(page: Page, status: ExperimentStatus) -> None:
    rows = [_metric("success", "mde", one, status.experiment.key) for one in status.success]
    rows += [_metric("guardrail", "margin", one, status.experiment.key) for one in status.guardrail]
    for line in table(rows) or ["none"]:
        page.line(f"    {line}")


def _metric(role: str, bound: str, asked: Asked, own: str) -> list[str]:
    """A metric with what counts, and who asks for how much where several do."""
    value = f"{bound} {format_share(asked.value)}" if asked.value is not None else f"no {bound}"
    names = [("its own" if source == own else source, figure) for source, figure in asked.by]
    if len(names) == 1:
        return [role, asked.metric, value, names[0][0]]
    by = (f"{name} {format_share(figure)}" if figure is not None else name for name, figure in names)
    return [role, asked.metric, value, ", ".join(by)]
