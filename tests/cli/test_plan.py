"""`coord plan` as people and programs call it, in real repositories; and the page about it."""

import json
import re
from pathlib import Path

import pytest

from coord.cli.main import run
from coord.report.plan_words import SIGNS, TYPES
from git_trees.repositories import Repo, hermetic
from review.trees import BASELINE, experiment, organisation, path_of

ROOT = Path(__file__).parents[2]
TODAY = ("--today", "2026-03-10")


def _texts(files: dict[str, object]) -> dict[str, str | bytes | None]:
    return {path: json.dumps(value) for path, value in files.items()}


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository whose main has one experiment that runs."""
    hermetic(monkeypatch, tmp_path)
    repo = Repo(tmp_path / "repo")
    repo.commit(_texts(organisation(a={"buckets": "0:300"})))
    monkeypatch.chdir(repo.folder)
    return repo


def _plan(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["plan", *TODAY, *arguments]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def test_what_is_not_committed_yet(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write(_texts(experiment("b", start="2026-03-16", traffic="20%")))
    told = _plan(capsys, "--base", "HEAD")
    assert told.startswith(
        f"What changes since {repo.id('HEAD')[:12]}, as of 2026-03-10\n\n+ home/b  added: "
    )
    assert "\x1b" not in told


def test_a_branch_is_compared_with_where_it_began(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    base = repo.id("HEAD")
    repo.git("switch", "--quiet", "--create", "change")
    repo.commit(_texts(experiment("b", start="2026-03-16", traffic="20%")))
    repo.git("switch", "--quiet", "main")
    repo.commit(_texts(experiment("c", start="2026-03-16", traffic="20%")))
    repo.git("switch", "--quiet", "change")
    document = json.loads(_plan(capsys, "--base", "main", "--format", "json"))
    assert document["base"] == base
    assert [change["experiment"] for change in document["changes"]] == ["home/b"]


def test_coord_end_is_told_as_ended(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    text = json.dumps(organisation(a={})[path_of("a")], indent=1)
    repo.commit({path_of("a"): text})
    assert run(["end", "home/a", *TODAY]) == 0
    capsys.readouterr()
    told = _plan(capsys, "--base", "HEAD")
    assert "x home/a  ended: A/B test by one, 30% from 2026-03-02 until 2026-03-10\n" in told
    assert told.endswith("1 ended. No unit changes variant.\nReady: no new errors or warnings.\n")


def test_what_coord_allocate_draws_is_told_as_drawn(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write(_texts(experiment("b", start="2026-03-16", traffic="20%")))
    assert run(["allocate", "home/b", *TODAY]) == 0
    capsys.readouterr()
    told = _plan(capsys, "--base", "HEAD")
    assert "    draws 200 buckets\n" in told
    assert "    0% home/a  from 2026-03-16 until 2026-03-30  shares home/header\n" in told


def test_commands_that_are_named_look_at_the_same(
    repo: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write(_texts(experiment("b", start="2999-03-16", end="2999-04-13", traffic="20%")))
    repo.write(_texts(experiment("a", hypothesis="Another.")))
    base = repo.id("HEAD")[:12]

    def told(*options: str) -> str:
        assert run(["plan", "--base", "HEAD", *options]) == 0
        return " ".join(capsys.readouterr().out.split())

    assert f"`coord check --base {base}` says where" in told("--root", ".")
    assert f"`coord check --base {base} --today 2026-03-10` says where" in told(*TODAY)
    odd = repo.folder.rename(repo.folder.with_name("odd name"))
    monkeypatch.chdir(odd.parent)
    given = ("--root", "odd name", *TODAY)
    assert f"`coord check --base {base} --today 2026-03-10 --root 'odd name'` says where" in told(*given)
    again = f"`coord plan --base {base} --today 2026-03-10 --root 'odd name'`</sub>"
    assert again in told(*given, "--format", "markdown")


def test_a_branch_that_has_gone_on(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.git("switch", "--quiet", "--create", "change")
    repo.git("switch", "--quiet", "main")
    repo.commit(_texts(experiment("c", start="2026-03-16", traffic="20%")))
    repo.git("switch", "--quiet", "change")
    assert "\nThe branch compared with has 1 commit to surfaces/ that " in _plan(capsys, "--base", "main")
    assert json.loads(_plan(capsys, "--base", "main", "--format", "json"))["behind"] == 1


def test_each_format_to_a_file(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    beginnings = {"text": "What changes since ", "markdown": "<!-- coord-plan -->\n", "json": "{\n"}
    for form, beginning in beginnings.items():
        assert _plan(capsys, "--base", "HEAD", "--format", form, "--output", "plan.txt") == ""
        assert (repo.folder / "plan.txt").read_text("utf-8").startswith(beginning)


@pytest.mark.parametrize(("columns", "most"), [(200, 100), (100, 100), (80, 80), (20, 60)])
def test_lines_are_as_wide_as_the_terminal(
    columns: int, most: int, repo: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    repo.write(_texts(experiment("b", start="2026-03-16", hypothesis="x", traffic="20%")))
    repo.write(_texts(experiment("a", hypothesis="word " * 30)))
    plain = _plan(capsys, "--base", "HEAD")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    lines = _plan(capsys, "--base", "HEAD").splitlines()
    assert most - 15 < max(map(len, lines)) <= most
    assert (lines == plain.splitlines()) is (most == 100)
    _plan(capsys, "--base", "HEAD", "--output", "plan.txt")
    assert (repo.folder / "plan.txt").read_text("utf-8") == plain


def test_the_exit_code_is_zero_whatever_it_says(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write({path_of("a"): None, BASELINE: "["})
    told = _plan(capsys, "--base", "HEAD")
    assert "Not ready: " in told


def test_a_repository_that_has_no_organisation_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hermetic(monkeypatch, tmp_path)
    repo = Repo(tmp_path / "new")
    repo.commit({"README": "hello"})
    monkeypatch.chdir(repo.folder)
    repo.write(_texts(organisation(a={"start": "2026-03-16"})))
    told = _plan(capsys, "--base", "HEAD")
    assert "+ home/a  added" in told
    assert "  surfaces/home/surface.yaml: new\n" in told
    assert "Left out" not in told


def test_without_a_base_it_says_how_to_give_one(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan"]) == 2
    assert "give --base REF" in capsys.readouterr().err


def test_a_base_that_is_not_there(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--base", "nowhere"]) == 3
    assert "nowhere is no commit" in capsys.readouterr().err


def test_outside_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hermetic(monkeypatch, tmp_path)
    Repo(tmp_path / "other")
    folder = tmp_path / "plain"
    for path, text in _texts(organisation()).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(str(text), "utf-8")
    monkeypatch.chdir(folder)
    assert run(["plan", "--base", "HEAD"]) == 3
    assert "git" in capsys.readouterr().err


def test_the_last_day_of_the_calendar(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write(_texts(experiment("b", start="9999-12-01", end="9999-12-31")))
    assert run(["plan", "--base", "HEAD", "--today", "9999-12-31"]) == 0
    assert "+ home/b  added" in capsys.readouterr().out


PAGE = (ROOT / "docs" / "plan.md").read_text("utf-8")
SHELF = "surfaces/home/experiments/podcast-shelf.yaml"


def _block(language: str) -> str:
    """The one block of a language on the page."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(block)


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """The two teams of the examples, with the change that the page tells of."""
    hermetic(monkeypatch, tmp_path)
    repo = Repo(tmp_path / "example")
    teams = ROOT / "docs" / "examples" / "two-teams"
    files = {str(path.relative_to(teams)): path.read_text("utf-8") for path in teams.rglob("*.yaml")}
    repo.commit(dict(files))
    shelf = files[SHELF].replace("{name: shelf, weight: 1}", "{name: shelf, weight: 3}")
    repo.write({SHELF: shelf, SHELF.replace("podcast-shelf", "big-banner"): _block("yaml")})
    monkeypatch.chdir(repo.folder)
    return repo


def test_the_page_shows_what_a_reader_sees(example: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--base", "HEAD", "--today", "2026-03-09"]) == 0
    shown, commit = _block("text"), example.id("HEAD")[:12]
    assert capsys.readouterr().out == re.sub(r"\b[0-9a-f]{12}\b", commit, shown)


def test_the_page_shows_the_json(example: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--base", "HEAD", "--today", "2026-03-09", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert json.loads(_block("json")) == document["changes"][1]
    for key in document.keys() - {"format", "base", "today"}:
        assert f"`{key}`" in PAGE


def test_the_page_tells_every_action_and_type() -> None:
    for action, sign in SIGNS.items():
        assert f"| `{sign}` | {action.value} |" in PAGE
    for told in TYPES.values():
        assert f"\n| {told} |" in PAGE
