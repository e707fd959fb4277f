//! What a book holds: plain data, checked.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use crate::expr::NodeId;
use crate::{Date, Label, Lang, Points, Site, Tier, Type, Value};

/// A legal or technical document that rules cite.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Document {
    /// Its id in the scripts.
    pub id: Arc<str>,
    /// Title in its own language.
    pub title: Arc<str>,
    /// A translation of the title.
    pub title_en: Option<Arc<str>>,
    /// Official number, such as `GB 18218-2018`.
    pub number: Arc<str>,
    /// Who issued it.
    pub issuer: Option<Arc<str>>,
    /// Day of issue.
    pub date: Option<Date>,
    /// Where it can be read.
    pub url: Option<Arc<str>>,
    /// The first day on which it is no longer in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub until: Option<Date>,
    /// The id of the document that replaces it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub replaced_by: Option<Arc<str>>,
}

/// Whether the author of a rule had the clause before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "UPPERCASE")]
pub enum Basis {
    /// The wording was read.
    Read,
    /// From memory: numbers and articles are unverified.
    Recalled,
}

/// Where a rule comes from.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Citation {
    /// A clause of a document.
    Clause {
        /// The document.
        document: Arc<Document>,
        /// Article, item or table.
        article: Arc<str>,
        /// Read or recalled.
        basis: Basis,
        /// What a reader should know of it.
        note: Option<Arc<str>>,
    },
    /// The rule author's own judgement, with its reason.
    Own {
        /// Why.
        reason: Arc<str>,
    },
}

impl Citation {
    /// In a sentence of a language: title, number, article, and whether the clause was read.
    pub fn text(&self, lang: Lang) -> String {
        match (self, lang) {
            (Citation::Own { reason }, Lang::En) => format!("own judgement: {reason}"),
            (Citation::Own { reason }, Lang::Zh) => format!("本规则册自定：{reason}"),
            (Citation::Clause { document, article, basis, note }, lang) => {
                let basis = match (basis, lang) {
                    (Basis::Read, _) => "",
                    (Basis::Recalled, Lang::En) => " [from memory: not checked]",
                    (Basis::Recalled, Lang::Zh) => "【凭记忆引用，未核对】",
                };
                let note = note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
                match lang {
                    Lang::En => {
                        let title = document.title_en.as_ref().unwrap_or(&document.title);
                        format!("{title} ({}), {article}{note}{basis}", document.number)
                    }
                    Lang::Zh => {
                        let article = article_zh(article);
                        format!("《{}》（{}）{article}{note}{basis}", document.title, document.number)
                    }
                }
            }
        }
    }
}

/// `Art. 22, 41` as `第22、41条`; what is written in another way stays as it is.
fn article_zh(article: &str) -> String {
    let parts = [
        ("Art. ", "第", "条"),
        ("items ", "第", "项"),
        ("item ", "第", "项"),
        ("Tables ", "表", ""),
        ("Table ", "表", ""),
    ];
    let is_number = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || " ,()-.abc".contains(c));
    for (prefix, before, after) in parts {
        if let Some(rest) = article.strip_prefix(prefix).filter(|rest| is_number(rest)) {
            return format!("{before}{}{after}", rest.replace(", ", "、"));
        }
    }
    article.to_owned()
}

/// A post in a firm that answers for a rule. Never a person.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Role {
    /// Its id in the scripts.
    pub id: Arc<str>,
    /// What it is called.
    pub name: Label,
}

/// A field of work that an authority watches above others; sectors belong to it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KeyField {
    /// Its id in the scripts.
    pub id: Arc<str>,
    /// What it is called.
    pub name: Label,
}

/// In which direction a fact gets worse: what the analysis of a book holds its rules against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "UPPERCASE")]
pub enum Worse {
    /// A greater number, or a later day, is worse.
    Up,
    /// A smaller number, or an earlier day, is worse.
    Down,
    /// True is worse.
    True,
    /// False is worse.
    False,
}

impl Worse {
    /// The word of the scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Worse::Up => "UP",
            Worse::Down => "DOWN",
            Worse::True => "TRUE",
            Worse::False => "FALSE",
        }
    }

    /// Can a fact of this type get worse so?
    pub const fn fits(self, ty: Type) -> bool {
        match self {
            Worse::Up | Worse::Down => matches!(ty, Type::Int | Type::Float | Type::Date),
            Worse::True | Worse::False => matches!(ty, Type::Bool),
        }
    }
}

