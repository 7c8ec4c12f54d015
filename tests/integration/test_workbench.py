"""The workbench database, opened by several processes' worth of stores at once before anything is in it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.schema import DropIndex

from services.accounts import tables as accounts
from services.bootstrap import open_workbench
from services.clock import system_clock
from services.epcis.store import EpcisStore
from services.epcis.subscriptions.store import SubscriptionStore
from services.settings import load_settings

AT_ONCE = 8


@pytest_asyncio.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'workbench.sqlite'}"
    made: Any = request.getfixturevalue("fresh_database")
    return str(await made())


async def test_any_number_that_start_at_once_make_tables_and_secret_once(url: str, tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path, database_url="sqlite:" if url.startswith("sqlite") else url)

    async def secret() -> bytes:
        async with open_workbench(settings) as workbench:
            await SubscriptionStore.open(workbench)
            return (await EpcisStore.open(workbench, system_clock)).secret

    found = await asyncio.gather(*(secret() for _ in range(AT_ONCE)))
    assert len(set(found)) == 1
    assert len(found[0]) == 32


async def test_an_index_that_a_start_left_out_is_made_by_the_next(url: str, tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path, database_url="sqlite:" if url.startswith("sqlite") else url)
    index = next(index for table in accounts.metadata.sorted_tables for index in table.indexes)
    async with open_workbench(settings) as workbench, workbench.change() as connection:
        await connection.execute(DropIndex(index))
    async with open_workbench(settings) as workbench, workbench.change() as connection:
        await connection.execute(DropIndex(index))
