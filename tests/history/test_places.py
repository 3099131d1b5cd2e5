"""Which repository is asked, and where `surfaces/` is in it."""

import os
from pathlib import Path

import pytest

from coord.errors import CoordError
from coord.history.repository import Repository
from git_trees.repositories import Repo

LIMIT = 2**20
COORD = "surfaces/coord.yaml"


def _read(root: Path, revision: str = "HEAD") -> dict[str, bytes]:
    """Every file of a revision."""
    repository = Repository.around(root)
    files = repository.files(repository.commit(revision))
    assert not files.listing().refused
    return {path: files.read(path, LIMIT) for path in files.listing().files}


@pytest.mark.parametrize(
    "below",
    [
        "",
        "sub",
        "a/b c",
        "*",
        ":x",
        ":(glob)y",
        "-x",
        " x ",
        "line\nbreak\n",
        "caf\udce9",
        "ä",
        '"q"',
        "surfaces",
    ],
)
def test_the_root_may_be_any_folder_of_the_repository(tmp_path: Path, below: str) -> None:
    repo = Repo(tmp_path / "repo")
    root = repo.folder / below
    before = os.path.join(below, COORD)  # noqa: PTH118 - odd names
    repo.commit({before: "old\n", "other/surfaces/x.yaml": "x\n", "surfacesx/y.yaml": "y\n"})
    repo.commit({before: "new\n"})
    assert _read(root, "HEAD^") == {COORD: b"old\n"}
    assert _read(root) == {COORD: b"new\n"}


def test_a_root_given_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({f"sub/{COORD}": "a\n"})
    monkeypatch.chdir(repo.folder)
    assert _read(Path("sub")) == {COORD: b"a\n"}
    monkeypatch.chdir(repo.folder / "sub")
    assert _read(Path()) == {COORD: b"a\n"}


def test_a_root_that_is_reached_by_a_link(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({f"sub/{COORD}": "a\n"})
    (tmp_path / "link").symlink_to(repo.folder / "sub")
    assert _read(tmp_path / "link") == {COORD: b"a\n"}


def test_a_linked_worktree_has_its_own_head(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    first = repo.commit({COORD: "a\n"})
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "tree"))
    second = repo.commit({COORD: "b\n"})
    assert _read(tmp_path / "tree") == {COORD: b"a\n"}
    assert Repository.around(tmp_path / "tree").commit("HEAD") == first
    assert Repository.around(repo.folder).commit("HEAD") == second
    assert Repository.around(tmp_path / "tree").merge_base("main") == first


def test_a_worktree_of_a_bare_clone(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({COORD: "a\n"})
    repo.git("clone", "--quiet", "--bare", str(repo.folder), str(tmp_path / "bare.git"))
    repo.git("-C", str(tmp_path / "bare.git"), "worktree", "add", "--quiet", str(tmp_path / "tree"), "main")
    assert _read(tmp_path / "tree") == {COORD: b"a\n"}


@pytest.mark.parametrize("inside", ["bare.git", "repo/.git"])
def test_a_folder_inside_a_git_directory_has_no_work_tree(tmp_path: Path, inside: str) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({COORD: "a\n"})
    repo.git("clone", "--quiet", "--bare", str(repo.folder), str(tmp_path / "bare.git"))
    (tmp_path / inside / "surfaces").mkdir()
    with pytest.raises(CoordError, match=r"in no work tree .* is bare.* `git worktree add`"):
        Repository.around(tmp_path / inside)


@pytest.mark.parametrize("settings", ["bare = true", "bare = false\n\tworktree = {surfaces}"])
def test_files_that_look_like_a_repository_are_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str
) -> None:
    """A change could bring its own history along, in which nothing was ever different."""
    repo = Repo(tmp_path / "repo")
    repo.commit({COORD: "a\n"})
    surfaces = repo.folder / "surfaces"
    (surfaces / "objects").mkdir()
    (surfaces / "refs").mkdir()
    (surfaces / "HEAD").write_text("ref: refs/heads/main\n")
    config = f"[core]\n\trepositoryformatversion = 0\n\t{settings.format(surfaces=surfaces)}\n"
    (surfaces / "config").write_text(config)
    assert repo.git("-C", "surfaces", "rev-parse", "--absolute-git-dir") == str(surfaces)
    monkeypatch.chdir(repo.folder)
    for root in (repo.folder, Path()):
        with pytest.raises(CoordError, match="remove what looks like a repository: HEAD, objects, refs"):
            Repository.around(root)


def test_a_repository_with_its_work_tree_elsewhere(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({COORD: "a\n"})
    (tmp_path / "elsewhere").mkdir()
    repo.git("config", "core.worktree", str(tmp_path / "elsewhere"))
    with pytest.raises(CoordError, match="has its work tree elsewhere"):
        Repository.around(repo.folder)


def _with_submodule(tmp_path: Path, at: str, files: dict[str, str]) -> Repo:
    inner, outer = Repo(tmp_path / "inner"), Repo(tmp_path / "outer")
    inner.commit(dict.fromkeys(files, "old\n"))
    inner.commit(dict(files))
    outer.commit({"README": "outer\n"})
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.folder), at)
    outer.commit()
    return outer


