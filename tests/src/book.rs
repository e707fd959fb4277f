//! Random books: sectors with and without a score, a part that two share, and rules of every kind.

use std::fmt::Write;

use risktier::{Date, Grader, RuleBook, Tier};

use crate::expr::{E, Ty, V, literal};
use crate::firm::Firm;
use crate::generate::{Gen, Options};
use crate::reference::Reference;
use crate::rng::Rng;
use crate::schema::{AS_OF, FACTS, FUNCTIONS, FactSpec, LISTS, PARAMETERS, Rows, TABLES};

#[derive(Debug, Clone)]
pub enum Amount {
    /// In thousandths.
    Fixed(i64),
    Computed(E),
}

#[derive(Debug, Clone)]
pub enum Effect {
    Floor(Tier),
    /// Item, and whether it lowers the score.
    Points(usize, bool, Amount),
}

#[derive(Debug, Clone)]
pub struct Rule {
    pub id: String,
    /// Which group it belongs to.
    pub group: usize,
    pub when: Option<E>,
    pub effect: Effect,
    pub in_force: bool,
}

/// Sector or part: `(id, is a sector, base and bands of its score, parts it uses)`. Bands: tier and where it begins, lowest first.
pub struct Group {
    pub id: &'static str,
    pub sector: bool,
    pub score: Option<(i64, &'static [(Tier, i64)])>,
    pub uses: &'static [usize],
    /// Scored items: name, lowest and highest.
    pub items: &'static [(&'static str, Option<i64>, Option<i64>)],
}

pub static GROUPS: &[Group] = &[
    Group { id: "common", sector: false, score: None, uses: &[], items: &[] },
    Group { id: "s0", sector: true, score: None, uses: &[0], items: &[] },
    Group {
        id: "s1",
        sector: true,
        score: Some((100, &[(Tier::Red, i64::MIN), (Tier::Orange, 60), (Tier::Yellow, 75), (Tier::Blue, 90)])),
        uses: &[],
        items: &[("i1", Some(-20), Some(5)), ("i2", Some(-50), None), ("i3", None, Some(3))],
    },
    Group {
        id: "s2",
        sector: true,
        score: Some((0, &[(Tier::Blue, i64::MIN), (Tier::Yellow, 10), (Tier::Orange, 20), (Tier::Red, 30)])),
        uses: &[0],
        items: &[("j1", Some(-5), Some(40)), ("j2", Some(0), Some(12))],
    },
];

pub const MEASURES: &[Ty] = &[Ty::Float, Ty::Int, Ty::Bool, Ty::Date, Ty::Text];

pub struct Book {
    pub rules: Vec<Rule>,
    pub measures: Vec<E>,
    pub text: String,
}

fn labels(out: &mut String, name: &str) {
    write!(out, "en: \"{name}\", zh: \"{name}\"").unwrap();
}

fn declaration(spec: &FactSpec) -> String {
    let mut text = String::new();
    labels(&mut text, spec.name);
    if matches!(spec.ty, Ty::Int | Ty::Float) {
        text += ", unit: \"1\"";
    }
    text + spec.more
}

/// The declarations that every generated book begins with.
pub fn preamble() -> String {
    let mut out = String::from("role(\"o\", #{ en: \"o\", zh: \"o\" });\n");
    for spec in FACTS {
        writeln!(out, "fact(\"{}\", {}, #{{ {} }});", spec.name, spec.ty.mark(), declaration(spec)).unwrap();
    }
    for list in LISTS {
        let fields = list
            .fields
            .iter()
            .map(|spec| format!("{}: field({}, #{{ {} }})", spec.name, spec.ty.mark(), declaration(spec)));
        let fields: Vec<String> = fields.collect();
        writeln!(out, "list(\"{}\", #{{ en: \"l\", zh: \"l\", item: #{{ {} }} }});", list.name, fields.join(", "))
            .unwrap();
    }
    for table in TABLES {
        let rows = match &table.rows {
            Rows::Text(rows) => {
                let rows: Vec<String> = rows.iter().map(|(key, value)| format!("\"{key}\": {}", bare(value))).collect();
                format!("rows: #{{ {} }}", rows.join(", "))
            }
            Rows::Ranges(ranges) => {
                let ranges = ranges.iter().map(|(from, below, value)| {
                    let from = from.map(|from| format!("from: {from:?}, ")).unwrap_or_default();
                    let below = below.map(|below| format!("below: {below:?}, ")).unwrap_or_default();
                    format!("#{{ {from}{below}value: {} }}", bare(value))
                });
                format!("ranges: [ {} ]", ranges.collect::<Vec<_>>().join(", "))
            }
        };
        writeln!(out, "table(\"{}\", #{{ en: \"t\", zh: \"t\", unit: \"1\", cite: own(\"t\"), {rows} }});", table.name)
            .unwrap();
    }
    for (name, ty, values, _) in PARAMETERS {
        writeln!(
            out,
            "parameter(\"{name}\", {}, #{{ en: \"p\", zh: \"p\", unit: \"1\", values: [ {values} ] }});",
            ty.mark()
        )
        .unwrap();
    }
    for function in FUNCTIONS {
        writeln!(out, "{}", function.text).unwrap();
    }
    out
}

