"""Migrations of the event index: what is the newest, and how an older one comes to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from projections.index import tables
from projections.index.database import MIGRATIONS, VERSION_TABLE, Database, newest_version


@pytest.fixture
def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    return made


def differences(connection: Connection) -> int:
    """Between the tables of a database and those that this version knows."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return len(compare_metadata(context, tables.metadata))


def test_the_newest_version_is_that_of_the_last_migration(config: Config) -> None:
    assert newest_version() == ScriptDirectory.from_config(config).get_current_head()


@pytest.mark.parametrize("begun", ["0001", "0004"])
async def test_an_index_of_an_earlier_version_is_brought_up_to_date(config: Config, tmp_path: Path, begun: str) -> None:
    url = f"sqlite:///{tmp_path / 'index'}"
    with create_engine(url).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, begun)
        assert differences(connection) > 0
    await (await Database.open(url)).close()
    with create_engine(url).connect() as connection:
        assert differences(connection) == 0
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar() == newest_version()
