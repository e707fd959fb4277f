"""Registers of a cluster: :func:`grade` grades a Spark DataFrame where it lies, batch by batch, with Arrow on the way.

Needs PySpark (``pip install risktier[spark]``), and risktier on the workers. Nothing of this is loaded before it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional

from ._book import ColumnMap, Day, RuleBook, _warn_of_columns
from ._frames import as_day, as_json

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["grade"]


#: One book a worker, however many batches it grades.
_BOOKS: dict[str, RuleBook] = {}


def _book_of(bundle: str) -> RuleBook:
    if bundle not in _BOOKS:
        _BOOKS.clear()
        _BOOKS[bundle] = RuleBook.from_bundle(bundle)
    return _BOOKS[bundle]


def _spark_type(kind: Any) -> Any:
    import pyarrow.types
    from pyspark.sql import types

    if pyarrow.types.is_list(kind):
        return types.ArrayType(_spark_type(kind.value_type))
    for is_of, of in (
        (pyarrow.types.is_string, types.StringType),
        (pyarrow.types.is_boolean, types.BooleanType),
        (pyarrow.types.is_int64, types.LongType),
        (pyarrow.types.is_float64, types.DoubleType),
        (pyarrow.types.is_date32, types.DateType),
    ):
        if is_of(kind):
            return of()
    raise TypeError(f"no type of Spark for {kind}")


def grade(
    frame: DataFrame,
    book: RuleBook,
    *,
    as_of: Day,
    sector: Optional[str] = None,
    column_map: Optional[ColumnMap] = None,
    parse_text: bool = False,
    columns: Optional[Sequence[str]] = None,
    keep: Sequence[str] = (),
    missing: bool = False,
) -> DataFrame:
    """Grades every row of a Spark DataFrame: a row for each, with the columns of :meth:`risktier.Grades.frame`.

    Only the columns that the rules read, and those of ``keep``, travel to Python. Lists are columns of arrays of structs. Each
    task grades on one thread: Spark has the others. The rows are those that :meth:`risktier.RuleBook.grade` gives.

    :param columns: only these columns of the grades.
    :param keep: columns of the frame to hand through, in front of the grades.
    :param missing: with a column ``missing``.
    :raises UnknownNameError: if a column that was named does not exist.

    Other arguments as for :meth:`risktier.RuleBook.grade`.
    """
    import pyarrow
    from pyspark.sql import types

    day = as_day(as_of)
    grader = book._native.grader(day)
    mapping = None if column_map is None else as_json(column_map)
    names = list(frame.columns)
    read = set(grader.needed(names, [], mapping))
    kept = list(dict.fromkeys(keep))
    wanted = [name for name in names if name in read or name in kept]
    _warn_of_columns([(None, name, grader.nearest_key(name)) for name in names if name not in wanted])
    empty = pyarrow.table(grader.grade_schema(missing))
    chosen = empty if columns is None else empty.select(list(columns))
    fields = [frame.schema[name] for name in kept]
    fields += [types.StructField(field.name, _spark_type(field.type)) for field in chosen.schema]
    bundle = book.to_bundle()
    options: Mapping[str, Any] = {"as_of": day, "sector": sector, "column_map": column_map, "parse_text": parse_text}

    def grade_batches(batches: Iterator[Any]) -> Iterator[Any]:
        import warnings

        held = _book_of(bundle)
        for batch in batches:
            with warnings.catch_warnings():
                # Each batch would say again what one look at the columns says.
                warnings.simplefilter("ignore")
                grades = held.grade(batch, threads=1, **options)
            table = grades.to_arrow(columns, missing=missing)
            for at, name in enumerate(kept):
                table = table.add_column(at, batch.schema.field(name), pyarrow.chunked_array([batch.column(name)]))
            yield from table.combine_chunks().to_batches()

    return frame.select(wanted).mapInArrow(grade_batches, types.StructType(fields))
