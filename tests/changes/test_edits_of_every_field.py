"""What a change of each field is found to be: of what has not started, of what runs, of what is over."""

from typing import Any

import pytest

from changes.edit import Edit
from changes.edits import every_edit
from changes.fields import field_at, fields
from changes.rich import FILES, OVER, RICH, STARTED, UNSTARTED
from changes.trees import GONE, edited, new, read
from coord.checks.result import LocatedFinding
from coord.config.layout import KINDS, kind_of
from coord.domain.findings import Severity

EDITS = every_edit()
BASE = read(FILES)
DAYS = {"unstarted": UNSTARTED, "started": STARTED, "over": OVER}


def _name(edit: Edit) -> str:
    file = edit.path.rsplit("/", 1)[1].removesuffix(".yaml")
    value = "gone" if edit.value is GONE else str(edit.value)[:20]
    return f"{file}-{'.'.join(map(str, edit.pointer))}-{value}-{edit.note}"


def _kind(edit: Edit) -> str:
    kind = kind_of(edit.path)
    assert kind
    return kind.name


@pytest.mark.parametrize("edit", EDITS, ids=_name)
def test_an_edit_is_found_to_be_what_it_is(edit: Edit) -> None:
    head = read(_edited(edit))
    found = {state: _about(new(BASE, head, day)) for state, day in DAYS.items()}
    codes = {state: {finding.code for finding in findings} for state, findings in found.items()}
    assert codes == {state: getattr(edit, state) for state in DAYS}
    assert {finding.severity for findings in found.values() for finding in findings} <= {Severity.ERROR}


def _about(found: list[LocatedFinding]) -> list[LocatedFinding]:
    return [finding for finding in found if finding.code in _ABOUT or finding.code[:3] in _ABOUT]


_ABOUT = {"CHG", "LIF001", "LIF003", "SYN", "REF001", "REF002"}


def _edited(edit: Edit) -> dict[str, Any]:
    if edit.pointer[0] == "outcome" and len(edit.pointer) > 1:
        whole, _ = edit.value
        return edited(FILES, (edit.path, ("outcome",), whole))
    return edited(FILES, (edit.path, edit.pointer, edit.value))


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_every_field_of_a_schema_has_an_edit(kind: str) -> None:
    done = {field_at(kind, edit.pointer) for edit in EDITS if _kind(edit) == kind}
    assert fields(kind) - done == set()


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_every_field_stands_in_the_organisation_or_is_put_there(kind: str) -> None:
    """An edit of a field that nothing says would be an addition; most fields are both changed and there."""
    found = {field_at(kind, edit.pointer) for edit in EDITS if _kind(edit) == kind}
    for path, value in FILES.items():
        named = kind_of(path)
        found |= _said(kind, value, ()) if named and named.name == kind else set()
    assert fields(kind) - found == set()


def _said(kind: str, value: Any, pointer: tuple[str | int, ...]) -> set[tuple[str, ...]]:
    found = {field_at(kind, pointer)} if pointer else set()
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        if "serves" in pointer:
            continue
        found |= _said(kind, one, (*pointer, key))
    return found


def test_the_organisation_itself_is_read_without_errors() -> None:
    assert not [f.message for f in BASE.findings]
    assert BASE.catalog.experiments.keys() == {f"home/{name}" for name in ("rich", "plain", "held", "idea")}


@pytest.mark.parametrize("state", DAYS)
@pytest.mark.parametrize("path", [path for path in FILES if "/experiments/" in path])
def test_a_file_may_go_as_long_as_it_has_not_started(path: str, state: str) -> None:
    codes = {f.code for f in new(BASE, {p: v for p, v in FILES.items() if p != path}, DAYS[state])}
    draft = FILES[path]["status"] == "draft"
    assert ("CHG005" in codes) == (state != "unstarted" and not draft)


@pytest.mark.parametrize("state", DAYS)
def test_a_ledger_may_go_as_long_as_it_has_not_started(state: str) -> None:
    ledger = RICH.replace("/experiments/", "/allocations/")
    codes = {f.code for f in new(BASE, {p: v for p, v in FILES.items() if p != ledger}, DAYS[state])}
    assert ("CHG003" in codes) == (state != "unstarted")
