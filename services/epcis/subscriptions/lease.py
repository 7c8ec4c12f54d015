"""Which process delivers: one of a deployment, for as long as it renews its lease.

A lease has a term, one higher for each holder; what a holder writes goes through only in its term
(`SubscriptionStore`), and it starts no delivery after its lease may have run out by its own clock. On SQLite the data
folder's lock has seen to it that there is one process, so the lease of a dead one is taken over at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.errors import StemmaError, Unavailable
from services.epcis.subscriptions.tables import sender
from services.workbench import Workbench

SECONDS: Final = 10.0
"""After so long without renewal another process takes over."""
_ROW: Final = "sender"
CHANGES: Final = "changes"


class LeaseLost(StemmaError):
    """Another process delivers now."""

    title = "Lease lost"


@dataclass(frozen=True, slots=True)
class Lease:
    """`until` by this process's `time.monotonic`, counted from before it was asked for."""

    holder: str
    term: int
    until: float


class Leases:
    """Takes and renews the lease of one deployment as `holder`. Errors of every method: `Unavailable`."""

    def __init__(
        self, workbench: Workbench, holder: str, *, alone: bool, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._workbench, self._holder, self._alone, self._now = workbench, holder, alone, now

    def good(self, lease: Lease) -> bool:
        """True while nobody else can have taken it."""
        return self._now() < lease.until

    async def take(self) -> Lease | None:
        """The lease, or None while another process holds it."""
        begun = self._now()
        try:
            async with self._workbench.change() as change:
                held = (await change.execute(_held().with_for_update())).mappings().one_or_none()
                now = await _clock(change)
                if held is None:
                    values = {"name": _ROW, "holder": self._holder, "term": 1, "until_us": now + _US}
                    await change.execute(sender.insert().values(**values))
                    return Lease(self._holder, 1, begun + SECONDS)
                if held["until_us"] > now and held["holder"] != self._holder and not self._alone:
                    return None
                term = int(held["term"]) + 1
                values = {"holder": self._holder, "term": term, "until_us": now + _US}
                await change.execute(sender.update().where(sender.c.name == _ROW).values(**values))
                return Lease(self._holder, term, begun + SECONDS)
        except Unavailable as fault:
            if isinstance(fault.__cause__, IntegrityError):
                return None
            raise

    async def renew(self, lease: Lease) -> Lease:
        """The same lease for longer. Errors: `LeaseLost`."""
        begun = self._now()
        async with self._workbench.change() as change:
            longer = sender.update().where(*_of(lease)).values(until_us=await _clock(change) + _US)
            if not (await change.execute(longer)).rowcount:
                raise LeaseLost("another process delivers now")
        return Lease(lease.holder, lease.term, begun + SECONDS)

    async def release(self, lease: Lease) -> None:
        """Let another process take it at once."""
        async with self._workbench.change() as change:
            await change.execute(sender.update().where(*_of(lease)).values(until_us=0))

    async def held_elsewhere(self) -> bool:
        """True while another process delivers."""
        if self._alone:
            return False
        async with self._workbench.change() as change:
            held = (await change.execute(_held())).mappings().one_or_none()
            return held is not None and held["holder"] != self._holder and held["until_us"] > await _clock(change)


_US: Final = int(SECONDS * 1_000_000)


def _held() -> sa.Select[Any]:
    return sa.select(sender).where(sender.c.name == _ROW)


def _of(lease: Lease) -> tuple[sa.ColumnElement[bool], ...]:
    return sender.c.name == _ROW, sender.c.holder == lease.holder, sender.c.term == lease.term


async def check_lease(change: AsyncConnection, lease: Lease) -> None:
    """Within a transaction: nobody takes the lease before it is committed. Errors: `LeaseLost`."""
    held = sa.select(sender.c.term).where(*_of(lease)).with_for_update(read=True)
    if (await change.execute(held)).first() is None:
        raise LeaseLost("another process delivers now")


async def _clock(change: AsyncConnection) -> int:
    """Microseconds by the database's clock; by this machine's where the database is a file on it."""
    if change.dialect.name == "sqlite":
        return time.time_ns() // 1000
    told = sa.text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
    return int((await change.execute(told)).scalar_one())
