//! Issues the lists: from the explanation of a grade, and what the book says of tiers and posts.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::LIST_IDS;
use super::record::*;
use super::words;
use crate::book::{Amount, Effect, IssuedList, Rule, Supervision};
use crate::{
    Date, Explanation, GradeError, Grader, Label, Lang, Points, RuleExplanation, RuleOutcome, Tier, Type, Wait,
};

fn label(en: impl Into<Arc<str>>, zh: impl Into<Arc<str>>) -> Label {
    Label { en: en.into(), zh: zh.into() }
}

/// The list names that hold where a book gives none.
pub(super) fn default_name(id: &str) -> Label {
    match id {
        "risks" => label("Risk list", "风险清单"),
        "hazards" => label("Hazard list", "隐患清单"),
        _ => label("Responsibility list", "责任清单"),
    }
}

impl Grader {
    /// Grades a firm from JSON text and issues its three lists.
    ///
    /// ```
    /// # use risktier::{Date, RuleBook};
    /// # let book = RuleBook::from_sources([("s.rhai", r#"
    /// #     role("p", #{ en: "Principal", zh: "负责人" });
    /// #     sector("shops", #{ name: #{ en: "Shops", zh: "商店" } });
    /// #     fact("exits", INT, #{ en: "Exits", zh: "出口", unit: "exits", min: 0 });
    /// #     rule("S-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "Too few exits", zh: "出口不足" },
    /// #         when: |firm| firm.exits < 2, tier: RED, cite: own("an example"), since: date(2020, 1, 1),
    /// #         control: #{ en: "Open another", zh: "增设" }, owner: "p", days: 30 });
    /// # "#)]).unwrap();
    /// let grader = book.as_of(Date::new(2026, 11, 1).unwrap());
    /// let lists = grader.lists_json(r#"{ "id": "F7", "sector": "shops", "exits": 1 }"#).unwrap();
    /// assert_eq!(lists.hazards[0].id, "F7/hazard/S-1");
    /// assert_eq!(lists.duties[0].deadline.unwrap().to_string(), "2026-12-01");
    /// ```
    ///
    /// # Errors
    /// As for [`Grader::grade_json`].
    pub fn lists_json(&self, json: &str) -> Result<FirmLists, GradeError> {
        Ok(self.lists_of(&self.explain_json(json)?))
    }

    /// Grades a firm from a record of your own type and issues its three lists.
    ///
    /// # Errors
    /// As for [`Grader::grade_json`].
    pub fn lists<T: serde::Serialize>(&self, record: &T) -> Result<FirmLists, GradeError> {
        Ok(self.lists_of(&self.explain(record)?))
    }

    /// The three lists of a firm whose grade has been explained.
    pub fn lists_of(&self, explanation: &Explanation) -> FirmLists {
        Issue::new(self, explanation).lists()
    }
}

/// A rule in all the sectors of the firm that have it.
struct Watched<'i> {
    rule: &'i Rule,
    sectors: Vec<Arc<str>>,
    explained: &'i RuleExplanation,
    /// How the strictest of those sectors supervises a risk of this tier.
    supervision: Option<&'i Supervision>,
}

impl Watched<'_> {
    /// The tier that a rule stands for: a rule of the score for the lowest.
    fn tier(&self) -> Option<Tier> {
        match self.rule.effect {
            Effect::Floor(tier) => Some(tier),
            Effect::Points { .. } => None,
        }
    }

    fn points(&self) -> Option<Points> {
        self.explained.points.or(match &self.rule.effect {
            Effect::Points { deduct, amount: Amount::Fixed(points), .. } => {
                let sign = if *deduct { -1 } else { 1 };
                Some(Points::from_thousandths(sign * points.thousandths()))
            }
            _ => None,
        })
    }
}

struct Issue<'i> {
    grader: &'i Grader,
    explanation: &'i Explanation,
    watched: Vec<Watched<'i>>,
}

