"""Named queries and subscriptions as plain JSON, for a backup, and back.

Tokens stay encrypted, and the key is not among them. What is restored is suspended: two services of one past must not
both deliver, so somebody resumes it where it shall go on. A document under way is not saved: it is made again.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from schemas.errors import Conflict
from services.epcis.store import named
from services.epcis.subscriptions.tables import subscription
from services.workbench import Workbench

_REASON: Final = "restored from a backup: resume it once this service delivers in the place of the one before"
_TABLES: Final = {"queries": named, "subscriptions": subscription}


async def saved(workbench: Workbench) -> dict[str, list[dict[str, Any]]]:
    """Every row. Errors: `Unavailable`."""
    return {name: [_plain(row) for row in await workbench.rows(sa.select(table))] for name, table in _TABLES.items()}


async def restored(workbench: Workbench, told: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Put saved rows into empty tables. Errors: `Conflict` when there are named queries, `Unavailable`."""
    if await workbench.rows(sa.select(named.c.name).limit(1)):
        raise Conflict("there are named queries already: restore into a fresh workbench")
    async with workbench.change() as change:
        for name, table in _TABLES.items():
            rows = [_row(table, one) for one in told[name]]
            if table is subscription:
                rows = [{**one, "state": "suspended", "reason": one["reason"] or _REASON} for one in rows]
            if rows:
                await change.execute(table.insert(), rows)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: base64.b64encode(one).decode() if isinstance(one, bytes) else one for name, one in row.items()}


def _row(table: sa.Table, told: Mapping[str, Any]) -> dict[str, Any]:
    binary = {column.name for column in table.columns if isinstance(column.type, sa.LargeBinary)}
    return {
        name: base64.b64decode(one) if name in binary and one is not None else one for name, one in told.items()
    }  # fmt: skip
