"""The answer to a question, as api.md names it (trace.md section 8).

Totals, carriers, consignees and what stopped the walk are of the whole closure; objects, relations and processes are
of the page. What only the service knows (position, lag, names, page token) it adds itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from projections.genealogy.port import KINDS, Part
from projections.trace.columns import has, in_order, select
from projections.trace.question import Filter
from projections.trace.relations import Relation, Relations
from projections.trace.seeds import Resolved
from projections.trace.trace import Traced
from projections.trace.whereabouts import Whereabouts, counted
from schemas.identifiers import Kind, identify, product_of
from schemas.times import Instant
from schemas.units import plain_fraction

SHOWN = 1_000
"""Most carriers, consignees and stopped_at listed; their true numbers stand beside them."""
POSSIBLE_SHOWN = 100
RELATIONS_PER_OBJECT = 10
_PRODUCT = KINDS.index(Kind.PRODUCT)
_NOT_KINDS = frozenset((Kind.PLACE, Kind.PARTY))


@dataclass(frozen=True, slots=True)
class Row:
    """One affected object. `number` is None for a seed that no event of any time mentions."""

    depth: int
    key: str
    number: int | None
    certain: bool
    kind: str
    product: str | None
    state: str
    place: str


class Answer:
    """Everything an answer says of one traced question, computed once; pages and streams are cut from it."""

    def __init__(
        self,
        traced: Traced,
        where: Whereabouts,
        texts: dict[int, str],
        event_ids: list[str],
        digits: list[str],
        base: str | None,
    ) -> None:
        self.traced, self._where, self._base = traced, where, base
        self._texts, self._events, self._digits = texts, event_ids, digits
        graph = traced.graph
        self._states = where.states()
        self.keys = [texts[name] for name in graph.names.tolist()]
        self.rows = sorted(self._rows(), key=lambda row: (row.depth, row.key))
        self.relations_found = Relations(traced, where)

    @classmethod
    async def of(cls, traced: Traced, base: str | None) -> Answer:
        """Compute the answer; fetches the texts of the subgraph once."""
        graph = traced.graph
        names = np.unique(np.concatenate([graph.names, graph.place[graph.place >= 0], graph.processes]))
        texts = dict(zip(names.tolist(), await graph.reader.texts(names), strict=True))
        event_ids = await graph.reader.event_ids(graph.events)
        digits = await graph.reader.finer(graph.events)
        return cls(traced, await Whereabouts.of(graph), texts, event_ids, digits, base)

    def _rows(self) -> list[Row]:
        found = [self._row(int(number)) for number in self.traced.closure.reached]
        for key in dict.fromkeys(key for resolved in self.traced.resolved for key in resolved.unheard):
            identifier = identify(key, self._base)
            found.append(Row(0, key, None, True, _kind(identifier.kind), identifier.product, "unknown", ""))
        return found

    def _row(self, number: int) -> Row:
        closure = self.traced.closure
        key = self.keys[number]
        kind = KINDS[self.traced.graph.kinds[number]]
        return Row(
            depth=int(closure.depth[number]),
            key=key,
            number=number,
            certain=bool(closure.certain[number]),
            kind=_kind(kind),
            product=product_of(key, kind),
            state=str(self._states[number]),
            place=self._place(number),
        )

    def _place(self, number: int) -> str:
        graph = self.traced.graph
        event = int(graph.swept.place_event[number])
        return self._texts[int(graph.place[event])] if event >= 0 else ""

    def consignees(self, row: Row) -> list[str]:
        return [] if row.number is None else self._where.consignees(row.number)

    def chosen(self, wanted: Filter) -> list[Row]:
        """Rows that a filter lets through, in the answer's order."""
        if not wanted:
            return self.rows
        return [row for row in self.rows if self._passes(row, wanted)]

    def _passes(self, row: Row, wanted: Filter) -> bool:
        certainty = "certain" if row.certain else "possible"
        return (
            (not wanted.kind or row.kind in wanted.kind)
            and (not wanted.state or row.state in wanted.state)
            and (not wanted.place or row.place in wanted.place)
            and (not wanted.product or row.product in wanted.product)
            and (not wanted.certainty or certainty in wanted.certainty)
            and (not wanted.consignee or bool(wanted.consignee & set(self.consignees(row))))
        )

    def totals(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Counts of these rows; an unknown place is the key ""."""
        return {
            "objects": len(rows),
            "certain": sum(row.certain for row in rows),
            "possible": sum(not row.certain for row in rows),
            "by_kind": counted(row.kind for row in rows),
            "by_state": counted(row.state for row in rows),
            "by_place": counted(row.place for row in rows),
            "by_product": counted(row.product for row in rows if row.product is not None),
            "by_consignee": counted(party for row in rows for party in self.consignees(row)),
        }

    def object(self, row: Row) -> dict[str, Any]:
        """One affected object as listed."""
        listed: dict[str, Any] = {
            "object": row.key,
            "kind": row.kind,
            "certainty": "certain" if row.certain else "possible",
            "depth": row.depth,
            "state": row.state,
            "place": row.place or None,
            "since": None,
            "last_event": None,
            "by_way_of": None,
            "carriers": [],
            "consignees": [],
            "possible_consignees": [],
            "possible_consignees_total": 0,
        }
        if row.number is None:
            return listed
        graph, number = self.traced.graph, row.number
        last, way = int(graph.swept.last[number]), int(graph.swept.way[number])
        if last >= 0:
            listed["since"], listed["last_event"] = self._time(last), self._events[last]
        listed["by_way_of"] = self.keys[way] if way >= 0 else None
        listed["carriers"] = self.carriers_of(number)
        listed["consignees"] = self._where.consignees(number)
        possible = self._where.possible_consignees(number)
        listed["possible_consignees"] = possible[:POSSIBLE_SHOWN]
        listed["possible_consignees_total"] = len(possible)
        return listed

    def carriers_of(self, number: int) -> list[str]:
        """Containers and assemblies around an object, innermost first, by key within a step."""
        around = self._where.carriers(number)
        return [key for _, key in sorted((one.steps, self.keys[one.box]) for one in around)]

    def event_id(self, event: int) -> str:
        """The eventID of an event number."""
        return self._events[event]

    def _time(self, event: int) -> str:
        return Instant(int(self.traced.graph.at.us[event]), self._digits[event]).text()

    def seeds(self) -> list[dict[str, Any]]:
        """What was given, what it stands for, and what was found (trace.md section 8)."""
        return [self._seed(resolved) for resolved in self.traced.resolved]

    def _seed(self, resolved: Resolved) -> dict[str, Any]:
        seed = resolved.seed
        if seed.ambiguous:
            return {"given": seed.given, "finding": "ambiguous", "objects": sorted(seed.keys)}
        numbers = self.traced.graph.numbers(resolved.names)
        listed = sorted([*(self.keys[number] for number in numbers), *resolved.unheard])
        return {"given": seed.given, "finding": self._finding(numbers), "objects": listed}

    def _finding(self, numbers: np.ndarray[Any, np.dtype[np.int64]]) -> str:
        closure = self.traced.closure
        if not any(self._named(int(number)) for number in numbers):
            return "unknown"
        if self.traced.question.direction == "forward":
            return "unused" if bool(closure.leaf[numbers].all()) else "found"
        return "incomplete" if self._reaches_no_origin(numbers) else "found"

    def _named(self, number: int) -> bool:
        """True if some event in force names it (or says that it belongs to, or is, a lot)."""
        graph = self.traced.graph
        return bool(
            graph.swept.last[number] >= 0
            or (graph.members.first == number).any()
            or (graph.members.second == number).any()
        )

    def _reaches_no_origin(self, numbers: np.ndarray[Any, np.dtype[np.int64]]) -> bool:
        without = {entry["object"] for entry in self._stops() if entry["reason"] == "no origin recorded"}
        if not without or len(self.traced.resolved) <= 1:
            return bool(without)
        reached = self.traced.reached_from(numbers)
        return any(self.keys[number] in without for number in reached)

    def _stops(self) -> list[dict[str, str]]:
        graph, closure = self.traced.graph, self.traced.closure
        forward = self.traced.question.direction == "forward"
        seeds = set(self.traced.seeds.tolist())
        stops: list[dict[str, str]] = []
        for number in closure.reached.tolist():
            if graph.kinds[number] == _PRODUCT and number not in seeds:
                stops.append({"object": self.keys[number], "reason": "untracked class"})
            elif (
                not forward and closure.leaf[number] and not (graph.swept.added[number] or graph.swept.arrived[number])
            ):
                stops.append({"object": self.keys[number], "reason": "no origin recorded"})
        if not forward:
            for resolved in self.traced.resolved:
                stops.extend({"object": key, "reason": "no origin recorded"} for key in resolved.unheard)
        return sorted(stops, key=lambda stop: stop["object"])

    def whole(self) -> dict[str, Any]:
        """The parts of the answer that are of the whole closure, each list cut at `SHOWN`."""
        found: dict[str, Any] = {}
        for name, entries in (
            ("carriers", self._carriers()),
            ("consignees", self._consignees()),
            ("stopped_at", self._stops()),
        ):
            found[name], found[f"{name}_total"] = entries[:SHOWN], len(entries)
        return found

    def _carriers(self) -> list[dict[str, Any]]:
        holds: dict[int, int] = defaultdict(int)
        for row in self.rows:
            if row.number is not None:
                for around in self._where.carriers(row.number):
                    holds[around.box] += 1
        listed = [
            {
                "object": self.keys[box],
                "holds": count,
                "place": self._place(box) or None,
                "state": str(self._states[box]),
            }
            for box, count in holds.items()
        ]
        return sorted(listed, key=lambda carrier: str(carrier["object"]))

    def _consignees(self) -> list[dict[str, Any]]:
        objects: dict[str, int] = defaultdict(int)
        amounts: dict[str, dict[tuple[str, str], Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        for row in self.rows:
            if row.number is None:
                continue
            for party in self._where.consignees(row.number):
                objects[party] += 1
                if row.kind == Kind.ITEM and row.product is not None:
                    amounts[party][row.product, "EA"] += 1
            if row.kind != Kind.ITEM and row.product is not None:
                for party, quantity, unit in self._where.sent(row.number):
                    amounts[party][row.product, unit or "EA"] += quantity
        return [
            {
                "party": party,
                "objects": objects[party],
                "quantities": [
                    {"product": product, "quantity": plain_fraction(value), "unit": unit}
                    for (product, unit), value in sorted(amounts[party].items())
                ],
            }
            for party in sorted(objects)
        ]

    async def relations(
        self, rows: Sequence[Row], limit: int
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]], bool]:
        """Relations and processes by which these rows were reached, and whether they were cut at 10 × limit."""
        found = self.relations_found.reaching(row.number for row in rows if row.number is not None)
        listed = sorted((self._relation(relation) for relation in found), key=_relation_order)
        cut = len(listed) > RELATIONS_PER_OBJECT * limit
        kept = sorted(found, key=lambda relation: _relation_order(self._relation(relation)))
        kept = kept[: RELATIONS_PER_OBJECT * limit]
        processes = sorted({~end for relation in kept for end in (relation.source, relation.target) if end < 0})
        return listed[: RELATIONS_PER_OBJECT * limit], await self._processes(processes), cut

    def _relation(self, relation: Relation) -> dict[str, Any]:
        quantity, unit = self.relations_found.quantity(relation)
        return {
            "from": self.end(relation.source),
            "to": self.end(relation.target),
            "kind": relation.kind,
            "events": [self._events[event] for event in sorted(relation.events)],
            "certain": relation.certain,
            "quantity": quantity,
            "unit": unit,
            "since": None if relation.since is None else self._time(relation.since),
            "until": None if relation.until is None else self._time(relation.until),
        }

    def end(self, number: int) -> str:
        """Key of an object number, or name of the process `~number`."""
        return self.keys[number] if number >= 0 else self._texts[int(self.traced.graph.processes[~number])]

    async def _processes(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """Each process with all its events under the question's limits."""
        graph = self.traced.graph
        reader = graph.reader
        handles = graph.processes[np.array(numbers, np.int64)]
        steps = await reader.naming(handles)
        steps = select(steps, steps.part == Part.PROCESS)
        events, at = await in_order(reader, np.unique(steps.event))
        around = await reader.within(events, (Part.READ_POINT, Part.LOCATION, Part.RESOURCE, Part.PROCESS))
        ids = await reader.event_ids(events)
        digits = await reader.finer(events)
        wanted = np.unique(around.name)
        texts = dict(zip(wanted.tolist(), await reader.texts(wanted), strict=True))
        listed = []
        for handle in handles.tolist():
            mine = np.flatnonzero(np.isin(events, steps.event[steps.name == handle]))
            name = self._texts[handle]
            sites = _last_sites(events[mine].tolist(), around, texts)
            listed.append(
                {
                    "process": name,
                    "events": [ids[event] for event in mine.tolist()],
                    "order": name[2:] if name.startswith("t:") else None,
                    "place": sites[0],
                    "resource": sites[1],
                    "from": Instant(int(at.us[mine[0]]), digits[mine[0]]).text(),
                    "to": Instant(int(at.us[mine[-1]]), digits[mine[-1]]).text(),
                }
            )
        return sorted(listed, key=lambda process: str(process["process"]))


def _last_sites(events: Sequence[int], around: Any, texts: dict[int, str]) -> tuple[str | None, str | None]:
    """Place (bizLocation, else readPoint) and resource of the last of these events that has one."""
    place: str | None = None
    resource: str | None = None
    for event in events:
        rows = select(around, around.event == event)
        for part in (Part.READ_POINT, Part.LOCATION):
            for name in rows.name[rows.part == part]:
                place = texts[int(name)]
        named = sorted(texts[int(name)] for name in rows.name[has(rows.part, (Part.RESOURCE,))])
        resource = named[0] if named else resource
    return place, resource


def _kind(kind: Kind) -> str:
    """Places and parties named as objects are none of the kinds of an answer: they are `other`."""
    return str(Kind.OTHER if kind in _NOT_KINDS else kind)


def _relation_order(relation: dict[str, Any]) -> tuple[str, str, str, str]:
    return relation["from"], relation["to"], relation["kind"], relation["since"] or ""
