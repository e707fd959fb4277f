"""The monthly report."""

import datetime
import json

import pytest

import risktier as rt


def firm(id, district="north", **facts):
    sound = {"exits": 4, "trained": True, "area": 0.0, "kind": "other", "licence_until": "2030-01-01", "goods": []}
    return {"id": id, "sector": "shops", "title": "Shop " + id, "district": district} | sound | facts


NOW = [
    firm("a", exits=1, district="south"),
    firm("b", trained=None),
    firm("c", district="", area=-1.0, licence_until="2026-12-31"),
    {"id": "d", "sector": "shop", "title": "Shop d"},
]


@pytest.fixture
def months(shops):
    """`a` gets red, `b` had no training and now nobody knows, `c` has a negative area, `d` names a sector that is none."""
    before = [firm("a"), firm("b", trained=False), firm("e", exits=0)]
    return [shops.grade(before, as_of="2026-10-01"), shops.grade(NOW, as_of="2026-11-01")]


def test_the_report_says_what_the_grades_say(shops, months):
    ahead = shops.forecast(NOW, as_of="2026-11-01", days=90)
    report = rt.report(months, forecast=ahead, name="title", district="district")
    whole = report.to_dict()
    assert (whole["as_of"], whole["before"]) == ("2026-11-01", "2026-10-01")
    now = whole["periods"][1]
    assert now["book"] == months[1].identity["book"]
    assert now["counts"]["tiers"] | {"ungraded": now["counts"]["ungraded"]} == months[1].counts
    assert (now["counts"]["ungraded"], now["counts"]["with_errors"]) == (1, 2)
    migration = whole["migration"]
    assert {key: migration[key] for key in ("worse", "entered", "left")} == {"worse": 1, "entered": 2, "left": 1}
    (red,) = migration["new_reds"]
    assert (red["firm"], red["name"], red["district"], red["from"]) == ("a", "Shop a", "south", "blue")
    assert [reason["rule"] for reason in red["reasons"]] == ["SH-1"]
    # An empty cell is no district, and neither is none.
    assert {group["id"]: group["now"]["firms"] for group in whole["districts"]} == {"north": 1, "south": 1, "": 2}
    assert [finding["rule"] for finding in whole["top_findings"]] == ["SH-1"]
    assert {fact["fact"]: fact["firms"] for fact in whole["missing_facts"]} == {"area": 1, "trained": 1}
    (warning,) = whole["early_warning"]
    assert (warning["firm"], warning["name"], warning["sector"]) == ("c", "Shop c", "shops")
    assert (warning["on"], warning["to"], warning["because"]) == ("2027-01-01", "yellow", ["SH-4", "licence_until 2026-12-31"])
    assert "districts" not in {left_out["what"]["en"] for left_out in report.left_out}


def test_hazards_are_followed_from_month_to_month(months):
    whole = rt.report(list(reversed(months))).to_dict()
    # `a` is new; of `b` nobody knows; `e` is gone.
    states = whole["hazards"]["counts"]["by_state"]
    assert {state: count for state, count in states.items() if count} == {"new": 1, "unverified": 1, "firm-absent": 1}
    first = rt.follow(None, months[0])
    second = rt.follow(first, months[1])
    assert rt.report(months, follow_ups=[first, second]).to_dict() == whole
    with pytest.raises(rt.InputError, match="as of 2026-11-01; expected that of the grades of 2026-10-01"):
        rt.report(months, follow_ups=[second, first])
    with pytest.raises(ValueError, match="1 follow-ups; expected one for each of the 2 periods"):
        rt.report(months, follow_ups=[first])


def test_the_report_is_read_as_tables_page_and_workbook(months, tmp_path):
    report = rt.report(months, name="title")
    tables = report.tables()
    tiers = tables["tiers"].to_dicts()
    assert [row["as of"] for row in tiers] == [datetime.date(2026, 10, 1), datetime.date(2026, 11, 1)]
    assert tiers[1]["red"] == 1.0
    assert tables["new-reds"].to_dicts()[0]["firm"] == "a"
    assert "districts" not in tables and "districts" in {left_out["what"]["en"] for left_out in report.left_out}
    page = report.to_html(tmp_path / "report.html", lang="zh")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page
    assert "Shop a" in page and "<script" not in page
    report.to_excel(tmp_path / "report.xlsx")
    assert (tmp_path / "report.xlsx").read_bytes()[:2] == b"PK"
    assert report.sentences()[0] in repr(report)


def test_what_makes_no_report_is_refused(shops, months, tmp_path):
    with pytest.raises(ValueError, match="no period; expected the grades of at least one day"):
        rt.report([])
    with pytest.raises(rt.InputError, match="two periods are as of 2026-10-01"):
        rt.report([months[0], months[0]])
    with pytest.raises(rt.UnknownNameError, match="nowhere"):
        rt.report(months, district="nowhere")
    (tmp_path / "ahead.json").write_text(json.dumps([{"firm": "a"}]), encoding="utf-8")
    with pytest.raises(rt.InputError, match="expected a forecast"):
        rt.report(months, forecast=tmp_path / "ahead.json")
    (tmp_path / "own.toml").write_text("[[indicator]]\nid = 1\n", encoding="utf-8")
    with pytest.raises(rt.InputError, match="indicators: "):
        rt.report(months, indicators=tmp_path / "own.toml")
