//! What the report says, as a record.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::counts::{self, GroupCounts, TierCounts};
use super::forecast::{self, ForecastEntry};
use super::index::SafetyIndex;
use super::indicators::Indicators;
use super::measure::Sight;
use super::migration::{Migration, Rules};
use super::period::Period;
use crate::{Date, FollowCounts, FollowedHazard, Label, RuleBook};

/// Periods that no report can be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// There are none.
    #[error("there is no period; expected at least one")]
    NoPeriod,
    /// Two of them are of one day.
    #[error("two periods are as of {0}; expected each of another day")]
    SameDay(Date),
}

/// The monthly report of a register.
///
/// ```
/// use risktier::report::{GradedFirm, Indicators, MonthlyReport, Period};
/// use risktier::{Date, RuleBook, Tier};
///
/// let firm = |id: &str, tier: Tier| GradedFirm {
///     id: Some(id.into()), tier: Some(tier), best: Some(tier), worst: Some(tier), ..GradedFirm::default()
/// };
/// let period = |month: i8, firms: Vec<GradedFirm>| Period {
///     as_of: Date::new(2026, month, 1).unwrap(), book: "b".into(), engine: "e".into(),
///     firms, has_districts: false, has_missing: false, hazards: None,
/// };
/// let periods = vec![
///     period(10, vec![firm("a", Tier::Blue), firm("b", Tier::Red)]),
///     period(11, vec![firm("a", Tier::Red), firm("c", Tier::Blue)]),
/// ];
/// let sector = r#"sector("shops", #{ name: #{ en: "Shops", zh: "商店" } });"#;
/// let book = RuleBook::from_sources([("s.rhai", sector)]).unwrap();
/// let report = MonthlyReport::new(periods, &book, &Indicators::standard(), None).unwrap();
/// let migration = report.migration.unwrap();
/// assert_eq!((migration.worse, migration.entered, migration.left), (1, 1, 1));
/// assert_eq!(migration.new_reds[0].firm, "a");
/// assert!(report.left_out.iter().any(|left_out| &*left_out.what.en == "hazards"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MonthlyReport {
    /// The grading date of this period.
    pub as_of: Date,
    /// The grading date of the period before, if there is one.
    pub before: Option<Date>,
    /// Every period, the oldest first.
    pub periods: Vec<PeriodCounts>,
    /// By the sector that decided.
    pub sectors: Vec<GroupCounts>,
    /// By the key field of the sector that decided.
    pub key_fields: Vec<GroupCounts>,
    /// By district.
    pub districts: Option<Vec<GroupCounts>>,
    /// Who moved since the period before.
    pub migration: Option<Migration>,
    /// The hazards.
    pub hazards: Option<HazardSection>,
    /// Rules by how many firms they found something at, the most first.
    pub top_findings: Vec<RuleCount>,
    /// Facts by how many grades they keep unsettled, the most first.
    pub missing_facts: Option<Vec<FactCount>>,
    /// Firms that the forecast sees in a worse tier, the soonest first.
    pub early_warning: Option<Vec<ForecastEntry>>,
    /// The safety index.
    pub index: SafetyIndex,
    /// What the report does not say, and why.
    pub left_out: Vec<LeftOut>,
}

/// A period in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeriodCounts {
    /// The grading date.
    pub as_of: Date,
    /// The hash of the book that graded.
    pub book: String,
    /// The version of the engine that graded.
    pub engine: String,
    /// Its firms by tier.
    pub counts: TierCounts,
    /// Its hazards by state.
    pub hazards: Option<FollowCounts>,
}

/// The hazards of this period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HazardSection {
    /// By state.
    pub counts: FollowCounts,
    /// Those past their deadline: major ones first, then the longest past it.
    pub overdue: Vec<FollowedHazard>,
}

/// How many firms a rule found something at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleCount {
    /// The rule.
    pub rule: Arc<str>,
    /// What is wrong; none if the book has no such rule.
    pub finding: Option<Label>,
    /// An item of a published list of major hazards.
    pub major: bool,
    /// Firms of this period.
    pub firms: u64,
    /// Firms of the period before.
    pub before: Option<u64>,
}

