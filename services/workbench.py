"""The workbench database: how it is reached, and how long what was read of it counts while it does not answer.

A call needs to know its caller, and a capture must go on while the database is down: so keys, accounts and sessions
that were read before are believed for `HELD_SECONDS` if they cannot be read again. While it is down for all, nobody can
be locked out through it either.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.schema import CreateIndex, CreateTable

from schemas.errors import Unavailable

FRESH_SECONDS: Final = 1.0
HELD_SECONDS: Final = 600.0
CONNECT_SECONDS: Final = 5
_MAKING: Final = 0x5374656D6D61
"""PostgreSQL's advisory lock for making tables: `Stemma` in ASCII."""
_PAUSES: Final = (0.01,) * 100
Tell = Callable[[], Awaitable[None]]
"""Awaited inside a change's transaction, before it is committed: what cannot be recorded is not done."""
_log = structlog.get_logger("stemma.workbench")


class Workbench:
    """One connection pool to the workbench database. Errors of every method: `Unavailable`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @classmethod
    async def open(cls, url: str, *kept: sa.MetaData) -> Workbench:
        """Open it at a SQLAlchemy async URL, and make the tables of `kept` that are missing, whoever else does so at
        the same time."""
        opened = cls(_sqlite(url) if url.startswith("sqlite") else _postgres(url))
        try:
            await opened._make(kept)
        except BaseException:
            await opened.close()
            raise
        return opened

    async def close(self) -> None:
        await self._engine.dispose()

    async def rows(self, question: sa.Select[Any]) -> list[Mapping[str, Any]]:
        """The rows of a question."""
        try:
            async with self._engine.connect() as connection:
                return [dict(row) for row in (await connection.execute(question)).mappings()]
        except SQLAlchemyError as fault:
            raise Unavailable("the workbench database does not answer") from fault

    @asynccontextmanager
    async def change(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end unless something is raised; errors of ours pass as they are."""
        try:
            async with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as fault:
            raise Unavailable("the workbench database does not take the change") from fault

    async def put(self, table: sa.Table, row: dict[str, Any]) -> bool:
        """Insert a row; False if one of its key is there already."""
        try:
            async with self._engine.begin() as connection:
                await connection.execute(sa.insert(table).values(row))
        except IntegrityError:
            return False
        except SQLAlchemyError as fault:
            raise Unavailable("the workbench database does not take the change") from fault
        return True

    async def _make(self, kept: Iterable[sa.MetaData]) -> None:
        """On SQLite each statement looks and makes in one. PostgreSQL's do not, so there one process makes tables at a
        time. Tables that are there are passed over, since most of the time all are; an index may be missing where a
        process ended just after its table."""
        try:
            async with self._engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
                there = await connection.run_sync(lambda sync: set(sa.inspect(sync).get_table_names()))
                for table in (table for metadata in kept for table in metadata.sorted_tables):
                    if table.name not in there:
                        await connection.execute(CreateTable(table, if_not_exists=True))
                    for index in sorted(table.indexes, key=lambda one: str(one.name)):
                        await connection.execute(CreateIndex(index, if_not_exists=True))
        except SQLAlchemyError as fault:
            raise Unavailable("the workbench database does not answer") from fault


def _sqlite(url: str) -> AsyncEngine:
    """In WAL mode a small transaction is one flush, and nobody waits to read."""
    engine = create_async_engine(url)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("PRAGMA busy_timeout=30000", "PRAGMA synchronous=FULL"):
            cursor.execute(pragma)
        _to_wal(cursor)
        cursor.close()

    return engine


def _to_wal(cursor: Any) -> None:
    """SQLite does not wait of itself for another connection that does the same."""
    for pause in (*_PAUSES, None):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if pause is None:
                raise
            time.sleep(pause)


def _postgres(url: str) -> AsyncEngine:
    """A server that cannot be reached is SQLAlchemy's error, as all others."""
    engine = create_async_engine(url, pool_pre_ping=True, connect_args={"timeout": CONNECT_SECONDS})

    @sa.event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Any, record: Any, given: Any, named: Any) -> Any:
        try:
            return dialect.connect(*given, **named)
        except OSError as fault:
            raise sa.exc.OperationalError(None, None, fault) from fault

    return engine


class Freshness:
    """When what is held in memory is to be read again."""

    def __init__(self) -> None:
        self._read_at = self._tried_at = float("-inf")

    async def renew(self, read: Callable[[], Awaitable[None]]) -> None:
        """Read if the last attempt is older than `FRESH_SECONDS`. Errors: `Unavailable` if nothing counts any more."""
        now = time.monotonic()
        if now - self._tried_at <= FRESH_SECONDS and self.counts():
            return
        self._tried_at = now
        try:
            await read()
        except Unavailable as fault:
            if not self.counts():
                raise
            _log.warning("what was read before is believed", reason=fault.detail, since=round(now - self._read_at))

    def counts(self) -> bool:
        """Whether what is held may be believed without the database."""
        return time.monotonic() - self._read_at <= HELD_SECONDS

    def read(self, began: float) -> None:
        """What is held was read by a question that began then (`time.monotonic`)."""
        self._read_at = self._tried_at = began
