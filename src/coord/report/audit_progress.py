"""Progress through files: megabytes for a person, where bytes are counted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from coord.report.progress import progress

_MEGABYTE = 10**6


@contextmanager
def megabytes(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Gives a function to call with how many more bytes are read, of `total`."""
    read = 0
    with progress(f"{what} (MB)", -(-total // _MEGABYTE)) as advance:

        def more(number: int) -> None:
            nonlocal read
            before, read = read // _MEGABYTE, read + number
            advance(read // _MEGABYTE - before)

        yield more
