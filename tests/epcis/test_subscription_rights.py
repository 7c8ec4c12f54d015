"""Rows E4, N3 and S9: whose rights deliveries stand under, what ends with a query, and where nothing is delivered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from services.epcis.subscriptions.owners import why_not
from services.epcis.subscriptions.shapes import Owner
from tests.application import serving
from tests.epcis.asking import BASE, capture, event, refused
from tests.epcis.subscribing import (
    LOCAL,
    keep,
    nothing_more,
    shown,
    subscribe,
    subscribed,
    until_received,
    until_shown,
)
from tests.people import NOBODY, account, first_account, people_of
from tests.receiver import Answer, Receiver, receiving

SERVER = pytest.param("postgresql", marks=pytest.mark.servers)


@pytest_asyncio.fixture(params=["sqlite", SERVER])
async def told(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = {}
    if request.param == "postgresql":
        settings["database_url"] = await request.getfixturevalue("fresh_database")()
    async with serving(tmp_path / "data", webhook_networks=LOCAL, **settings) as caller:
        yield caller


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


async def key(client: httpx.AsyncClient, scope: str) -> tuple[str, dict[str, str]]:
    """A new key: its id, and headers that send it."""
    made = (await client.post("/api/v1/keys", json={"name": scope, "scopes": [scope]})).json()
    return made["id"], {"authorization": f"Bearer {made['key']}"}


async def test_a_revoked_keys_subscription_stops_and_says_why(told: httpx.AsyncClient, receiver: Receiver) -> None:
    """EPCIS-E4 EPCIS-S6: nothing is delivered under rights that are gone; another may resume it under its own."""
    await keep(told)
    _, admin = await key(told, "admin")
    told.headers.update(admin)
    reader_id, reader = await key(told, "read")
    dest = {"dest": receiver.url, "stream": True}
    made = await told.post(f"{BASE}/queries/all/subscriptions", json=dest, headers=reader)
    one = made.json()["subscriptionID"]
    await capture(told, event(1))
    await until_received(receiver, 1)
    assert (await told.delete(f"/api/v1/keys/{reader_id}")).status_code in (200, 204)
    await capture(told, event(2))
    found = await until_shown(told, one, "suspended")
    assert "revoked" in found["reason"]
    await nothing_more(receiver)
    resumed = (await told.post(f"/api/v1/subscriptions/{one}/resume")).json()
    assert resumed["subscriber"] != f"key:{reader_id}"
    await until_received(receiver, 2)
    assert receiver.received[1].ids == [event(2)["eventID"]]


async def test_an_idle_subscription_of_a_revoked_key_stops_too(told: httpx.AsyncClient, receiver: Receiver) -> None:
    """EPCIS-E4: though nothing is to be sent. One of the machine's own user stops with the first key."""
    await keep(told)
    local = await subscribed(told, "all", receiver.url)
    _, admin = await key(told, "admin")
    told.headers.update(admin)
    reader_id, reader = await key(told, "read")
    dest = {"dest": receiver.url, "stream": True}
    made = await told.post(f"{BASE}/queries/all/subscriptions", json=dest, headers=reader)
    await told.delete(f"/api/v1/keys/{reader_id}")
    assert "revoked" in (await until_shown(told, made.json()["subscriptionID"], "suspended"))["reason"]
    assert "neither key nor account" in (await until_shown(told, local, "suspended"))["reason"]


async def test_an_accounts_subscription_stops_with_its_role(told: httpx.AsyncClient) -> None:
    """EPCIS-E4: a disabled account, one without the right to query, one that is not there."""
    app = told._transport.app  # type: ignore[attr-defined]
    boss = await first_account(app)
    keeper = await account(app, "keeper", "warehouse_keeper")
    keys, people = app.state.house.keys, people_of(app)
    owner = Owner(f"account:{keeper}", account_id=keeper)
    assert await why_not(owner, keys, people) is None
    await people.change(keeper, NOBODY, None, ["administrator"], None)
    assert "right `query`" in str(await why_not(owner, keys, people))
    await people.change(keeper, NOBODY, None, ["auditor"], True)
    assert "disabled" in str(await why_not(owner, keys, people))
    assert "not there" in str(await why_not(Owner("account:x", account_id="x"), keys, people))
    assert "revoked" in str(await why_not(Owner("key:x", key_id="x"), keys, people))
    assert await why_not(Owner(f"account:{boss}", account_id=boss), keys, people) is None


async def test_one_sees_ones_own(told: httpx.AsyncClient, receiver: Receiver) -> None:
    """EPCIS-E4 EPCIS-S2: a subscription is its subscriber's, and of whoever may operate; capture is another right."""
    await keep(told)
    _, admin = await key(told, "admin")
    told.headers.update(admin)
    keys = [(await key(told, "read"))[1] for _ in range(2)]
    path, dest = f"{BASE}/queries/all/subscriptions", {"dest": receiver.url, "stream": True}
    one = (await told.post(path, json=dest, headers=keys[0])).json()["subscriptionID"]
    assert len((await told.get(path, headers=keys[0])).json()) == 1
    assert len((await told.get(path)).json()) == 1
    assert len((await told.get("/api/v1/subscriptions")).json()) == 1
    assert (await told.get(path, headers=keys[1])).json() == []
    assert (await told.get("/api/v1/subscriptions", headers=keys[1])).json() == []
    refused(await told.get(f"{path}/{one}", headers=keys[1]), 404, "NoSuchNameException")
    refused(await told.delete(f"{path}/{one}", headers=keys[1]), 404, "NoSuchNameException")
    for call in ("", "/test", "/resume", "/rotate"):
        method = "POST" if call else "GET"
        body = {"json": {"signatureToken": "x"}} if call == "/rotate" else {}
        answered = await told.request(method, f"/api/v1/subscriptions/{one}{call}", headers=keys[1], **body)
        assert answered.status_code == 404
    _, capturer = await key(told, "capture")
    refused(await told.post(path, json=dest, headers=capturer), 403, "SecurityException")
    refused(await told.get(path, headers=capturer), 403, "SecurityException")
    assert (await told.delete(f"{path}/{one}", headers=keys[0])).status_code == 204
    assert not receiver.received


