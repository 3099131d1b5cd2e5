"""An organisation that says everything that can be said, with an experiment of every kind.

All experiments run from 2026-03-02 to 2026-03-30; the days below make them unstarted, started and over.
"""

from typing import Any

from changes.trees import digest, encoded, experiment_path, ledger_path, surface_path

UNSTARTED, STARTED, OVER = "2026-02-20", "2026-03-10", "2026-04-10"
SIZE = 200

COORD, METRICS = "surfaces/coord.yaml", "surfaces/metrics.yaml"
HOME, SEARCH = surface_path("home"), surface_path("search")
BASELINE = "surfaces/home/baseline.yaml"
RICH, PLAIN, HELD, IDEA = (experiment_path(f"home/{name}") for name in ("rich", "plain", "held", "idea"))
LEDGER = ledger_path("home/rich")

_DATES = {"start": "2026-03-02", "end": "2026-03-30"}
_TEXTS = {"title": "A title", "owner": "home-team", "hypothesis": "It gets better.", "status": "active"}

_RICH = {
    "experiment": "rich",
    "surface": "home",
    "kind": "ab_test",
    **_TEXTS,
    **_DATES,
    "traffic": {"2026-03-02": "5%", "2026-03-06": "10%", "2026-03-20": "20%"},
    "components": ["header", "search/results"],
    "exclusive_with": ["home/plain", "home/idea"],
    "audience": {"country": ["SE", "US"], "platform": ["ios"]},
    "salt": "salt-of-rich",
    "logged_as": "home_rich",
    "variants": [
        {"name": "control", "weight": 1, "logged_as": "zero"},
        {
            "name": "new",
            "weight": 1,
            "serves": {"flag": "home.rich", "value": 1},
            "system": {
                "kind": "ranker",
                "platform": "ml",
                "id": "home-ranker",
                "version": "8",
                "updates": "continuous",
                "learns_from": "own_arm",
            },
            "logged_as": "one",
        },
    ],
    "metrics": {
        "success": [{"metric": "plays", "mde": "3%"}],
        "guardrail": [{"metric": "crashes", "margin": "1%"}],
    },
    "analysis": {
        "method": "group_sequential",
        "spending": "pocock",
        "looks": ["2026-03-09", "2026-03-30"],
        "planned": 5000,
    },
}

_PLAIN = {
    "experiment": "plain",
    "surface": "home",
    "kind": "ab_test",
    **_TEXTS,
    **_DATES,
    "traffic": "20%",
    "components": ["shelf"],
    "variants": [{"name": "control"}, {"name": "new"}],
}

_HELD = {
    "experiment": "held",
    "surface": "home",
    "kind": "holdback",
    **_TEXTS,
    **_DATES,
    "traffic": "5%",
    "holds": ["home", "search"],
    "evaluate_from": "2026-03-20",
}

_COORD = {
    "spaces": {
        "user": {"unit": "user_id", "salt": "salt-of-users", "buckets": SIZE},
        "device": {"unit": "device_id", "salt": "salt-of-devices", "buckets": 100},
    },
    "teams": ["home-team", "other-team"],
    "decision": {
        "alpha": "5%",
        "power": "80%",
        "srm_alpha": "0.1%",
        "srm_min_deviation": "0.1%",
        "method": "fixed",
    },
    "logs": {
        "exposures": {"timestamp": "t", "unit": "u", "experiment": "e", "variant": "v"},
        "events": {"timestamp": "t", "unit": "u", "event": "e"},
    },
}

_PART = {
    "event": "play",
    "value": "minutes",
    "aggregate": "sum",
    "cap": {"quantile": "99%"},
    "column": "column_of_a_part",
    "covariate_column": "before",
}

_METRICS = {
    "minutes": {
        "title": "Minutes",
        "description": "Minutes played.",
        "event": "play",
        "value": "minutes",
        "aggregate": "sum",
        "window": "1d",
        "open": False,
        "direction": "increase",
        "cap": {"quantile": "99%"},
        "covariate": "14d",
        "missing": "zero",
        "column": "minutes",
        "covariate_column": "minutes_before",
    },
    "plays": {
        "event": "play",
        "aggregate": "count",
        "window": {"from": "1d", "to": "3d"},
        "direction": "increase",
    },
    "crashes": {
        "ratio": {"numerator": _PART, "denominator": _PART},
        "window": "1d",
        "direction": "decrease",
    },
    "latency": {
        "quantile": "95%",
        "event": "start",
        "value": "ms",
        "window": "1d",
        "direction": "decrease",
        "cap": 1440,
    },
    "spare": {"event": "spare", "aggregate": "count", "window": "1d", "direction": "increase"},
}

_HOME = {
    "surface": "home",
    "title": "Home",
    "description": "The first screen.",
    "owner": "home-team",
    "space": "user",
    "components": {"header": "The top", "shelf": "The shelves", "unused": "Nothing yet"},
    "audience": {
        "country": {"fixed": True, "values": {"SE": "10%", "US": "60%", "NO": "20%"}},
        "platform": {"values": ["ios", "android"]},
    },
    "metrics": {
        "success": [{"metric": "minutes", "mde": "5%", "since": "2026-01-01"}],
        "guardrail": [
            {"metric": "crashes", "margin": "2%", "since": "2026-01-01"},
            {"metric": "latency", "margin": "2%"},
        ],
    },
    "budget": {"component": "90%", "per_unit": 8, "concurrent": 60, "teams": {"home-team": "150%"}},
    "policy": {"min_days": 7, "max_days": 56, "cooldown_days": 1},
    "waivers": [
        {
            "rule": "BKT001",
            "experiment": "home/rich",
            "with": "home/plain",
            "reason": "additive",
            "until": "2026-06-01",
        }
    ],
}

_SEARCH = {
    "surface": "search",
    "title": "Search",
    "owner": "home-team",
    "space": "user",
    "components": {"results": "The results"},
}

_BASELINE = {
    "surface": "home",
    "daily_units": 1000,
    "metrics": {"minutes": {"mean": 41.2, "std": 55.0, "variance_reduction": "35%"}},
}


def _ledger(key: str, *entries: range) -> dict[str, Any]:
    held: list[int] = []
    made = []
    for entry in entries:
        held += entry
        avoids = {"home/plain": "0" * 64}
        made.append({"avoids": avoids, "buckets": encoded(entry, SIZE), "digest": digest(held, SIZE)})
    return {"experiment": key, "space": "user", "version": 1, "entries": made}


FILES: dict[str, Any] = {
    COORD: _COORD,
    METRICS: {"metrics": _METRICS},
    HOME: _HOME,
    SEARCH: _SEARCH,
    BASELINE: _BASELINE,
    RICH: _RICH,
    PLAIN: _PLAIN,
    HELD: _HELD,
    IDEA: {"experiment": "idea", "surface": "home", "kind": "rollout", **_TEXTS, "status": "draft"}
    | {"variants": [{"name": "new"}]},
    LEDGER: _ledger("home/rich", range(10), range(10, 20), range(20, 40)),
    ledger_path("home/plain"): _ledger("home/plain", range(40, 80)),
    ledger_path("home/held"): _ledger("home/held", range(80, 90)),
}
