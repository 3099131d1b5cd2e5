"""Whom the advice about a bucket conflict addresses: the author of the change, where a change makes it."""

from datetime import date
from pathlib import Path

import pytest

from coord.checks.runner import check
from coord.config.files import MemoryFiles
from coord.config.load import Base, load

TEAMS = Path(__file__).parents[2] / "docs" / "examples" / "two-teams"
FIRST, SECOND = "podcast-shelf", "new-releases"  # the second starts later, both after the day below
TODAY = date(2026, 1, 5)


def _files(*left_out: str) -> dict[str, bytes]:
    paths = (path for path in TEAMS.rglob("*.yaml") if path.stem not in left_out)
    return {path.relative_to(TEAMS).as_posix(): path.read_bytes() for path in paths}


def _hint(base: dict[str, bytes] | None) -> str:
    before = Base("0" * 40, load(MemoryFiles(base))) if base is not None else None
    result = check(load(MemoryFiles(_files())), TODAY, base=before)
    (finding,) = [finding for finding in result.findings if finding.code == "BKT001"]
    assert finding.experiment == f"home/{SECOND}"  # the later of the two, whoever adds it
    return finding.hint or ""


@pytest.mark.parametrize(
    ("added", "redrawn"), [((), SECOND), ((FIRST,), FIRST), ((SECOND,), SECOND), ((FIRST, SECOND), SECOND)]
)
def test_the_one_that_the_change_draws_is_drawn_again(added: tuple[str, ...], redrawn: str) -> None:
    """Where the change draws neither or both, it is the later one."""

    assert f"coord allocate --redraw home/{redrawn}`" in _hint(_files(*added))


def test_without_a_base_it_is_the_later_one() -> None:
    assert f"coord allocate --redraw home/{SECOND}`" in _hint(None)
