"""Who owns what on GitHub, from the owners of the surfaces."""

import shutil
from pathlib import Path

import pytest

from coord.authoring.codeowners import CODEOWNERS, codeowners, organisation, owners
from coord.authoring.init import init
from coord.config.files import MemoryFiles, WorkingTree
from coord.errors import UsageError
from git_trees.repositories import Repo, hermetic

ROOT = Path(__file__).parents[2]


def _rules(text: str) -> dict[str, list[str]]:
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {path: teams for path, *teams in lines}


def test_every_surface_has_its_owner_and_the_rest_all_of_them() -> None:
    teams = owners(WorkingTree(ROOT))
    assert len(teams) >= 4
    rules = _rules(codeowners("acme", teams))
    everybody = sorted({f"@acme/{team}" for team in teams.values()})
    shared = ("/.github/", "/surfaces/coord.yaml", "/surfaces/metrics.yaml", "/surfaces/*/*.yaml")
    assert {path: rules.pop(path) for path in shared} == dict.fromkeys(shared, everybody)
    assert rules == {f"/surfaces/{surface}/*.yaml": [f"@acme/{team}"] for surface, team in teams.items()}


def test_what_comes_later_counts() -> None:
    """So the line of a surface must follow the one for surfaces that are not listed."""
    paths = list(_rules(codeowners("acme", {"home": "product"})))
    assert paths.index("/surfaces/*/*.yaml") < paths.index("/surfaces/home/*.yaml")


def test_below_another_folder_every_path_is() -> None:
    rules = _rules(codeowners("acme", {"home": "product"}, "/apps/exp/"))
    assert list(rules) == ["/.github/"] + [
        f"/apps/exp/surfaces/{path}" for path in ("coord.yaml", "metrics.yaml", "*/*.yaml", "home/*.yaml")
    ]


def test_broken_surfaces_are_left_out(root: Path) -> None:
    home = (root / "surfaces/home/surface.yaml").read_text("utf-8")
    shutil.rmtree(root / ".github")
    for name, text in (
        (
            "search",
            home.replace("surface: home", "surface: search").replace("owner: product", "owner: nobody @x"),
        ),
        ("a b", home.replace("surface: home", "surface: a b")),
        ("* @mallory #", home),
    ):
        (root / f"surfaces/{name}").mkdir()
        (root / f"surfaces/{name}/surface.yaml").write_text(text, "utf-8")
    init(root, "coord==1.0", allocate_on_merge=False, github="acme")
    text = (root / CODEOWNERS).read_text("utf-8")
    assert list(_rules(text))[4:] == ["/surfaces/home/*.yaml"]
    assert "mallory" not in text


def test_without_a_surface_that_can_be_read_there_are_no_owners(root: Path) -> None:
    (root / "surfaces/coord.yaml").write_text("{", "utf-8")
    assert CODEOWNERS not in init(root, "coord==1.0", allocate_on_merge=False, github="acme").written


@pytest.mark.parametrize("place", [CODEOWNERS, "CODEOWNERS", "docs/CODEOWNERS"])
def test_where_there_is_one_none_is_added(root: Path, place: str) -> None:
    (root / place).parent.mkdir(exist_ok=True)
    (root / place).write_text("* @acme/everybody\n", "utf-8")
    started = init(root, "coord==1.0", allocate_on_merge=False, github="acme")
    assert started.written == ()
    assert set(started.left) == {place}
    assert init(root, "coord==1.0", allocate_on_merge=False).unowned is False


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("https://github.com/Mega-Corp/experiments.git", "Mega-Corp"),
        ("https://x-access-token:secret@github.com/acme/experiments", "acme"),
        ("git@github.com:acme/experiments.git", "acme"),
        ("ssh://git@github.com/acme/experiments.git", "acme"),
        ("https://gitlab.com/acme/experiments.git", None),
        ("https://github.com.example.org/acme/x.git", None),
        ("https://example.org/github.com/acme/x.git", None),
        ("git@github.com:a b/x.git", None),
        ("../origin.git", None),
        (None, None),
    ],
)
def test_the_organisation_of_origin(
    remote: str | None, expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hermetic(monkeypatch, tmp_path)
    repo = Repo(tmp_path / "repo")
    if remote:
        repo.git("remote", "add", "origin", remote)
    assert organisation(repo.folder, None) == expected
    assert organisation(repo.folder, "given") == "given"
    started = init(repo.folder, "coord==1.0", allocate_on_merge=False)
    assert (CODEOWNERS in started.written, started.unowned) == (expected is not None, expected is None)


@pytest.mark.parametrize("name", ["", "-a", "a--b", "a b", "a/b", "a\n* @mallory", "@acme", "a" * 40])
def test_what_is_no_organisation(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no organisation on GitHub"):
        organisation(tmp_path, name)


def test_names_are_checked_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a schema ever let more through: a space or a line end would begin another owner or rule."""

    class Surface:
        def __init__(self, owner: str) -> None:
            self.owner = owner

    class Tree:
        class catalog:  # noqa: N801 - stands for an attribute
            surfaces = {"home": Surface("a b"), "a\n* @x": Surface("a"), "good": Surface("fine")}  # noqa: RUF012

    monkeypatch.setattr("coord.authoring.codeowners.load", lambda files: Tree)
    assert owners(MemoryFiles({})) == {"good": "fine"}
