"""The relations among what was reached, so that any path can be shown (trace.md section 8, api.md).

Built for a page of objects: those by which the page's objects were reached, the other ends by key only. One end of a
`transformed` relation is a process. All numbers are positions in the subgraph; texts are fetched once at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from projections.genealogy.port import Ints
from projections.trace import history
from projections.trace.closure import Closure, leads, output_counts
from projections.trace.columns import OUTPUTS, Groups, has
from projections.trace.quantities import amount_of, total
from projections.trace.trace import Traced
from projections.trace.walk import UNREACHED
from projections.trace.whereabouts import Whereabouts
from schemas.units import from_base, plain_fraction

TRANSFORMED, BELONGS, INSTALLED = "transformed", "belongs_to_lot", "installed"
_Identity = tuple[int, int, str, int | None, int | None]


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
    """Relations of one traced question, looked up by object. Groups are made when they are first asked for, and what a
    process has in common for all its inputs or outputs is found once."""

    def __init__(self, traced: Traced, where: Whereabouts) -> None:
        graph = traced.graph
        self._graph, self._where = graph, where
        self._forward = traced.question.direction == "forward"
        self._reached = traced.closure.depth < UNREACHED
        self._going = leads(graph, traced.loader) == 1
        self._single = output_counts(graph) == 1
        self._walked = traced.loader.processes.has(graph.processes)
        self._closure: Closure = traced.closure
        self._seeds = np.zeros(graph.names.size, np.bool_)
        self._seeds[traced.seeds] = True
        self._inputs = graph.inputs
        self._output_rows = np.flatnonzero(has(graph.row_part, OUTPUTS))
        self._shared: dict[int, list[Relation]] = {}

    @cached_property
    def _into(self) -> Groups:
        return Groups(self._inputs.process, self._graph.processes.size)

    @cached_property
    def _used(self) -> Groups:
        return Groups(self._inputs.object, self._graph.names.size)

    @cached_property
    def _outputs_of(self) -> Groups:
        """Places in `_output_rows` by process."""
        return Groups(self._graph.process[self._graph.row_event[self._output_rows]], self._graph.processes.size)

    @cached_property
    def _by_child(self) -> Groups:
        return Groups(self._graph.swept.link_child, self._graph.names.size)

    @cached_property
    def _by_parent(self) -> Groups:
        return Groups(self._graph.swept.link_parent, self._graph.names.size)

    @cached_property
    def _joined(self) -> Groups:
        return Groups(self._graph.joined.object, self._graph.names.size)

    def _lots(self, item: int) -> list[int]:
        lots: list[int] = self._graph.members.second[self._graph.lots_of.of(item)].tolist()
        return lots

    def _items(self, lot: int) -> Ints:
        items: Ints = self._graph.members.first[self._graph.items_of.of(lot)]
        return items

    def _made(self, process: int) -> Ints:
        """Objects that a process puts out."""
        rows = self._output_rows[self._outputs_of.of(process)]
        return np.unique(self._graph.row_object[rows])

    def outputs(self, process: int) -> Ints:
        """Name handles of all that a process puts out, each once, whether it was reached or not."""
        outputs: Ints = self._graph.outputs.second[self._graph.outputs.first == process]
        return np.unique(outputs)

    def reaching(self, objects: Iterable[int]) -> list[Relation]:
        """Relations by which these objects were reached, each once."""
        found: dict[_Identity, Relation] = {}
        processes: dict[int, None] = {}
        things = np.fromiter(objects, np.int64)
        for relation in self._forward_to(things) if self._forward else self._backward_to(things):
            found.setdefault(_identity(relation), relation)
            processes.update((~end, None) for end in (relation.source, relation.target) if end < 0)
        for process in processes:
            for relation in self._entering(process) if self._forward else self._leaving(process):
                found.setdefault(_identity(relation), relation)
        return list(found.values())

    def _forward_to(self, things: Ints) -> Iterator[Relation]:
        yield from (relation for relation in self._put_out(things) if self._entering(~relation.source))
        for link in self._fitted(self._by_parent.of_all(things)):
            part = int(self._graph.swept.link_child[link])
            if self._reached[part] and self._going[part]:
                yield self._installation(link, True)
            elif self._reached[self._items(part)].any():
                yield self._installation(link, False)
        places = self._graph.lots_of.of_all(things)
        yield from self._belongings(places[self._reached[self._graph.members.second[places]]])

    def _put_out(self, things: Ints) -> Iterable[Relation]:
        """Each of these things out of each process walked through that put it out."""
        graph = self._graph
        rows = graph.rows_of.of_all(things)
        rows = rows[has(graph.row_part[rows], OUTPUTS)]
        rows = rows[self._walked[graph.process[graph.row_event[rows]]]]
        events = graph.row_event[rows]
        made: dict[tuple[int, int], Relation] = {}
        for process, thing, event, extra in zip(
            graph.process[events].tolist(), graph.row_object[rows].tolist(), events.tolist(),
            graph.row_extra[rows].tolist(), strict=True,
        ):  # fmt: skip
            relation = made.get((process, thing))
            if relation is None:
                relation = made[process, thing] = Relation(~process, thing, TRANSFORMED, bool(self._single[process]))
            relation.events.add(event)
            relation.rows.append(extra)
        return made.values()

    def _entering(self, process: int) -> list[Relation]:
        """Affected inputs of a process, and lots through which an affected item may have gone in."""
        if process not in self._shared:
            used = self._by_object(self._into.each(process))
            named = np.append(self._made(process), np.fromiter(used, np.int64, len(used)))
            found: list[Relation] = []
            for thing, places in used.items():
                items = self._items(thing)
                if self._reached[thing] and self._going[thing]:
                    found.append(self._in(process, thing, places, bool(self._single[process])))
                elif (self._reached[items] & ~np.isin(items, named)).any():
                    found.append(self._in(process, thing, places, False))
            self._shared[process] = found
        return self._shared[process]

    def _backward_to(self, things: Ints) -> Iterator[Relation]:
        for thing in things.tolist():
            places = self._used.of(thing)
            for process in dict.fromkeys(self._inputs.process[places].tolist()):
                if self._walked[process] and self._leaving(process):
                    mine = places[self._inputs.process[places] == process].tolist()
                    yield self._in(process, thing, mine, bool(self._single[process]))
        for link in self._fitted(self._by_child.of_all(things)):
            assembly = int(self._graph.swept.link_parent[link])
            if self._reached[assembly] and self._going[assembly]:
                yield self._installation(link, True)
            elif self._whole(assembly):
                yield self._installation(link, self._whole_seed(assembly))
        places = self._graph.items_of.of_all(things)
        yield from self._belongings(places[self._reached[self._graph.members.first[places]]])

    def _leaving(self, process: int) -> list[Relation]:
        """The outputs of a process that led back to it."""
        if process not in self._shared:
            made = self._made(process)
            stands = [not self._reached[thing] and self._whole(thing) for thing in made.tolist()]
            led = (self._reached[made] & self._going[made]) | np.array(stands, np.bool_)
            self._shared[process] = [one for one in self._put_out(made[led]) if one.source == ~process]
        return self._shared[process]

    def _whole(self, item: int) -> bool:
        """True if an item stands for a lot that was reached whole."""
        return any(self._closure.entire[lot] for lot in self._lots(item))

    def _whole_seed(self, item: int) -> bool:
        return any(self._seeds[lot] for lot in self._lots(item))

    def _in(self, process: int, thing: int, places: Sequence[int], certain: bool) -> Relation:
        relation = Relation(thing, ~process, TRANSFORMED, certain)
        for place in places:
            relation.events.add(int(self._inputs.event[place]))
        named = [place for place in places if not self._inputs.boxed[place]]
        relation.rows = [int(self._inputs.extra[place]) for place in named]
        return relation

    def _installation(self, link: int, certain: bool) -> Relation:
        swept, size = self._graph.swept, self._graph.events.size
        since, until = int(swept.link_from[link]), int(swept.link_until[link])
        part = int(swept.link_child[link])
        relation = Relation(part, int(swept.link_parent[link]), INSTALLED, certain, {since})
        relation.since, relation.until = since, None if until >= size else until
        if relation.until is not None:
            relation.events.add(relation.until)
        rows = self._graph.rows_of.of(part)
        rows = rows[self._graph.row_event[rows] == since]
        relation.rows = [int(self._graph.row_extra[row]) for row in rows]
        return relation

    def _belongings(self, places: Ints) -> Iterator[Relation]:
        """Items and their lots, by places in `members`."""
        members = self._graph.members
        for item, lot in zip(members.first[places].tolist(), members.second[places].tolist(), strict=True):
            yield self.belonging(item, lot)

    def belonging(self, item: int, lot: int) -> Relation:
        said = [at for at in self._joined.each(item) if int(self._graph.joined.process[at]) == lot]
        return Relation(lot, item, BELONGS, True, {int(self._graph.joined.event[at]) for at in said})

    def _fitted(self, links: Ints) -> list[int]:
        swept = self._graph.swept
        fitted: list[int] = links[
            (swept.link_kind[links] == history.INSTALLED) & (swept.link_from[links] >= 0)
        ].tolist()
        return fitted

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


def _identity(relation: Relation) -> _Identity:
    return relation.source, relation.target, relation.kind, relation.since, relation.until
