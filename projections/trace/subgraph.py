"""The subgraph of a question: everything loaded, in local numbers, swept once (trace.md sections 2, 3 and 6).

Objects are numbered by position in `names`, events in the order of events, processes by position in `processes`. All
relations that the walks need are columns here; strings stay in the store until a page asks for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from projections.genealogy.port import Bit, Events, Ints, Mentions, Part, Reader
from projections.trace.columns import (
    CHILDREN,
    EMPTY,
    INPUTS,
    OUTPUTS,
    Groups,
    Numbering,
    distinct_sorted,
    has,
    in_order,
    select,
    union,
)
from projections.trace.history import CONTAINED, INSTALLED, LAST_ROLE, History, Swept
from projections.trace.load import Loader
from projections.trace.quantities import Act, Amount, Change, QuantityStay, amount_of, quantity_stays
from projections.trace.sweep import sweep


@dataclass(frozen=True, slots=True)
class Pairs:
    """Columns of equal length; what they hold is said where they are used."""

    first: Ints
    second: Ints


@dataclass(frozen=True, slots=True)
class Inputs:
    """Who went into which process by which event; `boxed` where by way of a container."""

    object: Ints
    process: Ints
    event: Ints
    extra: Ints
    boxed: Ints


@dataclass(frozen=True)
class Subgraph:
    """See the module. `place`, `consignees` are name handles per event or -1; `parent` an object number or -1.

    Rows (`row_*`) are the mentions of objects in events by role, in the order of events. `members` are (item, lot)
    pairs, `made` (process, object) pairs of owned objects, `joined` (item, lot as process, event) one per statement of
    R2, `outputs` all distinct (process, name handle) pairs of the processes walked.
    """

    reader: Reader
    names: Ints
    numbering: Numbering
    kinds: Ints
    events: Ints
    at: Events
    process: Ints
    place: Ints
    consignees: Ints
    parent: Ints
    row_event: Ints
    row_object: Ints
    row_part: Ints
    row_extra: Ints
    members: Pairs
    joined: Inputs
    processes: Ints
    made: Pairs
    outputs: Pairs
    quantity_stays: Sequence[QuantityStay]
    swept: Swept

    def numbers(self, names: Ints) -> Ints:
        """Object numbers of name handles; -1 for names that are not owned."""
        return self.numbering.find(names)

    @cached_property
    def rows_of(self) -> Groups:
        """Rows by object, in the order of events."""
        return Groups(self.row_object, self.names.size)

    @cached_property
    def lots_of(self) -> Groups:
        """Places in `members` by item."""
        return Groups(self.members.first, self.names.size)

    @cached_property
    def items_of(self) -> Groups:
        """Places in `members` by lot."""
        return Groups(self.members.second, self.names.size)

    def processes_of(self, thing: int) -> set[int]:
        """Processes that put an object out."""
        return set(self.made.first[self._made_by.of(thing)].tolist())

    @cached_property
    def _made_by(self) -> Groups:
        return Groups(self.made.second, self.names.size)

    def named_inputs(self) -> Inputs:
        mask = has(self.row_part, INPUTS)
        event = self.row_event[mask]
        return Inputs(
            self.row_object[mask], self.process[event], event, self.row_extra[mask], np.zeros(event.size, np.int64)
        )

    def boxed_inputs(self) -> Inputs:
        """Inputs by way of a container."""
        pairs = self.swept.used
        event, thing = pairs[:, 0], pairs[:, 1]
        return Inputs(thing, self.process[event], event, np.full(event.size, -1), np.ones(event.size, np.int64))

    @cached_property
    def inputs(self) -> Inputs:
        """Inputs by name and by way of a container."""
        named, boxed = self.named_inputs(), self.boxed_inputs()
        return Inputs(
            *(
                np.concatenate([getattr(named, column), getattr(boxed, column)])
                for column in ("object", "process", "event", "extra", "boxed")
            )
        )

    def installed(self) -> Pairs:
        """Every installation ever: (part, assembly)."""
        fitted = self.swept.link_kind == INSTALLED
        return Pairs(self.swept.link_child[fitted], self.swept.link_parent[fitted])


async def subgraph(loader: Loader, own_places: Sequence[str], watched: Ints = EMPTY) -> Subgraph:
    """Number, order and sweep what `loader` holds. `own_places` are keys in force as one's own; `watched` are name
    handles for which every event on them is wanted (`Swept.on`)."""
    reader = loader.reader
    rows = loader.rows()
    names = loader.owned.all()
    numbering = Numbering(names)
    roles = select(rows, rows.part <= LAST_ROLE)
    events, at = await in_order(reader, union(roles.event))
    position = Numbering(events)
    by_event = Groups(position.of(roles.event), events.size)
    roles = Mentions(*(column[by_event.order] for column in (roles.event, roles.name, roles.part, roles.extra)))
    row_event, row_object = position.of(roles.event), numbering.of(roles.name)
    row_part, row_extra = roles.part, roles.extra

    around = await reader.within(events, (Part.PROCESS, Part.READ_POINT, Part.LOCATION, Part.CONSIGNEES))
    handles = _per_event(position, around, (Part.PROCESS,), events.size)
    processes = union(loader.processes.all(), handles[handles >= 0])
    process_number = Numbering(processes)
    process = process_number.find(handles)
    place = _per_event(position, around, (Part.READ_POINT, Part.LOCATION), events.size)
    consignees = _per_event(position, around, (Part.CONSIGNEES,), events.size)
    parent = np.full(events.size, -1, np.int64)
    parents = row_part == Part.PARENT
    parent[row_event[parents]] = row_object[parents]

    out = has(row_part, OUTPUTS)
    made = distinct_sorted(process[row_event[out]] * names.size + row_object[out])
    member_rows = select(rows, rows.part == Part.MEMBER)
    member_rows = select(member_rows, numbering.find(member_rows.extra) >= 0)
    stays, columns = await _quantity_links(reader, at, parent, row_event, row_object, row_part, row_extra)
    own = await reader.find(own_places)
    put_out = loader.outputs()
    history = History(
        n=int(names.size),
        rank=await _ranks(reader, names, union(row_object[parents])),
        bits=at.bits,
        placed=(place >= 0).astype(np.int64),
        own_place=np.isin(place, own[own >= 0]).astype(np.int64),
        consigned=(consignees >= 0).astype(np.int64),
        process=process,
        start=by_event.start,
        name=row_object,
        part=row_part,
        outputs=made,
        quantity_child=columns[0],
        quantity_parent=columns[1],
        quantity_kind=columns[2],
        opens_start=columns[3],
        opens=columns[4],
        closes_start=columns[5],
        closes=columns[6],
        own_known=bool(own_places),
        watched=np.isin(names, watched).astype(np.int64),
    )
    return Subgraph(
        reader=reader,
        names=names,
        numbering=numbering,
        kinds=await reader.kinds(names),
        events=events,
        at=at,
        process=process,
        place=place,
        consignees=consignees,
        parent=parent,
        row_event=row_event,
        row_object=row_object,
        row_part=row_part,
        row_extra=row_extra,
        members=_pairs(numbering.of(member_rows.name), numbering.of(member_rows.extra)),
        joined=_joined(numbering, member_rows, position),
        processes=processes,
        made=Pairs(*np.divmod(made, max(names.size, 1))),
        outputs=_pairs(process_number.of(put_out[0]), put_out[1]),
        quantity_stays=stays,
        swept=sweep(history),
    )


def _pairs(first: Ints, second: Ints) -> Pairs:
    """Each pair once."""
    width = int(second.max()) + 1 if second.size else 1
    return Pairs(*np.divmod(distinct_sorted(first * width + second), width))


def _joined(numbering: Numbering, rows: Mentions, position: Numbering) -> Inputs:
    """Which event says that which item belongs to which lot."""
    item, lot = numbering.of(rows.name), numbering.of(rows.extra)
    return Inputs(item, lot, position.find(rows.event), rows.extra, np.zeros(item.size, np.int64))


def _per_event(position: Numbering, around: Mentions, parts: tuple[Part, ...], size: int) -> Ints:
    """One name handle per event, -1 for none; later parts win over earlier ones."""
    column = np.full(size, -1, np.int64)
    for wanted in parts:
        mask = around.part == wanted
        column[position.of(around.event[mask])] = around.name[mask]
    return column


async def _ranks(reader: Reader, names: Ints, boxes: Ints) -> Ints:
    """Rank by key of the objects that ever held something; only they can be what an event came by way of."""
    rank = np.zeros(names.size, np.int64)
    keys = await reader.texts(names[boxes])
    for position, number in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
        rank[boxes[number]] = position
    return rank


async def _quantity_links(
    reader: Reader, at: Events, parent: Ints, row_event: Ints, row_object: Ints, row_part: Ints, row_extra: Ints
) -> tuple[list[QuantityStay], list[Ints]]:
    """Stays by quantity, and the columns of them that `History` takes."""
    changes = await _changes(reader, at, parent, row_event, row_object, row_part, row_extra)
    stays: list[QuantityStay] = []
    links: list[tuple[int, int, int]] = []
    for (box, kind, thing), acts in changes.items():
        for stay in quantity_stays(acts):
            stays.append(stay)
            links.append((thing, box, kind))
    columns = np.array(links, np.int64).reshape(-1, 3)
    opened = np.array([stay.since for stay in stays], np.int64)
    closed = np.array([-1 if stay.until is None else stay.until for stay in stays], np.int64)
    size = at.us.size
    return stays, [columns[:, 0], columns[:, 1], columns[:, 2], *_by_event(opened, size), *_by_event(closed, size)]


def _by_event(event: Ints, size: int) -> tuple[Ints, Ints]:
    """Links grouped by event (-1 for none): start of each event's group, and the links."""
    groups = Groups(event, size)
    return groups.start, groups.order


