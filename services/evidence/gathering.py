"""Gathering evidence: the events of a timeline's question, every record of each in the log, and the seals that cover
them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from events.port import FACTS, EventLog, Record
from events.seals import Seal, all_seals
from projections.index.read_events import IndexedEvent
from projections.index.timeline import TimelineQuery
from schemas.errors import BadInput, TooLarge
from schemas.sentences import say

MOST_EVENTS: Final = 10_000
MOST_BYTES: Final = 256 * 1024 * 1024
"""Raw bytes and envelopes of one file."""
_PAGE: Final = 1000
_READ: Final = 200


@dataclass(frozen=True, slots=True)
class Gathered:
    """Events in the order of events; of each eventID every record known then, with what it is in the log."""

    events: list[IndexedEvent]
    records: list[tuple[IndexedEvent, Record]]
    seals: list[Seal]


async def gather(house: Any, query: TimelineQuery) -> Gathered:
    """Errors: `BadInput` for nothing, `TooLarge` for too much, those of the stores."""
    events = await _events(house.index, query)
    ids = [one.facts.event_id for one in events]
    known = await house.index.events(ids, query.known_us)
    indexed = [one for event_id in ids for one in known[event_id]]
    indexed += [loser for loser, _ in await house.index.conflicts(ids, query.known_us, MOST_EVENTS)]
    wanted: dict[tuple[int, int], IndexedEvent] = {one.position: one for one in indexed}
    if house.sealer is not None:
        await house.sealer.seal(least=1)
    records = await _records(house.log, list(wanted))
    places = sorted(wanted)
    seals = [seal async for seal in all_seals(house.log) if _covers(seal, places)]
    return Gathered(events, [(wanted[one.partition, one.offset], one) for one in records], seals)


async def _events(index: Any, query: TimelineQuery) -> list[IndexedEvent]:
    found: list[IndexedEvent] = []
    after = None
    while page := await index.timeline(query, after, _PAGE):
        found += page
        if len(found) > MOST_EVENTS:
            raise TooLarge(
                say(
                    "evidence holds at most {most} events: ask for a shorter window or fewer objects",
                    most=MOST_EVENTS,
                )
            )
        last = page[-1]
        time = last.facts.event_time
        after = (time.us, time.sub, last.record_us, last.facts.event_id)
    if not found:
        raise BadInput("there is nothing to give evidence of: no event meets all that is asked for")
    return found


async def _records(log: EventLog, places: Iterable[tuple[int, int]]) -> list[Record]:
    """The records at these (partition, offset), in this order of theirs. Errors: `TooLarge`."""
    found, size = list[Record](), 0
    by_partition: dict[int, list[int]] = defaultdict(list)
    for partition, offset in places:
        by_partition[partition].append(offset)
    for partition, offsets in sorted(by_partition.items()):
        for record in await _of_partition(log, partition, sorted(offsets)):
            size += len(record.raw) + len(record.envelope)
            if size > MOST_BYTES:
                raise TooLarge(
                    say(
                        "evidence holds at most {most} bytes of records: ask for a shorter window",
                        most=MOST_BYTES,
                    )
                )
            found.append(record)
    return found


async def _of_partition(log: EventLog, partition: int, offsets: Sequence[int]) -> list[Record]:
    found, wanted = list[Record](), set(offsets)
    reached = -1
    for offset in offsets:
        if offset <= reached:
            continue
        read = await log.read(FACTS, partition, offset - 1, _READ)
        found += [record for record in read if record.offset in wanted]
        reached = read[-1].offset if read else offset
    return found


def _covers(seal: Seal, places: Sequence[tuple[int, int]]) -> bool:
    """Whether a seal covers one of these (partition, offset), which are sorted."""
    if seal.stream != FACTS:
        return False
    first = bisect_left(places, (seal.partition, seal.first))
    return first < len(places) and places[first] <= (seal.partition, seal.last)
