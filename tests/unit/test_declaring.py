"""A declaration of error says its event again, every digit and name as it was received."""

from __future__ import annotations

from schemas.activities import declaration
from schemas.epcis.reader import ReceivedEvent, read_event
from schemas.epcis.validate import faults

RAW = b'{"type":"ObjectEvent","eventTime":"2026-03-02T00:00:00.000Z","eventTimeZoneOffset":"+00:00","action":"OBSERVE",'
RAW += b'"epcList":["https://id.gs1.org/01/09506000000039/21/S-1001"],"quantityList":[],"ex:weight":1.500,'
RAW += b'"recordTime":"2026-03-02T00:00:01Z"}'
OUTER = b'["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"ex":"urn:example:"}]'


def declared(reason: str, context: bytes = OUTER, raw: bytes = RAW) -> ReceivedEvent:
    return declaration(
        raw, context, event_id="urn:x:1", reason=reason, declared="2026-03-03T00:00:00Z", corrective_ids=["urn:x:2"],
        index=0,
    )  # fmt: skip


def test_a_declaration_says_the_event_again_with_every_digit() -> None:
    event = declared("incorrect_data")
    assert b'"ex:weight":1.500' in event.raw
    assert faults(event) == []
    told = event.data["errorDeclaration"]
    assert (event.data["eventID"], told["reason"], told["correctiveEventIDs"]) == (
        "urn:x:1",
        "incorrect_data",
        ["urn:x:2"],
    )
    assert "recordTime" not in event.data


def test_a_reason_in_plain_text_stands_beside_cbvs() -> None:
    event = declared("wrong lot scanned")
    assert event.data["errorDeclaration"]["reason"] == "incorrect_data"
    assert event.data["errorDeclaration"]["stemma:reason"] == "wrong lot scanned"
    assert event.namespaces["stemma"] == "urn:stemma:ns:1:"


def test_a_document_that_uses_our_prefix_for_its_own_keeps_it() -> None:
    own = b'["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"ex":"urn:example:","stemma":"urn:other:"}]'
    event = declared("wrong lot scanned", own)
    assert event.namespaces["stemma"] == "urn:other:"
    assert event.data["errorDeclaration"]["urn:stemma:ns:1:reason"] == "wrong lot scanned"
    assert faults(event) == []


def test_an_events_own_context_still_binds_its_prefixes() -> None:
    inner = RAW.replace(b'{"type"', b'{"@context":[{"ex":"urn:example:"}],"type"')
    event = declared("did_not_occur", b'["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"]', raw=inner)
    assert event.namespaces["ex"] == "urn:example:"
    assert read_event(event.raw, event.context).namespaces == event.namespaces
