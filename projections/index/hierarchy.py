"""Master data as queries use it: what stands below a place by `children`, and which keys have an attribute.

The newest entry of (type, id) known at the moment counts, whole (epcis.md M1 to M3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.index import tables
from projections.index.master import NAMES_TYPE
from projections.index.read_events import chunks


async def descendants(connection: AsyncConnection, keys: Iterable[str], known_us: int) -> frozenset[str]:
    """The keys and everything below them, however deep; circles end."""
    found: set[str] = set(keys)
    fresh = set(found)
    while fresh:
        told = await _newest(connection, fresh, known_us)
        below = {str(child) for body in told for child in body.get("children") or ()}
        fresh = below - found
        found |= fresh
    return frozenset(found)


async def with_attribute(
    connection: AsyncConnection, attributes: Sequence[str], values: Sequence[str] | None, known_us: int
) -> frozenset[str]:
    """Keys of which an entry has one of the attributes, with one of the values unless None."""
    found = set()
    for body in await _newest(connection, None, known_us):
        told = body.get("attributes")
        if not isinstance(told, dict):
            continue
        for name in attributes:
            if name in told and (values is None or any(_text(one) in values for one in _listed(told[name]))):
                found.add(str(body["id"]))
    return frozenset(found)


async def _newest(connection: AsyncConnection, keys: Iterable[str] | None, known_us: int) -> list[dict[str, Any]]:
    """The newest entry of each type and key of EPCIS master data."""
    table, newest = tables.master, dict[tuple[str, str], Any]()
    query = select(table.c.type, table.c.key, table.c.body).where(
        table.c.record_us <= known_us, table.c.type != NAMES_TYPE
    )
    chosen = [query] if keys is None else [query.where(table.c.key.in_(some)) for some in chunks(sorted(keys))]
    for one in chosen:
        for row in await connection.execute(one.order_by(table.c.record_us, table.c.row, table.c.n)):
            newest[row.type, row.key] = row.body
    return [orjson.loads(body) for body in newest.values()]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.get("id", "")) if isinstance(value, dict) else str(value)
