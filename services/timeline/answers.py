"""What the timeline answers: the shapes, as OpenAPI shows them. Times are RFC 3339 in UTC, quantities decimal text."""

from __future__ import annotations

from pydantic import Field

from services.shapes import Basis, Flag, Shape


class NamedObject(Shape):
    """An object in an event's *what*."""

    object: str = Field(description="canonical key")
    role: str = Field(description="epc, quantity, parent, child, child_quantity, input, input_quantity, output …")
    quantity: str | None = Field(description="decimal text")
    unit: str | None = Field(description="UN/CEFACT Rec. 20 code; null with a quantity is a count")


class Reference(Shape):
    """A document, source or destination."""

    type: str = Field(description="CBV word or URI")
    id: str = Field(description="canonical key or URI")


class Correction(Shape):
    """An error declaration on an event (trace.md section 7)."""

    recorded: str = Field(description="recordTime of the declaration")
    declared: str = Field(description="declarationTime as claimed")
    reason: str | None = Field(description="why, a CBV word or URI")
    instead: list[str] = Field(description="eventIDs that stand instead")
    actor: str = Field(description="who recorded it")
    effective: bool = Field(description="false: neither the original's source nor a key with the scope `correct`")


class ByWayOf(Shape):
    """An object asked for that the event concerns without naming it."""

    object: str = Field(description="canonical key of the object")
    way: str = Field(description="the container or assembly around it that the event names")


class Entry(Shape):
    """One event on the timeline, with what it corrected and what corrected it."""

    event: str = Field(description="eventID")
    time: str = Field(description="eventTime")
    recorded: str = Field(description="recordTime, given by this service")
    type: str = Field(description="EPCIS event type")
    action: str | None = Field(description="ADD, OBSERVE, DELETE")
    activity: str | None = Field(description="business step")
    disposition: str | None = Field(description="disposition")
    place: str | None = Field(description="business location, else read point")
    read_point: str | None = Field(description="read point")
    location: str | None = Field(description="business location")
    process: str | None = Field(description="`t:`+transformationID or `e:`+eventID of a transformation")
    resources: list[str] = Field(description="machines, tools, gauges")
    operator: str | None = Field(description="who did it, as claimed")
    result: str | None = Field(description="pass, fail or conditional, of an inspection")
    objects: list[NamedObject] = Field(description="its *what*")
    documents: list[Reference] = Field(description="business transactions")
    sources: list[Reference] = Field(description="where from")
    destinations: list[Reference] = Field(description="where to")
    actor: str = Field(description="who recorded it, as known")
    source: str = Field(description="capturing source")
    device: str | None = Field(description="device that recorded it")
    received: str = Field(description="time of receipt")
    withdrawn: str | None = Field(description="when it was withdrawn, null while it is in force")
    corrected_by: list[Correction] = Field(description="error declarations on it, by record time")
    corrects: list[str] = Field(description="eventIDs that it stands instead of")
    conflicts: int = Field(description="records of the same eventID with other content, kept for the auditor")
    by_way_of: list[ByWayOf] = Field(description="objects asked for that it concerns by way of a container")
    flags: list[Flag] = Field(description="surprising facts about it")


class Bucket(Shape):
    """Events of one interval, `from` included, `to` excluded."""

    start: str = Field(alias="from", description="in the offset of the zone asked for")
    end: str = Field(alias="to", description="in the offset of the zone asked for")
    events: int = Field(description="all types")
    types: dict[str, int] = Field(description="by EPCIS event type")


class Point(Shape):
    """An event on a lane."""

    time: str = Field(description="eventTime")
    event: str = Field(description="eventID")
    activity: str | None = Field(description="business step")


class Bar(Shape):
    """A process on a lane, from its first to its last event, or a state that an object was in."""

    start: str = Field(alias="from", description="first event, or the moment asked from")
    end: str | None = Field(alias="to", description="last event; null while it lasts")
    process: str | None = Field(description="the process")
    state: str | None = Field(description="state of the object (trace.md section 6)")


class Lane(Shape):
    """One object, place, resource, operator or activity with what happened on it."""

    lane: str = Field(description="key")
    points: list[Point] = Field(description="events, by time")
    bars: list[Bar] = Field(description="processes or states, by start")


class Measurement(Shape):
    """One sensor report."""

    time: str = Field(description="when it was measured")
    event: str = Field(description="eventID")
    value: str | None = Field(description="decimal text")
    min: str | None = Field(description="decimal text")
    max: str | None = Field(description="decimal text")
    unit: str | None = Field(description="UN/CEFACT Rec. 20 code")


class Timeline(Shape):
    """Events in the order of events, with what was asked for beside them."""

    basis: Basis = Field(description="what the answer rests on")
    events: list[Entry] = Field(description="at most `limit`")
    next: str | None = Field(description="`after` of the next page, null on the last")
    names: dict[str, str] = Field(description="names of keys on the page, in the caller's language")
    buckets: list[Bucket] | None = Field(description="with `bucket`: counts of all that matches, empty ones left out")
    lanes: list[Lane] | None = Field(description="with `lanes`")
    measurements: list[Measurement] | None = Field(description="with `sensor`, at most 10,000")
    capped: bool = Field(description="true when something was cut: lanes, measurements, or containers' events")
