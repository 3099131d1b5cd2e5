"""A concrete edit of every field of an experiment, made to the organisation of `rich`."""

from collections.abc import Iterator
from typing import Any

from changes.edit import Edit, free, frozen, grows, lowered, misnamed, refused, same, unknown
from changes.rich import HELD, IDEA, PLAIN, RICH
from changes.trees import GONE

_SYSTEM: dict[str, Any] = {"kind": "llm", "platform": "ml", "id": "writer"}


def _dates_and_traffic() -> Iterator[Edit]:
    yield frozen(PLAIN, "start", "2026-03-03")
    yield frozen(PLAIN, "start", "2026-03-11", "to come again")
    yield frozen(PLAIN, "start", "2026-03-01", "earlier")
    yield grows(PLAIN, "end", "2026-03-20", "stopped early")
    yield grows(PLAIN, "end", "2026-03-10", "stopped today")
    yield frozen(PLAIN, "end", "2026-03-09", "stopped yesterday")
    yield frozen(PLAIN, "end", "2026-04-20", "a fixed plan extended after a look")
    yield grows(RICH, "end", "2026-04-20", "a sequential plan extended")
    yield grows(HELD, "end", "2026-04-20", "a holdback extended")
    yield refused(PLAIN, "end", GONE)
    yield frozen(PLAIN, "traffic", "30%", "raised in place")
    yield lowered(PLAIN, "traffic", "10%")
    yield grows(PLAIN, "traffic", {"2026-03-02": "20%", "2026-03-11": "30%"}, "raised from tomorrow")
    yield frozen(PLAIN, "traffic", {"2026-03-02": "20%", "2026-03-10": "30%"}, "raised from today")
    yield same(PLAIN, "traffic", {"2026-03-02": "20%"})
    yield frozen(RICH, "traffic/2026-03-02", "6%", "a step of the past")
    yield frozen(RICH, "traffic/2026-03-06", "15%", "the step in force, raised")
    yield lowered(RICH, "traffic/2026-03-06", "8%", "the step in force, lowered")
    yield frozen(RICH, "traffic/2026-03-04", "7%", "another step in the past")
    yield grows(RICH, "traffic/2026-03-20", "50%", "a step to come, raised")
    yield grows(RICH, "traffic/2026-03-20", "10%", "a step to come, lowered to what is in force")
    yield grows(RICH, "traffic/2026-03-20", GONE, "a step to come, taken back")
    yield grows(RICH, "traffic/2026-03-25", "50%", "another step to come")
    yield lowered(RICH, "traffic", "5%", "back to the first step")


def _where_and_who() -> Iterator[Edit]:
    yield frozen(RICH, "components", ["header"])
    yield frozen(RICH, "components", GONE)
    yield frozen(RICH, "components/0", "unused")
    yield frozen(RICH, "components/2", "unused")
    yield unknown(RICH, "components/2", "nowhere")._replace(
        started=frozenset({"REF001"}), over=frozenset({"REF001"}), note="unknown, and so dropped"
    )
    yield same(RICH, "components", ["search/results", "home/header"])
    yield frozen(RICH, "exclusive_with", GONE)
    yield frozen(RICH, "exclusive_with", ["home/plain"], "a draft may become active")
    yield frozen(RICH, "exclusive_with/0", "home/held")
    yield grows(RICH, "exclusive_with/2", "home/held")
    yield grows(PLAIN, "exclusive_with", ["home/rich"])
    yield same(RICH, "exclusive_with", ["home/idea", "home/plain"])
    yield frozen(HELD, "holds", GONE)
    yield frozen(HELD, "holds", "all", "all that there are today, and any that come")
    yield frozen(HELD, "holds/1", GONE)
    yield same(HELD, "holds", ["search", "home"])
    yield frozen(RICH, "audience", GONE)
    yield frozen(RICH, "audience/platform", GONE)
    yield frozen(RICH, "audience/platform", ["android"])
    yield frozen(RICH, "audience/country/2", "NO", "wider")
    yield frozen(RICH, "audience/country/1", GONE, "narrower")
    yield frozen(PLAIN, "audience", {"platform": ["ios", "android"]}, "the rest leaves")
    yield same(RICH, "audience/country", ["US", "SE"])
    yield same(PLAIN, "audience", {})


