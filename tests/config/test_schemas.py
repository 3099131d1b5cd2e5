"""The schemas: valid draft-07, documented for editors, and strict exactly where the model says so."""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsonschema
import jsonschema_rs
import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS: Final = Path(__file__).parents[2] / "schemas"
KINDS: Final = ("coord", "metrics", "surface", "baseline", "experiment", "allocation", "check")
ANNOTATIONS: Final = {"$ref", "title", "description", "default", "examples"}
CONDITIONS: Final = ("if", "then", "else", "not", "allOf")
GONE: Final = object()
HEX: Final = "0f3d4470a9116f7bc020b43e0842ca2e4f604be0e499e60597aaea389cd744c1"


class _Loader(yaml.CSafeLoader):
    """YAML 1.2 as far as the examples need it: dates, `on` and `no` stay strings."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), ["t", "f"])

COORD = """
spaces:
  user:
    unit: user_id
    salt: MegaSalt-acme
    buckets: 10000
teams: [home-platform, podcasts, search, growth]
decision:
  alpha: 5%
  power: 80%
  srm_alpha: 0.1%
  srm_min_deviation: 0.1%
  method: fixed
logs:
  exposures: {timestamp: timestamp, unit: user_id, experiment: experiment, variant: variant}
  events: {timestamp: timestamp, unit: user_id, event: event}
"""
SURFACE = """
surface: home
title: Mobile home screen
description: What belongs here, and what does not.
owner: home-platform
space: user
components:
  header: Everything above the first shelf
  shelf-ranking: The order of shelves
audience:
  country: {fixed: true, values: {SE: 10%, US: 60%, BR: 20%}}
  platform: {values: {ios: 45%, android: 55%}}
  language: {values: [sv, no, pt]}
metrics:
  success: [{metric: minutes_played, mde: 1%}]
  guardrail: [{metric: crash_rate, margin: 2%}, {metric: retention_7d, margin: 1%, since: 2026-04-01}]
budget:
  component: 90%
  per_unit: 8
  concurrent: 60
  teams: {podcasts: 150%}
policy: {min_days: 7, max_days: 56, cooldown_days: 0}
waivers:
  - rule: BKT001
    experiment: home/podcast-shelf
    with: home/header-test
    reason: additive copy change
    until: 2026-04-01
"""
EXPERIMENT = """
experiment: podcast-shelf
surface: home
kind: ab_test
title: Podcast shelf above music
owner: podcasts
hypothesis: A podcast shelf raises weekly listening without hurting music.
status: active
start: 2026-03-02
end: 2026-03-30
traffic: 20%
components: [shelf-ranking, search/results]
exclusive_with: [home/hero-banner]
audience: {country: [SE, US], platform: [ios]}
salt: home/podcast-shelf
logged_as: home_podcast_shelf
variants:
  - {name: control, weight: 1}
  - name: shelf
    weight: 1
    logged_as: shelf_top
    serves: {flag: home.podcast-shelf, value: top}
  - name: ranker-v8
    weight: 1
    system:
      kind: contextual_bandit
      platform: ml-platform
      id: home-ranker
      version: "8"
      updates: continuous
      learns_from: own_arm
metrics:
  success: [{metric: podcast_starts, mde: 3%}]
  guardrail: []
analysis:
  method: group_sequential
  spending: power2
  looks: [2026-03-09, 2026-03-16, 2026-03-30]
  planned: 182190
outcome: {decision: shipped, on: 2026-04-02, note: Shipped to everybody.}
"""
ROLLOUT = """
experiment: new-player
surface: home
kind: rollout
title: New player
owner: growth
hypothesis: The new player does no harm.
status: active
start: 2026-03-02
end: 2026-04-02
traffic: {2026-03-02: 1%, 2026-03-05: 20%}
components: []
variants: [{name: on}]
"""
HOLDBACK = """
experiment: spring
surface: home
kind: holdback
title: Spring holdback
owner: home-platform
hypothesis: All of the spring's changes together raise retention.
status: active
start: 2026-03-01
end: 2026-06-01
traffic: 5%
holds: [home, search]
evaluate_from: 2026-05-01
"""
DRAFT = """
experiment: idea
surface: home
kind: ab_test
title: An idea
owner: podcasts
hypothesis: It may help.
status: draft
variants: [{name: off}, {name: on}]
"""
METRICS = """
metrics:
  minutes_played:
    title: Minutes played per user
    description: In the foreground.
    event: play
    value: minutes
    aggregate: sum
    window: 7d
    direction: increase
    cap: 1440
    covariate: 14d
    missing: zero
    open: false
  retention_7d:
    {event: open, aggregate: any, window: {from: 7d, to: 14d}, direction: increase, column: retention_7}
  ctr:
    ratio: {numerator: {event: click, aggregate: count}, denominator: {event: impression, aggregate: count}}
    window: 7d
    direction: increase
  start_latency_p95: {quantile: 95%, event: start, value: ms, window: 7d, direction: decrease}
  revenue:
    event: buy
    aggregate: sum
    column: rev
    covariate_column: pre
    cap: {quantile: 99.9%}
    window: 7d
    direction: increase
