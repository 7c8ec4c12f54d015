"""Page tokens: opaque, sealed, bound to caller and path; they hold the query, the pinned moment and the last key.

Nothing is kept for a token, so it outlives a restart and a rebuild; only a query that is too long for an address is
kept by its digest, and a deleted token until it would have expired. Source: epcis.md P1 to P3.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from fastapi import Request

from schemas.errors import NotFound
from schemas.times import utc_text
from services.epcis.faults import BadParameter
from services.epcis.parameters import counted
from services.epcis.query import Query
from services.epcis.store import EpcisStore
from services.principal import principal_of

PER_PAGE: Final = 30
MOST_PAGE: Final = 1000
TOKEN_SECONDS: Final = 3600
_MAC: Final = 16
_LONGEST: Final = 1500
"""Bytes of a packed query that a token carries itself."""
_FIX: Final = "ask for the first page again"
_PAGING: Final = ("perPage", "nextPageToken")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk has come to: the query, the pinned moment, the last key, and how many more may be given."""

    query: Query
    known_us: int
    after: tuple[str | int, ...] | None = None
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Paged:
    """What the address says of the page: its size, the token, and all other parameters."""

    size: int
    token: str | None
    others: list[tuple[str, str]]


def paged(request: Request, most: int = MOST_PAGE) -> Paged:
    """Errors: `BadParameter` for a size below 1, a repeated one, or other parameters beside a token."""
    given = list(request.query_params.multi_items())
    told = {name: [value for one, value in given if one == name] for name in _PAGING}
    for name, values in told.items():
        if len(values) > 1:
            raise BadParameter.field(name, values[1], "give it once")
    others = [(name, value) for name, value in given if name not in _PAGING]
    token = next(iter(told["nextPageToken"]), None)
    if token is not None and others:
        raise BadParameter.field(others[0][0], others[0][1], "the token holds the query: only perPage stands beside it")
    return Paged(_size(told["perPage"], most), token, others)


def _size(values: Sequence[str], most: int) -> int:
    if not values:
        return min(PER_PAGE, most)
    size = counted(values[0], most)
    if size is None:
        raise BadParameter.field("perPage", values[0], "a whole number of at least 1 is expected")
    return size


class Tokens:
    """Makes and reads tokens; `now_us` in microseconds, `seconds` a token's life."""

    def __init__(self, store: EpcisStore, seconds: int = TOKEN_SECONDS) -> None:
        self._store, self._seconds = store, seconds

    async def make(self, request: Request, place: Place, now_us: int) -> tuple[str, int]:
        """A token for the next page and when it ends (microseconds)."""
        expires = now_us + self._seconds * 1_000_000
        told: object = place.query.to_json()
        if len(zlib.compress(orjson.dumps(told))) > _LONGEST:
            told = await self._store.keep(place.query)
        after = None if place.after is None else list(place.after)
        body = zlib.compress(orjson.dumps([told, place.known_us, after, place.left, expires]))
        sealed = self._mac(request, request.url.path, body) + body
        return base64.urlsafe_b64encode(sealed).decode().rstrip("="), expires

    async def read(self, request: Request, token: str, now_us: int) -> Place:
        """Errors: `BadParameter` for one that is forged, another caller's or path's, expired or deleted."""
        body = _body(token)
        if body is None or not hmac.compare_digest(self._mac(request, request.url.path, body[1]), body[0]):
            raise BadParameter.field("nextPageToken", token, _FIX)
        told, known_us, after, left, expires = orjson.loads(zlib.decompress(body[1]))
        if expires <= now_us or await self._store.is_forgotten(_digest(token)):
            raise BadParameter.field("nextPageToken", token, f"it has ended: {_FIX}")
        try:
            query = await self._store.kept(told) if isinstance(told, str) else Query.from_json(told)
        except NotFound:
            raise BadParameter.field("nextPageToken", token, _FIX) from None
        return Place(query, known_us, None if after is None else tuple(after), left)

    async def delete(self, request: Request, token: str, now_us: int) -> None:
        """The token is not honoured from now on. Errors: `NotFound` for what is no token."""
        if _body(token) is None:
            raise NotFound("there is no such page token")
        await self._store.forget_token(_digest(token), now_us + self._seconds * 1_000_000)

    def _mac(self, request: Request, path: str, body: bytes) -> bytes:
        who = principal_of(request).source
        bound = f"{who}\0{path}\0".encode("utf-8", "surrogateescape")
        return hmac.new(self._store.secret, bound + body, hashlib.sha256).digest()[:_MAC]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _body(token: str) -> tuple[bytes, bytes] | None:
    """(seal, body) of a token; only its one spelling is read, so that a deleted one cannot come back in another."""
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    if base64.urlsafe_b64encode(sealed).decode().rstrip("=") != token or len(sealed) <= _MAC:
        return None
    return sealed[:_MAC], sealed[_MAC:]


def next_headers(request: Request, token: str, expires_us: int) -> dict[str, str]:
    """`Link` to the next page and when its token ends."""
    raw = request.scope.get("raw_path")
    path = raw.split(b"?")[0].decode("ascii", "replace") if raw else request.url.path
    size = request.query_params.get("perPage")
    query = f"perPage={size}&nextPageToken={token}" if size else f"nextPageToken={token}"
    return {
        "Link": f'<{path}?{query}>; rel="next"',
        "GS1-Next-Page-Token-Expires": utc_text(expires_us // 1_000_000 * 1_000_000),
    }
