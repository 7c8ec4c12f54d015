"""Prometheus' configuration and alerting rules, judged by its own tool; and Prometheus itself at a real service."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e.conftest import Server, free_port, make_server

__all__ = ["make_server"]
FOLDER = Path(__file__).parents[2] / "deploy" / "prometheus"
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "rules.yaml").read_text())["groups"][0]["rules"]


def ran(promtool: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([promtool, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_prometheus_takes_the_configuration_and_the_rules(promtool: str, tmp_path: Path) -> None:
    text = (FOLDER / "prometheus.yaml").read_text()
    key = tmp_path / "key"
    key.write_text("stemma_key")
    (tmp_path / "prometheus.yaml").write_text(text.replace("/etc/stemma/keys/prometheus", str(key)))
    (tmp_path / "rules.yaml").write_text((FOLDER / "rules.yaml").read_text())
    done = ran(promtool, "check", "config", tmp_path / "prometheus.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RULES)} rules found" in done.stdout


def test_the_rules_tell_what_they_should_and_nothing_else(promtool: str) -> None:
    done = ran(promtool, "test", "rules", FOLDER / "rules_test.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_rule_that_never_fires_would_be_noticed(promtool: str, tmp_path: Path) -> None:
    """Each by the test of its own, so that all may be asked at once."""
    rules = [{**rule, "expr": "vector(0) > 1"} for rule in RULES]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "stemma", "rules": rules}]}))
    (tmp_path / "rules_test.yaml").write_text((FOLDER / "rules_test.yaml").read_text())
    done = ran(promtool, "test", "rules", tmp_path / "rules_test.yaml")
    assert done.returncode != 0
    told = done.stdout + done.stderr
    for rule in RULES:
        assert f"alertname: {rule['alert']}," in told, rule["alert"]


def test_every_alert_says_what_to_do_and_how_soon() -> None:
    for rule in RULES:
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert set(rule["annotations"]) == {"summary", "action"}, rule["alert"]


def test_the_key_is_where_compose_puts_it() -> None:
    compose = yaml.safe_load((FOLDER.parent / "compose.yaml").read_text())["services"]
    (scrape,) = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())["scrape_configs"]
    mounts = dict(one.removesuffix(":ro").split(":") for one in compose["prometheus"]["volumes"])
    made = dict(one.removesuffix(":ro").split(":") for one in compose["metrics-key"]["volumes"])["keys"]
    assert scrape["authorization"]["credentials_file"] == mounts["keys"] + "/prometheus"
    assert f"{made}/prometheus" in compose["metrics-key"]["command"][0]
    assert scrape["static_configs"][0]["targets"] == ["stemma:8000"]
    for file in ("prometheus.yaml", "rules.yaml"):
        assert mounts[f"./prometheus/{file}"] == f"/etc/prometheus/{file}"


def keyed(server: Server, keys: Path) -> subprocess.CompletedProcess[str]:
    """What compose's service `metrics-key` does, in folders of the test's."""
    compose = yaml.safe_load((FOLDER.parent / "compose.yaml").read_text())["services"]["metrics-key"]
    script = compose["command"][0].replace("$$", "$").replace("/keys/", f"{keys}/")
    script = script.replace("/var/lib/stemma/first-key", str(server.data / "first-key"))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    given = {**server.environment(), "PATH": path, "STEMMA_SERVER": server.url}
    command = [*compose["entrypoint"], script]
    return subprocess.run(command, env=given, cwd=keys, capture_output=True, text=True, check=False)


@pytest.fixture
def scraped(make_server: Callable[..., Server], tmp_path: Path) -> tuple[Server, Path]:
    """A service that asks everyone for a key, and the folder with Prometheus' own."""
    server = make_server(STEMMA_FIRST_KEY_FILE=str(tmp_path / "data" / "first-key"))
    keys = tmp_path / "keys"
    keys.mkdir()
    done = keyed(server, keys)
    assert done.returncode == 0, done.stderr
    return server, keys


def test_the_key_that_compose_makes_reads_the_figures_and_may_not_write(scraped: tuple[Server, Path]) -> None:
    server, keys = scraped
    key = (keys / "prometheus").read_text().strip()
    with server.client(key) as client:
        assert "stemma_lag_seconds" in client.get("/metrics").text
        assert client.post("/api/v1/keys", json={"name": "more", "scopes": ["read"]}).status_code == 403
    with server.client() as client:
        assert client.get("/metrics").status_code == 401
    assert keyed(server, keys).returncode == 0
    assert (keys / "prometheus").read_text().strip() == key


@pytest.fixture
def prometheus(scraped: tuple[Server, Path], tmp_path: Path, promtool: str) -> Iterator[str]:
    """A Prometheus with compose's configuration, but for its addresses; its own address."""
    server, keys = scraped
    text = (FOLDER / "prometheus.yaml").read_text().replace("/etc/stemma/keys", str(keys))
    text = text.replace("stemma:8000", f"127.0.0.1:{server.port}").replace("15s", "1s")
    (tmp_path / "prometheus.yaml").write_text(text)
    (tmp_path / "rules.yaml").write_text((FOLDER / "rules.yaml").read_text())
    address = f"127.0.0.1:{free_port()}"
    program = shutil.which("prometheus", path=f"{Path(promtool).parent}:{os.environ['PATH']}")
    assert program is not None
    command = [
        program, f"--config.file={tmp_path / 'prometheus.yaml'}", f"--storage.tsdb.path={tmp_path / 'tsdb'}",
        f"--web.listen-address={address}", "--log.level=error",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=tmp_path)
    yield f"http://{address}"
    process.terminate()
    process.wait(30)


@pytest.mark.slow
def test_prometheus_reads_the_service_and_its_rules(prometheus: str) -> None:
    def asked(path: str, **params: str) -> Any:
        try:
            response = httpx.get(f"{prometheus}/api/v1/{path}", params=params, trust_env=False)
        except httpx.TransportError:
            return None
        return response.json()["data"] if response.status_code == 200 else None

    deadline, found = time.monotonic() + 60, None
    while not found and time.monotonic() < deadline:
        time.sleep(0.2)
        found = (asked("query", query="stemma_not_projected_events") or {}).get("result")
    (target,) = asked("targets")["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")
    assert found
    assert found[0]["value"][1] == "0"
    (group,) = asked("rules")["groups"]
    assert {rule["name"] for rule in group["rules"]} == {rule["alert"] for rule in RULES}
    assert {rule["health"] for rule in group["rules"]} <= {"ok", "unknown"}
    assert asked("query", query='stemma_refused_calls_total{status="401"}')["result"]
