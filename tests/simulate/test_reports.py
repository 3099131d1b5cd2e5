"""How simulations are written: for a person, as JSON by its schema, as CSV, as a picture; always inert."""

import csv
import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from io import StringIO
from pathlib import Path
from re import fullmatch
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from coord.domain.buckets import from_range
from coord.domain.catalog import Catalog
from coord.domain.model import Variant
from coord.report import simulated, simulated_json, simulated_program, simulated_program_json, simulated_svg
from coord.report.simulated import p_text, percent
from coord.simulate.allocation import simulate
from coord.simulate.arrivals import Setting, Template
from coord.simulate.fitting import Asked, Fitted, fit
from coord.simulate.program import Programme, run
from coord.simulate.results import FileUnits, Simulated
from coord.simulate.units import made_up
from simulate.organisations import DAY, catalog, experiment, holdback

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "simulation.schema.json").read_text("utf-8"))
EVIL = "evil\x1b[31m\u202e::error::##[group]<script>=1+1"


def found(tree: Catalog, number: int = 20_000, day: date = DAY, replicates: int = 1) -> Simulated:
    pieces = made_up(tree, number, 1, replicates)
    return simulate(tree, tree.active, pieces, day, seed=1, replicates=replicates)


def text(tree: Catalog, **more: Any) -> str:
    return simulated.text(found(tree, **more), [], color=False)


def valid(document: dict[str, Any]) -> dict[str, Any]:
    jsonschema.Draft7Validator(SCHEMA).validate(document)
    known = set(SCHEMA["properties"])
    assert set(document) <= known
    for result in document["results"].values():
        assert set(result) <= set(SCHEMA["definitions"]["result"]["properties"])
    return document


def conflicting() -> Catalog:
    """A conflict, a leak and somebody without a ledger."""
    same = [experiment(name, 30, components=("home/shelf",)) for name in ("a", "b", "bare")]
    ledgers = {
        "home/a": from_range(0, 3000),
        "home/b": from_range(2500, 5500),
        "home/back": from_range(5000, 5500),
    }
    return catalog([*same, holdback("back", 5)], ledgers)


def test_text_of_a_healthy_allocation() -> None:
    lines = text(catalog([experiment("a", 20), experiment("b", 30), holdback("back")])).splitlines()
    assert lines[0] == (
        "Allocation on 2026-03-10: 20,000 units, made up with seed 1, in 3 experiments in force"
    )
    row = next(line.split() for line in lines if line.startswith("  home/a "))
    assert row[:4] == ["home/a", "100%", "0%", "20%"]
    assert row[5:] == ["[##........]", "p", row[7], "(df", "2)"]
    assert any(line.startswith(("      control 50.", "      control 49.")) for line in lines)
    assert "Isolation: 2 pairs must be exclusive" in lines
    assert "  0 units in two experiments that must be exclusive" in lines
    assert [line.split()[-1] for line in lines if line.startswith("   1 home/a")] == ["x"]
    assert any(line.startswith("Experiments per user_id: 0.5") for line in lines)


def test_text_of_a_broken_allocation_names_the_pairs_and_the_command() -> None:
    shown = text(conflicting())
    bare = next(line.split() for line in shown.splitlines() if line.startswith("  home/bare "))
    assert bare[1:] == ["100%", "-", "30%", "0%", "[..........]", "no", "ledger"]
    assert "units in two experiments that must be exclusive, in 1 pair" in shown
    assert "units of a holdback in an experiment's buckets, in 1 pair" in shown
    assert "    home/a and home/b: 1," in shown
    assert "    home/b and home/back: 1," in shown
    assert "coord check --select BKT001" in shown


