"""`/api/v1/keys`: make, list and revoke API keys (right `keys`)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from schemas.times import utc_text
from services.accounts.exports import address_of
from services.accounts.people import People
from services.keys.store import Key, KeyStore
from services.principal import KeyKeeper, Scope
from services.shapes import Shape

router = APIRouter(prefix="/api/v1/keys", tags=["keys"])


class NewKey(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=200, description="what the key is for")
    scopes: list[Scope] = Field(min_length=1, max_length=4, description="what its holder may do")


class KeyRead(Shape):
    """What is shown of a key: never the key itself."""

    id: str = Field(description="names the key, also in the envelopes of what it captured")
    name: str = Field(description="what the key is for")
    scopes: list[Scope] = Field(description="what its holder may do")
    created: str = Field(description="RFC 3339 in UTC")
    created_by: str = Field(description="who made it")
    revoked: str | None = Field(description="RFC 3339 in UTC, null while it is good")


class KeyMade(KeyRead):
    """A key just made."""

    key: str = Field(description="the key: 256 bits, shown this once")


class KeyList(Shape):
    """Every key ever made, oldest first."""

    keys: list[KeyRead] = Field(description="revoked ones too")


def _store(request: Request) -> KeyStore:
    store: KeyStore = request.app.state.house.keys
    return store


def _read(key: Key) -> KeyRead:
    return KeyRead(
        id=key.id,
        name=key.name,
        scopes=sorted(key.scopes),  # type: ignore[arg-type]
        created=utc_text(key.created_us),
        created_by=key.created_by,
        revoked=None if key.revoked_us is None else utc_text(key.revoked_us),
    )


_BODY = {"example": {"name": "quality desk", "scopes": ["admin"]}}
_EXAMPLE = {"requestBody": {"content": {"application/json": _BODY}}}


@router.post("", status_code=201, summary="Make a key", openapi_extra=_EXAMPLE)
async def make_key(request: Request, new: NewKey, keeper: KeyKeeper) -> KeyMade:
    """The answer holds the key; it is shown this once and cannot be had again. The first key of all needs the
    scope `admin`, unless there is an administrator's account; from then on every call needs a session or a key."""
    people: People = request.app.state.house.people

    async def tell(key: Key) -> None:
        told = {"key": key.id, "name": key.name, "scopes": key.scopes}
        await people.record.add("key_made", keeper.actor, address_of(request), **told)

    administered = await people.accounts.administered()
    key, text = await _store(request).add(new.name, new.scopes, keeper.actor, administered=administered, tell=tell)
    return KeyMade(**_read(key).model_dump(), key=text)


@router.get("", summary="List keys")
async def list_keys(request: Request, keeper: KeyKeeper) -> KeyList:
    """Every key ever made with its scopes, revoked ones too; never the keys themselves."""
    return KeyList(keys=[_read(key) for key in await _store(request).all()])


@router.delete("/{key_id}", summary="Revoke a key")
async def revoke_key(
    request: Request, key_id: Annotated[str, Path(max_length=64, examples=["k3f9c2a71d00e"])], keeper: KeyKeeper
) -> KeyRead:
    """It is refused from now on, within a second on every other server. Revoking it again changes nothing; the last
    good admin key cannot be revoked while no account administers (409)."""
    people: People = request.app.state.house.people

    async def tell() -> None:
        await people.record.add("key_revoked", keeper.actor, address_of(request), key=key_id)

    administered = await people.accounts.administered()
    return _read(await _store(request).revoke(key_id, administered=administered, tell=tell))
