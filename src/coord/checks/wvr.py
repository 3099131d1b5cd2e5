"""WVR: waivers, the exceptions a surface's owner allows."""

from collections.abc import Iterator

from coord.checks.idle_waiver import why_idle
from coord.checks.rule import Context, Rule
from coord.domain.findings import Finding, Severity
from coord.domain.model import Waiver
from coord.domain.waivers import names_pair, waivable_pairs

_NEEDS = frozenset({"coord", "surface", "experiment"})


def _finding(rule: Rule, waiver: Waiver, message: str, hint: str, *field: str) -> Finding:
    place = waiver.place._replace(pointer=(*waiver.place.pointer, *field))
    return Finding(rule.code, message, place, hint, surface=waiver.surface)


def _named(waiver: Waiver) -> str:
    pair = f" and {waiver.other}" if waiver.other else ""
    return f"the waiver of {waiver.rule} for {waiver.experiment}{pair}"


class Incomplete(Rule):
    """An exception without a reason cannot be reviewed; one without an end is a rule nobody wrote down."""

    code = "WVR001"
    title = "no reason or until"
    fix = "Add `reason` (why this is fine here) and `until` (the day from which it is not)."
    needs = frozenset({"coord", "surface"})

    def check(self, context: Context) -> Iterator[Finding]:
        """Report waivers that lack one of the two; they waive nothing."""
        for waiver in context.catalog.waivers:
            missing = [
                name for name, value in (("reason", waiver.reason), ("until", waiver.until)) if not value
            ]
            if missing:
                message = f"{_named(waiver)} has no `{'` and no `'.join(missing)}`, so it waives nothing"
                ask = {"reason": "say why", "until": "say until when"}
                hint = ask[missing[0]] if len(missing) == 1 else "say why, and until when"
                yield _finding(self, waiver, message, hint)


class Expired(Rule):
    """An expired waiver no longer acts; it stays as a warning until somebody removes it."""

    code = "WVR002"
    title = "expired"
    fix = "Delete the waiver. If the reason still holds, move `until`, and say in the pull request why."
    severity = Severity.WARNING
    needs = frozenset({"coord", "surface"})

    def check(self, context: Context) -> Iterator[Finding]:
        """Report waivers whose `until` has come."""
        for waiver in context.catalog.waivers:
            if waiver.until and waiver.until <= context.today:
                message = f"{_named(waiver)} expired on {waiver.until}"
                yield _finding(self, waiver, message, "remove it, or agree on a later day", "until")


class MatchesNothing(Rule):
    """A waiver that covers nothing is a leftover or a typing error; either way nobody is excused by it."""

    code = "WVR003"
    title = "matches nothing"
    fix = (
        "Delete it, or correct the code and names in it. SYN, REF, CHG001 to CHG005, BKT002 to BKT005 and "
        "WVR cannot be waived."
    )
    severity = Severity.WARNING
    needs = _NEEDS

    def check(self, context: Context) -> Iterator[Finding]:
        """Report waivers in force that cover neither a finding nor a pair that must be exclusive."""
        for waiver in context.catalog.waivers:
            expired = waiver.until is not None and waiver.until <= context.today
            if expired or not waiver.reason or not waiver.until or waiver in context.used_waivers:
                continue
            if any(names_pair(waiver, one, other) for one, other in waivable_pairs(context.catalog, waiver)):
                continue
            told = why_idle(context, waiver)
            if told:
                yield _finding(self, waiver, told.message, told.hint, *([told.field] if told.field else []))
