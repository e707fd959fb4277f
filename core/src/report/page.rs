//! The report as a page to print: no scripts, nothing loaded from elsewhere.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::charts::{Bars, Line, Series, patterns};
use super::counts::TierCounts;
use super::record::MonthlyReport;
use super::tables::ReportTable;
use crate::lang::say;
use crate::lists::html::cell_of;
use crate::{Lang, ListCell, Tier};

const STYLE: &str = concat!(include_str!("../lists/page.css"), include_str!("report.css"));

/// So many rows of a table stand on the page; workbook and JSON have all.
const ROWS: usize = 40;

/// Patterns of a tier's part: blue to red, then those not graded.
const TIER_PATTERNS: [&str; 5] = ["blue", "yellow", "orange", "red", "none"];

impl MonthlyReport {
    /// What the report comes to, in sentences of a language.
    pub fn sentences(&self, lang: Lang) -> Vec<String> {
        let mut sentences = Vec::new();
        if let Some(now) = self.periods.last().map(|period| period.counts) {
            let of = |tier: Tier| now.in_tier(tier);
            let (red, orange, yellow, blue) = (of(Tier::Red), of(Tier::Orange), of(Tier::Yellow), of(Tier::Blue));
            sentences.push(say(
                lang,
                format!(
                    "{} firms as of {}: {red} red, {orange} orange, {yellow} yellow, {blue} blue, {} not graded; {} of {} grades are settled.",
                    now.firms, self.as_of, now.ungraded, now.settled, now.graded()
                ),
                format!(
                    "截至 {}，在册企业{}家：红色{red}家，橙色{orange}家，黄色{yellow}家，蓝色{blue}家，未定级{}家；{}家已定级企业中{}家已定案。",
                    self.as_of, now.firms, now.ungraded, now.graded(), now.settled
                ),
            ));
        }
        if let Some(moved) = &self.migration {
            let (new, lifted) = (moved.new_reds.len(), moved.lifted_reds.len());
            sentences.push(say(
                lang,
                format!(
                    "Since {}: {} firms got worse, {} better, {} entered, {} left; {new} became red, {lifted} are red no longer.",
                    moved.from, moved.worse, moved.better, moved.entered, moved.left
                ),
                format!(
                    "较 {}：变差{}家，变好{}家，新入册{}家，出册{}家；新增红色{new}家，降级红色{lifted}家。",
                    moved.from, moved.worse, moved.better, moved.entered, moved.left
                ),
            ));
        }
        if let Some(hazards) = &self.hazards {
            let counts = &hazards.counts;
            sentences.push(say(
                lang,
                format!(
                    "{} hazards are open, {} of them major; {} are past their deadline; {} were closed this period.",
                    counts.open, counts.open_major, counts.overdue, counts.closed_now
                ),
                format!(
                    "未销号隐患{}项，其中重大隐患{}项；超过期限{}项；本期销号{}项。",
                    counts.open, counts.open_major, counts.overdue, counts.closed_now
                ),
            ));
        }
        if let Some(warnings) = &self.early_warning {
            let number = warnings.len();
            sentences.push(say(
                lang,
                format!("The forecast sees {number} firms in a worse tier if nobody acts."),
                format!("若不采取措施，预测将有{number}家企业等级变差。"),
            ));
        }
        sentences.extend(self.index_sentence(lang));
        sentences
    }

    fn index_sentence(&self, lang: Lang) -> Option<String> {
        let value = self.index.value?;
        let (all, left_out) = (self.index.indicators.len(), self.index.left_out.len());
        let with_value = all - left_out.min(all);
        let mut sentence = say(
            lang,
            format!("The safety index is {value:.1} of 100, by {with_value} of {all} indicators."),
            format!("安全指数为 {value:.1}（满分100），由{all}项指标中的{with_value}项计算。"),
        );
        if left_out > 0 {
            let ids = self.index.left_out.join(say(lang, ", ", "、"));
            sentence.push_str(&say(lang, format!(" Without a value: {ids}."), format!("没有数值：{ids}。")));
        }
        Some(sentence)
    }

