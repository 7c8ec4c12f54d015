"""A position of the log: the end of every partition of `facts`, as one opaque token (`Stemma-Position`)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from schemas.errors import BadInput

_FIX = "send a Stemma-Position as it was received"


@dataclass(frozen=True, slots=True)
class Position:
    """`offsets[p]` is the last offset of partition `p`, -1 for an empty one."""

    offsets: tuple[int, ...]

    def token(self) -> str:
        """Url-safe text; callers must not look inside."""
        text = ".".join(str(offset) for offset in self.offsets)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def from_token(cls, token: str) -> Position:
        """Errors: `BadInput` for a text that is no token."""
        try:
            text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
            offsets = tuple(int(part) for part in text.split("."))
        except (binascii.Error, ValueError) as fault:
            raise BadInput.field("Stemma-Wait-For", token, _FIX) from fault
        if not all(-1 <= offset < 2**63 for offset in offsets):
            raise BadInput.field("Stemma-Wait-For", token, _FIX)
        return cls(offsets)
