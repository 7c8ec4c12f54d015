"""Page tokens of a trace: where to go on, and the instant of knowledge that all pages share."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import orjson

from schemas.errors import BadInput


@dataclass(frozen=True, slots=True)
class After:
    """Go on after the object (depth, key), at `known_us`."""

    depth: int
    key: str
    known_us: int

    def token(self) -> str:
        return base64.urlsafe_b64encode(orjson.dumps([self.depth, self.key, self.known_us])).rstrip(b"=").decode()

    @classmethod
    def parse(cls, token: str) -> After:
        """Errors: `BadInput` for what this service never gave."""
        try:
            depth, key, known_us = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            if isinstance(depth, int) and isinstance(key, str) and isinstance(known_us, int):
                return cls(depth, key, known_us)
        except (ValueError, binascii.Error):
            pass
        raise BadInput.field("after", token, "send `next` of the page before, as it was given")
