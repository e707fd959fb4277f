"""Every kind of frame gives the grades of the records that it was made of."""

from __future__ import annotations

import datetime
import warnings

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from conftest import AS_OF, FIRMS

import risktier as rt

GOODS = pa.list_(pa.struct([("name", pa.string()), ("tonnes", pa.float64())]))
SCHEMA = pa.schema(
    [("id", pa.string()), ("sector", pa.string()), ("exits", pa.int64()), ("trained", pa.bool_()), ("area", pa.float64()),
     ("kind", pa.string()), ("licence_until", pa.string()), ("goods", GOODS)]
)


def table(firms=FIRMS) -> pa.Table:
    return pa.Table.from_pylist(firms, schema=SCHEMA)


def rows(grades: rt.Grades) -> list:
    return [grades.frame().to_dicts(), grades.findings().to_dicts(), grades.undetermined().to_dicts(), grades.errors().to_dicts()]


class Stream:
    """Nothing but the PyCapsule interface."""

    def __init__(self, data):
        self.data = data

    def __arrow_c_stream__(self, requested_schema=None):
        return self.data.__arrow_c_stream__(requested_schema)


class Array:
    """The other half of it."""

    def __init__(self, batch):
        self.batch = batch

    def __arrow_c_array__(self, requested_schema=None):
        return self.batch.__arrow_c_array__(requested_schema)


KINDS = {
    "pyarrow table": lambda t: t,
    "pyarrow batch": lambda t: t.to_batches()[0],
    "pyarrow reader": lambda t: t.to_reader(),
    "pyarrow chunks": lambda t: pa.concat_tables([t.slice(0, 1), t.slice(1, 0), t.slice(1, 3), t.slice(4)]),
    "pyarrow reader of single rows": lambda t: pa.RecordBatchReader.from_batches(t.schema, t.to_batches(max_chunksize=1)),
    "pyarrow dictionaries": lambda t: t.set_column(5, "kind", t["kind"].dictionary_encode()).set_column(
        1, "sector", t["sector"].dictionary_encode()
    ),
    "pyarrow large and view": lambda t: t.cast(
        pa.schema([pa.field(f.name, pa.large_string() if f.type == pa.string() else f.type) for f in t.schema])
    ).set_column(7, "goods", t["goods"].cast(pa.large_list(GOODS.value_type))),
    "pyarrow narrow": lambda t: t.set_column(2, "exits", t["exits"].cast(pa.int8())),
    "pyarrow floats for whole numbers": lambda t: t.set_column(2, "exits", t["exits"].cast(pa.float64())),
    "pyarrow days": lambda t: t.set_column(6, "licence_until", t["licence_until"].cast(pa.date32())),
    "pyarrow timestamps": lambda t: t.set_column(6, "licence_until", t["licence_until"].cast(pa.timestamp("us"))),
    "polars": lambda t: pl.from_arrow(t),
    "polars lazy": lambda t: pl.from_arrow(t).lazy(),
    "polars chunks": lambda t: pl.concat([pl.from_arrow(t.slice(0, 2)), pl.from_arrow(t.slice(2))], rechunk=False),
    "polars categorical": lambda t: pl.from_arrow(t).with_columns(pl.col("kind").cast(pl.Categorical)),
    "polars slice": lambda t: pl.concat([pl.from_arrow(t)] * 3)[6:12],
    "pandas": lambda t: t.to_pandas(),
    "pandas arrow": lambda t: t.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas nullable": lambda t: t.to_pandas().convert_dtypes(dtype_backend="numpy_nullable"),
    "pandas categorical": lambda t: t.to_pandas().astype({"kind": "category"}),
    "pandas odd index": lambda t: t.to_pandas().set_index(pd.Index([5, 5, 3, 2, 1, 0])),
    "duckdb": lambda t: duckdb.from_arrow(t),
    "duckdb query": lambda t: duckdb.from_arrow(t).filter("true"),
    "capsule stream": Stream,
    "capsule array": lambda t: Array(t.to_batches()[0]),
    "own frame": rt.Frame,
    "records": lambda t: FIRMS,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_frame_gives_the_same_grades(shops, kind):
    expected = shops.grade(FIRMS, as_of=AS_OF)
    assert expected.counts == {"blue": 1, "yellow": 1, "orange": 1, "red": 1, "ungraded": 2}
    grades = shops.grade(KINDS[kind](table()), as_of=AS_OF)
    assert rows(grades) == rows(expected)
    assert grades.by("sector").to_dicts() == expected.by("sector").to_dicts()


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"pandas odd index", "records", "polars slice"}))
def test_frames_of_one_row_and_of_none(shops, kind):
    make = KINDS[kind]
    one = shops.grade(make(table(FIRMS[:1])), as_of=AS_OF)
    assert one.frame()["tier"] == ["blue"]
    if kind in ("pyarrow batch", "capsule array"):
        empty = shops.grade(make(Empty()), as_of=AS_OF)
    else:
        empty = shops.grade(make(table([])), as_of=AS_OF)
    assert len(empty) == 0 and empty.frame().to_dicts() == [] and empty.findings().to_dicts() == []
    assert empty.summary()["firms"] == [0] * 5 and empty.by("sector").to_dicts() == []


