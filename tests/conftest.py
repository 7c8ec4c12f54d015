"""What all tests share: the real servers, their mark, and a loud word on those that were missing."""

from __future__ import annotations

import re

import pytest
from hypothesis import settings

from tests.prometheus import promtool
from tests.servers import fresh_database, kafka_server, neo4j_server, postgres_server, servers

__all__ = ["fresh_database", "kafka_server", "neo4j_server", "postgres_server", "promtool", "servers"]
# A property is no measure of time, and this machine may be busy; what CI sets besides is kept.
settings.register_profile("stemma", deadline=None)
settings.load_profile("stemma")
_NEED = {"servers", "kafka_server", "neo4j_server", "postgres_server"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for a server by name carries the mark `servers`, so that `make fast` leaves it out.

    Tests that run beside each other keep to their file, but for those on Kafka or Neo4j: all in one process, since
    there is one graph, and each more of these servers costs what a hundred tests do.
    """
    for item in items:
        if _NEED.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.servers)
        group = "servers" if _on_java(item) else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))


def _on_java(item: pytest.Item) -> bool:
    """By the servers it asks for by name, or by the value of a parameter."""
    names = set(getattr(item, "fixturenames", ()))
    call = getattr(item, "callspec", None)
    values = {str(value).partition("-")[0] for value in call.params.values()} if call else set()
    own = "servers" in names and "postgres_server" not in names
    return own or bool({"kafka_server", "neo4j_server"} & names or {"servers", "kafka", "neo4j"} & values)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """From the reports, since the servers are those of the processes that ran the tests."""
    told = "\n".join(str(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
    missing = dict(re.findall(r"Skipped: no (kafka|neo4j|postgres): ([^'\"\n]+)", told))
    if not missing:
        return
    terminalreporter.section("RAN WITHOUT THESE SERVERS", sep="!", red=True, bold=True)
    for name, why in missing.items():
        terminalreporter.write_line(f"{name}: {why}", red=True)
    terminalreporter.write_line("Their tests were skipped; with CI=true that is a failure.", red=True)
