"""What answers share, as the OpenAPI shows it: their base, what they rest on, and what is surprising about a record.

Answers of thousands of rows are written as they are found, never through these models; a test holds what is answered
on the demo plant against them.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """Base of all answers: exactly these fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Flag(Shape):
    """A surprising fact, derived under the question's limits and never stored."""

    flag: str = Field(description="what is surprising, such as `clock` or `not_packed`")
    event: str = Field(description="eventID that it stands on")
    because: str = Field(description="why, in words: Chinese where `Accept-Language` begins with it, else English")


class Basis(Shape):
    """What the answer rests on (trace.md section 8)."""

    position: str = Field(description="position of the log")
    known_at: str = Field(description="what was recorded by then; asked again with it, the answer is the same")
    rules: str = Field(description="version of the rules")
    lag_events: int = Field(description="events in the log that no answer shows yet")
    lag_seconds: float = Field(description="age of the oldest of them, in seconds")
    not_projected: int = Field(description="events set aside because they could not be projected")


class DocumentRead(Shape):
    """A business document that an event names."""

    type: str = Field(description="CBV word or URI, such as `po`, `inv`, `desadv`")
    id: str = Field(description="canonical key or URI")
