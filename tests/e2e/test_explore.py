"""Exploring the demo plant: one step at a time, and questions kept for links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Server

SESAME = "SESAME-0612"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    server = Server(tmp_path_factory.mktemp("demo") / "data", arguments=("--demo",), forked=True).start()
    with server.client() as client:
        yield client
    server.stop()


def short(answer: dict[str, Any]) -> set[str]:
    return {one["object"].rsplit("/", 1)[-1] for one in answer["objects"]}


def test_one_step_forward_shows_what_the_lot_went_into_and_no_more(client: httpx.Client) -> None:
    near = client.get("/api/v1/neighbours", params={"object": SESAME}).json()
    assert short(near) == {SESAME, "D-0612-1", "D-0612-2"}
    assert near["totals"]["objects"] == 3
    assert {one["depth"] for one in near["objects"]} == {0, 1}
    assert {one["kind"] for one in near["relations"]} == {"transformed"}
    assert len(near["processes"]) == 2
    whole = client.get("/api/v1/impact", params={"object": SESAME}).json()
    told = {one["object"]: one for one in whole["objects"]}
    assert all(told[one["object"]]["state"] == one["state"] for one in near["objects"])


def test_one_step_back_shows_what_it_was_made_of(client: httpx.Client) -> None:
    near = client.get("/api/v1/neighbours", params={"object": "D-0612-1", "direction": "backward"}).json()
    assert SESAME in short(near)
    assert all(one["depth"] <= 1 for one in near["objects"])


def test_a_page_of_neighbours_has_the_totals_of_all(client: httpx.Client) -> None:
    first = client.get("/api/v1/neighbours", params={"object": SESAME, "limit": 2}).json()
    assert (first["totals"]["objects"], len(first["objects"])) == (3, 2)
    rest = client.get("/api/v1/neighbours", params={"object": SESAME, "limit": 2, "after": first["next"]}).json()
    assert short(first) | short(rest) == {SESAME, "D-0612-1", "D-0612-2"}
    assert rest["next"] is None


def test_a_kept_question_is_asked_by_its_id(client: httpx.Client) -> None:
    question = {"seeds": [{"object": SESAME}, {"object": "D-0612-1"}], "limit": 3}
    kept = client.post("/api/v1/questions", json=question)
    assert kept.status_code == 201
    question_id = kept.json()["id"]
    assert kept.headers["location"] == f"/api/v1/questions/{question_id}"
    assert client.post("/api/v1/questions", json={**question, "limit": 50}).json()["id"] == question_id
    assert client.get(kept.headers["location"]).json()["question"]["seeds"] == question["seeds"]
    by_id = client.get("/api/v1/impact", params={"question": question_id}).json()
    by_body = client.post("/api/v1/impact", json={**question, "limit": 100}).json()
    assert by_id["objects"] == by_body["objects"]
    assert by_id["totals"] == by_body["totals"]


def test_a_step_of_a_path_names_its_order_and_counts_all_that_it_made(client: httpx.Client) -> None:
    """The worked example of trace.md: S3 is possible because order P2 made three items from lot F."""
    item = "(01)09521001000048(21)P2-S{}".format
    made = {
        "activity": "make",
        "id": "p2",
        "order": "urn:example:order:P2",
        "place": "urn:example:bench",
        "inputs": [{"id": "urn:example:lot:F-1", "quantity": "3", "unit": "KGM"}],
        "outputs": [{"id": item(number)} for number in (1, 2, 3)],
    }
    assert client.post("/api/v1/activities", json=made).status_code == 201
    question = {"seeds": [{"object": "urn:example:lot:F-1"}]}
    told = client.post("/api/v1/path", json={"question": question, "to": item(3)}).json()
    (step,) = told["shortest"]
    assert told["certain"] is None
    assert (step["order"], step["outputs"], step["outputs_kind"]) == ("urn:example:order:P2", 3, "item")
    assert not step["certain"]
    from_item = {"direction": "backward", "question": {"seeds": [{"object": item(3)}]}, "to": "urn:example:lot:F-1"}
    back = client.post("/api/v1/path", json=from_item).json()
    assert [one["outputs"] for one in back["shortest"]] == [3]
    belongs = client.post("/api/v1/path", json={"question": {"seeds": [{"object": SESAME}]}, "to": "GIFT-1"}).json()
    assert [one["outputs"] for one in belongs["shortest"] if one["process"] is None] == [None]


def test_an_impact_needs_seeds_or_a_kept_question_and_not_both(client: httpx.Client) -> None:
    for params in ({}, {"object": SESAME, "question": "0" * 64}):
        refused = client.get("/api/v1/impact", params=params)
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["field"] == "object"
    assert client.get("/api/v1/impact", params={"question": "0" * 64}).status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/impact", "/api/v1/provenance", "/api/v1/neighbours"])
def test_a_seed_that_is_no_text_is_refused_by_its_field(client: httpx.Client, path: str) -> None:
    refused = client.get(path, params={"object": "a" * 2049})
    assert refused.status_code in (400, 422)
    assert refused.json()["errors"][0]["field"]


def test_a_question_is_kept_over_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = Server(tmp_path_factory.mktemp("kept") / "data", forked=True).start()
    with server.client() as client:
        location = client.post("/api/v1/questions", json={"seeds": [{"object": "urn:x:1"}]}).headers["location"]
    server.stop()
    server.start()
    with server.client() as client:
        assert client.get(location).json()["question"]["seeds"] == [{"object": "urn:x:1"}]
    server.stop()


def test_a_whole_list_streams_what_the_pages_show(client: httpx.Client) -> None:
    page = client.get("/api/v1/impact", params={"object": SESAME}).json()
    lines = client.get("/api/v1/impact", params={"object": SESAME}, headers={"accept": "application/x-ndjson"}).text
    rows = [httpx.Response(200, text=line).json() for line in lines.splitlines()]
    assert [one["object"] for one in rows] == [one["object"] for one in page["objects"]]
    text = client.get("/api/v1/impact", params={"object": SESAME}, headers={"accept": "text/csv"}).content.decode()
    assert len(text.strip().splitlines()) == len(page["objects"]) + 1
