"""Reading EPCIS JSON: bytes kept, numbers whole, and what is refused says where."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from schemas.epcis.reader import Limits, VocabularyElement, read_event, read_json_document, read_json_event
from schemas.epcis.validate import faults
from schemas.errors import BadInput, FieldError, TooLarge

EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "epcis"
CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"


def event_text(**members: object) -> str:
    event = {
        "type": "ObjectEvent",
        "eventTime": "2026-03-02T09:00:00Z",
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "epcList": ["https://a.example/1"],
    }
    return json.dumps(event | members)


def document_text(*events: str, context: str = f'"{CONTEXT}"', **members: object) -> bytes:
    more = "".join(f",{json.dumps(name)}:{json.dumps(value)}" for name, value in members.items())
    return (
        f'{{"@context":{context},"type":"EPCISDocument","schemaVersion":"2.0",'
        f'"creationDate":"2026-03-02T10:00:00Z"{more},"epcisBody":{{"eventList":[{",".join(events)}]}}}}'
    ).encode()


def refused(body: bytes, limits: Limits | None = None) -> FieldError:
    with pytest.raises(BadInput) as caught:
        read_json_document(body, limits=limits or Limits())
    return caught.value.errors[0]


def test_our_examples_are_valid_and_have_these_events() -> None:
    counts = {}
    for path in (EXAMPLES / "valid").glob("*.json"):
        document = read_json_document(path.read_bytes())
        counts[path.stem] = len(document.events)
        assert [fault for event in document.events for fault in faults(event)] == []
    assert counts == {
        "answer-with-declaration": 1,
        "commissioning-with-lot": 1,
        "inspection-with-sensors": 1,
        "master-data-in-header": 0,
        "split-and-pack": 5,
    }


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("naive-time", "epcisBody.eventList[0].eventTime"),
        ("cbv-urn", "epcisBody.eventList[0].bizStep"),
        ("unbound-prefix", "epcisBody.eventList[0].mill:gate"),
        ("duplicate-member", "epcisBody.eventList[0].readPoint.id"),
        ("unknown-context", "@context[0]"),
        ("packing-nothing", "epcisBody.eventList[0].childEPCs"),
        ("quantity-in-quotes", "epcisBody.eventList[0].quantityList[0].quantity"),
    ],
)
def test_our_refused_examples_say_where(name: str, field: str) -> None:
    body = (EXAMPLES / "refused" / f"{name}.json").read_bytes()
    try:
        found = [fault for event in read_json_document(body).events for fault in faults(event)]
    except BadInput as error:
        found = list(error.errors)
    assert [fault.field for fault in found] == [field]


def test_an_event_keeps_its_bytes_whatever_the_white_space_and_escapes() -> None:
    raw = '{ "type":"ObjectEvent",\t"eventTime": "2026-03-02T09:00:00\\u005a" ,\r\n "x:\\u4e2d":  1.500e0, "n":"磨坊" }'
    document = read_json_document(document_text(f" \n{raw}\t", "{}"))
    assert document.events[0].raw == raw.encode()
    assert document.events[1].raw == b"{}"
    assert document.events[0].data["eventTime"] == "2026-03-02T09:00:00Z"
    assert document.events[0].place == "epcisBody.eventList[0]"


def test_numbers_keep_every_digit() -> None:
    document = read_json_document(document_text('{"a":0.10,"b":123456789012345678901234567890,"c":1.0E+2,"d":-0.0}'))
    data = document.events[0].data
    assert [str(data[name]) for name in "abcd"] == ["0.10", "123456789012345678901234567890", "1.0E+2", "-0.0"]
    assert isinstance(data["a"], Decimal)


def test_the_events_of_a_query_document_are_read_and_its_names_kept() -> None:
    document = read_json_document((EXAMPLES / "valid" / "answer-with-declaration.json").read_bytes())
    assert document.kind == "EPCISQueryDocument"
    assert document.members["epcisBody.queryResults.queryName"] == "SimpleEventQuery"
    assert document.creation == "2026-03-02T10:00:00Z"
    assert document.events[0].place == "epcisBody.queryResults.resultsBody.eventList[0]"


def test_header_master_data_is_read() -> None:
    document = read_json_document((EXAMPLES / "valid" / "master-data-in-header.json").read_bytes())
    location = "urn:epcglobal:epcis:vtype:BusinessLocation"
    assert document.master_data == [
        VocabularyElement(
            location,
            "urn:epc:id:sgln:9521321.00001.0",
            (("cbvmda:name", "Mill 1 磨坊"), ("cbvmda:latitude", Decimal("52.50"))),
            ("urn:epc:id:sgln:9521321.00001.LINE1",),
        ),
        VocabularyElement(location, "urn:epc:id:sgln:9521321.00001.LINE1", (), ()),
    ]
    assert document.members["mill:batch"] == 7


def test_a_master_data_document_needs_no_events() -> None:
    body = json.dumps(
        {
            "@context": CONTEXT,
            "type": "EPCISMasterDataDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-02T10:00:00Z",
            "epcisBody": {"vocabularyList": [{"type": "urn:x:y:t", "vocabularyElementList": [{"id": "urn:x:y:1"}]}]},
        }
    ).encode()
    document = read_json_document(body)
    assert document.kind == "EPCISMasterDataDocument"
    assert document.master_data == [VocabularyElement("urn:x:y:t", "urn:x:y:1", (), ())]


def test_faulty_master_data_refuses_the_document() -> None:
    header = {"epcisMasterData": {"vocabularyList": [{"type": "urn:x:y:t", "vocabularyElementList": [{"id": "7"}]}]}}
    fault = refused(document_text(epcisHeader=header))
    assert fault.field == "epcisHeader.epcisMasterData.vocabularyList[0].vocabularyElementList[0].id"
    assert fault.value == "7"


@pytest.mark.parametrize(
    ("event", "field", "value"),
    [
        ('{"a":{"b":1,"c":2,"b":3}}', "epcisBody.eventList[0].a.b", "b"),
        ('{"a":1,"\\u0061":2}', "epcisBody.eventList[0].a", "a"),
        ('{"a":[0,NaN]}', "epcisBody.eventList[0].a[1]", "NaN"),
        ('{"a":-Infinity}', "epcisBody.eventList[0].a", "-Infinity"),
        ('{"a":["\\ud800"]}', "epcisBody.eventList[0].a[0]", "'\\ud800'"),
        ('{"a":"\\u0000"}', "epcisBody.eventList[0].a", "'\\x00'"),
        ('{"a":' + "9" * 101 + "}", "epcisBody.eventList[0].a", "9" * 101),
        ('{"a":1e999999999}', "epcisBody.eventList[0].a", "1e999999999"),
        ('{"a":1E-100}', "epcisBody.eventList[0].a", "1E-100"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused_with_its_place(event: str, field: str, value: str) -> None:
    fault = refused(document_text("{}", event).replace(b"[{},", b"["))
    assert (fault.field, fault.value) == (field, value)


@pytest.mark.parametrize(
    "event", ['{"a":' + "9" * 100 + "}", '{"a":-' + "9" * 100 + "}", '{"a":1e99}', '{"a":"\\ud83d\\ude00"}']
)
def test_what_is_just_within_the_bounds_is_read(event: str) -> None:
    assert read_json_document(document_text(event)).events[0].raw == event.encode()


def test_a_member_that_stands_twice_around_the_events_is_refused() -> None:
    assert refused(document_text().replace(b'"schemaVersion":"2.0"', b'"type":"EPCISDocument"')).field == "type"
    assert refused(document_text().replace(b'{"eventList":[]', b'{"eventList":[],"eventList":[]')).field == (
        "epcisBody.eventList"
    )


def test_nesting_is_counted_from_the_document() -> None:
    def nested(levels: int) -> bytes:
        return document_text('{"a":' + "[" * levels + "]" * levels + "}")

    assert len(read_json_document(nested(60)).events) == 1
    assert refused(nested(61)).fix == "nest at most 64 levels deep"
    assert "64 levels" in refused(nested(100_000)).fix
    assert "64 levels" in refused(document_text().replace(b'"2.0"', b"[" * 100_000 + b"]" * 100_000)).fix


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "line 1, column 1"),
        (b"[]", "line 1, column 1"),
        (b'{"a":1}x', "line 1, column 8"),
        (b'{"a" 1}', "line 1, column 6"),
        (b'{\n"a":tru}', "line 2, column 5"),
        (b'{"a":1,}', "line 1, column 8"),
        (b'{"a":"\n"}', "line 1, column 7"),
        (b'{"a":"\xff"}', "byte 6"),
        (b'{"type":"EPCISDocument"', "line 1, column 24"),
        (b"\xff\xfe{\x00}\x00", "byte 0"),
    ],
)
def test_malformed_json_is_refused_by_line_and_column(body: bytes, field: str) -> None:
    assert refused(body).field == field


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_json_document(b"\xef\xbb\xbf" + document_text("{}")).events[0].raw == b"{}"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "ObjectEvent"}, "type"),
        ({"type": "Shipment"}, "type"),
        ({"type": 7}, "type"),
        ({"schemaVersion": "two"}, "schemaVersion"),
        ({"schemaVersion": None}, "schemaVersion"),
        ({"creationDate": "2026-03-02"}, "creationDate"),
        ({"epcisBody": []}, "epcisBody"),
        ({"epcisBody": {}}, "epcisBody.eventList"),
        ({"epcisBody": {"eventList": {}}}, "epcisBody.eventList"),
        ({"epcisHeader": 1}, "epcisHeader"),
        ({"surprise": 1}, "surprise"),
        ({"mill:surprise": 1}, "mill:surprise"),
    ],
)
def test_a_wrong_envelope_is_refused_by_field(change: dict[str, object], field: str) -> None:
    body = json.dumps(json.loads(document_text("{}")) | change).encode()
    assert refused(body).field == field


@pytest.mark.parametrize("missing", ["@context", "type", "schemaVersion", "creationDate"])
def test_a_missing_field_of_the_envelope_is_named(missing: str) -> None:
    whole = json.loads(document_text("{}"))
    del whole[missing]
    assert refused(json.dumps(whole).encode()).field == missing


def test_bounds_on_body_events_and_values() -> None:
    body = document_text("{}", "{}", "{}")
    assert len(read_json_document(body, limits=Limits(body=len(body), events=3)).events) == 3
    for limits in (Limits(body=len(body) - 1), Limits(events=2), Limits(values=5)):
        with pytest.raises(TooLarge):
            read_json_document(body, limits=limits)


def test_an_event_that_is_too_large_or_no_object_is_that_events_fault_alone() -> None:
    large = event_text(eventID="urn:x:y:" + "a" * 500)
    document = read_json_document(document_text(event_text(), large, "7"), limits=Limits(event=500))
    assert [[fault.field for fault in faults(event)] for event in document.events] == [
        [],
        ["epcisBody.eventList[1]"],
        ["epcisBody.eventList[2]"],
    ]


def test_an_event_alone_needs_its_own_context() -> None:
    bare = event_text().encode()
    assert [fault.field for fault in faults(read_json_event(bare))] == ["@context"]
    alone = event_text(**{"@context": [CONTEXT, {"m": "https://m.example/"}], "m:gate": 1}).encode()
    event = read_json_event(b" " + alone + b"\n")
    assert (event.raw, event.context, faults(event)) == (alone, None, [])
    assert event.namespaces["m"] == "https://m.example/"
    for body in (b"[]", document_text(), alone + b"{}"):
        with pytest.raises(BadInput):
            read_json_event(body)


def test_an_event_read_again_from_the_log_is_the_same() -> None:
    event = read_json_document(
        document_text(event_text(**{"m:weight": 1.5}), context=f'["{CONTEXT}", {{"m": "https://m.example/"}}]')
    ).events[0]
    again = read_event(event.raw, event.context)
    assert (again.data, again.namespaces, again.context) == (event.data, event.namespaces, event.context)


def test_no_document_makes_the_reader_slow_or_its_envelopes_large() -> None:
    many = ",".join(f'"m{number}":0' for number in range(100_000))
    assert refused(document_text(f'{{{many},"m99999":1}}')).field == "epcisBody.eventList[0].m99999"
    prefixes = json.dumps({f"p{number}": f"https://{number}.example/" for number in range(1000)})
    assert refused(document_text("{}", context=prefixes)).fix == "at most 500 prefixes and terms are taken"
    wide = json.dumps({"p": "https://a.example/" + "x" * 70_000})
    assert refused(document_text("{}", context=wide)).fix == "at most 65536 bytes are taken"
