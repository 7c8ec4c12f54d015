"""Kafka's errors as ours: one table for reading, one for writing.

The difference is what is known of a write: `Unavailable` means that nothing was written, `OutcomeUnknown` that it may
have been or may yet be. Source: Kafka protocol guide, error codes; aiokafka 0.14.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiokafka import errors as kafka

from schemas.errors import BadInput, Damaged, OutcomeUnknown, StemmaError, TooLarge, Unavailable
from schemas.sentences import say

_TOO_LARGE: Final = (kafka.MessageSizeTooLargeError, kafka.RecordListTooLargeError, kafka.RecordTooLargeError)
_DAMAGED: Final = (kafka.CorruptRecordException,)
_SETTINGS: Final = (
    kafka.AuthenticationFailedError,
    kafka.AuthenticationMethodNotSupported,
    kafka.ClusterAuthorizationFailedError,
    kafka.InvalidTopicError,
    kafka.SaslAuthenticationFailed,
    kafka.TopicAuthorizationFailedError,
    kafka.UnsupportedSaslMechanismError,
)
_NOT_WRITTEN: Final = (
    kafka.NotEnoughReplicasError,
    kafka.ProducerClosed,
    kafka.UnknownTopicOrPartitionError,
)
"""Errors of a write that say the broker did not take it."""
CHECK: Final = "see STEMMA_LOG_URL and the broker's log"


@contextmanager
def reading() -> Iterator[None]:
    """Errors of a read or of administration."""
    try:
        yield
    except (kafka.KafkaError, kafka.ConsumerStoppedError, OSError, TimeoutError) as fault:
        raise of_reading(fault) from fault


def of_reading(fault: BaseException) -> StemmaError:
    """What a failed read means."""
    common = _common(fault)
    return common or Unavailable(say("the log does not answer ({name}): {fix}", name=_name(fault), fix=CHECK))


def of_writing(fault: BaseException) -> StemmaError:
    """What a failed write means."""
    common = _common(fault)
    if common is not None:
        return common
    if isinstance(fault, _NOT_WRITTEN):
        return Unavailable(say("the log takes no records now ({name}): {fix}", name=_name(fault), fix=CHECK))
    return OutcomeUnknown(say("the log may or may not have the records ({name}): send them again", name=_name(fault)))


def _common(fault: BaseException) -> StemmaError | None:
    if isinstance(fault, _TOO_LARGE):
        return TooLarge("a record is above what the topic takes")
    if isinstance(fault, _DAMAGED):
        return Damaged("the log's topic holds a record that fails its own checksum")
    if isinstance(fault, _SETTINGS):
        return BadInput.field(
            "STEMMA_LOG_URL", _name(fault), say("the broker refuses these settings: {fix}", fix=CHECK)
        )
    return None


def _name(fault: BaseException) -> str:
    return type(fault).__name__
