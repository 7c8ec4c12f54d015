"""The relations among what was reached, so that any path can be shown (trace.md section 8, api.md).

Built for a page of objects: those by which the page's objects were reached, the other ends by key only. One end of a
`transformed` relation is a process. All numbers are positions in the subgraph; texts are fetched once at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from projections.genealogy.port import Ints
from projections.trace.closure import Closure, leads, output_counts
from projections.trace.columns import OUTPUTS, has
from projections.trace.quantities import amount_of, total
from projections.trace.trace import Traced
from projections.trace.walk import UNREACHED
from projections.trace.whereabouts import Whereabouts
from schemas.units import from_base, plain_fraction

TRANSFORMED, BELONGS, INSTALLED = "transformed", "belongs_to_lot", "installed"


@dataclass(slots=True)
class Relation:
    """From and to are object numbers, or `~process` (negative) for a process. `rows` give the quantity."""

    source: int
    target: int
    kind: str
    certain: bool
    events: set[int] = field(default_factory=set)
    rows: list[int] = field(default_factory=list)
    since: int | None = None
    until: int | None = None


class Relations:
    """Relations of one traced question, looked up by object."""

    def __init__(self, traced: Traced, where: Whereabouts) -> None:
        graph = traced.graph
        self._graph, self._where = graph, where
        self._forward = traced.question.direction == "forward"
        self._reached = traced.closure.depth < UNREACHED
        self._going = leads(graph, traced.loader) == 1
        self._single = output_counts(graph) == 1
        self._walked = traced.loader.processes.has(graph.processes)
        self._closure: Closure = traced.closure
        self._inputs = graph.inputs
        self._into = _grouped(self._inputs.process)
        self._used = _grouped(self._inputs.object)
        outputs = np.flatnonzero(has(graph.row_part, OUTPUTS))
        self._output_rows = outputs
        self._by_output = _grouped(graph.row_object[outputs], outputs)
        self._out_of = _grouped(graph.process[graph.row_event[outputs]], outputs)
        self._links_of = _grouped(graph.swept.link_child)
        self._parts_of = _grouped(graph.swept.link_parent)
        self._joined = _grouped(graph.joined.object)
        self._lots_of = _grouped(graph.members.first, graph.members.second)
        self._items_of = _grouped(graph.members.second, graph.members.first)

    def reaching(self, objects: Iterable[int]) -> list[Relation]:
        """Relations by which these objects were reached, each once."""
        found: dict[tuple[int, int, str, int], Relation] = {}
        for thing in objects:
            for relation in self._forward_to(thing) if self._forward else self._backward_to(thing):
                key = (
                    relation.source,
                    relation.target,
                    relation.kind,
                    -1 if relation.since is None else relation.since,
                )
                found.setdefault(key, relation)
        return list(found.values())

    def _forward_to(self, thing: int) -> Iterable[Relation]:
        for process in self._processes(self._by_output.get(thing, ())):
            if not self._walked[process]:
                continue
            into = list(self._entering(process))
            if into:
                yield self._out(process, thing)
                yield from into
        for link in self._fitted(self._parts_of.get(thing, ())):
            part = int(self._graph.swept.link_child[link])
            if self._reached[part] and self._going[part]:
                yield self._installation(link, True)
            elif any(self._reached[item] for item in self._items_of.get(part, ())):
                yield self._installation(link, False)
        for lot in self._lots_of.get(thing, ()):
            if self._reached[lot]:
                yield self.belonging(thing, lot)

    def _entering(self, process: int) -> Iterable[Relation]:
        """Affected inputs of a process, and lots through which an affected item may have gone in."""
        made = {int(self._graph.row_object[row]) for row in self._out_of.get(process, ())}
        for thing, places in self._by_object(self._into.get(process, ())).items():
            if self._reached[thing] and self._going[thing]:
                yield self._in(process, thing, places, bool(self._single[process]))
            elif any(self._reached[item] and item not in made for item in self._items_of.get(thing, ())):
                yield self._in(process, thing, places, False)

    def _backward_to(self, thing: int) -> Iterable[Relation]:
        for process in dict.fromkeys(int(self._inputs.process[place]) for place in self._used.get(thing, ())):
            if self._walked[process]:
                yield from self._leaving(process, thing)
        for link in self._fitted(self._links_of.get(thing, ())):
            assembly = int(self._graph.swept.link_parent[link])
            if self._reached[assembly] and self._going[assembly]:
                yield self._installation(link, True)
            elif self._whole(assembly):
                yield self._installation(link, self._whole_seed(assembly))
        for item in self._items_of.get(thing, ()):
            if self._reached[item]:
                yield self.belonging(item, thing)

    def _leaving(self, process: int, thing: int) -> Iterable[Relation]:
        """The input, and the outputs that led back to it."""
        outputs = dict.fromkeys(int(self._graph.row_object[row]) for row in self._out_of.get(process, ()))
        direct = [made for made in outputs if self._reached[made] and self._going[made]]
        by_lot = [made for made in outputs if not self._reached[made] and self._whole(made)]
        if not direct and not by_lot:
            return
        places = [place for place in self._used[thing] if int(self._inputs.process[place]) == process]
        yield self._in(process, thing, places, bool(self._single[process]))
        for made in (*direct, *by_lot):
            yield self._out(process, made)

    def _whole(self, item: int) -> bool:
        """True if an item stands for a lot that was reached whole."""
        return any(self._reached[lot] for lot in self._lots_of.get(item, ()))

    def _whole_seed(self, item: int) -> bool:
        return any(self._closure.depth[lot] == 0 for lot in self._lots_of.get(item, ()))

    def _in(self, process: int, thing: int, places: Sequence[int], certain: bool) -> Relation:
        relation = Relation(thing, ~process, TRANSFORMED, certain)
        for place in places:
            relation.events.add(int(self._inputs.event[place]))
        named = [place for place in places if not self._inputs.boxed[place]]
        relation.rows = [int(self._inputs.extra[place]) for place in named]
        return relation

    def _out(self, process: int, thing: int) -> Relation:
        relation = Relation(~process, thing, TRANSFORMED, bool(self._single[process]))
        for row in self._by_output.get(thing, ()):
            if int(self._graph.process[self._graph.row_event[row]]) == process:
                relation.events.add(int(self._graph.row_event[row]))
                relation.rows.append(int(self._graph.row_extra[row]))
        return relation

    def _installation(self, link: int, certain: bool) -> Relation:
        swept, size = self._graph.swept, self._graph.events.size
        since, until = int(swept.link_from[link]), int(swept.link_until[link])
        part = int(swept.link_child[link])
        relation = Relation(part, int(swept.link_parent[link]), INSTALLED, certain, {since})
        relation.since, relation.until = since, None if until >= size else until
        if relation.until is not None:
            relation.events.add(relation.until)
        rows = np.flatnonzero((self._graph.row_event == since) & (self._graph.row_object == part))
        relation.rows = [int(self._graph.row_extra[row]) for row in rows]
        return relation

    def belonging(self, item: int, lot: int) -> Relation:
        said = [at for at in self._joined.get(item, ()) if int(self._graph.joined.process[at]) == lot]
        return Relation(lot, item, BELONGS, True, {int(self._graph.joined.event[at]) for at in said})

    def _fitted(self, links: Iterable[int]) -> Iterable[int]:
        swept = self._graph.swept
        return (link for link in links if swept.link_kind[link] == 2 and swept.link_from[link] >= 0)

    def _processes(self, rows: Iterable[int]) -> Iterable[int]:
        return dict.fromkeys(int(self._graph.process[self._graph.row_event[row]]) for row in rows)

    def _by_object(self, places: Iterable[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for place in places:
            found[int(self._inputs.object[place])].append(place)
        return found

    def quantity(self, relation: Relation) -> tuple[str | None, str | None]:
        """Sum of the quantities given, in the unit given first; nothing where one is missing or differs."""
        given = [self._where.quantity_of(handle) for handle in relation.rows]
        if not given or None in given:
            return None, None
        found = total(amount_of(one) for one in given)
        unit = given[0][1] if given[0] is not None else None
        value = None if found is None else from_base(found[0], found[1], unit)
        return (None, None) if value is None else (plain_fraction(value), unit)


def _grouped(column: Ints, values: Ints | None = None) -> dict[int, list[int]]:
    """Positions (or `values` there) by the number a column holds."""
    found: dict[int, list[int]] = defaultdict(list)
    given = range(column.size) if values is None else values.tolist()
    for number, value in zip(column.tolist(), given, strict=True):
        found[number].append(value)
    return dict(found)
