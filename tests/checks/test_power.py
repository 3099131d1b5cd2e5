"""MET005 against sizes computed here by hand, from the formulas of the method and nothing of the product.

n_t = (z_{1-a} + z_{1-b})^2 (v_c / kappa + v_t) / delta^2,    kappa = n_c / n_t
a = alpha / (2 C S) for a success metric, alpha / (2 C) for a guardrail; C comparisons, S successes
b = (1 - power) / (G + min(S, 1)) with G guardrails
units of an arm = daily units x share of the arm x sum over the days on which a window can still close
of the traffic of that day x share of the audience
"""

from math import ceil
from statistics import NormalDist
from typing import Any

import pytest

from support import check_files

DAILY = 120_000
MEAN, STD = 41.2, 55.0


def z(level: float) -> float:
    return NormalDist().inv_cdf(1 - level)


def size(a: float, b: float, delta: float, v_control: float, v_treatment: float, kappa: float = 1) -> int:
    return ceil((z(a) + z(b)) ** 2 * (v_control / kappa + v_treatment) / delta**2)


def experiment(**changes: str) -> str:
    fields = {
        "experiment": "shelf",
        "surface": "home",
        "kind": "ab_test",
        "title": "Podcast shelf",
        "owner": "podcasts",
        "hypothesis": "A shelf raises listening.",
        "status": "active",
        "start": "2026-03-02",
        "end": "2026-03-30",
        "traffic": "1%",
        "components": "[shelf]",
        "variants": "[{name: control}, {name: shelf}]",
        "metrics": "{success: [{metric: minutes, mde: 1%}]}",
    } | changes
    return "".join(f"{key}: {value}\n" for key, value in fields.items() if value)


def powers(
    figures: str = f"minutes: {{mean: {MEAN}, std: {STD}}}",
    daily: str = f"daily_units: {DAILY}\n",
    decision: str = "",
    required: str = "",
    today: str = "2026-02-01",
    **changes: str,
) -> list[dict[str, Any]]:
    """What MET005 says of one experiment."""
    files = {
        "surfaces/coord.yaml": "spaces: {user: {unit: user_id, salt: MegaSalt, buckets: 1000}}\n"
        f"teams: [podcasts]\n{decision}",
        "surfaces/metrics.yaml": "metrics:\n"
        "  minutes: {event: play, value: m, aggregate: sum, window: 7d, direction: increase}\n"
        "  starts: {event: s, aggregate: count, window: 7d, direction: increase, covariate: 14d}\n"
        "  second_week: {event: o, aggregate: any, window: {from: 7d, to: 14d}, direction: increase}\n"
        "  crashes: {event: c, aggregate: count, window: 1d, direction: decrease}\n",
        "surfaces/home/surface.yaml": "surface: home\ntitle: Home\nowner: podcasts\nspace: user\n"
        "components: {shelf: The shelf}\n"
        "audience:\n  country: {fixed: true, values: {SE: 10%, US: 60%, BR: 20%}}\n"
        f"  platform: {{values: {{ios: 45%, android: 55%}}}}\n  language: {{values: [sv, en]}}\n{required}",
        "surfaces/home/experiments/shelf.yaml": experiment(**changes),
    }
    if figures:
        files["surfaces/home/baseline.yaml"] = f"surface: home\n{daily}metrics: {{{figures}}}\n"
    document = check_files(files, today)
    assert not [f for f in document["findings"] if f["code"][:3] in {"SYN", "REF"}]
    return [finding for finding in document["findings"] if finding["code"] == "MET005"]


def figures_of(findings: list[dict[str, Any]], metric: str = "minutes") -> tuple[float, int]:
    (finding,) = findings
    found = finding["data"]["metrics"][metric]
    return found["units"], found["needed"]


def test_one_metric_in_two_arms() -> None:
    units, needed = figures_of(powers())
    # by the table: (1.959964 and 0.841621) squared, 7.848880, times twice 3,025, through 0.412 squared
    assert needed == 279_750 == size(0.025, 0.2, 0.01 * MEAN, STD**2, STD**2)
    assert units == pytest.approx(DAILY * 0.5 * 0.01 * 21)  # 28 days less the window of 7


