"""What a change does to experiments that nobody can resolve on the base, because a file there is broken.

Their own files can be read, only not what these rest on (their surface's file, say). Whoever mends that file
does so in a change of its own; one that also touches a started experiment could hide anything.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from coord.checks.rule import Context
from coord.config.layout import EXPERIMENT, key_of, ledger_path, surface_of
from coord.domain.findings import Finding, Place
from coord.domain.model import Ledger

_AT_ANY_TIME = {"title", "owner", "outcome"}


class Unread(NamedTuple):
    """An experiment that had started by its file on the base, with what that and the file here say."""

    key: str
    path: str
    before: dict[str, Any]
    after: dict[str, Any] | None
    culprit: str


def unread(context: Context) -> Iterator[Unread]:
    """Every started experiment of the base that could not be resolved there."""
    if context.base is None:
        return
    for path, document in sorted(context.base.documents.items()):
        key = key_of(path) if document.kind is EXPERIMENT else ""
        if not key or path in context.base.broken or key in context.base.catalog.experiments:
            continue
        value = document.value
        if value["status"] == "active" and value["start"] <= context.today.isoformat():
            here = context.documents.get(path)
            yield Unread(key, path, value, here.value if here else None, _culprit(context, path))


def _culprit(context: Context, path: str) -> str:
    """The broken file of the base that the experiment rests on."""
    broken = context.base.broken if context.base else {}
    mine = f"surfaces/{surface_of(path)}/surface.yaml"
    return mine if mine in broken else next(iter(sorted(broken)), mine)


def changed(context: Context) -> Iterator[Finding]:
    """CHG001 for those whose file says something else now."""
    for one in unread(context):
        if one.after is None:
            continue
        keys = {*one.before, *one.after} - _AT_ANY_TIME
        differ = sorted(key for key in keys if one.before.get(key) != one.after.get(key))
        if differ:
            yield _finding(
                "CHG001", one, f"and its {', '.join(f'`{key}`' for key in differ)} changed", (differ[0],)
            )


def removed(context: Context) -> Iterator[Finding]:
    """CHG005 for those whose file is gone, and for files that nobody could read on the base."""
    for one in unread(context):
        if one.path not in context.catalog.experiment_files:
            yield _finding("CHG005", one, "and its file is gone", ())
    for path, (kind, reason) in sorted(context.base.broken.items()) if context.base else ():
        if kind is EXPERIMENT and path not in context.catalog.experiment_files:
            yield Finding(
                "CHG005",
                f"{path} is gone, and nobody can tell whether it had started: on the base {reason}",
                Place(path),
                "bring the file back and mend it; then this check knows whether it may go",
                experiment=key_of(path),
                surface=surface_of(path),
                data={"renamed": None},
            )


def rewritten(context: Context) -> Iterator[Finding]:
    """CHG003 for those whose ledger differs in an entry up to today."""
    for one in unread(context):
        before = context.base_ledgers.get(one.key)
        steps = one.before["traffic"]
        today = context.today.isoformat()
        number = sum(day <= today for day in steps) if isinstance(steps, dict) else 1
        after = context.catalog.ledgers.get(one.key)
        same = _entries(before, number) == _entries(after, number)
        if before and not same and one.path in context.catalog.experiment_files:
            place = Place(ledger_path(one.key))
            yield _finding("CHG003", one, "and its ledger was rewritten", (), place)


def _entries(ledger: Ledger | None, number: int) -> tuple[object, ...]:
    return ledger.entries[:number] if ledger else ()


_DATA: dict[str, dict[str, Any]] = {
    "CHG003": {"entries": [], "lost": 0, "won": 0},
    "CHG005": {"renamed": None},
}


def _finding(
    code: str, one: Unread, what: str, pointer: tuple[str, ...], place: Place | None = None
) -> Finding:
    return Finding(
        code,
        f"{one.key} had started on the base, {what}, while {one.culprit} could not be read there",
        place or Place(one.path, pointer),
        f"take it back; mend {one.culprit} first, in a change of its own",
        why="without that file nobody can tell what this does to the units in it",
        experiment=one.key,
        surface=surface_of(one.path),
        data=_DATA.get(code, {}),
    )
