"""What to try in the demo, and what each command shows."""

from typing import NamedTuple

from coord.demo.logs import EVENTS, EXPOSURES
from coord.demo.people import TODAY


class Stop(NamedTuple):
    """A command, run in the demo's folder, and what one sees."""

    command: str
    shows: str


PEEK = "2026-05-06"
"""When somebody looks at home/warm-greeting, long before its end."""

_ON = f"--today {TODAY}"


def _analyze(key: str, shows: str, *more: str) -> Stop:
    told = " ".join((_ON, *more))
    return Stop(f"coord analyze {key} --exposures {EXPOSURES} --events {EVENTS} {told}", shows)


TOUR = (
    Stop(f"coord check {_ON}", "nothing collides, everything fits"),
    Stop(f"coord status home {_ON}", "what runs, and how full each component is"),
    Stop(f"coord audit --exposures {EXPOSURES}", "every logged assignment is what the files say"),
    _analyze("home/shelf-order", "ships: it was decided at its second look"),
    _analyze("home/autoplay-preview", "does harm, and is to be stopped long before its end"),
    _analyze("search/voice-search", "looks like a success, but exposures were lost (SRM)"),
    _analyze("search/result-snippets", "too small to tell anything"),
    _analyze(
        "home/warm-greeting", "looked at half way: tempting, and not to be decided yet", f"--as-of {PEEK}"
    ),
    _analyze("home/warm-greeting", "the same at its end: nothing is left of it"),
    _analyze("home/large-covers", "does nothing on average, as it meets home/compact-rows"),
    _analyze("home/holdback-2026-q2", "what everything new of the quarter adds up to"),
)
"""In the order of docs/demo.md, which says what one learns."""
