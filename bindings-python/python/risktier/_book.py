"""The rule book: loads scripts, checks and tests them, and grades firms by them."""

from __future__ import annotations

import datetime
import json
import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional, Union

from ._firm import Explanation, FirmLists, Grade, SectorWayDown
from ._frames import Register, as_day, as_json
from ._grades import Grades
from ._native import Frame, NativeBook, NativeGrader
from .errors import InputError, OrphanRowsWarning, UnknownColumnWarning

__all__ = ["CheckReport", "RuleBook", "TestReport"]

Day = Union[datetime.date, str]
#: A column, or how it is read: ``{"column": "kg", "from": "kg"}``.
ColumnMap = Mapping[str, Union[str, Mapping[str, Any]]]


class CheckReport(list[dict[str, Any]]):
    """What is wrong or odd in rule scripts: a list of dicts with ``code``, ``severity``, ``script``, ``line``, ``column``,
    ``message``, ``message_zh``, ``expected``, ``help``, ``source_line`` and ``text``, the whole as it is printed; and ``witness``, a firm
    that shows it: its ``firm`` (facts), its ``tier``, and, where two firms are compared, ``other`` (changed facts and tier)."""

    def __init__(
        self, diagnostics: Iterable[dict[str, Any]] = (), directions: Optional[Mapping[str, Any]] = None
    ) -> None:
        super().__init__(diagnostics)
        directions = directions or {"proved": [], "undecided": [], "possible": []}
        #: Facts whose declared direction (``worse``) is proved: no firm's tier gets better when they get worse.
        self.proved: list[str] = directions["proved"]
        #: Facts with a declared direction that was neither proved nor refuted.
        self.undecided: list[str] = directions["undecided"]
        #: Facts that declare no direction and have one, with it: ``UP``, ``DOWN``, ``TRUE`` or ``FALSE``.
        self.possible: dict[str, str] = dict(directions["possible"])

    @property
    def ok(self) -> bool:
        """True if the scripts can be used."""
        return not any(one["severity"] == "error" for one in self)

    def __str__(self) -> str:
        return "\n".join(str(one["text"]) for one in self) or "no errors and no warnings"


class TestReport:
    """What came of the examples beside the rules."""

    __test__ = False  # for pytest: this is no test of its own

    def __init__(
        self,
        cases: list[dict[str, Any]],
        coverage: Optional[dict[str, Any]] = None,
        mutation: Optional[dict[str, Any]] = None,
        suggestions: Optional[list[dict[str, Any]]] = None,
    ) -> None:
        #: Every case: ``file``, ``name``, ``facts`` (JSON), ``wanted``, and ``came`` (none if the case holds).
        self.cases = cases
        #: If asked for: ``percent`` of the atomic conditions that the cases show to decide (masking MC/DC), and ``rules``,
        #: each with its ``atoms``.
        self.coverage = coverage
        #: If asked for: ``percent`` of the small mistakes in the rules that the cases notice, and ``subjects``, each with the
        #: mistakes that ``survived``.
        self.mutation = mutation
        #: If asked for: the cases that are missing, each with its ``file``, ``rule`` and the ``examples`` to add.
        self.suggestions = suggestions

    @property
    def failed(self) -> list[dict[str, Any]]:
        """The cases that do not hold."""
        return [case for case in self.cases if case["came"] is not None]

    @property
    def passed(self) -> int:
        """How many cases hold."""
        return len(self.cases) - len(self.failed)

    @property
    def ok(self) -> bool:
        """True if all cases hold."""
        return not self.failed

    def __repr__(self) -> str:
        lines = [f"{self.passed} passed, {len(self.failed)} failed"]
        lines += [
            f"{case['file']}: {case['name']}: wanted {case['wanted']}, came {case['came']}, with {case['facts']}"
            for case in self.failed[:20]
        ]
        return "\n".join(lines)


