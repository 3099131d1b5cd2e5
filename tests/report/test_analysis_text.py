"""The results of an analysis at a terminal: what to do first, honest pictures, nothing that acts."""

import re
from datetime import date

import pytest

from coord.analysis.results import Analysis, Basis, Bounds, Check, Status, Verdict
from coord.domain.model import Kind
from coord.report.analysis_text import render
from report.analyses import ALL, PLAN, analysis, harmful, mismatched, nulls, segmented, ships, three_arms
from report.hostile_analysis import EVIL, hostile


def text(one: Analysis, width: int = 80) -> str:
    return render(one, color=False, width=width)


def told(one: Analysis) -> str:
    """The whole text in one line."""
    return " ".join(text(one).split())


def test_an_experiment_that_ships() -> None:
    assert text(ships()).splitlines() == [
        "home/podcast-shelf  Podcast shelf above music",
        "A/B test, ended 2026-03-30, 64,000 units: control 32,010, shelf 31,990",
        "",
        "SHIP shelf",
        "  • podcast_starts is better: +3.1% [+1.0%, +5.2%].",
        "  • Both guardrail metrics held.",
        "",
        "✓ 3 checks passed (srm, crossover, dates)",
        "  not run: pre_period (no metric has a covariate)",
        "",
        "shelf against control  (control → shelf)",
        "  Success metrics, intervals at 95%                     │",
        "  podcast_starts     +3.1% [+1.0%, +5.2%]               │   ├───────●───────┤",
        "    ✓ better        3.214 → 3.314, p 0.0016             │",
        "  Guardrail metrics, intervals at 95%                   │",
        "  minutes_played    -0.40% [-1.20%, +0.40%]      ╎  ├──●┼─┤",
        "    ✓ no worse      41.20 → 41.04, p 0.50               │",
        "  crash_rate ↓       -0.1% [-1.7%, +1.5%]         ├────●┼─────┤ ╎",
        "    ✓ no worse      0.02130 → 0.02128, p 0.50           │",
        "  Other metrics, intervals at 95%                       │",
        "  shelf_scrolls      +1.2% [-3.0%, +5.4%]    ├──────────┼────●───────────────┤",
        "    · inconclusive  3.21 → 3.25, p 0.58                 │",
        "                                             -3%        0                    +6%",
        "",
        "  ├─●─┤ estimate and interval, ╎ margin, │ no change, ↓ less is better",
        "",
        "Adjusted for the past  variance  unadjusted            p",
        "  minutes_played       -35%      -0.5% [-2.5%, +1.5%]  0.63",
        "",
        "Left out of 64,321 rows: outside dates 300.",
        "Units left out: crossover 21.",
        "Plan: fixed, alpha 5%, power 80%, 1 comparison, 64,000 units planned",
    ]


def test_a_wide_terminal_has_a_line_for_each_metric() -> None:
    line = next(line for line in text(ships(), 120).splitlines() if line.startswith("  crash_rate"))
    assert re.fullmatch(
        r"  crash_rate ↓ +✓ no worse +0\.02130 → 0\.02128 +-0\.1% \[-1\.7%, \+1\.5%\] +p 0\.50 +├─+●┼─+┤╎",
        line,
    )


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("name", ALL)
def test_lines_fit_and_colour_changes_no_character(name: str, width: int) -> None:
    plain = text(ALL[name](), width)
    assert max(map(len, plain.splitlines())) <= width
    coloured = render(ALL[name](), color=True, width=width)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_harm_is_told_with_its_day() -> None:
    shown = told(harmful())
    assert "running until 2026-03-30, data up to 2026-03-11," in shown
    assert "ABORT shelf • minutes_played is worse since 2026-03-09" in shown
    assert "harm since 2026-03-09: always-valid interval at 99.167% [-2.6, -0.4]" in shown
    assert "always-valid intervals at 95%" in shown
    assert "\x1b[31m✗ worse" in render(harmful(), color=True, width=80)


def test_a_failed_check_comes_with_its_detail_and_mutes_the_verdicts() -> None:
    shown = told(mismatched())
    assert "✗ srm failed: 9,463 and 7,681 units against 1:1 (p 3.5e-42)." in shown
    assert "! dates warns: there are no exposures on 2026-03-17. 1 check passed (crossover)" in shown
    assert shown.index("A check failed") < shown.index("podcast_starts")
    assert "Not a variant of the experiment: shelf-b 12 rows." in shown
    assert "\x1b[32m✓ better" in render(ships(), color=True, width=80)
    assert "\x1b[32m" not in render(mismatched(), color=True, width=80)


def test_three_arms_have_a_decision_and_a_table_each() -> None:
    shown = text(three_arms())
    assert shown.index("SHIP mens-email") < shown.index("SHIP womens-email") < shown.index("checks passed")
    mens, womens = shown.partition("mens-email against control")[2].split("womens-email against control")
    assert mens.count("visit") == womens.count("visit") == 1
    assert "p 3.5e-112" in mens
    assert "+180%" in mens  # each has its own axis
    assert "+110%" in womens


