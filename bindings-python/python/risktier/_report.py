"""The monthly report of a register that was graded on several days."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, Optional, Union

from ._follow import FollowUp, follow
from ._grades import Grades
from ._html import TIERS
from ._native import Frame, NativeReport

__all__ = ["MonthlyReport", "report"]

_Path = Union[str, os.PathLike[str]]


class MonthlyReport:
    """What became of a register: tiers, who moved and why, hazards, findings, missing facts, early warnings, the safety index."""

    __slots__ = ("_native",)

    def __init__(self, native: NativeReport) -> None:
        self._native = native

    def to_dict(self) -> dict[str, Any]:
        """The whole report, as ``risktier report`` writes it in ``report.json``."""
        whole: dict[str, Any] = json.loads(self._native.json())
        return whole

    @property
    def left_out(self) -> list[dict[str, Any]]:
        """What the report does not say: ``what``, and ``why``, in both languages."""
        left_out: list[dict[str, Any]] = self.to_dict()["left_out"]
        return left_out

    def sentences(self, *, lang: str = "en") -> list[str]:
        """The report in a few sentences."""
        return self._native.sentences(lang)

    def tables(self, *, lang: str = "en") -> dict[str, Frame]:
        """Its tables by name: ``tiers``, ``indicators``, ``migration``, ``new-reds``, ``sectors`` and more. Tables that the periods say
        nothing of are left out."""
        return {name: frame for name, _, _, frame in self._native.tables(lang)}

    def to_html(self, path: Optional[_Path] = None, *, lang: str = "en") -> str:
        """The report as a page that prints well and needs no scripts; writes it to a file if one is named."""
        page = self._native.html(lang)
        if path is not None:
            Path(path).write_text(page, encoding="utf-8", newline="\n")
        return page

    def to_excel(self, path: _Path, *, lang: str = "en") -> None:
        """Writes a workbook with a sheet for each table."""
        self._native.to_excel(os.fspath(path), lang)

    def __repr__(self) -> str:
        return f"<MonthlyReport: {self.sentences()[0]}>"

    def _repr_html_(self) -> str:
        return "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences())


def report(
    periods: Sequence[Grades],
    *,
    follow_ups: Optional[Sequence[FollowUp]] = None,
    forecast: Union[Frame, _Path, None] = None,
    indicators: Optional[_Path] = None,
    name: Optional[str] = None,
    district: Optional[str] = None,
) -> MonthlyReport:
    """Makes the monthly report of a register.

    :param periods: the grades of each period, each of another day; one is enough, and two say who moved.
    :param follow_ups: the follow-up of each period, in the same order; without them the hazards of each period are followed up
        from the one before.
    :param forecast: what :meth:`RuleBook.forecast` gave on the day of the latest period, or a file of ``risktier forecast``; without
        it there are no early warnings.
    :param indicators: a TOML file of the indicators of the safety index, in place of the standard ones
        (``risktier report --print-indicators``).
    :param name: the column of the register with the firms' names.
    :param district: the column of the register with the districts that they lie in.
    :raises InputError: if there is no period, two are of one day, or what belongs to one is of another.

    >>> import risktier as rt
    >>> book = rt.RuleBook.standard()
    >>> firm = {"id": "a", "sector": "fireworks", "building_use_changed": False}
    >>> months = [book.grade([firm], as_of="2026-10-01"), book.grade([firm | {"building_use_changed": True}], as_of="2026-11-01")]
    >>> [(red["firm"], red["from"]) for red in rt.report(months).to_dict()["migration"]["new_reds"]]
    [('a', 'blue')]
    """
    periods = list(periods)
    if follow_ups is not None and len(follow_ups) != len(periods):
        raise ValueError(f"there are {len(follow_ups)} follow-ups; expected one for each of the {len(periods)} periods")
    pairs: list[tuple[Grades, FollowUp]] = []
    if follow_ups is not None:
        pairs = list(zip(periods, follow_ups))
    else:
        before: Optional[FollowUp] = None
        for grades in sorted(periods, key=lambda grades: grades.identity["as_of"]):
            before = follow(before, grades, name=name)
            pairs.append((grades, before))
    native = [
        grades._native.period(name, district, grades._extra([name, district]), found._native) for grades, found in pairs
    ]
    if not pairs:
        raise ValueError("there is no period; expected the grades of at least one day")
    latest = max((grades for grades, _ in pairs), key=lambda grades: grades.identity["as_of"])
    table = None if indicators is None else Path(indicators).read_text(encoding="utf-8")
    return MonthlyReport(NativeReport(native, latest._native, table, _entries(forecast)))


def _entries(forecast: Union[Frame, _Path, None]) -> Optional[str]:
    """The first change of each firm to a worse tier than it has now, else its first change, as JSON."""
    if forecast is None:
        return None
    if not isinstance(forecast, Frame):
        return Path(forecast).read_text(encoding="utf-8")
    firms: dict[int, dict[str, Any]] = {}
    for row in forecast.to_dicts():
        known = firms.setdefault(row["row"], row)
        if not _is_worse(known) and _is_worse(row):
            firms[row["row"]] = row
    return json.dumps(
        [
            {
                "firm": row["id"] if row["id"] is not None else f"#{row['row'] + 1}",
                "sector": row["sector"],
                "tier_now": row["tier_now"],
                "on": row["on"].isoformat(),
                "to": row["to"],
                "because": [*row["rules"], *row["because"]],
            }
            for row in firms.values()
        ]
    )


def _is_worse(change: dict[str, Any]) -> bool:
    return TIERS.index(change["to"]) > TIERS.index(change["tier_now"])