    /// The report as an HTML page in a language: complete in itself, and made to be printed. Long tables are cut, and say so.
    pub fn to_html(&self, lang: Lang) -> String {
        let title = say(lang, "Monthly safety report", "安全风险月报");
        let tables = self.tables(lang);
        let page = html! {
            (DOCTYPE)
            html lang=(say(lang, "en", "zh-CN")) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (title) " · " (self.as_of) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (patterns())
                    (self.head(title, lang))
                    @for table in &tables { (self.section(table, lang)) }
                    (self.foot(lang))
                }
            }
        };
        page.into_string()
    }

    fn head(&self, title: &str, lang: Lang) -> Markup {
        html! {
            header {
                div {
                    h1 { (title) " · " (self.as_of) }
                    @for sentence in self.sentences(lang) { p { (sentence) } }
                }
                @if let Some(value) = self.index.value {
                    div class="index" style="flex:none" {
                        (say(lang, "Safety index", "安全指数"))
                        b { (format!("{value:.1}")) }
                        (say(lang, "of 100", "满分100"))
                    }
                }
            }
        }
    }

    fn section(&self, table: &ReportTable, lang: Lang) -> Markup {
        html! {
            section {
                h2 { (table.title) }
                @if let Some(note) = &table.note { p class="faint" { (note) } }
                @match table.id {
                    "tiers" => (self.tiers_chart(lang)),
                    "indicators" => (self.index_chart(lang)),
                    "sectors" => (self.sectors_chart(lang)),
                    "hazards" => (self.hazards_chart(lang)),
                    _ => {},
                }
                @if table.rows.is_empty() {
                    p { (say(lang, "Nothing.", "无。")) }
                } @else {
                    (rows(table, lang))
                }
                @if table.rows.len() > ROWS {
                    @let more = table.rows.len() - ROWS;
                    p class="faint" { (say(
                        lang,
                        format!("{more} more rows are in the workbook and the JSON of this report."),
                        format!("另有{more}行见本报告的工作簿和 JSON。"),
                    )) }
                }
            }
        }
    }

    fn tiers_chart(&self, lang: Lang) -> Markup {
        let bars = self.periods.iter().map(|period| (period.as_of.to_string(), parts(&period.counts)));
        let title = say(lang, "Firms by tier and month", "各月企业等级分布").to_owned();
        Bars { title, unit: say(lang, "firms", "企业数").into(), series: tier_series(lang), bars: bars.collect() }
            .standing()
    }

    fn sectors_chart(&self, lang: Lang) -> Markup {
        let bars = self.sectors.iter().map(|group| (group.name.get(lang).to_owned(), parts(&group.now)));
        let title = say(lang, "Firms by sector and tier", "各行业企业等级分布").to_owned();
        Bars { title, unit: say(lang, "firms", "企业数").into(), series: tier_series(lang), bars: bars.collect() }
            .lying()
    }

    fn hazards_chart(&self, lang: Lang) -> Markup {
        let series = [
            ("done", say(lang, "closed this period", "本期销号")),
            ("open", say(lang, "open, within time", "未销号，未逾期")),
            ("red", say(lang, "open, past deadline", "未销号，已逾期")),
        ];
        let bars = self.periods.iter().filter_map(|period| {
            let counts = period.hazards.as_ref()?;
            let numbers = [counts.closed_now, counts.open - counts.overdue.min(counts.open), counts.overdue];
            Some((period.as_of.to_string(), numbers.map(|number| number as u64).to_vec()))
        });
        let series = series.map(|(pattern, name)| Series { name: name.into(), pattern });
        let title = say(lang, "Hazards by month", "各月隐患").to_owned();
        Bars { title, unit: say(lang, "hazards", "隐患数").into(), series: series.into(), bars: bars.collect() }
            .standing()
    }

    fn index_chart(&self, lang: Lang) -> Markup {
        let points = self.index.trend.iter().map(|point| (point.as_of.to_string(), point.comparable));
        let used = self.index.comparable_by.len();
        let title = say(
            lang,
            format!("Safety index by month, of the {used} indicators that every month has"),
            format!("各月安全指数（按各月均有数值的{used}项指标）"),
        );
        html! {
            p { (title) }
            (Line { title: title.clone(), unit: say(lang, "index, 0 to 100", "指数（0至100）").into(), points: points.collect() }.draw(lang))
        }
    }

    fn foot(&self, lang: Lang) -> Markup {
        html! {
            section {
                h2 { (say(lang, "Left out, and graded by", "未包含的内容与定级依据")) }
                ul {
                    @for left_out in &self.left_out {
                        li { (left_out.what.get(lang)) (say(lang, ": ", "：")) (left_out.why.get(lang)) }
                    }
                    @for period in &self.periods {
                        li {
                            (period.as_of) (say(lang, ": rule book ", "：规则册 "))
                            (period.book.chars().take(12).collect::<String>())
                            (say(lang, ", engine ", "，引擎 ")) (period.engine)
                        }
                    }
                }
                p class="faint" { (say(
                    lang,
                    "The colour of a firm is a standing tier, not an emergency warning. The index, its indicators, weights and limits are declared, not official.",
                    "企业颜色为静态风险等级，不是应急预警。安全指数的指标、权重和限值为自定，非官方标准。",
                )) }
            }
        }
    }
}

fn tier_series(lang: Lang) -> Vec<Series> {
    let names = Tier::ALL.iter().map(|tier| tier.name(lang)).chain([say(lang, "not graded", "未定级")]);
    names.zip(TIER_PATTERNS).map(|(name, pattern)| Series { name: name.into(), pattern }).collect()
}

fn parts(counts: &TierCounts) -> Vec<u64> {
    counts.tiers.iter().copied().chain([counts.ungraded]).collect()
}

fn rows(table: &ReportTable, lang: Lang) -> Markup {
    let width: u32 = table.columns.iter().map(|(_, width)| u32::from(*width)).sum();
    let most = table.rows.iter().flat_map(|row| row.iter().skip(1)).filter_map(as_number).fold(0.0, f64::max);
    html! {
        table {
            colgroup { @for (_, of) in &table.columns { col style={ "width:" (u32::from(*of) * 100 / width.max(1)) "%" }; } }
            thead { tr { @for (title, _) in &table.columns { th { (title) } } } }
            tbody { @for (at, row) in table.rows.iter().take(ROWS).enumerate() {
                tr {
                    @for (column, cell) in row.iter().enumerate() {
                        @match as_number(cell).filter(|_| table.id == "migration") {
                            Some(number) => (shaded(number, most, column == at + 1)),
                            None => (cell_of(cell, lang)),
                        }
                    }
                }
            } }
        }
    }
}

fn as_number(cell: &ListCell) -> Option<f64> {
    if let ListCell::Number(number) = cell { Some(*number) } else { None }
}

/// A cell of the matrix: the more firms, the darker; those that stayed are framed, those that moved are bold.
fn shaded(number: f64, most: f64, same: bool) -> Markup {
    // By the root: one firm among thousands is still to be seen, and dark ink stays readable.
    let shade = if most > 0.0 { (number / most).sqrt() * 0.45 } else { 0.0 };
    let class = match (same, number > 0.0) {
        (true, _) => "number same",
        (false, true) => "number moved",
        (false, false) => "number",
    };
    html! { td class=(class) style=(format!("background:rgba(92,102,117,{shade:.2})")) { (number) } }
}
