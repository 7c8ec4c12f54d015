"""Models of what ingestion's routes take and answer beside activities and EPCIS documents, and how verdicts go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from projections.index.read_names import NamedKind
from schemas.activities.compile import written
from schemas.errors import BadInput, Conflict, FieldError, StemmaError, told_by
from schemas.requests import Name, Strict, Text
from schemas.units import is_code
from services.languages import language_of
from services.problems import UnreadableField, in_syntax, problem_of
from services.shapes import Flag, Shape

JSON: Final = "application/json"
Note = Annotated[str, Field(min_length=1, max_length=500)]
"""A line of text that people give: 1 to 500 characters."""


def _unit(code: str) -> str:
    if not is_code(code):
        raise ValueError("write a UN/CEFACT Rec. 20 code such as KGM, GRM, LTR, MTR or EA")
    return code


class Named(Strict):
    """Names and master data of one object, place, party or other key."""

    id: Text = Field(description="what is named, in any spelling", examples=["https://id.gs1.org/414/9506000000015"])
    zh: Name | None = Field(None, description="its name in Chinese", examples=["一号面粉厂"])
    en: Name | None = Field(None, description="its name in English", examples=["Flour mill 1"])
    kind: NamedKind | None = Field(None, description="what it is, where its key does not tell")
    unit: Annotated[Name, AfterValidator(_unit)] | None = Field(
        None, description="unit it is counted in, UN/CEFACT Rec. 20", examples=["KGM"]
    )
    contact: Note | None = Field(None, description="whom to call", examples=["王敏 13800000000"])
    address: Note | None = Field(None, description="where it is, as on a letter")
    own: bool | None = Field(
        None, description="one's own place or party or not, beside the list of `PUT /api/v1/own`; the newer one counts"
    )


class Own(Strict):
    """One's own places and parties, the whole list: it replaces the one before from now on."""

    own: list[Text] = Field(
        max_length=10_000, description="keys in any spelling", examples=[["https://id.gs1.org/414/9506000000015"]]
    )


class OwnRead(Shape):
    """One's own places and parties as last recorded."""

    own: list[str] = Field(description="canonical keys, sorted")


class Recorded(Shape):
    """What was recorded."""

    recorded: int = Field(description="entries written to the log")


class FieldFault(Shape):
    """One fault."""

    field: str = Field(description="dotted path")
    value: str = Field(description="as received, cut to 200 characters")
    fix: str = Field(description="what to do")


class VerdictRead(Shape):
    """What became of one activity."""

    index: int = Field(description="place in the call, from 0")
    activity: str | None = Field(default=None, description="as sent")
    outcome: Literal["captured", "duplicate", "conflict", "refused"] = Field(description="the verdict")
    eventID: str | None = Field(default=None, description="of its event; of a correction, the event declared an error")  # noqa: N815
    instead: list[str] = Field(default=[], description="of a correction, the eventIDs that stand instead; else absent")
    errors: list[FieldFault] = Field(description="the faults of a refused or conflicting one")
    warnings: list[Flag] = Field(description="the flags of this moment")
    received: dict[str, Any] = Field(default={}, description="the event that lost, of a conflict; else absent")
    standing: dict[str, Any] | None = Field(
        default=None, description="the event that stands, of a conflict; else absent"
    )
    events: list[dict[str, Any]] = Field(default=[], description="what would be captured, of a dry run; else absent")
    refused: str = Field(default="", description="id of the call as kept, of a refused or conflicting one; else absent")


class Resubmission(Shape):
    """A refused call sent again."""

    id: str = Field(description="names it")
    at: str = Field(description="when, RFC 3339 in UTC")
    taken: bool = Field(description="false: refused again")
    detail: str = Field(description="what became of it")


class RefusedRead(Shape):
    """A call or a part of one that was refused, as kept."""

    id: str = Field(description="names it, for resubmitting")
    received: str = Field(description="when, RFC 3339 in UTC")
    source: str = Field(description="key that sent it")
    actor: str = Field(description="who sent it")
    call: str = Field(description="method and path")
    reason: str = Field(description="kind of refusal, such as `bad input` or `conflict`")
    status: int = Field(description="HTTP status that it had, or would have had alone")
    detail: str = Field(description="why")
    errors: list[FieldFault] = Field(description="the fields at fault")
    media_type: str = Field(description="of the body")
    body: str = Field(description="as received; bytes that are not UTF-8 are replaced")
    resubmits: str | None = Field(description="the refused call that this one repeats")
    resubmitted: list[Resubmission] = Field(description="what became of its resubmissions, oldest first")
    attempts: int = Field(description="how often the call was refused: it, what it repeats and what repeats it")
    superseded: bool = Field(description="true when it was sent again later and refused again: mend that one")
    answered: bool = Field(description="true when it, or what repeats it or it repeats, was taken in the end")


class RefusedList(Shape):
    """Refused calls, newest first."""

    refused: list[RefusedRead] = Field(description="a page")
    next: str | None = Field(description="send as `after` for the next page")


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON with every digit of its decimals."""
    return Response(written(body), status, dict(headers or {}), JSON)


def problem(request: Request, error: StemmaError, headers: Mapping[str, str], **more: Any) -> Response:
    """A problem with further members."""
    plain = problem_of(error, request.url.path, getattr(request.state, "request_id", ""), language_of(request))
    body = {**orjson.loads(bytes(plain.body)), **more}
    response = Response(written(body), plain.status_code, dict(headers), plain.media_type)
    for name in ("retry-after", "www-authenticate"):
        if name in plain.headers:
            response.headers[name] = plain.headers[name]
    return in_syntax(request, response)


def refusal_of(verdict: Mapping[str, Any]) -> StemmaError:
    """The error that a single activity's verdict is: 409 for a conflict, 422 for a refusal."""
    errors = [FieldError(one["field"], one["value"], one["fix"]) for one in verdict["errors"]]
    detail = told_by(errors)
    kind: type[StemmaError] = Conflict if verdict["outcome"] == "conflict" else UnreadableField
    return kind(detail, errors=errors)


def reason_of(error: StemmaError) -> str:
    """Kind of a refusal, as calls are filtered by it."""
    return "bad input" if isinstance(error, BadInput) else error.title.lower()
