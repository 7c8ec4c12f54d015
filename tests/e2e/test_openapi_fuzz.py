"""Every operation of the OpenAPI under schemathesis: whatever is sent, no 5xx, and what is answered is as described.

A short run here; `STEMMA_FUZZ_EXAMPLES=1000 pytest tests/e2e/test_openapi_fuzz.py` for a long one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.depth import at_most
from tests.e2e.conftest import Server

KEY = "stemma_of-the-fuzzer-0123456789abcdefghijkl"
EXAMPLES = int(os.environ.get("STEMMA_FUZZ_EXAMPLES", at_most(5, 50)))
ENDLESS = "/api/v1/timeline/stream"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("fuzz")
    key = folder / "key"
    key.write_text(KEY)
    key.chmod(0o600)
    one = Server(folder / "data", {"STEMMA_FIRST_KEY_FILE": str(key)}, forked=True).start()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def described(server: Server) -> Any:
    with server.client() as client:
        client.headers["authorization"] = f"Bearer {KEY}"
        document = client.get("/openapi.json").json()
    found = schemathesis.openapi.from_dict(document)
    found.config.update(base_url=server.url)
    return found


@schemathesis.serializer("application/x-ndjson")
def _lines(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def tried(operation: Any) -> None:
    """Send what the description allows and what it does not, and judge each answer."""

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE))
    def each(case: Any) -> None:
        answer = case.call(headers={"authorization": f"Bearer {KEY}"}, timeout=30)
        assert answer.status_code < 500 or (answer.status_code == 503 and "retry-after" in answer.headers)
        case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])

    each()


@pytest.mark.slow
def test_nothing_sent_brings_a_server_error_or_an_answer_other_than_described(described: Any) -> None:
    found: list[str] = []
    for one in described.get_all_operations():
        operation = one.ok()
        if operation.path == ENDLESS or operation.method.upper() == "DELETE":
            continue
        try:
            tried(operation)
        except Exception as fault:
            found.append(f"{operation.method.upper()} {operation.path}: {fault}")
    assert not found, "\n\n".join(found)