class Empty:
    def __init__(self):
        self.batch = pa.RecordBatch.from_pylist([], schema=SCHEMA)

    def to_batches(self):
        return [self.batch]

    def __arrow_c_array__(self, requested_schema=None):
        return self.batch.__arrow_c_array__(requested_schema)


def test_slices_keep_their_rows_together(shops):
    whole = pa.concat_tables([table()] * 50).combine_chunks()
    expected = shops.grade(whole, as_of=AS_OF).frame().to_dicts()
    for start, length in [(1, 5), (7, 130), (299, 1), (63, 66), (64, 64)]:
        part = shops.grade(whole.slice(start, length), as_of=AS_OF).frame().to_dicts()
        assert part == expected[start : start + length]


def test_columns_of_arrow_are_read_where_they_are(standard):
    """A register of a gigabyte is graded without one more: the address of what goes in is the address that is read."""
    numbers = pa.array(np.arange(1_000_000))
    frame = rt.Frame(pa.table({"n": numbers}))
    assert frame.to_arrow()["n"].chunk(0).buffers()[1].address == numbers.buffers()[1].address


def test_lists_from_tables_of_their_own(shops):
    flat = table().drop_columns(["goods"])
    items = [{"id": firm["id"], **item} for firm in FIRMS for item in firm["goods"] or [] if item]
    related = pa.Table.from_pylist([*items, {"id": "zz", "name": "fuel", "tonnes": 1.0}])
    with pytest.warns(rt.OrphanRowsWarning, match="1 rows of the table for `goods` .*zz"):
        grades = shops.grade(flat, as_of=AS_OF, lists={"goods": related})
    nested = shops.grade(table(), as_of=AS_OF)
    tiers = dict(zip(nested.frame()["id"], nested.frame()["tier"]))
    assert dict(zip(grades.frame()["id"], grades.frame()["tier"])) == tiers
    fired = dict(zip(grades.frame()["id"], grades.frame()["fired"]))
    assert "SH-2" in fired["b"] and "SH-2" in fired["e"]
    for other in (related.to_pandas(), pl.from_arrow(related), duckdb.from_arrow(related), related.to_pylist(), related.to_reader()):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rt.OrphanRowsWarning)
            again = shops.grade(flat, as_of=AS_OF, lists={"goods": other})
        assert again.frame().to_dicts() == grades.frame().to_dicts()


