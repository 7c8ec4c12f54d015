"""The answer to a question, as api.md names it (trace.md section 8).

Totals, carriers, consignees and what stopped the walk are of the whole closure; objects, relations and processes are
of the page. What only the service knows (position, lag, names, page token) it adds itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np

from projections.genealogy.port import KINDS, Ints, Mask
from projections.trace.affected import WORDS, Affected
from projections.trace.flags import flags_of
from projections.trace.known import Known
from projections.trace.question import Filter
from projections.trace.relations import Relations
from projections.trace.seeds import Resolved
from projections.trace.showing import shown_relations
from projections.trace.trace import Traced
from projections.trace.whereabouts import STATES, Whereabouts
from schemas.identifiers import Kind
from schemas.units import plain_fraction

SHOWN: Final = 1_000
"""Most carriers, consignees and stopped_at listed; their true numbers stand beside them."""
POSSIBLE_SHOWN: Final = 100
CHUNK: Final = 1_000
"""Objects of a stream that are put into words at once."""
NO_ORIGIN: Final = "no origin recorded"
UNTRACKED: Final = "untracked class"
_PRODUCT: Final = KINDS.index(Kind.PRODUCT)
_ITEM: Final = KINDS.index(Kind.ITEM)


class Answer:
    """Everything an answer says of one traced question; pages and streams are cut from it. Objects are numbers of the
    subgraph, below 0 for seeds that no event of any time mentions (`Affected`)."""

    def __init__(self, traced: Traced, where: Whereabouts, known: Known, affected: Affected) -> None:
        self.traced, self.affected, self.known = traced, affected, known
        self._where = where
        self.relations = Relations(traced, where)

    @classmethod
    async def of(cls, traced: Traced, base: str | None) -> Answer:
        """Errors: `Unavailable` when the store cannot answer now."""
        where, known = await Whereabouts.of(traced.graph), Known(traced.graph)
        return cls(traced, where, known, await Affected.of(traced, where, known, base))

    async def page(
        self, wanted: Filter | None = None, after: tuple[int, str] | None = None, limit: int | None = None
    ) -> dict[str, Any]:
        """The answer of api.md with the objects beyond `after` (depth, key), at most `limit`; `last` is the (depth,
        key) of the page's last object if more follow, else None."""
        chosen = self.affected.chosen(wanted or Filter())
        more = None if limit is None else limit + 1
        listed = await self.affected.order(chosen, after, more)
        numbers = listed[:limit]
        objects = await self._objects(numbers, self.known)
        found = {
            "seeds": await self.seeds(),
            "totals": self.totals(),
            "objects": await self._flagged(numbers, objects),
            **await shown_relations(self.traced, self.relations, self.known, numbers, limit),
            **await self.whole(),
            "last": (objects[-1]["depth"], objects[-1]["object"]) if len(listed) > len(numbers) else None,
        }
        if wanted:
            found["filtered"] = self.affected.totals(chosen)
        return found

    def totals(self) -> dict[str, Any]:
        """Counts of the whole closure."""
        return self.affected.totals(self.affected.chosen(Filter()))

    async def stream(self, wanted: Filter) -> AsyncIterator[list[dict[str, Any]]]:
        """All objects that a filter lets through, in the answer's order, some at a time; none of them is kept."""
        ordered = await self.affected.order(self.affected.chosen(wanted), None, None)
        for start in range(0, len(ordered), CHUNK):
            yield await self._objects(ordered[start : start + CHUNK], Known(self.traced.graph))

    async def _objects(self, numbers: Sequence[int], known: Known) -> list[dict[str, Any]]:
        """Affected objects as listed."""
        affected, swept, where = self.affected, self.traced.graph.swept, self._where
        heard = np.array([number for number in numbers if number >= 0], np.int64)
        around = [where.carriers(number) for number in heard.tolist()]
        await known.learn([number for many in around for number, _ in many])
        await known.learn(np.concatenate([heard, swept.way[heard]]))
        await known.learn_events(swept.last[heard])
        rows = np.searchsorted(affected.numbers, heard)
        columns = (affected.kind, affected.certain, affected.depth, affected.state, affected.place)
        given = zip(
            heard.tolist(), swept.last[heard].tolist(), swept.way[heard].tolist(), around,
            *(column[rows].tolist() for column in columns), strict=True,
        )  # fmt: skip
        found = {}
        for number, last, way, boxes, kind, certain, depth, state, place in given:
            possible = where.possible_consignees(number)
            listed = _listed(known.key(number), WORDS[kind], certain, depth, STATES[state], affected.place_text(place))
            if last >= 0:
                listed["since"], listed["last_event"] = known.time(last), known.event(last)
            listed["by_way_of"] = known.key(way) if way >= 0 else None
            listed["carriers"] = in_order_of_steps(boxes, known)
            listed["consignees"] = where.consignees(number)
            listed["possible_consignees"] = possible[:POSSIBLE_SHOWN]
            listed["possible_consignees_total"] = len(possible)
            found[number] = listed
        return [found[number] if number >= 0 else self._unheard(number) for number in numbers]

    def _unheard(self, number: int) -> dict[str, Any]:
        one = self.affected.unheard[~number]
        return _listed(one.key, WORDS[KINDS.index(one.kind)], True, 0, "unknown", "")

    async def _flagged(self, numbers: Sequence[int], objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
        flags = await flags_of(self.traced.graph, [number for number in numbers if number >= 0])
        await self.known.learn_events({flag.event for many in flags.values() for flag in many})
        for number, listed in zip(numbers, objects, strict=True):
            listed["flags"] = [
                {"flag": flag.flag, "event": self.known.event(flag.event), "because": flag.because}
                for flag in flags.get(number, ())
            ]
        return objects

    async def seeds(self) -> list[dict[str, Any]]:
        """What was given, what it stands for, and what was found (trace.md section 8)."""
        origins = self._origins()
        return [await self._seed(resolved, origins) for resolved in self.traced.resolved]

    async def _seed(self, resolved: Resolved, origins: Mask) -> dict[str, Any]:
        seed = resolved.seed
        if seed.ambiguous:
            return {"given": seed.given, "finding": "ambiguous", "objects": sorted(seed.keys)}
        numbers = self.traced.graph.numbers(resolved.names)
        await self.known.learn(numbers)
        listed = sorted([*(self.known.key(number) for number in numbers.tolist()), *resolved.unheard])
        return {"given": seed.given, "finding": self._finding(numbers, origins), "objects": listed}

    def _finding(self, numbers: Ints, origins: Mask) -> str:
        graph = self.traced.graph
        named = graph.swept.last >= 0
        named[graph.members.first] = named[graph.members.second] = True
        if not named[numbers].any():
            return "unknown"
        if self.traced.question.direction == "forward":
            return "unused" if bool(self.traced.closure.leaf[numbers].all()) else "found"
        return "incomplete" if self.traced.leads_to(origins, numbers) else "found"

    def _origins(self) -> Mask:
        """Mask of the objects reached that have no origin recorded (backward)."""
        swept, closure = self.traced.graph.swept, self.traced.closure
        mask = np.zeros(self.traced.graph.names.size, np.bool_)
        if self.traced.question.direction == "backward":
            mask[closure.reached] = True
            mask &= (closure.leaf == 1) & (swept.added == 0) & (swept.arrived == 0) & ~self._untracked()
        return mask

    def _untracked(self) -> Mask:
        """Mask of the product classes reached through which nothing is reached (rule 6)."""
        graph = self.traced.graph
        mask = np.zeros(graph.names.size, np.bool_)
        mask[self.affected.numbers[self.affected.kind == _PRODUCT]] = True
        mask[self.traced.seeds] = False
        return mask

    async def whole(self) -> dict[str, Any]:
        """The parts of the answer that are of the whole closure, each list cut at `SHOWN`."""
        found: dict[str, Any] = {}
        consignees = self._consignees()
        found["carriers"], found["carriers_total"] = await self._carriers()
        found["consignees"], found["consignees_total"] = consignees[:SHOWN], len(consignees)
        found["stopped_at"], found["stopped_at_total"] = await self._stops()
        return found

    async def _carriers(self) -> tuple[list[dict[str, Any]], int]:
        graph = self.traced.graph
        holds = self._where.holds(self.affected.numbers)
        boxes = np.flatnonzero(holds)
        first = await self._first(boxes)
        at = graph.swept.place_event[first]
        places = np.where(at >= 0, graph.place[at], -1)
        await self.known.learn_names(places)
        return [
            {
                "object": self.known.key(box),
                "holds": int(holds[box]),
                "place": self.known.text(place) if place >= 0 else None,
                "state": self._where.state(box),
            }
            for box, place in zip(first.tolist(), places.tolist(), strict=True)
        ], boxes.size

    async def _first(self, numbers: Ints) -> Ints:
        """The first `SHOWN` of these objects by key, their keys learned."""
        graph = self.traced.graph
        first = graph.numbers(await graph.reader.first(graph.names[numbers], None, SHOWN))
        await self.known.learn(first)
        return first

    async def _stops(self) -> tuple[list[dict[str, str]], int]:
        untracked, origins = self._untracked(), self._origins()
        numbers = np.flatnonzero(untracked | origins)
        stops = [
            {"object": self.known.key(number), "reason": UNTRACKED if untracked[number] else NO_ORIGIN}
            for number in (await self._first(numbers)).tolist()
        ]
        unheard = self.affected.unheard if self.traced.question.direction == "backward" else []
        stops += [{"object": one.key, "reason": NO_ORIGIN} for one in unheard]
        return sorted(stops, key=lambda stop: stop["object"])[:SHOWN], numbers.size + len(unheard)

    def _consignees(self) -> list[dict[str, Any]]:
        affected, where = self.affected, self._where
        size = self.traced.graph.names.size
        reached = np.zeros(size, np.bool_)
        reached[affected.numbers] = True
        items = np.full(size, -1, np.int64)
        of_item = affected.kind == _ITEM
        items[affected.numbers[of_item]] = affected.product[of_item]
        amounts: dict[str, dict[tuple[str, str], Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        for (party, product), count in where.items_by_consignee(items).items():
            amounts[party][affected.products[product], "EA"] += count
        for row in np.flatnonzero(~of_item & (affected.product >= 0) & where.was_sent()[affected.numbers]).tolist():
            product_key = affected.products[int(affected.product[row])]
            for party, quantity, unit in where.sent(int(affected.numbers[row])):
                amounts[party][product_key, unit or "EA"] += quantity
        return [
            {
                "party": party,
                "objects": count,
                "quantities": [
                    {"product": product, "quantity": plain_fraction(value), "unit": unit}
                    for (product, unit), value in sorted(amounts[party].items())
                ],
            }
            for party, count in where.objects_by_consignee(reached).items()
        ]


def in_order_of_steps(boxes: Sequence[tuple[int, int]], known: Known) -> list[str]:
    """Keys of carriers, innermost first, by key within a step."""
    return [key for _, key in sorted((steps, known.key(box)) for box, steps in boxes)]


def _listed(key: str, kind: str, certain: bool, depth: int, state: str, place: str) -> dict[str, Any]:
    return {
        "object": key,
        "kind": kind,
        "certainty": "certain" if certain else "possible",
        "depth": depth,
        "state": state,
        "place": place or None,
        "since": None,
        "last_event": None,
        "by_way_of": None,
        "carriers": [],
        "consignees": [],
        "possible_consignees": [],
        "possible_consignees_total": 0,
    }
