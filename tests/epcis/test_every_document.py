"""Every shared JSON document into an empty repository, and every document of both syntaxes through the real servers.

What comes back, in JSON and in XML, is valid by the official schemas and the same event by its content; its own bytes
are those that were sent. Which documents are refused is said in `REFUSED_JSON` and `material.REFUSED`, with why.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import jsonschema_rs
import pytest
import pytest_asyncio

from schemas.epcis.prehash import content_digest
from schemas.epcis.reader import ReceivedEvent, read_json_document, read_json_event
from schemas.epcis.xml.reader import read_xml_document, read_xml_event
from tests.application import serving
from tests.epcis.material import FILES, SHARED, SINGLE, check, identity, is_refused, needed
from tests.integration.test_kill_servers import empty_graph, new_database

pytestmark = needed
BASE = "/epcis/v2"
JSON_FILES = sorted(
    path
    for folder in ("gs1-examples", "openepcis", "hash-vectors", "chains")
    for suffix in ("*.json", "*.jsonld")
    for path in (SHARED / folder).rglob(suffix)
)
CONTENT = {path: path.read_bytes() for path in (*JSON_FILES, *FILES)}
REFUSED_JSON = {
    "event_with_identical_hash_id_7.json": "CBV URNs in JSON (X6)",
    "AssociationEvent-h.jsonld": "eventID stands twice, with two values",
    "TransactionEvent_with_userExtensions.json": "EffectiveDoseRate is no measurement type of CBV 2.0",
}
CONFLICTS = {
    "traceback_tests.jsonld": 5,
    "epcisDocHavingEventWithIgnoreFields.jsonld": 1,
    "epcisQueryDocHavingEventWithIgnoreFields.jsonld": 1,
}
"""Files that use an eventID again for other content; `ignoreFields`, by which two would agree, is not honoured (H2)."""

WITHOUT_TYPE = "SensorDataExamples.xml"
"""GS1's example whose sensor reports have no `type`: taken (X5), and answered as it came."""
NO_TYPE = '"type" is a required property'


def is_refused_json(path: Path) -> bool:
    """True for a file that capture must answer with 400."""
    name = identity(path)
    aside = "/CaptureJob/" in name or "/Invalid/" in name or "/Queries/" in name
    return aside or path.name in REFUSED_JSON


def sent_in(path: Path) -> tuple[list[ReceivedEvent], bool, str]:
    """A file's events, whether it is a single one, and its media type."""
    body = CONTENT[path]
    if path.suffix == ".xml":
        single = SINGLE in identity(path)
        return ([read_xml_event(body)] if single else read_xml_document(body).events), single, "application/xml"
    single = json.loads(body).get("type", "") not in (
        "EPCISDocument", "EPCISQueryDocument", "EPCISMasterDataDocument",
    )  # fmt: skip
    return ([read_json_event(body)] if single else read_json_document(body).events), single, "application/ld+json"


def digest(event: ReceivedEvent) -> bytes:
    return content_digest(event.data, event.namespaces)


@lru_cache(maxsize=1)
def judge() -> Any:
    """The official JSON Schema 2.0.1, formats asserted."""
    schema = json.loads((SHARED / "standard" / "epcis-json-schema-2.0.1.json").read_bytes())
    return jsonschema_rs.validator_for(schema, validate_formats=True)


def faults_of(told: dict[str, Any], *, without_type: bool) -> list[str]:
    """What the JSON Schema finds; `without_type` excuses sensor reports for that and for nothing else."""
    return [
        f"{fault.instance_path}: {fault.message[:300]}"
        for fault in judge().iter_errors(told)
        if not (without_type and fault.instance_path[-2:-1] == ["sensorReport"] and fault.message == NO_TYPE)
    ]


async def events_in(
    client: httpx.AsyncClient, ids: list[str], syntax: str, *, without_type: bool
) -> list[ReceivedEvent]:
    """Events by their ids in one syntax, the answer judged by the official schema."""
    head = {"accept": f"application/{syntax}", "GS1-EPC-Format": "Never_Translates"}
    found = []
    for at in range(0, len(ids), 40):
        query = {"EQ_eventID": "|".join(ids[at : at + 40]), "perPage": "1000"}
        answered = await client.get(f"{BASE}/events", params=query, headers=head)
        assert answered.status_code == 200, answered.text
        if syntax == "xml":
            check(answered.content)
            found += read_xml_document(answered.content).events
        else:
            told = answered.json()
            told.pop("nextPageToken", None)
            assert not (faults := faults_of(told, without_type=without_type)), faults[:3]
            found += read_json_document(answered.content).events
    return found


