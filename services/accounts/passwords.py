"""Passwords: how they are judged, kept (Argon2id, RFC 9106 section 4, second recommended option) and compared.

A password is normalised to NFKC, so that it is the same from every keyboard (NIST SP 800-63B section 5.1.1.2). At most
two are computed at once: each takes 64 MiB and tens of milliseconds, and sign-ins must not starve the rest.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from schemas.errors import BadInput, Busy
from schemas.sentences import say

SHORTEST: Final = 10
LONGEST: Final = 200
_AT_ONCE: Final = 2
_MOST_WAITING: Final = 64
"""Beyond this a caller is told to come again, instead of waiting longer than it would."""
_LEAST_DIFFERENT: Final = 5
_hasher: Final = PasswordHasher()
_NOBODYS: Final = "$argon2id$v=19$m=65536,t=3,p=4$ydXUYUYTJSqDlgnhiJYwDQ$IrOyeYkeJYhw9frdNS3PGCGskZT97ku115rgaELjV5w"
"""Compared with when there is no such account, so that the time tells nothing."""


def checked(password: str, *names: str) -> str:
    """The password as it is kept. Errors: `BadInput` for one that is too short, too simple or a name of its owner."""
    text = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise _bad(
            say(
                "take {shortest} to {longest} characters; a sentence is easy to remember",
                shortest=SHORTEST,
                longest=LONGEST,
            )
        )
    if len(set(text)) < _LEAST_DIFFERENT:
        raise _bad(say("take at least {least} different characters", least=_LEAST_DIFFERENT))
    if any(name and name.casefold() in text.casefold() and len(text) - len(name) < SHORTEST // 2 for name in names):
        raise _bad("take one that is not made of the account's name")
    return text


def _bad(fix: str) -> BadInput:
    return BadInput.field("password", "(hidden)", fix)


class Passwords:
    """Computes what is kept of passwords, beside the event loop."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def kept(self, password: str) -> str:
        """The Argon2id text under which a checked password is kept. Errors: `Busy`."""
        async with self._in_turn():
            return await asyncio.to_thread(_hasher.hash, password)

    async def match(self, kept_as: str | None, password: str) -> bool:
        """Whether it is the password; with None, of an account that is not there, it takes as long and never is.

        Errors: `Busy`.
        """
        text = unicodedata.normalize("NFKC", password[:LONGEST])
        async with self._in_turn():
            same = await asyncio.to_thread(_verified, kept_as or _NOBODYS, text)
        return same and kept_as is not None

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        if self._waiting >= _MOST_WAITING:
            raise Busy("too many people sign in at this moment: try again in a few seconds")
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1


def _verified(kept_as: str, text: str) -> bool:
    try:
        return _hasher.verify(kept_as, text)
    except (VerificationError, InvalidHashError):
        return False
