"""Relations and processes put into words, as api.md lists them for a page of objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from projections.genealogy.port import Ints, Part, Reader
from projections.trace.columns import Groups, Numbering, in_order, select
from projections.trace.known import Known
from projections.trace.relations import Relation, Relations
from projections.trace.trace import Traced
from schemas.times import Instant

RELATIONS_PER_OBJECT: Final = 10


async def shown_relations(
    traced: Traced, relations: Relations, known: Known, numbers: Sequence[int], limit: int | None
) -> dict[str, Any]:
    """`relations` and `processes` by which these objects were reached, at most 10 × `limit`, and whether they are
    `capped`."""
    found = relations.reaching([number for number in numbers if number >= 0])
    ends = [end for relation in found for end in (relation.source, relation.target)]
    await known.learn([end for end in ends if end >= 0])
    await known.learn_names(traced.graph.processes[np.array([~end for end in ends if end < 0], np.int64)])
    await known.learn_events({event for relation in found for event in (*relation.events, *_interval(relation))})
    listed = [(shown(traced, relations, known, relation), relation) for relation in found]
    listed.sort(key=lambda pair: (pair[0]["from"], pair[0]["to"], pair[0]["kind"], pair[0]["since"] or ""))
    most = RELATIONS_PER_OBJECT * (limit if limit is not None else max(len(numbers), 1))
    kept = listed[:most] if limit is not None else listed
    ends = [end for _, relation in kept for end in (relation.source, relation.target)]
    return {
        "processes": await _processes(traced, known, sorted({~end for end in ends if end < 0})),
        "relations": [one for one, _ in kept],
        "capped": len(kept) < len(listed),
    }


def shown(traced: Traced, relations: Relations, known: Known, relation: Relation) -> dict[str, Any]:
    """One relation as listed; its ends and events must be known."""
    quantity, unit = relations.quantity(relation)
    return {
        "from": end_of(traced, known, relation.source),
        "to": end_of(traced, known, relation.target),
        "kind": relation.kind,
        "events": [known.event(event) for event in sorted(relation.events)],
        "certain": relation.certain,
        "quantity": quantity,
        "unit": unit,
        "since": None if relation.since is None else known.time(relation.since),
        "until": None if relation.until is None else known.time(relation.until),
    }


def end_of(traced: Traced, known: Known, number: int) -> str:
    """Key of an object number, or name of the process `~number`."""
    return known.key(number) if number >= 0 else known.text(int(traced.graph.processes[~number]))


def _interval(relation: Relation) -> list[int]:
    return [event for event in (relation.since, relation.until) if event is not None]


async def _processes(traced: Traced, known: Known, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Each process with all its events under the question's limits."""
    graph = traced.graph
    reader = graph.reader
    handles = graph.processes[np.array(numbers, np.int64)]
    steps = await reader.naming(handles)
    steps = select(steps, steps.part == Part.PROCESS)
    events, at = await in_order(reader, np.unique(steps.event))
    ids, digits = await reader.event_ids(events), await reader.finer(events)
    sites = await _sites(reader, events)
    position = Numbering(events).of(steps.event)
    order = np.argsort(position, kind="stable")
    by_process = Groups(Numbering(handles).of(steps.name[order]), handles.size)
    listed = []
    for number, handle in enumerate(handles.tolist()):
        mine = position[order[by_process.of(number)]].tolist()
        name = known.text(handle)
        told = [sites[event] for event in mine if event in sites]
        listed.append(
            {
                "process": name,
                "events": [ids[event] for event in mine],
                "order": name[2:] if name.startswith("t:") else None,
                "place": next((place for place, _ in reversed(told) if place), None),
                "resource": next((resource for _, resource in reversed(told) if resource), None),
                "from": Instant(int(at.us[mine[0]]), digits[mine[0]]).text(),
                "to": Instant(int(at.us[mine[-1]]), digits[mine[-1]]).text(),
            }
        )
    return sorted(listed, key=lambda process: str(process["process"]))


async def _sites(reader: Reader, events: Ints) -> dict[int, tuple[str | None, str | None]]:
    """Place (bizLocation, else readPoint) and first resource of each event that has one, by its position."""
    around = await reader.within(events, (Part.READ_POINT, Part.LOCATION, Part.RESOURCE))
    names = np.unique(around.name)
    texts = dict(zip(names.tolist(), await reader.texts(names), strict=True))
    told: dict[int, dict[int, str]] = defaultdict(dict)
    for event, part, name in zip(
        Numbering(events).of(around.event).tolist(), around.part.tolist(), around.name.tolist(), strict=True
    ):
        text, before = texts[name], told[event].get(part)
        told[event][part] = text if before is None else min(text, before)
    return {
        event: (parts.get(Part.LOCATION, parts.get(Part.READ_POINT)), parts.get(Part.RESOURCE))
        for event, parts in told.items()
    }
