"""One firm: typed objects."""

from __future__ import annotations

import datetime
import decimal
import json

import numpy as np
import pytest
from conftest import AS_OF, FIRMS

import risktier as rt


def test_a_grade(shops):
    grade = shops.grade_one(FIRMS[1], as_of=AS_OF)
    assert isinstance(grade, rt.Grade) and grade.id == "b"
    assert grade.tier is rt.Tier.RED and grade.settled and grade.decided_by == "shops"
    assert [fired.rule for fired in grade.sectors[0].fired] == ["SH-1", "SH-2", "SH-5"]
    assert grade.sectors[0].fired[0].tier is rt.Tier.RED and grade.sectors[0].fired[2].points == -0.05
    assert grade.identity.book == shops.hash and grade.identity.as_of == datetime.date(2026, 11, 1)
    assert json.loads(json.dumps(grade.to_dict())) == grade.to_dict()
    assert rt.Grade.from_dict(grade.to_dict()) == grade


def test_tiers_are_in_order():
    assert rt.Tier.BLUE < rt.Tier.YELLOW < rt.Tier.ORANGE < rt.Tier.RED
    assert max(rt.Tier("yellow"), rt.Tier("orange"), rt.Tier("blue")) is rt.Tier.ORANGE
    assert rt.Tier.RED == "red" and rt.Tier.RED >= "orange" and str(rt.Tier.RED) == "red" and {rt.Tier.RED: 1}["red"] == 1


def test_an_explanation(shops):
    why = shops.explain(FIRMS[1], as_of=AS_OF)
    sector = why.sectors[0]
    assert sector.decided_by == ["SH-1"] and not sector.by_score
    rule = next(rule for rule in sector.rules if rule.rule == "SH-2")
    assert (rule.outcome, rule.condition) == ("fired", 'firm.kind == "food" && firm.goods.some(|g| g.name == "fuel" && g.tonnes > 0.5)')
    goods = next(read for read in rule.read if read.fact == "goods")
    assert goods.items == 2 and goods.shown_by[0].values == {"name": "fuel", "tonnes": 0.7}
    assert rule.cite[0].reason == "an example" and rule.site.script == "shops.rhai"
    open_rule = next(rule for rule in shops.explain(FIRMS[2], as_of=AS_OF).sectors[0].rules if rule.rule == "SH-2")
    assert {wait.fact for wait in open_rule.waits_for} == {"kind", "goods"}


def test_lists_and_ways_down(shops):
    lists = shops.lists(FIRMS[1], as_of=AS_OF, name="Shop B")
    assert lists.name == "Shop B" and [hazard.rule for hazard in lists.hazards][:2] == ["SH-1", "SH-2"]
    assert lists.duties[0].deadline == datetime.date(2026, 11, 1) and lists.sectors[0].name.zh == "商店"
    page = shops.lists_html(FIRMS[1], as_of=AS_OF, name="Shop <B>", lang="zh")
    assert "出口不足" in page and "Shop &lt;B&gt;" in page
    (way,) = shops.way_down(FIRMS[1], as_of=AS_OF)
    assert way.sector == "shops" and way.tier is rt.Tier.RED
    assert [(one.to, one.ways[0].close) for one in way.way_down if one.goal == "on-record"] == [
        ("blue", ["SH-1", "SH-2"]), ("yellow", ["SH-1", "SH-2"]), ("orange", ["SH-1"])
    ] or [(one.to, one.ways[0].close) for one in way.way_down if one.goal == "on-record"][-1] == ("blue", ["SH-1", "SH-2"])


def test_values_of_python(shops):
    firm = {"sector": "shops", "exits": np.int64(4), "trained": np.bool_(True), "area": decimal.Decimal("12.5"),
            "licence_until": datetime.date(2026, 10, 31), "goods": [{"name": "fuel", "tonnes": np.float32(0.5)}], "kind": "food"}
    grade = shops.grade_one(firm, as_of=AS_OF)
    assert grade.data_errors == [] and [fired.rule for fired in grade.sectors[0].fired] == ["SH-4", "SH-5"]
    with_time = {**firm, "licence_until": datetime.datetime(2026, 11, 1, 8, 30)}
    assert "SH-4" not in [fired.rule for fired in shops.grade_one(with_time, as_of=AS_OF).sectors[0].fired]
    odd = shops.grade_one({**firm, "area": float("nan"), "goods": [{"tonnes": float("inf")}]}, as_of=AS_OF)
    assert [(error.fact, error.value) for error in odd.data_errors] == [("area", "nan"), ("goods.tonnes", "inf")]
    with pytest.raises(rt.InputError, match="is a complex"):
        shops.grade_one({"sector": "shops", "area": 1j}, as_of=AS_OF)


def test_firms_that_cannot_be_graded(shops):
    with pytest.raises(rt.UnknownNameError) as caught:
        shops.explain({"sector": "shop"}, as_of=AS_OF)
    assert caught.value.what == "sector" and caught.value.nearest == "shops"
    with pytest.raises(rt.InputError, match="names no sector"):
        shops.grade_one({"exits": 1}, as_of=AS_OF)
