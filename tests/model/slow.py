"""A slow model of trace.md, sentence by sentence, that shares no code with the product. Clarity before speed.

Everything is recomputed for every question: the events in force are put in order and walked once with the plain state
"who is inside what"; then the rules of sections 4 and 5 are applied until nothing changes.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

MASS = {"KGM": Fraction(1000), "GRM": Fraction(1)}
LISTS = {
    "epcList": "epc",
    "childEPCs": "child",
    "inputEPCList": "input",
    "outputEPCList": "output",
    "quantityList": "quantity",
    "childQuantityList": "child_quantity",
    "inputQuantityList": "input_quantity",
    "outputQuantityList": "output_quantity",
}
Amount = tuple[str, Fraction] | None


def microseconds(text: str) -> int:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime(1970, 1, 1, tzinfo=UTC)
    return (moment.days * 86400 + moment.seconds) * 1_000_000 + moment.microseconds


def key_of(text: str) -> tuple[str, str | None]:
    """Key, and the lot that a Digital Link names beside a serial (section 1, for canonical links)."""
    if "/10/" in text and "/21/" in text:
        product, rest = text.split("/10/")
        lot, serial = rest.split("/21/")
        return f"{product}/21/{serial}", f"{product}/10/{lot}"
    return text, None


def kind_of(key: str) -> str:
    if "/01/" not in key:
        return "logistic_unit" if "/00/" in key else "other"
    return "item" if "/21/" in key else "lot" if "/10/" in key else "product"


def amount(quantity: Any, unit: str | None) -> Amount:
    if quantity is None:
        return None
    if unit in MASS:
        return "mass", Fraction(str(quantity)) * MASS[unit]
    return ("count" if unit is None else unit), Fraction(str(quantity))


def summed(amounts: list[Amount]) -> Amount:
    if not amounts or None in amounts or len({one[0] for one in amounts if one}) != 1:
        return None
    return amounts[0][0], sum((one[1] for one in amounts if one), Fraction(0))  # type: ignore[index]


@dataclass
class Event:
    """One event in force, read plainly."""

    data: dict[str, Any]
    record_us: int
    mentions: list[tuple[str, str, Amount]] = field(default_factory=list)
    members: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.id: str = self.data["eventID"]
        self.us = microseconds(self.data["eventTime"])
        self.order = (self.us, self.record_us, self.id)
        self.step, self.disposition = self.data.get("bizStep"), self.data.get("disposition")
        self.action = self.data.get("action")
        self.type: str = self.data["type"]
        self.link = 0
        if self.type == "AssociationEvent":
            self.link = 2
        if self.type == "AggregationEvent":
            self.link = 2 if self.step in ("assembling", "installing", "disassembling", "removing") else 1
        shared = self.data.get("transformationID")
        self.process = None
        if self.type == "TransformationEvent":
            self.process = f"t:{shared}" if shared else f"e:{self.id}"
        if "parentID" in self.data:
            self._name("parent", self.data["parentID"], None)
        for name, role in LISTS.items():
            for one in self.data.get(name, ()):
                if isinstance(one, str):
                    self._name(role, one, None)
                else:
                    self._name(role, one["epcClass"], amount(one.get("quantity"), one.get("uom")))
        lot = self.data.get("ilmd", {}).get("cbvmda:lotNumber")
        for key, role, _ in self.mentions:
            by_ilmd = role in ("output", "output_quantity") or (
                role == "epc" and self.type == "ObjectEvent" and self.action == "ADD"
            )
            if lot and by_ilmd and kind_of(key) == "item":
                self.members.add((key, key.split("/21/")[0] + "/10/" + lot))

    def _name(self, role: str, text: str, quantity: Amount) -> None:
        key, lot = key_of(text)
        self.mentions.append((key, role, quantity))
        if lot:
            self.members.add((key, lot))

    def of(self, *roles: str) -> list[str]:
        return list(dict.fromkeys(key for key, role, _ in self.mentions if role in roles))

    @property
    def parent(self) -> str | None:
        return next(iter(self.of("parent")), None)

    @property
    def named(self) -> set[str]:
        return {key for key, _, _ in self.mentions}

    @property
    def destroys(self) -> bool:
        return self.step == "destroying" or self.disposition == "destroyed"

    @property
    def place(self) -> str | None:
        for name in ("bizLocation", "readPoint"):
            if name in self.data:
                return str(self.data[name]["id"])
        return None

    @property
    def consignees(self) -> list[str]:
        """Parties of its destinationList, locations only where no party is given."""
        if self.step not in ("shipping", "departing"):
            return []
        given = self.data.get("destinationList", [])
        parties = {one["destination"] for one in given if one["type"] != "location"}
        return sorted(parties or {one["destination"] for one in given})


@dataclass
class Told:
    """An event on an object: by way of which container (None: named), and whether it consumed it."""

    event: Event
    way: str | None
    consumed: bool


@dataclass
class Stay:
    """Serialised, or by quantity with what was put in and taken out."""

    child: str
    parent: str
    kind: int
    since: int
    until: int | None = None
    put: list[Amount] = field(default_factory=list)
    taken: list[Amount] = field(default_factory=list)
    by_quantity: bool = False
    held: list[tuple[int, Amount]] = field(default_factory=list)


class World:
    """What was so under a question's limits: everything the answers need."""

    def __init__(
        self, records: list[dict[str, Any]], known_us: int, happened_us: int | None, own: frozenset[str]
    ) -> None:
        self.own = own
        self.events = self._in_force(records, known_us, happened_us)
        self.stays: list[Stay] = []
        self.on: dict[str, list[Told]] = defaultdict(list)
        self.inputs: dict[str, set[str]] = defaultdict(set)
        self.outputs: dict[str, set[str]] = defaultdict(set)
        self.members: set[tuple[str, str]] = {pair for event in self.events for pair in event.members}
        for event in self.events:
            if event.process:
                self.outputs[event.process] |= set(event.of("output", "output_quantity"))
                self.inputs[event.process] |= set(event.of("input", "input_quantity"))
        self.used_amounts: dict[str, list[Amount]] = defaultdict(list)
        for number, event in enumerate(self.events):
            self._happen(number, event)

    @staticmethod
    def _in_force(records: list[dict[str, Any]], known_us: int, happened_us: int | None) -> list[Event]:
        """L2 and section 7."""
        by_id: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for record in records:
            by_id[record["event"]["eventID"]].append(record)
        found = []
        for same in by_id.values():
            originals = [one for one in same if "errorDeclaration" not in one["event"]]
            if not originals:
                continue
            standing = min(originals, key=lambda one: (one["record_us"], _content(one["event"])))
            withdrawn = [
                one["record_us"]
                for one in same
                if "errorDeclaration" in one["event"] and (one["source"] == standing["source"] or one["may_correct"])
            ]
            event = Event(standing["event"], standing["record_us"])
            if event.record_us > known_us or any(one <= known_us for one in withdrawn):
                continue
            if happened_us is not None and event.us > happened_us:
                continue
            found.append(event)
        return sorted(found, key=lambda event: event.order)

    def open(self) -> list[Stay]:
        return [stay for stay in self.stays if stay.until is None]

    def _where(self, child: str) -> Stay | None:
        return next((stay for stay in self.open() if stay.child == child and not stay.by_quantity), None)

    def _contents(self, box: str) -> set[str]:
        """By R4, at any depth, now."""
        found: set[str] = set()
        todo = [box]
        while todo:
            here = todo.pop()
            for stay in self.open():
                if stay.parent == here and stay.kind == 1 and stay.child not in found:
                    found.add(stay.child)
                    todo.append(stay.child)
        return found

    def _happen(self, number: int, event: Event) -> None:
        out: list[tuple[str, str]] = []
        consumed: set[str] = set()
        if event.process:
            direct = set(event.of("input", "input_quantity"))
            boxed = {inner for box in direct for inner in self._contents(box)} - direct
            self.inputs[event.process] |= boxed
            consumed = (direct | boxed) - self.outputs[event.process]
            for thing in sorted(direct | boxed):
                for stay in self.open():
                    in_used_box = stay.parent in direct | boxed and stay.kind == 1
                    if stay.child == thing and stay.by_quantity and in_used_box and thing in consumed:
                        self.used_amounts[thing].append(_left(stay))
            for thing in consumed:
                if stay := self._where(thing):
                    stay.until = number
                    out.append((stay.parent, thing))
        if event.destroys:
            for thing in event.of("epc"):
                if stay := self._where(thing):
                    stay.until = number
        if event.link and event.parent and event.action == "DELETE":
            out += self._removed(number, event)
        if event.link and event.parent and event.action == "ADD":
            self._put(number, event)
        self._tell(event, out, consumed)

    def _removed(self, number: int, event: Event) -> list[tuple[str, str]]:
        mine = [stay for stay in self.open() if stay.parent == event.parent and stay.kind == event.link]
        if not event.of("child", "child_quantity"):
            for stay in mine:
                stay.until = number
            return [(stay.parent, stay.child) for stay in mine]
        for stay in mine:
            if not stay.by_quantity:
                if stay.child in event.of("child"):
                    stay.until = number
                continue
            given = [
                one for key, role, one in event.mentions if key == stay.child and role in ("child", "child_quantity")
            ]
            if not given:
                continue
            stay.taken += given
            left = _left(stay)
            if left is None or left[1] <= 0:
                stay.until = number
        return []

    def _put(self, number: int, event: Event) -> None:
        assert event.parent
        for thing in event.of("child"):
            stay = self._where(thing)
            if stay and (stay.parent, stay.kind) == (event.parent, event.link):
                continue
            if stay:
                stay.until = number
            self.stays.append(Stay(thing, event.parent, event.link, number))
        for thing in event.of("child_quantity"):
            given = [one for key, role, one in event.mentions if key == thing and role == "child_quantity"]
            for stay in self.open():
                if stay.by_quantity and (stay.child, stay.parent, stay.kind) == (thing, event.parent, event.link):
                    stay.put += given
                    break
            else:
                self.stays.append(Stay(thing, event.parent, event.link, number, put=given, by_quantity=True))

    def _tell(self, event: Event, out: list[tuple[str, str]], consumed: set[str]) -> None:
        """R5: on what it names, on all inside that now, and on all just taken out, at any depth."""
        inside: dict[str, set[str]] = defaultdict(set)
        for stay in self.open():
            inside[stay.parent].add(stay.child)
        for parent, child in out:
            inside[parent].add(child)
        nearest: dict[str, tuple[int, str]] = {}
        for name in event.named:
            level, seen, steps = {name}, {name}, 0
            while level:
                steps += 1
                level = {child for box in level for child in inside[box]} - seen
                seen |= level
                for thing in level:
                    nearest[thing] = min(nearest.get(thing, (steps, name)), (steps, name))
        for name in event.named:
            self.on[name].append(Told(event, None, name in consumed))
        for thing, (_, way) in nearest.items():
            if thing not in event.named:
                self.on[thing].append(Told(event, way, thing in consumed))
        if event.destroys:
            for stay in self.open():
                told = self.on.get(stay.child)
                around = self.on.get(stay.parent)
                gone_too = bool(around) and around[-1].event is event  # type: ignore[index]
                if stay.by_quantity and gone_too and told and told[-1].event is event and told[-1].way is not None:
                    self.used_amounts[stay.child].append(_left(stay))

    def lots(self, item: str) -> set[str]:
        return {lot for one, lot in self.members if one == item}

    def items(self, lot: str) -> set[str]:
        return {item for item, one in self.members if one == lot}

    def installed(self) -> set[tuple[str, str]]:
        return {(stay.child, stay.parent) for stay in self.stays if stay.kind == 2}


def _left(stay: Stay) -> Amount:
    into = summed(stay.put)
    if into is None or not stay.taken:
        return into
    out = summed(stay.taken)
    return None if out is None or out[0] != into[0] else (into[0], into[1] - out[1])


def _content(event: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()
