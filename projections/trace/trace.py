"""Asking: load, sweep, and load on until nothing more can be reached (architecture rule 5).

The store finds a superset, pure code decides. What a container brought into a process is known only after the sweep;
the walk then goes on from there, and ends since every round adds a process or an object of a finite graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from projections.genealogy.port import Ints, Mask, Reader
from projections.trace import closure
from projections.trace.closure import Closure
from projections.trace.columns import EMPTY, union
from projections.trace.load import Loader
from projections.trace.question import Question
from projections.trace.seeds import Resolved, resolve
from projections.trace.subgraph import Subgraph, subgraph


@dataclass(frozen=True, slots=True)
class Traced:
    """A question's seeds, its subgraph and what was reached; `seeds` are object numbers."""

    question: Question
    resolved: Sequence[Resolved]
    loader: Loader
    graph: Subgraph
    closure: Closure
    seeds: Ints

    def leads_to(self, wanted: Mask, seeds: Ints) -> bool:
        """True if one of these seeds reaches a wanted object (a mask)."""
        return bool(wanted.any()) and closure.any_leads_to(self.closure, wanted, seeds)


async def trace(reader: Reader, question: Question, own_places: Sequence[str]) -> Traced:
    """Reach all that trace.md section 4 (forward) or 5 (backward) says, under the reader's limits."""
    resolved = [await resolve(reader, seed) for seed in question.seeds]
    names = union(*(found.names for found in resolved)) if resolved else EMPTY
    loader = Loader(reader, names)
    forward = question.direction == "forward"
    await reader.ahead(names, forward=forward)
    await (loader.forward(names) if forward else loader.backward(names, names))
    graph = await subgraph(loader, own_places)
    while await (_used_forward(loader, graph) if forward else _used_backward(loader, graph)):
        graph = await subgraph(loader, own_places)
    seeds = graph.numbers(names)
    return Traced(question, resolved, loader, graph, walk(question, loader, graph, seeds), seeds)


def walk(question: Question, loader: Loader, graph: Subgraph, seeds: Ints) -> Closure:
    """Reach what is to be reached within a subgraph."""
    reached = closure.forward if question.direction == "forward" else closure.backward
    return reached(graph, loader, seeds)


async def _used_forward(loader: Loader, graph: Subgraph) -> bool:
    """Go on from processes that affected objects, or their lots, entered in a container. False if there were none."""
    boxed = graph.boxed_inputs()
    reached = loader.reached.has(graph.names)
    reached[graph.members.second[reached[graph.members.first]]] = True
    relevant = reached[boxed.object] & (closure.leads(graph, loader)[boxed.object] == 1)
    processes = loader.processes.missing(graph.processes[boxed.process[relevant]])
    if not processes.size:
        return False
    await loader.forward(await loader.put_out(processes))
    return True


async def _used_backward(loader: Loader, graph: Subgraph) -> bool:
    """Go on to what came into the processes walked in a container. False if there was nothing new."""
    boxed = graph.boxed_inputs()
    walked = loader.processes.has(graph.processes[boxed.process])
    names = union(graph.names[boxed.object[walked]])
    if not loader.whole.missing(names).size and not loader.reached.missing(names).size:
        return False
    await loader.backward(names, names)
    return True
