"""Loading a superset: what the rules must see to answer one question, and little more.

The loader walks from the seeds by every link that a rule of trace.md could draw, whatever it would decide, and keeps
all mentions of what it meets; containers around an object are loaded upward, without their other contents. Which
contents a container brought into a process depends on time: `sweep` decides that, and the loader is then asked to go
on from there (`projections.trace.subgraph`). Every step is a few calls in columns, none per object.
"""

from __future__ import annotations

import numpy as np

from projections.genealogy.port import KINDS, Bit, Ints, Mentions, Part, Reader
from projections.trace.columns import CHILDREN, EMPTY, INPUTS, OUTPUTS, has, select, stacked, union, without
from schemas.identifiers import Kind

_PRODUCT = KINDS.index(Kind.PRODUCT)
_LOT = KINDS.index(Kind.LOT)
_PUTS_IN = int(Bit.CONTAINS | Bit.ADD)
_FITS = int(Bit.INSTALLS | Bit.ADD)
_ADDS = int(Bit.ADD)


class Loader:
    """What has been loaded for one question: `owned` names, of which every visible mention is in `rows()`, and of
    the processes walked through all outputs (`outputs`) and, walking backward, all inputs."""

    def __init__(self, reader: Reader, seeds: Ints) -> None:
        self.reader = reader
        self.seeds = np.unique(seeds)
        self.owned: Ints = EMPTY
        self.reached: Ints = EMPTY
        self.whole: Ints = EMPTY
        self.processes: Ints = EMPTY
        self.emptied: Ints = EMPTY
        self._chunks: list[Mentions] = []
        self._outputs: list[tuple[Ints, Ints]] = []

    def rows(self) -> Mentions:
        """Every visible mention of the owned names."""
        return stacked(self._chunks)

    def outputs(self) -> tuple[Ints, Ints]:
        """Distinct (process, output) pairs of the processes walked through."""
        if not self._outputs:
            return EMPTY, EMPTY
        pairs = np.unique(np.stack([np.concatenate(column) for column in zip(*self._outputs, strict=True)]), axis=1)
        return pairs[0], pairs[1]

    async def own(self, names: Ints) -> Mentions:
        """Every visible mention of these names, kept; and, upward, of all containers and assemblies around them."""
        rows = await self._keep(names)
        around = await self._parents(rows, _ADDS)
        while (around := without(around, self.owned)).size:
            around = await self._parents(await self._keep(around), _ADDS)
        return rows

    async def forward(self, frontier: Ints) -> None:
        """Go on from affected names (trace.md section 4, rules 2 to 6)."""
        while (frontier := without(frontier, self.reached)).size:
            self.reached = union(self.reached, frontier)
            rows = await self.own(frontier)
            rows = select(rows, np.isin(rows.name, await self._leading(frontier)))
            lots = without(rows.extra[rows.part == Part.MEMBER], self.owned)
            by_quantity = await self.own(lots)
            both = stacked([rows, by_quantity])
            frontier = union(
                rows.extra[rows.part == Part.MEMBERS_LOT],
                await self._parents(both, _FITS),
                await self.put_out(await self._processes(both.event[has(both.part, INPUTS)])),
            )

    async def put_out(self, processes: Ints) -> Ints:
        """Outputs of processes not walked through before."""
        new = without(processes, self.processes)
        if not new.size:
            return EMPTY
        self.processes = union(self.processes, new)
        steps = await self._steps(new)
        rows = await self.reader.within(np.unique(steps.event), OUTPUTS)
        self._outputs.append((_process_of(rows.event, steps), rows.name))
        return np.unique(rows.name)

    async def backward(self, frontier: Ints, whole: Ints) -> None:
        """Go on from names reached (trace.md section 5); `whole` are those that are seeds, inputs or parts."""
        while True:
            frontier = without(frontier, self.reached)
            whole = without(whole, self.whole)
            if not frontier.size and not whole.size:
                return
            self.reached = union(self.reached, frontier)
            self.whole = union(self.whole, whole)
            rows = await self.own(frontier)
            rows = select(rows, np.isin(rows.name, await self._leading(frontier)))
            lots = await self._whole_lots(whole)
            items = without(lots.extra[lots.part == Part.MEMBERS_LOT], EMPTY)
            makers = stacked([rows, await self.own(items)])
            inputs = await self._put_in(await self._processes(makers.event[has(makers.part, OUTPUTS)]))
            parts = await self._children(makers, _FITS)
            frontier = union(inputs, parts, rows.extra[rows.part == Part.MEMBER])
            whole = union(inputs, parts)
            await self.contents(inputs)

    async def contents(self, boxes: Ints, *, parts: bool = False) -> None:
        """Own whatever was ever put into these, at any depth (candidates for inputs by way of a container), and with
        `parts` what was ever installed in them too."""
        while (boxes := without(boxes, self.emptied)).size:
            self.emptied = union(self.emptied, boxes)
            rows = await self.own(boxes)
            boxes = await self._children(rows, _ADDS if parts else _PUTS_IN)
            await self.own(boxes)

    async def _put_in(self, processes: Ints) -> Ints:
        new = without(processes, self.processes)
        if not new.size:
            return EMPTY
        self.processes = union(self.processes, new)
        steps = await self._steps(new)
        rows = await self.reader.within(np.unique(steps.event), (*INPUTS, *OUTPUTS))
        out = has(rows.part, OUTPUTS)
        self._outputs.append((_process_of(rows.event[out], steps), rows.name[out]))
        return np.unique(rows.name[~out])

    async def _whole_lots(self, names: Ints) -> Mentions:
        if not names.size:
            return stacked([])
        lots = names[(await self.reader.kinds(names)) == _LOT]
        return await self.own(lots)

    async def _leading(self, names: Ints) -> Ints:
        """Names the walk goes on from: a product class leads nowhere unless it is a seed (rule 6)."""
        kinds = await self.reader.kinds(names)
        leading: Ints = names[(kinds != _PRODUCT) | np.isin(names, self.seeds)]
        return leading

    async def _keep(self, names: Ints) -> Mentions:
        names = np.unique(names)
        if not names.size:
            return stacked([])
        rows = await self.reader.naming(names)
        new = without(names, self.owned)
        if new.size:
            self.owned = union(self.owned, new)
            self._chunks.append(select(rows, np.isin(rows.name, new)))
        return rows

    async def _parents(self, rows: Mentions, bits: int) -> Ints:
        """Containers or assemblies that these rows' children are put into by events having all of `bits`."""
        return await self._across(rows, CHILDREN, (Part.PARENT,), bits)

    async def _children(self, rows: Mentions, bits: int) -> Ints:
        return await self._across(rows, (Part.PARENT,), CHILDREN, bits)

    async def _across(self, rows: Mentions, near: tuple[Part, ...], far: tuple[Part, ...], bits: int) -> Ints:
        events = np.unique(rows.event[has(rows.part, near)])
        if not events.size:
            return EMPTY
        events = events[((await self.reader.events(events)).bits & bits) == bits]
        return np.unique((await self.reader.within(events, far)).name)

    async def _processes(self, events: Ints) -> Ints:
        if not events.size:
            return EMPTY
        return np.unique((await self.reader.within(np.unique(events), (Part.PROCESS,))).name)

    async def _steps(self, processes: Ints) -> Mentions:
        rows = await self.reader.naming(processes)
        return select(rows, rows.part == Part.PROCESS)


def _process_of(events: Ints, steps: Mentions) -> Ints:
    """The process of each event, from the PROCESS mentions of all of them."""
    order = np.argsort(steps.event, kind="stable")
    return steps.name[order][np.searchsorted(steps.event[order], events)]
