"""Signature tokens: kept encrypted, since they sign what is sent; the key stands in a file, never in the database.

The file holds keys of 32 bytes in base64url, one a line: the first encrypts, all decrypt, so that a key can be changed.
Source: EPCIS 2.0 section 12.7 (`GS1-Signature`), epcis.md S6.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from schemas.errors import BadInput, Unavailable

_NAME: Final = "STEMMA_SECRET_KEY_FILE"
_FIX: Final = "put 32 random bytes in base64url in it, such as `openssl rand -base64 32 | tr '+/' '-_'` prints"


class Secrets:
    """Encrypts tokens by the key in `file`, which is read when it is first needed; `made` if it may be made then."""

    def __init__(self, file: Path, *, made: bool) -> None:
        self._file, self._made = file, made
        self._keys: MultiFernet | None = None

    def encrypted(self, token: str) -> bytes:
        """Errors: `BadInput` naming the setting where the key file is missing or no key."""
        return self._opened().encrypt(token.encode("utf-8"))

    def decrypted(self, kept: bytes) -> str:
        """Errors: `Unavailable` where it was encrypted with another key; as `encrypted`."""
        try:
            return self._opened().decrypt(kept).decode("utf-8")
        except InvalidToken:
            raise Unavailable(
                f"the signature token was encrypted with another key than that in {self._file.name}: bring back the"
                f" file ({_NAME}), or give the token anew by `rotate`"
            ) from None

    def _opened(self) -> MultiFernet:
        if self._keys is None:
            if self._made and not self._file.exists():
                _make(self._file)
            self._keys = MultiFernet([Fernet(one) for one in _read(self._file)])
        return self._keys


def _make(file: Path) -> None:
    """A new key for its owner alone; one that another process makes at the same time is left."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "wb") as opened:
            opened.write(Fernet.generate_key() + b"\n")
            opened.flush()
            os.fsync(opened.fileno())


def _read(file: Path) -> Sequence[bytes]:
    try:
        lines = file.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError) as fault:
        raise BadInput.field(_NAME, str(file), f"cannot be read ({fault}): {_FIX}") from None
    keys = [one.replace("+", "-").replace("/", "_").encode() for one in lines]
    if not keys or not all(_is_key(one) for one in keys):
        raise BadInput.field(_NAME, str(file), f"holds no key: {_FIX}")
    return keys


def _is_key(text: bytes) -> bool:
    try:
        return len(base64.urlsafe_b64decode(text)) == 32
    except (binascii.Error, ValueError):
        return False


def signature(token: str, body: bytes) -> str:
    """Base64 of the HMAC-SHA256 of a body, keyed with the token's UTF-8 bytes."""
    return base64.b64encode(hmac.new(token.encode("utf-8"), body, hashlib.sha256).digest()).decode()
