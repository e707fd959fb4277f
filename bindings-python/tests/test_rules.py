"""Work on rules: loading, checking, testing, parameters, comparing."""

from __future__ import annotations

import copy
import datetime
import pickle
import subprocess
import sys

import pytest
from conftest import AS_OF, EXAMPLES, FIRMS, SHOPS

import risktier as rt


def test_a_book_is_its_hash(shops):
    again = rt.RuleBook.from_sources({"shops.rhai": SHOPS})
    assert again == shops and hash(again) == hash(shops) and again.hash == shops.hash
    assert shops != rt.RuleBook.standard() and shops != "book"
    assert repr(shops) == f"<RuleBook {shops.hash[:12]}: 1 sectors, 5 rules>"
    assert shops.sources == {"shops.rhai": SHOPS}
    with pytest.raises(TypeError, match="use RuleBook.standard"):
        rt.RuleBook()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_book_pickles(shops, protocol):
    changed = shops.with_parameters(least_exits=4)
    for book in (shops, changed):
        back = pickle.loads(pickle.dumps(book, protocol))
        assert back == book and back.test().passed == book.test().passed
    assert copy.deepcopy(changed) == changed


def test_a_book_pickles_into_another_process(shops, tmp_path):
    path = tmp_path / "book.pickle"
    path.write_bytes(pickle.dumps(shops))
    code = f"import pickle; print(pickle.load(open({str(path)!r}, 'rb')).hash)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == shops.hash


def test_bundles_that_are_none(shops):
    for text in ("", "{}", shops.to_bundle().replace("exits", "doors")):
        with pytest.raises(rt.BundleError):
            rt.RuleBook.from_bundle(text)
    broken = rt.errors.BundleError("x")
    assert isinstance(broken, rt.RisktierError)


def test_errors_have_their_place_in_attributes():
    bad = SHOPS.replace("firm.exits <", "firm.exit <")
    with pytest.raises(rt.BookError) as caught:
        rt.RuleBook.from_sources({"shops.rhai": bad})
    error = caught.value
    line = bad.splitlines()[error.line - 1]
    assert error.script == "shops.rhai" and line[error.column - 1 :].startswith("exit <")
    assert error.code == "E040" and "did you mean `exits`" in str(error)
    one = error.diagnostics[0]
    assert one["severity"] == "error" and one["source_line"] == line and one["message_zh"] != one["message"]
    again = pickle.loads(pickle.dumps(error))
    assert (again.line, str(again)) == (error.line, str(error))


def test_every_error_is_reported_not_only_the_first():
    report = rt.check_sources({"a.rhai": SHOPS.replace("firm.exits <", "firm.exit <").replace("!firm.trained", "!firm.train")})
    assert not report.ok and len([one for one in report if one["severity"] == "error"]) == 2
    assert "a.rhai:" in str(report)
    assert rt.check_sources({"a.rhai": SHOPS}).ok
    assert str(rt.check_sources({"a.rhai": SHOPS})) == "no errors and no warnings"


def test_warnings_do_not_stop_a_book():
    unused = SHOPS + 'fact("unused", INT, #{ en: "Unused", zh: "未用", unit: "count" });'
    book = rt.RuleBook.from_sources({"a.rhai": unused})
    report = book.check()
    assert report.ok and len(report) == 1 and report[0]["severity"] == "warning" and report[0]["line"] == len(unused.splitlines())


def test_folders(tmp_path, shops):
    (tmp_path / "sectors").mkdir()
    (tmp_path / "sectors" / "shops.rhai").write_text(SHOPS, encoding="utf-8")
    (tmp_path / "sectors" / "shops.examples.json").write_text(EXAMPLES, encoding="utf-8")
    book = rt.RuleBook.from_dir(tmp_path)
    assert list(book.sources) == ["sectors/shops.rhai"]
    assert book.test().ok and book.test().passed == 7
    own = SHOPS.replace("licence_until", "shop_licence_until").replace('role("principal"', 'role("shopkeeper"').replace('owner: "principal"', 'owner: "shopkeeper"')
    (tmp_path / "sectors" / "shops.rhai").write_text(own, encoding="utf-8")
    both = rt.RuleBook.from_dir(tmp_path, standard=True)
    assert set(both.sectors["sector"]) > {"shops", "fireworks"}
    with pytest.raises(FileNotFoundError, match="no script there"):
        rt.RuleBook.from_dir(tmp_path / "empty")


