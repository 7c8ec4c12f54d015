"""Where API keys are kept: a table of the workbench database, apart from projections, so a rebuild leaves it.

A key is `stemma_` and 256 random bits in base64url. Only its SHA-256 is kept: guessing is hopeless, so no salt or
slow hash is needed, and a look-up by digest leaks nothing of the key. Revoked keys stay, since envelopes name them.
Every process holds the table in memory and reads it again when it is older than `FRESH_SECONDS`, so that a
revocation holds everywhere within that time, and at once where it was made.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from schemas.errors import BadInput, Conflict, NotFound, Unauthenticated, Unavailable
from schemas.sentences import say
from services.clock import Clock
from services.principal import SCOPES, Principal
from services.rights import of_scopes
from services.workbench import Freshness, Tell, Workbench

PREFIX: Final = "stemma_"
LEAST_LENGTH: Final = 32
"""Characters of a key that an operator brings in `STEMMA_FIRST_KEY_FILE`."""

metadata: Final = sa.MetaData()
_keys = sa.Table(
    "workbench_key",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("scopes", sa.String(100), nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.String(200), nullable=False),
    sa.Column("revoked_us", sa.BigInteger),
)


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key. Times in microseconds since 1970 UTC; `revoked_us` None while it is good."""

    id: str
    name: str
    scopes: frozenset[str]
    created_us: int
    created_by: str
    revoked_us: int | None

    def principal(self) -> Principal:
        return Principal(f"key:{self.id}", self.id, of_scopes(self.scopes))


