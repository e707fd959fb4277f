"""What can go wrong, as exceptions that carry what they know in attributes.

::

    RisktierError
    ├── BookError            the rule scripts have errors: ``diagnostics``, ``script``, ``line``, ``column``, ``code``
    ├── BundleError          a pickled or bundled book that cannot be opened
    └── InputError           what was given cannot be graded (also a ``ValueError``)
        ├── ColumnTypeError  a column of the wrong kind: ``column``, ``fact``, ``expected``, ``found`` (also a ``TypeError``)
        └── UnknownNameError a name that there is not: ``what``, ``name``, ``expected``, ``nearest`` (also a ``LookupError``)

A value that is wrong is no exception: it counts as unknown, never lowers a tier, and stands in ``Grades.errors()``.
"""

from __future__ import annotations

from typing import Any, Optional, Sequence

__all__ = [
    "BookError",
    "BundleError",
    "ColumnTypeError",
    "InputError",
    "OrphanRowsWarning",
    "RisktierError",
    "UnknownColumnWarning",
    "UnknownNameError",
]


class RisktierError(Exception):
    """Every error of this package."""


class BookError(RisktierError):
    """Rule scripts that cannot be loaded.

    ``diagnostics`` are all errors and warnings, as dicts with ``code``, ``severity``, ``script``, ``line``, ``column``,
    ``message``, ``message_zh``, ``help`` and more; ``script``, ``line``, ``column`` and ``code`` are those of the first
    error that has a line.

    >>> import risktier as rt
    >>> try:
    ...     rt.RuleBook.from_sources({"bad.rhai": 'fact("exits", INTEGER);'})
    ... except rt.BookError as error:
    ...     print(error.script, error.line, error.code)
    bad.rhai 1 E042
    """

    def __init__(self, text: str, diagnostics: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(text, diagnostics)
        self.diagnostics: list[dict[str, Any]] = list(diagnostics)
        wrong = [one for one in diagnostics if one["severity"] == "error"]
        # What is said of a whole script, or of all, points nowhere.
        first: dict[str, Any] = next((one for one in wrong if one["line"]), wrong[0] if wrong else {})
        self.script: Optional[str] = first.get("script")
        self.line: Optional[int] = first.get("line")
        self.column: Optional[int] = first.get("column")
        self.code: Optional[str] = first.get("code")

    def __str__(self) -> str:
        return str(self.args[0])


class BundleError(RisktierError):
    """A bundle that is none, or not the one that it says it is."""


class InputError(RisktierError, ValueError):
    """What was given cannot be graded at all."""


class ColumnTypeError(InputError, TypeError):
    """A column that cannot hold its fact, whatever its values are."""

    def __init__(self, column: str, fact: str, expected: str, found: str, hint: str = "") -> None:
        super().__init__(column, fact, expected, found, hint)
        self.column = column
        self.fact = fact
        self.expected = expected
        self.found = found
        self.hint = hint

    def __str__(self) -> str:
        where = f"column `{self.column}`" if self.column == self.fact else f"column `{self.column}` for `{self.fact}`"
        return f"{where} is {self.found}; expected {self.expected}{self.hint}"


class UnknownNameError(InputError, LookupError):
    """A sector, fact, list, column or parameter that there is not."""

    def __init__(self, what: str, name: str, expected: str, nearest: Optional[str] = None) -> None:
        super().__init__(what, name, expected, nearest)
        self.what = what
        self.name = name
        self.expected = expected
        self.nearest = nearest

    def __str__(self) -> str:
        hint = f"; did you mean `{self.nearest}`?" if self.nearest else ""
        return f"no {self.what} `{self.name}`; expected {self.expected}{hint}"


class UnknownColumnWarning(UserWarning):
    """A column that the book has no use for; ``nearest`` is the name that may have been meant."""

    def __init__(self, column: str, nearest: Optional[str] = None, table: Optional[str] = None) -> None:
        super().__init__(column, nearest, table)
        self.column = column
        self.nearest = nearest
        self.table = table

    def __str__(self) -> str:
        where = f" of the table for `{self.table}`" if self.table else ""
        return f"the book does not know the column `{self.column}`{where}, it is passed over; did you mean `{self.nearest}`?"


class OrphanRowsWarning(UserWarning):
    """Rows of a related table that belong to no firm of the register."""

    def __init__(self, table: str, rows: int, ids: Sequence[str] = ()) -> None:
        super().__init__(table, rows, ids)
        self.table = table
        self.rows = rows
        self.ids = list(ids)

    def __str__(self) -> str:
        some = f" ({', '.join(self.ids)}, ...)" if self.ids else ""
        return f"{self.rows} rows of the table for `{self.table}` belong to no firm of the register{some}"
