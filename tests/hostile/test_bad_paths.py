"""What lies below `surfaces/` and is no plain file, or has a name that nothing should have."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostile.outputs import assert_answers, assert_document, check, write
from hostile.trees import COORD, EXPERIMENT, LEDGER, SURFACE, edit, healthy

HERE = "surfaces/home/experiments"
SECRET = "salt: do-not-show-this"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    write(folder, healthy())
    (tmp_path / "secret.yaml").write_text(f"{SECRET}\n", encoding="utf-8")
    return folder


def _document(root: Path) -> dict[str, Any]:
    output = check(root, "json")
    assert output.code == 1, output.err
    return assert_document(output.out)


def _refused(document: dict[str, Any]) -> set[tuple[str, str]]:
    """The files that reading reported, with the code."""
    found = document["findings"]
    unread = [f["location"] for f in found if f["code"] == "SYN001"]
    assert all((place["line"], place["column"]) == (1, 1) for place in unread)
    return {(f["code"], f["location"]["path"]) for f in found if f["code"].startswith("SYN")}


def _conflict(document: dict[str, Any]) -> bool:
    return any((f["code"], f["experiment"]) == ("BKT001", "search/right") for f in document["findings"])


@pytest.mark.parametrize(
    ("link", "target"),
    [
        (f"{HERE}/two.yaml", "one.yaml"),
        (f"{HERE}/two.yaml", "/etc/passwd"),
        (f"{HERE}/two.yaml", "../../../../secret.yaml"),
        (f"{HERE}/two.yaml", "/dev/zero"),
        (f"{HERE}/two.yaml", "nowhere"),
        (f"{HERE}/two.yaml", "two.yaml"),
        (f"{HERE}/folder", "/etc"),
        ("surfaces/again", "."),
        ("surfaces/up", "../.."),
        ("surfaces/home/baseline.yaml", "../../../secret.yaml"),
        (LEDGER, "/dev/zero"),
        (EXPERIMENT, "../../../../secret.yaml"),
        (SURFACE, "../../../secret.yaml"),
    ],
)
def test_a_link_is_refused_and_never_followed(root: Path, link: str, target: str) -> None:
    (root / link).unlink(missing_ok=True)
    (root / link).symlink_to(target)
    document = _document(root)
    assert ("SYN001", link) in _refused(document)
    assert _conflict(document)
    assert_answers(root)
    for form in ("text", "json"):
        assert "do-not-show-this" not in check(root, form).out


def test_a_linked_folder_of_a_surface_is_refused(root: Path) -> None:
    (root / "surfaces/home").rename(root / "home")
    (root / "surfaces/home").symlink_to("../home")
    document = _document(root)
    assert _refused(document) == {("SYN001", "surfaces/home")}
    assert _conflict(document)


def test_a_linked_coord_yaml_is_refused(root: Path) -> None:
    (root / COORD).rename(root / "coord.yaml")
    (root / COORD).symlink_to("../coord.yaml")
    assert _refused(_document(root)) == {("SYN001", COORD)}
    assert_answers(root)


def test_surfaces_that_is_itself_a_link_out_of_the_tree_is_not_followed(root: Path) -> None:
    (root / "surfaces").rename(root.parent / "elsewhere")
    (root / "surfaces").symlink_to("../elsewhere")
    output = check(root, "text")
    assert output.code in {1, 3}
    assert "search/right" not in output.out


@pytest.mark.parametrize("path", [f"{HERE}/pipe.yaml", "surfaces/pipe", LEDGER])
def test_a_pipe_is_refused_and_never_waited_for(root: Path, path: str) -> None:
    (root / path).unlink(missing_ok=True)
    os.mkfifo(root / path)
    document = _document(root)
    assert _refused(document) == {("SYN001", path)}
    assert _conflict(document)
    assert_answers(root)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("path", [EXPERIMENT, LEDGER, SURFACE, "surfaces/home/experiments"])
def test_what_may_not_be_read_is_reported(root: Path, path: str) -> None:
    (root / path).chmod(0)
    try:
        document = _document(root)
        assert ("SYN001", path) in _refused(document)
        assert _conflict(document)
        assert_answers(root)
    finally:
        (root / path).chmod(0o755)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"{HERE}/two.yaml", set()),
        ("surfaces/coord.yaml", {("SYN001", COORD)}),
        ("surfaces/home/surface.yaml", {("REF001", EXPERIMENT)}),
        (EXPERIMENT, {("BKT003", LEDGER)}),
    ],
)
def test_a_folder_named_like_a_file(root: Path, path: str, found: set[tuple[str, str]]) -> None:
    (root / path).unlink(missing_ok=True)
    (root / path).mkdir()
    document = _document(root)
    assert found <= {(f["code"], f["location"]["path"]) for f in document["findings"]}
    (root / path / "inside.yaml").write_text("a: 1\n", encoding="utf-8")
    assert ("SYN005", f"{path}/inside.yaml") in _refused(_document(root))
    assert_answers(root)


STRANGE = (
    b"a\n::error::b",
    b"a\r::error::b",
    b"\x1b[31mred",
    b"\xff\xfe",
    b"a\xed\xa0\x80b",
    "a\u202eb".encode(),
    "a\u2028b".encode(),
    b"a b",
    b" a",
    b"Big",
    b"-a",
    b".hidden",
    b"::error::x",
    b"##[error]x",
    b"[bold]x",
    b"x,line=1",
    b"x%0Ay",
    b"$(id)",
    b"a" * 250,
    "ａ".encode(),
)


@pytest.mark.parametrize("name", STRANGE)
def test_an_experiment_file_with_a_name_that_no_experiment_has(root: Path, name: bytes) -> None:
    text = edit(EXPERIMENT, "[header]", "[]")
    _write(os.fsencode(root / HERE) + b"/" + name + b".yaml", text)
    document = _document(root)
    assert any(path.startswith(f"{HERE}/") for _, path in _refused(document))
    assert _conflict(document)
    assert_answers(root)


@pytest.mark.parametrize("name", STRANGE)
def test_a_surface_folder_with_a_name_that_no_surface_has(root: Path, name: bytes) -> None:
    os.rename(root / "surfaces/home", os.fsencode(root / "surfaces") + b"/" + name)  # noqa: PTH104 - bytes
    document = _document(root)
    assert _refused(document)
    assert _conflict(document)
    assert_answers(root)


def test_nobody_is_told_to_write_a_name_that_is_refused(root: Path) -> None:
    (root / HERE / "Big One.yaml").write_text(healthy()[EXPERIMENT], encoding="utf-8")
    (root / "surfaces/Far Away").mkdir()
    (root / "surfaces/Far Away/surface.yaml").write_text(healthy()[SURFACE], encoding="utf-8")
    hints = [finding["hint"] or "" for finding in _document(root)["findings"]]
    assert not [hint for hint in hints if "experiment: Big One" in hint or "surface: Far Away" in hint]


@pytest.mark.parametrize("name", [b"\xff", b"\xed\xa0\x80", b"a\nb"])
def test_a_strange_name_never_kills_the_process_when_its_buckets_are_drawn(root: Path, name: bytes) -> None:
    steps = "{2026-03-02: 1%, 2026-03-05: 20%}"
    _write(os.fsencode(root / HERE) + b"/" + name + b".yaml", edit(EXPERIMENT, "20%", steps))
    (root / EXPERIMENT).write_text(edit(EXPERIMENT, "20%", steps.replace("20%", "90%")), encoding="utf-8")
    (root / LEDGER).unlink()
    program = "from coord.cli.main import main; main()"
    arguments = ["check", "--root", str(root), "--today", "2026-03-01"]
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, check=False)
    assert done.returncode == 1, done.stderr


@pytest.mark.parametrize("levels", [100, 1500])
def test_folders_in_folders(root: Path, levels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _in_each(root / "surfaces", levels, monkeypatch, os.mkdir)
    try:
        document = _document(root)
        assert _conflict(document)
    finally:
        _remove_each(root / "surfaces", levels, monkeypatch)


def _in_each(start: Path, levels: int, monkeypatch: pytest.MonkeyPatch, make: Callable[[str], None]) -> None:
    monkeypatch.chdir(start)
    for _ in range(levels):
        make("d")
        os.chdir("d")
    Path("x.yaml").write_text("a: 1\n", encoding="utf-8")
    os.chdir(start)


def _remove_each(start: Path, levels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take them away by hand: shutil goes by recursion."""
    monkeypatch.chdir(start)
    for _ in range(levels):
        os.chdir("d")
    Path("x.yaml").unlink()
    for _ in range(levels):
        os.chdir("..")
        os.rmdir("d")  # noqa: PTH106


def _write(path: bytes, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - bytes
        file.write(text)


def test_a_text_that_the_encoding_of_the_output_lacks(root: Path) -> None:
    (root / EXPERIMENT).write_text(healthy()[EXPERIMENT] + "пример😀: 1\n", encoding="utf-8")
    program = "from coord.cli.main import main; main()"
    arguments = ["check", "--root", str(root), "--today", "2026-03-01"]
    for encoding in ("ascii", "cp1252"):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONIOENCODING": encoding},
        )
        assert done.returncode == 1, done.stderr
        assert b"BKT001" in done.stdout


@pytest.mark.parametrize("today", ["0001-01-01", "9999-12-29", "9999-12-30", "9999-12-31"])
def test_the_first_and_the_last_day_there_is(root: Path, today: str) -> None:
    (root / EXPERIMENT).write_text(edit(EXPERIMENT, "2026-03-30", "9999-12-31"), encoding="utf-8")
    (root / LEDGER).unlink()
    output = check(root, "json", "--today", today)
    assert output.code in {0, 1}, output.err
