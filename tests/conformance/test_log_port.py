"""The contract of `events.port`, asked of every adapter."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from events.port import FACTS, MAX_RECORD, REFUSED, STREAMS, EventLog, NewRecord, Record
from schemas.errors import StemmaError, TooLarge, Unavailable

Open = Callable[[], Awaitable[EventLog]]


@pytest.fixture(params=["sqlite-1", "sqlite-6", pytest.param("kafka-6", marks=pytest.mark.servers)])
def open_log(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same log each time it is called."""
    kind, _, partitions = str(request.param).partition("-")
    if kind == "sqlite":
        from events.sqlite_log import SqliteEventLog

        return lambda: SqliteEventLog.open(tmp_path / "log.sqlite", partitions=int(partitions))
    from events.kafka_log import KafkaEventLog

    address = request.getfixturevalue("kafka_server")
    url = f"kafka://{address}/t-{uuid.uuid4().hex[:12]}?partitions={partitions}"
    return lambda: KafkaEventLog.open(url)


@pytest_asyncio.fixture
async def log(open_log: Open) -> AsyncIterator[EventLog]:
    opened = await open_log()
    yield opened
    await opened.close()


def record(text: str) -> NewRecord:
    return NewRecord(b"envelope of " + text.encode(), text.encode())


async def whole(log: EventLog, partition: int, stream: str = FACTS, step: int = 1000) -> list[Record]:
    """All records of a partition, read in steps."""
    found: list[Record] = []
    while more := await log.read(stream, partition, found[-1].offset if found else -1, step):
        found += more
    return found


async def everything(log: EventLog) -> list[Record]:
    return [r for p in range(log.partitions(FACTS)) for r in await whole(log, p)]


async def test_an_empty_log_has_no_records_and_ends_before_its_start(log: EventLog) -> None:
    for stream in STREAMS:
        assert await log.ends(stream) == (-1,) * log.partitions(stream)
        assert await log.read(stream, 0, -1, 10) == []
    assert log.partitions(REFUSED) == 1


async def test_records_come_back_byte_for_byte_in_the_order_given(log: EventLog) -> None:
    blob = bytes(range(256))
    given = [NewRecord(blob + bytes([n]), blob[::-1] + bytes([n])) for n in range(50)]
    placed = await log.append(FACTS, "line 1", given)
    found = await whole(log, placed.partition)
    assert [(r.envelope, r.raw) for r in found] == [(r.envelope, r.raw) for r in given]
    assert (found[0].offset, found[-1].offset) == (placed.first, placed.last)
    assert [r.offset for r in found] == sorted({r.offset for r in found})
    assert (await log.ends(FACTS))[placed.partition] == placed.last


async def test_one_key_goes_to_one_partition_and_keys_are_spread(log: EventLog) -> None:
    placed = {key: (await log.append(FACTS, key, [record(key)])).partition for key in map(str, range(40))}
    assert {key: (await log.append(FACTS, key, [record(key)])).partition for key in placed} == placed
    assert len(set(placed.values())) == log.partitions(FACTS)


async def test_a_read_begins_strictly_after_its_bound_and_keeps_its_limit(log: EventLog) -> None:
    placed = await log.append(FACTS, "k", [record(str(n)) for n in range(30)])
    all_of_it = await whole(log, placed.partition)
    for after in (all_of_it[0].offset, all_of_it[12].offset, all_of_it[28].offset):
        found = await log.read(FACTS, placed.partition, after, 5)
        assert list(found) == [r for r in all_of_it if r.offset > after][:5]
    assert await log.read(FACTS, placed.partition, all_of_it[-1].offset, 5) == []
    assert await whole(log, placed.partition, step=7) == all_of_it


async def test_many_writers_at_once_lose_nothing_and_keep_each_ones_order(log: EventLog) -> None:
    async def write(writer: int) -> None:
        for number in range(10):
            await log.append(FACTS, f"w{writer}", [record(f"{writer}/{number}/{part}") for part in range(3)])

    await asyncio.gather(*(write(writer) for writer in range(20)))
    found = [r.raw.decode() for r in await everything(log)]
    assert len(found) == len(set(found)) == 20 * 10 * 3
    for writer in range(20):
        own = [text for text in found if text.startswith(f"{writer}/")]
        assert own == [f"{writer}/{number}/{part}" for number in range(10) for part in range(3)]


