"""What is fuzzed: each target takes any bytes and may only refuse them with an error of ours, or keep a law.

A finding is kept as a file under `tests/examples/fuzz/`, which `tests/unit/test_fuzz_findings.py` runs for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from schemas.epcis import stored
from schemas.epcis.document import StoredEvent, as_json, query_document
from schemas.epcis.prehash import content_digest, hash_id
from schemas.epcis.reader import read_event, read_json_document
from schemas.epcis.validate import faults
from schemas.epcis.xml.answers import write_document
from schemas.epcis.xml.reader import read_xml_again, read_xml_document
from schemas.epcis.xml.tree import utf8
from schemas.errors import StemmaError
from schemas.identifiers import identify, identify_strict, short_numbers
from schemas.times import Instant

WRITTEN: Final = "2026-03-02T10:00:00Z"


def identifiers(data: bytes) -> None:
    """Any text has a key, which is its own key; a strict reading agrees or refuses; nothing else is raised."""
    text = data.decode("utf-8", "replace")
    found = identify(text)
    assert identify(found.key).key == found.key
    short_numbers(found.key)
    try:
        strict = identify_strict(text)
    except StemmaError:
        return
    assert identify(strict.key).key == strict.key


def times(data: bytes) -> None:
    """A time that is read is written and read again as the same instant."""
    try:
        instant = Instant.parse(data.decode("utf-8", "replace"))
    except StemmaError:
        return
    assert Instant.parse(instant.text()) == instant


def json(data: bytes) -> None:
    """A document is refused or read; each of its events keeps its bytes, and is the same event when it is read alone,
    in the answer to a query, and in XML, where that has all its characters."""
    try:
        document = read_json_document(data)
    except StemmaError:
        return
    for event in document.events:
        assert event.raw in data
        if faults(event):
            continue
        content = content_digest(event.data, event.namespaces)
        hash_id(event.data, event.namespaces)
        alone = read_event(event.raw, event.context)
        assert content_digest(alone.data, alone.namespaces) == content
        kept = StoredEvent(event.raw, event.context, "urn:x:y:1", WRITTEN)
        told = read_json_document(query_document([kept], created=WRITTEN)).events[0]
        assert content_digest(told.data, told.namespaces) == content
        written = write_document([kept], created=WRITTEN)
        if "\ufffd".encode() in written:
            continue
        in_xml = read_xml_document(written).events[0]
        assert content_digest(in_xml.data, in_xml.namespaces) == content


def xml(data: bytes) -> None:
    """As `json`; besides, a valid event is the same event when it is written anew, as XML and as JSON."""
    try:
        document = read_xml_document(data)
    except StemmaError:
        return
    body = utf8(data)
    for event in document.events:
        assert event.raw in body
        if stored.faults(event):
            continue
        content = content_digest(event.data, event.namespaces)
        alone = read_xml_again(event.raw, event.context)
        assert content_digest(alone.data, alone.namespaces) == content
        kept = StoredEvent(event.raw, event.context, "urn:x:y:1", WRITTEN)
        written = read_xml_document(write_document([kept], created=WRITTEN)).events[0]
        assert content_digest(written.data, written.namespaces) == content
        told = as_json(kept)
        in_json = read_event(told.raw, told.context)
        assert content_digest(in_json.data, in_json.namespaces) == content


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "identifiers": identifiers,
    "times": times,
    "json": json,
    "xml": xml,
}
