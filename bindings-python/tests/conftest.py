"""What the tests share: the standard book, a small book of shops, and a register in many kinds of frames."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

import risktier as rt

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")

AS_OF = "2026-11-01"
ROOT = Path(__file__).resolve().parents[2]

SHOPS = """
role("principal", #{ en: "Principal", zh: "主要负责人" });
sector("shops", #{
    name: #{ en: "Shops", zh: "商店" },
    score: #{ base: 100, bands: [
        #{ tier: BLUE, from: 80 }, #{ tier: YELLOW, from: 60, below: 80 },
        #{ tier: ORANGE, from: 40, below: 60 }, #{ tier: RED, below: 40 },
    ] },
});
item("staff", #{ en: "Staff", zh: "人员", lowest: -50 });
parameter("least_exits", INT, #{ en: "Least exits", zh: "最少出口", unit: "exits", values: [
    #{ since: date(2020, 1, 1), value: 2, cite: own("an example") },
    #{ since: date(2026, 1, 1), value: 3, cite: own("an example") },
] });
fact("exits", INT, #{ en: "Exits", zh: "出口", unit: "exits", min: 0 });
fact("trained", BOOL, #{ en: "Staff trained", zh: "已培训" });
fact("area", FLOAT, #{ en: "Floor area", zh: "面积", unit: "m2", min: 0.0 });
fact("kind", TEXT, #{ en: "Kind of shop", zh: "类型", one_of: ["food", "fuel", "other"] });
fact("licence_until", DATE, #{ en: "Last day of the licence", zh: "许可证有效期" });
list("goods", #{ en: "Goods kept", zh: "存放物品", item: #{
    name: field(TEXT, #{ en: "Name", zh: "名称" }),
    tonnes: field(FLOAT, #{ en: "Quantity", zh: "数量", unit: "t", min: 0.0 }),
} });
fn texts(en, zh) { #{ en: en, zh: zh } }
rule("SH-1", #{ risk: texts("People cannot leave", "无法疏散"), finding: texts("Too few exits", "出口不足"), control: texts("Open exits", "增设出口"),
    when: |firm| firm.exits < param("least_exits"), tier: RED, cite: own("an example"), since: date(2020, 1, 1), owner: "principal", days: 0 });
rule("SH-2", #{ risk: texts("Fire", "火灾"), finding: texts("Fuel in a food shop", "食品店存放燃料"), control: texts("Take it away", "移走"),
    when: |firm| firm.kind == "food" && firm.goods.some(|g| g.name == "fuel" && g.tonnes > 0.5), tier: ORANGE, cite: own("an example"),
    since: date(2020, 1, 1), owner: "principal", days: 7 });
rule("SH-3", #{ risk: texts("Untrained staff", "未培训"), finding: texts("Staff is not trained", "人员未培训"), control: texts("Train them", "培训"),
    when: |firm| !firm.trained, item: "staff", deduct: 30, cite: own("an example"), since: date(2020, 1, 1), owner: "principal", days: 30 });
rule("SH-4", #{ risk: texts("No licence", "无证"), finding: texts("The licence has run out", "许可证过期"), control: texts("Renew it", "换证"),
    when: |firm| firm.licence_until < AS_OF, tier: YELLOW, cite: own("an example"), since: date(2020, 1, 1), owner: "principal", days: 15 });
rule("SH-5", #{ risk: texts("Crowding", "拥挤"), finding: texts("A large floor", "面积过大"), control: texts("Less people", "限流"),
    deduct: |firm| firm.area / 1000.0, item: "staff", cite: own("an example"), since: date(2020, 1, 1), owner: "principal", days: 30 });
"""

EXAMPLES = """{
  "sector": "shops", "as_of": "2026-11-01",
  "sound": { "exits": 4, "trained": true, "area": 0.0, "kind": "other", "licence_until": "2027-01-01", "goods": [] },
  "rules": [
    { "rule": "SH-1", "fires": [ { "exits": 2 } ], "clear": [ { "exits": 3 } ], "undetermined": [ { "exits": null } ] },
    { "rule": "SH-3", "fires": [ { "trained": false } ], "clear": [ {} ] }
  ],
  "grades": [ { "name": "sound", "facts": {}, "tier": "blue", "score": 100 }, { "name": "no training", "facts": { "trained": false }, "tier": "yellow" } ]
}"""

FIRMS = [
    {"id": "a", "sector": "shops", "exits": 4, "trained": True, "area": 100.0, "kind": "other", "licence_until": "2027-01-01",
     "goods": []},
    {"id": "b", "sector": "shops", "exits": 1, "trained": True, "area": 50.0, "kind": "food", "licence_until": "2027-01-01",
     "goods": [{"name": "fuel", "tonnes": 0.7}, {"name": "rice", "tonnes": 9.0}]},
    {"id": "c", "sector": "shops", "exits": 4, "trained": False, "area": None, "kind": None, "licence_until": "2026-10-31",
     "goods": None},
    {"id": "d", "sector": "shop", "exits": 3, "trained": None, "area": 20000.0, "kind": "fuel", "licence_until": None,
     "goods": [{"name": None, "tonnes": None}]},
    {"id": "e", "sector": "shops", "exits": -3, "trained": True, "area": 10.0, "kind": "food", "licence_until": "2027-01-01",
     "goods": [{"name": "fuel", "tonnes": 0.6}, None]},
    {"id": None, "sector": None, "exits": None, "trained": None, "area": None, "kind": None, "licence_until": None, "goods": []},
]


@pytest.fixture(scope="session")
def standard() -> rt.RuleBook:
    return rt.RuleBook.standard()


@pytest.fixture(scope="session")
def shops() -> rt.RuleBook:
    return rt.RuleBook.from_sources({"shops.rhai": SHOPS}, examples={"shops.examples.json": EXAMPLES})
