"""The subgraph of a question: everything loaded, in local numbers, swept once (trace.md sections 2, 3 and 6).

Objects are numbered by position in `names`, events in the order of events, processes by position in `processes`. All
relations that the walks need are columns here; strings stay in the store until a page asks for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from projections.genealogy.port import Bit, Events, Ints, Mentions, Part, Reader
from projections.trace.columns import CHILDREN, EMPTY, INPUTS, OUTPUTS, has, in_order, select, union
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


@dataclass(frozen=True, slots=True)
class Subgraph:
    """See the module. `place`, `consignees` are name handles per event or -1; `parent` an object number or -1.

    Rows (`row_*`) are the mentions of objects in events by role. `members` are (item, lot) pairs, `made` (process,
    object) pairs of owned objects, `joined` (item, lot as process, event) one per statement of R2, `outputs` all
    distinct (process, name handle) pairs of the processes walked.
    """

    reader: Reader
    names: Ints
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
        """Object numbers of name handles; only owned names may be asked for."""
        return np.searchsorted(self.names, names)

    def owned(self, names: Ints) -> Ints:
        """Object numbers of those name handles that are owned."""
        return np.flatnonzero(np.isin(self.names, names))

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

    def inputs(self) -> Inputs:
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
    names = loader.owned
    roles = select(rows, rows.part <= LAST_ROLE)
    events, at = await in_order(reader, np.unique(roles.event))
    position = _Positions(events)
    row_event = position.of(roles.event)
    order = np.lexsort((roles.name, row_event))
    row_event, row_object = row_event[order], np.searchsorted(names, roles.name)[order]
    row_part, row_extra = roles.part[order], roles.extra[order]

    around = await reader.within(events, (Part.PROCESS, Part.READ_POINT, Part.LOCATION, Part.CONSIGNEES))
    handles = _per_event(position, around.event, around.name, around.part, (Part.PROCESS,), events.size)
    processes = union(handles[handles >= 0], loader.processes)
    process = np.where(handles >= 0, np.searchsorted(processes, handles), -1)
    place = _per_event(position, around.event, around.name, around.part, (Part.READ_POINT, Part.LOCATION), events.size)
    consignees = _per_event(position, around.event, around.name, around.part, (Part.CONSIGNEES,), events.size)
    parent = np.full(events.size, -1, np.int64)
    parents = row_part == Part.PARENT
    parent[row_event[parents]] = row_object[parents]

    out = has(row_part, OUTPUTS)
    made = np.unique(np.stack([process[row_event[out]], row_object[out]]), axis=1)
    member_rows = select(rows, rows.part == Part.MEMBER)
    member_rows = select(member_rows, np.isin(member_rows.extra, names))
    members = np.unique(
        np.stack([np.searchsorted(names, member_rows.name), np.searchsorted(names, member_rows.extra)]), axis=1
    )
    pairs = loader.outputs()
    stays, columns = await _quantity_links(reader, at, parent, row_event, row_object, row_part, row_extra)
    own = await reader.find(own_places)
    history = History(
        n=int(names.size),
        rank=await _ranks(reader, names, np.unique(row_object[parents])),
        bits=at.bits,
        placed=(place >= 0).astype(np.int64),
        own_place=np.isin(place, own[own >= 0]).astype(np.int64),
        consigned=(consignees >= 0).astype(np.int64),
        process=process,
        start=np.searchsorted(row_event, np.arange(events.size + 1)).astype(np.int64),
        name=row_object,
        part=row_part,
        outputs=np.sort(made[0] * names.size + made[1]),
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
        members=Pairs(members[0], members[1]),
        joined=_joined(names, member_rows, position),
        processes=processes,
        made=Pairs(made[0], made[1]),
        outputs=Pairs(np.searchsorted(processes, pairs[0]), pairs[1]),
        quantity_stays=stays,
        swept=sweep(history),
    )


def _joined(names: Ints, rows: Mentions, position: _Positions) -> Inputs:
    """Which event says that which item belongs to which lot; events that only say so are not among the graph's."""
    item, lot = np.searchsorted(names, rows.name), np.searchsorted(names, rows.extra)
    return Inputs(item, lot, position.of(rows.event), rows.extra, np.zeros(item.size, np.int64))


class _Positions:
    """Event handles to their numbers in the order of events."""

    def __init__(self, events: Ints) -> None:
        self._order = np.argsort(events, kind="stable")
        self._sorted = events[self._order]

    def of(self, handles: Ints) -> Ints:
        return self._order[np.searchsorted(self._sorted, handles)] if handles.size else EMPTY


def _per_event(position: _Positions, event: Ints, name: Ints, part: Ints, parts: tuple[Part, ...], size: int) -> Ints:
    """One name handle per event, -1 for none; later parts win over earlier ones."""
    column = np.full(size, -1, np.int64)
    for wanted in parts:
        mask = part == wanted
        column[position.of(event[mask])] = name[mask]
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
    links = np.flatnonzero(event >= 0)
    links = links[np.argsort(event[links], kind="stable")]
    return np.searchsorted(event[links], np.arange(size + 1)).astype(np.int64), links


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