class RuleBook:
    """Rules, loaded and checked: immutable, equal by hash, picklable, and free to cross threads.

    >>> import risktier as rt
    >>> book = rt.RuleBook.standard()
    >>> grade = book.grade_one({"sector": "fireworks", "building_use_changed": True}, as_of="2026-11-01")
    >>> grade.tier, grade.sectors[0].fired[0].rule
    (<Tier.RED: 'red'>, 'FW-07')
    """

    __slots__ = ("_examples", "_native", "_parameters")

    _native: NativeBook
    _examples: dict[str, str]

    def __init__(self) -> None:
        raise TypeError("use RuleBook.standard(), RuleBook.from_dir(...) or RuleBook.from_sources(...)")

    @classmethod
    def _of(cls, native: NativeBook, examples: Mapping[str, str]) -> RuleBook:
        book = cls.__new__(cls)
        book._native = native
        book._examples = dict(examples)
        return book

    @classmethod
    def standard(cls) -> RuleBook:
        """The standard book: forty sectors, with their citations and examples."""
        return cls._of(NativeBook.standard(), NativeBook.standard_examples())

    @classmethod
    def from_sources(cls, sources: Mapping[str, str], *, examples: Optional[Mapping[str, str]] = None) -> RuleBook:
        """A book from scripts in memory, by name; ``examples`` are texts of ``*.examples.json`` for :meth:`test`.

        :raises BookError: with every error and warning, if there is an error.
        """
        return cls._of(NativeBook(dict(sources), []), examples or {})

    @classmethod
    def from_dir(cls, folder: Union[str, os.PathLike[str]], *, standard: bool = False) -> RuleBook:
        """A book from the ``*.rhai`` scripts of a folder and its subfolders, with the examples beside them.

        With ``standard`` they come on top of the standard book; a script of the same name takes the place of its own.

        :raises BookError: with every error and warning, if there is an error.
        :raises FileNotFoundError: if there is no script.
        """
        root = Path(folder)

        def read(ending: str) -> dict[str, str]:
            files = sorted(path for path in root.rglob(f"*{ending}") if path.is_file())
            return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in files}

        sources = read(".rhai")
        if not sources:
            raise FileNotFoundError(f"{root}: no script there; expected files that end in .rhai")
        examples = read(".examples.json")
        if standard:
            sources = {**NativeBook.standard_sources(), **sources}
            examples = {**NativeBook.standard_examples(), **examples}
        return cls._of(NativeBook(sources, []), examples)

    @classmethod
    def from_bundle(cls, text: str) -> RuleBook:
        """Opens what :meth:`to_bundle` wrote.

        :raises BundleError: if it is no bundle, or not the one that it says it is.
        """
        return cls._of(NativeBook.from_bundle(text), {})

    def to_bundle(self) -> str:
        """The scripts and overrides as one JSON text. Equal books give equal texts.

        >>> import risktier as rt
        >>> book = rt.RuleBook.standard()
        >>> rt.RuleBook.from_bundle(book.to_bundle()) == book
        True
        """
        return self._native.to_bundle()

    def __reduce__(self) -> Any:
        return (_unpickle, (self.to_bundle(), self._examples))

    def __eq__(self, other: object) -> bool:
        return self.hash == other.hash if isinstance(other, RuleBook) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.hash)

    def __repr__(self) -> str:
        return f"<RuleBook {self.hash[:12]}: {len(self.sectors)} sectors, {len(set(self.rules['rule']))} rules>"

    # What is in it

    @property
    def hash(self) -> str:
        """SHA-256 of the scripts, the overrides and the version of the rule language, in hexadecimal."""
        return self._native.hash

    @property
    def sources(self) -> dict[str, str]:
        """The scripts, by name."""
        return self._native.sources()

    @property
    def rules(self) -> Frame:
        """A row for each rule and sector that has it: ``rule``, ``sector``, ``tier`` (of a floor), ``item`` and ``points`` (of a
        rule of the score), ``condition`` as written, ``citation``, ``since``, ``until`` and more; texts in English."""
        return self.rules_frame()

    def rules_frame(self, *, lang: str = "en") -> Frame:
        """:attr:`rules` with texts in a language, ``en`` or ``zh``."""
        return self._native.rules(lang)

    @property
    def sectors(self) -> Frame:
        """A row for each sector: ``sector``, ``name``, ``key_field``, ``codes``, ``rules`` (how many), ``scored``."""
        return self._native.sectors("en")

    @property
    def parameters(self) -> Frame:
        """A row for each parameter and day from which a value holds: ``parameter``, ``type``, ``label``, ``unit``, ``since``,
        ``value`` (as text), ``overridden``."""
        return self._native.parameters("en")

    def facts(self, sector: Optional[str] = None, *, as_of: Optional[Day] = None, lang: str = "en") -> Frame:
        """The facts that a sector's rules read on a day, or all: ``fact`` (fields of lists as ``list.field``), ``type``,
        ``label``, ``unit``, ``min``, ``max``, ``one_of``, ``absent``.

        >>> import risktier as rt
        >>> facts = rt.RuleBook.standard().facts("fireworks", as_of="2026-11-01")
        >>> "persons_in_workroom" in facts["fact"]
        True

        :raises UnknownNameError: if there is no such sector.
        :raises TypeError: if a sector is given without a day: which rules it has depends on it.
        """
        if sector is not None and as_of is None:
            raise TypeError("facts of a sector depend on the day; expected as_of with it")
        return self._native.grader(as_day(as_of or "9999-12-31")).facts(sector, lang)

    # Work on rules

    def check(self, as_of: Optional[Day] = None) -> CheckReport:
        """What is odd in the scripts, though the book can be used. (A book with errors cannot be made: see
        :class:`BookError`, or :func:`risktier.check_sources`, which only reports.)

        With a day, the rules in force on it are analysed as a whole: conditions that no firm or every firm meets, rules that say
        nothing that others do not say, points and bands without effect, facts that get worse and make a tier better, gaps in tables and
        between versions. Everything that is reported is proved, and shown by a firm where a firm can show it.

        >>> import risktier as rt
        >>> report = rt.RuleBook.standard().check("2026-11-01")
        >>> len(report), "exits_blocked" in report.undecided
        (0, False)
        """
        warnings_ = self._native.warnings()
        if as_of is None:
            return CheckReport(warnings_)
        findings, directions = self._native.analysis(as_day(as_of))
        return CheckReport([*warnings_, *findings], json.loads(directions))

    def test(
        self,
        examples: Optional[Mapping[str, str]] = None,
        *,
        coverage: bool = False,
        mutants: bool = False,
        suggest: bool = False,
    ) -> TestReport:
        """Runs the examples beside the rules, or others: texts of ``*.examples.json`` by name.

        With ``coverage`` the report says which atomic conditions the examples show to decide, with ``mutants`` which small
        mistakes in the rules they would notice, with ``suggest`` which cases are missing.

        >>> import risktier as rt
        >>> report = rt.RuleBook.standard().test(mutants=True)
        >>> report.ok, report.mutation["percent"] >= 95.0
        (True, True)
        """
        files = dict(self._examples if examples is None else examples)
        report = json.loads(self._native.run_examples(files))
        return TestReport(
            report["cases"],
            json.loads(self._native.coverage(files)) if coverage else None,
            json.loads(self._native.mutation(files)) if mutants else None,
            json.loads(self._native.suggest_examples(files)) if suggest else None,
        )

    def with_parameters(self, values: Optional[Mapping[str, Any]] = None, **named: Any) -> RuleBook:
        """A book with other values of parameters: ``name=value`` from the first day on, or ``name={day: value, ...}``.

        Overrides that this book has already stay, unless they are given anew.

        >>> import risktier as rt
        >>> book = rt.RuleBook.standard()
        >>> strict = book.with_parameters(training_floor_rate=95.0)
        >>> firm = {"sector": "fireworks", "employees": 100, "employees_trained": 90}
        >>> book.grade_one(firm, as_of="2026-11-01").tier, strict.grade_one(firm, as_of="2026-11-01").tier
        (<Tier.YELLOW: 'yellow'>, <Tier.ORANGE: 'orange'>)

        :raises UnknownNameError: if there is no such parameter.
        :raises ValueError: if a value is not of its type.
        """
        given: dict[str, Any] = {**(values or {}), **named}
        rows: list[tuple[str, str, Any]] = []
        kept = json.loads(self.to_bundle()).get("parameters", {})
        readers: dict[str, Callable[[str], Any]] = {"bool": "true".__eq__, "int": int, "float": float}
        for name, before in kept.items():
            if name not in given:
                rows += [(name, one["since"], readers.get(one["type"], str)(one["value"])) for one in before]
        for name, value in given.items():
            by_day: Mapping[Day, Any] = value if isinstance(value, Mapping) else {"0001-01-01": value}
            rows += [(name, as_day(day), one) for day, one in by_day.items()]
        return RuleBook._of(NativeBook(self.sources, rows), self._examples)

    # One firm

    def grade_one(self, firm: Mapping[str, Any], *, as_of: Day) -> Grade:
        """The grade of one firm.

        :param firm: facts by name, ``sector`` (an id, or a list of them), and if you like ``id``; lists as lists of dicts.
            None and absent are unknown; days are dates or texts.
        :param as_of: the grading date.
        :raises UnknownNameError: if the book has no such sector.
        :raises InputError: if the firm names none.
        """
        return Grade.from_json(self._native.grader(as_day(as_of)).grade_json(as_json(firm)))

    def explain(self, firm: Mapping[str, Any], *, as_of: Day) -> Explanation:
        """The grade of one firm and why: every rule with its outcome, the values that it read, and where it comes from.

        Takes and raises what :meth:`grade_one` does.

        >>> import risktier as rt
        >>> book = rt.RuleBook.standard()
        >>> why = book.explain(
        ...     {"sector": "fireworks", "fireworks_activity": "production", "persons_in_workroom": 9, "approved_persons": 6},
        ...     as_of="2026-11-01",
        ... )
        >>> rule = next(rule for rule in why.sectors[0].rules if rule.rule == "FW-03")
        >>> rule.outcome, [(read.fact, read.value) for read in rule.read][:2]
        ('fired', [('persons_in_workroom', 9), ('approved_persons', 6)])
        """
        return Explanation.from_json(self._native.grader(as_day(as_of)).explain_json(as_json(firm)))

    def lists(self, firm: Mapping[str, Any], *, as_of: Day, name: Optional[str] = None) -> FirmLists:
        """The three lists of one firm: risks, hazards, and who does what by when. ``name`` is printed on them.

        Takes and raises what :meth:`grade_one` does.
        """
        return FirmLists.from_json(self._native.grader(as_day(as_of)).lists_json(as_json(firm), name))

    def lists_html(self, firm: Mapping[str, Any], *, as_of: Day, name: Optional[str] = None, lang: str = "en") -> str:
        """The three lists of one firm as a page to print."""
        return self._native.grader(as_day(as_of)).lists_html(as_json(firm), name, lang)

    def way_down(self, firm: Mapping[str, Any], *, as_of: Day) -> list[SectorWayDown]:
        """What it takes for one firm to come to each better tier, by sector.

        Takes and raises what :meth:`grade_one` does.

        >>> import risktier as rt
        >>> firm = {"sector": "fireworks", "building_use_changed": True}
        >>> ways = rt.RuleBook.standard().way_down(firm, as_of="2026-11-01")
        >>> ways[0].tier, ways[0].way_down[0].ways[0].close
        (<Tier.RED: 'red'>, ['FW-07'])
        """
        why = self.explain(firm, as_of=as_of).to_dict()
        tiers = {one["sector"]: one["tier"] for one in why["grade"]["sectors"]}
        return [
            SectorWayDown.from_dict(
                {"sector": one["sector"], "tier": tiers[one["sector"]], "way_down": one["way_down"]}
            )
            for one in why["sectors"]
        ]

    # Registers

    def grade(
        self,
        frame: Any,
        *,
        as_of: Day,
        sector: Optional[str] = None,
        lists: Optional[Mapping[str, Any]] = None,
        partial_lists: Iterable[str] = (),
        column_map: Optional[ColumnMap] = None,
        parse_text: bool = False,
        keep: Sequence[str] = (),
        threads: Optional[int] = None,
    ) -> Grades:
        """Grades every row of a register.

        :param frame: a pyarrow Table, RecordBatch or reader, a polars DataFrame or LazyFrame, a pandas DataFrame, a duckdb
            relation, a list of dicts, or anything with ``__arrow_c_stream__`` or ``__arrow_c_array__``. A row is a firm: a column
            ``sector`` (an id, several with ``;`` between, or a list of ids), a column for each fact by its name, lists as lists
            of structs, and if you like ``id``. Nulls are unknown, and so is NaN in a pandas frame. Columns of pyarrow, polars
            and Arrow-backed pandas are read where they are.
        :param as_of: the grading date.
        :param sector: the sector of rows that name none.
        :param lists: lists from tables of their own, by name; joined by the firm's id. A firm without a row has an empty list.
        :param partial_lists: those of them that are not complete: a firm without a row has an unknown list.
        :param column_map: registers of other names and units: ``{"employees": "staff", "dist_m": {"column": "km", "from":
            "km"}, "inventory.tonnes": {"column": "kg", "from": "kg"}, "id": "code"}``. Keys are facts, ``id``, ``sector``, and for
            related tables ``list.field`` and ``list.id``; values are columns, or dicts with ``column`` or ``columns``,
            ``combine``, ``value``, ``codes``, ``from``, ``times``, ``thousands``, ``percent``, ``date`` as in a mapping file.
        :param parse_text: read columns of text as the type of their fact, as in CSV.
        :param keep: columns of a duckdb relation or a LazyFrame to hold for :meth:`Grades.by`, beside those that are read.
        :param threads: how many; all cores if it is not said.
        :raises ColumnTypeError: if a column cannot hold its fact, whatever its values are.
        :raises UnknownNameError: if a sector, list, fact or column that was named does not exist.

        A single value that does not fit counts as unknown, never lowers a tier, and stands in :meth:`Grades.errors`. A column
        that the book does not know is passed over, with an :class:`UnknownColumnWarning` if its name is near to one that it
        does know.

        >>> import risktier as rt
        >>> firms = [{"id": "a", "sector": "fireworks", "building_use_changed": True}, {"id": "b", "sector": "firework"}]
        >>> grades = rt.RuleBook.standard().grade(firms, as_of="2026-11-01")
        >>> grades.frame(["id", "tier"]).to_dicts()
        [{'id': 'a', 'tier': 'red'}, {'id': 'b', 'tier': None}]
        >>> grades.errors()["message"]
        ['the book has no sector `firework`; did you mean `fireworks`?']
        """
        grader = self._native.grader(as_day(as_of))
        firms = _Firms(grader, frame, lists, partial_lists, column_map, parse_text, keep, threads)
        if firms.register.records is not None:
            records = as_json(firms.register.records)
            grades = grader.grade_records(records, sector=sector, threads=threads)
            firms.warn_of_keys()
            return Grades(grades, firms.register, self)
        grades, notes = grader.grade_frame(
            firms.register.stream,
            lists=firms.tables,
            column_map=firms.mapping,
            sector=sector,
            parse_text=parse_text,
            threads=threads,
        )
        _warn(notes)
        return Grades(grades, firms.register, self)

    def forecast(
        self,
        frame: Any,
        *,
        as_of: Day,
        days: int = 90,
        until: Optional[Day] = None,
        sector: Optional[str] = None,
        lists: Optional[Mapping[str, Any]] = None,
        partial_lists: Iterable[str] = (),
        column_map: Optional[ColumnMap] = None,
        parse_text: bool = False,
        threads: Optional[int] = None,
    ) -> Frame:
        """When the tiers of a register change by themselves, while the facts of each firm stay as they are: licences run out,
        deadlines pass, inspections age, rules begin and end. Exact, without grading every day.

        :param days: how many days to look ahead, at most 3653.
        :param until: the last day, in place of ``days``.

        The other arguments are those of :meth:`grade`. The frame has a row for each change, by the day and of one day the worst first:
        ``row`` and ``id`` of the firm, ``sector`` of the first rule that turns, ``tier_now``, ``on`` (the first day of the new
        tier), ``from``, ``to``, ``rules`` that turn, and ``because`` of which dates.

        >>> import risktier as rt
        >>> firms = [{"id": "a", "sector": "fuel-stations", "carrier_insurance_until": None, "licence_until": "2026-11-30"}]
        >>> ahead = rt.RuleBook.standard().forecast(firms, as_of="2026-11-01", days=60)
        >>> ahead["id"], ahead["because"]
        (['a'], [['licence_until 2026-11-30']])
        """
        grader = self._native.grader(as_day(as_of))
        last = as_day(until) if until is not None else _after(as_day(as_of), days)
        firms = _Firms(grader, frame, lists, partial_lists, column_map, parse_text, (), threads)
        if firms.register.records is not None:
            records = as_json(firms.register.records)
            ahead = grader.forecast_records(records, until=last, sector=sector, threads=threads)
            firms.warn_of_keys()
            return ahead
        ahead, notes = grader.forecast_frame(
            firms.register.stream,
            until=last,
            lists=firms.tables,
            column_map=firms.mapping,
            sector=sector,
            parse_text=parse_text,
            threads=threads,
        )
        _warn(notes)
        return ahead

    def forecast_one(
        self, firm: Mapping[str, Any], *, as_of: Day, days: int = 90, until: Optional[Day] = None
    ) -> dict[str, Any]:
        """When the tier of one firm changes by itself: a dict with ``tier``, ``until`` and ``changes``, each with ``on``, ``from``, ``to``
        and ``because`` (the rules that turn, and the dates behind them).

        >>> import risktier as rt
        >>> firm = {"sector": "fuel-stations", "licence_until": "2026-11-30"}
        >>> ahead = rt.RuleBook.standard().forecast_one(firm, as_of="2026-11-01")
        >>> ahead["changes"][0]["on"], ahead["changes"][0]["because"][0]["behind"][0]["name"]
        ('2026-12-01', 'licence_until')
        """
        last = as_day(until) if until is not None else _after(as_day(as_of), days)
        result: dict[str, Any] = json.loads(self._native.grader(as_day(as_of)).forecast_json(as_json(firm), last))
        return result


