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
        self._keys: dict[int, str] = {}
        self._texts: dict[int, str] = {}
        self._events: dict[int, tuple[str, str]] = {}

    async def learn(self, numbers: Iterable[int] | Ints) -> None:
        """Keys of these object numbers; negative ones are none."""
        missing = _array([at for at in set(_listed(numbers)) if at >= 0 and at not in self._keys])
        self._keys.update(
            zip(missing.tolist(), await self._graph.reader.texts(self._graph.names[missing]), strict=True)
        )

    async def learn_names(self, names: Ints) -> None:
        """Texts of name handles; negative ones are none."""
        missing = _array([name for name in set(names.tolist()) if name >= 0 and name not in self._texts])
        self._texts.update(zip(missing.tolist(), await self._graph.reader.texts(missing), strict=True))

    async def learn_events(self, numbers: Iterable[int] | Ints) -> None:
        """Ids and times of event numbers; negative ones are none."""
        missing = _array(sorted(at for at in set(_listed(numbers)) if at >= 0 and at not in self._events))
        handles = self._graph.events[missing]
        ids = await self._graph.reader.event_ids(handles)
        digits = await self._graph.reader.finer(handles)
        for at, us, event, finer in zip(
            missing.tolist(), self._graph.at.us[missing].tolist(), ids, digits, strict=True
        ):
            self._events[at] = event, Instant(us, finer).text()

    def key(self, number: int) -> str:
        """Key of an object number."""
        return self._keys[number]

    def text(self, name: int) -> str:
        return self._texts[name]

    def event(self, number: int) -> str:
        """The eventID of an event number."""
        return self._events[number][0]

    def time(self, number: int) -> str:
        """The event time, with every digit given."""
        return self._events[number][1]


def _listed(numbers: Iterable[int] | Ints) -> Iterable[int]:
    return numbers.tolist() if isinstance(numbers, np.ndarray) else numbers


def _array(numbers: list[int]) -> Ints:
    return np.array(numbers, np.int64)
