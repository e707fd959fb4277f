//! The tables of the report: one definition for page and workbook.

use super::counts::{GroupCounts, TierCounts};
use super::migration::{Migration, Reason, ReasonKind, RedChange, Standing};
use super::record::MonthlyReport;
use crate::lang::say;
use crate::{FollowState, Lang, ListCell, Tier};

/// A table of the report, in a language.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportTable {
    /// Its name for programs.
    pub id: &'static str,
    /// What it is called.
    pub title: String,
    /// What a reader should know of it.
    pub note: Option<String>,
    /// Headings, and widths in characters.
    pub columns: Vec<(String, u16)>,
    /// As wide as the columns.
    pub rows: Vec<Vec<ListCell>>,
}

fn number(number: u64) -> ListCell {
    ListCell::Number(number as f64)
}

/// With so many digits behind the point.
fn rounded(number: f64, digits: i32) -> ListCell {
    let factor = 10f64.powi(digits);
    ListCell::Number((number * factor).round() / factor)
}

/// A share in per cent, to a tenth.
fn share(part: u64, of: u64) -> ListCell {
    if of == 0 { ListCell::Empty } else { rounded(100.0 * part as f64 / of as f64, 1) }
}

fn column(en: &str, zh: &str, width: u16, lang: Lang) -> (String, u16) {
    (say(lang, en, zh).to_owned(), width)
}

/// The worst first, as a reader looks for it.
fn tier_columns(lang: Lang) -> Vec<(String, u16)> {
    let mut columns: Vec<(String, u16)> = Tier::ALL.iter().rev().map(|tier| (tier.name(lang).to_owned(), 9)).collect();
    columns.extend([
        column("not graded", "未定级", 10, lang),
        column("firms", "企业数", 9, lang),
        column("red, %", "红色占比%", 9, lang),
        column("settled, %", "已定案%", 10, lang),
    ]);
    columns
}

fn tier_cells(counts: &TierCounts) -> Vec<ListCell> {
    let mut cells: Vec<ListCell> = counts.tiers.iter().rev().map(|count| number(*count)).collect();
    cells.extend([
        number(counts.ungraded),
        number(counts.firms),
        share(counts.in_tier(Tier::Red), counts.graded()),
        share(counts.settled, counts.graded()),
    ]);
    cells
}

impl MonthlyReport {
    /// All its tables, in the order of the page. Those that the periods say nothing of are left out.
    pub fn tables(&self, lang: Lang) -> Vec<ReportTable> {
        let mut tables = vec![self.by_month(lang), self.indicator_table(lang)];
        if let Some(migration) = &self.migration {
            tables.push(matrix(migration, lang));
            tables.push(reds(
                "new-reds",
                say(lang, "Firms that became red", "新增红色企业"),
                &migration.new_reds,
                self,
                lang,
            ));
            let lifted = say(lang, "Firms that are red no longer", "降级红色企业");
            tables.push(reds("lifted-reds", lifted, &migration.lifted_reds, self, lang));
        }
        tables.push(groups("sectors", say(lang, "By sector", "按行业"), &self.sectors, lang));
        tables.push(groups("key-fields", say(lang, "By key field", "按重点领域"), &self.key_fields, lang));
        if let Some(districts) = &self.districts {
            tables.push(groups("districts", say(lang, "By district", "按地区"), districts, lang));
        }
        tables.extend(self.hazards_by_month(lang));
        tables.extend(self.overdue(lang));
        tables.push(self.findings(lang));
        tables.extend(self.missing(lang));
        tables.extend(self.warnings(lang));
        tables
    }

    fn sector_name(&self, id: Option<&str>, lang: Lang) -> ListCell {
        let Some(id) = id else { return ListCell::Empty };
        let known = self.sectors.iter().find(|group| &*group.id == id);
        ListCell::text(known.map_or(id, |group| group.name.get(lang)))
    }

    fn by_month(&self, lang: Lang) -> ReportTable {
        let mut columns = vec![column("as of", "日期", 12, lang)];
        columns.extend(tier_columns(lang));
        columns.push(column("with errors", "数据有误", 10, lang));
        let rows = self.periods.iter().map(|period| {
            let mut row = vec![ListCell::Date(period.as_of)];
            row.extend(tier_cells(&period.counts));
            row.push(number(period.counts.with_errors));
            row
        });
        ReportTable {
            id: "tiers",
            title: say(lang, "Firms by tier", "企业等级分布").into(),
            note: None,
            columns,
            rows: rows.collect(),
        }
    }

