"""Pictures: what they show, and that they can be read without colours and in Chinese."""

from __future__ import annotations

import subprocess
import sys

import matplotlib
import pytest
from conftest import AS_OF, FIRMS

matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402

import risktier._plot as plot_module  # noqa: E402
from risktier._html import TIER_INK, TIER_PAINT, TIERS  # noqa: E402


@pytest.fixture
def grades(shops):
    yield shops.grade([{**firm, "district": "东城"} for firm in FIRMS], as_of=AS_OF)
    pyplot.close("all")


def drawn(ax, tmp_path):
    """Draws it; letters that no font has are warnings, and warnings are errors here."""
    path = tmp_path / "picture.png"
    ax.figure.savefig(path)
    assert path.stat().st_size > 5000
    return [text.get_text() for text in ax.figure.findobj(matplotlib.text.Text) if text.get_text()]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tiers(grades, tmp_path, lang):
    ax = grades.plot.tiers(lang=lang)
    words = drawn(ax, tmp_path)
    assert [bar.get_height() for bar in ax.patches] == [1, 1, 1, 1, 2]
    assert [matplotlib.colors.to_hex(bar.get_facecolor()) for bar in ax.patches[:4]] == [TIER_PAINT[tier] for tier in TIERS]
    assert len({bar.get_hatch() for bar in ax.patches}) == 5, "told apart without colour"
    assert set(words) >= ({"blue", "red", "firms"} if lang == "en" else {"蓝", "红", "企业数", "企业风险等级分布"})


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sectors(grades, tmp_path, lang):
    words = drawn(grades.plot.sectors(lang=lang), tmp_path)
    assert "shops (4)" in words and "– (1)" in words
    by_district = grades.plot.sectors("district", lang=lang)
    assert "东城 (6)" in drawn(by_district, tmp_path), "names of the register keep their letters"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_scores(grades, tmp_path, lang):
    ax = grades.plot.scores(bins=10, lang=lang)
    drawn(ax, tmp_path)
    assert sum(bar.get_height() for bar in ax.patches if isinstance(bar, matplotlib.patches.Rectangle)) == 4


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_migration(grades, shops, tmp_path, lang):
    after = shops.with_parameters(least_exits=5).grade(FIRMS, as_of=AS_OF)
    words = drawn(grades.plot.migration(after, lang=lang), tmp_path)
    assert words.count("1▲") == 2 and ("before" if lang == "en" else "此前") in words


def test_pictures_of_nothing(shops, tmp_path):
    none = shops.grade([], as_of=AS_OF)
    for ax in (none.plot.tiers(), none.plot.scores(), none.plot.sectors(), none.plot.migration(none)):
        ax.figure.savefig(tmp_path / "none.png")
    pyplot.close("all")


def test_on_axes_of_others(grades):
    figure, (left, right) = pyplot.subplots(1, 2)
    assert grades.plot.tiers(ax=left) is left and grades.plot.scores(ax=right) is right


def test_without_a_chinese_font_labels_are_english(grades, tmp_path, monkeypatch):
    monkeypatch.setattr(plot_module, "_CHINESE_FONTS", ("No Such Font",))
    with pytest.warns(UserWarning, match="no font here has Chinese letters"):
        ax = grades.plot.tiers(lang="zh")
    assert "Firms by tier" in drawn(ax, tmp_path)
    with pytest.raises(ValueError, match="lang is `de`"):
        grades.plot.tiers(lang="de")


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_words_can_be_read_on_their_colours():
    for tier in TIERS:
        light, dark = sorted([luminance(TIER_PAINT[tier]), luminance(TIER_INK[tier])], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, tier


def test_nothing_optional_is_loaded_before_it_is_used():
    code = """
import sys, risktier as rt
grades = rt.RuleBook.standard().grade([{"sector": "fireworks"}], as_of="2026-11-01")
grades.frame().to_dicts(), grades.findings(), grades.missing(), repr(grades), grades._repr_html_()
loaded = {"pyarrow", "polars", "pandas", "numpy", "duckdb", "matplotlib", "pyspark"} & set(sys.modules)
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-c", code], check=True)