async def test_streams_are_apart(log: EventLog) -> None:
    for stream in STREAMS:
        await log.append(stream, "k", [record(stream)])
    for stream in STREAMS:
        found = [r for p in range(log.partitions(stream)) for r in await whole(log, p, stream)]
        assert [r.raw for r in found] == [stream.encode()]


async def test_what_was_appended_is_there_after_opening_again(open_log: Open) -> None:
    first = await open_log()
    placed = await first.append(FACTS, "k", [record("kept")])
    before = await whole(first, placed.partition)
    await first.close()
    again = await open_log()
    assert await whole(again, placed.partition) == before
    await again.append(FACTS, "k", [record("more")])
    assert [r.raw for r in await whole(again, placed.partition)] == [b"kept", b"more"]
    await again.close()


async def test_a_copy_keeps_stamp_and_partition(log: EventLog) -> None:
    partition = log.partitions(FACTS) - 1
    await log.append_copy(FACTS, partition, [Record(0, 999, 1_234_567_890_123_456, b"e", b"r")])
    found = await whole(log, partition)
    assert [(r.partition, r.stamp, r.envelope, r.raw) for r in found] == [
        (partition, 1_234_567_890_123_456, b"e", b"r")
    ]
    assert found[0].offset == 0


async def test_a_stamp_is_the_writers_clock_in_microseconds(log: EventLog) -> None:
    import time

    before = time.time_ns() // 1000
    placed = await log.append(FACTS, "k", [record("x")])
    assert before <= (await whole(log, placed.partition))[0].stamp <= time.time_ns() // 1000


async def test_a_record_above_the_limit_is_refused_and_nothing_is_written(log: EventLog) -> None:
    with pytest.raises(TooLarge):
        await log.append(FACTS, "k", [record("small"), NewRecord(b"", b"x" * (MAX_RECORD + 1))])
    assert await everything(log) == []
    placed = await log.append(FACTS, "k", [NewRecord(b"", b"x" * MAX_RECORD)])
    assert len((await whole(log, placed.partition))[0].raw) == MAX_RECORD


async def test_a_wait_ends_with_an_append_and_else_in_time(log: EventLog) -> None:
    ends = await log.ends(FACTS)
    assert await log.wait(FACTS, ends, 0.05) is False
    waiting = asyncio.create_task(log.wait(FACTS, ends, 20))
    await asyncio.sleep(0.05)
    await log.append(FACTS, "k", [record("x")])
    async with asyncio.timeout(5):
        assert await waiting is True
    assert await log.wait(FACTS, ends, 0) is True


async def test_a_second_reader_sees_what_another_appends(open_log: Open) -> None:
    writer, reader = await open_log(), await open_log()
    waiting = asyncio.create_task(reader.wait(FACTS, await reader.ends(FACTS), 20))
    placed = await writer.append(FACTS, "k", [record("x")])
    assert await waiting is True
    assert [r.raw for r in await whole(reader, placed.partition)] == [b"x"]
    await writer.close()
    await reader.close()


async def test_readers_at_different_places_do_not_disturb_each_other(log: EventLog) -> None:
    placed = await log.append(FACTS, "k", [record(str(n)) for n in range(200)])
    wanted = await whole(log, placed.partition)

    async def follow(step: int) -> list[Record]:
        return await whole(log, placed.partition, step=step)

    for found in await asyncio.gather(*(follow(step) for step in (3, 7, 11, 50, 64, 200, 1000))):
        assert found == wanted


async def test_the_callers_list_may_change_after_the_append(log: EventLog) -> None:
    raw = bytearray(b"as it was")
    records = [NewRecord(b"", bytes(raw))]
    placed = await log.append(FACTS, "k", records)
    raw[:] = b"otherwise"
    records.clear()
    assert (await whole(log, placed.partition))[0].raw == b"as it was"


async def test_a_closed_log_answers_nothing_and_closes_again_in_peace(open_log: Open) -> None:
    log = await open_log()
    waiting = asyncio.create_task(log.wait(FACTS, await log.ends(FACTS), 10))
    await asyncio.sleep(0.02)
    await log.close()
    await log.close()
    for call in (log.append(FACTS, "k", [record("x")]), log.read(FACTS, 0, -1, 1), log.ends(FACTS), waiting):
        with pytest.raises(Unavailable):
            await call


async def test_an_append_of_nothing_is_refused(log: EventLog) -> None:
    with pytest.raises(StemmaError):
        await log.append(FACTS, "k", [])
