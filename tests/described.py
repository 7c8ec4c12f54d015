"""Holding answers against the OpenAPI: each must be exactly what the description of its call says."""

from __future__ import annotations

from functools import cache
from typing import Any

import httpx
import jsonschema_rs

JSON = "application/json"


class Described:
    """The OpenAPI document, to judge answers by."""

    def __init__(self, openapi: dict[str, Any]) -> None:
        self.openapi = openapi
        self._judge = cache(self._made)

    def _made(self, method: str, template: str, status: int) -> jsonschema_rs.Draft202012Validator:
        place = "/".join(
            part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
            for part in ("paths", template, method.lower(), "responses", str(status), "content", JSON, "schema")
        )
        return jsonschema_rs.Draft202012Validator({**self.openapi, "$ref": f"#/{place}"})

    def faults(self, method: str, template: str, answer: httpx.Response) -> list[str]:
        """What of an answer is other than described, a line each."""
        judge = self._judge(method, template, answer.status_code)
        return [
            f"{method} {template} {'.'.join(map(str, one.instance_path))}: {one.message[:300]}"
            for one in judge.iter_errors(answer.json())
        ]
