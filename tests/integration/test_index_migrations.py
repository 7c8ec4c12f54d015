"""Migrations of the event index on SQLite and, with servers, on PostgreSQL: what they make, and of which version."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from projections.index import tables
from projections.index.database import MIGRATIONS, VERSION_TABLE, Database, newest_version

SERVER = pytest.param("postgresql", marks=pytest.mark.servers)


@pytest_asyncio.fixture(params=["sqlite", SERVER])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'index'}"
    made: str = await request.getfixturevalue("fresh_database")()
    return made


@pytest.fixture
def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    return made


def differences(connection: Connection) -> int:
    """Between the tables of a database and those that this version knows."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return len(compare_metadata(context, tables.metadata))


async def stand_at_the_newest(url: str, schema: str | None = None) -> None:
    """Open, which migrates, and look."""
    opened = await Database.open(url, schema=schema)
    try:
        async with opened.reading() as connection:
            assert await connection.run_sync(differences) == 0
            told = await connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))
            assert told.scalars().all() == [newest_version()]
    finally:
        await opened.close()


def test_the_newest_version_is_that_of_the_last_migration(config: Config) -> None:
    assert newest_version() == ScriptDirectory.from_config(config).get_current_head()


async def test_the_migrations_make_the_tables_and_leave_them_as_they_are(url: str) -> None:
    await stand_at_the_newest(url)
    await stand_at_the_newest(url)


@pytest.mark.parametrize("url", [SERVER], indirect=True)
async def test_an_index_beside_another_in_one_database_has_tables_of_its_own(url: str) -> None:
    await stand_at_the_newest(url)
    await stand_at_the_newest(url, "beside")


@pytest.mark.parametrize("begun", ["0001", "0004"])
async def test_an_index_of_an_earlier_version_is_brought_up_to_date(config: Config, url: str, begun: str) -> None:
    def begin(connection: Connection) -> int:
        config.attributes["connection"] = connection
        command.upgrade(config, begun)
        return differences(connection)

    engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"))
    async with engine.begin() as connection:
        assert await connection.run_sync(begin) > 0
    await engine.dispose()
    await stand_at_the_newest(url)
