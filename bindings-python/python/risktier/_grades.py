"""The grades of a register, and everything that is made of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Optional, Sequence, Tuple, Union

from . import _html
from ._firm import Explanation, Grade
from ._native import Frame, NativeGrades

if TYPE_CHECKING:
    from ._book import RuleBook
    from ._frames import Register
    from ._plot import Plots

__all__ = ["Grades"]


class Grades:
    """One grade for each row of a register, in its order. What is asked for is made when it is asked for.

    Goes to any library that knows the Arrow PyCapsule interface: ``polars.DataFrame(grades)``, ``pyarrow.table(grades)``.
    """

    __slots__ = ("_native", "_register", "book")

    def __init__(self, native: NativeGrades, register: Register, book: RuleBook) -> None:
        self._native = native
        self._register = register
        #: The book that graded.
        self.book = book

    # As columns

    def frame(self, columns: Optional[Sequence[str]] = None, *, missing: bool = False, lang: str = "en") -> Frame:
        """A row for each firm: ``id``, ``sector`` (that decided), ``tier``, ``best``, ``worst``, ``settled``, ``score``,
        ``score_low``, ``score_high``, ``fired`` and ``undetermined`` (lists of rules), a column for each measure of the book, and
        ``errors`` as text. A firm that could not be graded has no tier.

        :param columns: only these, in this order; without lists of rules, measures and errors it is much faster.
        :param missing: with a column ``missing``, the facts that keep a grade open, the most decisive first; slower.
        :param lang: the language of error texts, ``en`` or ``zh``.
        :raises UnknownNameError: if there is no such column.
        """
        return self._native.export(None if columns is None else list(columns), missing, lang)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.frame().__arrow_c_stream__(requested_schema)

    def to_arrow(self, columns: Optional[Sequence[str]] = None, *, missing: bool = False) -> Any:
        """:meth:`frame` as a pyarrow Table."""
        return self.frame(columns, missing=missing).to_arrow()

    def to_polars(self, columns: Optional[Sequence[str]] = None, *, missing: bool = False) -> Any:
        """:meth:`frame` as a polars DataFrame."""
        return self.frame(columns, missing=missing).to_polars()

    def to_pandas(self, columns: Optional[Sequence[str]] = None, *, missing: bool = False) -> Any:
        """:meth:`frame` as a pandas DataFrame."""
        return self.frame(columns, missing=missing).to_pandas()

    # In numbers

    def __len__(self) -> int:
        return len(self._native)

    @property
    def counts(self) -> dict[str, int]:
        """How many firms have each tier, from blue to red, and how many are ``ungraded``.

        >>> import risktier as rt
        >>> firms = [{"sector": "fireworks", "building_use_changed": True}, {"sector": "nowhere"}]
        >>> rt.RuleBook.standard().grade(firms, as_of="2026-11-01").counts
        {'blue': 0, 'yellow': 0, 'orange': 0, 'red': 1, 'ungraded': 1}
        """
        tiers, ungraded = self._native.counts()
        return {**dict(zip(_html.TIERS, tiers)), "ungraded": ungraded}

    @property
    def identity(self) -> dict[str, str]:
        """What graded: ``book`` (its hash), ``engine`` (its version), ``as_of``. With it, and the same facts, every grade can be
        made again."""
        return dict(zip(("book", "engine", "as_of"), self._native.identity))

    def summary(self) -> Frame:
        """A row for each tier, from blue to red, and one for what could not be graded: ``tier``, ``firms``, ``share`` (of all, from 0
        to 1), ``settled`` (firms whose tier no unknown can change)."""
        return self._native.summary()

    def by(self, *columns: str) -> Frame:
        """Firms by tier for each combination of columns of the register: ``grades.by("sector", "district")``.

        The named columns as texts, then ``firms``, ``blue``, ``yellow``, ``orange``, ``red``, ``ungraded``, ``settled``. ``sector`` is the register's own column; where it has none,
        the sector that decided.

        >>> import risktier as rt
        >>> firms = [{"sector": "fireworks", "building_use_changed": True, "district": "north"}, {"sector": "fireworks"}]
        >>> for row in rt.RuleBook.standard().grade(firms, as_of="2026-11-01").by("district").to_dicts():
        ...     print(row["district"], row["firms"], row["blue"], row["red"])
        None 1 1 0
        north 1 0 1

        :raises UnknownNameError: if the register had no such column, or did not keep it.
        """
        return self._native.by(list(columns), self._extra(columns))

    def _extra(self, columns: Sequence[Optional[str]]) -> Any:
        """Columns that the native part does not hold, as a frame of their own."""
        held = set(self._native.register_columns)
        wanted = [name for name in columns if name is not None and name not in held]
        found = {name: self._register.column(name) for name in wanted}
        frames = {name: frame for name, frame in found.items() if frame is not None}
        if len(frames) <= 1:
            return next(iter(frames.values()), None)
        import pyarrow

        return pyarrow.table({name: pyarrow.table(frame).column(0) for name, frame in frames.items()})

    # Long tables

    def findings(self, *, lang: str = "en", merits: bool = False) -> Frame:
        """A row for each finding: ``row`` (from 0), ``id``, ``sector``, ``rule``, ``tier`` (of a floor), ``points``, ``major``,
        ``finding``, ``control``, ``days``, ``citation``. With ``merits``, the rules that count for the firms instead.

        >>> import risktier as rt
        >>> firms = [{"id": "a", "sector": "fireworks", "building_use_changed": True}]
        >>> row = rt.RuleBook.standard().grade(firms, as_of="2026-11-01").findings().to_dicts()[0]
        >>> row["id"], row["rule"], row["tier"], row["major"]
        ('a', 'FW-07', 'red', True)
        """
        return self._native.findings(lang, merits)

    def undetermined(self, *, lang: str = "en") -> Frame:
        """A row for each rule that a record leaves open: ``row``, ``id``, ``sector``, ``rule``, ``tier``, ``points``, ``major``,
        ``finding`` (if it turns out so), ``waits_for`` (unknown facts)."""
        return self._native.undetermined(lang)

    def missing(self, *, lang: str = "en") -> Frame:
        """The unknown facts that keep grades open, the one that would settle most firms first: ``fact``, ``label``, ``unit``,
        ``settles`` (firms that it settles, however it turns out), ``may_settle`` (that it settles if it turns out one way),
        ``first`` (where it narrows the grade most), ``firms`` (that it keeps open).

        >>> import risktier as rt
        >>> missing = rt.RuleBook.standard().grade([{"sector": "fireworks"}] * 3, as_of="2026-11-01").missing()
        >>> row = next(row for row in missing.to_dicts() if row["fact"] == "fire_equipment_ok")
        >>> row["firms"], row["settles"], row["may_settle"]
        (3, 0, 3)
        """
        return self._native.missing(lang)

    def errors(self, *, lang: str = "en") -> Frame:
        """A row for each thing that is wrong with a record: ``row``, ``id``, ``kind`` (``sector``, ``data`` or ``fault``), ``fact``,
        ``item`` (of a list, from 0), ``value``, ``expected``, ``message``, ``affects`` (rules and measures, of a fault).

        >>> import risktier as rt
        >>> firms = [{"sector": "fireworks", "persons_in_workroom": -1}]
        >>> rt.RuleBook.standard().grade(firms, as_of="2026-11-01").errors()["message"]
        ['`persons_in_workroom` is `-1`; expected 0 or more']
        """
        return self._native.errors(lang)

    def lists(
        self, *, tier: str = "orange", lang: str = "en", name: Optional[str] = None
    ) -> Tuple[Frame, Frame, Frame]:
        """The three lists (三单) of all firms from a tier on: risks, hazards, responsibilities.

        :param tier: the best tier whose firms get lists.
        :param lang: the language of the texts, ``en`` or ``zh``; tiers are always ``blue`` to ``red``.
        :param name: the column of the register with the firms' names.

        >>> import risktier as rt
        >>> firms = [{"id": "a", "sector": "fireworks", "building_use_changed": True}]
        >>> risks, hazards, duties = rt.RuleBook.standard().grade(firms, as_of="2026-11-01").lists()
        >>> hazards["item"][0], duties["item"][0], duties["deadline"][0]
        ('a/hazard/FW-07', 'a/duty/FW-07', datetime.date(2026, 11, 1))
        """
        return self._native.lists(tier, lang, name, self._extra([name]))

    def to_excel(
        self,
        path: Union[str, os.PathLike[str]],
        *,
        tier: str = "orange",
        lang: str = "en",
        name: Optional[str] = None,
    ) -> int:
        """Writes the lists of :meth:`lists` as a workbook: firms by tier, the three lists, and the ways down to better tiers.

        :returns: how many firms are in it.
        """
        return self._native.to_excel(os.fspath(path), tier, lang, name, self._extra([name]))

    # Single firms, and pictures

    def grade(self, row: int) -> Grade:
        """The whole grade of a row, from 0.

        :raises IndexError: if there is no such row.
        :raises InputError: if it could not be graded.
        """
        return Grade.from_json(self._native.grade_json(row))

    def explain(self, row: int) -> Explanation:
        """The grade of a row and why; raises what :meth:`grade` does."""
        return Explanation.from_json(self._native.explain_json(row))

    @property
    def plot(self) -> Plots:
        """Pictures, on matplotlib (``pip install risktier[plot]``): ``tiers()``, ``sectors()``, ``scores()``, ``migration(other)``."""
        from ._plot import Plots

        return Plots(self)

    def __repr__(self) -> str:
        tiers = ", ".join(f"{count} {name}" for name, count in self.counts.items() if count)
        return f"<Grades of {len(self)} firms as of {self.identity['as_of']}: {tiers or 'none'}>"

    def _repr_html_(self) -> str:
        settled, wrong = self._native.totals()
        return _html.grades_html(self.counts, settled, wrong, self.identity)
