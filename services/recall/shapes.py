"""What recall answers, as the OpenAPI shows it (api.md; trace.md section 8 says what each field means).

Times are RFC 3339 in UTC, quantities plain decimal text with a unit of UN/CEFACT Rec. 20.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from projections.trace.question import Direction
from schemas.questions import QuestionRequest
from services.shapes import Basis, Flag, Shape

Certainty = Literal["certain", "possible"]
ObjectKind = Literal["lot", "item", "product", "logistic_unit", "asset", "other"]
State = Literal[
    "in_stock", "in_process", "in_transit", "delivered", "consumed", "installed", "destroyed", "returned", "unknown"
]
Finding = Literal["found", "unknown", "unused", "incomplete", "ambiguous"]
RelationKind = Literal["transformed", "belongs_to_lot", "installed"]
Names = dict[str, str]


class AskedRead(QuestionRequest):
    """The question as it was read; what was left out is left out."""

    direction: Direction = Field(description="which way it was asked")


class SeedRead(Shape):
    """A seed, and what it stands for."""

    given: str = Field(description="as sent")
    finding: Finding = Field(description="what was found of it; `ambiguous`: several objects have the number")
    objects: list[str] = Field(description="canonical keys")


class Totals(Shape):
    """Counts of objects."""

    objects: int = Field(description="all")
    certain: int = Field(description="on some way every process had one output")
    possible: int = Field(description="the others")
    by_kind: dict[ObjectKind, int] = Field(description="by kind")
    by_state: dict[State, int] = Field(description="by state")
    by_place: dict[str, int] = Field(description="by place; an unknown one is the key ``")
    by_product: dict[str, int] = Field(description="by product class; objects without one are left out")
    by_consignee: dict[str, int] = Field(description="by party sent to, sure ones only")


class Affected(Shape):
    """An object reached from the seeds, or a seed."""

    object: str = Field(description="canonical key")
    kind: ObjectKind = Field(description="what it is")
    certainty: Certainty = Field(description="whether it holds, or may hold, something of a seed")
    depth: int = Field(description="processes and assemblies from the nearest seed")
    state: State = Field(description="trace.md section 6")
    place: str | None = Field(description="where it is")
    since: str | None = Field(description="eventTime of `last_event`")
    last_event: str | None = Field(description="eventID of the last event that concerns it")
    by_way_of: str | None = Field(description="the container or assembly that event names instead of it")
    carriers: list[str] = Field(description="what it is in, innermost first")
    consignees: list[str] = Field(description="parties it was sent to")
    possible_consignees: list[str] = Field(description="parties it may have been sent to, the first 100")
    possible_consignees_total: int = Field(description="how many those are")


class AffectedObject(Affected):
    """An object reached from the seeds, with what is surprising about its record."""

    flags: list[Flag] = Field(description="surprising facts")


class Process(Shape):
    """A process, with all its events under the question's limits."""

    process: str = Field(description="`t:`+transformationID or `e:`+eventID")
    events: list[str] = Field(description="eventIDs in the order of events")
    order: str | None = Field(description="its transformationID")
    place: str | None = Field(description="where")
    resource: str | None = Field(description="machine or tool")
    start: str = Field(alias="from", description="time of the first event")
    end: str = Field(alias="to", description="time of the last event")


class Relation(Shape):
    """A relation downstream; one end of a `transformed` one is a process."""

    source: str = Field(alias="from", description="key of an object or process")
    target: str = Field(alias="to", description="key of an object or process")
    kind: RelationKind = Field(description="what relates them")
    events: list[str] = Field(description="eventIDs that say so")
    certain: bool = Field(description="false: it may be another object of several")
    quantity: str | None = Field(description="decimal text")
    unit: str | None = Field(description="UN/CEFACT Rec. 20 code")
    since: str | None = Field(description="start of an installation")
    until: str | None = Field(description="its end")


class Carrier(Shape):
    """A container or assembly to stop."""

    object: str = Field(description="canonical key")
    holds: int = Field(description="affected objects in it at any depth")
    place: str | None = Field(description="where it is")
    state: State = Field(description="trace.md section 6")


class Amount(Shape):
    """How much of a product."""

    product: str = Field(description="key of the product class")
    quantity: str = Field(description="decimal text")
    unit: str = Field(description="UN/CEFACT Rec. 20 code; items are 1 EA each")


class Consignee(Shape):
    """A party that affected objects were sent to."""

    party: str = Field(description="canonical key")
    objects: int = Field(description="sure ones")
    quantities: list[Amount] = Field(description="what it got, by product and unit")


class Stop(Shape):
    """Where the walk could not go on."""

    object: str = Field(description="canonical key")
    reason: Literal["untracked class", "no origin recorded"] = Field(description="why")


class Trace(Shape):
    """A forward or backward trace, or one step of it."""

    question: AskedRead = Field(description="as it was read")
    basis: Basis = Field(description="what the answer rests on")
    seeds: list[SeedRead] = Field(description="in the order sent")
    totals: Totals = Field(description="of the whole closure")
    filtered: Totals | None = Field(None, description="of what the filter lets through; absent without `filter`")
    objects: list[AffectedObject] = Field(description="at most `limit`, by depth and key")
    processes: list[Process] = Field(description="those by which the page's objects were reached")
    relations: list[Relation] = Field(description="the same, at most 10 × `limit`")
    carriers: list[Carrier] = Field(description="of the whole closure, the first 1,000")
    carriers_total: int = Field(description="how many there are")
    consignees: list[Consignee] = Field(description="of the whole closure, the first 1,000")
    consignees_total: int = Field(description="how many there are")
    stopped_at: list[Stop] = Field(description="of the whole closure, the first 1,000")
    stopped_at_total: int = Field(description="how many there are")
    flags: list[Flag] = Field(description="wrong clocks that the page rests on")
    next: str | None = Field(description="`after` of the next page, null on the last")
    capped: bool = Field(description="true when relations were cut")
    names: Names = Field(description="names of keys on the page, in the caller's language")


class Step(Shape):
    """One step of a path."""

    source: str = Field(alias="from", description="key of the object upstream")
    target: str = Field(alias="to", description="key of the object downstream")
    kind: RelationKind = Field(description="what relates them")
    process: str | None = Field(description="of a `transformed` step")
    events: list[str] = Field(description="eventIDs that say so")
    certain: bool = Field(description="whether it surely happened to this object")
    rule: str = Field(description="what makes it certain or possible, in words")
    order: str | None = Field(description="transformationID of the process, if it has one")
    outputs: int | None = Field(description="how many different things the process put out, reached or not")
    outputs_kind: ObjectKind | None = Field(description="what these are, if all are of one kind")


class Path(Shape):
    """How an object is reached from the seeds."""

    to: str = Field(description="its canonical key")
    basis: Basis = Field(description="what the answer rests on")
    reached: bool = Field(description="false: it is not affected")
    shortest: list[Step] | None = Field(description="a shortest path, from a seed on")
    certain: list[Step] | None = Field(description="a path of certain steps alone, null if there is none")


class QuestionKept(Shape):
    """A kept question's id."""

    id: str = Field(description="SHA-256 of its canonical form, in hex")


class QuestionRead(QuestionKept):
    """A kept question."""

    question: QuestionRequest = Field(description="in its canonical form")
