"""Registers larger than memory: the recipes of the README, each beside the grades of the whole."""

from __future__ import annotations

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from conftest import AS_OF
from test_frames import table

COLUMNS = ["id", "tier", "score"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("register") / "firms.parquet"
    many = pa.concat_tables([table()] * 500).combine_chunks()
    many = many.set_column(0, "id", pa.array([f"{row:05}" for row in range(len(many))]))
    pq.write_table(many, path, row_group_size=700)
    return path


@pytest.fixture(scope="module")
def expected(file, shops):
    return shops.grade(pq.read_table(file), as_of=AS_OF).to_arrow(COLUMNS).to_pylist()


def test_pyarrow_batches(file, expected, shops, tmp_path):
    out = tmp_path / "grades.parquet"
    writer = None
    for batch in pq.ParquetFile(file).iter_batches(batch_size=500):
        grades = shops.grade(batch, as_of=AS_OF).to_arrow(COLUMNS)
        writer = writer or pq.ParquetWriter(out, grades.schema)
        writer.write_table(grades)
    writer.close()
    assert pq.read_table(out).to_pylist() == expected


def test_polars_streaming(file, expected, shops, tmp_path):
    out = tmp_path / "grades.parquet"

    def grade(frame: pl.DataFrame) -> pl.DataFrame:
        return shops.grade(frame, as_of=AS_OF).to_polars(COLUMNS)

    schema = {"id": pl.String, "tier": pl.String, "score": pl.Float64}
    pl.scan_parquet(file).map_batches(grade, schema=schema, streamable=True).sink_parquet(out)
    assert pl.read_parquet(out).sort("id").to_dicts() == expected


def test_duckdb(file, expected, shops, tmp_path):
    out = tmp_path / "grades.parquet"
    database = duckdb.connect()
    batches = database.sql(f"SELECT * FROM '{file}'").to_arrow_reader(500)
    graded = (piece for batch in batches for piece in shops.grade(batch, as_of=AS_OF).to_arrow(COLUMNS).to_batches())
    schema = pa.schema([("id", pa.string()), ("tier", pa.string()), ("score", pa.float64())])
    reader = pa.RecordBatchReader.from_batches(schema, graded)
    duckdb.connect().sql(f"COPY (SELECT * FROM reader) TO '{out}'")
    assert pq.read_table(out).sort_by("id").to_pylist() == expected


def test_a_dataset_as_a_reader(file, expected, shops):
    scanner = ds.dataset(file).scanner(batch_size=500)
    assert shops.grade(scanner.to_reader(), as_of=AS_OF).to_arrow(COLUMNS).to_pylist() == expected