def test_a_firm_without_rows_has_an_empty_list_or_an_unknown_one(shops):
    frame = pa.table({"id": [1, 2], "sector": ["shops"] * 2, "kind": ["food"] * 2})
    goods = pa.table({"id": [2], "name": ["rice"], "tonnes": [1.0]})
    whole = shops.grade(frame, as_of=AS_OF, lists={"goods": goods})
    assert [("SH-2" in rules) for rules in whole.frame()["undetermined"]] == [False, False]
    partial = shops.grade(frame, as_of=AS_OF, lists={"goods": goods}, partial_lists=["goods"])
    assert [("SH-2" in rules) for rules in partial.frame()["undetermined"]] == [True, False]


def test_registers_of_other_names_units_and_codes(shops):
    frame = pd.DataFrame(
        {"编号": ["a", "b"], "行业": ["shops"] * 2, "门": ["1,200", "1"], "面积万": [2.0, 0.1], "培训": ["是", "否"], "到期": ["31/12/2027", "01/01/2020"]}
    )
    goods = pd.DataFrame({"编号": ["b"], "name": ["fuel"], "kg": [700]})
    column_map = {
        "id": "编号",
        "sector": "行业",
        "exits": {"column": "门", "thousands": True},
        "area": {"column": "面积万", "from": "万平方米"},
        "trained": {"column": "培训", "codes": "yes-no"},
        "licence_until": {"column": "到期", "date": "%d/%m/%Y"},
        "kind": {"value": "food"},
        "goods.tonnes": {"column": "kg", "from": "kg"},
    }
    grades = shops.grade(frame, as_of=AS_OF, column_map=column_map, lists={"goods": goods})
    assert grades.errors().to_dicts() == []
    assert grades.frame()["tier"] == ["blue", "red"]
    assert grades.frame()["score"] == [80.0, 69.0]
    assert grades.frame()["fired"] == [["SH-5"], ["SH-1", "SH-2", "SH-3", "SH-4", "SH-5"]]
    by_district = shops.grade(frame.assign(district=["n", "s"]), as_of=AS_OF, column_map=column_map, lists={"goods": goods})
    assert by_district.by("district", "门").to_dicts()[0]["门"] == "1,200"


def test_what_the_mapping_cannot_read_is_reported_for_its_firm(shops):
    frame = pa.table({"sector": ["shops"] * 2, "doors": ["4", "four"]})
    grades = shops.grade(frame, as_of=AS_OF, column_map={"exits": {"column": "doors", "times": 1}})
    errors = grades.errors().to_dicts()
    assert [(error["row"], error["fact"], error["value"]) for error in errors] == [(1, "exits", "four")]
    assert grades.frame()["worst"] == ["orange", "red"]


def test_text_is_read_as_numbers_only_when_asked(shops):
    frame = pa.table({"sector": ["shops"], "exits": ["4"], "trained": ["true"], "area": ["1.5"]})
    with pytest.raises(rt.ColumnTypeError) as caught:
        shops.grade(frame, as_of=AS_OF)
    assert (caught.value.column, caught.value.fact, caught.value.found) == ("exits", "exits", "Utf8")
    assert "whole numbers" in caught.value.expected and "parse_text=True" in str(caught.value)
    grades = shops.grade(frame, as_of=AS_OF, parse_text=True)
    assert grades.frame()["fired"] == [["SH-5"]]
    assert shops.grade(frame.to_pylist(), as_of=AS_OF, parse_text=True).frame().to_dicts() == grades.frame().to_dicts()


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("trained", pa.array([1]), "true or false"),
        ("exits", pa.array([True]), "whole numbers"),
        ("exits", pa.array([[1]]), "whole numbers"),
        ("area", pa.array([b"x"]), "numbers"),
        ("kind", pa.array([1.5]), "texts"),
        ("licence_until", pa.array([20261101]), "days"),
        ("goods", pa.array(["fuel"]), "a list of records"),
        ("goods", pa.array([["fuel"]]), "a list of records"),
        ("goods", pa.array([[{"tonnes": "1"}]]), "numbers"),
        ("sector", pa.array([7]), "ids of sectors"),
        ("id", pa.array([{"a": 1}]), "an id for each firm"),
    ],
)
def test_columns_of_the_wrong_kind_are_errors_that_name_column_and_type(shops, column, values, expected):
    frame = pa.table({"sector": pa.array(["shops"]), column: values} if column != "sector" else {"sector": values})
    with pytest.raises(rt.ColumnTypeError) as caught:
        shops.grade(frame, as_of=AS_OF)
    assert expected in caught.value.expected
    assert column in caught.value.fact and caught.value.found
    assert isinstance(caught.value, (TypeError, ValueError, rt.RisktierError))


