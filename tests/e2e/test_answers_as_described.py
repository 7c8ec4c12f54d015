"""Real answers of the demo plant are exactly what the OpenAPI says of them: the console's types are made from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest

from projections.genealogy.port import KINDS
from projections.trace.affected import WORDS
from projections.trace.balance import FIGURES
from projections.trace.relations import BELONGS, INSTALLED, TRANSFORMED
from projections.trace.whereabouts import STATES
from services.recall.object_shapes import BalanceEntry
from services.recall.shapes import ObjectKind, RelationKind, State
from tests.described import JSON, Described
from tests.e2e.conftest import Server
from tests.e2e.test_openapi_examples import ENDLESS, NEEDS_A_MADE_ID, NOT_THERE, calls

SESAME = "SESAME-0612"
LOT = "https://id.gs1.org/01/09521103000014/10/SESAME-0612"
PACKS = "https://id.gs1.org/01/09521001000048/10/P-0614-1"
ASKED = [
    ("POST", "/api/v1/impact", {"json": {"seeds": [{"object": SESAME}], "limit": 5}}),
    ("POST", "/api/v1/impact", {"json": {"seeds": [{"object": "nothing-has-this"}, {"product": LOT[:36]}]}}),
    (
        "POST",
        "/api/v1/impact",
        {"json": {"seeds": [{"object": SESAME}], "filter": {"certainty": ["possible"], "consignee": ["x"]}}},
    ),
    ("POST", "/api/v1/provenance", {"json": {"seeds": [{"object": PACKS}], "known_at": "2026-06-20T00:00:00Z"}}),
    ("GET", "/api/v1/provenance", {"params": {"object": "P-0614-1"}}),
    ("GET", "/api/v1/neighbours", {"params": {"object": "D-0612-1", "direction": "backward"}}),
    ("POST", "/api/v1/path", {"json": {"question": {"seeds": [{"object": SESAME}]}, "to": "nothing:has-this"}}),
    ("GET", "/api/v1/object", {"params": {"id": "P-0614-1"}}),
    ("GET", "/api/v1/timeline", {"params": {"object": SESAME, "bucket": "auto", "lanes": "object"}}),
    ("GET", "/api/v1/timeline", {"params": {"bucket": "1d", "zone": "Asia/Shanghai", "lanes": "place", "limit": 1000}}),
    ("GET", "/api/v1/timeline", {"params": {"sensor": "Temperature", "order": "desc"}}),
    ("GET", "/api/v1/timeline/marks", {"params": {"gap": "1h"}}),
    ("GET", "/api/v1/attention", {}),
    ("GET", "/api/v1/search", {"params": {"q": "sesame"}}),
    ("GET", "/api/v1/refused", {}),
    ("GET", "/api/v1/conflicts", {}),
    ("GET", "/api/v1/access", {}),
    ("GET", "/api/v1/session", {}),
    ("GET", "/api/v1/names", {}),
]  # fmt: skip
"""What the examples do not ask: filters, pages, windows, what is not found."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    server = Server(tmp_path_factory.mktemp("demo") / "data", arguments=("--demo",), forked=True).start()
    with server.client() as client:
        yield client
    server.stop()


@pytest.fixture(scope="module")
def described(demo: httpx.Client) -> Described:
    return Described(demo.get("/openapi.json").json())


def test_every_answer_of_the_api_is_described_and_takes_no_further_fields(described: Described) -> None:
    loose = []
    for template, operations in described.openapi["paths"].items():
        for method, operation in operations.items():
            good = {status: one for status, one in operation["responses"].items() if status.startswith("2")}
            for status, answer in good.items():
                if template.startswith("/api/") and JSON in answer.get("content", {}):
                    loose += [f"{method} {template} {status}: {one}" for one in _loose(described, answer["content"])]
    assert not loose, "\n".join(loose)


def _loose(described: Described, content: dict[str, Any]) -> Iterator[str]:
    """Models of a JSON answer that take fields they do not name."""
    seen: set[str] = set()
    waiting = [content[JSON].get("schema") or {"title": "no schema at all", "properties": {}}]
    while waiting:
        schema = waiting.pop()
        if "properties" in schema and schema.get("additionalProperties") is not False:
            yield schema.get("title", "a model")
        name = schema.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            waiting.append(described.openapi["components"]["schemas"][name])
        waiting += _parts(schema)


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from schema.get("properties", {}).values()
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield schema[name]
    for name in ("anyOf", "oneOf", "allOf"):
        yield from schema.get(name, ())


def test_every_example_is_answered_as_described(demo: httpx.Client, described: Described) -> None:
    faults, judged = [], 0
    for method, template, url, how in calls(described.openapi):
        if template in ENDLESS or (method, template) in NOT_THERE | NEEDS_A_MADE_ID or template.startswith("/epcis"):
            continue
        if template == "/api/v1/keys" and method == "POST":
            continue  # from then on every other call would need the key
        answer = demo.request(method, url, **how)
        assert answer.status_code < 300, (method, url, answer.text[:300])
        if answer.headers["content-type"] == JSON:
            faults += described.faults(method, template, answer)
            judged += 1
    assert not faults, "\n".join(faults)
    assert judged > 20


@pytest.mark.parametrize(("method", "template", "how"), ASKED)
def test_an_answer_is_as_described(
    demo: httpx.Client, described: Described, method: str, template: str, how: dict[str, Any]
) -> None:
    answer = demo.request(method, template, **how)
    assert answer.status_code == 200, answer.text
    assert not (faults := described.faults(method, template, answer)), "\n".join(faults)


def test_a_kept_question_is_as_described(demo: httpx.Client, described: Described) -> None:
    question = {"seeds": [{"place": "https://id.gs1.org/414/9521001000017", "from": "2026-06-01T00:00:00Z",
                           "to": "2026-06-20T00:00:00Z"}], "filter": {"kind": ["lot"]}}  # fmt: skip
    kept = demo.post("/api/v1/questions", json=question)
    assert not described.faults("POST", "/api/v1/questions", kept)
    found = demo.get(f"/api/v1/questions/{kept.json()['id']}")
    assert not described.faults("GET", "/api/v1/questions/{question_id}", found)
    answer = demo.get("/api/v1/impact", params={"question": kept.json()["id"]})
    assert not described.faults("GET", "/api/v1/impact", answer)


def test_every_object_of_the_plant_has_a_page_as_described(demo: httpx.Client, described: Described) -> None:
    question = {"seeds": [{"object": LOT}, {"object": PACKS}], "limit": 10_000}
    objects = [one["object"] for one in demo.post("/api/v1/impact", json=question).json()["objects"]]
    objects += [one["id"] for one in demo.get("/api/v1/objects", params={"q": "952", "limit": 40}).json()["found"]]
    faults, pages = [], 0
    for key in dict.fromkeys(objects):
        page = demo.get("/api/v1/object", params={"id": key})
        if page.status_code == 200:
            faults += described.faults("GET", "/api/v1/object", page)
            pages += 1
    assert not faults, "\n".join(faults)
    assert pages > 20


def test_words_that_are_described_are_those_that_are_used() -> None:
    assert set(get_args(State)) == set(STATES)
    assert set(get_args(ObjectKind)) == set(WORDS) <= {str(kind) for kind in KINDS}
    assert set(get_args(RelationKind)) == {TRANSFORMED, BELONGS, INSTALLED}
    assert set(get_args(BalanceEntry.model_fields["figure"].annotation)) == set(FIGURES)
