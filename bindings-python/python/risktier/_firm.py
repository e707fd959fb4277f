"""Answers about one firm, as typed objects. Their fields are those of the engine's JSON, which ``to_dict`` gives back."""

from __future__ import annotations

import datetime
import enum
import json
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Dict, List, Optional, Type, TypeVar, Union, get_args, get_origin, get_type_hints

__all__ = [
    "Citation",
    "Collect",
    "DataError",
    "Document",
    "Duty",
    "Explanation",
    "FactRead",
    "Fault",
    "Fired",
    "FirmError",
    "FirmLists",
    "FiveAssignments",
    "Grade",
    "Hazard",
    "Identity",
    "IssuedList",
    "ItemRead",
    "Label",
    "ListedSector",
    "Measure",
    "Missing",
    "NextInspection",
    "Record",
    "RiskEntry",
    "RuleExplanation",
    "Score",
    "SectorExplanation",
    "SectorGrade",
    "SectorWayDown",
    "Site",
    "Tier",
    "Undetermined",
    "Wait",
    "Way",
    "WayDown",
]

R = TypeVar("R", bound="Record")
Value = Union[bool, int, float, str]


class Tier(str, enum.Enum):
    """A tier; the worse is the greater.

    >>> Tier.BLUE < Tier.YELLOW < Tier.ORANGE < Tier.RED
    True
    >>> Tier("red") == "red"
    True
    """

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """0 for blue to 3 for red."""
        return list(Tier).index(self)

    def __str__(self) -> str:
        return self.value

    def __lt__(self, other: str) -> bool:
        return self.rank < Tier(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Tier(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Tier(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Tier(other).rank

    def __hash__(self) -> int:
        return hash(self.value)

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self.value, other) if isinstance(other, str) else NotImplemented


_HINTS: Dict[Any, Dict[str, Any]] = {}


def _hints(cls: Any) -> Dict[str, Any]:
    if cls not in _HINTS:
        _HINTS[cls] = get_type_hints(cls)
    return _HINTS[cls]


def _read(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = get_origin(hint)
    if origin is Union:
        # Optional, or one of the plain types of a value.
        options = [option for option in get_args(hint) if option is not type(None)]
        return _read(options[0], value) if len(options) == 1 else value
    if origin in (list, List):
        return [_read(get_args(hint)[0], item) for item in value]
    if origin in (dict, Dict):
        return value
    if hint is datetime.date:
        return datetime.date.fromisoformat(value)
    if hint is Tier:
        return Tier(value)
    if is_dataclass(hint) and isinstance(hint, type) and issubclass(hint, Record):
        return hint.from_dict(value)
    return value


@dataclass(frozen=True)
class Record:
    """An object of the engine's JSON."""

    _source: Dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def from_dict(cls: Type[R], data: Dict[str, Any]) -> R:
        """From what :meth:`to_dict` gives."""
        hints = _hints(cls)
        names = [one.name for one in fields(cls) if one.name != "_source"]
        values = {name: _read(hints[name], data[name]) for name in names if name in data}
        return cls(data, **values)

    @classmethod
    def from_json(cls: Type[R], text: str) -> R:
        """From JSON text."""
        return cls.from_dict(json.loads(text))

    def to_dict(self) -> Dict[str, Any]:
        """The engine's own form, for JSON: the same in every language that risktier is used from."""
        copy: Dict[str, Any] = json.loads(json.dumps(self._source))
        return copy


@dataclass(frozen=True)
class Label(Record):
    """A text in two languages."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en


@dataclass(frozen=True)
class Site(Record):
    """A place in a rule script; line and column from 1, column 0 for the whole line."""

    script: str
    line: int
    column: int


@dataclass(frozen=True)
class Identity(Record):
    """What graded: with it, and the same facts, a grade can be made again."""

    book: str
    engine: str
    as_of: datetime.date


@dataclass(frozen=True)
class Score(Record):
    """A score, with the lowest and highest that the record cannot rule out."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Fired(Record):
    """A rule that fired: the tier that it demands, or its points before the cap of their item."""

    rule: str
    tier: Optional[Tier] = None
    points: Optional[float] = None


@dataclass(frozen=True)
class Wait(Record):
    """An unknown fact (or ``list.field``), and in which items of the list."""

    fact: str
    items: List[int] = field(default_factory=list)


@dataclass(frozen=True)
class Undetermined(Record):
    """A rule that the record does not decide."""

    rule: str
    waits_for: List[Wait]


@dataclass(frozen=True)
class Fault(Record):
    """An operation on known values that has no value; ``table`` and ``key`` for a missing entry."""

    kind: str
    site: Site
    affects: List[str]
    table: Optional[str] = None
    key: Optional[str] = None


@dataclass(frozen=True)
class Measure(Record):
    """A quantity that was computed; none if unknown."""

    name: str
    value: Optional[Value]


@dataclass(frozen=True)
class DataError(Record):
    """A value that is not what its fact was declared as; it counts as unknown. ``item`` counts from 0."""

    fact: str
    value: str
    expected: str
    expected_zh: str
    item: Optional[int] = None


@dataclass(frozen=True)
class FirmError(Record):
    """A sector that the book does not have."""

    kind: str
    sector: Optional[str] = None
    nearest: Optional[str] = None


@dataclass(frozen=True)
class Missing(Record):
    """An unknown fact that keeps a grade open, the rules that it can decide alone, and what it would leave possible."""

    fact: str
    decides: List[str]
    best_at_worst: Tier
    worst_at_best: Tier


@dataclass(frozen=True)
class SectorGrade(Record):
    """The grade of a firm in one sector."""

    sector: str
    tier: Tier
    best: Tier
    worst: Tier
    settled: bool
    score: Optional[Score]
    fired: List[Fired]
    undetermined: List[Undetermined]
    faults: List[Fault]
    measures: List[Measure]
    assumed: List[str]


@dataclass(frozen=True)
class Grade(Record):
    """The grade of a firm: the tier on record, the best and the worst that the record cannot rule out, and why."""

    id: Optional[str]
    tier: Tier
    best: Tier
    worst: Tier
    settled: bool
    decided_by: str
    sectors: List[SectorGrade]
    data_errors: List[DataError]
    errors: List[FirmError]
    missing: List[Missing]
    identity: Identity


@dataclass(frozen=True)
class Document(Record):
    """A law, regulation or standard."""

    id: str
    title: str
    title_en: Optional[str]
    number: str
    issuer: Optional[str]
    date: Optional[datetime.date]
    url: Optional[str]


@dataclass(frozen=True)
class Citation(Record):
    """Where a rule comes from: a clause of a document, or a judgement of the rule's author with its ``reason``."""

    document: Optional[Document] = None
    article: Optional[str] = None
    #: ``READ``, or ``RECALLED`` where the author did not have the clause at hand.
    basis: Optional[str] = None
    note: Optional[str] = None
    reason: Optional[str] = None

    @classmethod
    def from_dict(cls, data: Dict[str, Any]) -> Citation:
        """From ``{"clause": ...}`` or ``{"own": ...}``."""
        inner: Dict[str, Any] = data.get("clause") or data.get("own") or {}
        document = inner.get("document")
        return cls(
            data,
            document=document and Document.from_dict(document),
            article=inner.get("article"),
            basis=inner.get("basis"),
            note=inner.get("note"),
            reason=inner.get("reason"),
        )


@dataclass(frozen=True)
class ItemRead(Record):
    """An item of a list that a rule read, by its place from 0, with its known values."""

    item: int
    values: Dict[str, Value]


@dataclass(frozen=True)
class FactRead(Record):
    """A fact, list or measure that a rule read: its value, or how many items the list has and which show the answer."""

    fact: str
    label: Label
    unit: Optional[str]
    value: Optional[Value]
    items: Optional[int]
    shown_by: List[ItemRead] = field(default_factory=list)


@dataclass(frozen=True)
class RuleExplanation(Record):
    """A rule and what came of it: ``outcome`` is ``fired``, ``clear`` or ``undetermined``."""

    rule: str
    merit: bool
    outcome: str
    finding: Label
    condition: str
    tier: Optional[Tier]
    points: Optional[float]
    read: List[FactRead]
    waits_for: List[Wait]
    cite: List[Citation]
    site: Site


@dataclass(frozen=True)
class Way(Record):
    """A set of rules to close and facts to establish; days one after the other, and all at once."""

    close: List[str]
    establish: List[str]
    facts: List[str]
    effort_days: int
    longest_days: int


@dataclass(frozen=True)
class WayDown(Record):
    """What it takes to come to a better tier: ``goal`` is ``on-record`` or ``for-certain``."""

    to: Tier
    goal: str
    ways: List[Way]
    blocked_by: List[str] = field(default_factory=list)


@dataclass(frozen=True)
class SectorWayDown(Record):
    """The ways down of a firm in one sector."""

    sector: str
    tier: Tier
    way_down: List[WayDown]


@dataclass(frozen=True)
class SectorExplanation(Record):
    """A firm in one sector: the rules that decided, the ways down, and every rule in force."""

    sector: str
    decided_by: List[str]
    by_score: bool
    way_down: List[WayDown]
    rules: List[RuleExplanation]


@dataclass(frozen=True)
class Explanation(Record):
    """A grade with the outcome of every rule."""

    grade: Grade
    sectors: List[SectorExplanation]


@dataclass(frozen=True)
class ListedSector(Record):
    """A sector of the firm, with its tier, score and ways down there."""

    id: str
    name: Label
    tier: Tier
    score: Optional[float]
    way_down: List[WayDown]


@dataclass(frozen=True)
class NextInspection(Record):
    """How the firm is supervised, and the last day for the next inspection."""

    frequency: Label
    due: Optional[datetime.date]


@dataclass(frozen=True)
class IssuedList(Record):
    """What the book calls a list, and on what ground it is issued."""

    id: str
    name: Label
    cite: List[Citation]


@dataclass(frozen=True)
class RiskEntry(Record):
    """An item of the risk list."""

    id: str
    rule: str
    sectors: List[str]
    risk: Label
    tier: Optional[Tier]
    points: Optional[float]
    outcome: str
    control: Label
    control_level: Optional[Label]
    owner: Label
    cite: List[Citation]


@dataclass(frozen=True)
class Collect(Record):
    """A fact to collect."""

    fact: str
    label: Label
    unit: Optional[str]
    items: List[int] = field(default_factory=list)


@dataclass(frozen=True)
class Hazard(Record):
    """An item of the hazard list: ``state`` is ``found`` or ``to-verify``."""

    id: str
    rule: str
    sectors: List[str]
    state: str
    finding: Label
    major: bool
    tier: Optional[Tier]
    points: Optional[float]
    shown_by: List[FactRead]
    collect: List[Collect]
    requirement: List[Citation]
    lasting: bool


@dataclass(frozen=True)
class FiveAssignments(Record):
    """What must be settled for a major hazard before work on it begins (五落实)."""

    responsibility: Label
    measures: Label
    funds: Label
    time_limit: Optional[datetime.date]
    emergency_plan: Label


@dataclass(frozen=True)
class Duty(Record):
    """An item of the responsibility list: ``kind`` is ``rectify`` or ``establish``."""

    id: str
    kind: str
    rules: List[str]
    fact: Optional[str]
    measure: Label
    owner: Label
    days: Optional[int]
    deadline: Optional[datetime.date]
    verified_by: Optional[Label]
    five: Optional[FiveAssignments]


@dataclass(frozen=True)
class FirmLists(Record):
    """The three lists of a firm."""

    firm: Optional[str]
    name: Optional[str]
    tier: Tier
    best: Tier
    worst: Tier
    sectors: List[ListedSector]
    decided_by: str
    supervision: Optional[NextInspection]
    names: List[IssuedList]
    risks: List[RiskEntry]
    hazards: List[Hazard]
    duties: List[Duty]
    errors: List[Label]
    identity: Identity
