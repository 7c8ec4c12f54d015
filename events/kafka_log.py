"""The log in Kafka: one message a record, `acks=all`, idempotent, kept for ever, read by `assign()`.

The value is the raw bytes; the envelope and the writer's stamp are headers. Positions are offsets that projections
keep in their own stores; there are no consumer groups. Readers at different places share a few consumers for each
partition. A send whose outcome is unknown is told as such, and after an error of its own the producer is replaced
(a late write of the old one is harmless: events are known by their identity).
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError, RequestTimedOutError

from events.kafka_errors import of_writing, reading
from events.kafka_topics import LARGEST, KafkaUrl, make_topics
from events.port import FACTS, MAX_RECORD, Appended, NewRecord, Record
from schemas.errors import BadInput, Damaged, OutcomeUnknown, TooLarge, Unavailable
from schemas.sentences import say

BATCH: Final = 262_144
"""Bytes of one produce batch: with the default of 16 KiB many waiting senders slow each other down."""
REQUEST_SECONDS: Final = 10.0
APPEND_SECONDS: Final = 12.0
CONSUMERS: Final = 4
"""Consumers for each partition: readers at different places do not tear one consumer to and fro."""
POLL_SECONDS: Final = 0.05
_ENVELOPE: Final = "e"
_STAMP: Final = "s"
_log = structlog.get_logger("stemma.kafka")


class KafkaEventLog:
    """`events.port.EventLog` on Kafka. Open with `KafkaEventLog.open`, close with `close`."""

    def __init__(self, url: KafkaUrl, partitions: int) -> None:
        self._url = url
        self._partitions = partitions
        self._producer: AIOKafkaProducer | None = None
        self._renewing = asyncio.Lock()
        self._meta: AIOKafkaConsumer | None = None
        self._tails: dict[tuple[str, int], _Tail] = {}
        self._appended = asyncio.Event()
        self._looking: dict[str, asyncio.Task[tuple[int, ...]]] = {}
        self._closed = False

    @classmethod
    async def open(cls, url: str, *, partitions: int | None = None) -> KafkaEventLog:
        """Open the topics, making missing ones. Errors: `BadInput` for wrong settings, `Unavailable`."""
        parsed = KafkaUrl.parse(url, partitions)
        log = cls(parsed, await make_topics(parsed))
        try:
            with reading():
                log._meta = AIOKafkaConsumer(**parsed.connection(), request_timeout_ms=int(REQUEST_SECONDS * 1000))
                await log._meta.start()
                log._producer = await log._new_producer()
        except BaseException:
            await log.close()
            raise
        return log

    def partitions(self, stream: str) -> int:
        return self._partitions if stream == FACTS else 1

    async def append(self, stream: str, key: str, records: Sequence[NewRecord]) -> Appended:
        partition = zlib.crc32(key.encode()) % self.partitions(stream)
        now = time.time_ns() // 1000
        return await self._append(stream, partition, [(now, r.envelope, r.raw) for r in records])

    async def append_copy(self, stream: str, partition: int, records: Sequence[Record]) -> Appended:
        return await self._append(stream, partition, [(r.stamp, r.envelope, r.raw) for r in records])

    async def _append(self, stream: str, partition: int, rows: Sequence[tuple[int, bytes, bytes]]) -> Appended:
        if not rows:
            raise BadInput("an append needs at least one record")
        if any(len(raw) > MAX_RECORD or len(raw) + len(envelope) > LARGEST - 1024 for _, envelope, raw in rows):
            raise TooLarge(say("a record is above {most} bytes", most=MAX_RECORD))
        producer = self._open_producer()
        sent: list[asyncio.Future[Any]] = []
        try:
            for stamp, envelope, raw in rows:
                headers = [(_ENVELOPE, envelope), (_STAMP, stamp.to_bytes(8, "big", signed=True))]
                sent.append(
                    await producer.send(
                        self._url.topic_of(stream), value=raw, partition=partition, headers=headers,
                        timestamp_ms=max(stamp // 1000, 0),
                    )
                )  # fmt: skip
            # The producer itself would try for ever; the caller is told in time, and a late write does no harm.
            await asyncio.wait(sent, timeout=APPEND_SECONDS)
            if not all(one.done() for one in sent):
                raise KafkaTimeoutError
            placed = [one.result() for one in sent]
        except (KafkaError, OSError, TimeoutError) as fault:
            for one in sent:
                one.add_done_callback(_look_at)
            error = of_writing(fault) if sent or not isinstance(fault, KafkaTimeoutError) else _not_sent(fault)
            if not isinstance(fault, KafkaTimeoutError | RequestTimedOutError):
                await self._renew(producer)
            if isinstance(error, Unavailable) and len(sent) > 1:
                error = OutcomeUnknown(error.detail)
            raise error from fault
        self._tell()
        return Appended(partition, placed[0].offset, placed[-1].offset)

    async def read(self, stream: str, partition: int, after: int, limit: int) -> Sequence[Record]:
        if self._closed:
            raise Unavailable("the log is closed")
        tail = self._tails.get((stream, partition))
        if tail is None:
            tail = self._tails[stream, partition] = _Tail(self._url, self._url.topic_of(stream), partition)
        with reading():
            if (found := await tail.ready(after, limit)) or (await self.ends(stream))[partition] <= after:
                return found
            return await tail.fetched(after, limit)

    async def ends(self, stream: str) -> tuple[int, ...]:
        if self._closed or self._meta is None:
            raise Unavailable("the log is closed")
        places = [TopicPartition(self._url.topic_of(stream), p) for p in range(self.partitions(stream))]
        with reading():
            found = await self._meta.end_offsets(places)
        return tuple(found[place] - 1 for place in places)

    async def wait(self, stream: str, after: Sequence[int], timeout: float) -> bool:  # noqa: ASYNC109
        deadline = time.monotonic() + timeout
        while True:
            appended = self._appended
            if any(end > known for end, known in zip(await self._look(stream), after, strict=True)):
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, POLL_SECONDS)):
                    await appended.wait()

    async def close(self) -> None:
        self._closed = True
        self._tell()
        closing: list[Any] = [tail.close() for tail in self._tails.values()]
        closing += [client.stop() for client in (self._producer, self._meta) if client is not None]
        self._producer = None
        for result in await asyncio.gather(*closing, return_exceptions=True):
            if isinstance(result, BaseException):
                _log.warning("a client did not close in order", reason=repr(result))

    async def _look(self, stream: str) -> tuple[int, ...]:
        """The ends, one question in flight shared by all who wait."""
        task = self._looking.get(stream)
        if task is None or task.done():
            task = self._looking[stream] = asyncio.create_task(self.ends(stream))
        return await asyncio.shield(task)

    def _tell(self) -> None:
        told, self._appended = self._appended, asyncio.Event()
        told.set()

    def _open_producer(self) -> AIOKafkaProducer:
        if self._closed or self._producer is None:
            raise Unavailable(
                "the log is closed" if self._closed else "the log's producer is being replaced: try again"
            )
        return self._producer

    async def _new_producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **self._url.connection(), acks="all", enable_idempotence=True, max_batch_size=BATCH,
            max_request_size=LARGEST, request_timeout_ms=int(REQUEST_SECONDS * 1000), retry_backoff_ms=50,
        )  # fmt: skip
        await producer.start()
        return producer

    async def _renew(self, broken: AIOKafkaProducer) -> None:
        """Replace a producer that may be beyond use; the old one is ended without waiting for it."""
        async with self._renewing:
            if self._producer is not broken or self._closed:
                return
            _log.warning("the producer is replaced")
            try:
                self._producer = await self._new_producer()
            except (KafkaError, OSError):
                return
            self._ending = asyncio.create_task(_end(broken))


class _Tail:
    """The consumers of one partition, each with the offset it stands at."""

    def __init__(self, url: KafkaUrl, topic: str, partition: int) -> None:
        self._url = url
        self._place = TopicPartition(topic, partition)
        self._free: list[tuple[int, AIOKafkaConsumer]] = []
        self._count = 0
        self._returned = asyncio.Condition()

    async def ready(self, after: int, limit: int) -> list[Record]:
        """What a consumer standing there has fetched already; empty if none does."""
        for number, (at, consumer) in enumerate(self._free):
            if at == after + 1:
                del self._free[number]
                return await self._take(consumer, at, limit, 0)
        return []

    async def fetched(self, after: int, limit: int) -> list[Record]:
        """Records after an offset below the end. Errors: `Unavailable` when none come in time."""
        deadline = time.monotonic() + REQUEST_SECONDS
        while time.monotonic() < deadline:
            consumer = await self._standing_at(after + 1)
            if found := await self._take(consumer, after + 1, limit, 500):
                return found
        raise Unavailable("the log has records that it does not give: try again")

    async def close(self) -> None:
        for _, consumer in self._free:
            await consumer.stop()

    async def _standing_at(self, at: int) -> AIOKafkaConsumer:
        async with self._returned:
            while not self._free and self._count >= CONSUMERS:
                await self._returned.wait()
            for number, (stands, consumer) in enumerate(self._free):
                if stands == at:
                    del self._free[number]
                    return consumer
            if self._count >= CONSUMERS:
                _, consumer = self._free.pop(0)
                consumer.seek(self._place, at)
                return consumer
            self._count += 1
        return await self._new(at)

    async def _new(self, at: int) -> AIOKafkaConsumer:
        try:
            consumer = AIOKafkaConsumer(
                **self._url.connection(), enable_auto_commit=False, auto_offset_reset="none",
                max_partition_fetch_bytes=8 * LARGEST, request_timeout_ms=int(REQUEST_SECONDS * 1000),
            )  # fmt: skip
            await consumer.start()
            consumer.assign([self._place])
            consumer.seek(self._place, at)
        except BaseException:
            self._count -= 1
            raise
        return consumer

    async def _take(self, consumer: AIOKafkaConsumer, at: int, limit: int, wait_ms: int) -> list[Record]:
        """Up to `limit` records from a consumer, which is then free again, at its new place."""
        next_offset = -1
        try:
            found = await consumer.getmany(self._place, timeout_ms=wait_ms, max_records=limit)
            records = [_record(message) for message in found.get(self._place, ())]
            next_offset = records[-1].offset + 1 if records else at
        finally:
            async with self._returned:
                if next_offset >= 0:
                    self._free.append((next_offset, consumer))
                else:
                    # Where it stands is not known: it is not used again.
                    self._count -= 1
                    self._ending = asyncio.create_task(_end(consumer))
                self._returned.notify()
        return records


def _record(message: Any) -> Record:
    headers = dict(message.headers)
    try:
        stamp = int.from_bytes(headers[_STAMP], "big", signed=True)
        return Record(message.partition, message.offset, stamp, headers[_ENVELOPE], message.value or b"")
    except KeyError:
        raise Damaged(f"the message at {message.topic}/{message.partition}/{message.offset} is no record") from None


def _not_sent(fault: BaseException) -> Unavailable:
    return Unavailable(say("the log takes no records now ({name}): try again", name=type(fault).__name__))


def _look_at(sent: asyncio.Future[Any]) -> None:
    """Take note of an outcome nobody waits for any more."""
    if not sent.cancelled():
        sent.exception()


async def _end(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    with suppress(KafkaError, OSError, TimeoutError):
        async with asyncio.timeout(REQUEST_SECONDS):
            await client.stop()
