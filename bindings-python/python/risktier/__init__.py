"""risktier: grades enterprises by safety risk from written rules, into red, orange, yellow and blue, with reasons.

>>> import risktier as rt
>>> book = rt.RuleBook.standard()
>>> firms = [{"id": "a", "sector": "fireworks", "building_use_changed": True}]
>>> grades = book.grade(firms, as_of="2026-11-01")
>>> grades.findings().to_dicts()[0]["rule"]
'FW-07'

Frames of pyarrow, polars, pandas and duckdb go in without a copy where their format allows it; every table that comes out
is a :class:`Frame`, which any of them reads. See :class:`RuleBook`, :class:`Grades`, :func:`compare`, :func:`diff`,
:func:`follow`, :func:`report`, and ``risktier.spark`` for registers of a cluster.
"""

from ._book import CheckReport, RuleBook, TestReport, check_sources
from ._compare import Comparison, compare, diff
from ._firm import (
    Explanation,
    FirmLists,
    Grade,
    SectorWayDown,
    Tier,
)
from ._follow import FollowUp, follow
from ._grades import Grades
from ._native import ENGINE_VERSION, Frame
from ._report import MonthlyReport, report
from .errors import (
    BookError,
    BundleError,
    ColumnTypeError,
    InputError,
    OrphanRowsWarning,
    RisktierError,
    UnknownColumnWarning,
    UnknownNameError,
)

__version__ = ENGINE_VERSION

__all__ = [
    "ENGINE_VERSION",
    "BookError",
    "BundleError",
    "CheckReport",
    "ColumnTypeError",
    "Comparison",
    "Explanation",
    "FirmLists",
    "FollowUp",
    "Frame",
    "Grade",
    "Grades",
    "InputError",
    "MonthlyReport",
    "OrphanRowsWarning",
    "RisktierError",
    "RuleBook",
    "SectorWayDown",
    "TestReport",
    "Tier",
    "UnknownColumnWarning",
    "UnknownNameError",
    "__version__",
    "check_sources",
    "compare",
    "diff",
    "follow",
    "report",
]
