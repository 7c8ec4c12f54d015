"""The pre-hash string: times, numbers, text, extensions and what takes no part in it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from schemas.epcis.context import BUILT_IN
from schemas.epcis.prehash import content_digest, hash_id, prehash

NAMES = {**BUILT_IN, "m": "https://m.example/", "old": "https://m.example/"}


def canonical(**members: Any) -> str:
    """What a member adds to an event that has nothing else."""
    text = prehash({"type": "ObjectEvent", **members}, NAMES)
    assert text.startswith("eventType=ObjectEvent")
    return text.removeprefix("eventType=ObjectEvent")


@pytest.mark.parametrize(
    ("given", "utc"),
    [
        ("2026-03-02T09:00:00Z", "2026-03-02T09:00:00.000Z"),
        ("2026-03-02T09:00:00+08:00", "2026-03-02T01:00:00.000Z"),
        ("2026-03-02T09:00:00.1234Z", "2026-03-02T09:00:00.123Z"),
        ("2026-03-02T09:00:00.1235Z", "2026-03-02T09:00:00.124Z"),
        ("2026-03-02T09:00:00.123499999999Z", "2026-03-02T09:00:00.123Z"),
        ("2026-12-31T23:59:59.9995Z", "2027-01-01T00:00:00.000Z"),
        ("1969-12-31T23:59:59.9995Z", "1970-01-01T00:00:00.000Z"),
        (" 2026-03-02T09:00:00Z\n", "2026-03-02T09:00:00.000Z"),
        ("yesterday", "yesterday"),
        ("9999-12-31T23:59:59.9999Z", "9999-12-31T23:59:59.9999Z"),
    ],
)
def test_times_are_utc_milliseconds_rounded_half_up_with_carry(given: str, utc: str) -> None:
    assert canonical(eventTime=given) == f"eventTime={utc}"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (Decimal("12.500"), "12.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("-0.0"), "0"),
        (Decimal("0.1234567890123456789012345678901234567890"), "0.123456789012345678901234567890123456789"),
        (123456789012345678901234567890, "123456789012345678901234567890"),
        (0, "0"),
    ],
)
def test_typed_numbers_lose_their_zeros_and_keep_their_digits(given: Any, text: str) -> None:
    assert canonical(quantityList=[{"epcClass": "urn:x:y", "quantity": given}]) == (
        f"quantityListquantityElementepcClass=urn:x:yquantity={text}"
    )
    assert canonical(**{"m:n": given}) == f"{{https://m.example/}}n={text}"


def test_text_stays_to_the_letter_but_for_white_space_around_it() -> None:
    assert canonical(**{"m:lot": " 0012 "}) == "{https://m.example/}lot=0012"
    assert canonical(**{"m:n": "12.500"}) == "{https://m.example/}n=12.500"
    assert canonical(**{"m:n": "1e5"}) == "{https://m.example/}n=1e5"
    assert canonical(**{"m:word": "shipping"}) == "{https://m.example/}word=shipping"
    assert canonical(**{"m:at": "2026-03-02T09:00:00+01:00"}) == "{https://m.example/}at=2026-03-02T09:00:00+01:00"


def test_curies_cbv_urns_and_identifiers_in_any_value_become_full_uris() -> None:
    assert canonical(**{"m:a": "m:b"}) == "{https://m.example/}a=https://m.example/b"
    assert canonical(**{"m:a": "m://b"}) == "{https://m.example/}a=m://b"
    assert canonical(**{"m:a": "urn:epc:id:sgtin:9521321.012345.1"}) == (
        "{https://m.example/}a=https://id.gs1.org/01/09521321123458/21/1"
    )
    assert canonical(**{"m:a": "urn:epcglobal:cbv:disp:recalled"}) == (
        "{https://m.example/}a=https://ref.gs1.org/cbv/Disp-recalled"
    )
    assert canonical(bizTransactionList=[{"bizTransaction": "urn:epcglobal:cbv:bt:1:2"}]) == (
        "bizTransactionListbizTransaction=urn:epcglobal:cbv:bt:1:2"
    )


def test_extensions_are_named_by_namespace_and_sorted_at_every_level() -> None:
    given = {"m:z": 1, "old:a": {"m:y": ["b", "a"], "m:x": True, "plain": None}, "m:empty": "", "m:none": []}
    assert canonical(**given) == (
        "{https://m.example/}a"
        "plain{https://m.example/}x=true{https://m.example/}y=a{https://m.example/}y=b"
        "{https://m.example/}empty"
        "{https://m.example/}z=1"
    )


def test_an_extension_may_have_text_beside_its_members() -> None:
    assert canonical(**{"m:a": {"#text": "7", "m:unit": "kg"}}) == "{https://m.example/}a=7{https://m.example/}unit=kg"


def test_what_takes_no_part_leaves_no_trace() -> None:
    xsi = {"xsi": "http://www.w3.org/2001/XMLSchema-instance", "r": BUILT_IN["rdfs"], **NAMES}
    data = {"type": "ObjectEvent", "m:a": {"m:b": 1}}
    idle = data | {
        "eventID": "urn:x:y",
        "recordTime": "2026-03-02T09:00:00Z",
        "errorDeclaration": {"declarationTime": "2026-03-02T09:00:00Z"},
        "@context": ["x"],
        "rdfs:comment": "a",
        "m:a": {"m:b": 1, "xsi:type": "xsd:int", "r:comment": "b"},
    }
    assert prehash(idle, xsi) == prehash(data, xsi)


def test_empty_lists_and_objects_of_the_standard_leave_no_trace() -> None:
    empty = {
        "epcList": [],
        "quantityList": [],
        "readPoint": {},
        "ilmd": {},
        "sensorElementList": [{}],
        "disposition": "",
    }
    assert canonical(**empty) == ""


def test_the_order_of_members_is_the_published_one() -> None:
    event = {
        "m:extension": 1,
        "ilmd": {"m:i": 1},
        "sourceList": [{"source": "urn:s:1", "type": "location"}],
        "destinationList": [{"destination": "urn:d:1", "type": "owning_party"}],
        "bizTransactionList": [{"bizTransaction": "urn:b:1", "type": "po"}],
        "sensorElementList": [
            {"m:e": 1, "sensorReport": [{"uom": "MTR", "value": 1, "type": "Length", "time": "2026-03-02T09:00:00Z"}]}
        ],
        "bizLocation": {"id": "urn:l:1"},
        "readPoint": {"m:gate": 1, "id": "urn:r:1"},
        "persistentDisposition": {"unset": ["active"], "set": ["expired", "damaged"]},
        "disposition": "unknown",
        "bizStep": "m:step",
        "transformationID": "urn:t:1",
        "action": "ADD",
        "outputQuantityList": [{"epcClass": "urn:q:4"}],
        "outputEPCList": ["urn:e:4"],
        "inputQuantityList": [{"epcClass": "urn:q:3"}],
        "childQuantityList": [{"epcClass": "urn:q:2"}],
        "quantityList": [{"uom": "KGM", "quantity": 1, "epcClass": "urn:q:1"}],
        "childEPCs": ["urn:e:3"],
        "inputEPCList": ["urn:e:2"],
        "parentID": "urn:p:1",
        "epcList": ["urn:e:1"],
        "certificationInfo": ["urn:c:2", "urn:c:1"],
        "eventTimeZoneOffset": "+01:00",
        "eventTime": "2026-03-02T09:00:00Z",
    }
    web = "https://ref.gs1.org/cbv/"
    assert canonical(**event) == (
        "eventTime=2026-03-02T09:00:00.000ZeventTimeZoneOffset=+01:00"
        "certificationInfo=urn:c:1certificationInfo=urn:c:2"
        "epcListepc=urn:e:1parentID=urn:p:1inputEPCListepc=urn:e:2childEPCsepc=urn:e:3"
        "quantityListquantityElementepcClass=urn:q:1quantity=1uom=KGM"
        "childQuantityListquantityElementepcClass=urn:q:2inputQuantityListquantityElementepcClass=urn:q:3"
        "outputEPCListepc=urn:e:4outputQuantityListquantityElementepcClass=urn:q:4"
        f"action=ADDtransformationID=urn:t:1bizStep=https://m.example/stepdisposition={web}Disp-unknown"
        f"persistentDispositionset={web}Disp-damagedset={web}Disp-expiredunset={web}Disp-active"
        "readPointid=urn:r:1{https://m.example/}gate=1bizLocationid=urn:l:1"
        "sensorElementListsensorElementsensorReporttype=https://gs1.org/voc/Lengthtime=2026-03-02T09:00:00.000Z"
        "value=1uom=MTR{https://m.example/}e=1"
        f"bizTransactionListtype={web}BTT-pobizTransaction=urn:b:1"
        f"destinationListtype={web}SDT-owning_partydestination=urn:d:1"
        f"sourceListtype={web}SDT-locationsource=urn:s:1"
        "ilmd{https://m.example/}i=1"
        "{https://m.example/}extension=1"
    )


def test_a_hash_id_is_the_digest_of_the_prehash_string() -> None:
    assert hash_id({"type": "ObjectEvent"}, NAMES) == (
        "ni:///sha-256;7aa6d15415d4b429d7c4f7b3f1aaebcdbd9a12ad5c6ff4951247b61e621b9659?ver=CBV2.0"
    )


def test_equal_declarations_in_any_spelling_are_equal_content() -> None:
    def digest(text: str) -> bytes:
        return content_digest({"type": "ObjectEvent", "errorDeclaration": json.loads(text)}, NAMES)

    one = digest(
        '{"declarationTime":"2026-03-02T09:00:00Z","reason":"incorrect_data","correctiveEventIDs":["urn:a:1","urn:a:2"],'
        '"m:why":"typed twice"}'
    )
    same = digest(
        '{"old:why":"typed twice","correctiveEventIDs":["urn:a:2","urn:a:1"],'
        '"reason":"https://ref.gs1.org/cbv/ER-incorrect_data","declarationTime":"2026-03-02T10:00:00.000+01:00"}'
    )
    other = digest('{"declarationTime":"2026-03-02T09:00:00Z","reason":"did_not_occur"}')
    bare = digest("{}")
    assert one == same
    assert len({one, other, bare, content_digest({"type": "ObjectEvent"}, NAMES)}) == 4
    assert len(one) == 32
