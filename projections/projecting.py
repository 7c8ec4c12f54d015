"""One logged event → one `Fact`: the pure function that every projection is fed by, and what cannot pass it.

An event that cannot be read is set aside with its reason (architecture rule 7); the log keeps its bytes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

from events.reading import LoggedEvent
from projections.facts import facts_of
from projections.index.attributes import attributes_of
from projections.port import Fact, Poison
from schemas.epcis.prehash import content_digest
from schemas.epcis.stored import read_stored
from schemas.errors import StemmaError

Project = Callable[[LoggedEvent], Fact]
"""Gives an event's facts; raises whatever the event makes it raise."""

_KEPT = 10_000


def project(event: LoggedEvent, base: str | None = None) -> Fact:
    """The facts of an event under `STEMMA_BASE` `base`. Errors: whatever an unreadable event raises."""
    envelope = event.envelope
    context = envelope.context.encode() if envelope.context is not None else None
    received = read_stored(event.raw, context)
    if envelope.event_id is None:
        raise ValueError("the envelope names no event")
    return Fact(
        partition=event.partition,
        offset=event.offset,
        record_us=event.record_us,
        content=content_digest(received.data, received.namespaces),
        source=envelope.source,
        may_correct=envelope.may_correct,
        facts=facts_of(received, envelope.event_id, base),
        attributes=attributes_of(received, base),
    )


class Projector:
    """Projects each event once for all the projections that follow the log, keeping the last facts at hand."""

    def __init__(self, function: Project) -> None:
        self._function = function
        self._kept: OrderedDict[tuple[int, int], Fact | Poison] = OrderedDict()

    def each(self, events: Iterable[LoggedEvent]) -> tuple[list[Fact], list[Poison]]:
        """The facts of the events, and those set aside. `CancelledError` and the like pass untouched."""
        facts: list[Fact] = []
        poison: list[Poison] = []
        for event in events:
            found = self._one(event)
            if isinstance(found, Fact):
                facts.append(found)
            else:
                poison.append(found)
        return facts, poison

    def _one(self, event: LoggedEvent) -> Fact | Poison:
        place = (event.partition, event.offset)
        found = self._kept.get(place)
        if found is None or (isinstance(found, Fact) and found.record_us != event.record_us):
            found = self._projected(event)
            self._kept[place] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _projected(self, event: LoggedEvent) -> Fact | Poison:
        try:
            return self._function(event)
        except Exception as fault:
            # Whatever an event does to the reader, it must not stop the log: it is shown with its reason.
            reason = fault.detail if isinstance(fault, StemmaError) else f"{type(fault).__name__}: {fault}"
            return Poison(event.partition, event.offset, event.envelope.event_id or "", reason[:1000])
