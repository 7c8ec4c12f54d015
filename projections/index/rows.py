"""A batch of the log to the rows of the event index: pure functions of each record alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from events.envelope import Envelope
from events.reading import Commit, LoggedEvent
from projections.facts import EventFacts
from projections.index import codec, sensors
from projections.index.master import master_rows
from projections.index.names import name_rows
from projections.index.tables import Field, row_of
from projections.port import Batch, Fact

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A record not yet settled: its fact, what the log says of it, and the offset that made it visible."""

    row: int
    closing: int
    fact: Fact
    logged: LoggedEvent


@dataclass(slots=True)
class Rows:
    """What a batch adds, table by table; values in the order of each table's columns."""

    events: list[NewEvent] = field(default_factory=list)
    raw: list[Row] = field(default_factory=list)
    contexts: dict[bytes, str] = field(default_factory=dict)
    mentions: list[Row] = field(default_factory=list)
    terms: list[Row] = field(default_factory=list)
    sensors: list[Row] = field(default_factory=list)
    attributes: list[Row] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    correctives: list[Row] = field(default_factory=list)
    jobs: list[Row] = field(default_factory=list)
    master: list[Row] = field(default_factory=list)
    own: list[Row] = field(default_factory=list)
    poison: list[Row] = field(default_factory=list)
    names: set[tuple[str, str]] = field(default_factory=set)
    told: set[tuple[str | None, ...]] = field(default_factory=set)
    """Types, steps, dispositions and places that `seen` has already: most events of a batch say the same."""
    known: list[Row] = field(default_factory=list)
    parts: list[Row] = field(default_factory=list)


def rows_of(batch: Batch) -> Rows:
    """Every row that the batch adds; `names` are (key, kind hint) of all that it names."""
    rows = Rows()
    facts = {(fact.partition, fact.offset): fact for fact in batch.facts}
    for commit in batch.commits:
        _commit(rows, commit)
        for logged in commit.events:
            fact = facts.get((logged.partition, logged.offset))
            if fact is not None:
                _event(rows, NewEvent(row_of(logged.partition, logged.offset), commit.offset, fact, logged))
    rows.poison = [(row_of(one.partition, one.offset), one.event_id, one.reason, one.said) for one in batch.poison]
    return rows


def _commit(rows: Rows, commit: Commit) -> None:
    row, envelope = row_of(commit.partition, commit.offset), commit.closing
    body = envelope.body or {}
    if commit.kind in ("close", "void"):
        rows.jobs.append(
            (
                *(row, commit.capture, commit.record_us, commit.kind, envelope.actor, envelope.source),
                *(envelope.received_us, len(commit.events), _json(body)),
            )
        )
    elif commit.kind == "own":
        rows.own.append((row, commit.record_us, _json(body)))
    if commit.kind in ("names", "close") and body:
        added = master_rows(row, commit.record_us, body)
        rows.master += added
        rows.names.update((one[0], "master") for one in added)


def _event(rows: Rows, new: NewEvent) -> None:
    facts, us = new.fact.facts, new.fact.facts.event_time.us
    rows.events.append(new)
    rows.raw.append(_raw(rows, new.row, new.logged))
    seen: set[str] = set()
    for n, one in enumerate(facts.mentions):
        quantity, first = codec.quantity_text(one.quantity), one.object not in seen
        rows.mentions.append((one.object, us, new.row, n, int(one.role), first, quantity, one.unit))
        seen.add(one.object)
    rows.terms += [(int(kind), value, us, new.row) for kind, value in terms(facts)]
    rows.sensors += sensors.sensor_rows(new.row, facts.event_time, new.logged.raw, new.logged.envelope.context)
    rows.attributes += [(new.row, number, value) for number, value in new.fact.attributes]
    usual = (facts.type, facts.step, facts.disposition, facts.read_point, facts.location)
    if usual not in rows.told:
        rows.told.add(usual)
        rows.seen.update(seen_values(facts))
    rows.seen.update([("unit", one.unit) for one in facts.mentions if one.unit])
    rows.names.update(name_rows(facts))
    if facts.declaration:
        ids = dict.fromkeys(facts.declaration.corrective_event_ids)
        rows.correctives += [(corrective, facts.event_id, new.row) for corrective in ids]


def terms(facts: EventFacts) -> Iterator[tuple[Field, str]]:
    """What an event can be found by other than its objects, each once."""
    found: Iterable[tuple[Field, str | None]] = (
        (Field.PLACE, facts.read_point),
        (Field.PLACE, facts.location),
        (Field.OPERATOR, facts.operator),
        (Field.ACTIVITY, facts.step),
        (Field.PROCESS, facts.process),
        (Field.RESULT, facts.result),
        (Field.DISPOSITION, facts.disposition),
        *((Field.RESOURCE, key) for key in facts.resources),
        *((Field.DOCUMENT, key) for _, key in facts.transactions),
        *((Field.PARTY, party.key) for party in (*facts.sources, *facts.destinations)),
    )
    return ((kind, value) for kind, value in dict.fromkeys(found) if value)


def seen_values(facts: EventFacts) -> Iterator[tuple[str, str]]:
    """(kind, value) of what the collections of EPCIS list."""
    found = (("type", facts.type), ("step", facts.step), ("disposition", facts.disposition))
    places = (("read_point", facts.read_point), ("location", facts.location))
    return ((kind, value) for kind, value in (*found, *places) if value)


def _raw(rows: Rows, row: int, logged: LoggedEvent) -> Row:
    digest = None
    if logged.envelope.context is not None:
        digest = _digest(logged.envelope.context)
        rows.contexts[digest] = logged.envelope.context
    return (row, logged.envelope.media_type, digest, logged.raw)


@lru_cache(maxsize=256)
def _digest(context: str) -> bytes:
    """Of an `@context`, which the events of a document share."""
    return hashlib.sha256(context.encode()).digest()


def event_row(new: NewEvent, state: int, withdrawn_us: int | None) -> Row:
    """The row of `event_record`, in the order of its columns."""
    fact, facts, envelope = new.fact, new.fact.facts, new.logged.envelope
    return (
        *(new.row, fact.partition, new.closing, new.logged.index, facts.event_id, fact.record_us, fact.content),
        *(state, withdrawn_us, facts.event_time.us, facts.event_time.sub, facts.type, facts.action, facts.step),
        *(facts.disposition, facts.read_point, facts.location, facts.process, facts.operator, facts.result),
        *(facts.declaration is not None, codec.pack(facts), envelope.capture, envelope.actor, fact.source),
        *(fact.may_correct, *_receipt(envelope)),
    )


def _receipt(envelope: Envelope) -> tuple[str | None, int]:
    return envelope.device, envelope.received_us


def _json(body: Mapping[str, Any]) -> bytes:
    """A record's body as JSON text; mappings of any kind are objects."""
    return orjson.dumps(body, default=dict)
