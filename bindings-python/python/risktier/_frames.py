"""Registers as they come: takes any kind of frame, gives what the native part reads, an object with ``__arrow_c_stream__``.

Only the columns that the rules read are handed over where that saves work (pandas, duckdb, polars' lazy frames); the others
can be asked for later by way of :meth:`Register.column`.
"""

from __future__ import annotations

import datetime
import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Callable, Optional, Union

from .errors import InputError

__all__ = ["Register", "as_day", "as_json"]

Json = Union[None, bool, int, float, str, list[Any], dict[str, Any]]


def as_day(day: Union[datetime.date, str]) -> str:
    """A grading date as text; ``datetime`` counts as its day."""
    if isinstance(day, datetime.datetime):
        return day.date().isoformat()
    if isinstance(day, datetime.date):
        return day.isoformat()
    if isinstance(day, str):
        return day
    raise TypeError(f"as_of is {day!r}; expected a datetime.date, or a text as YYYY-MM-DD")


def _plain(value: Any) -> Json:
    """Objects that JSON does not know: days, numpy's scalars, decimals."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "item"):
        plain: Json = value.item()
        return plain
    if hasattr(value, "tolist"):
        items: Json = value.tolist()
        return items
    if hasattr(value, "__float__"):
        return float(value)
    raise InputError(f"{value!r} is a {type(value).__name__}; expected a number, a text, a day, or a list of dicts")


def _finite(value: Any) -> Any:
    """NaN and infinity as texts: JSON has neither, and a text is reported for its firm as what it is."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, (str, int, float, type(None))):
        return value
    return _finite(_plain(value))


def as_json(value: Any) -> str:
    """A firm, or a list of them, as JSON text."""
    try:
        return json.dumps(value, default=_plain, allow_nan=False, ensure_ascii=False)
    except ValueError:
        return json.dumps(_finite(value), default=_plain, ensure_ascii=False)


def _module(frame: Any, name: str) -> Any:
    """The library of a frame, if that is loaded: a frame of a library that is not loaded there is none."""
    is_of = type(frame).__module__.partition(".")[0].lstrip("_") == name
    return sys.modules.get(name) if is_of else None


class Register:
    """A register: what is graded, and how to get at its other columns.

    ``stream`` has ``__arrow_c_stream__`` or ``__arrow_c_array__``; it is none for records, which go as JSON.
    """

    __slots__ = ("_column", "_columns", "records", "stream")

    def __init__(
        self,
        frame: Any,
        needed: Callable[[list[str]], list[str]],
        keep: Sequence[str] = (),
        *,
        as_frame: bool = False,
    ) -> None:
        self.records: Optional[list[Mapping[str, Any]]] = None
        self.stream: Any = None
        self._columns: list[str] = []
        self._column: Optional[Callable[[str], Any]] = None
        if isinstance(frame, Mapping):
            raise InputError("one dict is one firm; expected a list of dicts, or `book.explain(firm)` for one firm")
        if isinstance(frame, (list, tuple)):
            self._take_records(list(frame), as_frame)
        elif _module(frame, "pandas") is not None:
            self._take_pandas(frame, needed)
        elif _module(frame, "polars") is not None:
            self._take_polars(frame, needed, keep)
        elif _module(frame, "duckdb") is not None:
            self._take_duckdb(frame, needed, keep)
        else:
            self.stream = frame

    def column(self, name: str) -> Any:
        """A column that was not handed over, as a frame with one column; none if there is no such column here."""
        if self._column is None or name not in self._columns:
            return None
        return self._column(name)

    def _take_records(self, records: list[Mapping[str, Any]], as_frame: bool) -> None:
        for at, record in enumerate(records):
            if not isinstance(record, Mapping):
                raise InputError(f"firm {at} is a {type(record).__name__}; expected a dict of facts")
        if as_frame:
            # Renamed or joined columns need columns: by way of pyarrow, which knows how to make them.
            self.stream = _table(records)
            return
        self.records = records
        self._columns = list(dict.fromkeys(key for record in records for key in record))
        self._column = lambda name: _table([{name: _text(record.get(name))} for record in records])

    def _take_pandas(self, frame: Any, needed: Callable[[list[str]], list[str]]) -> None:
        names = [str(name) for name in frame.columns]
        wanted = set(needed(names))
        # A view that does not change when the caller's frame does.
        held = frame.copy(deep=False)
        held.columns = names
        self._columns = names
        self._column = lambda name: _pandas_stream(held[[name]])
        self.stream = _pandas_stream(held[[name for name in names if name in wanted]])

    def _take_polars(self, frame: Any, needed: Callable[[list[str]], list[str]], keep: Sequence[str]) -> None:
        if hasattr(frame, "collect"):
            names = frame.collect_schema().names()
            wanted = {*needed(names), *keep}
            frame = frame.select([name for name in names if name in wanted]).collect()
        names = list(frame.columns)
        wanted = set(needed(names))
        self._columns = names
        self._column = lambda name: frame.select(name)
        # An enumeration or a categorical without the others is not copied twice.
        self.stream = frame.select([name for name in names if name in wanted])

    def _take_duckdb(self, frame: Any, needed: Callable[[list[str]], list[str]], keep: Sequence[str]) -> None:
        if not hasattr(frame, "columns"):
            self.stream = frame
            return
        names = list(frame.columns)
        wanted = {*needed(names), *keep}
        quoted = ['"' + name.replace('"', '""') + '"' for name in names if name in wanted]
        self.stream = frame.project(", ".join(quoted)) if quoted else frame


def _text(value: Any) -> Optional[str]:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ";".join(str(item) for item in value)
    return None if value is None else str(value)


def _pandas_stream(frame: Any) -> Any:
    """A pandas frame as a stream; columns of texts and missing values come out as such."""
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError("grading a pandas frame needs pyarrow: pip install pyarrow") from error
    try:
        return pyarrow.Table.from_pandas(frame, preserve_index=False)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError) as error:
        for name in frame.columns:
            try:
                pyarrow.array(frame[name], from_pandas=True)
            except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError) as one:
                raise InputError(f"column `{name}` holds values of several types: {one}") from error
        raise InputError(str(error)) from error


def _table(records: Sequence[Mapping[str, Any]]) -> Any:
    """Records as a pyarrow table with all keys that there are."""
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError("a list of dicts with column_map=, lists= or by() needs pyarrow: pip install pyarrow") from error
    names = dict.fromkeys(key for record in records for key in record)
    try:
        return pyarrow.table({name: pyarrow.array([record.get(name) for record in records]) for name in names})
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError) as error:
        raise InputError(f"the records do not make columns: {error}") from error
