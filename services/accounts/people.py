"""People as one object: signing in and out, one-time links and changes of accounts, each of them recorded. No HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from events.port import EventLog
from schemas.errors import BadInput, Conflict, NotFound, Unauthenticated
from services.accounts.limits import SignInLimits
from services.accounts.links import Link, Links
from services.accounts.passwords import Passwords, checked
from services.accounts.record import AccessRecord
from services.accounts.seen import SeenAccess, Sought
from services.accounts.sessions import Sessions
from services.accounts.store import Account, AccountStore, end_sessions, folded_name
from services.accounts.tables import accounts
from services.clock import Clock
from services.keys.store import Key
from services.principal import LOCAL_ACTOR, Principal
from services.workbench import Tell, Workbench

FIRST_ROLES = ("administrator", "quality_manager")
"""Of the account made by the first link, since at first one person does everything: the roles can be parted later."""
TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `actor` as recorded, `address` as seen, `cookie` the text of the browser's session before, if any."""

    actor: str
    address: str
    cookie: str | None = None


class People:
    """Everything about accounts that a route or the command line calls. Errors of all: `Unavailable`."""

    def __init__(self, workbench: Workbench, log: EventLog, clock: Clock) -> None:
        self._workbench = workbench
        self.record = AccessRecord(log, clock)
        self.seen = SeenAccess(workbench, log)
        self.accounts = AccountStore(workbench, clock)
        self.sessions = Sessions(workbench, self.accounts, clock)
        self.links = Links(workbench, clock)
        self.limits = SignInLimits()
        self._passwords = Passwords()

    @classmethod
    async def open(cls, workbench: Workbench, log: EventLog, clock: Clock) -> People:
        """Read who there is; `log` takes the records. Errors: `Unavailable`."""
        people = cls(workbench, log, clock)
        await people.accounts.read()
        return people

    async def sign_in(self, name: str, password: str, caller: Caller) -> tuple[str, Principal]:
        """A new session, its text and its principal.

        Errors: `Unauthenticated`, the same for a wrong name and a wrong password; `TooMany`.
        """
        folded = folded_name(name)[:256]
        self.limits.check(folded, caller.address)
        account = await self.accounts.named(name)
        # Counted before the password is compared: tries that come together must not slip past together.
        self.limits.failed(folded, caller.address)
        same = await self._passwords.match(account.password if account else None, password)
        if account is None or not same or not account.usable:
            told = {"disabled": True} if account and same else {}
            await self.record.failed(account.actor if account else "unknown", caller.address, **told)
            raise Unauthenticated("the name or the password is wrong")
        self.limits.succeeded(folded, caller.address)
        return await self._begin(account, caller, "password")

    async def _begin(self, account: Account, caller: Caller, by: str) -> tuple[str, Principal]:
        async with self._workbench.change() as change:
            text = await self.sessions.begin(change, account.id, caller.address, caller.cookie)
            await self.record.add("sign_in", account.actor, caller.address, by=by)
        principal = await self.sessions.principal(text)
        if principal is None:
            raise Unauthenticated("the account was changed just now: sign in again")
        return text, principal

    async def sign_out(self, principal: Principal, address: str, *, everywhere: bool) -> None:
        """End the caller's session, or all of the account."""
        if principal.session is None or principal.account_id is None:
            raise BadInput("there is no session to end: this call came with a key, or with none at all")
        async with self._workbench.change() as change:
            if everywhere:
                await end_sessions(change, principal.account_id)
            else:
                await self.sessions.end(change, principal.session)
            await self.record.add("sign_out", principal.actor, address, everywhere=everywhere)
        self.sessions.forget()

    async def end_session(self, principal: Principal, session_id: str, address: str) -> None:
        """End one of the caller's own sessions. Errors: `NotFound`."""
        mine = await self.sessions.of(principal.account_id) if principal.account_id else []
        found = next((one for one in mine if one.id == session_id), None)
        if found is None:
            raise NotFound("you have no such session")
        async with self._workbench.change() as change:
            await self.sessions.end(change, found.digest)
            await self.record.add("sign_out", principal.actor, address, everywhere=False, ended=found.address)
        self.sessions.forget()

    async def looked_at(self, text: str, address: str) -> tuple[Link, Account | None]:
        """What a link is for, without using it. Errors: `NotFound`, `TooMany`."""
        self.limits.check_link(address)
        try:
            link = await self.links.look(text)
        except NotFound:
            self.limits.failed_link(address)
            raise
        return link, None if link.account is None else await self.accounts.get(link.account)

    async def redeem(
        self, text: str, name: str | None, shown: str | None, password: str, caller: Caller
    ) -> tuple[str, Principal]:
        """Use a link: make or mend the account, set its password, and sign in.

        Errors: `NotFound` for a link that is none, `BadInput`, `Conflict` for an account that was disabled.
        """
        link, account = await self.looked_at(text, caller.address)
        if link.purpose == "administrator":
            if name is None:
                raise BadInput.field("name", "", "name the account to be made, or the administrator to be put right")
            account = await self.accounts.named(name)
        assert account is not None or name is not None
        if account is not None and account.disabled_us is not None and link.purpose == "password":
            raise Conflict("the account is disabled: ask an administrator")
        kept = await self._passwords.kept(checked(password, account.name if account else name or ""))
        made = await self._redeemed(link, account, name or "", shown or "", kept, caller)
        return await self._begin(made, caller, "link")

    async def _redeemed(
        self, link: Link, account: Account | None, name: str, shown: str, kept: str, caller: Caller
    ) -> Account:
        made = None if account else self.accounts.new(name, shown, FIRST_ROLES, f"link:{link.made_by}", kept)
        async with self._workbench.change() as change:
            await self.links.use(change, link)
            if made is not None:
                await self.accounts.insert(change, made)
                told = {"account": made.id, "name": made.name, "roles": made.roles, "link_by": link.made_by}
                await self.record.add("account_made", made.actor, caller.address, **told)
            elif account is not None:
                values = {"password": kept}
                if link.purpose == "administrator":
                    roles = account.roles | {"administrator"}
                    values |= {"roles": " ".join(sorted(roles)), "disabled_us": None}  # type: ignore[dict-item]
                await change.execute(accounts.update().where(accounts.c.id == account.id).values(**values))
                await end_sessions(change, account.id)
                told = {"account": account.id, "link": link.purpose, "link_by": link.made_by}
                await self.record.add("password_set", account.actor, caller.address, **told)
        self.sessions.forget()
        await self.accounts.read()
        return await self.accounts.get((made or account).id)  # type: ignore[union-attr]

    async def set_own_password(self, principal: Principal, old: str, new: str, caller: Caller) -> tuple[str, Principal]:
        """Change one's own password; every session ends, a new one begins. Errors: `BadInput`, `TooMany`."""
        if principal.account_id is None:
            raise BadInput("only an account has a password")
        account = await self.accounts.get(principal.account_id)
        self.limits.check(folded_name(account.name), caller.address)
        self.limits.failed(folded_name(account.name), caller.address)
        if not await self._passwords.match(account.password, old):
            await self.record.failed(account.actor, caller.address, changing_password=True)
            raise BadInput.field("old", "(hidden)", "this is not the password")
        self.limits.succeeded(folded_name(account.name), caller.address)
        kept = await self._passwords.kept(checked(new, account.name))
        await self.accounts.set_password(
            account.id, kept, self._teller("password_set", account.actor, caller.address, account=account.id)
        )
        self.sessions.forget()
        return await self._begin(account, caller, "password")

    async def add(self, name: str, shown: str, roles: Iterable[str], caller: Caller) -> tuple[Account, str]:
        """Make an account; the link by which its owner sets the password. Errors: `BadInput`, `Conflict`."""
        if caller.actor == LOCAL_ACTOR:
            raise Conflict("the first account is made by the link that the server printed at its start")
        made = self.accounts.new(name, shown, roles, caller.actor)
        async with self._workbench.change() as change:
            await self.accounts.insert(change, made)
            link = await self.links.made(change, "password", made.id, caller.actor)
            told = {"account": made.id, "name": made.name, "roles": made.roles}
            await self.record.add("account_made", caller.actor, caller.address, **told)
        await self.accounts.read()
        return made, link

    async def change(
        self, account_id: str, caller: Caller, shown: str | None, roles: Iterable[str] | None, disabled: bool | None
    ) -> Account:
        """Change an account; a change of roles and disabling end its sessions. Errors: as the store's."""
        asked = {"shown": shown, "roles": None if roles is None else frozenset(roles), "disabled": disabled}
        told = {name: value for name, value in asked.items() if value is not None}
        tell = self._teller("account_changed", caller.actor, caller.address, account=account_id, **told)
        after = await self.accounts.change(account_id, tell, shown=shown, roles=roles, disabled=disabled)
        self.sessions.forget()
        return after

    async def new_link(self, account_id: str, caller: Caller) -> str:
        """A link by which the account's owner sets a new password. Errors: `NotFound`, `Conflict`."""
        account = await self.accounts.get(account_id)
        if account.disabled_us is not None:
            raise Conflict("the account is disabled: enable it first")
        async with self._workbench.change() as change:
            link = await self.links.made(change, "password", account_id, caller.actor)
            await self.record.add("link_made", caller.actor, caller.address, account=account_id)
        return link

    async def note_settings(self, shown: Mapping[str, str]) -> None:
        """Record the settings of this start if they are not those of the one before, with what is other."""
        found = await self.seen.page(Sought(kinds=("settings",)), 1)
        before: dict[str, str] = found[0].access.body["settings"] if found else {}
        other = sorted(name for name in {*shown, *before} if shown.get(name) != before.get(name))
        if other:
            await self.record.add("settings", "system", None, settings=dict(shown), changed=other if before else [])

    async def tell_key_made(self, key: Key) -> None:
        """Record a key that no call made."""
        told = {"key": key.id, "name": key.name, "scopes": key.scopes}
        await self.record.add("key_made", key.created_by, None, **told)

    def _teller(self, kind: str, actor: str, address: str | None, **body: object) -> Tell:
        async def tell() -> None:
            await self.record.add(kind, actor, address, **body)  # type: ignore[arg-type]

        return tell
