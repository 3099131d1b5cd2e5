"""A small organisation in the folder where a test runs."""

import random
from pathlib import Path

import pytest

from audit.commands import put
from audit.worlds import Plan, World, some


@pytest.fixture
def world() -> World:
    chance = random.Random(1)
    return World(
        [
            Plan("home/back", 0, 14, {0: some(chance, 50)}, kind="holdback"),
            Plan("home/one", 0, 14, {0: some(chance, 300)}),
            Plan("home/two", 0, 14, {0: some(chance, 300)}, components=["shelf"]),
        ]
    )


@pytest.fixture
def root(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    put(tmp_path, world)
    monkeypatch.chdir(tmp_path)
    return tmp_path
