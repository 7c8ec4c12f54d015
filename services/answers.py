"""JSON answers, written once by orjson."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response


def json_response(body: Any, status: int = 200) -> Response:
    """`body` as application/json."""
    return Response(orjson.dumps(body), status_code=status, media_type="application/json")
