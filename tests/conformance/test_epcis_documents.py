"""Every JSON document of the shared EPCIS material against our reading and validation, the official schema as judge."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from schemas.epcis.envelope import KINDS
from schemas.epcis.reader import read_event, read_json_document, read_json_event
from schemas.epcis.validate import faults
from schemas.errors import BadInput, FieldError

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "epcis"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the EPCIS material in ../shared/epcis")

DOCUMENTS = sorted(
    path
    for folder in ("gs1-examples", "openepcis", "hash-vectors", "chains")
    for path in (SHARED / folder).rglob("*.json*")
)
STRICTER = {
    "AssociationEvent-h.jsonld": "epcisBody.eventList[0].eventID",
}
"""What the schema cannot see and epcis.md X4 refuses: here a member that stands twice."""
REFUSED = {
    "event_with_identical_hash_id_7.json",
    "TransactionEvent_with_userExtensions.json",
    "SimpleEventQuery.json",
    "Query_with_invalid_values.json",
}
"""Known exceptions of epcis.md among the files that are not filed under Invalid."""


def identity(path: Path) -> str:
    return str(path.relative_to(SHARED))


def found(body: bytes) -> tuple[FieldError, ...]:
    try:
        document = json.loads(body).get("type") in KINDS
        events = read_json_document(body).events if document else [read_json_event(body)]
    except BadInput as error:
        return error.errors
    return tuple(fault for event in events for fault in faults(event))


@pytest.fixture(scope="module")
def judge() -> jsonschema_rs.Draft7Validator:
    schema = json.loads((SHARED / "standard" / "epcis-json-schema-2.0.1.json").read_bytes())
    return jsonschema_rs.Draft7Validator(schema, validate_formats=True)


def test_the_material_is_all_there() -> None:
    assert len(DOCUMENTS) >= 110


@pytest.mark.parametrize("path", DOCUMENTS, ids=identity)
def test_a_document_is_accepted_or_refused_as_the_official_schema_says(
    path: Path, judge: jsonschema_rs.Draft7Validator
) -> None:
    body = path.read_bytes()
    ours = found(body)
    if path.name in STRICTER:
        assert [fault.field for fault in ours] == [STRICTER[path.name]]
        return
    assert (not ours) == judge.is_valid(json.loads(body)), ours
    assert bool(ours) == ("/Invalid/" in str(path) or path.name in REFUSED)


def test_the_counts_are_those_of_the_documentation() -> None:
    refused = [path for path in DOCUMENTS if found(path.read_bytes())]
    assert (len(DOCUMENTS) - len(refused), len(refused)) == (96, 14)


@pytest.mark.parametrize("path", DOCUMENTS, ids=identity)
def test_every_fault_names_a_place_and_a_fix(path: Path) -> None:
    for fault in found(path.read_bytes()):
        assert fault.field
        assert fault.fix
        assert len(fault.value) <= 200


@pytest.mark.parametrize("path", DOCUMENTS, ids=identity)
def test_every_event_is_a_slice_of_the_body_and_reads_the_same_again(path: Path) -> None:
    body = path.read_bytes()
    try:
        document = read_json_document(body)
    except BadInput:
        return
    end = 0
    for event in document.events:
        start = body.index(event.raw, end)
        end = start + len(event.raw)
        again = read_event(event.raw, event.context)
        assert again.data == event.data
        assert dict(again.namespaces) == dict(event.namespaces)
