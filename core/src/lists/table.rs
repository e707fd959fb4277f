//! The lists as tables: one definition of their columns for CSV, workbook and page.

use super::issue::shown;
use super::record::{Collect, Duty, FirmLists, Hazard, HazardState, RiskEntry};
use super::words::{self, say};
use crate::{Citation, Date, FactRead, Goal, Lang, Points, Tier, Way, WayDown};

/// One of the three lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// 风险清单
    Risks,
    /// 隐患清单
    Hazards,
    /// 责任清单
    Responsibilities,
}

/// A column of a list.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name for programs.
    pub key: &'static str,
    en: &'static str,
    zh: &'static str,
    /// A width that prints well, in characters.
    pub width: u16,
}

impl Column {
    pub(crate) const fn new(key: &'static str, en: &'static str, zh: &'static str, width: u16) -> Column {
        Column { key, en, zh, width }
    }

    /// The headings of a sheet.
    #[cfg(feature = "xlsx")]
    pub(crate) fn headings(columns: &[Column], lang: Lang) -> Vec<crate::sheets::Heading> {
        let heading =
            |column: &Column| crate::sheets::Heading { title: column.title(lang).into(), width: column.width };
        columns.iter().map(heading).collect()
    }

    /// Its heading.
    pub fn title(&self, lang: Lang) -> &'static str {
        say(lang, self.en, self.zh)
    }
}

const RISKS: &[Column] = &[
    Column::new("item", "Item", "编号", 22),
    Column::new("firm", "Firm", "企业编号", 12),
    Column::new("name", "Name", "企业名称", 18),
    Column::new("sector", "Sector", "行业领域", 16),
    Column::new("rule", "Rule", "规则", 10),
    Column::new("risk", "Risk", "风险", 34),
    Column::new("tier", "Tier", "风险等级", 9),
    Column::new("points", "Points", "分值", 8),
    Column::new("state", "State", "状态", 11),
    Column::new("control", "Control measure", "管控措施", 34),
    Column::new("control_level", "Control level", "管控层级", 12),
    Column::new("owner", "Responsible post", "责任岗位", 18),
    Column::new("basis", "Basis", "依据", 40),
];

const HAZARDS: &[Column] = &[
    Column::new("item", "Item", "编号", 22),
    Column::new("firm", "Firm", "企业编号", 12),
    Column::new("name", "Name", "企业名称", 18),
    Column::new("sector", "Sector", "行业领域", 16),
    Column::new("rule", "Rule", "规则", 10),
    Column::new("state", "State", "状态", 11),
    Column::new("finding", "Finding", "隐患情形", 34),
    Column::new("class", "Class", "隐患级别", 9),
    Column::new("tier", "Tier", "风险等级", 9),
    Column::new("points", "Points", "分值", 8),
    Column::new("shown_by", "Shown by", "判定事实", 40),
    Column::new("collect", "To collect", "待核实数据", 34),
    Column::new("requirement", "Requirement", "违反条款", 40),
];

const RESPONSIBILITIES: &[Column] = &[
    Column::new("item", "Item", "编号", 22),
    Column::new("firm", "Firm", "企业编号", 12),
    Column::new("name", "Name", "企业名称", 18),
    Column::new("task", "Task", "任务", 9),
    Column::new("rules", "Rules", "规则", 12),
    Column::new("measure", "Measure", "措施", 38),
    Column::new("owner", "Responsible post", "责任岗位", 18),
    Column::new("days", "Days", "天数", 7),
    Column::new("deadline", "Deadline", "期限", 12),
    Column::new("verified_by", "Verified by", "验收", 18),
    Column::new("funds", "Funds", "资金", 16),
    Column::new("emergency_plan", "Emergency plan", "应急预案", 30),
    Column::new("supervision", "Supervision of the firm", "监管频次", 26),
];

impl ListKind {
    /// All three, in their order.
    pub const ALL: [ListKind; 3] = [ListKind::Risks, ListKind::Hazards, ListKind::Responsibilities];

    /// `risks`, `hazards` or `responsibilities`.
    pub fn id(self) -> &'static str {
        match self {
            ListKind::Risks => "risks",
            ListKind::Hazards => "hazards",
            ListKind::Responsibilities => "responsibilities",
        }
    }

    /// The columns of its table.
    pub fn columns(self) -> &'static [Column] {
        match self {
            ListKind::Risks => RISKS,
            ListKind::Hazards => HAZARDS,
            ListKind::Responsibilities => RESPONSIBILITIES,
        }
    }

    fn index(self) -> usize {
        match self {
            ListKind::Risks => 0,
            ListKind::Hazards => 1,
            ListKind::Responsibilities => 2,
        }
    }
}

