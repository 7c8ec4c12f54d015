"""Rows of the embedded genealogy that change behind its back: the scrubber finds each, and what is damaged stops."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from projections.genealogy.embedded import EmbeddedGenealogy
from projections.genealogy.port import Limits
from projections.scrubber import Scrubber
from schemas.errors import Damaged
from tests.conformance.test_genealogy import moved, record
from tests.e2e.conftest import Server, make_server
from tests.integration.test_kill_embedded import activity, check, settle, verdict
from tests.tracing import Given, project

__all__ = ["make_server"]
EVENTS = 700
DECLARED = {"declarationTime": "2026-06-02T00:00:00Z"}


def records() -> list[Given]:
    """Events with quantities and units, every seventh a duplicate, every eleventh withdrawn."""
    made = []
    for n in range(EVENTS):
        lot = {"epcClass": f"https://id.gs1.org/01/09506000134352/10/L{n}", "quantity": n % 9 + 1, "uom": "KGM"}
        event = moved(f"e{n}", quantityList=[lot], epcList=[])
        made.append(record(event, n % 50, len(made)))
        if n % 7 == 0:
            made.append(record(event, n % 50 + 1, len(made)))
        if n % 11 == 0:
            made.append(record({**event, "errorDeclaration": DECLARED}, n % 50 + 2, len(made)))
    return made


async def filled(path: Path) -> EmbeddedGenealogy:
    genealogy = await EmbeddedGenealogy.open(path)
    await project(genealogy, records(), 50)
    return genealogy


async def test_rows_are_as_they_were_written_after_every_commit_and_a_new_start(tmp_path: Path) -> None:
    genealogy = await EmbeddedGenealogy.open(tmp_path / "g.sqlite")
    for some in (records()[:10], records()[10:500], records()[500:], records()[:300]):
        await project(genealogy, some, 40)
        assert genealogy.scrub().damaged == ()
    await genealogy.close()
    again = await EmbeddedGenealogy.open(tmp_path / "g.sqlite")
    found = again.scrub()
    assert found.damaged == ()
    assert found.rows > 3 * EVENTS
    await again.close()


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ("record", "UPDATE genealogy_record SET record_us = record_us + 4 WHERE event_id = 'e31'"),
        ("record", "UPDATE genealogy_record SET source = 'plans' WHERE event_id = 'e31'"),
        ("event", "UPDATE genealogy_event SET event_id = 'e999' WHERE row = 41"),
        ("event", "DELETE FROM genealogy_event WHERE row = 41"),
        ("name", "UPDATE genealogy_name SET id = id + 1 WHERE id = 99"),
        ("force", "UPDATE genealogy_force SET withdrawn_us = withdrawn_us + 1"),
        ("quantity", "UPDATE genealogy_quantity SET quantity = '800' WHERE quantity = '8'"),
        ("product", "UPDATE genealogy_product SET text = text || 'x' WHERE code = 0"),
        ("block", "UPDATE genealogy_block SET mentions = zeroblob(length(mentions)) WHERE number = 1"),
        ("checkpoint", "UPDATE genealogy_meta SET value = replace(value, '1', '2') WHERE key = 'checkpoint'"),
        ("checkpoint", "UPDATE genealogy_meta SET value = 'x' WHERE key = 'digests'"),
    ],
)  # fmt: skip
async def test_a_changed_row_is_found_and_nothing_is_answered_any_more(
    tmp_path: Path, table: str, changed: str
) -> None:
    genealogy = await filled(tmp_path / "g.sqlite")
    with sqlite3.connect(tmp_path / "g.sqlite") as other:
        assert other.execute(changed).rowcount > 0
    assert genealogy.scrub().damaged == (table,)
    with pytest.raises(Damaged, match="stemma rebuild"):
        await genealogy.checkpoint()
    with pytest.raises(Damaged):
        async with genealogy.reader(Limits(2**60)):
            pass
    await genealogy.close()


async def test_the_scrubber_passes_again_and_again_beside_the_writer_and_ends_at_once(tmp_path: Path) -> None:
    genealogy = await EmbeddedGenealogy.open(tmp_path / "g.sqlite")
    scrubber = Scrubber(genealogy, first=0, seconds=0)
    scrubber.start()
    await project(genealogy, records(), 20)
    async with asyncio.timeout(120):
        while scrubber.last is None or scrubber.last.rows < 3 * EVENTS:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert scrubber.last.damaged == ()
    await scrubber.stop()
    await genealogy.close()


def flipped(file: Path, part: bytes) -> None:
    """Flip the lowest bit of the last byte of the first place in the file that holds `part`."""
    whole = bytearray(file.read_bytes())
    at = whole.index(part) + len(part) - 1
    whole[at] ^= 1
    file.write_bytes(whole)


@pytest.mark.slow
def test_doctor_names_a_flipped_bit_and_a_rebuild_mends_it(make_server: Callable[..., Server]) -> None:
    server = make_server()
    acknowledged: dict[str, str] = {}
    with server.client() as client:
        for number in range(30):
            lot = f"LOT-{number}"
            acknowledged[lot] = verdict(client.post("/api/v1/activities", json=activity(lot)))["eventID"]
        settle(client)
    server.stop()
    assert "as they were written" in server.stemma("doctor").stdout
    flipped(server.data / "genealogy.sqlite", acknowledged["LOT-7"].encode())
    told = server.stemma("doctor", check=False)
    assert told.returncode == 1
    assert "stemma rebuild" in told.stdout
    server.stemma("rebuild")
    assert "as they were written" in server.stemma("doctor").stdout
    server.start()
    with server.client() as client:
        settle(client)
        check(client, acknowledged, set(acknowledged))


@pytest.mark.slow
def test_verify_holds_every_row_of_the_index_against_the_log(make_server: Callable[..., Server]) -> None:
    server = make_server()
    with server.client() as client:
        for number in range(12):
            verdict(client.post("/api/v1/activities", json=activity(f"LOT-{number}")))
        settle(client)
    server.stop()
    assert "what the log makes" in server.stemma("verify", "--projections").stdout
    changed = {
        "event_mention": "UPDATE event_mention SET quantity = '3' WHERE object LIKE '%LOT-7'",
        "event_record": "UPDATE event_record SET withdrawn_us = 5 WHERE row = (SELECT max(row) FROM event_record)",
        "known_part": "DELETE FROM known_part WHERE part = 'LOT-3'",
    }
    for sql in changed.values():
        with sqlite3.connect(server.data / "index.sqlite") as other:
            assert other.execute(sql).rowcount > 0
    told = server.stemma("verify", "--projections", check=False)
    assert told.returncode == 1
    assert all(f"event index: {table}:" in told.stdout for table in changed), told.stdout
    server.stemma("rebuild")
    assert "what the log makes" in server.stemma("verify", "--projections").stdout
