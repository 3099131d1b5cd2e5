"""Every test of a history is on repositories of its own."""

from pathlib import Path

import pytest

from git_trees.repositories import hermetic


@pytest.fixture(autouse=True)
def _hermetic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hermetic(monkeypatch, tmp_path)
