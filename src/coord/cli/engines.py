"""The option --engine: what aggregates the rows, and where they are then."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from coord.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from coord.logs.engine import Opening

DUCKDB, SPARK = "duckdb", "spark"

Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="[duckdb|spark|URL]",
        help="What aggregates the rows; spark needs pip install 'coord[spark]'. With the address of a "
        "database (postgres://user@host/db) its tables are named, as table or schema.table, and not files.",
    ),
]


def opening_of(engine: str) -> "Opening":
    """What starts an engine. Raises UsageError for one that there is not."""
    if is_database(engine):
        from coord.logs.database_address import AtDatabase  # noqa: PLC0415

        return AtDatabase(engine)
    if engine == DUCKDB:
        from coord.logs.streams import streams  # noqa: PLC0415

        return streams
    if engine == SPARK:
        from coord.logs.spark import spark  # noqa: PLC0415

        return spark
    named = f"no engine {engine}" if engine.isalnum() else "no such engine"  # there may be a password in it
    raise UsageError(
        f"There is {named}. Give duckdb, spark, or the address of a database such as postgres://user@host/db."
    )


def is_database(engine: str) -> bool:
    """Whether what is named as data are tables."""
    return "://" in engine


def check_named(engine: str, named: Sequence[str]) -> None:
    """Raise UsageError for files that are named as tables, and for an address that is named as a file."""
    if not is_database(engine):
        opening_of(engine)
        if scheme := next(filter(None, map(_scheme, named)), None):
            raise UsageError(
                f"{scheme}://… is the address of a database, and files are named here. To analyse its "
                "tables, give the address with --engine, and name the tables."
            )
        return
    opening_of(engine)
    if file := next((name for name in named if _is_file(name)), None):
        raise UsageError(
            f"{file} is a file, and with --engine and an address tables of that database are named (table, "
            "or schema.table). Leave --engine out to analyse files."
        )


def _scheme(name: str) -> str | None:
    scheme, mark, _ = name.partition("://")
    if not mark:
        return None
    from coord.logs.database_address import known_schemes  # noqa: PLC0415

    return scheme if scheme.lower() in known_schemes() else None


def _is_file(name: str) -> bool:
    endings = (".csv", ".tsv", ".gz", ".zst", ".parquet")
    return any(mark in name for mark in "/\\*?[") or name.casefold().endswith(endings)


@contextmanager
def reading(engine: str, *passes: Sequence[str]) -> "Iterator[Callable[[int], None]]":
    """Progress through what is read, in one pass or several: bytes of files, rows of tables."""
    from coord.logs.places import find_files  # noqa: PLC0415
    from coord.report.audit_progress import megabytes  # noqa: PLC0415
    from coord.report.progress import progress  # noqa: PLC0415

    if is_database(engine):
        with progress("Reading (rows)", None) as advance:
            yield advance
    else:
        files = [path for named in passes for path in find_files(named)]
        with megabytes("Reading", sum(path.stat().st_size for path in files)) as advance:
            yield advance
