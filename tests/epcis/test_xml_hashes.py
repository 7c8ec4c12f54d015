"""Hash IDs of XML: the published vectors, events that must agree, and pairs of one event in JSON and XML."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.epcis.document import StoredEvent, as_json
from schemas.epcis.prehash import hash_id, prehash
from schemas.epcis.reader import ReceivedEvent, read_event, read_json_document, read_json_event
from schemas.epcis.xml.reader import read_xml_event, read_xml_events
from tests.epcis.material import SHARED, SINGLE, identity, needed

pytestmark = needed
VECTORS = sorted((SHARED / "hash-vectors" / "examples").glob("*.xml"))
EQUAL = sorted((SHARED / "hash-vectors" / "expected_equal").glob("*.xml"))
SPOILT = {("SensorDataExamples", 6)}
"""Event 7 of SensorDataExamples: the reference read its stringValue as a float."""
WRONG_PREHASHES = {"epcisDocWithAllGS1Keys", "epcisDocWithCustomSchemaInContext", "epcisDocWithDefaultSchemaInContext"}
SET = SHARED / "gs1-examples" / "xml" / "WithEventHashID"
UNLIKE = {"queryDocument.xml", "TransactionEvent_with_userExtensions.xml", "QueryDocument_with_invalid_action.xml"}
"""A wrong URI of Speed, and two documents that are refused in either syntax."""


def partner(path: Path) -> Path:
    """The same document in JSON."""
    if "openepcis" in path.parts:
        return Path(str(path).replace("/XML/", "/JSON/")).with_suffix(".json")
    return path.with_suffix(".jsonld")


PAIRS = [
    path
    for path in [*(SHARED / "openepcis" / "XML").rglob("*.xml"), *VECTORS]
    if partner(path).exists() and path.name not in UNLIKE and "Queries" not in path.parts
]


def ids(events: list[ReceivedEvent]) -> list[str]:
    return [hash_id(event.data, event.namespaces) for event in events]


def xml_events(path: Path) -> list[ReceivedEvent]:
    body = path.read_bytes()
    return [read_xml_event(body)] if SINGLE in identity(path) else read_xml_events(body)


def test_the_vectors_are_all_there() -> None:
    """EPCIS-H1: what the others are about."""
    assert (len(VECTORS), len(EQUAL)) == (17, 10)
    assert len(PAIRS) >= 25


@pytest.mark.parametrize("path", [one for one in VECTORS if "IgnoreFields" not in one.stem], ids=lambda path: path.stem)
def test_hash_ids_of_xml_are_the_published_ones(path: Path) -> None:
    """EPCIS-H1, EPCIS-H3: every `.hashes` file that has an XML document."""
    published = path.with_suffix(".hashes").read_text().split()
    ours = ids(xml_events(path))
    assert len(ours) == len(published)
    differing = {(path.stem, at) for at, (one, other) in enumerate(zip(ours, published, strict=True)) if one != other}
    assert differing == {one for one in SPOILT if one[0] == path.stem}


@pytest.mark.parametrize("path", [one for one in VECTORS if "IgnoreFields" not in one.stem], ids=lambda path: path.stem)
def test_prehash_strings_of_xml_are_the_published_ones(path: Path) -> None:
    """EPCIS-H1: the `.prehashes` of XML documents."""
    published = path.with_suffix(".prehashes").read_text().splitlines()
    ours = [prehash(event.data, event.namespaces) for event in xml_events(path)]
    for at, (one, other) in enumerate(zip(ours, published, strict=True)):
        if (path.stem, at) not in SPOILT and path.stem not in WRONG_PREHASHES:
            assert one == other


@pytest.mark.parametrize("prefix", ["urn", "https", "a", "id"])
def test_an_xml_prefix_is_not_read_into_what_only_begins_alike(prefix: str) -> None:
    """EPCIS-H1, EPCIS-X3: XML may name a prefix as a scheme is named, and as another namespace begins."""
    event = """<ObjectEvent xmlns:{0}="https://ns.example/" xmlns:other="{1}:ns:">
      <eventTime>2026-03-02T08:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>urn:epc:id:sscc:4012345.0000000333</epc></epcList>
      <action>OBSERVE</action><{0}:grade>https:/odd</{0}:grade><other:note>urn:x:1</other:note></ObjectEvent>"""
    plain, alike = (read_xml_event(event.format(one, prefix).encode()) for one in ("grade", prefix))
    assert prehash(alike.data, alike.namespaces) == prehash(plain.data, plain.namespaces)
    kept = StoredEvent(alike.raw, alike.context, "urn:x:y:1", "2026-03-02T10:00:00Z")
    told = as_json(kept)
    in_json = read_event(told.raw, told.context)
    assert prehash(in_json.data, in_json.namespaces) == prehash(plain.data, plain.namespaces)


@pytest.mark.parametrize("path", EQUAL, ids=lambda path: path.stem)
def test_xml_events_that_are_expected_equal_are_equal(path: Path) -> None:
    """EPCIS-H1, EPCIS-H4: order, offsets, precision and empty lists change nothing."""
    found = ids(xml_events(path))
    assert len(found) > 1
    assert len(set(found)) == 1


@pytest.mark.parametrize("path", PAIRS, ids=identity)
def test_json_and_xml_of_one_document_hash_alike(path: Path) -> None:
    """EPCIS-H4: equal for JSON and XML."""
    body = partner(path).read_bytes()
    theirs = [read_json_event(body)] if SINGLE in identity(path) else read_json_document(body).events
    assert ids(xml_events(path)) == ids(theirs)


def test_gs1s_own_set_of_identical_events() -> None:
    """EPCIS-H2, EPCIS-H4: 1, 3, 4, 5 and 7 hash alike, and 6, which adds an `xsi:type`; 2 has another offset."""
    found = {number: ids(xml_events(SET / f"event_with_identical_hash_id_{number}.xml")) for number in range(1, 7)}
    in_json = ids(read_json_document((SET / "event_with_identical_hash_id_7.json").read_bytes()).events)
    assert found[1] == found[3] == found[4] == found[5] == found[6] == in_json
    assert found[1] != found[2]


def test_no_xsi_type_takes_part_in_a_hash() -> None:
    """EPCIS-H2: a typed value hashes as the same text untyped."""
    event = (
        '<ObjectEvent xmlns:e="https://e.example/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema"><eventTime>2026-03-02T08:00:00Z</eventTime>'
        "<eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>urn:x:y:1</epc></epcList>"
        "<action>OBSERVE</action><e:n{kind}>{text}</e:n></ObjectEvent>"
    )
    for kind, text in (("integer", "0012"), ("double", "23.0"), ("decimal", "7"), ("boolean", "true"), ("string", "x")):
        typed = read_xml_event(event.format(kind=f' xsi:type="xsd:{kind}"', text=text).encode())
        plain = read_xml_event(event.format(kind="", text=text).encode())
        assert hash_id(typed.data, typed.namespaces) == hash_id(plain.data, plain.namespaces)
