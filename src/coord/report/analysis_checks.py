"""The checks of an analysis in words, for a terminal and for Markdown."""

from collections.abc import Sequence

from coord.analysis.results import Check, Status
from coord.report.analysis_words import cut, listing, sentence
from coord.report.summary import many

_PLAN = "plan"
"""The check of the plan's history."""
_STATES = {Status.FAIL: "failed", Status.WARN: "warns", Status.PASS: "passed", Status.NOT_RUN: "not run"}


def check_words(check: Check) -> str:
    """A check that did not pass, in a line; its p-value is in the detail where it matters."""
    return f"{cut(check.name)} {_STATES[check.status]}: {sentence(check.detail)}"


def passed_words(checks: Sequence[Check]) -> str:
    """How many checks passed, and which; `plan` is told with the plan."""
    passed = [cut(one.name) for one in checks if one.status is Status.PASS and one.name != _PLAN]
    return f"{many(len(passed), 'check')} passed ({', '.join(passed)})" if passed else "no check passed"


def not_run_words(checks: Sequence[Check]) -> str:
    """Which checks were not run, and why, each reason once; nothing where all were."""
    about: dict[str, list[str]] = {}
    for check in checks:
        if check.status is Status.NOT_RUN and check.name != _PLAN:
            about.setdefault(check.detail.rstrip("."), []).append(cut(check.name))
    told = [f"{listing(names)} ({detail})" if detail else listing(names) for detail, names in about.items()]
    return f"not run: {', '.join(told)}" if told else ""


def history_words(checks: Sequence[Check]) -> str:
    """What history says of the plan, as the end of a sentence; nothing where it was not asked."""
    found = next((one for one in checks if one.name == _PLAN), None)
    if found is None or found.status is Status.WARN:  # that is told with the checks
        return ""
    return f"; {found.detail}"