/// A single-valued fact, or a field of a list.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Fact {
    /// The name that conditions and data use.
    pub name: Arc<str>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// What it is.
    pub label: Label,
    /// Unit of measurement.
    pub unit: Option<Arc<str>>,
    /// Smallest value, included.
    pub min: Option<Value>,
    /// Largest value, included.
    pub max: Option<Value>,
    /// The values that a text can have; empty for any.
    pub one_of: Vec<Arc<str>>,
    /// The value that stands for an unknown: the register says of what it does not list that it was not found.
    pub absent: Option<Value>,
    /// In which direction it gets worse, if it has one. No grade hangs on this: it is checked, by the analysis of the book.
    pub worse: Option<Worse>,
    /// Where it is declared.
    #[serde(skip)]
    pub site: Site,
}

impl Fact {
    /// True if every value of its type will do.
    #[cfg(feature = "columns")]
    pub(crate) fn allows_all(&self) -> bool {
        // Not every float is finite, and not every number is a day.
        !matches!(self.ty, Type::Date | Type::Float)
            && self.min.is_none()
            && self.max.is_none()
            && self.one_of.is_empty()
    }

    /// Could the fact have this value? Types must match; a float for an int is not accepted here.
    pub fn allows(&self, value: &Value) -> bool {
        let above = |limit: &Option<Value>, least: bool| match (limit, value) {
            (None, _) => true,
            (Some(Value::Int(limit)), Value::Int(value)) => {
                if least {
                    value >= limit
                } else {
                    value <= limit
                }
            }
            (Some(Value::Float(limit)), Value::Float(value)) => {
                if least {
                    value >= limit
                } else {
                    value <= limit
                }
            }
            (Some(Value::Date(limit)), Value::Date(value)) => {
                if least {
                    value >= limit
                } else {
                    value <= limit
                }
            }
            _ => false,
        };
        let listed = match value {
            Value::Text(text) => self.one_of.is_empty() || self.one_of.contains(text),
            Value::Float(value) => value.is_finite(),
            _ => true,
        };
        value.ty() == self.ty && listed && above(&self.min, true) && above(&self.max, false)
    }
}

/// A fact that is a list of records, such as an inventory.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct List {
    /// The name that conditions and data use.
    pub name: Arc<str>,
    /// What it is.
    pub label: Label,
    /// The fields of an item.
    pub fields: Vec<Fact>,
    /// Where it is declared.
    #[serde(skip)]
    pub site: Site,
}

/// A quantity that is computed from facts and reported with every grade.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Measure {
    /// The name that conditions use.
    pub name: Arc<str>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// What it is.
    pub label: Label,
    /// Unit of measurement.
    pub unit: Option<Arc<str>>,
    /// How it is computed, as written.
    pub formula: Arc<str>,
    #[serde(skip)]
    pub(crate) node: NodeId,
    /// Where it is declared.
    #[serde(skip)]
    pub site: Site,
}

/// A number or text that the law sets from a day on, and that a jurisdiction may set otherwise.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Parameter {
    /// The name that conditions use.
    pub name: Arc<str>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// What it is.
    pub label: Label,
    /// Unit of measurement.
    pub unit: Option<Arc<str>>,
    /// Its values, the earliest first; each holds until the next begins.
    pub values: Vec<ParameterValue>,
    /// True if the values were given when the book was built, in place of the script's.
    pub overridden: bool,
}

/// A value of a [`Parameter`].
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ParameterValue {
    /// The first day of this value.
    pub since: Date,
    /// The value.
    pub value: Value,
    /// Where it comes from.
    pub cite: Vec<Citation>,
}

impl Parameter {
    /// The value on a day, if there is one yet.
    pub fn on(&self, day: Date) -> Option<&Value> {
        self.values.iter().rev().find(|value| value.since <= day).map(|value| &value.value)
    }
}

