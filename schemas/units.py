"""UN/CEFACT Recommendation 20 units: those of one dimension convert exactly into each other.

Each unit is a rational factor (temperatures also an offset) to the base unit of its dimension, so that sums are exact
(trace.md R4 and section 6, EPCIS checklist Q10). Where the definition is irrational (angles) the factor has 34 digits.
Source: UN/CEFACT Rec. 20 rev. 17, with the exact definitions behind its rounded factors (NIST SP 811 appendix B).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

COUNT: Final = "count"
"""The dimension of C62, H87, EA and of quantities without a unit."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A value in it times `factor` plus `offset` is the value in the base unit of `dimension`."""

    dimension: str
    factor: Fraction
    offset: Fraction = Fraction(0)


_PI: Final = "3.141592653589793238462643383279503"
_TABLE: Final = {
    COUNT: "C62 1 H87 1 EA 1 PCE 1 NAR 1 PR 2 DZN 12 DPC 12 GRO 144 CEN 100 HC 100 MIL 1000 T3 1000 MIO 1e6",
    "mass": """KGM 1 GRM 1e-3 MGM 1e-6 MC 1e-9 CGM 1e-5 DG 1e-4 DJ 1e-2 HGM 1e-1 DTN 100 TNE 1000 2U 1000 KTN 1e6
        LBR 0.45359237 ONZ 0.028349523125 GRN 0.00006479891 STI 6.35029318 STN 907.18474 LTN 1016.0469088
        CWA 45.359237 CWI 50.80234544 APZ 0.0311034768 LBT 0.3732417216 DWT 0.00155517384 CTM 0.0002 M86 0.5""",
    "length": """MTR 1 DMT 1e-1 CMT 1e-2 MMT 1e-3 4H 1e-6 C45 1e-9 C52 1e-12 A71 1e-15 A11 1e-10 A45 10 HMT 100 KMT 1000
        MAM 1e6 INH 0.0254 77 0.0000254 M7 0.0000000254 FOT 0.3048 YRD 0.9144 AK 1.8288 X1 20.1168 M50 201.168
        SMI 1609.344 NMI 1852""",
    "area": """MTK 1 DMK 1e-2 CMK 1e-4 MMK 1e-6 H16 100 ARE 100 DAA 1000 H18 1e4 HAR 1e4 KMK 1e6 INK 0.00064516
        FTK 0.09290304 YDK 0.83612736 MIK 2589988.110336 ACR 4046.8564224""",
    "volume": """MTQ 1 LTR 1e-3 DMQ 1e-3 DLT 1e-4 CLT 1e-5 MLT 1e-6 CMQ 1e-6 4G 1e-9 MMQ 1e-9 A44 1e-2 HLT 1e-1 K6 1
        G26 1 MAL 1000 DMA 1000 H19 1e6 H20 1e9 INQ 0.000016387064 FTQ 0.028316846592 YDQ 0.764554857984
        GLL 0.003785411784 GLI 0.00454609 QTL 0.000946352946 QT 0.000946352946 QTI 0.0011365225 PTL 0.000473176473
        PT 0.000473176473 PTI 0.00056826125 OZA 0.0000295735295625 OZI 0.0000284130625 BLL 0.158987294928
        PTD 0.0005506104713575 QTD 0.001101220942715 BUA 0.03523907016688 BUI 0.03636872""",
    "time": """SEC 1 C26 1e-3 B98 1e-6 C47 1e-9 H70 1e-12 B52 1000 MIN 60 HUR 3600 DAY 86400 WEE 604800 MON 2629800
        ANN 31557600""",
    "energy": """JOU 1 C15 1e-3 KJO 1000 3B 1e6 GV 1e9 WHR 3600 KWH 3600000 MWH 3600000000 GWH 3600000000000
        D32 3600000000000000 D70 4.1868 E14 4186.8 BTU 1055.05585262 A53 1.602176634e-19""",
    "power": "WTT 1 D80 1e-6 C31 1e-3 KWT 1000 MAW 1e6 A90 1e9 D31 1e12 HJ 735.49875 A25 735.49875",
    "apparent power": "D46 1 KVA 1000 MVA 1e6",
    "reactive power": "D44 1 KVR 1000",
    "pressure": """PAL 1 B96 1e-6 74 1e-3 H75 10 A97 100 KPA 1000 MPA 1e6 A89 1e9 C55 1 C56 1e6 MBR 100 BAR 1e5
        ATM 101325 ATT 98066.5 UA 20265/152 HN 133.322387415 HP 9.80665 PS 44482216152605/6451600000""",
    "force": "NEW 1 C20 1e-3 B47 1000 B73 1e6 DU 1e-5 B51 9.80665 C78 4.4482216152605",
    "torque": "NU 1 D83 1e-3 B48 1000",
    "current": "AMP 1 C39 1e-9 B84 1e-6 4K 1e-3 B22 1000",
    "voltage": "VLT 1 D82 1e-6 2Z 1e-3 KVT 1000 B78 1e6",
    "resistance": "OHM 1 B94 1e-6 E45 1e-3 B49 1000 B75 1e6",
    "conductance": "SIE 1 B99 1e-6 C27 1e-3",
    "conductivity": "D10 1 H61 0.1 G42 1e-4 G43 1e-6",
    "capacitance": "FAR 1 4T 1e-12 C41 1e-9 4O 1e-6 C10 1e-3",
    "inductance": "81 1 B90 1e-6 C14 1e-3",
    "charge": "COU 1 D86 1e-3 AMH 3600 E09 3.6 TAH 3600000",
    "magnetic flux density": "D33 1 D81 1e-6 C29 1e-3",
    "magnetic flux": "WEB 1 C33 1e-3",
    "field strength": "D50 1",
    "speed": "MTS 1 C16 1e-3 2M 1e-2 2X 1/60 KMH 5/18 M62 1000 FS 0.3048 FR 0.00508 HM 0.44704 KNT 463/900",
    "acceleration": "MSK 1 A76 1e-2 C11 1e-5 K40 9.80665",
    "frequency": "HTZ 1 KHZ 1000 MHZ 1e6 A86 1e9 D29 1e12",
    "rotation": "RPS 1 RPM 1/60",
    "angle": f"C81 1 C25 1e-3 B97 1e-6 DD {_PI}/180 D61 {_PI}/10800 D62 {_PI}/648000 A91 {_PI}/200 M44 {_PI}/0.5",
    "ratio": "P1 1e-2 NX 1e-3 59 1e-6 61 1e-9",
    "density": "KMQ 1 A93 1e-3 GP 1e-6 GQ 1e-9 23 1000 GL 1 M1 1e-3 H29 1e-6 B35 1000 B34 1000 D41 1000 GJ 1000 F23 1",
    "surface density": "28 1 GM 1e-3",
    "linear density": "KL 1 GF 1e-3",
    "substance": "C34 1 FH 1e-6 C18 1e-3 B45 1000",
    "concentration": "C36 1 M33 1 C35 1000 C38 1000",
    "volume flow": "MQS 1 MQH 1/3600 2J 1e-6 G51 1e-3 L2 1/60000 E32 1/3600000",
    "mass flow": "KGS 1 E93 1/3600",
    "dynamic viscosity": "C65 1 C24 1e-3 C7 1e-3 89 0.1",
    "kinematic viscosity": "S4 1 C17 1e-6 4C 1e-6 91 1e-4",
    "illuminance": "LUX 1 B60 1 KLX 1000",
    "luminous flux": "LUM 1",
    "luminous intensity": "CDL 1",
    "luminance": "A24 1",
    "irradiance": "D54 1",
    "thermal conductivity": "D53 1",
    "sound level": "2N 1",
    "acidity": "Q30 1",
    "radioactivity": "BQL 1 2Q 1000 4N 1e6 GBQ 1e9 CUR 37000000000",
    "absorbed dose": "A95 1 C13 1e-3",
    "dose equivalent": "D13 1 C28 1e-3",
    "dose rate": "P65 1 P66 1e-3 P67 1e-6 P70 1/3600 P71 1/3600000 P72 1/3600000000",
    "catalytic activity": "KAT 1",
    "data": "A99 1 C37 1000 D36 1e6 B68 1e9 AD 8 2P 8000 4L 8e6 E34 8e9 E35 8e12",
    "international units": "NIU 1",
}
_ALONE: Final = (
    "SET KT NMP RM LO NCL AS E48 LEF ZZ XBA XBC XBD XBE XBG XBK XBO XBX XCA XCR XCS XCT XCY XDR XJR XPA XPK XPX "
    "XPU XRL XRO XSA XTK XTU XTY"
)
"""Packages and sets: known, but what one of them holds is not in the code, so that each equals only itself."""
_CODE: Final = re.compile(r"[0-9A-Z]{2,3}")


