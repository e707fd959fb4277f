"""Pictures of a graded register, on matplotlib.

Tiers are told by colour, hatching and a word or number, so that no picture hangs on colour alone. With ``lang="zh"`` labels
are Chinese where a font has the letters, and English where none has.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Optional

from ._html import TIER_INK, TIER_PAINT, TIERS

if TYPE_CHECKING:
    from ._grades import Grades

__all__ = ["Plots"]

_HATCH = {"blue": "", "yellow": "..", "orange": "//", "red": "xx", "ungraded": "--"}
_WORDS = {
    "blue": ("blue", "蓝"),
    "yellow": ("yellow", "黄"),
    "orange": ("orange", "橙"),
    "red": ("red", "红"),
    "ungraded": ("ungraded", "未定级"),
    "firms": ("firms", "企业数"),
    "score": ("score", "得分"),
    "before": ("before", "此前"),
    "after": ("after", "此后"),
    "tiers": ("Firms by tier", "企业风险等级分布"),
    "sectors": ("Firms by sector and tier", "各行业企业风险等级"),
    "scores": ("Scores by tier", "各等级得分分布"),
    "migration": ("From tier to tier", "等级变化"),
    "share": ("share of firms", "企业占比"),
}
_CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Noto Sans CJK JP",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Noto Serif CJK SC",
)


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot as pyplot
    except ImportError as error:
        raise ImportError("pictures need matplotlib: pip install 'risktier[plot]'") from error
    return pyplot


def _chinese_font() -> Optional[str]:
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _CHINESE_FONTS if name in known), None)


class _Style:
    """The words of a language, in a font that has them."""

    def __init__(self, lang: str) -> None:
        if lang not in ("en", "zh"):
            raise ValueError(f"lang is `{lang}`; expected `en` or `zh`")
        font = _chinese_font()
        if lang == "zh" and font is None:
            warnings.warn("no font here has Chinese letters; the labels are in English", stacklevel=4)
            lang = "en"
        self.lang = lang
        # The register's own names may be Chinese in either language.
        self.rc = {"font.family": ["DejaVu Sans", font] if font else ["DejaVu Sans"]}

    def word(self, key: str) -> str:
        return _WORDS[key][self.lang == "zh"]


class Plots:
    """Each picture takes ``ax`` (matplotlib Axes to draw on; new ones if not given) and ``lang``, and gives the Axes."""

    __slots__ = ("_grades",)

    def __init__(self, grades: Grades) -> None:
        self._grades = grades

    def tiers(self, *, ax: Any = None, lang: str = "en") -> Any:
        """How many firms have each tier."""
        style, pyplot = _Style(lang), _pyplot()
        counts = {name: count for name, count in self._grades.counts.items() if count or name != "ungraded"}
        with pyplot.rc_context(style.rc):
            ax = ax or pyplot.subplots(figsize=(6, 3.5), layout="constrained")[1]
            names = [style.word(name) for name in counts]
            bars = ax.bar(names, list(counts.values()), edgecolor="black", linewidth=0.6)
            for bar, name in zip(bars, counts):
                _paint(bar, name)
            ax.bar_label(bars, labels=[f"{count:,}" for count in counts.values()], padding=2)
            ax.set_ylabel(style.word("firms"))
            ax.set_title(style.word("tiers"))
            ax.spines[["top", "right"]].set_visible(False)
            ax.margins(y=0.12)
        return ax

    def sectors(self, by: str = "sector", *, most: int = 20, ax: Any = None, lang: str = "en") -> Any:
        """The share of each tier by sector, or by another column of the register; those with most red first."""
        style, pyplot = _Style(lang), _pyplot()
        rows = self._grades.by(by).to_dicts()
        rows.sort(key=lambda row: (-row["red"] / row["firms"], -row["orange"] / row["firms"], str(row[by])))
        rows = rows[:most][::-1]
        names = [f"{'–' if row[by] is None else row[by]} ({row['firms']:,})" for row in rows]
        with pyplot.rc_context(style.rc):
            ax = ax or pyplot.subplots(figsize=(8, 1.2 + 0.32 * len(rows)), layout="constrained")[1]
            left = [0.0] * len(rows)
            for tier in (*TIERS[::-1], "ungraded"):
                if tier == "ungraded" and not any(row[tier] for row in rows):
                    continue
                shares = [row[tier] / row["firms"] for row in rows]
                bars = ax.barh(names, shares, left=left, edgecolor="black", linewidth=0.4, label=style.word(tier))
                for bar, row in zip(bars, rows):
                    _paint(bar, tier)
                    if bar.get_width() > 0.06:
                        _number(ax, bar, tier, f"{row[tier]:,}")
                left = [start + share for start, share in zip(left, shares)]
            ax.set_xlim(0, 1)
            ax.xaxis.set_major_formatter(lambda share, _at: f"{share:.0%}")
            ax.set_xlabel(style.word("share"))
            ax.set_title(style.word("sectors"))
            ax.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.05 - 0.9 / max(len(rows), 3)), frameon=False)
        return ax

    def scores(self, *, bins: int = 40, ax: Any = None, lang: str = "en") -> Any:
        """How the scores are spread, by tier; firms of sectors without a score are left out."""
        style, pyplot = _Style(lang), _pyplot()
        edges, counts = self._grades._native.score_counts(bins)
        with pyplot.rc_context(style.rc):
            ax = ax or pyplot.subplots(figsize=(7, 3.5), layout="constrained")[1]
            bottom = [0.0] * bins
            for tier, of_tier in zip(TIERS, counts):
                if not edges or not any(of_tier):
                    continue
                width = edges[1] - edges[0]
                bars = ax.bar(edges[:-1], of_tier, width, bottom, align="edge", edgecolor="black", linewidth=0.3)
                for bar in bars:
                    _paint(bar, tier)
                bars.set_label(f"{style.word(tier)} ({sum(of_tier):,})")
                bottom = [start + count for start, count in zip(bottom, of_tier)]
            ax.set_xlabel(style.word("score"))
            ax.set_ylabel(style.word("firms"))
            ax.set_title(style.word("scores"))
            ax.spines[["top", "right"]].set_visible(False)
            if edges:
                ax.legend(frameon=False)
        return ax

    def migration(self, after: Grades, *, ax: Any = None, lang: str = "en") -> Any:
        """How many firms went from which tier to which, from these grades to others of the same register."""
        from ._compare import compare

        style, pyplot = _Style(lang), _pyplot()
        rows = compare(self._grades, after).matrix.to_dicts()
        has_ungraded = any(row["ungraded"] or (row["before"] == "ungraded" and any(row[name] for name in TIERS)) for row in rows)
        names = [*TIERS, "ungraded"] if has_ungraded else list(TIERS)
        counts = [[row[name] for name in names] for row in rows if row["before"] in names]
        moved = max((count for at, row in enumerate(counts) for to, count in enumerate(row) if at != to), default=0)
        with pyplot.rc_context(style.rc):
            ax = ax or pyplot.subplots(figsize=(5, 4.2), layout="constrained")[1]
            for at, row in enumerate(counts):
                for to, count in enumerate(row):
                    # Firms that stay are grey; of those that move, the more the darker, and better ones are hatched.
                    shade = 0.08 if at == to or not count else 0.2 + 0.6 * count / moved
                    kind: dict[str, Any] = {"facecolor": str(1 - shade), "edgecolor": "white"}
                    if to < at and count:
                        kind["hatch"] = "//"
                    ax.add_patch(pyplot.Rectangle((to - 0.5, at - 0.5), 1, 1, **kind))
                    if count:
                        sign = "" if at == to else ("▲" if to > at else "▼")
                        label = ax.text(to, at, f"{count:,}{sign}", ha="center", va="center")
                        label.set_bbox({"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1.5})
            words = [style.word(name) for name in names]
            ax.set_xticks(range(len(names)), words)
            ax.set_yticks(range(len(names)), words)
            for label, name in [*zip(ax.get_xticklabels(), names), *zip(ax.get_yticklabels(), names)]:
                label.set_bbox({"facecolor": TIER_PAINT[name], "linewidth": 0, "boxstyle": "round,pad=0.3"})
                label.set_color(TIER_INK[name])
            ax.set_xlim(-0.5, len(names) - 0.5)
            ax.set_ylim(len(names) - 0.5, -0.5)
            ax.set_xlabel(style.word("after"))
            ax.set_ylabel(style.word("before"))
            ax.set_title(style.word("migration"))
        return ax


def _paint(bar: Any, tier: str) -> None:
    bar.set_facecolor(TIER_PAINT[tier])
    bar.set_hatch(_HATCH[tier])


def _number(ax: Any, bar: Any, tier: str, text: str) -> None:
    label = ax.text(
        bar.get_x() + bar.get_width() / 2,
        bar.get_y() + bar.get_height() / 2,
        text,
        ha="center",
        va="center",
        fontsize="small",
        color=TIER_INK[tier],
    )
    label.set_bbox({"facecolor": TIER_PAINT[tier], "linewidth": 0, "pad": 1})