def test_single_values_that_are_wrong_never_lower_a_tier_and_never_drop_a_row(shops):
    firms = [{"sector": "shops", "exits": value} for value in (1, "1", 1.5, [1], {"a": 1}, True, float("nan"), -1, None)]
    grades = shops.grade(firms, as_of=AS_OF)
    assert len(grades) == len(firms)
    assert grades.frame()["worst"] == ["red"] * len(firms)
    assert grades.errors()["row"] == [1, 2, 3, 4, 5, 6, 7]
    for row, firm in enumerate(firms):
        assert grades.grade(row).to_dict() == shops.grade_one(firm, as_of=AS_OF).to_dict()


def test_nan_is_unknown_in_pandas_and_an_error_elsewhere(shops):
    values = [np.nan, 1.0]
    of_pandas = shops.grade(pd.DataFrame({"sector": ["shops"] * 2, "area": values}), as_of=AS_OF)
    assert of_pandas.errors().to_dicts() == []
    of_arrow = shops.grade(pa.table({"sector": ["shops"] * 2, "area": values}), as_of=AS_OF)
    assert [error["expected"] for error in of_arrow.errors().to_dicts()] == ["a finite number"]


def test_objects_of_several_types_in_pandas_name_their_column(shops):
    frame = pd.DataFrame({"sector": ["shops"] * 2, "exits": [1, "two"]}, dtype=object)
    with pytest.raises(rt.InputError, match="column `exits` holds values of several types"):
        shops.grade(frame, as_of=AS_OF)


def test_unknown_columns_are_warned_about_with_the_nearest_name(shops):
    for frame in (pa.table({"sector": ["shops"], "exit": [1], "colour": ["red"]}), [{"sector": "shops", "exit": 1, "colour": "red"}]):
        with pytest.warns(rt.UnknownColumnWarning) as caught:
            shops.grade(frame, as_of=AS_OF)
        assert [(one.message.column, one.message.nearest) for one in caught] == [("exit", "exits")]
        assert "did you mean `exits`?" in str(caught[0].message)


def test_names_that_there_are_not(shops):
    frame = pa.table({"sector": ["shops"], "exits": [1]})
    cases = [
        ({"sector": "shop"}, "sector", "shop", "shops"),
        ({"lists": {"good": pa.table({"id": ["a"]})}}, "list", "good", "goods"),
        ({"column_map": {"exit": "exits"}}, "fact", "exit", "exits"),
        ({"column_map": {"exits": "exit"}}, "column", "exit", "exits"),
        ({"lists": {"goods": pa.table({"id": ["a"]})}, "column_map": {"goods.tons": "x"}}, "field", "goods.tons", None),
    ]
    for arguments, what, name, nearest in cases:
        with pytest.raises(rt.UnknownNameError) as caught:
            shops.grade(frame, as_of=AS_OF, **arguments)
        assert (caught.value.what, caught.value.name) == (what, name)
        assert nearest is None or caught.value.nearest == nearest
    with pytest.raises(rt.UnknownNameError, match="no column `sector`.*did you mean `sectors`"):
        shops.grade(pa.table({"sectors": ["shops"]}), as_of=AS_OF)
    assert shops.grade(pa.table({"exits": [1]}), as_of=AS_OF, sector="shops").frame()["tier"] == ["red"]
    with pytest.raises(rt.UnknownNameError, match="no column `id`.*to join"):
        shops.grade(frame, as_of=AS_OF, lists={"goods": pa.table({"id": ["a"]})})
    with pytest.raises(rt.InputError, match="partial_lists"):
        shops.grade(frame, as_of=AS_OF, partial_lists=["goods"])
    with pytest.raises(rt.InputError, match="cannot be turned into"):
        shops.grade(frame, as_of=AS_OF, column_map={"area": {"column": "exits", "from": "kg"}})
    with pytest.raises(rt.InputError, match="unknown field `colum`"):
        shops.grade(frame, as_of=AS_OF, column_map={"area": {"colum": "exits"}})


