"""The workbench database, opened by several processes' worth of stores at once before anything is in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.accounts.database import Database
from services.clock import system_clock
from services.epcis.store import EpcisStore
from services.epcis.subscriptions.store import SubscriptionStore
from services.keys.store import KeyStore
from services.recall.questions import QuestionStore

AT_ONCE = 8
STORES: dict[str, Callable[[str], Awaitable[Any]]] = {
    "accounts": Database.open,
    "keys": lambda url: KeyStore.open(url, system_clock),
    "queries": lambda url: EpcisStore.open(url, system_clock),
    "questions": lambda url: QuestionStore.open(url, system_clock),
    "subscriptions": SubscriptionStore.open,
}


@pytest_asyncio.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'workbench.sqlite'}"
    made: Any = request.getfixturevalue("fresh_database")
    return str(await made())


@pytest.mark.parametrize("name", STORES)
async def test_any_number_that_start_at_once_make_the_tables_once(url: str, name: str) -> None:
    opened = await asyncio.gather(*(STORES[name](url) for _ in range(AT_ONCE)), return_exceptions=True)
    for one in opened:
        if not isinstance(one, BaseException):
            await one.close()
    assert [one for one in opened if isinstance(one, BaseException)] == []


@pytest.mark.servers
async def test_all_stores_of_several_processes_start_at_once(fresh_database: Callable[[], Awaitable[Any]]) -> None:
    """On PostgreSQL alone: a folder's SQLite file is opened by one process, store after store."""
    url = str(await fresh_database())
    opened = await asyncio.gather(*(begin(url) for begin in [*STORES.values()] * 3), return_exceptions=True)
    for one in opened:
        if not isinstance(one, BaseException):
            await one.close()
    assert [one for one in opened if isinstance(one, BaseException)] == []
