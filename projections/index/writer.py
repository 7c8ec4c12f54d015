"""Writes a batch: settles every eventID it touches against what is there, and adds rows. One transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.index import tables
from projections.index.database import Database, among
from projections.index.rows import NewEvent, Row, Rows, event_row
from projections.index.tables import State, position_of
from projections.settle import Candidate, Declared, settle

CHUNK: Final = 5000
"""Values of one IN list; both databases take some 32,000 parameters."""
_COLUMNS: Final = ("row", "event_id", "record_us", "content", "source", "may_correct", "declaration", "state")
Verdict = tuple[int, int | None]
"""State and withdrawal time of a record."""


async def write(database: Database, connection: AsyncConnection, rows: Rows) -> None:
    """Add `rows`; what is there already stays, but for states and withdrawals that the new records change."""
    events = await _settled(connection, rows.events)
    await database.insert_all(connection, [(tables.event, events), *rows_beside(rows)])


def rows_beside(rows: Rows) -> Sequence[tuple[Table, Sequence[Row]]]:
    """The rows of every table but that of events, which the log alone decides."""
    return (
        (tables.raw, rows.raw),
        (tables.context, list(rows.contexts.items())),
        (tables.mention, rows.mentions),
        (tables.term, rows.terms),
        (tables.sensor, rows.sensors),
        (tables.attribute, rows.attributes),
        (tables.seen, sorted(rows.seen)),
        (tables.corrective, rows.correctives),
        (tables.job, rows.jobs),
        (tables.master, rows.master),
        (tables.own, rows.own),
        (tables.poison, rows.poison),
        (tables.name, rows.known),
        (tables.part, rows.parts),
    )


async def expected_events(connection: AsyncConnection, events: Sequence[NewEvent]) -> list[Row]:
    """The rows that these records ought to have, by what is stored of their eventIDs."""
    _, verdicts = await _judged(connection, events)
    return [event_row(one, *verdicts[one.row]) for one in events]


async def _settled(connection: AsyncConnection, new: Sequence[NewEvent]) -> list[Row]:
    """Rows of the new records, with what they amount to among those of their eventIDs; stored ones are updated."""
    stored, verdicts = await _judged(connection, new)
    changed = [
        {"row_": row, "state_": verdicts[row][0], "withdrawn_": verdicts[row][1]}
        for row, old in stored.items()
        if verdicts[row] != (old.state, old.withdrawn_us)
    ]
    if changed:
        event = tables.event
        moved = update(event).values(state=bindparam("state_"), withdrawn_us=bindparam("withdrawn_"))
        await connection.execute(moved.where(event.c.row == bindparam("row_")), changed)
    fresh = {one.row: one for one in new if one.row not in stored}
    return [event_row(one, *verdicts[one.row]) for one in fresh.values()]


async def _judged(connection: AsyncConnection, new: Sequence[NewEvent]) -> tuple[dict[int, Any], dict[int, Verdict]]:
    """What the table has of the eventIDs of these records, by row, and the verdict on each of those and these."""
    stored = await _stored(connection, {one.fact.facts.event_id for one in new})
    groups: dict[str, list[_Record]] = defaultdict(list)
    for row in stored.values():
        groups[row.event_id].append(_Record.of_row(row))
    for one in {one.row: one for one in new if one.row not in stored}.values():
        groups[one.fact.facts.event_id].append(_Record.of_new(one))
    verdicts: dict[int, Verdict] = {}
    for group in groups.values():
        verdicts.update(_verdicts(group))
    return stored, verdicts


async def _stored(connection: AsyncConnection, event_ids: set[str]) -> dict[int, Any]:
    """What the table has of these eventIDs, by row."""
    event = tables.event
    query = select(*(event.c[name] for name in (*_COLUMNS, "withdrawn_us")))
    rows = await connection.execute(query.where(among(connection, event.c.event_id, list(event_ids))))
    return {row.row: row for row in rows}


class _Record:
    """What settling needs of a record, stored or new."""

    __slots__ = ("content", "declaration", "may_correct", "record_us", "row", "source")

    def __init__(self, row: int, record_us: int, content: bytes, source: str, corrects: bool, declares: bool) -> None:
        self.row = row
        self.record_us = record_us
        self.content = content
        self.source = source
        self.may_correct = corrects
        self.declaration = declares

    @classmethod
    def of_row(cls, row: Any) -> _Record:
        return cls(row.row, row.record_us, row.content, row.source, row.may_correct, row.declaration)

    @classmethod
    def of_new(cls, new: NewEvent) -> _Record:
        fact = new.fact
        declares = fact.facts.declaration is not None
        return cls(new.row, fact.record_us, fact.content, fact.source, fact.may_correct, declares)


def _verdicts(group: Sequence[_Record]) -> Mapping[int, Verdict]:
    """State and withdrawal time of each record of one eventID."""
    if len(group) == 1:
        return {group[0].row: (State.DECLARATION if group[0].declaration else State.STANDING, None)}
    candidates = {_candidate(one): one.row for one in group if not one.declaration}
    declared = {_declared(one): one.row for one in group if one.declaration}
    settled = settle(candidates, declared)
    verdicts: dict[int, Verdict] = {candidates[one]: (State.DUPLICATE, None) for one in settled.duplicates}
    verdicts.update({candidates[one]: (State.CONFLICT, None) for one in settled.losers})
    if settled.standing:
        verdicts[candidates[settled.standing]] = (State.STANDING, settled.withdrawn_us)
    # who declares decides the effect, so equal words of another source are no repetition
    seen: set[tuple[bytes, str, bool]] = set()
    for one in sorted(declared):
        told = (one.content, one.source, one.may_correct)
        verdicts[declared[one]] = (State.DUPLICATE if told in seen else State.DECLARATION, None)
        seen.add(told)
    return verdicts


def _candidate(one: _Record) -> Candidate:
    return Candidate(one.record_us, one.content, one.source, *position_of(one.row))


def _declared(one: _Record) -> Declared:
    return Declared(one.record_us, one.content, one.source, one.may_correct, *position_of(one.row))
