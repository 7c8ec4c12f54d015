"""The demo plant's world: its products, places, partners, machines and people, with Chinese and English names.

One company, Hekou Works (河口制造), bakes sesame biscuits and builds kitchen scales. All GS1 keys use prefixes from
952, which GS1 keeps for demonstrations and examples, with valid check digits. No I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schemas.identifiers import check_digit, item_key, lot_key

HOST: Final = "https://id.gs1.org/"
COMPANY: Final = "9521001"
"""GS1 company prefix of the plant itself."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a canonical key and a name in both languages."""

    key: str
    zh: str
    en: str

    def lot(self, number: str) -> str:
        """Key of a lot of this product."""
        return lot_key(self.key, number)

    def item(self, serial: str) -> str:
        """Key of an item of this product."""
        return item_key(self.key, serial)


def _product(prefix: str, reference: int, zh: str, en: str) -> Named:
    digits = f"0{prefix}{reference:05d}"
    return Named(f"{HOST}01/{digits}{check_digit(digits)}", zh, en)


def _place(prefix: str, reference: int, zh: str, en: str) -> Named:
    digits = f"{prefix}{reference:05d}"
    return Named(f"{HOST}414/{digits}{check_digit(digits)}", zh, en)


def _party(prefix: str, zh: str, en: str) -> Named:
    digits = f"{prefix}00000"
    return Named(f"{HOST}417/{digits}{check_digit(digits)}", zh, en)


def _machine(name: str, zh: str, en: str) -> Named:
    return Named(f"{HOST}8004/{COMPANY}{name}", zh, en)


def _operator(name: str, zh: str, en: str) -> Named:
    return Named(f"urn:stemma:demo:operator:{name}", zh, en)


def sscc(serial: int) -> str:
    """Key of the logistic unit number `serial` (below 10 to the 9) of the plant."""
    digits = f"0{COMPANY}{serial:09d}"
    return f"{HOST}00/{digits}{check_digit(digits)}"


FLOUR: Final = _product("9521101", 1, "小麦粉", "Wheat flour")
SUGAR: Final = _product("9521102", 1, "白砂糖", "White sugar")
OIL: Final = _product("9521102", 2, "棕榈油", "Palm oil")
SESAME: Final = _product("9521103", 1, "白芝麻", "White sesame")
FILM: Final = _product("9521104", 1, "包装膜", "Packing film")
GLUE: Final = _product("9521104", 2, "纸箱胶", "Carton glue")
BOARD: Final = _product("9521105", 1, "电路板", "Circuit board")
CELL: Final = _product("9521106", 1, "称重传感器", "Load cell")
RESIN: Final = _product("9521107", 1, "ABS 树脂", "ABS resin")
SCREW: Final = _product("9521107", 2, "螺丝", "Screw M3")

DOUGH: Final = _product(COMPANY, 1, "面团", "Dough")
BISCUITS: Final = _product(COMPANY, 2, "芝麻饼干（散装）", "Sesame biscuits, loose")
REGRIND: Final = _product(COMPANY, 3, "回粉", "Biscuit regrind")
PACK: Final = _product(COMPANY, 4, "芝麻饼干 200 克", "Sesame biscuits 200 g")
HOUSING: Final = _product(COMPANY, 11, "秤壳", "Scale housing")
SCALE: Final = _product(COMPANY, 12, "厨房秤", "Kitchen scale")
SERVICE_KIT: Final = _product(COMPANY, 13, "维修包", "Service kit")
GIFT_SET: Final = _product(COMPANY, 14, "烘焙礼盒", "Baking gift set")
PRODUCTS: Final = (
    *(FLOUR, SUGAR, OIL, SESAME, FILM, GLUE, BOARD, CELL, RESIN, SCREW),
    *(DOUGH, BISCUITS, REGRIND, PACK, HOUSING, SCALE, SERVICE_KIT, GIFT_SET),
)

