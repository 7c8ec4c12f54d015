"""How ingestion's bodies stand in the OpenAPI: their schemas, and examples that work on the demo plant."""

from __future__ import annotations

from typing import Any, Final

from pydantic import TypeAdapter

from schemas.activities.models import AnyActivity
from schemas.epcis.context import EPCIS_CONTEXT
from services.ingestion.answers import Named, Own

_REF: Final = "#/components/schemas/{model}"
_MILL: Final = "https://id.gs1.org/414/9506000000015"
_FLOUR: Final = {"id": {"product": "09506000000022", "lot": "F-0312"}, "quantity": "12.5", "unit": "KGM"}
EXAMPLES: Final[dict[str, Any]] = {
    "a receipt": {
        "activity": "receive",
        "place": _MILL,
        "objects": [_FLOUR],
        "from": "https://id.gs1.org/417/9506000000060",
        "documents": [{"type": "desadv", "id": "DN-778"}],
    },
    "an order's output": {
        "activity": "make",
        "place": _MILL,
        "order": "MO-17",
        "inputs": [_FLOUR],
        "outputs": ["https://id.gs1.org/01/09506000000039/21/S-1001"],
        "resource": "OVEN-3",
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
ACTIVITIES_BODY: Final = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "maxLength": 200},
            "description": "makes a retry harmless for activities without an `id`",
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            _JSON: {
                "schema": {"anyOf": [_ACTIVITY, {"type": "array", "items": _ACTIVITY}]},
                "examples": {name: {"value": value} for name, value in EXAMPLES.items()},
            },
            "application/x-ndjson": {"schema": {"type": "string", "description": "one activity a line"}},
        },
    },
}
_EVENT: Final = {
    "type": "ObjectEvent",
    "eventTime": "2026-03-02T08:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "action": "OBSERVE",
    "bizStep": "storing",
    "quantityList": [{"epcClass": "https://id.gs1.org/01/09506000000022/10/F-0312", "quantity": 12.5, "uom": "KGM"}],
    "readPoint": {"id": _MILL},
}
DOCUMENT_EXAMPLE: Final[dict[str, Any]] = {
    "@context": [EPCIS_CONTEXT],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-03-02T08:00:01+08:00",
    "epcisBody": {"eventList": [_EVENT]},
}
CAPTURE_BODY: Final = {
    **_body({"type": "object"}, DOCUMENT_EXAMPLE, _JSON, "application/ld+json"),
    "parameters": [
        {
            "name": "GS1-Capture-Error-Behaviour",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "enum": ["rollback", "proceed"], "default": "rollback"},
            "description": "`rollback`: all or nothing; `proceed`: each good event",
        }
    ],
}
NAMES_BODY: Final = _body(
    {"$ref": "#/components/schemas/Names"}, {"id": _MILL, "zh": "一号面粉厂", "en": "Flour mill 1"}
)
OWN_BODY: Final = _body({"$ref": "#/components/schemas/Own"}, {"own": [_MILL]})
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
