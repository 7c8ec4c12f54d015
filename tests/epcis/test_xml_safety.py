"""What an XML document may not make us do: fetch, expand, nest, or fill the memory."""

from __future__ import annotations

import socket
import threading
import tracemalloc

import pytest

from schemas.epcis.reader import Limits
from schemas.epcis.stored import faults
from schemas.epcis.xml.reader import read_xml_again, read_xml_document, read_xml_event
from schemas.errors import BadInput, TooLarge

EVENT = (
    "<ObjectEvent><eventTime>2026-03-02T08:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>"
    "<epcList><epc>urn:x:y:1</epc></epcList><action>OBSERVE</action>{more}</ObjectEvent>"
)
DOCUMENT = (
    '{head}<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:m="https://m.example/" '
    'schemaVersion="2.0" creationDate="2026-03-02T09:00:00Z"{attributes}><EPCISBody><EventList>{events}</EventList>'
    "</EPCISBody></epcis:EPCISDocument>"
)
LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 20}">' for a, b in zip("abcdef", "bcdefg", strict=True))
    + "]>"
)


def document(events: str = "", head: str = "", attributes: str = "") -> bytes:
    return DOCUMENT.format(events=events, head=head, attributes=attributes).encode()


@pytest.mark.parametrize(
    ("head", "more"),
    [
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "<m:x>&e;</m:x>"),
        ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', ""),
        ('<!DOCTYPE x PUBLIC "-//x//y" "http://127.0.0.1:9/x.dtd">', ""),
        ('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>', ""),
        (LAUGHS, "<m:x>&g;</m:x>"),
        ("<!DOCTYPE x [<!ELEMENT x ANY>]>", ""),
        ("<!DOCTYPE x []>", ""),
        ("<!DOCTYPE x>", "<m:x>&e;</m:x>"),
        ("", "<m:x>&e;</m:x>"),
        ("", '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'),
        ("", "<m:x>\0</m:x>"),
        ("", "<m:x>&#0;</m:x>"),
        ("", "<m:x>&#xD800;</m:x>"),
        ("", '<m:x a="1" a="2"/>'),
        ("", "<u:x/>"),
        ("", "<m:x>"),
    ],
)
def test_what_declares_or_fetches_or_is_not_well_formed_is_refused(head: str, more: str) -> None:
    """EPCIS-X4: DOCTYPE that declares or names anything, entities, XInclude, NUL: 400 with line and column."""
    with pytest.raises(BadInput) as found:
        read_xml_document(document(EVENT.format(more=more), head))
    assert found.value.errors[0].field.startswith("line ")
    assert "passwd" not in found.value.detail or "href" in found.value.detail


def test_a_bare_doctype_declares_nothing_and_is_passed_over() -> None:
    """EPCIS-X4: GS1's own examples carry `<!DOCTYPE project>`; nothing can be declared by it."""
    assert len(read_xml_document(document(EVENT.format(more=""), "<!DOCTYPE project>")).events) == 1


