"""Who may speak to the service at all: a good key, or, while none is defined, the machine's own user.

Loopback rules (api.md): with no key defined, only a peer on loopback is answered, whose Host is `localhost`,
`127.0.0.1` or `[::1]` (or a web page elsewhere could reach it by a name of its own), without a forwarding header (a
proxy speaks for others) and without a foreign Origin (a web page speaks for others).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from schemas.errors import Forbidden, Unauthenticated
from services.keys.store import KeyStore
from services.principal import LOCAL, Principal

OPEN_PATHS: Final = frozenset({"/health/live", "/health/ready", "/openapi.json", "/docs"})
"""Answered without a key where keys are defined: they tell nothing of what was captured. `/docs/…` too."""

_HOST: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_FORWARDING: Final = frozenset(
    {"forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip", "client-ip", "x-client-ip"}
)


async def settle(scope: Scope, keys: KeyStore) -> Principal | None:
    """Who calls; None for an open path called without a key. Errors: `Unauthenticated`, `Forbidden`."""
    headers = Headers(scope=scope)
    given = headers.getlist("authorization")
    if given:
        return await keys.authenticate(_bearer(given))
    if await keys.defined():
        if is_open(scope["path"]):
            return None
        raise Unauthenticated("a key is required: send `Authorization: Bearer KEY`")
    check_loopback(scope.get("client"), headers)
    return LOCAL


def is_open(path: str) -> bool:
    """True for what is answered without a key."""
    return path in OPEN_PATHS or path.startswith("/docs/")


def check_loopback(client: tuple[str, int] | None, headers: Headers) -> None:
    """Errors: `Forbidden`, saying which rule is broken."""
    if client is None or not _is_loopback(client[0]):
        raise Forbidden("no key is defined, so only this machine is answered: define one with `stemma keys add`")
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        raise Forbidden("no key is defined, so Host must be localhost, 127.0.0.1 or [::1]")
    if forwarded := _forwarding(headers):
        raise Forbidden(f"no key is defined, so a call through a proxy ({forwarded}) is not answered")
    if any(not _is_own(origin, hosts[0]) for origin in headers.getlist("origin")):
        raise Forbidden("no key is defined, so a page of another origin is not answered")


def _bearer(given: list[str]) -> str:
    scheme, _, text = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer" or not text.strip():
        raise Unauthenticated("send the key once, as `Authorization: Bearer KEY`")
    return text.strip()


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


def _forwarding(headers: Mapping[str, str]) -> str | None:
    return next((name for name in headers if name in _FORWARDING or name.startswith("x-forwarded")), None)


def _is_own(origin: str, host: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
