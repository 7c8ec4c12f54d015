"""How the query parameters stand in the OpenAPI."""

from __future__ import annotations

from typing import Any, Final

from services.epcis.names import FIXED, LISTS

_TEXTS: Final = {
    "time": ("time with offset", {"type": "string", "format": "date-time"}),
    "number": ("number", {"type": "number"}),
    "numbers": ("numbers, any of them", {"type": "string"}),
    "exists": ("true: must exist", {"type": "string"}),
    "boolean": ("true or false", {"type": "boolean"}),
    "count": ("whole number of at least 1", {"type": "integer", "minimum": 1}),
    "order": ("eventTime, recordTime or an extension field", {"type": "string"}),
    "direction": ("ASC or DESC (default)", {"type": "string", "enum": ["ASC", "DESC"]}),
}
_EXAMPLES: Final = {"perPage": 5, "EQ_bizStep": "receiving|shipping", "orderBy": "eventTime"}
PAGING: Final[list[dict[str, Any]]] = [
    {"name": "perPage", "in": "query", "description": "events a page", "schema": {"type": "integer", "minimum": 1}},
    {"name": "nextPageToken", "in": "query", "description": "from `Link`", "schema": {"type": "string"}},
]


def _described(name: str, kind: str) -> dict[str, Any]:
    text, schema = _TEXTS.get(kind, ("any of the values, separated by `|`", {"type": "string"}))
    assert kind in LISTS or kind in _TEXTS
    return {"name": name, "in": "query", "description": text, "schema": schema}


EVENT_PARAMETERS: Final = [
    *PAGING,
    *(_described(name, kind) for name, kind in FIXED.items() if name != "MATCH_object"),
]
for _one in EVENT_PARAMETERS:
    if _one["name"] in _EXAMPLES:
        _one["example"] = _EXAMPLES[_one["name"]]
