"""The documentation is executed: what README and docs show is what a reader sees."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from coord.checks.registry import RULES
from coord.cli.group import COMMANDS, load_command
from coord.cli.main import run
from coord.config.schemas import schema_errors
from coord.config.yaml_reader import read_yaml

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_IN_ORDER = ("pull-requests.md", "demo.md")
"""Pages whose commands build on each other: test_pull_requests.py, test_demo_page.py."""


def _blocks(page: Path, language: str) -> Iterator[str]:
    yield from re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def _console() -> Iterator[tuple[str, str, str]]:
    """Page, command and the output shown under it."""
    for page in PAGES:
        if page.name in _IN_ORDER:
            continue
        for block in _blocks(page, "console"):
            for command, output in re.findall(r"^\$ ([^\n]*)\n((?:(?!\$ )[^\n]*\n)*)", block, re.MULTILINE):
                yield page.name, command.partition("  #")[0].strip(), output


@pytest.mark.parametrize(("page", "command", "output"), list(_console()))
def test_commands_do_what_is_shown(
    page: str, command: str, output: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program, *arguments = shlex.split(command)
    assert program == "coord", page
    monkeypatch.chdir(ROOT)
    code = run(arguments)
    shown = capsys.readouterr().out
    if output:
        assert shown.startswith(output.rstrip("\n"))
        assert code == (1 if output.startswith("error") else 0)
    else:
        assert code == 0


def test_every_command_is_documented_and_loads() -> None:
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    for name in COMMANDS:
        command = load_command(name)
        assert command.params or command.commands  # a group has commands of its own
        for part in getattr(command, "commands", {}):
            assert f"coord {name} {part}" in text
        assert f"coord {name}" in text


def test_every_rule_is_documented() -> None:
    """The page is what `coord explain` writes (tests/cli/test_explain.py); here, that nothing is left out."""
    text = (ROOT / "docs" / "rules.md").read_text("utf-8")
    for rule in RULES:
        assert f"### {rule.code}: {rule.title}\n" in text, rule.code
        assert rule.fix in text, rule.code


def test_experiments_in_the_documentation_are_valid() -> None:
    found = 0
    for page in PAGES:
        if page.name == "rules.md":  # half of its examples are bad on purpose; tests/cli/test_explain.py
            continue
        for block in _blocks(page, "yaml"):
            kinds = {"version": "allocation", "hypothesis": "experiment", "components": "surface"}
            _, value = read_yaml(block.encode())
            kind = next((kind for key, kind in kinds.items() if key in value), None)
            if kind:
                found += 1
                assert list(schema_errors(kind, value)) == []
            assert yaml.safe_load(block) is not None
    assert found >= 2


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
