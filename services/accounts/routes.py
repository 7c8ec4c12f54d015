"""`/api/v1/accounts`: make, change and disable accounts (right `accounts`). Nobody ever knows another's password."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request

from schemas.times import utc_text
from services.accounts.access_routes import router as access
from services.accounts.links import GOOD_US
from services.accounts.session_routes import caller_of, example, people_of
from services.accounts.session_routes import router as sessions
from services.accounts.shapes import (
    AccountChange,
    AccountList,
    AccountMade,
    AccountRead,
    LinkMade,
    NewAccount,
    account_read,
)
from services.principal import AccountKeeper

router = APIRouter()
accounts = APIRouter(prefix="/api/v1/accounts", tags=["people"])
LINK_PATH: Final = "/setup#"
"""Where a one-time link leads: its text stands after `#`, which no browser sends and no server writes to a log."""
_Id = Annotated[str, Path(max_length=64, examples=["a3f9c2a71d00e"])]


@accounts.get("", summary="List accounts")
async def list_accounts(request: Request, keeper: AccountKeeper) -> AccountList:
    """Every account ever made, disabled ones too."""
    return AccountList(accounts=[account_read(one) for one in await people_of(request).accounts.all()])


@accounts.post("", status_code=201, summary="Make an account",
               openapi_extra=example({"name": "li.na", "shown": "李娜", "roles": ["inspector"]}))  # fmt: skip
async def make_account(request: Request, new: NewAccount, keeper: AccountKeeper) -> AccountMade:
    """The answer holds a one-time link, good for 24 hours, by which the account's owner sets the password. From the
    first account on every call needs a session or a key; the first must be made by the link in the terminal."""
    made, text = await people_of(request).add(new.name, new.shown or "", new.roles, caller_of(request, keeper))
    return AccountMade(**account_read(made).model_dump(), invitation=_link(request, text))


@accounts.patch("/{account_id}", summary="Change an account", openapi_extra=example({"roles": ["inspector"]}))
async def change_account(
    request: Request, account_id: _Id, change: AccountChange, keeper: AccountKeeper
) -> AccountRead:
    """Other roles and disabling end all its sessions. The last administrator stays one (409)."""
    caller = caller_of(request, keeper)
    after = await people_of(request).change(account_id, caller, change.shown, change.roles, change.disabled)
    return account_read(after)


@accounts.post("/{account_id}/link", status_code=201, summary="A link to set the password anew")
async def make_link(request: Request, account_id: _Id, keeper: AccountKeeper) -> LinkMade:
    """For who has forgotten it. Once used it ends all sessions of the account; a new link ends the one before."""
    return _link(request, await people_of(request).new_link(account_id, caller_of(request, keeper)))


def _link(request: Request, text: str) -> LinkMade:
    return LinkMade(link=LINK_PATH + text, ends=utc_text(request.app.state.house.clock() + GOOD_US))


router.include_router(sessions)
router.include_router(accounts)
router.include_router(access)
