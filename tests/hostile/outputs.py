"""Running the command on a tree on disk, and what must hold of everything it prints."""

import io
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs

from coord.cli.main import run

FORMATS = ("text", "concise", "json", "github", "sarif", "markdown")
LONGEST_MESSAGE = 1000
"""A message is one paragraph, whatever a file holds."""

_ACTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# what the runner of GitHub takes for a command (ActionCommand.cs of actions/runner): `::name …::` where lines
# begin, spaces aside, and `##[name …]` anywhere in it; `##vso[name …]` is the same for Azure
_COMMAND = re.compile(r"\s*::[A-Za-z-]+( .*)?::")
_OLD_COMMAND = re.compile(r"##(vso)?\[[A-Za-z.-]+( .*)?\]")
_ANNOTATION = re.compile(r"::(error|warning|notice) file=[^:]+,line=\d+,col=\d+,title=[^:]+::\S.*")


class Output(NamedTuple):
    """What one call gave."""

    code: int
    out: str
    err: str


def write(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write the files below a folder."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def check(root: Path, form: str, *more: str) -> Output:
    """`coord check` on a folder."""
    out, err = io.StringIO(), io.StringIO()
    arguments = ["check", "--root", str(root), "--today", "2026-03-01", "--format", form, *more]
    with redirect_stdout(out), redirect_stderr(err):
        code = run(arguments)
    return Output(code, out.getvalue(), err.getvalue())


def assert_inert(form: str, text: str) -> None:
    """Nothing in the text acts on a terminal, in a log of a workflow, or in an editor."""
    text.encode("utf-8")
    assert not (raw := _ACTIVE.findall(text)), f"raw control or bidirectional characters {raw} in {form}"
    for line in text.split("\n"):
        if form == "github" and line.startswith("::"):
            assert _ANNOTATION.fullmatch(line), line
        else:
            assert not _COMMAND.match(line), f"the runner of GitHub obeys {line}"
            assert not _OLD_COMMAND.search(line), f"the runner of GitHub obeys {line}"


def assert_document(text: str) -> dict[str, Any]:
    """The JSON of a check: valid by its schema, strict, and with sane places and messages."""
    document: dict[str, Any] = json.loads(text, parse_constant=_refuse)
    _validator().validate(document)
    json.dumps(document, ensure_ascii=False).encode("utf-8")  # no half of a surrogate pair anywhere
    for finding in document["findings"]:
        for place in (finding["location"], *(side["location"] for side in finding["related"])):
            assert place["path"].startswith("surfaces"), finding
            assert place["line"] >= 1, finding
            assert place["column"] >= 1, finding
        assert 0 < len(finding["message"]) <= LONGEST_MESSAGE, f"a message of {len(finding['message'])}"
    return document


def assert_answers(root: Path, formats: Iterable[str] = FORMATS) -> None:
    """Each of these formats answers on this tree, with findings or without, and inertly."""
    for form in formats:
        output = check(root, form)
        assert output.code in {0, 1}, output.err
        assert not output.err, output.err
        assert_inert(form, output.out)
        if form == "json":
            assert_document(output.out)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@cache
def _validator() -> jsonschema_rs.Draft7Validator:
    path = Path(__file__).parents[2] / "schemas" / "check.schema.json"
    return jsonschema_rs.Draft7Validator(json.loads(path.read_text(encoding="utf-8")))
