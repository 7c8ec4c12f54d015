"""The timeline's query parameters, read into what the index is asked. Objects may come in any spelling."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import orjson
from fastapi import Query, Request

from projections.index.timeline import After, TimelineQuery
from schemas.epcis.vocabulary import step_word
from schemas.errors import BadInput, FieldError, StemmaError
from schemas.identifiers import identify, identify_strict
from schemas.sentences import say
from schemas.times import Instant
from services.recall.reading import keys_of

if TYPE_CHECKING:
    from projections.index.store import EventIndex

MOST_VALUES: Final = 1000
MOST_PAGE: Final = 1000
STEPS: Final = {
    "receive": "receiving",
    "commission": "commissioning",
    "make": "creating_class_instance",
    "inspect": "inspecting",
    "move": "storing",
    "pack": "packing",
    "unpack": "unpacking",
    "install": "installing",
    "remove": "removing",
    "ship": "shipping",
    "sell": "retail_selling",
    "destroy": "destroying",
}
"""The business step of each activity of `POST /api/v1/activities` that has one of its own."""

FILTERS: Final = ("object", "place", "resource", "operator", "activity", "party", "document")
SCALARS: Final = ("from", "to", "known_at", "happened_by")
Values = Annotated[list[str], Query(max_length=MOST_VALUES)]
Objects = Annotated[
    list[str], Query(max_length=MOST_VALUES, description="objects in any spelling or as a short number; any of them")
]
Places = Annotated[list[str], Query(max_length=MOST_VALUES, description="read point or business location; any of them")]
Resources = Annotated[list[str], Query(max_length=MOST_VALUES, description="machines, tools, gauges; any of them")]
Operators = Annotated[list[str], Query(max_length=MOST_VALUES, description="who did it; any of them")]
Activities = Annotated[
    list[str], Query(max_length=MOST_VALUES, description="business steps, or activities such as `ship`; any of them")
]
Not = Annotated[list[str], Query(max_length=MOST_VALUES, description="take these out")]
Time = Annotated[str | None, Query(max_length=100, description="RFC 3339 with an offset, included")]
Lane = Literal["object", "place", "resource", "operator", "activity"]


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters as sent: each may be repeated; all that are given must hold."""

    included: dict[str, list[str]]
    excluded: dict[str, list[str]]
    start: str | None
    end: str | None
    known_at: str | None
    happened_by: str | None


def filters(
    object: Objects = [],  # noqa: A002, B006
    place: Places = [],  # noqa: B006
    resource: Resources = [],  # noqa: B006
    operator: Operators = [],  # noqa: B006
    activity: Activities = [],  # noqa: B006
    party: Values = [],  # noqa: B006
    document: Values = [],  # noqa: B006
    not_object: Not = [],  # noqa: B006
    not_place: Not = [],  # noqa: B006
    not_resource: Not = [],  # noqa: B006
    not_operator: Not = [],  # noqa: B006
    not_activity: Not = [],  # noqa: B006
    not_party: Not = [],  # noqa: B006
    not_document: Not = [],  # noqa: B006
    start: Annotated[str | None, Query(alias="from", max_length=100, description="first eventTime, included")] = None,
    end: Annotated[str | None, Query(alias="to", max_length=100, description="last eventTime, included")] = None,
    known_at: Time = None,
    happened_by: Time = None,
) -> Filters:
    """Dependency that gathers the filters, which the timeline and its stream share."""
    return Filters(
        included={"object": object, "place": place, "resource": resource, "operator": operator}
        | {"activity": activity, "party": party, "document": document},
        excluded={"object": not_object, "place": not_place, "resource": not_resource, "operator": not_operator}
        | {"activity": not_activity, "party": not_party, "document": not_document},
        start=start,
        end=end,
        known_at=known_at,
        happened_by=happened_by,
    )


def refuse_strangers(request: Request, *more: str, many: Sequence[str] = ()) -> None:
    """A misspelt filter must not pass for none. Errors: `BadInput` for an unknown parameter, or a repeated one that is
    no filter; `more` are the parameters beside those of `filters`, of which `many` may be repeated."""
    counts = Counter(name for name, _ in request.query_params.multi_items())
    for name, count in counts.items():
        if name.removeprefix("not_") in FILTERS:
            continue
        if name not in SCALARS and name not in more:
            known = ", ".join((*FILTERS, *SCALARS, *more))
            raise BadInput.field(
                name, request.query_params[name], say("known are {known}, and not_ before a filter", known=known)
            )
        if count > 1 and name not in many:
            raise BadInput.field(name, request.query_params[name], "give it once")


async def asked(index: EventIndex, told: Filters, watermark_us: int, base: str | None) -> TimelineQuery:
    """The query, with every spelling read. Errors: `BadInput` naming the parameter."""
    return TimelineQuery(
        known_us=known_us(told.known_at, watermark_us),
        included={name: await _values(index, name, some, base) for name, some in told.included.items() if some},
        excluded={name: await _values(index, name, some, base, "not_") for name, some in told.excluded.items() if some},
        start=_instant(told.start, "from"),
        end=_instant(told.end, "to"),
        happened_by=_instant(told.happened_by, "happened_by"),
    )


def known_us(text: str | None, watermark_us: int) -> int:
    """The moment a question is asked at: none, or a later one, is lowered to the watermark (trace.md section 8)."""
    asked_at = _instant(text, "known_at")
    return watermark_us if asked_at is None else min(asked_at.us, watermark_us)


def _instant(text: str | None, field: str) -> Instant | None:
    return None if text is None else Instant.parse(text, field)


async def _values(
    index: EventIndex, name: str, texts: Sequence[str], base: str | None, prefix: str = ""
) -> tuple[str, ...]:
    if name == "object":
        return tuple([await object_key(index, text, base, prefix + name) for text in texts])
    if name == "activity":
        return tuple(dict.fromkeys(STEPS.get(text, step_word(text)) for text in texts))
    return tuple(dict.fromkeys(key for text in texts for key in (text, identify(text, base).key)))


async def object_key(index: EventIndex, text: str, base: str | None, field: str) -> str:
    """The one object a text names; a number that nothing has is itself. Errors: `BadIdentifier`; `BadInput` listing the
    matches of an ambiguous number."""
    found, _ = await keys_of(text, index, base, field)
    if len(found) > 1:
        errors = [FieldError(field, text, say("write {key}", key=key)) for key in found[:100]]
        raise BadInput(
            say("{field}: {text} stands for {count} objects, name one", field=field, text=text[:200], count=len(found)),
            errors=errors,
        )
    return found[0] if found else text


def after_of(token: str) -> tuple[int, After]:
    """The moment that all pages share, and the place a page ended. Errors: `BadInput`."""
    match unpacked(token, "after"):
        case [int(moment), int(us), str(sub), int(record_us), str(event_id)]:
            return moment, (us, sub, record_us, event_id)
    raise BadInput.field("after", token, "the `next` of the page before")


def packed(values: Iterable[Any]) -> str:
    """Values as an opaque token that is safe in a URL."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


def unpacked(token: str, field: str) -> Any:
    """The values of a token. Errors: `BadInput`."""
    try:
        return orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError) as error:
        raise BadInput.field(field, token, "a token as this service gave it") from error


def tolerant_key(text: str, base: str | None) -> str:
    """A key from any spelling; what is none is taken to the letter."""
    try:
        return identify_strict(text, base).key
    except StemmaError:
        return identify(text, base).key
