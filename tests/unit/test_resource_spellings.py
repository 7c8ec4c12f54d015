"""A machine with a GS1 key is one resource in every spelling; others count to the letter (trace.md section 1)."""

from __future__ import annotations

import orjson

from projections.facts import facts_of
from schemas.epcis.reader import read_event

CONTEXT = '["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"stemma": "urn:stemma:ns:1:"}]'


def test_one_machine_under_three_spellings_is_one_resource() -> None:
    event = {
        "type": "ObjectEvent",
        "eventTime": "2026-06-18T10:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "epcList": [],
        "stemma:resource": "urn:epc:id:giai:9521001.OVEN3",
        "sensorElementList": [
            {
                "sensorMetadata": {"deviceID": "https://machines.example/8004/9521001OVEN3?x=1"},
                "sensorReport": [
                    {"type": "Temperature", "value": 247, "uom": "CEL", "deviceID": "urn:plant:probe:7"},
                    {"type": "Mass", "value": 1, "uom": "KGM", "stemma:instrument": "Calliper G7"},
                ],
            }
        ],
    }
    facts = facts_of(read_event(orjson.dumps(event), CONTEXT.encode()), "urn:uuid:1")
    assert facts.resources == ("https://id.gs1.org/8004/9521001OVEN3", "urn:plant:probe:7", "Calliper G7")
