"""Hears what the index takes in and wakes the subscriptions that it may concern: nobody asks the database in vain.

What this process applies is held against the standing queries as it comes by; what another process applied is read from
the index. A wake-up is a hint: the query itself then says what is new. Long batches are gone through in slices, so that
calls are answered meanwhile.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

import structlog

from events.reading import Checkpoint
from projections.index.standing import Met, Standing
from projections.port import Batch, Fact
from projections.runner import Runner
from schemas.errors import StemmaError

if TYPE_CHECKING:
    from projections.index.standing import Conditions
    from projections.index.store import EventIndex

INDEX: Final = "index"
POLL_SECONDS: Final = 0.25
"""How soon what another process applied is seen."""
_SLICE: Final = 200
_MOST_HEARD: Final = 20_000
"""Events waiting to be held against the queries; more are read from the index instead."""
_PAGE: Final = 500
_log = structlog.get_logger("stemma.subscriptions")


class Watch:
    """One standing query: what it may concern up to `marked_us` is not asked for yet beyond `seen_us`."""

    def __init__(self, name: str, wake: Callable[[], None]) -> None:
        self.name, self.wake = name, wake
        self.seen_us, self.marked_us = -1, 0


class Listener:
    """`level_us`: every event recorded up to then was held against the queries. `start` and `stop` once each."""

    def __init__(self, index: EventIndex, runner: Runner) -> None:
        self._index, self._runner = index, runner
        self._standing = Standing()
        self._watches: dict[str, Watch] = {}
        self._marked: set[Watch] = set()
        self._heard: deque[Batch] = deque()
        self._waiting = 0
        self._gap = False
        self._next = runner.checkpoint(INDEX)
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.level_us = 0

    async def start(self) -> None:
        self._next = self._runner.checkpoint(INDEX)
        self.level_us = self._next.watermark_us
        self._runner.hear(INDEX, self._hear)
        self._task = asyncio.create_task(self._run(), name="subscriptions listen")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def add(self, name: str, conditions: Conditions, wake: Callable[[], None]) -> Watch:
        """Watch a query from now on; it is woken once at least. What the index has by then was not held against it,
        above the level neither, so it is asked until the level has passed that."""
        watch = Watch(name, wake)
        watch.marked_us = _greatest(self._runner.checkpoint(INDEX))
        self._standing.add(name, conditions)
        self._watches[name] = watch
        self._marked.add(watch)
        self._news.set()
        return watch

    def remove(self, watch: Watch) -> None:
        self._standing.remove(watch.name)
        self._marked.discard(watch)
        if self._watches.get(watch.name) is watch:
            del self._watches[watch.name]

    def due(self, watch: Watch) -> bool:
        """Whether the query is to be asked again, up to `level_us`."""
        return watch.seen_us < watch.marked_us and watch.seen_us < self.level_us

    def asked(self, watch: Watch, up_to_us: int) -> None:
        """The query was asked, and all it gave up to a moment is taken care of."""
        watch.seen_us = max(watch.seen_us, up_to_us)
        if watch.seen_us >= watch.marked_us:
            self._marked.discard(watch)

    def _hear(self, batch: Batch) -> None:
        if batch.before != self._next:
            self._gap = True
        self._next = batch.after
        if self._watches:
            self._heard.append(batch)
            self._waiting += len(batch.facts)
        elif not self._gap and not self._heard:
            self.level_us = batch.after.watermark_us
        if self._waiting > _MOST_HEARD:
            self._gap = True
        self._news.set()

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            try:
                await self._catch_up()
            except StemmaError as fault:
                self._gap = True
                _log.warning("subscriptions wait", reason=fault.detail)
                await asyncio.sleep(POLL_SECONDS)
            except Exception as fault:
                self._gap = True
                _log.error("listening for subscriptions failed", exc_info=fault)
                await asyncio.sleep(POLL_SECONDS)
            self._wake()

    async def _catch_up(self) -> None:
        while self._heard and not self._gap:
            batch = self._heard.popleft()
            self._waiting -= len(batch.facts)
            await self._hold(_met(batch.facts))
            if not self._gap:
                self.level_us = batch.after.watermark_us
        reached = self._runner.checkpoint(INDEX)
        if self._gap or reached != self._next:
            self._heard.clear()
            self._waiting, self._gap, self._next = 0, False, reached
            if self._watches:
                await self._read(_greatest(reached))
            self.level_us = max(self.level_us, reached.watermark_us)

    async def _read(self, greatest: int) -> None:
        """Hold what the index has beyond the level against the queries."""
        page, after = await self._index.met_page((self.level_us, "\U0010ffff", b""), _PAGE, greatest)
        while page:
            await self._hold(page)
            page, after = await self._index.met_page(after, _PAGE, greatest)

    async def _hold(self, events: Iterable[Met]) -> None:
        those = list(events)
        for start in range(0, len(those), _SLICE):
            for name, us in self._standing.met(those[start : start + _SLICE]).items():
                watch = self._watches[name]
                watch.marked_us = max(watch.marked_us, us)
                self._marked.add(watch)
            await asyncio.sleep(0)

    def _wake(self) -> None:
        for watch in [one for one in self._marked if self.due(one)]:
            watch.wake()


def _greatest(reached: Checkpoint) -> int:
    """The last recordTime that was read of any partition."""
    return max((point.last_record_us for point in reached.partitions), default=0)


def _met(facts: Iterable[Fact]) -> Iterable[Met]:
    return (Met(one.facts, one.record_us, one.attributes) for one in facts)