class _Firms:
    """A register, and its related tables, as the engine takes them."""

    def __init__(
        self,
        grader: NativeGrader,
        frame: Any,
        lists: Optional[Mapping[str, Any]],
        partial_lists: Iterable[str],
        column_map: Optional[ColumnMap],
        parse_text: bool,
        keep: Sequence[str],
        threads: Optional[int],
    ) -> None:
        if threads is not None and threads < 1:
            raise ValueError(f"threads is {threads}; expected 1 or more, or None for all cores")
        related = dict(lists or {})
        mapping = None if column_map is None else as_json(column_map)

        def needed(columns: list[str]) -> list[str]:
            return grader.needed(columns, list(related), mapping)

        as_frame = bool(related) or mapping is not None or parse_text
        self._grader = grader
        self.mapping = mapping
        self.register = Register(frame, needed, keep, as_frame=as_frame)
        partial = set(partial_lists)
        if unknown := partial - set(related):
            raise InputError(f"partial_lists names {', '.join(sorted(unknown))}; expected names that `lists` has")
        self.tables = (
            []
            if self.register.records is not None
            else [(name, _related(table), name in partial) for name, table in related.items()]
        )

    def warn_of_keys(self) -> None:
        known = set(self._grader.keys())
        records = self.register.records or []
        keys = dict.fromkeys(key for record in records for key in record if key not in known)
        _warn_of_columns([(None, key, self._grader.nearest_key(key)) for key in keys])


