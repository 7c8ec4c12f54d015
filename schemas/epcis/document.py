"""EPCIS query documents around stored events, each event with the bytes it was received in.

Only what the standard wants of an answer is set in an event: `eventID` where it came without, `recordTime` of this
service, and the `@context` it needs to stand outside its own document. Nothing else is written again.
Source: EPCIS 2.0 sections 8.2.7 and 10, epcis.md C7, Q1, X3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from schemas.epcis.context import BUILT_IN, EPCIS_CONTEXT, bindings_of_text
from schemas.epcis.formats import Translation, translated_json
from schemas.epcis.jsontext import JsonText
from schemas.epcis.stored import in_json

_DEPTH: Final = 256
"""Levels that a stored event may have; what was captured is within the reader's own, lower limit."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the log has it: received bytes, inherited `@context` as JSON text, identity and recordTime.

    `record_time` is RFC 3339 in UTC, as this service gave it.
    """

    raw: bytes
    context: bytes | None
    event_id: str
    record_time: str


def as_json(event: StoredEvent, translate: Translation | None = None) -> StoredEvent:
    """The event in JSON; itself if it came so and nothing is to be translated."""
    raw, context = in_json(event.raw, event.context)
    if translate is not None and translate.concerns(raw):
        raw = translated_json(raw, translate)
    return event if raw is event.raw else StoredEvent(raw, context, event.event_id, event.record_time)


def query_document(
    events: Sequence[StoredEvent],
    *,
    created: str,
    query_name: str | None = "SimpleEventQuery",
    subscription_id: str | None = None,
    translate: Translation | None = None,
) -> bytes:
    """An `EPCISQueryDocument` of the events in the order given; `created` is its creationDate, RFC 3339.

    Prefixes that all events share stand on the document, others on their event, so that no event reads a prefix that
    it was not sent with. `translate` gives identifiers in the format asked for; None as received.
    """
    events = [as_json(event, translate) for event in events]
    bound = [_bound(event.context) for event in events]
    shared = _shared(bound)
    results: dict[str, Any] = {}
    if query_name is not None:
        results["queryName"] = query_name
    if subscription_id is not None:
        results["subscriptionID"] = subscription_id
    head = orjson.dumps(
        {
            "@context": [EPCIS_CONTEXT, shared] if shared else [EPCIS_CONTEXT],
            "type": "EPCISQueryDocument",
            "schemaVersion": "2.0",
            "creationDate": created,
            "epcisBody": {"queryResults": {**results, "resultsBody": {"eventList": []}}},
        }
    )
    ending = b"]}}}}"
    dressed = b",".join(
        _dressed(event, {name: uri for name, uri in prefixes.items() if name not in shared})
        for event, prefixes in zip(events, bound, strict=True)
    )
    return head.removesuffix(ending) + dressed + ending


def single_event(event: StoredEvent, *, translate: Translation | None = None) -> bytes:
    """One event that stands alone, with the whole `@context` it needs."""
    event = as_json(event, translate)
    return _dressed(event, _bound(event.context), alone=True)


def _bound(context: bytes | None) -> Mapping[str, str]:
    """Prefixes and terms that a document added to, or bound otherwise than, EPCIS's own."""
    names = bindings_of_text(context).namespaces
    return {name: uri for name, uri in names.items() if BUILT_IN.get(name) != uri}


def _shared(bound: Sequence[Mapping[str, str]]) -> dict[str, str]:
    first, *others = bound or [{}]
    return {name: uri for name, uri in first.items() if all(other.get(name) == uri for other in others)}


def _dressed(event: StoredEvent, missing: Mapping[str, str], *, alone: bool = False) -> bytes:
    text = event.raw.decode("utf-8")
    spans = _members(text)
    members = {"recordTime": _json(event.record_time)}
    if "eventID" not in spans:
        members["eventID"] = _json(event.event_id)
    if missing or alone:
        own = json.loads(text[slice(*spans["@context"])]) if "@context" in spans else []
        parts: list[Any] = [EPCIS_CONTEXT] if alone else []
        parts += [missing] if missing else []
        parts += [part for part in (own if isinstance(own, list) else [own]) if part not in parts]
        members["@context"] = _json(parts)
    return _with_members(text, spans, members).encode("utf-8")


def _json(value: Any) -> str:
    return orjson.dumps(value).decode("utf-8")


def _members(text: str) -> dict[str, tuple[int, int]]:
    """Where the value of each member of the object in `text` starts and ends."""
    source = JsonText(text, depth=_DEPTH)
    spans: dict[str, tuple[int, int]] = {}

    def take(name: str, pos: int) -> int:
        _, end = source.value(pos, name, 1)
        spans[name] = (pos, end)
        return end

    source.members(source.start(), "", take)
    return spans


def _with_members(text: str, spans: Mapping[str, tuple[int, int]], members: Mapping[str, str]) -> str:
    """`text` with these members set: a value in its old place, a new member at the front."""
    for name in sorted(members.keys() & spans.keys(), key=lambda name: spans[name], reverse=True):
        start, end = spans[name]
        text = text[:start] + members[name] + text[end:]
    added = [f"{_json(name)}:{value}" for name, value in members.items() if name not in spans]
    if not added:
        return text
    opening = text.index("{") + 1
    return text[:opening] + ",".join(added) + ("," if spans else "") + text[opening:]
