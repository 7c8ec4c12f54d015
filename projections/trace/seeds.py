"""What a seed stands for: objects, a product, a container's contents, a place or resource and a window (section 4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from projections.genealogy.port import Ints, Mask, Mentions, Part, Reader
from projections.trace.columns import EMPTY, INPUTS, OUTPUTS, has, select, union
from projections.trace.history import CONTAINED
from projections.trace.load import Loader
from projections.trace.question import Seed, SeedKind
from projections.trace.subgraph import Subgraph, subgraph
from schemas.times import Instant

_ROLES = tuple(part for part in Part if part <= Part.OUTPUT_QUANTITY)
_SITES = {
    SeedKind.PLACE: (Part.READ_POINT, Part.LOCATION),
    SeedKind.RESOURCE: (Part.RESOURCE, Part.OPERATOR),
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """A seed with the name handles it stands for, and keys that no event of any time mentions."""

    seed: Seed
    names: Ints
    unheard: tuple[str, ...] = ()


async def resolve(reader: Reader, seed: Seed) -> Resolved:
    """The names a seed stands for under the reader's limits."""
    if seed.ambiguous or not seed.keys:
        return Resolved(seed, EMPTY)
    handle = await reader.find(seed.keys)
    known = handle[handle >= 0]
    if seed.kind is SeedKind.PRODUCT:
        return Resolved(seed, await _named(reader, await reader.of_product(seed.keys[0])))
    if seed.kind is SeedKind.CONTAINER:
        return Resolved(seed, await contents(reader, known, seed.at))
    if seed.kind in _SITES:
        return Resolved(seed, await _in_window(reader, known, seed))
    return Resolved(seed, known, () if known.size else seed.keys)


async def _named(reader: Reader, names: Ints) -> Ints:
    """Those of the names that an event in force names."""
    if not names.size:
        return EMPTY
    rows = await reader.naming(names)
    return np.unique(rows.name[has(rows.part, (*_ROLES, Part.MEMBERS_LOT))])


async def contents(reader: Reader, box: Ints, at: Instant | None) -> Ints:
    """What was inside by R4, at any depth: at an instant (its events included), or ever, by ADD."""
    if not box.size:
        return EMPTY
    loader = Loader(reader, box)
    await loader.contents(box)
    graph = await subgraph(loader, ())
    low, high = 0, graph.events.size - 1
    if at is not None:
        low = high = await _events_until(graph, at) - 1
    if high < 0:
        return EMPTY
    found = _inside(graph, int(graph.numbers(box)[0]), low, high)
    return graph.names[np.array(sorted(found), np.int64)]


async def _events_until(graph: Subgraph, at: Instant) -> int:
    """How many events happened at or before an instant, all digits counted."""
    count = int(np.searchsorted(graph.at.us, at.us, side="left"))
    same = np.arange(count, int(np.searchsorted(graph.at.us, at.us, side="right")))
    digits = await graph.reader.finer(graph.events[same])
    return count + sum(digit <= at.sub for digit in digits)


def _inside(graph: Subgraph, box: int, low: int, high: int) -> set[int]:
    """Objects inside `box` at some event between two event numbers, both included; chains end before they repeat."""
    swept = graph.swept
    by_parent: dict[int, list[int]] = defaultdict(list)
    for number in np.flatnonzero(swept.link_kind == CONTAINED).tolist():
        by_parent[int(swept.link_parent[number])].append(number)
    found: set[int] = set()
    done: set[tuple[int, int, int]] = set()
    todo = [(box, low, high)]
    while todo:
        state = todo.pop()
        if state in done:
            continue
        done.add(state)
        parent, since, until = state
        for link in by_parent[parent]:
            first = max(since, int(swept.link_from[link]))
            last = min(until, int(swept.link_until[link]) - 1)
            if first <= last:
                child = int(swept.link_child[link])
                if child != box:
                    found.add(child)
                todo.append((child, first, last))
    return found


