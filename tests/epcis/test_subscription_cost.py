"""Row B5: what many streams cost a capture, counted in statements to the databases; figures in docs/performance.md."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from schemas.epcis.formats import EpcFormat
from services.epcis.parameters import query_of_json
from services.epcis.store import NamedQuery
from services.epcis.subscriptions.reading import Asked
from services.epcis.subscriptions.shapes import Wish
from services.principal import LOCAL
from tests.application import serving
from tests.epcis.asking import capture, event
from tests.epcis.test_standing_queries import house_of

STREAMS = 60
NOWHERE = "https://93.184.215.14/never-called"
SERVER = pytest.param("postgresql", marks=pytest.mark.servers)
QUERIES = (
    lambda n: {"EQ_bizStep": [f"https://example.org/step/{n}"]},
    lambda n: {"MATCH_anyEPC": [f"https://id.gs1.org/01/09506000000039/21/none-{n}"], "EQ_action": ["OBSERVE"]},
    lambda n: {"GE_value_CEL": n},
    lambda n: {"LT_eventTime": f"1990-01-01T00:00:{n % 60:02}Z"},
    lambda n: {"MATCH_epcClass": [f"urn:epc:idpat:sgtin:9506000.{n:06}.*"]},
)


@contextmanager
def counting() -> Iterator[list[str]]:
    """Every statement that goes to a database of SQLAlchemy's."""
    found: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


async def asked_of_streams(client: httpx.AsyncClient, first: int) -> int:
    """Statements that read for deliveries while four documents are captured."""
    with counting() as found:
        for turn in range(4):
            await capture(client, *(event(first + turn * 50 + n, bizStep="shipping") for n in range(50)))
        await client.get("/epcis/v2/events", params={"EQ_eventID": event(first)["eventID"]})
        await asyncio.sleep(1)
    reading = [one for one in found if one.startswith("SELECT")]
    return sum("epcis_subscription" in one or "epcis_delivery" in one for one in reading)


@pytest.mark.parametrize("database", ["sqlite", SERVER])
async def test_streams_that_match_nothing_ask_the_database_nothing(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    """EPCIS-B5: however many there are, a capture that none of them is met by costs no statement for them."""
    settings = {} if database == "sqlite" else {"database_url": await request.getfixturevalue("fresh_database")()}
    async with serving(tmp_path / "data", wait_seconds=90, **settings) as client:
        await capture(client, event(1))
        house = house_of(client)
        for n in range(STREAMS):
            query = query_of_json(QUERIES[n % len(QUERIES)](n), {}, 1000)
            kept = NamedQuery(f"q{n}", {"name": f"q{n}", "query": {}}, query, house.clock(), "local")
            await house.epcis.add(kept)
            await house.subscriptions.subscribe(LOCAL, kept, Asked(NOWHERE, None, Wish(None, format=EpcFormat.LINK)))
        turn = 1000
        while await asked_of_streams(client, turn):  # they look once when they begin
            turn += 1000
        assert await asked_of_streams(client, turn + 1000) == 0
        told = (await client.get("/metrics")).text
        assert f'stemma_subscriptions{{state="active"}} {STREAMS}.0' in told
