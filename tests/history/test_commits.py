"""What a revision names, and where two histories part."""

from collections.abc import Callable
from pathlib import Path

import pytest

from coord.errors import CoordError
from coord.history.repository import Repository
from git_trees.repositories import Repo

COORD = "surfaces/coord.yaml"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Two commits on main."""
    repo = Repo(tmp_path / "repo")
    repo.commit({COORD: "first\n"}, "first")
    repo.commit({COORD: "second\n"}, "second")
    return repo


def _refused(repo: Repo, revision: str) -> str:
    """The paragraph that refuses a revision, as a commit and as a base alike."""
    paragraphs = set()
    ask: Callable[[str], str]
    for ask in (Repository.around(repo.folder).commit, Repository.around(repo.folder).merge_base):
        with pytest.raises(CoordError) as raised:
            ask(revision)
        paragraphs.add(str(raised.value))
    assert len(paragraphs) == 1
    paragraph = paragraphs.pop()
    assert "\n" not in paragraph
    assert str(repo.folder) in paragraph or not revision
    return paragraph


@pytest.mark.parametrize(
    "revision", ["main~1", "HEAD^1", "v1", "refs/tags/annotated", "annotated^{}", "HEAD@{1}", ":/first", "@~"]
)
def test_whatever_names_a_commit(repo: Repo, revision: str) -> None:
    repo.git("tag", "v1", "HEAD^")
    repo.git("tag", "-a", "-m", "a tag", "annotated", "HEAD^")
    repository = Repository.around(repo.folder)
    assert repository.commit(revision) == repository.merge_base(revision) == repo.id("HEAD^")


def test_ids_whole_and_short(repo: Repo) -> None:
    first = repo.id("HEAD^")
    for revision in (first, first[:10], first.upper()):
        assert Repository.around(repo.folder).merge_base(revision) == first


def test_the_base_is_where_the_branch_left(repo: Repo) -> None:
    left = repo.id("HEAD")
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"surfaces/a.yaml": "a\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"surfaces/b.yaml": "b\n"})
    assert Repository.around(repo.folder).merge_base("side") == left
    repo.git("checkout", "--quiet", "--detach", "side")
    assert Repository.around(repo.folder).merge_base("main") == left


def test_a_merge_of_main_into_the_branch_moves_the_base(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"surfaces/a.yaml": "a\n"})
    repo.git("checkout", "--quiet", "main")
    merged = repo.commit({"surfaces/b.yaml": "b\n"})
    repo.git("checkout", "--quiet", "side")
    repo.merge("main")
    assert Repository.around(repo.folder).merge_base("main") == merged


def test_histories_that_crossed_have_the_base_that_git_names_first(repo: Repo) -> None:
    repo.git("branch", "side")
    one = repo.commit({"surfaces/a.yaml": "a\n"})
    repo.git("checkout", "--quiet", "side")
    other = repo.commit({"surfaces/b.yaml": "b\n"})
    repo.merge(one)
    repo.git("checkout", "--quiet", "main")
    repo.merge(other)
    bases = repo.git("merge-base", "--all", "side", "main").split()
    assert set(bases) == {one, other}
    found = {Repository.around(repo.folder).merge_base("side") for _ in range(3)}
    assert found == {bases[0]}


def test_a_name_that_is_nothing(repo: Repo) -> None:
    assert _refused(repo, "nothing").endswith(
        "Give a branch, a tag or the id of a commit; `git branch --all` lists the branches."
    )


@pytest.mark.parametrize(
    "revision", ["main~9", "nothing/at/all", "main@{99}", "@{upstream}", "1" * 40, "\udce9", "*"]
)
def test_more_names_that_are_nothing(repo: Repo, revision: str) -> None:
    assert f"{revision} is no commit of" in _refused(repo, revision)


@pytest.mark.parametrize("revision", ["--output=x", "-h", "--all", "-", "--git-dir=/", "--"])
def test_a_revision_is_never_an_option(repo: Repo, revision: str) -> None:
    before = sorted(path.name for path in repo.folder.iterdir())
    assert "no revision begins with a hyphen" in _refused(repo, revision)
    assert sorted(path.name for path in repo.folder.iterdir()) == before


@pytest.mark.parametrize("revision", ["main..main", "main...main", "^main", "main^!", "main^@"])
def test_a_range_is_no_commit(repo: Repo, revision: str) -> None:
    assert f"{revision} is no commit of" in _refused(repo, revision)


def test_an_empty_revision_names_what_left_it_empty(repo: Repo) -> None:
    assert "the variable that gives it may be unset" in _refused(repo, "")


@pytest.mark.parametrize(
    ("revision", "kind"), [("HEAD:surfaces", "tree"), (f"HEAD:{COORD}", "blob"), ("of-a-tree", "tag")]
)
def test_what_is_no_commit(repo: Repo, revision: str, kind: str) -> None:
    repo.git("tag", "-a", "-m", "a tag", "of-a-tree", "HEAD^{tree}")
    assert f"{revision} is a {kind} in the repository" in _refused(repo, revision)


def test_a_file_named_like_a_revision_of_the_tree_is_no_commit(repo: Repo) -> None:
    repo.commit({"x^{commit}": "a\n"})
    assert "HEAD:x is no commit of" in _refused(repo, "HEAD:x")


def test_a_branch_that_only_the_remote_has_is_proposed(repo: Repo, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "clone")
    clone.git("checkout", "--quiet", "--detach")
    clone.git("branch", "--quiet", "-D", "main")
    assert _refused(clone, "main").endswith("Did you mean origin/main?")
    assert Repository.around(clone.folder).merge_base("origin/main") == repo.id("main")


@pytest.mark.parametrize("revision", ["origin/side/a", "refs/remotes/origin/side/a"])
def test_a_branch_that_was_not_fetched_names_the_command(repo: Repo, tmp_path: Path, revision: str) -> None:
    clone = repo.clone(tmp_path / "clone", "--single-branch")
    repo.git("checkout", "--quiet", "-b", "side/a")
    repo.commit({"surfaces/a.yaml": "a\n"})
    paragraph = _refused(clone, revision)
    assert "`fetch-depth: 0`" in paragraph
    command = "git fetch origin side/a:refs/remotes/origin/side/a"
    assert f"`{command}`" in paragraph
    clone.git(*command.split()[1:])
    assert Repository.around(clone.folder).merge_base(revision) == repo.id("main")


def test_a_remote_branch_with_a_name_that_a_shell_would_run(repo: Repo, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "clone")
    paragraph = _refused(clone, "origin/$(id)")
    assert "git fetch origin '$(id):refs/remotes/origin/$(id)'" in paragraph


@pytest.mark.parametrize("revision", ["HEAD^1", "origin/other", "main~1", "0123456789" * 4])
def test_a_revision_that_a_shallow_clone_lacks_names_fetch_depth(
    repo: Repo, tmp_path: Path, revision: str
) -> None:
    clone = repo.clone(tmp_path / "clone", "--depth=1")
    paragraph = _refused(clone, revision)
    assert "The clone is shallow" in paragraph
    for cure in ("`fetch-depth: 0`", "`fetch-depth: 2` and `--base HEAD^1`", "`git fetch --unshallow`"):
        assert cure in paragraph


def test_the_cure_of_a_shallow_clone_cures_it(repo: Repo, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "clone", "--depth=1")
    _refused(clone, "HEAD^1")
    clone.git("fetch", "--quiet", "--unshallow")
    assert Repository.around(clone.folder).merge_base("HEAD^1") == repo.id("HEAD^")


def test_a_clone_of_two_commits_has_the_first_parent_of_a_merge(repo: Repo, tmp_path: Path) -> None:
    """What CI checks out for a pull request: the merge of it into main."""
    target = repo.id("main")
    repo.git("checkout", "--quiet", "-b", "side", "HEAD^")
    repo.commit({"surfaces/a.yaml": "a\n"})
    repo.commit({"surfaces/b.yaml": "b\n"})
    repo.git("checkout", "--quiet", "-b", "pull", "main")
    repo.merge("side")
    clone = repo.clone(tmp_path / "clone", "--depth=2", "--branch=pull")
    repository = Repository.around(clone.folder)
    base = repository.merge_base("HEAD^1")
    assert base == target
    assert repository.files(base).read(COORD, 2**20) == b"second\n"


def test_unrelated_histories_have_no_base(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "--orphan", "side")
    repo.commit()
    with pytest.raises(
        CoordError, match=r"main and HEAD have no common ancestor.*The two histories are unrelated"
    ):
        Repository.around(repo.folder).merge_base("main")


def test_a_base_that_a_shallow_clone_lacks_names_fetch_depth(repo: Repo, tmp_path: Path) -> None:
    repo.git("checkout", "--quiet", "-b", "side", "HEAD^")
    repo.commit({"surfaces/a.yaml": "a\n"})
    clone = repo.clone(tmp_path / "clone", "--depth=1", "--no-single-branch")
    with pytest.raises(CoordError, match=r"no common ancestor.*shallow.*`fetch-depth: 0`"):
        Repository.around(clone.folder).merge_base("origin/main")


def test_no_commit_yet(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "empty")
    repo.write({COORD: "a\n"})
    for revision in ("main", "HEAD", "origin/main", "-h"):
        assert "has no commit yet" in _refused(repo, revision)


def test_a_branch_without_a_commit_beside_one_with(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "--orphan", "side")
    repository = Repository.around(repo.folder)
    assert repository.commit("main") == repo.id("main")
    with pytest.raises(CoordError, match="has no commit yet, so there is nothing to compare with"):
        repository.merge_base("main")


def test_a_replaced_commit_is_still_what_it_was(repo: Repo) -> None:
    first, second = repo.id("HEAD^"), repo.id("HEAD")
    lie = repo.git("commit-tree", "-m", "a lie", f"{second}^{{tree}}")
    repo.git("replace", first, lie)
    assert repo.git("show", f"{first}:{COORD}") == "second"
    repository = Repository.around(repo.folder)
    assert repository.files(repository.merge_base("HEAD^")).read(COORD, 2**20) == b"first\n"
    blob = repository.files(first).blob(COORD)
    repo.git("replace", blob, repo.id(f"HEAD:{COORD}"))
    assert repository.files(first).read(COORD, 2**20) == b"first\n"


def test_a_graft_does_not_change_who_descends_from_whom(repo: Repo) -> None:
    first, second = repo.id("HEAD^"), repo.id("HEAD")
    (repo.folder / ".git/info").mkdir(exist_ok=True)
    (repo.folder / ".git/info/grafts").write_text(f"{second}\n")
    assert repo.git("rev-list", "--count", "HEAD") == "1"
    assert Repository.around(repo.folder).merge_base(first) == first