async def _in_window(reader: Reader, site: Ints, seed: Seed) -> Ints:
    """Objects at the place or resource between two instants, and outputs and inputs of processes there then."""
    if not site.size or seed.since is None or seed.until is None:
        return EMPTY
    here = await reader.naming(site)
    events = np.unique(here.event[has(here.part, _SITES[seed.kind])])
    named = np.unique((await reader.within(events, _ROLES)).name)
    loader = Loader(reader, named)
    await loader.own(named)
    await loader.contents(named, parts=True)
    graph = await subgraph(loader, (), watched=loader.owned.all())
    at_site = await _sites(graph, seed.kind, int(site[0]))
    return union(_present(graph, at_site, seed.since.us, seed.until.us), await _processed(graph, events, seed))


async def _sites(graph: Subgraph, kind: SeedKind, site: int) -> list[tuple[Mask, Mask]]:
    """Per sort of site (read point, location; resources): masks over events that name it, and that name another."""
    sorts = [(part,) for part in _SITES[kind]] if kind is SeedKind.PLACE else [_SITES[kind]]
    masks = []
    for parts in sorts:
        rows = await graph.reader.within(graph.events, parts)
        ours = np.isin(graph.events, rows.event[rows.name == site])
        any_site = np.isin(graph.events, rows.event)
        masks.append((ours, any_site & ~ours))
    return masks


def _present(graph: Subgraph, sites: list[tuple[Mask, Mask]], since: int, until: int) -> Ints:
    """Objects that were at the site from an event naming it until their next event naming another."""
    on = graph.swept.on
    by_object: dict[int, list[int]] = defaultdict(list)
    for event, thing, _ in on.tolist():
        by_object[thing].append(event)
    found: set[int] = set()
    for thing, events in by_object.items():
        if any(_overlaps(graph.at.us, events, ours, other, since, until) for ours, other in sites):
            found.add(thing)
    return graph.names[np.array(sorted(found), np.int64)]


def _overlaps(us: Ints, events: list[int], ours: Mask, other: Mask, since: int, until: int) -> bool:
    arrived: int | None = None
    for event in events:
        if other[event] and arrived is not None:
            if arrived <= until and us[event] >= since:
                return True
            arrived = None
        if ours[event] and arrived is None:
            arrived = int(us[event])
    return arrived is not None and arrived <= until


async def _processed(graph: Subgraph, events: Ints, seed: Seed) -> Ints:
    """Inputs, those in containers too, and outputs of processes with an event at the site, whose first to last event
    overlap the window."""
    assert seed.since is not None
    assert seed.until is not None
    reader = graph.reader
    processes = np.unique((await reader.within(events, (Part.PROCESS,))).name)
    if not processes.size:
        return EMPTY
    steps = await reader.naming(processes)
    steps = select(steps, steps.part == Part.PROCESS)
    times = (await reader.events(steps.event)).us
    order = np.argsort(steps.name, kind="stable")
    chosen, there = [], []
    for process in processes:
        mine = order[steps.name[order] == process]
        if times[mine].min() <= seed.until.us and times[mine].max() >= seed.since.us:
            chosen.append(process)
            there.append(steps.event[mine])
    if not chosen:
        return EMPTY
    rows: Mentions = await reader.within(np.concatenate(there), (*INPUTS, *OUTPUTS))
    boxed = await _boxed(reader, np.unique(rows.name[has(rows.part, INPUTS)]), np.array(chosen))
    return union(rows.name, boxed)


async def _boxed(reader: Reader, inputs: Ints, processes: Ints) -> Ints:
    """What the processes used by way of the containers among their inputs."""
    loader = Loader(reader, inputs)
    await loader.own(inputs)
    await loader.contents(inputs)
    graph = await subgraph(loader, ())
    used = graph.boxed_inputs()
    return graph.names[used.object[np.isin(graph.processes[used.process], processes)]]