async def _changes(
    reader: Reader, at: Events, parent: Ints, row_event: Ints, row_object: Ints, row_part: Ints, row_extra: Ints
) -> dict[tuple[int, int, int], list[Change]]:
    """What happened to each (container, kind of link, lot) that was ever put in by quantity, in the order of events."""
    bits = at.bits
    kind = np.where(bits & Bit.CONTAINS, CONTAINED, np.where(bits & Bit.INSTALLS, INSTALLED, 0))
    acts = (kind > 0) & (parent >= 0)
    rows = np.flatnonzero(has(row_part, CHILDREN) & acts[row_event] & ((bits[row_event] & (Bit.ADD | Bit.DELETE)) > 0))
    put = rows[(row_part[rows] == Part.CHILD_QUANTITY) & ((bits[row_event[rows]] & Bit.ADD) > 0)]
    keys = {(int(parent[row_event[r]]), int(kind[row_event[r]]), int(row_object[r])) for r in put}
    if not keys:
        return {}
    amounts = await _amounts(reader, row_extra[rows])
    found: dict[tuple[int, int, int], dict[int, list[Amount]]] = defaultdict(lambda: defaultdict(list))
    for row, amount in zip(rows.tolist(), amounts, strict=True):
        event = int(row_event[row])
        key = (int(parent[event]), int(kind[event]), int(row_object[row]))
        if key in keys and (row_part[row] == Part.CHILD_QUANTITY or bits[event] & Bit.DELETE):
            found[key][event].append(amount)
    emptied = np.flatnonzero(acts & ((bits & Bit.DELETE) > 0) & ((bits & Bit.NAMES_CHILD) == 0))
    clears: dict[tuple[int, int], list[int]] = defaultdict(list)
    for event in emptied.tolist():
        clears[int(parent[event]), int(kind[event])].append(event)
    changes: dict[tuple[int, int, int], list[Change]] = {}
    for key, by_event in found.items():
        listed = [
            Change(event, Act.PUT if bits[event] & Bit.ADD else Act.TAKE, tuple(given))
            for event, given in by_event.items()
        ]
        listed.extend(Change(event, Act.CLEAR) for event in clears.get(key[:2], ()))
        changes[key] = sorted(listed, key=lambda change: change.event)
    return changes


async def _amounts(reader: Reader, handles: Ints) -> list[Amount]:
    given = np.unique(handles[handles >= 0])
    texts = dict(zip(given.tolist(), await reader.quantities(given), strict=True))
    return [amount_of(texts.get(int(handle))) for handle in handles]
