"""What a batch costs the embedded stores, in statements: few, of many rows each."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event

from events.envelope import CURRENT, Envelope
from events.reading import Checkpoint, Commit, LoggedEvent, PartitionPoint
from projections.genealogy.embedded import EmbeddedGenealogy
from projections.index import database
from projections.index.store import EventIndex
from projections.port import Batch
from projections.projecting import project
from projections.projector import Projector
from tests.bench.load import events

EVENTS_A_STATEMENT = 8
"""That the genealogy writes with one statement, at least."""
INDEX_STATEMENTS = 8
"""Of SQLAlchemy's; the rows of all tables go in one turn of the connection's thread."""


def batch(size: int) -> Batch:
    envelope = partial(Envelope, CURRENT, actor="a", source="k", may_correct=False, device=None, received_us=1)
    told = partial(envelope, media_type="application/json", context=None)
    logged = tuple(
        LoggedEvent(0, n, n, 1_000 + n, told("event", "c", n, json.loads(raw)["eventID"], body=None), raw)
        for n, raw in enumerate(events(size))
    )
    closing = told("close", "c", 0, None, body={"count": size})
    facts, poison = Projector(project).each(logged)
    commit = Commit(0, size, 1_000, "close", "c", logged, closing)
    return Batch([commit], facts, poison, Checkpoint.start(1), Checkpoint((PartitionPoint(size + 1, 2_000),)))


@pytest.mark.parametrize("size", [500, 2_000])
async def test_a_batch_of_the_genealogy_is_few_statements_and_one_transaction(tmp_path: Path, size: int) -> None:
    genealogy = await EmbeddedGenealogy.open(tmp_path / "g.sqlite")
    told: list[str] = []
    genealogy._write.set_trace_callback(told.append)
    await genealogy.apply(batch(size))
    genealogy._write.set_trace_callback(None)
    assert told.count("COMMIT") == 1
    assert len(told) <= size // EVENTS_A_STATEMENT
    await genealogy.close()


@pytest.mark.parametrize("size", [500, 2_000])
async def test_a_batch_of_the_index_is_few_statements_of_many_rows(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = await EventIndex.open(f"sqlite:///{tmp_path / 'index.sqlite'}")
    told: list[str] = []
    turns: list[int] = []
    insert = database._insert_rows

    def counted(connection: object, statements: list[tuple[str, list[tuple[object, ...]]]]) -> None:
        turns.append(sum(len(rows) for _, rows in statements))
        insert(connection, statements)  # type: ignore[arg-type]

    monkeypatch.setattr(database, "_insert_rows", counted)
    event.listen(
        index._database._writer.sync_engine, "before_cursor_execute", lambda *given: told.append(str(given[2]))
    )
    await index.apply(batch(size))
    assert len(told) <= INDEX_STATEMENTS
    assert len(turns) == 1
    assert turns[0] > 5 * size
    await index.close()
