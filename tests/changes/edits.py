"""A concrete edit of every field of every file, and what a change by it is, before, during and after a run.

Each edit is made to the organisation of `rich`, and judged on three days.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from changes.rich import BASELINE, COORD, FILES, HELD, HOME, IDEA, LEDGER, METRICS, PLAIN, RICH, SIZE
from changes.trees import GONE, digest, encoded

Pointer = tuple[str | int, ...]


class Edit(NamedTuple):
    """A value put at a pointer of a file, and the codes it makes new: unstarted, started, over."""

    path: str
    pointer: Pointer
    value: Any
    unstarted: frozenset[str]
    started: frozenset[str]
    over: frozenset[str]
    note: str = ""


def _edit(unstarted: str, started: str, over: str, note: str = "") -> Any:
    def made(path: str, pointer: str, value: Any, more: str = "") -> Edit:
        parts = tuple(int(part) if part.isdigit() else part for part in pointer.split("/"))
        codes = (frozenset(text.split()) for text in (unstarted, started, over))
        return Edit(path, parts, value, *codes, more or note)

    return made


_frozen = _edit("", "CHG001", "LIF003")
_lowered = _edit("", "CHG002", "LIF003")
_grows = _edit("", "", "LIF003")
_free = _edit("", "", "", "free")
_same = _edit("", "", "", "says the same")
_plan = _edit("", "CHG006", "")
_space = _edit("", "CHG004", "")
_history = _edit("", "CHG003", "CHG003")
_misnamed = _edit("SYN005", "SYN005", "SYN005")
_refused = _edit("SYN003", "SYN003", "SYN003")
_unknown = _edit("REF001", "REF001", "REF001")

_SYSTEM: dict[str, Any] = {"kind": "llm", "platform": "ml", "id": "writer"}


def _dates_and_traffic() -> Iterator[Edit]:
    yield _frozen(PLAIN, "start", "2026-03-03")
    yield _frozen(PLAIN, "start", "2026-03-11", "to come again")
    yield _frozen(PLAIN, "start", "2026-03-01", "earlier")
    yield _grows(PLAIN, "end", "2026-03-20", "stopped early")
    yield _grows(PLAIN, "end", "2026-03-10", "stopped today")
    yield _frozen(PLAIN, "end", "2026-03-09", "stopped yesterday")
    yield _frozen(PLAIN, "end", "2026-04-20", "a fixed plan extended after a look")
    yield _grows(RICH, "end", "2026-04-20", "a sequential plan extended")
    yield _grows(HELD, "end", "2026-04-20", "a holdback extended")
    yield _refused(PLAIN, "end", GONE)
    yield _frozen(PLAIN, "traffic", "30%", "raised in place")
    yield _lowered(PLAIN, "traffic", "10%")
    yield _grows(PLAIN, "traffic", {"2026-03-02": "20%", "2026-03-11": "30%"}, "raised from tomorrow")
    yield _frozen(PLAIN, "traffic", {"2026-03-02": "20%", "2026-03-10": "30%"}, "raised from today")
    yield _same(PLAIN, "traffic", {"2026-03-02": "20%"})
    yield _frozen(RICH, "traffic/2026-03-02", "6%", "a step of the past")
    yield _frozen(RICH, "traffic/2026-03-06", "15%", "the step in force, raised")
    yield _lowered(RICH, "traffic/2026-03-06", "8%", "the step in force, lowered")
    yield _frozen(RICH, "traffic/2026-03-04", "7%", "another step in the past")
    yield _grows(RICH, "traffic/2026-03-20", "50%", "a step to come, raised")
    yield _grows(RICH, "traffic/2026-03-20", "10%", "a step to come, lowered to what is in force")
    yield _grows(RICH, "traffic/2026-03-20", GONE, "a step to come, taken back")
    yield _grows(RICH, "traffic/2026-03-25", "50%", "another step to come")
    yield _lowered(RICH, "traffic", "5%", "back to the first step")


def _where_and_who() -> Iterator[Edit]:
    yield _frozen(RICH, "components", ["header"])
    yield _frozen(RICH, "components", GONE)
    yield _frozen(RICH, "components/0", "unused")
    yield _frozen(RICH, "components/2", "unused")
    yield _unknown(RICH, "components/2", "nowhere")._replace(
        started=frozenset({"REF001"}), over=frozenset({"REF001"}), note="unknown, and so dropped"
    )
    yield _same(RICH, "components", ["search/results", "home/header"])
    yield _frozen(RICH, "exclusive_with", GONE)
    yield _frozen(RICH, "exclusive_with", ["home/plain"], "a draft may become active")
    yield _frozen(RICH, "exclusive_with/0", "home/held")
    yield _grows(RICH, "exclusive_with/2", "home/held")
    yield _grows(PLAIN, "exclusive_with", ["home/rich"])
    yield _same(RICH, "exclusive_with", ["home/idea", "home/plain"])
    yield _frozen(HELD, "holds", GONE)
    yield _frozen(HELD, "holds", "all", "all that there are today, and any that come")
    yield _frozen(HELD, "holds/1", GONE)
    yield _same(HELD, "holds", ["search", "home"])
    yield _frozen(RICH, "audience", GONE)
    yield _frozen(RICH, "audience/platform", GONE)
    yield _frozen(RICH, "audience/platform", ["android"])
    yield _frozen(RICH, "audience/country/2", "NO", "wider")
    yield _frozen(RICH, "audience/country/1", GONE, "narrower")
    yield _frozen(PLAIN, "audience", {"platform": ["ios", "android"]}, "the rest leaves")
    yield _same(RICH, "audience/country", ["US", "SE"])
    yield _same(PLAIN, "audience", {})


def _assignment() -> Iterator[Edit]:
    yield _frozen(RICH, "salt", GONE)
    yield _frozen(RICH, "salt", "another-salt")
    yield _same(PLAIN, "salt", "home/plain")
    yield _frozen(RICH, "logged_as", GONE)
    yield _frozen(RICH, "logged_as", "another-name")
    yield _same(PLAIN, "logged_as", "home/plain")
    yield _frozen(PLAIN, "variants", [{"name": "new"}, {"name": "control"}], "in another order")
    yield _frozen(PLAIN, "variants/2", {"name": "third"})
    yield _same(PLAIN, "variants/0", {"name": "control", "weight": 1, "logged_as": "control"})
    yield _frozen(RICH, "variants/1/name", "renamed")
    yield _frozen(RICH, "variants/1/weight", 2)
    yield _same(RICH, "variants/0/weight", GONE)
    yield _frozen(RICH, "variants/0/logged_as", GONE)
    yield _frozen(RICH, "variants/1/logged_as", "other")
    yield _frozen(RICH, "variants/1/serves", GONE)
    yield _frozen(RICH, "variants/0/serves", {"flag": "home.rich"})
    yield _frozen(RICH, "variants/1/serves/flag", "other")
    yield _frozen(RICH, "variants/1/serves/more", None)
    yield _frozen(RICH, "variants/1/serves/value", True, "true is no 1")
    yield _frozen(RICH, "variants/1/serves/value", "1", "text is no number")
    yield _same(RICH, "variants/1/serves", {"value": 1, "flag": "home.rich"})
    yield _frozen(RICH, "variants/1/system", GONE)
    yield _frozen(PLAIN, "variants/1/system", _SYSTEM)
    yield _frozen(RICH, "variants/1/system/kind", "recommender")
    for name in ("platform", "id", "version"):
        yield _frozen(RICH, f"variants/1/system/{name}", "other")
    yield _frozen(RICH, "variants/1/system/version", GONE)
    yield _frozen(RICH, "variants/1/system/updates", "frozen")
    yield _frozen(RICH, "variants/1/system/learns_from", "all")


def _decision_of_one() -> Iterator[Edit]:
    yield _frozen(RICH, "metrics", GONE)
    yield _grows(PLAIN, "metrics", {"success": [{"metric": "spare", "mde": "1%"}]}, "one more")
    yield _frozen(RICH, "metrics/success", [])
    yield _frozen(RICH, "metrics/success", GONE)
    yield _frozen(RICH, "metrics/success/0", {"metric": "spare", "mde": "3%"})
    yield _grows(RICH, "metrics/success/1", {"metric": "spare", "mde": "3%"})
    yield _frozen(RICH, "metrics/success/0/metric", "spare")
    yield _frozen(RICH, "metrics/success/0/mde", "4%")
    yield _frozen(RICH, "metrics/success/0/mde", GONE)
    yield _grows(RICH, "metrics/success/0/mde", "2%")
    yield _frozen(RICH, "metrics/guardrail", GONE, "back to the margin of the surface, which is wider")
    yield _frozen(RICH, "metrics/guardrail/0", {"metric": "spare", "margin": "1%"})
    yield _grows(RICH, "metrics/guardrail/1", {"metric": "spare", "margin": "1%"})
    yield _frozen(RICH, "metrics/guardrail/0/metric", "spare")
    yield _frozen(RICH, "metrics/guardrail/0/margin", "1.5%")
    yield _frozen(RICH, "metrics/guardrail/0/margin", GONE)
    yield _grows(RICH, "metrics/guardrail/0/margin", "0.5%")
    moved = {"success": [], "guardrail": [{"metric": "crashes", "margin": "1%"}, {"metric": "plays"}]}
    yield _frozen(RICH, "metrics", moved, "another role")
    yield _frozen(RICH, "analysis", GONE)
    yield _frozen(RICH, "analysis/method", "always_valid")
    yield _frozen(RICH, "analysis/method", GONE)
    yield _frozen(RICH, "analysis/spending", "power2")
    yield _frozen(RICH, "analysis/looks", GONE)
    yield _frozen(RICH, "analysis/looks/0", "2026-03-16")
    yield _frozen(RICH, "analysis/planned", 6000)
    yield _frozen(PLAIN, "analysis", {"method": "always_valid"})
    yield _same(PLAIN, "analysis", {"planned": 100000, "spending": "power2"})
    yield _same(PLAIN, "analysis", {"method": "fixed"})
    yield _frozen(HELD, "evaluate_from", "2026-03-21")
    yield _frozen(HELD, "evaluate_from", GONE)


def experiment_edits() -> Iterator[Edit]:
    """Edits of every field of an experiment."""
    yield _misnamed(RICH, "experiment", "other")
    yield _misnamed(RICH, "surface", "search")
    yield _frozen(RICH, "kind", "rollout")
    yield _free(RICH, "title", "Another title")
    yield _free(RICH, "owner", "other-team")
    yield _frozen(RICH, "hypothesis", "It gets worse.")
    yield _frozen(RICH, "status", "draft")
    yield _free(IDEA, "hypothesis", "Something else.", "of a draft")
    yield from _dates_and_traffic()
    yield from _where_and_who()
    yield from _assignment()
    yield from _decision_of_one()
    yield _free(RICH, "outcome", {"decision": "shipped", "on": "2026-04-01", "note": "It rose."})
    for name, value in (("decision", "shipped"), ("on", "2026-04-02"), ("note", "Fell.")):
        whole = {"decision": "inconclusive", "on": "2026-04-01", "note": "-"} | {name: value}
        yield _free(RICH, "outcome", whole)._replace(pointer=("outcome", name), value=(whole, value))


def ledger_edits() -> Iterator[Edit]:
    """Edits of every field of a ledger."""
    yield _misnamed(LEDGER, "experiment", "home/other")
    yield _history(LEDGER, "space", "device")
    yield _refused(LEDGER, "version", 2)
    yield _same(LEDGER, "migrated", True, "drawn entries stay drawn")
    yield _free(LEDGER, "entries/2", GONE, "of a step to come")._replace(over=frozenset({"CHG003"}))
    drawn = {"avoids": {}, "buckets": encoded(range(90, 95), SIZE)}
    yield _history(LEDGER, "entries", [drawn | {"digest": digest(range(90, 95), SIZE)}])
    yield _history(LEDGER, "entries/0", {"migrated": True, "buckets": "0:10"})
    yield _history(LEDGER, "entries/0/buckets", encoded(range(11), SIZE))
    yield _history(LEDGER, "entries/0/digest", "f" * 64)
    yield _history(LEDGER, "entries/0/avoids", {})
    yield _history(LEDGER, "entries/0/avoids/home/plain", "f" * 64)._replace(
        pointer=("entries", 0, "avoids", "home/plain")
    )
    yield _refused(LEDGER, "entries/0/migrated", True, "with a digest")


def coord_edits() -> Iterator[Edit]:
    """Edits of every field of coord.yaml."""
    yield _space(COORD, "spaces", {"device": {"unit": "d", "salt": "other", "buckets": 100}})._replace(
        unstarted=frozenset({"REF001"}), started=frozenset({"CHG004", "REF001"}), over=frozenset({"REF001"})
    )
    yield _free(COORD, "spaces/third", {"unit": "x", "salt": "third", "buckets": 100})
    yield _free(COORD, "spaces/device", GONE, "a space without experiments")
    yield _free(COORD, "spaces/device/salt", "other", "a space without experiments")
    for name, value in (("unit", "account_id"), ("salt", "other"), ("buckets", 2 * SIZE)):
        yield _space(COORD, f"spaces/user/{name}", value)
    yield _free(COORD, "teams", ["other-team", "home-team", "third-team"])
    yield _free(COORD, "teams/1", "third-team")
    yield _same(COORD, "decision", GONE)
    for name, value in (("alpha", "10%"), ("power", "90%"), ("srm_alpha", "1%"), ("srm_min_deviation", "1%")):
        yield _plan(COORD, f"decision/{name}", value)
    yield _plan(COORD, "decision/method", "always_valid")
    yield _same(COORD, "decision/alpha", "5.0%")
    yield _free(COORD, "logs", GONE)
    for name in ("timestamp", "unit", "experiment", "variant"):
        yield _free(COORD, f"logs/exposures/{name}", "other")
    for name in ("timestamp", "unit", "event"):
        yield _free(COORD, f"logs/events/{name}", "other")
    yield _free(COORD, "logs/exposures", GONE)
    yield _free(COORD, "logs/events", GONE)


def surface_edits() -> Iterator[Edit]:
    """Edits of every field of a surface."""
    yield _misnamed(HOME, "surface", "other")
    for name in ("title", "description"):
        yield _free(HOME, name, "Other words")
    yield _free(HOME, "owner", "other-team")
    yield _space(HOME, "space", "device")
    yield _free(HOME, "components", {"header": "1", "shelf": "2", "unused": "3", "more": "4"})
    yield _unknown(HOME, "components", {"header": "1"})._replace(
        started=frozenset({"CHG001", "REF001"}), over=frozenset({"LIF003", "REF001"})
    )
    yield _free(HOME, "components/header", "Other words")
    yield _free(HOME, "audience/age", {"values": ["young", "old"]})
    yield _unknown(HOME, "audience", GONE)._replace(
        started=frozenset({"CHG001", "REF001"}), over=frozenset({"LIF003", "REF001"})
    )
    yield _free(HOME, "audience/country", {"fixed": True, "values": ["SE", "US", "NO"]})
    yield _free(HOME, "audience/country/fixed", False)
    yield _free(HOME, "audience/country/values", ["SE", "US", "NO", "DK"])
    yield _free(HOME, "audience/country/values/SE", "5%")
    yield _free(HOME, "audience/platform/values/2", "web")
    yield _unknown(HOME, "audience/platform/values/0", "web")
    yield _plan(HOME, "metrics", GONE)
    yield _plan(HOME, "metrics/success", [])
    yield _plan(HOME, "metrics/success/1", {"metric": "spare", "mde": "1%"})
    yield _plan(HOME, "metrics/success/0/metric", "spare")
    yield _plan(HOME, "metrics/success/0/mde", "4%")
    yield _plan(HOME, "metrics/success/0/since", "2026-03-05", "binds them no more")
    yield _same(HOME, "metrics/success/0/since", "2026-02-01")
    yield _free(HOME, "metrics/success/1", {"metric": "spare", "mde": "1%", "since": "2026-03-03"})
    yield _plan(HOME, "metrics/guardrail", GONE)
    yield _plan(HOME, "metrics/guardrail/2", {"metric": "spare", "margin": "1%"})
    yield _plan(HOME, "metrics/guardrail/1/metric", "spare")
    yield _plan(HOME, "metrics/guardrail/1/margin", "1%")
    yield _plan(HOME, "metrics/guardrail/1/since", "2026-03-05")
    yield _free(HOME, "metrics/guardrail/2", {"metric": "spare", "margin": "1%", "since": "2026-03-11"})
    yield _free(HOME, "budget", GONE)
    yield _free(HOME, "budget/component", "100%")
    yield _free(HOME, "budget/per_unit", 3)
    yield _free(HOME, "budget/concurrent", 30)
    yield _free(HOME, "budget/teams", {"other-team": "50%"})
    yield _free(HOME, "budget/teams/home-team", "140%")
    yield _free(HOME, "policy", GONE)
    for name in ("min_days", "max_days", "cooldown_days"):
        yield _free(HOME, f"policy/{name}", 14)
    yield _free(HOME, "waivers", [])
    yield _free(HOME, "waivers/1", {"rule": "BUD001", "experiment": "home/rich"})
    yield _free(HOME, "waivers/0/rule", "CHG001", "which nobody can waive")
    yield _free(HOME, "waivers/0/experiment", "home/held")
    yield _free(HOME, "waivers/0/with", "home/held")
    yield _free(HOME, "waivers/0/reason", "Another")
    yield _free(HOME, "waivers/0/until", "2026-05-01")


def metric_edits() -> Iterator[Edit]:
    """Edits of every field of metrics.yaml and of a baseline."""
    used = {name: metric for name, metric in FILES[METRICS]["metrics"].items() if name != "spare"}
    yield _free(METRICS, "metrics", used, "without one that nobody uses")
    yield _free(METRICS, "metrics/spare", GONE, "that nobody uses")
    yield _free(METRICS, "metrics/spare/event", "other", "that nobody uses")
    yield _free(METRICS, "metrics/more", {"event": "e", "aggregate": "count", "window": "1d"})._replace(
        value={"event": "e", "aggregate": "count", "window": "1d", "direction": "increase"}
    )
    for name in ("title", "description"):
        yield _free(METRICS, f"metrics/minutes/{name}", "Other words")
    for name in ("event", "value", "column", "covariate_column"):
        yield _plan(METRICS, f"metrics/minutes/{name}", "other")
    changes = {"aggregate": "mean", "window": "2d", "open": True, "direction": "decrease"}
    changes |= {"covariate": "7d", "missing": "drop", "cap": 100}
    for name, value in changes.items():
        yield _plan(METRICS, f"metrics/minutes/{name}", value)
    yield _plan(METRICS, "metrics/minutes/cap/quantile", "98%")
    yield _plan(METRICS, "metrics/plays/window/from", "2d")
    yield _plan(METRICS, "metrics/plays/window/to", "4d")
    yield _same(METRICS, "metrics/minutes/window", {"from": "0d", "to": "1d"})
    yield _plan(METRICS, "metrics/latency/quantile", "99%")
    yield _plan(METRICS, "metrics/latency/cap", GONE)
    counts = {"event": "a", "aggregate": "count"}
    yield _plan(METRICS, "metrics/crashes/ratio", {"numerator": counts, "denominator": counts})
    for side in ("numerator", "denominator"):
        yield _plan(METRICS, f"metrics/crashes/ratio/{side}", counts)
        yield _plan(METRICS, f"metrics/crashes/ratio/{side}/aggregate", "mean")
        yield _plan(METRICS, f"metrics/crashes/ratio/{side}/cap", 5)
        yield _plan(METRICS, f"metrics/crashes/ratio/{side}/cap/quantile", "98%")
        for name in ("event", "value", "column", "covariate_column"):
            yield _plan(METRICS, f"metrics/crashes/ratio/{side}/{name}", "other")
    yield _misnamed(BASELINE, "surface", "other")
    yield _free(BASELINE, "daily_units", 5)
    yield _free(BASELINE, "metrics", GONE)
    yield _free(BASELINE, "metrics/plays", {"mean": 1, "std": 1})
    yield _free(BASELINE, "metrics/minutes/mean", 1)
    yield _free(BASELINE, "metrics/minutes/std", 1)
    yield _free(BASELINE, "metrics/minutes/variance_reduction", "5%")


def every_edit() -> list[Edit]:
    """All of them."""
    kinds = (experiment_edits, ledger_edits, coord_edits, surface_edits, metric_edits)
    return [edit for kind in kinds for edit in kind()]