    fn indicator_table(&self, lang: Lang) -> ReportTable {
        let optional = |value: Option<f64>, digits: i32| value.map_or(ListCell::Empty, |value| rounded(value, digits));
        let rows = self.index.indicators.iter().map(|one| {
            let indicator = &one.indicator;
            vec![
                ListCell::text(&indicator.id),
                ListCell::text(indicator.label.get(lang)),
                optional(one.value, 2),
                ListCell::text(indicator.counts.unit(lang)),
                one.part.map_or(ListCell::Empty, number),
                one.of.map_or(ListCell::Empty, number),
                optional(one.before, 2),
                optional(one.score, 1),
                rounded(indicator.weight, 3),
                rounded(indicator.best, 3),
                rounded(indicator.worst, 3),
                ListCell::text(&indicator.basis),
            ]
        });
        ReportTable {
            id: "indicators",
            title: say(lang, "Indicators of the safety index", "安全指数指标").into(),
            note: Some(
                say(
                    lang,
                    "A score is 100 at the value “best” and 0 at the value “worst”, straight between them. The index is the mean of the scores by weight; an indicator without a value counts for nothing.",
                    "指标值达到“满分值”计100分，达到“零分值”计0分，之间按直线计分；指数为按权重的平均分，没有数值的指标不计入。",
                )
                .into(),
            ),
            columns: vec![
                column("indicator", "代号", 16, lang),
                column("what", "指标", 34, lang),
                column("value", "指标值", 10, lang),
                column("unit", "单位", 14, lang),
                column("counted", "计数", 11, lang),
                column("of", "基数", 9, lang),
                column("before", "上期值", 10, lang),
                column("score", "得分", 9, lang),
                column("weight", "权重", 10, lang),
                column("best", "满分值", 8, lang),
                column("worst", "零分值", 9, lang),
                column("basis", "依据", 40, lang),
            ],
            rows: rows.collect(),
        }
    }

    fn hazards_by_month(&self, lang: Lang) -> Option<ReportTable> {
        self.hazards.as_ref()?;
        let mut columns = vec![column("as of", "日期", 12, lang)];
        columns.extend(FollowState::ALL.iter().map(|state| (state.name(lang).to_owned(), 10)));
        columns.extend([
            column("open in all", "未销号合计", 10, lang),
            column("past the deadline", "超过期限", 10, lang),
            column("closed this period", "本期销号", 10, lang),
        ]);
        let rows = self.periods.iter().filter_map(|period| {
            let counts = period.hazards.as_ref()?;
            let mut row = vec![ListCell::Date(period.as_of)];
            row.extend(counts.by_state.iter().map(|(_, count)| number(*count as u64)));
            row.extend([counts.open, counts.overdue, counts.closed_now].map(|count| number(count as u64)));
            Some(row)
        });
        Some(ReportTable {
            id: "hazards",
            title: say(lang, "Hazards by state", "隐患状态").into(),
            note: Some(
                say(
                    lang,
                    "A hazard is closed only where its rule is clear. One that cannot be verified stays open, and its time runs on: “past the deadline” counts it too.",
                    "只有规则判定不存在时隐患才销号；无法核实的隐患视为未销号，期限继续计算，并计入“超过期限”。",
                )
                .into(),
            ),
            columns,
            rows: rows.collect(),
        })
    }

