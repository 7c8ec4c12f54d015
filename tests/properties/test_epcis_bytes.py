"""Properties of reading: bytes come out as they went in, and no input raises anything but our own errors."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.epcis.document import StoredEvent, query_document, single_event
from schemas.epcis.prehash import content_digest, hash_id
from schemas.epcis.reader import Limits, ReceivedEvent, read_event, read_json_document, read_json_event
from schemas.epcis.validate import faults
from schemas.errors import BadInput, TooLarge

CONTEXT = '"https://ref.gs1.org/standards/epcis/epcis-context.jsonld"'
LETTERS = 'abz:/#@_ 0"\\\b\n\x7fé中😀\u2028'


@dataclass(frozen=True)
class Number:
    """A JSON number by its text."""

    text: str


NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30).map(str),
    st.tuples(st.integers(-999, 999), st.text("0123456789", min_size=1, max_size=20)).map(lambda p: f"{p[0]}.{p[1]}"),
    st.tuples(st.sampled_from(["1e5", "-0", "-0.0", "1.50E+2", "7e-10"])).map(lambda p: p[0]),
).map(Number)
NAMES = st.text(LETTERS, max_size=6).filter(lambda name: name != "@context")
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.text(LETTERS, max_size=8), NUMBERS, st.booleans(), st.none()),
    lambda values: st.one_of(st.lists(values, max_size=3), st.dictionaries(NAMES, values, max_size=3)),
    max_leaves=8,
)
EVENTS = st.dictionaries(NAMES, VALUES, max_size=4)
SEEDS = st.integers(0, 2**32).map(random.Random)


def space(chance: random.Random) -> str:
    return "".join(chance.choices(" \t\r\n", k=chance.choice((0, 0, 1, 2))))


def spelled(value: Any, chance: random.Random) -> str:
    """JSON of a value with any white space, and strings raw or escaped."""
    if isinstance(value, Number):
        return value.text
    if isinstance(value, dict):
        pairs = [
            spelled(name, chance) + space(chance) + ":" + space(chance) + spelled(below, chance)
            for name, below in value.items()
        ]
        return listed(pairs, "{", "}", chance)
    if isinstance(value, list):
        return listed([spelled(below, chance) for below in value], "[", "]", chance)
    return json.dumps(value, ensure_ascii=chance.random() < 0.5)


def listed(parts: list[str], opening: str, closing: str, chance: random.Random) -> str:
    inner = ",".join(space(chance) + part + space(chance) for part in parts)
    return opening + (inner or space(chance)) + closing


@given(events=st.lists(EVENTS, max_size=3), chance=SEEDS)
def test_any_event_in_any_document_comes_out_byte_for_byte(events: list[dict[str, Any]], chance: random.Random) -> None:
    texts = [spelled(event, chance) for event in events]
    body = f'{{"eventList"{space(chance)}:{space(chance)}{listed(texts, "[", "]", chance)}{space(chance)}}}'
    members = [
        f'"@context":{space(chance)}{CONTEXT}',
        '"type":"EPCISDocument"',
        '"schemaVersion" :"2.0"',
        '"creationDate":"2026-03-02T10:00:00Z"',
        f'"epcisBody"{space(chance)}:{space(chance)}{body}',
    ]
    chance.shuffle(members)
    document = read_json_document((space(chance) + listed(members, "{", "}", chance) + space(chance)).encode())
    assert [event.raw for event in document.events] == [text.encode() for text in texts]
    for event in document.events:
        assert event.data == json.loads(event.raw, parse_float=Decimal)
        assert read_event(event.raw, event.context).data == event.data


@given(event=EVENTS, chance=SEEDS)
def test_an_answer_holds_the_event_as_it_came_but_for_its_identity_and_record_time(
    event: dict[str, Any], chance: random.Random
) -> None:
    text = spelled(event, chance)
    stored = StoredEvent(text.encode(), f"[{CONTEXT}]".encode(), "urn:x:y:1", "2026-03-02T10:00:00Z")
    answer = read_json_document(query_document([stored], created="2026-03-02T10:00:00Z")).events[0]
    received = json.loads(text, parse_float=Decimal)
    assert answer.data == {"eventID": "urn:x:y:1"} | received | {"recordTime": "2026-03-02T10:00:00Z"}
    if "eventID" not in received and "recordTime" not in received:
        assert answer.raw.endswith(text.encode()[1:])
    alone = read_json_event(single_event(stored))
    assert alone.data == answer.data | {"@context": [json.loads(CONTEXT)]}


def _read(body: bytes, read: Callable[[bytes], list[ReceivedEvent]]) -> None:
    try:
        events = read(body)
    except (BadInput, TooLarge):
        return
    for event in events:
        found = faults(event)
        assert all(fault.fix and len(fault.value) <= 200 for fault in found)
        if not found:
            assert hash_id(event.data, event.namespaces).startswith("ni:///sha-256;")
            assert len(content_digest(event.data, event.namespaces)) == 32


def _read_everything(body: bytes) -> None:
    limits = Limits(body=100_000, events=50, values=20_000)
    _read(body, lambda body: read_json_document(body, limits=limits).events)
    _read(body, lambda body: [read_json_event(body, limits=limits)])


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_read_or_refused(body: bytes) -> None:
    _read_everything(body)


@given(value=VALUES, chance=SEEDS)
def test_arbitrary_json_is_read_or_refused(value: Any, chance: random.Random) -> None:
    _read_everything(spelled(value, chance).encode())


PIECES = (
    *'{}[]:,"\\ ',
    *("1e9", "-", "NaN", "\\u0000", "\\ud800", "true", "null", "é", "\0", '"a":1', '"a":1', CONTEXT),
    *('"type"', '"EPCISDocument"', '"@context"', '"epcisBody"', '"eventList"', '"queryResults"', '"resultsBody"'),
)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_pieces_of_json_in_any_order_are_read_or_refused(text: str) -> None:
    _read_everything(text.encode())


EVENT: dict[str, Any] = {
    "@context": [json.loads(CONTEXT), {"m": "https://m.example/"}],
    "type": "ObjectEvent",
    "eventTime": "2026-03-02T09:00:00Z",
    "eventTimeZoneOffset": "+00:00",
    "action": "ADD",
    "bizStep": "shipping",
    "epcList": ["urn:epc:id:sgtin:9521321.012345.1"],
    "quantityList": [{"epcClass": "https://a.example/1", "quantity": 1, "uom": "KGM"}],
    "persistentDisposition": {"set": ["available"]},
    "readPoint": {"id": "https://a.example/2"},
    "sourceList": [{"type": "location", "source": "https://a.example/2"}],
    "bizTransactionList": [{"type": "po", "bizTransaction": "https://a.example/po"}],
    "sensorElementList": [{"sensorReport": [{"type": "Length", "value": 1, "time": "2026-03-02T09:00:00Z"}]}],
    "errorDeclaration": {"declarationTime": "2026-03-02T09:00:00Z", "correctiveEventIDs": ["urn:x:y:1"]},
    "ilmd": {"cbvmda:lotNumber": "7"},
    "m:field": {"m:inner": [1, "2"]},
}
ODD: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(LETTERS, max_size=5), st.just("urn:epc:id:sgtin:1.2.3")),
    lambda values: st.one_of(
        st.lists(values, max_size=3), st.dictionaries(st.text(LETTERS, max_size=5), values, max_size=3)
    ),
    max_leaves=5,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, below in inner for place in _places(below, (*path, key)))]


def _changed(value: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(value)
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _changed(value[path[0]], path[1:], change)
    return copy


NOT_IN = {
    "ObjectEvent": {"inputEPCList", "outputQuantityList", "parentID", "childEPCs"},
    "TransformationEvent": {"action", "epcList", "quantityList", "parentID", "childEPCs"},
    "AggregationEvent": {"epcList", "quantityList", "inputEPCList", "outputQuantityList", "ilmd"},
    "urn:mine:type:event": set[str](),
}
ALL = EVENT | {"inputEPCList": ["urn:x:y"], "parentID": "urn:x:y", "childEPCs": ["urn:x:y"]}
ALL["outputQuantityList"] = EVENT["quantityList"]
EVENTS_TO_CHANGE = [
    {name: value for name, value in ALL.items() if name not in left_out} | {"type": kind}
    for kind, left_out in NOT_IN.items()
]


@given(event=st.sampled_from(EVENTS_TO_CHANGE), odd=ODD, data=st.data())
def test_an_event_with_anything_in_any_place_is_read_or_refused(
    event: dict[str, Any], odd: Any, data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from(_places(event)))
    _read_everything(json.dumps(_changed(event, place, lambda _: odd)).encode())


@pytest.mark.parametrize("event", EVENTS_TO_CHANGE, ids=lambda event: str(event["type"]))
def test_the_events_that_are_changed_above_are_valid(event: dict[str, Any]) -> None:
    assert faults(read_json_event(json.dumps(event).encode())) == []


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b'{"@context":[' + b"{" * 70 + b"}" * 70 + b"]}"])
def test_deep_nesting_is_refused_without_harm(body: bytes) -> None:
    _read_everything(body)
    with pytest.raises(BadInput):
        read_json_document(body)