fn bare(value: &V) -> String {
    literal(value).trim_matches(['(', ')']).to_owned()
}

pub fn head(out: &mut String, group: &Group) {
    let word = if group.sector { "sector" } else { "part" };
    write!(out, "{word}(\"{}\", #{{ name: #{{ en: \"g\", zh: \"g\" }}", group.id).unwrap();
    if !group.uses.is_empty() {
        let uses: Vec<String> = group.uses.iter().map(|at| format!("\"{}\"", GROUPS[*at].id)).collect();
        write!(out, ", uses: [{}]", uses.join(", ")).unwrap();
    }
    if let Some((base, bands)) = group.score {
        write!(out, ", score: #{{ base: {base}, bands: [").unwrap();
        for (at, (tier, from)) in bands.iter().enumerate() {
            let from = if *from == i64::MIN { String::new() } else { format!(", from: {from}") };
            let below = bands.get(at + 1).map(|(_, from)| format!(", below: {from}")).unwrap_or_default();
            write!(out, "#{{ tier: {}{from}{below} }}, ", tier.to_string().to_uppercase()).unwrap();
        }
        write!(out, "] }}").unwrap();
    }
    writeln!(out, " }});").unwrap();
    for (name, lowest, highest) in group.items {
        let lowest = lowest.map(|limit| format!(", lowest: {limit}")).unwrap_or_default();
        let highest = highest.map(|limit| format!(", highest: {limit}")).unwrap_or_default();
        writeln!(out, "item(\"{name}\", #{{ en: \"i\", zh: \"i\"{lowest}{highest} }});").unwrap();
    }
}

pub fn rule_text(rule: &Rule) -> String {
    let mut out =
        format!("rule(\"{}\", #{{ risk: #{{ en: \"r\", zh: \"r\" }}, finding: #{{ en: \"f\", zh: \"f\" }}, ", rule.id);
    if let Some(when) = &rule.when {
        write!(out, "when: |firm| {}, ", when.script()).unwrap();
    }
    match &rule.effect {
        Effect::Floor(tier) => write!(out, "tier: {}, ", tier.to_string().to_uppercase()).unwrap(),
        Effect::Points(item, deduct, amount) => {
            let amount = match amount {
                Amount::Fixed(points) => format!("{}", *points as f64 / 1000.0),
                Amount::Computed(formula) => format!("|firm| {}", formula.script()),
            };
            let word = if *deduct { "deduct" } else { "add" };
            write!(out, "item: \"{}\", {word}: {amount}, ", GROUPS[rule.group].items[*item].0).unwrap();
        }
    }
    let dates =
        if rule.in_force { "since: date(2020, 1, 1)" } else { "since: date(2020, 1, 1), until: date(2026, 11, 1)" };
    write!(out, "cite: own(\"t\"), {dates}, control: #{{ en: \"c\", zh: \"c\" }}, owner: \"o\", days: 1 }});").unwrap();
    out
}

impl Book {
    /// A book of so many rules in each group.
    pub fn random(rng: &mut Rng, options: Options, depth: usize, each: usize) -> Book {
        let measures: Vec<E> = if options.measures.is_empty() {
            Vec::new()
        } else {
            MEASURES.iter().map(|ty| Gen::new(rng, Options { measures: &[], ..options }).any(*ty, depth)).collect()
        };
        let mut rules = Vec::new();
        for (group, spec) in GROUPS.iter().enumerate() {
            for _ in 0..each {
                let id = format!("R-{}", rules.len());
                let condition = Gen::new(rng, options).condition(depth);
                let (when, effect) = if spec.items.is_empty() || rng.percent(30) {
                    (Some(condition), Effect::Floor(rng.pick(&[Tier::Blue, Tier::Yellow, Tier::Orange, Tier::Red])))
                } else {
                    let item = rng.below(spec.items.len());
                    let deduct = rng.percent(50);
                    let (_, lowest, highest) = spec.items[item];
                    let capped = if deduct { lowest.is_some() } else { highest.is_some() };
                    if capped && rng.percent(40) {
                        let ty = if rng.percent(50) { Ty::Int } else { Ty::Float };
                        let formula = Gen::new(rng, options).any(ty, depth.min(2));
                        (rng.percent(50).then_some(condition), Effect::Points(item, deduct, Amount::Computed(formula)))
                    } else {
                        let points = rng.pick(&[500, 1000, 2000, 5000, 10_000, 333, 25_000]);
                        (Some(condition), Effect::Points(item, deduct, Amount::Fixed(points)))
                    }
                };
                rules.push(Rule { id, group, when, effect, in_force: rng.percent(95) });
            }
        }
        Book::of(rules, measures)
    }

