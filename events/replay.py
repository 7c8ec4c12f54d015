"""Copy a log into another one, of any back end: every stream, every record, in order, with its stamp.

Stamps and order are all that recordTimes are derived from, so they are equal in the copy. Both logs must have the same
number of partitions. A copy that broke off is carried on: what the target has already must be the beginning of the
source.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from events.port import FACTS, SEALS, STREAMS, EventLog
from events.reading import PartitionPoint, PartitionReader
from schemas.errors import BadInput, Conflict

RECORDS: Final = 1000
Progress = Callable[[str, int], None]
"""Told the stream and how many more records of it were copied."""


async def copy_log(
    source: EventLog, target: EventLog, progress: Progress = lambda stream, count: None, *, until_us: int | None = None
) -> int:
    """Copy what `target` does not have yet; returns how many records. `until_us` leaves out what was recorded later.

    Seals are left out of a cut copy, whose end they would not fit. Errors: `BadInput` for another number of
    partitions, `Conflict` when the target holds something else, and those of both logs.
    """
    if source.partitions(FACTS) != target.partitions(FACTS):
        fix = f"make the target with {source.partitions(FACTS)} partitions, as the source has"
        raise BadInput.field("partitions", target.partitions(FACTS), fix)
    copied = 0
    for stream in STREAMS:
        if until_us is not None and stream == SEALS:
            continue
        for partition in range(source.partitions(stream)):
            last = await _last(source, stream, partition, until_us)
            copied += await _copy(source, target, stream, partition, last, progress)
    return copied


async def _last(source: EventLog, stream: str, partition: int, until_us: int | None) -> int:
    """The offset up to which to copy: of the last commit, or other record, of that time."""
    end = (await source.ends(stream))[partition]
    if until_us is None:
        return end
    reader = PartitionReader(partition, PartitionPoint(0, 0))
    after, last = -1, -1
    while records := [r for r in await source.read(stream, partition, after, RECORDS) if r.offset <= end]:
        after = records[-1].offset
        if stream == FACTS:
            found = [(c.offset, c.events[-1].record_us if c.events else c.record_us) for c in reader.feed(records)]
        else:
            found = [(record.offset, record.stamp) for record in records]
        for offset, record_us in found:
            if record_us > until_us:
                return last
            last = offset
    return last


async def _copy(source: EventLog, target: EventLog, stream: str, partition: int, last: int, progress: Progress) -> int:
    after = await _agreed(source, target, stream, partition)
    copied = 0
    while records := [r for r in await source.read(stream, partition, after, RECORDS) if r.offset <= last]:
        await target.append_copy(stream, partition, records)
        after = records[-1].offset
        copied += len(records)
        progress(stream, len(records))
    return copied


async def _agreed(source: EventLog, target: EventLog, stream: str, partition: int) -> int:
    """The offset up to which the target has been copied before. Errors: `Conflict`."""
    end = (await target.ends(stream))[partition]
    if end < 0:
        return -1
    ours = list(await source.read(stream, partition, end - 1, 1))
    theirs = list(await target.read(stream, partition, end - 1, 1))
    if not ours or ours != theirs:
        raise Conflict(f"the target holds other records than the source ({stream}, up to {end}): take an empty log")
    return end
