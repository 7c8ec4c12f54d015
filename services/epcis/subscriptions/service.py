"""Subscriptions as one object: what routes call, and what runs behind them. Wired by `services.bootstrap`."""

from __future__ import annotations

import asyncio
import secrets
import time
import uuid
from typing import TYPE_CHECKING, Final

from schemas.epcis.formats import CompanyPrefixes
from schemas.errors import Busy, NotFound
from services.accounts.people import People
from services.clock import Clock
from services.epcis.store import NamedQuery
from services.epcis.subscriptions.delivering import START_SECONDS, Tools
from services.epcis.subscriptions.documents import Documents
from services.epcis.subscriptions.guard import Guard
from services.epcis.subscriptions.lease import Leases
from services.epcis.subscriptions.listening import Listener
from services.epcis.subscriptions.owners import owner_of
from services.epcis.subscriptions.posting import Poster
from services.epcis.subscriptions.reading import Asked, check_query
from services.epcis.subscriptions.secrets import Secrets
from services.epcis.subscriptions.sender import Sender
from services.epcis.subscriptions.shapes import Attempt, Delivery, Subscription, before
from services.epcis.subscriptions.sockets import Sockets
from services.epcis.subscriptions.store import SubscriptionStore
from services.keys.store import KeyStore
from services.principal import Principal
from services.settings import Settings

if TYPE_CHECKING:
    from projections.index.store import EventIndex
    from projections.runner import Runner

PREFIX_TEST: Final = "test-"


class Subscriptions:
    """`open`, then `start` once everything it reads runs; `stop` before that ends, then `close`."""

    def __init__(
        self,
        store: SubscriptionStore,
        index: EventIndex,
        runner: Runner,
        keys: KeyStore,
        people: People,
        prefixes: CompanyPrefixes,
        settings: Settings,
        clock: Clock,
    ) -> None:
        alone = settings.database_target.startswith("sqlite")
        self.store, self._settings, self._clock = store, settings, clock
        self._guard = Guard(settings.webhook_networks)
        self._listener = Listener(index, runner)
        documents = Documents(index, prefixes, settings.base)
        self._tools = Tools(
            store, Leases(store.workbench, secrets.token_hex(8), alone=alone), self._listener, documents,
            Poster(self._guard, settings.webhook_seconds),
            Secrets(settings.secret_key, made=settings.secret_key_file is None),
            keys, people, clock, settings, asyncio.Lock(),
        )  # fmt: skip
        self._sender = Sender(self._tools, alone=alone)
        most = max(settings.subscriptions // 10, 1)
        self.sockets = Sockets(store, self._listener, documents, clock, settings.base, most)

    async def start(self) -> None:
        await self._listener.start()
        await self.sockets.start()
        await self._sender.start()

    async def stop(self) -> None:
        await self._sender.stop()
        await self.sockets.stop()
        await self._listener.stop()

    async def close(self) -> None:
        await self._tools.poster.close()
        self._guard.close()

    async def subscribe(self, principal: Principal, kept: NamedQuery, asked: Asked) -> Subscription:
        """Errors: `BadInput` for the destination, `BadControls` for a query with a limit, `Busy`, `NotFound`."""
        check_query(kept.query)
        dest = await self._guard.check_dest(asked.dest)
        now, wish = self._clock(), asked.wish
        made = Subscription(
            str(uuid.uuid4()), kept.name, kept.query, dest, wish, owner_of(principal), now,
            before(now if wish.initial_us is None else wish.initial_us), self._settings.webhook_batch,
            token=await self._encrypted(asked.token),
            next_run_us=None if wish.schedule is None else wish.schedule.after(now),
        )  # fmt: skip
        if not await self.store.add(made, kept.made_us, self._settings.subscriptions):
            raise Busy(f"there are {self._settings.subscriptions} subscriptions already: end one first")
        self._sender.look(made.id)
        return made

    async def visible(
        self, principal: Principal, subscription_id: str, query_name: str | None = None, *, changing: bool = False
    ) -> Subscription:
        """One's own; with `operate` any, and with `audit` any that is not changed. Errors: `NotFound`."""
        found = await self.store.get(subscription_id)
        others = sees_all(principal) if not changing else principal.may("operate")
        if (found.owner.actor != principal.actor and not others) or query_name not in (None, found.query_name):
            raise NotFound(f"there is no subscription {subscription_id[:64]}")
        return found

    async def remove(self, one: Subscription) -> None:
        """When this returns nothing more is sent from here, and no delivery starts anywhere. Errors: `NotFound`."""
        await self.store.remove(one.id)
        await self._ended([one.id])

    async def end_query(self, name: str) -> None:
        """Forget a named query: its subscriptions and sockets end with it. Errors: `NotFound`."""
        gone = await self.store.end_query(name)
        self.sockets.end(name)
        await self._ended(gone)

    async def _ended(self, ids: list[str]) -> None:
        await self._sender.forget(ids)
        if ids and await self._tools.leases.held_elsewhere():
            await asyncio.sleep(START_SECONDS)

    async def resume(self, principal: Principal, one: Subscription) -> None:
        """Deliver again, at once and under this caller's rights."""
        owner = owner_of(principal)
        await self.store.change(
            one.id, state="active", reason=None, failures=0, failing_us=None, next_try_us=0, actor=owner.actor,
            key_id=owner.key_id, account_id=owner.account_id, size=self._settings.webhook_batch,
        )  # fmt: skip
        self._sender.look(one.id)

    async def rotate(self, one: Subscription, token: str) -> int:
        """Sign with a new token, and beside it with the old one for a while; until when (microseconds)."""
        until = self._clock() + int(self._settings.webhook_rotate_seconds * 1_000_000)
        values = {"token": await self._encrypted(token), "old_token": one.token, "old_until_us": until}
        await self.store.change(one.id, **values)
        self._sender.look(one.id)
        return until

    async def test(self, one: Subscription) -> Attempt:
        """Send an empty document now, whatever the state; it is signed and noted like any other."""
        body, _ = await self._tools.documents.written([], one.query_name, one.wish.format, one.id)
        delivery = Delivery(f"{PREFIX_TEST}{secrets.token_hex(8)}", body, 0, one.place)
        tried = await self._tools.tried(one, delivery)
        await self.store.note(one.id, tried, self._settings.webhook_attempts)
        return tried

    async def figures(self) -> dict[str, float]:
        """What Prometheus is told: subscriptions by state, deliveries not taken yet, age of the oldest, sockets."""
        told = await self.store.counts()
        oldest = time.time() - told["oldest_us"] / 1_000_000 if told["oldest_us"] else 0.0
        counted = {name: float(told[name]) for name in ("active", "suspended", "pending")}
        return {**counted, "oldest_seconds": max(oldest, 0.0), "sockets": float(len(self.sockets))}

    async def _encrypted(self, token: str | None) -> bytes | None:
        return None if token is None else await asyncio.to_thread(self._tools.secrets.encrypted, token)


def sees_all(principal: Principal) -> bool:
    """Whether a caller sees the subscriptions of others."""
    return principal.may("operate", "audit")
