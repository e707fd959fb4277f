"""What is made of graded registers."""

from __future__ import annotations

import concurrent.futures
import gc
import multiprocessing
import os
import pickle
import threading
import time

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import psutil
import pyarrow as pa
import pytest
from conftest import AS_OF, FIRMS, ROOT

import risktier as rt


@pytest.fixture(scope="module")
def grades(shops):
    return shops.grade([{**firm, "district": place} for firm, place in zip(FIRMS, ["n", "n", "s", "s", None, None])], as_of=AS_OF)


def test_columns(grades):
    frame = grades.frame()
    assert frame.columns == ["id", "sector", "tier", "best", "worst", "settled", "score", "score_low", "score_high", "fired",
                             "undetermined", "errors"]
    assert frame.shape == (6, 12) and len(frame) == 6
    assert frame["tier"] == ["blue", "red", "yellow", None, "orange", None]
    assert frame["best"] == ["blue", "red", "yellow", None, "orange", None]
    assert frame["worst"] == ["blue", "red", "orange", None, "red", None]
    assert frame["settled"] == [True, True, False, None, False, None]
    with pytest.raises(KeyError, match="no column `colour`"):
        frame["colour"]


def test_some_columns_are_those_of_all(grades):
    whole = grades.frame(missing=True)
    for names in (["tier"], ["id", "sector", "tier", "best", "worst", "settled", "score", "score_low", "score_high"],
                  ["errors", "id"], ["missing", "fired", "tier"]):
        some = grades.frame(names, missing="missing" in names)
        assert some.columns == names
        assert all(some[name] == whole[name] for name in names)
    with pytest.raises(rt.UnknownNameError, match="did you mean `tier`"):
        grades.frame(["teir"])


def test_other_libraries_read_grades_and_frames(grades):
    expected = grades.frame().to_dicts()
    assert pl.DataFrame(grades).to_dicts() == expected
    assert pa.table(grades).to_pylist() == expected
    assert grades.to_polars().to_dicts() == expected and grades.to_arrow().to_pylist() == expected
    assert grades.to_pandas()["tier"].fillna("").tolist() == ["blue", "red", "yellow", "", "orange", ""]
    assert isinstance(grades.findings().to_pandas(), pd.DataFrame)
    assert grades.to_polars(["id", "tier"]).columns == ["id", "tier"]
    assert pickle.loads(pickle.dumps(grades.summary())).to_dicts() == grades.summary().to_dicts()
    assert grades.frame().head(2).to_dicts() == expected[:2]


def test_numbers(grades):
    assert grades.summary().to_dicts() == [
        {"tier": "blue", "firms": 1, "share": 1 / 6, "settled": 1},
        {"tier": "yellow", "firms": 1, "share": 1 / 6, "settled": 0},
        {"tier": "orange", "firms": 1, "share": 1 / 6, "settled": 0},
        {"tier": "red", "firms": 1, "share": 1 / 6, "settled": 1},
        {"tier": "ungraded", "firms": 2, "share": 1 / 3, "settled": 0},
    ]
    assert grades.by().to_dicts() == [
        {"firms": 6, "blue": 1, "yellow": 1, "orange": 1, "red": 1, "ungraded": 2, "settled": 2}
    ]
    assert grades.by("district").to_dicts() == [
        {"district": None, "firms": 2, "blue": 0, "yellow": 0, "orange": 1, "red": 0, "ungraded": 1, "settled": 0},
        {"district": "n", "firms": 2, "blue": 1, "yellow": 0, "orange": 0, "red": 1, "ungraded": 0, "settled": 2},
        {"district": "s", "firms": 2, "blue": 0, "yellow": 1, "orange": 0, "red": 0, "ungraded": 1, "settled": 0},
    ]
    both = grades.by("sector", "district").to_dicts()
    assert sum(row["firms"] for row in both) == 6 and ("shop", "s") in {(row["sector"], row["district"]) for row in both}
    with pytest.raises(rt.UnknownNameError, match="no column `distric`"):
        grades.by("distric")


