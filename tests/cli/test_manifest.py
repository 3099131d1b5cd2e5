"""`coord manifest`: what it prints, and what it refuses."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from coord.cli.main import run

ROOT = Path(__file__).parents[2]
SHELF = "surfaces/home/experiments/podcast-shelf.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example organisation."""
    shutil.copytree(ROOT / "surfaces", tmp_path / "surfaces")
    return tmp_path


def edit(folder: Path, path: str, old: str, new: str) -> None:
    """Replace a text that stands once in a file."""
    text = (folder / path).read_text("utf-8")
    assert text.count(old) == 1
    (folder / path).write_text(text.replace(old, new), "utf-8")


def test_it_prints_a_document(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["manifest", "--root", str(folder), "--today", "2026-03-10"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["format"] == "coord.manifest/1"
    assert document["today"] == "2026-03-10"
    assert len(document["experiments"]) > 10


def test_it_writes_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = folder / "manifest.json"
    options = ["manifest", "--root", str(folder), "--today", "2026-03-10", "--format", "json"]
    assert run([*options, "--output", str(target)]) == 0
    assert capsys.readouterr().out == ""
    assert run(options) == 0
    assert capsys.readouterr().out == target.read_text("utf-8")


def _broken_file(folder: Path) -> None:
    edit(folder, SHELF, "kind: ab_test", "kind: test")


def _unknown_value(folder: Path) -> None:
    edit(folder, SHELF, "country: [SE, US]", "country: [SE, XX]")


def _same_salt(folder: Path) -> None:
    edit(folder, SHELF, "logged_as: home_podcast_shelf", "salt: MegaSalt-tonika-users")


def _conflict(folder: Path) -> None:
    edit(
        folder,
        SHELF,
        "exclusive_with: [home/ranker-v8]",
        "exclusive_with: [home/ranker-v8, player/smart-shuffle]",
    )


def _edited_ledger(folder: Path) -> None:
    edit(folder, "surfaces/home/allocations/podcast-shelf.yaml", '"base64:AAAAAA', '"base64:BAAAAA')


def _adaptive(folder: Path) -> None:
    edit(folder, SHELF, "  - name: control\n", "  - name: control\n    weight: adaptive\n")


@pytest.mark.parametrize(
    ("spoil", "code", "path"),
    [
        (_broken_file, "SYN003", SHELF),
        (_unknown_value, "REF001", SHELF),
        (_same_salt, "REF002", SHELF),
        (_conflict, "BKT001", "surfaces/"),
        (_edited_ledger, "BKT00", "surfaces/home/allocations/podcast-shelf.yaml"),
        (_adaptive, "SYS001", SHELF),
    ],
)
def test_a_tree_that_leaves_it_open_who_gets_what_is_refused(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Path], None],
    code: str,
    path: str,
) -> None:
    spoil(folder)
    target = folder / "manifest.json"
    target.write_text("the last good one", "utf-8")
    options = ["manifest", "--root", str(folder), "--today", "2026-03-10", "--output", str(target)]
    assert run(options) == 3
    said = capsys.readouterr().err
    assert said.startswith("coord: No manifest is made")
    assert code in said
    assert path in said
    assert "`coord check`" in said
    assert target.read_text("utf-8") == "the last good one"


def test_many_errors_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = sorted((folder / "surfaces" / "home" / "experiments").iterdir())
    for path in broken:
        path.write_text("experiment: [", "utf-8")
    assert run(["manifest", "--root", str(folder), "--today", "2026-03-10"]) == 3
    shown = capsys.readouterr().err
    assert shown.count("SYN001 in ") == 3
    assert " more. Run" in shown


def test_an_exceeded_budget_does_not_keep_a_stop_from_being_served(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(folder, "surfaces/home/surface.yaml", "per_unit: 2.5", "per_unit: 0.1")
    edit(folder, SHELF, "end: 2026-03-30", "end: 2026-03-12")
    options = ["--root", str(folder), "--today", "2026-03-11"]
    assert run(["check", *options]) == 1
    assert "BUD002" in capsys.readouterr().out
    assert run(["manifest", *options]) == 0
    document = json.loads(capsys.readouterr().out)
    ends = {one["experiment"]: one["end"] for one in document["experiments"]}
    assert ends["home/podcast-shelf"] == "2026-03-12"