def _number(text: str) -> Fraction:
    upper, _, lower = text.partition("/")
    return Fraction(upper) / Fraction(lower or 1)


def _table() -> dict[str, Unit]:
    units = {code: Unit(f"unit {code}", Fraction(1)) for code in _ALONE.split()}
    for dimension, row in _TABLE.items():
        words = row.split()
        for code, factor in zip(words[::2], words[1::2], strict=True):
            units[code] = Unit(dimension, _number(factor))
    kelvin = Fraction(5, 9)
    units["KEL"] = Unit("temperature", Fraction(1))
    units["CEL"] = Unit("temperature", Fraction(1), Fraction("273.15"))
    units["FAH"] = Unit("temperature", kelvin, Fraction("459.67") * kelvin)
    units["A48"] = Unit("temperature", kelvin)
    return units


_UNITS: Final = _table()


def unit_of(code: str) -> Unit | None:
    """The unit of a Rec. 20 code (or Rec. 21 package code), None if it is not in the table."""
    return _UNITS.get(code)


def units_of(dimension: str) -> tuple[str, ...]:
    """The codes of every unit of a dimension."""
    return tuple(code for code, unit in _UNITS.items() if unit.dimension == dimension)


def is_code(code: str) -> bool:
    """True for two or three capital letters or digits, the shape of every Rec. 20 code."""
    return _CODE.fullmatch(code) is not None


