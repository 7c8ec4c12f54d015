"""Event to facts: one pure function, the only place that reads an event's *what, when, where, why* for the graph.

Everything later (relations, intervals, whereabouts, totals) is derived from these facts by the rules of
`projections.trace`. Source: trace.md sections 1-3, EPCIS 2.0, CBV 2.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final, NamedTuple

from schemas.epcis.context import EPCIS_TERMS, split_name
from schemas.epcis.reader import ReceivedEvent
from schemas.epcis.vocabulary import (
    disposition_word,
    is_cbv_mda,
    party_word,
    step_word,
    transaction_word,
)
from schemas.identifiers import Identifier, Kind, identify, lot_key
from schemas.times import Instant

STEMMA: Final = "urn:stemma:ns:1:"
"""Namespace of the fields that shop-floor calls add to an event (api.md, activities)."""


class Role(IntEnum):
    """Where in the *what* of an event an object stands. Quantity roles are odd positions of their pair."""

    EPC = 0
    QUANTITY = 1
    PARENT = 2
    CHILD = 3
    CHILD_QUANTITY = 4
    INPUT = 5
    INPUT_QUANTITY = 6
    OUTPUT = 7
    OUTPUT_QUANTITY = 8


class Link(IntEnum):
    """What an Aggregation- or AssociationEvent does: R3 installs, R4 contains."""

    NONE = 0
    CONTAINED = 1
    INSTALLED = 2


class Mention(NamedTuple):
    """An object in an event's *what*: canonical key, role, and quantity with unit where given.

    `unit` is a UN/CEFACT Rec. 20 code; None with a quantity is a count, None without one is unknown.
    """

    object: str
    role: Role
    quantity: Decimal | None = None
    unit: str | None = None


class Party(NamedTuple):
    """An entry of sourceList or destinationList: CBV type as bare word or URI, canonical key."""

    type: str
    key: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """An errorDeclaration: withdraws the event of the same eventID and asserts nothing itself (trace.md section 7)."""

    declared: Instant
    reason: str | None
    corrective_event_ids: tuple[str, ...]


class EventFacts(NamedTuple):
    """All that the projections know of one event.

    `type` is the EPCIS type name, `action` ADD|OBSERVE|DELETE or None, `step` and `disposition` bare CBV words or
    private URIs, `read_point` and `location` canonical keys, `process` is `t:`+transformationID or `e:`+eventID for
    a TransformationEvent, `members` are (item, lot) pairs by R2, `resources` and `operator` come from the namespace
    `urn:stemma:ns:1:` and from deviceID and instrument, `transactions` are (type, id).
    """

    event_id: str
    event_time: Instant
    type: str
    action: str | None
    step: str | None
    disposition: str | None
    read_point: str | None
    location: str | None
    process: str | None
    link: Link
    mentions: tuple[Mention, ...]
    members: tuple[tuple[str, str], ...]
    sources: tuple[Party, ...]
    destinations: tuple[Party, ...]
    transactions: tuple[tuple[str, str], ...]
    resources: tuple[str, ...]
    operator: str | None
    result: str | None
    declaration: Declaration | None

    @property
    def place(self) -> str | None:
        """`bizLocation`, else `readPoint` (trace.md section 6)."""
        return self.location or self.read_point


_EPC_LISTS: Final = (
    ("epcList", Role.EPC),
    ("childEPCs", Role.CHILD),
    ("inputEPCList", Role.INPUT),
    ("outputEPCList", Role.OUTPUT),
)
_QUANTITY_LISTS: Final = (
    ("quantityList", Role.QUANTITY),
    ("childQuantityList", Role.CHILD_QUANTITY),
    ("inputQuantityList", Role.INPUT_QUANTITY),
    ("outputQuantityList", Role.OUTPUT_QUANTITY),
)
_INSTALLING: Final = frozenset(("assembling", "installing", "disassembling", "removing"))
_OUTPUTS: Final = (Role.OUTPUT, Role.OUTPUT_QUANTITY)


def facts_of(event: ReceivedEvent, event_id: str, base: str | None = None) -> EventFacts:
    """The facts of one valid event. `event_id` is the one it is kept under, `base` the setting for in-house
    identifiers. Errors: `BadInput` for a time that cannot be read."""
    data, names = event.data, event.namespaces
    kind = str(data["type"])
    step = _word(step_word, data.get("bizStep"), names)
    named = _named(data, base)
    own = {name: value for name, value in data.items() if name not in EPCIS_TERMS}
    sensors = list(_sensors(data)) if "sensorElementList" in data else []
    return EventFacts(
        event_id=event_id,
        event_time=Instant.parse(str(data["eventTime"]), "eventTime"),
        type=kind,
        action=data.get("action"),
        step=step,
        disposition=_word(disposition_word, data.get("disposition"), names),
        read_point=_site(data.get("readPoint"), base),
        location=_site(data.get("bizLocation"), base),
        process=_process(kind, data, event_id),
        link=_link(kind, step),
        mentions=tuple([mention for mention, _ in named]),
        members=_members(data, names, named),
        sources=_parties(data.get("sourceList"), "source", names, base),
        destinations=_parties(data.get("destinationList"), "destination", names, base),
        transactions=_transactions(data.get("bizTransactionList"), names),
        resources=tuple(dict.fromkeys(identify(text, base).key for text in _resources(own, sensors, names)))
        if own or sensors
        else (),
        operator=next(iter(_own_texts(own, names, "operator")), None) if own else None,
        result=next(iter(_own_texts(own, names, "result")), None) if own else None,
        declaration=_declaration(data.get("errorDeclaration")),
    )


def _word(read: Any, text: Any, names: Mapping[str, str]) -> str | None:
    return str(read(text, names)) if isinstance(text, str) else None


def _transactions(entries: Any, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if not entries:
        return ()
    return tuple(
        [(_word(transaction_word, entry.get("type"), names) or "", str(entry["bizTransaction"])) for entry in entries]
    )


def _process(kind: str, data: Mapping[str, Any], event_id: str) -> str | None:
    """R1: events that share a transformationID are one process, which no eventID can name by accident."""
    if kind != "TransformationEvent":
        return None
    shared = data.get("transformationID")
    return f"t:{shared}" if shared else f"e:{event_id}"


def _link(kind: str, step: str | None) -> Link:
    """R3 and R4: associations install, and so do aggregations by an assembling step; others contain."""
    if kind == "AssociationEvent":
        return Link.INSTALLED
    if kind == "AggregationEvent":
        return Link.INSTALLED if step in _INSTALLING else Link.CONTAINED
    return Link.NONE


def _site(place: Any, base: str | None) -> str | None:
    return identify(str(place["id"]), base).key if isinstance(place, dict) and place.get("id") else None


def _named(data: Mapping[str, Any], base: str | None) -> list[tuple[Mention, Identifier]]:
    """Every mention of the *what*, with its identifier."""
    found: list[tuple[Mention, Identifier]] = []
    if data.get("parentID"):
        identifier = identify(str(data["parentID"]), base)
        found.append((Mention(identifier.key, Role.PARENT), identifier))
    for name, role in _EPC_LISTS:
        if name in data:
            for epc in data[name] or ():
                identifier = identify(str(epc), base)
                found.append((Mention(identifier.key, role), identifier))
    for name, role in _QUANTITY_LISTS:
        if name in data:
            for element in data[name] or ():
                identifier = identify(str(element["epcClass"]), base)
                quantity = element.get("quantity")
                amount = None if quantity is None else Decimal(quantity)
                found.append((Mention(identifier.key, role, amount, element.get("uom")), identifier))
    return found


def _members(
    data: Mapping[str, Any], names: Mapping[str, str], named: Iterable[tuple[Mention, Identifier]]
) -> tuple[tuple[str, str], ...]:
    """R2: (item, lot) from Digital Links that name both, and from the ilmd's lotNumber."""
    created = data["type"] == "ObjectEvent" and data.get("action") == "ADD"
    lots = list(_lot_numbers(data["ilmd"], names)) if "ilmd" in data else []
    found: dict[tuple[str, str], None] = {}
    for mention, identifier in named:
        if identifier.kind is not Kind.ITEM or identifier.product is None:
            continue
        if identifier.lot is not None:
            found[identifier.key, identifier.lot] = None
        if lots and (mention.role in _OUTPUTS or (created and mention.role is Role.EPC)):
            for lot in lots:
                found[identifier.key, lot_key(identifier.product, lot)] = None
    return tuple(found)


