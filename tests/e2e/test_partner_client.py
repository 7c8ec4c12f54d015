"""A partner's own client, `openepcis-client` of PyPI as it is, over HTTP against a real `stemma serve`.

Its parts: `Capture` (submit, outcome, check) and `Query` (page, since, for_epc, check). It stamps each event with the
CBV 2.0 hash of the reference generator, so the ids that it claims and those that we compute are held together here.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from openepcis_client.core.client import Client
from openepcis_client.core.config import ClientConfig
from openepcis_client.core.errors import OpenEpcisError
from openepcis_client.events import (
    Capture,
    Query,
    aggregation_event,
    biz_transaction,
    cbv,
    document,
    error_declaration,
    gtin14,
    instance_uri,
    object_event,
    quantity_element,
    sscc_uri,
    stamp_event_ids,
    transformation_event,
)

from tests.e2e.conftest import Server
from tests.integration.test_kill_servers import empty_graph, new_database

KEY = "stemma_of-the-partner-0123456789abcdefghijkl"
PLACE, PRODUCT = "9506000000015", gtin14("09506000000039")
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@dataclass
class Bearer:
    """The seam that the client has for other ways to sign in: a key that does not end."""

    key: str

    def bearer(self) -> str:
        return self.key

    def invalidate(self) -> None:
        """Nothing is kept."""


@pytest.fixture(scope="module", params=["embedded", pytest.param("servers", marks=pytest.mark.servers)])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`stemma serve` with a first key, embedded and on Kafka, Neo4j and PostgreSQL."""
    folder = tmp_path_factory.mktemp("partner")
    key = folder / "key"
    key.write_text(KEY)
    key.chmod(0o600)
    stores = {} if request.param == "embedded" else _stores(request)
    one = Server(folder / "data", {"STEMMA_FIRST_KEY_FILE": str(key), **stores}, forked=True).start()
    yield one
    one.stop()


def _stores(request: pytest.FixtureRequest) -> dict[str, str]:
    kafka, neo4j, postgres = (request.getfixturevalue(f"{name}_server") for name in ("kafka", "neo4j", "postgres"))
    asyncio.run(empty_graph(neo4j))
    return {
        "STEMMA_LOG_URL": f"kafka://{kafka}/t-{uuid.uuid4().hex[:12]}?partitions=3",
        "STEMMA_GRAPH_URL": neo4j,
        "STEMMA_DATABASE_URL": asyncio.run(new_database(postgres)),
    }


def connected(server: Server, key: str = KEY) -> Client:
    """The client on this server. Its session asks for what it has itself captured, which may be a moment behind."""
    session = requests.Session()
    session.trust_env = False

    def noted(answer: requests.Response, *_: object, **__: object) -> None:
        if "Stemma-Position" in answer.headers:
            session.headers["Stemma-Wait-For"] = answer.headers["Stemma-Position"]

    session.hooks["response"].append(noted)
    return Client(ClientConfig(base_url=f"{server.url}/epcis/v2"), Bearer(key), session)


def items(batch: str, count: int = 3) -> list[str]:
    return [instance_uri(PRODUCT, serial=f"{batch}-{n}") for n in range(count)]


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def day(batch: str) -> dict[str, Any]:
    """A lot made, packed, and shipped against an order, as the library builds such events."""
    lot = instance_uri(PRODUCT, lot=batch)
    made = transformation_event(
        event_time=at(0), input_quantities=[quantity_element(lot, 12.5, "KGM")], output_epcs=items(batch),
        biz_step=cbv.COMMISSIONING, disposition=cbv.ACTIVE, read_point=PLACE, biz_location=PLACE,
    )  # fmt: skip
    case = sscc_uri("095060000000000015")
    packed = aggregation_event(
        event_time=at(1), action="ADD", parent_id=case, child_epcs=items(batch), biz_step=cbv.PACKING,
        disposition=cbv.IN_PROGRESS, read_point=PLACE, biz_location=PLACE,
    )  # fmt: skip
    shipped = object_event(
        event_time=at(2), action="OBSERVE", epcs=[case], biz_step=cbv.SHIPPING, disposition=cbv.IN_TRANSIT,
        read_point=PLACE, biz_transactions=[biz_transaction("po", f"PO-{batch}", "9506000000015")],
    )  # fmt: skip
    return document([made, packed, shipped], creation_time=at(3))


def ids_of(told: dict[str, Any]) -> list[str]:
    return [one["eventID"] for one in told["epcisBody"]["eventList"]]


def test_a_deployment_is_checked_from_a_settings_screen(server: Server) -> None:
    """EPCIS-E4: `check` of both halves says nothing when all is well, and which right is lacking otherwise."""
    client = connected(server)
    assert (Capture(client).check(), Query(client).check()) == ("", "")
    with server.client(KEY) as admin:
        keys = {
            scope: admin.post("/api/v1/keys", json={"name": scope, "scopes": [scope]}).json()["key"]
            for scope in ("capture", "read")
        }
    assert "'query' role" in Query(connected(server, keys["capture"])).check()
    assert "'capture' role" in Capture(connected(server, keys["read"])).check()
    assert Capture(connected(server, keys["capture"])).check() == ""
    assert "did not accept the credential" in Capture(connected(server, "stemma_wrong")).check()


