"""Whatever the firms are: a frame, its slices and chunks, records, and one firm at a time give the same."""

from __future__ import annotations

import datetime

import polars as pl
import pyarrow as pa
from conftest import AS_OF
from hypothesis import given
from hypothesis import strategies as st
from test_frames import SCHEMA

import risktier as rt

ORDER = {"blue": 0, "yellow": 1, "orange": 2, "red": 3}

goods = st.none() | st.lists(
    st.fixed_dictionaries({"name": st.none() | st.sampled_from(["fuel", "rice", "氨"]), "tonnes": st.none() | st.floats(-1, 10)}), max_size=3
)
firms = st.fixed_dictionaries({
    "id": st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
    "sector": st.sampled_from(["shops", "shops", "shops", "shop", "shops;shops", "", None]),
    "exits": st.none() | st.integers(-2, 6) | st.integers(-(2**63), 2**63 - 1),
    "trained": st.none() | st.booleans(),
    "area": st.none() | st.floats(-10, 1e6) | st.floats(),
    "kind": st.none() | st.sampled_from(["food", "fuel", "other", "odd"]),
    "licence_until": st.none() | st.dates(datetime.date(1, 1, 1)).map(str) | st.sampled_from(["2026-11-31", "soon"]),
    "goods": goods,
})
registers = st.lists(firms, max_size=12)


def whole(grades: rt.Grades) -> list:
    return [grades.frame(missing=True).to_dicts(), grades.findings().to_dicts(), grades.undetermined().to_dicts(),
            grades.errors().to_dicts()]


@given(registers, st.data())
def test_every_way_in_gives_the_same(shops, register, data):
    table = pa.Table.from_pylist(register, schema=SCHEMA)
    expected = whole(shops.grade(table, as_of=AS_OF))
    assert len(expected[0]) == len(register)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(register)), max_size=3)))
    pieces = [table.slice(start, stop - start) for start, stop in zip([0, *cuts], [*cuts, len(register)])]
    assert whole(shops.grade(pa.concat_tables(pieces), as_of=AS_OF)) == expected
    assert whole(shops.grade(pl.from_arrow(table), as_of=AS_OF)) == expected
    threads = data.draw(st.integers(1, 3))
    assert whole(shops.grade(table.to_reader(max_chunksize=2), as_of=AS_OF, threads=threads)) == expected
    offset = pa.concat_tables([table.slice(0, min(1, len(register))), table]).combine_chunks().slice(min(1, len(register)))
    assert whole(shops.grade(offset, as_of=AS_OF)) == expected


@given(registers)
def test_records_and_single_firms_give_the_same(shops, register):
    # JSON has no NaN: it goes as a text, and is reported as one.
    finite = [{**firm, "area": None if firm["area"] is None or abs(firm["area"]) > 1e300 or firm["area"] != firm["area"] else firm["area"]}
              for firm in register]
    table = shops.grade(pa.Table.from_pylist(finite, schema=SCHEMA), as_of=AS_OF)
    records = shops.grade(finite, as_of=AS_OF)
    assert whole(records) == whole(table)
    for row, firm in enumerate(finite):
        try:
            alone = shops.explain(firm, as_of=AS_OF)
        except rt.InputError:
            assert records.frame(["tier"])["tier"][row] is None
            continue
        assert alone.to_dict() == records.explain(row).to_dict() == table.explain(row).to_dict()


@given(registers)
def test_an_unknown_or_a_wrong_value_never_lowers_the_worst(shops, register):
    """A value that is wrong counts as one that is missing."""
    wrong = [{**firm, "exits": "many"} for firm in register]
    unknown = [{**firm, "exits": None} for firm in register]
    tiers = ["tier", "best", "worst"]
    of_wrong = shops.grade(wrong, as_of=AS_OF).frame(tiers).to_dicts()
    assert of_wrong == shops.grade(unknown, as_of=AS_OF).frame(tiers).to_dicts()
    known = shops.grade(register, as_of=AS_OF).frame(tiers).to_dicts()
    for one, other in zip(of_wrong, known):
        if one["worst"] is not None:
            assert ORDER[one["worst"]] >= ORDER[other["worst"]] and ORDER[one["best"]] <= ORDER[other["best"]]


@given(registers)
def test_counts_add_up(shops, register):
    grades = shops.grade(pa.Table.from_pylist(register, schema=SCHEMA), as_of=AS_OF)
    assert sum(grades.counts.values()) == len(register)
    rows = grades.by("sector", "kind").to_dicts()
    assert sum(row["firms"] for row in rows) == len(register)
    for tier, count in grades.counts.items():
        assert sum(row[tier] for row in rows) == count
    both = rt.compare(grades, shops.with_parameters(least_exits=1).grade(pa.Table.from_pylist(register, schema=SCHEMA), as_of=AS_OF))
    moved = sum(row[to] for row in both.matrix.to_dicts() for to in ORDER if row["before"] != to)
    assert moved == len(both.moved)
    assert set(both.moved["direction"]) <= {"better"}
