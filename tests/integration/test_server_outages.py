"""Kafka, Neo4j and PostgreSQL killed under load beneath two Stemma processes.

`python -m tests.faults servers` does it for long, with three brokers too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.faults.servers import KINDS, House, Load, compare_with_rebuild, outage, sent
from tests.integration.test_kill_embedded import activity, check, root_key, settle
from tests.servers import Servers

pytestmark = [pytest.mark.slow, pytest.mark.servers]
WHILE_DOWN = 5
REST = 0.4
"""Seconds that a writer waits between two captures. In the long run they do not wait."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> Iterator[House]:
    """Two Stemma processes on the same servers."""
    for name in KINDS:
        servers.own(name)
    run = House(tmp_path_factory.mktemp("house"), servers, stemmas=2)
    yield run
    run.close()


def test_two_processes_on_the_same_servers_capture_at_once_and_count_everything_once(house: House) -> None:
    load = Load(house.stemmas, "TWO")
    load.begin()
    same = [activity(f"SAME-{n}", "TWO") for n in range(20)]
    told: list[list[str | None]] = [[], []]

    def both(number: int) -> None:
        with house.stemmas[number].client() as client:
            told[number] = [sent(client, body)[1] for body in same]

    threads = [threading.Thread(target=both, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    load.wait_for(40)
    for thread in threads:
        thread.join()
    load.end()
    assert told[0] == told[1], "one activity is one event, whichever process it was sent to"
    load.acknowledged |= {f"SAME-{n}": str(event_id) for n, event_id in enumerate(told[0])}
    for stemma in house.stemmas:
        with stemma.client() as client:
            settle(client, 300)
            check(client, load.acknowledged, {*load.sent, *load.acknowledged}, "TWO")


@pytest.mark.parametrize("kind", ["neo4j", "postgres"])
def test_captures_go_on_while_graph_or_database_is_down_and_all_catches_up(house: House, kind: str) -> None:
    """SC-E11: traces are told to come again, and know afterwards what came meanwhile."""
    seen: dict[str, int] = {}

    def meanwhile(load: Load) -> None:
        before = len(load.acknowledged)
        load.wait_for(WHILE_DOWN)
        assert len(load.acknowledged) >= before + WHILE_DOWN
        with house.stemmas[0].client() as client:
            seen["ready"] = client.get("/health/ready").status_code
            answer = client.post("/api/v1/impact", json={"seeds": [{"object": root_key("TWO")}]})
            seen["impact"] = answer.status_code
            assert answer.status_code == 503
            assert "retry-after" in answer.headers

    load = outage(house, kind, f"DOWN-{kind}", 1.0, meanwhile, REST)
    assert seen["ready"] == 503
    assert "500" not in load.told.statuses


def test_captures_are_refused_or_unknown_while_kafka_is_down_and_are_resolved_by_their_identity(house: House) -> None:
    def meanwhile(load: Load) -> None:
        with house.stemmas[0].client(timeout=60) as client:
            status, _ = sent(client, activity("WHILE-KAFKA-IS-DOWN", "UNKNOWN"))
        assert status == "503"

    outage(house, "kafka", "DOWN-kafka", 1.0, meanwhile, REST)
    with house.stemmas[0].client() as client:
        assert settled(client, "WHILE-KAFKA-IS-DOWN")


def settled(client: httpx.Client, lot: str) -> bool:
    """Send again what was unknown, until it is acknowledged, and see it counted once."""
    deadline = time.monotonic() + 120
    while (event_id := sent(client, activity(lot, "UNKNOWN"))[1]) is None:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    settle(client, 120)
    check(client, {lot: event_id}, {lot}, "UNKNOWN")
    return True


def test_answers_of_both_processes_are_those_of_a_clean_rebuild(house: House) -> None:
    compare_with_rebuild(house, ["TWO", "DOWN-neo4j", "DOWN-postgres", "DOWN-kafka"])