def test_examples(shops, standard):
    report = shops.test({"x.examples.json": EXAMPLES.replace('"exits": 2 }', '"exits": 3 }').replace('"tier": "blue"', '"tier": "red"')})
    assert not report.ok and report.passed == 5
    assert [(case["name"], case["wanted"], case["came"]) for case in report.failed] == [
        ("SH-1", "fires", "clear"), ("sound", "tier red, score 100", "tier blue")
    ]
    assert "5 passed, 2 failed" in repr(report)
    assert shops.test({"x": "no json"}).failed[0]["wanted"] == "a file of examples"


def test_what_examples_leave_open(shops, standard):
    plain = shops.test()
    assert plain.coverage is None and plain.mutation is None and plain.suggestions is None
    report = shops.test(coverage=True, mutants=True, suggest=True)
    atoms = [atom for rule in report.coverage["rules"] for atom in rule["atoms"]]
    shown = [atom for atom in atoms if atom["shown"] == "shown"]
    assert report.coverage["percent"] == 100.0 * len(shown) / len(atoms)
    survived = [mutant for one in report.mutation["subjects"] for mutant in one["survived"]]
    assert (report.mutation["percent"] == 100.0) == (not survived)
    assert all(set(mutant) == {"from", "to"} for mutant in survived)
    for suggestion in report.suggestions:
        assert suggestion["file"] == "shops.examples.json"
        assert suggestion["examples"]["rule"] == suggestion["rule"] and "confirm" in suggestion["examples"]
    nothing = shops.test({}, coverage=True)
    assert nothing.coverage["percent"] == 0.0
    whole = standard.test()
    assert whole.ok and whole.passed > 5000


def test_rules_as_a_frame(shops, standard):
    rows = {row["rule"]: row for row in shops.rules.to_dicts()}
    assert rows["SH-1"]["condition"] == 'firm.exits < param("least_exits")' and rows["SH-1"]["tier"] == "red"
    assert rows["SH-1"]["since"] == datetime.date(2020, 1, 1) and rows["SH-1"]["until"] is None
    assert (rows["SH-3"]["points"], rows["SH-3"]["item"], rows["SH-3"]["tier"]) == (-30.0, "staff", None)
    assert rows["SH-5"]["points"] is None and rows["SH-5"]["condition"] == "firm.area / 1000.0"
    assert shops.rules_frame(lang="zh")["finding"][0] == "出口不足"
    assert SHOPS.splitlines()[rows["SH-4"]["line"] - 1].startswith('rule("SH-4"')
    frame = standard.rules.to_polars()
    assert set(frame["sector"]) == set(standard.sectors["sector"]) and frame["citation"].null_count() == 0
    assert len(standard.sectors) == 40


def test_facts(shops):
    rows = {row["fact"]: row for row in shops.facts("shops", as_of=AS_OF).to_dicts()}
    assert rows["exits"] == {"fact": "exits", "type": "int", "label": "Exits", "unit": "exits", "min": "0", "max": None, "one_of": [],
                             "absent": None, "worse": None}
    assert rows["kind"]["one_of"] == ["food", "fuel", "other"] and "goods.tonnes" in rows
    assert shops.facts(lang="zh")["label"][0] == "出口"
    with pytest.raises(rt.UnknownNameError, match="did you mean `shops`"):
        shops.facts("shop", as_of=AS_OF)
    with pytest.raises(TypeError, match="depend on the day"):
        shops.facts("shops")


