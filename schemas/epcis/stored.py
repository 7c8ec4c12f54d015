"""The one way back from the log: bytes of an event, in whatever syntax they came, to its neutral form.

What the log holds begins as its syntax does: an XML event with `<`, a JSON event with a brace. So nothing that reads
again has to be told the media type, which the envelope keeps for people and partners.
Source: architecture rule 1, epcis.md X1.
"""

from __future__ import annotations

from typing import Final, Literal

import orjson

from schemas.epcis import reader, validate
from schemas.epcis.context import BUILT_IN, EPCIS_CONTEXT, NO_CONTEXTS, Contexts
from schemas.epcis.reader import Document, ReceivedEvent, read_json_document, read_json_event
from schemas.epcis.xml.reader import read_xml_again, read_xml_document, read_xml_event
from schemas.epcis.xml.text import json_text
from schemas.epcis.xml.validate import xml_faults
from schemas.errors import FieldError

Syntax = Literal["json", "xml"]
JSON_MEDIA: Final = ("application/json", "application/ld+json")
XML_MEDIA: Final = ("application/xml", "text/xml")


def syntax_of(raw: bytes) -> Syntax:
    """The syntax of an event as the log has it."""
    return "xml" if raw[:1] == b"<" else "json"


def read_stored(raw: bytes, context: bytes | None, index: int = 0) -> ReceivedEvent:
    """Read again an event that was accepted, by its bytes and what it inherited. Judges nothing."""
    if syntax_of(raw) == "xml":
        return read_xml_again(raw, context, index)
    return reader.read_event(raw, context, index)


def read_document(body: bytes, media_type: str, contexts: Contexts = NO_CONTEXTS) -> Document:
    """A document in the syntax of its media type. Errors: `BadInput`, `TooLarge`."""
    return read_xml_document(body) if media_type in XML_MEDIA else read_json_document(body, contexts=contexts)


def read_single(body: bytes, media_type: str, contexts: Contexts = NO_CONTEXTS) -> ReceivedEvent:
    """One event in the syntax of its media type. Errors: `BadInput`, `TooLarge`."""
    return read_xml_event(body) if media_type in XML_MEDIA else read_json_event(body, contexts=contexts)


def in_json(raw: bytes, context: bytes | None) -> tuple[bytes, bytes | None]:
    """An accepted event as JSON text, and the `@context` beside it; what came as JSON stays as it is."""
    if syntax_of(raw) == "json":
        return raw, context
    event = read_xml_again(raw, context)
    bound = {prefix: uri for prefix, uri in event.namespaces.items() if BUILT_IN.get(prefix) != uri}
    told = [EPCIS_CONTEXT, bound] if bound else [EPCIS_CONTEXT]
    return json_text(event.data).encode("utf-8"), orjson.dumps(told)


def faults(event: ReceivedEvent) -> list[FieldError]:
    """At most 100 faults of an event by the rules of the syntax it came in; empty if it is valid. Never raises."""
    return xml_faults(event) if syntax_of(event.raw) == "xml" else validate.faults(event)
