"""The tables of people in the workbench database, apart from projections, so that a rebuild leaves them.

A session and a link are 256 random bits; only their SHA-256 is kept, since guessing is hopeless and a look-up by digest
leaks nothing. Accounts are never deleted, since envelopes name them.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.errors import Unavailable
from services.workbench import make_tables, open_engine

Tell = Callable[[], Awaitable[None]]
"""Awaited inside a change's transaction, before it is committed: what cannot be recorded is not done."""

metadata: Final = sa.MetaData()
accounts: Final = sa.Table(
    "workbench_account",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("folded", sa.String(256), nullable=False, unique=True),
    sa.Column("shown", sa.String(200), nullable=False),
    sa.Column("roles", sa.String(200), nullable=False),
    sa.Column("password", sa.String(400)),
    sa.Column("made_us", sa.BigInteger, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("disabled_us", sa.BigInteger),
)
sessions: Final = sa.Table(
    "workbench_session",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("account", sa.String(32), nullable=False, index=True),
    sa.Column("began_us", sa.BigInteger, nullable=False),
    sa.Column("seen_us", sa.BigInteger, nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
)
links: Final = sa.Table(
    "workbench_link",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("account", sa.String(32)),
    sa.Column("made_us", sa.BigInteger, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("used_us", sa.BigInteger),
)

seen: Final = sa.Table(
    "workbench_access",
    metadata,
    sa.Column("offset", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("actor", sa.String(200), nullable=False, index=True),
    sa.Column("subject", sa.String(200), index=True),
    sa.Column("at_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("address", sa.String(64)),
    sa.Column("body", sa.Text, nullable=False),
)


def digest_of(text: str) -> bytes:
    """SHA-256 of a session's or link's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


class Database:
    """One connection pool to the workbench. Errors of every method: `Unavailable`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @classmethod
    async def open(cls, url: str) -> Database:
        """Open the workbench at a SQLAlchemy async URL, making the tables that are missing."""
        database = cls(open_engine(url))
        try:
            await make_tables(database._engine, metadata)
        except BaseException:
            await database.close()
            raise
        return database

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
