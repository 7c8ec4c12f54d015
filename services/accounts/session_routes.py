"""`/api/v1/session`, `/api/v1/setup` and `/api/v1/me`: how people come in, and who they then are.

The cookie is `__Host-stemma`, Secure, HttpOnly and SameSite=Lax, on plain loopback http too: browsers count localhost
and 127.0.0.1 as trustworthy and keep it (docs/security.md says which).
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.datastructures import Headers

from schemas.times import utc_text
from services.access import COOKIE, session_cookie
from services.accounts.exports import address_of
from services.accounts.people import Caller, People
from services.accounts.sessions import WHOLE_US
from services.accounts.shapes import (
    LinkAsked,
    LinkRead,
    Me,
    NewPassword,
    OwnSession,
    OwnSessions,
    RoleList,
    RoleRead,
    SessionRead,
    SetUp,
    SignIn,
    me_of,
    rights_of,
    session_read,
)
from services.principal import LOCAL, Anyone, Principal
from services.rights import OF_ROLE, ROLES

router = APIRouter(prefix="/api/v1", tags=["people"])
_PASSWORD: Final = "a sentence is easy to remember"


def people_of(request: Request) -> People:
    """The house's accounts."""
    people: People = request.app.state.house.people
    return people


def caller_of(request: Request, principal: Principal | None) -> Caller:
    """Who asks, as it is recorded."""
    actor = principal.actor if principal else "unknown"
    return Caller(actor, address_of(request), session_cookie(Headers(scope=request.scope)))


def example(value: object) -> dict[str, object]:
    """An example of a JSON body, for the OpenAPI."""
    return {"requestBody": {"content": {"application/json": {"example": value}}}}


@router.get("/session", summary="Am I signed in?")
async def session(request: Request) -> SessionRead:
    """Answered to everyone: a page asks it first. With a session it gives the token for `Stemma-CSRF`."""
    house = request.app.state.house
    principal: Principal | None = getattr(request.state, "principal", None)
    has_accounts = await house.people.accounts.defined()
    if principal is not None and principal.session is not None:
        return await _session_read(request, session_cookie(Headers(scope=request.scope)) or "", principal)
    return SessionRead(
        signed_in=False, open=not has_accounts and not await house.keys.defined(), has_accounts=has_accounts,
        me=None if principal is None else await _me(request, principal), csrf=None, ends=None,
    )  # fmt: skip


@router.post("/session", status_code=201, summary="Sign in",
             openapi_extra=example({"name": "wang.min", "password": _PASSWORD}))  # fmt: skip
async def sign_in(request: Request, response: Response, given: SignIn) -> SessionRead:
    """Sets the session's cookie. A wrong name and a wrong password are answered alike (401); too many failures in too
    short a time are 429 with `Retry-After`, and nobody is locked out."""
    text, principal = await people_of(request).sign_in(given.name, given.password, caller_of(request, None))
    return await _begun(request, response, text, principal)


@router.delete("/session", summary="Sign out")
async def sign_out(
    request: Request,
    response: Response,
    principal: Anyone,
    everywhere: Annotated[bool, Query(description="end every session of the account")] = False,
) -> SessionRead:
    """The session is refused from now on, its streams end within seconds."""
    await people_of(request).sign_out(principal, address_of(request), everywhere=everywhere)
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return SessionRead(signed_in=False, open=False, has_accounts=True, me=None, csrf=None, ends=None)


@router.post("/setup/look", summary="What is this one-time link for?",
             openapi_extra=example({"link": "w8Vt0nqk5o3yB2mXcJ7rPzQ4LsHdA6uE9iGfTjRvKlM"}))  # fmt: skip
async def look_at_link(request: Request, given: LinkAsked) -> LinkRead:
    """Does not use it. 404 for one that is unknown, was used or is older than 24 hours."""
    link, account = await people_of(request).looked_at(given.link, address_of(request))
    return LinkRead(
        purpose=link.purpose, name=account.name if account else None, shown=account.shown if account else None,
        ends=utc_text(link.ends_us),
    )  # fmt: skip


