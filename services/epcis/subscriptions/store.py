"""Where subscriptions are kept: in the workbench database, beside the named queries that they are of.

What a sender writes goes through only under its lease; what callers change counts in `changes`, so that a sender in
another process looks again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.errors import NotFound
from services.epcis.store import named
from services.epcis.subscriptions.lease import CHANGES, Lease, check_lease
from services.epcis.subscriptions.shapes import Attempt, Delivery, Subscription, before
from services.epcis.subscriptions.tables import (
    attempt,
    attempt_of,
    delivery,
    delivery_of,
    place_text,
    row_of,
    sender,
    subscription,
    subscription_of,
)
from services.workbench import Workbench

_MOST_IDS: Final = 5000
"""Values of one IN list."""


class SubscriptionStore:
    """Errors of every method: `Unavailable`."""

    def __init__(self, workbench: Workbench) -> None:
        self.workbench = workbench

    @classmethod
    async def open(cls, workbench: Workbench) -> SubscriptionStore:
        """Begin to count changes, where nobody has yet."""
        await workbench.put(sender, {"name": CHANGES, "holder": "", "term": 0, "until_us": 0})
        return cls(workbench)

    async def add(self, one: Subscription, query_made_us: int, most: int) -> bool:
        """Keep a new one, if its query is still that of `query_made_us`; False where there are `most` already.

        Errors: `NotFound` for a query that went away."""
        async with self.workbench.change() as change:
            await change.execute(subscription.insert().values(**row_of(one)))
            of = (named.c.name == one.query_name, named.c.made_us == query_made_us)
            if (await change.execute(sa.select(named.c.name).where(*of).with_for_update(read=True))).first() is None:
                raise NotFound(f"there is no query named {one.query_name[:200]}")
            count = sa.select(sa.func.count()).select_from(subscription)
            if (await change.execute(count)).scalar_one() > most:
                await change.rollback()
                return False
            await _changed(change)
        return True

    async def get(self, subscription_id: str) -> Subscription:
        """Errors: `NotFound`."""
        rows = await self.workbench.rows(sa.select(subscription).where(subscription.c.id == subscription_id))
        if not rows:
            raise NotFound(f"there is no subscription {subscription_id[:64]}")
        return subscription_of(rows[0])

    async def page(
        self, query_name: str | None, actor: str | None, after: tuple[int, str], limit: int, made_by_us: int
    ) -> list[Subscription]:
        """Those of a query (None: of any) and of a subscriber (None: of all), made by a moment, oldest first, strictly
        after (made, id)."""
        made, id_ = subscription.c.made_us, subscription.c.id
        chosen = sa.select(subscription).where(
            made <= made_by_us, (made > after[0]) | ((made == after[0]) & (id_ > after[1]))
        )
        if query_name is not None:
            chosen = chosen.where(subscription.c.query_name == query_name)
        if actor is not None:
            chosen = chosen.where(subscription.c.actor == actor)
        return [subscription_of(row) for row in await self.workbench.rows(chosen.order_by(made, id_).limit(limit))]

    async def change(self, subscription_id: str, **values: Any) -> None:
        """Set columns as a caller asks. Errors: `NotFound`."""
        async with self.workbench.change() as change:
            changed = subscription.update().where(subscription.c.id == subscription_id).values(**values)
            if not (await change.execute(changed)).rowcount:
                raise NotFound(f"there is no subscription {subscription_id[:64]}")
            await _changed(change)

    async def remove(self, subscription_id: str) -> None:
        """Errors: `NotFound`."""
        async with self.workbench.change() as change:
            if not await _remove(change, [subscription_id]):
                raise NotFound(f"there is no subscription {subscription_id[:64]}")
            await _changed(change)

    async def end_query(self, name: str) -> list[str]:
        """Forget a named query and its subscriptions, whose ids are returned. Errors: `NotFound`."""
        async with self.workbench.change() as change:
            if not (await change.execute(sa.delete(named).where(named.c.name == name))).rowcount:
                raise NotFound(f"there is no query named {name[:200]}")
            of = sa.select(subscription.c.id).where(subscription.c.query_name == name)
            gone = list((await change.execute(of)).scalars())
            await _remove(change, gone)
            await _changed(change)
        return gone

    async def attempts(self, subscription_id: str, limit: int) -> list[Attempt]:
        """The newest first."""
        chosen = sa.select(attempt).where(attempt.c.subscription == subscription_id)
        rows = await self.workbench.rows(chosen.order_by(attempt.c.n.desc()).limit(limit))
        return [attempt_of(row) for row in rows]

    async def note(self, subscription_id: str, tried: Attempt, kept: int) -> None:
        """Keep an attempt that is no delivery's."""
        async with self.workbench.change() as change:
            await _note(change, subscription_id, tried, kept)

    async def delivery(self, subscription_id: str) -> Delivery | None:
        """The delivery under way."""
        rows = await self.workbench.rows(sa.select(delivery).where(delivery.c.subscription == subscription_id))
        return delivery_of(rows[0]) if rows else None

    async def counts(self) -> Mapping[str, int]:
        """How many are `active`, `suspended`, and have a delivery `pending`; `oldest_us` when the oldest was made."""
        states: Any = sa.select(subscription.c.state, sa.func.count().label("n")).group_by(subscription.c.state)
        waiting: Any = sa.select(sa.func.count(delivery.c.id).label("n"), sa.func.min(delivery.c.made_us).label("us"))
        by_state = {row["state"]: int(row["n"]) for row in await self.workbench.rows(states)}
        pending = (await self.workbench.rows(waiting))[0]
        told = {"active": by_state.get("active", 0), "suspended": by_state.get("suspended", 0)}
        return {**told, "pending": int(pending["n"]), "oldest_us": int(pending["us"] or 0)}

    async def changes(self) -> int:
        """Grows with every change that a caller makes."""
        rows = await self.workbench.rows(sa.select(sender.c.term).where(sender.c.name == CHANGES))
        return int(rows[0]["term"]) if rows else 0

    async def standing(self, names: Collection[str]) -> dict[str, int]:
        """When each of these queries was made; those that are gone are absent."""
        chosen = sa.select(named.c.name, named.c.made_us).where(named.c.name.in_(list(names)[:_MOST_IDS]))
        return {row["name"]: row["made_us"] for row in await self.workbench.rows(chosen)}

    async def active(self) -> list[Subscription]:
        """All that deliver."""
        rows = await self.workbench.rows(sa.select(subscription).where(subscription.c.state == "active"))
        return [subscription_of(row) for row in rows]

    async def begin_delivery(self, lease: Lease, subscription_id: str, made: Delivery, now_us: int) -> bool:
        """Store a delivery before it is sent, in the place of one that was too large; False if its subscription is
        gone or suspended. Errors: `LeaseLost`."""
        async with self.workbench.change() as change:
            await check_lease(change, lease)
            fresh = subscription.update().where(*_going(subscription_id)).values(failures=0, failing_us=None)
            if not (await change.execute(fresh.values(next_try_us=0))).rowcount:
                return False
            await change.execute(delivery.delete().where(delivery.c.subscription == subscription_id))
            values = {"id": made.id, "body": made.body, "events": made.events, "then": place_text(made.then)}
            await change.execute(delivery.insert().values(subscription=subscription_id, made_us=now_us, **values))
        return True

    async def settle(
        self, lease: Lease, subscription_id: str, tried: Attempt, kept: int, *, done: bool, **values: Any
    ) -> None:
        """What came of a try: columns to set, and the delivery gone if `done`. Errors: `LeaseLost`."""
        async with self.workbench.change() as change:
            await check_lease(change, lease)
            changed = subscription.update().where(subscription.c.id == subscription_id).values(**values)
            if values and not (await change.execute(changed)).rowcount:
                return
            if done:
                await change.execute(delivery.delete().where(delivery.c.subscription == subscription_id))
            await _note(change, subscription_id, tried, kept)

    async def move(self, lease: Lease, subscription_id: str, **values: Any) -> bool:
        """Set columns of an active one with no delivery under way; False if it is gone. Errors: `LeaseLost`."""
        async with self.workbench.change() as change:
            await check_lease(change, lease)
            changed = subscription.update().where(*_going(subscription_id)).values(**values)
            return bool((await change.execute(changed)).rowcount)

    async def pass_over(self, lease: Lease, ids: Sequence[str], us: int) -> None:
        """Streams to which nothing that was recorded before `us` is still to be sent. Errors: `LeaseLost`."""
        waiting = sa.select(delivery.c.subscription)
        async with self.workbench.change() as change:
            await check_lease(change, lease)
            for start in range(0, len(ids), _MOST_IDS):
                these = subscription.c.id.in_(ids[start : start + _MOST_IDS])
                idle = subscription.update().where(these, subscription.c.id.not_in(waiting))
                await change.execute(idle.values(place=place_text(before(us))))


