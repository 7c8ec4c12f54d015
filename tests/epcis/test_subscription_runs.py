"""Rows S4 and S5: when scheduled queries deliver, with a clock that the test sets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from schemas.times import Instant
from tests.application import serving
from tests.epcis.asking import capture, event
from tests.epcis.subscribing import LOCAL, keep, nothing_more, shown, subscribed, until_received
from tests.receiver import Receiver, receiving

SERVER = pytest.param("postgresql", marks=pytest.mark.servers)
NOON = Instant.parse("2030-05-06T12:00:00Z").us
HOUR = 3_600_000_000


class SetClock:
    """Tells the time that the test sets."""

    def __init__(self) -> None:
        self.us = NOON

    def __call__(self) -> int:
        return self.us


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest_asyncio.fixture(params=["sqlite", SERVER])
async def database(request: pytest.FixtureRequest) -> dict[str, object]:
    if request.param == "sqlite":
        return {}
    return {"database_url": await request.getfixturevalue("fresh_database")()}


@asynccontextmanager
async def running(folder: Path, clock: SetClock, settings: dict[str, object]) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(folder, clock, webhook_networks=LOCAL, **settings) as client:
        yield client


async def test_a_schedule_delivers_what_is_new_at_its_time(
    tmp_path: Path, receiver: Receiver, database: dict[str, object]
) -> None:
    """EPCIS-S4 EPCIS-S5: events since the last run, in order; none, then silence, or an empty document if asked."""
    clock = SetClock()
    async with running(tmp_path / "data", clock, database) as client:
        await keep(client)
        since = {"initialRecordTime": "2020-01-01T00:00:00Z", "schedule": {"minute": "0"}}
        quiet = await subscribed(client, "all", f"{receiver.url}/quiet", **since)
        await subscribed(client, "all", f"{receiver.url}/loud", **since, reportIfEmpty=True)
        assert (await shown(client, quiet))["next_run"] == "2030-05-06T13:00:00Z"
        await capture(client, event(1), event(2))
        await nothing_more(receiver)
        clock.us = NOON + HOUR
        await until_received(receiver, 2)
        assert {got.path for got in receiver.received} == {"/quiet", "/loud"}
        assert receiver.ids("/quiet") == receiver.ids("/loud") == [event(1)["eventID"], event(2)["eventID"]]
        clock.us += HOUR
        await until_received(receiver, 3)
        assert (receiver.received[2].path, receiver.received[2].ids) == ("/loud", [])
        await capture(client, event(3))
        clock.us += HOUR
        await until_received(receiver, 5)
        assert receiver.ids("/quiet")[2:] == receiver.ids("/loud")[2:] == [event(3)["eventID"]]
        await nothing_more(receiver)


async def test_runs_missed_while_down_are_one(tmp_path: Path, receiver: Receiver, database: dict[str, object]) -> None:
    """EPCIS-S4: three hours away, one run at the return, with all that came; then the schedule goes on."""
    clock = SetClock()
    async with running(tmp_path / "data", clock, database) as client:
        await keep(client)
        since = {"initialRecordTime": "2020-01-01T00:00:00Z", "schedule": {"minute": "30"}, "reportIfEmpty": True}
        one = await subscribed(client, "all", receiver.url, **since)
        await capture(client, event(1))
    clock.us += 3 * HOUR
    async with running(tmp_path / "data", clock, database) as client:
        await until_received(receiver, 1)
        await nothing_more(receiver)
        assert receiver.received[0].ids == [event(1)["eventID"]]
        assert (await shown(client, one))["next_run"] == "2030-05-06T15:30:00Z"
        clock.us += HOUR
        await until_received(receiver, 2)
        assert receiver.received[1].ids == []


async def test_a_long_run_comes_in_batches_and_ends(
    tmp_path: Path, receiver: Receiver, database: dict[str, object]
) -> None:
    """EPCIS-S5: a run of exactly two batches is two deliveries, the second the last; nothing is sent twice."""
    clock = SetClock()
    async with running(tmp_path / "data", clock, {**database, "webhook_batch": 4}) as client:
        await keep(client)
        since = {"initialRecordTime": "2020-01-01T00:00:00Z", "schedule": {"minute": "30"}, "reportIfEmpty": True}
        await subscribed(client, "all", receiver.url, **since)
        await capture(client, *(event(n) for n in range(8)))
        await client.get("/epcis/v2/events")
        clock.us += HOUR
        await until_received(receiver, 2)
        await asyncio.sleep(1)
        assert [len(got.ids) for got in receiver.received] == [4, 4]
        assert receiver.ids() == [event(n)["eventID"] for n in range(8)]
