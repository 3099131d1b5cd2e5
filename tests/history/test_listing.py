"""What a revision lists: what a checkout of it would."""

import os
from pathlib import Path

import pytest

from coord.config.files import Listing, WorkingTree
from coord.history.repository import Repository
from coord.history.revision import RevisionFiles
from git_trees.repositories import Repo

COORD = "surfaces/coord.yaml"
LIMIT = 2**20
LINK = "it is a symbolic link; put what it leads to here"
SUBMODULE = "it is a submodule; put its files here"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """One file on main."""
    repo = Repo(tmp_path / "repo")
    repo.commit({COORD: "first\n"})
    return repo


def _files(repo: Repo, revision: str = "HEAD") -> RevisionFiles:
    repository = Repository.around(repo.folder)
    return repository.files(repository.commit(revision))


def _as_checked_out(repo: Repo) -> Listing:
    """The listing of HEAD, which is also that of the working tree."""
    listing = _files(repo).listing()
    assert listing == WorkingTree(repo.folder).listing()
    for path in listing.files:
        assert _files(repo).read(path, LIMIT) == WorkingTree(repo.folder).read(path, LIMIT)
    return listing


NAMES = (
    "a b.yaml",
    " a.yaml",
    "a\nb.yaml",
    "a\tb.yaml",
    "a\\b.yaml",
    '"a".yaml',
    "a'b.yaml",
    "ä.yaml",
    "a\u2028b.yaml",
    "😀.yaml",
    "-a.yaml",
    "*.yaml",
    ":(top)a.yaml",
    "a\x1b[31m.yaml",
    "a" * 250,
)


def test_names_are_taken_as_they_are(repo: Repo) -> None:
    repo.commit({f"surfaces/{name}": name for name in NAMES})
    listing = _as_checked_out(repo)
    assert set(listing.files) == {COORD, *(f"surfaces/{name}" for name in NAMES)}


def test_files_are_sorted_by_their_whole_paths(repo: Repo) -> None:
    names = ("a/b", "a.b", "a-b", "a0", "b/a/c", "b/a.c", "B", "ä/z", "a/ä", "\uffee", "😀")
    repo.commit({f"surfaces/{name}": name for name in names})
    assert _as_checked_out(repo).files == sorted([COORD, *(f"surfaces/{name}" for name in names)])


def test_a_folder_that_another_program_wrote_unsorted(repo: Repo) -> None:
    blob = bytes.fromhex(repo.id(f"HEAD:{COORD}"))
    entries = b"100644 b\0" + blob + b"100644 a\0" + blob
    tree = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=entries)
    top = repo.git("mktree", stdin=f"040000 tree {tree}\tsurfaces\n".encode())
    files = _files(repo, repo.git("commit-tree", "-m", "unsorted", top))
    assert files.listing().files == ["surfaces/a", "surfaces/b"]


@pytest.mark.parametrize("name", [b"\xff.yaml", b"caf\xe9.yaml", b"a\xed\xa0\x80b.yaml", b"\xff/in/x.yaml"])
def test_a_name_that_is_not_text_is_refused_where_it_stands(repo: Repo, name: bytes) -> None:
    repo.commit({f"surfaces/{os.fsdecode(name)}": "a\n"})
    shown = name.partition(b"/")[0].decode("utf-8", "backslashreplace")
    assert _as_checked_out(repo) == ([COORD], {f"surfaces/{shown}": "its name is not UTF-8 text"})


def test_what_lies_too_deep_is_refused_where_it_begins(repo: Repo) -> None:
    deep = "/".join("12345678")
    repo.commit({f"surfaces/{deep}": "a\n", f"surfaces/a/{deep}": "a\n", f"surfaces/b/{deep}/x/y": "a\n"})
    reason = "it lies too deep; the layout has three levels"
    assert _as_checked_out(repo) == (
        [f"surfaces/{deep}", COORD],
        {f"surfaces/a/{deep}": reason, f"surfaces/b/{deep}": reason},
    )