def test_parameters(shops):
    firm = {"sector": "shops", "exits": 3}
    assert shops.grade_one(firm, as_of="2025-06-01").sectors[0].fired == []
    strict = shops.with_parameters(least_exits=4)
    assert strict != shops
    assert [fired.rule for fired in strict.grade_one(firm, as_of="2025-06-01").sectors[0].fired] == ["SH-1"]
    by_day = shops.with_parameters({"least_exits": {datetime.date(2020, 1, 1): 2, "2027-01-01": 5}})
    assert by_day.grade_one(firm, as_of="2026-11-01").tier != "red" and by_day.grade_one(firm, as_of="2027-01-01").tier == "red"
    assert by_day.with_parameters() == by_day, "overrides stay"
    with pytest.raises(rt.UnknownNameError, match="no parameter `least_exit`.*did you mean `least_exits`"):
        shops.with_parameters(least_exit=1)
    for wrong in ("two", 1.5, True, None):
        with pytest.raises(ValueError, match="is not a value of the type int"):
            shops.with_parameters(least_exits=wrong)


def test_comparing_books_and_days(shops):
    before = shops.grade(FIRMS, as_of=AS_OF)
    after = shops.with_parameters(least_exits=5).grade(FIRMS, as_of=AS_OF)
    both = rt.compare(before, after)
    assert [(row["id"], row["before"], row["after"], row["direction"], row["fires_now"]) for row in both.moved.to_dicts()] == [
        ("a", "blue", "red", "worse", ["SH-1"]), ("c", "yellow", "red", "worse", ["SH-1"])
    ]
    matrix = {row.pop("before"): row for row in both.matrix.to_dicts()}
    assert matrix["blue"]["red"] == 1 and matrix["ungraded"]["ungraded"] == 2
    assert sum(sum(row.values()) for row in matrix.values()) == len(FIRMS)
    assert both.by_rule() == {"SH-1": {"worse": 2, "better": 0}}
    assert repr(both) == "<Comparison: 6 firms, 2 worse, 0 better>" and "2 of 6 firms moved" in both._repr_html_()
    back = rt.compare(after, before)
    assert back.moved["direction"] == ["better", "better"] and back.moved["no_longer"] == [["SH-1"], ["SH-1"]]
    days = rt.compare(shops.grade(FIRMS, as_of="2026-10-31"), before)
    assert [(row["id"], row["fires_now"]) for row in days.moved.to_dicts()] == []
    assert rt.compare(before, before).moved.to_dicts() == []


def test_what_changed_over_the_rules(shops):
    nothing = rt.diff(shops, shops, as_of="2026-11-01")
    assert nothing == {"rules": [], "parts": []}
    text = SHOPS.replace('firm.kind == "food" &&', "").replace("Train them", "Teach them")
    stricter = rt.RuleBook.from_sources({"shops.rhai": text})
    changes = rt.diff(shops, stricter, as_of="2026-11-01")
    assert [(rule["rule"], rule["kind"], rule["keys"]) for rule in changes["rules"]] == [
        ("SH-2", "meaning", ["when"]),
        ("SH-3", "words", ["control"]),
    ]
    witness = changes["rules"][0]["witness"]
    tiers = [book.grade_one(witness["firm"], as_of="2026-11-01").tier.value for book in (shops, stricter)]
    assert [witness["before"], witness["after"]] == [["clear", tiers[0]], ["fired", tiers[1]]]
    # SH-1 begins in 2020.
    begun = rt.diff(shops, shops, as_of="2026-11-01", before_as_of="2019-06-01")
    assert {rule["kind"] for rule in begun["rules"]} == {"added"}


