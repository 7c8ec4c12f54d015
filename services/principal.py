"""Who is calling and what they may do: one `Principal` for accounts and keys, and the dependency that names a right.

The middleware has settled who calls before any route runs (`services.access`), and left a `Principal` in
`request.state.principal`, or the refusal in `request.state.refusal`. A route names the right it needs by
`Depends(require("trace"))`, one of several by `require("query", "operate")`; the OpenAPI and the tests read the rights
from these dependencies.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from schemas.errors import Forbidden, StemmaError, Unauthenticated
from schemas.sentences import say
from services.rights import ACTIVITIES, EVERYTHING, RIGHTS, SCOPES, Grant, Right, Scope

__all__ = ["LOCAL", "SCOPES", "Principal", "Require", "Right", "Scope", "principal_of", "require", "scoped"]
LOCAL_ACTOR: Final = "local"


@dataclass(frozen=True, slots=True)
class Principal:
    """One authenticated caller. `actor` goes into every envelope; of `key_id` and `account_id` at most one is given,
    neither for the loopback caller. `session` is the digest of the session of an account."""

    actor: str
    key_id: str | None
    grant: Grant
    account_id: str | None = None
    session: bytes | None = field(default=None, repr=False)

    def may(self, *rights: Right) -> bool:
        """True when one of the rights is held."""
        return not self.grant.rights.isdisjoint(rights)

    def may_record(self, activity: str) -> bool:
        """True when `capture` is held for this activity."""
        return activity in self.grant.activities

    @property
    def may_record_all(self) -> bool:
        """True when `capture` is held for every activity."""
        return self.grant.activities >= ACTIVITIES

    @property
    def source(self) -> str:
        """The capturing source of this caller: the id of key or account (architecture rule 2), else `local`."""
        return self.key_id or self.account_id or LOCAL_ACTOR


LOCAL: Final = Principal(LOCAL_ACTOR, None, EVERYTHING)
"""The loopback caller of a service with neither key nor account: the person at the machine, who may do all."""


def principal_of(request: HTTPConnection) -> Principal:
    """The caller of this request. Errors: `Unauthenticated`, or what the middleware found wrong."""
    found = getattr(request.state, "principal", None)
    if found is None:
        refusal = getattr(request.state, "refusal", None)
        raise cast(StemmaError, refusal) if refusal else Unauthenticated("sign in, or send `Authorization: Bearer KEY`")
    return cast(Principal, found)


class Require:
    """Dependency that admits callers holding one of `rights` and returns their `Principal`.

    `whole` asks for `capture` of every activity. `live` marks an answer that goes on for as long as the caller likes:
    a session is then answered only to a page of this service's own (`services.access`).
    """

    def __init__(self, *rights: Right, whole: bool = False, live: bool = False) -> None:
        if not frozenset(rights) <= frozenset(RIGHTS):
            raise ValueError(f"no such right: {rights}; there are {RIGHTS}")
        self.rights = rights
        self.whole = whole
        self.live = live

    async def __call__(self, request: HTTPConnection) -> Principal:
        """Errors: `Unauthenticated` (401), `Forbidden` (403)."""
        principal = principal_of(request)
        if self.rights and not principal.may(*self.rights):
            raise Forbidden(
                say(
                    "this call needs the right {known}, which this {kind} has not",
                    known=words(self.rights),
                    kind=_kind(principal),
                )
            )
        if self.whole and not principal.may_record_all:
            raise Forbidden("this call needs the right `capture` for every activity; record single activities instead")
        if self.live and principal.session is not None:
            check_own_page(request)
        return principal


def check_own_page(request: HTTPConnection) -> None:
    """For a session: the caller is a page of this service's own. Errors: `Forbidden`.

    A browser sends no Origin with a same-origin GET, so `Sec-Fetch-Site` stands in for it; no page can forge either.
    """
    if not getattr(request.state, "own_origin", False) and request.headers.get("sec-fetch-site") != "same-origin":
        raise Forbidden("a stream is answered to a session only on a page of this service's own origin")


def words(rights: tuple[Right, ...]) -> str:
    """`capture` or `audit`."""
    return " or ".join(f"`{right}`" for right in rights)


def _kind(principal: Principal) -> str:
    return "key" if principal.key_id else "account"


def require(
    *rights: Right, whole: bool = False, live: bool = False
) -> Callable[[HTTPConnection], Awaitable[Principal]]:
    """`Depends(require("capture"))`: the route answers only callers with that right; none named: any caller."""
    return Require(*rights, whole=whole, live=live)


def scoped(*rights: Right, whole: bool = False, live: bool = False) -> Any:
    """`dependencies=[scoped("query")]` for routes that do not use the principal itself."""
    return Depends(require(*rights, whole=whole, live=live))


def check_resubmitter(principal: Principal, call: str) -> None:
    """A call sent again needs what it needed first; activities are judged one by one. Errors: `Forbidden`."""
    if call.endswith("/own") and not principal.may("operate"):
        raise Forbidden("this call needs the right `operate`")
    if not call.endswith("/activities") and not principal.may_record_all:
        raise Forbidden("this call needs the right `capture` for every activity")


Anyone = Annotated[Principal, Depends(require())]
"""Any caller who is known."""
Capturer = Annotated[Principal, Depends(require("capture"))]
"""Who may record something; what, by activity, is checked where the activity is read."""
RecordReader = Annotated[Principal, Depends(require("capture", "audit", "operate"))]
"""Who may see capture jobs and refused calls: one's own, or with `audit` or `operate` all."""
WholeCapturer = Annotated[Principal, Depends(require("capture", whole=True))]
KeyKeeper = Annotated[Principal, Depends(require("keys"))]
AccountKeeper = Annotated[Principal, Depends(require("accounts"))]
Operator = Annotated[Principal, Depends(require("operate"))]
