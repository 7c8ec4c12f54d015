"""Rate limits on sign-ins, with seconds that the test counts."""

from __future__ import annotations

import pytest

from services.accounts.limits import OF_ADDRESS, OF_NAME, OF_NAME_AND_ADDRESS, SignInLimits, TooMany, place_of


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def limits(seconds: Seconds) -> SignInLimits:
    return SignInLimits(seconds)


def fail(limits: SignInLimits, name: str, address: str, times: int) -> None:
    for _ in range(times):
        limits.check(name, address)
        limits.failed(name, address)


def test_after_a_burst_one_failure_is_let_in_every_so_often(limits: SignInLimits, seconds: Seconds) -> None:
    fail(limits, "boss", "192.0.2.1", OF_NAME_AND_ADDRESS.burst)
    with pytest.raises(TooMany) as refused:
        limits.check("boss", "192.0.2.1")
    assert refused.value.retry_after == OF_NAME_AND_ADDRESS.seconds
    seconds.now += OF_NAME_AND_ADDRESS.seconds
    fail(limits, "boss", "192.0.2.1", 1)
    with pytest.raises(TooMany):
        limits.check("boss", "192.0.2.1")


def test_nobody_is_kept_out_by_what_another_address_guesses(limits: SignInLimits) -> None:
    limits.check("boss", "192.0.2.1")
    limits.failed("boss", "192.0.2.1")
    limits.succeeded("boss", "192.0.2.1")
    for host in range(OF_NAME.burst):
        fail(limits, "boss", f"198.51.100.{host}", 1)
    with pytest.raises(TooMany):
        limits.check("boss", "203.0.113.1")
    limits.check("boss", "192.0.2.1")
    limits.check("other", "203.0.113.1")


def test_many_names_from_one_address_are_slowed_down_and_good_sign_ins_do_not_count(limits: SignInLimits) -> None:
    for worker in range(3 * OF_ADDRESS.burst):
        limits.check(f"worker {worker}", "192.0.2.1")
        limits.failed(f"worker {worker}", "192.0.2.1")
        limits.succeeded(f"worker {worker}", "192.0.2.1")
    for name in range(OF_ADDRESS.burst):
        fail(limits, f"guess {name}", "192.0.2.1", 1)
    with pytest.raises(TooMany):
        limits.check("one more", "192.0.2.1")


def test_an_ipv6_caller_counts_by_its_network() -> None:
    assert place_of("2001:db8:1:2:aaaa::1") == place_of("2001:db8:1:2:bbbb::2") != place_of("2001:db8:1:3::1")
    assert place_of("::ffff:192.0.2.1") == place_of("192.0.2.1") == "192.0.2.1"
    assert place_of("fe80::1%eth0") == place_of("fe80::2")
