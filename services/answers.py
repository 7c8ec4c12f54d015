"""JSON answers, written once by orjson, and the version they are of."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import orjson
from starlette.responses import Response


def json_response(body: Any, status: int = 200) -> Response:
    """`body` as application/json."""
    return Response(orjson.dumps(body), status_code=status, media_type="application/json")


def version_of() -> str:
    """The version of Stemma as installed; `0` from a folder that is not."""
    try:
        return version("stemma")
    except PackageNotFoundError:
        return "0"