def test_many_experiments_show_the_pairs_that_stand_out() -> None:
    tree = catalog([experiment(f"e{n:02}", 10 + n) for n in range(13)])
    shown = text(tree, number=5000)
    assert "Overlap: of 78 pairs the 10 farthest from plan (--format csv has all)" in shown
    block = shown.partition("off by, in se\n")[2].partition("\n\n")[0].splitlines()
    sizes = [abs(float(line.split()[-1])) for line in block]
    assert len(sizes) == 10
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("number", [3, 12, 14])
def test_lines_of_an_allocation_fit_the_terminal(number: int, width: int) -> None:
    arms = tuple(Variant(f"arm-{n}", 1, None) for n in range(7))
    names = [f"some-experiment-{n}" for n in range(number)]
    tree = catalog([experiment(name, 20, variants=arms) for name in names])
    shown = simulated.text(found(tree, 2000), [], color=False, width=width)
    lines = shown.splitlines()
    wide = [line for line in lines if len(line) > width and not line.startswith(("Shares", "  home/"))]
    assert wide == []
    if width >= 80:
        assert max(map(len, lines)) <= width
    assert all(f"arm-{n} " in " ".join(shown.split()) for n in range(7))
    assert ("[##........]" in shown or "[###.......]" in shown) == (width == 100)
    if number == 12:  # the matrix in blocks: every pair is there, once above and once below the diagonal
        block = shown.partition("Overlap")[2].partition("Isolation")[0].splitlines()
        cells = [cell for line in block if "home/" in line for cell in line.split()[2:]]
        assert len(cells) == 144
        assert cells.count(".") == 12


@pytest.mark.parametrize("width", [80, 100])
def test_lines_of_a_programme_fit_the_terminal(width: int) -> None:
    fitted = fit(Asked(1200, 14, Fraction(1, 5), 40, teams=200), None, None, DAY)
    shown = simulated_program.text(run(fitted.setting, 1, 2), fitted, color=False, width=width)
    assert max(map(len, shown.splitlines())) <= width


def test_units_that_do_not_spread_evenly_are_told() -> None:
    """A file that has mostly units of the common buckets."""
    tree = catalog([experiment("a", 50), experiment("b", 50)])
    one = found(tree)
    pair = one.overlaps[0]._replace(share=one.overlaps[0].share._replace(number=15_000))
    shown = simulated.text(replace(one, overlaps=(pair,)), [], color=False)
    assert "home/a and home/b share 75.00% of the units, and by their ledgers 2" in shown
    assert "do not spread evenly over buckets" in " ".join(shown.split())


def test_nothing_in_force_says_who_comes_next() -> None:
    tree = catalog([experiment("a"), experiment("b", {date(2026, 3, 16): 5})])
    assert " ".join(text(tree, day=date(2026, 2, 1)).splitlines()[1:]) == (
        "Nothing is in force on 2026-02-01; home/a starts on 2026-03-02"
        " (--today 2026-03-02 simulates that day)."
    )
    assert "Nothing is in force on 2027-01-01.\n" in text(tree, day=date(2027, 1, 1))
    partly = simulate(tree, tree.active, made_up(tree, 100, 1), DAY, seed=1)
    assert "home/b is not in force: 2026-03-16 until 2026-03-30" in simulated.text(partly, [], color=False)


def test_a_file_is_told_with_what_was_not_used() -> None:
    one = replace(
        found(catalog([experiment("a")])),
        seed=None,
        file=FileUnits("user_id", 7, {"no_unit": 1, "not_utf8": 0}, ("home/speaker",)),
    )
    shown = simulated.text(one, ["surfaces/x.yaml"], color=False)
    assert "of the column user_id" in shown
    assert "1 row not used: no_unit" in shown
    assert "not_utf8" not in shown
    assert "7 rows of units that were there before" in shown
    assert "left out, as they randomise other units: home/speaker" in shown
    assert "1 file has errors and is left out" in shown
    document = valid(json.loads(simulated_json.render(one, ["surfaces/x.yaml"])))
    assert (document["seed"], document["repeated"], document["rejects"]) == (
        None,
        7,
        {"no_unit": 1, "not_utf8": 0},
    )
    assert document["left_out"] == ["home/speaker"]
    assert document["broken"] == ["surfaces/x.yaml"]


