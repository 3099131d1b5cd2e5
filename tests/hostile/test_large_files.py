"""Files that are small enough to be read and large in every other way cost seconds, not a machine.

Each is checked by a process of its own that may use little time and memory; it must say what is wrong.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostile.outputs import assert_document, assert_inert, write
from hostile.trees import COORD, EXPERIMENT, LEDGER, SURFACE, Content, append, changed, edit

SECONDS = 8
MEMORY = 1536 * 2**20
MIB = 2**20


def _commas(count: int, piece: Callable[[int], str]) -> str:
    return ", ".join(map(piece, range(count)))


def _unknown_keys_on_one_line() -> dict[str, Content]:
    text = f"{{{_commas(5_000, lambda i: f'k{i}: 1')}}}\n"
    return {EXPERIMENT: " " * (MIB - len(text)) + text}


def _unknown_keys_on_many_lines() -> dict[str, Content]:
    return {EXPERIMENT: append(EXPERIMENT, "".join(f"k{i}: 1\n" for i in range(10_000)))}


def _tabs_on_one_line() -> dict[str, Content]:
    pieces = _commas(20_000, lambda i: f"\tk{i}: 1")
    return {EXPERIMENT: f"{{{pieces}}}\n"}


def _impossible_steps(count: int = 30_000) -> dict[str, Content]:
    steps = _commas(count, lambda i: f"{10_000 + i}-01-01: 1%")
    return {EXPERIMENT: edit(EXPERIMENT, "20%", f"{{{steps}}}")}


def _fewer_impossible_steps() -> dict[str, Content]:
    return _impossible_steps(4_900)


def _bad_names_in_many_mappings() -> dict[str, Content]:
    avoided = f"{{{_commas(900, lambda i: f'X{i}: 1')}}}"
    entries = "".join(f"  - {{buckets: '0:1', avoids: {avoided}}}\n" for _ in range(100))
    return {LEDGER: append(LEDGER, entries)}


def _bad_names_of_spaces() -> dict[str, Content]:
    spaces = _commas(20_000, lambda i: f"S{i}: {{}}")
    return {COORD: f"spaces: {{{spaces}}}\nteams: []\n"}


def _teams() -> dict[str, Content]:
    return {COORD: edit(COORD, "teams: [", f"teams: [{_commas(90_000, lambda i: f't{i}')}, ")}


def _variants() -> dict[str, Content]:
    return {EXPERIMENT: append(EXPERIMENT, "".join(f"  - {{name: v{i}}}\n" for i in range(30_000)))}


def _components() -> dict[str, Content]:
    declared = "".join(f"  c{i}: x\n" for i in range(60_000))
    return {
        SURFACE: edit(SURFACE, "components:\n", f"components:\n{declared}"),
        EXPERIMENT: edit(EXPERIMENT, "[header]", f"[{_commas(60_000, lambda i: f'c{i}')}]"),
    }


def _unknown_components() -> dict[str, Content]:
    return {EXPERIMENT: edit(EXPERIMENT, "[header]", f"[{_commas(20_000, lambda i: f'c{i}')}]")}


def _unknown_rivals() -> dict[str, Content]:
    rivals = _commas(20_000, lambda i: f"home/c{i}")
    return {EXPERIMENT: append(EXPERIMENT, f"exclusive_with: [{rivals}]\n")}


def _unknown_values() -> dict[str, Content]:
    return {EXPERIMENT: edit(EXPERIMENT, "[SE]", f"[{_commas(20_000, lambda i: f'v{i}')}]")}


def _waivers() -> dict[str, Content]:
    waivers = _commas(15_000, lambda i: f"{{rule: BKT001, experiment: home/a{i}}}")
    return {SURFACE: append(SURFACE, f"waivers: [{waivers}]\n")}


def _metrics() -> dict[str, Content]:
    required = _commas(15_000, lambda i: f"{{metric: m{i}}}")
    return {SURFACE: append(SURFACE, f"  guardrail: [{required}]\n")}


def _ranges() -> dict[str, Content]:
    ranges = " ".join(["0:9999999"] * 100_000)
    return {LEDGER: edit(LEDGER, "0:20", ranges)}


def _entries() -> dict[str, Content]:
    return {LEDGER: append(LEDGER, "".join('  - {buckets: "0:9999999"}\n' for _ in range(2_000)))}


def _bitset() -> dict[str, Content]:
    return {LEDGER: edit(LEDGER, "0:20", f"base64:{'/' * 3 * MIB}")}


def _avoided() -> dict[str, Content]:
    avoids = _commas(20_000, lambda i: f"x{i}: y")
    return {LEDGER: append(LEDGER, f"    avoids: {{{avoids}}}\n")}


def _aliases() -> dict[str, Content]:
    anchors = "".join(f"- &a{i} x\n- *a{i}\n" for i in range(30_000))
    return {EXPERIMENT: anchors}


def _long_key() -> dict[str, Content]:
    return {EXPERIMENT: append(EXPERIMENT, f"? {'k' * 900_000}\n: 1\n")}


def _ages() -> dict[str, Content]:
    """Not large, and long: with figures to compare with, its size is judged too."""
    return {
        EXPERIMENT: edit(EXPERIMENT, "2026-03-30", "9999-12-31"),
        "surfaces/home/baseline.yaml": (
            "surface: home\ndaily_units: 1000\nmetrics: {minutes_played: {mean: 40, std: 50}}\n"
        ),
    }


LARGE = {
    make.__name__.strip("_").replace("_", " "): make
    for make in (
        _unknown_keys_on_one_line,
        _unknown_keys_on_many_lines,
        _tabs_on_one_line,
        _impossible_steps,
        _fewer_impossible_steps,
        _bad_names_in_many_mappings,
        _bad_names_of_spaces,
        _teams,
        _variants,
        _components,
        _unknown_components,
        _unknown_rivals,
        _unknown_values,
        _waivers,
        _metrics,
        _ranges,
        _entries,
        _bitset,
        _avoided,
        _aliases,
        _long_key,
        _ages,
    )
}


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _run(root: Path, form: str) -> subprocess.CompletedProcess[str]:
    program = "from coord.cli.main import main; main()"
    arguments = ["check", "--root", str(root), "--today", "2026-03-01", "--format", form]
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        preexec_fn=_limited,
    )


@pytest.mark.parametrize("name", LARGE)
def test_a_large_file_is_judged_within_bounds(name: str, tmp_path: Path) -> None:
    write(tmp_path, changed(LARGE[name]()))
    done = _run(tmp_path, "json")
    assert done.returncode in {0, 1}, f"{done.returncode} {done.stderr[:300]}"
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["findings"]
    assert len(done.stdout) < 40 * MIB


@pytest.mark.parametrize("name", ["unknown keys on one line", "unknown keys on many lines", "long key"])
@pytest.mark.parametrize("form", ["text", "concise", "github"])
def test_it_is_told_within_bounds(name: str, form: str, tmp_path: Path) -> None:
    write(tmp_path, changed(LARGE[name]()))
    done = _run(tmp_path, form)
    assert done.returncode == 1, f"{done.returncode} {done.stderr[:300]}"
    assert_inert(form, done.stdout[:100_000])
    assert len(done.stdout) < 20 * MIB


DEEP = {
    "lists": "[" * MIB,
    "mappings": "{a: " * (MIB // 4),
    "block lists": "- " * (MIB // 2),
    "keys": "? " * (MIB // 2),
    "flow keys": "{? " * (MIB // 3),
    "lists of pairs": "[a: " * (MIB // 4),
    "closed lists": "[" * (MIB // 2) + "]" * (MIB // 2),
    "anchored lists": "&a [" * (MIB // 4),
    "tagged lists": "! [" * (MIB // 3),
    "stairs": "".join(f"{' ' * level}a:\n" for level in range(1400)),
}


@pytest.mark.parametrize("name", DEEP)
def test_depth_never_kills_the_process(name: str, tmp_path: Path) -> None:
    write(tmp_path, changed({EXPERIMENT: DEEP[name]}))
    done = _run(tmp_path, "json")
    assert done.returncode == 1, f"{done.returncode} {done.stderr[:300]}"
    found = assert_document(done.stdout)["findings"]
    assert ("SYN001", EXPERIMENT) in {(f["code"], f["location"]["path"]) for f in found}
    assert "BKT001" in {f["code"] for f in found}