def _going(subscription_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return subscription.c.id == subscription_id, subscription.c.state == "active"


async def _changed(change: AsyncConnection) -> None:
    await change.execute(sender.update().where(sender.c.name == CHANGES).values(term=sender.c.term + 1))


async def _remove(change: AsyncConnection, ids: Iterable[str]) -> int:
    """Subscriptions with all that belongs to them; how many there were."""
    gone, these = 0, list(ids)
    for start in range(0, len(these), _MOST_IDS):
        some = these[start : start + _MOST_IDS]
        gone += (await change.execute(subscription.delete().where(subscription.c.id.in_(some)))).rowcount
        for table in (delivery, attempt):
            await change.execute(table.delete().where(table.c.subscription.in_(some)))
    return gone


async def _note(change: AsyncConnection, subscription_id: str, tried: Attempt, kept: int) -> None:
    """Add an attempt and let the oldest go."""
    of = attempt.c.subscription == subscription_id
    last = (await change.execute(sa.select(sa.func.max(attempt.c.n)).where(of))).scalar() or 0
    values = {
        "subscription": subscription_id, "n": last + 1, "at_us": tried.at_us, "delivery": tried.delivery,
        "events": tried.events, "status": tried.status, "error": tried.error, "ms": tried.ms, "answer": tried.answer,
    }  # fmt: skip
    await change.execute(attempt.insert().values(**values))
    await change.execute(attempt.delete().where(of, attempt.c.n <= last + 1 - kept))
