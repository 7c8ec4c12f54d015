"""The log's topics on a real broker: how they are made, and which ones are refused with the reason."""

from __future__ import annotations

import uuid

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from events.kafka_log import KafkaEventLog
from events.kafka_topics import KafkaUrl
from schemas.errors import BadInput, Unavailable

pytestmark = pytest.mark.servers
GOOD = {"cleanup.policy": "delete", "retention.ms": "-1", "max.message.bytes": "2097152"}


def topic() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


async def make(address: str, name: str, partitions: int, configs: dict[str, str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])
    finally:
        await admin.close()


async def test_topics_are_made_to_be_kept_for_ever(kafka_server: str) -> None:
    name = topic()
    log = await KafkaEventLog.open(f"kafka://{kafka_server}/{name}?partitions=3")
    assert log.partitions("facts") == 3
    await log.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_server)
    await admin.start()
    try:
        for part in (name, f"{name}.refused", f"{name}.seals", f"{name}.access"):
            answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, part)])
            found = {entry[0]: entry[1] for entry in answers[0].resources[0][4]}
            wanted = {**GOOD, "retention.bytes": "-1", "unclean.leader.election.enable": "false"}
            assert {key: found[key] for key in wanted} == wanted
    finally:
        await admin.close()


@pytest.mark.parametrize(
    ("configs", "named"),
    [
        ({**GOOD, "cleanup.policy": "compact"}, "cleanup.policy"),
        ({**GOOD, "retention.ms": "604800000"}, "retention.ms"),
        ({**GOOD, "retention.bytes": "1000000"}, "retention.bytes"),
        ({**GOOD, "max.message.bytes": "1048576"}, "max.message.bytes"),
    ],
)
async def test_a_topic_that_would_lose_events_is_refused(
    kafka_server: str, configs: dict[str, str], named: str
) -> None:
    name = topic()
    await make(kafka_server, name, 1, configs)
    with pytest.raises(BadInput, match=named) as caught:
        await KafkaEventLog.open(f"kafka://{kafka_server}/{name}")
    assert name in caught.value.errors[0].field


async def test_the_partitions_of_a_topic_that_exists_count(kafka_server: str) -> None:
    name = topic()
    await make(kafka_server, name, 2, GOOD)
    log = await KafkaEventLog.open(f"kafka://{kafka_server}/{name}?partitions=6")
    assert log.partitions("facts") == 2
    await log.close()


async def test_a_broker_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await KafkaEventLog.open("kafka://127.0.0.1:1/t")


@pytest.mark.parametrize(
    "url",
    [
        "kafka:", "kafka://host:1", "kafka://host:1/", "kafka://host:1/a b", "kafka://h:1/t?partitions=0",
        "kafka://h:1/t?security=TELNET", "kafka://h:1/t?retention=7", "kafka://h:1/t?mechanism=MD5",
    ],
)  # fmt: skip
def test_a_url_that_says_nothing_good_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="STEMMA_LOG_URL"):
        KafkaUrl.parse(url)


def test_a_url_gives_servers_topic_and_credentials_and_shows_no_password() -> None:
    found = KafkaUrl.parse("kafka://stemma:p%40ss@a:1,b:2/plant?partitions=6&replication=3&mechanism=PLAIN")
    assert (found.servers, found.topic, found.partitions, found.replication) == (("a:1", "b:2"), "plant", 6, 3)
    how = found.connection()
    assert (how["security_protocol"], how["sasl_mechanism"]) == ("SASL_SSL", "PLAIN")
    assert (how["sasl_plain_username"], how["sasl_plain_password"]) == ("stemma", "p@ss")
    assert "p@ss" not in repr(found)
