//! Charts as inline SVG: axis, labels, units, and the numbers themselves. Series differ by pattern too, for who prints in black
//! or does not see the colours.

use maud::{Markup, html};

use crate::Lang;
use crate::lang::say;

/// A series of a chart: what it is called, and the pattern that it is drawn with.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) pattern: &'static str,
}

/// Bars that are stacked from series.
pub(super) struct Bars {
    /// What is drawn, for who hears the page.
    pub(super) title: String,
    /// What is counted.
    pub(super) unit: String,
    pub(super) series: Vec<Series>,
    /// A bar each: its name, and a number a series.
    pub(super) bars: Vec<(String, Vec<u64>)>,
}

/// A line over time, from 0 to 100.
pub(super) struct Line {
    pub(super) title: String,
    pub(super) unit: String,
    /// Name and value of each point.
    pub(super) points: Vec<(String, Option<f64>)>,
}

/// Patterns that the charts are drawn with, once a page: a colour, and signs on it. None is plain but the calmest.
pub(super) fn patterns() -> Markup {
    let pattern = |id: &str, fill: &str, ink: &str, sign: &str| {
        html! {
            pattern id=(id) width="8" height="8" patternUnits="userSpaceOnUse" {
                rect width="8" height="8" fill=(fill) {}
                @if !sign.is_empty() { path d=(sign) stroke=(ink) stroke-width="1.2" fill="none" {} }
            }
        }
    };
    html! {
        svg class="patterns" width="0" height="0" aria-hidden="true" {
            defs {
                (pattern("blue", "#1f5fa8", "#fff", ""))
                (pattern("yellow", "#ffd84a", "#000", "M2 4h1M6 0h1M6 8h1"))
                (pattern("orange", "#f28c28", "#000", "M-2 6l4 4M-2 -2l12 12M6 -2l4 4"))
                (pattern("red", "#c62828", "#fff", "M-2 6l4 4M-2 -2l12 12M6 -2l4 4M-2 2l4 -4M-2 10l12 -12M6 10l4 -4"))
                (pattern("none", "#fff", "#5c6675", "M0 4h8"))
                (pattern("open", "#8a97aa", "#fff", "M4 0v8"))
                (pattern("done", "#2e7d5b", "#fff", ""))
            }
        }
    }
}

/// The colour of numbers inside a pattern.
fn ink(pattern: &str) -> &'static str {
    if matches!(pattern, "yellow" | "orange" | "none") { "#000" } else { "#fff" }
}

fn px(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A step of 1, 2 or 5 times a power of ten that divides up to `most` into at most five.
fn step(most: u64) -> u64 {
    let mut power = 1;
    loop {
        for step in [1, 2, 5] {
            if step * power * 5 >= most {
                return step * power;
            }
        }
        power *= 10;
    }
}

fn legend(series: &[Series], x: f64, y: f64) -> Markup {
    html! {
        @for (at, one) in series.iter().enumerate() {
            @let y = y + 20.0 * at as f64;
            rect x=(px(x)) y=(px(y)) width="14" height="14" fill={ "url(#" (one.pattern) ")" } stroke="#1c2430" {}
            text x=(px(x + 20.0)) y=(px(y + 11.0)) { (one.name) }
        }
    }
}

/// A part of a bar, with its number where there is room for it.
fn part(pattern: &str, value: u64, (x, y): (f64, f64), (width, height): (f64, f64)) -> Markup {
    let number = value.to_string();
    let fits = height >= 12.0 && width >= 7.0 * number.len() as f64 + 6.0;
    html! {
        rect x=(px(x)) y=(px(y)) width=(px(width)) height=(px(height)) fill={ "url(#" (pattern) ")" } stroke="#1c2430" stroke-width="0.5" {}
        @if fits {
            text class="in" x=(px(x + width / 2.0)) y=(px(y + height / 2.0 + 4.0)) fill=(ink(pattern)) stroke=(pattern_ground(pattern)) { (number) }
        }
    }
}

/// Behind a number, so that the pattern does not cross it.
fn pattern_ground(pattern: &str) -> &'static str {
    match pattern {
        "blue" => "#1f5fa8",
        "yellow" => "#ffd84a",
        "orange" => "#f28c28",
        "red" => "#c62828",
        "open" => "#8a97aa",
        "done" => "#2e7d5b",
        _ => "#fff",
    }
}