async def captured(client: httpx.AsyncClient, path: Path) -> list[tuple[str, str]]:
    """(eventID, outcome) of each event of a file, captured under `proceed`."""
    _, single, media = sent_in(path)
    head = {"content-type": media, "GS1-Capture-Error-Behaviour": "proceed"}
    where = "events" if single else "capture"
    answered = await client.post(f"{BASE}/{where}", content=CONTENT[path], headers=head)
    assert answered.status_code in ((201, 409) if single else (202,)), (identity(path), answered.text)
    if "stemma-position" in answered.headers:
        client.headers["Stemma-Wait-For"] = answered.headers["stemma-position"]
    if single:
        event_id = unquote(answered.headers["location"].rpartition("/")[2])
        return [(event_id, "captured" if answered.status_code == 201 else "duplicate")]
    job = (await client.get(answered.headers["location"])).json()
    return [(one["eventID"], one["outcome"]) for one in job["events"]]


async def comes_back(client: httpx.AsyncClient, path: Path, *syntaxes: str) -> int:
    """Capture a file, and hold what is given back in each syntax against what was sent; how many events it had."""
    sent = sent_in(path)[0]
    verdicts = await captured(client, path)
    assert all(outcome != "refused" for _, outcome in verdicts), (identity(path), verdicts)
    good = [(one, *verdict) for one, verdict in zip(sent, verdicts, strict=True) if verdict[1] != "conflict"]
    wanted = {digest(event) for event, _, _ in good}
    ids = list(dict.fromkeys(event_id for event_id, _ in verdicts))
    for syntax in syntaxes:
        found = await events_in(client, ids, syntax, without_type=path.name == WITHOUT_TYPE)
        assert wanted <= {digest(one) for one in found}, (identity(path), syntax)
    for event, event_id, outcome in good:
        if outcome == "captured" and "errorDeclaration" not in event.data:
            raw = await client.get("/api/v1/raw", params={"event": event_id})
            assert raw.content == event.raw, (identity(path), event_id)
    return len(sent)


@pytest.mark.parametrize("path", JSON_FILES, ids=identity)
async def test_every_json_file_comes_back_in_both_syntaxes_valid_and_equal(
    client: httpx.AsyncClient, path: Path
) -> None:
    """EPCIS-C1, EPCIS-Q1, EPCIS-X1, EPCIS-X6: captured, or refused where it is known to be invalid."""
    if is_refused_json(path):
        answered = await client.post(
            f"{BASE}/capture", content=CONTENT[path], headers={"content-type": "application/json"}
        )
        assert answered.status_code == 400, answered.text
        assert answered.json()["errors"]
        return
    assert await comes_back(client, path, "json", "xml") > 0
    conflicts = [outcome for _, outcome in await captured(client, path) if outcome == "conflict"]
    assert len(conflicts) == CONFLICTS.get(path.name, 0)


@pytest_asyncio.fixture
async def on_servers(
    tmp_path: Path, kafka_server: str, neo4j_server: str, postgres_server: str
) -> AsyncIterator[httpx.AsyncClient]:
    await empty_graph(neo4j_server)
    stores = {
        "log_url": f"kafka://{kafka_server}/t-{uuid.uuid4().hex[:12]}?partitions=3",
        "graph_url": neo4j_server,
        "database_url": await new_database(postgres_server),
    }
    async with serving(tmp_path / "data", **stores) as caller:
        yield caller


@pytest.mark.slow
@pytest.mark.servers
async def test_every_file_comes_back_on_the_servers(on_servers: httpx.AsyncClient) -> None:
    """EPCIS-C1, EPCIS-X1, EPCIS-X5: JSON and XML through Kafka and PostgreSQL, all into one repository.

    The same code writes answers wherever events come from, so here they are asked for in JSON alone.
    """
    events = 0
    for path in [
        *(one for one in JSON_FILES if not is_refused_json(one)),
        *(one for one in FILES if not is_refused(one)),
    ]:
        events += await comes_back(on_servers, path, "json")
    assert events > 300