def test_registers_in_another_order_are_matched_by_id(shops):
    named = [{**firm, "id": f"{at}"} for at, firm in enumerate(FIRMS)]
    before = shops.grade(named, as_of=AS_OF)
    other = [*named[:0:-1], {"id": "new", "sector": "shops"}]
    both = rt.compare(before, shops.grade(other, as_of=AS_OF))
    assert both.moved.to_dicts() == [] and (both.only_before, both.only_after) == (1, 1)
    with pytest.raises(rt.InputError, match="not every firm has an id"):
        rt.compare(before, shops.grade([{"sector": "shops"}], as_of=AS_OF))
    with pytest.raises(rt.InputError, match="is the id of several firms"):
        rt.compare(before, shops.grade([named[0], named[0]], as_of=AS_OF))


LICENCE = """
role("p", #{ en: "Principal", zh: "负责人" });
sector("shops", #{ name: #{ en: "Shops", zh: "商店" } });
fact("exits", INT, #{ en: "Exits", zh: "出口", min: 0, worse: UP });
fact("until_day", DATE, #{ en: "Last day of the licence", zh: "许可证届满日" });
fn of(id, when, tier) {
    rule(id, #{ risk: #{ en: "r", zh: "险" }, finding: #{ en: "f", zh: "患" }, when: when, tier: tier, cite: own("an example"),
        since: date(2020, 1, 1), control: #{ en: "c", zh: "改" }, owner: "p", days: 7 });
}
of("L-1", |firm| firm.until_day < AS_OF, RED);
of("L-2", |firm| firm.exits < 2, ORANGE);
of("L-3", |firm| firm.exits < 1, YELLOW);
"""


def test_a_book_is_analysed_as_a_whole():
    book = rt.RuleBook.from_sources({"l.rhai": LICENCE})
    assert list(book.check()) == []
    report = book.check("2026-11-01")
    assert [one["code"] for one in report] == ["W108", "W104"]
    worse, covered = report
    assert "worse: UP" in worse["message"] and worse["script"] == "l.rhai"
    changes, tier = worse["witness"]["other"]
    firm = worse["witness"]["firm"]
    assert book.grade_one(firm, as_of="2026-11-01").tier.value == worse["witness"]["tier"]
    assert book.grade_one({**firm, **changes}, as_of="2026-11-01").tier.value == tier
    assert "L-2" in covered["message"] and report.possible == {"until_day": "DOWN"}
    assert report.ok and "for example" in str(report)


@pytest.mark.parametrize("kind", ["records", "arrow"])
def test_a_register_is_looked_ahead(kind):
    book = rt.RuleBook.from_sources({"l.rhai": LICENCE})
    firms = [
        {"id": "a", "sector": "shops", "exits": 3, "until_day": datetime.date(2026, 12, 24)},
        {"id": "b", "sector": "shops", "exits": 1, "until_day": datetime.date(2026, 11, 30)},
        {"id": "c", "sector": "shops", "exits": 3, "until_day": None},
        {"id": "d", "sector": "shops", "exits": 3, "until_day": datetime.date(2027, 12, 24)},
    ]
    frame = firms if kind == "records" else pytest.importorskip("pyarrow").Table.from_pylist(firms)
    ahead = book.forecast(frame, as_of="2026-11-01", days=90)
    assert [(row["id"], str(row["on"]), row["tier_now"], row["from"], row["to"]) for row in ahead.to_dicts()] == [
        ("b", "2026-12-01", "orange", "orange", "red"), ("a", "2026-12-25", "blue", "blue", "red"),
    ]
    assert ahead["because"] == [["until_day 2026-11-30"], ["until_day 2026-12-24"]] and ahead["rules"] == [["L-1"], ["L-1"]]
    assert book.forecast(frame, as_of="2026-11-01", until="2026-12-01")["id"] == ["b"]
    one = book.forecast_one(firms[0], as_of="2026-11-01")
    assert (one["tier"], [change["on"] for change in one["changes"]]) == ("blue", ["2026-12-25"])
    with pytest.raises(rt.InputError, match="at most 3653 days"):
        book.forecast(frame, as_of="2026-11-01", days=9999)
    with pytest.raises(rt.InputError, match="0 or more"):
        book.forecast(frame, as_of="2026-11-01", days=-1)
