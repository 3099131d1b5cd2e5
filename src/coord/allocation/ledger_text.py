"""A ledger as the text of its file."""

from base64 import b64encode
from textwrap import wrap

from coord.domain.buckets import Buckets, to_bytes
from coord.domain.model import Entry, Ledger

HEADER = "# Written by `coord allocate`. Edit the experiment, not this file."
_WIDTH = 84


def ledger_text(ledger: Ledger, size: int) -> str:
    """The YAML of a ledger in a space of `size` buckets; text wraps at 100 columns."""
    lines = [HEADER, f"experiment: {ledger.experiment}", f"space: {ledger.space}", "version: 1", "entries:"]
    for entry in ledger.entries:
        lines += _migrated(entry) if entry.migrated else _drawn(entry, size)
    return "\n".join(lines) + "\n"


def _migrated(entry: Entry) -> list[str]:
    return ["  - migrated: true", f'    buckets: "{" ".join(_ranges(entry.buckets))}"']


def _drawn(entry: Entry, size: int) -> list[str]:
    avoids = [f"      {key}: {digest}" for key, digest in entry.avoids.items()]
    encoded = wrap("base64:" + b64encode(to_bytes(entry.buckets, size)).decode("ascii"), _WIDTH)
    return [
        *(["  - avoids:", *avoids] if avoids else ["  - avoids: {}"]),
        *_quoted("    buckets: ", encoded),
        f"    digest: {entry.digest}",
    ]


def _quoted(key: str, pieces: list[str]) -> list[str]:
    """A double-quoted scalar over several lines: line ends inside it read as blanks, which are ignored."""
    first, *rest = pieces
    lines = [f'{key}"{first}', *(f"      {piece}" for piece in rest)]
    lines[-1] += '"'
    return lines


def _ranges(buckets: Buckets) -> list[str]:
    """The half-open ranges of a set."""
    found, low, rest = [], 0, buckets
    while rest:
        skipped = (rest & -rest).bit_length() - 1
        rest >>= skipped
        length = (~rest & (rest + 1)).bit_length() - 1
        found.append(f"{low + skipped}:{low + skipped + length}")
        low += skipped + length
        rest >>= length
    return found
