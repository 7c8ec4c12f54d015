"""What all tests share: the real servers, their mark, and a loud word on those that were missing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.prometheus import promtool
from tests.servers import fresh_database, kafka_server, neo4j_server, postgres_server, servers

__all__ = ["fresh_database", "kafka_server", "neo4j_server", "postgres_server", "promtool", "servers"]
# A property is no measure of time, and this machine may be busy; what CI sets besides is kept.
settings.register_profile("stemma", deadline=None)
settings.load_profile("stemma")
_NEED = {"servers", "kafka_server", "neo4j_server", "postgres_server"}
_IN_ONE_PROCESS = re.compile(r"_(kafka|neo4j|servers?)\w*\.py::|_on_the_servers\b|\[(?:.*-)?(kafka|neo4j|servers)\b")


class _Spread(LoadScopeScheduling):
    """Tests that run beside each other keep to their file, but for those on Kafka or Neo4j: all in one process, since
    there is one graph in a Neo4j, and each more of these servers has to start and grow warm."""

    def _split_scope(self, nodeid: str) -> str:
        return "servers" if _IN_ONE_PROCESS.search(nodeid) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Spread | None:
    """By name, since whoever spreads knows the names alone."""
    return _Spread(config, log) if config.getoption("dist") == "loadscope" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for a server by name carries the mark `servers`, so that `make fast` leaves it out.

    Errors: `pytest.UsageError` for one on Kafka or Neo4j whose name does not tell `_Spread`; what a test asks for while
    it runs is not seen here.
    """
    for item in items:
        names = _NEED.intersection(getattr(item, "fixturenames", ()))
        if names:
            item.add_marker(pytest.mark.servers)
        on_java = (names and "postgres_server" not in names) or names & {"kafka_server", "neo4j_server"}
        if on_java and not _IN_ONE_PROCESS.search(item.nodeid):
            raise pytest.UsageError(
                f"{item.nodeid} is on Kafka or Neo4j: name it ..._on_the_servers (tests/conftest.py)"
            )


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
