"""Exports: what leaves the house as a file needs the right `export` and is recorded with its question."""

from __future__ import annotations

from typing import Any, Final

from fastapi import Depends, Request

from schemas.errors import Forbidden
from services.principal import Principal, principal_of

_MOST: Final = 4000
"""Characters of a question that a record holds."""


class Exports:
    """Dependency of a route that answers some media types as a file; asked for another it does nothing."""

    def __init__(self, *media: str) -> None:
        self.media = media

    async def __call__(self, request: Request) -> None:
        """Errors: `Forbidden` without the right, `Unavailable` when it cannot be recorded."""
        asked = next((one for one in self.media if one in request.headers.get("accept", "")), None)
        if asked is None and self.media:
            return
        await record_export(request, principal_of(request), asked or "")


async def record_export(request: Request, principal: Principal, media: str) -> None:
    """Record that the caller takes something out. Errors: `Forbidden` without the right `export`, `Unavailable`."""
    if not principal.may("export"):
        raise Forbidden("taking it as a file needs the right `export`")
    people: Any = request.app.state.house.people
    body = (await request.body())[:_MOST].decode("utf-8", "replace")
    told = {"call": f"{request.method} {request.url.path}", "query": request.url.query[:_MOST], "question": body}
    await people.record.add("export", principal.actor, address_of(request), **told, media=media)


def address_of(request: Request) -> str:
    """The caller's address as the middleware found it."""
    found: str = getattr(request.state, "address", "")
    return found


def exports(*media: str) -> Any:
    """`dependencies=[scoped("trace"), exports("text/csv")]`: a file of these types is an export; none named: always."""
    return Depends(Exports(*media))
