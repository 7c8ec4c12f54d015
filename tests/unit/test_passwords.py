"""What is kept of a password."""

from __future__ import annotations

from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from services.accounts import passwords
from services.accounts.passwords import Passwords

WORD = "a sentence that one remembers"


async def test_a_password_is_kept_by_the_second_recommended_option_of_rfc_9106() -> None:
    kept_as = await Passwords().kept(WORD)
    assert extract_parameters(kept_as) == RFC_9106_LOW_MEMORY
    assert await Passwords().match(kept_as, WORD)
    assert not await Passwords().match(kept_as, f"{WORD}!")


async def test_an_account_that_is_not_there_takes_as_long_and_never_matches() -> None:
    assert extract_parameters(passwords._NOBODYS) == RFC_9106_LOW_MEMORY
    assert not await Passwords().match(None, WORD)