def _assignment() -> Iterator[Edit]:
    yield frozen(RICH, "salt", GONE)
    yield frozen(RICH, "salt", "another-salt")
    yield same(PLAIN, "salt", "home/plain")
    yield frozen(RICH, "logged_as", GONE)
    yield frozen(RICH, "logged_as", "another-name")
    yield same(PLAIN, "logged_as", "home/plain")
    yield frozen(PLAIN, "variants", [{"name": "new"}, {"name": "control"}], "in another order")
    yield frozen(PLAIN, "variants/2", {"name": "third"})
    yield same(PLAIN, "variants/0", {"name": "control", "weight": 1, "logged_as": "control"})
    yield frozen(RICH, "variants/1/name", "renamed")
    yield frozen(RICH, "variants/1/weight", 2)
    yield same(RICH, "variants/0/weight", GONE)
    yield frozen(RICH, "variants/0/logged_as", GONE)
    yield frozen(RICH, "variants/1/logged_as", "other")
    yield frozen(RICH, "variants/1/serves", GONE)
    yield frozen(RICH, "variants/0/serves", {"flag": "home.rich"})
    yield frozen(RICH, "variants/1/serves/flag", "other")
    yield frozen(RICH, "variants/1/serves/more", None)
    yield frozen(RICH, "variants/1/serves/value", True, "true is no 1")
    yield frozen(RICH, "variants/1/serves/value", "1", "text is no number")
    yield same(RICH, "variants/1/serves", {"value": 1, "flag": "home.rich"})
    yield frozen(RICH, "variants/1/system", GONE)
    yield frozen(PLAIN, "variants/1/system", _SYSTEM)
    yield frozen(RICH, "variants/1/system/kind", "recommender")
    for name in ("platform", "id", "version"):
        yield frozen(RICH, f"variants/1/system/{name}", "other")
    yield frozen(RICH, "variants/1/system/version", GONE)
    yield frozen(RICH, "variants/1/system/updates", "frozen")
    yield frozen(RICH, "variants/1/system/learns_from", "all")


def _decision_of_one() -> Iterator[Edit]:
    yield frozen(RICH, "metrics", GONE)
    yield grows(PLAIN, "metrics", {"success": [{"metric": "spare", "mde": "1%"}]}, "one more")
    yield frozen(RICH, "metrics/success", [])
    yield frozen(RICH, "metrics/success", GONE)
    yield frozen(RICH, "metrics/success/0", {"metric": "spare", "mde": "3%"})
    yield grows(RICH, "metrics/success/1", {"metric": "spare", "mde": "3%"})
    yield frozen(RICH, "metrics/success/0/metric", "spare")
    yield frozen(RICH, "metrics/success/0/mde", "4%")
    yield frozen(RICH, "metrics/success/0/mde", GONE)
    yield grows(RICH, "metrics/success/0/mde", "2%")
    yield frozen(RICH, "metrics/guardrail", GONE, "back to the margin of the surface, which is wider")
    yield frozen(RICH, "metrics/guardrail/0", {"metric": "spare", "margin": "1%"})
    yield grows(RICH, "metrics/guardrail/1", {"metric": "spare", "margin": "1%"})
    yield frozen(RICH, "metrics/guardrail/0/metric", "spare")
    yield frozen(RICH, "metrics/guardrail/0/margin", "1.5%")
    yield frozen(RICH, "metrics/guardrail/0/margin", GONE)
    yield grows(RICH, "metrics/guardrail/0/margin", "0.5%")
    moved = {"success": [], "guardrail": [{"metric": "crashes", "margin": "1%"}, {"metric": "plays"}]}
    yield frozen(RICH, "metrics", moved, "another role")
    yield frozen(RICH, "analysis", GONE)
    yield frozen(RICH, "analysis/method", "always_valid")
    yield frozen(RICH, "analysis/method", GONE)
    yield frozen(RICH, "analysis/spending", "power2")
    yield frozen(RICH, "analysis/looks", GONE)
    yield frozen(RICH, "analysis/looks/0", "2026-03-16")
    yield frozen(RICH, "analysis/planned", 6000)
    yield frozen(PLAIN, "analysis", {"method": "always_valid"})
    yield same(PLAIN, "analysis", {"spending": "power2"})
    yield same(PLAIN, "analysis", {"method": "fixed"})
    yield frozen(HELD, "evaluate_from", "2026-03-21")
    yield frozen(HELD, "evaluate_from", GONE)


def experiment_edits() -> Iterator[Edit]:
    """Edits of every field of an experiment."""
    yield misnamed(RICH, "experiment", "other")
    yield misnamed(RICH, "surface", "search")
    yield frozen(RICH, "kind", "rollout")
    yield free(RICH, "title", "Another title")
    yield free(RICH, "owner", "other-team")
    yield frozen(RICH, "hypothesis", "It gets worse.")
    yield frozen(RICH, "status", "draft")
    yield free(IDEA, "hypothesis", "Something else.", "of a draft")
    yield from _dates_and_traffic()
    yield from _where_and_who()
    yield from _assignment()
    yield from _decision_of_one()
    yield free(RICH, "outcome", {"decision": "shipped", "on": "2026-04-01", "note": "It rose."})
    for name, value in (("decision", "shipped"), ("on", "2026-04-02"), ("note", "Fell.")):
        whole = {"decision": "inconclusive", "on": "2026-04-01", "note": "-"} | {name: value}
        yield free(RICH, "outcome", whole)._replace(pointer=("outcome", name), value=(whole, value))
