"""A small tree that uses nearly everything a file can say, so that mutations of it reach every rule."""

from hostile.trees import healthy

_COORD = """\
spaces:
  user: {unit: user_id, salt: MegaSalt-acme, buckets: 100}
  device: {unit: device_id, salt: MegaSalt-devices, buckets: 200}
teams: [home-team, search-team, growth]
decision: {alpha: 5%, power: 80%, srm_alpha: 0.1%, srm_min_deviation: 0.1%, method: fixed}
logs:
  exposures: {timestamp: ts, unit: user_id, experiment: exp, variant: arm}
  events: {timestamp: ts, unit: user_id, event: name}
"""

_METRICS = """\
metrics:
  minutes_played: {title: Time, event: play, value: minutes, aggregate: sum, window: 7d, direction: increase}
  crashes: {event: crash, aggregate: any, window: {from: 0d, to: 7d}, direction: decrease, cap: 3}
  ctr:
    ratio: {numerator: {event: click, aggregate: count}, denominator: {event: view, aggregate: count}}
    window: 7d
    direction: increase
    covariate: 14d
  latency: {quantile: 95%, event: start, value: ms, window: 7d, direction: decrease}
"""

_SURFACE = """\
surface: home
title: The home screen
description: Everything before search.
owner: home-team
space: user
components: {header: The top, shelves: The rest, prices: Nothing on any page}
audience:
  country: {fixed: true, values: {SE: 10%, US: 60%}}
  platform: {values: [ios, android]}
metrics:
  success: [{metric: minutes_played, mde: 1%}]
  guardrail: [{metric: crashes, margin: 2%}, {metric: latency, margin: 1%, since: 2026-04-01}]
budget: {component: 90%, per_unit: 2.5, concurrent: 6, teams: {growth: 150%}}
policy: {min_days: 7, max_days: 56, cooldown_days: 3}
waivers:
  - {rule: BKT001, experiment: home/one, with: home/ranker, reason: additive, until: 2026-05-01}
  - {rule: LIF002, experiment: home/ramp, reason: long on purpose, until: 2027-01-01}
"""

_BASELINE = """\
surface: home
daily_units: 1000
metrics:
  minutes_played: {mean: 41.2, std: 55.0, variance_reduction: 35%}
"""

_ONE = """\
experiment: one
surface: home
kind: ab_test
title: One, for the start
owner: home-team
hypothesis: It helps.
status: active
start: 2026-03-02
end: 2026-03-30
traffic: {2026-03-02: 10%, 2026-03-09: 20%}
components: [header, search/header]
exclusive_with: [home/ranker]
audience: {country: [SE, US], platform: [ios]}
salt: one-salt
logged_as: home_one
variants:
  - {name: control, weight: 1}
  - {name: treatment, weight: 2, serves: {flag: home.one, value: [top, 1.5, true]}, logged_as: arm_b}
metrics:
  success: [{metric: ctr, mde: 3%}]
  guardrail: [{metric: crashes, margin: 1%}]
analysis: {method: group_sequential, spending: power2, looks: [2026-03-09, 2026-03-30], planned: 5000}
"""

_RANKER = """\
experiment: ranker
surface: home
kind: ab_test
title: A new ranker
owner: growth
hypothesis: It ranks.
status: active
start: 2026-03-09
end: 2026-04-06
traffic: 30%
components: [shelves]
variants:
  - name: old
    system: {kind: ranker, platform: ml, id: home-ranker, version: "7", updates: frozen, learns_from: none}
  - name: new
    system: {kind: llm, platform: ml, id: home-llm, version: "8", updates: continuous, learns_from: own_arm}
"""

_RAMP = """\
experiment: ramp
surface: home
kind: rollout
title: Ramp of what won
owner: growth
hypothesis: It won.
status: active
start: 2026-03-01
end: 2026-06-01
traffic: {2026-03-01: 1%, 2026-03-10: 5%, 2026-04-01: 40%}
components: [prices]
variants:
  - {name: all}
outcome: {decision: shipped, on: 2026-06-02, note: It went well.}
"""

_HOLDBACK = """\
experiment: quiet
surface: home
kind: holdback
title: Nobody sees anything new
owner: home-team
hypothesis: Together they help.
status: active
start: 2026-03-01
end: 2026-12-31
traffic: 5%
holds: [home]
evaluate_from: 2026-11-01
"""

_DRAFT = """\
experiment: idea
surface: home
kind: ab_test
title: An idea
owner: growth
hypothesis: Perhaps.
status: draft
start: 2026-03-09
end: 2026-04-01
traffic: 80%
components: [header]
variants: [{name: a}, {name: b}]
"""

_LEDGER_ONE = """\
experiment: home/one
space: user
version: 1
entries:
  - avoids: {home/ranker: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}
    buckets: "base64:/wMAAAAAAAAAAAAAAA=="
    digest: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  - migrated: true
    buckets: "50:60"
"""

_LEDGER_RANKER = """\
experiment: home/ranker
space: user
version: 1
migrated: true
entries:
  - buckets: "5:25 70:80"
"""

EXPERIMENTS = {"one": _ONE, "ranker": _RANKER, "ramp": _RAMP, "quiet": _HOLDBACK, "idea": _DRAFT}


def rich() -> dict[str, str]:
    """The tree: everything happens on `home`; `search` keeps its conflict."""
    files = {path: text for path, text in healthy().items() if "/home/" not in path}
    files["surfaces/coord.yaml"] = _COORD
    files["surfaces/metrics.yaml"] = _METRICS
    files["surfaces/home/surface.yaml"] = _SURFACE
    files["surfaces/home/baseline.yaml"] = _BASELINE
    for name, text in EXPERIMENTS.items():
        files[f"surfaces/home/experiments/{name}.yaml"] = text
    files["surfaces/home/allocations/one.yaml"] = _LEDGER_ONE
    files["surfaces/home/allocations/ranker.yaml"] = _LEDGER_RANKER
    return files
