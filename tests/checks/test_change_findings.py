"""What findings about changes say: the part of a field that differs, each cause once, nothing unknown."""

from datetime import date
from pathlib import Path

import pytest

from coord.checks.result import LocatedFinding, Result
from coord.checks.runner import check
from coord.config.files import MemoryFiles
from coord.config.load import Base, load

CASE = Path(__file__).parents[1] / "cases" / "CHG001" / "good-title-and-owner" / "base"
EXPERIMENT = "surfaces/home/experiments/podcast-shelf.yaml"
SURFACE = "surfaces/home/surface.yaml"
VARIANTS = "variants: [{name: control}, {name: shelf}]\n"
TODAY = date(2026, 3, 10)

Files = dict[str, str]


def _files(**replaced: str) -> Files:
    """A running experiment; lines of its file replaced, by what they begin with."""
    files = {path.relative_to(CASE).as_posix(): path.read_text("utf-8") for path in CASE.rglob("*.yaml")}
    for key, line in replaced.items():
        old = next(text for text in files[EXPERIMENT].splitlines(True) if text.startswith(f"{key}:"))
        files[EXPERIMENT] = files[EXPERIMENT].replace(old, line)
    return files


def _without_ledger(files: Files) -> Files:
    return {path: text for path, text in files.items() if path != LEDGER}


def _check(files: Files, before: Files | None = None) -> Result:
    base = None if before is None else Base("0" * 40, load(_memory(before)))
    return check(load(_memory(files)), TODAY, base=base)


def _memory(files: Files) -> MemoryFiles:
    return MemoryFiles({path: text.encode() for path, text in files.items()})


def _one(before: Files, after: Files) -> LocatedFinding:
    (finding,) = [f for f in _check(after, before).findings if f.code[:3] in {"CHG", "LIF"}]
    return finding


def _serving(value: str) -> str:
    return f"variants: [{{name: control}}, {{name: shelf, serves: {{value: {value}}}}}]\n"


@pytest.mark.parametrize(
    ("before", "after", "told", "pointer"),
    [
        (
            VARIANTS,
            "variants: [{name: shelf}, {name: control}]\n",
            "`variants` changed: their order",
            ("variants",),
        ),
        (_serving("1"), _serving("true"), "`serves` of shelf", ("variants", 1, "serves")),
        (_serving("{a: 1}"), _serving("{a: 2}"), "`serves` of shelf", ("variants", 1, "serves")),
        (
            VARIANTS,
            "variants: [{name: control, weight: 2}, {name: shelf, logged_as: top}]\n",
            "`weight` of control from 1 to 2 and `logged_as` of shelf from shelf to top",
            ("variants", 0, "weight"),
        ),
        (
            VARIANTS,
            "variants: [{name: a}, {name: b}, {name: c}, {name: d}]\n",
            "`variants` changed: a is new, b is new, c is new and 3 more",
            ("variants", 0),
        ),
        (
            f"analysis: {{looks: [2026-03-16]}}\n{VARIANTS}",
            f"analysis: {{method: fixed, looks: [2026-03-23]}}\n{VARIANTS}",
            "`analysis.looks` changed from 2026-03-16 to 2026-03-23",
            ("analysis", "looks"),
        ),
    ],
)
def test_the_part_that_differs_is_told(before: str, after: str, told: str, pointer: tuple[str | int]) -> None:
    finding = _one(_files(variants=before), _files(variants=after))
    assert finding.code == "CHG001"
    assert finding.message.endswith(told)
    assert finding.location.pointer == pointer


def test_values_that_are_too_long_are_left_to_the_diff() -> None:
    finding = _one(_files(), _files(variants=f"salt: {'s' * 81}\n{VARIANTS}"))
    assert finding.message.endswith("its `salt` changed")
    assert finding.data["after"] == "s" * 81


def test_an_end_that_goes_with_the_start_is_no_finding_of_its_own() -> None:
    shifted = _files(start="start: 2026-03-16\n", end="end: 2026-04-13\n")
    assert "`end` with it" in _one(_files(), shifted).message
    longer = _files(start="start: 2026-03-16\n", end="end: 2026-04-20\n")
    found = [f.location.pointer for f in _check(longer, _files()).findings if f.code == "CHG001"]
    assert found == [("start",), ("end",)]


