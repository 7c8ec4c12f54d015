"""Surprising facts, flagged and never refused (api.md): derived under the question's limits, never stored.

Each flag names the event and says why. They are functions of the events that name an object, in the order of events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

import numpy as np

from projections.genealogy.port import Bit, Ints, Part, Reader
from projections.trace.columns import CHILDREN, INPUTS, has
from projections.trace.history import CONTAINED, CONTAINS, DELETE, DESTROYS, INSTALLED, INSTALLS
from projections.trace.load import Loader
from projections.trace.subgraph import Subgraph, subgraph
from schemas.times import utc_text
from schemas.units import to_base

EARLIEST_US: Final = 946_684_800_000_000
"""2000-01-01: no clock of a line that scans is right before it."""
AHEAD_US: Final = 86_400_000_000
"""A day: an event that happened later than this after it was recorded has a wrong clock."""
TWICE_US: Final = 5_000_000
ABSURD: Final = Decimal(10) ** 9
_FINER: Final = int(Bit.FINER)
_ACTING: Final = int(Bit.SHIPS | Bit.RECEIVES | Bit.SELLS | Bit.VOIDS_SHIPPING)
_BY_QUANTITY: Final = (Part.QUANTITY, Part.CHILD_QUANTITY, Part.INPUT_QUANTITY, Part.OUTPUT_QUANTITY)
_LISTED: Final = (Part.EPC, Part.QUANTITY, *CHILDREN, Part.PARENT)


Sentence = Literal[
    "dated_early",
    "dated_ahead",
    "scanned_twice",
    "consumed_twice",
    "after_destroyed",
    "not_inside",
    "absurd_pieces",
    "absurd_amount",
    "no_unit",
    "no_count",
]


@dataclass(frozen=True, slots=True, order=True)
class Because:
    """Why something is flagged: a sentence by its name, and what fills its gaps, as (gap, text)."""

    sentence: Sentence
    given: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """`flag` is the word; `object` and `event` are numbers of the subgraph."""

    flag: str
    object: int
    event: int
    because: Because


async def flags_of(graph: Subgraph, objects: Iterable[int]) -> dict[int, list[Flag]]:
    """Flags of these objects, by object number, in the order of events."""
    found: dict[int, list[Flag]] = {}
    for thing in suspects(graph, list(dict.fromkeys(objects))):
        if flags := await flags_of_one(graph, thing):
            found[thing] = flags
    return found


async def flags_of_one(graph: Subgraph, thing: int) -> list[Flag]:
    """Flags of one object, in the order of events."""
    rows = graph.rows_of.of(thing)
    flags = [*_clocks(graph, thing, rows), *_repeats(graph, thing, rows), *_endings(graph, thing, rows)]
    flags += [*_not_inside(graph, thing, rows), *await _amounts(graph, thing, rows)]
    return sorted(flags, key=lambda flag: (flag.event, flag.flag))


def suspects(graph: Subgraph, objects: list[int]) -> list[int]:
    """Those of the objects that a flag can stand on, by one look at the columns of all; most have nothing odd."""
    things = np.array(objects, np.int64)
    rows = graph.rows_of.of_all(things)
    owner = np.repeat(np.arange(things.size), graph.rows_of.counts(things))
    event, part = graph.row_event[rows], graph.row_part[rows]
    us, bits = graph.at.us[event], graph.at.bits[event]
    odd = (us < EARLIEST_US) | (us > graph.at.record_us[event] + AHEAD_US) | (graph.row_extra[rows] >= 0)
    odd |= ((bits & DESTROYS) != 0) | (has(part, CHILDREN) & ((bits & DELETE) != 0))
    suspected = np.bincount(owner[has(part, INPUTS)], minlength=things.size) > 1
    alike = np.lexsort((event, graph.place[event], bits & ~_FINER, part, owner))
    sorts = np.stack((owner, part, bits & ~_FINER, graph.place[event]))[:, alike]
    again = (sorts[:, 1:] == sorts[:, :-1]).all(axis=0) & (np.diff(event[alike]) != 0)
    odd[alike[1:]] |= again & (np.diff(us[alike]) <= TWICE_US)
    suspected[owner[odd]] = True
    listed: list[int] = things[suspected].tolist()
    return listed


async def flags_on(reader: Reader, names: Ints) -> list[tuple[str, str, Because]]:
    """(flag, event id, because) on these name handles: what a capture is warned of at its moment."""
    loader = Loader(reader, names)
    await loader.own(names)
    graph = await subgraph(loader, ())
    by_object = await flags_of(graph, graph.numbers(np.unique(names)).tolist())
    flags = sorted({(one.event, one.flag, one.because) for many in by_object.values() for one in many})
    ids = await reader.event_ids(graph.events[np.array([event for event, _, _ in flags], np.int64)])
    return [(flag, event_id, because) for event_id, (_, flag, because) in zip(ids, flags, strict=True)]


def _clocks(graph: Subgraph, thing: int, rows: Ints) -> Iterator[Flag]:
    for event in dict.fromkeys(graph.row_event[rows].tolist()):
        us, record_us = int(graph.at.us[event]), int(graph.at.record_us[event])
        if us < EARLIEST_US:
            yield Flag("clock", thing, event, Because("dated_early", (("at", utc_text(us)),)))
        elif us > record_us + AHEAD_US:
            given = (("at", utc_text(us)), ("recorded", utc_text(record_us)))
            yield Flag("clock", thing, event, Because("dated_ahead", given))


def _repeats(graph: Subgraph, thing: int, rows: Ints) -> Iterator[Flag]:
    """The same scan twice within seconds under two ids."""
    kinds: dict[tuple[int, int, int], int] = {}
    for row in rows.tolist():
        event, part = int(graph.row_event[row]), int(graph.row_part[row])
        if part not in _LISTED:
            continue
        sort = (part, int(graph.at.bits[event]) & ~_FINER, int(graph.place[event]))
        before = kinds.get(sort)
        if before is not None and before != event and graph.at.us[event] - graph.at.us[before] <= TWICE_US:
            yield Flag("scanned_twice", thing, event, Because("scanned_twice"))
        kinds[sort] = event


def _endings(graph: Subgraph, thing: int, rows: Ints) -> Iterator[Flag]:
    """Acting on what was destroyed, and a single item consumed twice."""
    destroyed = consumed = -1
    by_quantity = False
    made = graph.processes_of(thing)
    for row in rows.tolist():
        event, part = int(graph.row_event[row]), int(graph.row_part[row])
        bits = int(graph.at.bits[event])
        by_quantity |= part in _BY_QUANTITY
        if by_quantity:
            return
        if part in INPUTS:
            process = int(graph.process[event])
            if consumed >= 0 and process != consumed and process not in made:
                yield Flag("consumed_twice", thing, event, Because("consumed_twice"))
            elif destroyed >= 0:
                yield Flag("after_destroyed", thing, event, Because("after_destroyed"))
            consumed = consumed if process in made else process
        elif destroyed >= 0 and event != destroyed and (bits & _ACTING or part in CHILDREN):
            yield Flag("after_destroyed", thing, event, Because("after_destroyed"))
        if bits & DESTROYS and part == Part.EPC:
            destroyed = event


def _not_inside(graph: Subgraph, thing: int, rows: Ints) -> Iterator[Flag]:
    """Unpacking or removing what is not inside."""
    swept = graph.swept
    taken = has(graph.row_part[rows], CHILDREN) & ((graph.at.bits[graph.row_event[rows]] & DELETE) != 0)
    for row in rows[taken].tolist():
        event = int(graph.row_event[row])
        bits = int(graph.at.bits[event])
        kind = CONTAINED if bits & CONTAINS else INSTALLED if bits & INSTALLS else 0
        if not kind:
            continue
        inside = (
            (swept.link_child == thing)
            & (swept.link_parent == graph.parent[event])
            & (swept.link_kind == kind)
            & (swept.link_from >= 0)
            & (swept.link_from < event)
            & (swept.link_until >= event)
        )
        if not inside.any():
            yield Flag("not_inside", thing, event, Because("not_inside"))


async def _amounts(graph: Subgraph, thing: int, rows: Ints) -> list[Flag]:
    """Absurd quantities, and units of another dimension than the object's first."""
    given = rows[graph.row_extra[rows] >= 0]
    if not given.size:
        return []
    quantities = await graph.reader.quantities(graph.row_extra[given])
    flags: list[Flag] = []
    dimension: str | None = None
    for row, (text, unit) in zip(given.tolist(), quantities, strict=True):
        event, value = int(graph.row_event[row]), Decimal(text)
        if value >= ABSURD:
            flags.append(Flag("quantity", thing, event, _absurd(text, unit)))
        here = to_base(value, unit)
        if here is None:
            continue
        if dimension is not None and here[0] != dimension:
            flags.append(Flag("unit", thing, event, _other(unit, dimension)))
        dimension = dimension or here[0]
    return flags


def _absurd(text: str, unit: str | None) -> Because:
    if not unit:
        return Because("absurd_pieces", (("amount", text),))
    return Because("absurd_amount", (("amount", text), ("unit", unit)))


def _other(unit: str | None, dimension: str) -> Because:
    if not unit:
        return Because("no_count", (("dimension", dimension),))
    return Because("no_unit", (("dimension", dimension), ("unit", unit)))
