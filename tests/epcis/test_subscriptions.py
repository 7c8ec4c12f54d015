"""Rows S1, S2, S5 to S7 and D2: webhook subscriptions, embedded and on Kafka, Neo4j and PostgreSQL."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.application import serving
from tests.epcis.asking import BASE, EX, ITEM, ask, capture, event, refused, walk
from tests.epcis.subscribing import (
    LOCAL,
    keep,
    nothing_more,
    shown,
    subscribe,
    subscribed,
    until,
    until_received,
    until_shown,
)
from tests.integration.test_kill_servers import empty_graph
from tests.receiver import Answer, Receiver, receiving

CONTROLS, VALIDATION = "SubscriptionControlsException", "ValidationException"
HOOK = "https://example.org/h"
SERVERS = pytest.param("servers", marks=pytest.mark.servers)


async def settings_of(request: pytest.FixtureRequest) -> dict[str, object]:
    """Settings of a service on the three servers, with a topic and a database of its own."""
    await empty_graph(request.getfixturevalue("neo4j_server"))
    return {
        "log_url": f"kafka://{request.getfixturevalue('kafka_server')}/t-{uuid.uuid4().hex[:12]}?partitions=3",
        "graph_url": request.getfixturevalue("neo4j_server"),
        "database_url": await request.getfixturevalue("fresh_database")(),
    }


@pytest_asyncio.fixture(params=["embedded", SERVERS])
async def told(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = await settings_of(request) if request.param == "servers" else {}
    async with serving(
        tmp_path / "data", webhook_networks=LOCAL, webhook_seconds=5, wait_seconds=90, **settings
    ) as caller:
        yield caller


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def ids(*numbers: int) -> list[str]:
    return [event(number)["eventID"] for number in numbers]


async def test_a_stream_delivers_what_the_query_returns_in_order(told: httpx.AsyncClient, receiver: Receiver) -> None:
    """EPCIS-S1 EPCIS-S5 EPCIS-S6: 201 with Location and no token; then each event that meets the query, once, as it
    becomes visible, in a query document with the query's name and the subscription's id; originals that were withdrawn
    and their declarations too."""
    await keep(told, "shipped", EQ_bizStep=["shipping"])
    await capture(told, event(1, bizStep="shipping"))
    made = await subscribe(told, "shipped", receiver.url + "/hook", signatureToken="s3cret")
    assert made.status_code == 201
    one = made.json()
    assert made.headers["location"] == f"{BASE}/queries/shipped/subscriptions/{one['subscriptionID']}"
    assert made.headers["gs1-epcis-version"] == "2.0.0"
    assert one["dest"] == receiver.url + "/hook"
    assert one["stream"] is True
    assert one["createdAt"].endswith("Z")
    assert "s3cret" not in made.text
    await capture(told, event(2, bizStep="shipping"), event(3, bizStep="receiving"), event(4, bizStep="shipping"))
    declaration = {"declarationTime": "2026-03-02T10:00:00Z", "reason": "did_not_occur"}
    await capture(told, event(5), event(2, bizStep="shipping", errorDeclaration=declaration))
    await until(lambda: len(receiver.ids()) == 3)
    await nothing_more(receiver, 0.5)
    assert receiver.ids() == ids(2, 4, 2)
    wanted = await walk(told, "/queries/shipped/events")
    assert [one["eventID"] for one in wanted] == ids(1, 2, 4, 2)
    told_events = [one for got in receiver.received for one in got.results["resultsBody"]["eventList"]]
    assert told_events == wanted[1:]
    first = receiver.received[0]
    assert first.document["type"] == "EPCISQueryDocument"
    assert first.results["queryName"] == "shipped"
    assert first.results["subscriptionID"] == one["subscriptionID"]
    assert first.headers["content-type"] == "application/json"
    signed = base64.b64encode(hmac.new(b"s3cret", first.body, hashlib.sha256).digest()).decode()
    assert first.headers["gs1-signature"] == signed
    assert len({got.headers["stemma-delivery"] for got in receiver.received}) == len(receiver.received)


async def test_subscriptions_are_listed_read_and_ended(told: httpx.AsyncClient, receiver: Receiver) -> None:
    """EPCIS-S2 EPCIS-D2 EPCIS-P1: list in pages, one, its `OPTIONS`; 204, and nothing is delivered afterwards."""
    path = await keep(told)
    made = [
        await subscribed(told, "all", f"{receiver.url}/{n}", initialRecordTime="2020-01-01T00:00:00Z") for n in range(3)
    ]
    listed = (await told.get(f"{path}/subscriptions")).json()
    assert [one["subscriptionID"] for one in listed] == made
    page = await told.get(f"{path}/subscriptions", params={"perPage": 2})
    assert [one["subscriptionID"] for one in page.json()] == made[:2]
    rest = await told.get(page.headers["link"][1:].split(">")[0])
    assert [one["subscriptionID"] for one in rest.json()] == made[2:]
    one = await told.get(f"{path}/subscriptions/{made[0]}")
    assert {"lastNotifiedAt"} == set(one.json()) ^ {
        "subscriptionID", "queryName", "dest", "createdAt", "reportIfEmpty", "stream", "minRecordTime", "epcFormat",
        "initialRecordTime", "lastNotifiedAt",
    }  # fmt: skip
    assert one.json()["minRecordTime"] == one.headers["gs1-query-min-record-time"] == "2020-01-01T00:00:00Z"
    assert one.json()["epcFormat"] == "Always_GS1_Digital_Link"
    options = await told.request("OPTIONS", f"{BASE}/queries/all/subscriptions/{made[0]}")
    assert options.status_code == 204
    assert options.headers["allow"] == "OPTIONS, GET, DELETE"
    assert options.headers["gs1-query-min-record-time"] == "2020-01-01T00:00:00Z"
    await capture(told, event(1))
    await until_received(receiver, 3)
    await until_shown(told, made[0], "active")
    gone = await told.delete(f"{path}/subscriptions/{made[0]}")
    assert gone.status_code == 204
    await capture(told, event(2))
    await until(lambda: len(receiver.ids()) == 5)
    await nothing_more(receiver, 0.5)
    assert receiver.ids("/0") == ids(1)
    after = (await told.get(f"{path}/subscriptions/{made[1]}")).json()
    assert after["lastNotifiedAt"] > after["createdAt"]
    assert after["minRecordTime"] > after["createdAt"]
    for missing in (made[0], "never-there"):
        refused(await told.get(f"{path}/subscriptions/{missing}"), 404, "NoSuchNameException")
        refused(await told.delete(f"{path}/subscriptions/{missing}"), 404, "NoSuchNameException")
        assert (await told.request("OPTIONS", f"{path}/subscriptions/{missing}")).status_code == 404
    refused(await ask(told, "/queries/nobody/subscriptions"), 404, "NoSuchNameException")
    await keep(told, "other")
    refused(await told.get(f"{BASE}/queries/other/subscriptions/{made[1]}"), 404, "NoSuchNameException")


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        ({"dest": HOOK}, CONTROLS, "stream"),
        ({"dest": HOOK, "stream": False}, CONTROLS, "stream"),
        ({"dest": HOOK, "stream": "true"}, CONTROLS, "stream"),
        ({"dest": HOOK, "stream": True, "schedule": {"hour": "1"}}, CONTROLS, "stream"),
        ({"dest": HOOK, "schedule": {}}, CONTROLS, "schedule"),
        ({"dest": HOOK, "schedule": "1"}, CONTROLS, "schedule"),
        ({"dest": HOOK, "schedule": {"hour": "24"}}, CONTROLS, "schedule.hour"),
        ({"dest": HOOK, "schedule": {"hour": 1}}, CONTROLS, "schedule.hour"),
        ({"stream": True}, VALIDATION, "dest"),
        ({"dest": "", "stream": True}, VALIDATION, "dest"),
        ({"dest": 5, "stream": True}, VALIDATION, "dest"),
        ({"dest": "ftp://example.org/h", "stream": True}, VALIDATION, "dest"),
        ({"dest": "https://", "stream": True}, VALIDATION, "dest"),
        ({"dest": "https://user:word@example.org/", "stream": True}, VALIDATION, "dest"),
        ({"dest": "https://example.org:99999/", "stream": True}, VALIDATION, "dest"),
        ({"dest": HOOK, "stream": True, "initialRecordTime": "yesterday"}, VALIDATION, "initialRecordTime"),
        ({"dest": HOOK, "stream": True, "reportIfEmpty": "no"}, VALIDATION, "reportIfEmpty"),
        ({"dest": HOOK, "stream": True, "signatureToken": 5}, VALIDATION, "signatureToken"),
        ({"dest": HOOK, "stream": True, "flavour": "sweet"}, VALIDATION, "flavour"),
        ([], VALIDATION, "body"),
    ],
)  # fmt: skip
async def test_a_bad_subscription_is_refused(client: httpx.AsyncClient, body: Any, kind: str, field: str) -> None:
    """EPCIS-S1 EPCIS-S3 EPCIS-E2 EPCIS-E3: stream and schedule are SubscriptionControls, the rest Validation."""
    await keep(client)
    refused(await client.post(f"{BASE}/queries/all/subscriptions", json=body), 400, kind, field)
    assert (await ask(client, "/queries/all/subscriptions")).json() == []


async def test_what_is_no_json_or_of_no_query_is_refused(client: httpx.AsyncClient) -> None:
    """EPCIS-S1 EPCIS-E2: 404 without the query, 415, malformed 400; a query with a limit is not subscribed to."""
    body = {"dest": HOOK, "stream": True}
    refused(await client.post(f"{BASE}/queries/none/subscriptions", json=body), 404, "NoSuchNameException")
    path = f"{await keep(client)}/subscriptions"
    xml = {"content": b"<a/>", "headers": {"content-type": "application/xml"}}
    refused(await client.post(path, **xml), 415, "UnsupportedMediaTypeException")
    broken = {"content": b"{", "headers": {"content-type": "application/json"}}
    refused(await client.post(path, **broken), 400, VALIDATION)
    refused(await client.post(path, json=body, headers={"accept": "text/csv"}), 406, "NotAcceptableException")
    await keep(client, "few", orderBy="eventTime", eventCountLimit=3)
    answered = await client.post(f"{BASE}/queries/few/subscriptions", json=body)
    refused(answered, 400, CONTROLS, "eventCountLimit")
    assert (await client.post(path, json={**body, "secret": "s"})).status_code == 201
    both = {**body, "secret": "s", "signatureToken": "t"}
    refused(await client.post(path, json=both), 400, VALIDATION, "secret")


async def test_history_comes_from_the_first_wanted_record_time_on(told: httpx.AsyncClient, receiver: Receiver) -> None:
    """EPCIS-S5: `initialRecordTime` is included; batches of at most 500 in the order recorded."""
    await keep(told)
    taken = [await capture(told, *(event(n) for n in range(start, start + 400))) for start in (0, 400, 800)]
    assert taken
    recorded = await walk(told, "/queries/all/events", perPage="1000")
    await subscribed(told, "all", receiver.url, initialRecordTime=recorded[100]["recordTime"])
    await until(lambda: len(receiver.ids()) >= 1100)
    assert receiver.ids() == [one["eventID"] for one in recorded[100:]]
    assert [len(one.ids) for one in receiver.received] == [500, 500, 100]


async def test_identifiers_come_in_the_format_subscribed_in(told: httpx.AsyncClient, receiver: Receiver) -> None:
    """EPCIS-S2 EPCIS-T3: `GS1-EPC-Format` of the subscribing call."""
    await keep(told)
    urn = "urn:epc:id:sgtin:9506000.001234.S1"
    for path in ("Never_Translates", "Always_GS1_Digital_Link"):
        body = {"dest": f"{receiver.url}/{path}", "stream": True}
        made = await told.post(f"{BASE}/queries/all/subscriptions", json=body, headers={"GS1-EPC-Format": path})
        assert made.json()["epcFormat"] == path
    await capture(told, event(1, epcList=[urn]))
    await until_received(receiver, 2)
    found = {one.path: one.results["resultsBody"]["eventList"][0]["epcList"] for one in receiver.received}
    assert found["/Never_Translates"] == [urn]
    assert found["/Always_GS1_Digital_Link"][0].startswith("https://id.gs1.org/01/")


async def test_a_failed_delivery_is_sent_again_byte_for_byte(told: httpx.AsyncClient, receiver: Receiver) -> None:
    """EPCIS-S5 EPCIS-S6: no 2xx is tried again under the same `Stemma-Delivery`, with the same bytes; what comes
    meanwhile waits its turn; each attempt is told with the first kilobyte of the answer."""
    await keep(told)
    one = await subscribed(told, "all", receiver.url)
    receiver.answer = lambda got: Answer(500, b"x" * 3000) if len(receiver.received) < 3 else Answer()
    await capture(told, event(1))
    await until_received(receiver, 1)
    await capture(told, event(2))
    await until_received(receiver, 4)
    assert [got.ids for got in receiver.received] == [ids(1), ids(1), ids(1), ids(2)]
    assert len({got.body for got in receiver.received[:3]}) == 1
    assert len({got.headers["stemma-delivery"] for got in receiver.received[:3]}) == 1
    gaps = [later.at - sooner.at for sooner, later in zip(receiver.received[:2], receiver.received[1:3], strict=True)]
    assert gaps[0] >= 0.9
    assert gaps[1] >= 1.8, "twice as long"
    found = await shown(told, one)
    while len(found["attempts"]) < 4:
        found = await shown(told, one)
    assert [attempt["status"] for attempt in found["attempts"]] == [204, 204, 500, 500]
    assert found["attempts"][-1]["answer"] == "x" * 1024
    assert found["pending"] is None
    assert found["state"] == "active"


async def test_too_large_halves_the_batch(told: httpx.AsyncClient, receiver: Receiver) -> None:
    """EPCIS-S5: 413 is answered by half as many, down to one, each under an id of its own; nothing is lost."""
    await keep(told)
    receiver.answer = lambda got: Answer(413) if len(got.ids) > 3 else Answer()
    one = await subscribed(told, "all", receiver.url)
    await capture(told, *(event(n) for n in range(10)))
    taken: list[str] = []
    await until(lambda: len([n for got in receiver.received if len(got.ids) <= 3 for n in got.ids]) >= 10)
    for got in receiver.received:
        taken += got.ids if len(got.ids) <= 3 else []
    assert taken == ids(*range(10))
    assert [len(got.ids) for got in receiver.received][:3] == [10, 5, 2]
    assert len({got.headers["stemma-delivery"] for got in receiver.received}) == len(receiver.received)
    assert (await shown(told, one))["most_events"] == 2


async def test_a_slow_target_delays_nobody(told: httpx.AsyncClient, receiver: Receiver) -> None:
    """EPCIS-S6: while one target keeps its answer back, another gets event after event."""
    await keep(told)
    receiver.answer = lambda got: Answer(seconds=4) if got.path == "/slow" else Answer()
    for path in ("/slow", "/quick"):
        await subscribed(told, "all", receiver.url + path)
    await capture(told, event(0))
    await until_received(receiver, 2)
    for number in range(1, 6):
        await capture(told, event(number))
        await until(lambda number=number: len(receiver.ids("/quick")) == number + 1)
    assert receiver.ids("/quick") == ids(*range(6))
    assert receiver.ids("/slow") == ids(0)
    await until(lambda: len(receiver.ids("/slow")) >= 6)
    assert receiver.ids("/slow") == ids(*range(6))


async def test_what_was_rolled_back_or_lost_a_conflict_is_never_sent(
    told: httpx.AsyncClient, receiver: Receiver
) -> None:
    """EPCIS-S7: nor duplicates."""
    await keep(told)
    await subscribed(told, "all", receiver.url)
    await capture(told, event(1))
    await capture(told, event(1))
    bad = [event(2), event(1, epcList=[ITEM.format("other")])]
    body = {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"ex": EX}], "type": "EPCISDocument",
        "schemaVersion": "2.0", "creationDate": "2026-03-02T09:00:00Z", "epcisBody": {"eventList": bad},
    }  # fmt: skip
    taken = await told.post(f"{BASE}/capture", json=body)
    assert taken.status_code == 202
    await capture(told, event(3))
    await until(lambda: len(receiver.ids()) >= 2)
    await nothing_more(receiver, 0.5)
    assert receiver.ids() == ids(1, 3)


async def test_no_success_for_long_suspends_and_resuming_goes_on_where_it_stopped(
    request: pytest.FixtureRequest, tmp_path: Path, receiver: Receiver
) -> None:
    """EPCIS-S6: after the time set it is suspended and says why; `test` and `resume`; nothing was lost."""
    settings: dict[str, object] = {"webhook_networks": LOCAL, "webhook_retry_seconds": 1.5}
    async with serving(tmp_path / "data", **settings) as client:
        await keep(client)
        receiver.answer = lambda got: Answer(503, b"closed")
        one = await subscribed(client, "all", receiver.url)
        await capture(client, event(1))
        found = await until_shown(client, one, "suspended")
        assert "503" in found["reason"]
        assert found["pending"]["events"] == 1
        assert 'stemma_subscriptions{state="suspended"} 1.0' in (await client.get("/metrics")).text
        assert "stemma_deliveries_pending 1.0" in (await client.get("/metrics")).text
        count = len(receiver.received)
        await capture(client, event(2))
        await nothing_more(receiver)
        tested = (await client.post(f"/api/v1/subscriptions/{one}/test")).json()
        assert (tested["status"], tested["answer"], tested["events"]) == (503, "closed", 0)
        assert receiver.received[-1].headers["stemma-delivery"].startswith("test-")
        receiver.answer = lambda got: Answer()
        assert (await client.post(f"/api/v1/subscriptions/{one}/resume")).json()["state"] == "active"
        await until(lambda: len(receiver.ids()) >= count + 2)
        assert receiver.received[count + 1].body == receiver.received[0].body
        assert receiver.received[-1].ids == ids(2)


async def test_a_rotated_token_signs_beside_the_new_one(tmp_path: Path, receiver: Receiver) -> None:
    """EPCIS-S6: two signatures with a comma between, for the time set; then one; tokens are never shown and never
    stand in the database as they are."""
    async with serving(tmp_path / "data", webhook_networks=LOCAL, webhook_rotate_seconds=3) as client:
        await keep(client)
        one = await subscribed(client, "all", receiver.url, signatureToken="the old token")
        path = f"/api/v1/subscriptions/{one}"
        turned = await client.post(f"{path}/rotate", json={"signatureToken": "the new token"})
        assert turned.status_code == 200
        assert turned.json()["two_signatures_until"] is not None
        await client.post(f"{path}/test")
        body = receiver.received[0].body
        macs = [hmac.new(token, body, "sha256").digest() for token in (b"the new token", b"the old token")]
        both = [base64.b64encode(mac).decode() for mac in macs]
        assert receiver.received[0].headers["gs1-signature"] == ",".join(both)
        while (await shown(client, one))["two_signatures_until"] is not None:
            pass
        await client.post(f"{path}/test")
        assert "," not in receiver.received[1].headers["gs1-signature"]
        told_all = (
            turned.text + (await client.get(path)).text + (await client.get(f"{BASE}/queries/all/subscriptions")).text
        )
        assert 'token"' not in told_all
        assert "old token" not in told_all
        assert (await client.post(f"{path}/rotate", json={"signatureToken": ""})).status_code == 422
    key = tmp_path / "data" / "secret.key"
    assert key.stat().st_mode & 0o777 == 0o600
    for file in (tmp_path / "data").glob("workbench.sqlite*"):
        assert b"new token" not in file.read_bytes()
