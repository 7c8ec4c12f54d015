"""`Stemma-Wait-For`: a read answered once the stores it reads have reached a position (read your writes)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request

from events.position import Position

POSITION_HEADER: Final = "Stemma-Position"
GENEALOGY: Final = "genealogy"
INDEX: Final = "index"

_Token = Annotated[
    str | None,
    Header(
        alias="Stemma-Wait-For",
        max_length=4096,
        description="a `Stemma-Position` from a capture: answer once the projections have reached it (else 503)",
    ),
]


def waits_for(*stores: str) -> Callable[[Request, _Token], Awaitable[None]]:
    """Dependency that waits until each of `stores` has reached the position the caller names, if it names one.

    Errors: `BadInput` for a token that is none, `Unavailable` (503 with Retry-After) after `wait_seconds`.
    """

    async def wait(request: Request, token: _Token = None) -> None:
        if token is not None:
            house: Any = request.app.state.house
            await house.runner.wait_for(Position.from_token(token), stores, house.settings.wait_seconds)

    return wait


WaitGenealogy: Final = Depends(waits_for(GENEALOGY))
WaitIndex: Final = Depends(waits_for(INDEX))
WaitBoth: Final = Depends(waits_for(GENEALOGY, INDEX))
