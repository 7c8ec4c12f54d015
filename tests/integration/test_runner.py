"""The runner over a real log and the embedded stores: partitions, restarts, rivals, poison, stores that fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from events.envelope import CURRENT, Envelope, encode
from events.port import FACTS, NewRecord
from events.position import Position
from events.reading import Checkpoint, LoggedEvent
from events.sqlite_log import SqliteEventLog
from projections.index.store import EventIndex
from projections.port import Batch, Fact
from projections.projecting import project
from projections.runner import Runner
from schemas.errors import Fenced, Unavailable

PARTITIONS = 6
PATIENCE = 60.0
"""Seconds that a busy machine is waited for."""


class Remembering:
    """A projection in memory, which can be told to fail."""

    version = 1

    def __init__(self, name: str = "memory", partitions: int = PARTITIONS) -> None:
        self.name = name
        self.point = Checkpoint.start(partitions)
        self.seen: list[str] = []
        self.poison: list[str] = []
        self.failures: list[Exception] = []

    async def checkpoint(self) -> Checkpoint:
        return self.point

    async def apply(self, batch: Batch) -> None:
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop()
        if batch.before != self.point:
            raise Fenced("moved")
        self.seen += [fact.facts.event_id for fact in batch.facts]
        self.poison += [one.event_id for one in batch.poison]
        self.point = batch.after

    async def close(self) -> None: ...


def event(name: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent", "eventID": f"urn:test:{name}", "action": "OBSERVE", "bizStep": "storing",
        "eventTime": "2026-03-02T08:00:00Z", "eventTimeZoneOffset": "+00:00",
        "epcList": ["https://id.gs1.org/01/09506000134352/21/1"], **more,
    }  # fmt: skip


async def capture(log: SqliteEventLog, source: str, *events: dict[str, Any], close: bool = True) -> Position:
    """Append a capture of these events; returns the position after it."""
    capture_id = f"capture of {events[0]['eventID']}"

    def envelope(kind: Any, index: int, event_id: str | None, body: dict[str, Any] | None) -> bytes:
        return encode(
            Envelope(
                CURRENT, kind, capture_id, index, event_id, "a", source, False, None, 0, "application/json", None, body
            )
        )

    records = [
        NewRecord(envelope("event", n, one["eventID"], None), json.dumps(one).encode()) for n, one in enumerate(events)
    ]
    if close:
        body = {"count": len(events), "mode": "proceed", "outcomes": []}
        records.append(NewRecord(envelope("close", 0, None, body), b""))
    await log.append(FACTS, source, records)
    return Position(tuple(await log.ends(FACTS)))


@pytest_asyncio.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteEventLog]:
    opened = await SqliteEventLog.open(tmp_path / "log.sqlite", partitions=PARTITIONS)
    yield opened
    await opened.close()


async def test_a_reader_who_waited_sees_its_own_write_though_other_partitions_are_idle(
    log: SqliteEventLog, tmp_path: Path
) -> None:
    index = await EventIndex.open(f"sqlite:///{tmp_path / 'index.sqlite'}", partitions=PARTITIONS)
    runner = Runner(log, [index], project)
    await runner.start()
    for number in range(30):
        position = await capture(log, f"source {number}", event(str(number)))
        await runner.wait_for(position, ["index"], PATIENCE)
        assert await index.event(f"urn:test:{number}", await index.watermark_us()), number
    await runner.stop()
    await index.close()


async def test_a_runner_that_starts_again_projects_every_event_once(log: SqliteEventLog) -> None:
    store = Remembering()
    for number in range(12):
        runner = Runner(log, [store], project)
        await runner.start()
        position = await capture(log, f"s{number}", event(f"{number}a"), event(f"{number}b"))
        if number % 3 == 0:
            await runner.wait_for(position, ["memory"], PATIENCE)
        await runner.stop()
    runner = Runner(log, [store], project)
    await runner.start()
    await runner.wait_for(Position(tuple(await log.ends(FACTS))), ["memory"], PATIENCE)
    await runner.stop()
    assert sorted(store.seen) == sorted(f"urn:test:{n}{part}" for n in range(12) for part in "ab")


async def test_rivals_on_one_store_are_fenced_and_nothing_is_projected_twice(log: SqliteEventLog) -> None:
    store = Remembering()
    runners = [Runner(log, [store], project) for _ in range(2)]
    for runner in runners:
        await runner.start()
    for number in range(40):
        position = await capture(log, f"s{number}", event(str(number)))
    for runner in runners:
        await runner.wait_for(position, ["memory"], PATIENCE)
        await runner.stop()
    assert sorted(store.seen) == sorted(f"urn:test:{n}" for n in range(40))


async def test_a_store_that_fails_is_tried_again_and_holds_up_no_other(log: SqliteEventLog) -> None:
    failing, other = Remembering("failing"), Remembering("other")
    failing.failures = [Unavailable("down")] * 100_000
    runner = Runner(log, [failing, other], project)
    await runner.start()
    position = await capture(log, "s", event("1"))
    await runner.wait_for(position, ["other"], PATIENCE)
    assert not failing.seen
    failing.failures = [Fenced("moved"), RuntimeError("a bug")]
    await runner.wait_for(position, ["failing"], PATIENCE)
    await runner.stop()
    assert failing.seen == other.seen == ["urn:test:1"]


async def test_poison_is_set_aside_and_stops_nothing(log: SqliteEventLog) -> None:
    store = Remembering()
    runner = Runner(log, [store], project)
    await runner.start()
    bad = {**event("bad"), "eventTime": "whenever"}
    position = await capture(log, "s", event("before"), bad, event("after"))
    await runner.wait_for(position, ["memory"], PATIENCE)
    await runner.stop()
    assert store.seen == ["urn:test:before", "urn:test:after"]
    assert store.poison == ["urn:test:bad"]


async def test_an_open_capture_is_not_projected_and_a_wait_for_the_future_ends_in_time(log: SqliteEventLog) -> None:
    store = Remembering()
    runner = Runner(log, [store], project)
    await runner.start()
    position = await capture(log, "s", event("open"), close=False)
    await runner.wait_for(position, ["memory"], PATIENCE)
    assert store.seen == []
    with pytest.raises(Unavailable):
        await runner.wait_for(Position((10**6,) * PARTITIONS), ["memory"], 0.05)
    await runner.stop()


async def test_lag_is_told_in_records_and_seconds(log: SqliteEventLog) -> None:
    store = Remembering()
    runner = Runner(log, [store], project)
    await runner.look()
    await capture(log, "s", event("1"))
    await asyncio.sleep(0.02)
    lag = await runner.lag()
    assert lag.events == 2
    assert 0.02 <= lag.seconds < 5
    await runner.start()
    await runner.wait_for(Position(tuple(await log.ends(FACTS))), ["memory"], PATIENCE)
    assert (await runner.lag()).events == 0
    await runner.stop()


async def test_ticks_end_when_events_end(log: SqliteEventLog) -> None:
    runner = Runner(log, [Remembering()], project)
    await runner.start()
    await runner.wait_for(await capture(log, "s", event("1")), ["memory"], PATIENCE)
    await asyncio.sleep(0.3)
    ends = await log.ends(FACTS)
    await asyncio.sleep(0.3)
    assert await log.ends(FACTS) == ends
    assert sum(ends) + PARTITIONS == 2 + PARTITIONS - 1
    await runner.stop()


async def test_what_is_read_but_not_shown_yet_counts_as_lag(log: SqliteEventLog) -> None:
    runner = Runner(log, [Remembering()], project, ticks=False)
    applied = asyncio.Event()
    runner.hear("memory", lambda _: applied.set())
    await runner.start()
    position = await capture(log, "s", event("1"))
    await asyncio.wait_for(applied.wait(), PATIENCE)
    assert runner.checkpoint("memory").covers(position)
    lag = await runner.lag()
    assert lag.events == 1
    assert lag.seconds > 0
    await runner.stop()


class Slow(Remembering):
    """One that others are far ahead of, if they may be."""

    async def apply(self, batch: Batch) -> None:
        await asyncio.sleep(0.02)
        await super().apply(batch)


async def test_projections_in_step_share_what_was_read_and_projected(log: SqliteEventLog) -> None:
    for number in range(40):
        position = await capture(log, "one source", *(event(f"{number}-{n}") for n in range(500)))
    asked: list[str] = []

    def counted(logged: LoggedEvent) -> Fact:
        asked.append(logged.envelope.event_id or "")
        return project(logged)

    slow, fast = Slow("slow"), Remembering("fast")
    runner = Runner(log, [fast, slow], counted, in_step=True)
    await runner.start()
    await runner.wait_for(position, ["slow", "fast"], PATIENCE)
    await runner.stop()
    assert sorted(asked) == sorted(slow.seen) == sorted(fast.seen)
    assert len(asked) == 20_000
