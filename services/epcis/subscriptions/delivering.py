"""One subscription on its way: gather what is new, store it, send it, and settle what came of it.

A document is stored before it is first sent and stays until the target takes it, so a crash at any instant repeats a
delivery at most and loses none. Each subscription has a task of its own, so a slow target delays nobody.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from projections.index.database import Overtime
from schemas.errors import NotFound, StemmaError
from services.accounts.people import People
from services.clock import Clock
from services.epcis.subscriptions.documents import Documents, place_of
from services.epcis.subscriptions.lease import Lease, LeaseLost, Leases
from services.epcis.subscriptions.listening import Listener, Watch
from services.epcis.subscriptions.owners import why_not
from services.epcis.subscriptions.posting import TOO_LARGE, Answer, Poster
from services.epcis.subscriptions.secrets import Secrets
from services.epcis.subscriptions.shapes import Attempt, Delivery, Place, Subscription, before
from services.epcis.subscriptions.store import SubscriptionStore
from services.epcis.subscriptions.tables import place_text
from services.keys.store import KeyStore
from services.settings import Settings

START_SECONDS: Final = 2.0
"""A delivery starts at most so long after the subscription was seen to stand, so whoever ends it from another process
knows when none can start any more."""
_FIRST_SECONDS: Final = 1.0
_MOST_SECONDS: Final = 3600.0
_PAUSE_SECONDS: Final = 1.0
_log = structlog.get_logger("stemma.subscriptions")


@dataclass(frozen=True, slots=True)
class Tools:
    """What delivering needs; opened and closed by `services.epcis.subscriptions.service`."""

    store: SubscriptionStore
    leases: Leases
    listener: Listener
    documents: Documents
    poster: Poster
    secrets: Secrets
    keys: KeyStore
    people: People
    clock: Clock
    settings: Settings
    passing: asyncio.Lock
    """Held while a place is written, so that one noted for an idle stream never falls behind what was delivered."""

    def tokens_of(self, one: Subscription) -> Sequence[str]:
        """Tokens to sign with, the newest first. Errors: `Unavailable`, `BadInput` of the key file."""
        kept = [one.token, one.old_token if one.old_until_us > self.clock() else None]
        return [self.secrets.decrypted(token) for token in kept if token is not None]

    async def tried(self, one: Subscription, delivery: Delivery) -> Attempt:
        """Send once; what came of it."""
        now = self.clock()
        try:
            answer = await self.poster.post(one.dest, delivery.id, delivery.body, self.tokens_of(one))
        except StemmaError as fault:
            answer = Answer(None, fault.detail, b"", 0)
        return Attempt(now, delivery.id, delivery.events, answer.status, answer.error, answer.ms, answer.body)


class Line:
    """A subscription in the process that delivers. `over` once it does so no more; `lost` is set when the lease is."""

    def __init__(self, tools: Tools, one: Subscription, lease: Lease, lost: asyncio.Event) -> None:
        self.tools, self.one, self.lease = tools, one, lease
        self.watch: Watch | None = None
        self.over = False
        self._lost = lost
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self._behind = False
        self._nudge = asyncio.Event()

    def passes(self, level_us: int) -> bool:
        """Whether it is a stream to which nothing recorded up to then is still to be sent."""
        watch = self.watch
        clean = watch is not None and 0 <= watch.marked_us <= watch.seen_us
        return clean and self._task is None and self.one.place[0] <= level_us

    def wake(self) -> None:
        """See whether there is something to deliver."""
        self._again = True
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"deliver {self.one.id}")

    def nudge(self) -> None:
        """Look at the subscription anew, in the middle of a pause too."""
        self._nudge.set()
        self.wake()

    async def stop(self) -> None:
        """End whatever is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._again:
                self._again = False
                await self._delivered()
        except LeaseLost:
            self._lost.set()
        finally:
            self._task = None

    async def _delivered(self) -> None:
        """Deliver until there is nothing more. Errors: `LeaseLost`."""
        while True:
            try:
                if not await self._step():
                    return
                continue
            except LeaseLost:
                raise
            except (StemmaError, Overtime) as fault:
                _log.warning("a subscription waits", subscription=self.one.id, reason=str(fault))
            except Exception as fault:
                _log.error("a subscription failed", subscription=self.one.id, exc_info=fault)
            await self._sleep(_PAUSE_SECONDS)

    async def _step(self) -> bool:
        """One try, or a pause before it; False when there is nothing to do."""
        self._nudge.clear()
        looked = time.monotonic()
        if not await self._stands():
            self.over = True
            return False
        delivery = await self.tools.store.delivery(self.one.id)
        if delivery is None:
            looked = time.monotonic()
            delivery = await self._stored()
            if delivery is None:
                return False
        wait = self.one.next_try_us - self.tools.clock()
        if wait > 0:
            await self._sleep(wait / 1_000_000)
        elif not self.tools.leases.good(self.lease):
            raise LeaseLost("the lease may have run out")
        elif time.monotonic() - looked < START_SECONDS:
            await self._settle(delivery, await self.tools.tried(self.one, delivery))
        return True

    async def _stands(self) -> bool:
        """Whether it still delivers; one whose subscriber may not see events any more is suspended."""
        try:
            self.one = await self.tools.store.get(self.one.id)
        except NotFound:
            return False
        if self.one.state != "active":
            return False
        reason = await why_not(self.one.owner, self.tools.keys, self.tools.people)
        if reason is not None:
            await self.suspend(reason)
        return reason is None

    async def suspend(self, reason: str) -> None:
        """Deliver no more until someone resumes it. Errors: `LeaseLost`, `Unavailable`."""
        await self.tools.store.move(self.lease, self.one.id, state="suspended", reason=reason)
        self.over = True
        _log.warning("a subscription is suspended", subscription=self.one.id, reason=reason)

    async def _stored(self) -> Delivery | None:
        """The next document, stored; None when there is none to send."""
        up_to = self._up_to()
        if up_to is None:
            return None
        one = self.one
        found = await self.tools.documents.page(one.query, one.place, one.size + 1, up_to)
        if not found and (one.streams or not one.wish.report_if_empty):
            await self._nothing(up_to)
            return None
        body, count = await self.tools.documents.written(found[: one.size], one.query_name, one.wish.format, one.id)
        whole = count == len(found)
        then = _later(one.place, up_to) if whole else place_of(found[count - 1])
        delivery = Delivery(str(uuid.uuid4()), body, count, then)
        if not await self.tools.store.begin_delivery(self.lease, one.id, delivery, self.tools.clock()):
            return None
        self.one = replace(one, failures=0, failing_us=None, next_try_us=0)
        self._behind = not whole
        if whole and self.watch is not None:
            self.tools.listener.asked(self.watch, up_to)
        return delivery

    def _up_to(self) -> int | None:
        """The moment up to which there may be something to send; None for nothing."""
        if not self.one.streams:
            return self.one.until_us
        if self.watch is None or not (self._behind or self.tools.listener.due(self.watch)):
            return None
        return self.tools.listener.level_us

    async def _nothing(self, up_to: int) -> None:
        if self.watch is not None:
            self.tools.listener.asked(self.watch, up_to)
        if not self.one.streams:
            place = place_text(_later(self.one.place, up_to))
            await self.tools.store.move(self.lease, self.one.id, place=place, until_us=None)

    async def _settle(self, delivery: Delivery, tried: Attempt) -> None:
        """Go on after success, halve what was too large, try again later, or give up."""
        values, done = self._came_of(delivery, tried)
        kept = self.tools.settings.webhook_attempts
        async with self.tools.passing:
            await self.tools.store.settle(self.lease, self.one.id, tried, kept, done=done, **values)
        if "reason" in values:
            _log.warning("a subscription is suspended", subscription=self.one.id, reason=values["reason"])

    def _came_of(self, delivery: Delivery, tried: Attempt) -> tuple[dict[str, Any], bool]:
        """What is to be set, and whether the delivery is done with."""
        one, now = self.one, self.tools.clock()
        if tried.taken:
            values = {"place": place_text(delivery.then), "notified_us": now, "failures": 0, "failing_us": None}
            if one.until_us is not None and delivery.then[0] > one.until_us:
                values["until_us"] = None
            return values, True
        if tried.status == TOO_LARGE and delivery.events > 1:
            self._behind = True
            return {"size": delivery.events // 2}, True
        since = one.failing_us or now
        last = since + int(self.tools.settings.webhook_retry_seconds * 1_000_000)
        values = {"failures": one.failures + 1, "failing_us": since}
        if now >= last:
            told = tried.error or f"HTTP {tried.status}"
            hours = self.tools.settings.webhook_retry_seconds / 3600
            return {**values, "state": "suspended", "reason": f"no success for {hours:g} h, at last: {told}"}, False
        return {**values, "next_try_us": min(now + backoff_us(one.failures), last)}, False

    async def _sleep(self, seconds: float) -> None:
        """A pause that `nudge` ends."""
        try:
            async with asyncio.timeout(seconds):
                await self._nudge.wait()
        except TimeoutError:
            return


def backoff_us(failures: int) -> int:
    """Microseconds until the next try after so many failures before: from a second doubling to an hour, up to a tenth
    more, so that those which failed together do not all come together."""
    seconds = min(_FIRST_SECONDS * 2.0 ** min(failures, 30), _MOST_SECONDS)
    return int(seconds * (1 + random.random() / 10) * 1_000_000)


def _later(place: Place, up_to: int) -> Place:
    """The place once all up to a moment was sent; a place beyond it stays."""
    return max(place, before(up_to + 1))
