"""A shop floor for one scenario: names of its own on a server that many scenarios share."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

PRODUCT = "09506000134352"
PLANT = "https://id.gs1.org/414/9506000000015"
CUSTOMER_A, CUSTOMER_B = "https://id.gs1.org/417/9506000000060", "https://id.gs1.org/417/9506000000077"
SUPPLIER = "https://id.gs1.org/417/9506000000084"
BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def kg(amount: str) -> dict[str, str]:
    return {"quantity": amount, "unit": "KGM"}


@dataclass
class Floor:
    """Records activities minute by minute and asks; short names are of this scenario alone."""

    client: httpx.Client
    tag: str = field(default_factory=lambda: uuid.uuid4().hex[:6])
    minutes: itertools.count[int] = field(default_factory=itertools.count)

    def lot(self, name: str) -> str:
        return f"https://id.gs1.org/01/{PRODUCT}/10/{self.tag}-{name}"

    def item(self, name: str) -> str:
        return f"https://id.gs1.org/01/{PRODUCT}/21/{self.tag}-{name}"

    def box(self, name: str) -> str:
        return f"urn:plant:box:{self.tag}-{name}"

    def time(self) -> str:
        return (BEGAN + timedelta(minutes=next(self.minutes))).isoformat()

    def body(self, activity: str, **fields: Any) -> dict[str, Any]:
        return {"activity": activity, "place": PLANT, "time": self.time(), **fields}

    def do(self, activity: str, **fields: Any) -> dict[str, Any]:
        """Record one activity; gives its verdict."""
        answer = self.client.post("/api/v1/activities", json=self.body(activity, **fields))
        assert answer.status_code == 201, answer.text
        verdict: dict[str, Any] = answer.json()
        assert verdict["outcome"] == "captured", verdict
        self.position = answer.headers["stemma-position"]
        return verdict

    def make(self, inputs: list[Any], outputs: list[Any], **fields: Any) -> dict[str, Any]:
        return self.do("make", inputs=inputs, outputs=outputs, **fields)

    def use(self, name: str, amount: str) -> dict[str, str]:
        """A lot with kilograms of it."""
        return {"id": self.lot(name), **kg(amount)}

    def ask(self, call: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.client.post(f"/api/v1/{call}", json=body, headers={"stemma-wait-for": self.position})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def impact(self, *seeds: str, **more: Any) -> dict[str, Any]:
        return self.ask("impact", {"seeds": [{"object": seed} for seed in seeds], "limit": 1_000, **more})

    def provenance(self, *seeds: str, **more: Any) -> dict[str, Any]:
        return self.ask("provenance", {"seeds": [{"object": seed} for seed in seeds], "limit": 1_000, **more})

    def object(self, key: str, **more: str) -> dict[str, Any]:
        headers = {"stemma-wait-for": self.position}
        answer = self.client.get("/api/v1/object", params={"id": key, **more}, headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def short(self, key: str) -> str:
        """A key without what all of this scenario have in common."""
        return key.rpartition(f"{self.tag}-")[2]

    def reached(self, answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Objects of an answer by short name."""
        return {self.short(one["object"]): one for one in answer["objects"]}

    def names(self, answer: dict[str, Any]) -> set[str]:
        return set(self.reached(answer))
