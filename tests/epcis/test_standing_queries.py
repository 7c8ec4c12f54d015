"""What standing queries tell of an event in memory is what the database answers, for random queries and events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from projections.index.standing import Met, Standing, meets
from services.epcis.parameters import prefixes_of, query_of_address
from services.epcis.query import Query, compiled, run
from tests.application import serving
from tests.depth import at_most
from tests.epcis.asking import capture, places
from tests.epcis.random_queries import BELOW, World

EVENTS, QUERIES = 90, at_most(120, 400)
SERVER = pytest.param("postgresql", marks=pytest.mark.servers)


@pytest_asyncio.fixture(params=["sqlite", SERVER])
async def told(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = {}
    if request.param == "postgresql":
        settings["database_url"] = await request.getfixturevalue("fresh_database")()
    async with serving(tmp_path / "data", **settings) as caller:
        yield caller


def house_of(client: httpx.AsyncClient) -> Any:
    transport: Any = client._transport
    return transport.app.state.house


async def test_memory_and_database_agree_on_what_meets_a_query(told: httpx.AsyncClient) -> None:
    """EPCIS-S5 EPCIS-S7: every query of a random world meets the same events in memory as in the database."""
    world, house = World(11), house_of(told)
    history = world.history(EVENTS)
    for start in range(0, len(history), 30):
        await capture(told, *history[start : start + 30], **({"epcisHeader": places(BELOW)} if not start else {}))
    await told.get("/epcis/v2/events")
    now = await house.index.watermark_us()
    events = await every(house.index, now)
    assert len(events) == len(history)
    standing, wanted = Standing(), dict[str, int]()
    for number in range(QUERIES):
        pairs = [(name, "|".join(values)) for name, values in world.query().items() if "order" not in name.lower()]
        pairs = [(name, value) for name, value in pairs if name != "eventCountLimit"]
        query = query_of_address(pairs, prefixes_of("ex=https://example.org/ns/"), 1000)
        asked = await compiled(house.index, query, now)
        found = {(one.record_us, one.facts.event_id) for one in await run(house.index, query, None, now, 1000)}
        met = [one for one in events if meets(asked.conditions, one)]
        assert {(one.record_us, one.facts.event_id) for one in met} == found, query
        standing.add(str(number), asked.conditions)
        if met:
            wanted[str(number)] = max(one.record_us for one in met)
    assert len(wanted) > QUERIES / 3
    one_by_one: dict[str, int] = {}
    for event in events:
        for name, us in standing.met([event]).items():
            one_by_one[name] = max(us, one_by_one.get(name, 0))
    assert one_by_one == wanted
    assert wanted.keys() <= standing.met(events).keys()
    for number in range(QUERIES):
        standing.remove(str(number))
    standing.remove("never there")
    assert not standing.met(events)
    assert len(standing) == 0


async def every(index: Any, now: int) -> list[Met]:
    found: list[Met] = []
    page, after = await index.met_page(None, 7, now)
    while page:
        found += page
        page, after = await index.met_page(after, 7, now)
    return found


async def test_a_query_without_conditions_is_met_by_all(told: httpx.AsyncClient) -> None:
    """EPCIS-S5: the empty query."""
    await capture(told, *World(3).history(4))
    await told.get("/epcis/v2/events")
    house = house_of(told)
    standing = Standing()
    standing.add("all", (await compiled(house.index, Query(), 0)).conditions)
    events = await every(house.index, await house.index.watermark_us())
    assert standing.met(events) == {"all": max(one.record_us for one in events)}
    assert standing.met([]) == {}
