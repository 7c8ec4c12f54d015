"""One step from an object, forward or backward, with true totals: what a view opens when a node is opened.

A step leads through one process or into one assembly, or from a lot to its items; the same walk as a trace, cut short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from projections.genealogy.port import Ints, Reader
from projections.trace.closure import leads
from projections.trace.columns import Marks, union
from projections.trace.load import Loader
from projections.trace.question import Question
from projections.trace.seeds import resolve
from projections.trace.subgraph import Subgraph, subgraph
from projections.trace.trace import Traced, walk
from projections.trace.walk import UNREACHED


async def neighbours(reader: Reader, question: Question, own_places: Sequence[str]) -> Traced:
    """The question's seeds and what is one step from them; nothing beyond is in the closure."""
    resolved = [await resolve(reader, seed) for seed in question.seeds]
    names = union(*(found.names for found in resolved))
    loader = Loader(reader, names)
    forward = question.direction == "forward"
    near = await loader.step_forward(names) if forward else (await loader.step_backward(names, names))[0]
    await loader.own(loader.owned.missing(near))
    graph = await subgraph(loader, own_places)
    boxed = await _boxed_forward(loader, graph, names) if forward else _boxed_backward(loader, graph)
    if loader.owned.missing(boxed).size:
        await loader.own(loader.owned.missing(boxed))
        graph = await subgraph(loader, own_places)
    seeds = graph.numbers(names)
    found = walk(question, loader, graph, seeds)
    far = ~Marks(union(names, near, boxed)).has(graph.names) | (found.depth > 1)
    found.depth[far] = UNREACHED
    found = replace(found, certain=found.certain * (found.depth < UNREACHED))
    return Traced(question, resolved, loader, graph, found, seeds)


async def _boxed_forward(loader: Loader, graph: Subgraph, names: Ints) -> Ints:
    """Outputs of the processes that a seed, or its lot, entered in a container."""
    boxed, members = graph.boxed_inputs(), graph.members
    seeds = Marks(names).has(graph.names)
    seeds[members.second[seeds[members.first]]] = True
    relevant = seeds[boxed.object] & (leads(graph, loader)[boxed.object] == 1)
    return await loader.put_out(graph.processes[boxed.process[relevant]])


def _boxed_backward(loader: Loader, graph: Subgraph) -> Ints:
    """What came in a container into the processes that made a seed."""
    boxed = graph.boxed_inputs()
    walked = loader.processes.has(graph.processes[boxed.process])
    return graph.names[boxed.object[walked]]
