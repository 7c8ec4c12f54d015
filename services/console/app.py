"""Serves the built console: its page for every address that is no API, its files, and the policies that bound both.

The page carries a nonce, new in every answer, that its style elements need; scripts come from our own files alone.
Files under `assets/` are named by their content and are kept by browsers for ever; those of an earlier
build are not found.
"""

from __future__ import annotations

import mimetypes
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from schemas.errors import NotFound
from schemas.sentences import say
from services.access import is_page

DIST: Final = Path(__file__).parent / "web" / "dist"
NONCE: Final = "__NONCE__"
_ASSETS: Final = "assets"
_INDEX: Final = "index.html"
_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; "
    "img-src 'self' blob: data:; font-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_NOT_BUILT: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Stemma</title></head>
<body><h1>Stemma</h1><p>控制台尚未构建，请运行 make console · The console is not built: run make console.</p>
<p><a href="/docs">/docs</a></p></body></html>"""
_FOR_EVER: Final = "public, max-age=31536000, immutable"


class ConsoleRoute(Route):
    """Answers every address that no other route answers and that belongs to no API; it stands last."""

    def __init__(self, dist: Path = DIST) -> None:
        super().__init__("/{path:path}", console_of(dist), methods=["GET"], include_in_schema=False)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """No match at all, not even a partial one, for other methods: they stay 404."""
        if scope["type"] != "http" or not is_page(scope["method"], scope["path"]):
            return Match.NONE, {}
        match, found = super().matches(scope)
        return (match, found) if match is Match.FULL else (Match.NONE, {})


def console_of(dist: Path) -> Any:
    """The endpoint that serves the console built in `dist`."""

    async def console(request: Request) -> Response:
        name, build = request.url.path.lstrip("/"), _build(dist)
        file = _files(dist, build).get(name)
        if file is not None and file.is_file():
            return _file(dist, file)
        if file is not None or name.startswith(f"{_ASSETS}/"):
            raise NotFound(
                say("there is nothing at /{name} in the console as it is built now: reload the page", name=name)
            )
        return _page(dist, build)

    return console


def _file(dist: Path, file: Path) -> Response:
    media = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    lasting = _FOR_EVER if file.is_relative_to(dist / _ASSETS) else "no-cache"
    # a worker is bounded by the policy of its own file, and may speak to this service
    policy = {"content-security-policy": _POLICY.format(nonce=secrets.token_urlsafe(16))}
    return FileResponse(file, media_type=media, headers={"cache-control": lasting, **policy})


def _page(dist: Path, build: int | None) -> Response:
    nonce = secrets.token_urlsafe(16)
    text = _index(dist, build)
    headers = {"content-security-policy": _POLICY.format(nonce=nonce), "cache-control": "no-store"}
    if text is None:
        return Response(_NOT_BUILT, 503, media_type="text/html", headers=headers)
    return Response(text.replace(NONCE, nonce), media_type="text/html", headers=headers)


def _build(dist: Path) -> int | None:
    """Names the build that stands in `dist` now, since it may be built anew under a running service; None for none."""
    try:
        return (dist / _INDEX).stat().st_mtime_ns
    except OSError:
        return None


@lru_cache(maxsize=4)
def _files(dist: Path, build: int | None) -> dict[str, Path]:
    """The files of a build by the path they are asked by; no other file can be reached."""
    found = {file.relative_to(dist).as_posix(): file for file in sorted(dist.rglob("*")) if file.is_file()}
    return {name: file for name, file in found.items() if name != _INDEX and not name.startswith(".")}


@lru_cache(maxsize=4)
def _index(dist: Path, build: int | None) -> str | None:
    try:
        return None if build is None else (dist / _INDEX).read_text(encoding="utf-8")
    except OSError:
        return None
