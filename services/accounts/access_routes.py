"""`/api/v1/access`: who came, who changed what may be done, and what was taken out; `/api/v1/actors`: who is who."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from events.access import AccessKind
from schemas.errors import BadInput
from schemas.times import Instant, utc_text
from services.accounts.exports import exports
from services.accounts.people import People
from services.accounts.seen import Seen, Sought, subject_of
from services.answers import json_response
from services.principal import scoped
from services.recall.streams import cell
from services.shapes import Shape

router = APIRouter(prefix="/api/v1", tags=["people"])
CSV: Final = "text/csv"
_MOST: Final = 1000
_COLUMNS: Final = ("time", "kind", "actor", "actor_name", "subject", "subject_name", "address", "about", "id")
_Time = Annotated[str | None, Query(max_length=100, description="RFC 3339 with an offset, included")]


class AccessRead(Shape):
    """One record of the stream `access`."""

    id: str = Field(description="its own id")
    offset: int = Field(description="its place in the stream")
    time: str = Field(description="RFC 3339 in UTC")
    kind: AccessKind = Field(description="what happened")
    actor: str = Field(description="who did it: `account:ID`, `key:ID`, `local`, `system`, or `unknown`")
    actor_name: str | None = Field(description="the actor's name, where it has one")
    subject: str | None = Field(description="the account or key it was done to")
    subject_name: str | None = Field(description="the subject's name")
    address: str | None = Field(description="address of the caller")
    about: dict[str, Any] = Field(description="what the kind needs: roles, scopes, the question of an export")


class AccessList(Shape):
    """Records in the order asked for."""

    access: list[AccessRead] = Field(description="one a record")
    next: str | None = Field(description="`after` of the next page, null on the last")


class ActorRead(Shape):
    """Who an envelope's `actor` is."""

    actor: str = Field(description="as envelopes have it")
    kind: str = Field(description="`account` or `key`")
    name: str = Field(description="name that others see")


class ActorList(Shape):
    """Every account and key, past ones too."""

    actors: list[ActorRead] = Field(description="by actor")


@router.get(
    "/access", summary="Who came, and who changed what may be done", dependencies=[scoped("audit"), exports(CSV)],
    responses={200: {"model": AccessList, "content": {CSV: {}}}}, response_class=Response,
)  # fmt: skip
async def access(
    request: Request,
    kind: Annotated[list[AccessKind], Query(max_length=20, description="any of them; all without")] = [],  # noqa: B006
    actor: Annotated[
        list[str], Query(max_length=100, description="who did it or whom it was done to; any of them")
    ] = [],  # noqa: B006
    since: Annotated[str | None, Query(alias="from", max_length=100, description="RFC 3339, included")] = None,
    to: _Time = None,
    order: Annotated[Literal["asc", "desc"], Query(description="as recorded")] = "desc",
    limit: Annotated[int, Query(ge=1, le=_MOST, description="records a page")] = 100,
    after: Annotated[str | None, Query(max_length=20, description="`next` of the page before")] = None,
) -> Response:
    """Sign-ins, failed ones too, sign-outs, accounts, roles, links, keys, settings, exports and backups."""
    people: People = request.app.state.house.people
    sought = Sought(
        tuple(kind), tuple(actor), _instant(since, "from"), _instant(to, "to"), _place(after), order == "desc"
    )  # fmt: skip
    page = await people.seen.page(sought, limit + 1)
    names = await names_of_actors(request)
    shown = [_read(one, names) for one in page[:limit]]
    if CSV in request.headers.get("accept", ""):
        return Response(_csv(shown), media_type=f"{CSV}; charset=utf-8")
    more = str(page[limit - 1].offset) if len(page) > limit else None
    return json_response(AccessList(access=shown, next=more).model_dump())


@router.get("/actors", summary="Who is who", dependencies=[scoped("query", "audit", "accounts")])
async def actors(request: Request) -> ActorList:
    """Names for the `actor` of events and records: of accounts what others see, of keys what they are for."""
    names = await names_of_actors(request)
    return ActorList(
        actors=[ActorRead(actor=one, kind=one.partition(":")[0], name=names[one]) for one in sorted(names)]
    )


async def names_of_actors(request: Request) -> dict[str, str]:
    """The name of every actor that has one."""
    house = request.app.state.house
    accounts = {one.actor: one.shown for one in await house.people.accounts.all()}
    return accounts | {f"key:{key.id}": key.name for key in await house.keys.all()}


def _read(one: Seen, names: dict[str, str]) -> AccessRead:
    found, subject = one.access, subject_of(one.access)
    return AccessRead(
        id=found.id, offset=one.offset, time=utc_text(found.at_us), kind=found.kind, actor=found.actor,
        actor_name=names.get(found.actor), subject=subject, subject_name=names.get(subject or ""),
        address=found.address, about=dict(found.body),
    )  # fmt: skip


def _csv(entries: Iterable[AccessRead]) -> str:
    """UTF-8 with a byte order mark; a cell never begins a formula."""
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for entry in entries:
        cells = {**entry.model_dump(), "about": _words(entry.about)}
        writer.writerow(cell(cells[column]) for column in _COLUMNS)
    return out.getvalue()


def _words(about: dict[str, Any]) -> str:
    return "; ".join(f"{name}: {' '.join(map(str, v)) if isinstance(v, list) else v}" for name, v in about.items())


def _instant(text: str | None, field: str) -> int | None:
    return None if text is None else Instant.parse(text, field).us


def _place(token: str | None) -> int | None:
    if token is not None and not (token.isascii() and token.isdecimal()):
        raise BadInput.field("after", token, "send `next` as it was received")
    return None if token is None else int(token)
