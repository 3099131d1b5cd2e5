"""LIF: the life of an experiment, from start to end."""

from collections.abc import Iterator
from datetime import date, timedelta

from coord.checks.redrawing import redraw
from coord.checks.rule import Context, Rule
from coord.checks.words import plural
from coord.domain.audience import disjoint
from coord.domain.buckets import count
from coord.domain.dates import Days
from coord.domain.findings import Finding, Related, Severity
from coord.domain.holding import Holding, Overlap
from coord.domain.model import Experiment, Kind, Policy

_NEEDS = frozenset({"coord", "surface", "experiment"})


class Length(Rule):
    """A test of a few days sees the novelty and part of the week; one of many months blocks the others."""

    code = "LIF002"
    title = "too short or too long"
    fix = (
        "Choose an end within the surface's policy. To stop a running test early, set `end` to today or run "
        "`coord end`."
    )
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
                _another_end(days, policy, context.today),
                experiment=experiment.key,
                surface=experiment.surface,
                waivable_on=frozenset({experiment.surface}),
            )


def _another_end(days: Days, policy: Policy, today: date) -> str:
    """The ends that the policy allows; to stop a running experiment is always allowed."""
    if days.length < policy.min_days:
        first = min(days.start.toordinal() + policy.min_days, date.max.toordinal())
        stop = "; to stop it, end it today" if days.start <= today else ""
        return f"end it on {date.fromordinal(first)} or later{stop}"
    last = days.start + timedelta(days=policy.max_days)
    return "end it today" if last <= today else f"end it on {last} or earlier"


class EndBeforeStart(Rule):
    """An interval that ends before it starts has no days. `end` = `start` only stops one on its first day."""

    code = "LIF004"
    title = "end before start"
    fix = "Correct `end`: it is the first day after, so one week from 2026-03-02 ends on 2026-03-09."
    needs = _NEEDS
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report ends before starts, and empty intervals that are still to come."""
        for experiment in (*context.catalog.active, *context.catalog.drafts):
            days = experiment.days
            if days is None or days.end > days.start or days.end == days.start <= context.today:
                continue
            what = "the day it starts, so it never runs"
            if days.end < days.start:
                what = f"before it starts ({days.start})"
            yield Finding(
                self.code,
                f"{experiment.key} ends on {days.end}, {what}",
                experiment.at("end"),
                "`end` is the first day after; choose one later than `start`",
                experiment=experiment.key,
                surface=experiment.surface,
                waivable_on=frozenset({experiment.surface}),
            )


class CoolDown(Rule):
    """Units that have just left an experiment may still behave by it; the surface lets their buckets rest.

    An exclusive experiment that uses them earlier measures the leftovers too.
    """

    code = "LIF005"
    title = "cool-down"
    fix = (
        "Draw it again before it starts (`coord allocate --redraw NAME`), or start it when the buckets have "
        "rested."
    )
    severity = Severity.WARNING
    needs = _NEEDS | {"allocation"}
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report exclusive experiments that take buckets before these have rested."""
        for earlier in context.catalog.active:
            rest = context.catalog.surfaces[earlier.surface].policy.cooldown_days
            if rest and earlier.key in context.catalog.holdings:
                for later in context.catalog.rivals(earlier):
                    yield from self._pair(context, earlier, later, rest)

    def _pair(self, context: Context, earlier: Experiment, later: Experiment, rest: int) -> Iterator[Finding]:
        catalog = context.catalog
        if earlier.days is None or not later.days or later.key not in catalog.holdings:
            return
        if later.space != earlier.space or disjoint(earlier.audience, later.audience, catalog.fixed):
            return
        shared = _after_the_end(catalog.holdings[earlier.key], catalog.holdings[later.key], rest)
        if shared:
            since, common = shared.days.start, count(shared.buckets)
            gap = (since - earlier.days.end).days
            when = f"{plural(gap, 'day')} after" if gap else "right after"
            yield Finding(
                self.code,
                f"{later.key} uses {plural(common, 'bucket')} of {earlier.key} {when} "
                f"its end; on {earlier.surface} they rest {plural(rest, 'day')}",
                later.at("start") if since == later.days.start else later.at("traffic", since.isoformat()),
                _rest_longer(context, later, since, rest - gap),
                severity=Severity.INFO if later.days.end <= context.today else None,
                experiment=later.key,
                surface=earlier.surface,
                related=(Related(earlier.key, earlier.at("end"), f"{earlier.key} ends here"),),
                buckets=common,
                waivable_on=frozenset({earlier.surface}),
            )


def _rest_longer(context: Context, later: Experiment, since: date, days: int) -> str:
    """What can still be done about buckets that are taken up too early on a day."""
    if since <= context.today:
        return "its units stay in it; bear in mind what they come from when you read the result"
    if later.days and since == later.days.start:
        drawn = redraw(context, later.key)
        again = f", or draw it again with `coord allocate --redraw {later.key}`"
        return f"start it {plural(days, 'day')} later{again if drawn and drawn.room else ''}"
    return f"take this step {plural(days, 'day')} later"


