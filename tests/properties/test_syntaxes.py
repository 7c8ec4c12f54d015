"""Round trips: JSON to XML and back, and URN to Digital Link and back, for events with anything in any place."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from projections.facts import facts_of
from schemas.epcis.document import StoredEvent, as_json
from schemas.epcis.formats import CompanyPrefixes, EpcFormat, Translation, identifiers_of, urn_of
from schemas.epcis.links import canonical_link
from schemas.epcis.prehash import content_digest, hash_id, prehash
from schemas.epcis.reader import ReceivedEvent, read_json_document, read_json_event
from schemas.epcis.stored import faults, read_stored
from schemas.epcis.xml.answers import write_event, write_query_document
from schemas.epcis.xml.names import WRAPPERS, read_name, written_bare_name, written_name
from schemas.epcis.xml.reader import read_xml_document, read_xml_event
from schemas.identifiers.rules import check_digit
from tests.epcis.material import SHARED, xsd

RECORDED = "2026-03-02T10:00:00Z"
NAMESPACES = {
    "a": "https://a.example/ns/",
    "b": "https://b.example/ns#",
    "epcisq": "urn:c:ns:",
    "ns1": "https://d.example/",
}
CONTEXT = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", NAMESPACES]
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
TEXT = st.text(CHARACTERS | st.sampled_from("\t\n\r"), max_size=12)
DECIMAL = st.decimals(-10_000, 10_000, places=4).map(lambda number: number.normalize() + Decimal(0))
LEAF = st.one_of(TEXT, DECIMAL, st.integers(-(10**30), 10**30), st.booleans(), st.none())
LOCAL = st.sampled_from(("grade", "x-y", "größe", "1st", "a b", "_x0020_", "_x_", "_x005F_x_", "", "extension", "id"))
TOP = st.tuples(st.sampled_from(tuple(NAMESPACES)), st.sampled_from(("grade", "x-y", "1st", "extension", "id")))
NAME = st.tuples(st.sampled_from(tuple(NAMESPACES)), LOCAL).map(":".join)
VALUE = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner | st.just([]), min_size=1, max_size=3),
        st.dictionaries(NAME, inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
EXTENSIONS = st.dictionaries(TOP.map(":".join), VALUE, max_size=3)
ITEM = st.integers(1, 99_999).map(lambda number: f"urn:epc:id:sgtin:0614141.812345.{number}")
LOT = st.integers(1, 999).map(lambda number: f"https://id.example.com/01/00614141123452/10/L{number}")
TIME = st.sampled_from(
    ("2026-03-02T08:00:00Z", "2026-03-02T09:00:00.123456789+01:00", "2026-03-02t08:00:00z", "2026-03-02T08:00:00-00:30")
)
URI = st.sampled_from(("https://a.example/1", "urn:x:y:1", "https://a.example/?a=1&b=2#c", "a:private"))
STEP = st.sampled_from(("shipping", "packing", "https://a.example/step/own", "b:own"))
QUANTITY = st.fixed_dictionaries(
    {"epcClass": LOT}, optional={"quantity": st.decimals(0, 10**6, places=3), "uom": st.sampled_from(("KGM", "EA"))}
)
REPORT = st.fixed_dictionaries(
    {"type": st.sampled_from(("Length", "Temperature", "gs1:Odd", "a:own"))},
    optional={
        "value": DECIMAL,
        "sDev": st.just(Decimal("1E+2")),
        "time": TIME,
        "component": st.sampled_from(("x", "a:odd")),
        "booleanValue": st.booleans(),
        "stringValue": TEXT.map(lambda text: " ".join(text.split())),
        "hexBinaryValue": st.just("f0F0"),
        "deviceID": ITEM,
        "bizRules": URI,
        "exception": st.just("ALARM_CONDITION"),
    },
)


def both(pair: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    return {**pair[0], **pair[1]}


REPORTS = st.lists(st.tuples(REPORT, EXTENSIONS).map(both), min_size=1, max_size=2)
SENSOR = st.tuples(st.fixed_dictionaries({"sensorReport": REPORTS}), EXTENSIONS).map(both)
PLACE = EXTENSIONS.map(lambda more: {"id": "urn:epc:id:sgln:0614141.07346.1234", **more})
REASON = st.sampled_from(("incorrect_data", "https://a.example/r"))
DECLARED = st.tuples(
    st.fixed_dictionaries({"declarationTime": TIME}, optional={"reason": REASON, "correctiveEventIDs": st.lists(URI)}),
    EXTENSIONS,
).map(both)
COMMON = {
    "eventID": URI,
    "bizStep": STEP,
    "disposition": st.sampled_from(("in_transit", "https://a.example/d")),
    "readPoint": PLACE,
    "bizLocation": PLACE,
    "sourceList": st.just([{"type": "location", "source": "urn:epc:id:sgln:0614141.07346.0"}]),
    "destinationList": st.just([{"type": "https://a.example/t", "destination": "urn:epc:id:pgln:0614141.07346"}]),
    "bizTransactionList": st.just([{"type": "po", "bizTransaction": "urn:x:po"}, {"bizTransaction": "urn:x:other"}]),
    "persistentDisposition": st.just({"set": ["recalled", "damaged"], "unset": ["https://a.example/d"]}),
    "sensorElementList": st.lists(SENSOR, max_size=2),
    "certificationInfo": st.one_of(URI, st.lists(URI, min_size=1, max_size=3, unique=True)),
    "errorDeclaration": DECLARED,
}
WITHOUT_TRANSACTIONS = {name: how for name, how in COMMON.items() if name != "bizTransactionList"}
ACTION = st.sampled_from(("OBSERVE", "DELETE"))
HEAD = {"eventTime": TIME, "eventTimeZoneOffset": st.just("+01:00")}
ITEMS = st.lists(ITEM, min_size=1, max_size=3, unique=True)
CLASSES = st.lists(QUANTITY, min_size=1, max_size=2)
KINDS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("ObjectEvent"), "action": st.just("ADD"), "epcList": ITEMS, **HEAD},
        optional={"quantityList": CLASSES, "ilmd": EXTENSIONS, **COMMON},
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(("AggregationEvent", "AssociationEvent")), "action": ACTION, "parentID": ITEM,
         "childEPCs": ITEMS, **HEAD},
        optional={"childQuantityList": CLASSES, **COMMON},
    ),
    st.fixed_dictionaries(
        {"type": st.just("TransactionEvent"), "action": ACTION, "epcList": ITEMS, **HEAD,
         "bizTransactionList": COMMON["bizTransactionList"]},
        optional={"parentID": ITEM, "quantityList": CLASSES, **WITHOUT_TRANSACTIONS},
    ),
    st.fixed_dictionaries(
        {"type": st.just("TransformationEvent"), "inputEPCList": ITEMS, "outputQuantityList": CLASSES, **HEAD},
        optional={"transformationID": URI, "ilmd": EXTENSIONS, "outputEPCList": ITEMS, **COMMON},
    ),
    st.fixed_dictionaries({"type": st.just("https://a.example/OwnEvent"), "epcList": ITEMS, **HEAD}, optional=COMMON),
)  # fmt: skip
EVENT = st.tuples(EXTENSIONS, KINDS).map(lambda pair: {"@context": CONTEXT, **pair[0], **pair[1]})


def body_of(event: dict[str, Any]) -> bytes:
    """The event as JSON, decimals with every digit."""
    numbers: list[str] = []

    def held(value: Any) -> Any:
        if isinstance(value, Decimal):
            numbers.append(str(value))
            return f"\0{len(numbers) - 1}\0"
        if isinstance(value, dict):
            return {name: held(below) for name, below in value.items()}
        return [held(below) for below in value] if isinstance(value, list) else value

    text = json.dumps(held(event))
    for at, number in enumerate(numbers):
        text = text.replace(f'"\\u0000{at}\\u0000"', number)
    return text.encode()


def read(event: dict[str, Any]) -> ReceivedEvent:
    found = read_json_event(body_of(event))
    assert faults(found) == []
    return found


def stored(event: ReceivedEvent) -> StoredEvent:
    return StoredEvent(event.raw, event.context, str(event.data.get("eventID", "urn:x:y:z")), RECORDED)


@settings(max_examples=150, deadline=None)
@given(event=EVENT)
def test_json_to_xml_to_json_is_the_same_event(event: dict[str, Any]) -> None:
    """EPCIS-X1, EPCIS-H4: equal hash, declaration and facts, the XML valid by the XSD and the JSON by our rules."""
    sent = read(event)
    document = write_query_document([stored(sent)], created=RECORDED)
    if SHARED.is_dir():
        judge = xsd()
        judge.validate(etree.fromstring(document))
        assert not judge.error_log, judge.error_log
    [in_xml] = read_xml_document(document).events
    assert faults(in_xml) == []
    assert prehash(in_xml.data, in_xml.namespaces) == prehash(sent.data, sent.namespaces)
    assert content_digest(in_xml.data, in_xml.namespaces) == content_digest(sent.data, sent.namespaces)
    again = as_json(StoredEvent(in_xml.raw, in_xml.context, "urn:x:y:z", RECORDED))
    back = read_stored(again.raw, again.context)
    assert content_digest(back.data, back.namespaces) == content_digest(sent.data, sent.namespaces)
    if "Own" not in event["type"]:
        named = str(event.get("eventID", "urn:x:y:z"))
        facts = [facts_of(one, named) for one in (sent, in_xml, back)]
        assert facts[0] == facts[1] == facts[2]


@settings(max_examples=100, deadline=None)
@given(event=EVENT)
def test_a_single_event_in_xml_reads_as_itself(event: dict[str, Any]) -> None:
    """EPCIS-C6, EPCIS-X1: one element with the namespaces that it needs."""
    sent = read(event)
    alone = read_xml_event(write_event(stored(sent)))
    assert faults(alone) == []
    assert content_digest(alone.data, alone.namespaces) == content_digest(sent.data, sent.namespaces)


@settings(max_examples=50, deadline=None)
@given(first=EVENT, second=EVENT)
def test_prefixes_of_one_event_mean_nothing_in_another(first: dict[str, Any], second: dict[str, Any]) -> None:
    """EPCIS-X3: one prefix for two namespaces in one answer is renamed; no binding leaks."""
    other = {**second, "@context": [CONTEXT[0], {**NAMESPACES, "a": NAMESPACES["b"], "b": NAMESPACES["a"]}]}
    sent = [read(first), read(other)]
    found = read_xml_document(write_query_document([stored(one) for one in sent], created=RECORDED)).events
    for one, back in zip(sent, found, strict=True):
        assert content_digest(back.data, back.namespaces) == content_digest(one.data, one.namespaces)


@given(text=st.text(min_size=1, max_size=10))
@example("_x0020_")
@example("_x_")
@example("_x_extension")
@example("a_x0041_b")
@example("1")
def test_a_name_that_xml_cannot_write_comes_back(text: str) -> None:
    """EPCIS-X1: JSON names as XML names."""
    assert read_name(written_name(text)) == text


@pytest.mark.parametrize("name", ["extension", "baseExtension", "_x_extension", ""])
def test_a_bare_name_is_not_taken_for_a_wrapper(name: str) -> None:
    """EPCIS-X1: EPCIS 1.x wraps fields in `extension`; a private event type may have a member of that name."""
    assert read_name(written_bare_name(name)) == name
    assert written_bare_name(name) not in WRAPPERS


def test_a_name_that_only_begins_as_what_is_meant_stays() -> None:
    """EPCIS-X1: a partner's own name is not read as something else."""
    assert read_name("_x_grade") == written_name("_x_grade") == "_x_grade"


