"""What is given back of every accepted document: valid by the official schema, and the same event by its hash ID."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from schemas.epcis.document import StoredEvent, query_document, single_event
from schemas.epcis.envelope import KINDS
from schemas.epcis.prehash import content_digest, hash_id
from schemas.epcis.reader import ReceivedEvent, read_json_document, read_json_event
from schemas.epcis.validate import faults
from schemas.errors import BadInput

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "epcis"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the EPCIS material in ../shared/epcis")

RECORDED = "2026-03-02T10:00:00.000001Z"


def accepted(path: Path) -> list[ReceivedEvent]:
    body = path.read_bytes()
    try:
        document = json.loads(body).get("type") in KINDS
        events = read_json_document(body).events if document else [read_json_event(body)]
    except BadInput:
        return []
    return events if not any(faults(event) for event in events) else []


EVENTS = {
    str(path.relative_to(SHARED)): events
    for folder in ("gs1-examples", "openepcis", "hash-vectors", "chains")
    for path in sorted((SHARED / folder).rglob("*.json*"))
    if (events := accepted(path))
}


def stored(event: ReceivedEvent) -> StoredEvent:
    given = event.data.get("eventID") or hash_id(event.data, event.namespaces)
    return StoredEvent(event.raw, event.context, given, RECORDED)


def assert_same(before: ReceivedEvent, after: ReceivedEvent) -> None:
    assert hash_id(after.data, after.namespaces) == hash_id(before.data, before.namespaces)
    assert content_digest(after.data, after.namespaces) == content_digest(before.data, before.namespaces)
    assert after.data["eventID"] == stored(before).event_id
    assert after.data["recordTime"] == RECORDED
    kept = {name: value for name, value in before.data.items() if name not in ("@context", "recordTime")}
    assert {name: after.data[name] for name in kept} == kept


@pytest.fixture(scope="module")
def judge() -> jsonschema_rs.Draft7Validator:
    schema = json.loads((SHARED / "standard" / "epcis-json-schema-2.0.1.json").read_bytes())
    return jsonschema_rs.Draft7Validator(schema, validate_formats=True)


def test_the_accepted_documents_hold_events() -> None:
    assert sum(map(len, EVENTS.values())) >= 150


@pytest.mark.parametrize("name", EVENTS)
def test_an_answer_is_valid_and_holds_the_same_events(name: str, judge: jsonschema_rs.Draft7Validator) -> None:
    events = EVENTS[name]
    answer = query_document([stored(event) for event in events], created=RECORDED)
    judge.validate(json.loads(answer))
    for before, after in zip(events, read_json_document(answer).events, strict=True):
        assert faults(after) == []
        assert_same(before, after)
    for event in events:
        alone = single_event(stored(event))
        judge.validate(json.loads(alone))
        assert_same(event, read_json_event(alone))


def test_events_of_all_documents_stand_in_one_answer(judge: jsonschema_rs.Draft7Validator) -> None:
    events = [event for each in EVENTS.values() for event in each]
    answer = query_document([stored(event) for event in events], created=RECORDED)
    judge.validate(json.loads(answer))
    for before, after in zip(events, read_json_document(answer).events, strict=True):
        assert_same(before, after)
