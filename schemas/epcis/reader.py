"""EPCIS 2.0 JSON documents to events, each with exactly the bytes it came in.

The outer objects are walked by hand, so an event is a slice of the body: nothing is written again that was received.
`read_json_document` is for what comes in and bounds everything; `read_event` reads again what the log holds.
Source: EPCIS 2.0 section 10, epcis.md C1, X2, X4.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from schemas.epcis.context import (
    NO_CONTEXT,
    NO_CONTEXTS,
    Bindings,
    Contexts,
    bind,
    bindings_of_text,
    without_addresses,
)
from schemas.epcis.envelope import KINDS, Kind, envelope_faults, vocabulary_elements
from schemas.epcis.envelope import VocabularyElement as VocabularyElement
from schemas.epcis.jsontext import PLAIN, JsonText, joined, text_of
from schemas.epcis.vocabulary import EVENT_TYPES
from schemas.errors import BadInput, FieldError, TooLarge
from schemas.sentences import say


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one document: `body` and `event` in bytes, `depth` in nested objects or arrays, counts of the rest.

    `context` is the document's `@context` in bytes, which is kept beside each event; `values` bounds memory: commas and
    opening brackets of the whole text.
    """

    body: int = 16 * 1024 * 1024
    event: int = 1024 * 1024
    context: int = 64 * 1024
    depth: int = 64
    events: int = 5000
    values: int = 2_000_000


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """One event as received.

    `raw` the bytes of its object; `context` its document's `@context` as JSON text, None if there is none;
    `data` the decoded object, numbers as int or Decimal with every digit; `namespaces` prefix or term to namespace,
    the document's and the event's own; `place` its dotted path in the document; `faults` found while reading.
    """

    index: int
    raw: bytes
    context: bytes | None
    data: dict[str, Any]
    namespaces: Mapping[str, str]
    place: str = ""
    faults: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document taken apart. `context` is its `@context` as JSON text.

    `members` holds all that stands beside the lists of events and master data, by dotted path (`creationDate`,
    `epcisBody.queryResults.queryName`, `epcisHeader.ex:note`); objects on the way to the lists are empty there.
    """

    kind: Kind
    context: bytes | None
    namespaces: Mapping[str, str]
    events: list[ReceivedEvent]
    master_data: list[VocabularyElement]
    members: Mapping[str, Any]

    @property
    def creation(self) -> str | None:
        """`creationDate` as sent."""
        value = self.members.get("creationDate")
        return value if isinstance(value, str) else None


@dataclass(slots=True)
class _Slice:
    """A value of the text: where it starts and ends, and what it decodes to."""

    start: int
    end: int
    value: Any


@dataclass(slots=True)
class _Parts:
    """What the walk over the outer objects has found."""

    members: dict[str, Any] = field(default_factory=dict)
    context: _Slice | None = None
    events: list[_Slice] | None = None
    place: str = ""
    vocabularies: list[tuple[str, Any]] = field(default_factory=list)


def read_json_document(body: bytes, *, limits: Limits = DEFAULT_LIMITS, contexts: Contexts = NO_CONTEXTS) -> Document:
    """An EPCIS document, query document or master data document, events in list order. `contexts` are further addresses
    that an `@context` may name.

    Errors: `TooLarge` (body, events, values), `BadInput` for malformed JSON, a wrong envelope or an unknown context,
    naming the place. Faults of single events are kept on the event.
    """
    text = _bounded(body, limits)
    source = JsonText(text, depth=limits.depth)
    parts = _Parts()
    source.finish(source.members(source.start(), "", _outer(source, parts, limits)))
    kind, context, bindings, elements = _envelope(text, parts, limits, contexts)
    events = [
        _received(index, text, piece, context, bindings.namespaces, f"{parts.place}[{index}]", limits, contexts)
        for index, piece in enumerate(parts.events or ())
    ]
    return Document(kind, context, bindings.namespaces, events, elements, parts.members)


def read_json_event(body: bytes, *, limits: Limits = DEFAULT_LIMITS, contexts: Contexts = NO_CONTEXTS) -> ReceivedEvent:
    """One bare event with its own `@context`, as `POST /events` takes it. Errors: as `read_json_document`."""
    text = _bounded(body, limits)
    source = JsonText(text, depth=limits.depth)
    start = source.start()
    if text[start : start + 1] != "{":
        raise BadInput.field("/", text[start : start + 40], "send one event, a JSON object")
    value, end = source.value(start, "", 0)
    source.finish(end)
    if value.get("type") in KINDS:
        raise BadInput.field("type", value["type"], "send a document to /capture, one event here")
    event = _received(0, text, _Slice(start, end, value), None, NO_CONTEXT.namespaces, "", limits, contexts)
    if "@context" in value:
        return event
    missing = FieldError("@context", "", "an event that stands alone needs its own @context")
    return ReceivedEvent(0, event.raw, None, event.data, event.namespaces, "", (missing, *event.faults))


def read_event(raw: bytes, context: bytes | None, index: int = 0) -> ReceivedEvent:
    """Read again an event that was accepted, by its bytes and inherited context. Checks nothing, so it is fast."""
    data: dict[str, Any] = PLAIN.decode(raw.decode("utf-8"))
    bindings = bindings_of_text(context)
    own = data.get("@context")
    if own is not None:
        bindings = bind(own, bindings.namespaces)
    return ReceivedEvent(index, raw, context, data, bindings.namespaces)


def _bounded(body: bytes, limits: Limits) -> str:
    if len(body) > limits.body:
        raise TooLarge(
            say(
                "the body has {count} bytes; at most {most} are taken in one document",
                count=len(body),
                most=limits.body,
            )
        )
    values = body.count(b",") + body.count(b"{") + body.count(b"[")
    if values > limits.values:
        raise TooLarge(
            say(
                "the body holds about {values} values; at most {most} are taken in one document",
                values=values,
                most=limits.values,
            )
        )
    return text_of(body)


def _outer(source: JsonText, parts: _Parts, limits: Limits) -> Callable[[str, int], int]:
    """Takes the members of the document object, descending to the lists of events and vocabularies."""

    def into(place: str, depth: int) -> Callable[[str, int], int]:
        def take(name: str, pos: int) -> int:
            below = joined(place, name)
            if below in _INNER and source.text.startswith("{", pos):
                parts.members[below] = {}
                return source.members(pos, below, into(below, depth + 1))
            if below in _EVENT_LISTS and source.text.startswith("[", pos):
                return _events(source, pos, below, depth + 1, parts, limits)
            value, end = source.value(pos, below, depth)
            if below == "@context":
                parts.context = _Slice(pos, end, value)
            elif below in _VOCABULARY_LISTS:
                parts.vocabularies.append((below, value))
            else:
                parts.members[below] = value
            return end

        return take

    return into("", 1)


_BODY: Final = "epcisBody"
_RESULTS: Final = "epcisBody.queryResults"
_INNER: Final = frozenset((_BODY, _RESULTS, _RESULTS + ".resultsBody", "epcisHeader", "epcisHeader.epcisMasterData"))
_EVENT_LISTS: Final = frozenset((_BODY + ".eventList", _RESULTS + ".resultsBody.eventList"))
_VOCABULARY_LISTS: Final = frozenset(
    (
        "epcisHeader.epcisMasterData.vocabularyList",
        _BODY + ".vocabularyList",
        _RESULTS + ".resultsBody.vocabularyList",
    )
)


def _list_place(kind: Kind) -> str:
    return _RESULTS + ".resultsBody.eventList" if kind == "EPCISQueryDocument" else _BODY + ".eventList"


def _events(source: JsonText, pos: int, place: str, depth: int, parts: _Parts, limits: Limits) -> int:
    found: list[_Slice] = []

    def take(at: int) -> int:
        if len(found) >= limits.events:
            raise TooLarge(
                say("{place} holds over {most} events; send several documents", place=place, most=limits.events)
            )
        value, end = source.value(at, f"{place}[{len(found)}]", depth)
        found.append(_Slice(at, end, value))
        return end

    parts.events, parts.place = found, place
    return source.elements(pos, take)


def _kind(value: Any) -> Kind:
    for kind in KINDS:
        if value == kind:
            return kind
    shown = value if isinstance(value, str) else json.dumps(value, default=str)
    if isinstance(value, str) and value in EVENT_TYPES:
        raise BadInput.field("type", shown, "send a single event to /events, or put it into an EPCISDocument")
    raise BadInput.field("type", shown, say("a document has the type {known}", known=", ".join(KINDS)))


def _envelope(
    text: str, parts: _Parts, limits: Limits, contexts: Contexts
) -> tuple[Kind, bytes | None, Bindings, list[VocabularyElement]]:
    """Kind, context as kept, bindings and master data of the document. Errors: `BadInput` with every fault."""
    kind = _kind(parts.members.get("type"))
    context = _kept(text, parts.context, contexts)
    bindings = _document_bindings(parts, contexts)
    faults = [*bindings.faults, *envelope_faults(kind, parts.members, context is not None, bindings.namespaces)]
    elements = vocabulary_elements(parts.vocabularies, bindings.namespaces, faults)
    if context is not None and len(context) > limits.context:
        faults.append(
            FieldError(
                "@context",
                say("{count} bytes", count=len(context)),
                say("at most {most} bytes are taken", most=limits.context),
            )
        )
    if kind != "EPCISMasterDataDocument" and parts.place != _list_place(kind):
        faults.append(FieldError(_list_place(kind), "", "the list of events is required"))
    if faults:
        raise BadInput(
            say("not a valid {kind}: {field}: {fix}", kind=kind, field=faults[0].field, fix=faults[0].fix),
            errors=faults[:100],
        )
    return kind, context, bindings, elements


def _document_bindings(parts: _Parts, contexts: Contexts) -> Bindings:
    if parts.context is None:
        return NO_CONTEXT
    return bind(parts.context.value, NO_CONTEXT.namespaces, contexts=contexts)


def _kept(text: str, piece: _Slice | None, contexts: Contexts) -> bytes | None:
    """A document's `@context` as received, but for addresses that only a setting knows."""
    if piece is None:
        return None
    return without_addresses(piece.value, contexts) or text[piece.start : piece.end].encode("utf-8")


