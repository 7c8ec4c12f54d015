"""The event index's database: engines, migration at opening, and one table from driver errors to ours.

SQLite has one writing connection (a transaction begins IMMEDIATE) and several reading ones, in WAL mode with
`synchronous=NORMAL`: what a power cut may take is read again from the log, since the checkpoint goes with it.
PostgreSQL may be given a schema of its own, so that a rebuild stands beside the running index.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import ARRAY, ColumnElement, Connection, Table, Text, any_, cast, event, func, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.schema import Column

from schemas.errors import BadInput, Damaged, StemmaError, Unavailable

MIGRATIONS: Final = Path(__file__).parent / "migrations"
VERSION_TABLE: Final = "event_index_version"
READERS: Final = 4
BUSY_SECONDS: Final = 30
_AGAIN_SECONDS: Final = 0.05
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA wal_autocheckpoint=20000",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
)
JOURNAL_BYTES = 128 * 2**20
"""Readers that follow each other hold the journal open, which grows; what is above this is given back afterwards."""
_WRITER_KIB, _READER_KIB = 65_536, 16_384
"""Page caches; what a reader misses the system's cache has, which all of them share."""
_ROWS: Final = "VALUES (…)"
_TOGETHER: Final = (256, 32, 4, 1)
"""Rows of one inserting statement on SQLite; few sizes, so that the plans stay cached."""
_DAMAGE: Final = re.compile(r"malformed|not a database|disk image|data corrupted|index_corrupted", re.IGNORECASE)
Row = tuple[Any, ...]

_PASSING: Final = ("08", "40", "53", "57")
"""Classes of SQLSTATE that pass: connection, transaction rolled back, resources, intervention (also while starting)."""


class Overtime(Exception):
    """What was asked took longer than it was given."""


