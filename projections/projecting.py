"""One logged event → one `Fact`: the pure function that every projection is fed by."""

from __future__ import annotations

from collections.abc import Callable

from events.reading import LoggedEvent
from projections.facts import facts_of
from projections.index.attributes import attributes_of
from projections.port import Fact
from schemas.epcis.prehash import content_digest
from schemas.epcis.stored import read_stored

Project = Callable[[LoggedEvent], Fact]
"""Gives an event's facts; raises whatever the event makes it raise."""


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