@pytest.mark.parametrize("replicates", [1, 3])
def test_json_of_allocation(replicates: int) -> None:
    arms = (Variant("a", 5, None), Variant("b", 3, None), Variant("c", 2, None))
    tree = catalog(
        [experiment("x", 20, variants=arms), experiment("y", 40, space="device"), holdback("back")]
    )
    one = found(tree, replicates=replicates)
    document = valid(json.loads(simulated_json.render(one, [])))
    results = document["results"]
    assert (document["kind"], document["units"], document["replicates"]) == ("allocation", 20_000, replicates)
    assert list(results)[:3] == ["share/home/back", "burned/home/back", "share/home/x"]
    assert results["share/home/x"]["planned"] == 0.2
    assert results["share/home/x"]["value"] == pytest.approx(0.2, abs=0.02)
    assert results["share/home/x"]["df"] == 3
    assert 0 <= results["share/home/x"]["p_value"] <= 1
    assert results["share/home/x/b"]["planned"] == 0.3
    assert results["overlap/home/back|home/x"]["value"] == 0
    assert "overlap/home/x|home/y" not in results  # other units
    assert results["isolation_violations"] == {"value": 0, "se": 0, "planned": 0}
    assert results["per_unit"] == results["per_unit/device_id"]
    assert results["per_unit/user_id"]["value"] == results["share/home/x"]["value"]
    assert sum(v["value"] for k, v in results.items() if k.startswith("units/user_id/")) == pytest.approx(1)


def test_json_of_what_is_wrong() -> None:
    document = valid(json.loads(simulated_json.render(found(conflicting()), [])))
    assert document["without_ledger"] == ["home/bare"]
    assert document["results"]["isolation_violations"]["value"] == pytest.approx(1000, abs=130)
    assert document["results"]["holdback_leaks"]["value"] == pytest.approx(1000, abs=130)
    assert document["results"]["share/home/bare"]["p_value"] == 0


def test_csv_has_the_results_of_the_json() -> None:
    one = found(catalog([experiment("a", 20), experiment("b", 30)]))
    rows = list(csv.DictReader(StringIO(simulated_json.csv_text(one))))
    results = simulated_json.document(one, [])["results"]
    assert [row["name"] for row in rows] == list(results)
    for row in rows:
        known = {key: float(value) for key, value in row.items() if key != "name" and value}
        assert known == {key: value for key, value in results[row["name"]].items() if value is not None}


def test_names_are_inert() -> None:
    tree = catalog([experiment(EVIL, 20), experiment("b", 30, variants=(Variant(EVIL, 1, None),))])
    one = found(tree)
    for shown in (simulated.text(one, [EVIL], color=False), simulated_json.render(one, [EVIL])):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "##[" not in shown


def test_figures_for_a_person() -> None:
    assert [percent(*one) for one in ((0, 9), (1, 10**6), (1, 3), (10**6 - 1, 10**6), (9, 9), (0, 0))] == [
        "0%",
        "<0.01%",
        "33.33%",
        ">99.99%",
        "100%",
        "-",
    ]
    assert [p_text(one) for one in (0.5, 0.0123, 0.00042, 3.5e-42)] == ["0.50", "0.012", "4.2e-04", "3.5e-42"]


def program(**more: Any) -> tuple[Programme, Fitted]:
    fitted = fit(Asked(120, 14, Fraction(1, 5), 3, **more), None, None, DAY)
    return run(fitted.setting, 1, 3), fitted


def test_text_of_a_programme() -> None:
    shown = simulated_program.text(*program(teams=12), color=False)
    lines = shown.splitlines()
    assert lines[0].startswith("A year's programme, made up 3 times with seed 1: ")
    assert "  teams       12, 10.0 a year each  given; a team runs one at a time" in lines
    assert "Policy         serial         ranges             reuse         overlap" in lines
    rows = {line[2:15].strip(): line[15:].split("  ") for line in lines if line.startswith("  ")}
    assert [cell.strip() for cell in rows["carries"] if cell][::3] == ["26 a year", "312 a year"]
    assert set(rows) > {"finished", "running", "waiting", "days waited", "occupancy", "exposed", "power lost"}
    weeks = [match[1] for line in lines if (match := fullmatch(r"  [a-z]+ +([ ▁-█]{52})  [0-9.]+", line))]
    assert len(weeks) == 4
    assert any("█" in week for week in weeks)
    told = " ".join(shown.split())
    assert (
        "Bucket reuse carries 120 a year, with a wait of a week at most on average, from 2 components on."
        in told
    )
    assert "With 3 components it carries them while each takes up to " in told


