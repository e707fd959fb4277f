"""What changed: two gradings of one register side by side, and the rules of two books, or of two days."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Optional

from ._frames import as_day
from ._grades import Grades
from ._native import Frame

if TYPE_CHECKING:
    from ._book import Day, RuleBook

__all__ = ["Comparison", "compare", "diff"]


class Comparison:
    """What came of a register when it was graded twice."""

    __slots__ = ("after", "before", "matrix", "moved", "only_after", "only_before")

    def __init__(self, before: Grades, after: Grades) -> None:
        self.before = before
        self.after = after
        matrix, moved, (only_before, only_after) = before._native.compare(after._native)
        #: A row for each tier ``before``, a column for each tier after, with ``ungraded`` in both.
        self.matrix: Frame = matrix
        #: A row for each firm whose tier is another: ``row``, ``row_after``, ``id``, ``sector``, ``before``, ``after``,
        #: ``direction`` (``worse`` or ``better``), ``score_before``, ``score_after``, ``fires_now`` and ``no_longer`` (rules that fire
        #: on one side only).
        self.moved: Frame = moved
        #: Firms that only one of the two registers has.
        self.only_before: int = only_before
        self.only_after: int = only_after

    def by_rule(self) -> dict[str, dict[str, int]]:
        """For each rule that fires on one side only: how many firms that moved have it, ``worse`` and ``better``."""
        counts: dict[str, dict[str, int]] = {}
        for row in self.moved.to_dicts():
            for rule in {*row["fires_now"], *row["no_longer"]}:
                count = counts.setdefault(rule, {"worse": 0, "better": 0})
                if row["direction"] is not None:
                    count[row["direction"]] += 1
        return dict(sorted(counts.items(), key=lambda item: (-sum(item[1].values()), item[0])))

    def __repr__(self) -> str:
        directions = self.moved["direction"]
        worse, better = directions.count("worse"), directions.count("better")
        return f"<Comparison: {len(self.before)} firms, {worse} worse, {better} better>"

    def _repr_html_(self) -> str:
        return f"<p>{len(self.moved)} of {len(self.before)} firms moved</p>{self.matrix._repr_html_()}"


def compare(before: Grades, after: Grades) -> Comparison:
    """Compares two gradings of the same register, by two books or on two days.

    Firms are matched by row where the registers have the same ids in the same order, else by id.

    :raises InputError: if the registers differ and a firm has no id of its own.

    >>> import risktier as rt
    >>> firms = [{"id": "a", "sector": "fireworks", "building_use_changed": True}]
    >>> book = rt.RuleBook.standard()
    >>> both = rt.compare(book.grade(firms, as_of="2010-01-01"), book.grade(firms, as_of="2026-11-01"))
    >>> both.moved.to_dicts()[0]["after"], both.by_rule()
    ('red', {'FW-07': {'worse': 1, 'better': 0}})
    """
    return Comparison(before, after)


def diff(before: RuleBook, after: RuleBook, *, as_of: Day, before_as_of: Optional[Day] = None) -> dict[str, Any]:
    """What changed over the rules from one book to another, or from one day to another.

    ``rules``: those that changed, with their ``kind``: ``added``, ``removed``, ``meaning`` (some firm sees it come out otherwise; a
    ``witness`` shows one, graded by both books), ``words`` (proved to mean the same), or ``undecided``; and the ``keys`` of the
    declaration that say something else. ``parts``: facts, tables, parameters and whatever else was added, removed or changed.

    :param as_of: the day on which the rules after are in force.
    :param before_as_of: the day of those before; the same if it is not given.

    >>> import risktier as rt
    >>> book = rt.RuleBook.standard()
    >>> changes = rt.diff(book, book.with_parameters(training_floor_rate=95.0), as_of="2026-11-01")
    >>> [(part["what"], part["name"]) for part in changes["parts"]]
    [('parameter', 'training_floor_rate')]
    """
    day = as_day(as_of)
    old = before._native.grader(day if before_as_of is None else as_day(before_as_of))
    changes: dict[str, Any] = json.loads(old.changes_json(after._native.grader(day)))
    changes["rules"] = [rule for rule in changes["rules"] if rule["kind"] != "same"]
    return changes
