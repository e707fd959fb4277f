"""The benchmark workload: a register of made-up firms, and its 32 rules said once for numpy, polars and DuckDB.

The same rules stand as a rule script in ``core/benches/workload.rhai``; :mod:`benches.run` checks that all of them agree.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

#: Rule, condition, tier of a floor, points.
RULES: list[tuple[str, str, str | None, int]] = [
    ("F01", "hazard_level == 1", "red", 0),
    ("F02", "major_hazards >= 1", "red", 0),
    ("F03", "!license_valid && employees > 10", "red", 0),
    ("F04", "deaths_36m >= 1 && days_since_inspection > 180", "red", 0),
    ("F05", "likelihood * exposure * consequence >= 320.0", "red", 0),
    ("F06", "hazard_level == 2 || q_ratio >= 10.0", "orange", 0),
    ("F07", "accidents_12m >= 2", "orange", 0),
    ("F08", "likelihood * exposure * consequence >= 160.0", "orange", 0),
    ("F09", "!safety_officer && employees >= 100", "orange", 0),
    ("F10", "!fire_system_ok && night_shift", "orange", 0),
    ("F11", "hazard_level == 3 || hazard_level == 4", "yellow", 0),
    ("F12", "likelihood * exposure * consequence >= 70.0", "yellow", 0),
    ("P01", "q_ratio >= 0.5 && q_ratio < 1.0", None, 6),
    ("P02", "q_ratio >= 1.0", None, 10),
    ("P03", "overdue_hazards >= 1", None, 5),
    ("P04", "overdue_hazards >= 3", None, 8),
    ("P05", "open_hazards > 5", None, 6),
    ("P06", "accidents_12m == 1", None, 10),
    ("P07", "license_days_left < 90 && license_days_left >= 0", None, 3),
    ("P08", "officers_certified < 1 && employees >= 30", None, 7),
    ("P09", "officers_certified * 100 < employees && employees > 300", None, 6),
    ("P10", "training_rate < 0.8", None, 5),
    ("P11", "days_since_inspection > 365", None, 5),
    ("P12", "days_since_inspection > 730", None, 5),
    ("P13", "equipment_overdue > 0", None, 6),
    ("P14", "hot_work_permits > 3 && confined_spaces > 1", None, 6),
    ("P15", "contractor_share > 0.4", None, 4),
    ("P16", "penalties_24m >= 2 || (penalties_24m == 1 && overdue_hazards >= 1)", None, 7),
    ("P17", "standardization == 0", None, 4),
    ("P18", "age_years > 25 && equipment_overdue > 0", None, 4),
    ("P19", "!insured", None, 3),
    ("P20", "night_shift && confined_spaces > 2", None, 3),
]
FLOORS = {"yellow": 1, "orange": 2, "red": 3}
#: From this score on.
BANDS = {"yellow": 20, "orange": 40, "red": 60}


#: Columns that have unknowns, if any have.
WITH_UNKNOWNS = ["employees", "q_ratio", "hazard_level", "overdue_hazards", "open_hazards", "major_hazards", "accidents_12m",
                 "license_valid", "training_rate", "insured"]


def register(rows: int, unknown: float = 0.0, seed: int = 20261123) -> pa.Table:
    """Firms of 27 facts, with this share of unknowns in ten of them; the same seed gives the same firms."""
    random = np.random.default_rng(seed)
    columns: dict[str, np.ndarray] = {"id": np.arange(rows, dtype=np.int64)}
    columns["employees"] = np.exp(random.normal(3.5, 1.3, rows)).astype(np.int64) + 1
    columns["q_ratio"] = np.round(np.exp(random.normal(-2.5, 1.5, rows)), 4)
    columns["hazard_level"] = random.choice(5, rows, p=[0.86, 0.01, 0.02, 0.05, 0.06]).astype(np.int64)
    for name, mean in [("overdue_hazards", 0.25), ("open_hazards", 2.0), ("major_hazards", 0.03), ("accidents_12m", 0.04),
                       ("deaths_36m", 0.005)]:
        columns[name] = random.poisson(mean, rows).astype(np.int64)
    columns["license_days_left"] = random.integers(-60, 1095, rows)
    columns["officers_certified"] = random.poisson(1.5, rows).astype(np.int64)
    columns["days_since_inspection"] = random.integers(0, 900, rows)
    for name, mean in [("equipment_overdue", 0.1), ("hot_work_permits", 1.0), ("confined_spaces", 0.6), ("penalties_24m", 0.2)]:
        columns[name] = random.poisson(mean, rows).astype(np.int64)
    columns["standardization"] = random.choice(4, rows, p=[0.5, 0.05, 0.15, 0.3]).astype(np.int64)
    columns["age_years"] = random.integers(0, 40, rows)
    columns["training_rate"] = np.round(random.beta(8, 2, rows), 3)
    columns["contractor_share"] = np.round(random.beta(1, 6, rows), 3)
    columns["likelihood"] = random.choice([0.1, 0.2, 0.5, 1, 3, 6, 10], rows)
    columns["exposure"] = random.choice([0.5, 1, 2, 3, 6, 10], rows)
    columns["consequence"] = random.choice([1.0, 3, 7, 15, 40, 100], rows, p=[0.4, 0.3, 0.15, 0.1, 0.04, 0.01])
    for name, share in [("license_valid", 0.98), ("safety_officer", 0.95), ("fire_system_ok", 0.96), ("insured", 0.7),
                        ("night_shift", 0.3)]:
        columns[name] = random.random(rows) < share
    masks = {name: random.random(rows) < unknown for name in WITH_UNKNOWNS} if unknown else {}
    return pa.table({name: pa.array(values, mask=masks.get(name)) for name, values in columns.items()})


def expression(condition: str, column: str) -> str:
    """A condition as Python with one operator a word, for numpy's and polars' ``&``, ``|`` and ``~``."""
    parts = re.split(r"(&&|\|\||\(|\)|!(?!=))", condition)
    words = []
    for part in parts:
        text = part.strip()
        if text in ("&&", "||", "!"):
            words.append({"&&": "&", "||": "|", "!": "~"}[text])
        elif text in ("(", ")", ""):
            words.append(text)
        else:
            words.append("(" + re.sub(r"[a-z_][a-z_0-9]*", lambda name: column.format(name.group()), text) + ")")
    return " ".join(word for word in words if word)


def sql(condition: str) -> str:
    """A condition as SQL."""
    text = condition.replace("&&", " AND ").replace("||", " OR ").replace("==", "=")
    return re.sub(r"!(?!=)", " NOT ", text)
