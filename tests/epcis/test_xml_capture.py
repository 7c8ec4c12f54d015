"""XML by HTTP: every file of the shared material captured into an empty repository and queried in both syntaxes."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from lxml import etree

from schemas.epcis.prehash import content_digest
from schemas.epcis.reader import read_json_document
from schemas.epcis.stored import read_document, read_single
from schemas.epcis.xml.reader import read_xml_document, read_xml_event
from tests.epcis.material import FILES, SINGLE, check, identity, is_refused, needed

XML = {"content-type": "application/xml"}
ASKS_XML = {"accept": "application/xml", "GS1-EPC-Format": "Never_Translates"}
ASKS_JSON = {"accept": "application/json", "GS1-EPC-Format": "Never_Translates"}
CONTENT = {path: path.read_bytes() for path in FILES}
SANITISATION = next((path for path in FILES if path.name == "SanitisationEventDataset.xml"), None)
EVENT = (
    "<ObjectEvent><eventTime>2026-03-02T08:00:00.1234567Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>"
    "<epcList><epc>urn:epc:id:sgtin:9506000.000003.S-1</epc></epcList><action>OBSERVE</action>"
    "<bizStep>urn:epcglobal:cbv:bizstep:storing</bizStep></ObjectEvent>"
)
DOCUMENT = (
    '<?xml version="1.0"?><epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0" '
    'creationDate="2026-03-02T09:00:00Z"><EPCISBody><EventList>{events}</EventList></EPCISBody></epcis:EPCISDocument>'
)


async def captured(client: httpx.AsyncClient, body: bytes | str) -> httpx.Response:
    return await client.post("/epcis/v2/capture", content=body, headers=XML)


@needed
@pytest.mark.parametrize("path", FILES, ids=identity)
async def test_every_xml_file_comes_back_in_both_syntaxes_valid_and_equal(
    client: httpx.AsyncClient, path: Path
) -> None:
    """EPCIS-C1, EPCIS-X1, EPCIS-X5, EPCIS-X7: captured, or refused where it is known to be invalid."""
    body = CONTENT[path]
    single = SINGLE in identity(path)
    answer = await client.post(f"/epcis/v2/{'events' if single else 'capture'}", content=body, headers=XML)
    if is_refused(path):
        assert answer.status_code == 400, answer.text
        assert answer.json()["type"] == "epcisException:ValidationException"
        assert answer.json()["errors"]
        return
    assert answer.status_code == (201 if single else 202), answer.text
    sent = [read_xml_event(body)] if single else read_xml_document(body).events
    told = {content_digest(one.data, one.namespaces) for one in sent}
    in_xml = await client.get("/epcis/v2/events?perPage=1000", headers=ASKS_XML)
    assert in_xml.headers["content-type"].startswith("application/xml")
    check(in_xml.content)
    back = read_xml_document(in_xml.content).events
    assert {content_digest(one.data, one.namespaces) for one in back} == told
    in_json = await client.get("/epcis/v2/events?perPage=1000", headers=ASKS_JSON)
    again = read_json_document(in_json.content).events
    assert {content_digest(one.data, one.namespaces) for one in again} == told


async def test_the_raw_event_is_kept_byte_for_byte(client: httpx.AsyncClient) -> None:
    """EPCIS-X1: stored as received, comments and spaces too."""
    odd = EVENT.replace("<action>", "<!-- seen -->\n\t<action >").replace("</ObjectEvent>", "</ObjectEvent  >")
    assert (await captured(client, DOCUMENT.format(events=odd))).status_code == 202
    found = read_xml_document((await client.get("/epcis/v2/events", headers=ASKS_XML)).content).events[0]
    kept = await client.get("/api/v1/raw", params={"event": str(found.data["eventID"])})
    assert kept.content.decode() == odd
    assert kept.headers["content-type"] == "application/xml"


async def test_one_xml_event_is_answered_with_itself_and_its_retry_with_its_place(client: httpx.AsyncClient) -> None:
    """EPCIS-C6: 201 with the event when durable; a duplicate is 409 with the standing event's Location."""
    first = await client.post("/epcis/v2/events", content=EVENT, headers=XML)
    assert first.status_code == 201, first.text
    root = etree.fromstring(first.content)
    assert root.tag == "ObjectEvent"
    assert root.findtext("eventID", "").startswith("ni:///sha-256;")
    assert root.findtext("recordTime")
    second = await client.post("/epcis/v2/events", content=EVENT, headers=XML)
    assert second.status_code == 409
    assert second.headers["Stemma-Outcome"] == "duplicate"
    assert second.headers["Location"] == first.headers["Location"]
    other = EVENT.replace("</eventTimeZoneOffset>", "</eventTimeZoneOffset><eventID>urn:x:y:1</eventID>")
    assert (await client.post("/epcis/v2/events", content=other, headers=XML)).status_code == 201
    clash = await client.post("/epcis/v2/events", content=other.replace("S-1", "S-2"), headers=XML)
    assert clash.status_code == 409
    assert "duplicate" not in clash.json()["detail"]
    assert "Stemma-Outcome" not in clash.headers


