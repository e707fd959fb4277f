"""How tables and grades look in a notebook and on a terminal. The four colours come with their words, never alone."""

from __future__ import annotations

import unicodedata
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._native import Frame

__all__ = ["TIERS", "TIER_INK", "TIER_PAINT", "frame_html", "frame_text", "grades_html"]

#: From the best to the worst.
TIERS = ("blue", "yellow", "orange", "red")
#: The colours of the tiers: as far apart in lightness as in hue.
TIER_PAINT = {"blue": "#1f5fa8", "yellow": "#ffd84a", "orange": "#f28c28", "red": "#c62828", "ungraded": "#8a8f98"}
#: Letters that can be read on them.
TIER_INK = {"blue": "#ffffff", "yellow": "#000000", "orange": "#000000", "red": "#ffffff", "ungraded": "#ffffff"}

_SHOWN = 10
_MOST_COLUMNS = 14
_WIDEST = 40


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return str(value)


def _tier(text: str) -> str:
    style = f"background:{TIER_PAINT[text]};color:{TIER_INK[text]};padding:0 .5em;border-radius:.3em"
    return f'<span style="{style}">{text}</span>'


def _shown(frame: Frame) -> tuple[list[str], list[list[str]]]:
    """The names and first cells of as many columns as fit; of the others only how many there are."""
    names = frame.columns
    if len(names) > _MOST_COLUMNS:
        names = [*names[: _MOST_COLUMNS - 1], names[-1]]
    rows = [[_cell(row[name]) for name in names] for row in frame.head(_SHOWN).to_dicts()]
    if len(names) < len(frame.columns):
        names.insert(-1, f"… {len(frame.columns) - len(names)} more")
        for row in rows:
            row.insert(-1, "…")
    return names, rows


def frame_html(frame: Frame) -> str:
    """A table with its first rows."""
    names, shown = _shown(frame)
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows: list[str] = []
    for texts in shown:
        cells = "".join(f"<td>{_tier(text) if text in TIERS else escape(text)}</td>" for text in texts)
        rows.append(f"<tr>{cells}</tr>")
    more = f"<p>{len(frame)} rows, the first {_SHOWN} shown</p>" if len(frame) > _SHOWN else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{more}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    if _width(text) <= _WIDEST:
        return text
    kept = ""
    for letter in text:
        if _width(kept + letter) >= _WIDEST:
            break
        kept += letter
    return kept + "…"


def frame_text(frame: Frame) -> str:
    """A table of text with its first rows."""
    rows, columns = frame.shape
    names, cells = _shown(frame)
    shown = [names, *([_cut(text) for text in row] for row in cells)]
    widths = [max(_width(row[at]) for row in shown) for at in range(len(names))]
    lines = ["  ".join(text + " " * (width - _width(text)) for text, width in zip(row, widths)).rstrip() for row in shown]
    return "\n".join([f"Frame: {rows} rows, {columns} columns", *lines])


def grades_html(counts: dict[str, int], settled: int, wrong: int, identity: dict[str, str]) -> str:
    """The register in one bar of four colours, with its numbers."""
    total = sum(counts.values())
    parts = "".join(
        f'<div title="{name}: {count}" style="flex:{count};background:{TIER_PAINT[name]};height:1.2em"></div>'
        for name, count in counts.items()
        if count
    )
    cells = "".join(
        f'<td style="background:{TIER_PAINT[name]};color:{TIER_INK[name]};text-align:center">'
        f"{name}<br><b>{count:,}</b><br>{count / total if total else 0:.1%}</td>"
        for name, count in counts.items()
        if count or name != "ungraded"
    )
    note = f"{total:,} firms · {settled:,} settled · {wrong:,} with data errors · as of {escape(identity['as_of'])}"
    return (
        f'<div style="max-width:40em"><div style="display:flex;border-radius:.3em;overflow:hidden">{parts}</div>'
        f"<table><tr>{cells}</tr></table><small>{note} · book {escape(identity['book'][:12])} · "
        f"engine {escape(identity['engine'])}</small></div>"
    )

