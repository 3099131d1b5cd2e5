"""Looks, days and assigned variants in the reports: below what decides, and as they were."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from coord.analysis.results import Analysis, Recommendation, Status, Verdict
from coord.domain.model import Kind
from coord.report import analysis_csv, analysis_json, analysis_markdown
from coord.report.analysis_days import GAP, chart, range_words
from coord.report.analysis_text import render
from report.analyses import guardrail, ships
from report.sequential import LOGS, crossed, days, look, sequential, stopped

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "analysis.schema.json").read_text("utf-8"))


def text(one: Analysis, width: int = 80) -> str:
    return render(one, color=False, width=width)


def part(one: Analysis, heading: str, width: int = 80) -> list[str]:
    """The lines of a section of the text."""
    return text(one, width).partition(f"\n\n{heading}")[2].partition("\n\n")[0].splitlines()[1:]


def test_the_looks_and_the_first_that_shipped() -> None:
    assert part(sequential(), "Looks") == [
        "  day          units  of plan  said          podcast_starts    crash_rate ↓",
        "  2026-03-09  16,100      25%  continue      · [-3.0%, +9.0%]  ✓ [-6.0%, +6.0%]",
        "  2026-03-16  31,900      50%  continue      · [-1.0%, +7.0%]  ✓ [-4.0%, +4.0%]",
        "  2026-03-23  48,000      75%  ship (first)  ✓ [+1.0%, +5.0%]  ✓ [-2.0%, +2.0%]",
        "  2026-03-30  63,999      99%  ship          ✓ [+2.0%, +4.0%]  ✓ [-1.0%, +1.0%]",
    ]
    shown = text(sequential())
    assert shown.index("SHIP") < shown.index("no change") < shown.index("Looks") < shown.index("Units a day")
    assert "\x1b[32m  2026-03-23" in render(sequential(), color=True, width=80)


def test_a_look_at_which_harm_was_known_says_since_when() -> None:
    shown = part(stopped(), "Looks")
    assert "of plan" not in shown[0]  # no size is planned
    assert re.fullmatch(r"  2026-03-09    900  continue  · no interval +✓ .*", shown[1])
    assert re.fullmatch(r"  2026-03-16  1,900  abort     ✗ worse since 2026-03-12  ✓ .*", shown[2])


def test_metrics_that_find_no_room_go_below_and_then_are_counted() -> None:
    first, *rest = sequential().looks
    many = [guardrail(f"metric_{k}", (0.0, -0.1, 0.1), Verdict.NO_WORSE) for k in range(9)]
    one = sequential()._replace(looks=(first._replace(metrics=tuple(many)), *rest[:0]))
    shown = text(one).partition("Looks")[2].partition("Units a day")[0]
    below = [line.split() for line in shown.splitlines() if line.strip().startswith("day")]
    named = [len([word for word in words if word.startswith("metric_")]) for words in below]
    assert len(named) == 2
    assert 0 < named[0] < named[1]
    assert f"and {9 - sum(named)} metrics more (--format json lists all)" in shown
    assert len(part(one, "Looks", 240)) == 2


def test_of_many_looks_the_latest_are_shown_and_the_first_that_shipped() -> None:
    one = sequential()
    metrics = one.looks[2].metrics
    many = tuple(
        look(week, 1_000 * week, metrics, Recommendation.SHIP if week > 1 else Recommendation.CONTINUE)
        for week in range(1, 41)
    )
    shown = part(one._replace(looks=many), "Looks")
    assert [line.split()[0] for line in shown[1:3]] == [
        "2026-03-16",
        str(date(2026, 3, 2) + timedelta(weeks=15)),
    ]
    assert "(first)" in shown[1]
    assert shown[-1] == "  and 13 looks more (--format json lists all)"


def test_each_variant_has_its_looks() -> None:
    one = sequential()
    first = one.looks[0].metrics
    both = (*first, *(each._replace(variant="rail") for each in first))
    looks = (look(1, 900, both, Recommendation.CONTINUE, Recommendation.SHIP),)
    shown = text(one._replace(looks=looks))
    assert "  continue  " in shown.partition("Looks at shelf")[2].partition("Looks at rail")[0]
    assert "  ship (first)  " in shown.partition("Looks at rail")[2]


@pytest.mark.parametrize(
    "one",
    [
        ships(),
        sequential()._replace(plan=ships().plan),
        sequential()._replace(kind=Kind.HOLDBACK, decisions=()),
    ],
)
def test_there_are_no_looks_where_the_plan_decides_once_or_never(one: Analysis) -> None:
    assert "Looks" not in text(one)
    assert "Looks" not in analysis_markdown.render(one)


def test_a_failed_check_mutes_the_looks() -> None:
    failed = [one._replace(status=Status.FAIL) for one in sequential().checks]
    coloured = render(sequential()._replace(checks=tuple(failed)), color=True, width=80)
    assert "\x1b[2m  2026-03-23" in coloured


def test_the_chart_has_a_bar_for_each_day_and_shows_gaps() -> None:
    assert chart(days(8, 7, 0, 1, 4), 60) == "█▇·▁▄"
    assert chart(days(0, 0, 3), 60) == f"{GAP}{GAP}█"
    assert chart(days(1, 1_000_000), 60) == "▁█"  # few are not nobody
    assert range_words(days(8, 7, 0, 1, 4), 5) == "0 to 8, nobody on 1 of 5 days (·)"
    assert range_words(days(1_200, 1_200), 2) == "1,200"


def test_more_days_than_room_are_averaged() -> None:
    long = days(*[4] * 99, 8, 0, 0)
    drawn = chart(long, 40)
    assert drawn == 33 * "█" + "▆"
    assert range_words(long, len(drawn)) == "0 to 8, nobody on 2 of 102 days (·), a bar is 3 days"


def test_the_chart_stands_between_its_days() -> None:
    shown = text(sequential())
    assert "\nUnits a day  0 to 2,600, nobody on 4 of 28 days (·)\n" in shown
    assert f"\n  2026-03-02 {'█▇███▄·' * 4} 2026-03-29\n" in shown
    assert "Units a day" not in text(sequential()._replace(daily=days(0, 0)))
    assert "Units a day" not in text(ships())


def test_both_ways_of_counting_stand_side_by_side() -> None:
    shown = part(crossed(), "As assigned")
    assert " ".join(shown[:2]).endswith("too: control 32,020, shelf 32,001.")
    assert shown[2:4] == [
        "  metric          as met              as assigned",
        "  podcast_starts  ✓ [+1.0%, +5.2%]    · [-1.0%, +3.0%]",
    ]
    coloured = render(crossed(), color=True, width=80)
    assert "\x1b[33m  podcast_starts" in coloured  # its verdict changes
    assert "\x1b[33m  minutes_played" not in coloured
    assert "As assigned" not in text(ships())


def test_of_logs_units_and_events_that_are_left_out_are_no_exposures() -> None:
    assert text(crossed()).splitlines()[-4:-1] == [
        "Left out of 64,321 exposures: outside dates 300.",
        "Units left out: crossover 21.",
        "Events left out: no timestamp 4.",
    ]
    assert "Left out of 64,321 rows: outside dates 300.\nUnits left out: crossover 21." in text(ships())
    held = ships()._replace(kind=Kind.HOLDBACK, excluded={"not_eligible": 5, "only_exposed": 6})
    assert "\nUnits left out: not eligible 5, only exposed 6.\n" in text(held)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", LOGS)
def test_lines_fit_and_colour_changes_no_character(name: str, width: int) -> None:
    plain = text(LOGS[name](), width)
    assert max(map(len, plain.splitlines())) <= width
    coloured = render(LOGS[name](), color=True, width=width)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


@pytest.mark.parametrize("name", LOGS)
def test_json_follows_the_schema(name: str) -> None:
    found = json.loads(analysis_json.render(LOGS[name]()))
    Draft7Validator(SCHEMA).validate(found)
    definitions = SCHEMA["definitions"]
    for one in found["looks"]:
        assert list(one) == definitions["look"]["required"]
        assert all(list(metric) == definitions["metric_then"]["required"] for metric in one["metrics"])
    assert all(list(one) == definitions["day"]["required"] for one in found["daily"])


def test_json_of_looks_days_and_assigned_variants() -> None:
    found = json.loads(analysis_json.render(sequential()))
    first, third = found["looks"][0], found["looks"][2]
    assert (first["date"], first["units"], first["information"]) == ("2026-03-09", 16_100, 16_100 / 64_000)
    assert third["decisions"] == [{"variant": "shelf", "recommendation": "ship"}]
    assert [one["metric"] for one in third["metrics"]] == ["podcast_starts", "crash_rate", "scrolls"]
    assert third["metrics"][0]["relative"] == {"value": 0.03, "lower": 0.01, "upper": 0.05}
    assert third["metrics"][0]["verdict"] == "better"
    assert found["daily"][6] == {
        "date": "2026-03-08",
        "units": {"control": 0, "shelf": 0},
        "srm": 0.4,
        "harmed": [],
    }
    assert found["as_assigned"] is None
    harmed = json.loads(analysis_json.render(stopped()))
    assert harmed["daily"][2]["harmed"] == [{"metric": "a", "variant": "b"}]
    assert harmed["looks"][0]["information"] is None
    assigned = json.loads(analysis_json.render(crossed()))["as_assigned"]
    assert assigned["units"] == {"control": 32_020, "shelf": 32_001}
    assert [one["verdict"] for one in assigned["metrics"]][:2] == ["inconclusive", "no_worse"]
    strange = crossed()._replace(daily=(days(1)[0]._replace(srm=float("nan")),))
    assert json.loads(analysis_json.render(strange))["daily"][0]["srm"] is None


def test_markdown_folds_them() -> None:
    shown = analysis_markdown.render(sequential())
    assert "<details><summary>Looks</summary>" in shown
    assert "| 2026-03-23 | 48,000 | 75% | ship (first) | ✓ [+1.0%, +5.0%] | ✓ [-2.0%, +2.0%] |\n" in shown
    assert f"2026-03-02 `{'█▇███▄·' * 4}` 2026-03-29: 0 to 2,600, nobody on 4 of 28 days (·)" in shown
    assert "| `podcast_starts` | ✓ [+1.0%, +5.2%] | · [-1.0%, +3.0%] |\n" in analysis_markdown.render(
        crossed()
    )


def test_markdown_counts_the_metrics_beyond_a_few() -> None:
    many = tuple(guardrail(f"metric_{k}", (0.0, -0.1, 0.1), Verdict.NO_WORSE) for k in range(9))
    one = sequential()._replace(looks=(look(1, 900, many, Recommendation.CONTINUE),))
    shown = analysis_markdown.render(one).partition("<summary>Looks")[2].partition("</details>")[0]
    assert "| `metric_5` |\n" in shown
    assert "metric_6" not in shown
    assert "\n\nand 3 more of the metrics\n" in shown


def test_csv_has_the_final_metrics_alone() -> None:
    one = sequential()
    assert analysis_csv.render(one) == analysis_csv.render(one._replace(looks=(), daily=()))


def test_metrics_of_the_table_alone_are_compared() -> None:
    one = crossed()
    assert one.as_assigned is not None
    none = one._replace(as_assigned=one.as_assigned._replace(metrics=()))
    assert "As assigned" not in text(none)
    named = [each._replace(metric="m" * 63, variance_reduction=None) for each in one.metrics]
    other = one.as_assigned._replace(metrics=tuple(named))
    assert max(map(len, text(one._replace(metrics=tuple(named), as_assigned=other), 60).splitlines())) <= 60
