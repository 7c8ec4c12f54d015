"""Answers of the query side: `EPCISQueryDocument`, single events, collections. Source: EPCIS 2.0 sections 8.2.7, 12."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson
from fastapi import Request
from fastapi.responses import Response

from projections.index.read_events import IndexedEvent
from schemas.epcis.context import BUILT_IN, EPCIS_CONTEXT, bindings_of_text
from schemas.epcis.document import StoredEvent, as_json, query_document
from schemas.epcis.stored import JSON_MEDIA, XML_MEDIA
from schemas.epcis.xml.answers import write_query_document
from schemas.times import utc_text
from services.epcis.formats import UNTRANSLATED, cbv_of, format_of, translation_for
from services.epcis.query import SIMPLE
from services.epcis.versions import HEADERS, media_of

if TYPE_CHECKING:
    from projections.index.store import EventIndex

_MOST_EXTENSIONS: Final = 4000
"""Characters of the header that lists an answer's prefixes."""


async def stored(index: EventIndex, page: Sequence[IndexedEvent]) -> list[StoredEvent]:
    """The events of a page as they were received, with identity and recordTime."""
    received = await index.raw_of(page)
    return [
        StoredEvent(
            received[one.row].body,
            None if (context := received[one.row].context) is None else context.encode(),
            one.facts.event_id,
            utc_text(one.record_us),
        )
        for one in page
    ]


async def events_answer(
    request: Request,
    page: Sequence[IndexedEvent],
    *,
    name: str = SIMPLE,
    headers: Mapping[str, str] | None = None,
    token: str | None = None,
) -> Response:
    """A page of events in the syntax that `Accept` asks for; `token` stands in JSON bodies unless strict.

    Errors: `NotAcceptable`.
    """
    house: Any = request.app.state.house
    media = media_of(request, (*JSON_MEDIA, *XML_MEDIA))
    events = await stored(house.index, page)
    translate = await translation_for(house.index, house.prefixes, format_of(request), events)
    created = utc_text(time.time_ns() // 1_000_000 * 1000)
    if media in XML_MEDIA:
        cbv = cbv_of(request)
        body = write_query_document(events, created=created, query_name=name, cbv=cbv, translate=translate)
    else:
        body = query_document(events, created=created, query_name=name, translate=translate)
        if token is not None and not house.settings.epcis_strict:
            body = body.removesuffix(b"}") + b',"nextPageToken":' + orjson.dumps(token) + b"}"
    told = {**HEADERS, "GS1-Extensions": extensions_of([as_json(event) for event in events]), **(headers or {})}
    if translate is not None and translate.untranslated:
        told[UNTRANSLATED] = str(translate.untranslated)
    return Response(body, media_type=media, headers=told)


def extensions_of(events: Sequence[StoredEvent]) -> str:
    """`prefix=namespace,…` of what the events' documents bind beside EPCIS's own, as far as a header holds it."""
    told: dict[str, str] = {}
    for context in dict.fromkeys(event.context for event in events):
        for prefix, namespace in bindings_of_text(context).namespaces.items():
            text = f"{prefix}={namespace}"
            if BUILT_IN.get(prefix) != namespace and prefix != "@vocab" and text.isascii() and "," not in text:
                told.setdefault(prefix, text)
    found = ",".join(told.values())
    return found if len(found) <= _MOST_EXTENSIONS else found[: found.rfind(",", 0, _MOST_EXTENSIONS)]


def json_answer(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Plain JSON with the standard's headers."""
    return Response(orjson.dumps(value), status, {**HEADERS, **(headers or {})}, "application/json")


def collection(members: Sequence[str]) -> dict[str, Any]:
    """A `Collection` of EPCIS."""
    return {"@context": EPCIS_CONTEXT, "type": "Collection", "member": list(members)}
