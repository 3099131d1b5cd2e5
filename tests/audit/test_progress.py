"""Progress is told in megabytes, and only on a terminal."""

import pytest

from coord.report import audit_progress


def test_bytes_are_told_as_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []

    class Bar:
        def __init__(self, what: str, total: int | None) -> None:
            assert (what, total) == ("Reading (MB)", 4)

        def __enter__(self) -> object:
            return told.append

        def __exit__(self, *_: object) -> None:
            told.append(-1)

    monkeypatch.setattr(audit_progress, "progress", Bar)
    with audit_progress.megabytes("Reading", 3_500_000) as more:
        for number in (600_000, 600_000, 2_000_000, 300_000):
            more(number)
    assert told == [0, 1, 2, 0, -1]
