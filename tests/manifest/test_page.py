"""The page about the manifest is executed: its example is real, and its programs print what they say."""

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from coord.allocation.manifest import manifest
from coord.config.files import WorkingTree
from coord.config.load import load
from coord.report.manifest import manifest_document, render
from manifest.readers import FOLDER, run_node

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "manifest.md").read_text("utf-8")


def _block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a manifest and both readers, where the page's programs run."""
    made = manifest(load(WorkingTree(ROOT)).catalog, date(2026, 3, 10))
    (tmp_path / "manifest.json").write_text(render(made), "utf-8")
    for name in ("assign.py", "assign.mjs"):
        shutil.copy(FOLDER / name, tmp_path)
    return tmp_path


def test_the_experiment_shown_is_the_real_one() -> None:
    document = manifest_document(manifest(load(WorkingTree(ROOT)).catalog, date(2026, 3, 10)))
    (real,) = [one for one in document["experiments"] if one["experiment"] == "home/podcast-shelf"]
    for step in real["steps"]:
        step["bitset"] = "…"
    shown = json.loads(_block("json"))
    assert shown == real
    assert list(shown) == list(real)


def test_the_python_program_prints_what_it_says(folder: Path) -> None:
    program = _block("python")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == re.findall(r"^# (.*)$", program, re.MULTILINE)


@pytest.mark.node
def test_the_javascript_program_prints_what_it_says(folder: Path) -> None:
    program = _block("js")
    (folder / "program.mjs").write_text(program, "utf-8")
    shown = run_node(folder / "program.mjs")
    assert shown.splitlines() == re.findall(r"^// (.*)$", program, re.MULTILINE)


def test_the_readers_say_the_same() -> None:
    """Both readers name the same format and hash, and stay as small as the page says."""
    texts = [(FOLDER / name).read_text("utf-8") for name in ("assign.py", "assign.mjs")]
    for text in texts:
        assert text.count("\n") < 80
        assert {"coord.manifest/1", "murmur3_x64_128"} <= set(re.findall(r'"([^"\n]*)"', text))
