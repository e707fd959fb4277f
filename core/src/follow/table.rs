//! The follow-up as a table: one definition of its columns for CSV, workbook and report.

use super::record::{FollowCounts, FollowState, FollowUp, FollowedHazard};
use crate::lang::say;
use crate::{Column, Lang, ListCell};

const COLUMNS: &[Column] = &[
    Column::new("item", "Item", "编号", 22),
    Column::new("firm", "Firm", "企业编号", 12),
    Column::new("name", "Name", "企业名称", 18),
    Column::new("firm_tier", "Tier of the firm", "企业等级", 9),
    Column::new("sector", "Sector", "行业领域", 16),
    Column::new("rule", "Rule", "规则", 10),
    Column::new("state", "State", "状态", 12),
    Column::new("finding", "Finding", "隐患情形", 34),
    Column::new("class", "Class", "隐患级别", 9),
    Column::new("tier", "Tier", "风险等级", 9),
    Column::new("first_seen", "First seen", "首次发现", 12),
    Column::new("opened", "Time counts from", "期限起算", 12),
    Column::new("due", "Due", "整改期限", 12),
    Column::new("late_days", "Days late", "逾期天数", 8),
    Column::new("last_found", "Last found", "最近发现", 12),
    Column::new("closed_on", "Closed on", "销号日期", 12),
    Column::new("reopened", "Times reopened", "复发次数", 8),
    Column::new("measure", "Measure", "措施", 34),
    Column::new("owner", "Responsible post", "责任岗位", 18),
    Column::new("verified_by", "Verified by", "验收", 18),
];

impl FollowState {
    /// In words of a language.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            FollowState::Overdue => say(lang, "overdue", "逾期未改"),
            FollowState::Reopened => say(lang, "reopened", "复发"),
            FollowState::New => say(lang, "new", "新发现"),
            FollowState::StillOpen => say(lang, "still open", "整改中"),
            FollowState::Unverified => say(lang, "cannot be verified", "无法核实"),
            FollowState::NoLists => say(lang, "firm without lists", "企业未出清单"),
            FollowState::FirmAbsent => say(lang, "firm not in the register", "企业不在册"),
            FollowState::SectorLeft => say(lang, "firm left the sector", "企业已离开行业"),
            FollowState::RuleWithdrawn => say(lang, "rule withdrawn", "规则已停用"),
            FollowState::Closed => say(lang, "closed", "已销号"),
        }
    }
}

impl FollowCounts {
    /// A row a state, then what is counted across states.
    pub fn rows(&self, lang: Lang) -> Vec<(&'static str, usize)> {
        let states = self.by_state.iter().map(|(state, count)| (state.name(lang), *count));
        let across = [
            (say(lang, "open in all", "未销号合计"), self.open),
            (say(lang, "of these major", "其中重大隐患"), self.open_major),
            (say(lang, "of these past the deadline", "其中超过期限"), self.overdue),
            (say(lang, "closed by this follow-up", "本期销号"), self.closed_now),
        ];
        states.chain(across).collect()
    }
}

impl FollowUp {
    /// The columns of its table.
    pub fn columns() -> &'static [Column] {
        COLUMNS
    }
}

impl FollowedHazard {
    /// Its row, as wide as [`FollowUp::columns`].
    pub fn row(&self, lang: Lang) -> Vec<ListCell> {
        let sectors: Vec<&str> = self.sectors.iter().map(|sector| sector.name.get(lang)).collect();
        let number = |number: u32| if number == 0 { ListCell::Empty } else { ListCell::Number(number.into()) };
        vec![
            ListCell::text(&self.id),
            ListCell::text(&self.firm),
            ListCell::text(self.name.as_deref().unwrap_or_default()),
            ListCell::Tier(self.firm_tier),
            ListCell::text(sectors.join(say(lang, "; ", "；"))),
            ListCell::text(&*self.rule),
            ListCell::text(self.state.name(lang)),
            ListCell::text(self.finding.get(lang)),
            ListCell::text(if self.major { say(lang, "major", "重大") } else { say(lang, "general", "一般") }),
            ListCell::tier(self.tier),
            ListCell::Date(self.first_seen),
            ListCell::Date(self.opened),
            self.due.map_or(ListCell::Empty, ListCell::Date),
            number(self.late_days),
            ListCell::Date(self.last_found),
            self.closed_on.map_or(ListCell::Empty, ListCell::Date),
            number(self.times_reopened),
            ListCell::text(self.measure.get(lang)),
            ListCell::text(self.owner.get(lang)),
            ListCell::text(self.verified_by.as_ref().map_or("", |by| by.get(lang))),
        ]
    }
}
