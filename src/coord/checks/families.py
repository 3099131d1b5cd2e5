"""What each family of rules is about."""

from collections.abc import Sequence
from itertools import groupby

from coord.checks.rule import Rule

FAMILIES = {
    "SYN": "files that cannot be read",
    "REF": "names that must exist, be unique, and fit together",
    "BKT": "who holds which buckets",
    "BUD": "how much of a surface may be used at once",
    "CHG": "what may change once an experiment has started",
    "MET": "which metrics decide, and whether they can",
    "LIF": "the life of an experiment, from start to end",
    "SYS": "personalisation systems as variants",
    "WVR": "waivers, the exceptions a surface's owner allows",
}


def by_family(rules: Sequence[Rule]) -> list[tuple[str, str, list[Rule]]]:
    """The rules in their order, by family: its code, what it is about, its rules."""
    groups = groupby(rules, key=lambda rule: rule.code[:3])
    return [(family, FAMILIES[family], list(members)) for family, members in groups]
