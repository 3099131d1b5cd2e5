"""A new organisation: what is written, and that its workflows do what they say."""

import secrets
import shutil
from pathlib import Path

import pytest
import yaml

from coord.authoring import init as authoring
from coord.authoring.init import ACTION, ALLOCATE, CHECK, init
from coord.authoring.requirement import requirement
from coord.cli.main import run
from coord.config.layout import KINDS
from coord.errors import CoordError, UsageError
from review_setup.teams import Team, tools

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


def test_any_requirement_is_one_value(tmp_path: Path) -> None:
    """What else holds of the workflows is in tests/review_setup/test_workflow_files.py."""
    requirement = "coord @ git+https://example.org/c@${{ 1 }}'\" # x: y"
    init(tmp_path, requirement, allocate_on_merge=True)
    check, allocate = (yaml.safe_load((tmp_path / path).read_text("utf-8")) for path in (CHECK, ALLOCATE))
    assert check["jobs"]["check"]["steps"][1]["with"] == {"install": requirement}
    assert allocate["env"] == {"COORD": requirement}
    assert allocate[True] == {"push": {"branches": ["main"], "paths": ["surfaces/**"]}}  # `on` in YAML 1.1
    assert allocate["jobs"]["allocate"]["permissions"] == {"contents": "write"}
    assert allocate["concurrency"] == {"group": "coord-allocate", "cancel-in-progress": False}


def test_the_merge_workflow_installs_before_a_key_is_on_disk(tmp_path: Path) -> None:
    init(tmp_path, "coord==1.0", allocate_on_merge=True)
    steps = yaml.safe_load((tmp_path / ALLOCATE).read_text("utf-8"))["jobs"]["allocate"]["steps"]
    names = [step.get("name", step.get("uses", "").partition("@")[0]) for step in steps]
    assert names == ["actions/setup-python", "Install coord", "actions/checkout", "Draw, commit, push"]


def test_where_coord_comes_from_is_the_teams_own(root: Path) -> None:
    """A new version of coord does not ask for the line that they chose."""
    assert init(root, "coord==2.0", allocate_on_merge=False).left == {}
    (root / ACTION).write_text("name: coord\n")
    assert set(init(root, "coord==2.0", allocate_on_merge=False).left) == {ACTION}


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


class Merged:
    """A repository of which the merge workflow draws, with its very script."""

    def __init__(self, folder: Path, below: str = ".") -> None:
        """An organisation, maybe below a folder, with an experiment that was merged without a ledger."""
        self.team = Team(folder / "work", tools(folder / "bin"))
        self.team.does(
            "git init --quiet --initial-branch=main",
            f"coord init '{below}' --install coord==1.0 --allocate-on-merge",
        )
        Team(self.team.folder / below, folder / "bin").plans("podcast-shelf", "20%")
        self.team.commits("Podcast shelf")
        self.remote = Team(folder / "remote.git", folder / "bin")
        self.remote.does("git init --quiet --bare --initial-branch=main")
        self.team.does("git remote add origin ../remote.git", "git push --quiet origin main")
        steps = yaml.safe_load((self.team.folder / ALLOCATE).read_text("utf-8"))["jobs"]["allocate"]["steps"]
        self.script, self.environment = steps[-1]["run"], steps[-1]["env"]

    def draws(self) -> tuple[int, str]:
        """Run it as a runner does: in a checkout of the last commit only."""
        checkout = Team(
            self.team.folder.parent / f"run-{secrets.token_hex(4)}", self.team.folder.parent / "bin"
        )
        checkout.does(f"git clone --quiet --depth 1 {self.remote.folder.as_uri()} .")
        checkout.environment |= self.environment
        return checkout.tries(f"set -e\n{self.script}")

    @property
    def log(self) -> list[str]:
        """What main is made of, the last first."""
        return self.remote.does("git log --format=%s main").splitlines()


def test_the_merge_workflow_draws_commits_and_pushes(tmp_path: Path) -> None:
    """Twice: the second time there is nothing to do."""
    merged = Merged(tmp_path)
    for _ in range(2):
        assert merged.draws()[0] == 0
        assert merged.log == ["Draw buckets (coord allocate --all)", "Podcast shelf"]
    changed = merged.remote.does("git show --format= --name-only main").split()
    assert changed == ["surfaces/home/allocations/podcast-shelf.yaml"]


def test_the_merge_workflow_draws_in_a_folder(tmp_path: Path) -> None:
    merged = Merged(tmp_path, "apps/[my] exp")
    assert merged.draws()[0] == 0
    changed = merged.remote.does("git show --format= --name-only main").splitlines()
    assert changed == ["apps/[my] exp/surfaces/home/allocations/podcast-shelf.yaml"]


def test_the_merge_workflow_draws_anew_when_somebody_pushes_in_between(tmp_path: Path) -> None:
    merged = Merged(tmp_path)
    merged.team.plans("video-shelf", "30%")
    merged.team.commits("Video shelf")
    merged.team.does("git push --quiet origin main:next")
    hook = merged.remote.folder / "hooks/pre-receive"  # whoever comes first finds that main has moved
    hook.write_text(
        "#!/bin/sh\nunset GIT_QUARANTINE_PATH\n"
        "git rev-parse --quiet --verify next || exit 0\n"
        "git update-ref refs/heads/main next && git branch -D next\n"
    )
    hook.chmod(0o755)
    assert merged.draws()[0] == 0
    assert merged.log == ["Draw buckets (coord allocate --all)", "Video shelf", "Podcast shelf"]
    assert len(merged.remote.does("git show --format= --name-only main").split()) == 2


def test_the_merge_workflow_says_when_main_is_protected(tmp_path: Path) -> None:
    merged = Merged(tmp_path)
    hook = merged.remote.folder / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    code, said = merged.draws()
    assert code == 3
    assert "::error::main refuses the ledgers. It is protected" in said
    assert merged.log == ["Podcast shelf"]


def test_the_merge_workflow_fails_where_there_is_no_room(tmp_path: Path) -> None:
    merged = Merged(tmp_path)
    merged.team.plans("video-shelf", "90%")
    merged.team.commits("Video shelf")
    merged.team.does("git push --quiet origin main")
    code, said = merged.draws()
    assert code == 3
    assert "no room" in said
    assert merged.log == ["Video shelf", "Podcast shelf"]


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
