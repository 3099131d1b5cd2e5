"""docs/formats.md shows what the command writes."""

import re
import shlex
from pathlib import Path

import pytest

from coord.cli.check import Format
from coord.cli.main import run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "formats.md").read_text("utf-8")
SHOWN = re.findall(r"^<!-- output of: coord ([^\n]*) -->\n```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command.split()[-1] for command, _ in SHOWN])
def test_the_page_shows_the_output(
    command: str, output: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.setattr("coord.cli.check.path_prefix", lambda root: f"{root.as_posix()}/")
    assert run(shlex.split(command)) == 1
    assert capsys.readouterr().out.startswith(output)


def test_every_format_has_a_row_and_a_section() -> None:
    assert len(SHOWN) == 3
    for form in Format:
        assert f"| `{form}` |" in PAGE
        assert f"\n## {form}\n" in PAGE
