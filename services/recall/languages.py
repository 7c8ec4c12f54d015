"""The caller's language: Chinese where it comes first in Accept-Language, else English."""

from __future__ import annotations

from fastapi import Request


def language_of(request: Request) -> str:
    """`zh` or `en`."""
    first = request.headers.get("accept-language", "").split(",")[0].strip().lower()
    return "zh" if first.startswith("zh") else "en"