/// How many grades a missing fact keeps unsettled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactCount {
    /// The fact, or `list.field`.
    pub fact: Arc<str>,
    /// What it is; none if the book has no such fact.
    pub label: Option<Label>,
    /// Firms whose grade it keeps unsettled.
    pub firms: u64,
    /// Of these, firms of whose missing facts it is the most decisive.
    pub first: u64,
}

/// Something that the report does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// What.
    pub what: Label,
    /// Why, and what it would take.
    pub why: Label,
}

fn label(en: &str, zh: &str) -> Label {
    Label { en: en.into(), zh: zh.into() }
}

impl MonthlyReport {
    /// The report on the latest of the periods, with the others as its past. `book` names sectors, rules and facts; the
    /// forecast is one made on the day of the latest period.
    ///
    /// # Errors
    /// If there is no period, or two are of one day.
    pub fn new(
        mut periods: Vec<Period>,
        book: &RuleBook,
        indicators: &Indicators,
        forecast: Option<&[ForecastEntry]>,
    ) -> Result<MonthlyReport, ReportError> {
        periods.sort_by_key(|period| period.as_of);
        let same = |pair: &[Period]| matches!(pair, [one, other] if one.as_of == other.as_of);
        if let Some([one, _]) = periods.windows(2).find(|pair| same(pair)) {
            return Err(ReportError::SameDay(one.as_of));
        }
        let Some((now, past)) = periods.split_last() else { return Err(ReportError::NoPeriod) };
        let before = past.last();
        let rules = Rules::of(book);
        let migrations: Vec<Migration> =
            past.iter().zip(periods.iter().skip(1)).map(|(before, now)| Migration::new(before, now, &rules)).collect();
        let sights: Vec<Sight<'_>> = periods
            .iter()
            .enumerate()
            .map(|(at, period)| Sight {
                now: period,
                counts: TierCounts::of(&period.firms),
                migration: at.checked_sub(1).and_then(|at| migrations.get(at)),
                forecast: forecast.filter(|_| period.as_of == now.as_of),
                book,
                rules: &rules,
            })
            .collect();
        let of_periods = sights.iter().map(|sight| PeriodCounts {
            as_of: sight.now.as_of,
            book: sight.now.book.clone(),
            engine: sight.now.engine.clone(),
            counts: sight.counts,
            hazards: sight.now.hazards.as_ref().map(|hazards| FollowCounts::of(hazards, sight.now.as_of)),
        });
        Ok(MonthlyReport {
            as_of: now.as_of,
            before: before.map(|before| before.as_of),
            periods: of_periods.collect(),
            sectors: counts::by_sector(now, before, book),
            key_fields: counts::by_key_field(now, before, book),
            districts: now
                .has_districts
                .then(|| counts::by_district(now, before.filter(|before| before.has_districts))),
            migration: migrations.last().cloned(),
            hazards: now.hazards.as_ref().map(|hazards| hazard_section(hazards, now.as_of)),
            top_findings: top_findings(now, before, &rules),
            missing_facts: now.has_missing.then(|| missing_facts(now, book)),
            early_warning: forecast.map(|forecast| forecast::warnings(forecast, now.as_of)),
            index: SafetyIndex::new(indicators, &sights),
            left_out: left_out(now, before, book, forecast.is_some()),
        })
    }
}

fn hazard_section(hazards: &[FollowedHazard], as_of: Date) -> HazardSection {
    let mut overdue: Vec<FollowedHazard> = hazards.iter().filter(|hazard| hazard.is_overdue()).cloned().collect();
    overdue.sort_by(|a, b| (b.major, b.late_days, &a.id).cmp(&(a.major, a.late_days, &b.id)));
    HazardSection { counts: FollowCounts::of(hazards, as_of), overdue }
}

/// Firms by finding; a rule that a firm has in several sectors is one finding.
fn findings<'p>(period: &'p Period, rules: &Rules<'_>) -> HashMap<&'p Arc<str>, u64> {
    let mut counts = HashMap::new();
    for firm in &period.firms {
        let mut found: Vec<&Arc<str>> = firm.fired.iter().filter(|rule| rules.is_finding(rule)).collect();
        found.sort();
        found.dedup();
        found.into_iter().for_each(|rule| *counts.entry(rule).or_insert(0) += 1);
    }
    counts
}

