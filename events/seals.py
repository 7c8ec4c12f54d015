"""Seals: what shows that the log is what it was. Made by a reader of its own, kept in a stream of their own.

Sealed are the facts and the records of `access`.

A seal names a partition (and its stream, where it is not the facts), the first and last offset it covers, the digest of
the seal before it, and the SHA-256 of each record. `verify` reads the log against the seals and names the first record
that was altered, removed or inserted. Records younger than the last seal are not covered; a log whose end was cut
together with its seals shows only against seals that were exported before.

A record's digest is SHA-256 over the length of its envelope (8 bytes, big-endian), its stamp (8 bytes, signed), the
envelope, and the raw bytes. A seal's digest is SHA-256 over its raw bytes.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import structlog

from events.port import ACCESS, FACTS, SEALS, EventLog, NewRecord, Record
from schemas.errors import BadInput, StemmaError
from schemas.sentences import say

RECORDS: Final = 1000
"""Records after which a seal is made."""
SECONDS: Final = 10.0
"""Time after which a seal is made of what has come."""
SEALED: Final = (FACTS, ACCESS)
"""The streams whose records are sealed."""
_READ: Final = 1000
_ENVELOPE: Final = b'{"v":2,"kind":"seal"}'
_SIZE: Final = 32
_log = structlog.get_logger("stemma.seals")
Place = tuple[str, int]
"""A stream and its partition."""


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal; `before` is the digest of the seal before ("" for the first), `digests` one per record."""

    partition: int
    first: int
    last: int
    before: str
    digests: tuple[bytes, ...]
    offsets: tuple[int, ...]
    stream: str = FACTS

    @property
    def place(self) -> Place:
        return self.stream, self.partition

    def raw(self) -> bytes:
        """The seal's bytes in the log, and its line in an export."""
        document = {
            "partition": self.partition,
            "first": self.first,
            "last": self.last,
            "before": self.before,
            "sha256": base64.b64encode(b"".join(self.digests)).decode(),
        }
        if self.stream != FACTS:
            document["stream"] = self.stream
        if self.offsets != tuple(range(self.first, self.last + 1)):
            document["offsets"] = list(self.offsets)
        return json.dumps(document, separators=(",", ":")).encode()

    def digest(self) -> str:
        return hashlib.sha256(self.raw()).hexdigest()

    @classmethod
    def read(cls, raw: bytes | str) -> Seal:
        """Errors: ValueError, KeyError, TypeError for what is no seal."""
        found = json.loads(raw)
        digests = base64.b64decode(found["sha256"], validate=True)
        offsets = tuple(found.get("offsets") or range(found["first"], found["last"] + 1))
        if len(digests) != _SIZE * len(offsets):
            raise ValueError("a seal holds another number of digests than of records")
        each = tuple(digests[i : i + _SIZE] for i in range(0, len(digests), _SIZE))
        return cls(
            found["partition"],
            found["first"],
            found["last"],
            found["before"],
            each,
            offsets,
            found.get("stream", FACTS),
        )


