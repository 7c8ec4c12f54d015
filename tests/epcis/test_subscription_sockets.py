"""Rows S8 and N3: WebSockets of a real `stemma serve`, by stream and by schedule."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.e2e.conftest import NO_AUTHORITIES, Server, make_server
from tests.epcis.asking import BASE, capture, event, refused
from tests.epcis.subscribing import keep

__all__ = ["make_server"]
SECONDS = 60
SERVER = pytest.param("postgresql", marks=pytest.mark.servers)


@pytest_asyncio.fixture(params=["sqlite", SERVER])
async def served(request: pytest.FixtureRequest, make_server: Callable[..., Server]) -> Server:
    env = {}
    if request.param == "postgresql":
        env["STEMMA_DATABASE_URL"] = await request.getfixturevalue("fresh_database")()
    return make_server(**env)


@pytest_asyncio.fixture
async def client(served: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=served.url, timeout=60, trust_env=False, verify=NO_AUTHORITIES) as caller:
        yield caller


def opened(served: Server, address: str, **headers: str) -> connect:
    url = f"ws://127.0.0.1:{served.port}{BASE}{address}"
    return connect(url, additional_headers=headers, open_timeout=SECONDS, max_size=None, proxy=None)


async def document(socket: ClientConnection) -> dict[str, Any]:
    """The next frame."""
    async with asyncio.timeout(SECONDS):
        found: dict[str, Any] = orjson.loads(await socket.recv())
    assert found["type"] == "EPCISQueryDocument"
    return found


def ids(found: dict[str, Any]) -> list[str]:
    results = found["epcisBody"]["queryResults"]
    assert results["queryName"] == "shipped"
    return [one["eventID"] for one in results["resultsBody"]["eventList"]]


async def refusal(served: Server, address: str, **headers: str) -> httpx.Response:
    with pytest.raises(InvalidStatus) as fault:
        async with opened(served, address, **headers):
            pass
    answer = fault.value.response
    return httpx.Response(
        answer.status_code, headers=list(answer.headers.raw_items()), content=bytes(answer.body or b"")
    )


async def test_a_stream_sends_each_event_once_as_it_becomes_visible(served: Server, client: httpx.AsyncClient) -> None:
    """EPCIS-S8 EPCIS-S5: 101, then one document a frame, from `initialRecordTime` on or from now on."""
    await keep(client, "shipped", EQ_bizStep=["shipping"])
    await capture(client, event(1, bizStep="shipping"))
    async with (
        opened(served, "/queries/shipped/events?stream=true") as fresh,
        opened(served, "/queries/shipped/events?stream=true&initialRecordTime=2020-01-01T00:00:00Z") as old,
    ):
        assert ids(await document(old)) == [event(1)["eventID"]]
        for number in (2, 3):
            await capture(client, event(number, bizStep="shipping"), event(number + 10))
            for socket in (fresh, old):
                assert ids(await document(socket)) == [event(number)["eventID"]]
        figures = (await client.get("/metrics")).text
        assert "stemma_sockets 2.0" in figures


async def test_a_schedule_sends_what_is_new_and_silence_unless_asked(served: Server, client: httpx.AsyncClient) -> None:
    """EPCIS-S8 EPCIS-S4 EPCIS-S5: `second=…` every second; `reportIfEmpty` sends empty documents."""
    await keep(client, "shipped", EQ_bizStep=["shipping"])
    async with (
        opened(served, "/queries/shipped/events?second=0/1") as quiet,
        opened(served, "/queries/shipped/events?second=0/1&reportIfEmpty=true") as loud,
    ):
        assert ids(await document(loud)) == []
        await capture(client, *(event(n, bizStep="shipping") for n in range(3)))
        assert ids(await document(quiet)) == [event(n)["eventID"] for n in range(3)]
        found: list[str] = []
        while len(found) < 3:
            found += ids(await document(loud))
        assert found == [event(n)["eventID"] for n in range(3)]


BAD = [
    ("", 400, "SubscriptionControlsException"),
    ("?stream=true&minute=5", 400, "SubscriptionControlsException"),
    ("?stream=false", 400, "SubscriptionControlsException"),
    ("?stream=yes", 400, "SubscriptionControlsException"),
    ("?minute=60", 400, "SubscriptionControlsException"),
    ("?minute=5&minute=6", 400, "SubscriptionControlsException"),
    ("?stream=true&EQ_action=ADD", 400, "SubscriptionControlsException"),
    ("?stream=true&initialRecordTime=now", 400, "ValidationException"),
]


async def test_a_bad_socket_is_refused(served: Server, client: httpx.AsyncClient) -> None:
    """EPCIS-S8 EPCIS-E2: both stream and schedule, neither, or bad ones are 400 instead of 101; no such query 404;
    EPCIS-D5: versions and formats that are not ours 406."""
    await keep(client, "shipped")
    for query, status, kind in BAD:
        refused(await refusal(served, f"/queries/shipped/events{query}"), status, kind)
    refused(await refusal(served, "/queries/nobody/events?stream=true"), 404, "NoSuchNameException")
    for name, value in (("GS1-EPC-Format", "Sometimes"), ("GS1-EPCIS-Version", "1.0"), ("GS1-CBV-Min", "3")):
        answered = await refusal(served, "/queries/shipped/events?stream=true", **{name: value})
        refused(answered, 406, "NotAcceptableException", name)


async def test_a_socket_needs_the_right_to_query(served: Server, client: httpx.AsyncClient) -> None:
    """EPCIS-S8 EPCIS-E4: 403 for a key that only captures; one that is revoked loses its socket."""
    await keep(client, "shipped")
    address = "/queries/shipped/events?stream=true"
    admin = (await client.post("/api/v1/keys", json={"name": "a", "scopes": ["admin"]})).json()["key"]
    client.headers["authorization"] = f"Bearer {admin}"
    keys = {}
    for scope in ("capture", "read"):
        keys[scope] = (await client.post("/api/v1/keys", json={"name": scope, "scopes": [scope]})).json()
    head = {scope: f"Bearer {made['key']}" for scope, made in keys.items()}
    refused(await refusal(served, address, authorization=head["capture"]), 403, "SecurityException")
    assert (await refusal(served, address)).status_code == 403
    async with opened(served, address, authorization=head["read"]) as socket:
        await capture(client, event(1))
        assert ids(await document(socket)) == [event(1)["eventID"]]
        await client.delete(f"/api/v1/keys/{keys['read']['id']}")
        assert await closed(socket) == 1008


async def test_sockets_end_with_their_query_and_with_the_service(served: Server, client: httpx.AsyncClient) -> None:
    """EPCIS-N3: closed within seconds; at shutdown too."""
    for name in ("shipped", "kept"):
        await keep(client, name)
    async with (
        opened(served, "/queries/shipped/events?stream=true") as gone,
        opened(served, "/queries/kept/events?minute=5&hour=1") as stays,
    ):
        assert (await client.delete(f"{BASE}/queries/shipped")).status_code == 204
        assert await closed(gone) == 1001
        await asyncio.to_thread(served.stop)
        assert await closed(stays) in (1001, 1012)


async def closed(socket: ClientConnection) -> int | None:
    """The code that the socket is closed with, whatever comes before."""
    async with asyncio.timeout(SECONDS):
        with suppress(ConnectionClosed):
            async for _ in socket:
                pass
    return socket.close_code