_SET_UP: Final = {"link": "w8Vt0nqk5o3yB2mXcJ7rPzQ4LsHdA6uE9iGfTjRvKlM", "name": "wang.min", "password": _PASSWORD}


@router.post("/setup", status_code=201, summary="Use a one-time link", openapi_extra=example(_SET_UP))
async def set_up(request: Request, response: Response, given: SetUp) -> SessionRead:
    """Makes the first account, puts an administrator right, or sets the password of the account the link is for; then
    signs in. The first account is administrator and quality manager; from then on every call needs a session or key."""
    caller = caller_of(request, None)
    text, principal = await people_of(request).redeem(given.link, given.name, given.shown, given.password, caller)
    return await _begun(request, response, text, principal)


@router.get("/me", summary="Who am I, and what may I do?")
async def me(request: Request, principal: Anyone) -> Me:
    """Of an account, a key or the person at the machine."""
    return await _me(request, principal)


@router.get("/me/sessions", summary="Where am I signed in?")
async def own_sessions(request: Request, principal: Anyone) -> OwnSessions:
    """The sessions of one's own account that hold."""
    mine = await people_of(request).sessions.of(principal.account_id) if principal.account_id else []
    return OwnSessions(
        sessions=[
            OwnSession(
                id=one.id, address=one.address, began=utc_text(one.began_us), seen=utc_text(one.seen_us),
                ends=utc_text(one.ends_us()), here=one.digest == principal.session,
            )
            for one in mine
        ]
    )  # fmt: skip


@router.delete("/me/sessions/{session_id}", summary="Sign out elsewhere", status_code=204, response_class=Response)
async def end_own_session(
    request: Request,
    principal: Anyone,
    session_id: Annotated[str, Path(max_length=64, examples=["3f9c2a71d00e4b56"])],
) -> Response:
    """The session is refused from now on, its streams end within seconds. 404 for one that is not one's own."""
    await people_of(request).end_session(principal, session_id, address_of(request))
    return Response(status_code=204)


@router.put("/me/password", summary="Change one's own password",
            openapi_extra=example({"old": _PASSWORD, "new": "another sentence to remember"}))  # fmt: skip
async def set_own_password(request: Request, response: Response, given: NewPassword, principal: Anyone) -> SessionRead:
    """Ends every session of the account and begins a new one here."""
    caller = caller_of(request, principal)
    text, after = await people_of(request).set_own_password(principal, given.old, given.new, caller)
    return await _begun(request, response, text, after)


@router.get("/roles", summary="Roles and what they give")
async def roles(principal: Anyone) -> RoleList:
    """Every role with its rights, and the activities that its right `capture` is for."""
    return RoleList(
        roles=[
            RoleRead(role=role, rights=rights_of(OF_ROLE[role]), activities=sorted(OF_ROLE[role].activities))
            for role in ROLES
        ]
    )


async def _me(request: Request, principal: Principal) -> Me:
    house = request.app.state.house
    if principal.account_id is not None:
        return me_of(principal, await house.people.accounts.get(principal.account_id), None)
    names = {} if principal is LOCAL else {key.id: key.name for key in await house.keys.all()}
    return me_of(principal, None, names.get(principal.key_id))


async def _session_read(request: Request, text: str, principal: Principal) -> SessionRead:
    assert principal.session is not None
    found = await people_of(request).sessions.good(principal.session)
    if found is None:
        return SessionRead(signed_in=False, open=False, has_accounts=True, me=None, csrf=None, ends=None)
    return session_read(text, found, await _me(request, principal))


async def _begun(request: Request, response: Response, text: str, principal: Principal) -> SessionRead:
    response.set_cookie(
        COOKIE, text, max_age=WHOLE_US // 1_000_000, path="/", secure=True, httponly=True, samesite="lax"
    )
    return await _session_read(request, text, principal)
