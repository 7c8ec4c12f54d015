"""An event's facts as the mentions and bits that a genealogy store keeps (shared by every adapter)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import orjson

from projections.facts import EventFacts, Link, Party, Role
from projections.genealogy.port import Bit, Part
from schemas.units import plain

_LOCATION_TYPES = frozenset({"location"})
_STEPS = {
    "shipping": Bit.SHIPS,
    "departing": Bit.SHIPS,
    "void_shipping": Bit.VOIDS_SHIPPING,
    "receiving": Bit.RECEIVES,
    "retail_selling": Bit.SELLS,
    "destroying": Bit.DESTROYS,
}
_DISPOSITIONS = {"destroyed": Bit.DESTROYS, "returned": Bit.RETURNED, "in_progress": Bit.IN_PROGRESS}
_PARTS = tuple(Part(int(role)) for role in Role)
_CHILD_ROLES = (Role.CHILD, Role.CHILD_QUANTITY)


class StoredMention(NamedTuple):
    """One mention by text: `quantity` is (plain decimal, unit) for quantity roles that give one; `other` the other
    name of a MEMBER or MEMBERS_LOT mention."""

    name: str
    part: Part
    quantity: tuple[str, str | None] | None = None
    other: str | None = None


def stored_mentions(facts: EventFacts) -> Iterator[StoredMention]:
    """All mentions of an event, in the order of its own lists."""
    for mention in facts.mentions:
        quantity = None if mention.quantity is None else (plain(mention.quantity), mention.unit)
        yield StoredMention(mention.object, _PARTS[mention.role], quantity)
    if facts.process is not None:
        yield StoredMention(facts.process, Part.PROCESS)
    if facts.read_point is not None:
        yield StoredMention(facts.read_point, Part.READ_POINT)
    if facts.location is not None:
        yield StoredMention(facts.location, Part.LOCATION)
    for resource in facts.resources:
        yield StoredMention(resource, Part.RESOURCE)
    if facts.operator is not None:
        yield StoredMention(facts.operator, Part.OPERATOR)
    if facts.destinations:
        consignees = consignees_of(facts.destinations)
        yield StoredMention(orjson.dumps(consignees).decode(), Part.CONSIGNEES)
    for item, lot in facts.members:
        yield StoredMention(item, Part.MEMBER, other=lot)
        yield StoredMention(lot, Part.MEMBERS_LOT, other=item)


def consignees_of(destinations: tuple[Party, ...]) -> list[str]:
    """Parties of a destinationList, its locations only where no party is given (trace.md section 6), sorted."""
    parties = {party.key for party in destinations if party.type not in _LOCATION_TYPES}
    return sorted(parties or {party.key for party in destinations})


def bits_of(facts: EventFacts) -> int:
    """The `Bit`s of an event."""
    bits = _STEPS.get(facts.step or "", 0) | _DISPOSITIONS.get(facts.disposition or "", 0)
    if facts.type == "ObjectEvent":
        bits |= Bit.OBJECT_EVENT
    if facts.type == "TransformationEvent":
        bits |= Bit.TRANSFORMATION
    if facts.link is Link.CONTAINED:
        bits |= Bit.CONTAINS
    if facts.link is Link.INSTALLED:
        bits |= Bit.INSTALLS
    if facts.action == "ADD":
        bits |= Bit.ADD
    if facts.action == "DELETE":
        bits |= Bit.DELETE
    if any(mention.role in _CHILD_ROLES for mention in facts.mentions):
        bits |= Bit.NAMES_CHILD
    if facts.sources:
        bits |= Bit.HAS_SOURCE
    if facts.destinations:
        bits |= Bit.HAS_DESTINATION
    if facts.event_time.sub:
        bits |= Bit.FINER
    return int(bits)
