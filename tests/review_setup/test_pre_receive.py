"""The hook for servers without pull requests, with real pushes to a real bare repository."""

import shutil
from pathlib import Path

import pytest

from review_setup.teams import Team, tools

HOOK = Path(__file__).parents[2] / "docs/examples/pre-receive"


class Server:
    """A bare repository with the hook, and the people who push to it."""

    def __init__(self, folder: Path) -> None:
        """Set it up empty, unless it is there."""
        self.folder, self._people = folder, folder / "people"
        self.tools = tools(folder / "bin")
        self.repository = Team(folder / "server git", self.tools)  # a space, as paths may have one
        self._people.mkdir(exist_ok=True)
        if not (self.repository.folder / "HEAD").exists():
            self.repository.does("git init --quiet --bare --initial-branch=main")
            shutil.copy(HOOK, self.repository.folder / "hooks/pre-receive")

    def clone(self, name: str) -> Team:
        """A working copy of somebody."""
        team = Team(self._people / name, self.tools)
        team.does("git clone --quiet '../../server git' .")
        return team

    @property
    def main(self) -> str:
        """The commit that main is."""
        return self.repository.does("git rev-parse main").strip()


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server whose main has an organisation without experiments."""
    server = Server(tmp_path_factory.mktemp("server"))
    first = server.clone("first")
    first.does("coord init --install coord==1.0")
    first.commits("Begin")
    first.does("git push --quiet origin main")
    return server.folder


@pytest.fixture
def server(tmp_path: Path, begun: Path) -> Server:
    """A copy of it."""
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    return Server(tmp_path)


def test_the_first_push_is_checked_as_a_whole(tmp_path: Path) -> None:
    server = Server(tmp_path)
    first = server.clone("first")
    (first.folder / "README").write_text("no experiments yet")
    first.commits("Begin")
    assert "coord" not in first.does("git push origin main")
    first.does("coord init --install coord==1.0", "echo 'spaces: 1' > surfaces/coord.yaml")
    first.commits("Broken")
    code, said = first.tries("git push origin main")
    assert code == 1
    assert "remote: error[SYN003]" in said
    assert "remote: coord: main stays as it was. Mend the errors above, and push again." in said
    server.repository.does("git branch --quiet --delete --force main")  # so that it is a first push again
    assert first.tries("git push origin main")[0] == 1


def test_what_is_fine_lands(server: Server) -> None:
    team = server.clone("podcasts")
    team.plans("podcast-shelf", "60%")
    team.does("coord allocate home/podcast-shelf")
    team.commits("Podcast shelf")
    assert "remote: No new errors or warnings in 1 experiment on 1 surface." in team.does(
        "git push origin main"
    )
    assert server.main == team.does("git rev-parse HEAD").strip()


def test_what_a_started_experiment_may_not_change_is_seen(server: Server) -> None:
    """So it was compared with what main was."""
    team = server.clone("podcasts")
    team.plans("podcast-shelf", "60%", start="2026-03-02")
    team.does("coord allocate home/podcast-shelf")
    team.commits("Podcast shelf")
    team.does(
        "git push --quiet origin main",
        "sed -i 's/control, weight: 1/control, weight: 2/' surfaces/home/experiments/*.yaml",
    )
    team.commits("Other weights")
    code, said = team.tries("git push origin main")
    assert code == 1
    assert "error[CHG001]" in said


def test_of_two_that_conflict_one_lands_and_the_other_after_drawing_again(server: Server) -> None:
    """Both hooks run at the same time: each waits until both are in it."""
    meeting = server.folder / "meeting"
    meeting.mkdir()
    wait = server.tools / "coord-meets"
    wait.write_text(
        f"#!/bin/sh\nmktemp -p '{meeting}' >/dev/null\n"
        f'for _ in $(seq 300); do [ "$(ls "{meeting}" | wc -l)" -ge 2 ] && break; sleep 0.1; done\n'
        'exec coord "$@"\n'
    )
    wait.chmod(0o755)
    server.repository.does("git config coord.program coord-meets")
    teams = [server.clone(name) for name in ("podcasts", "video")]
    for team, name in zip(teams, ("podcast-shelf", "video-shelf"), strict=True):
        team.plans(name, "60%" if name == "podcast-shelf" else "40%")
        team.does(f"coord allocate home/{name}")
        team.commits(name)
    pushes = [team.start("git push origin main") for team in teams]
    told = [push.communicate()[0] for push in pushes]
    codes = [push.returncode for push in pushes]
    assert sorted(codes) == [0, 1], told
    assert len(list(meeting.iterdir())) == 2
    assert all("No new errors" in words for words in told), "both were checked"
    loser, name = (teams[1], "video-shelf") if codes[1] else (teams[0], "podcast-shelf")
    loser.does("git pull --quiet --rebase origin main")
    code, said = loser.tries("git push origin main")
    assert code == 1
    assert "error[BKT001]: " in said
    loser.does(f"coord allocate --redraw home/{name}")
    loser.commits("Drawn again")
    assert "No new errors or warnings in 2 experiments" in loser.does("git push origin main")
    assert server.main == loser.does("git rev-parse HEAD").strip()


def test_deleting_and_forcing_are_refused(server: Server) -> None:
    team = server.clone("podcasts")
    code, said = team.tries("git push origin :main")
    assert code == 1
    assert "coord: main is protected and cannot be deleted." in said
    team.plans("podcast-shelf", "60%")
    team.commits("Podcast shelf")
    team.does("git push --quiet origin main", "git commit --quiet --amend --message 'Another past'")
    before = server.main
    code, said = team.tries("git push --force origin main")
    assert code == 1
    assert "takes no forced push" in said
    assert server.main == before
    server.repository.does("git config coord.allowRewrite yes", "git config receive.denyDeletes false")
    team.does("git push --quiet --force origin main")
    assert team.tries("git push origin :main")[0] == 1


def test_other_branches_are_free_and_more_can_be_protected(server: Server) -> None:
    team = server.clone("podcasts")
    team.does("echo '{' > surfaces/coord.yaml")
    team.commits("Broken")
    assert "remote:" not in team.does("git push origin HEAD:idea HEAD:main-2 HEAD:x/main")
    server.repository.does("git config --add coord.branch release", "git config --add coord.branch next")
    assert "remote:" not in team.does("git push origin HEAD:main HEAD:relea.e HEAD:rel HEAD:x/release")
    for branch in ("release", "next"):
        assert f"{branch} stays as it was" in team.tries(f"git push origin HEAD:{branch}")[1]


def test_all_of_one_push_or_nothing(server: Server) -> None:
    team = server.clone("podcasts")
    team.does("echo '{' > surfaces/coord.yaml")
    team.commits("Broken")
    assert team.tries("git push origin HEAD:main HEAD:idea")[0] == 1
    assert server.repository.does("git branch --format='%(refname:short)'").split() == ["main"]


def test_when_the_check_cannot_run_nothing_lands(server: Server) -> None:
    server.repository.does("git config coord.program /no/such/coord")
    team, before = server.clone("podcasts"), server.main
    team.plans("podcast-shelf", "60%")
    team.commits("Podcast shelf")
    code, said = team.tries("git push origin main")
    assert (code, server.main) == (1, before)
    assert "the check could not run (exit code 127)" in said


def test_taking_surfaces_away_is_a_change_like_any_other(server: Server) -> None:
    team, before = server.clone("podcasts"), server.main
    team.does("git rm -r --quiet surfaces", "git commit --quiet --message gone")
    assert team.tries("git push origin main")[0] == 1
    assert server.main == before


def test_nothing_of_a_push_is_run_or_rewritten(server: Server) -> None:
    """Attributes ask for filters and other line ends, and a replaced commit pretends to be harmless."""
    team, ran = server.clone("mallory"), server.folder / "ran"
    for setting in ("filter.x.smudge", "filter.x.process", "core.fsmonitor"):
        server.repository.does(f"git config {setting} 'touch {ran}'")
    attributes = "*.yaml filter=x ident text eol=crlf working-tree-encoding=UTF-16\n"
    blob = team.does(f"printf '{attributes}' | git hash-object -w --stdin").strip()
    team.does(
        f"git update-index --add --cacheinfo 100644,{blob},surfaces/.gitattributes",
        "git commit --quiet --message Attributes",
        "git push --quiet origin main",
    )
    bad = team.folder / "surfaces/home/experiments/bad.yaml"
    bad.parent.mkdir()
    bad.write_bytes(b"experiment: bad\n\xff\n")
    blob = team.does("git hash-object --no-filters -w surfaces/home/experiments/bad.yaml").strip()
    team.does(f"git update-index --add --cacheinfo 100644,{blob},surfaces/home/experiments/bad.yaml")
    team.does("git commit --quiet --message Innocent")
    team.does("git push --quiet origin HEAD^:refs/replace/$(git rev-parse HEAD)")
    code, said = team.tries("git push origin main")
    assert code == 1
    assert "bad.yaml:2:1" in said
    assert "No new errors" not in said
    assert not ran.exists()


def test_nothing_is_left_behind(server: Server) -> None:
    scratch = server.folder / "scratch"
    scratch.mkdir()
    team = server.clone("podcasts")
    team.environment["TMPDIR"] = str(scratch)
    team.plans("podcast-shelf", "60%")
    team.commits("Podcast shelf")
    team.does("git push --quiet origin main", "echo '{' > surfaces/coord.yaml")
    team.commits("Broken")
    assert team.tries("git push origin main")[0] == 1
    assert list(scratch.iterdir()) == []


def test_packed_and_borrowed_objects_are_found(server: Server) -> None:
    """A repository that is packed, borrows from another, and gets a pack large enough to be kept as one."""
    server.repository.does("git gc --quiet", "git config receive.unpackLimit 1")
    team = server.clone("podcasts")
    team.plans("podcast-shelf", "60%")
    team.does("coord allocate --all")
    team.commits("Podcast shelf")
    team.does("git push --quiet origin main")
    fork = Team(server.folder / "fork", server.tools)
    fork.does("git clone --quiet --bare --shared '../server git' .")
    shutil.copy(HOOK, fork.folder / "hooks/pre-receive")
    team.does(
        "sed -i 's/60%/100%/' surfaces/home/experiments/*.yaml", "coord allocate --redraw home/podcast-shelf"
    )
    team.commits("More")
    assert "No new errors" in team.does("git push ../../fork main")


@pytest.fixture
def inside(tmp_path: Path) -> tuple[Server, Team]:
    """A server, empty yet, and a team whose organisation is in a folder of its repository."""
    server = Server(tmp_path)
    team = server.clone("podcasts")
    team.does("coord init 'apps/my [exp]' --install coord==1.0")
    team.commits("Begin")
    return server, team


def test_an_organisation_elsewhere_does_not_go_by_in_silence(inside: tuple[Server, Team]) -> None:
    server, team = inside
    for root in (None, ".", "apps", "apps/my ?exp?"):
        if root:
            server.repository.does(f"git config coord.root '{root}'")
        code, said = team.tries("git push origin main")
        assert code == 1
        assert "remote: coord:   apps/my [exp]/surfaces/coord.yaml" in said
        assert "git config coord.root FOLDER" in said
    team.does("git mv 'apps/my [exp]/surfaces' .")
    team.commits("At the top")
    assert "remote: coord:   surfaces/coord.yaml" in team.tries("git push origin main")[1]


def test_a_name_is_no_command_to_a_terminal(tmp_path: Path) -> None:
    team = Server(tmp_path).clone("mallory")
    (team.folder / "\x1b[2J/surfaces").mkdir(parents=True)
    (team.folder / "\x1b[2J/surfaces/coord.yaml").touch()
    team.commits("Begin")
    code, said = team.tries("git push origin main")
    assert code == 1
    assert '"\\033[2J/surfaces/coord.yaml"' in said
    assert "\x1b[2J" not in said


@pytest.mark.parametrize("setting", ["apps/my [exp]", "./apps/my [exp]/"])
def test_the_root_is_what_is_checked(inside: tuple[Server, Team], setting: str) -> None:
    server, team = inside
    server.repository.does(f"git config coord.root '{setting}'")
    assert "No errors or warnings in 0 experiments" in team.does("git push origin main")
    there = Team(team.folder / "apps/my [exp]", server.tools)
    there.plans("podcast-shelf", "60%", start="2026-03-02")
    there.does("coord allocate home/podcast-shelf")
    team.commits("Podcast shelf")
    assert "No new errors or warnings in 1 experiment" in team.does("git push origin main")
    before = server.main
    there.does("sed -i 's/control, weight: 1/control, weight: 2/' surfaces/home/experiments/*.yaml")
    team.commits("Other weights")
    code, said = team.tries("git push origin main")
    assert (code, server.main) == (1, before)
    assert "error[CHG001]" in said
    team.does("git reset --quiet --hard HEAD^", "git mv 'apps/my [exp]' elsewhere")
    team.commits("Moved away")
    assert team.tries("git push origin main")[0] == 1


@pytest.mark.parametrize("setting", ["/apps", "..", "apps/../x", "a//b", "-x"])
def test_a_root_that_is_no_folder_below_takes_nothing(inside: tuple[Server, Team], setting: str) -> None:
    server, team = inside
    server.repository.does(f"git config coord.root -- '{setting}' || git config coord.root '{setting}'")
    code, said = team.tries("git push origin main")
    assert code == 1
    assert "coord.root of this server must be a folder below the top" in said
