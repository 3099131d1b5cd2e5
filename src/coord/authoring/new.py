"""A new surface or experiment: its values, and the file that they make, checked before it is written."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import PurePosixPath
from typing import NamedTuple

from coord.authoring.defaults import Missing, missing, with_defaults
from coord.authoring.facts import Facts, facts_for
from coord.authoring.names import What, path_of
from coord.authoring.new_text import new_text
from coord.authoring.overlay import findings_at, load_with
from coord.authoring.questions import Question, questions
from coord.authoring.settings import parse_settings, put, refusals
from coord.authoring.words import inert, near, some
from coord.checks.result import LocatedFinding
from coord.config.files import Files
from coord.config.load import load
from coord.domain.dates import parse_day
from coord.errors import CoordError, UsageError


class NewFile(NamedTuple):
    """A file that can be written: valid, every name in it known. `findings` are what else is said of it."""

    what: What
    name: str
    path: str
    text: str
    draft: bool
    findings: Sequence[LocatedFinding]


class Author:
    """Collects the values of one new file. Everything that is refused is a UsageError."""

    def __init__(self, files: Files, what: What, name: str, settings: Sequence[str], today: date) -> None:
        """Take what was given on the command line; refuse what cannot be right."""
        self.what, self.name, self.today = what, name, today
        self.files = files
        self.path = path_of(what, name)
        self.values = parse_settings(what, settings)
        _refuse(f"{name} is not written", refusals(what, {**self._identity(), **self.values}))
        self.facts: Facts = facts_for(load(files), what, name, self.path)

    def questions(self) -> Iterator[Question]:
        """What to ask where somebody can answer."""
        return questions(self.what, self.name, self.values, self.facts, self.today)

    def answer(self, question: Question, text: str) -> None:
        """Keep an answer. Raises UsageError for one that cannot be right."""
        if not text.strip() and question.default == "":
            return
        values = {
            key: dict(value) if isinstance(value, dict) else value for key, value in self.values.items()
        }
        top = question.key.partition(".")[0]
        put(self.what, values, question.key, text.strip())
        _refuse("Not accepted", refusals(self.what, {**self._identity(), **values}, top))
        if question.day and not _is_day(text.strip()):
            raise UsageError(f"Not accepted: {inert(text.strip())} is not a day of the calendar.")
        if question.choices:
            chosen = [part.strip() for part in text.split(",")] if question.several else [text.strip()]
            known = (*question.choices, *question.beyond)
            unknown = [one for one in chosen if one not in known]
            said = [f"{inert(one)} is none of the choices{near(one, known)}" for one in unknown]
            _refuse("Not accepted", said)
        self.values.update(values)

    def finish(self) -> NewFile:
        """The file, with defaults for what is missing. Raises UsageError when that does not make it valid."""
        values = with_defaults(self.what, self.name, self.values, self.facts)
        if lacking := missing(self.what, values, self.facts, self.today):
            raise UsageError(_lacking(self.name, lacking))
        _refuse(f"{self.name} is not written", refusals(self.what, values))
        _refuse_links(self.files, self.path)
        text = new_text(self.what, values, self.facts, self.today)
        tree = load_with(self.files, self.path, text)
        findings = findings_at(tree, self.path, self.today)
        faults = [f for f in findings if f.code.startswith(("SYN", "REF"))]
        said = [inert(f"{f.message} ({f.hint})" if f.hint else f.message) for f in faults]
        _refuse(f"{self.name} is not written", said)
        if self.path in tree.broken:
            raise CoordError(f"{self.path} would not be usable: {tree.broken[self.path][1]}.")
        return NewFile(self.what, self.name, self.path, text, values.get("status") == "draft", findings)

    def _identity(self) -> dict[str, str]:
        """The values that the name gives, and the kind, without which the schema could not judge the rest."""
        return {} if self.what is What.SURFACE else {"kind": "ab_test"}


def _refuse(what: str, reasons: Sequence[str]) -> None:
    if reasons:
        more = f"; and {len(reasons) - 5} more" if len(reasons) > 5 else ""
        said = f"{'; '.join(reasons[:5])}{more}"
        raise UsageError(f"{what}: {said}{'' if said.endswith('?') else '.'}")


def _lacking(name: str, lacking: Sequence[Missing]) -> str:
    options = " ".join(f"--set {one.key}={one.example}" for one in lacking)
    choices = "".join(f" {one.example} is one of {some(one.choices)}." for one in lacking if one.choices)
    *first, last = (one.key for one in lacking)
    keys = f"{', '.join(first)} and {last} are" if first else f"{last} is"
    return f"{name} is not written: {keys} missing. Add {options}, or run this on a terminal.{choices}"


def _is_day(text: str) -> bool:
    try:
        return bool(parse_day(text))
    except ValueError:
        return False


def _refuse_links(files: Files, path: str) -> None:
    """A folder that is a link leads out of the tree, and nothing is written there."""
    refused = files.listing().refused
    for folder in map(str, (PurePosixPath(path), *PurePosixPath(path).parents)):
        if folder in refused:
            raise CoordError(f"{folder} is not used: {refused[folder]}. Nothing was written.")
