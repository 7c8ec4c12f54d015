"""One-time links: 256 random bits, good once and for 24 hours; only their digest is kept.

`administrator` lets whoever can read the terminal make an administrator, or put a lost one right. `password` lets one
account set its password, so that nobody else ever knows it. A new link ends the older ones for the same thing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.errors import NotFound
from services.accounts.tables import digest_of, links
from services.clock import Clock
from services.workbench import Workbench

GOOD_US: Final = 24 * 3600 * 1_000_000
Purpose = Literal["administrator", "password"]


@dataclass(frozen=True, slots=True)
class Link:
    """One link; `account` is None for an administrator's. Times in microseconds since 1970 UTC."""

    digest: bytes
    purpose: Purpose
    account: str | None
    made_us: int
    made_by: str

    @property
    def ends_us(self) -> int:
        return self.made_us + GOOD_US


class Links:
    """The links of one deployment. Errors of every method: `Unavailable`."""

    def __init__(self, workbench: Workbench, clock: Clock) -> None:
        self._workbench = workbench
        self._clock = clock

    async def make(self, purpose: Purpose, account_id: str | None, by: str) -> str:
        """The text of a new link."""
        async with self._workbench.change() as change:
            return await self.made(change, purpose, account_id, by)

    async def made(self, change: AsyncConnection, purpose: Purpose, account_id: str | None, by: str) -> str:
        """The text of a new link, within a transaction."""
        text = secrets.token_urlsafe(32)
        same = links.c.account.is_(None) if account_id is None else links.c.account == account_id
        await change.execute(links.delete().where((links.c.purpose == purpose) & same))
        row = {"purpose": purpose, "account": account_id, "made_us": self._clock(), "made_by": by, "used_us": None}
        await change.execute(links.insert().values(digest=digest_of(text), **row))
        return text

    async def look(self, text: str) -> Link:
        """The link, unused. Errors: `NotFound`."""
        rows = await self._workbench.rows(sa.select(links).where(links.c.digest == digest_of(text)))
        if not rows or rows[0]["used_us"] is not None or rows[0]["made_us"] + GOOD_US <= self._clock():
            raise _gone()
        row = rows[0]
        return Link(bytes(row["digest"]), row["purpose"], row["account"], row["made_us"], row["made_by"])

    async def use(self, change: AsyncConnection, link: Link) -> None:
        """Use it up, within a transaction. Errors: `NotFound` if another call was faster."""
        unused = (links.c.digest == link.digest) & links.c.used_us.is_(None)
        done = await change.execute(links.update().where(unused).values(used_us=self._clock()))
        if done.rowcount != 1:
            raise _gone()


def _gone() -> NotFound:
    return NotFound("the link is unknown, was used, or is older than 24 hours: ask for another one")
