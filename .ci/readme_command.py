"""Print the commands of README.md below `<!-- ci: NAME -->`, so that CI runs what readers are told to run."""

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def marked_command(text: str, name: str) -> str:
    """The text of the only ```bash block directly below the marker of that name."""
    block = rf"^<!-- ci: {re.escape(name)} -->\n```bash\n(.*?)^```$"
    found: list[str] = re.findall(block, text, re.MULTILINE | re.DOTALL)
    if len(found) != 1 or not found[0].strip():
        raise SystemExit(f"README.md: not one ```bash block under <!-- ci: {name} --> but {len(found)}")
    return found[0]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: readme_command.py NAME")
    print(marked_command(README.read_text(encoding="utf-8"), sys.argv[1]), end="")
