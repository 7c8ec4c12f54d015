"""Whether a subscriber may still see what is delivered to it: asked again before each delivery (epcis.md E4)."""

from __future__ import annotations

from schemas.errors import NotFound
from services.accounts.people import People
from services.epcis.subscriptions.shapes import Owner
from services.keys.store import KeyStore
from services.principal import Principal
from services.rights import EVERYTHING, Grant, of_roles, of_scopes


def owner_of(principal: Principal) -> Owner:
    """Under whose rights a subscription of this caller stands."""
    return Owner(principal.actor, principal.key_id, principal.account_id)


async def why_not(owner: Owner, keys: KeyStore, people: People) -> str | None:
    """Why nothing may be delivered for this subscriber any more, None while it may. Errors: `Unavailable`."""
    grant = await _grant(owner, keys, people)
    if isinstance(grant, str):
        return grant
    return None if "query" in grant.rights else f"{owner.actor} has not the right `query` any more"


async def _grant(owner: Owner, keys: KeyStore, people: People) -> Grant | str:
    if owner.key_id is not None:
        key = next((one for one in await keys.all() if one.id == owner.key_id), None)
        if key is None or key.revoked_us is not None:
            return f"the key {owner.key_id} that subscribed is revoked"
        return of_scopes(key.scopes)
    if owner.account_id is not None:
        try:
            account = await people.accounts.get(owner.account_id)
        except NotFound:
            return f"the account {owner.account_id} that subscribed is not there"
        return of_roles(account.roles) if account.usable else "the account that subscribed is disabled"
    if await keys.defined() or await people.accounts.defined():
        return "it was made when there was neither key nor account: resume it by one that may query"
    return EVERYTHING