impl<'i> Issue<'i> {
    fn new(grader: &'i Grader, explanation: &'i Explanation) -> Issue<'i> {
        let book = grader.book();
        let mut watched: Vec<Watched<'i>> = Vec::new();
        // Where a rule of a part stands in the list, for firms of several sectors.
        let mut places: BTreeMap<usize, usize> = BTreeMap::new();
        for of_sector in &explanation.sectors {
            let sector = book.sector(&of_sector.sector);
            for explained in of_sector.rules.iter().filter(|rule| !rule.merit) {
                let Some(rule) = book.rules().get(explained.index) else { continue };
                if let Some(known) = places.get(&explained.index).and_then(|at| watched.get_mut(*at)) {
                    known.sectors.push(Arc::clone(&of_sector.sector));
                    continue;
                }
                places.insert(explained.index, watched.len());
                let tier = if let Effect::Floor(tier) = rule.effect { tier } else { Tier::Blue };
                let supervision = sector.and_then(|sector| sector.supervision.get(tier as usize)?.as_ref());
                let sectors = vec![Arc::clone(&of_sector.sector)];
                watched.push(Watched { rule, sectors, explained, supervision });
            }
        }
        Issue { grader, explanation, watched }
    }

    fn id(&self, list: &str, of: &str) -> String {
        match &self.explanation.grade.id {
            Some(firm) => format!("{firm}/{list}/{of}"),
            None => format!("{list}/{of}"),
        }
    }

    fn owner(&self, rule: &Rule) -> Label {
        let role = self.grader.book().roles().get(rule.owner);
        role.map_or_else(|| label("", ""), |role| role.name.clone())
    }

    fn lists(&self) -> FirmLists {
        let book = self.grader.book();
        let grade = &self.explanation.grade;
        let sectors = grade.sectors.iter().map(|sector| ListedSector {
            id: Arc::clone(&sector.sector),
            name: book
                .sector(&sector.sector)
                .map_or_else(|| label(&*sector.sector, &*sector.sector), |known| known.name.clone()),
            tier: sector.tier,
            score: sector.score.map(|score| score.value),
            way_down: self
                .explanation
                .sectors
                .iter()
                .find(|explained| explained.sector == sector.sector)
                .map(|explained| explained.way_down.clone())
                .unwrap_or_default(),
        });
        let supervision = self.supervision();
        FirmLists {
            firm: grade.id.clone(),
            name: None,
            tier: grade.tier,
            best: grade.best,
            worst: grade.worst,
            sectors: sectors.collect(),
            decided_by: Arc::clone(&grade.decided_by),
            supervision: supervision.map(|supervision| NextInspection {
                frequency: supervision.frequency.clone(),
                due: supervision.every_days.and_then(|days| self.after(days)),
            }),
            names: LIST_IDS.map(|id| {
                let named = book.issued_lists().iter().find(|list| &*list.id == id);
                named.cloned().unwrap_or_else(|| IssuedList { id: id.into(), name: default_name(id), cite: Vec::new() })
            }),
            risks: self.risks(),
            hazards: self.hazards(),
            duties: self.duties(supervision),
            errors: self.errors(),
            identity: grade.identity.clone(),
        }
    }

    /// How the deciding sector supervises firms of this tier.
    fn supervision(&self) -> Option<&'i Supervision> {
        let grade = &self.explanation.grade;
        let sector = self.grader.book().sector(&grade.decided_by)?;
        sector.supervision.get(grade.tier as usize)?.as_ref()
    }

    fn after(&self, days: u32) -> Option<Date> {
        self.grader.as_of().plus_days(days.into())
    }

    fn errors(&self) -> Vec<Label> {
        let grade = &self.explanation.grade;
        let both = |message: &dyn Fn(Lang) -> String| label(message(Lang::En), message(Lang::Zh));
        let firm = grade.errors.iter().map(|error| both(&|lang| error.message(lang)));
        let data = grade.data_errors.iter().map(|error| both(&|lang| error.message(lang)));
        firm.chain(data).collect()
    }

    fn risks(&self) -> Vec<RiskEntry> {
        let mut risks: Vec<RiskEntry> = self
            .watched
            .iter()
            .map(|watched| RiskEntry {
                id: self.id("risk", &watched.rule.id),
                rule: Arc::clone(&watched.rule.id),
                sectors: watched.sectors.clone(),
                risk: watched.rule.risk.clone(),
                tier: watched.tier(),
                points: watched.points(),
                outcome: watched.explained.outcome,
                control: watched.rule.control.clone(),
                control_level: watched.supervision.map(|supervision| supervision.control_level.clone()),
                owner: self.owner(watched.rule),
                cite: watched.rule.cite.clone(),
            })
            .collect();
        let rank = |outcome: RuleOutcome| match outcome {
            RuleOutcome::Fired => 0,
            RuleOutcome::Undetermined => 1,
            RuleOutcome::Clear => 2,
        };
        risks.sort_by_key(|risk| (rank(risk.outcome), Reverse(risk.tier)));
        risks
    }

    fn hazards(&self) -> Vec<Hazard> {
        let open = self.watched.iter().filter(|watched| watched.explained.outcome != RuleOutcome::Clear);
        let mut hazards: Vec<Hazard> = open
            .map(|watched| {
                let found = watched.explained.outcome == RuleOutcome::Fired;
                Hazard {
                    id: self.id("hazard", &watched.rule.id),
                    rule: Arc::clone(&watched.rule.id),
                    sectors: watched.sectors.clone(),
                    state: if found { HazardState::Found } else { HazardState::ToVerify },
                    finding: watched.rule.finding.clone(),
                    major: watched.rule.major,
                    tier: watched.tier(),
                    points: watched.points(),
                    shown_by: watched.explained.read.clone(),
                    collect: watched.explained.waits_for.iter().map(|wait| self.collect(wait)).collect(),
                    requirement: watched.rule.cite.clone(),
                    lasting: watched.rule.lasting,
                }
            })
            .collect();
        hazards.sort_by_key(|hazard| (hazard.state, Reverse(hazard.major), Reverse(hazard.tier)));
        hazards
    }

    fn collect(&self, wait: &Wait) -> Collect {
        let book = self.grader.book();
        let plain = || (label(&*wait.fact, &*wait.fact), None);
        let (label, unit) = match wait.fact.split_once('.') {
            None => match book.facts().iter().find(|fact| fact.name == wait.fact) {
                Some(fact) => (fact.label.clone(), fact.unit.clone()),
                None => {
                    let list = book.lists().iter().find(|list| list.name == wait.fact);
                    list.map_or_else(plain, |list| (list.label.clone(), None))
                }
            },
            Some((list, field)) => {
                let list = book.lists().iter().find(|known| *known.name == *list);
                let field = list.and_then(|list| list.fields.iter().find(|known| *known.name == *field));
                list.zip(field).map_or_else(plain, |(list, field)| {
                    let en = format!("{}: {}", list.label.en, field.label.en);
                    (label(en, format!("{}：{}", list.label.zh, field.label.zh)), field.unit.clone())
                })
            }
        };
        Collect { fact: Arc::clone(&wait.fact), label, unit, items: wait.items.clone() }
    }

    fn duties(&self, of_firm: Option<&Supervision>) -> Vec<Duty> {
        let mut duties: Vec<(bool, Duty)> = Vec::new();
        let mut facts: BTreeMap<Arc<str>, (Collect, Vec<&Watched<'_>>)> = BTreeMap::new();
        for watched in &self.watched {
            match watched.explained.outcome {
                RuleOutcome::Clear => {}
                RuleOutcome::Fired => duties.push((watched.rule.major, self.rectify(watched))),
                RuleOutcome::Undetermined => {
                    for wait in &watched.explained.waits_for {
                        let entry = facts.entry(Arc::clone(&wait.fact));
                        let (collect, rules) = entry.or_insert_with(|| (self.collect(wait), Vec::new()));
                        collect.items.extend(&wait.items);
                        rules.push(watched);
                    }
                }
            }
        }
        duties.extend(facts.into_values().map(|(collect, rules)| (false, self.establish(collect, &rules, of_firm))));
        // Without a deadline last; of one day, major hazards first.
        duties.sort_by_key(|(major, duty)| (duty.deadline.is_none(), duty.deadline, Reverse(*major), duty.kind));
        duties.into_iter().map(|(_, duty)| duty).collect()
    }

    fn rectify(&self, watched: &Watched<'_>) -> Duty {
        let rule = watched.rule;
        let deadline = self.after(rule.days);
        let owner = self.owner(rule);
        let five = rule.major.then(|| FiveAssignments {
            responsibility: owner.clone(),
            measures: rule.control.clone(),
            funds: label("for the firm to enter", "由企业填写"),
            time_limit: deadline,
            emergency_plan: label(format!("for: {}", rule.risk.en), format!("针对：{}", rule.risk.zh)),
        });
        Duty {
            id: self.id("duty", &rule.id),
            kind: DutyKind::Rectify,
            rules: vec![Arc::clone(&rule.id)],
            fact: None,
            measure: rule.control.clone(),
            owner,
            days: Some(rule.days),
            deadline,
            verified_by: watched.supervision.map(|supervision| supervision.verified_by.clone()),
            five,
        }
    }

    fn establish(&self, collect: Collect, rules: &[&Watched<'_>], of_firm: Option<&Supervision>) -> Duty {
        let unit = |lang: Lang| match collect.unit.as_deref() {
            None | Some("1") => String::new(),
            Some(unit) if lang == Lang::En => format!(" ({unit})"),
            Some(unit) => format!("（{}）", words::unit(unit, lang)),
        };
        let days = of_firm.map(|supervision| supervision.establish_days);
        // The post of the worst rule that waits for it.
        let worst = rules.iter().max_by_key(|watched| (watched.tier(), watched.rule.major));
        Duty {
            id: self.id("duty", &collect.fact),
            kind: DutyKind::Establish,
            rules: rules.iter().map(|watched| Arc::clone(&watched.rule.id)).collect(),
            measure: label(
                format!("Establish and report: {}{}", collect.label.en, unit(Lang::En)),
                format!("核实并填报：{}{}", collect.label.zh, unit(Lang::Zh)),
            ),
            fact: Some(collect.fact),
            owner: worst.map_or_else(|| label("", ""), |watched| self.owner(watched.rule)),
            days,
            deadline: days.and_then(|days| self.after(days)),
            verified_by: of_firm.map(|supervision| supervision.verified_by.clone()),
            five: None,
        }
    }
}

/// A number or a text for people: floats without the noise of binary fractions.
pub(super) fn shown(value: &crate::Value) -> String {
    match value {
        crate::Value::Float(number) if value.ty() == Type::Float => {
            let rounded = format!("{number:.6}");
            let short = rounded.trim_end_matches('0').trim_end_matches('.');
            if short.parse::<f64>().is_ok_and(|back| (back - number).abs() <= number.abs() * 1e-9) {
                short.to_owned()
            } else {
                value.to_string()
            }
        }
        other => other.to_string(),
    }
}