/// A table of data that conditions look things up in.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Table {
    /// The name that conditions use.
    pub name: Arc<str>,
    /// What it is.
    pub label: Label,
    /// Unit of its values.
    pub unit: Option<Arc<str>>,
    /// The type of its values.
    #[serde(rename = "type")]
    pub ty: Type,
    /// The entries.
    pub entries: Entries,
    /// Where it comes from.
    pub cite: Vec<Citation>,
    /// Where it is declared.
    #[serde(skip)]
    pub site: Site,
}

/// The entries of a [`Table`].
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Entries {
    /// By text.
    #[serde(serialize_with = "in_order")]
    Rows(HashMap<Arc<str>, Value>),
    /// By number: from (included) and below (excluded), in rising order.
    Ranges(Vec<RangeEntry>),
}

/// The same rows give the same bytes.
fn in_order<S: serde::Serializer>(rows: &HashMap<Arc<str>, Value>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|(key, _)| *key);
    serializer.collect_map(rows)
}

/// A row of a table by number.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RangeEntry {
    /// The smallest key, included; none for no limit, or with `above`.
    pub from: Option<f64>,
    /// Where the keys begin, not included.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub above: Option<f64>,
    /// The end of the keys, not included; none for no limit, or with `to`.
    pub below: Option<f64>,
    /// The largest key, included.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub to: Option<f64>,
    /// The value.
    pub value: Value,
}

impl RangeEntry {
    /// Where the keys begin, and whether that is one.
    pub(crate) fn lower(&self) -> Option<(f64, bool)> {
        self.from.map(|from| (from, true)).or(self.above.map(|above| (above, false)))
    }

    /// Where the keys end, and whether that is one.
    pub(crate) fn upper(&self) -> Option<(f64, bool)> {
        self.below.map(|below| (below, false)).or(self.to.map(|to| (to, true)))
    }
}

/// A scored item: the points of its rules, held between two limits.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Item {
    /// Its id in the scripts.
    pub id: Arc<str>,
    /// What it is called.
    pub name: Label,
    /// The least that it can add to the score (a cap on deductions is a negative number).
    pub lowest: Option<Points>,
    /// The most that it can add to the score.
    pub highest: Option<Points>,
    /// The declaration of the sector or part that it belongs to, for the checks at load.
    #[serde(skip)]
    pub(crate) group: usize,
}

#[cfg(feature = "scripts")]
impl Item {
    pub(crate) fn clip(&self, points: i64) -> i64 {
        let points = self.lowest.map_or(points, |lowest| points.max(lowest.thousandths()));
        self.highest.map_or(points, |highest| points.min(highest.thousandths()))
    }
}

/// How firms of a tier are supervised, and who controls and verifies what is found there.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Supervision {
    /// The tier of the firm, or of the rule.
    pub tier: Tier,
    /// The level inside the firm that controls a risk of this tier.
    pub control_level: Label,
    /// How often, and how, the authority supervises a firm of this tier.
    pub frequency: Label,
    /// The longest time between two inspections, in days.
    pub every_days: Option<u32>,
    /// Who verifies that a finding of this tier is closed.
    pub verified_by: Label,
    /// Days to establish facts that are missing, for a firm of this tier.
    pub establish_days: u32,
    /// Where it comes from.
    pub cite: Vec<Citation>,
    /// The declaration of the sector that it is for; none for the whole book.
    #[serde(skip)]
    pub(crate) group: Option<usize>,
}

/// One of the three lists that are issued for a firm: what this book calls it, and on what ground.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct IssuedList {
    /// `risks`, `hazards` or `responsibilities`.
    pub id: Arc<str>,
    /// What it is called.
    pub name: Label,
    /// Where it comes from.
    pub cite: Vec<Citation>,
}

/// What a rule does when it fires.
#[derive(Debug, Clone)]
pub enum Effect {
    /// The firm is at least this tier.
    Floor(Tier),
    /// Points within a scored item.
    Points {
        /// Index into [`RuleBook::items`](crate::RuleBook::items).
        item: usize,
        /// True for `deduct`, false for `add`.
        deduct: bool,
        /// How many.
        amount: Amount,
    },
}

/// How many points a rule carries.
#[derive(Debug, Clone)]
pub enum Amount {
    /// Always the same.
    Fixed(Points),
    /// Computed from the facts of the firm.
    Computed(Formula),
}

/// Points that a closure computes.
#[derive(Debug, Clone)]
pub struct Formula {
    /// As written.
    pub text: Arc<str>,
    /// Gives thousandths of points as an int.
    pub(crate) node: NodeId,
}

