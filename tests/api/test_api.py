"""`import coord`: cheap to import, and its answers are those of the command line."""

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import coord
from coord.allocation.assign import Reason, assign
from coord.cli.main import run
from coord.config.files import WorkingTree
from coord.config.load import load
from git_trees.repositories import Repo

ROOT = Path(__file__).parents[2]
DAY = date(2026, 3, 10)
CONTEXT = {"country": "SE", "platform": "ios"}


@pytest.fixture(scope="module")
def org() -> coord.Organisation:
    return coord.load(ROOT)


def test_the_page_is_executed(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(compile(block, "docs/api.md", "exec"), names)
    assert "answers" in names
    for name in ("experiments", "state", "assign", "assign_all"):
        assert f"`org.{name}" in page


def test_importing_it_imports_nothing_else() -> None:
    program = "import sys; before = set(sys.modules); import coord; print(*sorted(set(sys.modules) - before))"
    assert _python(program) == "coord\n"
    assert _python("import coord; print(coord.__version__, *dir(coord))").split()[0] == coord.__version__


def test_using_it_imports_no_arrays_and_no_command_line() -> None:
    program = (
        "import sys, coord; org = coord.load('.'); org.assign('home/podcast-shelf', 'u'); "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    loaded = set(_python(program).split())
    assert loaded.isdisjoint({"numpy", "pyarrow", "duckdb", "typer", "rich", "click"})


def _python(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout


def test_every_public_name_is_there() -> None:
    assert set(coord.__all__) <= set(dir(coord))
    for name in coord.__all__:
        assert getattr(coord, name).__module__.startswith("coord.")
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = coord.lod  # type: ignore[attr-defined]


def test_answers_are_those_of_the_command_line(
    org: coord.Organisation, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["home/podcast-shelf", "home/holdback-2026-q1", "home/daylist", "player/smart-shuffle"]
    ids = [f"user-{number}" for number in range(60)]
    options = [option for unit in ids for option in ("--unit", unit)]
    options += [option for item in CONTEXT.items() for option in ("--context", "=".join(item))]
    assert (
        run(["assign", *names, *options, "--root", str(ROOT), "--today", str(DAY), "--format", "json"]) == 0
    )
    said = json.loads(capsys.readouterr().out)["assignments"]
    found = [org.assign(name, unit, context=CONTEXT, day=DAY)._asdict() for unit in ids for name in names]
    assert found == said
    assert {one["reason"] for one in found} == set(Reason)


def test_one_organisation_answers_for_any_day(org: coord.Organisation) -> None:
    """Nothing of one answer is left in the next: days and units in any order, against answers made anew."""
    catalog = load(WorkingTree(ROOT)).catalog
    for number in range(400):
        day = date(2026, 1, 1) + timedelta(days=number * 37 % 400)
        unit = f"user-{number * 7 % 90}"
        name = org.experiments[number % len(org.experiments)]
        expected = assign(catalog, catalog.experiments[name], unit, day, CONTEXT)
        assert org.assign(name, unit, context=CONTEXT, day=day) == expected


def test_all_are_those_that_run_in_the_space(org: coord.Organisation) -> None:
    device = org.assign_all("speaker-1", day=date(2026, 5, 20), space="device")
    user = org.assign_all("user-1", context=CONTEXT, day=DAY, space="user")
    for answers, day in ((device, date(2026, 5, 20)), (user, DAY)):
        names = [one.experiment for one in answers]
        assert names == [name for name in org.experiments if name in names]
        assert {org.state(name, day=day) for name in names} == {"running"}
    assert user == tuple(org.assign(one.experiment, "user-1", context=CONTEXT, day=DAY) for one in user)
    running = {name for name in org.experiments if org.state(name, day=DAY) == coord.State.RUNNING}
    others = org.assign_all("user-1", day=DAY, space="device")
    assert running == {one.experiment for one in (*user, *others)}
    assert device


def test_one_space_need_not_be_named() -> None:
    org = coord.load(ROOT / "docs" / "examples" / "two-teams")
    assert org.assign_all("user-1", day=DAY)
    assert org.assign_all("user-1", day=DAY) == org.assign_all("user-1", day=DAY, space="user")


def test_states_follow_from_the_day(org: coord.Organisation) -> None:
    days = (date(2026, 1, 1), DAY, date(2026, 3, 30))
    assert [org.state("home/podcast-shelf", day=day) for day in days] == ["scheduled", "running", "over"]
    assert org.state("home/daylist") is coord.State.DRAFT
    assert repr(org) == f"<coord.Organisation of {len(org.experiments)} experiments>"


def test_without_a_day_it_is_that_of_utc(org: coord.Organisation) -> None:
    before = datetime.now(UTC).date()
    answers = [
        org.assign_all("user-1", space="user"),
        [org.assign(name, "user-1") for name in org.experiments],
    ]
    after = datetime.now(UTC).date()
    expected = [
        [
            org.assign_all("user-1", space="user", day=day),
            [org.assign(name, "user-1", day=day) for name in org.experiments],
        ]
        for day in (before, after)
    ]
    assert answers in expected


def test_what_goes_wrong_is_said(org: coord.Organisation) -> None:
    shelf = "home/podcast-shelf"
    for unit in ("", "x" * 101, "\ud800", 7, None, b"user-1"):
        with pytest.raises(coord.CoordError, match="A unit is text of 1 to 100 bytes"):
            org.assign(shelf, unit)  # type: ignore[arg-type]
        with pytest.raises(coord.CoordError, match="A unit is text of 1 to 100 bytes"):
            org.assign_all(unit, space="user")  # type: ignore[arg-type]
    for day in ("2026-03-10", datetime(2026, 3, 10, tzinfo=UTC), 20260310):
        with pytest.raises(coord.CoordError, match=r"A day is a datetime\.date"):
            org.assign(shelf, "user-1", day=day)  # type: ignore[arg-type]
    for attempt in (lambda: org.assign("podcast-shelf", "user-1"), lambda: org.state("home/podcast-self")):
        with pytest.raises(
            coord.CoordError, match=r"There is no experiment .*\. Did you mean home/podcast-shelf\?"
        ):
            attempt()
    with pytest.raises(coord.CoordError, match=r"several spaces.*`device` \(device_id\), `user` \(user_id\)"):
        org.assign_all("user-1")
    with pytest.raises(coord.CoordError, match=r"There is no space users: did you mean user\?"):
        org.assign_all("user-1", space="users")


def test_a_folder_without_an_organisation(tmp_path: Path) -> None:
    with pytest.raises(coord.CoordError, match="has no folder `surfaces`"):
        coord.load(tmp_path)
    with pytest.raises(coord.CoordError, match="is no folder"):
        coord.load(tmp_path / "nowhere", at="main")
    with pytest.raises(coord.CoordError, match="is in no git repository"):
        coord.load(tmp_path, at="main")
    (tmp_path / "surfaces").mkdir()
    with pytest.raises(coord.CoordError, match=r"1 file has errors \(surfaces/coord\.yaml\).*`coord check`"):
        coord.load(tmp_path)


def test_a_revision_is_read_without_a_checkout(tmp_path: Path) -> None:
    source = ROOT / "docs" / "examples" / "two-teams"
    files = {str(path.relative_to(source)): path.read_bytes() for path in source.rglob("*.yaml")}
    name = "surfaces/home/experiments/podcast-shelf.yaml"
    repo = Repo(tmp_path / "repository")
    repo.commit(dict(files))
    repo.git("tag", "before")
    repo.commit({name: None, "surfaces/home/allocations/podcast-shelf.yaml": None})
    repo.write({"surfaces/home/surface.yaml": "surface: ["})
    assert "home/podcast-shelf" in coord.load(repo.folder, at="before").experiments
    assert coord.load(str(repo.folder), at="HEAD").experiments == ("home/new-releases",)
    with pytest.raises(coord.CoordError, match=r"1 file has errors \(surfaces/home/surface\.yaml\)"):
        coord.load(repo.folder)
    with pytest.raises(coord.CoordError, match="nowhere is no commit"):
        coord.load(repo.folder, at="nowhere")
    repo.commit(message="broken")
    with pytest.raises(coord.CoordError, match=r"1 file has errors at main \(surfaces/home/surface\.yaml\)"):
        coord.load(repo.folder, at="main")
