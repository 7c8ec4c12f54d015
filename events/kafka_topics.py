"""The log's topics: their URL, the settings they are made with, and the check of those that exist.

`kafka://[user:password@]host:port[,host:port]/topic?…` with the parameters `partitions` and `replication` (for new
topics), `security` (`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT`, `SASL_SSL`), `mechanism` (`PLAIN`, `SCRAM-SHA-256`,
`SCRAM-SHA-512`), `ca`, `cert` and `key` (files). Facts are in `topic`, the other streams in `topic.refused` and so on.
A topic that exists with settings under which events could be lost is refused with the reason.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from events.kafka_errors import reading
from events.port import FACTS, STREAMS
from schemas.errors import BadInput, Unavailable

LARGEST: Final = 2 * 1024 * 1024
"""Bytes of one message: a record of `MAX_RECORD` and its envelope."""
_SECURITY: Final = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_PARAMETERS: Final = ("partitions", "replication", "security", "mechanism", "ca", "cert", "key")
_TRIES: Final = 100
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,200}")


@dataclass(frozen=True, slots=True)
class KafkaUrl:
    """Where the log is and how to speak to it; `repr` tells no password."""

    servers: tuple[str, ...]
    topic: str
    partitions: int
    replication: int
    security: str
    mechanism: str
    user: str | None
    secret: tuple[str, ...]
    files: tuple[str | None, str | None, str | None]

    def __repr__(self) -> str:
        return f"KafkaUrl({','.join(self.servers)}/{self.topic})"

    @classmethod
    def parse(cls, url: str, partitions: int | None = None) -> KafkaUrl:
        """Errors: `BadInput` naming the part at fault. `partitions` counts where the URL gives none."""
        scheme, _, rest = url.partition("://")
        credentials, _, place = rest.rpartition("@")
        address, _, query = place.partition("?")
        hosts, _, topic = address.partition("/")
        given = dict(parse_qsl(query, keep_blank_values=True))
        servers = tuple(filter(None, hosts.split(",")))
        if scheme != "kafka" or not servers or not _NAME.fullmatch(topic):
            raise BadInput.field("STEMMA_LOG_URL", "(hidden)", "write kafka://host:port[,host:port]/topic")
        for name in given.keys() - set(_PARAMETERS):
            raise BadInput.field(f"STEMMA_LOG_URL ?{name}", given[name], f"known are {', '.join(_PARAMETERS)}")
        user, _, password = credentials.partition(":")
        return cls(
            servers=servers,
            topic=topic,
            partitions=_number(given, "partitions", partitions or 1),
            replication=_number(given, "replication", 1),
            security=_one_of(given, "security", _SECURITY, "SASL_SSL" if user else "PLAINTEXT"),
            mechanism=_one_of(given, "mechanism", _MECHANISMS, "SCRAM-SHA-512"),
            user=unquote(user) or None,
            secret=(unquote(password),),
            files=(given.get("ca"), given.get("cert"), given.get("key")),
        )

    def topic_of(self, stream: str) -> str:
        return self.topic if stream == FACTS else f"{self.topic}.{stream}"

    def connection(self) -> dict[str, Any]:
        """What every client of aiokafka is opened with. Errors: `BadInput` for an unreadable certificate."""
        how: dict[str, Any] = {"bootstrap_servers": list(self.servers), "security_protocol": self.security}
        if self.security.endswith("SSL"):
            how["ssl_context"] = self._tls()
        if self.security.startswith("SASL"):
            how |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.secret[0],
            }
        return how

    def _tls(self) -> ssl.SSLContext:
        ca, cert, key = self.files
        try:
            context = ssl.create_default_context(cafile=ca)
            if cert is not None:
                context.load_cert_chain(cert, key)
        except OSError as fault:
            raise BadInput.field(
                "STEMMA_LOG_URL ?ca, cert, key", str(fault.filename), f"cannot be read: {fault}"
            ) from None
        return context


def _number(given: dict[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise BadInput.field(f"STEMMA_LOG_URL ?{name}", text, "a number from 1")
    return int(text)


def _one_of(given: dict[str, str], name: str, known: tuple[str, ...], default: str) -> str:
    text = given.get(name, default).upper()
    if text not in known:
        raise BadInput.field(f"STEMMA_LOG_URL ?{name}", text, f"one of {', '.join(known)}")
    return text


async def make_topics(url: KafkaUrl) -> int:
    """Make the topics that are missing and check the others; returns the partitions of `facts`.

    Errors: `BadInput` for a topic with wrong settings, `Unavailable`.
    """
    with reading():
        admin = AIOKafkaAdminClient(**url.connection(), request_timeout_ms=15_000)
        await admin.start()
        try:
            there = set(await admin.list_topics())
            missing = [stream for stream in STREAMS if url.topic_of(stream) not in there]
            if missing:
                await _create(admin, url, missing)
            return await _check(admin, url)
        finally:
            await admin.close()


async def _create(admin: AIOKafkaAdminClient, url: KafkaUrl, streams: list[str]) -> None:
    configs = {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "max.message.bytes": str(LARGEST),
        "min.insync.replicas": str(2 if url.replication >= 3 else 1),
        "unclean.leader.election.enable": "false",
    }
    topics = [
        NewTopic(url.topic_of(s), url.partitions if s == FACTS else 1, url.replication, topic_configs=configs)
        for s in streams
    ]
    answer = await admin.create_topics(topics, timeout_ms=15_000)
    for name, code, *rest in answer.topic_errors:
        # Another process may have made it at the same moment.
        if code not in (0, TopicAlreadyExistsError.errno):
            reason = (rest[0] if rest else None) or for_code(code).__name__
            raise BadInput.field("STEMMA_LOG_URL", name, f"the topic cannot be made: {reason}")


async def _check(admin: AIOKafkaAdminClient, url: KafkaUrl) -> int:
    names = [url.topic_of(stream) for stream in STREAMS]
    counts = await _counts(admin, names)
    for name in names[1:]:
        if counts[name] != 1:
            raise BadInput.field("STEMMA_LOG_URL", name, f"this topic must have 1 partition and has {counts[name]}")
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    for answer in answers:
        for resource in answer.resources:
            _check_settings(resource[3], {entry[0]: entry[1] for entry in resource[4]})
    return counts[url.topic]


async def _counts(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    """Partitions of each topic; a topic just made is known to every broker a moment later."""
    for _ in range(_TRIES):
        found = {topic["topic"]: len(topic["partitions"] or ()) for topic in await admin.describe_topics(names)}
        if all(found.get(name) for name in names):
            return found
        await asyncio.sleep(0.1)
    raise Unavailable("the log's topics are not there yet: try again")


def _check_settings(topic: str, found: dict[str, str]) -> None:
    """Errors: `BadInput` where records could be lost, or a whole one would not be taken."""
    for name, value in (("cleanup.policy", "delete"), ("retention.ms", "-1"), ("retention.bytes", "-1")):
        if found.get(name, value) != value:
            fix = f"the topic must have {name}={value}, or events would be lost: change it, or name another topic"
            raise BadInput.field(f"topic {topic}: {name}", found[name], fix)
    largest = found.get("max.message.bytes", str(LARGEST))
    if int(largest) < LARGEST:
        fix = f"the topic must take messages of {LARGEST} bytes: raise it, or name another topic"
        raise BadInput.field(f"topic {topic}: max.message.bytes", largest, fix)
