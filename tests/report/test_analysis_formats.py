"""The results of an analysis as JSON by its schema, as Markdown, and as CSV."""

import csv
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from markdown_it import MarkdownIt
from markdown_it.token import Token

from coord.analysis.results import Analysis, Bounds
from coord.domain.model import Kind
from coord.report import analysis_csv, analysis_json, analysis_markdown
from report.analyses import ALL, analysis, harmful, mismatched, segmented, ships, three_arms
from report.hostile_analysis import EVIL, hostile

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "analysis.schema.json").read_text("utf-8"))
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def document(one: Analysis) -> dict[str, Any]:
    """The document, which follows the schema."""
    found: dict[str, Any] = json.loads(analysis_json.render(one), parse_constant=_refuse)
    Draft7Validator(SCHEMA).validate(found)
    return found


def _refuse(constant: str) -> None:
    raise AssertionError(constant)


@pytest.mark.parametrize("name", ALL)
def test_the_schema_knows_every_key(name: str) -> None:
    found = document(ALL[name]())
    assert list(found) == SCHEMA["required"]
    for metric in found["metrics"]:
        assert list(metric) == SCHEMA["definitions"]["metric"]["required"]


def test_json_of_a_metric() -> None:
    found = document(ships())
    first, second, third, _ = found["metrics"]
    assert (first["mde"], first["margin"], first["level"], first["direction"]) == (
        0.03,
        None,
        0.95,
        "increase",
    )
    assert first["relative"] == {"value": 0.031, "lower": 0.01, "upper": 0.052}
    assert first["deterioration"] == {
        "level": 0.9917,
        "value": 0.03,
        "lower": -0.01,
        "upper": 0.2,
        "since": None,
    }
    assert first["raw"] is None
    assert (second["margin"], second["role"], second["verdict"]) == (0.02, "guardrail", "no_worse")
    assert second["raw"]["control"] == {"n": 32_010, "mean": 41.2, "std": 55.0}
    assert third["direction"] == "decrease"
    assert document(harmful())["metrics"][1]["deterioration"]["since"] == "2026-03-09"


def test_json_of_the_rest() -> None:
    found = document(segmented())
    assert found["decisions"] == [
        {
            "variant": "shelf",
            "recommendation": "ship",
            "reasons": ["podcast_starts is better: +3.1% [+1.0%, +5.2%].", "Both guardrail metrics held."],
        }
    ]
    assert found["units"] == {"control": 32_010, "shelf": 31_990}
    assert found["plan"]["alpha"] == 0.05
    assert (found["plan"]["start"], found["plan"]["end"]) == ("2026-03-02", "2026-03-30")
    assert [one["value"] for one in found["segments"]] == ["SE", "US", None]
    assert (found["looks"], found["daily"], found["as_assigned"], found["personalisation"]) == (
        [],
        [],
        None,
        None,
    )
    assert document(mismatched())["unknown_variants"] == [{"name": "shelf-b", "rows": 12}]


def test_json_has_12_digits_and_no_number_that_is_none() -> None:
    one = ships().metrics[0]
    strange = one._replace(
        effect=Bounds(0.1 + 0.2, float("nan"), float("inf")),
        p_value=3.5000000000000004e-42,
        margin=Fraction(1, 3),
    )
    found = document(analysis(strange))["metrics"][0]
    assert found["effect"] == {"value": 0.3, "lower": None, "upper": None}
    assert found["p_value"] == 3.5e-42
    assert found["margin"] == 0.333333333333


def test_json_is_inert() -> None:
    shown = analysis_json.render(hostile())
    assert shown.isascii()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f]|##\\[|^::", shown, re.MULTILINE)
    assert json.loads(shown)["title"] == EVIL


def test_the_schema_closes_nothing_and_describes_everything() -> None:
    def nodes(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            yield node
        for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from nodes(inner)

    Draft7Validator.check_schema(SCHEMA)
    described = [p for n in nodes(SCHEMA) for p in n.get("properties", {}).values() if isinstance(p, dict)]
    assert len(described) > 70
    assert all("description" in node for node in described)
    assert all(set(n["required"]) == set(n["properties"]) for n in nodes(SCHEMA) if "required" in n)
    assert not any(node.get("additionalProperties") is False for node in nodes(SCHEMA))


def rows(one: Analysis) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(analysis_csv.render(one))))


def test_csv_has_the_figures_of_the_json() -> None:
    one = segmented()
    found, shown = document(one), rows(one)
    wanted: list[tuple[str | None, str | None, dict[str, Any]]]
    wanted = [(None, None, metric) for metric in found["metrics"]]
    wanted += [(part["dimension"], part["value"], m) for part in found["segments"] for m in part["metrics"]]
    assert len(shown) == len(wanted) == 7
    for row, (dimension, value, metric) in zip(shown, wanted, strict=True):
        assert (row["dimension"] or None, row["value"] or None) == (dimension, value)
        figures = {
            "control_n": metric["control"]["n"],
            "treatment_mean": metric["treatment"]["mean"],
            "control_std": metric["control"]["std"],
            "effect_lower": metric["effect"]["lower"],
            "relative": metric["relative"]["value"],
            "relative_upper": metric["relative"]["upper"],
        }
        figures |= {key: metric[key] for key in ("p_value", "level", "margin", "mde", "variance_reduction")}
        assert {key: float(row[key]) if row[key] else None for key in figures} == figures
        words = ("metric", "variant", "role", "kind", "direction", "basis", "verdict")
        assert {key: row[key] for key in words} == {key: metric[key] for key in words}
        assert row["recommendation"] == ("" if dimension else "ship")


