"""Every error as `application/problem+json` (RFC 9457), from the one error tree of `schemas.errors`.

A problem has `type`, `title`, `status`, `detail`, `instance` (the path), `request_id`, `retryable`, and `errors`:
`[{field, value, fix}]`, empty when no single field is at fault. What is not foreseen becomes a 500 that tells the
caller nothing but the request id; its stack is in the log under that id.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from schemas.epcis.xml.answers import write_problem
from schemas.errors import BadInput, Busy, FieldError, NotFound, StemmaError, TooLarge, Unauthenticated, told_by
from schemas.requests import by_pydantic
from schemas.sentences import say
from services.epcis.limits import CAPTURES, capture_limits
from services.languages import fault_in_words, in_words, language_of

MEDIA_TYPE: Final = "application/problem+json"
XML_MEDIA_TYPE: Final = "application/problem+xml"
RETRY_AFTER: Final = "1"
_EPCIS: Final = "/epcis/v2"
_EXCEPTIONS: Final = {
    400: "ValidationException",
    401: "SecurityException",
    403: "SecurityException",
    404: "NoSuchNameException",
    405: "ValidationException",
    406: "NotAcceptableException",
    409: "ResourceAlreadyExistsException",
    413: "CaptureLimitExceededException",
    414: "URITooLongException",
    415: "UnsupportedMediaTypeException",
}
"""The exception of EPCIS 2.0 for each status, where an error names none of its own (epcis.md E2)."""
_TITLES: Final = {404: "Not found", 405: "Method not allowed", 413: "Too large", 415: "Unsupported media type"}
_log = structlog.get_logger("stemma.problems")


class UnsupportedMedia(StemmaError):
    """The body's content type is none that this service reads (a form, plain text, none at all)."""

    status, title = 415, "Unsupported media type"


class NotAcceptable(StemmaError):
    """A header asks for what is not offered (epcis.md D5)."""

    status, title = 406, "Not acceptable"


class UnreadableField(BadInput):
    """A field of a well-formed body is missing or of the wrong kind."""

    status = 422


class ProblemField(BaseModel):
    """One fault of an input."""

    field: str = Field(description="dotted path of the field, such as `inputs[0].id`")
    value: str = Field(description="the value as received, cut to 200 characters")
    fix: str = Field(description="what to do about it, in the language of `detail`")


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = Field(description="kind of problem, a relative reference")
    title: str = Field(description="kind of problem in words")
    status: int = Field(description="HTTP status")
    detail: str = Field(
        description="what went wrong this time: Chinese where `Accept-Language` begins with it, else English"
    )
    instance: str = Field(description="path of the call")
    request_id: str = Field(description="id under which the log has this call")
    retryable: bool = Field(description="whether the same call may succeed later")
    errors: list[ProblemField] = Field(description="the fields at fault")


def problem_of(error: StemmaError, path: str, request_id: str, language: str = "en") -> Response:
    """The response for an error of the tree, told in `zh` or `en`; 429 and 503 carry `Retry-After` in seconds."""
    headers = {}
    if error.retryable or isinstance(error, Busy):
        headers["retry-after"] = str(getattr(error, "retry_after", RETRY_AFTER))
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    return _response(
        *(error.status, error.title, error.detail, path, request_id, headers, error.errors),
        retryable=error.retryable,
        exception=getattr(error, "exception", None),
        language=language,
    )


def _response(
    status: int,
    title: str,
    detail: str,
    path: str,
    request_id: str,
    headers: dict[str, str],
    errors: Sequence[FieldError] = (),
    *,
    retryable: bool = False,
    exception: str | None = None,
    language: str = "en",
) -> Response:
    if path.startswith(_EPCIS) and status == 422:
        status = 400
    body = {
        "type": _type(status, title, path, exception),
        "title": title,
        "status": status,
        "detail": in_words(detail, language),
        "instance": path,
        "request_id": request_id,
        "retryable": retryable,
        "errors": [fault_in_words(one, language) for one in errors],
    }
    return Response(_dumps(body), status, headers, MEDIA_TYPE)


def _type(status: int, title: str, path: str, exception: str | None) -> str:
    if path.startswith(_EPCIS):
        return "epcisException:" + (exception or _EXCEPTIONS.get(status, "ImplementationException"))
    return "about:blank" if title in ("", "Error") else "/problems/" + title.lower().replace(" ", "-")


def _dumps(body: dict[str, Any]) -> bytes:
    """JSON even where a detail quotes text that is not Unicode (lone surrogates become `?`)."""
    try:
        return orjson.dumps(body)
    except TypeError:
        clean = {k: _clean(v) for k, v in body.items()}
        clean["errors"] = [{k: _clean(v) for k, v in e.items()} for e in body["errors"]]
        return orjson.dumps(clean)


