"""Which events are on an object: its own, and by R5 those on what it was inside of at that moment; and its states.

For timelines and audits of a few objects; a trace does not need it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from projections.genealogy.port import Genealogy, Limits, Reader
from projections.trace.load import Loader
from projections.trace.subgraph import Subgraph, subgraph
from projections.trace.whereabouts import Whereabouts
from schemas.times import Instant

MOST_EVENTS: Final = 10_000
"""Events by way of containers that one answer tells; the newest are kept."""


@dataclass(frozen=True, slots=True)
class ByWay:
    """An event on `object` by way of the container or assembly fewest steps around it that the event names."""

    event_id: str
    object: str
    way: str


@dataclass(frozen=True, slots=True)
class Concerned:
    """Events in force on some objects by way of containers, in the order of events; `capped` if older ones are cut."""

    by_way: tuple[ByWay, ...]
    capped: bool

    @property
    def event_ids(self) -> tuple[str, ...]:
        """Each event once."""
        return tuple(dict.fromkeys(one.event_id for one in self.by_way))


async def events_on(reader: Reader, keys: Sequence[str], own_places: Sequence[str] = ()) -> Concerned:
    """Events that concern these objects without naming them, under the reader's limits (trace.md R5)."""
    handles = await reader.find(keys)
    handles = np.unique(handles[handles >= 0])
    if not handles.size:
        return Concerned((), False)
    loader = Loader(reader, handles)
    await loader.own(handles)
    graph = await subgraph(loader, own_places, handles)
    rows = graph.swept.on
    rows = rows[rows[:, 2] >= 0]
    kept = rows[-MOST_EVENTS:]
    ids = await reader.event_ids(graph.events[kept[:, 0]])
    things = await reader.texts(graph.names[kept[:, 1]])
    ways = await reader.texts(graph.names[kept[:, 2]])
    told = (ByWay(*one) for one in zip(ids, things, ways, strict=True))
    return Concerned(tuple(told), len(rows) > len(kept))


async def states_at(
    genealogy: Genealogy, keys: Sequence[str], known_us: int, moments: Sequence[Instant], own_places: Sequence[str]
) -> list[dict[str, str]]:
    """The state of each object (trace.md section 6) as of each moment, by all that had happened by then."""
    found: list[dict[str, str]] = []
    for moment in moments:
        async with genealogy.reader(Limits(known_us, moment)) as reader:
            found.append(await _states(reader, keys, own_places))
    return found


async def _states(reader: Reader, keys: Sequence[str], own_places: Sequence[str]) -> dict[str, str]:
    handles = await reader.find(keys)
    known = np.unique(handles[handles >= 0])
    states = dict.fromkeys(keys, "unknown")
    if known.size:
        loader = Loader(reader, known)
        await loader.own(known)
        graph: Subgraph = await subgraph(loader, own_places)
        where = await Whereabouts.of(graph)
        numbers = graph.numbers(known)
        texts = await reader.texts(known)
        states.update({key: where.state(number) for key, number in zip(texts, numbers.tolist(), strict=True)})
    return states
