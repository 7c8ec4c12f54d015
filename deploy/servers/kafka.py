"""Apache Kafka: processes that are broker and controller both (KRaft); one alone, or several that copy each other."""

from __future__ import annotations

import base64
import os
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from deploy.servers.jars import BRIEFLY, fetched, java
from deploy.servers.process import NotStarted, Server, answers_on, free_port

VERSION: Final = "4.4.0"
LOG4J: Final = "2.25.2"
COORDINATES: Final = (
    f"org.apache.kafka:kafka_2.13:{VERSION}",
    *(f"org.apache.logging.log4j:{part}:{LOG4J}" for part in ("log4j-slf4j-impl", "log4j-core", "log4j-1.2-api")),
)
_LOGGING: Final = """<Configuration status="warn"><Appenders><Console name="out"><PatternLayout pattern="%d %p %m%n"/>
</Console></Appenders><Loggers><Root level="warn"><AppenderRef ref="out"/></Root></Loggers></Configuration>
"""
_PROPERTIES: Final = """process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.retention.ms=-1
log.dirs={folder}/log
"""


class Kafka(Server):
    """`url` is `host:port`."""

    name = "kafka"

    @property
    def url(self) -> str:
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> None:
        self.format(new_identity(), 1, (free_port(),))

    def format(self, identity: str, node: int, controllers: Sequence[int]) -> None:
        """Make the data folder of one node, counted from 1, of a cluster whose controllers listen on these ports."""
        voters = ",".join(f"{n}@127.0.0.1:{port}" for n, port in enumerate(controllers, 1))
        text = _PROPERTIES.format(
            port=self.port, controller=controllers[node - 1], node=node, voters=voters, folder=self.folder
        )
        self._properties.write_text(text)
        (self.folder / "log4j2.xml").write_text(_LOGGING)
        told = (f"--cluster-id={identity}", f"--config={self._properties}")
        command = [java()[0], *BRIEFLY, "kafka.tools.StorageTool", "format", *told]
        env = {**os.environ, **self.environment()}
        done = subprocess.run(command, env=env, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NotStarted(f"Kafka's storage could not be made:\n{done.stdout}{done.stderr}")

    def command(self) -> Sequence[str]:
        logging = f"-Dlog4j2.configurationFile={self.folder}/log4j2.xml"
        sizes = ["-Xms256m", "-Xmx512m", *(BRIEFLY if self.brief else ())]
        return [java()[0], *sizes, logging, "kafka.Kafka", str(self._properties)]

    def environment(self) -> Mapping[str, str]:
        return {"CLASSPATH": f"{fetched(f'kafka-{VERSION}', COORDINATES)}/*"}

    def answers(self) -> bool:
        return answers_on(self.port)

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"


def new_identity() -> str:
    """An identity for a cluster that is to be, as Kafka writes them: 16 bytes in base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def cluster(folder: Path, count: int) -> list[Kafka]:
    """That many brokers of one cluster, running, each in a folder of its own. Errors: `Missing`, `NotStarted`."""
    brokers = [Kafka(folder / f"kafka-{node}", free_port()) for node in range(1, count + 1)]
    controllers = [free_port() for _ in brokers]
    for broker in brokers:
        broker.folder.mkdir()
    identity = new_identity()
    for node, broker in enumerate(brokers, 1):
        broker.format(identity, node, controllers)
    # A broker listens once most controllers have met, so that none can be waited for before the others start.
    with ThreadPoolExecutor() as pool:
        list(pool.map(Kafka.start, brokers))
    return brokers