@dataclass(frozen=True, slots=True)
class Breach:
    """The first record of a partition that is not what was sealed: `altered`, `removed` or `inserted`."""

    partition: int
    offset: int
    what: str
    stream: str = FACTS


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` found. `unsealed` records are younger than the last seal."""

    checked: int
    unsealed: int
    breaches: tuple[Breach, ...]
    seal_faults: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.breaches and not self.seal_faults

    def lines(self) -> Iterator[str]:
        """The report in words."""
        for breach in self.breaches:
            if breach.stream == FACTS:
                where: str = say("partition {partition}", partition=breach.partition)
            else:
                where = breach.stream
            yield say(
                "{where}: the record at offset {offset} was {what}", where=where, offset=breach.offset, what=breach.what
            )
        yield from self.seal_faults
        verdict = "whole" if self.whole else "NOT what was sealed"
        yield say(
            "{checked} records checked, {what}; {unsealed} records younger than the last seal",
            checked=self.checked,
            what=verdict,
            unsealed=self.unsealed,
        )


class Sealer:
    """Seals the records as they come. `start`, then `stop`, which seals what is left."""

    def __init__(self, log: EventLog, *, records: int = RECORDS, seconds: float = SECONDS) -> None:
        self._log = log
        self._records = min(records, _READ)
        self._seconds = seconds
        self._sealed: dict[Place, int] = dict.fromkeys(_places(log), -1)
        self._before = ""
        self._known = -1
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Find where the last seals end and begin to seal. Errors: those of the log."""
        await self._catch_up()
        self._task = asyncio.create_task(self._run(), name="sealer")

    async def stop(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        with suppress(StemmaError):
            await self.seal(least=1)

    def reached(self) -> dict[Place, int]:
        """The last offset that is sealed of each stream and partition, as this process knows; -1 for none."""
        return dict(self._sealed)

    async def seal(self, least: int) -> int:
        """Seal every run of at least `least` unsealed records; returns how many seals were made."""
        await self._catch_up()
        made = 0
        for stream, partition in self._sealed:
            while True:
                records = await self._log.read(stream, partition, self._sealed[stream, partition], self._records)
                if len(records) < least:
                    break
                await self._append(stream, partition, records)
                made += 1
        return made

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self._seconds
        while True:
            try:
                facts = [end for (stream, _), end in self._sealed.items() if stream == FACTS]
                await self._log.wait(FACTS, [end + self._records - 1 for end in facts], due - loop.time())
                late = loop.time() >= due
                await self.seal(least=1 if late else self._records)
                if late:
                    due = loop.time() + self._seconds
            except StemmaError as fault:
                _log.warning("sealing pauses", reason=fault.detail)
                await asyncio.sleep(self._seconds)

    async def _catch_up(self) -> None:
        async for offset, seal in _numbered(self._log, self._known):
            self._known = offset
            self._before = seal.digest()
            self._sealed[seal.place] = max(self._sealed[seal.place], seal.last)

    async def _append(self, stream: str, partition: int, records: Sequence[Record]) -> None:
        digests = tuple(digest_of(record) for record in records)
        offsets = tuple(record.offset for record in records)
        seal = Seal(partition, offsets[0], offsets[-1], self._before, digests, offsets, stream)
        placed = await self._log.append(SEALS, "seals", [NewRecord(_ENVELOPE, seal.raw())])
        self._known = placed.last
        self._before = seal.digest()
        self._sealed[seal.place] = seal.last


def digest_of(record: Record) -> bytes:
    """SHA-256 of a record, see the module."""
    head = len(record.envelope).to_bytes(8, "big") + record.stamp.to_bytes(8, "big", signed=True)
    return hashlib.sha256(head + record.envelope + record.raw).digest()


async def _numbered(log: EventLog, after: int = -1) -> AsyncIterator[tuple[int, Seal]]:
    while records := await log.read(SEALS, 0, after, _READ):
        for record in records:
            after = record.offset
            yield record.offset, Seal.read(record.raw)


async def all_seals(log: EventLog) -> AsyncIterator[Seal]:
    """Every seal, in the order in which they were made."""
    async for _, seal in _numbered(log):
        yield seal


async def export_seals(log: EventLog) -> str:
    """Every seal as a line of JSON, to be kept where whoever can write to the log cannot."""
    return "".join([seal.raw().decode() + "\n" async for _, seal in _numbered(log)])


def import_seals(text: str) -> list[Seal]:
    """What `export_seals` wrote. Errors: `BadInput` naming the line."""
    found = []
    for number, line in enumerate(filter(None, text.splitlines()), 1):
        try:
            found.append(Seal.read(line))
        except (ValueError, KeyError, TypeError) as fault:
            raise BadInput.field(
                f"line {number}", line[:80], f"is no seal ({fault}): give a file of exported seals"
            ) from None
    return found


async def verify(
    log: EventLog, *, against: Sequence[Seal] | None = None, progress: Callable[[int], None] = lambda more: None
) -> VerifyReport:
    """Check every record against the log's own seals and, if given, exported ones; `progress` is told how many more
    were checked. Errors: those of the log."""
    faults: list[str] = []
    own: list[Seal] = []
    try:
        own = [seal async for _, seal in _numbered(log)]
    except (ValueError, KeyError, TypeError) as fault:
        faults.append(say("a seal cannot be read: {reason}", reason=fault))
    faults += _chain_faults(own)
    if against is not None:
        missing = {seal.digest() for seal in against} - {seal.digest() for seal in own}
        if missing:
            faults.append(
                say(
                    "{count} exported seals are not in the log: its end was cut, or it is another log",
                    count=len(missing),
                )
            )
    checked = unsealed = 0
    breaches = []
    for place in _places(log):
        expected = _expected([*own, *(against or ())], place)
        count, young, breach = await _check(log, place, expected, progress)
        checked += count
        unsealed += young
        breaches += [breach] if breach else []
    return VerifyReport(checked, unsealed, tuple(breaches), tuple(faults))


def _chain_faults(seals: Sequence[Seal]) -> Iterator[str]:
    """Every seal names the one before it; two sealers at once may both name the same one."""
    seen = {""}
    for seal in seals:
        if seal.before not in seen:
            yield say(
                "the seal of partition {partition} from {first} names a seal before it that is not there",
                partition=seal.partition,
                first=seal.first,
            )
        seen.add(seal.digest())


def _places(log: EventLog) -> list[Place]:
    return [(stream, partition) for stream in SEALED for partition in range(log.partitions(stream))]


def _expected(seals: Sequence[Seal], place: Place) -> dict[int, bytes]:
    """The digest sealed first for each offset."""
    expected: dict[int, bytes] = {}
    for seal in seals:
        if seal.place == place:
            for offset, digest in zip(seal.offsets, seal.digests, strict=True):
                expected.setdefault(offset, digest)
    return expected


async def _check(
    log: EventLog, place: Place, expected: dict[int, bytes], progress: Callable[[int], None]
) -> tuple[int, int, Breach | None]:
    """Records checked, records younger than the last seal, and the first breach of a partition."""
    stream, partition = place
    sealed = iter(sorted(expected.items()))
    last = max(expected, default=-1)
    checked = young = 0
    after = -1
    breach: Breach | None = None
    while records := await log.read(stream, partition, after, _READ):
        for n, record in enumerate(records):
            after = record.offset
            checked += 1
            if record.offset > last:
                young += 1
            elif breach is None:
                breach = _compare(record, records[n + 1 :], next(sealed, None), expected)
        progress(len(records))
    missing = next(sealed, None)
    if breach is None and missing is not None:
        breach = Breach(partition, missing[0], "removed")
    if breach is not None:
        breach = replace(breach, stream=stream)
    return checked, young, breach


def _compare(
    record: Record, later: Sequence[Record], sealed: tuple[int, bytes] | None, expected: dict[int, bytes]
) -> Breach | None:
    digest = digest_of(record)
    if sealed is not None and sealed == (record.offset, digest):
        return None
    partition = record.partition
    if sealed is None or record.offset < sealed[0]:
        return Breach(partition, record.offset, "inserted")
    if record.offset > sealed[0] or digest == expected.get(sealed[0] + 1):
        return Breach(partition, sealed[0], "removed")
    if later and digest_of(later[0]) == sealed[1]:
        return Breach(partition, record.offset, "inserted")
    return Breach(partition, record.offset, "altered")
