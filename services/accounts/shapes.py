"""What the routes about people take and answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.requests import Name, Strict
from schemas.times import utc_text
from services.accounts.passwords import LONGEST
from services.accounts.sessions import Session, csrf_of
from services.accounts.store import LONGEST_NAME, Account
from services.principal import Principal
from services.rights import RIGHTS, ROLES, Grant, Right, Role
from services.shapes import Shape

Secret = Annotated[str, Field(min_length=1, max_length=LONGEST * 4, description="a password; never answered or kept")]
LinkText = Annotated[str, Field(min_length=1, max_length=200, description="what stands after `#` in the link")]
LoginName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME * 4, description="name to sign in with")]


class SignIn(Strict):
    """Name and password."""

    name: LoginName
    password: Secret


class LinkAsked(Strict):
    """A one-time link."""

    link: LinkText


class SetUp(Strict):
    """What the owner of a one-time link sets."""

    link: LinkText
    name: LoginName | None = Field(None, description="of the administrator to be made or put right; else left out")
    shown: Name | None = Field(None, description="name that others see; default the name to sign in with")
    password: Secret


class NewPassword(Strict):
    """A change of one's own password."""

    old: Secret
    new: Secret


class NewAccount(Strict):
    """An account to be made; its owner sets the password by the link in the answer."""

    name: LoginName
    shown: Name | None = Field(None, description="name that others see; default the name to sign in with")
    roles: list[Role] = Field(min_length=1, max_length=len(ROLES), description="they add up")


class AccountChange(Strict):
    """What is left out stays."""

    shown: Name | None = Field(None, description="name that others see")
    roles: list[Role] | None = Field(None, min_length=1, max_length=len(ROLES), description="all of them")
    disabled: bool | None = Field(None, description="true: may not sign in any more")


class Me(Shape):
    """The caller: an account, a key, or the person at the machine."""

    kind: str = Field(description="`account`, `key` or `local`")
    actor: str = Field(description="as envelopes name the caller")
    name: str | None = Field(description="name to sign in with, of an account")
    shown: str | None = Field(description="name that others see, of an account or key")
    roles: list[Role] = Field(description="of an account")
    rights: list[Right] = Field(description="what the caller may do")
    activities: list[str] = Field(description="activities the right `capture` is for")


class SessionRead(Shape):
    """Whether someone is signed in, and what a page needs to go on."""

    signed_in: bool = Field(description="true with a session")
    open: bool = Field(description="true while there is neither account nor key: everything is answered, here alone")
    has_accounts: bool = Field(description="false until the first account was made by the link in the terminal")
    me: Me | None = Field(description="null for nobody")
    csrf: str | None = Field(description="goes into the header `Stemma-CSRF` of every call that changes something")
    ends: str | None = Field(description="when the session ends if nothing more is called, RFC 3339 in UTC")


class OwnSession(Shape):
    """A session of the caller's own account."""

    id: str = Field(description="names it, for ending it")
    address: str = Field(description="where it was begun from")
    began: str = Field(description="when, RFC 3339 in UTC")
    seen: str = Field(description="last call, to the minute")
    ends: str = Field(description="when it ends if nothing more is called")
    here: bool = Field(description="the one of this call")


class OwnSessions(Shape):
    """Sessions of the caller's own account."""

    sessions: list[OwnSession] = Field(description="the last used first; none of a key")


class LinkRead(Shape):
    """What a link is for."""

    purpose: str = Field(description="`administrator`: name an account to make or put right; `password`: set yours")
    name: str | None = Field(description="name to sign in with, where the link is for one account")
    shown: str | None = Field(description="name that others see, where the link is for one account")
    ends: str = Field(description="RFC 3339 in UTC")


class LinkMade(Shape):
    """A one-time link, shown this once."""

    link: str = Field(description="path of the link, to be opened on this service's address by the account's owner")
    ends: str = Field(description="RFC 3339 in UTC")


class AccountRead(Shape):
    """What is shown of an account."""

    id: str = Field(description="names the account, also in the envelopes of what it captured")
    name: str = Field(description="name to sign in with")
    shown: str = Field(description="name that others see")
    roles: list[Role] = Field(description="they add up")
    has_password: bool = Field(description="false until its owner has set one")
    created: str = Field(description="RFC 3339 in UTC")
    created_by: str = Field(description="who made it")
    disabled: str | None = Field(description="RFC 3339 in UTC, null while it may be used")


class AccountMade(AccountRead):
    """An account just made, and the link by which its owner sets the password."""

    invitation: LinkMade = Field(description="shown this once")


class AccountList(Shape):
    """Every account ever made, oldest first."""

    accounts: list[AccountRead] = Field(description="disabled ones too")


class RoleRead(Shape):
    """A role and what it gives."""

    role: Role = Field(description="its name in the API")
    rights: list[Right] = Field(description="what it gives")
    activities: list[str] = Field(description="activities its right `capture` is for")


class RoleList(Shape):
    """Every role."""

    roles: list[RoleRead] = Field(description="in the order in which they are offered")


def me_of(principal: Principal, account: Account | None, key_name: str | None) -> Me:
    """What a caller is told of itself."""
    kind = "account" if account else "key" if principal.key_id else "local"
    return Me(
        kind=kind, actor=principal.actor, name=account.name if account else None,
        shown=account.shown if account else key_name, roles=roles_of(account) if account else [],
        rights=rights_of(principal.grant), activities=sorted(principal.grant.activities),
    )  # fmt: skip


def session_read(text: str, session: Session, me: Me) -> SessionRead:
    """A session that holds, for the page it belongs to."""
    return SessionRead(
        signed_in=True, open=False, has_accounts=True, me=me, csrf=csrf_of(text), ends=utc_text(session.ends_us())
    )


def account_read(one: Account) -> AccountRead:
    """What is shown of an account: never its password in any form."""
    return AccountRead(
        id=one.id, name=one.name, shown=one.shown, roles=roles_of(one), has_password=one.password is not None,
        created=utc_text(one.made_us), created_by=one.made_by,
        disabled=None if one.disabled_us is None else utc_text(one.disabled_us),
    )  # fmt: skip


def roles_of(one: Account) -> list[Role]:
    """In the order in which roles are offered."""
    return [role for role in ROLES if role in one.roles]


def rights_of(grant: Grant) -> list[Right]:
    """In the order in which rights are told."""
    return [right for right in RIGHTS if right in grant.rights]
