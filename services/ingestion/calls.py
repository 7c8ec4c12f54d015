"""What every recording call shares: who captures, which content it may send, and keeping it if it is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from fastapi import Request
from fastapi.responses import Response

from schemas.errors import BadInput, StemmaError
from schemas.sentences import say
from services.ingestion.answers import problem, reason_of
from services.ingestion.capture import Caller
from services.ingestion.refused import Kept, Refusal
from services.ingestion.service import Ingestion
from services.principal import Principal
from services.problems import UnsupportedMedia
from services.waiting import POSITION_HEADER

LINES_MEDIA: Final = ("application/x-ndjson", "application/ndjson")
KEPT_HEADERS: Final = ("idempotency-key", "gs1-capture-error-behaviour", "gs1-extensions", "stemma-source")
"""Headers that say how a call is read; no other is kept with a refused call."""
_SOURCE: Final = re.compile(r"[A-Za-z0-9._~:-]{1,100}")
_IDEMPOTENCY: Final = re.compile(r"[\x21-\x7e]{1,200}")
_KEPT: Final = frozenset({400, 409, 422})
_INDEFINITE: Final = 2048


def ingestion_of(request: Request) -> Ingestion:
    return cast(Ingestion, request.app.state.house.ingestion)


def caller_of(request: Request, principal: Principal) -> Caller:
    """Who captures, by key and the `Stemma-Source` within it. Errors: `BadInput` for a header that cannot be."""
    within = request.headers.get("stemma-source")
    if within is not None and not _SOURCE.fullmatch(within):
        raise BadInput.field("Stemma-Source", within, "1 to 100 of A-Z a-z 0-9 . _ ~ : -")
    device = request.headers.get("stemma-device")
    return Caller(
        actor=principal.actor,
        key=principal.source,
        source=principal.source if within is None else f"{principal.source}/{within}",
        may_correct=principal.may("correct"),
        may_audit=principal.may("audit", "operate"),
        device=None if device is None else device[:_INDEFINITE],
        received_us=ingestion_of(request).clock(),
        activities=principal.grant.activities,
    )


def media_of(request: Request, taken: tuple[str, ...]) -> str:
    """The body's media type without parameters. Errors: `UnsupportedMedia`."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in taken:
        raise UnsupportedMedia(
            say(
                "{media} is not read here: send {known}",
                media=media[:100] or "no content type",
                known=" or ".join(taken),
            )
        )
    return media


def idempotency_key(request: Request) -> str | None:
    """The `Idempotency-Key`. Errors: `BadInput`."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _IDEMPOTENCY.fullmatch(key):
        raise BadInput.field("Idempotency-Key", key, "1 to 200 printable ASCII characters")
    return key


async def position_header(request: Request) -> dict[str, str]:
    """`Stemma-Position`, no older than this call."""
    position = await request.app.state.house.position()
    return {POSITION_HEADER: position.token()}


def refusal(request: Request, fault: StemmaError, body: bytes, **more: Any) -> Refusal:
    """A call as it is kept: its body, and the headers that say how it is read. A resubmission is the call again."""
    again: Kept | None = getattr(request.state, "again", None)
    return Refusal(
        call=again.call.call if again else f"{request.method} {request.url.path}",
        reason=reason_of(fault),
        status=fault.status,
        detail=fault.detail,
        body=body,
        media_type=request.headers.get("content-type", again.media_type if again else "")[:200],
        errors=fault.errors,
        headers=again.headers if again else kept_headers(request.headers),
        **more,
    )


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name][:_INDEFINITE] for name in KEPT_HEADERS if name in headers}


async def refuse(
    request: Request, fault: StemmaError, body: bytes, caller: Caller, resubmits: str | None = None
) -> Response:
    """Keep the whole call and answer the problem, `refused` being its id. What is only counted is raised again."""
    if fault.status not in _KEPT:
        raise fault
    kept = await ingestion_of(request).refused.keep([refusal(request, fault, body, resubmits=resubmits)], caller)
    return problem(request, fault, {}, refused=kept[0])
