"""Questions of a trace as callers ask them: `POST /api/v1/impact`, `/provenance`, `/path` (api.md)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.requests import Strict, Text

MOST_SEEDS = 1_000
MOST_OBJECTS = 10_000

_Time = Annotated[str, Field(max_length=100, examples=["2026-03-02T08:00:00+08:00"])]


class SeedRequest(Strict):
    """Exactly one of `object`, `product`, `container`, `place`, `resource`."""

    object: Text | None = Field(default=None, description="any spelling, or a short number")
    product: Text | None = Field(default=None, description="every lot and item of a product class")
    container: Text | None = Field(default=None, description="its contents, at `at` or ever")
    place: Text | None = Field(default=None, description="everything there between `from` and `to`")
    resource: Text | None = Field(default=None, description="machine, tool, gauge or operator, between `from` and `to`")
    at: _Time | None = Field(default=None, description="instant for a container")
    since: _Time | None = Field(default=None, alias="from", description="start of the window, included")
    until: _Time | None = Field(default=None, alias="to", description="end of the window, included")


class FilterRequest(Strict):
    """Narrows listed objects, relations and exports; totals stay whole."""

    kind: list[str] = Field(default=[], max_length=100)
    state: list[str] = Field(default=[], max_length=100)
    place: list[str] = Field(default=[], max_length=1000)
    product: list[str] = Field(default=[], max_length=1000)
    consignee: list[str] = Field(default=[], max_length=1000)
    certainty: list[str] = Field(default=[], max_length=2)


class QuestionRequest(Strict):
    """What is asked: seeds, what was known and had happened when, and which page of the answer."""

    seeds: list[SeedRequest] = Field(min_length=1, max_length=MOST_SEEDS)
    known_at: _Time | None = Field(default=None, description="only what was recorded by this instant; default now")
    happened_by: _Time | None = Field(default=None, description="only what happened by this instant")
    limit: int = Field(default=100, ge=1, le=MOST_OBJECTS, description="objects a page")
    after: str | None = Field(default=None, max_length=4096, description="`next` of the page before")
    filter: FilterRequest | None = None


class PathRequest(Strict):
    """A question and the object that a path is wanted to."""

    question: QuestionRequest
    to: Text
    direction: str = Field(default="forward", pattern="^(forward|backward)$")
