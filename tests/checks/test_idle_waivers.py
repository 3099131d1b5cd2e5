"""What is said of a waiver that covers nothing."""

from typing import Any

import pytest

from support import check_files

COORD = """\
spaces: {user: {unit: user_id, salt: s, buckets: 100}}
teams: [growth]
"""
METRICS = "metrics: {m: {event: e, aggregate: count, window: 7d, direction: increase}}\n"


def _surface(name: str, waiver: str) -> str:
    lines = [
        f"{{surface: {name}, title: T, owner: growth, space: user, components: {{header: H, shelf: S}},",
        "audience: {country: {fixed: true, values: [SE, US]}},",
        f"metrics: {{success: [{{metric: m, mde: 1%}}]}}, budget: {{component: 90%}}, waivers: [{waiver}]}}",
    ]
    return "\n".join(lines) + "\n"


def _experiment(name: str, component: str, more: str = "", status: str = "active") -> str:
    return (
        f"{{experiment: {name}, surface: home, kind: ab_test, title: T, owner: growth, hypothesis: H,\n"
        f"status: {status}, start: 2026-03-16, end: 2026-04-13, traffic: 60%, components: [{component}],\n"
        f"variants: [{{name: control}}, {{name: b}}]{more}}}\n"
    )


def _idle(waiver: str, *, on: str = "home") -> list[dict[str, Any]]:
    """The WVR003 of a tree with one waiver: home/a and home/b are both on home/header, above its budget."""
    files = {
        "surfaces/coord.yaml": COORD,
        "surfaces/metrics.yaml": METRICS,
        "surfaces/home/experiments/a.yaml": _experiment("a", "header"),
        "surfaces/home/experiments/b.yaml": _experiment("b", "header"),
        "surfaces/home/experiments/c.yaml": _experiment("c", "shelf"),
        "surfaces/home/experiments/sweden.yaml": _experiment(
            "sweden", "shelf", ", audience: {country: [SE]}"
        ),
        "surfaces/home/experiments/states.yaml": _experiment(
            "states", "shelf", ", audience: {country: [US]}"
        ),
        "surfaces/home/experiments/plan.yaml": _experiment("plan", "header", status="draft"),
        "surfaces/home/experiments/torn.yaml": "{",
    }
    for name in ("home", "search"):
        files[f"surfaces/{name}/surface.yaml"] = _surface(name, waiver if name == on else "")
    return [f for f in check_files(files, "2026-03-10")["findings"] if f["code"] == "WVR003"]


@pytest.mark.parametrize(
    ("waiver", "message", "pointer"),
    [
        ("rule: BKT099, experiment: home/a", "there is no rule BKT099", "/rule"),
        ("rule: BKT003, experiment: home/a", "BKT003 cannot be waived", "/rule"),
        (
            "rule: BUD001, experiment: home/swden",
            "there is no experiment home/swden; did you mean home/sweden?",
            "/experiment",
        ),
        (
            "rule: BKT001, experiment: home/a, with: radio/x",
            "there is no experiment radio/x",
            "/with",
        ),
        (
            "rule: BKT001, experiment: home/a, with: home/c",
            "home/a and home/c need not be exclusive, so there is nothing to waive",
            "",
        ),
        (
            "rule: BKT001, experiment: home/sweden, with: home/states",
            "home/sweden and home/states never meet, in days or in audience",
            "",
        ),
        (
            "rule: BKT001, experiment: home/a, with: home/plan",
            "home/plan is a draft and holds no buckets",
            "",
        ),
        ("rule: LIF002, experiment: home/a", "there is no LIF002 about home/a", ""),
    ],
)
def test_it_says_what_is_wrong_and_where(waiver: str, message: str, pointer: str) -> None:
    (finding,) = _idle(f"{{{waiver}, reason: R, until: 2026-05-01}}")
    assert finding["message"] == message
    assert finding["location"]["pointer"] == f"/waivers/0{pointer}"


def test_only_the_surface_it_is_about_can_waive() -> None:
    (finding,) = _idle("{rule: BUD001, experiment: home/a, reason: R, until: 2026-05-01}", on="search")
    assert finding["message"] == "only home can waive BUD001 for home/a"
    assert finding["hint"] == "move the waiver to surfaces/home/surface.yaml"


def test_one_that_ends_too_early_says_so() -> None:
    (finding,) = _idle("{rule: BUD001, experiment: home/a, reason: R, until: 2026-03-20}")
    assert finding["message"] == ("the waiver ends on 2026-03-20, before what it is about does (2026-04-13)")
    assert finding["location"]["pointer"] == "/waivers/0/until"


def test_two_that_cover_the_same_both_match_it() -> None:
    waiver = "{rule: BUD001, experiment: home/a, reason: R, until: 2026-05-01}"
    assert _idle(f"{waiver}, {waiver.replace('R', 'Q')}") == []


def test_nothing_is_said_where_it_acts_or_a_file_is_broken() -> None:
    assert _idle("{rule: BKT001, experiment: home/a, with: home/b, reason: R, until: 2026-05-01}") == []
    assert _idle("{rule: BUD001, experiment: home/b, reason: R, until: 2026-04-13}") == []
    assert _idle("{rule: BUD001, experiment: home/torn, reason: R, until: 2026-05-01}") == []
