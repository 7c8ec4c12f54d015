"""How ingestion's bodies stand in the OpenAPI: their schemas, and examples that work on the demo plant."""

from __future__ import annotations

from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from schemas.activities.models import AnyActivity
from schemas.epcis.context import EPCIS_CONTEXT
from services.demo import plant
from services.ingestion.answers import Named, Own

_REF: Final = "#/components/schemas/{model}"
_FLOUR: Final = {"id": {"product": plant.FLOUR.key, "lot": "M-0399"}, "quantity": "500", "unit": "KGM"}
EXAMPLES: Final[dict[str, Any]] = {
    "a receipt": {
        "activity": "receive",
        "id": "receipt-0399",
        "place": plant.RECEIVING.key,
        "location": plant.STORE.key,
        "objects": [_FLOUR],
        "from": plant.MILL.key,
        "documents": [{"type": "desadv", "id": "DN-0399"}],
    },
    "an order's output": {
        "activity": "make",
        "id": "dough-0399",
        "place": plant.MIXING.key,
        "order": "MO-0399",
        "inputs": [{**_FLOUR, "quantity": "120.5"}],
        "outputs": [{"product": plant.DOUGH.key, "lot": "D-0399", "quantity": "180", "unit": "KGM"}],
        "resource": plant.MIXER.key,
        "operator": plant.LI_NA.key,
    },
}
_JSON: Final = "application/json"


def ingestion_schemas() -> dict[str, Any]:
    """The schemas that the bodies below refer to, for the OpenAPI's components."""
    found: dict[str, Any] = {}
    for name, adapter in (
        ("Activity", TypeAdapter[Any](AnyActivity)),
        ("Names", TypeAdapter[Any](Named | list[Named])),
    ):
        schema = adapter.json_schema(ref_template=_REF)
        found |= schema.pop("$defs", {})
        found.setdefault(name if name != "Activity" else "AnyActivity", schema)
    found["Own"] = Own.model_json_schema(ref_template=_REF)
    return found


def _body(schema: dict[str, Any], example: Any, *media: str) -> dict[str, Any]:
    content = {one: {"schema": schema, "example": example} for one in media or (_JSON,)}
    return {"requestBody": {"required": True, "content": content}}


_ACTIVITY: Final = {"$ref": "#/components/schemas/AnyActivity"}
_HEADERS: Final = [
    {
        "name": "Stemma-Source",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "maxLength": 100},
        "description": "capturing source within the key, such as a line or scanner",
    },
    {
        "name": "Stemma-Device",
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
        "description": "device that sends, kept beside the events",
    },
]
ACTIVITIES_BODY: Final = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "maxLength": 200},
            "description": "makes a retry harmless for activities without an `id`",
        },
        *_HEADERS,
    ],
    "requestBody": {
        "required": True,
        "content": {
            _JSON: {
                "schema": {"anyOf": [_ACTIVITY, {"type": "array", "items": _ACTIVITY}]},
                "examples": {name: {"value": value} for name, value in EXAMPLES.items()},
            },
            "application/x-ndjson": {
                "schema": {"type": "string", "description": "one activity a line"},
                "example": "".join(orjson.dumps(one).decode() + "\n" for one in EXAMPLES.values()),
            },
        },
    },
}
_EVENT: Final = {
    "type": "ObjectEvent",
    "eventTime": "2026-03-02T08:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "action": "OBSERVE",
    "bizStep": "storing",
    "quantityList": [{"epcClass": plant.FLOUR.lot("M-0399"), "quantity": 500, "uom": "KGM"}],
    "readPoint": {"id": plant.STORE.key},
}
DOCUMENT_EXAMPLE: Final[dict[str, Any]] = {
    "@context": [EPCIS_CONTEXT],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-03-02T08:00:01+08:00",
    "epcisBody": {"eventList": [_EVENT]},
}
CAPTURE_BODY: Final[dict[str, Any]] = {
    **_body({"type": "object"}, DOCUMENT_EXAMPLE, _JSON, "application/ld+json"),
    "parameters": [
        {
            "name": "GS1-Capture-Error-Behaviour",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "enum": ["rollback", "proceed"], "default": "rollback"},
            "description": "`rollback`: all or nothing; `proceed`: each good event",
        },
        *_HEADERS,
    ],
}
_EVENT_XML: Final = (
    '<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0" '
    'creationDate="2026-03-02T08:00:01+08:00"><EPCISBody><EventList>{event}</EventList></EPCISBody>'
    "</epcis:EPCISDocument>"
)
_XML_EVENT: Final = (
    "<ObjectEvent><eventTime>2026-03-02T08:{minute}:00+08:00</eventTime>"
    "<eventTimeZoneOffset>+08:00</eventTimeZoneOffset><action>OBSERVE</action>"
    "<bizStep>https://ref.gs1.org/cbv/BizStep-storing</bizStep>"
    f"<readPoint><id>{plant.STORE.key}</id></readPoint><quantityList><quantityElement>"
    f"<epcClass>{plant.FLOUR.lot('M-0399')}</epcClass><quantity>500</quantity><uom>KGM</uom>"
    "</quantityElement></quantityList></ObjectEvent>"
)
_XML: Final = "application/xml"
CAPTURE_BODY["requestBody"]["content"][_XML] = {
    "schema": {"type": "string", "description": "EPCIS XML 2.0 or 1.2"},
    "example": _EVENT_XML.format(event=_XML_EVENT.format(minute="10")),
}
EVENT_BODY: Final = {
    "parameters": _HEADERS,
    "requestBody": {
        "required": True,
        "content": {
            _JSON: {
                "schema": {"type": "object"},
                "example": {"@context": [EPCIS_CONTEXT], **_EVENT, "eventTime": "2026-03-02T08:20:00+08:00"},
            },
            _XML: {
                "schema": {"type": "string", "description": "one event element of EPCIS XML"},
                "example": _XML_EVENT.format(minute="30"),
            },
        },
    },
}
NAMES_BODY: Final = _body(
    {"$ref": "#/components/schemas/Names"}, {"id": plant.MILL.key, "zh": plant.MILL.zh, "en": plant.MILL.en}
)
OWN_BODY: Final = _body({"$ref": "#/components/schemas/Own"}, {"own": list(plant.OWN)})
RESUBMIT_BODY: Final = {
    "requestBody": {
        "required": False,
        "content": {_JSON: {"schema": {"type": "object"}, "example": EXAMPLES["a receipt"]}},
    }
}
JOB_EXAMPLE: Final[dict[str, Any]] = {
    "captureID": "01985b0e-7c00-7000-8000-000000000001",
    "createdAt": "2026-03-02T00:00:01Z",
    "finishedAt": "2026-03-02T00:00:01.2Z",
    "running": False,
    "success": True,
    "captureErrorBehaviour": "rollback",
    "errors": [],
    "events": [{"index": 0, "eventID": "ni:///sha-256;…?ver=CBV2.0", "outcome": "captured"}],
    "warnings": [],
}