def test_thousands_of_folders_in_folders(repo: Repo) -> None:
    deep = "d/" * 1500
    entry = f"100644 {repo.id(f'HEAD:{COORD}')}\tsurfaces/{deep}x.yaml\n"
    repo.git("update-index", "--index-info", stdin=entry.encode())
    top = repo.git("write-tree")
    listing = _files(repo, repo.git("commit-tree", "-m", "deep", top)).listing()
    assert listing.files == [COORD]
    assert list(listing.refused) == ["surfaces" + "/d" * 9]


def test_links_are_refused_and_never_followed(repo: Repo) -> None:
    (repo.folder / "surfaces/home").mkdir()
    links = {"two.yaml": "coord.yaml", "passwd": "/etc/passwd", "up": "../..", "home/none": "nowhere"}
    for name, target in links.items():
        (repo.folder / "surfaces" / name).symlink_to(target)
    repo.commit()
    assert _as_checked_out(repo) == ([COORD], {f"surfaces/{name}": LINK for name in links})


def test_a_link_with_a_name_that_is_not_text(repo: Repo) -> None:
    os.symlink("x", os.fsencode(repo.folder) + b"/surfaces/\xff")  # noqa: PTH211 - bytes
    repo.commit()
    assert _as_checked_out(repo).refused == {"surfaces/\\xff": LINK}


def test_a_submodule_is_refused(repo: Repo) -> None:
    head = repo.id("HEAD")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{head},surfaces/home")
    repo.git("commit", "--quiet", "-m", "a submodule")
    assert _files(repo).listing() == ([COORD], {"surfaces/home": SUBMODULE})


def test_surfaces_that_is_a_file(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"surfaces": "a\n"})
    assert _as_checked_out(repo) == ([], {"surfaces": "it cannot be entered: Not a directory"})


def test_an_empty_file_and_one_that_is_executable(repo: Repo) -> None:
    repo.write({"surfaces/empty.yaml": "", "surfaces/run.yaml": "#!/bin/sh\n"})
    (repo.folder / "surfaces/run.yaml").chmod(0o755)
    repo.commit()
    assert _as_checked_out(repo).files == [COORD, "surfaces/empty.yaml", "surfaces/run.yaml"]


def test_what_is_not_committed_is_not_there(repo: Repo) -> None:
    repo.write({COORD: "changed\n", "surfaces/new.yaml": "new\n"})
    repo.git("add", "surfaces/new.yaml")
    files = _files(repo)
    assert files.listing() == ([COORD], {})
    assert files.read(COORD, LIMIT) == b"first\n"


def test_a_checkout_with_other_line_ends_is_not_what_is_committed(repo: Repo) -> None:
    repo.write({".gitattributes": "*.yaml text eol=crlf\n", COORD: "a\r\nb\r\n"})
    repo.commit()
    assert (repo.folder / COORD).read_bytes() == b"a\r\nb\r\n"
    assert _files(repo).read(COORD, LIMIT) == b"a\nb\n"


@pytest.mark.parametrize(("algorithm", "digits"), [("sha1", 40), ("sha256", 64)])
def test_repositories_of_either_kind_of_id(tmp_path: Path, algorithm: str, digits: int) -> None:
    repo = Repo(tmp_path / "repo", f"--object-format={algorithm}")
    first = repo.commit({COORD: "first\n", "surfaces/same.yaml": "first\n"})
    repo.commit({COORD: "second\n"})
    assert len(first) == digits
    repository = Repository.around(repo.folder)
    files = repository.files(repository.merge_base("HEAD^"))
    assert files.algorithm == algorithm
    assert files.read(COORD, LIMIT) == b"first\n"
    assert files.blob(COORD) == files.blob("surfaces/same.yaml") == repo.id(f"HEAD^:{COORD}")
