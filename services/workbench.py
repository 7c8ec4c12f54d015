"""How the workbench database is reached, and how long what was read of it counts while it does not answer.

A call needs to know its caller, and a capture must go on while the database is down: so keys, accounts and sessions
that were read before are believed for `HELD_SECONDS` if they cannot be read again. While it is down for all, nobody can
be locked out through it either.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.schema import CreateIndex, CreateTable

from schemas.errors import Unavailable

FRESH_SECONDS: Final = 1.0
HELD_SECONDS: Final = 600.0
CONNECT_SECONDS: Final = 5
_MAKING: Final = 0x5374656D6D61
"""PostgreSQL's advisory lock for making tables: `Stemma` in ASCII."""
_log = structlog.get_logger("stemma.workbench")


def open_engine(url: str) -> AsyncEngine:
    """An engine at a SQLAlchemy async URL. A server that cannot be reached is SQLAlchemy's error, as all others."""
    if url.startswith("sqlite"):
        return create_async_engine(url)
    engine = create_async_engine(url, pool_pre_ping=True, connect_args={"timeout": CONNECT_SECONDS})

    @sa.event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Any, record: Any, given: Any, named: Any) -> Any:
        try:
            return dialect.connect(*given, **named)
        except OSError as fault:
            raise sa.exc.OperationalError(None, None, fault) from fault

    return engine


async def make_tables(engine: AsyncEngine, metadata: sa.MetaData) -> None:
    """Make the tables that are missing, whoever else does so at the same time. Errors: `Unavailable`.

    On SQLite each statement looks and makes in one. PostgreSQL's do not, so there one process makes tables at a time.
    """
    try:
        async with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
            for table in metadata.sorted_tables:
                await connection.execute(CreateTable(table, if_not_exists=True))
                for index in sorted(table.indexes, key=lambda one: str(one.name)):
                    await connection.execute(CreateIndex(index, if_not_exists=True))
    except SQLAlchemyError as fault:
        raise Unavailable("the workbench database does not answer") from fault


async def put(engine: AsyncEngine, table: sa.Table, row: dict[str, Any]) -> bool:
    """Insert a row; False if one of its key is there already. Errors: `Unavailable`."""
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.insert(table).values(row))
    except IntegrityError:
        return False
    except SQLAlchemyError as fault:
        raise Unavailable("the workbench database does not take the change") from fault
    return True


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
