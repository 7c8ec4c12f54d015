"""From records to commits: when a capture's events become visible, and at which recordTime (architecture rule 5).

A capture's `event` records are buffered until its closing record; then they are visible all at once. A capture may
be rolled forward by any process, so its events and its close may come more than once: the first record of each index
counts, a close whose events are not all there repeats an earlier one and is dropped, and a whole repeat gives a second
commit of the same events, which projections know by identity. Nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from events.envelope import Envelope, decode
from events.port import Record
from events.position import Position

_OWN_COMMITS = frozenset({"names", "own", "tick"})


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One visible event of the log. `record_us` is its derived recordTime, microseconds since 1970 UTC."""

    partition: int
    offset: int
    index: int
    record_us: int
    envelope: Envelope
    raw: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """What became visible with one record: `offset` is the closing record's, `record_us` its derived recordTime."""

    partition: int
    offset: int
    record_us: int
    kind: str
    capture: str
    events: tuple[LoggedEvent, ...]
    closing: Envelope


@dataclass(frozen=True, slots=True)
class PartitionPoint:
    """How far a partition was read: the next offset, the last recordTime given, and captures still open."""

    next: int
    last_record_us: int
    open: tuple[tuple[str, int], ...] = ()

    @property
    def start(self) -> int:
        """The offset from which records must be read again to resume: the first of any open capture."""
        return min((first for _, first in self.open), default=self.next)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far every partition was read: all that is needed to resume exactly."""

    partitions: tuple[PartitionPoint, ...]

    @classmethod
    def start(cls, partitions: int) -> Checkpoint:
        """Nothing read yet."""
        return cls(tuple(PartitionPoint(0, 0) for _ in range(partitions)))

    @property
    def watermark_us(self) -> int:
        """The least last recordTime over the partitions."""
        return min((point.last_record_us for point in self.partitions), default=0)

    def covers(self, position: Position) -> bool:
        """True when everything up to and including the position was read."""
        if len(position.offsets) != len(self.partitions):
            return False
        return all(point.next > offset for point, offset in zip(self.partitions, position.offsets, strict=True))

    def to_json(self) -> list[dict[str, Any]]:
        """As plain JSON."""
        return [
            {"next": p.next, "last_record_us": p.last_record_us, "open": [list(entry) for entry in p.open]}
            for p in self.partitions
        ]

    @classmethod
    def from_json(cls, document: list[dict[str, Any]]) -> Checkpoint:
        """From `to_json`."""
        return cls(
            tuple(
                PartitionPoint(p["next"], p["last_record_us"], tuple((str(c), int(o)) for c, o in p["open"]))
                for p in document
            )
        )


@dataclass
class _Open:
    first: int
    events: dict[int, tuple[Record, Envelope]] = field(default_factory=dict)


class PartitionReader:
    """Reads the records of one partition from `point`; feed it records from `point.start` on, in order."""

    def __init__(self, partition: int, point: PartitionPoint) -> None:
        self._partition = partition
        self._next = point.next
        self._last_us = point.last_record_us
        self._awaited = dict(point.open)
        self._open: dict[str, _Open] = {}

    @property
    def point(self) -> PartitionPoint:
        """Where to resume after what was fed."""
        still = {capture: entry.first for capture, entry in self._open.items()}
        return PartitionPoint(self._next, self._last_us, tuple(sorted({**self._awaited, **still}.items())))

    def feed(self, records: Iterable[Record], envelopes: Iterable[Envelope] | None = None) -> list[Commit]:
        """The commits that these records bring about, in order; their envelopes may have been read before.

        Errors: `Damaged` for an unreadable envelope.
        """
        if envelopes is None:
            found = (self._take(record, decode(record.envelope)) for record in records)
        else:
            found = (self._take(record, envelope) for record, envelope in zip(records, envelopes, strict=True))
        return [commit for commit in found if commit is not None]

    def _take(self, record: Record, envelope: Envelope) -> Commit | None:
        if record.offset < self._next:
            if envelope.kind == "event" and envelope.capture in self._awaited:
                self._hold(record, envelope)
            return None
        self._next = record.offset + 1
        if envelope.kind == "event":
            self._hold(record, envelope)
            return None
        if envelope.kind in _OWN_COMMITS:
            return self._commit(record, envelope, ())
        self._awaited.pop(envelope.capture, None)
        held = self._open.pop(envelope.capture, None)
        if envelope.kind == "void":
            return self._commit(record, envelope, ())
        events = held.events if held else {}
        count = int((envelope.body or {}).get("count", 0))
        if any(index not in events for index in range(count)):
            return None
        return self._commit(record, envelope, tuple(events[index] for index in range(count)))

    def _hold(self, record: Record, envelope: Envelope) -> None:
        entry = self._open.setdefault(envelope.capture, _Open(record.offset))
        entry.events.setdefault(envelope.index, (record, envelope))

    def _commit(self, record: Record, envelope: Envelope, held: Sequence[tuple[Record, Envelope]]) -> Commit:
        record_us = max(record.stamp, self._last_us + 1)
        self._last_us = record_us + max(len(held) - 1, 0)
        events = tuple(
            LoggedEvent(self._partition, found.offset, own.index, record_us + place, own, found.raw)
            for place, (found, own) in enumerate(held)
        )
        return Commit(self._partition, record.offset, record_us, envelope.kind, envelope.capture, events, envelope)
