"""`correct`: the declaration that a known event was wrong.

The event is said again, as it was received, with an `errorDeclaration` (trace.md section 7, EPCIS 2.0 section 7.4.1.4).
A reason in plain text stands beside the CBV reason in the namespace `urn:stemma:ns:1:`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from schemas.activities.compile import NAMESPACE, received
from schemas.epcis.context import EPCIS_CONTEXT, bindings_of_text
from schemas.epcis.forms import is_uri
from schemas.epcis.reader import ReceivedEvent, read_event
from schemas.epcis.stored import in_json
from schemas.epcis.vocabulary import ERROR_REASONS, REASON

_SERVICE_FIELDS: Final = ("recordTime", "errorDeclaration")


def declaration(
    raw: bytes,
    context: bytes | None,
    *,
    event_id: str,
    reason: str,
    declared: str,
    corrective_ids: Sequence[str],
    index: int,
) -> ReceivedEvent:
    """The event in `raw` (its inherited `@context` beside it) declared an error at `declared` (RFC 3339).

    `reason` is a CBV word, a URI, or plain text; `corrective_ids` name what stands instead.
    """
    raw, context = in_json(raw, context)
    original = read_event(raw, context)
    told = _context(context, original.namespaces)
    told_reason = REASON.word(reason, {})
    fields: dict[str, Any] = {"declarationTime": declared}
    if told_reason in ERROR_REASONS or is_uri(reason):
        fields["reason"] = told_reason
    else:
        fields["reason"] = "incorrect_data" if corrective_ids else "did_not_occur"
        fields[_reason_name(original.namespaces)] = reason
    if corrective_ids:
        fields["correctiveEventIDs"] = list(corrective_ids)
    event = {name: value for name, value in original.data.items() if name not in _SERVICE_FIELDS}
    return received_again({**event, "eventID": event_id, "errorDeclaration": fields}, told, index)


def received_again(event: dict[str, Any], context: bytes, index: int) -> ReceivedEvent:
    """As `received`, reading the event's own `@context` too."""
    made = received(event, context, index)
    return read_event(made.raw, context, index) if "@context" in event else made


def _reason_name(namespaces: Mapping[str, str]) -> str:
    """`stemma:reason`, or in full where the event's document binds the prefix to something else."""
    bound = namespaces.get("stemma", NAMESPACE)
    return "stemma:reason" if bound == NAMESPACE else f"{NAMESPACE}reason"


def _context(context: bytes | None, namespaces: Mapping[str, str]) -> bytes:
    """The inherited context, with our prefix where it is free."""
    if "stemma" in bindings_of_text(context).namespaces or "stemma" in namespaces:
        return context or orjson.dumps([EPCIS_CONTEXT])
    parts = json.loads(context) if context else [EPCIS_CONTEXT]
    return orjson.dumps([*(parts if isinstance(parts, list) else [parts]), {"stemma": NAMESPACE}])
