"""Hash IDs beside those of the reference generator of CBV 2.0 on PyPI, in one run on the same documents.

Both go from the bytes of a document to the hash IDs of its events, and judge nothing. The reference is installed into
a folder of its own for the run, or taken from the interpreter named by `STEMMA_BENCH_REFERENCE`; where neither can be
had, this is said and our own figures stand alone. Its copy of the EPCIS context is used, so it asks no network.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from schemas.epcis.prehash import hash_id
from schemas.epcis.reader import ReceivedEvent, read_json_document
from schemas.epcis.xml.reader import read_xml_events
from tests.bench.served import Plan

REFERENCE: Final = "epcis-event-hash-generator==1.9.3"
CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
BATCH: Final = 500
WANTED: Final = {"one event, JSON": 10, "batch, JSON": 5, "one event, XML": 5, "batch, XML": 5}
_RUNNER: Final = """
import json, logging, sys, time
logging.disable(logging.CRITICAL)
from epcis_event_hash_generator import hash_generator, json_to_py, xml_to_py
documents, seconds, syntax = json.load(sys.stdin)
read = (json_to_py if syntax == "JSON" else xml_to_py).event_list_from_epcis_document_str
first = hash_generator.epcis_hashes_from_events(read(documents[0]))
count, began = 0, time.perf_counter()
while time.perf_counter() - began < seconds:
    for document in documents:
        count += len(hash_generator.epcis_hashes_from_events(read(document)))
        if time.perf_counter() - began >= seconds:
            break
print(json.dumps([count / (time.perf_counter() - began), first]))
"""


def bench(plan: Plan) -> None:
    """Print events/s of both and the ratio, for single events and batches, JSON and XML."""
    seconds = 10.0 if plan.full else 2.0
    with reference() as python:
        for name, wanted in WANTED.items():
            size, syntax = (1 if "one" in name else BATCH), name.rsplit(" ", 1)[1]
            bodies = [_document(syntax, size, first * size) for first in range(200 if size == 1 else 3)]
            ours, mine = _ours(bodies, syntax, seconds)
            if python is None:
                print(f"{name:>15}: {ours:,.0f} events/s; no reference to compare with", flush=True)
                continue
            theirs, expected = _theirs(python, bodies, syntax, seconds)
            assert mine == expected, f"{name}: other hash IDs than the reference's"
            print(
                f"{name:>15}: {ours:,.0f} events/s, reference {theirs:,.0f}; {ours / theirs:.1f} x (wanted {wanted} x)",
                flush=True,
            )


@contextmanager
def reference() -> Iterator[str | None]:
    """An interpreter that has the reference; None where it cannot be had."""
    given = os.environ.get("STEMMA_BENCH_REFERENCE")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / "bin" / "python")
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", REFERENCE]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{REFERENCE} cannot be installed: {done.stderr.strip().splitlines()[-1:]}", flush=True)
        yield None if done.returncode else python


def _ours(bodies: list[bytes], syntax: str, seconds: float) -> tuple[float, list[str]]:
    def events(body: bytes) -> list[ReceivedEvent]:
        return read_json_document(body).events if syntax == "JSON" else read_xml_events(body)

    def hashed(body: bytes) -> list[str]:
        return [hash_id(event.data, event.namespaces) for event in events(body)]

    first = hashed(bodies[0])
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        for body in bodies:
            count += len(hashed(body))
            if time.perf_counter() - began >= seconds:
                break
    return count / (time.perf_counter() - began), first


def _theirs(python: str, bodies: list[bytes], syntax: str, seconds: float) -> tuple[float, list[str]]:
    told = json.dumps([[body.decode() for body in bodies], seconds, syntax])
    done = subprocess.run([python, "-c", _RUNNER], input=told, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the reference failed: {done.stderr[-2000:]}")
    rate, first = json.loads(done.stdout.splitlines()[-1])
    return float(rate), list(first)


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
