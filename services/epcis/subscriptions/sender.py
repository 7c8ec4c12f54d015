"""The process that delivers: takes the lease, follows which subscriptions there are, and starts what is due.

Any process may wait for the lease; the one that has it has a `Line` for each active subscription, of which those with
nothing to send cost nothing but their place among the standing queries.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Iterable
from typing import Final

import structlog

from schemas.errors import NotFound, StemmaError, Unavailable
from services.epcis.subscriptions.delivering import Line, Tools
from services.epcis.subscriptions.documents import telling
from services.epcis.subscriptions.lease import SECONDS, Lease, LeaseLost
from services.epcis.subscriptions.owners import why_not
from services.epcis.subscriptions.shapes import Owner, Subscription

_TURN_SECONDS: Final = 1.0
_RENEW_SECONDS: Final = SECONDS / 4
_OWNERS_SECONDS: Final = 2.0
_PASS_SECONDS: Final = 30.0
_log = structlog.get_logger("stemma.subscriptions")


class Sender:
    """`start` and `stop` once each."""

    def __init__(self, tools: Tools, *, alone: bool) -> None:
        self._tools, self._alone = tools, alone
        self._lines: dict[str, Line] = {}
        self._runs: list[tuple[int, str]] = []
        self._next_run: dict[str, int] = {}
        self._touched: set[str] = set()
        self._news, self._lost = asyncio.Event(), asyncio.Event()
        self._lease: Lease | None = None
        self._changes = -1
        self._read_at = float("-inf")
        self._passed_us = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="subscriptions send")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def look(self, subscription_id: str) -> None:
        """A caller of this process changed this one."""
        self._touched.add(subscription_id)
        self._news.set()

    async def forget(self, ids: Iterable[str]) -> None:
        """Subscriptions that are gone: when this returns nothing of them is under way in this process."""
        lines = [line for one in ids if (line := self._lines.get(one)) is not None]
        for line in lines:
            await self._drop(line)

    async def _run(self) -> None:
        while True:
            try:
                lease = await self._tools.leases.take()
                if lease is not None:
                    await self._lead(lease)
            except LeaseLost:
                _log.warning("another process delivers the subscriptions now")
            except StemmaError as fault:
                _log.warning("subscriptions wait", reason=fault.detail)
            except Exception as fault:
                _log.error("delivering subscriptions failed", exc_info=fault)
            await asyncio.sleep(_TURN_SECONDS)

    async def _lead(self, lease: Lease) -> None:
        """Deliver while the lease holds. Errors: `LeaseLost`, `Unavailable`."""
        self._lease, self._changes, self._lost = lease, -1, asyncio.Event()
        self._read_at = float("-inf")
        renewed = owners = passed = time.monotonic()
        try:
            while True:
                now = time.monotonic()
                if now - renewed > _RENEW_SECONDS:
                    renewed = now
                    await self._renew()
                await self._follow()
                await self._start_runs()
                if now - owners > _OWNERS_SECONDS:
                    owners = now
                    await self._check_owners()
                if now - passed > _PASS_SECONDS:
                    passed = now
                    await self._pass_over()
                await self._pause()
                if self._lost.is_set() or not self._tools.leases.good(self._lease):
                    raise LeaseLost("another process delivers now")
        finally:
            await self._end()

    async def _renew(self) -> None:
        assert self._lease is not None
        try:
            self._lease = await self._tools.leases.renew(self._lease)
        except Unavailable as fault:
            _log.warning("the lease is not renewed", reason=fault.detail)
        for line in self._lines.values():
            line.lease = self._lease

    async def _pause(self) -> None:
        """Until something changed, a run is due, or a second."""
        seconds = _TURN_SECONDS
        if self._runs:
            seconds = min(seconds, max(self._runs[0][0] - self._tools.clock(), 0) / 1_000_000)
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def _follow(self) -> None:
        """Have a line for each active subscription, and no other: what this process changed at once, all at the start
        and, where other processes may change something, within a second of it."""
        for over in [line for line in self._lines.values() if line.over]:
            await self._drop(over)
        touched, self._touched = self._touched, set()
        for one in touched:
            await self._take(one)
        now = time.monotonic()
        if (self._alone and self._changes >= 0) or now - self._read_at < _TURN_SECONDS:
            return
        self._read_at = now
        changes = await self._tools.store.changes()
        if changes == self._changes:
            return
        active = {one.id: one for one in await self._tools.store.active()}
        self._changes = changes
        for gone in [line for line in self._lines.values() if line.one.id not in active]:
            await self._drop(gone)
        for found in active.values():
            await self._have(found)

    async def _take(self, subscription_id: str) -> None:
        """Look at one subscription."""
        try:
            one = await self._tools.store.get(subscription_id)
        except NotFound:
            one = None
        line = self._lines.get(subscription_id)
        if one is not None and one.state == "active":
            await self._have(one)
        elif line is not None:
            await self._drop(line)

    async def _have(self, one: Subscription) -> None:
        """Have a line for an active subscription, which looks again if something about it is other than it knows."""
        line = self._lines.get(one.id)
        if line is None:
            await self._add(one)
        elif one != line.one:
            line.nudge()
        if one.next_run_us is not None:
            self._plan(one.id, one.next_run_us)

    def _plan(self, subscription_id: str, us: int) -> None:
        if self._next_run.get(subscription_id) != us:
            self._next_run[subscription_id] = us
            heapq.heappush(self._runs, (us, subscription_id))

    async def _add(self, one: Subscription) -> None:
        assert self._lease is not None
        line = Line(self._tools, one, self._lease, self._lost)
        if one.streams:
            conditions = await telling(self._tools.documents.index, one.query, self._tools.settings.base)
            line.watch = self._tools.listener.add(one.id, conditions, line.wake)
        self._lines[one.id] = line
        line.wake()

    async def _drop(self, line: Line) -> None:
        self._lines.pop(line.one.id, None)
        self._next_run.pop(line.one.id, None)
        if line.watch is not None:
            self._tools.listener.remove(line.watch)
        await line.stop()

    async def _start_runs(self) -> None:
        """Begin what schedules say; what was missed while nobody was there is one run."""
        now = self._tools.clock()
        while self._runs and self._runs[0][0] <= now:
            us, subscription_id = heapq.heappop(self._runs)
            line = self._lines.get(subscription_id)
            if self._next_run.get(subscription_id) != us or line is None or line.one.wish.schedule is None:
                continue
            after = line.one.wish.schedule.after(now)
            await self._begin_run(line, after)
            if after is not None:
                self._plan(subscription_id, after)

    async def _begin_run(self, line: Line, after: int | None) -> None:
        """A run up to what is visible now; one that is still under way goes on, and stands for this one too."""
        assert self._lease is not None
        try:
            fresh = await self._tools.store.get(line.one.id)
        except NotFound:
            return
        until = fresh.until_us if fresh.until_us is not None else self._tools.listener.level_us
        await self._tools.store.move(self._lease, line.one.id, next_run_us=after, until_us=until)
        line.wake()

    async def _check_owners(self) -> None:
        """Suspend what its subscriber may not see any more, though nothing is to be sent."""
        verdicts: dict[Owner, str | None] = {}
        for line in list(self._lines.values()):
            owner = line.one.owner
            if owner not in verdicts:
                verdicts[owner] = await why_not(owner, self._tools.keys, self._tools.people)
            reason = verdicts[owner]
            if reason is not None:
                await line.suspend(reason)

    async def _pass_over(self) -> None:
        """Note how far the streams have come to which nothing was sent, so that a restart begins there."""
        async with self._tools.passing:
            level = self._tools.listener.level_us
            idle = [line.one.id for line in self._lines.values() if line.passes(level)]
            if idle and self._lease is not None and level != self._passed_us:
                await self._tools.store.pass_over(self._lease, idle, level + 1)
            self._passed_us = level

    async def _end(self) -> None:
        """Leave nothing under way, and let another process deliver."""
        lease = self._lease
        try:
            if lease is not None and self._tools.leases.good(lease):
                await self._pass_over()
        except StemmaError as fault:
            _log.warning("how far idle streams came is not noted", reason=fault.detail)
        self._lease = None
        for line in list(self._lines.values()):
            await self._drop(line)
        try:
            if lease is not None:
                await self._tools.leases.release(lease)
        except StemmaError as fault:
            _log.warning("the lease is not given back", reason=fault.detail)
