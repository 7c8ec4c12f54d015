"""Follows the log and feeds each projection, one task each: whole commits, facts and checkpoint in one transaction.

A projection's task reads from the checkpoint that the projection itself keeps, so it resumes exactly and rivals in
other processes are fenced (architecture rule 3): after `Fenced` it reads the checkpoint again and goes on from there.
A store that does not answer is tried again with growing pauses; poison is handed over with the batch and stops
nothing. Where partitions differ, the runner appends ticks, so that an idle one does not hold the watermark back
(architecture rule 5).
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog

from events.envelope import CURRENT, Envelope, decode, encode
from events.port import FACTS, EventLog, Record
from events.position import Position
from events.reading import Checkpoint, Commit, LoggedEvent, PartitionReader
from projections.beside import Beside
from projections.port import Batch, Projection
from projections.projecting import Project
from projections.projector import INLINE, Projector
from schemas.errors import Fenced, StemmaError, Unavailable

RECORDS: Final = 2000
"""Most records read from one partition for one batch."""
IDLE_SECONDS: Final = 5.0
TICK_SECONDS: Final = 0.05
_KEPT_READS: Final = 8
_AHEAD: Final = 2 * RECORDS
"""Records that one projection may be ahead of another in step: what it read and projected is still at hand."""
_LEAST_PAUSE: Final = 0.05
_MOST_PAUSE: Final = 5.0
_log = structlog.get_logger("stemma.runner")
Hearer = Callable[[Batch], None]
"""Told of a batch; it must neither raise nor take long."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the slowest projection is behind: records not yet read, and the age in seconds of the oldest of them.

    One that was read counts until the watermark has passed it, since no answer shows it before; at least one for each
    partition that holds such."""

    events: int
    seconds: float


class Runner:
    """Runs projections. `start` and `stop` once each; closes nothing that it was given, `beside` neither.

    `in_step` lets none run far ahead of another, so that what one has read and projected serves all; without `ticks`
    the log is only read: both for a rebuild.
    """

    def __init__(
        self,
        log: EventLog,
        projections: Sequence[Projection],
        project: Project,
        beside: Beside | None = None,
        *,
        in_step: bool = False,
        ticks: bool = True,
    ) -> None:
        self._log = log
        projector, reads, ticker = Projector(project, beside), _Reads(log), _Ticker(log) if ticks else None
        self._followers = {p.name: _Follower(log, p, projector, reads, ticker) for p in projections}
        if in_step:
            for follower in self._followers.values():
                follower.beside = [other for other in self._followers.values() if other is not follower]

    async def start(self) -> None:
        """Read every checkpoint and begin to follow. Errors: `Unavailable`."""
        for follower in self._followers.values():
            await follower.start()

    async def look(self) -> None:
        """Read every checkpoint without following: for a look beside a running service. Errors: `Unavailable`."""
        for follower in self._followers.values():
            await follower.resume()

    async def stop(self) -> None:
        """End every task; what was begun is rolled back or done."""
        await asyncio.gather(*(follower.stop() for follower in self._followers.values()))

    def checkpoint(self, name: str) -> Checkpoint:
        """What the projection of this name has reached, as this process knows."""
        return self._followers[name].reached

    def hear(self, name: str, hearer: Hearer) -> None:
        """Call `hearer` with every batch that this process applies to the projection, once it is there. What another
        process applies is not heard: the next batch's `before` then is not the last one's `after`."""
        self._followers[name].hearers.append(hearer)

    async def wait_for(self, position: Position, names: Iterable[str], timeout: float) -> None:  # noqa: ASYNC109
        """Return once each of these projections has reached the position. Errors: `Unavailable` after `timeout`
        seconds."""
        try:
            async with asyncio.timeout(timeout):
                for name in names:
                    await self._followers[name].reaches(position)
        except TimeoutError:
            raise Unavailable("the projections have not reached this position yet: try again") from None

    async def lag(self) -> Lag:
        """How far behind the log's end the slowest projection is. Errors: `Unavailable`."""
        ends = await self._log.ends(FACTS)
        lags = [await self._lag_of(follower.reached, ends) for follower in self._followers.values()]
        return Lag(max(lag.events for lag in lags), max(lag.seconds for lag in lags))

    async def _lag_of(self, reached: Checkpoint, ends: Sequence[int]) -> Lag:
        behind, oldest = 0, 0.0
        for partition, (point, end) in enumerate(zip(reached.partitions, ends, strict=True)):
            if point.last_record_us > reached.watermark_us:
                behind += 1
                oldest = max(oldest, time.time() - point.last_record_us / 1_000_000)
            if end < point.next:
                continue
            behind += end - point.next + 1
            for record in await self._log.read(FACTS, partition, point.next - 1, 1):
                oldest = max(oldest, time.time() - record.stamp / 1_000_000)
        return Lag(behind, max(oldest, 0.0))