class KeyStore:
    """The keys of one deployment. Errors of every method: `Unavailable` when the database cannot answer."""

    def __init__(self, workbench: Workbench, clock: Clock) -> None:
        self._workbench = workbench
        self._clock = clock
        self._by_digest: dict[bytes, Key] = {}
        self._freshness = Freshness()

    @classmethod
    async def open(cls, workbench: Workbench, clock: Clock) -> KeyStore:
        """Read the keys there are."""
        store = cls(workbench, clock)
        await store.read()
        return store

    async def defined(self) -> bool:
        """True once a key was ever made. Revoked ones count: revoking never opens the service again."""
        await self._refresh()
        return bool(self._by_digest)

    async def authenticate(self, text: str) -> Principal:
        """The holder of a key. Errors: `Unauthenticated` for an unknown or revoked one."""
        await self._refresh()
        found = self._by_digest.get(_digest(text))
        if found is None or found.revoked_us is not None:
            raise Unauthenticated("the key is unknown or revoked")
        return found.principal()

    async def good(self, key_id: str) -> bool:
        """True while the key is not revoked."""
        await self._refresh()
        return any(key.id == key_id and key.revoked_us is None for key in self._by_digest.values())

    async def all(self) -> list[Key]:
        """Every key ever made, oldest first."""
        await self._refresh()
        return sorted(self._by_digest.values(), key=lambda k: (k.created_us, k.id))

    async def add(
        self,
        name: str,
        scopes: Iterable[str],
        by: str,
        text: str | None = None,
        *,
        administered: bool = False,
        tell: Callable[[Key], Awaitable[None]] | None = None,
    ) -> tuple[Key, str]:
        """Make a key; its text is returned here and never again. `text` brings one's own; `tell` records it first.

        Errors: `BadInput` for a scope that is none, or when the first key of all is not an admin's, unless there is an
        administrator's account (`administered`).
        """
        text = text or PREFIX + secrets.token_urlsafe(32)
        held = _checked_scopes(scopes)
        if not administered and "admin" not in held and not await self.defined():
            fix = "give the first key the scope admin: once it exists, only an admin key can make others"
            raise BadInput.field("scopes", " ".join(sorted(held)), fix)
        key = Key("k" + secrets.token_hex(6), name, held, self._clock(), by, None)
        await self._write(_keys.insert().values(**_row(key), digest=_digest(text)), tell and partial(tell, key))
        return key, text

    async def revoke(self, key_id: str, *, administered: bool = False, tell: Tell | None = None) -> Key:
        """Revoke a key; again is harmless. Errors: `NotFound`; `Conflict` for the last good admin key, unless there is
        an administrator's account."""
        keys = {key.id: key for key in await self.all()}
        if key_id not in keys:
            raise NotFound(say("there is no key {key_id}", key_id=key_id[:64]))
        others = [k for k in keys.values() if k.id != key_id and k.revoked_us is None and "admin" in k.scopes]
        if keys[key_id].revoked_us is not None:
            return keys[key_id]
        if not others and not administered and "admin" in keys[key_id].scopes:
            raise Conflict("this is the last admin key: add another one with the scope admin, then revoke this one")
        where = (_keys.c.id == key_id) & _keys.c.revoked_us.is_(None)
        await self._write(_keys.update().where(where).values(revoked_us=self._clock()), tell)
        return next(k for k in await self.all() if k.id == key_id)

    async def begin_with(self, file: Path, tell: Callable[[Key], Awaitable[None]] | None = None) -> bool:
        """Make the key of `file` an admin key while no good admin key exists; True if it did. `tell` records it.

        A missing or empty file is given a new key, readable by its owner alone. Errors: `BadInput` for a key
        shorter than `LEAST_LENGTH`, a revoked one, or a file that cannot be read or written.
        """
        if any(k.revoked_us is None and "admin" in k.scopes for k in await self.all()):
            return False
        text = _read_key(file)
        if text and _digest(text) in self._by_digest:
            raise BadInput.field("STEMMA_FIRST_KEY_FILE", str(file), "holds a revoked key: put another one in it")
        try:
            _, made = await self.add("first key", ["admin"], "system", text or None, tell=tell)
        except Unavailable:
            await self.read()
            if text and _digest(text) in self._by_digest:
                return False  # a rival process with the same file was faster
            raise
        if not text:
            _write_key(file, made)
        return True

    async def export(self) -> list[dict[str, Any]]:
        """Every key as plain JSON with its digest, for a backup."""
        await self.read()
        rows = [{**_row(key), "digest": digest.hex()} for digest, key in self._by_digest.items()]
        return sorted(rows, key=lambda row: (row["created_us"], row["id"]))

    async def restore(self, rows: Iterable[dict[str, Any]]) -> None:
        """Put exported keys into an empty table. Errors: `Conflict` when there are keys."""
        if await self.defined():
            raise Conflict("there are keys already: restore into a fresh workbench")
        values = [{**row, "digest": bytes.fromhex(row["digest"])} for row in rows]
        if values:
            await self._write(_keys.insert().values(values))

    async def _refresh(self) -> None:
        await self._freshness.renew(self.read)

    async def read(self) -> None:
        """Read the table now."""
        now = time.monotonic()
        rows = await self._workbench.rows(sa.select(_keys))
        self._by_digest = {bytes(row["digest"]): _key(row) for row in rows}
        self._freshness.read(now)

    async def _write(self, statement: sa.Insert | sa.Update, tell: Tell | None = None) -> None:
        async with self._workbench.change() as change:
            await change.execute(statement)
            if tell is not None:
                await tell()
        await self.read()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def _row(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": " ".join(sorted(key.scopes)),
        "created_us": key.created_us,
        "created_by": key.created_by,
        "revoked_us": key.revoked_us,
    }


def _key(row: Mapping[str, Any]) -> Key:
    scopes = frozenset(str(row["scopes"]).split())
    return Key(row["id"], row["name"], scopes, row["created_us"], row["created_by"], row["revoked_us"])


def _checked_scopes(scopes: Iterable[str]) -> frozenset[str]:
    held = frozenset(scopes)
    if not held or held - set(SCOPES):
        raise BadInput.field(
            "scopes", " ".join(sorted(held)), say("give one or more of {known}", known=", ".join(SCOPES))
        )
    return held


def _read_key(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as fault:
        raise BadInput.field("STEMMA_FIRST_KEY_FILE", str(file), f"cannot be read: {fault}") from None
    if text and (len(text) < LEAST_LENGTH or not text.isascii() or " " in text):
        fix = f"holds no key: put {LEAST_LENGTH} random characters or more in it, or leave it empty to have one made"
        raise BadInput.field("STEMMA_FIRST_KEY_FILE", str(file), fix)
    return text


def _write_key(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        with suppress(OSError):
            file.chmod(0o600)
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as fault:
        raise BadInput.field("STEMMA_FIRST_KEY_FILE", str(file), f"cannot be written: {fault}") from None
