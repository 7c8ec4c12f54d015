"""Loading a superset: what the rules must see to answer one question, and little more.

The loader walks from the seeds by every link that a rule of trace.md could draw, whatever it would decide, and keeps
all mentions of what it meets; containers around an object are loaded upward, without their other contents. Which
contents a container brought into a process depends on time: `sweep` decides that, and the loader is then asked to go
on from there (`projections.trace.subgraph`). Every step is a few calls in columns, none per object.
"""

from __future__ import annotations

import numpy as np

from projections.genealogy.port import KINDS, Bit, Ints, Mentions, Part, Reader
from projections.trace.columns import CHILDREN, EMPTY, INPUTS, OUTPUTS, Marks, distinct, has, select, stacked, union
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
        self.seeds = Marks(seeds)
        self.owned, self.reached, self.whole = Marks(), Marks(), Marks()
        self.processes, self.emptied = Marks(), Marks()
        self._chunks: list[Mentions] = []
        self._outputs: list[tuple[Ints, Ints]] = []

    def rows(self) -> Mentions:
        """Every visible mention of the owned names."""
        self._chunks = [stacked(self._chunks)]
        return self._chunks[0]

    def outputs(self) -> tuple[Ints, Ints]:
        """(process, output) pairs of the processes walked through; a pair may be there more than once."""
        if not self._outputs:
            return EMPTY, EMPTY
        process, name = (np.concatenate(column) for column in zip(*self._outputs, strict=True))
        return process, name

    async def own(self, names: Ints) -> Mentions:
        """Every visible mention of these names, kept; and, upward, of all containers and assemblies around them."""
        rows = await self._keep(names)
        around = await self._parents(rows, _ADDS)
        while (around := self.owned.missing(around)).size:
            around = await self._parents(await self._keep(around), _ADDS)
        return rows

    async def forward(self, frontier: Ints) -> None:
        """Go on from affected names (trace.md section 4, rules 2 to 6)."""
        while frontier.size:
            frontier = await self.step_forward(frontier)

    async def step_forward(self, frontier: Ints) -> Ints:
        """Names one step on from affected names that were not reached before."""
        frontier = self.reached.add(frontier)
        rows = await self._leading(await self.own(frontier), frontier)
        lots = self.owned.missing(rows.extra[rows.part == Part.MEMBER])
        by_quantity = await self.own(lots)
        both = stacked([rows, by_quantity])
        return union(
            rows.extra[rows.part == Part.MEMBERS_LOT],
            await self._parents(both, _FITS),
            await self.put_out(await self._processes(both.event[has(both.part, INPUTS)])),
        )

    async def put_out(self, processes: Ints) -> Ints:
        """Outputs of processes not walked through before."""
        new = self.processes.add(processes)
        if not new.size:
            return EMPTY
        steps = await self._steps(new)
        rows = await self.reader.within(distinct(steps.event), OUTPUTS)
        self._outputs.append((_process_of(rows.event, steps), rows.name))
        return distinct(rows.name)

    async def backward(self, frontier: Ints, whole: Ints) -> None:
        """Go on from names reached (trace.md section 5); `whole` are those that are seeds, inputs or parts."""
        while frontier.size or whole.size:
            frontier, whole = await self.step_backward(frontier, whole)

    async def step_backward(self, frontier: Ints, whole: Ints) -> tuple[Ints, Ints]:
        """Names one step back from names that were not reached before, and those of them that count as whole."""
        frontier, whole = self.reached.add(frontier), self.whole.add(whole)
        rows = await self._leading(await self.own(frontier), frontier)
        lots = await self._whole_lots(whole)
        items = distinct(lots.extra[lots.part == Part.MEMBERS_LOT])
        makers = stacked([rows, await self.own(items)])
        inputs = await self._put_in(await self._processes(makers.event[has(makers.part, OUTPUTS)]))
        parts = await self._children(makers, _FITS)
        await self.contents(inputs)
        whole = union(inputs, parts)
        return union(whole, rows.extra[rows.part == Part.MEMBER]), whole

    async def contents(self, boxes: Ints, *, parts: bool = False) -> None:
        """Own whatever was ever put into these, at any depth (candidates for inputs by way of a container), and with
        `parts` what was ever installed in them too."""
        while (boxes := self.emptied.add(boxes)).size:
            rows = await self.own(boxes)
            boxes = await self._children(rows, _ADDS if parts else _PUTS_IN)
            await self.own(boxes)

    async def _put_in(self, processes: Ints) -> Ints:
        new = self.processes.add(processes)
        if not new.size:
            return EMPTY
        steps = await self._steps(new)
        rows = await self.reader.within(distinct(steps.event), (*INPUTS, *OUTPUTS))
        out = has(rows.part, OUTPUTS)
        self._outputs.append((_process_of(rows.event[out], steps), rows.name[out]))
        return distinct(rows.name[~out])

    async def _whole_lots(self, names: Ints) -> Mentions:
        if not names.size:
            return stacked([])
        lots = names[(await self.reader.kinds(names)) == _LOT]
        return await self.own(lots)

    async def _leading(self, rows: Mentions, names: Ints) -> Mentions:
        """Rows of the names the walk goes on from: a product class leads nowhere unless it is a seed (rule 6)."""
        classes = names[(await self.reader.kinds(names)) == _PRODUCT]
        ending = classes[~self.seeds.has(classes)]
        return select(rows, ~Marks(ending).has(rows.name)) if ending.size else rows

    async def _keep(self, names: Ints) -> Mentions:
        """Every visible mention of these distinct names, kept if they are new."""
        if not names.size:
            return stacked([])
        rows = await self.reader.naming(names)
        new = self.owned.add(names)
        if new.size:
            self._chunks.append(rows if new.size == names.size else select(rows, Marks(new).has(rows.name)))
        return rows

    async def _parents(self, rows: Mentions, bits: int) -> Ints:
        """Containers or assemblies that these rows' children are put into by events having all of `bits`."""
        return await self._across(rows, CHILDREN, (Part.PARENT,), bits)

    async def _children(self, rows: Mentions, bits: int) -> Ints:
        return await self._across(rows, (Part.PARENT,), CHILDREN, bits)

    async def _across(self, rows: Mentions, near: tuple[Part, ...], far: tuple[Part, ...], bits: int) -> Ints:
        events = distinct(rows.event[has(rows.part, near)])
        if not events.size:
            return EMPTY
        events = events[((await self.reader.events(events)).bits & bits) == bits]
        return distinct((await self.reader.within(events, far)).name)

    async def _processes(self, events: Ints) -> Ints:
        if not events.size:
            return EMPTY
        return distinct((await self.reader.within(distinct(events), (Part.PROCESS,))).name)

    async def _steps(self, processes: Ints) -> Mentions:
        rows = await self.reader.naming(processes)
        return select(rows, rows.part == Part.PROCESS)


def _process_of(events: Ints, steps: Mentions) -> Ints:
    """The process of each event, from the PROCESS mentions of all of them."""
    table = np.zeros(int(steps.event.max()) + 1 if steps.event.size else 0, np.int64)
    table[steps.event] = steps.name
    return table[events]
