"""Sessions: 256 random bits in a cookie, their digest in the database, ended by time or by someone.

A session ends 8 hours after its last call and 7 days after its sign-in. What was found good is believed for
`FRESH_SECONDS`, so an end holds everywhere within that time, and at once where it was made.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.errors import Unavailable
from services.accounts.store import Account, AccountStore
from services.accounts.tables import digest_of, sessions
from services.clock import Clock
from services.principal import Principal
from services.rights import of_roles
from services.workbench import FRESH_SECONDS, HELD_SECONDS, Workbench

IDLE_US: Final = 8 * 3600 * 1_000_000
WHOLE_US: Final = 7 * 24 * 3600 * 1_000_000
_SEEN_US: Final = 60 * 1_000_000
"""How stale the time of the last call may be in the database: not every call is a write."""
_MOST_HELD: Final = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """One session; times in microseconds since 1970 UTC."""

    digest: bytes
    account: str
    began_us: int
    seen_us: int
    address: str = ""

    @property
    def id(self) -> str:
        """Names the session to its owner; nothing can be called with it."""
        return hashlib.sha256(self.digest).hexdigest()[:16]

    def ends_us(self) -> int:
        """When it ends if nothing more is called."""
        return min(self.began_us + WHOLE_US, self.seen_us + IDLE_US)


class Sessions:
    """The sessions of one deployment. Errors of every method: `Unavailable`."""

    def __init__(self, workbench: Workbench, accounts: AccountStore, clock: Clock) -> None:
        self._workbench = workbench
        self._accounts = accounts
        self._clock = clock
        self._held: dict[bytes, tuple[Session, float]] = {}

    async def begin(self, change: AsyncConnection, account_id: str, address: str, old: str | None) -> str:
        """Begin a session within a transaction, ending the one of the same browser before; its text."""
        text, now = secrets.token_urlsafe(32), self._clock()
        if old is not None:
            await change.execute(sessions.delete().where(sessions.c.digest == digest_of(old)))
            self._held.pop(digest_of(old), None)
        expired = (sessions.c.seen_us < now - IDLE_US) | (sessions.c.began_us < now - WHOLE_US)
        await change.execute(sessions.delete().where(expired))
        row = {"digest": digest_of(text), "account": account_id, "began_us": now, "seen_us": now, "address": address}
        await change.execute(sessions.insert().values(**row))
        return text

    async def principal(self, text: str) -> Principal | None:
        """Who a cookie stands for, counted as a call; None when it stands for nobody (any more)."""
        found = await self._good(digest_of(text))
        if found is None:
            return None
        session, account = found
        if self._clock() - session.seen_us > _SEEN_US:
            await self._seen(session)
        return principal_of_account(account, session.digest)

    async def good(self, digest: bytes) -> Session | None:
        """The session if it still holds; asking is no call."""
        found = await self._good(digest)
        return None if found is None else found[0]

    async def of(self, account_id: str) -> list[Session]:
        """The sessions of an account that hold, the last one used first."""
        rows = await self._workbench.rows(sa.select(sessions).where(sessions.c.account == account_id))
        now = self._clock()
        held = [one for row in rows if (one := _session(row)).ends_us() > now]
        return sorted(held, key=lambda one: (one.seen_us, one.began_us), reverse=True)

    async def end(self, change: AsyncConnection, digest: bytes) -> None:
        """End one session within a transaction."""
        await change.execute(sessions.delete().where(sessions.c.digest == digest))
        self._held.pop(digest, None)

    def forget(self) -> None:
        """Believe nothing that was found before: sessions were ended."""
        self._held.clear()

    async def _good(self, digest: bytes) -> tuple[Session, Account] | None:
        session = await self._find(digest)
        if session is None or self._clock() >= session.ends_us():
            return None
        account = {one.id: one for one in await self._accounts.all()}.get(session.account)
        return None if account is None or not account.usable else (session, account)

    async def _find(self, digest: bytes) -> Session | None:
        held = self._held.get(digest)
        if held is not None and time.monotonic() - held[1] <= FRESH_SECONDS:
            return held[0]
        asked = time.monotonic()
        try:
            rows = await self._workbench.rows(sa.select(sessions).where(sessions.c.digest == digest))
        except Unavailable:
            if held is None or self._held.get(digest) is not held or asked - held[1] > HELD_SECONDS:
                raise
            return held[0]
        self._held.pop(digest, None)
        if not rows:
            return None
        row = rows[0]
        session = _session(row)
        if len(self._held) >= _MOST_HELD:
            self._held.clear()
        self._held[digest] = (session, asked)
        return session

    async def _seen(self, session: Session) -> None:
        """Note the time of the call. A database that takes no change ends no session: the next call tries again."""
        with suppress(Unavailable):
            async with self._workbench.change() as change:
                where = sessions.c.digest == session.digest
                await change.execute(sessions.update().where(where).values(seen_us=self._clock()))
            self._held.pop(session.digest, None)


def _session(row: Any) -> Session:
    return Session(bytes(row["digest"]), row["account"], row["began_us"], row["seen_us"], row["address"])


def principal_of_account(account: Account, session: bytes | None) -> Principal:
    """What an account may do, by its roles."""
    return Principal(account.actor, None, of_roles(account.roles), account.id, session)


def csrf_of(text: str) -> str:
    """The token that unsafe calls of a session send beside the cookie: of the session's text, so nothing is kept."""
    digest = hashlib.sha256(b"stemma csrf\0" + text.encode("utf-8", "surrogateescape")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
