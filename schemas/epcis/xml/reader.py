"""EPCIS XML documents to events, each with exactly the bytes it came in, in the neutral form that JSON has.

`read_xml_document` is for what comes in and bounds everything; `read_xml_again` reads again what the log holds. What
the ancestors of an event bind is kept beside it, as JSON text in the shape of an `@context`.
Source: EPCIS 2.0 section 9.5, EPCIS 1.2, epcis.md C1, C6, X1, X4, X5, X7.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import quoteattr

import orjson

from schemas.epcis.context import MOST_BINDINGS
from schemas.epcis.reader import DEFAULT_LIMITS, Document, Limits, ReceivedEvent
from schemas.epcis.vocabulary import EVENT_TYPES
from schemas.epcis.xml.document import OLDER, ROOTS, around, kind_of
from schemas.epcis.xml.event import event_data, own
from schemas.epcis.xml.prefixes import Prefixes
from schemas.epcis.xml.rules import Judge
from schemas.epcis.xml.tree import Item, read_tree, utf8
from schemas.errors import BadInput, TooLarge
from schemas.sentences import say

_PLACES: Final = {
    "EPCISDocument": "EPCISBody.EventList",
    "EPCISQueryDocument": "EPCISBody.QueryResults.resultsBody.EventList",
}
_DEPTH: Final = 256
"""Levels that a stored event may have; what was captured is within the reader's own, lower limit."""


class _Events:
    """Takes the events of a list one by one; `checked` judges them and the kind of their document."""

    def __init__(self, body: bytes, limits: Limits, *, checked: bool) -> None:
        self._body = body
        self._limits = limits
        self._checked = checked
        self._judging = (body, limits) if checked else None
        self._contexts: dict[int, tuple[Mapping[str, str], bytes | None]] = {}
        self.events: list[ReceivedEvent] = []

    def take(self, item: Item) -> None:
        kind = kind_of(item.root) if self._checked else "EPCISDocument"
        place = _PLACES.get(kind, "EPCISBody.EventList")
        index = len(self.events)
        if index >= self._limits.events:
            raise TooLarge(
                say(
                    "{place} holds over {most} events; send several documents",
                    place=place,
                    most=self._limits.events,
                )
            )
        raw = self._body[item.start : item.end]
        context = self._context(item.inherited)
        self.events.append(_received(item, index, raw, context, f"{place}[{index}]", self._judging))

    def _context(self, scope: Mapping[str, str]) -> bytes | None:
        """The ancestors' bindings as JSON text, made once for all events below the same ancestor."""
        known = self._contexts.get(id(scope))
        if known is None:
            known = self._contexts[id(scope)] = (scope, _context_text(scope, self._limits))
        return known[1]


def read_xml_document(body: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Document:
    """An EPCIS document, query document or master data document of EPCIS 2.0 or 1.x, events in list order.

    Errors: `TooLarge` (body, events, values), `BadInput` for malformed XML, what is refused for safety, or a wrong
    envelope, naming the place. Faults of single events are kept on the event.
    """
    plain = _bounded(body, limits)
    events = _Events(plain, limits, checked=True)
    root, declared = read_tree(plain, events.take, depth=limits.depth)
    told = around(root, declared, plain)
    context = _context_text(declared, limits)
    return Document(told.kind, context, Prefixes(declared, {}).namespaces, events.events, told.elements, told.members)


def read_xml_events(body: bytes, *, limits: Limits = DEFAULT_LIMITS) -> list[ReceivedEvent]:
    """The events of a document that is read but not judged, as a tool wants them that only computes hash IDs.

    Errors: as `read_xml_document`, for what cannot be read.
    """
    plain = _bounded(body, limits)
    events = _Events(plain, limits, checked=False)
    read_tree(plain, events.take, depth=limits.depth)
    return events.events


def read_xml_event(body: bytes, *, limits: Limits = DEFAULT_LIMITS) -> ReceivedEvent:
    """One event element, as `POST /events` takes it. Errors: as `read_xml_document`."""
    plain = _bounded(body, limits)
    taken: list[Item] = []
    root, _ = read_tree(plain, taken.append, depth=limits.depth, alone=True)
    if own(root.namespace) and root.name not in EVENT_TYPES:
        fix: str = say(
            "one event is expected: {known}, or an element of a namespace of your own",
            known=", ".join(sorted(EVENT_TYPES)),
        )
        if (root.namespace, root.name) in ROOTS:
            fix = "send a document to /capture, one event here"
        raise BadInput.field("/", root.name[:200], fix)
    item = taken[0]
    return _received(item, 0, plain[item.start : item.end], None, "", (plain, limits))


def read_xml_again(raw: bytes, context: bytes | None, index: int = 0) -> ReceivedEvent:
    """Read again an event that was accepted, by its bytes and inherited bindings. Judges nothing."""
    scope: dict[str, str] = json.loads(context) if context else {}
    taken: list[Item] = []
    bound = "".join(f" xmlns{':' if prefix else ''}{prefix}={quoteattr(uri)}" for prefix, uri in scope.items())
    read_tree(f"<again{bound}>".encode() + _OPENING + raw + _CLOSING, taken.append, depth=_DEPTH)
    prefixes = Prefixes(scope, taken[0].declared)
    data = event_data(taken[0].element, prefixes)
    return ReceivedEvent(index, raw, context, data, prefixes.namespaces)


_OPENING: Final = b"<EPCISBody><EventList>"
_CLOSING: Final = b"</EventList></EPCISBody></again>"


def _received(
    item: Item, index: int, raw: bytes, context: bytes | None, place: str, judging: tuple[bytes, Limits] | None
) -> ReceivedEvent:
    """An event with the faults that its XML shows; what JSON's rules ask is judged with JSON's."""
    prefixes = Prefixes(item.inherited, item.declared)
    data = event_data(item.element, prefixes)
    if judging is None:
        return ReceivedEvent(index, raw, context, data, prefixes.namespaces, place)
    body, limits = judging
    judge = Judge(body, strict=item.root.namespace not in OLDER)
    judge.event(item.element, place)
    if len(raw) > limits.event:
        judge.add(
            item.element,
            place,
            say("{count} bytes", count=len(raw)),
            say("one event has at most {most} bytes", most=limits.event),
        )
    return ReceivedEvent(index, raw, context, data, prefixes.namespaces, place, tuple(judge.found))


def _context_text(scope: Mapping[str, str], limits: Limits) -> bytes | None:
    """Bindings as JSON text in the shape of an `@context`, the default namespace under the empty prefix."""
    bound = {prefix: uri for prefix, uri in scope.items() if uri}
    text = orjson.dumps(bound) if bound else None
    if text is not None and (len(text) > limits.context or len(bound) > MOST_BINDINGS):
        fix = say(
            "at most {most} namespaces in {bytes} bytes are taken",
            most=MOST_BINDINGS,
            bytes=limits.context,
        )
        raise BadInput.field("/", say("{count} namespaces", count=len(bound)), fix)
    return text


def _bounded(body: bytes, limits: Limits) -> bytes:
    if len(body) > limits.body:
        raise TooLarge(
            say(
                "the body has {count} bytes; at most {most} are taken in one document",
                count=len(body),
                most=limits.body,
            )
        )
    counted = body.count(b"<") + body.count(b"=")
    if counted > limits.values:
        raise TooLarge(
            say(
                "the body holds about {values} values; at most {most} are taken in one document",
                values=counted,
                most=limits.values,
            )
        )
    return utf8(body)
