"""The log's port: what every adapter promises, and all that anyone above may rely on.

The log is the only truth. It has named *streams*, each of one or more partitions; a partition is an append-only
sequence of records numbered by a gap-free-or-growing `offset`. What a record means is not the log's business.

Contract
--------
Order: records of one partition are read in the order of their offsets, for ever the same; nothing is promised
between partitions. All records of one `append` go to one partition, in the order given, never interleaved out of
their own order (records of other writers may stand between them on a shared log).
Durability: `append` returns only when every record is on stable storage (`synchronous=FULL`, `acks=all`).
Atomicity: SQLite appends all or none. Kafka may keep a prefix; writers therefore close what belongs together
with a closing record (see `events.envelope`).
Idempotence: the log does not deduplicate. After `OutcomeUnknown` the caller appends again under the same event
identity; readers count it once.
Offsets: >= 0, strictly increasing within a partition. Bounds of `read` are exclusive below (`after`), so
`after=-1` reads from the start. `ends` gives the offset of the last durable record, -1 for an empty partition.
Partitions: `key` (the capturing source) chooses the partition by a stable hash; the number of partitions of
`facts` is fixed when the log is created, other streams have one.
Errors: `Unavailable` (nothing was written, retry), `OutcomeUnknown` (may have been written), `TooLarge` (one
record above `MAX_RECORD` bytes, nothing was written), `Damaged`.
Closing: who opened the adapter closes it; `append` and `read` after `close` raise `Unavailable`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

FACTS: Final = "facts"
REFUSED: Final = "refused"
SEALS: Final = "seals"
ACCESS: Final = "access"
STREAMS: Final = (FACTS, REFUSED, SEALS, ACCESS)

MAX_RECORD: Final = 1_048_576
"""Bytes of one raw payload. Larger is refused on every back end, since Kafka's default is this."""


@dataclass(frozen=True, slots=True)
class NewRecord:
    """What a writer appends: the encoded envelope (see `events.envelope`) and the payload exactly as received."""

    envelope: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """What a reader gets. `stamp` is the writer's clock at append, microseconds since 1970 UTC."""

    partition: int
    offset: int
    stamp: int
    envelope: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an append went: first and last offset, both included."""

    partition: int
    first: int
    last: int


class EventLog(Protocol):
    """Append-only log; see the module for the contract."""

    def partitions(self, stream: str) -> int: ...

    async def append(self, stream: str, key: str, records: Sequence[NewRecord]) -> Appended: ...

    async def append_copy(self, stream: str, partition: int, records: Sequence[Record]) -> Appended:
        """Append with the records' own stamps, to this partition (replay, ticks); their offsets are given anew."""
        ...

    async def read(self, stream: str, partition: int, after: int, limit: int) -> Sequence[Record]:
        """At most `limit` records with offset > `after`, at once; empty when there are none yet."""
        ...

    async def ends(self, stream: str) -> tuple[int, ...]: ...

    async def wait(self, stream: str, after: Sequence[int], timeout: float) -> bool:  # noqa: ASYNC109
        """True as soon as some partition holds an offset above `after[p]`; False after `timeout` seconds."""
        ...

    async def close(self) -> None: ...
