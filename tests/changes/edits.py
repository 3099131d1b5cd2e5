"""A concrete edit of every field of every file, made to the organisation of `rich`."""

from collections.abc import Iterator

from changes.edit import Edit, free, history, misnamed, plan, refused, same, space, unknown
from changes.edits_of_experiments import experiment_edits
from changes.rich import BASELINE, COORD, FILES, HOME, LEDGER, METRICS, SIZE
from changes.trees import GONE, digest, encoded


def ledger_edits() -> Iterator[Edit]:
    """Edits of every field of a ledger."""
    yield misnamed(LEDGER, "experiment", "home/other")
    yield history(LEDGER, "space", "device")
    yield refused(LEDGER, "version", 2)
    yield same(LEDGER, "migrated", True, "drawn entries stay drawn")
    yield free(LEDGER, "entries/2", GONE, "of a step to come")._replace(over=frozenset({"CHG003"}))
    drawn = {"avoids": {}, "buckets": encoded(range(90, 95), SIZE)}
    yield history(LEDGER, "entries", [drawn | {"digest": digest(range(90, 95), SIZE)}])
    yield history(LEDGER, "entries/0", {"migrated": True, "buckets": "0:10"})
    yield history(LEDGER, "entries/0/buckets", encoded(range(11), SIZE))
    yield history(LEDGER, "entries/0/digest", "f" * 64)
    yield history(LEDGER, "entries/0/avoids", {})
    yield history(LEDGER, "entries/0/avoids/home/plain", "f" * 64)._replace(
        pointer=("entries", 0, "avoids", "home/plain")
    )
    yield refused(LEDGER, "entries/0/migrated", True, "with a digest")


def coord_edits() -> Iterator[Edit]:
    """Edits of every field of coord.yaml."""
    yield space(COORD, "spaces", {"device": {"unit": "d", "salt": "other", "buckets": 100}})._replace(
        unstarted=frozenset({"REF001"}), started=frozenset({"CHG004", "REF001"}), over=frozenset({"REF001"})
    )
    yield free(COORD, "spaces/third", {"unit": "x", "salt": "third", "buckets": 100})
    yield free(COORD, "spaces/device", GONE, "a space without experiments")
    yield free(COORD, "spaces/device/salt", "other", "a space without experiments")
    for name, value in (("unit", "account_id"), ("salt", "other"), ("buckets", 2 * SIZE)):
        yield space(COORD, f"spaces/user/{name}", value)
    yield free(COORD, "teams", ["other-team", "home-team", "third-team"])
    yield free(COORD, "teams/1", "third-team")
    yield same(COORD, "decision", GONE)
    for name, value in (("alpha", "10%"), ("power", "90%"), ("srm_alpha", "1%"), ("srm_min_deviation", "1%")):
        yield plan(COORD, f"decision/{name}", value)
    yield plan(COORD, "decision/method", "always_valid")
    yield same(COORD, "decision/alpha", "5.0%")
    yield free(COORD, "logs", GONE)
    for name in ("timestamp", "unit", "experiment", "variant"):
        yield free(COORD, f"logs/exposures/{name}", "other")
    for name in ("timestamp", "unit", "event"):
        yield free(COORD, f"logs/events/{name}", "other")
    yield free(COORD, "logs/exposures", GONE)
    yield free(COORD, "logs/events", GONE)


