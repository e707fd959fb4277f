"""The corpus of the project, replayed: what Python gets is byte for byte what Rust gives."""

from __future__ import annotations

import datetime
import hashlib
import json

import pyarrow as pa
import pytest
from conftest import ROOT

import risktier as rt
from risktier._frames import as_json

CORPUS = ROOT / "tests" / "corpus"
FIRMS = [json.loads(line) for line in (CORPUS / "firms.jsonl").read_text(encoding="utf-8").splitlines()]
TEXTS = (CORPUS / "firms.jsonl").read_text(encoding="utf-8").splitlines()
HEADER, *EXPECTED = [json.loads(line) for line in (CORPUS / "grades.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def grader(standard):
    assert standard.hash == HEADER["book"], "the corpus was graded by other rules; see tests/corpus/README.md"
    return standard._native.grader(HEADER["as_of"])


def digest(text: str) -> str:
    identity = json.dumps(HEADER, separators=(",", ":"))
    assert text.count(f',"identity":{identity}') == 1
    return hashlib.sha256(text.replace(f',"identity":{identity}', "").encode()).hexdigest()


def check(wanted: dict, grade: str, explanation: str, lists: str) -> None:
    assert digest(grade) == wanted["grade"]
    assert digest(explanation) == wanted["explanation"]
    assert digest(lists) == wanted["lists"]
    parsed = rt.Grade.from_json(grade)
    assert (parsed.tier, parsed.best, parsed.worst) == (wanted["tier"], wanted["best"], wanted["worst"])


def test_one_by_one_it_comes_out_byte_for_byte(grader):
    assert len(FIRMS) == len(EXPECTED) > 400
    ungraded = 0
    for firm, wanted in zip(FIRMS, EXPECTED):
        text = as_json(firm)
        if "error" in wanted:
            ungraded += 1
            with pytest.raises(rt.InputError):
                grader.grade_json(text)
            continue
        check(wanted, grader.grade_json(text), grader.explain_json(text), grader.lists_json(text, None))
    assert 0 < ungraded < 20


def test_as_records_it_comes_out_byte_for_byte(grader, standard):
    grades = standard.grade(FIRMS, as_of=HEADER["as_of"])
    tiers = [wanted.get("tier") for wanted in EXPECTED]
    assert grades.frame(["tier"])["tier"] == tiers == grades.frame()["tier"]
    for row, wanted in enumerate(EXPECTED):
        if "error" not in wanted:
            native = grades._native
            assert digest(native.grade_json(row)) == wanted["grade"]
            assert digest(native.explain_json(row)) == wanted["explanation"]


TYPES = {"bool": pa.bool_(), "int": pa.int64(), "float": pa.float64(), "text": pa.string(), "date": pa.date32()}
KINDS = {"bool": bool, "int": int, "float": (int, float), "text": str, "date": str}


def fits(kind: str, value: object) -> bool:
    if value is None:
        return True
    if kind == "date":
        try:
            datetime.date.fromisoformat(value)
        except (TypeError, ValueError):
            return False
    return isinstance(value, KINDS[kind]) and (kind == "bool" or not isinstance(value, bool))


def test_as_a_frame_with_nested_lists_it_comes_out_byte_for_byte(grader, standard):
    """The firms whose values all have the type of their fact, as one frame of all columns of the book."""
    facts, lists = {}, {}
    for row in standard.facts().to_dicts():
        name, _, field = row["fact"].partition(".")
        if field:
            lists.setdefault(name, {})[field] = row["type"]
        else:
            facts[name] = row["type"]

    def good(firm: dict) -> bool:
        items_fit = all(
            isinstance(item, dict) and all(fits(kind, item.get(field)) for field, kind in fields.items())
            for name, fields in lists.items()
            for item in (firm.get(name) or [])
        )
        return items_fit and all(fits(kind, firm.get(name)) for name, kind in facts.items()) and isinstance(firm.get("sector"), str)

    chosen = [row for row, firm in enumerate(FIRMS) if good(firm)]
    assert len(chosen) > 300

    def value(kind: str, given: object) -> object:
        if kind == "date" and isinstance(given, str):
            return datetime.date.fromisoformat(given)
        return float(given) if kind == "float" and given is not None else given

    columns = {"id": pa.array([None if FIRMS[row].get("id") is None else str(FIRMS[row]["id"]) for row in chosen])}
    columns["sector"] = pa.array([FIRMS[row]["sector"] for row in chosen])
    for name, kind in facts.items():
        columns[name] = pa.array([value(kind, FIRMS[row].get(name)) for row in chosen], TYPES[kind])
    for name, fields in lists.items():
        of_type = pa.list_(pa.struct([(field, TYPES[kind]) for field, kind in fields.items()]))
        items = [
            None if FIRMS[row].get(name) is None else [{field: value(kind, item.get(field)) for field, kind in fields.items()} for item in FIRMS[row][name]]
            for row in chosen
        ]
        columns[name] = pa.array(items, of_type)
    frame = pa.table(columns)
    for given in (frame, frame.to_reader(max_chunksize=50)):
        native = standard.grade(given, as_of=HEADER["as_of"])._native
        for at, row in enumerate(chosen):
            if "error" not in EXPECTED[row]:
                assert digest(native.grade_json(at)) == EXPECTED[row]["grade"], FIRMS[row]["id"]
                assert digest(native.explain_json(at)) == EXPECTED[row]["explanation"], FIRMS[row]["id"]


def test_typed_objects_have_every_field_of_the_json_and_no_other(standard):
    """Fields that the engine gains, loses or renames show here."""
    seen: dict[type, set[str]] = {}

    def walk(record: object) -> None:
        if isinstance(record, list):
            for item in record:
                walk(item)
        if not isinstance(record, rt._firm.Record):
            return
        kind = type(record)
        names = {name for name in record.__dataclass_fields__ if name != "_source"}
        keys = set(record._source)
        if kind is rt._firm.Citation:
            keys = set(record._source.get("clause") or record._source["own"])
        assert keys <= names, f"{kind.__name__} knows nothing of {keys - names}"
        seen.setdefault(kind, set()).update(keys)
        for name in names:
            walk(getattr(record, name))

    for firm, wanted in zip(FIRMS, EXPECTED):
        if "error" not in wanted:
            walk(standard.explain(firm, as_of=HEADER["as_of"]))
            walk(standard.lists(firm, as_of=HEADER["as_of"], name="n"))
            walk(standard.way_down(firm, as_of=HEADER["as_of"]))
    unseen = {
        kind.__name__: {name for name in kind.__dataclass_fields__ if name != "_source"} - keys for kind, keys in seen.items()
    }
    # A missing entry of a table is a fault that no firm of the corpus has.
    unseen["Fault"] = unseen.get("Fault", set()) - {"table", "key"}
    assert {name: fields for name, fields in unseen.items() if fields} == {}


def test_to_dict_gives_the_json_back(standard, grader):
    for firm, wanted in list(zip(FIRMS, EXPECTED))[::20]:
        if "error" not in wanted:
            text = grader.explain_json(as_json(firm))
            assert json.dumps(rt.Explanation.from_json(text).to_dict(), ensure_ascii=False) == json.dumps(json.loads(text), ensure_ascii=False)
            assert rt.Explanation.from_dict(json.loads(text)) == rt.Explanation.from_json(text)
