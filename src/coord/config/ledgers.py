"""Resolving a ledger's file: the text of bitsets and ranges into sets of buckets."""

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from typing import Any

from coord.config.layout import key_of
from coord.config.values import Reader
from coord.domain.buckets import Buckets, from_bytes, from_ranges
from coord.domain.model import Entry, Ledger

_BASE64 = "base64:"

BEYOND = 1_000_001
"""Buckets are read up to one more than the largest space has: that one shows that a range is out of range."""


def resolve_ledger(reader: Reader) -> Ledger | None:
    """The ledger; None, with a finding, when its buckets cannot be decoded."""
    value = reader.document.value
    entries = []
    for number, entry in enumerate(value["entries"]):
        buckets = _buckets(reader, number, entry)
        if buckets is None:
            return None
        entries.append(Entry(buckets, entry.get("avoids", {}), entry.get("digest")))
    return Ledger(key_of(reader.document.path), reader.document.path, value["space"], tuple(entries))


def _buckets(reader: Reader, number: int, entry: Mapping[str, Any]) -> Buckets | None:
    text: str = entry["buckets"]
    pointer = ("entries", number, "buckets")
    if text.startswith(_BASE64):
        try:
            return from_bytes(b64decode("".join(text.removeprefix(_BASE64).split()), validate=True))
        except (Error, ValueError):
            reader.report("SYN003", "`buckets` is not valid base64", pointer, "take the file from git again")
            return None
    ranges = []
    for piece in text.split():
        low, _, high = piece.partition(":")
        if int(low) >= int(high):
            rule = f"ranges are half-open ({int(low)}:{int(low) + 1} is bucket {int(low)} alone)"
            reader.report("SYN003", f"the range {piece} is empty; {rule}", pointer)
            return None
        ranges.append((int(low), int(high)))
    return from_ranges(ranges, BEYOND)