class Database:
    """One opened and migrated database; `close` it. Connections are given out by `reading` and `writing`."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._writer = writer
        self._reader = reader
        self._inserts: dict[str, str] = {}
        self._damage: str | None = None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writer.dialect.name

    @classmethod
    async def open(cls, url: str, *, schema: str | None = None) -> Database:
        """Open, and bring the tables up to date. Errors: `BadInput` (another kind of URL), `Unavailable`, `Damaged`."""
        target = _target(url)
        if target.drivername.startswith("sqlite"):
            database = cls(
                _sqlite(target, "IMMEDIATE", 1, _WRITER_KIB), _sqlite(target, "DEFERRED", READERS, _READER_KIB)
            )
        else:
            engine = _postgres(target, schema)
            database = cls(engine, engine)
        try:
            async with database.writing() as connection:
                if schema and database.dialect == "postgresql":
                    await connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
                await connection.run_sync(_migrate)
        except BaseException:
            await database.close()
            raise
        return database

    def stop(self, damage: str) -> None:
        """Answer and take nothing from now on, for this reason."""
        self._damage = damage

    def stand(self) -> None:
        """Errors: `Damaged` once it is stopped."""
        if self._damage is not None:
            raise Damaged(self._damage)

    async def close(self) -> None:
        await self._writer.dispose()
        await self._reader.dispose()

    @asynccontextmanager
    async def reading(self, seconds: float | None = None) -> AsyncIterator[AsyncConnection]:
        """One consistent sight of the database, for at most `seconds`. Errors: `Unavailable`, `Damaged`, and
        `Overtime` when the time is over."""
        self.stand()
        with _translated():
            async with self._reader.connect() as connection:
                if self.dialect == "postgresql":
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                    async with _bounded(seconds):
                        yield connection
                elif seconds is None:
                    yield connection
                else:
                    with _interrupted(connection, seconds):
                        yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end. Errors: `Unavailable`, `Damaged`."""
        self.stand()
        with _translated():
            async with self._writer.begin() as connection:
                yield connection

    async def insert(self, connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows (values in the order of the table's columns) that are not there yet."""
        await self.insert_all(connection, [(table, rows)])

    async def insert_all(self, connection: AsyncConnection, added: Iterable[tuple[Table, Sequence[Row]]]) -> None:
        """The same for several tables, by the driver directly: compiling bound parameters row by row costs more than
        the insert itself. On SQLite all of it is one turn of the connection's thread, in statements of many rows,
        during which the interpreter is free."""
        statements = [(self._insert(table), rows) for table, rows in added if rows]
        if self.dialect == "postgresql":
            for sql, rows in statements:
                await connection.exec_driver_sql(sql, tuple(list(column) for column in zip(*rows, strict=True)))
        elif statements:
            driver = (await connection.get_raw_connection()).driver_connection
            await driver._execute(_insert_rows, driver._conn, statements)  # type: ignore[union-attr]

    def _insert(self, table: Table) -> str:
        return self._inserts.get(table.name) or self._inserts.setdefault(table.name, insert_sql(table, self._writer))


@asynccontextmanager
async def _bounded(seconds: float | None) -> AsyncIterator[None]:
    """Cancels what takes longer, which PostgreSQL's driver passes on to the server. Errors: `Overtime`."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError:
        if limit.expired():
            raise Overtime from None
        raise


@contextmanager
def _interrupted(connection: AsyncConnection, seconds: float) -> Iterator[None]:
    """Ends what a connection to SQLite works on when the time is over: cancelling would wait for its thread.

    Errors: `Overtime`.
    """
    loop, driver = asyncio.get_running_loop(), _driver(connection)
    over = False
    timer: asyncio.TimerHandle

    def end() -> None:
        nonlocal over, timer
        over = True
        driver.interrupt()
        # between two statements there is nothing to end: the next one will be
        timer = loop.call_later(_AGAIN_SECONDS, end)

    timer = loop.call_later(seconds, end)
    try:
        yield
    except OperationalError:
        if over:
            raise Overtime from None
        raise
    finally:
        timer.cancel()
    if over:
        raise Overtime


def _driver(connection: AsyncConnection) -> sqlite3.Connection:
    assert connection.sync_connection is not None
    driver: Any = connection.sync_connection.connection.driver_connection
    inner: sqlite3.Connection = driver._conn
    return inner


def _insert_rows(connection: sqlite3.Connection, statements: Sequence[tuple[str, Sequence[Row]]]) -> None:
    """In the connection's own thread: `VALUES (?, …)` of each statement repeated for many rows at once."""
    for sql, rows in statements:
        head, _, tail = sql.partition(_ROWS)
        one = f"({', '.join('?' * len(rows[0]))})"
        start = 0
        for size in _TOGETHER:
            while len(rows) - start >= size:
                flat = tuple(chain.from_iterable(rows[start : start + size]))
                connection.execute(f"{head}VALUES {', '.join([one] * size)}{tail}", flat)
                start += size


def among(connection: AsyncConnection, column: Column[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """Whether a text column has one of these values: one parameter however many they are."""
    if connection.dialect.name == "postgresql":
        return column == any_(cast(list(values), ARRAY(Text)))
    each = func.json_each(orjson.dumps(list(values)).decode()).table_valued("value")
    return column.in_(select(each.c.value))


@contextmanager
def _translated() -> Iterator[None]:
    """Turns driver errors into ours; everything else passes untouched."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        if (ours := translate(error)) is not None:
            raise ours from error
        raise


def translate(error: BaseException) -> StemmaError | None:
    """The error tree's word for a database error; None for anything else."""
    if isinstance(error, DBAPIError) and _DAMAGE.search(str(error.orig)):
        return Damaged("the event index's database is damaged; rebuild it from the log")
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError):
        return Unavailable("the event index's database does not answer")
    if isinstance(error, DBAPIError):
        passing = error.connection_invalidated or str(getattr(error.orig, "sqlstate", None))[:2] in _PASSING
        return Unavailable("the event index's database does not answer") if passing else None
    return None


def insert_sql(table: Table, engine: AsyncEngine) -> str:
    """`INSERT ... ON CONFLICT DO NOTHING`: with a place for the rows' values for SQLite, of whole columns as arrays for
    PostgreSQL, which takes a statement of any number of rows in one go."""
    quote = engine.dialect.identifier_preparer
    columns: list[Column[Any]] = list(table.columns)
    names = ", ".join(quote.format_column(column) for column in columns)
    if engine.dialect.name == "postgresql":
        kinds = (column.type.compile(engine.dialect).partition(" COLLATE")[0] for column in columns)
        arrays = (f"${n}::{kind}[]" for n, kind in enumerate(kinds, 1))
        values = f"SELECT * FROM unnest({', '.join(arrays)})"
    else:
        values = _ROWS
    return f"INSERT INTO {quote.format_table(table)} ({names}) {values} ON CONFLICT DO NOTHING"


def _target(url: str) -> URL:
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    if backend not in drivers:
        raise BadInput.field("STEMMA_DATABASE_URL", parsed.render_as_string(), "sqlite:///FILE or postgresql://…")
    return parsed.set(drivername=drivers[backend])


def _sqlite(url: URL, begin: str, size: int, cache_kib: int) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=size, max_overflow=0, pool_timeout=BUSY_SECONDS, connect_args={"timeout": BUSY_SECONDS}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*_PRAGMAS, f"PRAGMA journal_size_limit={JOURNAL_BYTES}", f"PRAGMA cache_size=-{cache_kib}"):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine


def _postgres(url: URL, schema: str | None) -> AsyncEngine:
    if schema is not None and not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", schema):
        raise BadInput.field("schema", schema, "lower-case letters, digits and _")
    settings = {"search_path": schema} if schema else {}
    return create_async_engine(
        url, pool_size=READERS + 1, pool_pre_ping=True, connect_args={"server_settings": settings, "timeout": 10}
    )


def _migrate(connection: Connection) -> None:
    """Run the migrations that are due, in the caller's transaction; rival starts on PostgreSQL queue up."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7460982)")
    if _version(connection) == newest_version():
        return
    # loading it is a sixth of a process's start, and most find nothing to do
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    """Which migration was the last; None where there was none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


@cache
def newest_version() -> str:
    """The last migration that there is, by the names of the files."""
    return max(file.name[1:5] for file in (MIGRATIONS / "versions").glob("v[0-9]*.py"))
