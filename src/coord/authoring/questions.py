"""What to ask at a terminal, one question at a time: each can depend on the answers before it."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from coord.authoring.defaults import days_ahead, only, title_of
from coord.authoring.facts import Facts
from coord.authoring.names import What
from coord.authoring.settings import Values


class Question(NamedTuple):
    """What to ask. The default None asks for an answer; an empty one leaves the key out."""

    key: str
    text: str
    default: str | None = None
    choices: tuple[str, ...] = ()
    several: bool = False  # the answer lists some, separated by commas
    beyond: tuple[str, ...] = ()  # further possible answers, too many to list
    day: bool = False


def questions(what: What, name: str, values: Values, facts: Facts, today: date) -> Iterator[Question]:
    """The questions about keys that have no value yet. Answers are put into `values` before the next."""
    source = _surface(name, facts) if what is What.SURFACE else _experiment(name, values, facts, today)
    for question in source:
        top, _, inner = question.key.partition(".")
        given = values.get(top)
        if question.choices == (question.default,) and not question.beyond:
            continue  # there is no choice
        if given is None or (inner and isinstance(given, dict) and inner not in given):
            yield question


def _surface(name: str, facts: Facts) -> Iterator[Question]:
    yield Question("title", "Title", title_of(name))
    yield Question("owner", "Owner, a team", only(facts.teams), facts.teams)
    yield Question("space", "Space that experiments draw from", only(facts.spaces), facts.spaces)
    yield Question("components", "Components, separated by commas", "page", several=True)


def _experiment(name: str, values: Values, facts: Facts, today: date) -> Iterator[Question]:
    yield Question("kind", "Kind", "ab_test", ("ab_test", "rollout", "holdback"))
    yield Question("title", "Title", title_of(name))
    yield Question("owner", "Owner, a team", facts.owner, facts.teams)
    yield Question("status", "Status; a draft reserves nothing", "draft", ("draft", "active"))
    draft = values["status"] == "draft"
    why = "Hypothesis: what changes, for whom, and why"
    yield Question("hypothesis", f"{why} (Enter: later)" if draft else why, "" if draft else None)
    if values["kind"] == "holdback":
        yield Question(
            "holds",
            "Surfaces it holds, or all",
            name.partition("/")[0],
            facts.surfaces,
            several=True,
            beyond=("all",),
        )
    else:
        parts = "Components it touches (of another surface: surface/component)"
        yield Question("components", parts, "", facts.components, several=True, beyond=facts.elsewhere)
        yield Question("variants", "Variants, the control first", "control,treatment", several=True)
        if not facts.requires_success:
            yield Question("metrics.success", "Success metrics", "", facts.metrics, several=True)
    yield from _when(values, facts, today, draft=draft)


def _when(values: Values, facts: Facts, today: date, *, draft: bool) -> Iterator[Question]:
    later = " (Enter: later)" if draft else ""
    start, _ = days_ahead(facts, today)
    yield Question("start", f"First day{later}", "" if draft else start.isoformat(), day=True)
    if "start" in values:
        _, end = days_ahead(facts, today, values["start"])
        yield Question("end", "First day after", end.isoformat(), day=True)
    yield Question("traffic", f"Traffic, a share of all units{later}", "" if draft else None)