def test_text_of_fitted_components_names_the_busiest() -> None:
    setting = Setting(40, (Template(30, Fraction(1, 2), (0,)), Template(30, Fraction(1, 2), (0, 1))), 2)
    _, fitted = program()
    named = fitted._replace(setting=setting, components=("home/a", "home/b"))
    shown = simulated_program.text(run(setting, 1, 2), named, color=False)
    assert "home/a is the busiest component: 164% of its room is asked for" in shown
    document = valid(json.loads(simulated_program_json.render(run(setting, 1, 2), named)))
    assert document["needs"]["busiest"]["component"] == "home/a"
    assert document["needs"]["components"] is None


def test_json_and_csv_of_a_programme() -> None:
    one, fitted = program()
    document = valid(json.loads(simulated_program_json.render(one, fitted)))
    results = document["results"]
    assert document["kind"] == "program"
    assert results["reuse/finished"]["value"] >= results["serial/finished"]["value"]
    assert {name.partition("/")[2] for name in results if "/" in name} >= {
        "finished",
        "wait_days",
        "occupancy",
    }
    assert document["carries"] == {"serial": 26, "ranges": 130, "reuse": 390, "overlap": None}
    assert document["setting"]["arrivals"] == {"value": "120 a year", "source": "given"}
    assert [len(weeks) for weeks in document["weeks"].values()] == [52] * 4
    rows = list(csv.DictReader(StringIO(simulated_program_json.csv_text(one))))
    assert {row["name"]: float(row["value"]) for row in rows} == {k: v["value"] for k, v in results.items()}
    alone = run(fitted.setting, 1, 1)
    assert valid(simulated_program_json.document(alone, fitted))["results"]["reuse/finished"]["se"] is None
    assert simulated_program_json.csv_text(alone).splitlines()[2].endswith(",")


def test_the_picture_is_self_contained_and_well_formed() -> None:
    one, fitted = program(teams=30)
    evil = fitted._replace(sources=(fitted.sources[0]._replace(value=EVIL), *fitted.sources[1:]))
    shown = simulated_svg.svg(one, evil)
    root = ElementTree.fromstring(shown)
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 4
    assert all(len(line.attrib["points"].split()) == 52 for line in lines)
    for line in lines:
        for point in line.attrib["points"].split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 900
            assert 0 <= y <= 430
    assert "<script" not in shown
    assert "\x1b" not in shown
    assert "http" not in shown.replace("http://www.w3.org/2000/svg", "")
    assert "meet a rival" in shown


def test_the_small_print_of_the_picture_stays_in_it() -> None:
    one, fitted = program(teams=30)
    more = fitted.sources[0]._replace(name="exclusive", value="50% touch a component")
    long = fitted._replace(sources=(*fitted.sources, more, more, more))
    root = ElementTree.fromstring(simulated_svg.svg(one, long))
    texts = root.findall("{http://www.w3.org/2000/svg}text")
    assert sum("exclusive 50%" in (node.text or "") for node in texts) >= 1
    for node in texts:
        assert float(node.attrib["x"]) + 7 * len(node.text or "") < 910 or "text-anchor" in node.attrib
    assert len({node.attrib["y"] for node in texts if node.attrib["x"] == "24"}) == 4


@pytest.mark.parametrize("rate", [1, 30, 3000])
def test_the_axis_reaches_over_the_highest_week(rate: float) -> None:
    setting = Setting(rate, (Template(20, Fraction(1, 10)),), 2)
    _, fitted = program()
    root = ElementTree.fromstring(simulated_svg.svg(run(setting, 1, 1), fitted))
    ticks = [
        float(node.text or "nan")
        for node in root.findall("{http://www.w3.org/2000/svg}text")
        if node.attrib.get("text-anchor") == "end"
    ]
    assert 3 <= len(ticks) <= 9
    assert ticks[0] == 0
