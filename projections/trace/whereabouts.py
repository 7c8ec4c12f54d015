"""Where is it now: state, place, carriers and consignees of the objects of a subgraph (trace.md section 6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from fractions import Fraction
from functools import cached_property
from typing import Final

import numpy as np
import orjson

from projections.genealogy.port import KINDS, Bit, Ints, Mask, Part
from projections.trace.columns import INPUTS, Groups, Numbering, distinct, has, ranges
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
from projections.trace.kernels import coded, counted_around
from projections.trace.quantities import Amount, QuantityStay, amount_of, total
from projections.trace.subgraph import Subgraph
from schemas.identifiers import Kind
from schemas.units import from_base

STATES: Final = (
    "in_stock", "in_process", "in_transit", "delivered", "consumed", "installed", "destroyed", "returned", "unknown",
)  # fmt: skip
"""States by code."""
_OF_MOVE: Final = {MOVE_RETURNED: "returned", MOVE_DELIVERED: "delivered", MOVE_IN_TRANSIT: "in_transit"}
_BY_QUANTITY: Final = (Part.QUANTITY, Part.CHILD_QUANTITY, Part.INPUT_QUANTITY, Part.OUTPUT_QUANTITY)
_ITEM: Final = KINDS.index(Kind.ITEM)


class Whereabouts:
    """Answers about the objects of one swept subgraph; object numbers in, numbers or texts out.

    `states` are codes of `STATES`, `parties` all consignees in the order of their keys.
    """

    def __init__(
        self, graph: Subgraph, quantities: dict[int, tuple[str, str | None]], lists: Ints, parties: list[list[str]]
    ) -> None:
        self._graph = graph
        self._quantities = quantities
        swept = graph.swept
        inside = np.flatnonzero((swept.link_from >= 0) & (swept.link_until == graph.events.size))
        groups = Groups(swept.link_child[inside], graph.names.size)
        self._open_start, self._open = groups.start, inside[groups.order]
        self._stays: dict[int, list[tuple[int, QuantityStay]]] = defaultdict(list)
        for link, stay in enumerate(graph.quantity_stays):
            if link < swept.link_from.size and swept.link_from[link] >= 0:
                self._stays[int(swept.link_child[link])].append((link, stay))
        self._lists = dict(zip(lists.tolist(), parties, strict=True))
        self.parties = sorted({party for listed in parties for party in listed})
        self._sent_object, self._sent_party = self._consigned(lists, parties)
        self._around: dict[int, list[tuple[int, int]]] = {}
        self.states = self._states()

    @classmethod
    async def of(cls, graph: Subgraph) -> Whereabouts:
        handles = distinct(graph.row_extra[graph.row_extra >= 0])
        texts = await graph.reader.quantities(handles)
        quantities = dict(zip(handles.tolist(), texts, strict=True))
        lists = distinct(graph.consignees[graph.consignees >= 0])
        return cls(graph, quantities, lists, [orjson.loads(text) for text in await graph.reader.texts(lists)])

    def _consigned(self, lists: Ints, parties: list[list[str]]) -> tuple[Ints, Ints]:
        """(object, party) pairs of all shipments, each once."""
        number = {party: at for at, party in enumerate(self.parties)}
        flat = np.array([number[party] for listed in parties for party in listed], np.int64)
        count = np.array([len(listed) for listed in parties], np.int64)
        shipped = self._graph.swept.shipped
        at = Numbering(lists).of(self._graph.consignees[shipped[:, 0]])
        thing = np.repeat(shipped[:, 1], count[at])
        party = flat[ranges((np.cumsum(count) - count)[at], count[at])]
        width = max(len(self.parties), 1)
        pairs: tuple[Ints, Ints] = np.divmod(coded(thing * width + party)[1], width)
        return pairs

    def _states(self) -> Ints:
        graph, swept = self._graph, self._graph.swept
        code = {word: at for at, word in enumerate(STATES)}
        state = np.full(graph.names.size, code["in_stock"], np.int64)
        bits = graph.at.bits[np.maximum(swept.last, 0)] if graph.events.size else np.zeros(graph.names.size, np.int64)
        state[(bits & Bit.IN_PROGRESS) != 0] = code["in_process"]
        state[swept.move == MOVE_IN_STOCK] = code["in_stock"]
        for move, word in _OF_MOVE.items():
            state[swept.move == move] = code[word]
        state[swept.link_child[self._open[swept.link_kind[self._open] == INSTALLED]]] = code["installed"]
        ended = swept.term.copy()
        quantified = np.zeros(graph.names.size, np.bool_)
        quantified[graph.row_object[has(graph.row_part, _BY_QUANTITY)]] = True
        for thing in np.flatnonzero((ended > 0) & quantified).tolist():
            if not self._used_up(thing):
                ended[thing] = 0
        state[ended == TERM_CONSUMED] = code["consumed"]
        state[ended == TERM_DESTROYED] = code["destroyed"]
        state[swept.last < 0] = code["unknown"]
        return state

    def state(self, thing: int) -> str:
        return STATES[int(self.states[thing])]

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
        went.extend(amount for _, amount in self.taken_in_containers(thing, made))
        return came, went

    def taken_in_containers(self, thing: int, made: set[int]) -> list[tuple[int, Amount]]:
        """(event, what a stay by quantity then held) where its container was used or destroyed."""
        swept = self._graph.swept
        return [
            (event, stay.held_at(event))
            for link, stay in self._stays.get(thing, ())
            for event in self._ends_of(thing, link, made)
            if swept.link_from[link] <= event < swept.link_until[link]
        ]

    def _ends_of(self, thing: int, link: int, made: set[int]) -> list[int]:
        """Events at which a content is consumed by way of its container, or a content or part is destroyed with it."""
        graph, box = self._graph, int(self._graph.swept.link_parent[link])
        rows = graph.rows_of.of(box)
        used: list[int] = graph.row_event[rows[has(graph.row_part[rows], INPUTS)]].tolist()
        used += graph.swept.used[self._used_of.of(box), 0].tolist()
        gone = self._destroyed_at(box) & self._destroyed_at(thing)
        named = set(graph.row_event[graph.rows_of.of(thing)].tolist())
        consuming = [event for event in dict.fromkeys(used) if int(graph.process[event]) not in made]
        contained = graph.swept.link_kind[link] == CONTAINED
        return (consuming if contained else []) + sorted(gone - named)

    @cached_property
    def _used_of(self) -> Groups:
        return Groups(self._graph.swept.used[:, 1], self._graph.names.size)

    @cached_property
    def _gone_of(self) -> Groups:
        return Groups(self._graph.swept.gone[:, 1], self._graph.names.size)

    @cached_property
    def _shipped_of(self) -> Groups:
        return Groups(self._graph.swept.shipped[:, 1], self._graph.names.size)

    @cached_property
    def _sent_of(self) -> Groups:
        return Groups(self._sent_object, self._graph.names.size)

    def _destroyed_at(self, thing: int) -> set[int]:
        return set(self._graph.swept.gone[self._gone_of.of(thing), 0].tolist())

    def carriers(self, thing: int) -> list[tuple[int, int]]:
        """(container or assembly, steps from the object) around an object now, each once, at its fewest steps."""
        boxes = self._boxes(thing)
        if not boxes:
            return []
        if len(boxes) == 1 and boxes[0] != thing:
            around = self._around.get(boxes[0])
            if around is None:
                around = self._around[boxes[0]] = self._outward(boxes[0])
            return [(boxes[0], 1), *((box, steps + 1) for box, steps in around if box != thing)]
        return self._outward(thing)

    def _outward(self, thing: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        seen = {thing}
        level = [thing]
        steps = 0
        while level:
            steps += 1
            boxes = {box for inner in level for box in self._boxes(inner)} - seen
            found.extend((box, steps) for box in boxes)
            seen |= boxes
            level = list(boxes)
        return found

    def _boxes(self, thing: int) -> list[int]:
        """What it is directly in; not always each once."""
        start, end = self._open_start[thing : thing + 2].tolist()
        return self._open_parents[start:end]

    @cached_property
    def _open_parents(self) -> list[int]:
        parents: list[int] = self._graph.swept.link_parent[self._open].tolist()
        return parents

    def holds(self, things: Ints) -> Ints:
        """How many of `things` each object holds now, at any depth."""
        parents = self._graph.swept.link_parent[self._open]
        holds: Ints = counted_around(things, self._open_start, parents, self._graph.names.size)
        return holds

    def shipments(self, thing: int) -> list[tuple[int, list[str]]]:
        """(event, consignees) of every shipment of an object, in the order of events."""
        events: list[int] = self._graph.swept.shipped[self._shipped_of.of(thing), 0].tolist()
        return [(event, self._lists[int(self._graph.consignees[event])]) for event in events]

    def consignees(self, thing: int) -> list[str]:
        parties = self._sent_party[self._sent_of.of(thing)].tolist()
        return [self.parties[party] for party in sorted(parties)]

    def sent_to(self, parties: Collection[str]) -> Mask:
        """Mask over objects: shipped to one of these parties."""
        mask = np.zeros(self._graph.names.size, np.bool_)
        wanted = np.array([party in parties for party in self.parties], np.bool_)
        mask[self._sent_object[wanted[self._sent_party]]] = True
        return mask

    def objects_by_consignee(self, things: Mask) -> dict[str, int]:
        """How many of these objects each party was sent."""
        counts = np.bincount(self._sent_party[things[self._sent_object]], minlength=len(self.parties)).tolist()
        return {party: count for party, count in zip(self.parties, counts, strict=True) if count}

    def items_by_consignee(self, products: Ints) -> dict[tuple[str, int], int]:
        """How many items of each product each party was sent; `products` are codes by object, -1 for what does not
        count."""
        product = products[self._sent_object]
        of_item = product >= 0
        width = int(products.max()) + 1 if products.size else 1
        codes, values = coded(self._sent_party[of_item] * width + product[of_item])
        counts = np.bincount(codes, minlength=values.size).tolist()
        return {
            (self.parties[value // width], value % width): count
            for value, count in zip(values.tolist(), counts, strict=True)
        }

    def was_sent(self) -> Mask:
        """Mask over objects: shipped to anybody."""
        mask = np.zeros(self._graph.names.size, np.bool_)
        mask[self._sent_object] = True
        return mask

    def possible_consignees(self, thing: int) -> list[str]:
        """Of an item: whom its lots were shipped to, but for those it is known to have gone to itself."""
        if self._graph.kinds[thing] != _ITEM:
            return []
        lots = self._graph.members.second[self._graph.lots_of.of(thing)].tolist()
        if not lots:
            return []
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
        found: list[tuple[Fraction, str | None]] = []
        for stay in self._stays_at(thing, event):
            held, named = stay.held_at(event), self._named_at(thing, stay.since)
            unit = named[0][1] if named else None
            value = None if held is None else from_base(held[0], held[1], unit)
            if value is not None:
                found.append((value, unit))
        return found

    def held_at(self, thing: int, event: int) -> list[Amount]:
        """What each stay by quantity of a lot, in a container that an event concerns, then held."""
        return [stay.held_at(event) for stay in self._stays_at(thing, event)]

    def _stays_at(self, thing: int, event: int) -> list[QuantityStay]:
        swept = self._graph.swept
        return [
            stay
            for link, stay in self._stays.get(thing, ())
            if swept.link_from[link] <= event < swept.link_until[link]
            and self._concerned(int(swept.link_parent[link]), event)
        ]

    def _concerned(self, box: int, event: int) -> bool:
        """True if the event names the container or one that was around it then, or took it out (R5)."""
        graph, swept = self._graph, self._graph.swept
        first, last = np.searchsorted(graph.row_event, (event, event + 1)).tolist()
        named = set(graph.row_object[first:last].tolist())
        seen: set[int] = set()
        level = {box}
        while level:
            if level & named:
                return True
            seen |= level
            links = [link for inner in level for link in self._links_of.each(inner)]
            level = {
                int(swept.link_parent[link])
                for link in links
                if 0 <= swept.link_from[link] <= event <= swept.link_until[link]
            } - seen
        return False

    @cached_property
    def _links_of(self) -> Groups:
        return Groups(self._graph.swept.link_child, self._graph.names.size)

    def quantity_of(self, handle: int) -> tuple[str, str | None] | None:
        """Decimal text and unit of a quantity handle, None for none."""
        return self._quantities.get(handle)