def test_a_document_is_submitted_and_its_outcome_asked_for(server: Server) -> None:
    """EPCIS-C1 EPCIS-C5: a receipt that can be asked about, and a job that says it succeeded."""
    capture = Capture(connected(server))
    told = stamp_event_ids(day("SUBMIT"))
    receipt = capture.submit(told)
    assert receipt.answerable
    assert list(receipt.event_ids) == ids_of(told)
    outcome = capture.outcome(receipt)
    assert (outcome.settled, outcome.success, outcome.known, outcome.errors) == (True, True, True, ())
    assert capture.outcome("no-such-job").known is False


def test_the_ids_that_the_client_claims_are_those_we_compute(server: Server) -> None:
    """EPCIS-C7 EPCIS-H1: a document without ids gets the very ids of the reference generator; with them it is known."""
    client = connected(server)
    plain, stamped = day("HASHES"), stamp_event_ids(day("HASHES"))
    assert Capture(client).outcome(Capture(client).submit(plain)).success
    found = Query(client).for_epc(items("HASHES")[0])
    assert [one["eventID"] for one in found] == ids_of(stamped)[:2]
    again = Capture(client).submit(stamped)
    assert Capture(client).outcome(again).success
    assert len(Query(client).for_epc(items("HASHES")[0])) == 2
    job = client.get(f"/capture/{again.job}")
    assert [one["outcome"] for one in job["events"]] == ["duplicate"] * 3
    assert job["warnings"] == []


def test_what_is_refused_is_told_in_our_words(server: Server) -> None:
    """EPCIS-E1 EPCIS-C2: the client raises our own sentence, with the field that is at fault."""
    told = day("REFUSED")
    told["epcisBody"]["eventList"][1]["action"] = "WATCH"
    with pytest.raises(OpenEpcisError, match=r"eventList\[1\]\.action") as found:
        Capture(connected(server)).submit(told)
    assert found.value.status == 400
    with pytest.raises(OpenEpcisError, match="no event has it"):
        Query(connected(server)).for_epc(items("REFUSED")[0])


def test_a_conflict_is_no_success(server: Server) -> None:
    """EPCIS-C9: a document that rolls back is settled, not successful, and says why."""
    capture = Capture(connected(server))
    told = stamp_event_ids(day("CONFLICT"))
    capture.submit(told)
    told["epcisBody"]["eventList"][2]["bizStep"] = "storing"
    outcome = capture.outcome(capture.submit(told))
    assert (outcome.settled, outcome.success) == (True, False)
    assert outcome.errors


def test_pages_and_since_walk_over_everything_once(server: Server) -> None:
    """EPCIS-P1 EPCIS-P4: `page` by token and `since` by recordTime give each event once, and nothing is missed."""
    client = connected(server)
    query, capture = Query(client), Capture(client)
    capture.submit(day("WALK-BEFORE"))
    begin = list(query.since())[-1]["recordTime"]
    told = [stamp_event_ids(day(f"WALK-{n}")) for n in range(7)]
    for one in told:
        capture.submit(one)
    wanted = [name for one in told for name in ids_of(one)]
    found = [one["eventID"] for one in query.since(begin, per_page=4)]
    assert [one for one in found if one in wanted] == wanted
    assert len(found) == len(set(found))
    first = query.page(begin, per_page=5)
    assert first.more
    second = query.page(next_token=first.next_token, per_page=5)
    assert not {one["eventID"] for one in first.events} & {one["eventID"] for one in second.events}
    last = found[-1:]
    newest = list(query.since())[-1]["recordTime"]
    assert [one["eventID"] for one in query.since(newest)] == last
    more = stamp_event_ids(day("WALK-LATER"))
    capture.submit(more)
    assert [one["eventID"] for one in query.since(newest)] == last + ids_of(more)


def test_everything_about_one_identifier(server: Server) -> None:
    """EPCIS-Q2: `for_epc` finds an item in each role, and a container; an unknown one is an error of 404."""
    client = connected(server)
    Capture(client).submit(day("ONE"))
    kinds = [one["type"] for one in Query(client).for_epc(items("ONE")[2])]
    assert kinds == ["TransformationEvent", "AggregationEvent"]
    with pytest.raises(OpenEpcisError) as found:
        Query(client).for_epc(instance_uri(PRODUCT, serial="NEVER-SEEN"))
    assert found.value.status == 404


def test_a_correction_of_the_client_withdraws_its_event(server: Server) -> None:
    """EPCIS-C10: the declaration that the library builds keeps the id, is captured, and both are given back."""
    client = connected(server)
    told = stamp_event_ids(day("WRONG"))
    Capture(client).submit(told)
    wrong = told["epcisBody"]["eventList"][2]
    declared = {**wrong, "errorDeclaration": error_declaration(declaration_time=at(10), reason="did_not_occur")}
    assert Capture(client).outcome(Capture(client).submit(document([declared], creation_time=at(11)))).success
    found = client.get("/events", params={"EQ_eventID": wrong["eventID"]})
    events = found["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert ["errorDeclaration" in one for one in events] == [False, True]