    fn overdue(&self, lang: Lang) -> Option<ReportTable> {
        let hazards = self.hazards.as_ref()?;
        let rows = hazards.overdue.iter().map(|hazard| {
            vec![
                ListCell::text(&hazard.firm),
                ListCell::text(hazard.name.as_deref().unwrap_or_default()),
                ListCell::text(&*hazard.rule),
                ListCell::text(hazard.finding.get(lang)),
                ListCell::text(if hazard.major {
                    say(lang, "major", "重大")
                } else {
                    say(lang, "general", "一般")
                }),
                ListCell::tier(hazard.tier),
                ListCell::text(hazard.state.name(lang)),
                ListCell::Date(hazard.first_seen),
                hazard.due.map_or(ListCell::Empty, ListCell::Date),
                number(hazard.late_days.into()),
                ListCell::text(hazard.owner.get(lang)),
            ]
        });
        Some(ReportTable {
            id: "overdue",
            title: say(lang, "Hazards past their deadline", "超过期限的隐患").into(),
            note: None,
            columns: vec![
                column("firm", "企业编号", 12, lang),
                column("name", "企业名称", 22, lang),
                column("rule", "规则", 10, lang),
                column("finding", "隐患情形", 36, lang),
                column("class", "级别", 9, lang),
                column("tier", "等级", 12, lang),
                column("state", "状态", 14, lang),
                column("first seen", "首次发现", 12, lang),
                column("due", "整改期限", 12, lang),
                column("days late", "逾期天数", 9, lang),
                column("post", "责任岗位", 18, lang),
            ],
            rows: rows.collect(),
        })
    }

    fn findings(&self, lang: Lang) -> ReportTable {
        let rows = self.top_findings.iter().map(|count| {
            vec![
                ListCell::text(&*count.rule),
                ListCell::text(count.finding.as_ref().map_or("", |finding| finding.get(lang))),
                ListCell::text(if count.major { say(lang, "major", "重大") } else { say(lang, "general", "一般") }),
                number(count.firms),
                count.before.map_or(ListCell::Empty, number),
            ]
        });
        ReportTable {
            id: "findings",
            title: say(lang, "Findings, the most frequent first", "高频隐患").into(),
            note: None,
            columns: vec![
                column("rule", "规则", 10, lang),
                column("finding", "隐患情形", 60, lang),
                column("class", "级别", 9, lang),
                column("firms", "企业数", 9, lang),
                column("before", "上期", 9, lang),
            ],
            rows: rows.collect(),
        }
    }

    fn missing(&self, lang: Lang) -> Option<ReportTable> {
        let rows = self.missing_facts.as_ref()?.iter().map(|count| {
            vec![
                ListCell::text(&*count.fact),
                ListCell::text(count.label.as_ref().map_or("", |label| label.get(lang))),
                number(count.firms),
                number(count.first),
            ]
        });
        Some(ReportTable {
            id: "missing",
            title: say(lang, "Missing facts, the most wanted first", "最需补充的数据").into(),
            note: Some(
                say(
                    lang,
                    "Firms whose grade the fact keeps unsettled, and of these the ones where it decides most.",
                    "因该数据缺失而未定案的企业数，以及其中该数据最具决定性的企业数。",
                )
                .into(),
            ),
            columns: vec![
                column("fact", "数据项", 30, lang),
                column("what", "含义", 50, lang),
                column("firms", "企业数", 9, lang),
                column("decides most", "最具决定性", 12, lang),
            ],
            rows: rows.collect(),
        })
    }

    fn warnings(&self, lang: Lang) -> Option<ReportTable> {
        let rows = self.early_warning.as_ref()?.iter().map(|entry| {
            vec![
                ListCell::Date(entry.on),
                ListCell::text(&entry.firm),
                ListCell::text(entry.name.as_deref().unwrap_or_default()),
                self.sector_name(entry.sector.as_deref(), lang),
                ListCell::Tier(entry.tier_now),
                ListCell::Tier(entry.to),
                ListCell::text(entry.because.text(lang)),
            ]
        });
        Some(ReportTable {
            id: "early-warning",
            title: say(
                lang,
                "Early warning: firms that get worse if nobody acts",
                "提前预警：若不采取措施将变差的企业",
            )
            .into(),
            note: None,
            columns: vec![
                column("on", "日期", 12, lang),
                column("firm", "企业编号", 12, lang),
                column("name", "企业名称", 24, lang),
                column("sector", "行业", 22, lang),
                column("now", "目前", 12, lang),
                column("then", "届时", 12, lang),
                column("because", "原因", 44, lang),
            ],
            rows: rows.collect(),
        })
    }
}