def test_missing_figures_come_with_the_reason() -> None:
    shown = told(nulls())
    assert "+0.0012 [-0.0021, +0.0045] (absolute)" in shown
    assert "complaints no estimate │ · inconclusive - → - │" in shown
    assert (
        "refunds: the control's mean is not told apart from 0, so a relative effect has no bounds." in shown
    )
    assert "complaints: 12 units of the control and 0 of the treatment have a value." in shown
    assert "! invalid" in shown


def test_absurd_figures_are_written_and_drawn() -> None:
    one = ships().metrics[0]
    absurd = one._replace(relative=Bounds(1e300, -1e308, 1.7e308), effect=Bounds(1e300, -1.7e308, 1.7e308))
    for width in (60, 80, 120):
        line = next(line for line in text(analysis(one, absurd), width).splitlines() if "e+302%" in line)
        assert line.endswith("►")


def test_a_note_on_several_metrics_is_told_once() -> None:
    metrics = [one._replace(notes=("the logs start too late.",)) for one in three_arms().metrics]
    shown = told(three_arms()._replace(metrics=tuple(metrics)))
    assert shown.count("the logs start too late.") == 1
    assert "spend (mens-email), visit (womens-email) and 2 more: the logs start too late." in shown


def test_segments_are_called_exploratory() -> None:
    shown = text(segmented())
    part = shown.partition("\nSegments\n")[2]
    assert part.startswith("  Exploratory: no decision rests on segments")
    assert "Intervals are at 99.167%" in " ".join(part.split())
    assert [line.split("  ")[1] for line in part.splitlines() if "[" in line] == [
        "country SE, 1,202",
        "country US, 1,202",
        "no country, 1,202",
    ]
    assert "◄" in part


def test_many_segments_say_how_many_are_left_out() -> None:
    one = segmented()
    shown = text(one._replace(segments=one.segments * 25))
    assert "and 15 rows more (--format json lists all)" in shown


def test_nothing_is_decided_of_a_holdback() -> None:
    shown = text(ships()._replace(kind=Kind.HOLDBACK, decisions=()))
    assert "A holdback is a report: there is nothing to decide." in shown
    assert "Holdback, ended" in shown


def test_before_the_first_day_and_without_checks_or_metrics() -> None:
    shown = text(analysis(ended=False, as_of=PLAN.start, checks=(), excluded={}, commit=None, units={}))
    assert "A/B test, no whole day of data yet, starts 2026-03-02, 0 units" in shown
    assert "There is nothing to decide." in shown
    assert "no checks" in shown
    assert "├" not in shown
    assert "Left out" not in shown


def test_a_sequential_plan_is_told() -> None:
    one = ships()
    looks = (date(2026, 3, 9), date(2026, 3, 30))
    plan = PLAN._replace(method="group_sequential", looks=looks, spending="power2", planned=None)
    metrics = tuple(metric._replace(basis=Basis.GROUP_SEQUENTIAL, p_value=None) for metric in one.metrics)
    shown = told(one._replace(plan=plan, metrics=metrics))
    assert "group sequential intervals at 95%" in shown
    assert "Plan: group sequential, alpha 5%, power 80%, 1 comparison, spending power2" in shown
    assert "looks on 2026-03-09, 2026-03-30" in shown
    assert "units planned" not in shown
    assert ", p " not in shown.partition("shelf against control")[2].partition("Adjusted")[0]


def test_checks_that_only_warn_leave_the_verdicts() -> None:
    one = ships()._replace(checks=(Check("dates", Status.WARN, None, "a day is missing."),))
    shown = render(one, color=True, width=80)
    assert "\x1b[33m! dates warns: a day is missing." in shown
    assert "\x1b[32m✓ better" in shown
    assert "A check failed" not in shown


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_in_it_acts(width: int) -> None:
    shown = text(hostile(), width)
    assert EVIL not in shown
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]|##\\[|^::", shown, re.MULTILINE)
    coloured = render(hostile(), color=True, width=width)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown  # markup of rich is text


def test_a_long_name_leaves_room_for_the_picture() -> None:
    long = ships().metrics[0]._replace(metric="m" * 63)
    for width in (60, 80):
        lines = [line for line in text(analysis(long), width).splitlines() if "├" in line]
        assert "…" in lines[0]
        assert len(lines[0]) <= width
        assert lines[0].rstrip().endswith("┤")


def test_verdicts_are_words_too() -> None:
    for verdict in Verdict:
        one = analysis(ships().metrics[0]._replace(verdict=verdict))
        assert verdict.value.replace("_", " ") in text(one).partition("against")[2]