def _clean(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def unforeseen(error: BaseException, path: str, request_id: str, language: str) -> Response:
    """A 500 for what nobody foresaw; the stack goes to the log, not to the caller."""
    _log.error("unforeseen error", path=path, exc_info=error)
    told = say("please report request {request_id}", request_id=request_id)
    return _response(500, "Internal error", told, path, request_id, {}, language=language)


def add_problems(app: FastAPI) -> None:
    """Have `app` answer every error as a problem."""
    app.add_exception_handler(StemmaError, _on_stemma)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)


def in_syntax(request: Request, response: Response) -> Response:
    """An EPCIS problem as `problem+xml` for who accepts XML and no JSON (epcis.md E1), a capture that is too large with
    the limits (C1); any other as it is."""
    if response.status_code == 413 and (request.method, request.url.path) in CAPTURES:
        response.headers.update(capture_limits(request.app.state.house.settings.max_body))
    accepted = request.headers.get("accept", "").lower()
    if not request.url.path.startswith(_EPCIS) or "xml" not in accepted or "json" in accepted:
        return response
    headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
    return Response(write_problem(orjson.loads(bytes(response.body))), response.status_code, headers, XML_MEDIA_TYPE)


def _where(request: Request) -> tuple[str, str, str]:
    return request.url.path, getattr(request.state, "request_id", ""), language_of(request)


async def _on_stemma(request: Request, error: Exception) -> Response:
    assert isinstance(error, StemmaError)
    return in_syntax(request, problem_of(error, *_where(request)))


async def _on_http(request: Request, error: Exception) -> Response:
    """Starlette's own errors; one raised over an error of the tree (while reading a body) is that error."""
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, StemmaError):
        return in_syntax(request, problem_of(error.__cause__, *_where(request)))
    if error.status_code == 404:
        missing = NotFound(say("there is nothing at {path}", path=request.url.path))
        return in_syntax(request, problem_of(missing, *_where(request)))
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    if error.status_code == 405:
        headers["allow"] = ", ".join(_methods_at(request))
    title = _TITLES.get(error.status_code, "Error")
    path, request_id, language = _where(request)
    told = _response(error.status_code, title, str(error.detail), path, request_id, headers, language=language)
    return in_syntax(request, told)


def _methods_at(request: Request) -> list[str]:
    """Every method that the address knows, HEAD where GET is; the router itself tells those of one route."""
    found: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        if isinstance(route.original_route, APIRoute) and _pattern(str(route.path)).fullmatch(request.url.path):
            found.update(route.methods or ())
    return sorted(found | {"HEAD"} if "GET" in found else found)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    """What the addresses of a route look like."""
    return compile_path(path)[0]


async def _on_validation(request: Request, error: Exception) -> Response:
    """Pydantic's findings: 422 for a field of the body, 400 for a query, path or header field or broken JSON."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    errors = [_field_error(e) for e in found]
    kind = UnreadableField if found and all(_is_body_field(e) for e in found) else BadInput
    detail = told_by(errors)
    return in_syntax(request, problem_of(kind(detail, errors=errors), *_where(request)))


def _is_body_field(error: dict[str, Any]) -> bool:
    return bool(error["loc"]) and error["loc"][0] == "body" and error["type"] != "json_invalid"


def _field_error(error: dict[str, Any]) -> FieldError:
    if error["type"] == "json_invalid":
        place = error["loc"][1] if len(error["loc"]) > 1 else 0
        reason = error.get("ctx", {}).get("error", "not JSON")
        return FieldError(
            "body", say("at character {place}", place=place), say("send valid JSON: {reason}", reason=reason)
        )
    value = "" if error["type"] == "missing" else error.get("input")
    return FieldError(_path(error["loc"][1:]) or str(error["loc"][0]), _short(value), by_pydantic(error))


def _path(loc: Sequence[str | int]) -> str:
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _short(value: object) -> str:
    return (value if isinstance(value, str) else repr(value))[:200]


def problem_responses() -> dict[int | str, dict[str, Any]]:
    """What every route may answer beside its success, for the OpenAPI."""
    kinds: tuple[tuple[int, str], ...] = (
        (400, "A parameter or the document is wrong; `errors` names field, value and fix"),
        (Unauthenticated.status, "No session or key, or one that has ended"),
        (403, "The right is lacking, or the page is of another origin"),
        (TooLarge.status, "The body is above 16 MiB, or a record above 1 MiB"),
        (415, "Not JSON, NDJSON or XML"),
        (503, "A store cannot answer now, or has not reached `Stemma-Wait-For` in time; see `Retry-After`"),
    )
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": text, "content": content} for status, text in kinds}
