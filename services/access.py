"""Who may speak to the service at all: a session, a good key, or, with neither account nor key, the machine's own user.

Loopback rules (api.md): while neither is defined, only a peer on loopback is answered, whose Host is `localhost`,
`127.0.0.1` or `[::1]` (or a web page elsewhere could reach it by a name of its own), without a forwarding header (a
proxy speaks for others) and without a foreign Origin (a web page speaks for others).

A session comes by cookie, which a browser sends of itself, so a call with one is held to more: never from a foreign
Origin, and a call that changes something only with this service's own Origin and the session's CSRF token.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.types import Scope

from schemas.errors import Forbidden, Unauthenticated
from schemas.sentences import say
from services.accounts.sessions import csrf_of
from services.front import Front, is_loopback
from services.principal import LOCAL, Principal

if TYPE_CHECKING:
    from services.accounts.people import People
    from services.keys.store import KeyStore

COOKIE: Final = "__Host-stemma"
CSRF: Final = "stemma-csrf"
OPEN_PATHS: Final = frozenset({"/health/live", "/health/ready", "/openapi.json", "/docs"})
"""Answered without credentials where they are needed: they tell nothing of what was captured. `/docs/…` too."""
SIGN_IN: Final = frozenset(
    {
        ("GET", "/api/v1/session"),
        ("POST", "/api/v1/session"),
        ("POST", "/api/v1/setup"),
        ("POST", "/api/v1/setup/look"),
    }
)
"""How credentials are had: answered to everyone, from another machine too before there is any account."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_NO_PAGES: Final = ("/api/", "/epcis/", "/health/", "/metrics", "/docs", "/openapi.json")
_HOST: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_FORWARDING: Final = frozenset(
    {"forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip", "client-ip", "x-client-ip"}
)


async def settle(scope: Scope, keys: KeyStore, people: People, front: Front) -> Principal | None:
    """Who calls; None for an open path called without credentials. Errors: `Unauthenticated`, `Forbidden`."""
    headers = Headers(scope=scope)
    state = scope.setdefault("state", {})
    state["address"] = front.address(scope, headers)
    origins = headers.getlist("origin")
    own = bool(origins) and all(front.is_own(origin, scope, headers) for origin in origins)
    state["own_origin"] = own
    if given := headers.getlist("authorization"):
        return await keys.authenticate(_bearer(given))
    text = session_cookie(headers)
    if text is not None and (principal := await people.sessions.principal(text)) is not None:
        if (scope["method"], scope["path"]) in SIGN_IN and scope["method"] not in SAFE:
            check_sign_in(headers, own=own)
            return None
        _check_session(scope["method"], headers, text, own=own)
        return principal
    return await _without(scope, headers, keys, people, own=own)


async def settle_socket(scope: Scope, keys: KeyStore, people: People, front: Front) -> Principal:
    """Who opens a WebSocket. A browser sends the cookie and the Origin of any page with it, so a session is answered to
    an own page only. Errors: `Unauthenticated`, `Forbidden`."""
    principal = await settle({**scope, "method": "GET"}, keys, people, front)
    if principal is None:
        raise Unauthenticated("a session or a key is required")
    if principal.session is not None and not scope["state"]["own_origin"]:
        raise Forbidden("a WebSocket is opened by a session only from the service's own Origin")
    return principal


async def _without(scope: Scope, headers: Headers, keys: KeyStore, people: People, *, own: bool) -> Principal | None:
    """Who calls without credentials, or with a session that has ended."""
    signing_in = (scope["method"], scope["path"]) in SIGN_IN
    if signing_in and scope["method"] not in SAFE:
        check_sign_in(headers, own=own)
    if await keys.defined() or await people.accounts.defined():
        if signing_in or is_open(scope["path"]) or is_page(scope["method"], scope["path"]):
            return None
        raise Unauthenticated("a session or a key is required: sign in, or send `Authorization: Bearer KEY`")
    try:
        check_loopback(scope.get("client"), headers)
    except Forbidden:
        if signing_in or is_page(scope["method"], scope["path"]):
            return None
        raise
    return LOCAL


def is_open(path: str) -> bool:
    """True for what is answered without credentials."""
    return path in OPEN_PATHS or path.startswith("/docs/")


def is_page(method: str, path: str) -> bool:
    """True for the files of the console, which are the same for everyone: all that is no API, to be read."""
    return method in SAFE and not path.startswith(_NO_PAGES)


def session_cookie(headers: Headers) -> str | None:
    """The text of the session's cookie; None if there is none, or more than one (one of them is another's)."""
    pairs = (part.strip().partition("=") for line in headers.getlist("cookie") for part in line.split(";"))
    found = [value for name, _, value in pairs if name == COOKIE]
    return found[0] if len(found) == 1 and found[0] else None


def _check_session(method: str, headers: Headers, text: str, *, own: bool) -> None:
    """Errors: `Forbidden`."""
    if headers.getlist("origin") and not own:
        raise Forbidden("a page of another origin is not answered for this session")
    if method in SAFE:
        return
    if not own:
        raise Forbidden("a call that changes something by a session needs the service's own Origin")
    if not hmac.compare_digest(headers.get(CSRF, "").encode(), csrf_of(text).encode()):
        raise Forbidden("a call that changes something by a session needs its token in the header `Stemma-CSRF`")


def check_sign_in(headers: Headers, *, own: bool) -> None:
    """A page elsewhere must not sign anyone in. Errors: `Forbidden`."""
    if headers.getlist("origin") and not own:
        raise Forbidden("signing in is not answered to a page of another origin")
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise Forbidden("signing in is not answered to a page of another site")


def check_loopback(client: tuple[str, int] | None, headers: Headers) -> None:
    """Errors: `Forbidden`, saying which rule is broken."""
    if client is None or not is_loopback(client[0]):
        fix = "open the link that the server printed at its start, or make a key with `stemma keys add`"
        raise Forbidden(say("no key or account is defined, so only this machine is answered: {fix}", fix=fix))
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        raise Forbidden("no key or account is defined, so Host must be localhost, 127.0.0.1 or [::1]")
    if forwarded := _forwarding(headers):
        raise Forbidden(
            say(
                "no key or account is defined, so a call through a proxy ({forwarded}) is not answered",
                forwarded=forwarded,
            )
        )
    if any(origin.lower() not in _of_host(hosts[0]) for origin in headers.getlist("origin")):
        raise Forbidden("no key or account is defined, so a page of another origin is not answered")


def _bearer(given: list[str]) -> str:
    scheme, _, text = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer" or not text.strip():
        raise Unauthenticated("send the key once, as `Authorization: Bearer KEY`")
    return text.strip()


def _forwarding(headers: Mapping[str, str]) -> str | None:
    return next((name for name in headers if name in _FORWARDING or name.startswith("x-forwarded")), None)


def _of_host(host: str) -> tuple[str, str]:
    return f"http://{host.lower()}", f"https://{host.lower()}"
