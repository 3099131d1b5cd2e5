"""Whom an experiment meets, in words and as JSON."""

from collections.abc import Sequence
from typing import Any

from coord.domain.exclusivity import Reason
from coord.domain.shares import format_share, rough_share
from coord.report.styled import Page
from coord.report.words import table
from coord.status.meetings import Meeting

_MOST = 25
"""How many others are listed; of a holdback there can be hundreds."""


def meeting_lines(
    page: Page, heading: str, meets: Sequence[Meeting], most: int = _MOST, *, brief: bool = False
) -> None:
    """A heading, and a line for each of those it meets, most shared first.

    In a `brief` list the heading says that the shares are of the overlap, and `about` that they are expected.
    """
    page.line((f"  {heading}", "bold"))
    shown = meets[:most]
    shares = [part_words(one) if brief else share_words(one) for one in shown]
    wide = max(map(len, shares), default=0)
    pairs = zip(shares, shown, strict=True)
    rows = [[f"{share:>{wide}} {one.other.key}", days_words(one)] for share, one in pairs]
    for line, one in zip(table(rows), shown, strict=True):
        why, style = note(one), "bold red" if is_conflict(one) else ""
        why = "" if brief and share_is_expected(one) else why
        if why and len(line) + len(why) + 6 <= page.width:
            page.line("    ", (f"{line}  {why}", style))
            continue
        page.line("    ", (line, style))
        if why:
            page.line("    ", (f"{'':{wide}} {why}", style))
    if not shown:
        page.line("    nobody")
    if len(meets) > most:
        page.line(f"    and {len(meets) - most} more (--format json lists all)")


def is_conflict(one: Meeting) -> bool:
    """Whether the two share buckets that they must not."""
    return bool(one.reasons and one.share and not one.waived)


def share_is_expected(one: Meeting) -> bool:
    """Whether the share is that of a random draw which is still to be made."""
    return not one.exact and not one.reasons and not one.apart and one.share is not None


def share_words(one: Meeting) -> str:
    """How much of its buckets the other holds too, such as `30% overlap with`."""
    return f"{part_words(one)} overlap with"


def part_words(one: Meeting) -> str:
    """The same share alone, such as `about 30%`."""
    if one.share is None:
        return "unknown"
    about = "up to " if one.grows else "about " if not one.exact and one.share else ""
    return f"{about}{rough_share(one.share)}"


def days_words(one: Meeting) -> str:
    """`from 2026-03-02 until 2026-03-30`."""
    return f"from {one.days.start} until {one.days.end}"


def note(one: Meeting) -> str:
    """What there is to know of it besides: why the two are kept apart, or that they are not."""
    if one.apart:
        return "disjoint audiences"
    if one.share is None:
        return "other units"
    if not one.reasons:
        return "not drawn yet" if share_is_expected(one) else ""
    reason = _reason(one.reasons[0])
    if is_conflict(one):
        return f"a conflict: {reason}"
    return f"waived: {reason}" if one.share else reason


def _reason(reason: Reason) -> str:
    words = {
        "component": f"shares {reason.what}",
        "exclusive_with": "exclusive_with",
        "holdback": f"holdback of {reason.what}",
        "system": f"shares the system {reason.what}",
    }
    return words[reason.kind]


def meeting_json(one: Meeting) -> dict[str, Any]:
    """The meeting with every key; the share is null where the two have different units."""
    return {
        "experiment": one.other.key,
        "days": {"from": one.days.start.isoformat(), "to": one.days.end.isoformat()},
        "share": None if one.share is None else format_share(one.share),
        "buckets": one.buckets,
        "exact": one.exact,
        "exclusive": bool(one.reasons),
        "reasons": [{"kind": reason.kind, "what": reason.what} for reason in one.reasons],
        "disjoint_audience": one.apart,
        "waived": one.waived,
    }