def surface_edits() -> Iterator[Edit]:
    """Edits of every field of a surface."""
    yield misnamed(HOME, "surface", "other")
    for name in ("title", "description"):
        yield free(HOME, name, "Other words")
    yield free(HOME, "owner", "other-team")
    yield space(HOME, "space", "device")
    yield free(HOME, "components", {"header": "1", "shelf": "2", "unused": "3", "more": "4"})
    yield unknown(HOME, "components", {"header": "1"})._replace(
        started=frozenset({"CHG001", "REF001"}), over=frozenset({"LIF003", "REF001"})
    )
    yield free(HOME, "components/header", "Other words")
    yield free(HOME, "audience/age", {"values": ["young", "old"]})
    yield unknown(HOME, "audience", GONE)._replace(
        started=frozenset({"CHG001", "REF001"}), over=frozenset({"LIF003", "REF001"})
    )
    yield free(HOME, "audience/country", {"fixed": True, "values": ["SE", "US", "NO"]})
    yield free(HOME, "audience/country/fixed", False)
    yield free(HOME, "audience/country/values", ["SE", "US", "NO", "DK"])
    yield free(HOME, "audience/country/values/SE", "5%")
    yield free(HOME, "audience/platform/values/2", "web")
    yield unknown(HOME, "audience/platform/values/0", "web")
    yield plan(HOME, "metrics", GONE)
    yield plan(HOME, "metrics/success", [])
    yield plan(HOME, "metrics/success/1", {"metric": "spare", "mde": "1%"})
    yield plan(HOME, "metrics/success/0/metric", "spare")
    yield plan(HOME, "metrics/success/0/mde", "4%")
    yield plan(HOME, "metrics/success/0/since", "2026-03-05", "binds them no more")
    yield same(HOME, "metrics/success/0/since", "2026-02-01")
    yield free(HOME, "metrics/success/1", {"metric": "spare", "mde": "1%", "since": "2026-03-03"})
    yield plan(HOME, "metrics/guardrail", GONE)
    yield plan(HOME, "metrics/guardrail/2", {"metric": "spare", "margin": "1%"})
    yield plan(HOME, "metrics/guardrail/1/metric", "spare")
    yield plan(HOME, "metrics/guardrail/1/margin", "1%")
    yield plan(HOME, "metrics/guardrail/1/since", "2026-03-05")
    yield free(HOME, "metrics/guardrail/2", {"metric": "spare", "margin": "1%", "since": "2026-03-11"})
    yield free(HOME, "budget", GONE)
    yield free(HOME, "budget/component", "100%")
    yield free(HOME, "budget/per_unit", 3)
    yield free(HOME, "budget/concurrent", 30)
    yield free(HOME, "budget/teams", {"other-team": "50%"})
    yield free(HOME, "budget/teams/home-team", "140%")
    yield free(HOME, "policy", GONE)
    for name in ("min_days", "max_days", "cooldown_days"):
        yield free(HOME, f"policy/{name}", 14)
    yield free(HOME, "waivers", [])
    yield free(HOME, "waivers/1", {"rule": "BUD001", "experiment": "home/rich"})
    yield free(HOME, "waivers/0/rule", "CHG001", "which nobody can waive")
    yield free(HOME, "waivers/0/experiment", "home/held")
    yield free(HOME, "waivers/0/with", "home/held")
    yield free(HOME, "waivers/0/reason", "Another")
    yield free(HOME, "waivers/0/until", "2026-05-01")


def metric_edits() -> Iterator[Edit]:
    """Edits of every field of metrics.yaml and of a baseline."""
    used = {name: metric for name, metric in FILES[METRICS]["metrics"].items() if name != "spare"}
    yield free(METRICS, "metrics", used, "without one that nobody uses")
    yield free(METRICS, "metrics/spare", GONE, "that nobody uses")
    yield free(METRICS, "metrics/spare/event", "other", "that nobody uses")
    yield free(METRICS, "metrics/more", {"event": "e", "aggregate": "count", "window": "1d"})._replace(
        value={"event": "e", "aggregate": "count", "window": "1d", "direction": "increase"}
    )
    for name in ("title", "description"):
        yield free(METRICS, f"metrics/minutes/{name}", "Other words")
    for name in ("event", "value", "column", "covariate_column"):
        yield plan(METRICS, f"metrics/minutes/{name}", "other")
    changes = {"aggregate": "mean", "window": "2d", "open": True, "direction": "decrease"}
    changes |= {"covariate": "7d", "missing": "drop", "cap": 100}
    for name, value in changes.items():
        yield plan(METRICS, f"metrics/minutes/{name}", value)
    yield plan(METRICS, "metrics/minutes/cap/quantile", "98%")
    yield plan(METRICS, "metrics/plays/window/from", "2d")
    yield plan(METRICS, "metrics/plays/window/to", "4d")
    yield same(METRICS, "metrics/minutes/window", {"from": "0d", "to": "1d"})
    yield plan(METRICS, "metrics/latency/quantile", "99%")
    yield plan(METRICS, "metrics/latency/cap", GONE)
    counts = {"event": "a", "aggregate": "count"}
    yield plan(METRICS, "metrics/crashes/ratio", {"numerator": counts, "denominator": counts})
    for side in ("numerator", "denominator"):
        yield plan(METRICS, f"metrics/crashes/ratio/{side}", counts)
        yield plan(METRICS, f"metrics/crashes/ratio/{side}/aggregate", "mean")
        yield plan(METRICS, f"metrics/crashes/ratio/{side}/cap", 5)
        yield plan(METRICS, f"metrics/crashes/ratio/{side}/cap/quantile", "98%")
        for name in ("event", "value", "column", "covariate_column"):
            yield plan(METRICS, f"metrics/crashes/ratio/{side}/{name}", "other")
    yield misnamed(BASELINE, "surface", "other")
    yield free(BASELINE, "daily_units", 5)
    yield free(BASELINE, "metrics", GONE)
    yield free(BASELINE, "metrics/plays", {"mean": 1, "std": 1})
    yield free(BASELINE, "metrics/minutes/mean", 1)
    yield free(BASELINE, "metrics/minutes/std", 1)
    yield free(BASELINE, "metrics/minutes/variance_reduction", "5%")


def every_edit() -> list[Edit]:
    """All of them."""
    kinds = (experiment_edits, ledger_edits, coord_edits, surface_edits, metric_edits)
    return [edit for kind in kinds for edit in kind()]
