"""What the repository keeps beside the log, in the workbench database: named queries, long queries of page tokens,
tokens that were deleted, and the secret that tokens are sealed with. A rebuild leaves them.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa

from schemas.errors import Conflict, NotFound
from services.clock import Clock
from services.epcis.query import SIMPLE, Query
from services.workbench import Workbench

metadata: Final = sa.MetaData()
named: Final = sa.Table(
    "epcis_query",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("definition", sa.LargeBinary, nullable=False),
    sa.Column("query", sa.LargeBinary, nullable=False),
    sa.Column("made_us", sa.BigInteger, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
)
_kept: Final = sa.Table(
    "epcis_page_query",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("query", sa.LargeBinary, nullable=False),
    sa.Column("made_us", sa.BigInteger, nullable=False),
)
_deleted: Final = sa.Table(
    "epcis_deleted_token",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("expires_us", sa.BigInteger, nullable=False),
)
_secret: Final = sa.Table(
    "epcis_secret",
    metadata,
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

    def __init__(self, workbench: Workbench, clock: Clock) -> None:
        self._workbench, self._clock = workbench, clock
        self.secret = b""

    @classmethod
    async def open(cls, workbench: Workbench, clock: Clock) -> EpcisStore:
        """Read the secret, which is made if it is missing."""
        store = cls(workbench, clock)
        store.secret = await store._begin_secret()
        return store

    async def add(self, one: NamedQuery) -> None:
        """Keep a named query. Errors: `Conflict` if the name is taken."""
        row = {
            "name": one.name,
            "definition": orjson.dumps(one.definition),
            "query": orjson.dumps(one.query.to_json()),
            "made_us": one.made_us,
            "made_by": one.made_by,
        }
        if one.name == SIMPLE or not await self._workbench.put(named, row):
            raise Conflict(f"there is a query named {one.name[:200]} already")

    async def named(self, name: str) -> NamedQuery:
        """Errors: `NotFound`."""
        rows = await self._workbench.rows(sa.select(named).where(named.c.name == name))
        if not rows:
            raise NotFound(f"there is no query named {name[:200]}")
        return _named(rows[0])

    async def page(self, after: str, limit: int, made_by_us: int) -> list[NamedQuery]:
        """Named queries made by a moment, by name, strictly after one."""
        chosen = sa.select(named).where(named.c.name > after, named.c.made_us <= made_by_us)
        return [_named(row) for row in await self._workbench.rows(chosen.order_by(named.c.name).limit(limit))]

    async def keep(self, query: Query) -> str:
        """Keep a query that is too long for a token; its digest."""
        row = {"digest": query.digest, "query": orjson.dumps(query.to_json()), "made_us": self._clock()}
        await self._workbench.put(_kept, row)
        return query.digest

    async def kept(self, digest: str) -> Query:
        """Errors: `NotFound`."""
        rows = await self._workbench.rows(sa.select(_kept.c.query).where(_kept.c.digest == digest))
        if not rows:
            raise NotFound("the query of this token is not kept")
        return Query.from_json(orjson.loads(rows[0]["query"]))

    async def forget_token(self, digest: bytes, expires_us: int) -> None:
        """A token that must not be honoured again; those long expired are cleared away."""
        await self._workbench.put(_deleted, {"digest": digest, "expires_us": expires_us})
        async with self._workbench.change() as change:
            await change.execute(sa.delete(_deleted).where(_deleted.c.expires_us < self._clock()))

    async def is_forgotten(self, digest: bytes) -> bool:
        return bool(await self._workbench.rows(sa.select(_deleted.c.digest).where(_deleted.c.digest == digest)))

    async def _begin_secret(self) -> bytes:
        """The secret of the first process that came; every process of a deployment reads the same."""
        await self._workbench.put(_secret, {"name": "page tokens", "value": secrets.token_bytes(32)})
        rows = await self._workbench.rows(sa.select(_secret.c.value).where(_secret.c.name == "page tokens"))
        return bytes(rows[0]["value"])


def _named(row: Mapping[str, Any]) -> NamedQuery:
    query = Query.from_json(orjson.loads(row["query"]))
    return NamedQuery(row["name"], orjson.loads(row["definition"]), query, row["made_us"], row["made_by"])
