"""The role that Grafana reads with sees the views, nothing else, and changes nothing; the views stay what they are."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio
import sqlalchemy as sa

from projections.index import tables
from projections.index.store import EventIndex
from tests.integration.event_index_support import commit_of, feed, told
from tests.integration.grafana_support import PASSWORD, Plant, make_reader, signed_in

VIEWS = {
    f"grafana_{name}"
    for name in (
        *("moment", "event", "mention", "resource", "measurement", "correction", "conflict", "capture"),
        *("refused", "not_projected", "name"),
    )
}
WRITES = (
    "CREATE TABLE mine (a int)",
    "CREATE TEMPORARY TABLE mine (a int)",
    "CREATE SCHEMA mine",
    "CREATE VIEW mine AS SELECT 1",
    "DELETE FROM grafana_event",
    "UPDATE grafana_event SET actor = 'x'",
    "DELETE FROM grafana_refused",
    "UPDATE grafana_refused SET reason = 'x'",
    "INSERT INTO grafana_not_projected VALUES (1, 'e', 'r')",
    "DELETE FROM event_record",
    "TRUNCATE event_record",
    "DROP VIEW grafana_event",
    "ALTER ROLE CURRENT_USER CREATEDB",
    "COPY grafana_event TO PROGRAM 'true'",
)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("sql", WRITES)
async def test_a_write_fails_even_when_the_session_is_set_to_write(sql: str, plant: Plant) -> None:
    async with plant.connected() as connection:
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute(sql)
        await connection.execute("SET default_transaction_read_only = off")
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ObjectNotInPrerequisiteStateError)):
            await connection.execute(sql)


@pytest.mark.asyncio(loop_scope="session")
async def test_every_session_begins_read_only_and_ends_long_queries(plant: Plant) -> None:
    async with plant.connected() as connection:
        assert await connection.fetchval("SHOW default_transaction_read_only") == "on"
        assert await connection.fetchval("SHOW statement_timeout") == "30s"
        assert await connection.fetchval("SHOW jit") == "off"


@pytest.mark.asyncio(loop_scope="session")
async def test_no_table_can_be_read_and_every_view_can(plant: Plant) -> None:
    everything = "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    async with plant.connected(plant.owner) as connection:
        kinds = {row["relname"]: row["relkind"] for row in await connection.fetch(everything)}
    views = {name for name, kind in kinds.items() if kind == b"v"}
    stored = {name for name, kind in kinds.items() if kind in (b"r", b"p", b"m", b"S")}
    assert views == VIEWS
    assert {"event_record", "event_raw", "workbench_key", "workbench_account"} <= stored
    async with plant.connected() as connection:
        for name in sorted(stored):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f'SELECT * FROM "{name}" LIMIT 1')
        for name in sorted(views):
            await connection.fetch(f'SELECT * FROM "{name}" LIMIT 1')


Url = str


@pytest_asyncio.fixture
async def indexed(fresh_database: Callable[[], Any]) -> AsyncIterator[tuple[EventIndex, Url, str]]:
    """An empty index of two partitions in a database of its own, its owner's URL, and a role's name that is free."""
    url = await fresh_database()
    owner, name = url.replace("+asyncpg", ""), f"reader_{uuid.uuid4().hex[:8]}"
    index = await EventIndex.open(url)
    yield index, owner, name
    await index.close()
    connection = await asyncpg.connect(owner)
    if await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
        await connection.execute(f'DROP OWNED BY "{name}"; DROP ROLE "{name}"')
    await connection.close()


async def counted(url: str, view: str = "grafana_event") -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(f"SELECT count(*) FROM {view}"))
    finally:
        await connection.close()


async def test_an_emptied_index_keeps_its_views_and_who_may_read_them(indexed: tuple[EventIndex, Url, str]) -> None:
    index, owner, name = indexed
    assert make_reader(owner, name).returncode == 0
    reader = signed_in(owner, name, PASSWORD)
    await feed(index, [[commit_of([told("e1", 5)])]])
    assert await counted(reader) == 1
    await index.reset(1)
    assert await counted(reader) == 0
    await feed(index, [[commit_of([told("e2", 7)])]])
    assert await counted(reader) == 1


async def test_what_was_recorded_after_the_watermark_is_not_shown_yet(indexed: tuple[EventIndex, Url, str]) -> None:
    index, owner, _ = indexed
    await feed(index, [[commit_of([told("e1", 5)])], [commit_of([told("e2", 9)])]])
    assert await counted(owner) == 2
    table = tables.checkpoint
    async with index._database.writing() as connection:
        body = (await connection.execute(sa.select(table.c.body))).scalar_one()
        (point,) = orjson.loads(body)
        behind = orjson.dumps([point, {**point, "last_record_us": 6}]).decode()
        await connection.execute(sa.update(table).values(body=behind))
    assert await counted(owner) == 1
    assert await counted(owner, "grafana_moment WHERE known_us = 6") == 1


async def test_the_script_is_harmless_again_and_takes_another_password(indexed: tuple[EventIndex, Url, str]) -> None:
    _, owner, name = indexed
    assert make_reader(owner, name).returncode == 0
    again = make_reader(owner, name, "another'; DROP TABLE event_record; --")
    assert again.returncode == 0, again.stderr
    assert await counted(owner, "event_record") == 0
    with pytest.raises(asyncpg.InvalidPasswordError):
        await counted(signed_in(owner, name, PASSWORD))


async def test_rights_that_the_role_had_besides_are_taken_away(indexed: tuple[EventIndex, Url, str]) -> None:
    _, owner, name = indexed
    assert make_reader(owner, name).returncode == 0
    connection = await asyncpg.connect(owner)
    await connection.execute(f'GRANT SELECT ON event_raw TO "{name}"; ALTER ROLE "{name}" CREATEDB')
    await connection.close()
    assert make_reader(owner, name).returncode == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await counted(signed_in(owner, name, PASSWORD), "event_raw")


async def test_without_a_password_no_role_is_made(indexed: tuple[EventIndex, Url, str]) -> None:
    _, owner, name = indexed
    refused = make_reader(owner, name, "")
    assert refused.returncode != 0
    assert "STEMMA_READER_PASSWORD is empty" in refused.stderr
    assert await counted(owner, f"pg_roles WHERE rolname = '{name}'") == 0


async def test_before_stemma_has_started_no_role_is_made(fresh_database: Callable[[], Any]) -> None:
    owner, name = (await fresh_database()).replace("+asyncpg", ""), f"reader_{uuid.uuid4().hex[:8]}"
    refused = make_reader(owner, name)
    assert refused.returncode != 0
    assert "start Stemma on this database first" in refused.stderr
    assert await counted(owner, f"pg_roles WHERE rolname = '{name}'") == 0
