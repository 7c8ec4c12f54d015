"""Rows of the embedded event index that change behind its back: each is found by holding it against the log."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from events.sqlite_log import SqliteEventLog
from projections.index.database import Database
from projections.index.scrub import scrub
from projections.index.store import EventIndex
from projections.index.tables import FACT_TABLES
from projections.projecting import project
from projections.scrubbing import Ended, Scrubbed
from schemas.errors import Damaged, Unavailable
from services.settings import Settings, load_settings
from services.system.scrubbing import IndexScrub
from tests.application import serving, without_settings
from tests.bench.load import PLANT, document, events
from tests.epcis.asking import event

LD = {"content-type": "application/ld+json"}
DECLARED = {"declarationTime": "2026-06-02T00:00:00Z", "correctiveEventIDs": ["urn:x:instead"]}
CHANGES = {
    "event_record": [
        "UPDATE event_record SET step = 'shippinf' WHERE step = 'shipping' AND ordinal < 20",
        "UPDATE event_record SET state = 3 WHERE row = 7",
        "UPDATE event_record SET withdrawn_us = NULL WHERE withdrawn_us IS NOT NULL",
        "UPDATE event_record SET event_id = event_id || 'x' WHERE row = 7",
        "UPDATE event_record SET row = row + 4000000 WHERE row = 7",
        "UPDATE event_record SET facts = substr(facts, 1, length(facts) - 2) || x'2d7d' WHERE row = 7",
    ],
    "event_raw": ["UPDATE event_raw SET body = substr(body, 2) WHERE row = 9"],
    "event_context": ["UPDATE event_context SET body = body || ' '"],
    "event_mention": [
        "UPDATE event_mention SET quantity = '3' WHERE quantity = '100' AND row < 30",
        "UPDATE event_mention SET object = object || '1' WHERE row = 5 AND n = 0",
        "DELETE FROM event_mention WHERE row = 5 AND n = 0",
    ],
    "event_term": ["DELETE FROM event_term WHERE row = 5 AND field = 3"],
    "event_sensor": ["UPDATE event_sensor SET value = '1'"],
    "event_attribute": ["UPDATE event_attribute SET value = value || 'x' WHERE row < 20"],
    "event_corrective": ["DELETE FROM event_corrective"],
    "capture_job": ["UPDATE capture_job SET events = events + 1 WHERE row = 50"],
    "master_data": ["UPDATE master_data SET zh = '二厂'"],
    "known_name": ["UPDATE known_name SET kind = 'lot' WHERE kind = 'item'"],
    "known_part": ["DELETE FROM known_part WHERE part LIKE '%-1'"],
    "seen_value": ["DELETE FROM seen_value WHERE value = 'KGM'"],
    "own_place": ["UPDATE own_place SET record_us = record_us + 1"],
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index that has rows in nearly every table, closed."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    wrong = event(1, eventID="urn:x:wrong")
    bodies = [
        document(events(50, rich=True)), document([json.dumps(wrong).encode()]),
        document([json.dumps({**wrong, "errorDeclaration": DECLARED}).encode()]),
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        without_settings(patched, folder.parent)
        async with serving(folder) as client:
            for body in bodies:
                (await client.post("/epcis/v2/capture", content=body, headers=LD)).raise_for_status()
            named = [{"id": PLANT, "zh": "一厂"}]
            (await client.put("/api/v1/names", json=named)).raise_for_status()
            (await client.put("/api/v1/own", json={"own": [PLANT]})).raise_for_status()
    return folder


@pytest.fixture
def settings(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy of it for each test."""
    without_settings(monkeypatch, tmp_path)
    return load_settings(data=shutil.copytree(filled, tmp_path / "data"))


async def found(settings: Settings) -> Scrubbed:
    log = await SqliteEventLog.open(settings.folder / "log.sqlite", read_only=True)
    database = await Database.open(f"sqlite:///{settings.folder / 'index.sqlite'}")
    try:
        return await scrub(log, database, partial(project, base=None), None, lambda _: None)
    finally:
        await database.close()
        await log.close()


def change(settings: Settings, sql: str) -> None:
    with sqlite3.connect(settings.folder / "index.sqlite") as other:
        assert other.execute(sql).rowcount > 0


async def test_rows_are_what_the_log_makes(settings: Settings) -> None:
    told = await found(settings)
    assert told.damaged == ()
    assert told.rows > 500


@pytest.mark.parametrize(("table", "sql"), [(table, sql) for table, some in CHANGES.items() for sql in some])
async def test_a_changed_row_is_found(settings: Settings, table: str, sql: str) -> None:
    change(settings, sql)
    assert (await found(settings)).damaged == (table,)


def test_every_table_but_that_of_poison_is_changed_here() -> None:
    assert {table.name for table in FACT_TABLES} - set(CHANGES) == {"poison"}


async def test_what_is_damaged_answers_no_more(settings: Settings) -> None:
    """A pass in the process of its own, as a service starts it."""
    index = await EventIndex.open(f"sqlite:///{settings.folder / 'index.sqlite'}")
    store = IndexScrub(settings, index)
    assert (await asyncio.to_thread(store.scrub, lambda _: None)).damaged == ()
    assert await index.poison() == []
    change(settings, CHANGES["event_raw"][0])
    assert (await asyncio.to_thread(store.scrub, lambda _: None)).damaged == ("event_raw",)
    with pytest.raises(Damaged, match=r"event_raw.*stemma rebuild"):
        await index.poison()
    await index.close()


async def test_a_pass_ends_with_the_service_and_says_what_it_cannot_read(settings: Settings) -> None:
    index = await EventIndex.open(f"sqlite:///{settings.folder / 'index.sqlite'}")

    def ended(_: float) -> None:
        raise Ended

    with pytest.raises(Ended):
        await asyncio.to_thread(IndexScrub(settings, index).scrub, ended)
    (settings.folder / "log.sqlite").unlink()
    with pytest.raises(Unavailable):
        await asyncio.to_thread(IndexScrub(settings, index).scrub, lambda _: None)
    await index.close()