def to_base(quantity: Decimal, unit: str | None) -> tuple[str, Fraction]:
    """(dimension, value in its base unit). No unit is a count; an unlisted code is a dimension of its own."""
    known = _of(unit)
    return known.dimension, Fraction(quantity) * known.factor + known.offset


def base_value(quantity: Decimal, unit: str, *, spread: bool = False) -> Fraction:
    """The value in the base unit of a listed unit's dimension; a `spread`, as a standard deviation, knows no offset."""
    known = _UNITS[unit]
    return Fraction(quantity) * known.factor + (0 if spread else known.offset)


def from_base(dimension: str, value: Fraction, unit: str | None) -> Fraction | None:
    """A value in the base unit of `dimension` expressed in `unit`, None where that is of another dimension."""
    known = _of(unit)
    return (value - known.offset) / known.factor if known.dimension == dimension else None


def convert(quantity: Decimal, given: str | None, wanted: str | None) -> Fraction | None:
    """The quantity in another unit, exactly; None where the dimension is another."""
    return from_base(*to_base(quantity, given), wanted)


def plain(value: Decimal) -> str:
    """A plain decimal: no exponent, no trailing zeros, no minus zero. `value` must be finite."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def plain_fraction(value: Fraction) -> str:
    """A fraction as a plain decimal, exact where it ends, else to 34 significant digits (IEEE 754 decimal128)."""
    rest, twos = _without(value.denominator, 2)
    rest, fives = _without(rest, 5)
    if rest == 1:
        places = max(twos, fives)
        scaled = value.numerator * 10**places // value.denominator
        digits = str(abs(scaled)).zfill(places + 1)
        sign = "-" if scaled < 0 else ""
        return plain(Decimal(f"{sign}{digits[: len(digits) - places]}.{digits[len(digits) - places :]}"))
    return plain(Context(prec=34).divide(Decimal(value.numerator), Decimal(value.denominator)))


def _of(unit: str | None) -> Unit:
    if unit is None:
        return _UNITS["C62"]
    return _UNITS.get(unit) or Unit(f"unit {unit}", Fraction(1))


def _without(number: int, prime: int) -> tuple[int, int]:
    """`number` without its factors `prime`, and how many those were."""
    count = 0
    while number % prime == 0:
        number //= prime
        count += 1
    return number, count