def test_no_schema_location_is_fetched() -> None:
    """EPCIS-X4: schemaLocation is not followed, and no other address in a document."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x.xsd"
        called: list[bool] = []

        def wait() -> None:
            try:
                listener.accept()
                called.append(True)
            except TimeoutError:
                pass

        waiting = threading.Thread(target=wait)
        waiting.start()
        where = (
            f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x {address}"'
            f' xsi:noNamespaceSchemaLocation="{address}"'
        )
        style = f'<?xml-stylesheet href="{address}"?>'
        read_xml_document(document(EVENT.format(more=""), style, where))
        waiting.join()
    assert not called


def test_nesting_ends_at_64() -> None:
    """EPCIS-X4: depth over 64 is 400, 64 itself is taken."""

    def nested(levels: int) -> bytes:
        inner = levels - 4  # document, body, list, event
        return document(EVENT.format(more="<m:x>" * inner + "</m:x>" * inner))

    assert read_xml_document(nested(64)).events[0].faults == ()
    with pytest.raises(BadInput, match="levels deep"):
        read_xml_document(nested(65))
    with pytest.raises(BadInput, match="levels deep"):
        read_xml_event(b"<m:x xmlns:m='u:v'>" + b"<a>" * 100_000)


@pytest.mark.parametrize("value", ["NaN", "INF", "-INF", "1e9999", "1" * 101, "1e-200", "٣", "1_0", "0x1"])
def test_a_number_that_json_could_not_hold_is_refused(value: str) -> None:
    """EPCIS-X4: NaN, infinity and over 100 digits are faults of the event, with their places."""
    report = f'<sensorReport type="gs1:Length" value="{value}"/>'
    sensed = f"<sensorElementList><sensorElement>{report}</sensorElement></sensorElementList>"
    found = faults(read_xml_document(document(EVENT.format(more=sensed))).events[0])
    assert any(one.field.endswith("sensorReport[0].@value") for one in found)
    amount = f"<epcClass>urn:x:y:c</epcClass><quantity>{value}</quantity>"
    amounts = f"<quantityList><quantityElement>{amount}</quantityElement></quantityList>"
    found = faults(read_xml_document(document(EVENT.format(more=amounts))).events[0])
    assert any(one.field.endswith("quantityElement[0].quantity") for one in found)


def test_sizes_and_counts_are_bounded() -> None:
    """EPCIS-X4, EPCIS-D2: 413 above the limits of body, events and values."""
    limits = Limits(body=2000, events=2, values=60)
    with pytest.raises(TooLarge):
        read_xml_document(document("x" * 2000), limits=limits)
    with pytest.raises(TooLarge):
        read_xml_document(document(EVENT.format(more="") * 3), limits=Limits(events=2))
    with pytest.raises(TooLarge):
        read_xml_document(document("<a/>" * 100), limits=limits)
    large = read_xml_document(document(EVENT.format(more=f"<m:x>{'y' * 5000}</m:x>")), limits=Limits(event=2000)).events
    assert "at most 2000 bytes" in large[0].faults[0].fix


def test_the_elements_of_events_are_not_kept() -> None:
    """EPCIS-X4: bounded memory: a document's elements stand one event at a time."""
    body = document(EVENT.format(more=f"<m:x>{'y' * 200}</m:x>") * 4000)
    tracemalloc.start()
    try:
        events = read_xml_document(body).events
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(events) == 4000
    assert peak < 12 * len(body)


@pytest.mark.parametrize(
    ("encoding", "value"),
    [
        *((name, "größer") for name in ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "gb18030")),
        *((name, "芝麻饼干") for name in ("gb18030", "GBK", "GB2312")),
    ],
)
def test_the_usual_encodings_are_read(encoding: str, value: str) -> None:
    """EPCIS-X1: a text is the same in each encoding; the log holds UTF-8."""
    text = document(EVENT.format(more=f"<m:x>{value}</m:x>")).decode()
    body = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    event = read_xml_document(body).events[0]
    assert event.data["m:x"] == value
    assert read_xml_again(event.raw, event.context).data == event.data


@pytest.mark.parametrize("encoding", ["utf-32", "utf-7", "shift_jis", "x-unknown"])
def test_other_encodings_are_refused(encoding: str) -> None:
    """EPCIS-X4: nothing is guessed about bytes."""
    body = b'<?xml version="1.0" encoding="' + encoding.encode() + b'"?>' + document(EVENT.format(more=""))
    with pytest.raises(BadInput):
        read_xml_document(body)


def test_text_in_cdata_and_character_references_is_text() -> None:
    """EPCIS-X4: only the five entities of XML itself, character references and CDATA."""
    more = "<m:x>&lt;a&gt; &amp; &quot;b&#39; &#x41;<![CDATA[<&>]]></m:x>"
    assert read_xml_document(document(EVENT.format(more=more))).events[0].data["m:x"] == "<a> & \"b' A<&>"
