"""LIF: the life of an experiment, from start to end."""

from collections.abc import Iterator

from coord.checks.rule import Context, Rule
from coord.checks.words import plural
from coord.domain.findings import Finding
from coord.domain.model import Kind

_NEEDS = frozenset({"coord", "surface", "experiment"})


class Length(Rule):
    """A test of a few days sees the novelty and part of the week; one of many months blocks the others."""

    code = "LIF002"
    title = "too short or too long"
    needs = _NEEDS
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Hold the A/B tests that are not over against their surface's policy."""
        for experiment in (*context.catalog.active, *context.catalog.drafts):
            days, policy = experiment.days, context.catalog.surfaces[experiment.surface].policy
            if experiment.kind is not Kind.AB_TEST or not days or days.end <= context.today:
                continue
            if policy.min_days <= days.length <= policy.max_days:
                continue
            short = days.length < policy.min_days
            bound = f"at least {policy.min_days}" if short else f"at most {policy.max_days}"
            yield Finding(
                self.code,
                f"{experiment.key} runs {plural(days.length, 'day')}; "
                f"A/B tests on {experiment.surface} run {bound}",
                experiment.at("end"),
                "choose another end"
                + ("; to stop it, end it today" if short and days.start <= context.today else ""),
                experiment=experiment.key,
                surface=experiment.surface,
                waivable_on=frozenset({experiment.surface}),
            )


class EndBeforeStart(Rule):
    """An interval that ends before it starts has no days. `end` = `start` only stops one on its first day."""

    code = "LIF004"
    title = "end before start"
    needs = _NEEDS
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report ends before starts, and empty intervals that are still to come."""
        for experiment in (*context.catalog.active, *context.catalog.drafts):
            days = experiment.days
            if days is None or days.end > days.start or days.end == days.start <= context.today:
                continue
            what = "before it starts" if days.end < days.start else "on the day it starts, so it never runs"
            yield Finding(
                self.code,
                f"{experiment.key} ends on {days.end}, {what} ({days.start})",
                experiment.at("end"),
                "`end` is the first day after; choose one later than `start`",
                experiment=experiment.key,
                surface=experiment.surface,
                waivable_on=frozenset({experiment.surface}),
            )
