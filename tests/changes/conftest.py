"""A repository of an organisation, and checks of it as people run them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from changes.trees import experiment_path, ledger_path, written
from coord.cli.main import run
from git_trees.repositories import Repo, hermetic

DAY = "2026-03-10"

COORD = """\
spaces:
  user: {unit: user_id, salt: MegaSalt-acme, buckets: 1000}
teams: [home-platform, podcasts]
decision: {method: always_valid}
"""
METRICS = """\
metrics:
  minutes: {event: play, value: minutes, aggregate: sum, window: 1d, direction: increase}
"""
SURFACE = """\
surface: home
title: Mobile home screen
owner: home-platform
space: user
components:
  header: The top
  shelf: The shelves
metrics:
  success: [{metric: minutes, mde: 1%}]
"""


class Said(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    text: str
    errors: str

    @property
    def document(self) -> dict[str, Any]:
        """What it said, as the JSON it is."""
        document: dict[str, Any] = json.loads(self.text)
        return document

    def found(self, *, new: bool = True) -> set[str]:
        """`CODE experiment` of the errors and warnings that are new, or were there before."""
        return {
            f"{finding['code']} {finding['experiment']}"
            for finding in self.document["findings"]
            if finding["new"] is new and finding["severity"] != "info"
        }


class Clone:
    """A repository with `surfaces/` at its top, and coord run in it."""

    def __init__(self, repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
        self.repo = repo
        self._capfd = capfd

    def coord(self, *arguments: str, today: str = DAY) -> Said:
        self._capfd.readouterr()
        code = run([*arguments, "--root", str(self.repo.folder), "--today", today])
        return Said(code, *self._capfd.readouterr())

    def check(self, base: str = "main", *options: str, today: str = DAY) -> Said:
        """`coord check --base`, as JSON."""
        return self.coord("check", "--base", base, "--format", "json", *options, today=today)

    def change(self, files: Mapping[str, Any], message: str = "change") -> str:
        """Commit files; of an experiment, given by its full name, what differs from what it said."""
        self.write(files)
        return self.repo.commit(message=message)

    def write(self, files: Mapping[str, Any]) -> None:
        """Write files without a commit."""
        self.repo.write({path: None if value is None else written(value) for path, value in files.items()})

    def branch(self, name: str, at: str = "main") -> None:
        """Start a branch."""
        self.repo.git("checkout", "--quiet", "-b", name, at)

    def switch(self, name: str) -> None:
        """Check out a branch."""
        self.repo.git("checkout", "--quiet", name)

    def allocate(self, *names: str) -> None:
        """Draw, or draw again."""
        assert self.coord("allocate", *(names or ["--all"])).code == 0


def experiment(name: str, start: str, end: str, traffic: Any = "60%", **changes: Any) -> dict[str, Any]:
    """An experiment on home/header by its path."""
    value = {
        "experiment": name,
        "surface": "home",
        "kind": "ab_test",
        "title": f"Test {name}",
        "owner": "podcasts",
        "hypothesis": f"{name} is better.",
        "status": "active",
        "start": start,
        "end": end,
        "traffic": traffic,
        "components": ["header"],
        "variants": [{"name": "control"}, {"name": "treatment"}],
    }
    return {experiment_path(f"home/{name}"): value | changes}


def edit(clone: Clone, path: str, old: str, new: str) -> None:
    """Replace text in a file, without a commit."""
    file = clone.repo.folder / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def text_of(clone: Clone, name: str) -> str:
    """The file of an experiment as it stands."""
    return (clone.repo.folder / experiment_path(f"home/{name}")).read_text("utf-8")


ORGANISATION = {
    "surfaces/coord.yaml": COORD,
    "surfaces/metrics.yaml": METRICS,
    "surfaces/home/surface.yaml": SURFACE,
    ".gitattributes": "surfaces/*/allocations/*.yaml linguist-generated\n",
}

PATH, LEDGER = experiment_path("home/running"), ledger_path("home/running")

OLD = experiment("old", "2026-01-12", "2026-02-09", "40%")
RUNNING = experiment("running", "2026-03-02", "2026-03-23")


@pytest.fixture
def make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[], Clone]:
    """Makes a repository without commits, sealed off from everybody's settings."""
    hermetic(monkeypatch, tmp_path)

    def made() -> Clone:
        return Clone(Repo(tmp_path / "repository"), capfd)

    return made


@pytest.fixture
def clone(make: Callable[[], Clone]) -> Clone:
    """A repository whose main branch has one experiment that is over and one that is running."""
    clone = make()
    clone.write({**ORGANISATION, **OLD, **RUNNING})
    assert clone.coord("allocate", "--all", today="2026-01-05").code == 0
    clone.repo.commit(message="the organisation")
    assert clone.check("HEAD").document["counts"]["error"] == 0
    return clone
