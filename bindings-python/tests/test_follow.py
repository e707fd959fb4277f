"""Hazards from one period to the next."""

import datetime
import json

import pytest

import risktier as rt


def firm(id="a", **facts):
    sound = {"exits": 4, "trained": True, "area": 0.0, "kind": "other", "licence_until": "2030-01-01", "goods": []}
    return {"id": id, "sector": "shops", "title": "Shop " + id} | sound | facts


def states(follow_up):
    return {hazard["id"]: hazard["state"] for hazard in follow_up.hazards}


def test_a_hazard_is_followed_from_month_to_month(shops, tmp_path):
    first = rt.follow(None, shops.grade([firm(trained=False), firm("b", exits=1)], as_of="2026-09-01"), name="title")
    assert states(first) == {"a/hazard/SH-3": "new", "b/hazard/SH-1": "new"}
    assert first.hazards[0]["name"] == "Shop b"
    # The due day of one is 1 October, that of the other the day it was found on; nothing is known of `a` now, and `b` is gone.
    second = rt.follow(first, shops.grade([firm(trained=None)], as_of="2026-10-11"))
    assert states(second) == {"a/hazard/SH-3": "unverified", "b/hazard/SH-1": "firm-absent"}
    assert {hazard["id"]: hazard["late_days"] for hazard in second.hazards} == {"a/hazard/SH-3": 10, "b/hazard/SH-1": 40}
    assert second.counts["open"] == second.counts["overdue"] == 2
    second.save(tmp_path / "follow.jsonl")
    now = shops.grade([firm(), {"id": "b", "sector": "shop"}], as_of="2026-11-01")
    third = rt.follow(tmp_path / "follow.jsonl", now)
    assert states(third) == {"a/hazard/SH-3": "closed", "b/hazard/SH-1": "no-lists"}
    assert rt.follow(second, now).hazards == third.hazards
    assert third.counts["closed_now"] == 1
    frame = third.frame()
    assert frame["item"] == [hazard["id"] for hazard in third.hazards]
    assert frame["first_seen"] == [datetime.date(2026, 9, 1)] * 2
    assert third.frame(lang="zh")["state"][-1] == "已销号"
    third.to_excel(tmp_path / "follow.xlsx")
    assert (tmp_path / "follow.xlsx").stat().st_size > 1000
    assert "1 closed" in repr(third)


def test_what_does_not_follow_is_refused(shops, tmp_path):
    grades = shops.grade([firm(trained=False)], as_of="2026-09-01")
    later = rt.follow(None, shops.grade([firm(trained=False)], as_of="2026-10-01"))
    with pytest.raises(rt.InputError, match="expected no day later than 2026-09-01"):
        rt.follow(later, grades)
    (tmp_path / "other.jsonl").write_text(json.dumps({"id": "x"}) + "\n", encoding="utf-8")
    with pytest.raises(rt.InputError, match="line 1.*expected a hazard"):
        rt.follow(tmp_path / "other.jsonl", grades)
    assert rt.follow(None, shops.grade([{"sector": "shops", "trained": False}], as_of="2026-09-01")).firms_without_id == 1