fn matrix(migration: &Migration, lang: Lang) -> ReportTable {
    let mut columns = vec![column("from", "上期", 16, lang)];
    columns.extend(Standing::ALL.iter().map(|standing| (standing.name(lang).to_owned(), 12)));
    let row = |(standing, counts): (&Standing, &[u64; 6])| {
        let first = match standing {
            Standing::Graded(tier) => ListCell::Tier(*tier),
            other => ListCell::text(other.name(lang)),
        };
        std::iter::once(first).chain(counts.iter().map(|count| number(*count))).collect()
    };
    ReportTable {
        id: "migration",
        title: say(
            lang,
            format!("Moves between tiers, {} to {}", migration.from, migration.to),
            format!("等级变动（{} 至 {}）", migration.from, migration.to),
        ),
        note: Some(say(
            lang,
            format!(
                "Firms by where they stood (rows) and where they stand (columns): {} worse, {} better, {} the same, {} entered, {} left.",
                migration.worse, migration.better, migration.same, migration.entered, migration.left
            ),
            format!(
                "行为上期、列为本期的企业数：变差{}家，变好{}家，不变{}家，新入册{}家，出册{}家。",
                migration.worse, migration.better, migration.same, migration.entered, migration.left
            ),
        )),
        columns,
        rows: Standing::ALL.iter().zip(&migration.matrix).map(row).collect(),
    }
}

/// The same word for reasons of one kind, then the rules.
fn reasons(reasons: &[Reason], lang: Lang) -> String {
    let kinds = [ReasonKind::Found, ReasonKind::StillFound, ReasonKind::NoLongerFound, ReasonKind::Unknown];
    let of_kind = |kind: ReasonKind| {
        let rules: Vec<String> = reasons
            .iter()
            .filter(|reason| reason.kind == kind)
            .map(|reason| match &reason.finding {
                Some(finding) => format!("{} {}", reason.rule, finding.get(lang)),
                None => reason.rule.to_string(),
            })
            .collect();
        let rules = rules.join(say(lang, "; ", "；"));
        (!rules.is_empty())
            .then(|| say(lang, format!("{}: {rules}", kind.name(lang)), format!("{}：{rules}", kind.name(lang))))
    };
    kinds.into_iter().filter_map(of_kind).collect::<Vec<_>>().join(say(lang, ". ", "。"))
}

fn reds(id: &'static str, title: &str, changes: &[RedChange], report: &MonthlyReport, lang: Lang) -> ReportTable {
    let standing = |standing: Standing| match standing {
        Standing::Graded(tier) => ListCell::Tier(tier),
        other => ListCell::text(other.name(lang)),
    };
    let rows = changes.iter().map(|change| {
        vec![
            ListCell::text(&change.firm),
            ListCell::text(change.name.as_deref().unwrap_or_default()),
            report.sector_name(change.sector.as_deref(), lang),
            ListCell::text(change.district.as_deref().unwrap_or_default()),
            standing(change.from),
            standing(change.to),
            ListCell::tier(change.worst),
            ListCell::text(reasons(&change.reasons, lang)),
        ]
    });
    ReportTable {
        id,
        title: title.to_owned(),
        note: None,
        columns: vec![
            column("firm", "企业编号", 12, lang),
            column("name", "企业名称", 22, lang),
            column("sector", "行业", 20, lang),
            column("district", "地区", 14, lang),
            column("was", "上期", 12, lang),
            column("is", "本期", 12, lang),
            column("worst possible", "最差可能", 12, lang),
            column("reasons", "原因", 60, lang),
        ],
        rows: rows.collect(),
    }
}

fn groups(id: &'static str, title: &str, groups: &[GroupCounts], lang: Lang) -> ReportTable {
    let has_before = groups.iter().any(|group| group.before.is_some());
    let mut columns = vec![(title.to_owned(), 30)];
    columns.extend(tier_columns(lang));
    if has_before {
        columns.push(column("red before", "上期红色", 10, lang));
    }
    let rows = groups.iter().map(|group| {
        let mut row = vec![ListCell::text(group.name.get(lang))];
        row.extend(tier_cells(&group.now));
        if has_before {
            row.push(group.before.map_or(ListCell::Empty, |before| number(before.in_tier(Tier::Red))));
        }
        row
    });
    ReportTable { id, title: title.to_owned(), note: None, columns, rows: rows.collect() }
}
