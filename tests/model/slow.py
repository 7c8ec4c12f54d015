"""A slow model of trace.md, sentence by sentence, that shares no code with the product. Clarity before speed.

Everything is recomputed for every question: the events in force are put in order and walked once with the plain state
"who is inside what"; then the rules of sections 4 and 5 are applied until nothing changes.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.model.reading import SHIPS, Amount, Event, Mention, summed


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
    since: Event
    until: Event | None = None
    put: list[Amount] = field(default_factory=list)
    taken: list[Amount] = field(default_factory=list)
    by_quantity: bool = False
    unit: str | None = None


class World:
    """What was so under a question's limits: everything the answers need."""

    def __init__(
        self, records: list[dict[str, Any]], known_us: int, happened: Fraction | None, own: frozenset[str]
    ) -> None:
        self.own = own
        self.events = self._in_force(records, known_us, happened)
        self.stays: list[Stay] = []
        self.on: dict[str, list[Told]] = defaultdict(list)
        self.inputs: dict[str, set[str]] = defaultdict(set)
        self.outputs: dict[str, set[str]] = defaultdict(set)
        self.members: set[tuple[str, str]] = {pair for event in self.events for pair in event.members}
        self.uses: list[tuple[str, str, Event, Mention | None]] = []
        """Process, input, event, and how the event names it (None: in a container)."""
        self.shipped: dict[tuple[str, str], list[tuple[Amount, str | None]]] = defaultdict(list)
        """By eventID and object: what the stays in containers shipped then held, and the unit put in first."""
        self.inside: list[tuple[Event, dict[str, set[str]]]] = []
        """After each event, what is directly in what by R4."""
        for event in self.events:
            if event.process:
                self.outputs[event.process] |= set(event.outputs)
                self.inputs[event.process] |= set(event.inputs)
        self.used_amounts: dict[str, list[Amount]] = defaultdict(list)
        for event in self.events:
            self._happen(event)
            packed: dict[str, set[str]] = defaultdict(set)
            for stay in self.open():
                if stay.kind == 1:
                    packed[stay.parent].add(stay.child)
            self.inside.append((event, packed))

    @staticmethod
    def _in_force(records: list[dict[str, Any]], known_us: int, happened: Fraction | None) -> list[Event]:
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
            if happened is not None and event.at > happened:
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

    def _happen(self, event: Event) -> None:
        out: list[tuple[str, str]] = []
        consumed: set[str] = set()
        if event.process:
            direct = set(event.inputs)
            boxed = {inner for box in direct for inner in self._contents(box)} - direct
            self.inputs[event.process] |= boxed
            self.uses += [
                (event.process, one.key, event, one) for one in event.mentions if one.role.startswith("input")
            ]
            self.uses += [(event.process, thing, event, None) for thing in sorted(boxed)]
            consumed = (direct | boxed) - self.outputs[event.process]
            for thing in sorted(direct | boxed):
                for stay in self.open():
                    in_used_box = stay.parent in direct | boxed and stay.kind == 1
                    if stay.child == thing and stay.by_quantity and in_used_box and thing in consumed:
                        self.used_amounts[thing].append(_left(stay))
            for thing in consumed:
                if stay := self._where(thing):
                    stay.until = event
                    out.append((stay.parent, thing))
        if event.destroys:
            for thing in event.of("epc"):
                if stay := self._where(thing):
                    stay.until = event
        if event.link and event.parent and event.action == "DELETE":
            out += self._removed(event)
        if event.link and event.parent and event.action == "ADD":
            self._put(event)
        self._tell(event, out, consumed)

    def _removed(self, event: Event) -> list[tuple[str, str]]:
        mine = [stay for stay in self.open() if stay.parent == event.parent and stay.kind == event.link]
        if not event.of("child", "child_quantity"):
            for stay in mine:
                stay.until = event
            return [(stay.parent, stay.child) for stay in mine]
        for stay in mine:
            if not stay.by_quantity:
                if stay.child in event.of("child"):
                    stay.until = event
                continue
            given = [
                one.amount
                for one in event.mentions
                if one.key == stay.child and one.role in ("child", "child_quantity")
            ]
            if not given:
                continue
            stay.taken += given
            left = _left(stay)
            if left is None or left[1] <= 0:
                stay.until = event
        return []

    def _put(self, event: Event) -> None:
        assert event.parent
        for thing in event.of("child"):
            stay = self._where(thing)
            if stay and (stay.parent, stay.kind) == (event.parent, event.link):
                continue
            if stay:
                stay.until = event
            self.stays.append(Stay(thing, event.parent, event.link, event))
        for thing in event.of("child_quantity"):
            named = [one for one in event.mentions if one.key == thing and one.role == "child_quantity"]
            given = [one.amount for one in named]
            for stay in self.open():
                if stay.by_quantity and (stay.child, stay.parent, stay.kind) == (thing, event.parent, event.link):
                    stay.put += given
                    break
            else:
                stay = Stay(thing, event.parent, event.link, event, put=given, by_quantity=True, unit=named[0].unit)
                self.stays.append(stay)

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
                carrier = self.on.get(stay.parent)
                gone_too = bool(carrier) and carrier[-1].event is event  # type: ignore[index]
                if stay.by_quantity and gone_too and told and told[-1].event is event and told[-1].way is not None:
                    self.used_amounts[stay.child].append(_left(stay))

        if event.step in SHIPS:
            for stay in self.open():
                around = stay.parent in event.named or stay.parent in nearest
                if stay.by_quantity and around and stay.child not in event.named:
                    self.shipped[event.id, stay.child].append((_left(stay), stay.unit))

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
