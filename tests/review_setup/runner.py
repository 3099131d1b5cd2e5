"""Runs the steps of the action as a runner of GitHub does, with a `gh` that remembers what it was asked."""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from review_setup.teams import Team

ACTION = Path(__file__).parents[2] / ".github/actions/coord/action.yml"
MARK = "<!-- coord-plan -->"

_GH = f"""#!{sys.executable}
import base64, gzip, json, sys
from pathlib import Path
state = Path(__file__).parent / "gh.json"
known = json.loads(state.read_text())
arguments = sys.argv[1:]
fields, place, method, taken = {{}}, None, "GET", iter(arguments[1:])
for word in taken:
    if word in ("--field", "--raw-field"):
        name, _, value = next(taken).partition("=")
        read = word == "--field" and value.startswith("@")
        fields[name] = Path(value[1:]).read_text() if read else value
    elif word == "--method":
        method = next(taken)
    elif word == "--jq":
        assert 'login == "github-actions[bot]"' in (wanted := next(taken)) and "{MARK}" in wanted
    elif not word.startswith("--"):
        place = word
assert arguments[0] == "api"
if method in known["refuses"]:
    sys.exit("gh: Resource not accessible by integration (HTTP 403)")
if method == "GET":
    for comment in known["comments"]:
        if comment["by"] == "github-actions[bot]" and comment["body"].startswith("{MARK}"):
            print(comment["id"])
elif place.endswith("/sarifs"):
    known["sarif"] = dict(fields, sarif=json.loads(gzip.decompress(base64.b64decode(fields["sarif"]))))
elif method == "PATCH":
    [comment] = [c for c in known["comments"] if str(c["id"]) == place.rsplit("/", 1)[1]]
    comment["body"] = fields["body"]
else:
    assert place == "repos/acme/experiments/issues/7/comments"
    added = {{"id": len(known["comments"]) + 1, "by": "github-actions[bot]", "body": fields["body"]}}
    known["comments"].append(added)
state.write_text(json.dumps(known))
"""


class Ran(NamedTuple):
    """How each step ended (None: it was left out), what all said, and what the page of the run shows."""

    outcomes: Mapping[str, str | None]
    log: str
    summary: str

    @property
    def passed(self) -> bool:
        """Whether no step failed."""
        return "failure" not in self.outcomes.values()


class GitHub:
    """What GitHub knows of a repository, and a runner for its working copy."""

    def __init__(self, team: Team, folder: Path) -> None:
        """Take a working copy, and a folder for programs that is on the PATH."""
        self.team, self._state, self._temp = team, folder / "gh.json", folder.parent / "temp"
        self._temp.mkdir()
        (folder / "gh").write_text(_GH, encoding="utf-8")
        (folder / "gh").chmod(0o755)
        self.knows(comments=[], refuses=[])

    @property
    def known(self) -> dict[str, Any]:
        """The comments, and the findings that code scanning got."""
        known: dict[str, Any] = json.loads(self._state.read_text("utf-8"))
        return known

    def knows(self, **changed: object) -> None:
        """Change what GitHub knows, or the methods that it refuses."""
        known = self.known if self._state.exists() else {}
        self._state.write_text(json.dumps(known | changed), encoding="utf-8")

    def run(self, event: str, about: Mapping[str, Any] | None = None, **inputs: str) -> Ran:
        """Run every step after the installation."""
        action = yaml.safe_load(ACTION.read_text("utf-8"))
        given = {name: str(value.get("default", "")) for name, value in action["inputs"].items()} | inputs
        context: dict[str, Any] = {"inputs": given, "steps": {}}
        context["github"] = {
            "event_name": event,
            "event": about or {},
            "token": "t",
            "repository": "acme/experiments",
        }
        steps = [step for step in action["runs"]["steps"] if "run" in step and "INSTALL" not in step["env"]]
        outcomes: dict[str, str | None] = {}
        log, failed = "", False
        summary = self._temp / "summary.md"
        summary.unlink(missing_ok=True)
        for step in steps:
            wanted = step.get("if", "success()")
            context["failed"] = failed
            if not evaluated(wanted.strip().removeprefix("${{").removesuffix("}}"), context):
                outcomes[step["name"]] = None
                continue
            code, said, outputs = self._step(step, event, context, summary)
            log += said
            failed = failed or code != 0
            outcomes[step["name"]] = "failure" if code else "success"
            if "id" in step:
                context["steps"][step["id"]] = {"outputs": outputs, "outcome": outcomes[step["name"]]}
        return Ran(outcomes, log, summary.read_text("utf-8") if summary.exists() else "")

    def _step(
        self, step: Mapping[str, Any], event: str, context: Mapping[str, Any], summary: Path
    ) -> tuple[int, str, dict[str, str]]:
        output = self._temp / "output"
        output.write_text("", encoding="utf-8")
        values = {
            name: str(evaluated(value.removeprefix("${{").removesuffix("}}"), context))
            for name, value in step["env"].items()
        }
        self.team.environment |= values | {
            "GITHUB_EVENT_NAME": event,
            "GITHUB_REPOSITORY": "acme/experiments",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_RUN_ID": "11",
            "GITHUB_SHA": self.team.does("git rev-parse HEAD").strip(),
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(self._temp),
        }
        code, said = self.team.tries(f"set -eo pipefail\n{step['run']}")
        lines = output.read_text("utf-8").splitlines()
        return code, said, dict(line.split("=", 1) for line in lines)


def evaluated(expression: str, context: Mapping[str, Any]) -> Any:
    """The value of an expression of a workflow, as far as the action uses them; what is unknown is empty."""

    def value(match: re.Match[str]) -> str:
        if match[0].startswith("'") or match[0] in {"and", "or", "not"}:
            return match[0]
        found: Any = context
        for name in match[0].split("."):
            found = found.get(name, {})
        return repr(found or "")

    python = expression.replace("&&", " and ").replace("||", " or ").replace("!cancelled()", " 'yes' ")
    python = python.replace("success()", "''" if context.get("failed") else "'yes'")
    return eval(re.sub(r"'[^']*'|[a-z][\w.-]*", value, python.strip()))
