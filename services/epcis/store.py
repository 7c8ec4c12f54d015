"""What the repository keeps beside the log, in the workbench database: named queries, long queries of page tokens,
tokens that were deleted, and the secret that tokens are sealed with. A rebuild leaves them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.errors import Conflict, NotFound, Unavailable
from services.clock import Clock
from services.epcis.query import SIMPLE, Query
from services.workbench import make_tables, open_engine, put

_metadata: Final = sa.MetaData()
named: Final = sa.Table(
    "epcis_query",
    _metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("definition", sa.LargeBinary, nullable=False),
    sa.Column("query", sa.LargeBinary, nullable=False),
    sa.Column("made_us", sa.BigInteger, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
)
_kept: Final = sa.Table(
    "epcis_page_query",
    _metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("query", sa.LargeBinary, nullable=False),
    sa.Column("made_us", sa.BigInteger, nullable=False),
)
_deleted: Final = sa.Table(
    "epcis_deleted_token",
    _metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("expires_us", sa.BigInteger, nullable=False),
)
_secret: Final = sa.Table(
    "epcis_secret",
    _metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query under its name: `definition` as sent, `query` as read."""

    name: str
    definition: dict[str, Any]
    query: Query
    made_us: int
    made_by: str


class EpcisStore:
    """Errors of every method: `Unavailable`."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self.secret = b""

    @classmethod
    async def open(cls, url: str, clock: Clock) -> EpcisStore:
        """Open the workbench database at a SQLAlchemy async URL, making tables and secret if they are missing."""
        store = cls(open_engine(url), clock)
        try:
            await make_tables(store._engine, _metadata)
            store.secret = await store._begin_secret()
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        await self._engine.dispose()

    async def add(self, one: NamedQuery) -> None:
        """Keep a named query. Errors: `Conflict` if the name is taken."""
        row = {
            "name": one.name,
            "definition": orjson.dumps(one.definition),
            "query": orjson.dumps(one.query.to_json()),
            "made_us": one.made_us,
            "made_by": one.made_by,
        }
        if one.name == SIMPLE or not await put(self._engine, named, row):
            raise Conflict(f"there is a query named {one.name[:200]} already")

    async def named(self, name: str) -> NamedQuery:
        """Errors: `NotFound`."""
        rows = await self._rows(sa.select(named).where(named.c.name == name))
        if not rows:
            raise NotFound(f"there is no query named {name[:200]}")
        return _named(rows[0])

    async def page(self, after: str, limit: int, made_by_us: int) -> list[NamedQuery]:
        """Named queries made by a moment, by name, strictly after one."""
        chosen = sa.select(named).where(named.c.name > after, named.c.made_us <= made_by_us)
        return [_named(row) for row in await self._rows(chosen.order_by(named.c.name).limit(limit))]

    async def keep(self, query: Query) -> str:
        """Keep a query that is too long for a token; its digest."""
        row = {"digest": query.digest, "query": orjson.dumps(query.to_json()), "made_us": self._clock()}
        await put(self._engine, _kept, row)
        return query.digest

    async def kept(self, digest: str) -> Query:
        """Errors: `NotFound`."""
        rows = await self._rows(sa.select(_kept.c.query).where(_kept.c.digest == digest))
        if not rows:
            raise NotFound("the query of this token is not kept")
        return Query.from_json(orjson.loads(rows[0].query))

    async def forget_token(self, digest: bytes, expires_us: int) -> None:
        """A token that must not be honoured again; those long expired are cleared away."""
        await put(self._engine, _deleted, {"digest": digest, "expires_us": expires_us})
        try:
            async with self._engine.begin() as connection:
                await connection.execute(sa.delete(_deleted).where(_deleted.c.expires_us < self._clock()))
        except SQLAlchemyError as fault:
            raise Unavailable("the workbench database does not take the change") from fault

    async def is_forgotten(self, digest: bytes) -> bool:
        return bool(await self._rows(sa.select(_deleted.c.digest).where(_deleted.c.digest == digest)))

    async def _rows(self, question: sa.Select[Any]) -> Sequence[Any]:
        try:
            async with self._engine.connect() as connection:
                return list(await connection.execute(question))
        except SQLAlchemyError as fault:
            raise Unavailable("the workbench database does not answer") from fault

    async def _begin_secret(self) -> bytes:
        """The secret of the first process that came; every process of a deployment reads the same."""
        await put(self._engine, _secret, {"name": "page tokens", "value": secrets.token_bytes(32)})
        rows = await self._rows(sa.select(_secret.c.value).where(_secret.c.name == "page tokens"))
        return bytes(rows[0].value)


def _named(row: Any) -> NamedQuery:
    query = Query.from_json(orjson.loads(row.query))
    return NamedQuery(row.name, orjson.loads(row.definition), query, row.made_us, row.made_by)