def test_a_name_with_any_character_is_read_by_expat() -> None:
    """EPCIS-X1: whatever a JSON name has, the parser that reads XML here takes the name it is written with."""
    letters = [chr(code) for code in range(1, 0x1_1000) if not 0xD800 <= code < 0xE000]
    names = [written_name(name) for letter in letters for name in (letter, f"a{letter}")]
    seen: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: seen.append(name)
    parser.Parse(f"<r>{''.join(f'<{name}/>' for name in names)}</r>", True)
    assert [read_name(name) for name in seen[1:]] == [name for letter in letters for name in (letter, f"a{letter}")]


DIGITS = st.text("0123456789", min_size=13, max_size=13)
LENGTH = st.integers(6, 12)
SERIAL = st.text("ABCabc019-_.!'()*+,:;=%/?<>&\"", min_size=1, max_size=12)


def escaped(text: str) -> str:
    return "".join(f"%{ord(one):02X}" if one in '"%&/<>?#' else one for one in text)


@st.composite
def urns(draw: st.DrawFn) -> str:
    """An EPC URN of any scheme, spelt as the Tag Data Standard spells it."""
    digits, cut, serial = draw(DIGITS), draw(LENGTH), escaped(draw(SERIAL))
    company = digits[:cut]
    item = f"{company}.{digits[cut:]}"
    place = f"{company}.{digits[cut:12]}"
    number = str(draw(st.integers(0, 10**11)))
    return draw(
        st.sampled_from(
            (
                f"urn:epc:id:sgtin:{item}.{serial}",
                f"urn:epc:class:lgtin:{item}.{serial}",
                f"urn:epc:idpat:sgtin:{item}.*",
                f"urn:epc:id:upui:{item}.{serial}",
                f"urn:epc:id:itip:{item}.01.02.{serial}",
                f"urn:epc:idpat:itip:{item}.01.02.*",
                f"urn:epc:id:sscc:{company}.{digits[cut:]}{number.zfill(12)[:4]}",
                f"urn:epc:id:sgln:{place}.{serial}",
                f"urn:epc:id:sgln:{place}.0",
                f"urn:epc:id:pgln:{place}",
                f"urn:epc:id:grai:{place}.{serial}",
                f"urn:epc:idpat:grai:{place}.*",
                f"urn:epc:id:giai:{company}.{serial}",
                f"urn:epc:id:gdti:{place}.{serial}",
                f"urn:epc:idpat:gdti:{place}.*",
                f"urn:epc:id:sgcn:{place}.{number}",
                f"urn:epc:id:gsrn:{company}.{digits[cut:]}{number.zfill(12)[:4]}",
                f"urn:epc:id:gsrnp:{company}.{digits[cut:]}{number.zfill(12)[:4]}",
                f"urn:epc:id:ginc:{company}.{serial}",
                f"urn:epc:id:gsin:{company}.{digits[cut:]}{number.zfill(12)[:3]}",
                f"urn:epc:id:cpi:{company}.AB-1.{number}",
            )
        )
    )


