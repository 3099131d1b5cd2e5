"""A team's side of a review: a shell with git that sees nobody's settings, and `coord` on the PATH."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from git_trees.repositories import SETTINGS

TODAY = "2026-03-02"
_COORD = f"""#!{sys.executable}
import sys
from coord.cli.main import run
command, *rest = sys.argv[1:]
dated = command in ("new", "check", "allocate", "plan", "status") and "--today" not in rest
sys.exit(run([command, *rest, *(("--today", "{TODAY}") if dated else ())]))
"""

_EXPERIMENT = """\
experiment: NAME
surface: home
kind: ab_test
title: An experiment on the content
owner: product
hypothesis: It helps.
status: active
start: START
end: 2026-03-30
traffic: TRAFFIC
components: [content]
variants:
  - {name: control, weight: 1}
  - {name: treatment, weight: 1}
"""


def tools(folder: Path) -> Path:
    """A folder for the PATH, with a `coord` for which it is always the same day."""
    folder.mkdir(exist_ok=True)
    coord = folder / "coord"
    coord.write_text(_COORD, encoding="utf-8")
    coord.chmod(0o755)
    return folder


def environment(home: Path, tools: Path) -> dict[str, str]:
    """Variables for programs that may see nothing of whoever runs the tests."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "GH_"))
    }
    people = {
        f"GIT_{role}_{part}": "a@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for part in ("NAME", "EMAIL")
    }
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    return {**kept, **SETTINGS, **people, "HOME": str(home), "PATH": path, "LC_ALL": "C.UTF-8"}


class Team:
    """A working copy, and what is run in it."""

    def __init__(self, folder: Path, tools: Path) -> None:
        """Take the folder, which may be there already."""
        self.folder = folder
        self.environment = environment(folder.parent, tools)
        folder.mkdir(exist_ok=True)

    def start(self, command: str) -> "subprocess.Popen[str]":
        """A command line in the background; both outputs are one."""
        return subprocess.Popen(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def tries(self, command: str) -> tuple[int, str]:
        """The exit code of a command line, and what it said."""
        process = self.start(command)
        said, _ = process.communicate()
        return process.returncode, said

    def does(self, *commands: str) -> str:
        """What command lines say that must all work."""
        said = ""
        for command in commands:
            code, words = self.tries(command)
            assert code == 0, f"{command}: {words}"
            said += words
        return said

    def plans(self, name: str, traffic: str, start: str = "2026-03-16") -> None:
        """A new active experiment on the one component, not drawn yet."""
        path = self.folder / f"surfaces/home/experiments/{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        text = _EXPERIMENT.replace("NAME", name).replace("TRAFFIC", traffic).replace("START", start)
        path.write_text(text, encoding="utf-8")

    def commits(self, message: str) -> None:
        """Everything there is, committed."""
        self.does("git add --all", f"git commit --quiet --message {shlex.quote(message)}")
