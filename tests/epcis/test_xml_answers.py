"""XML that we write beside events: jobs, problems and collections by the XSD, and what Accept decides."""

from __future__ import annotations

import httpx
import pytest
from lxml import etree

from schemas.epcis.document import StoredEvent
from schemas.epcis.xml.answers import (
    around_event,
    write_collection,
    write_document,
    write_job,
    write_problem,
    write_query_document,
)
from schemas.epcis.xml.reader import read_xml_document, read_xml_event
from services.ingestion.described import JOB_EXAMPLE
from tests.epcis.material import SHARED, check

EPCIS = "{urn:epcglobal:epcis:xsd:2}"
XML = {"accept": "application/xml"}
EVENT = (
    '<ObjectEvent xmlns:m="https://m.example/"><eventTime>2026-03-02T08:00:00Z</eventTime>'
    "<eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>urn:epc:id:sgtin:9506000.000003.S-1</epc></epcList>"
    "<action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:storing</bizStep>"
    "<!-- here --><m:note>a &amp; b</m:note>"
    "</ObjectEvent>"
)
PROBLEM = {
    "type": "epcisException:ValidationException",
    "title": "Bad <input>",
    "status": 400,
    "detail": "a \x01 & b",
    "instance": "/epcis/v2/capture",
    "errors": [{"field": "a[0].b", "value": "<x>", "fix": "send y"}],
    "retryable": False,
}


def valid(document: bytes) -> None:
    if SHARED.is_dir():
        check(document)


def test_a_problem_is_an_epcis_exception() -> None:
    """EPCIS-E1: epcis:EPCISException with type, title, status, detail, instance, and our errors."""
    valid(write_problem(PROBLEM))
    root = etree.fromstring(write_problem(PROBLEM))
    assert root.tag == f"{EPCIS}EPCISException"
    assert [(one.tag, one.text) for one in root][:3] == [
        ("type", "epcisException:ValidationException"),
        ("title", "Bad <input>"),
        ("status", "400"),
    ]
    assert root.findtext("{urn:stemma:ns:1:}error/{urn:stemma:ns:1:}fix") == "send y"


@pytest.mark.parametrize("errors", [[], [{**PROBLEM, "index": 3}]])
def test_a_job_is_valid_with_and_without_errors(errors: list[dict[str, object]]) -> None:
    """EPCIS-C5: epcis:EPCISCaptureJob."""
    job = {**JOB_EXAMPLE, "errors": errors, "success": not errors}
    valid(write_job(job))
    root = etree.fromstring(write_job(job))
    assert root.get("captureID") == job["captureID"]
    assert len(root.findall("errors/error")) == len(errors)


def test_a_collection_has_members() -> None:
    """EPCIS-D3: `<Collection><member>`."""
    root = etree.fromstring(write_collection(["events", "a&b"]))
    assert (root.tag, [one.text for one in root]) == ("Collection", ["events", "a&b"])


def test_an_answer_without_events_is_valid() -> None:
    """EPCIS-Q1: no match is an empty list."""
    for write in (write_query_document, write_document):
        empty = write([], created="2026-03-02T10:00:00Z")
        valid(empty)
        assert read_xml_document(empty).events == []


def test_an_event_goes_out_as_it_came_where_nothing_is_translated() -> None:
    """EPCIS-T3, EPCIS-T4: as received, but for eventID, recordTime and namespaces."""
    event = read_xml_event(EVENT.encode())
    stored = StoredEvent(event.raw, b'{"k":"https://k.example/"}', "urn:x:y:1", "2026-03-02T10:00:00Z")
    whole = write_query_document([stored], created="2026-03-02T10:00:00Z", cbv=None)
    valid(whole)
    told = (
        EVENT.replace("</eventTime>", "</eventTime><recordTime>2026-03-02T10:00:00Z</recordTime>")
        .replace("</eventTimeZoneOffset>", "</eventTimeZoneOffset><eventID>urn:x:y:1</eventID>")
        .replace("<ObjectEvent", '<ObjectEvent xmlns:k="https://k.example/"')
    )
    assert told.encode() in whole


def test_cbv_words_are_written_as_asked() -> None:
    """EPCIS-T4: Web URIs by default, URNs where asked for."""
    event = read_xml_event(EVENT.encode())
    stored = StoredEvent(event.raw, event.context, "urn:x:y:1", "2026-03-02T10:00:00Z")
    web = write_query_document([stored], created="2026-03-02T10:00:00Z")
    urn = write_query_document([stored], created="2026-03-02T10:00:00Z", cbv="urn")
    assert b"<bizStep>https://ref.gs1.org/cbv/BizStep-storing</bizStep>" in web
    assert b"<bizStep>urn:epcglobal:cbv:bizstep:storing</bizStep>" in urn


@pytest.mark.parametrize("version", ["1", "2"])
def test_an_event_that_was_refused_is_sent_again_in_a_document_of_its_version(version: str) -> None:
    """EPCIS-C2: what was kept of a document is one again."""
    context = f'{{"e":"urn:epcglobal:epcis:xsd:{version}","m":"https://m.example/"}}'.encode()
    raw = EVENT.replace(' xmlns:m="https://m.example/"', "").encode()
    document = read_xml_document(around_event(raw, context, "2026-03-02T10:00:00Z"))
    assert document.events[0].raw == raw
    assert document.members["schemaVersion"] == ("1.2" if version == "1" else "2.0")


async def test_accept_decides_the_syntax_of_errors_and_of_the_top(client: httpx.AsyncClient) -> None:
    """EPCIS-D3, EPCIS-E1: problem+xml and a Collection in XML for who asks for XML."""
    top = await client.get("/epcis/v2/", headers=XML)
    assert etree.fromstring(top.content).tag == "Collection"
    missing = await client.get("/epcis/v2/events/urn:x:none", headers=XML)
    assert missing.status_code == 404
    assert missing.headers["content-type"].startswith("application/problem+xml")
    assert etree.fromstring(missing.content).findtext("type") == "epcisException:NoSuchNameException"
    refused = await client.post(
        "/epcis/v2/capture", content=b"<x/>", headers={**XML, "content-type": "application/xml"}
    )
    assert etree.fromstring(refused.content).findtext("status") == "400"
    plain = await client.get("/epcis/v2/events/urn:x:none")
    assert plain.headers["content-type"].startswith("application/problem+json")