def test_columns_that_were_not_read_can_be_asked_for(shops):
    data = {"sector": ["shops"] * 3, "exits": [1, 4, 4], "district": ["n", "s", "s"], "size": [1, 2, 2]}
    table = pa.table(data)
    import duckdb

    for frame, keep in [(table, ()), (pl.DataFrame(data), ()), (pd.DataFrame(data), ()), (table.to_reader(), ()),
                        (duckdb.from_arrow(table), ("district", "size")), (pl.DataFrame(data).lazy(), ("district", "size"))]:
        grades = shops.grade(frame, as_of=AS_OF, keep=keep)
        assert grades.by("district", "size").to_dicts()[1] == {
            "district": "s", "size": "2", "firms": 2, "blue": 0, "yellow": 2, "orange": 0, "red": 0, "ungraded": 0, "settled": 0,
        } or grades.by("district", "size")["firms"] == [1, 2]
    with pytest.raises(rt.UnknownNameError, match="keep="):
        shops.grade(duckdb.from_arrow(table), as_of=AS_OF).by("district")
    frame = pd.DataFrame(data)
    grades = shops.grade(frame, as_of=AS_OF)
    frame["district"] = "changed"
    assert grades.by("district")["district"] == ["n", "s"], "grades do not follow later changes of a frame"


def test_findings_are_the_rules_that_fired(grades, shops):
    rows = grades.findings().to_dicts()
    assert [(row["row"], row["rule"]) for row in rows] == [
        (row, rule) for row, rules in enumerate(grades.frame()["fired"]) for rule in rules
    ]
    first = rows[1]
    assert first["tier"] == "red" and first["finding"] == "Too few exits" and first["control"] == "Open exits"
    assert rows[0]["points"] == -0.1 and rows[0]["tier"] is None
    assert grades.findings(lang="zh").to_dicts()[1]["finding"] == "出口不足"
    assert grades.findings(merits=True).to_dicts() == []
    for row in rows:
        explained = next(rule for rule in grades.explain(row["row"]).sectors[0].rules if rule.rule == row["rule"])
        assert (explained.points, explained.finding.en) == (row["points"], row["finding"])
    with pytest.raises(ValueError, match="lang is `fr`"):
        grades.findings(lang="fr")


def test_open_rules_and_what_would_settle_them(grades):
    rows = grades.undetermined().to_dicts()
    assert [(row["row"], row["rule"], row["waits_for"]) for row in rows] == [
        (2, "SH-2", ["goods", "kind"]), (2, "SH-5", ["area"]), (4, "SH-1", ["exits"])
    ]
    missing = grades.missing().to_dicts()
    assert missing[0] == {"fact": "exits", "label": "Exits", "unit": "exits", "settles": 1, "may_settle": 1, "first": 1, "firms": 1}
    for row in (2, 4):
        for one in grades.grade(row).missing:
            assert one.fact in [entry["fact"] for entry in missing]
    assert grades.missing(lang="zh")["label"][0] == "出口"


def test_missing_facts_do_what_the_table_says(shops):
    """A fact that settles does so both ways; checked by grading with both values."""
    firms = [{"sector": "shops", "exits": None, "trained": True, "area": 0.0, "kind": "other", "licence_until": "2030-01-01", "goods": []}]
    row = shops.grade(firms, as_of=AS_OF).missing().to_dicts()[0]
    assert (row["fact"], row["settles"]) == ("exits", 1)
    for exits in (0, 9):
        assert shops.grade([{**firms[0], "exits": exits}], as_of=AS_OF).frame()["settled"] == [True]


def test_errors(grades):
    rows = grades.errors().to_dicts()
    assert [(row["row"], row["kind"], row["fact"], row["value"]) for row in rows] == [
        (3, "sector", None, None), (4, "data", "exits", "-3"), (5, "sector", None, None)
    ]
    assert "did you mean `shops`?" in rows[0]["message"]
    assert "应为" in grades.errors(lang="zh")["message"][1]


