"""risktier beside numpy, polars and DuckDB on the same register and the same 32 rules, in one run.

    python bindings-python/benches/run.py [--rows 1000000] [--unknown 0.05] [--rounds 7]

Each task gives the tier and the score of every firm, and which rules fired (a mask for each rule, the cheapest form that each
of them has); all must agree. Tasks take turns round by round, so that a slow spell
of the machine falls on all of them; the best round of each counts. One thread each, then all cores. Needs numpy, pyarrow,
polars and duckdb.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
AS_OF = "2026-11-01"


def tasks(rows: int, unknown: float, threads: int, folder: str) -> tuple[dict[str, Callable[[], Any]], Callable[[Any], Any]]:
    """Functions by name, and one that says what came of them."""
    import duckdb
    import numpy as np
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

    import risktier as rt

    sys.path.insert(0, str(HERE))
    from workload import BANDS, FLOORS, RULES, expression, register, sql

    pa.set_cpu_count(threads)
    pa.set_io_thread_count(threads)
    table = register(rows, unknown)
    path = str(Path(folder) / f"firms-{rows}-{unknown}.parquet")
    if not os.path.exists(path):
        pq.write_table(table, path, compression="zstd")
    facts = [name for name in table.column_names if name != "id"]
    arrays = {} if unknown else {name: table[name].to_numpy() for name in facts}
    frame = pl.from_arrow(table).rechunk()
    database = duckdb.connect(config={"threads": threads})
    database.register("firms", table)
    script = (HERE.parents[1] / "core/benches/workload.rhai").read_text(encoding="utf-8")
    book = rt.RuleBook.from_sources({"workload.rhai": script})

    compiled = [(compile(expression(when, "c['{}']"), rule, "eval"), tier, points) for rule, when, tier, points in RULES]

    def by_numpy(c: dict[str, np.ndarray]) -> Any:
        count = len(c["employees"])
        score, level = np.zeros(count, np.int64), np.zeros(count, np.int8)
        fired = []
        for code, tier, points in compiled:
            mask = eval(code, {"c": c})
            fired.append(mask)
            if tier:
                np.maximum(level, mask * np.int8(FLOORS[tier]), out=level)
            else:
                score += mask * points
        for tier, least in BANDS.items():
            np.maximum(level, (score >= least) * np.int8(FLOORS[tier]), out=level)
        return level, score, fired

    def known(mask: pl.Expr) -> pl.Expr:
        """A rule that the record leaves open counts nothing."""
        return mask.fill_null(False) if unknown else mask

    def polars_plan(lazy: pl.LazyFrame) -> pl.LazyFrame:
        masks = [eval(expression(when, "pl.col('{}')"), {"pl": pl}).alias(rule) for rule, when, _, _ in RULES]
        floors = [known(pl.col(rule)).cast(pl.Int8) * FLOORS[tier] for rule, _, tier, _ in RULES if tier]
        points = [known(pl.col(rule)).cast(pl.Int64) * points for rule, _, tier, points in RULES if not tier]
        score = pl.sum_horizontal(points).alias("score")
        bands = [(pl.col("score") >= least).cast(pl.Int8) * FLOORS[tier] for tier, least in BANDS.items()]
        with_score = lazy.select(masks).with_columns(score)
        return with_score.with_columns(pl.max_horizontal([*floors, *bands]).cast(pl.Int8).alias("level"))

    counted = "coalesce({}, false)" if unknown else "{}"
    masks = ", ".join(f"({sql(when)}) AS {rule}" for rule, when, _, _ in RULES)
    score = " + ".join(f"{counted.format(rule)}::INT * {points}" for rule, _, tier, points in RULES if not tier)
    floors = ", ".join(f"{counted.format(rule)}::TINYINT * {FLOORS[tier]}" for rule, _, tier, _ in RULES if tier)
    bands = ", ".join(f"(score >= {least})::TINYINT * {FLOORS[tier]}" for tier, least in BANDS.items())
    scored = f"SELECT *, {score} AS score, greatest({floors}) AS floor FROM (SELECT {masks} FROM {{}})"
    query = f"SELECT * EXCLUDE floor, greatest(floor, {bands}) AS level FROM ({scored})"

    def by_risktier(data: Any) -> Any:
        return book.grade(data, as_of=AS_OF, sector="benchmark", threads=threads)

    def counts(result: Any) -> Any:
        if isinstance(result, tuple):
            level, score, _ = result
        elif isinstance(result, rt.Grades):
            columns = result.to_arrow(["tier", "score"])
            order = {"blue": 0, **FLOORS}
            level = np.array([order[tier] for tier in columns["tier"].to_pylist()])
            score = columns["score"].to_numpy()
        else:
            level, score = result["level"].to_numpy(), result["score"].to_numpy()
        return np.bincount(level, minlength=4).tolist(), int(score.sum())

    read = lambda: pq.read_table(path, columns=facts, use_threads=threads > 1)  # noqa: E731
    all_tasks = {
        "risktier: grade": lambda: by_risktier(table),
        "risktier: grade, tier and score as columns": lambda: by_risktier(table).frame(["tier", "score"]),
        "risktier: grade a polars frame": lambda: by_risktier(frame),
        "polars": lambda: polars_plan(frame.lazy()).collect(),
        "numpy": lambda: by_numpy(arrays),
        "DuckDB": lambda: database.sql(query.format("firms")).to_arrow_table(),
        "risktier from Parquet (read by pyarrow)": lambda: by_risktier(read()),
        "risktier from Parquet (read by polars)": lambda: by_risktier(pl.scan_parquet(path)),
        "polars from Parquet": lambda: polars_plan(pl.scan_parquet(path)).collect(),
        "numpy from Parquet": lambda: by_numpy({name: column.to_numpy() for name, column in zip(facts, read().columns)}),
        "DuckDB from Parquet": lambda: database.sql(query.format(f"'{path}'")).to_arrow_table(),
    }
    # Numpy has no unknowns.
    return {name: run for name, run in all_tasks.items() if not (unknown and name.startswith("numpy"))}, counts


def measure(rows: int, unknown: float, rounds: int, threads: int, folder: str) -> None:
    functions, counts = tasks(rows, unknown, threads, folder)
    answers = {}
    for name, run in functions.items():
        result = run()
        if name != "risktier: grade, tier and score as columns":
            answers[name] = counts(result)
    if len({str(answer) for answer in answers.values()}) != 1:
        raise SystemExit(f"they do not agree: {answers}")
    best = dict.fromkeys(functions, float("inf"))
    for _ in range(rounds):
        for name, run in functions.items():
            started = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - started)
    answer = next(iter(answers.values()))
    with_unknowns = f", {unknown:.0%} unknown in ten columns" if unknown else ""
    print(f"{rows:,} firms{with_unknowns}, {threads} thread{'s' if threads > 1 else ''}, best of {rounds}; blue to red {answer[0]}, score {answer[1]}")
    for name, seconds in best.items():
        print(f"  {name:44} {seconds * 1000:8.1f} ms  {rows / seconds / 1e6:7.1f} M firms/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--unknown", type=float, default=0.0, help="share of unknowns in ten columns, such as 0.05")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, help="in this process; without it, one and then all, each in its own")
    parser.add_argument("--folder", help="where the Parquet file is kept")
    given = parser.parse_args()
    if given.threads:
        # Polars reads it when it is loaded.
        os.environ["POLARS_MAX_THREADS"] = str(given.threads)
        measure(given.rows, given.unknown, given.rounds, given.threads, given.folder or tempfile.mkdtemp())
        return
    with tempfile.TemporaryDirectory() as folder:
        for threads in dict.fromkeys((1, os.cpu_count() or 1)):
            command = [sys.executable, __file__, "--threads", str(threads), "--folder", given.folder or folder]
            command += ["--rows", str(given.rows), "--unknown", str(given.unknown), "--rounds", str(given.rounds)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
