"""The answers of both readers and of coord to the same questions, in a form that is quick to compare.

For each experiment a text with one character for each unit: of its reason, or of its variant's place.
"""

import importlib.util
import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from coord.allocation.assign_many import REASONS, assign_many, buckets_of
from coord.allocation.columns import column
from coord.domain.catalog import Catalog

FOLDER = Path(__file__).parents[2] / "docs" / "examples" / "runtime"
LETTERS = {"not_running": "r", "not_eligible": "e", "held_back": "b", "not_allocated": "a"}
ALPHABETS = ("0123456789", "abcdefghijklmnopqrstuvwxyz-_:/@", "åäöñé中文😀\u0301\u2028", " \"',;\\\n\t|")


class Group(NamedTuple):
    """Units that are asked about on one day, with one context."""

    day: date
    context: dict[str, str]
    units: list[str]


def units(seed: int, number: int) -> list[str]:
    """Different ids as services have them, and as nobody should: of 1 to 100 bytes, in any script."""
    chance = random.Random(seed)
    found = {"007", "1e5", "9007199254740993", "NA", "x" * 100, "😀" * 25, "1", "ä", "\x00", "e\u0301", "é"}
    while len(found) < number:
        letters = ALPHABETS[0] if chance.random() < 0.3 else "".join(chance.sample(ALPHABETS, k=2))
        text = "".join(chance.choices(letters, k=chance.choice((3, 8, 20, 36, 100))))
        found.add(text.encode()[:100].decode(errors="ignore"))
    return sorted(found - {""})


def python_reader() -> ModuleType:
    """The module that the documentation shows."""
    spec = importlib.util.spec_from_file_location("assign_from_manifest", FOLDER / "assign.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ask_coord(catalog: Catalog, names: Sequence[str], groups: Sequence[Group]) -> dict[str, str]:
    """The answers of `coord.allocation.assign_many`."""
    answers = dict.fromkeys(names, b"")
    for group in groups:
        ids = column(group.units)
        context = {dim: pa.array([value] * len(ids)) for dim, value in group.context.items()}
        buckets = {name: buckets_of(space, ids) for name, space in catalog.spaces.items()}
        for name in names:
            one = catalog.experiments[name]
            found = assign_many(catalog, one, ids, group.day, context, buckets[one.space])
            arms = (65 + found.variants).astype(np.uint8)
            answers[name] += np.where(found.variants < 0, _LETTERS[found.reasons], arms).tobytes()
    return {name: text.decode() for name, text in answers.items()}


_LETTERS = np.array([ord(LETTERS.get(reason.value, "?")) for reason in REASONS], np.uint8)


def ask_python(manifest: str, names: Sequence[str], groups: Sequence[Group]) -> dict[str, str]:
    """The answers of the Python reader."""
    reader = python_reader().Manifest(manifest)
    return {name: _text(reader, name, groups) for name in names}


def _text(reader: Any, name: str, groups: Sequence[Group]) -> str:
    arms = reader.experiments[name]["variants"] if name in reader.experiments else []
    places = {id(arm): chr(65 + place) for place, arm in enumerate(arms)}
    ask: Callable[..., Any] = reader.assign
    answers = (ask(name, unit, group.context, group.day) for group in groups for unit in group.units)
    return "".join(LETTERS.get(answer.reason) or places[id(answer.variant)] for answer in answers)


def ask_javascript(manifest: str, names: Sequence[str], groups: Sequence[Group]) -> dict[str, str]:
    """The answers of the JavaScript reader."""
    questions = [{"day": g.day.isoformat(), "context": g.context, "units": g.units} for g in groups]
    given = json.dumps({"manifest": manifest, "names": list(names), "groups": questions})
    answers: dict[str, str] = json.loads(run_node(Path(__file__).parent / "answers.mjs", stdin=given))
    return answers


def run_node(script: Path, *, stdin: str = "") -> str:
    """What a script prints. Without Node.js the test is skipped, unless COORD_REQUIRE asks for it."""
    program = shutil.which("node")
    if program is None and "node" in os.environ.get("COORD_REQUIRE", ""):
        pytest.fail("there is no program `node`: install Node.js 18 or later")
    if program is None:
        pytest.skip("there is no program `node`: install Node.js 18 or later")
    done = subprocess.run(
        [program, script], cwd=script.parent, input=stdin, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
