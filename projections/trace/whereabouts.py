"""Where is it now: state, place, carriers and consignees of the objects of a subgraph (trace.md section 6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import orjson

from projections.genealogy.port import KINDS, Bit, Part
from projections.trace.columns import INPUTS, has
from projections.trace.history import (
    CONTAINED,
    INSTALLED,
    MOVE_DELIVERED,
    MOVE_IN_STOCK,
    MOVE_IN_TRANSIT,
    MOVE_RETURNED,
    TERM_CONSUMED,
    TERM_DESTROYED,
)
from projections.trace.quantities import Amount, amount_of, total
from projections.trace.subgraph import Subgraph
from schemas.identifiers import Kind
from schemas.units import from_base

_OF_MOVE = {MOVE_RETURNED: "returned", MOVE_DELIVERED: "delivered", MOVE_IN_TRANSIT: "in_transit"}
_BY_QUANTITY = (Part.QUANTITY, Part.CHILD_QUANTITY, Part.INPUT_QUANTITY, Part.OUTPUT_QUANTITY)
_ITEM = KINDS.index(Kind.ITEM)


@dataclass(frozen=True, slots=True)
class Around:
    """A container or assembly around an object: steps from the object, object number."""

    steps: int
    box: int


class Whereabouts:
    """Answers about the objects of one swept subgraph; object numbers in, numbers or texts out."""

    def __init__(self, graph: Subgraph, quantities: dict[int, tuple[str, str | None]]) -> None:
        self._graph = graph
        self._quantities = quantities
        size = graph.events.size
        swept = graph.swept
        links = swept.link_from.size
        open_ = (swept.link_from >= 0) & (swept.link_until == size)
        self._open: dict[int, list[int]] = defaultdict(list)
        for link in np.flatnonzero(open_):
            self._open[int(swept.link_child[link])].append(int(link))
        self._stays = {
            link: stay for link, stay in enumerate(graph.quantity_stays) if link < links and swept.link_from[link] >= 0
        }
        self._consignees = self._shipped()

    @classmethod
    async def of(cls, graph: Subgraph) -> Whereabouts:
        handles = np.unique(graph.row_extra[graph.row_extra >= 0])
        texts = await graph.reader.quantities(handles)
        quantities = dict(zip(handles.tolist(), texts, strict=True))
        found = cls(graph, quantities)
        lists = np.unique(graph.consignees[graph.consignees >= 0])
        for handle, text in zip(lists.tolist(), await graph.reader.texts(lists), strict=True):
            found._parties[handle] = orjson.loads(text)
        return found

    def _shipped(self) -> dict[int, list[int]]:
        self._parties: dict[int, list[str]] = {}
        pairs = self._graph.swept.shipped
        events: dict[int, list[int]] = defaultdict(list)
        for event, thing in pairs.tolist():
            events[thing].append(event)
        return events

    def states(self) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        """State of every object."""
        graph, swept = self._graph, self._graph.swept
        state = np.full(graph.names.size, "in_stock", object)
        bits = graph.at.bits[np.maximum(swept.last, 0)] if graph.events.size else np.zeros(graph.names.size, np.int64)
        state[(bits & Bit.IN_PROGRESS) != 0] = "in_process"
        state[swept.move == MOVE_IN_STOCK] = "in_stock"
        for move, word in _OF_MOVE.items():
            state[swept.move == move] = word
        fitted = [thing for thing, links in self._open.items() if any(swept.link_kind[k] == INSTALLED for k in links)]
        state[fitted] = "installed"
        ended = swept.term.copy()
        quantified = np.zeros(graph.names.size, np.bool_)
        quantified[graph.row_object[has(graph.row_part, _BY_QUANTITY)]] = True
        for thing in np.flatnonzero((ended > 0) & quantified):
            if not self._used_up(int(thing)):
                ended[thing] = 0
        state[ended == TERM_CONSUMED] = "consumed"
        state[ended == TERM_DESTROYED] = "destroyed"
        state[swept.last < 0] = "unknown"
        return state

    def _used_up(self, thing: int) -> bool:
        """True when what was consumed and destroyed reaches what was created and received, in one unit."""
        came, went = self.came_and_went(thing)
        into, out = total(came), total(went)
        return into is not None and out is not None and into[0] == out[0] and out[1] >= into[1]

    def came_and_went(self, thing: int) -> tuple[list[Amount], list[Amount]]:
        """Quantities created and received, and quantities consumed and destroyed; None for one not given."""
        graph = self._graph
        rows = graph.rows_of.of(thing)
        came: list[Amount] = []
        went: list[Amount] = []
        made = graph.processes_of(thing)
        for row in rows.tolist():
            part, event = int(graph.row_part[row]), int(graph.row_event[row])
            bits = int(graph.at.bits[event])
            amount = amount_of(self._quantities.get(int(graph.row_extra[row])))
            listed = part in (Part.EPC, Part.QUANTITY)
            creates = listed and bits & Bit.OBJECT_EVENT and bits & Bit.ADD
            if part in (Part.OUTPUT, Part.OUTPUT_QUANTITY) or creates or (listed and bits & Bit.RECEIVES):
                came.append(amount)
            if listed and bits & Bit.DESTROYS:
                went.append(amount)
            if part in (Part.INPUT, Part.INPUT_QUANTITY) and int(graph.process[event]) not in made:
                went.append(amount)
        went.extend(self._taken_in_containers(thing, made))
        return came, went

    def _taken_in_containers(self, thing: int, made: set[int]) -> list[Amount]:
        """What stays by quantity held when their container was used or destroyed."""
        swept = self._graph.swept
        return [
            stay.held_at(event)
            for link, stay in self._stays.items()
            if int(swept.link_child[link]) == thing
            for event in self._ends_of(thing, link, made)
            if swept.link_from[link] <= event < swept.link_until[link]
        ]

    def _ends_of(self, thing: int, link: int, made: set[int]) -> list[int]:
        """Events at which a content is consumed by way of its container, or a content or part is destroyed with it."""
        graph, box = self._graph, int(self._graph.swept.link_parent[link])
        used: list[int] = graph.row_event[(graph.row_object == box) & has(graph.row_part, INPUTS)].tolist()
        pairs = graph.swept.used
        used += pairs[pairs[:, 1] == box, 0].tolist()
        gone = self._destroyed_at(box) & self._destroyed_at(thing)
        named = set(graph.row_event[graph.row_object == thing].tolist())
        consuming = [event for event in dict.fromkeys(used) if int(graph.process[event]) not in made]
        contained = graph.swept.link_kind[link] == CONTAINED
        return (consuming if contained else []) + sorted(gone - named)

    def _destroyed_at(self, thing: int) -> set[int]:
        pairs = self._graph.swept.gone
        return set(pairs[pairs[:, 1] == thing, 0].tolist())

    def carriers(self, thing: int) -> list[Around]:
        """Containers and assemblies around an object now, each once, at its fewest steps; unordered within a step."""
        swept = self._graph.swept
        found: list[Around] = []
        seen = {thing}
        level = [thing]
        steps = 0
        while level:
            steps += 1
            boxes = {int(swept.link_parent[k]) for inner in level for k in self._open.get(inner, ())} - seen
            found.extend(Around(steps, box) for box in sorted(boxes))
            seen |= boxes
            level = sorted(boxes)
        return found

    def shipments(self, thing: int) -> list[tuple[int, list[str]]]:
        """(event, consignees) of every shipment of an object, in the order of events."""
        graph = self._graph
        return [(event, self._parties[int(graph.consignees[event])]) for event in self._consignees.get(thing, ())]

    def consignees(self, thing: int) -> list[str]:
        return sorted({party for _, parties in self.shipments(thing) for party in parties})

    def possible_consignees(self, thing: int) -> list[str]:
        """Of an item: whom its lots were shipped to, but for those it is known to have gone to itself."""
        if self._graph.kinds[thing] != _ITEM:
            return []
        members = self._graph.members
        lots = members.second[members.first == thing].tolist()
        return sorted({party for lot in lots for party in self.consignees(lot)} - set(self.consignees(thing)))

    def sent(self, thing: int) -> list[tuple[str, Fraction, str | None]]:
        """(consignee, quantity, unit) of each shipment of a lot: what the event names, else what the stays by
        quantity in the containers shipped then held. Nothing for a quantity that is not given."""
        found: list[tuple[str, Fraction, str | None]] = []
        for event, parties in self.shipments(thing):
            amounts = self._named_at(thing, event)
            if amounts is None:
                amounts = self._held_at(thing, event)
            found.extend((party, value, unit) for party in parties for value, unit in amounts)
        return found

    def _named_at(self, thing: int, event: int) -> list[tuple[Fraction, str | None]] | None:
        """Quantities an event names of an object; None if it does not name it."""
        graph = self._graph
        rows = graph.rows_of.of(thing)
        rows = rows[graph.row_event[rows] == event]
        if not rows.size:
            return None
        given = (self._quantities.get(int(graph.row_extra[row])) for row in rows)
        return [(Fraction(one[0]), one[1]) for one in given if one is not None]

    def _held_at(self, thing: int, event: int) -> list[tuple[Fraction, str | None]]:
        swept = self._graph.swept
        found: list[tuple[Fraction, str | None]] = []
        for link, stay in self._stays.items():
            inside = swept.link_from[link] <= event < swept.link_until[link]
            if int(swept.link_child[link]) != thing or not inside:
                continue
            held, named = stay.held_at(event), self._named_at(thing, stay.since)
            unit = named[0][1] if named else None
            value = None if held is None else from_base(held[0], held[1], unit)
            if value is not None:
                found.append((value, unit))
        return found

    def quantity_of(self, handle: int) -> tuple[str, str | None] | None:
        """Decimal text and unit of a quantity handle, None for none."""
        return self._quantities.get(handle)


def counted(words: Iterable[str]) -> dict[str, int]:
    """How often each occurs, by key."""
    found: dict[str, int] = defaultdict(int)
    for word in words:
        found[word] += 1
    return dict(sorted(found.items()))