impl Bars {
    fn most(&self) -> u64 {
        self.bars.iter().map(|(_, values)| values.iter().sum()).max().unwrap_or(0).max(1)
    }

    /// Standing bars, side by side: few of them, as months are.
    pub(super) fn standing(&self) -> Markup {
        let (left, top, height, legend_width) = (56.0, 24.0, 190.0, 150.0);
        let step = step(self.most());
        let top_value = self.most().div_ceil(step) * step;
        let scale = height / top_value as f64;
        let (slot, bar) = (86.0, 44.0);
        let width = slot * self.bars.len() as f64;
        let all = (left + width + legend_width, top + height + 30.0);
        let base = top + height;
        html! {
            svg class="chart" role="img" aria-label=(self.title) viewBox={ "0 0 " (px(all.0)) " " (px(all.1)) } width=(px(all.0)) height=(px(all.1)) {
                title { (self.title) }
                text x="4" y="12" { (self.unit) }
                @for tick in (0..=top_value / step).map(|at| at * step) {
                    @let y = base - tick as f64 * scale;
                    line x1=(px(left)) y1=(px(y)) x2=(px(left + width)) y2=(px(y)) stroke="#d5dae2" {}
                    text class="end" x=(px(left - 6.0)) y=(px(y + 4.0)) { (tick) }
                }
                @for (at, (name, values)) in self.bars.iter().enumerate() {
                    @let x = left + slot * at as f64 + (slot - bar) / 2.0;
                    @for (below, (series, value)) in stacked(values).zip(self.series.iter().zip(values)) {
                        @if *value > 0 {
                            @let size = *value as f64 * scale;
                            (part(series.pattern, *value, (x, base - below as f64 * scale - size), (bar, size)))
                        }
                    }
                    text class="middle" x=(px(x + bar / 2.0)) y=(px(base + 16.0)) { (name) }
                }
                line x1=(px(left)) y1=(px(base)) x2=(px(left + width)) y2=(px(base)) stroke="#1c2430" {}
                (legend(&self.series, left + width + 16.0, top))
            }
        }
    }

    /// Lying bars, one below the other: many of them, with long names.
    pub(super) fn lying(&self) -> Markup {
        let (left, top, width, line) = (250.0, 28.0, 470.0, 19.0);
        let step = step(self.most());
        let top_value = self.most().div_ceil(step) * step;
        let scale = width / top_value as f64;
        let height = line * self.bars.len() as f64;
        let all = (left + width + 60.0, top + height + 30.0);
        let base = top + height;
        html! {
            svg class="chart" role="img" aria-label=(self.title) viewBox={ "0 0 " (px(all.0)) " " (px(all.1)) } width=(px(all.0)) height=(px(all.1)) {
                title { (self.title) }
                @for (at, one) in self.series.iter().enumerate() {
                    @let x = left + 94.0 * at as f64;
                    rect x=(px(x)) y="4" width="14" height="14" fill={ "url(#" (one.pattern) ")" } stroke="#1c2430" {}
                    text x=(px(x + 20.0)) y="15" { (one.name) }
                }
                @for tick in (0..=top_value / step).map(|at| at * step) {
                    @let x = left + tick as f64 * scale;
                    line x1=(px(x)) y1=(px(top)) x2=(px(x)) y2=(px(base)) stroke="#d5dae2" {}
                    text class="middle" x=(px(x)) y=(px(base + 14.0)) { (tick) }
                }
                text class="end" x=(px(left - 6.0)) y=(px(base + 14.0)) { (self.unit) }
                @for (at, (name, values)) in self.bars.iter().enumerate() {
                    @let y = top + line * at as f64 + 2.0;
                    text class="end" x=(px(left - 6.0)) y=(px(y + 12.0)) { (shortened(name)) }
                    @for (below, (series, value)) in stacked(values).zip(self.series.iter().zip(values)) {
                        @if *value > 0 {
                            (part(series.pattern, *value, (left + below as f64 * scale, y), (*value as f64 * scale, line - 4.0)))
                        }
                    }
                    @let total: u64 = values.iter().sum();
                    text x=(px(left + total as f64 * scale + 5.0)) y=(px(y + 12.0)) { (total) }
                }
                line x1=(px(left)) y1=(px(top)) x2=(px(left)) y2=(px(base)) stroke="#1c2430" {}
            }
        }
    }
}

