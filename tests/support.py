"""What tests share: checking a tree given as a mapping of paths to text."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from coord.checks.runner import check
from coord.config.files import MemoryFiles
from coord.config.load import load
from coord.report.json_report import render


def check_files(files: Mapping[str, str | bytes], today: str = "2026-03-01") -> dict[str, Any]:
    """The `coord.check/1` document for a tree in memory, all findings included."""
    data = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    result = check(load(MemoryFiles(data)), date.fromisoformat(today))
    document: dict[str, Any] = json.loads(render(result))
    return document
