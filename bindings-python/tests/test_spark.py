"""On real PySpark, in local mode: the rows are those that the book gives without it."""

from __future__ import annotations

import os
import shutil
import sys

import pyarrow as pa
import pytest
from conftest import AS_OF, FIRMS
from test_frames import table

import risktier as rt

pytest.importorskip("pyspark", reason="PySpark is not installed")
if shutil.which("java") is None:
    pytest.skip("no Java here, which Spark runs on", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def spark():
    os.environ.update(SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable, PYSPARK_DRIVER_PYTHON=sys.executable)
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "70",
    }
    builder = SparkSession.builder.master("local[2]").appName("risktier")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def test_nested_lists_come_out_row_by_row_as_without_spark(spark, shops):
    from risktier.spark import grade

    many = pa.concat_tables([table(FIRMS)] * 60)
    many = many.set_column(0, "id", pa.array([f"{row:04}" for row in range(len(many))]))
    many = many.append_column("district", pa.array(["n", "s"] * (len(many) // 2)))
    frame = spark.createDataFrame(many).repartition(3)
    graded = grade(frame, shops, as_of=AS_OF, keep=["district"], missing=True)
    expected = shops.grade(many, as_of=AS_OF).to_arrow(missing=True)
    rows = sorted(graded.toArrow().to_pylist(), key=lambda row: row["id"])
    districts = [row.pop("district") for row in rows]
    assert rows == expected.to_pylist()
    assert districts == many["district"].to_pylist()


def test_only_the_columns_that_are_read_travel(spark, shops):
    from risktier.spark import grade

    frame = spark.createDataFrame(table(FIRMS).append_column("note", pa.array(["x"] * 6)))
    graded = grade(frame, shops, as_of=AS_OF, columns=["id", "tier"])
    plan = graded._jdf.queryExecution().executedPlan().toString()
    assert "note" not in plan.partition("MapInArrow")[2] and "exits" in plan
    assert graded.columns == ["id", "tier"]
    assert {row["id"]: row["tier"] for row in graded.collect()} == dict(zip("abcde", ["blue", "red", "yellow", None, "orange"])) | {None: None}


def test_names_and_units_and_a_mistake(spark, shops):
    from risktier.spark import grade

    frame = spark.createDataFrame([(1, "4", 2.0), (2, "1", 0.1)], "code int, doors string, size double")
    column_map = {"id": "code", "exits": {"column": "doors", "times": 1}, "area": {"column": "size", "from": "10^4 m2"}}
    graded = grade(frame, shops, as_of=AS_OF, sector="shops", column_map=column_map, columns=["id", "tier", "score"])
    assert [tuple(row) for row in graded.orderBy("id").collect()] == [("1", "blue", 80.0), ("2", "red", 99.0)]
    with pytest.raises(rt.UnknownNameError, match="no fact `exit`"):
        grade(frame, shops, as_of=AS_OF, sector="shops", column_map={"exit": "doors"})


def test_a_frame_without_rows(spark, shops):
    from risktier.spark import grade

    frame = spark.createDataFrame(table(FIRMS)).where("exits > 100")
    assert grade(frame, shops, as_of=AS_OF).collect() == []
