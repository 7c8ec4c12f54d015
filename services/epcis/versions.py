"""What a call may ask of versions, formats and media types, settled before any work; and the headers of every answer.

Source: EPCIS 2.0 section 12.2 and 12.3, epcis.md D4, D5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from schemas.epcis.stored import JSON_MEDIA
from schemas.errors import FieldError
from services.principal import principal_of
from services.problems import NotAcceptable

VERSION: Final = "2.0.0"
OLDEST_CAPTURED: Final = "1.2.0"
HEADERS: Final = {"GS1-EPCIS-Version": VERSION, "GS1-CBV-Version": VERSION, "GS1-Extensions": ""}
EPC_FORMATS: Final = ("No_Preference", "Always_GS1_Digital_Link", "Always_EPC_URN", "Never_Translates")
XML_FORMATS: Final = ("No_Preference", "Always_Web_URI", "Always_URN", "Never_Translates")
_NUMBERS: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")
_ENUMS: Final = {
    "GS1-EPC-Format": EPC_FORMATS,
    "GS1-CBV-XML-Format": XML_FORMATS,
    "GS1-Capture-Error-Behaviour": ("rollback", "proceed"),
}


def _refuse(header: str, value: str, fix: str) -> NotAcceptable:
    return NotAcceptable(f"{header}: {fix}", errors=[FieldError(header, value[:200], fix)])


def _parts(header: str, value: str) -> tuple[int, ...]:
    if not _NUMBERS.fullmatch(value):
        raise _refuse(header, value, "a version is digits and dots, such as 2.0")
    numbers = [int(one) for one in value.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _told(request: HTTPConnection, header: str) -> str | None:
    """A header's value; of one that is sent again, all of them, as RFC 9110 section 5.3 joins them."""
    values = request.headers.getlist(header)
    return ", ".join(values) if values else None


def check_versions(request: HTTPConnection) -> None:
    """Errors: `NotAcceptable` for a version that is not ours, or a value outside its list."""
    ours = (2,)
    capturing = request.scope.get("method") == "POST" and request.url.path.endswith("/capture")
    oldest = (1, 2) if capturing else ours
    for standard in ("EPCIS", "CBV"):
        includes: dict[str, Callable[[tuple[int, ...]], bool]] = {
            "Version": lambda asked: oldest <= asked <= ours,
            "Min": lambda asked: asked <= ours,
            "Max": lambda asked: asked >= oldest,
        }
        for limit, ours_is_in in includes.items():
            value = _told(request, name := f"GS1-{standard}-{limit}")
            if value is not None and not ours_is_in(_parts(name, value)):
                raise _refuse(name, value, f"{VERSION} is what is spoken here")
    for header, words in _ENUMS.items():
        value = _told(request, header)
        if value is not None and value not in words:
            raise _refuse(header, value, f"write {' or '.join(words)}")


def media_of(request: Request, served: Sequence[str] = JSON_MEDIA) -> str:
    """The media type of `served` that `Accept` likes best, the first for any. Errors: `NotAcceptable`."""
    header = _told(request, "accept")
    if header is None or not header.strip():
        return served[0]
    ranked = sorted(((_liking(header, media), -n) for n, media in enumerate(served)), reverse=True)
    if ranked[0][0] <= 0:
        raise _refuse("Accept", header, f"{', '.join(dict.fromkeys(served))} is served here")
    return served[-ranked[0][1]]


def _liking(header: str, media: str) -> float:
    """How much `Accept` likes a media type: the q of its most precise range, 0 when none covers it."""
    best = (-1, 0.0)
    for part in header.split(","):
        range_, *parameters = (one.strip().lower() for one in part.split(";"))
        precision = {"*/*": 0, media.partition("/")[0] + "/*": 1, media: 2}.get(range_, -1)
        if precision > best[0]:
            best = (precision, _quality(parameters))
    return best[1] if best[0] >= 0 else 0.0


def _quality(parameters: Sequence[str]) -> float:
    for one in parameters:
        if one.startswith("q="):
            try:
                return float(one[2:])
            except ValueError:
                return 0.0
    return 1.0


class EpcisRoute(APIRoute):
    """A route of the standard's binding: negotiation before any work, its headers on every success."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            principal_of(request)
            check_versions(request)
            response = await inner(request)
            if response.status_code < 300:
                for name, value in HEADERS.items():
                    response.headers.setdefault(name, value)
            return response

        return handle