def test_csv_is_stable_and_inert() -> None:
    assert analysis_csv.render(analysis()) == f"{','.join(analysis_csv.COLUMNS)}\n"
    assert analysis_csv.COLUMNS[:6] == ("experiment", "as_of", "variant", "dimension", "value", "metric")
    for row in rows(hostile()):
        for key in ("experiment", "variant", "metric", "reason"):
            assert row[key].startswith("'=HYPERLINK(1)\\n")
    shown = analysis_csv.render(hostile())
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]|##\\[|^::", shown, re.MULTILINE)
    assert len(shown.splitlines()) == 9


def test_markdown_of_an_experiment_that_ships() -> None:
    shown = analysis_markdown.render(ships())
    assert shown.startswith(
        "### `home/podcast-shelf`: Podcast shelf above music\n"
        "\n"
        "A/B test, ended 2026-03-30, 64,000 units: control 32,010, shelf 31,990.\n"
        "\n"
        "**✅ ship** `shelf`\n"
        "\n"
        "* podcast\\_starts is better: +3.1% \\[+1.0%, +5.2%\\].\n"
        "* Both guardrail metrics held.\n"
        "\n"
        "Checks: 3 checks passed (srm, crossover, dates).\n"
        "Not run: pre\\_period (no metric has a covariate).\n"
        "\n"
        "**`shelf`** against `control`\n"
    )
    assert (
        "\n| `podcast_starts` | 3.214 | 3.314 | +3.1% [+1.0%, +5.2%] | `··········│··├──────●──────┤···` "
        "| 0.0016 | **✓ better** |\n"
    ) in shown
    assert "| `crash_rate` (less is better) |" in shown
    assert "<summary>Adjusted for the past</summary>" in shown
    assert shown.endswith("64,000 units planned, files at `0123456789ab`</sub>\n")


def test_markdown_tables_are_whole() -> None:
    for one in (segmented(), three_arms(), mismatched(), hostile()):
        tables = 0
        for block in re.findall(r"(?:^\|.*\n)+", analysis_markdown.render(one), re.MULTILINE):
            html = PARSER.render(block)
            widths = {row.count("<td") for row in html.split("<tr>")[2:]}
            assert len(widths) == 1
            assert html.count("<table>") == 1
            tables += 1
        assert tables >= 2


def test_markdown_says_which_check_failed_and_that_nothing_counts() -> None:
    shown = analysis_markdown.render(mismatched())
    assert "* ❌ srm failed: 9,463 and 7,681 units against 1:1 (p 3.5e-42)." in shown
    assert "`coord audit --exposures FILE` says more.\n* ⚠️ dates warns" in shown
    assert shown.index("**A check failed") < shown.index("| `podcast_starts`")
    holdback = analysis_markdown.render(ships()._replace(kind=Kind.HOLDBACK, decisions=()))
    assert "**A holdback is a report: there is nothing to decide.**" in holdback
    assert "**Harm**\n\n* minutes\\_played: harm since 2026-03-09" in analysis_markdown.render(harmful())


class _Tags(HTMLParser):
    """The names of the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= {"style"}  # of columns that are set to the right
        self.seen.add(tag)


def test_nothing_in_the_markdown_acts() -> None:
    shown = analysis_markdown.render(hostile())
    parser = _Tags()
    parser.feed(PARSER.render(shown))
    assert parser.seen <= {
        *("h3", "p", "strong", "em", "code", "ul", "li", "details", "summary", "sub"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert {"table", "details", "code"} <= parser.seen
    for text in _texts(PARSER.parse(shown)):
        assert not re.search(r"@\w|#\d|GH-\d|:tada:|https?:/|[0-9a-f]{12}|\$x", text), text
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]|##\\[|^::", shown, re.MULTILINE)


def _texts(tokens: list[Token]) -> list[str]:
    return [child.content for token in tokens for child in token.children or () if child.type == "text"]


@pytest.mark.parametrize("most", [12_000, 60_000])
def test_the_markdown_is_never_longer_than_a_comment_may_be(most: int) -> None:
    one = segmented()
    shown = analysis_markdown.render(one._replace(segments=one.segments * 400), most_bytes=most)
    assert len(shown.encode()) <= most
    assert re.search(
        r"^[\d,]+ more lines are left out here; `--format json` has all of it\.$", shown, re.MULTILINE
    )
    assert shown.count("<details>") == shown.count("</details>") == 2
