"""Hazards from one period to the next: new, still open, overdue, closed, reopened."""

from __future__ import annotations

import json
import os
from typing import Any, Optional, Union

from ._grades import Grades
from ._native import Frame, NativeFollowUp

__all__ = ["FollowUp", "follow"]


class FollowUp:
    """Every hazard of before and every one found now, each once, and what has become of it."""

    __slots__ = ("_native",)

    def __init__(self, native: NativeFollowUp) -> None:
        self._native = native

    @property
    def as_of(self) -> str:
        """The grading date."""
        return self._native.as_of

    @property
    def counts(self) -> dict[str, Any]:
        """Hazards, counted: ``by_state``, ``open``, ``open_major``, ``overdue`` (open, and past the deadline) and ``closed_now``."""
        counts: dict[str, Any] = json.loads(self._native.counts_json())
        return counts

    @property
    def firms_without_id(self) -> int:
        """Firms that have no id: what is found there cannot be followed."""
        return self._native.firms_without_id

    @property
    def hazards(self) -> list[dict[str, Any]]:
        """Every hazard as a dict, the most urgent first: ``id``, ``state``, ``first_seen``, ``due``, ``late_days`` and more."""
        return [json.loads(line) for line in self._native.lines()]

    def frame(self, *, lang: str = "en") -> Frame:
        """A row for each hazard: ``item``, ``firm``, ``rule``, ``state``, ``first_seen``, ``due``, ``late_days`` and more; texts in
        a language, ``late_days`` and ``reopened`` empty where they are 0."""
        return self._native.frame(lang)

    def save(self, path: Union[str, os.PathLike[str]]) -> None:
        """Writes a line of JSON for each hazard: what :func:`follow` and ``risktier follow`` take as ``before`` the next time."""
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in self._native.lines())

    def to_excel(self, path: Union[str, os.PathLike[str]], *, lang: str = "en") -> None:
        """Writes a workbook: the counts, and every hazard with filters."""
        self._native.to_excel(os.fspath(path), lang)

    def __len__(self) -> int:
        return len(self._native)

    def __repr__(self) -> str:
        counts = self.counts
        states = ", ".join(f"{count} {state}" for state, count in counts["by_state"].items() if count)
        return f"<FollowUp of {len(self)} hazards as of {self.as_of}: {states or 'none'}>"

    def _repr_html_(self) -> str:
        return self.frame()._repr_html_()


def follow(
    before: Union[FollowUp, str, os.PathLike[str], None], now: Grades, *, name: Optional[str] = None
) -> FollowUp:
    """Follows the hazards of last period up by the grades of this one.

    A hazard is closed only where its rule is clear now. Where the record does not say any more, where the firm is absent, could
    not be graded or names another sector, it stays open, and its time runs on.

    :param before: what this gave last period, or the file that it was saved in; none in the first period.
    :param now: the grades of this period.
    :param name: the column of the register with the firms' names.
    :raises InputError: if ``before`` is of a later day, or no follow-up.

    >>> import risktier as rt
    >>> book = rt.RuleBook.standard()
    >>> firm = {"id": "a", "sector": "fireworks", "building_use_changed": True}
    >>> september = rt.follow(None, book.grade([firm], as_of="2026-09-01"))
    >>> october = rt.follow(september, book.grade([firm | {"building_use_changed": None}], as_of="2026-10-01"))
    >>> [(hazard["id"], hazard["state"], hazard["first_seen"]) for hazard in october.hazards]
    [('a/hazard/FW-07', 'unverified', '2026-09-01')]
    """
    if before is None:
        lines = []
    elif isinstance(before, FollowUp):
        lines = before._native.lines()
    else:
        with open(before, encoding="utf-8") as file:
            lines = file.read().splitlines()
    return FollowUp(now._native.follow(lines, name, now._extra([name])))
