"""Reading files of a revision: large ones, many, and those that the repository has lost."""

import random
import subprocess
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from coord.config.files import UnreadableFile, WorkingTree
from coord.errors import CoordError
from coord.history import blobs, git
from coord.history.repository import Repository
from coord.history.revision import RevisionFiles
from git_trees.repositories import Repo

MIB = 2**20
COORD = "surfaces/coord.yaml"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """An empty repository."""
    return Repo(tmp_path / "repo")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Every git that is started."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        processes.append(subprocess.Popen(*arguments, **options))
        return processes[-1]

    monkeypatch.setattr(git, "Popen", start)
    return processes


def _files(repo: Repo, revision: str = "HEAD") -> RevisionFiles:
    repository = Repository.around(repo.folder)
    return repository.files(repository.commit(revision))


def _names(count: int) -> list[str]:
    return [f"surfaces/s{number % 7}/f{number:05}.yaml" for number in range(count)]


def _many(repo: Repo) -> dict[str, bytes]:
    """Commit thousands of files: more ids than a pipe holds, and more bytes."""
    contents = {name: f"{name}\n".encode() * 20 for name in _names(3000)}
    stream = [b"commit refs/heads/main\ncommitter a <a@example.org> 0 +0000\ndata 0\n"]
    stream += [b"M 100644 inline %s\ndata %d\n%s" % (n.encode(), len(c), c) for n, c in contents.items()]
    repo.git("fast-import", "--quiet", stdin=b"".join(stream))
    return contents


def test_thousands_of_files_take_a_few_processes(repo: Repo, started: list[subprocess.Popen[bytes]]) -> None:
    contents = _many(repo)
    files = _files(repo)
    assert files.listing().files == sorted(contents)
    started.clear()
    assert {path: files.read(path, MIB) for path in sorted(contents)} == contents
    assert len(started) == 1