def _received(
    index: int,
    text: str,
    piece: _Slice,
    context: bytes | None,
    inherited: Mapping[str, str],
    place: str,
    limits: Limits,
    contexts: Contexts,
) -> ReceivedEvent:
    raw = text[piece.start : piece.end].encode("utf-8")
    if not isinstance(piece.value, dict):
        fault = FieldError(place, raw[:200].decode("utf-8", "replace"), "an event is a JSON object")
        return ReceivedEvent(index, raw, context, {}, inherited, place, (fault,))
    faults: Sequence[FieldError] = ()
    namespaces = inherited
    if "@context" in piece.value:
        own = bind(piece.value["@context"], inherited, joined(place, "@context"), contexts)
        namespaces, faults = own.namespaces, own.faults
        context = _with_own(context, piece.value["@context"], contexts)
    if len(raw) > limits.event:
        large = FieldError(
            place, say("{count} bytes", count=len(raw)), say("one event has at most {most} bytes", most=limits.event)
        )
        faults = (*faults, large)
    return ReceivedEvent(index, raw, context, piece.value, namespaces, place, tuple(faults))


def _with_own(context: bytes | None, own: Any, contexts: Contexts) -> bytes | None:
    """What an event inherits, and what the addresses of its own `@context` bind that only a setting knows."""
    named = [one for one in (own if isinstance(own, list) else [own]) if isinstance(one, str) and one in contexts]
    if not named:
        return context
    inherited = json.loads(context) if context else []
    told = [*(inherited if isinstance(inherited, list) else [inherited]), *(dict(contexts[one]) for one in named)]
    return json.dumps(told).encode("utf-8")