class _Reads:
    """What followers read one after the other is read, and its envelopes decoded, once."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._one = asyncio.Lock()
        self._kept: OrderedDict[tuple[int, int], tuple[Sequence[Record], list[Envelope]]] = OrderedDict()

    async def read(self, partition: int, after: int) -> tuple[Sequence[Record], list[Envelope]]:
        """Records of the facts with an offset above `after`, at most `RECORDS`, and their envelopes.

        Errors: those of the log, and `Damaged` for an unreadable envelope.
        """
        async with self._one:
            found = self._kept.get((partition, after))
            if found is None:
                records = await self._log.read(FACTS, partition, after, RECORDS)
                found = records, [decode(record.envelope) for record in records]
                if records:
                    self._kept[partition, after] = found
                    if len(self._kept) > _KEPT_READS:
                        self._kept.popitem(last=False)
            return found


class _Ticker:
    """Lifts idle partitions, so that the watermark passes what the others hold. All followers share it: whichever has
    read to the end ticks, since another may be failing."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._one = asyncio.Lock()
        self._ticked = float("-inf")

    async def tick(self, reached: Checkpoint) -> bool:
        """Lift partitions read to their end to the greatest recordTime read, every `TICK_SECONDS` at most; True if too
        soon."""
        points = reached.partitions
        greatest = max(point.last_record_us for point in points)
        if all(point.last_record_us == greatest for point in points):
            return False
        async with self._one:
            ends = await self._log.ends(FACTS)
            idle = [n for n, p in enumerate(points) if p.last_record_us < greatest and p.next > ends[n]]
            if not idle:
                return False
            if time.monotonic() - self._ticked < TICK_SECONDS:
                return True
            self._ticked = time.monotonic()
            for number in idle:
                await self._log.append_copy(FACTS, number, [_tick(number, greatest)])
        return False


class _Follower:
    """The task of one projection."""

    def __init__(
        self, log: EventLog, projection: Projection, projector: Projector, reads: _Reads, ticker: _Ticker | None
    ) -> None:
        self.reached = Checkpoint.start(log.partitions(FACTS))
        self._projector = projector
        self._reads = reads
        self._ticker = ticker
        self._log = log
        self._projection = projection
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.beside: list[_Follower] = []
        self.hearers: list[Hearer] = []

    async def start(self) -> None:
        await self.resume()
        self._task = asyncio.create_task(self._run(), name=f"runner:{self._projection.name}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def reaches(self, position: Position) -> None:
        """Return once the position is read and, by way of ticks, the watermark has passed all that it holds."""
        while not self.reached.covers(position):
            await self._moved.wait()
        greatest = max(point.last_record_us for point in self.reached.partitions)
        while self.reached.watermark_us < greatest:
            await self._moved.wait()

    async def _run(self) -> None:
        pause = _LEAST_PAUSE
        while True:
            try:
                await self._follow()
            except Fenced:
                await self._retry("fenced", _LEAST_PAUSE)
                pause = _LEAST_PAUSE
            except StemmaError as fault:
                await self._retry(fault.detail, pause)
                pause = min(pause * 2, _MOST_PAUSE)
            except Exception as fault:
                _log.error("projection failed", projection=self._projection.name, exc_info=fault)
                await self._retry(type(fault).__name__, pause)
                pause = min(pause * 2, _MOST_PAUSE)

    async def _retry(self, reason: str, pause: float) -> None:
        _log.warning("projection pauses", projection=self._projection.name, reason=reason, seconds=pause)
        await asyncio.sleep(pause)
        with suppress(StemmaError):
            await self.resume()

    async def resume(self) -> None:
        self._reach(await self._projection.checkpoint())

    def _reach(self, point: Checkpoint) -> None:
        self.reached = point
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _follow(self) -> None:
        """Apply batch after batch, from where the projection stands."""
        points = self.reached.partitions
        readers = [PartitionReader(number, point) for number, point in enumerate(points)]
        read = [point.start - 1 for point in points]
        while True:
            commits: list[Commit] = []
            any_read = False
            for number, reader in enumerate(readers):
                records, envelopes = await self._reads.read(number, read[number])
                if records:
                    any_read = True
                    read[number] = records[-1].offset
                    commits += reader.feed(records, envelopes)
            after = Checkpoint(tuple(reader.point for reader in readers))
            if after != self.reached:
                for other in self.beside:
                    await self._wait_for(other)
                await self._apply(commits, after)
            due = self._ticker is not None and await self._ticker.tick(self.reached)
            if not any_read:
                await self._log.wait(FACTS, read, TICK_SECONDS if due else IDLE_SECONDS)

    async def _wait_for(self, other: _Follower) -> None:
        """Let one that is far behind, and moves, come nearer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):
                while self._read - other._read > _AHEAD:
                    await other._moved.wait()

    @property
    def _read(self) -> int:
        return sum(point.next for point in self.reached.partitions)

    async def _apply(self, commits: list[Commit], after: Checkpoint) -> None:
        events: list[LoggedEvent] = [event for commit in commits for event in commit.events]
        # Few are projected at once; many in a thread or beside it, so that calls are answered meanwhile.
        if len(events) <= INLINE and not self._projector.busy:
            facts, poison = self._projector.each(events)
        else:
            facts, poison = await asyncio.to_thread(self._projector.each, events)
        for one in poison:
            _log.error("event set aside", projection=self._projection.name, event_id=one.event_id, reason=one.reason)
        batch = Batch(commits, facts, poison, self.reached, after)
        await self._projection.apply(batch)
        self._reach(after)
        for hearer in self.hearers:
            hearer(batch)


def _tick(partition: int, stamp: int) -> Record:
    envelope = Envelope(CURRENT, "tick", "", 0, None, "system", "system", False, None, stamp, "", None, None)
    return Record(partition, 0, stamp, encode(envelope), b"")