def test_the_finding_is_a_warning_at_the_traffic_in_words() -> None:
    (finding,) = powers()
    assert finding["severity"] == "warning"
    assert finding["location"]["pointer"] == "/traffic"
    assert "about 12,600 units in shelf, and minutes needs 279,750 to show 1%" in finding["message"]


@pytest.mark.parametrize(("traffic", "short"), [("22.2%", True), ("22.3%", False)])
def test_the_bound_is_the_size_itself(traffic: str, short: bool) -> None:
    # 279,750 / (120,000 x 0.5 x 21) = 22.202...%
    assert bool(powers(traffic=traffic)) is short


def test_several_variants_share_alpha_and_differ_in_kappa() -> None:
    """Weights 1:1:2. C = 2, S = 2, G = 1: a = .05 / (2 x 2 x 2), b = .2 / (1 + 1)."""
    found = powers(
        figures=f"minutes: {{mean: {MEAN}, std: {STD}}}, starts: {{mean: 2, std: 3}}, "
        "crashes: {mean: 1, std: 2}",
        variants="[{name: control, weight: 1}, {name: small, weight: 1}, {name: large, weight: 2}]",
        metrics="{success: [{metric: minutes, mde: 1%}, {metric: starts, mde: 2%}],"
        " guardrail: [{metric: crashes, margin: 5%}]}",
    )
    a, b, v = 0.05 / 8, 0.1, STD**2
    small = size(a, b, 0.01 * MEAN, v, v, kappa=1)
    large = size(a, b, 0.01 * MEAN, v, v, kappa=0.5)
    lacks = {"small": small - DAILY * 0.01 * 21 * 0.25, "large": large - DAILY * 0.01 * 21 * 0.5}
    assert lacks["large"] > lacks["small"]
    units, needed = figures_of(found)
    assert needed == large
    assert units == pytest.approx(DAILY * 0.01 * 21 * 0.5)
    assert figures_of(found, "starts")[1] == size(a, b, 0.04, 9, 9, kappa=0.5)
    # crashes is to stay below +5%: mirrored, so the control's part is (1 + margin)^2; its level is not split
    assert figures_of(found, "crashes")[1] == size(0.05 / 4, b, 0.05, 4 * 1.05**2, 4, kappa=0.5)


def test_arms_count_with_the_slots_that_they_get() -> None:
    """1:1:1 is 3333, 3333 and 3334 of 10,000 slots; the last arm has most units and needs most."""
    found = powers(variants="[{name: control}, {name: one}, {name: two}]")
    units, needed = figures_of(found)
    assert units == pytest.approx(DAILY * 0.01 * 21 * 0.3334)
    assert needed == size(0.05 / 4, 0.2, 0.01 * MEAN, STD**2, STD**2, kappa=3333 / 3334)


@pytest.mark.parametrize(("metric", "kept"), [("crashes", 1.02), ("minutes", 0.98)])
def test_a_guardrail_compares_with_the_control_less_the_margin(metric: str, kept: float) -> None:
    """S = 1, G = 1: b = .2 / 2. The margin is relative to the control's mean, whose error counts too."""
    found = powers(
        figures=f"starts: {{mean: 900, std: 1}}, {metric}: {{mean: {MEAN}, std: {STD}}}",
        metrics=f"{{success: [{{metric: starts, mde: 1%}}], guardrail: [{{metric: {metric}, margin: 2%}}]}}",
    )
    assert figures_of(found, metric)[1] == size(0.025, 0.1, 0.02 * MEAN, (kept * STD) ** 2, STD**2)


@pytest.mark.parametrize(("metric", "left"), [("starts", 0.65), ("minutes", 1.0)])
def test_only_a_metric_with_a_covariate_gets_its_reduction(metric: str, left: float) -> None:
    found = powers(
        figures=f"{metric}: {{mean: {MEAN}, std: {STD}, variance_reduction: 35%}}",
        metrics=f"{{success: [{{metric: {metric}, mde: 1%}}]}}",
    )
    v = left * STD**2
    assert figures_of(found, metric)[1] == size(0.025, 0.2, 0.01 * MEAN, v, v)