def test_surfaces_that_is_a_submodule_is_a_repository_of_its_own(tmp_path: Path) -> None:
    outer = _with_submodule(tmp_path, "surfaces", {"coord.yaml": "new\n", "home/surface.yaml": "new\n"})
    both = (COORD, "surfaces/home/surface.yaml")
    assert _read(outer.folder, "HEAD^") == dict.fromkeys(both, b"old\n")
    assert _read(outer.folder) == dict.fromkeys(both, b"new\n")
    assert Repository.around(outer.folder).commit("HEAD") == Repo(outer.folder / "surfaces").id("HEAD")


def test_surfaces_in_a_folder_of_a_submodule(tmp_path: Path) -> None:
    outer = _with_submodule(tmp_path, "deep/module", {f"sub/{COORD}": "new\n"})
    assert _read(outer.folder / "deep/module/sub", "HEAD^") == {COORD: b"old\n"}


def test_a_submodule_that_is_not_checked_out_is_refused(tmp_path: Path) -> None:
    outer = _with_submodule(tmp_path, "surfaces", {"coord.yaml": "new\n"})
    clone = outer.clone(tmp_path / "clone")
    repository = Repository.around(clone.folder)
    listing = repository.files(repository.commit("HEAD")).listing()
    assert listing == ([], {"surfaces": "it is a submodule; put its files here"})


def test_surfaces_that_is_a_link_is_not_followed_into_another_repository(tmp_path: Path) -> None:
    repo, other = Repo(tmp_path / "repo"), Repo(tmp_path / "other")
    other.commit({COORD: "other\n"})
    first = repo.commit({COORD: "a\n"})
    (repo.folder / COORD).unlink()
    (repo.folder / "surfaces").rmdir()
    (repo.folder / "surfaces").symlink_to(other.folder / "surfaces")
    second = repo.commit()
    repository = Repository.around(repo.folder)
    assert repository.commit("HEAD") == second
    assert repository.files(first).read(COORD, LIMIT) == b"a\n"
    reason = {"surfaces": "it is a symbolic link; put what it leads to here"}
    assert repository.files(second).listing() == ([], reason)


def test_a_revision_without_surfaces_has_no_files(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"README": "a\n"})
    repo.commit({COORD: "a\n"})
    assert _read(repo.folder, "HEAD^") == {}
    (repo.folder / COORD).unlink()
    (repo.folder / "surfaces").rmdir()
    assert _read(repo.folder) == {COORD: b"a\n"}


def test_a_folder_in_no_repository(tmp_path: Path) -> None:
    (tmp_path / "surfaces").mkdir()
    with pytest.raises(CoordError, match=r"is in no git repository .*Run coord in a clone"):
        Repository.around(tmp_path)


def test_a_repository_of_someone_else_says_how_to_trust_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({COORD: "a\n"})
    (tmp_path / "bin").mkdir()
    script = '#!/bin/sh\nexport GIT_TEST_ASSUME_DIFFERENT_OWNER=1\nPATH="${PATH#*:}" exec git "$@"\n'
    (tmp_path / "bin/git").write_text(script)
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(
        CoordError, match=r"dubious ownership.*git config --global --add safe.directory"
    ) as raised:
        Repository.around(repo.folder)
    assert "\n" not in str(raised.value)


def test_git_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({COORD: "a\n"})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CoordError, match=r"git cannot be run \(No such file or directory\).* install git"):
        Repository.around(repo.folder)


def test_the_repository_is_the_one_around_the_folder_whatever_a_hook_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo, other = Repo(tmp_path / "repo"), Repo(tmp_path / "other")
    repo.commit({COORD: "a\n"})
    other.commit({COORD: "other\n"})
    for name, value in {
        "GIT_DIR": other.folder / ".git",
        "GIT_WORK_TREE": other.folder,
        "GIT_COMMON_DIR": other.folder / ".git",
        "GIT_INDEX_FILE": tmp_path / "none",
        "GIT_OBJECT_DIRECTORY": other.folder / ".git/objects",
        "GIT_NAMESPACE": "other",
        "GIT_PREFIX": "other/",
        "GIT_REPLACE_REF_BASE": "refs/heads/",
        "GIT_SHALLOW_FILE": tmp_path / "none",
        "GIT_ICASE_PATHSPECS": "1",
        "GIT_GLOB_PATHSPECS": "1",
        "GIT_TRACE": "1",
    }.items():
        monkeypatch.setenv(name, str(value))
    assert _read(repo.folder) == {COORD: b"a\n"}


def test_settings_that_the_environment_gives_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({COORD: "a\n"})
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repo.folder))
    with pytest.raises(CoordError, match="no git repository"):
        Repository.around(repo.folder)