def _warn(notes: tuple[list[tuple[Optional[str], str, Optional[str]]], list[tuple[str, int, list[str]]]]) -> None:
    unknown_columns, orphans = notes
    _warn_of_columns(unknown_columns)
    for name, rows, ids in orphans:
        warnings.warn(OrphanRowsWarning(name, rows, ids), stacklevel=3)


def _after(day: str, days: int) -> str:
    if days < 0:
        raise InputError(f"days is {days}; expected 0 or more")
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=days)).isoformat()


def _related(table: Any) -> Any:
    """A table for a list, whole."""
    return Register(table, lambda columns: columns, as_frame=True).stream


def _warn_of_columns(columns: list[tuple[Optional[str], str, Optional[str]]]) -> None:
    for table, column, nearest in columns:
        if nearest is not None:
            warnings.warn(UnknownColumnWarning(column, nearest, table), stacklevel=3)


def _unpickle(bundle: str, examples: dict[str, str]) -> RuleBook:
    return RuleBook._of(NativeBook.from_bundle(bundle), examples)


def check_sources(sources: Mapping[str, str]) -> CheckReport:
    """Everything that is wrong or odd in rule scripts, without an exception.

    >>> import risktier as rt
    >>> report = rt.check_sources({"bad.rhai": "fact(\\"exits\\", INTEGER);"})
    >>> report.ok, report[-1]["severity"], report[-1]["line"], report[-1]["code"]
    (False, 'error', 1, 'E042')
    """
    from .errors import BookError

    try:
        return RuleBook.from_sources(sources).check()
    except BookError as error:
        return CheckReport(error.diagnostics)
