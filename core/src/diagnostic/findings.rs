//! What the analysis of a book finds, in English and Chinese.

use super::catalogue::{Pair, pair};
use crate::{Lang, Tier};

/// What is odd about the rules of a book: no error in any script, and seldom what its author meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// No firm can meet the condition (or, `always`, every firm does).
    Condition { rule: String, always: bool },
    /// Wherever one rule fires the other fires too, with the same tier.
    Implied { rule: String, by: String, same: bool },
    /// Wherever a floor fires a higher one fires too.
    NeverDecides { rule: String, tier: Tier, by: String, by_tier: Tier },
    /// A rule that is declared to be a case of another fires where that does not.
    NotWithin { rule: String, by: String },
    /// Whatever else is the case, these points never change a tier.
    IdlePoints { rule: String, sector: String },
    /// A band that no score of the sector reaches.
    UnreachedBand { sector: String, tier: Tier, lowest: String, highest: String },
    /// Rules read the fact, and none comes out otherwise for any value of it.
    NoInfluence { fact: String },
    /// Making the fact worse, as it is declared, can make the tier better.
    NotMonotone { fact: String, worse: &'static str, sector: String, from: Tier, to: Tier },
    /// A key that the fact can have, and the table has not.
    TableGap { table: String, key: String, rule: String },
    /// A row whose key nothing that is looked up can have.
    UnreachedRow { table: String, row: String },
    /// Between two versions of a rule lie days on which neither is in force, or (`both`) both are.
    VersionGap { rule: String, replaced: String, from: String, until: String, both: bool },
    /// The last day of a rule is over, and no rule replaces it.
    Expired { rule: String, until: String },
    /// A rule in force cites a document that is no more.
    ReplacedDocument { rule: String, document: String, until: String, by: Option<String> },
}

pub(super) struct FindingTexts {
    pub(super) code: &'static str,
    pub(super) message: Pair,
    pub(super) help: Pair,
}

fn tier_of(tier: Tier) -> Pair {
    (tier.name(Lang::En).to_owned(), tier.name(Lang::Zh).to_owned())
}