fn top_findings(now: &Period, before: Option<&Period>, rules: &Rules<'_>) -> Vec<RuleCount> {
    let counts_before = before.map(|before| findings(before, rules));
    let count = |(rule, firms): (&Arc<str>, u64)| {
        let known = rules.get(rule);
        RuleCount {
            finding: known.map(|rule| rule.finding.clone()),
            major: known.is_some_and(|rule| rule.major),
            firms,
            before: counts_before.as_ref().map(|counts| counts.get(rule).copied().unwrap_or(0)),
            rule: Arc::clone(rule),
        }
    };
    let mut counts: Vec<RuleCount> = findings(now, rules).into_iter().map(count).collect();
    counts.sort_by(|a, b| b.firms.cmp(&a.firms).then_with(|| a.rule.cmp(&b.rule)));
    counts
}

fn missing_facts(now: &Period, book: &RuleBook) -> Vec<FactCount> {
    let mut counts: HashMap<&Arc<str>, (u64, u64)> = HashMap::new();
    for firm in &now.firms {
        for (at, fact) in firm.missing.iter().enumerate() {
            let (firms, first) = counts.entry(fact).or_default();
            *firms += 1;
            *first += u64::from(at == 0);
        }
    }
    let count = |(fact, (firms, first)): (&Arc<str>, (u64, u64))| FactCount {
        fact: Arc::clone(fact),
        label: fact_label(fact, book),
        firms,
        first,
    };
    let mut counts: Vec<FactCount> = counts.into_iter().map(count).collect();
    counts.sort_by(|a, b| (b.firms, b.first, &a.fact).cmp(&(a.firms, a.first, &b.fact)));
    counts
}

fn fact_label(fact: &str, book: &RuleBook) -> Option<Label> {
    let list = |name: &str| book.lists().iter().find(|list| *list.name == *name);
    match fact.split_once('.') {
        None => {
            let known = book.facts().iter().find(|known| *known.name == *fact).map(|known| known.label.clone());
            known.or_else(|| list(fact).map(|list| list.label.clone()))
        }
        Some((name, field)) => {
            let list = list(name)?;
            let field = list.fields.iter().find(|known| *known.name == *field)?;
            Some(Label {
                en: format!("{}: {}", list.label.en, field.label.en).into(),
                zh: format!("{}：{}", list.label.zh, field.label.zh).into(),
            })
        }
    }
}

fn left_out(now: &Period, before: Option<&Period>, book: &RuleBook, has_forecast: bool) -> Vec<LeftOut> {
    let mut left_out = Vec::new();
    let mut add = |is_left_out: bool, what: Label, why: Label| {
        if is_left_out {
            left_out.push(LeftOut { what, why });
        }
    };
    add(
        before.is_none(),
        label("moves between tiers, new and lifted reds", "等级变动、新增和降级红色企业"),
        label("there is no earlier period", "没有更早一期的结果"),
    );
    add(
        !now.has_districts,
        label("districts", "地区"),
        label("the grades have no column of districts", "定级结果中没有地区列"),
    );
    add(
        now.hazards.is_none(),
        label("hazards", "隐患"),
        label("there are neither lists nor a follow-up of this period", "本期既没有清单，也没有隐患跟踪结果"),
    );
    add(
        !now.has_missing,
        label("missing facts", "缺失数据"),
        label("the grades have no column `missing`", "定级结果中没有 `missing` 列"),
    );
    add(!has_forecast, label("early warning", "提前预警"), label("no forecast was given", "未提供预测结果"));
    let graded_otherwise = std::iter::once(now).chain(before).any(|period| period.book != book.hash());
    add(
        graded_otherwise,
        label("names of rules that this book does not have", "本规则册中没有的规则名称"),
        label(
            "this period or the one before was graded with another book than the one that names its rules",
            "本期或上期所用规则册与当前规则册不同",
        ),
    );
    left_out
}