@settings(max_examples=500)
@given(urn=urns())
def test_a_urn_comes_back_from_its_link(urn: str) -> None:
    """EPCIS-T3: URN to link to URN is identity, by the identifier itself and by its company prefix alone."""
    link = canonical_link(urn)
    assert link is not None
    known = CompanyPrefixes()
    known.learn(urn)
    to_link, to_urn = Translation(EpcFormat.LINK, known), Translation(EpcFormat.URN, known)
    assert to_urn(to_link(urn)) == urn
    company = urn.split(":")[4].split(".")[0]
    assert urn_of(link, lambda digits: len(company) if digits.startswith(company) else None) == urn
    assert (to_link.untranslated, to_urn.untranslated) == (0, 0)


@given(urn=urns(), cut=LENGTH)
def test_a_prefix_that_is_not_known_makes_no_urn(urn: str, cut: int) -> None:
    """EPCIS-T2: no guess: the link stays and is counted."""
    link = str(canonical_link(urn))
    to_urn = Translation(EpcFormat.URN, CompanyPrefixes())
    assert (to_urn(link), to_urn.untranslated) == (link, 1)


@settings(max_examples=100, deadline=None)
@given(event=EVENT)
def test_translation_changes_identifiers_and_no_other_byte(event: dict[str, Any]) -> None:
    """EPCIS-T1: identifiers as links and back give the very bytes; the hash never changes."""
    sent = stored(read(event))
    known = CompanyPrefixes()
    for text in identifiers_of(read_stored(sent.raw, None).data):
        known.learn(text)
    linked = as_json(sent, Translation(EpcFormat.LINK, known))
    told = read_stored(linked.raw, None)
    assert not any(text.startswith("urn:epc:") for text in identifiers_of(told.data))
    assert hash_id(told.data, told.namespaces) == hash_id(read(event).data, read(event).namespaces)
    own = [text for text in identifiers_of(event) if text.startswith("https://id.")]
    if not own:
        assert as_json(linked, Translation(EpcFormat.URN, known)).raw == sent.raw


def test_every_gs1_key_comes_back_from_its_link() -> None:
    """EPCIS-T3: all of epcisDocWithAllGS1Keys."""
    path: Path = SHARED / "hash-vectors" / "examples" / "epcisDocWithAllGS1Keys.jsonld"
    if not path.exists():
        pytest.skip("needs ../shared/epcis/hash-vectors")
    known = CompanyPrefixes()
    events = read_json_document(path.read_bytes()).events
    told = [text for event in events for text in identifiers_of(event.data)]
    for text in told:
        known.learn(text)
    to_link, to_urn = Translation(EpcFormat.LINK, known), Translation(EpcFormat.URN, known)
    links = [to_link(text) for text in told]
    assert not any(text.startswith("urn:epc:") for text in links)
    assert [to_urn(text) for text in links] == [text if text.startswith("urn:") else to_urn(text) for text in told]
    assert check_digit("061414112345") == "2"
