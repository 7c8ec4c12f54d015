"""Small logs for the tests of the event index: records of events with few identities, in commits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from events.envelope import Envelope
from events.reading import Checkpoint, Commit, LoggedEvent, PartitionPoint
from projections.facts import Declaration, EventFacts, Link, Mention, Party, Role
from projections.index import tables
from projections.index.store import EventIndex
from projections.port import Batch, Fact
from schemas.times import Instant

FLOUR = "https://id.gs1.org/01/09506000000022/10/F-0312"
ITEM = "https://id.gs1.org/01/09506000000039/21/S-1001"
PLANT = "https://id.gs1.org/414/9506000000015"
CUSTOMER = "https://id.gs1.org/417/9506000000060"
BARE = EventFacts(
    event_id="e1", event_time=Instant(0), type="ObjectEvent", action="OBSERVE", step="storing", disposition=None,
    read_point=PLANT, location=None, process=None, link=Link.NONE,
    mentions=(Mention(FLOUR, Role.QUANTITY, Decimal("12.50"), "KGM"),),
    members=(), sources=(), destinations=(Party("possessing_party", CUSTOMER),), transactions=(("po", "urn:po:1"),),
    resources=("mixer",), operator="li", result=None, declaration=None,
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One record: what it says, who captured it, and when."""

    facts: EventFacts
    record_us: int
    source: str = "plant"
    may_correct: bool = False
    content: str = "a"
    raw: bytes = b"{}"
    context: str | None = None


def told(event_id: str, record_us: int, content: str = "a", **more: Any) -> Told:
    """An event whose facts follow from its identity and content; `facts` are fields of them to change."""
    changed = {"event_time": Instant(1_000_000 * (record_us % 7), content), **more.pop("facts", {})}
    facts = BARE._replace(event_id=event_id, **changed)
    return Told(facts, record_us, content=content, **more)


def declared(event_id: str, record_us: int, corrective: Sequence[str] = (), **more: Any) -> Told:
    """An error declaration of an event."""
    declaration = Declaration(Instant(record_us), "did_not_occur", tuple(corrective))
    return told(event_id, record_us, more.pop("content", "d"), facts={"declaration": declaration}, **more)


def commit_of(records: Sequence[Told], partition: int = 0, offset: int | None = None) -> tuple[Commit, list[Fact]]:
    """A capture of these records; offsets follow from the first recordTime, so that they are the same in any order."""
    first = records[0].record_us * 10 if offset is None else offset
    capture = f"c{partition}-{first}"
    logged, facts = [], []
    for n, one in enumerate(records):
        envelope = _envelope("event", capture, n, one)
        logged.append(LoggedEvent(partition, first + n, n, one.record_us, envelope, one.raw))
        digest = hashlib.sha256(one.content.encode()).digest()
        facts.append(Fact(partition, first + n, one.record_us, digest, one.source, one.may_correct, one.facts))
    closing = replace(_envelope("close", capture, 0, records[0]), body={"count": len(records), "outcomes": []})
    closed = Commit(partition, first + len(records), records[0].record_us, "close", capture, tuple(logged), closing)
    return closed, facts


def note(kind: Any, body: dict[str, Any], record_us: int) -> Commit:
    """A commit of its own: names or own places."""
    envelope = replace(_envelope(kind, f"n{record_us}", 0, told("e", record_us)), body=body)
    return Commit(0, record_us * 10, record_us, kind, f"n{record_us}", (), envelope)


def _envelope(kind: Any, capture: str, index: int, one: Told) -> Envelope:
    return Envelope(
        2, kind, capture, index, one.facts.event_id, "worker", one.source, one.may_correct, None, one.record_us,
        "application/json", one.context, None,
    )  # fmt: skip


async def feed(index: EventIndex, batches: Iterable[Sequence[tuple[Commit, list[Fact]]]]) -> None:
    """Apply batches, each moving the checkpoint on; the watermark follows the latest recordTime."""
    for batch in batches:
        before = await index.checkpoint()
        latest = max((commit.record_us + max(len(commit.events) - 1, 0) for commit, _ in batch), default=0)
        points = [PartitionPoint(point.next + 1, max(point.last_record_us, latest), ()) for point in before.partitions]
        facts = [fact for _, some in batch for fact in some]
        commits = [commit for commit, _ in batch]
        await index.apply(Batch(commits, facts, (), before, Checkpoint(tuple(points))))


async def contents(index: EventIndex) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that the log fills."""
    found = {}
    async with index._database.reading() as connection:
        for table in tables.FACT_TABLES:
            rows = await connection.execute(select(table))
            found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found
