"""Bounds on request bodies, held before anything parses them: media type, bytes counted as they stream in, depth."""

from __future__ import annotations

import asyncio
import re
from typing import Final

import numpy as np
from starlette.types import Message, Receive

from schemas.errors import BadInput, StemmaError, TooLarge
from schemas.sentences import say
from services.problems import UnsupportedMedia

_MEDIA: Final = re.compile(r"application/(json|x-ndjson|ndjson|xml|[a-z0-9.!#$&^_-]+\+(json|xml))|text/xml")
_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_NOT_BRACKETS: Final = bytes(sorted(set(range(256)) - set(b"[]{}")))
_NOT_MARKS: Final = bytes(sorted(set(range(256)) - set(b'[]{}"')))
BODY_SECONDS: Final = 60.0
FIX: Final = "send application/json, application/x-ndjson or application/xml"


class TooSlow(StemmaError):
    """The caller did not send its body in time."""

    status, title, retryable = 408, "Too slow", True


def check_media(content_type: str | None, content_encoding: str | None) -> None:
    """Errors: `UnsupportedMedia` for a form, plain text, none at all, or a compressed body."""
    media = (content_type or "").split(";", 1)[0].strip().lower()
    if not _MEDIA.fullmatch(media):
        shown = media[:100] or "no content type"
        raise UnsupportedMedia(say("{shown} is not read here: {fix}", shown=shown, fix=FIX))
    if content_encoding and content_encoding.strip().lower() != "identity":
        raise UnsupportedMedia("a compressed body is not read here: send it without Content-Encoding")


def check_length(content_length: str | None, most: int) -> None:
    """Refuse by the announced length before a byte is read. Errors: `TooLarge`, `BadInput`."""
    if content_length is None:
        return
    if not content_length.isdecimal():
        raise BadInput.field("Content-Length", content_length, "send the body's length in bytes")
    if int(content_length) > most:
        raise TooLarge(say("the body is above {most} bytes: send it in parts", most=most))


async def read_body(receive: Receive, most: int) -> bytes | None:
    """The whole body, counted as it comes; None if the caller went away.

    Errors: `TooLarge` above `most` bytes, `TooSlow` if it is not there within `BODY_SECONDS`.
    """
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read(receive, most)
    except TimeoutError:
        raise TooSlow(say("the body was not there within {seconds} seconds", seconds=f"{BODY_SECONDS:.0f}")) from None


async def _read(receive: Receive, most: int) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise TooLarge(say("the body is above {most} bytes: send it in parts", most=most))
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def check_depth(body: bytes, most: int) -> None:
    """Errors: `TooLarge` where JSON (or NDJSON) nests deeper than `most` brackets, before any parser recurses."""
    if body.count(b"[") + body.count(b"{") <= most:
        return
    brackets = np.frombuffer(_outside_strings(body), dtype=np.uint8)
    if len(brackets) == 0:
        return
    steps = np.where((brackets == ord("[")) | (brackets == ord("{")), 1, -1)
    if int(np.cumsum(steps).max()) > most:
        raise TooLarge(say("the JSON is nested deeper than {most} levels", most=most))


def _outside_strings(body: bytes) -> bytes:
    """The brackets that stand outside strings."""
    if b"\\" in body:
        return _STRING.sub(b"", body).translate(None, _NOT_BRACKETS)
    # Without escapes every quote opens or closes: one that closes and the next that opens part nothing.
    marks = body.translate(None, _NOT_MARKS).replace(b'""', b"")
    return b"".join(marks.split(b'"')[::2]) if b'"' in marks else marks


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives `body` in one piece and then what comes after it, such as a disconnect."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
