"""What GS1 asks of an identifier: check digits, numbers of digits, lengths and the set of 82 characters.

Each function returns the part in its canonical form or raises `RuleBroken`, whose text names what is expected. Whether
a broken rule refuses the identifier (a scan) or makes it an opaque name (a document) is decided in `identify`.
Source: GS1 General Specifications 3.3 (AIs), 7.9 (check digit), 7.11 (character set 82); trace.md section 1.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote

from schemas.sentences import say

SERIAL_LENGTH: Final = 20
"""Most characters of a serial, a lot or a location extension."""
GRAI_SERIAL_LENGTH: Final = 16
GIAI_LENGTH: Final = 30

_SET_82: Final = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*""")
_PLAIN: Final = re.compile(r"[A-Za-z0-9\-._~]*")


class RuleBroken(ValueError):
    """A GS1 form breaks one of GS1's rules; the text says which and what is expected."""


def check_digit(digits: str) -> str:
    """The GS1 check digit of `digits`, which do not include one yet."""
    values = list(map(int, digits))
    return str(-(3 * sum(values[-1::-2]) + sum(values[-2::-2])) % 10)


def is_digits(text: str) -> bool:
    """True for one or more of the digits 0 to 9 of ASCII, no other script's."""
    return text.isascii() and text.isdigit()


@lru_cache(maxsize=8192)
def gtin(text: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits, padded to 14."""
    if not is_digits(text) or len(text) not in (8, 12, 13, 14):
        raise RuleBroken(say("GTIN {text} must have 8, 12, 13 or 14 digits{hint}", text=text, hint=_widths(text)))
    return _checked(text, "GTIN").zfill(14)


def sscc(text: str) -> str:
    """An SSCC of 18 digits."""
    return _fixed(text, 18, "SSCC")


@lru_cache(maxsize=8192)
def gln(text: str) -> str:
    """A GLN of 13 digits."""
    return _fixed(text, 13, "GLN")


def grai(text: str) -> str:
    """A GRAI as AI 8003 holds it: a 0, 13 digits and a serial of up to 16 characters, which may be missing."""
    number, serial = text[:14], text[14:]
    if len(number) < 14 or not is_digits(number) or number[0] != "0":
        raise RuleBroken(say("GRAI {text} must begin with 0 and 13 digits{hint}", text=text, hint=_widths(text)))
    if serial:
        characters(serial, GRAI_SERIAL_LENGTH, "the serial of the GRAI")
    return _checked(number, "GRAI") + serial


def giai(text: str) -> str:
    """A GIAI of 1 to 30 characters."""
    return characters(text, GIAI_LENGTH, "the GIAI")


def characters(text: str, longest: int, what: str) -> str:
    """`text` itself if it has 1 to `longest` characters of GS1's set of 82."""
    if not text:
        raise RuleBroken(say("{what} is empty; it must have 1 to {longest} characters", what=what, longest=longest))
    if not _SET_82.fullmatch(text):
        raise RuleBroken(
            say(
                "{what} holds {stranger}, which is not in GS1's set of 82 characters{hint}",
                what=what,
                stranger=_stranger(text),
                hint=_widths(text),
            )
        )
    if len(text) > longest:
        raise RuleBroken(
            say(
                "{what} has {count} characters; at most {longest} are allowed",
                what=what,
                count=len(text),
                longest=longest,
            )
        )
    return text


def decoded(text: str, what: str) -> str:
    """Percent-decoded as UTF-8."""
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise RuleBroken(say("{what} is percent-encoded, but not as UTF-8", what=what)) from None


def encoded(text: str) -> str:
    """Percent-encoded: all but `A-Z a-z 0-9 - . _ ~`, upper-case hex (trace.md section 1)."""
    return text if _PLAIN.fullmatch(text) else quote(text, safe="", errors="replace")


def with_prefix(prefix: str, reference: str, digits: int, what: str) -> str:
    """Company prefix (6 to 12 digits) and reference of an EPC URN, together `digits` digits."""
    if not is_digits(prefix) or not 6 <= len(prefix) <= 12:
        raise RuleBroken(
            say("company prefix {prefix} of the {what} must have 6 to 12 digits", prefix=prefix, what=what)
        )
    if (reference and not is_digits(reference)) or len(prefix) + len(reference) != digits:
        raise RuleBroken(
            say(
                "{what} {prefix}.{reference} must have {digits} digits in company prefix and reference",
                what=what,
                prefix=prefix,
                reference=reference,
                digits=digits,
            )
        )
    if not reference and digits != 12:
        raise RuleBroken(say("{what} {prefix}. has no digit after its company prefix", what=what, prefix=prefix))
    return prefix + reference


def half_width(text: str) -> str:
    """The text with full-width letters and digits (全角) replaced by the ordinary ones (半角)."""
    return "".join(unicodedata.normalize("NFKC", one) if "\uff01" <= one <= "\uff5e" else one for one in text)


def _fixed(text: str, digits: int, what: str) -> str:
    if len(text) != digits or not is_digits(text):
        raise RuleBroken(
            say(
                "{what} {text} must have {digits} digits{hint}",
                what=what,
                text=text,
                digits=digits,
                hint=_widths(text),
            )
        )
    return _checked(text, what)


def _checked(text: str, what: str) -> str:
    expected = check_digit(text[:-1])
    if text[-1] != expected:
        raise RuleBroken(
            say(
                "check digit of {what} {text} is {last}, expected {expected}",
                what=what,
                text=text,
                last=text[-1],
                expected=expected,
            )
        )
    return text


def _stranger(text: str) -> str:
    found = next(one for one in text if not _SET_82.fullmatch(one))
    return f"{found!r} (U+{ord(found):04X})"


def _widths(text: str) -> str:
    """A hint for what an input method does to a number, else nothing."""
    narrow = half_width(text)
    return "" if narrow == text else say("; it is written in full-width characters, write {narrow}", narrow=narrow)