async def test_a_query_takes_its_subscriptions_with_it(told: httpx.AsyncClient, receiver: Receiver) -> None:
    """EPCIS-N3: 204; nothing is delivered afterwards, not even what was under way; a new query of the name has none."""
    path = await keep(told)
    receiver.answer = lambda got: Answer(500)
    one = await subscribed(told, "all", receiver.url)
    await capture(told, event(1))
    await until_received(receiver, 1)
    assert (await told.delete(path)).status_code == 204
    count = len(receiver.received)
    assert (await told.get(f"/api/v1/subscriptions/{one}")).status_code == 404
    await keep(told)
    await capture(told, event(2))
    await nothing_more(receiver, 2.5)
    assert len(receiver.received) == count
    assert (await told.get(f"{path}/subscriptions")).json() == []
    refused(await told.delete(f"{BASE}/queries/nobody"), 404, "NoSuchNameException")


async def test_no_delivery_starts_after_unsubscribing(told: httpx.AsyncClient, receiver: Receiver) -> None:
    """EPCIS-S2: however often it is tried, under a stream of events."""
    await keep(told)
    for turn in range(5):
        one = await subscribed(told, "all", f"{receiver.url}/{turn}")
        captures = [asyncio.create_task(capture(told, event(turn * 50 + n))) for n in range(8)]
        await captures[turn]
        assert (await told.delete(f"{BASE}/queries/all/subscriptions/{one}")).status_code == 204
        count = len(receiver.received)
        await asyncio.gather(*captures)
        await asyncio.sleep(0.3)
        assert len(receiver.received) == count


PRIVATE = [
    "http://localhost/", "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0177.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:10.0.0.1]/", "http://10.0.0.1/",
    "http://172.16.0.1/", "http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/",
    "http://[fd00::1]/", "http://0.0.0.0/", "http://[::]/", "http://100.64.0.1/", "http://224.0.0.1/", "http://[ff02::1]/",
    "http://255.255.255.255/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[::127.0.0.1]/",
    "https://192.0.2.1/", "http://198.18.0.1/", "http://240.0.0.1/",
]  # fmt: skip


@pytest.mark.parametrize("dest", PRIVATE)
async def test_a_private_address_is_refused(client: httpx.AsyncClient, dest: str) -> None:
    """EPCIS-S9: in every spelling, unless the settings allow its network."""
    await keep(client)
    refused(await subscribe(client, "all", dest), 400, "ValidationException", "dest")


async def test_what_was_allowed_once_is_judged_again_at_each_connection(tmp_path: Path, receiver: Receiver) -> None:
    """EPCIS-S9: a name that means a private address by then, or a network that is not allowed any more: no
    connection is made."""
    folder = tmp_path / "data"
    async with serving(folder, webhook_networks=LOCAL) as client:
        await keep(client)
        one = await subscribed(client, "all", receiver.url.replace("127.0.0.1", "localhost"))
        assert (await client.post(f"/api/v1/subscriptions/{one}/test")).json()["status"] == 204
    async with serving(folder) as client:
        tested = (await client.post(f"/api/v1/subscriptions/{one}/test")).json()
        assert tested["status"] is None
        assert "nothing is delivered to" in tested["error"]
        await capture(client, event(1))
        found = await shown(client, one)
        while not any(got["events"] for got in found["attempts"]):
            await asyncio.sleep(0.05)
            found = await shown(client, one)
    assert len(receiver.received) == 1


async def test_a_redirect_is_no_success_and_is_not_followed(tmp_path: Path, receiver: Receiver) -> None:
    """EPCIS-S9: wherever it leads."""
    async with serving(tmp_path / "data", webhook_networks=LOCAL) as client:
        await keep(client)
        receiver.answer = lambda got: Answer(307, headers={"location": f"{receiver.url}/elsewhere"})
        one = await subscribed(client, "all", f"{receiver.url}/here")
        await capture(client, event(1))
        await until_received(receiver, 2)
        assert {got.path for got in receiver.received} == {"/here"}
        found = await shown(client, one)
        assert "redirect" in found["attempts"][0]["error"]
        assert found["pending"]["failures"] >= 1


async def test_an_answer_without_end_is_read_no_further_than_a_kilobyte(tmp_path: Path, receiver: Receiver) -> None:
    """EPCIS-S6 EPCIS-S9: bounded in size and in time."""
    async with serving(tmp_path / "data", webhook_networks=LOCAL, webhook_seconds=1) as client:
        await keep(client)
        one = await subscribed(client, "all", receiver.url)
        receiver.answer = lambda got: Answer(200, b"y" * 5_000_000)
        tested = (await client.post(f"/api/v1/subscriptions/{one}/test")).json()
        assert (tested["status"], tested["answer"]) == (200, "y" * 1024)
        receiver.answer = lambda got: Answer(seconds=3)
        tested = (await client.post(f"/api/v1/subscriptions/{one}/test")).json()
        assert tested["status"] is None
        assert "1 s" in tested["error"]