def test_a_raise_in_place_is_answered_with_a_step() -> None:
    found = _check(_files(traffic="traffic: 40%\n"), _files()).findings
    (hint,) = [finding.hint for finding in found if finding.code == "CHG001"]
    assert hint
    assert "`traffic: {2026-03-02: 20%, 2026-03-11: 40%}`" in hint


LEDGER = "surfaces/home/allocations/podcast-shelf.yaml"


@pytest.mark.parametrize("broken", ["surfaces/coord.yaml", SURFACE, EXPERIMENT])
def test_what_the_base_does_not_tell_is_said_and_touches_nothing_that_runs(broken: str) -> None:
    """A file that was broken may be mended; nothing that rests on it may change in the same breath."""
    before, after = _files(), _files(hypothesis="hypothesis: Another one.\n")
    before.pop(LEDGER)
    after.pop(LEDGER)
    before[broken] += "unknown: key\n"
    result = _check(after, before)
    found = [finding.code for finding in result.findings if finding.code[:3] in {"CHG", "LIF"}]
    assert found == ([] if broken == EXPERIMENT else ["CHG001"])
    mended = _check(_without_ledger(_files()), before)
    assert not [finding for finding in mended.findings if finding.code[:3] in {"CHG", "LIF"}]
    assert {"CHG001", "LIF001", "LIF003"} <= {skip.code for skip in result.skipped if skip.path == broken}
    assert all("on the base it does not keep to its schema" in skip.reason for skip in result.skipped)


@pytest.mark.parametrize(
    ("broken", "gone", "codes"),
    [
        (SURFACE, EXPERIMENT, ["CHG005"]),
        (SURFACE, LEDGER, ["CHG003"]),
        (EXPERIMENT, EXPERIMENT, ["CHG005"]),
    ],
)
def test_nothing_that_runs_goes_while_nobody_can_tell(broken: str, gone: str, codes: list[str]) -> None:
    before, after = _files(), _files()
    before[broken] += "unknown: key\n"
    del after[gone]
    found = _check(after, before).findings
    assert [f.code for f in found if f.code[:3] in {"CHG", "LIF"}] == codes
    assert all(f.new for f in found if f.code in codes)


def test_a_draw_is_not_replaced_by_buckets_of_choice() -> None:
    """Unstarted and drawn on the base; now the same number of buckets, brought in by hand."""
    drawn = Path(__file__).parents[1] / "cases" / "BKT004"
    folder = next(path for path in sorted(drawn.glob("good-*")) if list(path.rglob("allocations/*.yaml")))
    files = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.yaml")}
    ledger = next(path for path in files if "/allocations/" in path and "migrated" not in files[path])
    key = ledger.split("/")[1] + "/" + ledger.split("/")[3].removesuffix(".yaml")
    by_hand = (
        f'experiment: {key}\nspace: user\nversion: 1\nmigrated: true\nentries: [{{buckets: "0:2000"}}]\n'
    )
    base = Base("0" * 40, load(_memory(files)))
    result = check(load(_memory({**files, ledger: by_hand})), date(2026, 1, 5), base=base)
    assert "it was drawn before, and is chosen now" in " ".join(
        f.message for f in result.findings if f.code == "BKT004"
    )


def test_a_waiver_of_a_rule_that_compares_is_idle_only_where_something_was_compared() -> None:
    files = _files()
    files[SURFACE] += (
        "waivers:\n"
        "  - {rule: CHG006, experiment: home/podcast-shelf, reason: agreed with growth, until: 2026-03-30}\n"
    )
    assert "WVR003" not in {finding.code for finding in _check(files).findings}
    assert "WVR003" in {finding.code for finding in _check(files, _files()).findings}


def test_the_owner_of_the_surface_can_waive_a_changed_plan() -> None:
    before, after = _files(), _files()
    before[SURFACE] = before[SURFACE].replace("mde: 1%", "mde: 2%")
    assert _one(before, after).severity == "error"
    after[SURFACE] += (
        "waivers:\n"
        "  - {rule: CHG006, experiment: home/podcast-shelf, reason: agreed with growth, until: 2026-03-30}\n"
    )
    finding = _one(before, after)
    assert (finding.code, finding.severity) == ("CHG006", "info")
    assert finding.data["waived"] == {"reason": "agreed with growth", "until": "2026-03-30"}
