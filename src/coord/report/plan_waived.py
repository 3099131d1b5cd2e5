"""How the findings of a plan that a waiver covers are told."""

from collections import Counter
from collections.abc import Sequence

from coord.domain.findings import Severity
from coord.report.summary import many
from coord.review.waived import Waived


def waives(waived: Sequence[Waived]) -> str:
    """`2 errors, 1 warning`; nothing for none."""
    counts = Counter(one.severity for one in waived)
    order = sorted(Severity, key=lambda severity: -severity.rank)
    return ", ".join(many(counts[severity], severity.value) for severity in order if counts[severity])


def waiver_terms(one: Waived) -> str:
    """Until when it is waived, and why."""
    return f"waived until {one.until}: {one.reason}"