/// A cell of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum ListCell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A tier: its word, on its colour.
    Tier(Tier),
    /// A number.
    Number(f64),
    /// A day.
    Date(Date),
}

impl ListCell {
    pub(crate) fn text(text: impl Into<String>) -> ListCell {
        let text = text.into();
        if text.is_empty() { ListCell::Empty } else { ListCell::Text(text) }
    }

    fn points(points: Option<Points>) -> ListCell {
        points.map_or(ListCell::Empty, |points| ListCell::Number(points.to_f64()))
    }

    pub(crate) fn tier(tier: Option<Tier>) -> ListCell {
        tier.map_or(ListCell::Empty, ListCell::Tier)
    }

    /// As a text of a language, as in CSV.
    pub fn to_text(&self, lang: Lang) -> String {
        match self {
            ListCell::Empty => String::new(),
            ListCell::Text(text) => text.clone(),
            ListCell::Tier(tier) => tier.name(lang).to_owned(),
            ListCell::Number(number) => number.to_string(),
            ListCell::Date(date) => date.to_string(),
        }
    }
}

fn citations(cite: &[Citation], lang: Lang) -> ListCell {
    let texts: Vec<String> = cite.iter().map(|cite| cite.text(lang)).collect();
    ListCell::text(texts.join(say(lang, "; ", "；")))
}

fn unit(unit: Option<&str>, lang: Lang) -> String {
    unit.filter(|unit| *unit != "1").map(|unit| format!(" {}", words::unit(unit, lang))).unwrap_or_default()
}

/// `People in the fullest workroom = 7 persons`
fn fact_read(read: &FactRead, lang: Lang) -> String {
    let label = read.label.get(lang);
    let value = match (&read.value, read.items) {
        (Some(crate::Value::Bool(true)), _) => say(lang, "yes", "是").to_owned(),
        (Some(crate::Value::Bool(false)), _) => say(lang, "no", "否").to_owned(),
        (Some(value), _) => format!("{}{}", shown(value), unit(read.unit.as_deref(), lang)),
        (None, Some(items)) => say(lang, format!("{items} in all"), format!("共{items}条")),
        (None, None) => say(lang, "unknown", "未知").to_owned(),
    };
    let items: Vec<String> = read
        .shown_by
        .iter()
        .map(|item| {
            let values: Vec<String> =
                item.values.iter().map(|(field, value)| format!("{field} {}", shown(value))).collect();
            format!("{} [{}]", item.item + 1, values.join(", "))
        })
        .collect();
    let items = if items.is_empty() {
        String::new()
    } else {
        say(lang, format!(": no. {}", items.join(", no. ")), format!("：第{}", items.join("，第")))
    };
    format!("{label} = {value}{items}")
}

fn collect(collect: &Collect, lang: Lang) -> String {
    let label = collect.label.get(lang);
    let mut more = Vec::new();
    more.extend(collect.unit.as_deref().filter(|unit| *unit != "1").map(|unit| words::unit(unit, lang).to_owned()));
    if !collect.items.is_empty() {
        let shown: Vec<String> = collect.items.iter().take(20).map(|item| (item + 1).to_string()).collect();
        let cut = if collect.items.len() > 20 { "…" } else { "" };
        let items = shown.join(say(lang, ", ", "、"));
        more.push(say(lang, format!("no. {items}{cut}"), format!("第{items}{cut}条")));
    }
    if more.is_empty() {
        return label.to_owned();
    }
    say(lang, format!("{label} ({})", more.join("; ")), format!("{label}（{}）", more.join("；")))
}

/// How many hazards of each kind a firm has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HazardCounts {
    /// Found, and on a published list of major hazards.
    pub major: usize,
    /// Found, and on no such list.
    pub general: usize,
    /// To be verified.
    pub to_verify: usize,
}

impl FirmLists {
    /// Its hazards, counted.
    pub fn counts(&self) -> HazardCounts {
        let count = |is: &dyn Fn(&Hazard) -> bool| self.hazards.iter().filter(|hazard| is(hazard)).count();
        let found = |hazard: &Hazard| hazard.state == HazardState::Found;
        HazardCounts {
            major: count(&|hazard| found(hazard) && hazard.major),
            general: count(&|hazard| found(hazard) && !hazard.major),
            to_verify: count(&|hazard| !found(hazard)),
        }
    }