def test_faults_are_errors_with_the_rules_that_they_leave_open(standard):
    script = standard.sources
    assert script
    book = rt.RuleBook.from_sources({"f.rhai": """
        role("p", #{ en: "P", zh: "P" });
        sector("s", #{ name: #{ en: "S", zh: "S" } });
        fact("n", INT, #{ en: "N", zh: "N", unit: "count" });
        rule("S-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "f", zh: "f" }, when: |firm| 10 / firm.n > 3, tier: RED,
            cite: own("an example"), since: date(2020, 1, 1), control: #{ en: "c", zh: "c" }, owner: "p", days: 0 });
    """})
    grades = book.grade([{"sector": "s", "n": 0}, {"sector": "s", "n": 1}], as_of=AS_OF)
    assert [(row["row"], row["kind"], row["affects"]) for row in grades.errors().to_dicts()] == [(0, "fault", ["S-1"])]
    assert grades.frame()["worst"] == ["red", "red"]
    fault = grades.grade(0).sectors[0].faults[0]
    assert (fault.kind, fault.site.script) == ("division_by_zero", "f.rhai")


def test_lists_and_workbook(grades, tmp_path):
    risks, hazards, duties = grades.lists(tier="yellow")
    assert risks["firm"].count("b") == 5 and set(hazards["firm"]) == {"b", "c", "e"}
    assert hazards.columns[:3] == ["item", "firm", "name"]
    assert "deadline" in duties.columns and any(duties["deadline"])
    only_red = grades.lists(tier="red", lang="zh", name="district")
    assert set(only_red[1]["firm"]) == {"b"} and set(only_red[1]["name"]) == {"n"} and "出口不足" in only_red[1]["finding"]
    assert set(only_red[0]["tier"]) <= {"red", "orange", "yellow", None}
    path = tmp_path / "lists.xlsx"
    assert grades.to_excel(path, tier="yellow", name="district") == 3
    sheets = openpyxl.load_workbook(path)
    firms = [[cell.value for cell in row] for row in sheets.worksheets[0].iter_rows()]
    assert {row[0] for row in firms} >= {"b", "c", "e"}
    assert sum(sheet.max_row - 1 for sheet in sheets.worksheets[1:2]) == len(risks)
    with pytest.raises(ValueError, match="expected `blue`, `yellow`"):
        grades.lists(tier="green")
    with pytest.raises(OSError):
        grades.to_excel(tmp_path / "no" / "such" / "folder.xlsx")


def test_single_rows(grades, shops):
    assert grades.grade(1).to_dict() == shops.grade_one(FIRMS[1], as_of=AS_OF).to_dict()
    assert grades.explain(1).to_dict() == shops.explain(FIRMS[1], as_of=AS_OF).to_dict()
    with pytest.raises(IndexError, match="row 6; there are 6 rows"):
        grades.grade(6)
    with pytest.raises(rt.UnknownNameError):
        grades.grade(3)


def test_how_it_looks(grades):
    assert repr(grades) == "<Grades of 6 firms as of 2026-11-01: 1 blue, 1 yellow, 1 orange, 1 red, 2 ungraded>"
    html = grades._repr_html_()
    assert all(colour in html for colour in ("#1f5fa8", "#ffd84a", "#f28c28", "#c62828")) and "2026-11-01" in html
    table = grades.frame()._repr_html_()
    assert table.count("<tr>") == 7 and ">red</span>" in table
    assert "Frame: 6 rows, 12 columns" in repr(grades.frame())
    hostile = rt.Frame(pa.table({"<b>": ["<script>alert(1)</script>"]}))
    assert "<script>" not in hostile._repr_html_() and "<b>" not in hostile._repr_html_()


# A million rows, threads, memory


@pytest.fixture(scope="module")
def workload():
    script = (ROOT / "core/benches/workload.rhai").read_text(encoding="utf-8")
    return rt.RuleBook.from_sources({"workload.rhai": script})


@pytest.fixture(scope="module")
def million():
    random = np.random.default_rng(1)
    count = 1_000_000
    return pa.table({
        "id": np.arange(count), "employees": random.integers(1, 500, count), "hazard_level": random.integers(0, 5, count),
        "major_hazards": random.poisson(0.03, count), "license_valid": random.random(count) > 0.02,
        "q_ratio": random.random(count) * 2, "training_rate": random.random(count), "insured": random.random(count) > 0.3,
    })