@pytest.mark.parametrize("window", [0, 1, 100, 2000])
def test_any_order_and_any_size_of_what_is_read_ahead(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    monkeypatch.setattr(blobs, "WINDOW", window)
    chance = random.Random(7)
    contents = {name: chance.randbytes(chance.choice((0, 1, 50, 400))) for name in _names(40)}
    repo.commit(contents)
    files = _files(repo)
    paths = list(contents) * 2
    chance.shuffle(paths)
    for path in paths:
        assert files.read(path, MIB) == contents[path]


def test_files_that_are_announced_take_one_process_and_no_others_are_read(
    repo: Repo, started: list[subprocess.Popen[bytes]]
) -> None:
    names = _names(100)
    repo.commit({name: name for name in names})
    lost = repo.forget(f"HEAD:{names[2]}")
    assert lost
    files = _files(repo)
    files.prefetch(names[::-3])
    started.clear()
    for name in names[::-3]:
        assert files.read(name, MIB) == name.encode()
    assert len(started) == 1


def test_a_process_that_is_cut_short_is_not_waited_for(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would wait for its output to be read, and who reads it for the ids to be taken."""
    monkeypatch.setattr(blobs, "WINDOW", 1000)
    contents = _many(repo)
    files = _files(repo)
    for path in sorted(contents)[:2]:
        assert files.read(path, MIB) == contents[path]


def test_no_process_outlives_what_it_was_started_for(
    repo: Repo, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even one that was cut short, or left by an error."""
    monkeypatch.setattr(blobs, "WINDOW", 10)
    large = random.Random(7).randbytes(MIB)
    repo.commit({"surfaces/a": "small", "surfaces/b": large, "surfaces/c": "small"})
    files = _files(repo)
    assert files.read("surfaces/a", 100) == b"small"
    with pytest.raises(UnreadableFile):
        files.read("surfaces/b", 100)
    assert files.read("surfaces/c", 100) == b"small"
    with pytest.raises(CoordError):
        Repository.around(repo.folder).commit("none")
    assert len(started) > 6
    assert all(process.returncode is not None for process in started)


def test_the_limit_is_that_of_the_working_tree(repo: Repo) -> None:
    repo.commit({"surfaces/a": b"x" * MIB, "surfaces/b": b"x" * (MIB + 1), "surfaces/c": "c"})
    for tree in (_files(repo), WorkingTree(repo.folder)):
        assert len(tree.read("surfaces/a", MIB)) == MIB
        with pytest.raises(UnreadableFile, match=r"^it is larger than 1 MiB$"):
            tree.read("surfaces/b", MIB)
        assert len(tree.read("surfaces/b", 4 * MIB)) == MIB + 1
        with pytest.raises(UnreadableFile, match=r"^it is larger than 1 MiB$"):
            tree.read("surfaces/b", MIB)
        assert tree.read("surfaces/c", MIB) == b"c"


def test_a_huge_file_is_not_loaded_to_see_that_it_is_huge(repo: Repo) -> None:
    repo.commit({"surfaces/a": "a", "surfaces/huge": bytes(64 * MIB), "surfaces/z": "z"})
    files = _files(repo)
    paths = files.listing().files
    tracemalloc.start()
    try:
        assert files.read("surfaces/a", MIB) == b"a"
        with pytest.raises(UnreadableFile, match="larger than 1 MiB"):
            files.read("surfaces/huge", MIB)
        assert files.read("surfaces/z", MIB) == b"z"
        assert tracemalloc.get_traced_memory()[1] < 4 * MIB
    finally:
        tracemalloc.stop()
    assert paths == ["surfaces/a", "surfaces/huge", "surfaces/z"]


def test_packed_and_with_deltas(repo: Repo) -> None:
    text = "".join(f"line {number}\n" for number in range(2000))
    repo.commit({"surfaces/a": text})
    repo.commit({"surfaces/a": f"{text}more\n"})
    repo.git("gc", "--quiet")
    assert not repo.stored(repo.id("HEAD")).exists()
    assert _files(repo, "HEAD^").read("surfaces/a", MIB) == text.encode()


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_blob_that_is_lost_stops_nothing_but_its_own_file(repo: Repo, place: int) -> None:
    names = ["surfaces/a", "surfaces/b", "surfaces/c"]
    commit = repo.commit({name: name for name in names})
    blob = repo.forget(f"HEAD:{names[place]}")
    files = _files(repo)
    for name in names:
        if name != names[place]:
            assert files.read(name, MIB) == name.encode()
            continue
        with pytest.raises(CoordError) as raised:
            files.read(name, MIB)
        for part in (f"{name} of commit {commit} cannot be read", str(repo.folder), blob, "`git fsck`"):
            assert part in str(raised.value)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_blob_that_is_damaged(repo: Repo, damage: bytes | None) -> None:
    large = random.Random(7).randbytes(MIB)
    repo.commit({"surfaces/a": "a", "surfaces/b": large, "surfaces/c": "c"})
    stored = repo.stored(repo.id("HEAD:surfaces/b"))
    whole = stored.read_bytes()
    stored.unlink()
    stored.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    files = _files(repo)
    assert files.read("surfaces/a", MIB) == b"a"
    with pytest.raises(CoordError, match=r"surfaces/b of commit .* cannot be read .*`git fsck`"):
        files.read("surfaces/b", MIB)
    assert files.read("surfaces/c", MIB) == b"c"


@pytest.mark.parametrize("folder", ["surfaces", "surfaces/home"])
def test_a_folder_that_is_lost(repo: Repo, folder: str) -> None:
    repo.commit({COORD: "a", "surfaces/home/surface.yaml": "a"})
    tree = repo.forget(f"HEAD:{folder}")
    with pytest.raises(CoordError, match=rf"^surfaces of commit .*{tree}.*`git fsck`"):
        _files(repo).listing()


def test_an_entry_that_says_blob_and_is_none(repo: Repo) -> None:
    """The bytes of a folder could pass for another file's, as git prints them."""
    repo.commit({"surfaces/b": "real"})
    blob = repo.id("HEAD:surfaces/b")
    tree = repo.git("mktree", "-z", stdin=f"100644 blob {blob}\t\n{blob} blob 4\nfake\n\0".encode())
    entry = b"100644 a\0" + bytes.fromhex(tree) + b"100644 b\0" + bytes.fromhex(blob)
    lie = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=entry)
    top = repo.git("mktree", stdin=f"040000 tree {lie}\tsurfaces\n".encode())
    files = _files(repo, repo.git("commit-tree", "-m", "a lie", top))
    assert files.listing().files == ["surfaces/a", "surfaces/b"]
    with pytest.raises(CoordError, match="surfaces/a of commit"):
        files.read("surfaces/a", MIB)
    assert files.read("surfaces/b", MIB) == b"real"


@pytest.mark.parametrize("option", ["blob:none", "tree:0"])
def test_a_partial_clone_says_how_to_complete_it(repo: Repo, tmp_path: Path, option: str) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repo.commit({COORD: "old\n", "surfaces/home/surface.yaml": "same\n"})
    repo.commit({COORD: "new\n"})
    clone = repo.clone(tmp_path / "clone", f"--filter={option}")
    with pytest.raises(CoordError, match="The clone is partial") as raised:
        _files(clone, "HEAD^").read(COORD, MIB)
    command = f"git diff --stat {repo.id('HEAD^')}"
    assert f"`{command}`" in str(raised.value)
    clone.git(*command.split()[1:])
    assert _files(clone, "HEAD^").read(COORD, MIB) == b"old\n"
