"""Which findings of a result are asked for: by code, and by path."""

from collections.abc import Sequence
from dataclasses import replace

from coord.checks.registry import BY_CODE
from coord.checks.result import LocatedFinding, Result
from coord.errors import UsageError


def parse_codes(values: Sequence[str]) -> tuple[str, ...]:
    """Codes and prefixes of codes, given one by one or separated by commas. Raises UsageError."""
    codes = tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip())
    for code in codes:
        if not any(known.startswith(code) for known in BY_CODE):
            families = ", ".join(dict.fromkeys(known[:3] for known in BY_CODE))
            raise UsageError(f"No rule's code starts with {code}. Rules are in the families {families}.")
    return codes


def narrow(
    result: Result, select: tuple[str, ...], ignore: tuple[str, ...], under: tuple[str, ...]
) -> Result:
    """The part of a result that is asked for. Empty tuples ask for everything and leave out nothing.

    `under` are paths relative to the root; a finding counts when it or a related place lies under one, and is
    `outside` otherwise.
    """

    def wanted(code: str) -> bool:
        return (not select or code.startswith(select)) and not (ignore and code.startswith(ignore))

    asked = [finding for finding in result.findings if wanted(finding.code)]
    findings = tuple(finding for finding in asked if not under or _touches(finding, under))
    outside = tuple(finding for finding in asked if under and not _touches(finding, under))
    skipped = tuple(s for s in result.skipped if wanted(s.code) and (not under or _is_under(s.path, under)))
    return replace(result, findings=findings, skipped=skipped, outside=outside)


def _touches(finding: LocatedFinding, under: tuple[str, ...]) -> bool:
    paths = (finding.location.path, *(side.location.path for side in finding.related))
    return any(_is_under(path, under) for path in paths)


def _is_under(path: str, under: tuple[str, ...]) -> bool:
    return any(folder in {"", "."} or path == folder or path.startswith(f"{folder}/") for folder in under)
