"""How the package is used, with types: checked by mypy and pyright, not run."""

from __future__ import annotations

import datetime
from typing import Any, Optional

import risktier as rt
import risktier.spark


def one_firm(book: rt.RuleBook, facts: dict[str, Any]) -> tuple[rt.Tier, Optional[str], list[str]]:
    grade: rt.Grade = book.grade_one(facts, as_of=datetime.date(2026, 11, 1))
    why: rt.Explanation = book.explain(facts, as_of="2026-11-01")
    lists: rt.FirmLists = book.lists(facts, as_of="2026-11-01", name="A")
    ways: list[rt.SectorWayDown] = book.way_down(facts, as_of="2026-11-01")
    worst: rt.Tier = max(sector.tier for sector in grade.sectors)
    reason: Optional[str] = why.sectors[0].rules[0].cite[0].reason
    due: Optional[datetime.date] = lists.duties[0].deadline
    assert due is not None and due.year > 2000
    return worst, reason, ways[0].way_down[0].ways[0].close


def register(book: rt.RuleBook, frame: object) -> dict[str, int]:
    grades: rt.Grades = book.grade(
        frame,
        as_of="2026-11-01",
        lists={"inventory": frame},
        column_map={"employees": "staff", "dist_m": {"column": "km", "from": "km"}},
        threads=1,
    )
    table: rt.Frame = grades.findings(lang="zh")
    names: list[str] = table.columns
    rows: list[dict[str, Any]] = table.to_dicts()
    moves: rt.Comparison = rt.compare(grades, book.with_parameters(least=3).grade(frame, as_of="2027-01-01"))
    assert names and rows and len(moves.moved) + grades.to_excel("lists.xlsx") > 0
    return grades.counts


def months(grades: list[rt.Grades], ahead: rt.Frame) -> dict[str, rt.Frame]:
    report: rt.MonthlyReport = rt.report(grades, forecast=ahead, district="district")
    left_out: list[dict[str, Any]] = report.left_out
    page: str = report.to_html(lang="zh")
    report.to_excel("report.xlsx")
    assert page and left_out
    return report.tables()


def mistakes(text: str) -> list[Optional[int]]:
    try:
        rt.RuleBook.from_sources({"a.rhai": text})
    except rt.BookError as error:
        return [error.line, error.column, *(one["line"] for one in error.diagnostics)]
    except rt.ColumnTypeError as error:
        raise ValueError(error.fact + error.expected) from error
    return []


def cluster(frame: Any, book: rt.RuleBook) -> Any:
    return risktier.spark.grade(frame, book, as_of="2026-11-01", keep=["district"])
