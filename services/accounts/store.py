"""Accounts: who they are and which roles they have.

Every process holds the table in memory and reads it again when it is older than `FRESH_SECONDS`, so that a change holds
everywhere within that time, and at once where it was made. A change of roles, of the password or of being disabled
ends every session of the account in the same transaction.
"""

from __future__ import annotations

import secrets
import time
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.errors import BadInput, Conflict, NotFound
from schemas.sentences import say
from services.accounts.tables import accounts, sessions
from services.clock import Clock
from services.rights import ROLES, of_roles
from services.workbench import Freshness, Tell, Workbench

LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class Account:
    """One person. `name` is what they sign in with, `shown` what others see; times in microseconds since 1970 UTC.
    `password` is the kept form, None until one was set; `disabled_us` None while the account may be used."""

    id: str
    name: str
    shown: str
    roles: frozenset[str]
    password: str | None
    made_us: int
    made_by: str
    disabled_us: int | None

    @property
    def actor(self) -> str:
        """How envelopes name the account."""
        return f"account:{self.id}"

    @property
    def usable(self) -> bool:
        return self.disabled_us is None and self.password is not None

    @property
    def administers(self) -> bool:
        """True for one that can sign in and make other accounts."""
        return self.usable and "accounts" in of_roles(self.roles).rights


class AccountStore:
    """The accounts of one deployment. Errors of every method: `Unavailable` when the database cannot answer."""

    def __init__(self, workbench: Workbench, clock: Clock) -> None:
        self._workbench = workbench
        self._clock = clock
        self._by_id: dict[str, Account] = {}
        self._freshness = Freshness()

    async def defined(self) -> bool:
        """True once an account was ever made: disabling all never opens the service again."""
        return bool(await self._fresh())

    async def administered(self) -> bool:
        """True while someone can sign in and make other accounts."""
        return any(one.administers for one in (await self._fresh()).values())

    async def all(self) -> list[Account]:
        """Every account ever made, oldest first."""
        return sorted((await self._fresh()).values(), key=lambda one: (one.made_us, one.id))

    async def get(self, account_id: str) -> Account:
        """Errors: `NotFound`."""
        found = (await self._fresh()).get(account_id)
        if found is None:
            raise NotFound(say("there is no account {account_id}", account_id=account_id[:64]))
        return found

    async def named(self, name: str) -> Account | None:
        """The account that signs in by this name, in any case and width."""
        folded = folded_name(name)
        return next((one for one in (await self._fresh()).values() if folded_name(one.name) == folded), None)

    def new(self, name: str, shown: str, roles: Iterable[str], by: str, password: str | None = None) -> Account:
        """An account as it would be. Errors: `BadInput` for its name or roles."""
        account_id = "a" + secrets.token_hex(6)
        return Account(
            account_id,
            checked_name(name),
            shown.strip() or name,
            checked_roles(roles),
            password,
            self._clock(),
            by,
            None,
        )

    async def insert(self, change: AsyncConnection, made: Account) -> None:
        """Within a transaction. Errors: `Conflict` for a name that is taken."""
        try:
            await change.execute(accounts.insert().values(**_row(made)))
        except IntegrityError:
            raise Conflict(say("there is an account named {name} already: take another name", name=made.name)) from None

    async def change(
        self, account_id: str, tell: Tell, *, shown: str | None, roles: Iterable[str] | None, disabled: bool | None
    ) -> Account:
        """Change what is not None. Errors: `NotFound`, `BadInput`, `Conflict` for the last administrator."""
        before = await self.get(account_id)
        values: dict[str, Any] = {} if shown is None else {"shown": shown.strip() or before.name}
        if roles is not None:
            values["roles"] = " ".join(sorted(checked_roles(roles)))
        if disabled is not None and disabled != (before.disabled_us is not None):
            values["disabled_us"] = self._clock() if disabled else None
        after = _account({**_row(before), **values})
        if not values or after == before:
            return before
        others = any(one.administers for one in await self.all() if one.id != account_id)
        if before.administers and not after.administers and not others:
            raise Conflict("this is the last administrator: make another one first")
        async with self._workbench.change() as change:
            await change.execute(accounts.update().where(accounts.c.id == account_id).values(**values))
            if after.roles != before.roles or after.disabled_us != before.disabled_us:
                await end_sessions(change, account_id)
            await tell()
        await self.read()
        return after

    async def set_password(self, account_id: str, kept_as: str, tell: Tell) -> None:
        """Set it and end every session of the account."""
        async with self._workbench.change() as change:
            await change.execute(accounts.update().where(accounts.c.id == account_id).values(password=kept_as))
            await end_sessions(change, account_id)
            await tell()
        await self.read()

    async def export(self) -> list[dict[str, Any]]:
        """Every account as plain JSON, for a backup."""
        await self.read()
        return [_row(one) for one in await self.all()]

    async def restore(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Put exported accounts into an empty table. Errors: `Conflict` when there are accounts."""
        if await self.defined():
            raise Conflict("there are accounts already: restore into a fresh workbench")
        values = [dict(row) for row in rows]
        if values:
            async with self._workbench.change() as change:
                await change.execute(accounts.insert().values(values))
        await self.read()

    async def _fresh(self) -> dict[str, Account]:
        await self._freshness.renew(self.read)
        return self._by_id

    async def read(self) -> None:
        """Read the table now."""
        now = time.monotonic()
        self._by_id = {row["id"]: _account(row) for row in await self._workbench.rows(sa.select(accounts))}
        self._freshness.read(now)


async def end_sessions(change: AsyncConnection, account_id: str, but: bytes | None = None) -> None:
    """End the sessions of an account within a transaction, all but one."""
    mine = sessions.c.account == account_id
    await change.execute(sessions.delete().where(mine if but is None else mine & (sessions.c.digest != but)))


def folded_name(name: str) -> str:
    """The name as it is compared: without case, width and outer spaces."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def checked_name(name: str) -> str:
    """Errors: `BadInput` for a name that is empty, too long or holds spaces or control characters."""
    text = unicodedata.normalize("NFKC", name).strip()
    if not 1 <= len(text) <= LONGEST_NAME or not text.isprintable() or " " in text:
        raise BadInput.field(
            "name",
            name,
            say("take 1 to {longest} letters, digits or signs, without spaces", longest=LONGEST_NAME),
        )
    return text


def checked_roles(roles: Iterable[str]) -> frozenset[str]:
    """Errors: `BadInput` for none, or for one that is not known."""
    held = frozenset(roles)
    if not held or held - frozenset(ROLES):
        raise BadInput.field(
            "roles", " ".join(sorted(held)), say("give one or more of {known}", known=", ".join(ROLES))
        )
    return held


def _row(one: Account) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "folded": folded_name(one.name),
        "shown": one.shown,
        "roles": " ".join(sorted(one.roles)),
        "password": one.password,
        "made_us": one.made_us,
        "made_by": one.made_by,
        "disabled_us": one.disabled_us,
    }


def _account(row: Mapping[str, Any]) -> Account:
    return Account(
        row["id"], row["name"], row["shown"], frozenset(str(row["roles"]).split()), row["password"], row["made_us"],
        row["made_by"], row["disabled_us"],
    )  # fmt: skip