    /// What this book calls a list.
    pub fn name(&self, kind: ListKind, lang: Lang) -> &str {
        self.names.get(kind.index()).map_or(kind.id(), |named| named.name.get(lang))
    }

    /// The rows of a list, as wide as its columns.
    pub fn rows(&self, kind: ListKind, lang: Lang) -> Vec<Vec<ListCell>> {
        match kind {
            ListKind::Risks => self.risks.iter().map(|risk| self.risk_row(risk, lang)).collect(),
            ListKind::Hazards => self.hazards.iter().map(|hazard| self.hazard_row(hazard, lang)).collect(),
            ListKind::Responsibilities => {
                let duties = self.duties.iter().map(|duty| self.duty_row(duty, lang));
                duties.chain(self.way_rows(lang)).collect()
            }
        }
    }

    fn firm_cell(&self) -> ListCell {
        ListCell::text(self.firm.as_deref().unwrap_or_default())
    }

    fn name_cell(&self) -> ListCell {
        ListCell::text(self.name.as_deref().unwrap_or_default())
    }

    fn sectors_cell(&self, ids: &[std::sync::Arc<str>], lang: Lang) -> ListCell {
        let named = |id: &std::sync::Arc<str>| {
            let known = self.sectors.iter().find(|sector| sector.id == *id);
            known.map_or_else(|| id.to_string(), |sector| sector.name.get(lang).to_owned())
        };
        ListCell::text(ids.iter().map(named).collect::<Vec<_>>().join(say(lang, "; ", "；")))
    }

    fn risk_row(&self, risk: &RiskEntry, lang: Lang) -> Vec<ListCell> {
        vec![
            ListCell::text(&risk.id),
            self.firm_cell(),
            self.name_cell(),
            self.sectors_cell(&risk.sectors, lang),
            ListCell::text(&*risk.rule),
            ListCell::text(risk.risk.get(lang)),
            ListCell::tier(risk.tier),
            ListCell::points(risk.points),
            ListCell::text(words::outcome(risk.outcome, lang)),
            ListCell::text(risk.control.get(lang)),
            ListCell::text(risk.control_level.as_ref().map_or("", |level| level.get(lang))),
            ListCell::text(risk.owner.get(lang)),
            citations(&risk.cite, lang),
        ]
    }

    fn hazard_row(&self, hazard: &Hazard, lang: Lang) -> Vec<ListCell> {
        let separator = say(lang, "; ", "；");
        // What is unknown shows nothing; it stands among what is to be collected.
        let known = hazard.shown_by.iter().filter(|read| read.value.is_some() || read.items.is_some());
        let shown: Vec<String> = known.map(|read| fact_read(read, lang)).collect();
        let wanted: Vec<String> = hazard.collect.iter().map(|fact| collect(fact, lang)).collect();
        let class = if hazard.major { say(lang, "major", "重大") } else { say(lang, "general", "一般") };
        vec![
            ListCell::text(&hazard.id),
            self.firm_cell(),
            self.name_cell(),
            self.sectors_cell(&hazard.sectors, lang),
            ListCell::text(&*hazard.rule),
            ListCell::text(words::state(hazard.state, lang)),
            ListCell::text(hazard.finding.get(lang)),
            ListCell::text(class),
            ListCell::tier(hazard.tier),
            ListCell::points(hazard.points),
            ListCell::text(shown.join(separator)),
            ListCell::text(wanted.join(separator)),
            citations(&hazard.requirement, lang),
        ]
    }

    fn duty_row(&self, duty: &Duty, lang: Lang) -> Vec<ListCell> {
        let five = duty.five.as_ref();
        vec![
            ListCell::text(&duty.id),
            self.firm_cell(),
            self.name_cell(),
            ListCell::text(words::kind(duty.kind, lang)),
            ListCell::text(duty.rules.join(" ")),
            ListCell::text(duty.measure.get(lang)),
            ListCell::text(duty.owner.get(lang)),
            duty.days.map_or(ListCell::Empty, |days| ListCell::Number(days.into())),
            duty.deadline.map_or(ListCell::Empty, ListCell::Date),
            ListCell::text(duty.verified_by.as_ref().map_or("", |by| by.get(lang))),
            ListCell::text(five.map_or("", |five| five.funds.get(lang))),
            ListCell::text(five.map_or("", |five| five.emergency_plan.get(lang))),
            ListCell::text(self.supervision.as_ref().map_or("", |supervision| supervision.frequency.get(lang))),
        ]
    }