@pytest.mark.parametrize(
    ("audience", "share"),
    [
        ("{country: [SE, BR]}", 0.3),
        ("{country: [US], platform: [ios]}", 0.6 * 0.45),
        ("{platform: [ios, android]}", 1.0),
        ("{language: [sv]}", 1.0),  # no share is known
    ],
)
def test_only_eligible_units_are_met(audience: str, share: float) -> None:
    assert figures_of(powers(audience=audience))[0] == pytest.approx(DAILY * 0.5 * 0.01 * 21 * share)


def test_units_add_up_step_by_step() -> None:
    found = powers(traffic="{2026-03-02: 0.1%, 2026-03-05: 1%, 2026-03-28: 100%}")
    # 3 days at .1%, then 1% until 2026-03-22, the last day on which a window of 7 days can still close
    assert figures_of(found)[0] == pytest.approx(DAILY * 0.5 * (3 * 0.001 + 18 * 0.01))


def test_a_longer_window_leaves_fewer_days() -> None:
    found = powers(
        figures="second_week: {mean: 0.4, std: 0.49}",
        metrics="{success: [{metric: second_week, mde: 1%}]}",
    )
    assert figures_of(found, "second_week")[0] == pytest.approx(DAILY * 0.5 * 0.01 * 14)


def test_a_window_as_long_as_the_experiment_closes_for_nobody() -> None:
    assert figures_of(powers(end="2026-03-09", traffic="100%"))[0] == 0
    assert not powers(end="2026-03-08", traffic="100%")  # too long: MET004 says so


def test_the_metrics_of_the_surface_count_with_the_tightest_bound() -> None:
    required = (
        "metrics: {success: [{metric: minutes, mde: 2%}], guardrail: [{metric: crashes, margin: 1%}]}\n"
    )
    found = powers(
        figures=f"minutes: {{mean: {MEAN}, std: {STD}}}, crashes: {{mean: 1, std: 1}}", required=required
    )
    assert figures_of(found)[1] == size(0.025, 0.1, 0.01 * MEAN, STD**2, STD**2)
    assert figures_of(found, "crashes")[1] == size(0.025, 0.1, 0.01, 1.01**2, 1)


def test_alpha_and_power_are_the_organisations() -> None:
    found = powers(decision="decision: {alpha: 20%, power: 59%}\n")
    assert figures_of(found)[1] == size(0.1, 0.41, 0.01 * MEAN, STD**2, STD**2)


GST = "decision: {method: group_sequential}\n"


@pytest.mark.parametrize(
    ("decision", "analysis", "said"),
    [
        ("", "{method: group_sequential}", False),
        ("", "{method: always_valid}", False),
        (GST, "", False),
        (GST, "{method: fixed}", True),
        ("", "{method: fixed}", True),
    ],
)
def test_only_fixed_plans_are_judged(decision: str, analysis: str, said: bool) -> None:
    assert bool(powers(decision=decision, analysis=analysis)) is said


@pytest.mark.parametrize(
    "changes",
    [
        {"figures": ""},
        {"daily": ""},
        {"figures": "starts: {mean: 1, std: 1}"},
        {"figures": "minutes: {mean: 0, std: 55}"},  # no size shows a relative change of nothing
        {"variants": "[{name: control}, {name: shelf, weight: adaptive}]"},
        {"today": "2026-03-30"},  # over
        {"kind": "rollout", "variants": "[{name: shelf}]"},  # nothing to compare with
        {"kind": "rollout"},  # success metrics are reported, not decided
        {"status": "draft", "traffic": ""},
        {"status": "draft", "start": ""},
    ],
)
def test_nothing_is_said_where_nothing_is_known(changes: dict[str, str]) -> None:
    assert powers()
    assert not powers(**changes)


def test_a_rollout_is_held_to_its_guardrails() -> None:
    """S = 0, G = 1: b = .2 / 1."""
    found = powers(kind="rollout", metrics="{guardrail: [{metric: minutes, margin: 1%}]}")
    assert figures_of(found)[1] == size(0.025, 0.2, 0.01 * MEAN, (0.99 * STD) ** 2, STD**2)


def test_a_draft_is_judged_as_soon_as_it_says_when_and_how_much() -> None:
    assert powers(status="draft")[0]["severity"] == "warning"
