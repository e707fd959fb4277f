//! The lists of a firm as a page to print: no scripts, nothing loaded from elsewhere.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::record::FirmLists;
use super::table::{Column, ListCell, ListKind};
use super::words::say;
use crate::{Lang, Tier};

const STYLE: &str = include_str!("page.css");

/// Columns that say the same on every row of a page about one firm.
const LEFT_OUT: [&str; 3] = ["firm", "name", "supervision"];

impl FirmLists {
    /// The three lists as an HTML page in a language: complete in itself, and made to be printed.
    pub fn to_html(&self, lang: Lang) -> String {
        let firm = self.firm.as_deref().unwrap_or(say(lang, "one firm", "企业"));
        let title = say(lang, "Risk, hazard and responsibility lists", "风险清单、隐患清单、责任清单");
        let page = html! {
            (DOCTYPE)
            html lang=(say(lang, "en", "zh-CN")) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (firm) " · " (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (self.head(firm, title, lang))
                    @for kind in ListKind::ALL { (self.list(kind, lang)) }
                    (self.foot(lang))
                }
            }
        };
        page.into_string()
    }

    fn head(&self, firm: &str, title: &str, lang: Lang) -> Markup {
        let counts = self.counts();
        let (best, worst) = (self.best.name(lang), self.worst.name(lang));
        html! {
            header {
                div {
                    h1 { (firm) @if let Some(name) = &self.name { " " (name) } }
                    p { (title) }
                    @for sector in &self.sectors {
                        p {
                            (sector.name.get(lang)) ": " (tier(sector.tier, lang))
                            @if let Some(score) = sector.score { " " (say(lang, "score", "得分")) " " (score) }
                        }
                    }
                    @if self.best == self.worst {
                        p { (say(lang, "Settled: no missing fact can change the tier.", "已定案：缺失的数据不会改变定级。")) }
                    } @else {
                        p { (say(
                            lang,
                            format!("Not settled: from {best} to {worst} is possible until the facts below are known."),
                            format!("未定案：以下数据核实前，可能为{best}至{worst}。"),
                        )) }
                    }
                    p { (say(
                        lang,
                        format!(
                            "{} major and {} general hazards found, {} to be verified.",
                            counts.major, counts.general, counts.to_verify
                        ),
                        format!("发现重大隐患{}项、一般隐患{}项，待核实{}项。", counts.major, counts.general, counts.to_verify),
                    )) }
                    @if let Some(supervision) = &self.supervision {
                        p {
                            (say(lang, "Supervision: ", "监管频次：")) (supervision.frequency.get(lang))
                            @if let Some(due) = supervision.due {
                                (say(lang, "; next inspection by ", "；下次检查不迟于 ")) (due)
                            }
                        }
                    }
                    p class="faint" {
                        (say(lang, "As of ", "定级日期 ")) (self.identity.as_of)
                        (say(lang, ", rule book ", "，规则册 ")) (self.identity.book.chars().take(12).collect::<String>())
                        (say(lang, ", engine ", "，引擎 ")) (self.identity.engine)
                    }
                }
                (tier(self.tier, lang))
            }
        }
    }

    fn list(&self, kind: ListKind, lang: Lang) -> Markup {
        let columns = kind.columns();
        // The sector says something only where there are several.
        let is_shown =
            |column: &Column| !LEFT_OUT.contains(&column.key) && (column.key != "sector" || self.sectors.len() > 1);
        let shown: Vec<usize> = (0..columns.len()).filter(|at| columns.get(*at).is_some_and(is_shown)).collect();
        let width: u16 = shown.iter().filter_map(|at| columns.get(*at)).map(|column| column.width).sum();
        let rows = self.rows(kind, lang);
        html! {
            h2 { (self.name(kind, lang)) }
            @if let Some(named) = self.names.iter().find(|named| &*named.id == kind.id()) {
                @for cite in &named.cite { p class="faint" { (cite.text(lang)) } }
            }
            @if rows.is_empty() {
                p { (say(lang, "Nothing.", "无。")) }
            } @else {
                table {
                    colgroup { @for column in shown.iter().filter_map(|at| columns.get(*at)) {
                        col style={ "width:" (u32::from(column.width) * 100 / u32::from(width).max(1)) "%" };
                    } }
                    thead { tr { @for column in shown.iter().filter_map(|at| columns.get(*at)) {
                        th { (column.title(lang)) }
                    } } }
                    tbody { @for row in &rows {
                        tr { @for cell in shown.iter().filter_map(|at| row.get(*at)) { (cell_of(cell, lang)) } }
                    } }
                }
            }
        }
    }

    fn foot(&self, lang: Lang) -> Markup {
        html! {
            @if !self.errors.is_empty() {
                h2 { (say(lang, "Values that could not be read, and count as unknown", "无法读取、按未知处理的数据")) }
                ul { @for error in &self.errors { li { (error.get(lang)) } } }
            }
            div class="sign" {
                div { (say(lang, "For the firm, date", "企业负责人（签字、日期）")) }
                div { (say(lang, "Inspector, date", "检查人员（签字、日期）")) }
                div { (say(lang, "Verified, date", "验收人员（签字、日期）")) }
            }
        }
    }
}

fn tier(tier: Tier, lang: Lang) -> Markup {
    html! { span class={ "tier " (tier.name(Lang::En)) } { (tier.name(lang)) } }
}

pub(crate) fn cell_of(cell: &ListCell, lang: Lang) -> Markup {
    match cell {
        ListCell::Empty => html! { td {} },
        ListCell::Text(text) => html! { td { (text) } },
        ListCell::Tier(of) => html! { td { (tier(*of, lang)) } },
        ListCell::Number(number) => html! { td class="number" { (number) } },
        ListCell::Date(date) => html! { td class="date" { (date) } },
    }
}
