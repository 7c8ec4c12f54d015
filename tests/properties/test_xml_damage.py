"""XML documents damaged at random: whatever a partner's broken export sends, it is refused by an error of ours or read
as what it says, in bounded time. `STEMMA_FUZZ_EXAMPLES=100000 pytest tests/properties/test_xml_damage.py` hunts longer;
`python -m tests.fuzz xml` hunts by coverage.
"""

from __future__ import annotations

import os
import random
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import xml

EXAMPLES = int(os.environ.get("STEMMA_FUZZ_EXAMPLES", "400"))
TAG = re.compile(rb"<[^<>]*>")
WHOLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- a day -->
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:m="https://m.example/" xmlns:gs1="https://gs1.org/voc/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
 schemaVersion="2.0" creationDate="2026-03-02T09:00:00Z"><EPCISBody><EventList>
<ObjectEvent><eventTime>2026-03-02T08:00:00.000Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>
<eventID>urn:x:y:7</eventID><errorDeclaration><declarationTime>2026-03-02T09:00:00Z</declarationTime><reason>
https://ref.gs1.org/cbv/ER-incorrect_data</reason></errorDeclaration>
<epcList><epc>urn:epc:id:sgtin:9506000.000003.S-1</epc></epcList><action>ADD</action>
<bizStep>urn:epcglobal:cbv:bizstep:storing</bizStep><readPoint><id>urn:epc:id:sgln:9506000.00001.0</id>
<m:gate>7</m:gate></readPoint><bizTransactionList><bizTransaction type="urn:epcglobal:cbv:btt:po">urn:x:po:1
</bizTransaction></bizTransactionList><quantityList><quantityElement><epcClass>urn:x:y:c</epcClass>
<quantity>12.50</quantity><uom>KGM</uom></quantityElement></quantityList><sensorElementList><sensorElement>
<sensorMetadata time="2026-03-02T08:00:00Z" m:box="&lt;1&gt;"/>
<sensorReport type="gs1:Temperature" value="21.5" uom="CEL"/>
</sensorElement></sensorElementList><persistentDisposition><set>urn:epcglobal:cbv:disp:available</set>
</persistentDisposition><ilmd><m:lot xsi:type="xsd:integer">12</m:lot></ilmd><m:note>a &amp; b<![CDATA[<c>]]></m:note>
<m:deep m:a="1">t<m:b><m:c xsi:nil="true"/></m:b></m:deep></ObjectEvent>
<TransformationEvent><eventTime>2026-03-02T08:00:00+14:00</eventTime><eventTimeZoneOffset>+14:00</eventTimeZoneOffset>
<inputEPCList><epc>urn:x:y:1</epc></inputEPCList><outputEPCList><epc>urn:x:y:2</epc></outputEPCList>
<transformationID>urn:x:t:1</transformationID></TransformationEvent>
<AggregationEvent><eventTime>2026-03-02T08:00:00Z</eventTime><eventTimeZoneOffset>-05:00</eventTimeZoneOffset>
<parentID>urn:x:p</parentID><childEPCs/><action>DELETE</action></AggregationEvent>
</EventList></EPCISBody></epcis:EPCISDocument>"""
OLDER = (
    WHOLE.replace(b"epcis:xsd:2", b"epcis:xsd:1")
    .replace(b'schemaVersion="2.0"', b'schemaVersion="1.2"')
    .replace(b"<quantityList>", b"<extension><quantityList>")
    .replace(b"</ilmd>", b"</ilmd></extension>")
)
PIECES = [
    b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", b"&e;", b"&#0;", b"&#x10FFFF;", b"\xff\xfe", b"\x00",
    b"<", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?x y?>", b"<a>" * 70, b"xmlns:m=''", b"<epc/>", b"NaN", b"1e999",
    b" xmlns='urn:epcglobal:epcis:xsd:2'", b"<extension>", b"</extension>", b"9" * 120, b"</ObjectEvent>",
    b"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='x'/>", b"<ObjectEvent>", b"\xf0\x9f\x8d\x9e",
    b"<m:x xsi:type='xsd:double'>INF</m:x>", b"<sensorReport/>", b" xsi:type='q:x'", b'{"m:x": [1, {"m:y": null}]}',
]  # fmt: skip


def damaged(body: bytes, seed: int, blows: int) -> bytes:
    """The document after some blows: tags taken out, doubled or exchanged, pieces put in, bytes changed or cut."""
    chance = random.Random(seed)
    for _ in range(blows):
        tags = list(TAG.finditer(body))
        one, other = (chance.choice(tags).span() if tags else (0, 0) for _ in range(2))
        at = chance.randrange(len(body) + 1)
        body = chance.choice(
            [
                body[: one[0]] + body[one[1] :],
                body[: one[1]] + body[slice(*one)] + body[one[1] :],
                body[: one[0]] + body[slice(*other)] + body[one[1] :],
                body[: one[1]] + chance.choice(PIECES) + body[one[1] :],
                body[:at] + chance.choice(PIECES) + body[at:],
                body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :],
                body[:at] + body[at + chance.randrange(40) :],
            ]
        )
    return body


def test_the_documents_to_damage_are_read() -> None:
    """EPCIS-X5 EPCIS-X7: both versions, each event valid, and equal when written anew."""
    from schemas.epcis.stored import faults
    from schemas.epcis.xml.reader import read_xml_document

    for body in (WHOLE, OLDER):
        events = read_xml_document(body).events
        assert [faults(one) for one in events] == [[], [], []]
        xml(body)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.sampled_from([WHOLE, OLDER]), seed=st.integers(0, 2**32), blows=st.integers(1, 6))
def test_a_damaged_document_is_refused_or_read_as_what_it_says(body: bytes, seed: int, blows: int) -> None:
    """EPCIS-X4 EPCIS-E1: only errors of ours, and whatever is accepted keeps its bytes and its content."""
    xml(damaged(body, seed, blows))


def test_a_namespace_that_is_no_absolute_uri_is_the_same_in_json() -> None:
    """EPCIS-X1 EPCIS-H4: the XML schema takes such a namespace; found by the hunt above."""
    xml(WHOLE.replace(b"https://m.example/", b"own fields"))
    xml(WHOLE.replace(b"http://www.w3.org/2001/XMLSchema-instance", b"tance"))
