"""`/docs`: the OpenAPI description as a page, from files of this installation alone (no other host is asked).

Swagger UI comes with the package `fastapi-offline`; the page is our own, so that its Content-Security-Policy can
forbid inline scripts and every foreign host.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from schemas.errors import NotFound

router = APIRouter(include_in_schema=False)

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Stemma API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""
_START: Final = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#page", deepLinking: true, persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis], tryItOutEnabled: true, validatorUrl: null
});
"""
_ASSETS: Final = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}


@router.get("/docs")
async def page() -> Response:
    """The page itself."""
    return Response(_PAGE, media_type="text/html", headers={"content-security-policy": _POLICY})


@router.get("/docs/start.js")
async def start() -> Response:
    """What fills the page."""
    return Response(_START, media_type="text/javascript")


@router.get("/docs/{name}")
async def asset(name: str) -> Response:
    """One of Swagger UI's two files. Errors: `NotFound` for any other name."""
    if name not in _ASSETS:
        raise NotFound(f"there is nothing at /docs/{name[:64]}")
    path = Path(str(files("fastapi_offline") / "static" / name))
    return FileResponse(path, media_type=_ASSETS[name], headers={"cache-control": "public, max-age=3600"})
