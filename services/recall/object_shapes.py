"""What `GET /api/v1/object` answers, as the OpenAPI shows it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.recall.shapes import Names, ObjectKind, State
from services.shapes import Basis, DocumentRead, Flag, Shape


class Stay(Shape):
    """Something in something, over an interval."""

    object: str = Field(description="canonical key of the other one")
    since: str | None = Field(description="when it went in")
    until: str | None = Field(description="when it was taken out, null while it is in")
    exposure: Literal["present", "exposed"] = Field(description="`exposed`: it was in, and is not any more")


class BalanceEntry(Shape):
    """An event that counts in the balance."""

    figure: Literal["created", "received", "consumed", "shipped", "destroyed"] = Field(description="as what")
    event: str = Field(description="eventID")
    quantity: str | None = Field(description="in the balance's unit; null where the event gives none in it")


class BalanceRead(Shape):
    """What the record says came and went of a lot (trace.md section 6)."""

    unit: str | None = Field(description="UN/CEFACT Rec. 20 code")
    created: str = Field(description="decimal text")
    received: str = Field(description="decimal text")
    consumed: str = Field(description="decimal text")
    shipped: str = Field(description="decimal text")
    destroyed: str = Field(description="decimal text")
    remaining: str = Field(description="what should be on hand")
    entries: list[BalanceEntry] = Field(description="in the order of events")


class LastEvent(Shape):
    """One of an object's last events. The fields below `by_way_of` are null until the event index has it."""

    event: str = Field(description="eventID")
    by_way_of: str | None = Field(description="the container or assembly that the event names instead of the object")
    time: str | None = Field(description="eventTime")
    type: str | None = Field(description="EPCIS event type")
    activity: str | None = Field(description="business step")
    disposition: str | None = Field(description="disposition")
    place: str | None = Field(description="business location, else read point")
    result: str | None = Field(description="pass, fail or conditional, of an inspection")
    operator: str | None = Field(description="who did it, as claimed")
    resources: list[str] = Field(description="machines, tools, gauges")
    documents: list[DocumentRead] = Field(description="business transactions")


class Characteristic(Shape):
    """A measured characteristic against its limits."""

    name: str | None = Field(description="what was measured")
    value: str | None = Field(description="decimal text, or a word")
    unit: str | None = Field(description="UN/CEFACT Rec. 20 code")
    low: str | None = Field(description="lower limit, decimal text")
    high: str | None = Field(description="upper limit, decimal text")
    instrument: str | None = Field(description="what it was measured with")


class Inspection(Shape):
    """An inspection of the object."""

    event: str = Field(description="eventID")
    time: str = Field(description="eventTime")
    result: str | None = Field(description="pass, fail or conditional")
    operator: str | None = Field(description="who inspected, as claimed")
    characteristics: list[Characteristic] = Field(description="in the order recorded")


class ObjectRead(Shape):
    """One object under the question's limits."""

    object: str = Field(description="canonical key")
    kind: ObjectKind = Field(description="what it is")
    product: str | None = Field(description="key of its product class")
    lots: list[str] = Field(description="lots that it belongs to")
    state: State = Field(description="trace.md section 6")
    place: str | None = Field(description="where it is")
    since: str | None = Field(description="eventTime of `last_event`")
    last_event: str | None = Field(description="eventID of the last event that concerns it")
    by_way_of: str | None = Field(description="the container or assembly that event names instead of it")
    carriers: list[str] = Field(description="what it is in, innermost first")
    contents: list[Stay] = Field(description="what is in it now, the first 1,000")
    parts: list[Stay] = Field(description="what is or was installed in it, the first 1,000")
    installed_in: list[Stay] = Field(description="what it is or was installed in, the first 1,000")
    consignees: list[str] = Field(description="parties it was sent to")
    possible_consignees: list[str] = Field(description="parties it may have been sent to")
    balance: BalanceRead | None = Field(description="of what is counted by quantity")
    flags: list[Flag] = Field(description="surprising facts about its record")
    last_events: list[LastEvent] = Field(description="the last 20, newest first")
    events_total: int = Field(description="events in force that concern it")
    documents: list[DocumentRead] = Field(description="of the events listed")
    inspections: list[Inspection] = Field(description="among the events listed, newest first")
    names: Names = Field(description="names of keys here, in the caller's language")
    holds: list[str] = Field(description="holds on it")
    basis: Basis = Field(description="what the answer rests on")
