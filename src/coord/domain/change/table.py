"""What may change once an experiment has started: every field of every file, and how it is treated."""

from collections.abc import Mapping
from enum import StrEnum


class Treatment(StrEnum):
    """How a change of a field is judged."""

    NAME = "name"  # names the thing: another name is another thing
    FROZEN = "frozen"  # a started experiment keeps it (CHG001)
    GROWS = "grows"  # it may be tightened or grow (CHG001, CHG002)
    LEDGER = "ledger"  # entries of steps up to today stay as they are (CHG003)
    SPACE = "space"  # stays while a started experiment uses the space (CHG004)
    PLAN = "plan"  # stays while the plan of a started experiment rests on it (CHG006)
    FREE = "free"  # may change at any time; what follows from it is for the other rules


_F, _G, _S, _P = Treatment.FROZEN, Treatment.GROWS, Treatment.SPACE, Treatment.PLAN
_NAME, _FREE = Treatment.NAME, Treatment.FREE

TABLE: Mapping[str, Mapping[str, Treatment]] = {
    "experiment": {
        "experiment": _NAME,
        "surface": _NAME,
        "kind": _F,
        "status": _F,
        "hypothesis": _F,
        "start": _F,
        "end": _G,
        "traffic": _G,
        "components": _F,
        "exclusive_with": _G,
        "holds": _F,
        "audience": _F,
        "salt": _F,
        "logged_as": _F,
        "variants": _F,
        "metrics": _G,
        "analysis": _F,
        "evaluate_from": _F,
        "title": _FREE,
        "owner": _FREE,
        "outcome": _FREE,
    },
    "allocation": {
        "experiment": _NAME,
        "version": Treatment.LEDGER,
        "space": Treatment.LEDGER,
        "migrated": Treatment.LEDGER,
        "entries": Treatment.LEDGER,
    },
    "coord": {
        "spaces": _S,
        "decision": _P,
        "teams": _FREE,
        "logs": _FREE,
    },
    "surface": {
        "surface": _NAME,
        "space": _S,
        "metrics": _P,
        "title": _FREE,
        "description": _FREE,
        "owner": _FREE,
        "components": _FREE,
        "audience": _FREE,
        "budget": _FREE,
        "policy": _FREE,
        "waivers": _FREE,
    },
    "metrics": {
        "metrics": _P,
        "metrics/*/title": _FREE,
        "metrics/*/description": _FREE,
    },
    "baseline": {
        "surface": _NAME,
        "daily_units": _FREE,
        "metrics": _FREE,
    },
}
"""By kind of file and field; a field inside another is treated as that one is, unless it is named itself."""


def treatment(kind: str, pointer: tuple[str | int, ...]) -> Treatment | None:
    """How a field of a file is treated; None for one that nobody has thought about."""
    table = TABLE[kind]
    for length in range(len(pointer), 0, -1):
        names = [str(part) for part in pointer[:length]]
        starred = [name if number != 1 else "*" for number, name in enumerate(names)]
        for path in ("/".join(names), "/".join(starred)):
            if path in table:
                return table[path]
    return None
