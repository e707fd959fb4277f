"""The sample register: Python and the command line make the same of it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import polars as pl
import pytest
from conftest import AS_OF, ROOT

FOLDER = ROOT / "tests/data/register"


def command() -> Path:
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = target / "debug" / "risktier"
    if not path.exists():
        pytest.skip(f"the command line is not built: no {path}")
    return path


def test_the_sample_register_comes_out_as_on_the_command_line(standard):
    def read(path: Path) -> pl.DataFrame:
        return pl.read_csv(path, infer_schema=False)

    lists = {path.stem: read(path) for path in FOLDER.glob("*.csv") if path.stem != "firms"}
    grades = standard.grade(read(FOLDER / "firms.csv"), as_of=AS_OF, parse_text=True, lists=lists)
    arguments = ["grade", FOLDER / "firms.csv", "--map", FOLDER / "map.toml", "--as-of", AS_OF, "--summary", "json", "--no-progress"]
    run = subprocess.run([command(), *arguments], capture_output=True, text=True, check=False)
    summary = json.loads(run.stdout)
    if summary["book"] != standard.hash:
        pytest.skip("the command line was built with other rules")
    assert summary["tiers"] == grades.counts
    assert summary["settled"] == sum(grades.summary()["settled"])
    assert summary["firms_with_errors"] == len(set(grades.errors()["row"]))
    assert summary["fired"] == len(grades.findings()) + len(grades.findings(merits=True))
    # There by the sector that decided; `by("sector")` goes by the register's own column, where a firm may have several.
    red = grades.to_polars(["sector", "tier"]).filter(pl.col("tier") == "red").group_by("sector").len()
    assert {sector: of["tiers"]["red"] for sector, of in summary["sectors"].items() if of["tiers"]["red"]} == dict(red.rows())