async def test_json_and_xml_of_one_event_are_duplicates(client: httpx.AsyncClient) -> None:
    """EPCIS-C8, EPCIS-H4: the same content in another syntax counts once."""
    assert (await captured(client, DOCUMENT.format(events=EVENT))).status_code == 202
    found = await client.get("/epcis/v2/events", headers=ASKS_JSON)
    event = found.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]
    event["@context"] = found.json()["@context"]
    again = await client.post("/epcis/v2/events", json=event)
    assert again.status_code == 409
    assert again.headers["Stemma-Outcome"] == "duplicate"
    assert len(read_json_document((await client.get("/epcis/v2/events", headers=ASKS_JSON)).content).events) == 1


async def test_a_job_is_told_in_xml_to_who_asks_for_it(client: httpx.AsyncClient) -> None:
    """EPCIS-C5: the job as epcis:EPCISCaptureJob, by Accept."""
    bad = EVENT.replace("OBSERVE", "LOOK").replace("S-1", "S-2")
    headers = {**XML, "GS1-Capture-Error-Behaviour": "proceed"}
    body = DOCUMENT.format(events=EVENT + bad)
    location = (await client.post("/epcis/v2/capture", content=body, headers=headers)).headers["Location"]
    job = await client.get(location, headers={"accept": "application/xml"})
    root = etree.fromstring(job.content)
    assert root.tag == "{urn:epcglobal:epcis:xsd:2}EPCISCaptureJob"
    assert (root.get("running"), root.get("success")) == ("false", "false")
    assert root.findtext("errors/error/status") == "400"
    assert [one.text for one in root.iter("{urn:stemma:ns:1:}outcome")] == ["captured", "refused"]
    plain = await client.get(location)
    assert plain.json()["captureID"] == root.get("captureID")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (EVENT.replace("OBSERVE", "LOOK"), "EPCISBody.EventList[0].action"),
        (EVENT.replace("<eventTime>2026", "<eventTime>26"), "EPCISBody.EventList[0].eventTime"),
        (EVENT.replace("<action>", "<made/><action>"), "EPCISBody.EventList[0].made"),
        (EVENT.replace("<epc>", "<epc x='1'>"), "EPCISBody.EventList[0].epcList.epc[0].@x"),
        (EVENT.replace("</bizStep>", "</bizStep><action>ADD</action>"), "EPCISBody.EventList[0].action"),
        (EVENT.replace("<epcList>", "words<epcList>"), "EPCISBody.EventList[0]"),
    ],
)
async def test_a_fault_is_named_by_its_place(client: httpx.AsyncClient, text: str, place: str) -> None:
    """EPCIS-C2, EPCIS-X5: 400 with every fault and its place, the line too."""
    answer = await captured(client, DOCUMENT.format(events=text))
    assert answer.status_code == 400
    assert place in [one["field"] for one in answer.json()["errors"]]
    assert not (await client.get("/epcis/v2/events")).json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


@pytest.mark.parametrize("media", ["text/csv", "text/plain", "application/xhtml+xml"])
async def test_another_media_type_is_refused(client: httpx.AsyncClient, media: str) -> None:
    """EPCIS-C1: 415 for what is neither JSON nor XML."""
    answer = await client.post("/epcis/v2/capture", content=DOCUMENT, headers={"content-type": media})
    assert answer.status_code == 415


