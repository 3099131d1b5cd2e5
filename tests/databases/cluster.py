"""A PostgreSQL of our own: in a folder of its own, heard on a socket in it, and gone after the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_USERS = ("postgres", "nobody")
OWNER = "owner"
"""The user that owns the cluster; it may do anything."""


def programs() -> Path | None:
    """The folder with initdb and pg_ctl; None where there is no PostgreSQL."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).resolve().parent if named else None


class Cluster:
    """A running PostgreSQL: `folder` has its socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, user: str = OWNER, database: str = "postgres", password: str = "") -> str:
        secret = f":{password}" if password else ""
        return f"postgres://{user}{secret}@/{database}?host={self.folder}"

    def run(self, *statements: str, user: str = OWNER) -> list[tuple[Any, ...]]:
        """Run statements one after the other; gives the rows of the last."""
        import psycopg  # noqa: PLC0415 - tests are collected without it

        with psycopg.connect(self.url(user), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def load(self, name: str, columns: str, rows: Sequence[Sequence[Any]]) -> str:
        """A table with these columns (as SQL has them) and rows; gives its name."""
        import psycopg  # noqa: PLC0415 - tests are collected without it

        with psycopg.connect(self.url(), autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({columns})")
            with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        return name

    def left(self) -> list[str]:
        """Relations that commands made and left behind."""
        found = self.run(
            "SELECT relname FROM pg_class WHERE relname LIKE 'coord\\_%' OR relname LIKE 'ibis%'"
        )
        return [str(name) for (name,) in found]


@contextmanager
def cluster(bin_folder: Path) -> Iterator[Cluster]:
    """A cluster, owned by a user without any other rights where we have all of them."""
    user = next((name for name in _USERS if _exists(name)), None) if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    if user:
        shutil.chown(folder, user)
    as_user: dict[str, Any] = (
        {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    )

    def call(*command: str) -> None:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, encoding="utf-8", check=False, **as_user
        )
        assert done.returncode == 0, done.stderr + done.stdout

    data, log = str(folder / "data"), str(folder / "log")
    settings = f"-k {folder} -c listen_addresses= -c fsync=off -c shared_buffers=32MB -c max_connections=20"
    try:
        auth = ["--auth-local=trust", "--no-sync", "--no-locale", "--encoding=UTF8"]
        call(str(bin_folder / "initdb"), "-D", data, "-U", OWNER, *auth)
        (folder / "data" / "pg_hba.conf").write_text("local all known scram-sha-256\nlocal all all trust\n")
        call(str(bin_folder / "pg_ctl"), "-D", data, "-o", settings, "-l", log, "-w", "start")
        try:
            yield Cluster(folder)
        finally:
            call(str(bin_folder / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
