"""The address of a database, and the connection that it leads to. Nothing secret of it is ever shown."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from coord.errors import CoordError, UsageError

if TYPE_CHECKING:
    from coord.logs.database import Database

_SECRET = re.compile(r"pass|pwd|secret|token|key|credential|auth", re.IGNORECASE)
_POSTGRES = ("postgres", "postgresql")
_DUCK = ("duckdb", "md", "motherduck")
_SPARK = ("pyspark", "spark", "sc")
_HIDDEN = "***"
_DIFFERENT = {
    "sqlite": "it takes a value that is no number for none, so it would find something else",
    "mysql": "it takes `A` for `a`, and knows no value that is no number, so it would find something else",
    "polars": "it has no tables that an address leads to",
    "datafusion": "it has no tables that an address leads to",
}
_OTHERWISE = (*_DUCK, *_SPARK, *_DIFFERENT)


class AtDatabase:
    """What opens the database at an address, as an `Opening`."""

    def __init__(self, address: str) -> None:
        """Look at the address. Raises UsageError for one that cannot lead to a database."""
        scheme, _, rest = address.partition("://")
        self.scheme = scheme.lower()
        self._address = f"{self.scheme}://{rest}"  # the driver knows small letters only
        self._parts = _split(self._address, self.scheme)
        self._secrets = _secrets_of(self._parts)
        _check_scheme(self.scheme)

    @contextmanager
    def __call__(self) -> "Iterator[Database]":
        """The database, tried; nothing is left in it. Raises CoordError."""
        from coord.logs.database_trial import check_alike  # noqa: PLC0415 - only this engine needs it

        engine = self._connected()
        try:
            check_alike(engine)
            yield engine
        finally:
            engine.close()

    @property
    def shown(self) -> str:
        """The address without its password, and without what follows a `?`."""
        parts = self._parts
        user = f"{parts.username}@" if parts.username else ""
        port = f":{parts.port}" if parts.port else ""
        return self.hidden(f"{self.scheme}://{user}{parts.hostname or ''}{port}{parts.path}")

    def hidden(self, text: str) -> str:
        """A text without the secrets of the address."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return text

    def _connected(self) -> "Database":
        if self.scheme in _POSTGRES:
            return self._to("postgres", self._postgres)
        return self._to(self.scheme, self._other)

    def _to(self, backend: str, connect: "Callable[[], Database]") -> "Database":
        import warnings  # noqa: PLC0415

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return connect()
        except ImportError:
            package = "coord[postgres]" if backend == "postgres" else f"ibis-framework[{backend}]"
            raise CoordError(
                f"--engine {self.shown} needs packages that are not installed here. Run `pip install "
                f"'{package}'`, or export the rows and give files."
            ) from None
        except Exception as error:
            raise CoordError(self._unconnected(error)) from None

    def _postgres(self) -> "Database":
        import psycopg  # noqa: PLC0415

        from coord.logs.database_postgres import Postgres  # noqa: PLC0415

        connection = psycopg.connect(self._address, client_encoding="utf8", application_name="coord")
        try:
            return Postgres(connection, self.hidden)
        except BaseException:
            connection.close()
            raise

    def _other(self) -> "Database":
        import ibis  # noqa: PLC0415

        from coord.logs.database import Database  # noqa: PLC0415

        return Database(ibis.connect(self._address), self.scheme, self.hidden)

    def _unconnected(self, error: Exception) -> str:
        from coord.logs.database import one_line  # noqa: PLC0415

        told = one_line(self.hidden(str(error)))
        return (
            f"No connection to {self.shown}: {told} Check the address, and that the database is up and can "
            "be reached from here."
        )


def _split(address: str, scheme: str) -> SplitResult:
    """The parts of an address, none of which is a piece of a password."""
    try:
        parts = urlsplit(address)
        sound = parts.port is None or parts.port > 0
    except ValueError:
        sound = False
    if not sound or "@" in f"{parts.path}{parts.query}{parts.fragment}":
        raise UsageError(
            f"The address {scheme}://… of --engine cannot be read. Write SCHEME://USER@HOST:PORT/DATABASE, "
            "with special characters of the user and the password as in %40 for @, %2F for /, %3F for ?."
        )
    return parts


def _secrets_of(parts: SplitResult) -> list[str]:
    """The password in every form that it may be repeated in, and such parameters, the longest first."""
    password = parts.password or ""
    found = {password, unquote(password), unquote_plus(password)}
    for parameter in parts.query.split("&"):
        name, _, value = parameter.partition("=")
        if _SECRET.search(unquote(name)):
            found |= {value, unquote(value), unquote_plus(value)}
    return sorted(found - {""}, key=len, reverse=True)


def _check_scheme(scheme: str) -> None:
    """Raise UsageError for what is no database that Ibis has a backend for."""
    if scheme in _DUCK:
        raise UsageError(
            f"--engine {scheme}://… is not needed: files are computed by DuckDB. Export its tables (COPY "
            "events TO 'events.parquet'), and give the files without --engine."
        )
    if scheme in _SPARK:
        raise UsageError(
            "Spark is --engine spark, and reads files; which cluster it is, spark-defaults.conf says. See "
            "docs/engines.md."
        )
    if scheme in _DIFFERENT:
        raise UsageError(
            f"--engine {scheme}://… is refused: {_DIFFERENT[scheme]}. Export the rows, as Parquet for "
            "example, and give the files without --engine."
        )
    known = known_schemes()
    if scheme not in known:
        raise UsageError(
            f"There is no database {scheme}:// for --engine. Known are {', '.join(sorted(known))}; "
            "tested is postgres."
        )


def known_schemes() -> set[str]:
    """How the addresses of databases begin that Ibis has a backend for."""
    from importlib.metadata import entry_points  # noqa: PLC0415

    return {one.name for one in entry_points(group="ibis.backends")} - {*_OTHERWISE} | {*_POSTGRES}
