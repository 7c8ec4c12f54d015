"""Who is calling and what they may do: the scopes of api.md and the dependency that holds a route to one.

The middleware has settled who calls before any route runs (`services.access`), and left a `Principal` in
`request.state.principal`, or the refusal in `request.state.refusal`. A route names the scope it needs by
`Depends(require("read"))`, which is also what the security test reads the route's scope from.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast, get_args

from fastapi import Depends, Request

from schemas.errors import Forbidden, StemmaError, Unauthenticated

Scope = Literal["capture", "read", "correct", "admin"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
LOCAL_ACTOR: Final = "local"


@dataclass(frozen=True, slots=True)
class Principal:
    """One authenticated caller. `actor` goes into every envelope; `key_id` is None for the loopback caller."""

    actor: str
    key_id: str | None
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """True when the scope is held; `admin` holds all others."""
        return scope in self.scopes or "admin" in self.scopes

    @property
    def source(self) -> str:
        """The capturing source of this caller: the key's id (architecture rule 2), `local` without a key."""
        return self.key_id or LOCAL_ACTOR


LOCAL: Final = Principal(LOCAL_ACTOR, None, frozenset(SCOPES))
"""The loopback caller of a service on which no key is defined: the person at the machine, who may do all."""


def principal_of(request: Request) -> Principal:
    """The caller of this request. Errors: `Unauthenticated`, or what the middleware found wrong."""
    found = getattr(request.state, "principal", None)
    if found is None:
        refusal = getattr(request.state, "refusal", None)
        raise cast(StemmaError, refusal) if refusal else Unauthenticated("send `Authorization: Bearer KEY`")
    return cast(Principal, found)


class Require:
    """Dependency that admits callers holding `scope` and returns their `Principal`."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, request: Request) -> Principal:
        """Errors: `Unauthenticated` (401), `Forbidden` (403)."""
        principal = principal_of(request)
        if not principal.may(self.scope):
            raise Forbidden(f"this call needs a key with the scope `{self.scope}`")
        return principal


def require(scope: Scope) -> Callable[[Request], Awaitable[Principal]]:
    """`Depends(require("capture"))`: the route answers only callers with that scope."""
    return Require(scope)


def scoped(scope: Scope) -> Any:
    """`dependencies=[scoped("read")]` for routes that do not use the principal itself."""
    return Depends(require(scope))


Capturer = Annotated[Principal, Depends(require("capture"))]
Reader = Annotated[Principal, Depends(require("read"))]
Corrector = Annotated[Principal, Depends(require("correct"))]
Admin = Annotated[Principal, Depends(require("admin"))]
