"""A path from the seeds to an object, each step with its process, events and the rule that makes it what it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from projections.trace.relations import BELONGS, INSTALLED, Relation, Relations
from projections.trace.trace import Traced
from projections.trace.walk import UNREACHED

ONE_OUTPUT = "the process has one output"
SEVERAL_OUTPUTS = "the process has several outputs"
BY_LOT_QUANTITY = "a quantity of its lot was used, without serials"
OF_THE_LOT = "it belongs to the lot"
WAS_INSTALLED = "it was installed in it"


@dataclass(frozen=True, slots=True)
class Step:
    """One step downstream: relations in their own direction, from `source` to `target` (object numbers)."""

    source: int
    target: int
    kind: str
    process: int | None
    relations: tuple[Relation, ...]
    certain: bool
    rule: str
    weight: int


class Paths:
    """Paths within one traced question, found from the far end, so that only what leads there is looked at."""

    def __init__(self, traced: Traced, relations: Relations) -> None:
        self._traced, self._relations = traced, relations
        self._forward = traced.question.direction == "forward"
        self._seeds = set(traced.seeds.tolist())

    def shortest(self, to: int, *, certain: bool) -> list[Step] | None:
        """The steps from a seed to `to`, in the walk's direction; None if there is no such path."""
        came: dict[int, Step | None] = {to: None}
        queue: deque[int] = deque([to])
        while queue:
            here = queue.popleft()
            if here in self._seeds:
                return list(self._steps(here, came))
            for step in self._before(here):
                near = step.source if self._forward else step.target
                if near in came or (certain and not step.certain):
                    continue
                came[near] = step
                if step.weight:
                    queue.append(near)
                else:
                    queue.appendleft(near)
        return None

    def _steps(self, seed: int, came: dict[int, Step | None]) -> Iterator[Step]:
        here = seed
        while (step := came[here]) is not None:
            yield step
            here = step.target if self._forward else step.source

    def _before(self, here: int) -> Iterator[Step]:
        """Steps by which `here` was reached."""
        reached = self._traced.closure.depth < UNREACHED
        if not reached[here]:
            yield from self._by_items(here)
            return
        found = self._relations.reaching([here])
        for relation in found:
            if relation.kind == BELONGS:
                yield Step(relation.source, relation.target, BELONGS, None, (relation,), True, OF_THE_LOT, 0)
            elif relation.kind == INSTALLED:
                rule = WAS_INSTALLED if relation.certain else BY_LOT_QUANTITY
                yield Step(relation.source, relation.target, INSTALLED, None, (relation,), relation.certain, rule, 1)
        yield from self._through_processes(here, found)

    def _through_processes(self, here: int, found: list[Relation]) -> Iterator[Step]:
        for one in found:
            mine = one.target == here if self._forward else one.source == here
            if not mine or min(one.source, one.target) >= 0:
                continue
            process = ~min(one.source, one.target)
            for other in found:
                far = other.target == ~process if self._forward else other.source == ~process
                if other is one or not far:
                    continue
                certain = one.certain and other.certain
                rule = ONE_OUTPUT if certain else SEVERAL_OUTPUTS if one.certain == other.certain else BY_LOT_QUANTITY
                first, last = (other, one) if self._forward else (one, other)
                yield Step(first.source, last.target, first.kind, process, (first, last), certain, rule, 1)

    def _by_items(self, lot: int) -> Iterator[Step]:
        """A lot that only stands for its items on the way: from, or to, those reached."""
        members = self._traced.graph.members
        for item in members.first[members.second == lot].tolist():
            if self._traced.closure.depth[item] < UNREACHED:
                relation = self._relations.belonging(item, lot)
                source, target = (item, lot) if self._forward else (lot, item)
                yield Step(source, target, BELONGS, None, (relation,), False, BY_LOT_QUANTITY, 0)
