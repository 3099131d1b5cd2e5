"""Reading scalars that the schema has seen: dates and shares that can still be impossible (SYN004)."""

from datetime import date
from fractions import Fraction
from typing import Any

from coord.config.documents import Document, syntax
from coord.domain.dates import parse_day
from coord.domain.findings import Finding, Place, Pointer
from coord.domain.shares import WHOLE, format_share, nearest_shares, parse_share


class Reader:
    """Reads the values of one document and keeps the findings about them."""

    def __init__(self, document: Document) -> None:
        """Start with no findings."""
        self.document = document
        self.findings: list[Finding] = []

    def at(self, *pointer: str | int) -> Place:
        """The place of a field."""
        return Place(self.document.path, pointer)

    def report(
        self, code: str, message: str, pointer: Pointer, hint: str | None = None, *, at_key: bool = False
    ) -> None:
        """Keep a finding about a field."""
        place = Place(self.document.path, pointer, at_key=at_key)
        self.findings.append(syntax(code, self.document.path, message, place, hint))

    def day(self, text: str, *pointer: str | int, at_key: bool = False) -> date | None:
        """The day; None, with a finding, when the calendar has no such day."""
        try:
            return parse_day(text)
        except ValueError:
            self.report("SYN004", f"{text} is not a day of the calendar", pointer, at_key=at_key)
            return None

    def share(self, text: str, *pointer: str | int, zero: bool = True, whole: bool = True) -> Fraction | None:
        """The share; None, with a finding, when impossible here (`zero`, `whole`: may it be 0%, 100%)."""
        share = parse_share(text)
        if share > WHOLE or (share == WHOLE and not whole):
            bound = "at most" if whole else "below"
            self.report("SYN004", f"`{pointer[-1]}` is {text}, and must be {bound} 100%", pointer)
            return None
        if share == 0 and not zero:
            self.report("SYN004", f"`{pointer[-1]}` is {text}, and must be above 0%", pointer)
            return None
        return share

    def traffic(self, text: str, buckets: int, *pointer: str | int) -> Fraction | None:
        """The traffic: above 0%, at most 100%, a whole number of buckets; None, with a finding, otherwise."""
        share = self.share(text, *pointer, zero=False)
        if share is None or (share * buckets).denominator == 1:
            return share
        below, above = nearest_shares(share, buckets)
        nearest = format_share(above) if below is None else f"{format_share(below)} or {format_share(above)}"
        message = f"traffic {text} of {buckets:,} buckets is not a whole number of buckets"
        self.report("SYN004", message, pointer, f"write {nearest}")
        return None

    def optional(self, mapping: Any, key: str, *pointer: str | int) -> date | None:
        """The day under a key that may be absent."""
        return self.day(mapping[key], *pointer, key) if key in mapping else None