async def test_master_data_of_a_header_is_logged_with_the_job(client: httpx.AsyncClient) -> None:
    """EPCIS-M1: header master data comes in by XML too."""
    vocabulary = (
        '<EPCISHeader><extension><EPCISMasterData><VocabularyList><Vocabulary type="urn:epcglobal:epcis:vtype:'
        'BusinessLocation"><VocabularyElementList><VocabularyElement id="urn:epc:id:sgln:9506000.00001.0">'
        '<attribute id="urn:epcglobal:cbv:mda#name">Mill</attribute></VocabularyElement></VocabularyElementList>'
        "</Vocabulary></VocabularyList></EPCISMasterData></extension></EPCISHeader><EPCISBody>"
    )
    body = DOCUMENT.format(events=EVENT).replace("<EPCISBody>", vocabulary)
    document = read_document(body.encode(), "application/xml")
    assert [(one.id, dict(one.attributes)) for one in document.master_data] == [
        ("urn:epc:id:sgln:9506000.00001.0", {"urn:epcglobal:cbv:mda#name": "Mill"})
    ]
    assert (await captured(client, body)).status_code == 202


@needed
async def test_the_sanitisation_chain_is_upgraded(client: httpx.AsyncClient) -> None:
    """EPCIS-X7: EPCIS 1.2 in, 33 events of EPCIS 2.0 out."""
    assert SANITISATION is not None
    assert (await captured(client, CONTENT[SANITISATION])).status_code == 202
    found = await client.get("/epcis/v2/events?perPage=1000", headers=ASKS_XML)
    check(found.content)
    events = read_xml_document(found.content).events
    assert len(events) == 33
    assert all("extension" not in event.data for event in events)
    assert b"urn:epcglobal:epcis:xsd:1" not in found.content


def test_a_single_event_may_be_qualified_in_the_older_version_only() -> None:
    """EPCIS-X5, EPCIS-C6: one element, unqualified; a document is not one."""
    assert read_single(EVENT.encode(), "application/xml").faults == ()
    qualified = EVENT.replace("<ObjectEvent>", '<e:ObjectEvent xmlns:e="urn:epcglobal:epcis:xsd:2">')
    assert read_single(qualified.replace("</ObjectEvent>", "</e:ObjectEvent>").encode(), "application/xml").faults


QUANTITY = (
    "<QuantityEvent><eventTime>2026-03-02T08:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>"
    "{}<quantity>200</quantity><bizStep>urn:epcglobal:cbv:bizstep:storing</bizStep>"
    '<x:shift xmlns:x="https://x.example/">B</x:shift></QuantityEvent>'
)
CLASS = "<epcClass>urn:epc:idpat:sgtin:4012345.098765.*</epcClass>"


def test_a_quantity_event_of_epcis_1_is_read_as_2_has_it() -> None:
    """EPCIS-X7: an observed ObjectEvent of a class and its quantity; EPCIS 2.0 itself has no such event, and one that
    names no class is refused."""
    (event,) = read_xml_document(in_epcis(QUANTITY.format(CLASS), version=1)).events
    assert not event.faults
    assert (event.data["type"], event.data["action"], event.data["bizStep"]) == ("ObjectEvent", "OBSERVE", "storing")
    assert event.data["quantityList"] == [{"epcClass": "urn:epc:idpat:sgtin:4012345.098765.*", "quantity": 200}]
    assert event.data["x:shift"] == "B"
    assert "epcClass" not in event.data
    for text, version in ((QUANTITY.format(CLASS), 2), (QUANTITY.format(""), 1)):
        assert read_xml_document(in_epcis(text, version=version)).events[0].faults


def in_epcis(events: str, *, version: int) -> bytes:
    """A document of EPCIS 1.2 or 2.0."""
    return (
        f'<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:{version}" schemaVersion="{("1.2", "2.0")[version - 1]}" '
        f'creationDate="2026-03-02T09:00:00Z"><EPCISBody><EventList>{events}</EventList></EPCISBody></e:EPCISDocument>'
    ).encode()


def test_what_is_marked_a_list_but_holds_text_keeps_its_text() -> None:
    """EPCIS-X1: only an element of elements is a list in a list."""
    start = "<ObjectEvent><eventTime>2026-03-02T08:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>"
    own = '<x:{0} xmlns:x="https://x.example/" xmlns:s="urn:stemma:ns:1:" s:list="true">{1}</x:{0}>'
    fields = own.format("a", "t") + own.format("b", "<x:b>1</x:b><x:b>2</x:b>")
    text = f"{start}<epcList><epc>urn:x:1</epc></epcList><action>OBSERVE</action>{fields}</ObjectEvent>"
    (event,) = read_xml_document(in_epcis(text, version=2)).events
    assert event.data["x:a"] == {"s:list": "true", "#text": "t"}
    assert event.data["x:b"] == [["1", "2"]]
