"""Writing answers: received bytes stay, identity and record time are ours, prefixes hold and do not leak."""

from __future__ import annotations

import json
from typing import Any

from schemas.epcis.document import StoredEvent, query_document, single_event
from schemas.epcis.prehash import hash_id
from schemas.epcis.reader import read_event, read_json_document, read_json_event
from schemas.epcis.validate import faults

EPCIS = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
COMMON = (
    '"type":"ObjectEvent", "eventTime":"2026-03-02T09:00:00Z","eventTimeZoneOffset":"+00:00",'
    '"action":"OBSERVE","epcList":["urn:epc:id:sgtin:9521321.012345.1"]'
)
CREATED, RECORDED = "2026-03-02T10:00:00Z", "2026-03-02T09:30:00.000001Z"


def stored(members: str, *contexts: Any, event_id: str = "urn:x:y:1") -> StoredEvent:
    context = json.dumps([EPCIS, *contexts]).encode() if contexts else None
    return StoredEvent(f"{{ {COMMON}{members} }}".encode(), context, event_id, RECORDED)


def test_an_event_without_id_gets_its_identity_at_the_front_and_keeps_its_bytes() -> None:
    event = stored(', "m:weight" : 1.500', {"m": "https://m.example/"})
    answer = read_json_document(query_document([event], created=CREATED, query_name="mine", subscription_id="s1"))
    raw = answer.events[0].raw
    assert raw == b'{"recordTime":"%s","eventID":"urn:x:y:1",%s' % (RECORDED.encode(), event.raw[1:])
    assert answer.members["epcisBody.queryResults.queryName"] == "mine"
    assert answer.members["epcisBody.queryResults.subscriptionID"] == "s1"
    assert answer.creation == CREATED
    assert faults(answer.events[0]) == []


def test_a_sent_record_time_is_replaced_and_a_sent_id_kept() -> None:
    event = stored(',"recordTime" : "1999-01-01T00:00:00Z","eventID":"urn:sent:by:them"')
    answer = read_json_document(query_document([event], created=CREATED)).events[0]
    assert answer.data["recordTime"] == RECORDED
    assert answer.data["eventID"] == "urn:sent:by:them"
    assert b'"recordTime" : "2026' in answer.raw


def test_no_events_make_an_empty_list() -> None:
    assert read_json_document(query_document([], created=CREATED)).events == []


def test_one_prefix_with_two_meanings_keeps_both_and_hash_ids_hold() -> None:
    events = [
        stored(',"m:a":"m:x"', {"m": "https://one.example/"}, {"both": "https://both.example/"}),
        stored(',"m:a":"m:x"', {"m": "https://two.example/"}, {"both": "https://both.example/"}),
        stored(',"both:a":"m:x"', {"both": "https://both.example/"}),
        stored(',"@context":[{"o":"https://own.example/"}],"o:a":"m:x"', {"both": "https://both.example/"}),
        stored(',"cbvmda:a":"both:x"', {"cbvmda": "https://mine.example/"}, {"both": "https://both.example/"}),
    ]
    answer = read_json_document(query_document(events, created=CREATED))
    for given, got in zip(events, answer.events, strict=True):
        before = read_event(given.raw, given.context)
        assert hash_id(got.data, got.namespaces) == hash_id(before.data, before.namespaces)
        assert faults(got) == []
    assert json.loads(answer.context or b"") == [EPCIS, {"both": "https://both.example/"}]
    assert "@context" not in answer.events[2].data


def test_a_prefix_of_one_event_does_not_reach_another() -> None:
    events = [
        stored(',"m:a":1', {"m": "https://m.example/"}),
        stored(',"cbvmda:note":"m:x"', {"n": "https://n.example/"}),
    ]
    answer = read_json_document(query_document(events, created=CREATED))
    assert "m" in answer.events[0].namespaces
    assert "m" not in answer.events[1].namespaces


def test_an_event_alone_carries_all_that_it_needs() -> None:
    event = stored(',"@context":{"o":"https://own.example/"},"o:a":1,"m:a":2', {"m": "https://m.example/"})
    alone = read_json_event(single_event(event))
    assert faults(alone) == []
    assert alone.data["@context"] == [EPCIS, {"m": "https://m.example/"}, {"o": "https://own.example/"}]
    before = read_event(event.raw, event.context)
    assert hash_id(alone.data, alone.namespaces) == hash_id(before.data, before.namespaces)
