"""`coord status` as people and programs call it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from coord.cli.main import run
from coord.config.files import WorkingTree
from coord.config.load import load

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "status.schema.json").read_text("utf-8"))
DAYS = ("2026-03-10", "2026-11-20")

PLAYER = """\
Status on 2026-03-10

player: Player (team playback, space user)
  Running (2, 2 over)      kind      team             traffic  until
    home/holdback-2026-q1  holdback  home-platform    5%       2026-04-06
    player/smart-shuffle   A/B test  personalisation  40%      2026-03-16
"""

MEETS = """\
  Meets
    50.07% overlap with player/autoplay-bandit  from 2026-06-29 until 2026-07-20
  Must be exclusive
    0% overlap with home/ranker-v9-americas  from 2026-06-08 until 2026-07-20  disjoint audiences
"""


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the organisation once for many calls."""
    tree = load(WorkingTree(ROOT))
    monkeypatch.setattr("coord.config.load.load", lambda files: tree)


def _text(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["status", *arguments]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_text(capsys, *arguments, "--format", "json"))
    Draft7Validator(SCHEMA).validate(document)
    return document


def test_a_surface_reads_like_this(capsys: pytest.CaptureFixture[str]) -> None:
    assert _text(capsys, "player", "--today", "2026-03-10").startswith(PLAYER)


def test_whom_an_experiment_meets_reads_like_this(capsys: pytest.CaptureFixture[str]) -> None:
    assert _text(capsys, "home/ranker-v9-nordics", "--today", "2026-07-01").endswith(MEETS)


def test_visited_surfaces_are_said_beside_the_tightest_margin(capsys: pytest.CaptureFixture[str]) -> None:
    told = _text(capsys, "home/podcast-shelf", "--today", "2026-03-10")
    assert "guardrail  crash_rate         margin 2%    search 2%, home 3%\n" in told
    assert "success    podcast_starts     mde 3%       its own\n" in told
    assert "from 2026-03-05  20%  2,000 buckets  in force\n" in told


def test_waived_and_undrawn_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    told = _text(capsys, "player/queue-swipe", "--today", "2026-06-01")
    assert "19.35% overlap with player/crossfade-default  from 2026-05-25 until 2026-06-15\n" in told
    assert " waived: shares player/queue\n" in told
    assert "Ledger      none\n" in _text(capsys, "home/daylist", "--today", "2026-06-01")


@pytest.mark.parametrize("day", DAYS)
def test_text_fits_a_terminal_of_100_columns(
    day: str, quick: None, capsys: pytest.CaptureFixture[str]
) -> None:
    catalog = load(WorkingTree(ROOT)).catalog
    texts = [_text(capsys, "--today", day)]
    texts += [_text(capsys, name, "--today", day) for name in (*catalog.surfaces, *catalog.experiments)]
    assert [line for text in texts for line in text.splitlines() if len(line) > 100] == []
    assert not any("\x1b" in text for text in texts)


@pytest.mark.parametrize("day", DAYS)
def test_json_keeps_to_its_schema(day: str, quick: None, capsys: pytest.CaptureFixture[str]) -> None:
    catalog = load(WorkingTree(ROOT)).catalog
    whole = _json(capsys, "--today", day)
    assert [surface["surface"] for surface in whole["surfaces"]] == sorted(catalog.surfaces)
    assert whole["experiment"] is None
    for surface in whole["surfaces"]:
        assert _json(capsys, surface["surface"], "--today", day)["surfaces"] == [surface]
    for key in catalog.experiments:
        document = _json(capsys, key, "--today", day)
        assert document["experiment"]["experiment"] == key
        assert document["surfaces"] == []


def test_the_schema_closes_nothing_and_describes_everything() -> None:
    def nodes(node: Any) -> Any:
        if isinstance(node, dict):
            yield node
            node = list(node.values())
        for inner in node if isinstance(node, list) else ():
            yield from nodes(inner)

    Draft7Validator.check_schema(SCHEMA)
    described = [p for n in nodes(SCHEMA) for p in n.get("properties", {}).values() if isinstance(p, dict)]
    assert len(described) > 50
    assert all("description" in node for node in described)
    assert all(set(n["required"]) == set(n["properties"]) for n in nodes(SCHEMA) if "required" in n)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("podcast-shelf", "There is no surface podcast-shelf; did you mean home/podcast-shelf?"),
        ("hom", "There is no surface hom; did you mean home?"),
        ("home/ranker-v7", "There is no experiment home/ranker-v7; did you mean home/ranker-v"),
        ("??", "experiments are named surface/name"),
        ("a\x1b[31m", "a\\x1b[31m"),
    ],
)
def test_an_unknown_name_is_wrong_usage(name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["status", name]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the example, to be spoilt."""
    shutil.copytree(ROOT / "surfaces", tmp_path / "surfaces")
    return tmp_path


def test_files_with_errors_are_left_out_and_said(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copy / "surfaces" / "home" / "experiments" / "ranker-v8.yaml"
    path.write_text(path.read_text("utf-8") + "\nbogus: 1\n", "utf-8")
    arguments = ["--root", str(copy), "--today", "2026-03-10"]
    told = _text(capsys, *arguments, "home")
    assert "home/ranker-v8 " not in told
    assert told.endswith("\n1 file has errors and is left out; `coord check` says more.\n")
    assert _json(capsys, *arguments)["broken"] == ["surfaces/home/experiments/ranker-v8.yaml"]
    assert run(["status", *arguments, "home/ranker-v8"]) == 3
    assert "ranker-v8.yaml has errors" in capsys.readouterr().err


def test_titles_cannot_act_on_the_terminal(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = '"\\e[2J[bold]::error::\\u202e"'
    for path in (copy / "surfaces").rglob("*.yaml"):
        lines = path.read_text("utf-8").splitlines()
        spoilt = [f"title: {hostile}" if line.startswith("title: ") else line for line in lines]
        path.write_text("\n".join(spoilt) + "\n", "utf-8")
    for arguments in ((), ("home",), ("home/podcast-shelf",)):
        told = _text(capsys, *arguments, "--root", str(copy), "--today", "2026-03-10")
        assert "\\x1b[2J[bold]::error::\\u202e" in told
        assert not set(told) & set("\x1b\u202e")
    assert "\x1b" not in json.dumps(_json(capsys, "--root", str(copy)), ensure_ascii=True)


def test_colours_are_for_terminals(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = _text(capsys, "checkout", "--today", "2026-11-20")
    monkeypatch.setattr("coord.cli.status.wants_color", lambda output: output is None)
    styled = _text(capsys, "checkout", "--today", "2026-11-20")
    assert "\x1b[33m" in styled  # a component that is full
    assert "\x1b[" not in plain
    one = _text(capsys, "home/podcast-shelf", "--today", "2026-11-20")
    assert "\x1b[1m" in one


def test_it_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _text(capsys, "player", "--output", str(tmp_path / "status.txt")) == ""
    assert (tmp_path / "status.txt").read_text("utf-8").startswith("Status on ")


def test_an_organisation_without_surfaces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "surfaces").mkdir()
    shutil.copy(ROOT / "surfaces" / "coord.yaml", tmp_path / "surfaces")
    assert "There are no surfaces.\n" in _text(capsys, "--root", str(tmp_path))