    /// The foot of the responsibility list: the ways down to each better tier, a row a way.
    fn way_rows(&self, lang: Lang) -> Vec<Vec<ListCell>> {
        let mut rows = Vec::new();
        for sector in &self.sectors {
            let name = if self.sectors.len() > 1 { format!("{}: ", sector.name.get(lang)) } else { String::new() };
            for way in WayDown::told(&sector.way_down) {
                for (at, (ids, days, sentence)) in way.sentences(lang).into_iter().enumerate() {
                    let place = format!("way/{}/{}/{}/{}", sector.id, way.to, way.goal.id(), at + 1);
                    let id = self.firm.as_ref().map_or_else(|| place.clone(), |firm| format!("{firm}/{place}"));
                    let mut row = vec![
                        ListCell::text(id),
                        self.firm_cell(),
                        self.name_cell(),
                        ListCell::text(say(lang, "way down", "降级路径")),
                        ListCell::text(ids.join(" ")),
                        ListCell::text(format!("{name}{sentence}")),
                        ListCell::Empty,
                        days.map_or(ListCell::Empty, |days| ListCell::Number(days.into())),
                    ];
                    row.resize(RESPONSIBILITIES.len(), ListCell::Empty);
                    rows.push(row);
                }
            }
        }
        rows
    }
}

/// So many rules or facts are named in a sentence.
const NAMED: usize = 8;

/// Names, and how many more there are.
fn named(names: &[std::sync::Arc<str>], separator: &str, lang: Lang) -> String {
    let shown = names.iter().take(NAMED).map(|name| &**name).collect::<Vec<_>>().join(separator);
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => say(lang, format!("{shown} and {more} more"), format!("{shown} 等{}项", names.len())),
    }
}

/// Ids of rules, days of effort, and a sentence.
type Told<'w> = (&'w [std::sync::Arc<str>], Option<u32>, String);

impl WayDown {
    /// The ways of one sector in sentences. Where the same ways lead on to a better tier, only that one is told.
    pub fn lines(ways: &[WayDown], lang: Lang) -> Vec<String> {
        WayDown::told(ways).flat_map(|way| way.sentences(lang)).map(|(_, _, sentence)| sentence).collect()
    }

    /// Those that do not lead on to a better tier.
    fn told(ways: &[WayDown]) -> impl Iterator<Item = &WayDown> {
        let leads_on = move |way: &&WayDown| {
            ways.iter().any(|other| {
                (other.goal, &other.ways, &other.blocked_by) == (way.goal, &way.ways, &way.blocked_by)
                    && other.to < way.to
            })
        };
        ways.iter().filter(move |way| !leads_on(way))
    }

    /// One sentence a way, or one that says why there is none.
    fn sentences(&self, lang: Lang) -> Vec<Told<'_>> {
        let to = self.to.name(lang);
        let goal = words::goal(self.goal, lang);
        let head = say(lang, format!("To {to} ({goal}): "), format!("降为{to}色（{goal}）："));
        if !self.blocked_by.is_empty() {
            let rules = named(&self.blocked_by, " ", lang);
            let sentence = say(
                lang,
                format!("{head}not before {rules} has passed with time"),
                format!("{head}{rules} 不能整改，须待期满"),
            );
            return vec![(&self.blocked_by, None, sentence)];
        }
        if self.ways.is_empty() {
            let sentence = say(
                lang,
                format!("{head}nothing that can be put right now is enough"),
                format!("{head}目前没有可行的整改组合"),
            );
            return vec![(&[], None, sentence)];
        }
        // For certain there is often much to establish, and the ways differ in little of it: the first will do.
        let told = if self.goal == Goal::ForCertain { 1 } else { self.ways.len() };
        let ways = self.ways.iter().take(told);
        ways.map(|way| (&*way.close, Some(way.effort_days), format!("{head}{}", way.sentence(lang)))).collect()
    }
}

impl Way {
    fn sentence(&self, lang: Lang) -> String {
        let mut parts = Vec::new();
        if !self.close.is_empty() {
            let rules = named(&self.close, " ", lang);
            let (effort, longest) = (self.effort_days, self.longest_days);
            parts.push(say(
                lang,
                format!("close {rules} (effort {effort} days, the longest {longest})"),
                format!("整改 {rules}（合计{effort}天，最长{longest}天）"),
            ));
        }
        if !self.establish.is_empty() {
            let (rules, facts) = (named(&self.establish, " ", lang), named(&self.facts, ", ", lang));
            parts.push(say(
                lang,
                format!("establish {facts}, so that {rules} turn out well"),
                format!("查明 {facts}，使 {rules} 的结果有利"),
            ));
        }
        parts.join(say(lang, "; ", "；"))
    }
}