RECEIVING: Final = _place(COMPANY, 1, "收货区", "Receiving bay")
STORE: Final = _place(COMPANY, 2, "仓库", "Store")
MIXING: Final = _place(COMPANY, 3, "和面间", "Mixing room")
BAKERY: Final = _place(COMPANY, 4, "烘焙线", "Bakery line")
PACKING: Final = _place(COMPANY, 5, "包装线", "Packing line")
MOULDING: Final = _place(COMPANY, 6, "注塑间", "Moulding shop")
ASSEMBLY: Final = _place(COMPANY, 7, "装配线", "Assembly line")
TESTING: Final = _place(COMPANY, 8, "检验室", "Test bench")
DISPATCH: Final = _place(COMPANY, 9, "发货区", "Dispatch dock")
QUARANTINE: Final = _place(COMPANY, 10, "隔离区", "Quarantine")
OWN_PLACES: Final = (
    *(RECEIVING, STORE, MIXING, BAKERY, PACKING),
    *(MOULDING, ASSEMBLY, TESTING, DISPATCH, QUARANTINE),
)

HEKOU: Final = _party(COMPANY, "河口制造", "Hekou Works")
MILL: Final = _party("9521101", "金田面粉厂", "Goldfield Mill")
SWEET: Final = _party("9521102", "甜河糖油", "Sweet River Sugar and Oil")
SEEDS: Final = _party("9521103", "北坡芝麻合作社", "North Slope Sesame Growers")
WRAPS: Final = _party("9521104", "华丰包材", "Huafeng Packaging")
BOARDS: Final = _party("9521105", "博泰电子", "Botai Electronics")
SENSORS: Final = _party("9521106", "精衡传感", "Jingheng Sensors")
POLYMERS: Final = _party("9521107", "塑源化工", "Suyuan Polymers")
METRO: Final = _party("9521201", "美达食品", "Metro Foods")
LUCKY: Final = _party("9521202", "幸运超市", "Lucky Mart")
HARBOUR: Final = _party("9521203", "海港电器", "Harbour Electric")
CUSTOMERS: Final = (METRO, LUCKY, HARBOUR)
CUSTOMER_PLACES: Final = {
    METRO: _place("9521201", 1, "美达食品配送中心", "Metro Foods depot"),
    LUCKY: _place("9521202", 1, "幸运超市一店", "Lucky Mart, first store"),
    HARBOUR: _place("9521203", 1, "海港电器仓库", "Harbour Electric warehouse"),
}
PARTIES: Final = (HEKOU, MILL, SWEET, SEEDS, WRAPS, BOARDS, SENSORS, POLYMERS, *CUSTOMERS)

MIXER: Final = _machine("MIXER1", "和面机 1", "Mixer 1")
OVEN_2: Final = _machine("OVEN2", "烤炉 2", "Oven 2")
OVEN_3: Final = _machine("OVEN3", "烤炉 3", "Oven 3")
PACKER: Final = _machine("PACKER1", "包装机 1", "Packer 1")
PRESS: Final = _machine("PRESS1", "注塑机 1", "Moulding press 1")
BENCH: Final = _machine("BENCH1", "装配台 1", "Assembly bench 1")
PROBE: Final = _machine("PROBE7", "炉温探头 7", "Oven probe 7")
GAUGE: Final = _machine("GAUGE7", "砝码组 G7", "Reference weights G7")
MACHINES: Final = (MIXER, OVEN_2, OVEN_3, PACKER, PRESS, BENCH, PROBE, GAUGE)

LI_NA: Final = _operator("li-na", "李娜", "Li Na")
WANG_WEI: Final = _operator("wang-wei", "王伟", "Wang Wei")
CHEN_JIE: Final = _operator("chen-jie", "陈洁", "Chen Jie")
ZHAO_LEI: Final = _operator("zhao-lei", "赵磊", "Zhao Lei")
OPERATORS: Final = (LI_NA, WANG_WEI, CHEN_JIE, ZHAO_LEI)

EVERYTHING: Final = (*PRODUCTS, *OWN_PLACES, *CUSTOMER_PLACES.values(), *PARTIES, *MACHINES, *OPERATORS)
OWN: Final = (HEKOU.key, *(place.key for place in OWN_PLACES))
"""Keys of the plant's own places and its own party."""
