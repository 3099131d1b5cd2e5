"""The action's own scripts, in a repository as actions/checkout leaves it."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from review_setup.runner import ACTION, MARK, GitHub
from review_setup.teams import Team, tools

PULL_REQUEST = {"pull_request": {"number": 7}}


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with an experiment on main, and branches with something else each."""
    folder = tmp_path_factory.mktemp("action")
    team = Team(folder / "origin", tools(folder / "bin"))
    team.does("git init --quiet --initial-branch=main", "coord init --install coord==1.0")
    team.plans("podcast-shelf", "60%")
    team.does("coord allocate --all")
    team.commits("First")
    for name, traffic in (("fits", "40%"), ("fits-not", "60%")):
        team.does(f"git switch --quiet --create {name} main")
        team.plans(f"video-shelf-{name}", traffic)
        team.does("coord allocate --all || true")
        team.commits(f"Video shelf that {name}")
    team.does("git switch --quiet --create docs main", "echo hello > README.md")
    team.commits("Docs")
    team.does("git switch --quiet main", "echo later > LATER")
    team.commits("Main moves on")
    return folder


@pytest.fixture
def pull_request(tmp_path: Path, first: Path) -> Callable[[str], GitHub]:
    """Checks out the merge of a branch into main, with its parents and no more."""
    shutil.copytree(first, tmp_path, dirs_exist_ok=True)
    origin = Team(tmp_path / "origin", tmp_path / "bin")

    def check_out(branch: str, depth: int = 2) -> GitHub:
        origin.does(f"git switch --quiet --detach main && git merge --quiet --no-ff --message merge {branch}")
        origin.does("git branch --force pull/7/merge", "git switch --quiet main")
        team = Team(tmp_path / "checkout", tmp_path / "bin")
        team.does(f"git clone --quiet --depth {depth} --branch pull/7/merge {origin.folder.as_uri()} .")
        return GitHub(team, tmp_path / "bin")

    return check_out


def test_a_pull_request_is_compared_with_the_target_as_it_is_now(
    pull_request: Callable[[str], GitHub],
) -> None:
    github = pull_request("fits")
    ran = github.run("pull_request", PULL_REQUEST)
    assert ran.passed, ran.log
    assert set(ran.outcomes.values()) == {"success"}
    assert "home/video-shelf-fits" in ran.summary
    assert "1 added" in ran.summary  # the other was there before
    [comment] = github.known["comments"]
    assert comment["body"].startswith(MARK)
    assert comment["body"] in ran.summary
    upload = github.known["sarif"]
    assert upload["ref"] == "refs/pull/7/merge"
    assert upload["commit_sha"] == github.team.does("git rev-parse HEAD").strip()
    assert upload["sarif"]["runs"][0]["results"] == []


def test_findings_fail_the_check_and_nothing_else(pull_request: Callable[[str], GitHub]) -> None:
    github = pull_request("fits-not")
    ran = github.run("pull_request", PULL_REQUEST)
    assert [name for name, outcome in ran.outcomes.items() if outcome == "failure"] == ["Check"]
    assert "::error file=surfaces/home/experiments/" in ran.log
    assert len(github.known["comments"]) == 1
    assert github.known["sarif"]["sarif"]["runs"][0]["results"]


def test_there_is_one_comment_and_it_is_ours(pull_request: Callable[[str], GitHub]) -> None:
    github = pull_request("fits")
    others = [
        {"id": 1, "by": "mallory", "body": f"{MARK}\nI wrote the mark too"},
        {"id": 2, "by": "github-actions[bot]", "body": "another workflow's"},
    ]
    github.knows(comments=others)
    for _ in range(2):
        assert github.run("pull_request", PULL_REQUEST).passed
    assert github.known["comments"][:2] == others
    assert len(github.known["comments"]) == 3
    github.team.does("git rm --quiet surfaces/home/experiments/video* surfaces/home/allocations/video*")
    github.team.does("git commit --quiet --amend --no-edit")  # the change is gone; the comment tells so
    assert github.run("pull_request", PULL_REQUEST).passed
    assert "no experiment" in github.known["comments"][2]["body"].lower()


def test_a_change_of_something_else_gets_no_comment(pull_request: Callable[[str], GitHub]) -> None:
    github = pull_request("docs")
    ran = github.run("pull_request", PULL_REQUEST)
    assert ran.passed
    assert github.known["comments"] == []
    assert "no comment" in ran.log


@pytest.mark.parametrize("refuses", [["POST", "PATCH"], ["GET", "POST", "PATCH"]])
def test_a_fork_may_write_nothing_and_that_fails_nothing(
    pull_request: Callable[[str], GitHub], refuses: list[str]
) -> None:
    github = pull_request("fits")
    github.knows(refuses=refuses)
    ran = github.run("pull_request", PULL_REQUEST)
    assert set(ran.outcomes.values()) == {"success"}
    assert "in the summary of this run alone" in ran.log
    assert "Code scanning does not take the findings" in ran.log
    assert not re.search("^::", ran.log, re.MULTILINE), "nothing is annotated"
    assert "home/video-shelf-fits" in ran.summary


def test_without_gh_the_rest_goes_on(pull_request: Callable[[str], GitHub], tmp_path: Path) -> None:
    github = pull_request("fits")
    (tmp_path / "bin/gh").unlink()
    assert github.run("pull_request", PULL_REQUEST).passed


def test_comment_and_code_scanning_can_be_left_out(pull_request: Callable[[str], GitHub]) -> None:
    github = pull_request("fits")
    ran = github.run("pull_request", PULL_REQUEST, comment="false", sarif="false")
    assert ran.passed
    assert "sarif" not in github.known
    assert github.known["comments"] == []
    assert "home/video-shelf-fits" in ran.summary


