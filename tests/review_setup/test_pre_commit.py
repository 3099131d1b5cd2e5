"""The hook of this repository for pre-commit, and the entry that `coord init` writes."""

import re
from pathlib import Path

import yaml

from coord.authoring.init import init
from coord.cli.group import COMMANDS

ROOT = Path(__file__).parents[2]


def test_the_hook_is_the_one_that_coord_init_writes(tmp_path: Path) -> None:
    """Save that pre-commit installs coord for the one, and finds it for the other."""
    init(tmp_path, "coord==1.0", allocate_on_merge=False)
    [repository] = yaml.safe_load((tmp_path / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    [written] = repository["hooks"]
    [ours] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert (repository["repo"], written.pop("language")) == ("local", "system")
    assert ours.pop("language") == "python"
    assert ours.pop("description")
    assert written == ours
    assert ours["id"] == "coord-check"
    program, command = ours["entry"].split()
    assert program == "coord"
    assert command in COMMANDS
    assert ours["pass_filenames"] is False  # conflicts are between files
    for path in ("surfaces/home/experiments/x.yaml", "schemas/coord.schema.json"):
        assert re.search(ours["files"], path)
    assert not re.search(ours["files"], "docs/surfaces/x.yaml")