def test_a_million_rows(workload, million):
    grades = workload.grade(million, as_of=AS_OF, sector="benchmark")
    assert len(grades) == 1_000_000 and sum(grades.counts.values()) == 1_000_000
    tiers = grades.to_arrow(["id", "tier"])
    red = ((million["hazard_level"].to_numpy() == 1) | (million["major_hazards"].to_numpy() >= 1)
           | (~million["license_valid"].to_numpy() & (million["employees"].to_numpy() > 10)))
    assert grades.counts["red"] == int(red.sum())
    assert (tiers["tier"].to_numpy(zero_copy_only=False)[red] == "red").all()
    assert tiers["id"].to_pylist()[:3] == ["0", "1", "2"]


def test_threads_give_the_same(workload, million):
    part = million.slice(0, 100_000)
    expected = workload.grade(part, as_of=AS_OF, sector="benchmark", threads=1).to_arrow()
    for threads in (2, 3, None):
        assert workload.grade(part, as_of=AS_OF, sector="benchmark", threads=threads).to_arrow().equals(expected)
    with pytest.raises(ValueError, match="threads is 0"):
        workload.grade(part, as_of=AS_OF, sector="benchmark", threads=0)


def test_one_book_in_many_threads(workload, million):
    part = million.slice(0, 20_000)
    expected = workload.grade(part, as_of=AS_OF, sector="benchmark").counts
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: workload.grade(part, as_of=AS_OF, sector="benchmark").counts, range(40)))
    assert results == [expected] * 40


def _in_child(book, table, queue):
    queue.put(book.grade(table, as_of=AS_OF, sector="benchmark").counts)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_forked_process_has_threads_of_its_own(workload, million):
    part = million.slice(0, 100_000)
    expected = workload.grade(part, as_of=AS_OF, sector="benchmark").counts
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_child, args=(workload, part, queue))
    child.start()
    assert queue.get(timeout=60) == expected
    child.join(60)
    assert child.exitcode == 0


def test_the_interpreter_goes_on_while_a_register_is_graded(workload, million):
    done = threading.Event()
    longest = 0.0

    def work():
        # The findings of a million firms take long enough to see.
        workload.grade(million.slice(0, 300_000), as_of=AS_OF, sector="benchmark", threads=1).findings()
        done.set()

    started = time.perf_counter()
    worker = threading.Thread(target=work)
    worker.start()
    last = started
    while not done.is_set():
        time.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    worker.join()
    took = time.perf_counter() - started
    assert longest < max(0.25, took / 3), f"another thread stood still for {longest:.3f} of {took:.3f} seconds"


def test_nothing_leaks(shops):
    table = pa.concat_tables([pa.Table.from_pylist(FIRMS)] * 2000)

    def once():
        grades = shops.grade(table, as_of=AS_OF)
        pa.table(grades.frame(["tier"]))
        grades.findings()
        shops.explain(FIRMS[1], as_of=AS_OF)
        shops.grade(FIRMS, as_of=AS_OF)

    # An allocator keeps what it once had, so the first rounds grow; a leak goes on: a register left behind each time would be
    # a hundred times a megabyte or more in every hundred rounds.
    process, grown = psutil.Process(), []
    for _ in range(40):
        once()
    gc.collect()
    arrow = pa.total_allocated_bytes()
    for _ in range(3):
        before = process.memory_info().rss
        for _ in range(100):
            once()
        gc.collect()
        grown.append((process.memory_info().rss - before) / 2**20)
    assert min(grown) < 16, f"{grown} MB more after each hundred rounds"
    assert pa.total_allocated_bytes() <= arrow + 2**20


def test_capsules_that_nobody_reads_are_freed(shops):
    grades = shops.grade([{"sector": "shops"}] * 50_000, as_of=AS_OF)
    frame = grades.frame(["tier", "sector"])
    process = psutil.Process()
    for _ in range(20):
        frame.__arrow_c_stream__()
    before = process.memory_info().rss
    for _ in range(500):
        frame.__arrow_c_stream__()
        grades.frame(["tier"]).__arrow_c_stream__()
    assert process.memory_info().rss - before < 40 * 2**20
