"""Texts of a subgraph's numbers, fetched when they are first needed, many at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from projections.genealogy.port import Ints
from projections.trace.subgraph import Subgraph
from schemas.times import Instant


class Known:
    """What has been read of one subgraph. Learn first, then ask: asking never waits."""

    def __init__(self, graph: Subgraph) -> None:
        self._graph = graph
        self._texts: dict[int, str] = {}
        self._events: dict[int, tuple[str, str]] = {}

    async def learn(self, numbers: Iterable[int] | Ints) -> None:
        """Keys of these object numbers; negative ones are none."""
        at = _array(numbers)
        await self.learn_names(self._graph.names[at[at >= 0]])

    async def learn_names(self, names: Ints) -> None:
        """Texts of name handles; negative ones are none."""
        missing = np.array([name for name in names.tolist() if name >= 0 and name not in self._texts], np.int64)
        self._texts.update(zip(missing.tolist(), await self._graph.reader.texts(missing), strict=True))

    async def learn_events(self, numbers: Iterable[int] | Ints) -> None:
        """Ids and times of event numbers; negative ones are none."""
        at = np.unique(_array(numbers))
        at = np.array([number for number in at.tolist() if number >= 0 and number not in self._events], np.int64)
        handles = self._graph.events[at]
        ids = await self._graph.reader.event_ids(handles)
        digits = await self._graph.reader.finer(handles)
        self._events.update(zip(at.tolist(), zip(ids, digits, strict=True), strict=True))

    def key(self, number: int) -> str:
        """Key of an object number."""
        return self._texts[int(self._graph.names[number])]

    def text(self, name: int) -> str:
        return self._texts[name]

    def event(self, number: int) -> str:
        """The eventID of an event number."""
        return self._events[number][0]

    def time(self, number: int) -> str:
        """The event time, with every digit given."""
        return Instant(int(self._graph.at.us[number]), self._events[number][1]).text()


def _array(numbers: Iterable[int] | Ints) -> Ints:
    return numbers if isinstance(numbers, np.ndarray) else np.array(list(numbers), np.int64)
