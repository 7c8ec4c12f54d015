"""Random queries over random events, held against the slow filter of `tests.model.epcis_filter`.

A hundred in the suite; `STEMMA_QUERIES=10000 pytest tests/epcis/test_random_queries.py` asks so many on each
database.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.application import serving
from tests.depth import at_most
from tests.epcis.asking import ask, capture, places, walk
from tests.epcis.random_queries import BELOW, World, same
from tests.model.epcis_filter import answer

QUERIES = int(os.environ.get("STEMMA_QUERIES", at_most(100, 1000)))
EVENTS = 90
SERVER = pytest.param("postgresql", marks=pytest.mark.servers)


@pytest_asyncio.fixture(params=["sqlite", SERVER])
async def told(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = {}
    if request.param == "postgresql":
        settings["database_url"] = await request.getfixturevalue("fresh_database")()
    async with serving(tmp_path / "data", **settings) as caller:
        yield caller


async def test_random_queries_are_answered_as_by_hand(told: httpx.AsyncClient) -> None:
    """EPCIS-Q5 EPCIS-Q8 EPCIS-Q9 EPCIS-Q10 EPCIS-Q11 EPCIS-P1: every parameter alone and with others, in every order,
    page by page, gives what a filter in memory gives."""
    world = World(7)
    history = world.history(EVENTS)
    for start in range(0, len(history), 30):
        await capture(told, *history[start : start + 30], **({"epcisHeader": places(BELOW)} if not start else {}))
    recorded = await walk(told)
    assert len(recorded) == len(history)
    told.headers["GS1-Extensions"] = "ex=https://example.org/ns/"
    hits = 0
    for number in range(QUERIES):
        query = world.query()
        wanted = answer(recorded, query, same, BELOW)
        size = world.any([1, 7, 100] if len(wanted) <= 7 else [7, 30, 100])  # pages of one cost a call an event
        found = await walk(told, **query, perPage=str(size))
        assert [one["eventID"] for one in found] == [one["eventID"] for one in wanted], (number, query)
        assert [one["recordTime"] for one in found] == [one["recordTime"] for one in wanted], (number, query)
        hits += bool(wanted) and len(wanted) < len(recorded)
    assert hits > QUERIES / 3, "the queries choose"
    assert (await ask(told, EQ_action="NONE")).status_code == 400