impl Finding {
    pub(super) fn texts(&self) -> FindingTexts {
        let (code, message, help) = match self {
            Finding::Condition { rule, always: false } => (
                "W101",
                pair(
                    format!("no firm can meet the condition of `{rule}`"),
                    format!("没有企业能满足规则 `{rule}` 的条件"),
                ),
                pair(
                    "compare the numbers of the condition with each other, and with the limits of the facts",
                    "请核对条件中的数值彼此之间、以及与指标取值范围之间是否矛盾",
                ),
            ),
            Finding::Condition { rule, always: true } => (
                "W102",
                pair(
                    format!("every firm whose facts are known meets the condition of `{rule}`"),
                    format!("凡指标已知的企业都满足规则 `{rule}` 的条件"),
                ),
                pair(
                    "a rule that always fires tells firms from each other no more than none",
                    "总是触发的规则不能区分企业，请修改条件",
                ),
            ),
            Finding::Implied { rule, by, same: true } => (
                "W103",
                pair(
                    format!("`{rule}` and `{by}` fire for the same firms, with the same tier"),
                    format!("规则 `{rule}` 与 `{by}` 对相同的企业触发，等级也相同"),
                ),
                pair("remove one of them, or say what else it asks", "请删除其一，或补充其不同之处"),
            ),
            Finding::Implied { rule, by, same: false } => (
                "W103",
                pair(
                    format!("wherever `{rule}` fires, `{by}` fires with the same tier"),
                    format!("规则 `{rule}` 触发时，规则 `{by}` 必以相同等级触发"),
                ),
                pair(
                    format!("remove it, or declare it a case of the other with `within: \"{by}\"`"),
                    format!("请删除，或以 `within: \"{by}\"` 声明其为另一规则的特例"),
                ),
            ),
            Finding::NeverDecides { rule, tier, by, by_tier } => {
                let (tier, by_tier) = (tier_of(*tier), tier_of(*by_tier));
                (
                    "W104",
                    pair(
                        format!(
                            "`{rule}` ({}) never decides: wherever it fires, `{by}` ({}) fires too",
                            tier.0, by_tier.0
                        ),
                        format!("规则 `{rule}`（{}）从不决定等级：其触发时规则 `{by}`（{}）必触发", tier.1, by_tier.1),
                    ),
                    pair(
                        format!("remove it, or declare it a case of the other with `within: \"{by}\"`"),
                        format!("请删除，或以 `within: \"{by}\"` 声明其为另一规则的特例"),
                    ),
                )
            }
            Finding::NotWithin { rule, by } => (
                "W114",
                pair(
                    format!("`{rule}` is declared `within: \"{by}\"`, and fires where `{by}` does not"),
                    format!("规则 `{rule}` 声明为 `within: \"{by}\"`，但其触发时 `{by}` 可能不触发"),
                ),
                pair("take `within` away, or mend one of the conditions", "请删除 `within`，或修改其中一个条件"),
            ),
            Finding::IdlePoints { rule, sector } => (
                "W105",
                pair(
                    format!("the points of `{rule}` never change the tier of a firm of `{sector}`"),
                    format!("规则 `{rule}` 的分值从不改变行业 `{sector}` 企业的等级"),
                ),
                pair("look at the limits of its item, and at the bands", "请核对其评分项目的上下限和分数段"),
            ),
            Finding::UnreachedBand { sector, tier, lowest, highest } => {
                let tier = tier_of(*tier);
                (
                    "W106",
                    pair(
                        format!(
                            "no score of `{sector}` is in the {} band: they lie between {lowest} and {highest}",
                            tier.0
                        ),
                        format!("行业 `{sector}` 的得分都不在{}分数段内：得分介于 {lowest} 与 {highest} 之间", tier.1),
                    ),
                    pair("move the band, or the limits of the items", "请调整分数段，或评分项目的上下限"),
                )
            }
            Finding::NoInfluence { fact } => (
                "W107",
                pair(
                    format!("rules read `{fact}`, and every value of it gives the same grade"),
                    format!("规则使用了 `{fact}`，但其任何取值都得到相同的等级"),
                ),
                pair("a condition mentions it where it cannot matter", "它所在的条件不受其影响，请核对"),
            ),
            Finding::NotMonotone { fact, worse, sector, from, to } => {
                let (from, to) = (tier_of(*from), tier_of(*to));
                (
                    "W108",
                    pair(
                        format!(
                            "`{fact}` is declared `worse: {worse}`, and making it worse makes a firm of `{sector}` {} instead of {}",
                            to.0, from.0
                        ),
                        format!(
                            "`{fact}` 声明为 `worse: {worse}`，但其变差后行业 `{sector}` 的企业由{}变为{}",
                            from.1, to.1
                        ),
                    ),
                    pair("mend the condition, or the direction", "请修改条件，或修改方向"),
                )
            }
            Finding::TableGap { table, key, rule } => (
                "W109",
                pair(
                    format!("table `{table}` has no row for {key}, which `{rule}` can look up"),
                    format!("表 `{table}` 没有 {key} 的行，而规则 `{rule}` 可能查找它"),
                ),
                pair(
                    "add a row; without one the rule has a fault for such a firm",
                    "请补充该行；否则规则对这类企业出现运算故障",
                ),
            ),
            Finding::UnreachedRow { table, row } => (
                "W110",
                pair(
                    format!("nothing that is looked up in table `{table}` comes to the row {row}"),
                    format!("表 `{table}` 的 {row} 行不会被任何查找用到"),
                ),
                pair("remove the row, or compare it with the limits of the fact", "请删除该行，或核对指标的取值范围"),
            ),
            Finding::VersionGap { rule, replaced, from, until, both: false } => (
                "W111",
                pair(
                    format!(
                        "neither `{replaced}` nor `{rule}`, which replaces it, is in force from {from} until {until}"
                    ),
                    format!("自{from}至{until}，规则 `{replaced}` 及其替代规则 `{rule}` 均不适用"),
                ),
                pair("let one begin on the day on which the other ends", "请使后者自前者失效之日起适用"),
            ),
            Finding::VersionGap { rule, replaced, from, until, both: true } => (
                "W111",
                pair(
                    format!(
                        "`{replaced}` and `{rule}`, which replaces it, are both in force from {from} until {until}"
                    ),
                    format!("自{from}至{until}，规则 `{replaced}` 与其替代规则 `{rule}` 同时适用"),
                ),
                pair("let one end on the day on which the other begins", "请使前者在后者适用之日失效"),
            ),
            Finding::Expired { rule, until } => (
                "W112",
                pair(
                    format!("`{rule}` is no longer in force since {until}, and no rule replaces it"),
                    format!("规则 `{rule}` 自{until}起失效，且没有规则替代它"),
                ),
                pair(
                    "say `replaces:` in the rule that follows it, or remove it",
                    "请在后续规则中写明 `replaces:`，或删除该规则",
                ),
            ),
            Finding::ReplacedDocument { rule, document, until, by } => {
                let by = by.as_ref().map_or_else(
                    || pair("", ""),
                    |by| pair(format!(", replaced by `{by}`"), format!("，由 `{by}` 替代")),
                );
                (
                    "W113",
                    pair(
                        format!("`{rule}` cites `{document}`, which is no longer in force since {until}{}", by.0),
                        format!("规则 `{rule}` 引用的文件 `{document}` 自{until}起失效{}", by.1),
                    ),
                    pair(
                        "compare the rule with the document that holds now, and end or amend it",
                        "请与现行文件核对，并终止或修改该规则",
                    ),
                )
            }
        };
        FindingTexts { code, message, help }
    }
}
