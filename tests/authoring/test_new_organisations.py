"""A new organisation: what is written, and that its workflows do what they say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from coord.authoring import init as authoring
from coord.authoring.init import ALLOCATE, CHECK, init
from coord.authoring.requirement import requirement
from coord.cli.main import run
from coord.config.layout import KINDS
from coord.errors import CoordError, UsageError

ROOT = Path(__file__).parents[2]


def _files(root: Path) -> dict[str, str]:
    return {p.relative_to(root).as_posix(): p.read_text("utf-8") for p in root.rglob("*") if p.is_file()}


def test_a_new_organisation_is_clean(tmp_path: Path) -> None:
    started = init(tmp_path / "new" / "org", "coord==1.0", allocate_on_merge=True)
    assert sorted(_files(started.root)) == sorted(started.written)
    assert started.left == {}
    assert run(["check", "--root", str(started.root), "--fail-on", "warning"]) == 0


def test_schemas_are_copies(root: Path) -> None:
    for kind in KINDS:
        name = f"schemas/{kind.name}.schema.json"
        assert (root / name).read_bytes() == (ROOT / name).read_bytes()
    for path in (root / "surfaces").rglob("*.yaml"):
        named = path.read_text("utf-8").partition("\n")[0].partition("$schema=")[2]
        assert (path.parent / named).is_file()


def test_no_two_organisations_have_the_same_salt(tmp_path: Path) -> None:
    salts = set()
    for name in ("a", "b"):
        init(tmp_path / name, "", allocate_on_merge=False)
        salts.add(
            yaml.safe_load((tmp_path / name / "surfaces/coord.yaml").read_text())["spaces"]["user"]["salt"]
        )
    assert len(salts) == 2


def test_what_is_there_stays_and_is_named(tmp_path: Path) -> None:
    (tmp_path / ".gitattributes").write_text("*.png binary\n")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/coord.schema.json").write_text("{}")
    started = init(tmp_path, "coord==1.0", allocate_on_merge=False)
    assert set(started.left) == {".gitattributes", "schemas/coord.schema.json"}
    assert (tmp_path / ".gitattributes").read_text() == "*.png binary\n"
    assert (tmp_path / "surfaces/coord.yaml").exists()


def test_a_second_time_writes_only_what_is_missing(root: Path) -> None:
    shutil.rmtree(root / "surfaces/home")  # an organisation that has moved on gets no example again
    before = _files(root)
    assert init(root, "coord==1.0", allocate_on_merge=False).written == ()
    assert _files(root) == before
    assert init(root, "coord==1.0", allocate_on_merge=True).written == (ALLOCATE,)


def test_another_surfaces_folder_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "surfaces/glass").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"has no coord\.yaml"):
        init(tmp_path, "", allocate_on_merge=False)
    assert _files(tmp_path) == {}


def test_nothing_is_half_written(tmp_path: Path) -> None:
    (tmp_path / ".github").write_text("a file where a folder is needed")
    with pytest.raises(CoordError, match="cannot be written"):
        init(tmp_path, "", allocate_on_merge=False)
    assert list(_files(tmp_path)) == [".github"]
    with pytest.raises(UsageError, match="is not a folder"):
        init(tmp_path / ".github", "", allocate_on_merge=False)


def test_the_workflows_ask_for_little(tmp_path: Path) -> None:
    init(tmp_path, "coord @ git+https://example.org/c@${{ 1 }}'\"", allocate_on_merge=True)
    check, allocate = (yaml.safe_load((tmp_path / path).read_text("utf-8")) for path in (CHECK, ALLOCATE))
    assert set(check[True]) == {"pull_request", "merge_group"}  # `on`, to a reader of YAML 1.1
    assert allocate[True] == {"push": {"branches": ["main"], "paths": ["surfaces/**"]}}
    assert check["permissions"] == allocate["permissions"] == {}
    assert check["jobs"]["check"]["permissions"] == {"contents": "read"}
    assert allocate["jobs"]["allocate"]["permissions"] == {"contents": "write"}
    assert check["jobs"]["check"]["steps"][0]["with"] == {"fetch-depth": 0, "persist-credentials": False}
    assert allocate["concurrency"] == {"group": "coord-allocate", "cancel-in-progress": False}
    assert check["env"]["COORD"].endswith("'\"")
    commands = [
        step["run"]
        for flow in (check, allocate)
        for job in flow["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]
    assert "coord check --format github" in commands
    assert not [command for command in commands if "${{" in command]


def test_actions_are_pinned_as_they_are_here(tmp_path: Path) -> None:
    """By full SHA, and the ones that this repository's own CI is run with."""
    init(tmp_path, "", allocate_on_merge=True)
    ours = set(
        re.findall(r"uses: (\S+@[0-9a-f]{40}) # (v[0-9.]+)", (ROOT / ".github/workflows/ci.yml").read_text())
    )
    for path in (CHECK, ALLOCATE):
        text = (tmp_path / path).read_text("utf-8")
        used = re.findall(r"uses: (\S+) # (\S+)", text)
        assert len(used) == text.count("uses:") == 2
        assert set(used) <= ours, f"bring the templates of coord init up to date: {path}"