def _lot_numbers(ilmd: Any, names: Mapping[str, str]) -> Iterator[str]:
    for name, value in ilmd.items() if isinstance(ilmd, dict) else ():
        if is_cbv_mda(name, names) == "lotNumber":
            for lot in value if isinstance(value, list) else [value]:
                if isinstance(lot, str | int) and str(lot):
                    yield str(lot)


def _parties(entries: Any, name: str, names: Mapping[str, str], base: str | None) -> tuple[Party, ...]:
    if not entries:
        return ()
    return tuple(
        [
            Party(_word(party_word, entry.get("type"), names) or "", identify(str(entry[name]), base).key)
            for entry in entries
        ]
    )


def _sensors(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """sensorMetadata and every sensorReport."""
    for element in data.get("sensorElementList") or ():
        if isinstance(element.get("sensorMetadata"), dict):
            yield element["sensorMetadata"]
        yield from element.get("sensorReport") or ()


def _resources(own: Mapping[str, Any], sensors: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[str]:
    yield from _own_texts(own, names, "resource")
    for part in sensors:
        if isinstance(part.get("deviceID"), str):
            yield part["deviceID"]
        yield from _own_texts(part, names, "instrument")


def _own_texts(part: Mapping[str, Any], names: Mapping[str, str], wanted: str) -> Iterator[str]:
    """Texts of a field of Stemma's namespace, under whatever prefix the document binds to it."""
    for name, value in part.items():
        if wanted in name and split_name(name, names) == (STEMMA, wanted):
            yield from (str(text) for text in (value if isinstance(value, list) else [value]) if text)


def _declaration(found: Any) -> Declaration | None:
    if not isinstance(found, dict):
        return None
    return Declaration(
        declared=Instant.parse(str(found["declarationTime"]), "errorDeclaration.declarationTime"),
        reason=found.get("reason"),
        corrective_event_ids=tuple(str(event) for event in found.get("correctiveEventIDs") or ()),
    )
