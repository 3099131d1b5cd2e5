"""The text of a new file: its keys in the order of the documentation, with comments for who is new here."""

from collections.abc import Iterable, Mapping
from datetime import date

from coord.authoring.defaults import days_ahead
from coord.authoring.facts import Facts
from coord.authoring.names import What
from coord.authoring.settings import Values
from coord.authoring.yaml_text import field

_COLUMN = 35  # where comments begin
_ORDER = {
    What.SURFACE: "surface title description owner space components audience metrics budget policy waivers",
    What.EXPERIMENT: "experiment surface kind title owner hypothesis status start end traffic holds "
    "components exclusive_with audience salt logged_as variants metrics analysis evaluate_from outcome",
}
_NOTES = {
    What.SURFACE: {
        "owner": "one of the teams in surfaces/coord.yaml",
        "space": "what is randomised, and whose buckets experiments draw",
        "components": "two experiments on one component never share a unit",
        "audience": "whom experiments may target; fixed: constant for a unit",
        "metrics": "every experiment here reports these",
        "budget": "how much may run at once",
        "policy": "of A/B tests, in days",
    },
    What.EXPERIMENT: {
        "kind": "ab_test | rollout | holdback",
        "status": "draft | active; a draft reserves nothing",
        "start": "first day, from 00:00 UTC",
        "end": "first day after",
        "traffic": "share of all buckets; the audience decides who in them is eligible",
        "holds": "the surfaces it keeps its units out of, or all",
        "components": "what it touches, such as header or search/results",
        "variants": "the first is the control",
        "metrics": "beyond what the surface requires",
    },
}
_ABSENT = {
    What.SURFACE: {
        "description": ["description: What belongs here, and what does not."],
        "audience": ["audience:", "  country: {fixed: true, values: [SE, US]}"],
        "metrics": [
            "metrics:",
            "  success: [{metric: METRIC, mde: 1%}]",
            "  guardrail: [{metric: GUARDRAIL, margin: 2%}]",
        ],
        "budget": ["budget: {component: 90%, per_unit: 8}"],
        "policy": ["policy: {min_days: 7, max_days: 56, cooldown_days: 0}"],
    },
    What.EXPERIMENT: {
        "start": ["start: START"],
        "end": ["end: END"],
        "traffic": ["traffic: 20%"],
        "metrics": ["metrics:", "  success: [{metric: METRIC, mde: 3%}]"],
    },
}
"""What stands, as a comment, where a key has no value: to be completed by who wants it."""


def new_text(what: What, values: Values, facts: Facts, today: date) -> str:
    """The whole file."""
    depth = "../.." if what is What.SURFACE else "../../.."
    lines = [f"# yaml-language-server: $schema={depth}/schemas/{what}.schema.json"]
    known, absent = _ORDER[what].split(), _absent(what, values, facts, today)
    for key in [*known, *(key for key in values if key not in known)]:
        note = _NOTES[what].get(key, "")
        if key in values:
            lines += _beside(field(key, values[key]), note)
        elif key in absent:
            lines += (f"# {line}" for line in _beside(absent[key], note, _COLUMN - 2))
    return "".join(f"{line}\n" for line in lines)


def _beside(lines: Iterable[str], note: str, column: int = _COLUMN) -> list[str]:
    """The lines, with a note beside the first."""
    first, *others = lines
    return [f"{first:<{column - 2}}  # {note}" if note else first, *others]


def _absent(what: What, values: Values, facts: Facts, today: date) -> Mapping[str, Iterable[str]]:
    start, end = (day.isoformat() for day in days_ahead(facts, today, values.get("start")))
    metrics = facts.metrics or ("METRIC",)
    filled = {"START": start, "END": end, "METRIC": metrics[0], "GUARDRAIL": metrics[-1]}
    shown = dict(_ABSENT[what])
    if what is What.EXPERIMENT and (facts.requires_success or values["kind"] != "ab_test"):
        del shown["metrics"]
    return {key: [_filled(line, filled) for line in lines] for key, lines in shown.items()}


def _filled(line: str, values: Mapping[str, str]) -> str:
    for mark, value in values.items():
        line = line.replace(mark, value)
    return line
