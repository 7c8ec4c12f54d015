"""A broker that dies under the log: what callers are told, and that the log goes on when it is back."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable

import pytest

from events.kafka_errors import of_reading, of_writing
from events.kafka_log import KafkaEventLog
from events.port import FACTS, NewRecord
from schemas.errors import BadInput, Damaged, OutcomeUnknown, StemmaError, TooLarge, Unavailable
from tests.e2e.conftest import Server, make_server
from tests.faults.broker import unreliable
from tests.faults.servers import sent
from tests.integration.test_kill_embedded import activity, check, settle
from tests.servers import Servers

__all__ = ["make_server"]
LOTS = 20

aiokafka_errors = pytest.importorskip("aiokafka.errors")


def record(text: str) -> NewRecord:
    return NewRecord(b"{}", text.encode())


@pytest.mark.servers
@pytest.mark.slow
async def test_a_broker_killed_under_load_loses_nothing_that_was_acknowledged(
    servers: Servers, kafka_server: str
) -> None:
    log = await KafkaEventLog.open(f"kafka://{kafka_server}/t-{uuid.uuid4().hex[:12]}")
    acknowledged: list[str] = []
    faults: list[StemmaError] = []
    enough = asyncio.Event()

    async def write(writer: int) -> None:
        for number in range(100_000):
            name = f"{writer}/{number}"
            try:
                await log.append(FACTS, "k", [record(name)])
            except StemmaError as fault:
                faults.append(fault)
                return
            acknowledged.append(name)
            if len(acknowledged) == 200:
                enough.set()

    writers = [asyncio.create_task(write(n)) for n in range(8)]
    await enough.wait()
    await asyncio.to_thread(servers.kill, "kafka")
    try:
        async with asyncio.timeout(60):
            await asyncio.gather(*writers)
    finally:
        await asyncio.to_thread(servers.restart, "kafka")
    assert len(faults) == 8
    assert all(isinstance(fault, Unavailable) and fault.retryable for fault in faults)
    await again(log, "after")
    found: list[str] = []
    after = -1
    while records := await log.read(FACTS, 0, after, 1000):
        after = records[-1].offset
        found += [r.raw.decode() for r in records]
    assert set(acknowledged) <= set(found)
    assert found[-1] == "after"
    await log.close()


@pytest.mark.servers
@pytest.mark.slow
def test_a_broker_that_is_slow_and_answers_wrongly_makes_nothing_twice(
    kafka_server: str, make_server: Callable[..., Server]
) -> None:
    """Through `tests.faults.broker`: answers late or lost, batches that are written and said not to be. What is
    acknowledged is there, what is not is refused as 503 or 504 and taken when it is sent again, all of it once."""
    lots: dict[str, str | None] = {}
    lock = threading.Lock()
    with unreliable(kafka_server, seed=5) as broker:
        server = make_server(STEMMA_LOG_URL=f"kafka://{broker.address}/t-{uuid.uuid4().hex[:12]}")

        def write(writer: int) -> None:
            with server.client(timeout=60) as client:
                for number in range(LOTS):
                    lot = f"{writer}-{number}"
                    _, event = sent(client, activity(lot))
                    with lock:
                        lots[lot] = event

        writers = [threading.Thread(target=write, args=(n,)) for n in range(6)]
        for one in writers:
            one.start()
        for one in writers:
            one.join()
        broker.calm = True
        with server.client(timeout=60) as client:
            settle(client)
            acknowledged = {lot: event for lot, event in lots.items() if event}
            check(client, acknowledged, set(lots))
            for lot, event in lots.items():
                found = sent(client, activity(lot))[1]
                assert found is not None
                assert acknowledged.setdefault(lot, found) == found, event
            settle(client)
            check(client, acknowledged, set(lots))
        assert len(acknowledged) == 6 * LOTS
        assert all(broker.done[fault] for fault in ("slow", "answer lost", "lost before it came", "error")), broker.done
        server.stop()


async def again(log: KafkaEventLog, name: str) -> None:
    """Append, trying again as a caller would."""
    async with asyncio.timeout(60):
        while True:
            try:
                await log.append(FACTS, "k", [record(name)])
            except Unavailable:
                await asyncio.sleep(0.5)
            else:
                return


@pytest.mark.parametrize(
    ("name", "read", "write"),
    [
        ("KafkaTimeoutError", Unavailable, OutcomeUnknown),
        ("RequestTimedOutError", Unavailable, OutcomeUnknown),
        ("KafkaConnectionError", Unavailable, OutcomeUnknown),
        ("NodeNotReadyError", Unavailable, OutcomeUnknown),
        ("NotLeaderForPartitionError", Unavailable, OutcomeUnknown),
        ("OutOfOrderSequenceNumber", Unavailable, OutcomeUnknown),
        ("ProducerFenced", Unavailable, OutcomeUnknown),
        ("NotEnoughReplicasAfterAppendError", Unavailable, OutcomeUnknown),
        ("NotEnoughReplicasError", Unavailable, Unavailable),
        ("MessageSizeTooLargeError", TooLarge, TooLarge),
        ("RecordListTooLargeError", TooLarge, TooLarge),
        ("CorruptRecordException", Damaged, Damaged),
        ("TopicAuthorizationFailedError", BadInput, BadInput),
        ("SaslAuthenticationFailed", BadInput, BadInput),
    ],
)
def test_each_error_of_kafka_has_one_meaning(name: str, read: type[StemmaError], write: type[StemmaError]) -> None:
    fault = getattr(aiokafka_errors, name)()
    assert type(of_reading(fault)) is read
    assert type(of_writing(fault)) is write
