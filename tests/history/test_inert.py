"""Nothing that a repository holds or configures is executed, and nothing is written."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from coord.errors import CoordError
from coord.history.git import git
from coord.history.repository import Repository
from git_trees.repositories import Repo

COORD = "surfaces/coord.yaml"
WORD = "touch {pwned}; false"

SETTINGS = (
    *(f"alias.{name}=!{WORD}" for name in ("rev-parse", "merge-base", "ls-tree", "cat-file", "for-each-ref")),
    *(f"pager.{name}={WORD}" for name in ("rev-parse", "merge-base", "ls-tree", "cat-file", "for-each-ref")),
    f"core.pager={WORD}",
    f"core.fsmonitor={WORD}",
    f"core.sshCommand={WORD}",
    f"core.gitProxy={WORD}",
    f"core.askPass={WORD}",
    f"core.editor={WORD}",
    f"core.alternateRefsCommand={WORD}",
    "core.hooksPath={hooks}",
    f"credential.helper=!{WORD}",
    f"diff.external={WORD}",
    f"diff.evil.command={WORD}",
    f"diff.evil.textconv={WORD}",
    f"filter.evil.clean={WORD}",
    f"filter.evil.smudge={WORD}",
    f"filter.evil.process={WORD}",
    f"gpg.program={WORD}",
    "log.showSignature=true",
    "protocol.ext.allow=always",
    "remote.origin.url=ext::touch {pwned}",
    f"remote.origin.uploadpack={WORD}",
    "remote.origin.promisor=true",
    "remote.origin.partialclonefilter=blob:none",
)


def _snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def hostile(tmp_path: Path) -> Repo:
    """A repository that names a command wherever one can be named."""
    repo = Repo(tmp_path / "repo")
    repo.commit(
        {COORD: "first\n", ".gitattributes": "* diff=evil filter=evil\n", "surfaces/lost.yaml": "lost\n"}
    )
    repo.commit({COORD: "second\n"})
    hooks, pwned = tmp_path / "hooks", tmp_path / "pwned"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {pwned}\n")
        (hooks / name).chmod(0o755)
    for setting in SETTINGS:
        key, value = setting.format(pwned=pwned, hooks=hooks).split("=", 1)
        repo.git("config", "--add", key, value)
    return repo


def test_nothing_is_executed_and_nothing_written(
    hostile: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile.forget("HEAD:surfaces/lost.yaml")
    for name in ("GIT_PAGER", "GIT_EXTERNAL_DIFF", "GIT_EDITOR", "GIT_PROXY_COMMAND"):
        monkeypatch.setenv(name, WORD.format(pwned=tmp_path / "pwned"))
    before = _snapshot(tmp_path)
    repository = Repository.around(hostile.folder)
    for revision in ("HEAD^1", "main", "main@{0}", ":/change"):
        repository.merge_base(revision)
    for revision in ("none", "origin/none", "HEAD:surfaces"):
        with pytest.raises(CoordError, match=revision):
            repository.merge_base(revision)
    files = repository.files(repository.commit("HEAD^"))
    assert files.read(COORD, 2**20) == b"first\n"
    with pytest.raises(CoordError, match="cannot be read"):
        files.read("surfaces/lost.yaml", 2**20)
    assert _snapshot(tmp_path) == before


def test_the_settings_of_this_test_do_bite(hostile: Repo, tmp_path: Path) -> None:
    """With the commands that people use they would be executed."""
    pwned = tmp_path / "pwned"
    for command in (
        "status",
        "diff HEAD^",
        "diff --no-ext-diff HEAD^ HEAD",
        f"cat-file --textconv HEAD:{COORD}",
        f"cat-file -p {hostile.forget('HEAD:surfaces/lost.yaml')}",
    ):
        with suppress(AssertionError):  # what is executed ends in failure
            hostile.git(*command.split())
        assert pwned.exists(), command
        pwned.unlink()


@pytest.mark.parametrize("entry", ["", ".", "surfaces", "bin"])
def test_a_program_called_git_in_the_tree_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({COORD: "first\n"})
    for folder in (".", "bin", "surfaces", "surfaces/bin", "surfaces/surfaces"):
        repo.write({f"{folder}/git": f"#!/bin/sh\n: > {tmp_path / 'pwned'}\n"})
        (repo.folder / folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{entry}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(repo.folder)
    assert Repository.around(Path()).commit("HEAD")
    monkeypatch.setenv("PATH", entry)
    with suppress(CoordError):  # where git is in no usual place
        assert Repository.around(Path()).commit("HEAD")
    assert not (tmp_path / "pwned").exists()


def test_git_speaks_english_asks_nothing_and_takes_no_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("LC_ALL", "GIT_TERMINAL_PROMPT", "GIT_OPTIONAL_LOCKS")
    (tmp_path / "git").write_text(f"#!/bin/sh\necho {' '.join(f'${name}' for name in names)}\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in names:
        monkeypatch.setenv(name, "other")
    assert git(tmp_path, "status") == b"C 0 0\n"