def _after_the_end(earlier: Holding, later: Holding, rest: int) -> Overlap | None:
    """What the later one takes up in the `rest` days after the other's end, of the buckets the other held.

    Buckets that it already had before that end are a bucket conflict, not a matter of cool-down.
    """
    end = earlier.days.end
    rested = end + timedelta(days=min(rest, (later.days.end - end).days))
    common = earlier.before(end) & later.before(rested) & ~later.before(end)
    if not common:
        return None
    first = min(day for day, buckets in later.steps if buckets & common)
    return Overlap(Days(first, rested), common, False)


class Holdbacks(Rule):
    """A holdback tells what all changes together did, if its units truly met none of them.

    Drawn `max_days` before it starts, it is sure of room: what still runs then avoids it. A rollout that
    ends inside it gives the feature to everybody, its units included.
    """

    code = "LIF006"
    title = "holdback drawn late, or rollout ending inside one"
    fix = (
        "Draw holdbacks at least `policy.max_days` ahead with `coord allocate`, and let rollouts end before "
        "a holdback starts or after it ends."
    )
    severity = Severity.WARNING
    needs = _NEEDS | {"allocation"}
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report holdbacks that are still without buckets, and rollouts that end inside one."""
        for holdback in context.catalog.active:
            if holdback.kind is Kind.HOLDBACK and holdback.days and holdback.days.end > context.today:
                yield from self._late(context, holdback)
                seen: set[str] = set()
                for name in holdback.surfaces:
                    for rollout in context.catalog.by_surface.get(name, ()):
                        if rollout.key not in seen:
                            seen.add(rollout.key)
                            yield from self._ending(context, holdback, rollout, name)

    def _late(self, context: Context, holdback: Experiment) -> Iterator[Finding]:
        lead = context.catalog.surfaces[holdback.surface].policy.max_days
        days_left = (holdback.order[0] - context.today).days
        if holdback.key in context.catalog.ledgers or days_left >= lead:
            return
        begins = f"starts in {plural(days_left, 'day')}" if days_left > 0 else "has started"
        yield Finding(
            self.code,
            f"{holdback.key} has no buckets and {begins}; "
            f"experiments of up to {plural(lead, 'day')} that run then may hold them all",
            holdback.at("start"),
            f"run `coord allocate {holdback.key}` now, or start it later",
            experiment=holdback.key,
            surface=holdback.surface,
            waivable_on=frozenset({holdback.surface}),
        )

    def _ending(
        self, context: Context, holdback: Experiment, rollout: Experiment, surface: str
    ) -> Iterator[Finding]:
        if rollout.kind is not Kind.ROLLOUT or not rollout.days or not holdback.days:
            return
        inside = holdback.days.start < rollout.days.end < holdback.days.end
        if not inside or (rollout.outcome and rollout.outcome.decision == "rolled_back"):
            return
        if disjoint(rollout.audience, holdback.audience, context.catalog.fixed):
            return
        earlier = max(rollout.days.start, context.today) < holdback.days.start
        yield Finding(
            self.code,
            f"{rollout.key} ends on {rollout.days.end}, inside {holdback.key}: "
            "units that are held back would get the feature",
            rollout.at("end"),
            f"end it on {holdback.days.end} or later" + (f", or by {holdback.days.start}" if earlier else ""),
            experiment=rollout.key,
            surface=surface,
            related=(Related(holdback.key, holdback.at("end"), f"{holdback.key} lasts until here"),),
            waivable_on=frozenset({surface}),
        )


class NoOutcome(Rule):
    """What ended without a recorded outcome will be run again by somebody who never heard of it."""

    code = "LIF007"
    title = "over for 30 days without outcome"
    fix = "Write `outcome` into the experiment: the decision, the day, and a note for whoever comes next."
    severity = Severity.INFO
    needs = _NEEDS
    waivable = True

    def check(self, context: Context) -> Iterator[Finding]:
        """Report what has been over for 30 days; a holdback is a report and has no outcome."""
        for experiment in context.catalog.active:
            days = experiment.days
            if experiment.kind is Kind.HOLDBACK or experiment.outcome or not days:
                continue
            over = (context.today - days.end).days
            if over >= 30:
                yield Finding(
                    self.code,
                    f"{experiment.key} has been over for {plural(over, 'day')} and has no outcome",
                    experiment.at("end"),
                    "add `outcome: {decision: shipped | rolled_back | inconclusive}`",
                    experiment=experiment.key,
                    surface=experiment.surface,
                    waivable_on=frozenset({experiment.surface}),
                )
