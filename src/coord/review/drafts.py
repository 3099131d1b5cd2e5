"""What a change does to the drafts: which would exceed a budget now, and which no longer would."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from coord.checks.bud import DraftExceeds
from coord.checks.rule import Context
from coord.domain.catalog import Catalog
from coord.domain.model import Experiment


class DraftChange(NamedTuple):
    """A draft whose outlook changes: why it exceeds a budget now, None when it keeps to all again."""

    experiment: Experiment
    exceeds: str | None


def draft_changes(before: Catalog, after: Catalog, today: date) -> Iterator[DraftChange]:
    """The drafts on both sides that fitted and do not, or did not and do."""
    if not after.drafts:
        return
    was, now = _exceeding(before, today), _exceeding(after, today)
    for draft in after.drafts:
        known = before.experiments.get(draft.key)
        if known is not None and known.draft and (draft.key in was) != (draft.key in now):
            yield DraftChange(draft, now.get(draft.key))


def _exceeding(catalog: Catalog, today: date) -> dict[str, str]:
    """The first reason why each draft would exceed."""
    reasons: dict[str, str] = {}
    for finding in DraftExceeds().check(Context(catalog, today)):
        if finding.experiment:
            reasons.setdefault(finding.experiment, finding.message)
    return reasons