def test_what_is_no_frame(shops):
    for frame in (42, "firms.csv", None, object()):
        with pytest.raises(TypeError, match="has no Arrow data; expected"):
            shops.grade(frame, as_of=AS_OF)
    with pytest.raises(rt.InputError, match="one dict is one firm"):
        shops.grade({"sector": "shops"}, as_of=AS_OF)
    with pytest.raises(rt.InputError, match="firm 1 is a int"):
        shops.grade([{"sector": "shops"}, 7], as_of=AS_OF)
    with pytest.raises(TypeError, match="a single column"):
        shops.grade(Array(pa.array([1])), as_of=AS_OF)


def test_a_capsule_is_read_once_and_its_name_is_checked(shops):
    class Reused:
        capsule = table().__arrow_c_stream__()

        def __arrow_c_stream__(self, requested_schema=None):
            return self.capsule

    shops.grade(Reused(), as_of=AS_OF)
    with pytest.raises((rt.InputError, ValueError)):
        shops.grade(Reused(), as_of=AS_OF)

    class Misnamed:
        def __arrow_c_stream__(self, requested_schema=None):
            return table().schema.__arrow_c_schema__()

    with pytest.raises(ValueError):
        shops.grade(Misnamed(), as_of=AS_OF)


def test_a_reader_that_fails_says_why(shops):
    def batches():
        yield table().to_batches()[0]
        raise RuntimeError("the disk is gone")

    reader = pa.RecordBatchReader.from_batches(SCHEMA, batches())
    with pytest.raises(rt.InputError, match="the disk is gone"):
        shops.grade(reader, as_of=AS_OF)


def test_days_of_grading(shops):
    firms = [{"sector": "shops", "exits": 2}]
    assert shops.grade(firms, as_of=datetime.date(2025, 12, 31)).counts["red"] == 0
    assert shops.grade(firms, as_of=datetime.datetime(2026, 1, 1, 12)).counts["red"] == 1
    assert shops.grade(firms, as_of="2026-01-01").counts["red"] == 1
    for wrong in ("2026-13-01", "today"):
        with pytest.raises(ValueError, match="is not a day"):
            shops.grade(firms, as_of=wrong)
    with pytest.raises(TypeError, match="as_of is 20260101"):
        shops.grade(firms, as_of=20260101)


def test_firms_of_several_sectors(standard):
    firms = [
        {"id": 1, "sector": "fireworks;confined-space", "building_use_changed": True},
        {"id": 2, "sector": ["fireworks", "confined-space"], "building_use_changed": True},
    ]
    grades = standard.grade(firms, as_of=AS_OF)
    assert grades.frame(["sector", "tier"]).to_dicts() == [{"sector": "fireworks", "tier": "red"}] * 2
    assert [sector.sector for sector in grades.grade(1).sectors] == ["fireworks", "confined-space"]
    as_lists = pa.table({"sector": [["fireworks", "confined-space"]], "building_use_changed": [True]})
    assert standard.grade(as_lists, as_of=AS_OF).frame()["tier"] == ["red"]