/// A rule: a condition, what follows when it holds, and where that comes from.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id, unique in the book.
    pub id: Arc<str>,
    /// What could happen.
    pub risk: Label,
    /// What is wrong, when the rule fires.
    pub finding: Label,
    /// What is to be done.
    pub control: Label,
    /// The condition as it is written in the script; none for a rule that fires when its computed points are above 0.
    pub condition: Option<Arc<str>>,
    /// What it does.
    pub effect: Effect,
    /// An item of a published list of major hazards.
    pub major: bool,
    /// What it finds cannot be put right, and passes only with time: an accident on record.
    pub lasting: bool,
    /// Where it comes from.
    pub cite: Vec<Citation>,
    /// In force from this day.
    pub since: Date,
    /// The first day no longer in force.
    pub until: Option<Date>,
    /// The id of the rule that it takes the place of: an earlier version of it.
    pub replaces: Option<Arc<str>>,
    /// The id of a rule that fires wherever this one does, as its author knows: it is a case of that rule, cited on its own.
    pub within: Option<Arc<str>>,
    /// Who answers for it: index into [`RuleBook::roles`](crate::RuleBook::roles).
    pub owner: usize,
    /// Days to rectify.
    pub days: u32,
    /// Where it is declared.
    pub site: Site,
    /// True: fired, false: clear.
    pub(crate) outcome: NodeId,
    /// Where in the scripts the operations stand that may fault.
    pub(crate) fault_sites: Vec<(NodeId, Site)>,
}

impl Rule {
    /// Its outcome, and its points if they are computed.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        let points = match &self.effect {
            Effect::Points { amount: Amount::Computed(formula), .. } => Some(formula.node),
            _ => None,
        };
        [Some(self.outcome), points].into_iter().flatten()
    }

    /// Is it in force on a day?
    pub fn in_force(&self, day: Date) -> bool {
        self.since <= day && self.until.is_none_or(|until| day < until)
    }
}

/// The score of a sector.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Scheme {
    /// Where the score starts.
    pub base: Points,
    /// Which score is which tier; they cover every reachable score once.
    pub bands: Vec<Band>,
    /// Where the bands are declared.
    #[serde(skip)]
    pub(crate) site: Site,
}

/// A band of scores.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Band {
    /// The tier of this band.
    pub tier: Tier,
    /// The lowest score, included; none for no limit.
    pub from: Option<Points>,
    /// The end of the scores, not included; none for no limit.
    pub below: Option<Points>,
}

impl Scheme {
    /// Does a higher score give a better tier?
    pub(crate) fn higher_is_better(&self) -> bool {
        self.bands.first().map(|band| band.tier) >= self.bands.last().map(|band| band.tier)
    }
}

impl Band {
    pub(crate) fn holds(&self, score: i64) -> bool {
        self.from.is_none_or(|from| score >= from.thousandths())
            && self.below.is_none_or(|below| score < below.thousandths())
    }
}

/// An industry, with the rules that its firms are graded by.
#[derive(Debug, Clone)]
pub struct Sector {
    /// Its id, which firms name in their `sector` field.
    pub id: Arc<str>,
    /// What it is called.
    pub name: Label,
    /// The key field that it belongs to: the id of one of [`RuleBook::key_fields`](crate::RuleBook::key_fields).
    pub key_field: Option<Arc<str>>,
    /// Codes of an industrial classification.
    pub codes: Vec<Arc<str>>,
    /// The shared parts that it takes over.
    pub parts: Vec<Arc<str>>,
    /// Its score, if it has one.
    pub scheme: Option<Scheme>,
    /// How its firms are supervised, by tier from blue to red: its own, else that of the book.
    pub supervision: [Option<Supervision>; 4],
    /// Its rules, those of its parts included: indices into [`RuleBook::rules`](crate::RuleBook::rules).
    pub rules: Vec<usize>,
    /// Where it is declared.
    pub site: Site,
}

/// A group of rules that sectors take over.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its id in the scripts.
    pub id: Arc<str>,
    /// What it is called.
    pub name: Label,
    /// Indices into [`RuleBook::rules`](crate::RuleBook::rules).
    pub rules: Vec<usize>,
}
