"""Hash IDs beside those of the reference generator of CBV 2.0 on PyPI, in one run on the same documents.

Both go from the bytes of a document to the hash IDs of its events, and judge nothing. They take turns in one process,
and the best turn of each counts, in processor time: other work on the machine is in neither. The reference is among
the locked dependencies; its own copy of the EPCIS context is used, so it asks no network. EPCIS-B4.
"""

from __future__ import annotations

import gc
import json
import logging
import time
from collections.abc import Callable
from typing import Final

from epcis_event_hash_generator import hash_generator, json_to_py, xml_to_py

from schemas.epcis.prehash import hash_id
from schemas.epcis.reader import ReceivedEvent, read_json_document
from schemas.epcis.xml.reader import read_xml_events
from tests.bench.served import Plan

CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
BATCH: Final = 500
WANTED: Final = {"one event, JSON": 10, "batch, JSON": 5, "one event, XML": 5, "batch, XML": 5}
Hash = Callable[[bytes], list[str]]


def bench(plan: Plan) -> None:
    """Print events/s of processor time of both and the ratio, for single events and batches, JSON and XML."""
    logging.getLogger().setLevel(logging.CRITICAL)
    for name, wanted in WANTED.items():
        size, syntax = (1 if "one" in name else BATCH), name.rsplit(" ", 1)[1]
        bodies = [_document(syntax, size, first * size) for first in range(100 if size == 1 else 1)]
        ours, theirs = compared(bodies, syntax, 20 if plan.full else 6)
        print(
            f"{name:>15}: {ours:,.0f} events/s, reference {theirs:,.0f}; {ours / theirs:.1f} x (wanted {wanted} x)",
            flush=True,
        )


def compared(bodies: list[bytes], syntax: str, turns: int) -> tuple[float, float]:
    """Events a second of processor time, ours and the reference's, each in its best turn. Their ids are equal."""
    ours, theirs = _ours(syntax), _theirs(syntax)
    events = sum(len(ours(body)) for body in bodies)
    assert [ours(body) for body in bodies] == [theirs(body) for body in bodies], "other hash IDs than the reference's"
    gc.collect()
    gc.freeze()
    taken = [(_seconds(ours, bodies), _seconds(theirs, bodies)) for _ in range(turns)]
    return events / min(mine for mine, _ in taken), events / min(its for _, its in taken)


def _seconds(hashed: Hash, bodies: list[bytes]) -> float:
    began = time.thread_time()
    for body in bodies:
        hashed(body)
    return time.thread_time() - began


def _ours(syntax: str) -> Hash:
    def events(body: bytes) -> list[ReceivedEvent]:
        return read_json_document(body).events if syntax == "JSON" else read_xml_events(body)

    return lambda body: [hash_id(event.data, event.namespaces) for event in events(body)]


def _theirs(syntax: str) -> Hash:
    read = (json_to_py if syntax == "JSON" else xml_to_py).event_list_from_epcis_document_str
    return lambda body: list(hash_generator.epcis_hashes_from_events(read(body.decode())))


def _document(syntax: str, size: int, first: int) -> bytes:
    """`size` events of a packing line: items into a case, a lot used, a business transaction, a temperature."""
    numbers = range(first, first + size)
    return _json(numbers) if syntax == "JSON" else _xml(numbers)


def _json(numbers: range) -> bytes:
    events = [
        {
            "type": "ObjectEvent",
            "eventTime": f"2026-03-02T08:{n // 60 % 60:02}:{n % 60:02}.{n % 1000:03}+08:00",
            "eventTimeZoneOffset": "+08:00",
            "epcList": [f"urn:epc:id:sgtin:9506000.000003.{n}-{k}" for k in range(3)],
            "action": "OBSERVE",
            "bizStep": "packing",
            "disposition": "in_progress",
            "readPoint": {"id": "urn:epc:id:sgln:9506000.00001.0"},
            "bizTransactionList": [{"type": "po", "bizTransaction": f"urn:epc:id:gdti:9506000.00001.{n}"}],
            "quantityList": [{"epcClass": f"urn:epc:class:lgtin:9506000.000003.L{n}", "quantity": 12.5, "uom": "KGM"}],
            "sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 21.5, "uom": "CEL"}]}],
        }
        for n in numbers
    ]
    head = {"type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-03-02T08:00:00Z"}
    return json.dumps({"@context": [CONTEXT], **head, "epcisBody": {"eventList": events}}).encode()


def _xml(numbers: range) -> bytes:
    events = "".join(
        f"<ObjectEvent><eventTime>2026-03-02T08:{n // 60 % 60:02}:{n % 60:02}.{n % 1000:03}+08:00</eventTime>"
        "<eventTimeZoneOffset>+08:00</eventTimeZoneOffset><epcList>"
        + "".join(f"<epc>urn:epc:id:sgtin:9506000.000003.{n}-{k}</epc>" for k in range(3))
        + "</epcList><action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:packing</bizStep>"
        "<disposition>urn:epcglobal:cbv:disp:in_progress</disposition>"
        "<readPoint><id>urn:epc:id:sgln:9506000.00001.0</id></readPoint><bizTransactionList>"
        f'<bizTransaction type="urn:epcglobal:cbv:btt:po">urn:epc:id:gdti:9506000.00001.{n}</bizTransaction>'
        "</bizTransactionList><quantityList><quantityElement>"
        f"<epcClass>urn:epc:class:lgtin:9506000.000003.L{n}</epcClass><quantity>12.5</quantity><uom>KGM</uom>"
        "</quantityElement></quantityList><sensorElementList><sensorElement>"
        '<sensorReport type="gs1:Temperature" value="21.5" uom="CEL"/></sensorElement></sensorElementList>'
        "</ObjectEvent>"
        for n in numbers
    )
    return (
        '<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" xmlns:gs1="https://gs1.org/voc/" '
        'schemaVersion="2.0" creationDate="2026-03-02T08:00:00Z"><EPCISBody><EventList>'
        f"{events}</EventList></EPCISBody></epcis:EPCISDocument>"
    ).encode()