/// What lies below each value of a stack.
fn stacked(values: &[u64]) -> impl Iterator<Item = u64> {
    values.iter().scan(0, |sum, value| {
        let below = *sum;
        *sum += value;
        Some(below)
    })
}

/// A name that fits beside a bar; a Chinese sign takes two places.
fn shortened(name: &str) -> String {
    let mut width = 0;
    let mut kept = String::new();
    for c in name.chars() {
        width += if c.is_ascii() { 1 } else { 2 };
        if width > 36 {
            kept.push('…');
            break;
        }
        kept.push(c);
    }
    kept
}

impl Line {
    /// The line; where a point has no value it is broken.
    pub(super) fn draw(&self, lang: Lang) -> Markup {
        let (left, top, height, slot) = (56.0, 24.0, 170.0, 96.0);
        let width = slot * self.points.len() as f64;
        let all = (left + width + 20.0, top + height + 30.0);
        let base = top + height;
        let place = |at: usize, value: f64| (left + slot * (at as f64 + 0.5), base - value * height / 100.0);
        let mut path = String::new();
        let mut drawing = false;
        for (at, (_, value)) in self.points.iter().enumerate() {
            match value {
                Some(value) => {
                    let (x, y) = place(at, *value);
                    path.push_str(if drawing { "L" } else { "M" });
                    path.push_str(&format!("{} {}", px(x), px(y)));
                    drawing = true;
                }
                None => drawing = false,
            }
        }
        html! {
            svg class="chart" role="img" aria-label=(self.title) viewBox={ "0 0 " (px(all.0)) " " (px(all.1)) } width=(px(all.0)) height=(px(all.1)) {
                title { (self.title) }
                text x="4" y="12" { (self.unit) }
                @for tick in [0u8, 20, 40, 60, 80, 100] {
                    @let y = base - f64::from(tick) * height / 100.0;
                    line x1=(px(left)) y1=(px(y)) x2=(px(left + width)) y2=(px(y)) stroke="#d5dae2" {}
                    text class="end" x=(px(left - 6.0)) y=(px(y + 4.0)) { (tick) }
                }
                path d=(path) stroke="#1c2430" stroke-width="2" fill="none" {}
                @for (at, (name, value)) in self.points.iter().enumerate() {
                    @if let Some(value) = value {
                        @let (x, y) = place(at, *value);
                        circle cx=(px(x)) cy=(px(y)) r="4" fill="#fff" stroke="#1c2430" stroke-width="2" {}
                        text class="middle" x=(px(x)) y=(px(y - 9.0)) { (format!("{value:.1}")) }
                    } @else {
                        text class="middle" x=(px(left + slot * (at as f64 + 0.5))) y=(px(base - 6.0)) { (say(lang, "none", "无")) }
                    }
                    text class="middle" x=(px(left + slot * (at as f64 + 0.5))) y=(px(base + 16.0)) { (name) }
                }
                line x1=(px(left)) y1=(px(base)) x2=(px(left + width)) y2=(px(base)) stroke="#1c2430" {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_few_and_round() {
        for most in 1..3000 {
            let step = step(most);
            assert!(most.div_ceil(step) <= 5, "{most}: {step}");
            let digits = step.to_string();
            assert!(["1", "2", "5"].contains(&digits.trim_end_matches('0')), "{step}");
        }
    }

    #[test]
    fn the_parts_of_a_bar_stand_on_each_other() {
        assert_eq!(stacked(&[3, 0, 5]).collect::<Vec<_>>(), [0, 3, 3]);
        let bars = Bars {
            title: "t".into(),
            unit: "firms".into(),
            series: vec![
                Series { name: "blue".into(), pattern: "blue" },
                Series { name: "red".into(), pattern: "red" },
            ],
            bars: vec![("2026-11".into(), vec![60, 40])],
        };
        let drawn = bars.standing().into_string();
        // 190 pixels for 100 firms: 114 for sixty, 76 for forty on top of them.
        assert!(drawn.contains(r##"y="100" width="44" height="114" fill="url(#blue)""##), "{drawn}");
        assert!(drawn.contains(r##"y="24" width="44" height="76" fill="url(#red)""##), "{drawn}");
    }
}
