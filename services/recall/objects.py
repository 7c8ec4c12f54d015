"""`GET /api/v1/object`: one object, where it is, what is in it, and what happened to it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from projections.genealogy.port import Limits, Part
from projections.trace.balance import Balance, balance_of
from projections.trace.columns import EMPTY
from projections.trace.flags import flags_of
from projections.trace.history import INSTALLED
from projections.trace.load import Loader
from projections.trace.question import Question
from projections.trace.subgraph import Subgraph, subgraph
from projections.trace.whereabouts import Whereabouts
from schemas.errors import BadInput, NotFound
from schemas.identifiers import identify
from schemas.times import utc_text
from schemas.units import plain_fraction
from services.recall.asking import Recall
from services.recall.inspections import inspections_of

LAST_EVENTS: Final = 20
LISTED: Final = 1_000


async def object_page(recall: Recall, question: Question, text: str, language: str) -> dict[str, Any]:
    """Everything about one object under the question's limits.

    Errors: `NotFound` if no event in force names it, `BadInput` for an ambiguous short number.
    """
    house = recall.house
    keys = question.seeds[0].keys
    if len(keys) > 1:
        raise BadInput.field("id", text, "several objects have this number: " + ", ".join(keys[:20]))
    if not keys:
        raise NotFound(f"nothing recorded has the number {text}")
    own = sorted(await house.index.own_places(question.known_us))

    async def work() -> dict[str, Any]:
        async with house.genealogy.reader(Limits(question.known_us, question.happened_by)) as reader:
            names = await reader.find(keys)
            names = names[names >= 0]
            loader = Loader(reader, names)
            rows = await loader.own(names)
            await loader.own(np.unique(rows.extra[rows.part == Part.MEMBER]) if names.size else EMPTY)
            await loader.contents(names, parts=True)
            graph = await subgraph(loader, own, watched=names)
            return await _described(graph, keys[0], house.settings.base)

    found = await recall.run(work)
    events = await house.index.events([one["event"] for one in found["last_events"]], question.known_us)
    found["last_events"] = [_event(one, events.get(one["event"], [])) for one in found["last_events"]]
    found["documents"] = _documents(found["last_events"])
    found["inspections"] = await inspections_of(house.index, events)
    named = [found["object"], found["product"] or "", found["place"] or "", *found["consignees"]]
    found["names"] = await house.index.names(sorted({key for key in named if key}), language, question.known_us)
    return {**found, "holds": [], "basis": await recall.basis(question)}


async def _described(graph: Subgraph, key: str, base: str | None) -> dict[str, Any]:
    texts = await graph.reader.texts(graph.names)
    if key not in texts:
        raise NotFound(f"no event in force names {key}")
    number = texts.index(key)
    where = await Whereabouts.of(graph)
    identifier = identify(key, base)
    on = graph.swept.on
    if not on.size:
        raise NotFound(f"no event in force names {key}")
    last = on[-LAST_EVENTS:][::-1]
    ids = await graph.reader.event_ids(graph.events)
    flags = (await flags_of(graph, [number])).get(number, [])
    final = int(graph.swept.last[number])
    balance = balance_of(graph, where, number)
    return {
        "object": key,
        "kind": str(identifier.kind),
        "product": identifier.product,
        "lots": sorted(texts[lot] for lot in graph.members.second[graph.members.first == number].tolist()),
        "state": where.state(number),
        "place": await _place(graph, number),
        "since": utc_text(int(graph.at.us[final])),
        "last_event": ids[final],
        "by_way_of": _way(graph, number, texts),
        "carriers": [texts[around.box] for around in where.carriers(number)],
        "contents": _inside(graph, number, texts, installed=False),
        "parts": _inside(graph, number, texts, installed=True),
        "installed_in": _around(graph, number, texts),
        "consignees": where.consignees(number),
        "possible_consignees": where.possible_consignees(number),
        "balance": None if balance is None else _balance(balance, ids),
        "flags": [{"flag": one.flag, "event": ids[one.event], "because": one.because} for one in flags],
        "last_events": [
            {"event": ids[event], "by_way_of": None if way < 0 else texts[way]} for event, _, way in last.tolist()
        ],
        "events_total": len(on),
    }


async def _place(graph: Subgraph, number: int) -> str | None:
    event = int(graph.swept.place_event[number])
    return None if event < 0 else (await graph.reader.texts(graph.place[[event]]))[0]


def _way(graph: Subgraph, number: int, texts: list[str]) -> str | None:
    way = int(graph.swept.way[number])
    return texts[way] if way >= 0 else None


def _inside(graph: Subgraph, box: int, texts: list[str], *, installed: bool) -> list[dict[str, Any]]:
    """What is inside now, and of parts what ever was, with the interval."""
    swept = graph.swept
    mine = (swept.link_parent == box) & ((swept.link_kind == INSTALLED) == installed) & (swept.link_from >= 0)
    if not installed:
        mine &= swept.link_until == graph.events.size
    return [_stay(graph, link, texts[int(swept.link_child[link])]) for link in np.flatnonzero(mine)[:LISTED].tolist()]


def _around(graph: Subgraph, part: int, texts: list[str]) -> list[dict[str, Any]]:
    """Every assembly it was ever installed in."""
    swept = graph.swept
    mine = (swept.link_child == part) & (swept.link_kind == INSTALLED) & (swept.link_from >= 0)
    return [_stay(graph, link, texts[int(swept.link_parent[link])]) for link in np.flatnonzero(mine)[:LISTED].tolist()]


def _stay(graph: Subgraph, link: int, key: str) -> dict[str, Any]:
    since, until = int(graph.swept.link_from[link]), int(graph.swept.link_until[link])
    ended = until < graph.events.size
    return {
        "object": key,
        "since": utc_text(int(graph.at.us[since])),
        "until": utc_text(int(graph.at.us[until])) if ended else None,
        "exposure": "exposed" if ended else "present",
    }


def _balance(balance: Balance, ids: list[str]) -> dict[str, Any]:
    return {
        "unit": balance.unit,
        **{name: plain_fraction(value) for name, value in balance.figures.items()},
        "remaining": plain_fraction(balance.remaining),
        "entries": [
            {
                "figure": entry.figure,
                "event": ids[entry.event],
                "quantity": None if entry.quantity is None else plain_fraction(entry.quantity),
            }
            for entry in balance.entries
        ],
    }


def _event(one: dict[str, Any], found: list[Any]) -> dict[str, Any]:
    facts = next((event.facts for event in found if event.facts.declaration is None), None)
    if facts is None:
        return one
    return {
        **one,
        "time": facts.event_time.text(),
        "type": facts.type,
        "activity": facts.step,
        "disposition": facts.disposition,
        "place": facts.place,
        "result": facts.result,
        "operator": facts.operator,
        "resources": list(facts.resources),
        "documents": [{"type": kind, "id": number} for kind, number in facts.transactions],
    }


def _documents(events: list[dict[str, Any]]) -> list[dict[str, str]]:
    found = {(one["type"], one["id"]) for event in events for one in event.get("documents", ())}
    return [{"type": kind, "id": number} for kind, number in sorted(found)]