"""
BASELINE = """
surface: home
daily_units: 120000
metrics:
  minutes_played: {mean: 41.2, std: 55.0, variance_reduction: 35%}
"""
LEDGER = f"""
experiment: home/podcast-shelf
space: user
version: 1
entries:
  - avoids:
      home/hero-banner: {HEX}
    buckets: "base64:AAEC
      AwQ="
    digest: {HEX}
"""
MIGRATED = """
experiment: home/podcast-shelf
space: user
version: 1
migrated: true
entries:
  - buckets: "0:2000 4000:4100"
"""
CHECK = """
format: coord.check/1
root: /repo
today: 2026-03-01
base: null
counts: {error: 2, warning: 1, info: 0, skipped: 1}
findings:
  - code: BKT001
    severity: error
    message: home/b shares buckets with home/a.
    hint: Redraw the later one.
    url: null
    experiment: home/b
    surface: home
    location: {path: surfaces/home/experiments/b.yaml, line: 1, column: 1, pointer: ""}
    related:
      - experiment: home/a
        location: {path: surfaces/home/experiments/a.yaml, line: null, column: null, pointer: null}
        message: the other one
    days: {from: 2026-03-02, to: 2026-03-09}
    buckets: 12
    new: true
    data:
      space: user
      reasons: [{kind: component, component: home/header}]
      waived: {reason: copy, until: 2026-04-01}
  - code: BUD001
    severity: error
    message: Over.
    hint: null
    url: null
    experiment: home/b
    surface: home
    location: null
    related: []
    days: null
    buckets: null
    new: null
    data:
      limit: component
      component: home/header
      team: null
      allowed: 100%
      used: 110%
      over: 10%
      first_day: 2026-03-02
      peak_day: 2026-03-02
      cell: {country: {values: [SE], rest: false}}
      contributors: [{experiment: home/a, traffic: 60%}, {experiment: home/b, traffic: 50%}]
      largest_that_fits: 40%
  - code: LIF005
    severity: warning
    message: Too soon.
    hint: null
    url: null
    experiment: null
    surface: null
    location: null
    related: []
    days: null
    buckets: null
    new: null
    data: {}
skipped: [{code: BUD006, path: surfaces/home/experiments/idea.yaml, reason: it has no dates}]
not_run: [CHG001]
not_replayable: [{experiment: home/a, entry: 1, reason: home/c has changed since}]
"""
EXAMPLES: Final = {
    "coord": ("coord", COORD),
    "metrics": ("metrics", METRICS),
    "surface": ("surface", SURFACE),
    "baseline": ("baseline", BASELINE),
    "experiment": ("experiment", EXPERIMENT),
    "rollout": ("experiment", ROLLOUT),
    "holdback": ("experiment", HOLDBACK),
    "draft": ("experiment", DRAFT),
    "ledger": ("allocation", LEDGER),
    "migrated": ("allocation", MIGRATED),
    "check": ("check", CHECK),
}


@cache
def schema(kind: str) -> dict[str, Any]:
    """The schema of a kind of file."""
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    return loaded


@cache
def validators(kind: str) -> tuple[jsonschema.Draft7Validator, jsonschema_rs.Draft7Validator]:
    """The reference validator and the one that `coord` uses."""
    return jsonschema.Draft7Validator(schema(kind)), jsonschema_rs.Draft7Validator(schema(kind))


def pointer(path: Any) -> str:
    """A path of keys and indices as a JSON Pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def failures(kind: str, document: object) -> set[str]:
    """Where a document fails, on which both validators have to agree."""
    python, rust = (list(validator.iter_errors(document)) for validator in validators(kind))
    # for a forbidden key jsonschema names the object that has it, jsonschema_rs the key itself
    comparable = {
        pointer(e.instance_path[:-1] if e.kind.name == "falseSchema" else e.instance_path) for e in rust
    }
    assert comparable == {pointer(error.absolute_path) for error in python}
    return {pointer(error.instance_path) for error in rust}


