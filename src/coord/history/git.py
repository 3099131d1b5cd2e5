"""Running git: the one module that does. It runs commands that read, and tells them to execute nothing.

What a repository holds or configures may be hostile, so the commands are plumbing, which knows no filters,
hooks, aliases, pagers or text conversion, and what is left of such settings is switched off here.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from threading import Thread
from typing import IO

from coord.errors import CoordError

_GUARDS = ("--no-replace-objects", "--literal-pathspecs", "-c", "core.fsmonitor=false")
"""Objects are what their ids say, paths are taken by the letter, and nothing is started."""

_KEPT = ("GIT_CEILING_DIRECTORIES", "GIT_CONFIG", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH")
"""How the inherited variables begin that say where git, its settings and repositories are found. Any other,
such as GIT_DIR in a hook, would have it look into another repository than the one around the folder."""

_FORCED = {
    "LC_ALL": "C",  # messages are looked at
    "GIT_ALLOW_PROTOCOL": "none",  # what a partial clone lacks is not fetched, no network is talked to,
    "GIT_NO_LAZY_FETCH": "1",  # nor is it tried, where git is new enough to know this
    "GIT_GRAFT_FILE": f"{os.devnull}/none",  # like replaced objects, grafts pretend another history
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}


class GitFailed(CoordError):  # noqa: N818 - what happened, as its message says
    """git could not do what it was asked: its exit status, and what it said in one paragraph."""

    def __init__(self, message: str, status: int, words: str) -> None:
        """Take the message for a person, and the parts that callers decide by."""
        super().__init__(message)
        self.status = status
        self.words = words


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """What git prints when it is run in a folder. Raises GitFailed."""
    with _running(folder, arguments, stderr=PIPE) as process:
        shown, said = process.communicate(stdin)
    if process.returncode:
        words = " ".join(said.decode("utf-8", "backslashreplace").split())
        why = words or f"it ended with status {process.returncode} and said nothing"
        raise GitFailed(f"git {arguments[0]} failed in {folder}: {why}", process.returncode, words)
    return shown


@contextmanager
def git_stream(folder: Path, *arguments: str, stdin: bytes) -> Iterator[IO[bytes]]:
    """What git prints, to be read piece by piece; git is stopped when enough was read.

    When git fails the stream ends early, and what it said is lost.
    """
    with _running(folder, arguments, stderr=DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # git may not read on before its output is read, so both are done at once
        feeder = Thread(target=_feed, args=(process.stdin, stdin))
        feeder.start()
        try:
            yield process.stdout
        finally:
            process.kill()  # one that has ended does not mind
            feeder.join()


@contextmanager
def _running(folder: Path, arguments: tuple[str, ...], stderr: int) -> Iterator[Popen[bytes]]:
    command = ["git", *_GUARDS, "-C", str(folder), *arguments]
    try:
        process = Popen(command, stdin=PIPE, stdout=PIPE, stderr=stderr, env=_environment())
    except OSError as error:
        message = f"git cannot be run ({error.strerror}). Earlier revisions are read with it: install git."
        raise GitFailed(message, 127, str(error.strerror)) from None
    with process:
        yield process


def _feed(stdin: IO[bytes], data: bytes) -> None:
    with suppress(BrokenPipeError), stdin:
        stdin.write(data)


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k.startswith(_KEPT)}
    # a relative entry of PATH would find a program called git in the folder that is looked at
    path = kept.get("PATH", "").split(os.pathsep)
    absolute = os.pathsep.join(folder for folder in path if folder.startswith(os.sep))
    return {**kept, "PATH": absolute or os.defpath, **_FORCED}
