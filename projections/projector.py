"""Projects each event once for all the projections that follow the log; what cannot be projected is set aside.

An event that cannot be read is set aside with its reason (architecture rule 7); the log keeps its bytes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

import orjson

from events.reading import LoggedEvent
from projections.beside import Beside
from projections.port import Fact, Poison
from projections.projecting import Project
from schemas.errors import StemmaError
from schemas.sentences import kept, say

INLINE: Final = 50
"""Events up to which the calling thread projects: fewer than a turn of another process costs."""
_KEPT: Final = 10_000


class Projector:
    """Keeps the last facts at hand; `beside` projects many events in a process of its own. For any thread."""

    def __init__(self, function: Project, beside: Beside | None = None) -> None:
        self._function = function
        self._beside = beside
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int], Fact | Poison] = OrderedDict()

    def each(self, events: Iterable[LoggedEvent]) -> tuple[list[Fact], list[Poison]]:
        """The facts of the events, and those set aside. `CancelledError` and the like pass untouched."""
        wanted = list(events)
        with self._lock:
            found = {place: one for place, one in ((_place(one), self._known(one)) for one in wanted) if one}
            missing = [one for one in wanted if _place(one) not in found]
            for event, made in zip(missing, self._made(missing), strict=True):
                found[_place(event)] = self._kept[_place(event)] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        each = [found[_place(one)] for one in wanted]
        return [one for one in each if isinstance(one, Fact)], [one for one in each if isinstance(one, Poison)]

    @property
    def busy(self) -> bool:
        """Whether a call would wait for another thread's."""
        return self._lock.locked()

    def _known(self, event: LoggedEvent) -> Fact | Poison | None:
        found = self._kept.get(_place(event))
        return None if isinstance(found, Fact) and found.record_us != event.record_us else found

    def _made(self, events: Sequence[LoggedEvent]) -> Sequence[Fact | Poison]:
        if self._beside is not None and len(events) > INLINE:
            made = self._beside.each(events)
            if made is not None:
                return made
        return [projected(self._function, event) for event in events]


def projected(function: Project, event: LoggedEvent) -> Fact | Poison:
    """The facts of one event, or why there are none."""
    try:
        return function(event)
    except Exception as fault:
        # Whatever an event does to the reader, it must not stop the log: it is shown with its reason.
        reason = fault.detail if isinstance(fault, StemmaError) else _unforeseen(fault)
        said = kept(reason)
        return Poison(
            event.partition,
            event.offset,
            event.envelope.event_id or "",
            reason[:1000],
            "" if said is None else orjson.dumps(said).decode(),
        )


def _unforeseen(fault: Exception) -> str:
    return say("reading it failed with {name}: {original}", name=type(fault).__name__, original=str(fault)[:800])


def _place(event: LoggedEvent) -> tuple[int, int]:
    return event.partition, event.offset