@pytest.mark.parametrize(
    ("noted", "expected"),
    [
        (None, "coord==1.2"),
        ('{"url": "file:///home/me/coord", "dir_info": {}}', ""),
        (
            '{"url": "https://x.org/c", "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
            "coord @ git+https://x.org/c@abc",
        ),
        ('{"url": "https://x.org/coord.whl", "archive_info": {}}', "coord @ https://x.org/coord.whl"),
    ],
)
def test_ci_installs_what_runs_here(
    noted: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Installed:
        version = "1.2"

        def read_text(self, name: str) -> str | None:
            return noted if name == "direct_url.json" else None

    monkeypatch.setattr("coord.authoring.requirement.distribution", lambda name: Installed())
    assert requirement() == expected


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True, env=_environment(folder)
    )
    return done.stdout


def _environment(folder: Path) -> dict[str, str]:
    """git that sees no one's settings, and a `coord` on the PATH."""
    return {
        **os.environ,
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }


def test_the_merge_workflow_draws_commits_and_pushes(tmp_path: Path) -> None:
    """Its very script, against a repository of its own, twice: the second time there is nothing to do."""
    remote, work, tools = tmp_path / "remote.git", tmp_path / "work", tmp_path / "tools"
    init(work, "", allocate_on_merge=True)
    new = [
        "new",
        "experiment",
        "home/x",
        "--root",
        str(work),
        "--set",
        "status=active",
        "--set",
        "traffic=20%",
    ]
    new += ["--set", "hypothesis=h", "--set", "start=2098-01-01", "--set", "end=2098-01-15"]
    assert run(new) == 0
    _git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    _git(work, "init", "--quiet", "--initial-branch=main")
    _git(work, "add", ".")
    _git(work, "commit", "--quiet", "-m", "first")
    _git(work, "remote", "add", "origin", str(remote))
    _git(work, "push", "--quiet", "origin", "main")
    tools.mkdir()
    (tools / "coord").write_text(f"#!{sys.executable}\nfrom coord.cli.main import main\nmain()\n")
    (tools / "coord").chmod(0o755)
    steps = yaml.safe_load((work / ALLOCATE).read_text("utf-8"))["jobs"]["allocate"]["steps"]
    environment = _environment(work) | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    for _ in range(2):
        done = subprocess.run(
            ["bash", "-e", "-c", steps[-1]["run"]],
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    log = _git(remote, "log", "--format=%an %s", "main").splitlines()
    assert log == ["a Draw buckets (coord allocate --all)", "a first"]
    assert _git(remote, "show", "--format=", "--name-only", "main").split() == [
        "surfaces/home/allocations/x.yaml"
    ]


def test_templates_are_files_of_the_package() -> None:
    folder = Path(authoring.__file__).parent / "templates"
    assert {path.name for path in folder.iterdir()} == {
        "allocate.yml",
        "check.yml",
        "coord.yaml",
        "gitattributes",
        "metrics.yaml",
        "pre-commit-config.yaml",
        "surface.yaml",
    }