def test_a_plan_too_long_for_a_comment_is_linked(pull_request: Callable[[str], GitHub]) -> None:
    github = pull_request("fits")
    coord = Path(github.team.environment["PATH"].split(":")[0]) / "coord"
    long = coord.with_name("coord-short")
    coord.rename(long)
    coord.write_text(
        '#!/bin/sh\ncoord-short "$@" || exit\n'
        '[ "$1" = plan ] || exit 0\n'
        "while [ $# -gt 1 ]; do shift; done\n"
        'yes "a long line" | head -n 6000 >>"$1"\n'
    )
    coord.chmod(0o755)
    ran = github.run("pull_request", PULL_REQUEST)
    assert ran.passed, ran.log
    [comment] = github.known["comments"]
    assert comment["body"].startswith(f"{MARK}\nThe plan is too long for a comment")
    assert "https://github.com/acme/experiments/actions/runs/11" in comment["body"]
    assert ran.summary.count("a long line") == 6000


@pytest.mark.parametrize("ref", ["HEAD^2", "HEAD^1"])
def test_a_checkout_that_is_no_merge_is_refused(pull_request: Callable[[str], GitHub], ref: str) -> None:
    """HEAD^1 would silently be the wrong commit there."""
    github = pull_request("fits")
    github.team.does(f"git checkout --quiet {ref}")
    ran = github.run("pull_request", PULL_REQUEST)
    assert ran.outcomes["Choose the base"] == "failure"
    assert set(ran.outcomes.values()) == {"failure", None}
    assert "::error::HEAD is no merge." in ran.log


def test_a_given_base_is_used(pull_request: Callable[..., GitHub]) -> None:
    github = pull_request("fits", depth=9)
    github.team.does("git checkout --quiet HEAD^2")
    assert github.run("pull_request", PULL_REQUEST, base="HEAD^").passed
    ran = github.run("pull_request", PULL_REQUEST, base="$(touch oops)")
    assert "::error::The base is not in this checkout" in ran.log
    assert not (github.team.folder / "oops").exists()


def test_a_queue_entry_is_compared_with_the_one_before(pull_request: Callable[..., GitHub]) -> None:
    """A rebase queues several commits, here with the conflict before the last: HEAD^1 would miss it."""
    github = pull_request("fits-not", depth=9)
    stands_on = github.team.does("git rev-parse HEAD^1").strip()
    github.team.does("git reset --quiet --hard HEAD^1", "git cherry-pick HEAD@{1}^2")
    github.team.does("echo more > MORE")
    github.team.commits("A second commit of the same entry")
    ran = github.run("merge_group", {"merge_group": {"base_sha": stands_on}})
    assert ran.outcomes["Check"] == "failure"
    assert ran.outcomes["Plan as a comment"] is None
    assert ran.outcomes["Findings for code scanning"] is None
    next_entry = github.team.does("git rev-parse HEAD").strip()
    github.team.does("echo more >> MORE")
    github.team.commits("The next entry, which is not to blame")
    assert github.run("merge_group", {"merge_group": {"base_sha": next_entry}}).passed


def test_a_push_is_compared_with_what_the_branch_was(pull_request: Callable[..., GitHub]) -> None:
    github = pull_request("fits-not", depth=9)
    before = github.team.does("git rev-parse HEAD^1").strip()
    github.team.does("echo more > MORE")
    github.team.commits("Pushed with it")
    ran = github.run("push", {"before": before})
    assert ran.outcomes["Check"] == "failure", "two green pull requests have met on main"
    assert ran.outcomes["Plan as a comment"] is None
    assert "video-shelf-fits-not" in ran.summary
    for nothing in ("0" * 40, "1" * 40):
        ran = github.run("push", {"before": nothing})
        assert ran.outcomes["Choose the base"] == "success"
        assert ran.outcomes["Check"] == "failure"
        assert ran.outcomes["Plan"] is None


def test_when_the_check_cannot_run_that_is_all_that_is_told(pull_request: Callable[[str], GitHub]) -> None:
    github = pull_request("fits")
    github.team.does("git rm -r --quiet surfaces", "git commit --quiet --amend --no-edit")
    ran = github.run("pull_request", PULL_REQUEST)
    assert [name for name, outcome in ran.outcomes.items() if outcome == "failure"] == ["Check"]
    assert "has no folder `surfaces`" in ran.log
    assert "::warning::There is no plan for this change; the log says why." in ran.log
    assert github.known["comments"] == []
    assert "sarif" not in github.known


def test_another_root(pull_request: Callable[[str], GitHub]) -> None:
    github = pull_request("fits")
    github.team.does(
        "mkdir -p tools/coord", "git mv surfaces tools/coord/", "git commit --quiet --amend --no-edit"
    )
    ran = github.run("pull_request", PULL_REQUEST, root="tools/coord")
    assert ran.outcomes["Plan"] == "success"
    assert len(github.known["comments"]) == 1


def test_installing_asks_where_from(tmp_path: Path) -> None:
    steps = yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]
    [install] = [step for step in steps if step.get("name") == "Install coord"]
    team = Team(tmp_path / "empty", tools(tmp_path / "bin"))
    (tmp_path / "bin/python").write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
    (tmp_path / "bin/python").chmod(0o755)
    team.environment["INSTALL"] = "coord @ https://example.org/c $(touch oops)"
    assert "<--><coord @ https://example.org/c $(touch oops)>" in team.does(install["run"])
    team.environment["INSTALL"] = ""
    code, said = team.tries(install["run"])
    assert code == 1
    assert re.match(r"::error::Say in the workflow, as 'install'", said)