    pub fn of(rules: Vec<Rule>, measures: Vec<E>) -> Book {
        let mut text = preamble();
        for (at, formula) in measures.iter().enumerate() {
            writeln!(
                text,
                "measure(\"m{at}\", {}, #{{ en: \"m\", zh: \"m\", unit: \"1\", value: |firm| {} }});",
                MEASURES[at].mark(),
                formula.script()
            )
            .unwrap();
        }
        for (at, group) in GROUPS.iter().enumerate() {
            head(&mut text, group);
            for rule in rules.iter().filter(|rule| rule.group == at) {
                writeln!(text, "{}", rule_text(rule)).unwrap();
            }
        }
        Book { rules, measures, text }
    }

    pub fn load(&self) -> RuleBook {
        RuleBook::from_sources([("book", self.text.as_str())]).unwrap_or_else(|error| {
            if std::env::var_os("RISKTIER_SHOW").is_some() {
                println!("{}", self.text);
            }
            panic!("{error}")
        })
    }

    pub fn grader(&self) -> Grader {
        self.load().as_of(Date::from_days(i64::from(AS_OF)).unwrap())
    }
}

/// What a grade of one sector has to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    pub fired: Vec<String>,
    pub undetermined: Vec<String>,
    pub tier: Tier,
    pub best: Tier,
    pub worst: Tier,
    /// Value, lowest, highest, in thousandths.
    pub score: Option<(i64, i64, i64)>,
}

/// The grade of a firm in a group that is a sector, from the generator's trees.
pub fn expected(book: &Book, group: usize, firm: &Firm) -> Expected {
    let spec = &GROUPS[group];
    let mut result = Expected {
        fired: Vec::new(),
        undetermined: Vec::new(),
        tier: Tier::Blue,
        best: Tier::Blue,
        worst: Tier::Blue,
        score: None,
    };
    let groups = std::iter::once(group).chain(spec.uses.iter().copied());
    let mut items = vec![(0i64, 0i64, 0i64); spec.items.len()];
    for group in groups {
        for rule in book.rules.iter().filter(|rule| rule.group == group && rule.in_force) {
            let mut reference = Reference::new(firm, &book.measures);
            let when = rule.when.as_ref().map_or(V::Bool(true), |when| reference.eval(when));
            let points = match &rule.effect {
                Effect::Points(_, _, Amount::Computed(formula)) => match reference.eval(formula) {
                    V::Unknown => None,
                    number => {
                        let number = if let V::Int(number) = number {
                            number as f64
                        } else if let V::Float(number) = number {
                            number
                        } else {
                            f64::NAN
                        };
                        let thousandths = (number * 1000.0).round();
                        (0.0..=1e9).contains(&thousandths).then_some(thousandths as i64)
                    }
                },
                Effect::Points(_, _, Amount::Fixed(points)) => Some(*points),
                Effect::Floor(_) => Some(0),
            };
            let bare = rule.when.is_none();
            let fired = match (when, points) {
                (V::Bool(false), _) => Some(false),
                (_, Some(0)) if bare => Some(false),
                (V::Bool(true), Some(_)) => Some(true),
                _ => None,
            };
            match fired {
                Some(true) => result.fired.push(rule.id.clone()),
                Some(false) => continue,
                None => result.undetermined.push(rule.id.clone()),
            }
            match &rule.effect {
                Effect::Floor(tier) => {
                    result.worst = result.worst.max(*tier);
                    if fired == Some(true) {
                        result.tier = result.tier.max(*tier);
                        result.best = result.best.max(*tier);
                    }
                }
                Effect::Points(item, deduct, _) => {
                    // Unknown points: as many as the cap lets count.
                    let amount = points.unwrap_or(1_000_000_000_000);
                    let (value, low, high) = &mut items[*item];
                    let signed = if *deduct { -amount } else { amount };
                    if fired == Some(true) {
                        *value += signed;
                        *low += signed;
                        *high += signed;
                    } else if *deduct {
                        *low += signed;
                    } else {
                        *high += signed;
                    }
                }
            }
        }
    }
    if let Some((base, bands)) = spec.score {
        let (mut value, mut low, mut high) = (base * 1000, base * 1000, base * 1000);
        for ((_, lowest, highest), (of_value, of_low, of_high)) in spec.items.iter().zip(items) {
            let clip = |points: i64| {
                let points = lowest.map_or(points, |limit| points.max(limit * 1000));
                highest.map_or(points, |limit| points.min(limit * 1000))
            };
            value += clip(of_value);
            low += clip(of_low);
            high += clip(of_high);
        }
        let band = |score: i64| bands.iter().rev().find(|(_, from)| score >= from.saturating_mul(1000)).unwrap().0;
        result.tier = result.tier.max(band(value));
        result.best = result.best.max(band(low).min(band(high)));
        result.worst = result.worst.max(band(low).max(band(high)));
        result.score = Some((value, low, high));
    }
    result
}

/// The same of a grade.
pub fn found(sector: &risktier::SectorGrade) -> Expected {
    Expected {
        fired: sector.fired.iter().map(|fired| fired.rule.to_string()).collect(),
        undetermined: sector.undetermined.iter().map(|open| open.rule.to_string()).collect(),
        tier: sector.tier,
        best: sector.best,
        worst: sector.worst,
        score: sector.score.map(|score| (score.value.thousandths(), score.low.thousandths(), score.high.thousandths())),
    }
}
