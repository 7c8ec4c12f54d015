"""`GET /api/v1/object`: one object, where it is, what is in it, and what happened to it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from projections.genealogy.port import Ints, Limits, Part
from projections.trace.affected import WORDS
from projections.trace.answer import in_order_of_steps
from projections.trace.balance import Balance, balance_of
from projections.trace.columns import EMPTY
from projections.trace.flags import flags_of
from projections.trace.history import INSTALLED
from projections.trace.known import Known
from projections.trace.load import Loader
from projections.trace.question import Question
from projections.trace.subgraph import Subgraph, subgraph
from projections.trace.whereabouts import Whereabouts
from schemas.errors import BadInput, NotFound
from schemas.identifiers import identify
from schemas.sentences import say
from schemas.units import plain_fraction
from services.recall.asking import Recall
from services.recall.becauses import put_into_words
from services.recall.inspections import inspections_of

LAST_EVENTS: Final = 20
LISTED: Final = 1_000
_TOLD: Final = ("time", "type", "activity", "disposition", "place", "result", "operator")


async def object_page(recall: Recall, question: Question, text: str, language: str) -> dict[str, Any]:
    """Everything about one object under the question's limits.

    Errors: `NotFound` if no event in force names it, `BadInput` for an ambiguous short number.
    """
    house = recall.house
    keys = question.seeds[0].keys
    if len(keys) > 1:
        raise BadInput.field("id", text, say("several objects have this number: {known}", known=", ".join(keys[:20])))
    if not keys:
        raise NotFound(say("nothing recorded has the number {text}", text=text))
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
    put_into_words(found["flags"], language)
    found["inspections"] = await inspections_of(house.index, events)
    found["names"] = await house.index.names(_keys(found, house.settings.base), language, question.known_us)
    return {**found, "holds": [], "basis": await recall.basis(question)}


def _keys(found: dict[str, Any], base: str | None) -> list[str]:
    """Every key that the page shows, and the products of the objects among them."""
    stays = [stay["object"] for part in ("contents", "parts", "installed_in") for stay in found[part]]
    shown = {found["object"], found["by_way_of"], *found["lots"], *found["carriers"], *stays}
    shown |= {found["place"], *found["consignees"], *found["possible_consignees"]}
    for event in found["last_events"]:
        shown |= {event["by_way_of"], event.get("place"), event.get("operator"), *event.get("resources", ())}
    for inspection in found["inspections"]:
        shown.add(inspection["operator"])
        for one in inspection["characteristics"]:
            shown |= {one["name"], one.get("instrument")}
    keys = {key for key in shown if key}
    products = {identify(key, base).product for key in keys}
    return sorted(keys | {product for product in products if product})


async def _described(graph: Subgraph, key: str, base: str | None) -> dict[str, Any]:
    number = int(graph.numbers(await graph.reader.find([key]))[0])
    on = graph.swept.on
    if number < 0 or not on.size:
        raise NotFound(say("no event in force names {key}", key=key))
    where, known, identifier = await Whereabouts.of(graph), Known(graph), identify(key, base)
    last = on[-LAST_EVENTS:][::-1]
    flags = (await flags_of(graph, [number])).get(number, [])
    final, placed = int(graph.swept.last[number]), int(graph.swept.place_event[number])
    place = int(graph.place[placed]) if placed >= 0 else -1
    balance = balance_of(graph, where, number)
    lots = graph.members.second[graph.lots_of.of(number)]
    around = where.carriers(number)
    links = [*_inside(graph, number, installed=False), *_inside(graph, number, installed=True), *_around(graph, number)]
    swept = graph.swept
    await known.learn(np.concatenate([lots, swept.link_child[links], swept.link_parent[links], last[:, 2]]))
    await known.learn([*(box for box, _ in around), int(swept.way[number])])
    await known.learn_names(np.array([place], np.int64))
    entered = [] if balance is None else [entry.event for entry in balance.entries]
    ends = swept.link_until[links]
    await known.learn_events([final, *last[:, 0].tolist(), *entered, *(flag.event for flag in flags)])
    await known.learn_events(np.concatenate([swept.link_from[links], ends[ends < graph.events.size]]))
    way = int(swept.way[number])
    return {
        "object": key,
        "kind": WORDS[int(graph.kinds[number])],
        "product": identifier.product,
        "lots": sorted(known.key(lot) for lot in lots.tolist()),
        "state": where.state(number),
        "place": known.text(place) if place >= 0 else None,
        "since": known.time(final),
        "last_event": known.event(final),
        "by_way_of": known.key(way) if way >= 0 else None,
        "carriers": in_order_of_steps(around, known),
        "contents": _stays(graph, known, _inside(graph, number, installed=False), swept.link_child),
        "parts": _stays(graph, known, _inside(graph, number, installed=True), swept.link_child),
        "installed_in": _stays(graph, known, _around(graph, number), swept.link_parent),
        "consignees": where.consignees(number),
        "possible_consignees": where.possible_consignees(number),
        "balance": None if balance is None else _balance(balance, known),
        "flags": [{"flag": one.flag, "event": known.event(one.event), "because": one.because} for one in flags],
        "last_events": [
            {"event": known.event(event), "by_way_of": None if via < 0 else known.key(via)}
            for event, _, via in last.tolist()
        ],
        "events_total": len(on),
    }


def _inside(graph: Subgraph, box: int, *, installed: bool) -> list[int]:
    """Links of what is inside now, and of parts those of what ever was."""
    swept = graph.swept
    mine = (swept.link_parent == box) & ((swept.link_kind == INSTALLED) == installed) & (swept.link_from >= 0)
    if not installed:
        mine &= swept.link_until == graph.events.size
    links: list[int] = np.flatnonzero(mine)[:LISTED].tolist()
    return links


def _around(graph: Subgraph, part: int) -> list[int]:
    """Links of every assembly it was ever installed in."""
    swept = graph.swept
    mine = (swept.link_child == part) & (swept.link_kind == INSTALLED) & (swept.link_from >= 0)
    links: list[int] = np.flatnonzero(mine)[:LISTED].tolist()
    return links


def _stays(graph: Subgraph, known: Known, links: list[int], ends: Ints) -> list[dict[str, Any]]:
    return [_stay(graph, known, link, known.key(int(ends[link]))) for link in links]


def _stay(graph: Subgraph, known: Known, link: int, key: str) -> dict[str, Any]:
    since, until = int(graph.swept.link_from[link]), int(graph.swept.link_until[link])
    ended = until < graph.events.size
    return {
        "object": key,
        "since": known.time(since),
        "until": known.time(until) if ended else None,
        "exposure": "exposed" if ended else "present",
    }


def _balance(balance: Balance, known: Known) -> dict[str, Any]:
    return {
        "unit": balance.unit,
        **{name: plain_fraction(value) for name, value in balance.figures.items()},
        "remaining": plain_fraction(balance.remaining),
        "entries": [
            {
                "figure": entry.figure,
                "event": known.event(entry.event),
                "quantity": None if entry.quantity is None else plain_fraction(entry.quantity),
            }
            for entry in balance.entries
        ],
    }


def _event(one: dict[str, Any], found: list[Any]) -> dict[str, Any]:
    facts = next((event.facts for event in found if event.facts.declaration is None), None)
    if facts is None:
        return {**one, **dict.fromkeys(_TOLD), "resources": [], "documents": []}
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
    found = {(one["type"], one["id"]) for event in events for one in event["documents"]}
    return [{"type": kind, "id": number} for kind, number in sorted(found)]
