"""docs/pull-requests.md, from top to bottom, as a reader types it."""

import re
from collections.abc import Iterator
from pathlib import Path

from review_setup.teams import Team, tools

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/pull-requests.md"
_ID = re.compile(r"\b[0-9a-f]{12}\b")  # a commit's, which is another every time


def _commands() -> Iterator[tuple[str, str]]:
    """Every command with the output that is shown under it."""
    for block in re.findall(r"^```console\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        yield from re.findall(r"^\$ ((?:[^\n]*\\\n)*[^\n]*)\n((?:(?!\$ )[^\n]*\n)*)", block, re.MULTILINE)


def test_every_step_does_what_is_shown(tmp_path: Path) -> None:
    """Output that is shown must come, up to a last line `…`; what shows an error must fail, all else work."""
    reader = Team(tmp_path / "reader", tools(tmp_path / "bin"))
    (tmp_path / "coord").symlink_to(ROOT)  # ~/coord
    here = tmp_path / "here"
    reader.environment["HERE"] = str(here)
    here.write_text(str(reader.folder))
    for command, shown in _commands():
        code, said = reader.tries(f'cd -- "$(cat "$HERE")" && {{ {command}\n}}; s=$?; pwd >"$HERE"; exit $s')
        told = "".join(f"{line.rstrip()}\n" for line in _ID.sub("an id", said).splitlines())
        failing = re.search(r"^(remote: )?error(\[| )|^ ! \[", shown, re.MULTILINE)
        assert bool(code) is bool(failing), f"$ {command}\n{told}"
        if shown.endswith("…\n"):
            assert told.startswith(shown.removesuffix("…\n")), f"$ {command}\n{told}"
        elif shown:
            assert told == _ID.sub("an id", shown), f"$ {command}\n{told}"


def test_the_page_goes_all_the_way() -> None:
    commands = "\n".join(command for command, _ in _commands())
    for part in (
        "coord init",
        "hooks/",
        "check --base",
        "plan --base",
        "coord allocate",
        "--redraw",
        "git push",
    ):
        assert part in commands
    assert "error[BKT001]" in "".join(shown for _, shown in _commands())
