"""An organisation in a folder of a larger repository: its workflows are at the top, and find it."""

import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from coord.authoring.codeowners import CODEOWNERS
from coord.authoring.init import ACTION, ALLOCATE, CHECK, Started, init
from coord.authoring.within import PRE_COMMIT
from coord.cli.main import run
from coord.errors import UsageError
from git_trees.repositories import Repo, hermetic

FOLDERS = ["apps/exp", "my exp", "a+b.[c]/(d)", "größe", "it's", "-x/$(id)"]


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of acme's."""
    hermetic(monkeypatch, tmp_path)
    repo = Repo(tmp_path / "big")
    repo.git("remote", "add", "origin", "https://github.com/acme/big")
    return repo.folder


def _init(folder: Path) -> Started:
    return init(folder, "coord==1.0", allocate_on_merge=True)


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


@pytest.mark.parametrize("name", FOLDERS)
def test_each_file_is_where_it_is_read(top: Path, name: str) -> None:
    started = _init(top / name)
    found = {
        path.relative_to(top).as_posix()
        for path in top.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(top).parts
    }
    above = {CHECK, ALLOCATE, ACTION, CODEOWNERS, PRE_COMMIT}
    assert found == above | {f"{name}/{path}" for path in started.written if path not in above}
    assert {f"{name}/.gitattributes", f"{name}/surfaces/coord.yaml"} <= found
    assert (started.left, _init(top / name).written, _init(top / name).left) == ({}, (), {})


@pytest.mark.parametrize("name", FOLDERS)
def test_pre_commit_checks_the_folder(top: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _init(top / name)
    [hook] = _read(top / PRE_COMMIT)["repos"][0]["hooks"]
    assert re.search(hook["files"], f"{name}/surfaces/home/surface.yaml")
    assert re.search(hook["files"], f"{name}/schemas/coord.schema.json")
    for other in ("surfaces/coord.yaml", f"x/{name}/surfaces/coord.yaml", f"{name}/x/surfaces/coord.yaml"):
        assert not re.search(hook["files"], other)
    monkeypatch.chdir(top)
    assert run(shlex.split(hook["entry"])[1:]) == 0
    (top / name / "surfaces/coord.yaml").write_text("{", "utf-8")
    assert run(shlex.split(hook["entry"])[1:]) == 1


@pytest.mark.parametrize("name", FOLDERS)
def test_workflows_name_the_folder(top: Path, name: str) -> None:
    _init(top / name)
    check, allocate = _read(top / CHECK), _read(top / ALLOCATE)
    assert check["jobs"]["check"]["steps"][1]["with"] == {"install": "coord==1.0", "root": name}
    assert allocate["jobs"]["allocate"]["steps"][-1]["env"] == {"ROOT": name}


@pytest.mark.parametrize("name", FOLDERS)
def test_patterns_match_the_folder(top: Path, name: str) -> None:
    """As git matches them in a .gitignore, whose rules those of CODEOWNERS and workflows follow."""
    _init(top / name)
    lines = (top / CODEOWNERS).read_text("utf-8").splitlines()
    owned = [line.split()[0] for line in lines if line.endswith("@acme/product")]
    [changed] = _read(top / ALLOCATE)[True]["push"]["paths"]
    assert len(owned) == 5
    assert not set("[]+?! ") & set("".join((*owned, changed)))  # what they do not agree on
    for pattern, path in ((owned[-1], "home/surface.yaml"), (changed, "home/experiments/x.yaml")):
        (top / ".git/info").mkdir(exist_ok=True)
        (top / ".git/info/exclude").write_text(pattern, "utf-8")
        repo = Repo(top)
        assert repo.git("check-ignore", "--", f"./{name}/surfaces/{path}")


def test_what_is_at_the_top_already_stays(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Such as the workflow of another organisation, which does nothing for this one."""
    _init(top / "a")
    capsys.readouterr()
    assert run(["init", str(top / "b"), "--install", "coord==1.0", "--allocate-on-merge"]) == 0
    shown = capsys.readouterr().out
    assert "the top of the repository" not in shown
    assert "  Nothing runs for this folder unless a job of it has the action's `root: b`\n" in shown
    assert "  Nothing runs for this folder unless a job of it has `ROOT: b`\n" in shown
    assert "    /b/surfaces/home/*.yaml   @acme/product\n" in shown
    assert "        entry: coord check --root b\n" in shown
    assert "entry: coord check --root a\n" in (top / PRE_COMMIT).read_text("utf-8")


def test_a_link_into_a_repository_is_in_it(top: Path, tmp_path: Path) -> None:
    (top / "exp").mkdir()
    (tmp_path / "link").symlink_to(top / "exp")
    assert _init(tmp_path / "link").within == (top.resolve(), "exp")
    assert (top / CHECK).is_file()


@pytest.mark.parametrize("name", ["a\nb", "${{ github.head_ref }}", os.fsdecode(b"\xff")])
def test_what_no_workflow_can_name(top: Path, name: str) -> None:
    with pytest.raises(UsageError, match="a workflow cannot have in it"):
        _init(top / name)
    assert not (top / name).exists()
    assert not (top / ".github").exists()