def changed(example: str, at: str, value: object) -> tuple[str, Any]:
    """An example with one value put at a pointer, or taken out."""
    kind, text = EXAMPLES[example]
    document = yaml.load(text, Loader=_Loader)
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in at.split("/")[1:]]
    node = document
    for part in parents:
        node = node[int(part)] if isinstance(node, list) else node[part]
    if value is GONE:
        del node[int(last) if isinstance(node, list) else last]
    elif isinstance(node, list):
        node[int(last)] = copy.deepcopy(value)
    else:
        node[last] = copy.deepcopy(value)
    return kind, document


def subschemas(node: object) -> Iterator[dict[str, Any]]:
    """Every object inside a schema, itself included."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from subschemas(child)


def described(node: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every property that a schema declares, by its place; conditions only narrow or forbid such."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from described(child, f"{path}/{index}")
    elif isinstance(node, dict):
        for key, child in node.items():
            if key == "properties":
                for name, declared in child.items():
                    if declared is not False:
                        yield f"{path}/{name}", declared
                        yield from described(declared, f"{path}/{name}")
            elif key not in (*CONDITIONS, "default", "examples"):
                yield from described(child, f"{path}/{key}")


@pytest.mark.parametrize("kind", KINDS)
def test_schema_is_valid_draft_07(kind: str) -> None:
    jsonschema.Draft7Validator.check_schema(schema(kind))
    assert jsonschema_rs.meta.is_valid(schema(kind))
    assert schema(kind)["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema(kind)["$id"] == f"{kind}.schema.json"
    assert schema(kind)["title"]
    assert schema(kind)["description"]


def test_every_schema_is_known_here() -> None:
    assert {path.name for path in SCHEMAS.glob("*.json")} >= {f"{kind}.schema.json" for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_is_described(kind: str) -> None:
    properties = list(described(schema(kind)))
    assert len(properties) >= 6
    bare = [place for place, node in properties if not (isinstance(node, dict) and node.get("description"))]
    assert bare == []


@pytest.mark.parametrize("kind", KINDS)
def test_references_are_local_and_nothing_beside_them_validates(kind: str) -> None:
    """Draft-07 ignores what stands beside a `$ref`: only editors read it."""
    references = [node for node in subschemas(schema(kind)) if isinstance(node.get("$ref"), str)]
    names = {node["$ref"].removeprefix("#/definitions/") for node in references}
    assert names == set(schema(kind)["definitions"])
    assert [node for node in references if not set(node) <= ANNOTATIONS] == []


@pytest.mark.parametrize("kind", KINDS)
def test_defaults_and_examples_are_valid(kind: str) -> None:
    shown = 0
    for node in subschemas(schema(kind)):
        if "description" not in node or not isinstance(node["description"], str):
            continue
        alone = {"definitions": schema(kind)["definitions"], "allOf": [node]}
        for value in [*node.get("examples", []), *([node["default"]] if "default" in node else [])]:
            assert list(jsonschema.Draft7Validator(alone).iter_errors(value)) == []
            shown += 1
    assert shown > 0


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "check"])
def test_files_have_no_unknown_keys(kind: str) -> None:
    """Every object that declares properties is closed; the others are maps with checked keys, or `serves`."""
    free = [
        place
        for place, node in described(schema(kind))
        if isinstance(node, dict) and node.get("additionalProperties") is True
    ]
    assert free == (["/definitions/variant/serves"] if kind == "experiment" else [])
    objects = [node for node in subschemas(schema(kind)) if "object" in str(node.get("type"))]
    assert objects
    assert [
        node for node in objects if node.get("additionalProperties") is not False and "properties" in node
    ] == []
    assert [
        node for node in objects if "additionalProperties" not in node and node != {"type": "object"}
    ] == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_is_valid(example: str) -> None:
    kind, text = EXAMPLES[example]
    assert failures(kind, yaml.load(text, Loader=_Loader)) == set()


VALID: Final[list[tuple[str, str, object]]] = [
    ("coord", "/decision", GONE),
    ("coord", "/logs", {}),
    ("coord", "/spaces/user/buckets", 100),
    ("coord", "/spaces/user/buckets", 1000000),
    ("coord", "/spaces/user/salt", "a|b"),  # REF002
    ("coord", "/decision/alpha", "9999.999999%"),  # SYN004
    ("surface", "/description", GONE),
    ("surface", "/audience", GONE),
    ("surface", "/metrics", {}),
    ("surface", "/metrics/guardrail/0/margin", GONE),  # MET003
    ("surface", "/budget", {}),
    ("surface", "/budget/per_unit", 2.5),
    ("surface", "/policy", {}),
    ("surface", "/policy/cooldown_days", 3650),
    ("surface", "/waivers/0/reason", GONE),  # WVR001
    ("surface", "/waivers/0/until", GONE),  # WVR001
    ("surface", "/waivers/0/with", GONE),
    ("surface", "/audience/language/values", [f"v{i}" for i in range(300)]),
    ("surface", "/audience/platform/fixed", False),
    ("experiment", "/audience/country", []),  # REF001
    ("experiment", "/salt", "a|b"),  # REF002
    ("experiment", "/end", "2026-02-30"),  # SYN004
    ("experiment", "/variants/0/weight", "adaptive"),  # SYS001
    ("experiment", "/variants/0/weight", GONE),
    ("experiment", "/variants/2/system/version", GONE),  # SYS002
    ("experiment", "/variants/2/system", {"kind": "rules"}),
    ("experiment", "/variants/1/serves", {"flag": "x", "n": 1, "on": True, "deep": {"list": [None]}}),
    ("experiment", "/metrics", GONE),  # MET002
    ("experiment", "/components", GONE),
    ("experiment", "/experiment", "a" * 63),
    ("experiment", "/experiment", "7"),
    ("experiment", "/outcome", {"decision": "inconclusive"}),
    ("rollout", "/variants", [{"name": "control"}, {"name": "on"}]),
    ("holdback", "/holds", "all"),
    ("holdback", "/holds", GONE),
    ("holdback", "/components", []),
    ("draft", "/traffic", {"2026-03-02": "1%"}),
    ("metrics", "/metrics", {}),
    ("metrics", "/metrics/minutes_played/window", {"from": "0d", "to": "1d"}),
    ("metrics", "/metrics/retention_7d/column", GONE),
    ("metrics", "/metrics/start_latency_p95/aggregate", "sum"),
    (
        "metrics",
        "/metrics/ctr/ratio/numerator",
        {"event": "e", "aggregate": "sum", "column": "clk", "covariate_column": "p"},
    ),
    ("baseline", "/metrics/minutes_played/variance_reduction", GONE),
    ("baseline", "/metrics/minutes_played/mean", -3),
    ("ledger", "/entries/0/avoids", {}),
    ("ledger", "/entries/0", {"migrated": True, "buckets": "0:20"}),
    ("ledger", "/migrated", True),  # a drawn entry after migrated ones
    ("migrated", "/entries/0/buckets", "base64:AA=="),
    ("migrated", "/entries/0/migrated", True),
    ("check", "/more", 1),
    ("check", "/findings/2/data", {"free": [1]}),
    ("check", "/findings/0/data/more", 1),
    ("check", "/findings/1/data/cell", {}),
    ("check", "/base", "0123abc"),
]


@pytest.mark.parametrize(("example", "at", "value"), VALID)
def test_change_is_valid(example: str, at: str, value: object) -> None:
    kind, document = changed(example, at, value)
    assert failures(kind, document) == set()


HERE: Final = None  # fails where the change was made
INVALID: Final[list[tuple[str, str, object, str | None]]] = [
    # coord.yaml
    ("coord", "/spaces", GONE, ""),
    ("coord", "/teams", GONE, ""),
    ("coord", "/team", [], ""),
    ("coord", "/spaces/User", {"unit": "u", "salt": "s", "buckets": 100}, "/spaces"),
    ("coord", "/spaces/user/unit", GONE, "/spaces/user"),
    ("coord", "/spaces/user/salt", GONE, "/spaces/user"),
    ("coord", "/spaces/user/buckets", GONE, "/spaces/user"),
    ("coord", "/spaces/user/buckets", 99, HERE),
    ("coord", "/spaces/user/buckets", 1000001, HERE),
    ("coord", "/spaces/user/buckets", 1000.5, HERE),
    ("coord", "/spaces/user/buckets", "10000", HERE),
    ("coord", "/spaces/user/salt", "a\tb", HERE),
    ("coord", "/spaces/user/salt", "x" * 101, HERE),
    ("coord", "/spaces/user/unit", "", HERE),
    ("coord", "/spaces/user/seed", "x", "/spaces/user"),
    ("coord", "/teams", ["growth", "growth"], HERE),
    ("coord", "/teams/0", "Growth", HERE),
    ("coord", "/teams/0", True, HERE),
    ("coord", "/decision/alpha", 5, HERE),
    ("coord", "/decision/alpha", "05%", HERE),
    ("coord", "/decision/power", "80 %", HERE),
    ("coord", "/decision/srm_alpha", "0.1234567%", HERE),
    ("coord", "/decision/srm_min_deviation", "10000%", HERE),
    ("coord", "/decision/method", "bayes", HERE),
    ("coord", "/decision/beta", "5%", "/decision"),
    ("coord", "/logs/exposures/time", "ts", "/logs/exposures"),
    ("coord", "/logs/events/event", 7, HERE),
    # surface.yaml
    *(("surface", f"/{key}", GONE, "") for key in ("surface", "title", "owner", "space", "components")),
    ("surface", "/kind", "x", ""),
    ("surface", "/surface", "home_", HERE),
    ("surface", "/surface", "-home", HERE),
    ("surface", "/surface", "a" * 64, HERE),
    ("surface", "/title", "", HERE),
    ("surface", "/title", "x" * 201, HERE),
    ("surface", "/components", ["header"], HERE),
    ("surface", "/components/header", None, HERE),
    ("surface", "/components/Header", "x", "/components"),
    ("surface", "/audience/Country", {"values": ["SE"]}, "/audience"),
    ("surface", "/audience", {f"d{i}": {"values": ["x"]} for i in range(9)}, HERE),
    ("surface", "/audience/country/values", GONE, "/audience/country"),
    ("surface", "/audience/country/values", [], HERE),
    ("surface", "/audience/country/values", ["SE", "SE"], HERE),
    ("surface", "/audience/country/values", "SE", HERE),
    ("surface", "/audience/country/values", [f"v{i}" for i in range(301)], HERE),
    ("surface", "/audience/country/values", {f"v{i}": "0.1%" for i in range(301)}, HERE),
    ("surface", "/audience/country/values/SE", 10, HERE),
    ("surface", "/audience/country/values/S\x1bE", "10%", "/audience/country/values"),
    ("surface", "/audience/language/values/0", 1, HERE),
    ("surface", "/audience/language/values/0", "x" * 101, HERE),
    ("surface", "/audience/country/fixed", "yes", HERE),
    ("surface", "/metrics/success/0/metric", GONE, "/metrics/success/0"),
    ("surface", "/metrics/success/0/margin", "1%", "/metrics/success/0"),
    ("surface", "/metrics/success/0/mde", 1, HERE),
    ("surface", "/metrics/guardrail/0/mde", "1%", "/metrics/guardrail/0"),
    ("surface", "/metrics/guardrail/1/since", "2026-4-1", HERE),
    ("surface", "/metrics/other", [], "/metrics"),
    ("surface", "/budget/component", 90, HERE),
    ("surface", "/budget/per_unit", 0, HERE),
    ("surface", "/budget/per_unit", 10000.5, HERE),
    ("surface", "/budget/per_unit", "8", HERE),
    ("surface", "/budget/concurrent", 0, HERE),
    ("surface", "/budget/concurrent", 100001, HERE),
    ("surface", "/budget/teams/podcasts", 1.5, HERE),
    ("surface", "/policy/min_days", 0, HERE),
    ("surface", "/policy/max_days", 1000001, HERE),
    ("surface", "/policy/cooldown_days", -1, HERE),
    ("surface", "/policy/days", 1, "/policy"),
    ("surface", "/waivers/0/rule", GONE, "/waivers/0"),
    ("surface", "/waivers/0/experiment", GONE, "/waivers/0"),
    ("surface", "/waivers/0/rule", "bkt001", HERE),
    ("surface", "/waivers/0/with", "header-test", HERE),
    ("surface", "/waivers/0/until", "soon", HERE),
    # baseline.yaml
    ("baseline", "/surface", GONE, ""),
    ("baseline", "/daily_units", -1, HERE),
    ("baseline", "/daily_units", "120000", HERE),
    ("baseline", "/units", 1, ""),
    ("baseline", "/metrics/minutes_played/mean", GONE, "/metrics/minutes_played"),
    ("baseline", "/metrics/minutes_played/std", -0.1, HERE),
    ("baseline", "/metrics/minutes_played/std", None, HERE),
    ("baseline", "/metrics/minutes_played/variance_reduction", 0.35, HERE),
    ("baseline", "/metrics/minutes-played", {"mean": 1, "std": 1}, "/metrics"),
    # experiments
    *(
        ("experiment", f"/{key}", GONE, "")
        for key in (
            "experiment",
            "surface",
            "kind",
            "title",
            "owner",
            "hypothesis",
            "status",
            "start",
            "end",
            "traffic",
        )
    ),
    ("experiment", "/variants", GONE, ""),
    ("draft", "/variants", GONE, ""),
    ("rollout", "/variants", GONE, ""),
    ("experiment", "/buckets", 1, ""),
    ("experiment", "/experiment", "home/podcast-shelf", HERE),
    ("experiment", "/kind", "abtest", HERE),
    ("experiment", "/status", "running", HERE),
    ("experiment", "/hypothesis", "", HERE),
    ("experiment", "/hypothesis", "x" * 10001, HERE),
    ("experiment", "/start", "2026-03-02T00:00:00Z", HERE),
    ("experiment", "/start", 20260302, HERE),
    ("experiment", "/traffic", 20, HERE),
    ("experiment", "/traffic", "20", HERE),
    ("experiment", "/traffic", "-20%", HERE),
    ("experiment", "/traffic", {}, HERE),
    ("experiment", "/traffic", ["20%"], HERE),
    ("rollout", "/traffic/2026-03-05", 20, HERE),
    ("rollout", "/traffic/March", "20%", "/traffic"),
    ("experiment", "/components", "header", HERE),
    ("experiment", "/components", ["header", "header"], HERE),
    ("experiment", "/components/0", "a/b/c", HERE),
    ("experiment", "/exclusive_with/0", "hero-banner", HERE),
    ("experiment", "/exclusive_with", ["home/a", "home/a"], HERE),
    ("experiment", "/audience", ["SE"], HERE),
    ("experiment", "/audience/country", "SE", HERE),
    ("experiment", "/audience/country", ["SE", "SE"], HERE),
    ("experiment", "/audience/country/0", False, HERE),
    ("experiment", "/audience/country/0", "a\x7fb", HERE),
    ("experiment", "/audience/country/0", "", HERE),
    ("experiment", "/audience/Country", ["SE"], "/audience"),
    ("experiment", "/salt", "", HERE),
    ("experiment", "/salt", "a\u0085b", HERE),
    ("experiment", "/logged_as", 7, HERE),
    ("experiment", "/variants", [{"name": "control"}], HERE),
    ("rollout", "/variants", [], HERE),
    ("rollout", "/variants", [{"name": "a"}, {"name": "b"}, {"name": "c"}], HERE),
    ("experiment", "/variants/0/name", GONE, "/variants/0"),
    ("experiment", "/variants/0/name", "Control", HERE),
    ("experiment", "/variants/0/weight", 0, HERE),
    ("experiment", "/variants/0/weight", 1.5, HERE),
    ("experiment", "/variants/0/weight", 1000001, HERE),
    ("experiment", "/variants/0/weight", "1", HERE),
    ("experiment", "/variants/0/weight", True, HERE),
    ("experiment", "/variants/0/share", "50%", "/variants/0"),
    ("experiment", "/variants/1/serves", "top", HERE),
    ("experiment", "/variants/2/system/kind", GONE, "/variants/2/system"),
    ("experiment", "/variants/2/system/kind", "bandit", HERE),
    ("experiment", "/variants/2/system/platform", GONE, "/variants/2/system"),
    ("experiment", "/variants/2/system/id", GONE, "/variants/2/system"),
    ("experiment", "/variants/2/system/version", 8, HERE),
    ("experiment", "/variants/2/system/updates", "daily", HERE),
    ("experiment", "/variants/2/system/learns_from", "everything", HERE),
    ("experiment", "/variants/2/system/owner", "ml", "/variants/2/system"),
    ("experiment", "/metrics/success/0/metric", "podcast-starts", HERE),
    ("experiment", "/metrics/success/0/since", "2026-01-01", "/metrics/success/0"),
    ("experiment", "/metrics/guardrail", [{"margin": "1%"}], "/metrics/guardrail/0"),
    ("experiment", "/analysis/method", "bayes", HERE),
    ("experiment", "/analysis/spending", "obf", HERE),
    ("experiment", "/analysis/looks", [], HERE),
    ("experiment", "/analysis/looks", ["2026-03-09", "2026-03-09"], HERE),
    ("experiment", "/analysis/planned", 0, HERE),
    ("experiment", "/analysis/alpha", "5%", "/analysis"),
    ("experiment", "/outcome/decision", GONE, "/outcome"),
    ("experiment", "/outcome/decision", "won", HERE),
    ("experiment", "/outcome/on", "yesterday", HERE),
    ("experiment", "/holds", "all", HERE),
    ("rollout", "/holds", ["home"], HERE),
    ("experiment", "/evaluate_from", "2026-03-20", HERE),
    ("holdback", "/variants", [{"name": "a"}, {"name": "b"}], HERE),
    ("holdback", "/components", ["header"], HERE),
    ("holdback", "/traffic", {"2026-03-01": "5%"}, HERE),
    ("holdback", "/traffic", 5, HERE),
    ("holdback", "/traffic", GONE, ""),
    ("holdback", "/holds", "home", HERE),
    ("holdback", "/holds", [], HERE),
    ("holdback", "/holds", ["home", "home"], HERE),
    # metrics.yaml
    ("metrics", "/metrics", GONE, ""),
    (
        "metrics",
        "/metrics/Minutes",
        {"event": "e", "aggregate": "any", "window": "1d", "direction": "increase"},
        "/metrics",
    ),
    *(
        ("metrics", f"/metrics/minutes_played/{key}", GONE, "/metrics/minutes_played")
        for key in ("event", "value", "aggregate", "window", "direction")
    ),
    *(
        (
            "metrics",
            "/metrics/retention_7d",
            {"event": "e", "aggregate": agg, "window": "7d", "direction": "increase"},
            HERE,
        )
        for agg in ("sum", "mean", "min", "max", "count_distinct")
    ),
    *(("metrics", f"/metrics/ctr/{key}", GONE, "/metrics/ctr") for key in ("window", "direction")),
    *(
        ("metrics", f"/metrics/ctr/{key}", "x", HERE)
        for key in ("event", "value", "column", "covariate_column")
    ),
    ("metrics", "/metrics/ctr/quantile", "95%", HERE),
    ("metrics", "/metrics/ctr/aggregate", "sum", HERE),
    ("metrics", "/metrics/ctr/cap", 3, HERE),
    ("metrics", "/metrics/ctr/ratio/numerator", GONE, "/metrics/ctr/ratio"),
    ("metrics", "/metrics/ctr/ratio/denominator/event", GONE, "/metrics/ctr/ratio/denominator"),
    ("metrics", "/metrics/ctr/ratio/denominator/aggregate", "sum", "/metrics/ctr/ratio/denominator"),
    ("metrics", "/metrics/ctr/ratio/denominator/window", "7d", "/metrics/ctr/ratio/denominator"),
    *(
        ("metrics", f"/metrics/start_latency_p95/{key}", GONE, "/metrics/start_latency_p95")
        for key in ("quantile", "event", "value", "window", "direction")
    ),
    ("metrics", "/metrics/start_latency_p95/quantile", 0.95, HERE),
    ("metrics", "/metrics/minutes_played/aggregate", "median", HERE),
    ("metrics", "/metrics/minutes_played/window", 7, HERE),
    ("metrics", "/metrics/minutes_played/window", "0d", HERE),
    ("metrics", "/metrics/minutes_played/window", "7h", HERE),
    ("metrics", "/metrics/minutes_played/window", "1000d", HERE),
    ("metrics", "/metrics/retention_7d/window/from", "07d", HERE),
    ("metrics", "/metrics/retention_7d/window/from", GONE, "/metrics/retention_7d/window"),
    ("metrics", "/metrics/retention_7d/window/to", "0d", HERE),
    ("metrics", "/metrics/minutes_played/direction", "up", HERE),
    ("metrics", "/metrics/minutes_played/cap", 0, HERE),
    ("metrics", "/metrics/minutes_played/cap", "1440", HERE),
    ("metrics", "/metrics/revenue/cap", {}, HERE),
    ("metrics", "/metrics/revenue/cap/quantile", 99.9, HERE),
    ("metrics", "/metrics/minutes_played/covariate", "0d", HERE),
    ("metrics", "/metrics/minutes_played/missing", "null", HERE),
    ("metrics", "/metrics/minutes_played/open", "true", HERE),
    ("metrics", "/metrics/minutes_played/unit", "min", "/metrics/minutes_played"),
    # ledgers
    *(("ledger", f"/{key}", GONE, "") for key in ("experiment", "space", "version", "entries")),
    ("ledger", "/experiment", "podcast-shelf", HERE),
    ("ledger", "/version", 2, HERE),
    ("ledger", "/version", "1", HERE),
    ("ledger", "/version", True, HERE),
    ("ledger", "/entries", [], HERE),
    ("ledger", "/salt", "x", ""),
    *(("ledger", f"/entries/0/{key}", GONE, "/entries/0") for key in ("avoids", "buckets", "digest")),
    ("ledger", "/entries/0/buckets", "0:2000", HERE),
    ("ledger", "/entries/0/digest", HEX.upper(), HERE),
    ("ledger", "/entries/0/digest", HEX[:-1], HERE),
    ("ledger", "/entries/0/avoids/home~1hero-banner", "0f", HERE),
    ("ledger", "/entries/0/avoids/hero-banner", HEX, "/entries/0/avoids"),
    ("ledger", "/entries/0/start", "2026-03-02", "/entries/0"),
    ("ledger", "/entries/0", {"migrated": True, "buckets": "0:20", "digest": HEX}, "/entries/0/digest"),
    ("ledger", "/entries/0", {"buckets": "0:20", "avoids": {}, "digest": HEX}, "/entries/0/buckets"),
    ("ledger", "/entries/0", {"buckets": "base64:AA=="}, "/entries/0"),
    ("migrated", "/migrated", "yes", HERE),
    ("migrated", "/entries/0/buckets", "0-2000", HERE),
    ("migrated", "/entries/0/buckets", "0:2000,4000:4100", HERE),
    ("migrated", "/entries/0/buckets", GONE, "/entries/0"),
    ("migrated", "/entries/0/avoids", {}, HERE),
    # the output of check
    *(
        ("check", f"/{key}", GONE, "")
        for key in (
            "format",
            "root",
            "today",
            "base",
            "counts",
            "findings",
            "skipped",
            "not_run",
            "not_replayable",
        )
    ),
    ("check", "/format", "coord.check/2", HERE),
    ("check", "/counts/skipped", GONE, "/counts"),
    ("check", "/findings/0/hint", GONE, "/findings/0"),
    ("check", "/findings/0/severity", "fatal", HERE),
    ("check", "/findings/0/location/line", 0, HERE),
    ("check", "/findings/0/location/pointer", GONE, "/findings/0/location"),
    ("check", "/findings/0/days/to", None, HERE),
    ("check", "/findings/0/related/0/experiment", GONE, "/findings/0/related/0"),
    ("check", "/findings/0/data", None, HERE),
    ("check", "/findings/0/data/space", GONE, "/findings/0/data"),
    ("check", "/findings/0/data/reasons", [], HERE),
    ("check", "/findings/0/data/reasons/0/kind", "owner", HERE),
    ("check", "/findings/0/data/waived/until", GONE, "/findings/0/data/waived"),
    *(
        ("check", f"/findings/1/data/{key}", GONE, "/findings/1/data")
        for key in ("component", "team", "over", "peak_day", "cell", "contributors", "largest_that_fits")
    ),
    ("check", "/findings/1/data/limit", "team", HERE),
    ("check", "/findings/1/data/over", 10, HERE),
    ("check", "/findings/1/data/over", "10", HERE),
    ("check", "/findings/1/data/contributors", [], HERE),
    ("check", "/findings/1/data/cell/country/rest", GONE, "/findings/1/data/cell/country"),
    ("check", "/skipped/0/code", "BUD", HERE),
]


@pytest.mark.parametrize(("example", "at", "value", "where"), INVALID)
def test_change_is_invalid_at(example: str, at: str, value: object, where: str | None) -> None:
    """One wrong value fails in one place, the one a person has to edit."""
    kind, document = changed(example, at, value)
    assert failures(kind, document) == {at if where is None else where}


def test_ranges_need_migrated() -> None:
    kind, document = changed("migrated", "/migrated", GONE)
    assert failures(kind, document) == {"/entries/0", "/entries/0/buckets"}


def messages(example: str, at: str, value: object) -> list[str]:
    """What the validator that `coord` uses says of a change."""
    kind, document = changed(example, at, value)
    return [error.message for error in validators(kind)[1].iter_errors(document)]


@pytest.mark.parametrize(
    ("example", "at"),
    [
        ("experiment", "/traffic"),
        ("holdback", "/traffic"),
        ("rollout", "/traffic/2026-03-05"),
        ("coord", "/decision/alpha"),
    ],
)
def test_share_as_a_number_is_one_type_error_about_a_string(example: str, at: str) -> None:
    (message,) = messages(example, at, 20)
    assert message.startswith("20 is not of type")
    assert '"string"' in message


@pytest.mark.parametrize(
    ("example", "at"),
    [("experiment", "/owner"), ("experiment", "/salt"), ("surface", "/audience/language/values/0")],
)
def test_line_break_at_the_end_is_refused(example: str, at: str) -> None:
    """In Python `$` also matches before a last line break, so only the validator of `coord` is asked."""
    assert len(messages(example, at, "name\n")) == 1
